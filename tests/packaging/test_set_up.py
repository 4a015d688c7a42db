"""Set-up does its work once, needs no network the second time, and says what only a person can do."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from capflow_gui.app.system.packages import SystemPackage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def set_up() -> ModuleType:
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "packaging" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


@pytest.fixture(scope="module")
def venv(set_up: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("set-up") / "venv"
    set_up.create(path)
    return path


@pytest.fixture
def requirements(set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "requirements"
    folder.mkdir()
    for name in ("build", "few", "many"):
        (folder / f"{name}.txt").write_text(f"# {name}: nothing to install, so no network is needed\n")
    monkeypatch.setattr(set_up, "REQUIREMENTS", folder)
    return folder


def test_the_second_run_starts_nothing(
    set_up: ModuleType, requirements: Path, venv: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    set_up.set_up_venv(venv, "many")
    first = capfd.readouterr().out
    assert first.count("-m pip install") == 2
    assert first.count("--require-hashes") == 2
    set_up.set_up_venv(venv, "many")
    set_up.set_up_venv(venv, "few", or_else="many")
    assert capfd.readouterr().out == ""
    (requirements / "many.txt").write_text("# changed\n")
    set_up.set_up_venv(venv, "many")
    third = capfd.readouterr().out
    assert "-m venv" not in third
    assert third.count("-m pip install") == 2


def test_a_failed_installation_is_not_taken_for_a_finished_one(
    set_up: ModuleType, requirements: Path, venv: Path
) -> None:
    (requirements / "many.txt").write_text("no-hash==1\n")
    for _ in range(2):
        with pytest.raises(set_up.SetUpError, match="failed with status"):
            set_up.set_up_venv(venv, "many")


def test_environments_are_set_up_side_by_side_and_the_first_fault_is_told_when_all_ended(set_up: ModuleType) -> None:
    both, ended = threading.Barrier(2, timeout=20.0), []

    def fails() -> None:
        both.wait()
        raise set_up.SetUpError("no network")

    def succeeds() -> None:
        both.wait()
        ended.append("second")

    with pytest.raises(set_up.SetUpError, match="no network"):
        set_up.together([fails, succeeds])
    assert ended == ["second"]


def test_an_environment_that_was_moved_is_made_anew(
    set_up: ModuleType, venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its scripts name the place where it was made."""
    made: list[Path] = []
    monkeypatch.setattr(set_up, "run", lambda *command: made.append(command[-1]))
    set_up.create(venv)
    assert made == []
    moved = venv.with_name("moved")
    moved.mkdir()
    (moved / "pyvenv.cfg").write_text((venv / "pyvenv.cfg").read_text(encoding="utf-8"), encoding="utf-8")
    set_up.create(moved)
    assert made == [moved]


def test_where_only_a_person_is_root_the_command_is_printed(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = [SystemPackage("qt", "libmoney1", "lib:libmoney.so.1"), SystemPackage("qt", "fonts-x", "fonts")]
    monkeypatch.setattr(set_up.system_packages, "missing", lambda packages, purposes: lacking)
    monkeypatch.setattr(set_up, "root_prefix", lambda: None)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(set_up.SetUpError, match="sudo apt-get install --no-install-recommends libmoney1 fonts-x"):
        set_up.install_system_packages(["qt"])


def test_where_there_is_no_apt_the_libraries_are_named(set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = [SystemPackage("qt", "libmoney1", "lib:libmoney.so.1")]
    monkeypatch.setattr(set_up.system_packages, "missing", lambda packages, purposes: lacking)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: None)
    with pytest.raises(set_up.SetUpError, match=r"lib:libmoney\.so\.1"):
        set_up.install_system_packages(["qt"])


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems always have a display")
def test_a_window_without_a_display_is_refused_with_advice(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(set_up, "set_up_venv", lambda *_, **__: None)
    monkeypatch.setattr(set_up, "install_system_packages", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["set_up.py", "run", "--window"])
    assert set_up.main() == 1
    assert f"xvfb-run -a .venv{os.sep}" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="a bash script")
def test_ci_runs_the_tests_by_the_same_command() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert text.rstrip().endswith("make test\nexec make test-package")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0


def test_an_old_python_is_refused_with_a_sentence() -> None:
    done = subprocess.run(
        ["make", "-n", "run", "PYTHON="],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode != 0
    assert "Capflow needs Python 3.11 or newer" in done.stderr
