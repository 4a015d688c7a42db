"""The desktop program as it is started: a process of its own, on the embedded simulator or on a port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from capflow_gui.file_lock import try_lock
from capflow_gui.settings import Settings, WatchSettings, load, save
from tests.forked import DESKTOP
from tests.full_disk import as_nobody, fill, small_disk

LIMIT_S = 60
ROOT = Path(__file__).resolve().parents[2]
STRANGER = 54321
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone")


class Desktop:
    """Starts `capflow` with folders of its own and no display."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        self.data = folder / "data"
        self.python = DESKTOP
        self.homeless = False  # as a user without an entry in the system's list, and without HOME
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [*self.python, "-m", "capflow_gui", *arguments]
        command += ["--config-dir", str(self.config), "--data-dir", str(self.data)]
        environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(self.config)}
        if self.homeless:
            # The right to read stays: the tests' own Python may lie where nobody else reads.
            rights = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
            command = ["setpriv", "--reuid", str(STRANGER), "--clear-groups", *rights, *command]
            environ = {key: value for key, value in environ.items() if key != "HOME" and not key.startswith("XDG_")}
        process = subprocess.Popen(
            command,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str]:
        """Start, wait, and give back the exit status and stderr."""
        process = self.start(*arguments)
        _, said = process.communicate(timeout=LIMIT_S)
        return process.returncode, said

    def log(self, profile: str = "") -> str:
        return (self.data / "log" / profile / "capflow.log").read_text(encoding="utf-8")

    def wait_for_log(self, text: str, profile: str = "") -> None:
        """Wait until the log says something."""
        file = self.data / "log" / profile / "capflow.log"
        code = (
            "import pathlib, sys, time\n"
            "file, text, end = pathlib.Path(sys.argv[1]), sys.argv[2], time.monotonic() + 40\n"
            "while not (file.exists() and text in file.read_text()):\n"
            "    assert time.monotonic() < end, 'it never came'\n"
            "    time.sleep(0.05)\n"
        )
        subprocess.run([sys.executable, "-c", code, str(file), text], check=True, timeout=LIMIT_S)


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    runner = Desktop(tmp_path)
    yield runner
    for process in runner.running:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=LIMIT_S)


def test_the_self_test_polls_draws_and_leaves_nothing(desktop: Desktop) -> None:
    desktop.python = [sys.executable, "-W", "default"]
    status, said = desktop.run("--self-test")
    assert (status, said) == (0, "")
    assert not desktop.config.exists()
    assert not desktop.data.exists()


def test_a_picture_of_the_demo(desktop: Desktop, tmp_path: Path) -> None:
    picture = tmp_path / "demo.png"
    status, said = desktop.run("demo", "--screenshot", str(picture), "--after", "3")
    assert (status, said) == (0, "")
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1600, 1000)
    colors = {image.pixel(x, y) for x in range(0, 1600, 7) for y in range(0, 1000, 7)}
    assert len(colors) > 200
    log = desktop.log("demo")
    assert " WARNING " not in log
    assert " ERROR " not in log
    assert not (desktop.config / "demo" / "settings.toml").exists()


def test_no_thread_but_the_windows_imports_what_has_qt_in_it(tmp_path: Path) -> None:
    """PySide's types made in a thread end the program now and then: see capflow_gui/ui/chart_import.py."""
    seen = tmp_path / "imports"
    watched = f"""
import sys, threading
out = open({str(seen)!r}, "w", buffering=1)
def watch(event, arguments):
    if event == "import":
        print(threading.current_thread() is threading.main_thread(), arguments[0], file=out)
sys.addaudithook(watch)
from capflow_gui.cli.main import main
sys.exit(main())
"""
    arguments = ["demo", "--sources", "opend,longport", "--screenshot", str(tmp_path / "p.png"), "--after", "2"]
    folders = ["--config-dir", str(tmp_path / "c"), "--data-dir", str(tmp_path / "d")]
    done = subprocess.run(
        [sys.executable, "-c", watched, *arguments, *folders],
        check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert (done.returncode, done.stderr) == (0, "")
    imports = [line.partition(" ")[::2] for line in seen.read_text(encoding="utf-8").splitlines()]
    elsewhere = {name for here, name in imports if here == "False"}
    assert ("True", "pyqtgraph.Qt") in imports
    assert "numpy" in elsewhere
    assert not {name for name in elsewhere if name.startswith(("PySide6", "shiboken6", "pyqtgraph", "capflow_gui.ui."))}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not delivered there")
def test_the_window_is_made_and_laid_out_in_turns_and_deliveries_are_imported_beside_them(
    desktop: Desktop, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    watched = f"""
import sys, threading
out = open({str(seen)!r}, "w", buffering=1)
def watch(event, arguments):
    if event == "import" and arguments[0] == "capflow_gui.delivery.dispatcher":
        print("imported", threading.current_thread() is threading.main_thread(), file=out)
sys.addaudithook(watch)
from PySide6.QtCore import QTimer
from capflow_gui.cli.main import main
from capflow_gui.ui.window.frame import Frame
from capflow_gui.ui.window.main_window import MainWindow
make, hold = MainWindow.__init__, Frame.hold
def told(steps):
    for _step in steps:
        QTimer.singleShot(0, lambda: print("turned", file=out))
        yield
    print("made", file=out)
    QTimer.singleShot(0, lambda: print("turned", file=out))
def made(window, *arguments, **named):
    make(window, *arguments, **named)
    window.steps = told(window.steps)
def held(frame, *arguments):
    print("held", file=out)
    hold(frame, *arguments)
MainWindow.__init__, Frame.hold = made, held
sys.exit(main(sys.argv[3:]))
"""
    desktop.python = [sys.executable, "-c", watched]
    save(desktop.config / "settings.toml", Settings(first_run_done=True, source="opend"))
    process = desktop.start("--log-level", "info")
    desktop.wait_for_log("window: open")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert seen.read_text(encoding="utf-8").split("\n")[:-1] == [
        *["turned"] * 11,
        "made",
        "turned",
        "held",
        "imported False",
    ]


def test_a_picture_of_the_first_run(desktop: Desktop, tmp_path: Path) -> None:
    picture = tmp_path / "first.png"
    status, said = desktop.run("--screenshot", str(picture), "--after", "0.5")
    assert (status, said) == (0, "")
    assert not QImage(str(picture)).isNull()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not delivered there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_second_start_raises_the_first_window_which_a_signal_closes_in_order(desktop: Desktop, name: str) -> None:
    """The first finds the empty lock that a power cut left."""
    lock = desktop.data / "state" / "demo" / "window.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    process = desktop.start("demo")
    desktop.wait_for_log("window: open", "demo")
    assert desktop.run("demo") == (0, "Capflow is running already: its window was raised.\n")
    assert process.poll() is None
    process.send_signal(signal.Signals[name])
    said = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, *said) == (0, "", "")
    log = desktop.log("demo")
    stages = [line.rpartition("closing: ")[2] for line in log.splitlines() if "closing: " in line]
    assert stages == ["monitor", "window", "sources", "done"]
    loaded = load(desktop.config / "demo" / "settings.toml")
    assert loaded.problems == []
    assert loaded.settings.watchlist.symbols[:2] == ["3690.HK", "700.HK"]
    assert loaded.settings.window.geometry


@linux
def test_a_lock_that_is_held_by_nobody_who_answers_is_named(desktop: Desktop) -> None:
    lock = desktop.data / "state" / "demo" / "window.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("wb") as held:
        assert try_lock(held.fileno())
        status, said = desktop.run("demo")
    assert status == 1
    assert said == (
        f"capflow demo: error: Another Capflow seems to use {lock}, but does not answer. "
        "End it, or delete this file if none is running, and start again.\n"
    )


@linux
@pytest.mark.parametrize("part", ["data/state", "config/demo"])
def test_on_a_full_disk_it_starts_and_says_so(desktop: Desktop, tmp_path: Path, part: str) -> None:
    with small_disk(tmp_path / part) as filler:
        if part == "data/state":
            (tmp_path / part / "demo").mkdir()
        fill(filler)
        process = desktop.start("demo")
        desktop.wait_for_log("window: open", "demo")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert f"{tmp_path / part}" in desktop.log("demo")
    assert "the disk is full" in desktop.log("demo")
    # What the window looked like could not be kept: that is said where it was started.
    assert ("settings are not saved" in said) is (part == "config/demo")


@linux
def test_a_folder_whose_name_is_not_utf_8_is_as_good_as_another(desktop: Desktop, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    desktop.config, desktop.data = folder / "config", folder / "data"
    process = desktop.start("demo")
    desktop.wait_for_log("window: open", "demo")
    assert desktop.run("demo") == (0, "Capflow is running already: its window was raised.\n")
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=LIMIT_S) == ("", "")
    assert load(desktop.config / "demo" / "settings.toml").settings.window.geometry
    picture = folder / "demo.png"
    assert desktop.run("demo", "--screenshot", str(picture), "--after", "0.5") == (0, "")
    assert not QImage.fromData(picture.read_bytes()).isNull()


@linux
def test_the_program_may_lie_in_such_a_folder(tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"caf\xe9")
    for name in ("capflow_gui", "resources"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "capflow_gui", "demo", "--screenshot", "x.png", "--after", "0.5"]
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(place), "HOME": str(place)}
    done = subprocess.run(command, cwd=place, env=environ, capture_output=True, timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (place / "x.png").exists()


@linux
@pytest.mark.skipif(not as_nobody(), reason="only root becomes a user the system does not know")
def test_a_user_the_system_does_not_know_may_use_it(desktop: Desktop, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir(mode=0o777)
    (tmp_path / "data").mkdir(mode=0o777)
    for folder in (tmp_path / "config", tmp_path / "data"):
        folder.chmod(0o777)
    desktop.homeless = True
    process = desktop.start("demo")
    desktop.wait_for_log("window: open", "demo")
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=LIMIT_S) == ("", "")
    settings = desktop.config / "demo" / "settings.toml"
    assert settings.stat().st_uid == STRANGER
    assert load(settings).problems == []


def test_damaged_settings_are_set_aside_and_a_picture_that_cannot_be_written_is_said(
    desktop: Desktop, tmp_path: Path
) -> None:
    file = desktop.config / "demo" / "settings.toml"
    file.parent.mkdir(parents=True)
    file.write_text("this is [not toml", encoding="utf-8")
    status, said = desktop.run("demo", "--screenshot", str(tmp_path / "no" / "such" / "folder.png"), "--after", "1")
    assert status != 0
    assert "The picture cannot be written" in said
    assert said.count("\n") == 1
    assert (file.parent / "settings.toml.damaged-1").read_text(encoding="utf-8") == "this is [not toml"


def test_an_opend_that_is_not_there_is_said_and_nothing_is_lost(desktop: Desktop, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    settings = Settings(first_run_done=True, source="opend", watchlist=WatchSettings(["700.HK"]))
    import msgspec

    opend = msgspec.structs.replace(settings.opend, port=port)
    save(desktop.config / "settings.toml", msgspec.structs.replace(settings, opend=opend))
    picture = tmp_path / "lost.png"
    status, said = desktop.run("--screenshot", str(picture), "--after", "2", "--log-level", "error")
    assert (status, said) == (0, "")
    assert load(desktop.config / "settings.toml").settings.watchlist.symbols == ["700.HK"]


def test_a_missing_display_is_said_before_qt_can_abort(desktop: Desktop) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("QT_QPA_PLATFORM", None)
    if sys.platform != "linux":
        pytest.skip("only X11 and Wayland can be missing")
    done = subprocess.run(
        [sys.executable, "-m", "capflow_gui", "demo"],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 1
    assert "There is no display" in done.stderr
    assert "xvfb-run" in done.stderr
