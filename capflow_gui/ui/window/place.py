"""Where a top-level window goes: as it was left, and always where it can be taken hold of. Loads little but Qt."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from capflow_gui.domain.arrangement.places import FULL, MAXIMIZED, NORMAL, Place, read_place
from capflow_gui.domain.arrangement.rescue import rescued
from capflow_gui.domain.arrangement.screens import Rect, Screen, Screens
from capflow_gui.ui.fitting import fit
from capflow_gui.ui.late import later

FIRST_SIZE = QSize(1600, 1000)

MINIMUM = (640, 400)
_FILLING = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


def place(window: QWidget, kept: str) -> None:
    """Bring a window to a kept place; to the first size where there is none, or none that can be read.

    One whose place is off every screen does not stand on the spot of another.
    """
    found = read_place(kept)
    if found is not None:
        now = screens()
        others = [place_of(each) for each in QApplication.topLevelWidgets() if each is not window and each.isVisible()]
        put(window, *rescued([found], now, now, others))
        return
    state = decoded(kept)  # earlier versions kept what Qt says
    if state is None or not window.restoreGeometry(state):
        window.resize(FIRST_SIZE)
        if QGuiApplication.platformName() != "offscreen":  # without a display there is no screen to fit into
            fit(window, QGuiApplication.primaryScreen().availableGeometry().center())
    elif (wanted := place_of(window)) != (here := rescued([wanted], screens(), screens())[0]):
        put(window, here)


def is_place(kept: object) -> bool:
    """Whether `place` could use it, as far as can be said without a window."""
    return isinstance(kept, str) and (read_place(kept) is not None or decoded(kept) is not None)


def put(window: QWidget, wanted: Place) -> None:
    """Move a window to a place, and let it fill the screen there where it says so.

    One that fills a screen now is made free first: the system does that in its own time, and it is moved after that.
    """
    if not window.isVisible():
        _put(window, wanted)
    elif place_of(window) != wanted:
        fills = bool(window.windowState() & _FILLING)
        window.setWindowState(window.windowState() & ~_FILLING)
        if fills:
            later(window, lambda: _put(window, wanted))
        else:
            _put(window, wanted)


def _put(window: QWidget, wanted: Place) -> None:
    state = {MAXIMIZED: Qt.WindowState.WindowMaximized, FULL: Qt.WindowState.WindowFullScreen}.get(wanted.state)
    if state is not None:
        window.setGeometry(*wanted.rect)
        window.setWindowState(window.windowState() & ~_FILLING | state)
    else:
        window.resize(wanted.rect.width, wanted.rect.height)
        window.move(wanted.rect.x, wanted.rect.y)


def place_of(window: QWidget) -> Place:
    """Where a window stands."""
    state = FULL if window.isFullScreen() else MAXIMIZED if window.isMaximized() else NORMAL
    normal = window.normalGeometry()
    rect = QRect(window.pos(), window.size()) if state == NORMAL or not normal.isValid() else normal
    return Place(_rect(rect), window.screen().name(), state)


def screens() -> Screens:
    """The screens there are, the primary one first."""
    return tuple(map(_screen, QGuiApplication.screens()))


def _screen(screen: QScreen) -> Screen:
    whole, room = screen.geometry(), screen.availableGeometry()
    return Screen(screen.name(), _rect(whole), _rect(room), screen.devicePixelRatio())


def _rect(rect: QRect) -> Rect:
    return Rect(rect.x(), rect.y(), rect.width(), rect.height())


def toggle_full_screen(window: QWidget) -> bool:
    """Fill the screen with a top-level window, or make it a window again; whether it fills it now."""
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)
    return window.isFullScreen()


def encoded(state: QByteArray) -> str:
    """A state of Qt's as settings keep it."""
    return base64.b64encode(state.data()).decode("ascii")


def decoded(text: str) -> QByteArray | None:
    """Back again; None where there is none, or it cannot be read."""
    if not text:
        return None
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
