from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from capflow_gui.app import children
from capflow_gui.app.children import open_page, restore_environment

posix = pytest.mark.skipif(os.name != "posix", reason="scripts")
PAGE = "https://example.invalid/sign-in?a=1&b=%s"


class Browser:
    """Commands that tell which page they were given, in a pipe that opens when both sides are there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = folder / "told"
        os.mkfifo(self.told)

    def script(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
        path.chmod(0o755)
        return path

    def wait(self) -> str:
        return self.told.read_text(encoding="utf-8").strip()


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Browser(tmp_path)


@posix
def test_a_browser_that_waits_for_its_end_holds_nobody_up(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = browser.folder / "gate"
    os.mkfifo(gate)
    script = browser.script("b.sh", f'echo "$1" > {browser.told}', "echo noise", f"read _ < {gate}")
    monkeypatch.setenv("BROWSER", f"{script} %s")
    assert open_page(PAGE)
    assert browser.wait() == PAGE
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "browser"]
    assert thread.is_alive()
    assert thread.daemon, "the program would not end before the browser does"
    gate.write_text("end\n", encoding="utf-8")
    thread.join(20)


@posix
def test_what_the_browser_prints_is_dropped(browser: Browser) -> None:
    script = browser.script("b.sh", "echo out", "echo err >&2", f'echo "$1" > {browser.told}')
    code = "import sys, threading; from capflow_gui.app.children import open_page; open_page(sys.argv[1])\n"
    code += "[each.join() for each in threading.enumerate() if each.name == 'browser']"
    with subprocess.Popen(
        [sys.executable, "-c", code, PAGE],
        env={**os.environ, "BROWSER": str(script)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert browser.wait() == PAGE
        assert program.communicate(timeout=30) == (b"", b"")


@posix
def test_a_browser_that_fails_gives_way_to_the_next(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = browser.script("broken", "exit 3")
    browser.script("xdg-open", f'echo "xdg-open $1" > {browser.told}')
    monkeypatch.setenv("BROWSER", f"{broken}:{browser.folder / 'missing'} %s")
    assert open_page(PAGE)
    assert browser.wait() == f"xdg-open {PAGE}"


@posix
def test_without_any_browser_it_says_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "")
    assert not open_page(PAGE)


def test_children_of_a_bundle_get_the_users_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children.sys, "frozen", True, raising=False)
    environ = {
        "LD_LIBRARY_PATH": "/bundle/_internal",
        "LD_LIBRARY_PATH_ORIG": "/opt/lib",
        "QT_PLUGIN_PATH": "/bundle/plugins",
        "QML2_IMPORT_PATH": "/bundle/qml",
        "QML2_IMPORT_PATH_ORIG": "",
        "LANG": "C",
    }
    restore_environment(environ)
    assert environ == {"LD_LIBRARY_PATH": "/opt/lib", "QML2_IMPORT_PATH": "", "LANG": "C"}


def test_from_source_the_environment_stays_as_it_is() -> None:
    environ = {"LD_LIBRARY_PATH": "/mine", "QT_PLUGIN_PATH": "/mine"}
    restore_environment(environ)
    assert environ == {"LD_LIBRARY_PATH": "/mine", "QT_PLUGIN_PATH": "/mine"}


def test_the_bundle_keeps_what_its_own_hooks_overwrite() -> None:
    """The hook runs first: PyInstaller's own then sets QT_PLUGIN_PATH, and a child finds the user's again."""
    root = Path(__file__).resolve().parents[3]
    assert "keep_environment.py" in (root / "packaging" / "capflow.spec").read_text(encoding="utf-8")
    code = f"""
import os, subprocess, sys
exec(open({str(root / "packaging" / "entry" / "keep_environment.py")!r}).read())
os.environ["QT_PLUGIN_PATH"] = os.environ["QML2_IMPORT_PATH"] = "/bundle"
sys.frozen = True
from capflow_gui.app.children import restore_environment
restore_environment()
subprocess.run([sys.executable, "-c", "import os; print(*map(os.environ.get, ['QT_PLUGIN_PATH', 'QML2_IMPORT_PATH']))"])
"""
    environ = {**os.environ, "QT_PLUGIN_PATH": "/mine"}
    environ.pop("QML2_IMPORT_PATH", None)
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "/mine None\n"
