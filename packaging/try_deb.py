"""Install the .deb into a system that has nothing but Debian's base, run the program there, and remove it.

    python packaging/try_deb.py dist/capflow_VERSION_ARCHITECTURE.deb

Needs root, debootstrap, and the package mirror this machine's apt knows. The base system is kept in .cache and copied
for every try. Ends with a line for each step; 0 when all went well.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bundle

BASE = bundle.ROOT / ".cache" / "base-system"
SUITE = "bookworm"
NOTHING = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


class StepFailed(Exception):
    """A step did not do what it should; the text says which."""


def main() -> int:
    """Try the package named on the command line."""
    package = Path(sys.argv[1]).resolve()
    base_system()
    with tempfile.TemporaryDirectory(prefix="capflow-deb-") as folder:
        root = Path(folder) / "root"
        subprocess.run(["cp", "-a", str(BASE), str(root)], check=True)
        shutil.copy(package, root / "capflow.deb")
        for kind, place in (("proc", "proc"), ("tmpfs", "dev/shm")):
            (root / place).mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, str(root / place)], check=True)
        try:
            try_it(root)
        except StepFailed as error:
            print(f"try_deb: {error}", file=sys.stderr)
            return 1
        finally:
            for place in ("dev/shm", "proc"):
                subprocess.run(["umount", "--lazy", str(root / place)], check=True)
    return 0


def base_system() -> None:
    """debootstrap's smallest system, once, with this machine's mirror and package archive keys."""
    if BASE.exists():
        return
    listed = subprocess.run(["apt-cache", "policy"], capture_output=True, text=True, check=True).stdout
    mirror = re.search(rf"(\S+://\S+) {SUITE}/main", listed)
    if mirror is None:
        raise SystemExit(f"try_deb: this machine's apt knows no mirror of {SUITE}")
    making = BASE.with_name("base-system.making")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(exist_ok=True)
    subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(making), mirror[1]], check=True)
    making.rename(BASE)


def try_it(root: Path) -> None:
    """Install, run, remove; StepFailed at the first thing that is not as it should be."""
    before = installed(root)
    inside(root, "apt-get", "update", "-qq")
    inside(root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "/capflow.deb")
    print(f"installs, with {len(installed(root) - before) - 1} packages it depends on")
    version = inside(root, "capflow", "--version").strip()
    if version != f"capflow {bundle.version()}":
        raise StepFailed(f"`capflow --version` said {version!r}")
    print(f"runs: {version}")
    if "[" not in inside(root, "capflow", "fetch", "700.HK", "--source", "demo:", "--format", "json"):
        raise StepFailed("`capflow fetch` printed no JSON")
    print("fetches from its simulator")
    inside(root, "capflow", "--self-test", QT_QPA_PLATFORM="offscreen")
    print("draws its window")
    inside(root, "dpkg", "--verify", "capflow")
    inside(root, "apt-get", "purge", "-y", "-qq", "capflow")
    left = [str(path) for path in (root / "usr").rglob("*apflow*")]
    if left:
        raise StepFailed(f"left behind: {left}")
    print("is removed, and leaves nothing")


def inside(root: Path, *command: str, **environ: str) -> str:
    """Run a command in the system; its stdout. StepFailed when it fails."""
    settings = [f"{key}={value}" for key, value in {**NOTHING, "DEBIAN_FRONTEND": "noninteractive", **environ}.items()]
    done = subprocess.run(
        ["chroot", str(root), "env", "-i", *settings, *command],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )
    if done.returncode:
        raise StepFailed(
            f"`{' '.join(command)}` ended with {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        )
    return done.stdout


def installed(root: Path) -> set[str]:
    """The names of the installed packages."""
    return set(inside(root, "dpkg-query", "--show", "--showformat=${Package}\n").split())


if __name__ == "__main__":
    sys.exit(main())
