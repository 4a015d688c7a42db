"""What is shipped is what is run: the wheel, in an environment where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

import capflow_gui

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


class Installed:
    """An environment with the wheel, and the dependencies of the tests' own environment."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder / "venv", with_pip=False)
        self.folder = folder
        self.bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        pip = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install", "--quiet"]
        subprocess.run([*pip, "--no-index", "--no-deps", "--disable-pip-version-check", str(wheel)], check=True)
        site = self.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        # A folder named in a .pth file is searched last, and its own .pth files (the checkout's) are not read.
        (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    @property
    def environ(self) -> dict[str, str]:
        """No display, no checkout, no folder of the user's."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "XDG_"))}
        return {**kept, "QT_QPA_PLATFORM": "offscreen", "HOME": str(self.folder), "USERPROFILE": str(self.folder)}

    def run(self, command: str, *arguments: str) -> str:
        """Run a command of the environment outside the checkout; its stdout. It must end well."""
        done = subprocess.run(
            [str(self.bin / command), *arguments],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{command} {arguments} ended with {done.returncode}:\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture
def simulator(installed: Installed) -> Iterator[str]:
    """The address of a simulator that runs from the wheel, its market clock held."""
    command = [str(installed.bin / "capflow"), "simulate", "--scenario", "seed-day", "--speed", "0"]
    with subprocess.Popen(
        command, cwd=installed.folder, env=installed.environ, stdout=subprocess.PIPE, text=True
    ) as run:
        try:
            assert run.stdout is not None
            yield json.loads(run.stdout.readline())["opend"]
        finally:
            run.terminate()
    assert run.returncode == 0 or os.name == "nt"  # Windows has no SIGTERM to be polite with


def test_the_command_and_the_module_are_the_same_program(installed: Installed) -> None:
    assert capflow_gui.__version__ in installed.run("capflow", "--version")
    assert installed.run("python", "-m", "capflow_gui", "--version") == installed.run("capflow", "--version")


def test_every_resource_of_the_checkout_is_in_the_wheel(installed: Installed) -> None:
    files = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    assert files
    names = [path.relative_to(ROOT / "resources").as_posix() for path in files]
    script = "import sys; from capflow_gui.paths import resource; print(*map(resource, sys.argv[1:]), sep='\\n')"
    for name, found in zip(names, installed.run("python", "-c", script, *names).splitlines(), strict=True):
        assert Path(found).is_relative_to(installed.folder)
        assert Path(found).read_bytes() == (ROOT / "resources" / name).read_bytes()


def test_nothing_but_the_program_is_installed(installed: Installed) -> None:
    script = "import importlib.metadata as m; print(*{f.parts[0] for f in m.files('capflow-gui')}, sep='\\n')"
    tops = set(installed.run("python", "-c", script).split())
    assert tops - {".."} == {"capflow_gui", f"capflow_gui-{capflow_gui.__version__}.dist-info"}


def test_fetch_reads_the_seed_day_from_a_simulator(installed: Installed, simulator: str) -> None:
    text = installed.run("capflow", "fetch", "700.HK", "--source", f"opend://{simulator}", "--format", "json")
    (answer,) = json.loads(text)
    assert answer["symbol"] == "700.HK"
    assert answer["session"] == "2022-06-08"
    assert answer["lines"][1]["net"] == -4960940.0


def test_the_window_starts_polls_draws_and_ends(installed: Installed) -> None:
    installed.run("capflow", "--self-test")
