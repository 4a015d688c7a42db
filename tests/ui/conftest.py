"""Rules every test of a window lives by: no unexpected word from Qt, no widget and no timer left behind.

Widgets are tested without a display unless the caller chose a platform.
"""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from capflow_gui.ui.theme import FUSION, Theme, apply_theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.source_rig import Rig
from tests.ui.two_brokers import Two
from tests.ui.window_fixture import TENCENT, delete, open_window, shut

# What the offscreen platform says of itself, whatever the program does. Every other message fails the test.
OFFSCREEN_MESSAGES = (
    r"^This plugin does not support propagateSizeHints\(\)$",  # a window with a minimum size is shown
    r"^This plugin does not support raise\(\)$",  # a second start raises the first window
    r"^This plugin does not support grabbing the keyboard$",  # a pop-up opens
    r"^QObject::connect: No such signal QPlatformNativeInterface::systemTrayWindowChanged\(QScreen\*\)$",  # tray icon
)
Births = list[tuple["weakref.ref[QTimer]", str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Allow what only the offscreen platform says, and only there."""
    if os.environ["QT_QPA_PLATFORM"] != "offscreen":
        return
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.qt_log_ignore(*OFFSCREEN_MESSAGES, extend=True))


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """The program's own style."""
    return ["tests", *FUSION]


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The dark theme, applied to the application."""
    dark = build_theme("dark", "green_up")
    apply_theme(qapp, dark)
    yield dark
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # what is closed is given no other style
    qapp.setStyleSheet("")


@pytest.fixture(autouse=True)
def _nothing_left_on_screen(
    qapp: QApplication, birthplace: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Set up before, so torn down after, qtbot: what it was given is gone by then."""
    _release_keys()
    qapp.clipboard().clear()  # what another test copied is not what this one copies
    before = set(map(id, qapp.allWidgets()))
    timers = _note_timers(monkeypatch, birthplace)
    yield
    for collect in (False, True):
        if collect:
            gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        widgets = [widget for widget in qapp.topLevelWidgets() if isValid(widget) and id(widget) not in before]
        running = [birth for timer, birth in timers if _runs(timer())]
        if not widgets and not running:
            return
    said = [f"{type(widget).__name__} {widget.objectName()!r} was left" for widget in widgets]
    said += [f"a QTimer was left running; it was started by:\n{birth}" for birth in running]
    delete(widgets)  # or the next tests would find them left, too
    pytest.fail("\n".join(said), pytrace=False)


def _release_keys() -> None:
    """Qt holds the modifiers of the last key or click for pressed, and a table then chooses a range of rows."""
    if QGuiApplication.keyboardModifiers() is not Qt.KeyboardModifier.NoModifier:
        QTest.keyRelease(QWidget(), Qt.Key.Key_Shift)


def _note_timers(monkeypatch: pytest.MonkeyPatch, birthplace: Callable[[], str]) -> Births:
    births: Births = []
    start = QTimer.start

    def noted(timer: QTimer, *arguments: object) -> None:
        births.append((weakref.ref(timer), birthplace()))
        start(timer, *arguments)

    monkeypatch.setattr(QTimer, "start", noted)
    return births


def _runs(timer: QTimer | None) -> bool:
    return timer is not None and isValid(timer) and timer.isActive()


@pytest.fixture
def board() -> HandBoard:
    """Tencent with a threshold of its own, and Meituan."""
    return HandBoard.of(
        row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True),
        row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6),
    )


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    """A window over `board`; Tencent is selected."""
    opened = open_window(board)
    opened.go_to(TENCENT)
    yield opened
    shut(opened)


@pytest.fixture
def two(qtbot: QtBot) -> Iterator[Two]:
    """A window over both sources, one row at each."""
    del qtbot
    opened = Two()
    yield opened
    shut(opened.window)


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    """A window over both sources, two rows at Longport."""
    del qtbot
    made = Rig()
    yield made
    shut(made.window)
