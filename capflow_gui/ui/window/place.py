"""Where a top-level window goes: as it was left, and always wholly on a screen. Loads nothing but Qt."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray, QMargins, QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStyle, QWidget

FIRST_SIZE = QSize(1600, 1000)
_GRIP = 80

MINIMUM = (640, 400)


def place(window: QWidget, geometry: str) -> None:
    """Bring a window to a kept geometry; to the first size where there is none, or none that can be read."""
    state = decoded(geometry)
    if state is None or not window.restoreGeometry(state):
        window.resize(FIRST_SIZE)
        if QGuiApplication.platformName() != "offscreen":  # without a display there is no screen to fit into
            fit(window, QGuiApplication.primaryScreen().availableGeometry().center())
        return
    title = QRect(window.x(), window.y(), window.width(), 40)
    reachable = (title.intersected(other.availableGeometry()) for other in QGuiApplication.screens())
    if not any(part.width() >= _GRIP and part.height() >= 10 for part in reachable):
        fit(window, QGuiApplication.primaryScreen().availableGeometry().center())


def fit(window: QWidget, centre: QPoint | None = None) -> None:
    """Shrink and move a window so that all of it, frame included, is on the screen that holds its centre.

    `centre` moves it there first. Before it is shown the frame is guessed from the style.
    """
    size, frame = window.size(), window.frameGeometry()
    around = QMargins(
        window.x() - frame.x(),
        window.y() - frame.y(),
        frame.right() - window.x() - size.width() + 1,
        frame.bottom() - window.y() - size.height() + 1,
    )
    if around.isNull() and window.windowHandle() is None:
        title = window.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
        around = QMargins(2, max(title, 32), 2, 2)
    middle = frame.center() if centre is None else centre
    screen = QGuiApplication.screenAt(middle) or QGuiApplication.primaryScreen()
    wanted = QRect(QPoint(), size).marginsAdded(around)
    wanted.moveCenter(middle)
    fitted = within(wanted, screen.availableGeometry())
    if centre is not None or fitted != frame:
        window.resize(fitted.marginsRemoved(around).size())
        window.move(fitted.topLeft())


def within(wanted: QRect, available: QRect) -> QRect:
    """`wanted` made no larger than `available`, and moved into it."""
    size = wanted.size().boundedTo(available.size())
    left = min(max(wanted.left(), available.left()), available.right() + 1 - size.width())
    top = min(max(wanted.top(), available.top()), available.bottom() + 1 - size.height())
    return QRect(QPoint(left, top), size)


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
