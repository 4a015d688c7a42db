"""The plugin that runs the files of tests in forks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the plugin is for Linux alone")
GOOD = """
import os, sys, warnings, pytest
AT_IMPORT = sys.stderr
@pytest.fixture(scope="session")
def pid(request):
    folder = request.config.rootpath
    yield os.getpid()
    (folder / f"torn-down-{os.getpid()}").touch()
@pytest.mark.parametrize("number", range(3))
def test_it(pid, number, request, tmp_path):
    with open(request.config.rootpath / f"ran-{pid}", "a") as file:
        print(request.node.nodeid, file=file)
    print(f"captured {number}")
    print(f"as imported {number}", file=AT_IMPORT)
    assert tmp_path.exists()
def test_what_is_captured_is_of_this_process(capfd):
    os.write(1, b"x" * 3000)
    assert capfd.readouterr().out == "x" * 3000
def test_warns(pid):
    warnings.warn("beware")
"""
BAD = """
def test_fails():
    print("said before")
    assert 1 == 2, "on purpose"
"""
ENDS = """
import os, signal
def test_before():
    pass
def test_ends():
    os.kill(os.getpid(), signal.SIGKILL)
def test_behind():
    pass
"""


def run(folder: Path, *arguments: str, **files: str) -> tuple[int, str]:
    """Run the files side by side; the exit status, and what was said."""
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "xdist",
        "-p",
        "tests.side_by_side",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    environ = {
        "PATH": "/bin:/usr/bin",
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_file_runs_in_one_process_and_its_fixtures_are_torn_down(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--forks", "2", one=GOOD, two=GOOD)
    assert status == 0, said
    assert "10 passed, 2 warnings" in said
    assert "UserWarning: beware" in said
    assert "captured" not in said
    ran = {path.name.removeprefix("ran-"): path.read_text() for path in tmp_path.glob("ran-*")}
    assert {path.name.removeprefix("torn-down-") for path in tmp_path.glob("torn-down-*")} == set(ran)
    lines = [line for text in ran.values() for line in text.splitlines()]
    for name in ("one", "two"):
        assert [line for line in lines if name in line] == [f"test_{name}.py::test_it[{n}]" for n in range(3)]
        assert sum(f"test_{name}.py" in text for text in ran.values()) == 1


def test_what_fails_and_a_process_that_ends_are_failures(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--forks", "2", bad=BAD, ends=ENDS, one=GOOD)
    assert status == 1, said
    assert "2 failed, 6 passed" in said
    assert "AssertionError: on purpose" in said
    assert "said before" in said
    assert "FAILED test_ends.py::test_ends - the process ended while this test ran" in said
    assert "what comes after it in its file did not run" in said


def test_what_no_process_is_left_for_is_said(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--forks", "1", ends=ENDS, one=GOOD)
    assert status == 3, said
    assert "no process is left for 1 files of tests" in said


def test_after_as_many_failures_as_are_allowed_no_other_file_begins(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--forks", "1", "-x", bad=BAD, one=GOOD, two=GOOD)
    assert status == 1, said
    assert "1 failed in" in said
    assert "stopping after 1 failures" in said
    assert not list(tmp_path.glob("ran-*"))


def test_a_fault_of_the_plugins_in_a_fork_is_told(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("def pytest_runtest_protocol(item):\n    raise ValueError('broken hook')\n")
    status, said = run(tmp_path, "--forks", "1", one=GOOD)
    assert status == 3, said
    assert "in a process of tests:" in said
    assert "ValueError: broken hook" in said
