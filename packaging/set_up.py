"""Everything `make run` and `make test` need, on a fresh machine: system packages, environments, requirements.

    python packaging/set_up.py run | test | bench-peers | package | package-linux

Standard library only. Never asks a question. The second run finds its stamps, starts no pip and needs no network.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "packaging" / "requirements"
VENV = ROOT / ".venv"
INTEROP = ROOT / ".cache" / "interop-venv"
PEERS = ROOT / ".cache" / "peers-venv"
PACKAGE = ROOT / ".cache" / "package-venv"
PURPOSES = {
    "run": ["python", "qt"],
    "test": ["python", "qt", "tests"],
    "bench-peers": ["python", "qt", "tests"],
    "package": ["python", "qt", "package"],
    "package-linux": ["python", "qt", "tests", "package", "linux"],
}

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python cannot even read what follows
    sys.exit(f"capflow: Capflow needs Python 3.11 or newer, and this is {sys.version.split()[0]} ({sys.executable})")
sys.path.insert(0, str(ROOT))
from capflow_gui.app.system import packages as system_packages  # noqa: E402


class SetUpError(Exception):
    """Set-up cannot go on; the text says what to do."""


def main() -> int:
    """Set up for one purpose. 0 done, 1 not possible (the reason on stderr)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("purpose", choices=PURPOSES)
    parser.add_argument("--window", action="store_true", help="fail when no window can be shown here")
    options = parser.parse_args()
    try:
        set_up(options.purpose, window=options.window)
    except SetUpError as error:
        print(f"\ncapflow: {error}", file=sys.stderr)
        return 1
    return 0


def set_up(purpose: str, *, window: bool) -> None:
    """Bring this machine to where the purpose works; SetUpError where that needs a person."""
    install_system_packages(PURPOSES[purpose])
    if purpose.startswith("package"):
        set_up_venv(PACKAGE, "package")
        return
    if purpose == "run":
        set_up_venv(VENV, "runtime", project=True, or_else="dev")
    else:
        environments = [partial(set_up_venv, VENV, "dev", project=True)]
        if purpose == "test":
            environments.append(partial(set_up_venv, INTEROP, "interop"))
        elif purpose == "bench-peers":
            environments.append(partial(set_up_venv, PEERS, "bench-peers"))
        together(environments)
    if window and (problem := system_packages.display_problem(os.environ)):
        raise SetUpError(problem.replace(" capflow demo", f" {command_of(VENV, 'capflow').relative_to(ROOT)} demo"))


def together(environments: Iterable[Callable[[], None]]) -> None:
    """Set up environments side by side: pip uses one processor. SetUpError of the first that fails, when all ended."""
    with ThreadPoolExecutor() as pool:
        for each in [pool.submit(environment) for environment in environments]:
            each.result()


def command_of(venv: Path, name: str) -> Path:
    """A command of an environment."""
    return venv / "Scripts" / f"{name}.exe" if os.name == "nt" else venv / "bin" / name


def run(*command: str | Path, **environ: str) -> None:
    """Run a command with no standard input; SetUpError when it fails."""
    print("+", *(str(word).removeprefix(f"{ROOT}{os.sep}") for word in command), flush=True)
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env={**os.environ, **environ}, check=False)
    if done.returncode:
        raise SetUpError(f"this command failed with status {done.returncode}: {' '.join(map(str, command))}")


def install_system_packages(purposes: list[str]) -> None:
    """Install with apt-get what is missing, as root or by `sudo -n`; else say the command and give up."""
    listed = system_packages.parse((ROOT / "resources" / "system-packages.txt").read_text(encoding="utf-8"))
    lacking = system_packages.missing(listed, purposes)
    if not lacking:
        return
    names = [package.name for package in lacking]
    if shutil.which("apt-get") is None:
        signs = " ".join(package.sign for package in lacking)
        raise SetUpError(
            f"install what provides these with your system's packages (Debian: {' '.join(names)}): {signs}"
        )
    prefix = root_prefix()
    if prefix is None:
        raise SetUpError(
            f"system packages are missing. Run this, then try again:\n  {system_packages.install_command(lacking)}"
        )
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    run(*apt, "update", "-qq")
    run(*apt, "install", "-y", "-qq", "--no-install-recommends", *names)
    if still := system_packages.missing(listed, purposes):
        raise SetUpError(f"still missing after their installation: {' '.join(package.sign for package in still)}")


def root_prefix() -> list[str] | None:
    """What to put before a command that needs root; None where only a person can."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def set_up_venv(venv: Path, requirements: str, *, project: bool = False, or_else: str = "") -> None:
    """Make an environment hold a requirement file, and the project itself; nothing happens when it already does.

    `or_else` names a requirement file that contains this one: an environment that holds it will do.
    """
    held = read_stamps(venv)
    for name in filter(None, (requirements, or_else)):
        if held.get("requirements") == f"{name} {digest(name)}":
            break
    else:
        create(venv)
        pip(venv, "--require-hashes", "--no-deps", "-r", REQUIREMENTS / "build.txt")
        pip(venv, "--require-hashes", "--no-deps", "--no-build-isolation", "-r", REQUIREMENTS / f"{requirements}.txt")
        held = {"requirements": f"{requirements} {digest(requirements)}"}
        write_stamps(venv, held)
    metadata = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if project and held.get("project") != metadata:
        pip(venv, "--no-index", "--no-deps", "--no-build-isolation", "--editable", ROOT)
        write_stamps(venv, {**held, "project": metadata})


def digest(requirements: str) -> str:
    """Names an environment's content: both requirement files, the interpreter, and where the environment lies."""
    whole = hashlib.sha256(f"{sys.version} {sys.base_prefix} {ROOT}".encode())
    for name in ("build", requirements):
        whole.update((REQUIREMENTS / f"{name}.txt").read_bytes())
    return whole.hexdigest()


def read_stamps(venv: Path) -> dict[str, str]:
    """What the environment is known to hold."""
    file = venv / "capflow-stamps.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(line.split(": ", 1) for line in lines)


def write_stamps(venv: Path, stamps: dict[str, str]) -> None:
    """Remember what the environment holds."""
    text = "".join(f"{key}: {value}\n" for key, value in stamps.items())
    (venv / "capflow-stamps.txt").write_text(text, encoding="utf-8")


def create(venv: Path) -> None:
    """A fresh environment, unless there is one of this interpreter, made for this place: its scripts name the place."""
    made = venv / "pyvenv.cfg"
    if not (made.exists() and str(venv) in made.read_text(encoding="utf-8") and version_of(venv) == sys.version):
        run(sys.executable, "-m", "venv", "--clear", venv)


def version_of(venv: Path) -> str:
    """The version text of an environment's interpreter; empty when it does not run."""
    python = command_of(venv, "python")
    if not python.exists():
        return ""
    command = [str(python), "-c", "import sys; sys.stdout.write(sys.version)"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def pip(venv: Path, *arguments: str | Path) -> None:
    """`pip install` in the environment, with whatever index this machine's pip is configured for.

    Most of what is installed is never imported; Python compiles the rest once, when it is. Builders take all of it.
    """
    lazy = () if venv == PACKAGE else ("--no-compile",)
    quiet = ("--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar", "off")
    run(command_of(venv, "python"), "-m", "pip", "install", *quiet, *lazy, *arguments)


if __name__ == "__main__":
    sys.exit(main())
