"""Where a top-level window goes: as it was left, rescued when its screen is gone. Loads nothing but Qt."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_FIRST_SIZE = (1600, 1000)
_GRIP = 80


def place(window: QWidget, geometry: str) -> None:
    """Bring a window to a kept geometry; to the first size where there is none, or none that can be read."""
    screen = QGuiApplication.primaryScreen().availableGeometry()
    state = decoded(geometry)
    if state is None or not window.restoreGeometry(state):
        # Without a display there is no screen to fit into.
        free = QGuiApplication.platformName() == "offscreen"
        window.resize(QSize(*_FIRST_SIZE) if free else QSize(*_FIRST_SIZE).boundedTo(screen.size()))
        return
    title = QRect(window.x(), window.y(), window.width(), 40)
    reachable = (title.intersected(other.availableGeometry()) for other in QGuiApplication.screens())
    if not any(part.width() >= _GRIP and part.height() >= 10 for part in reachable):
        window.resize(min(window.width(), screen.width()), min(window.height(), screen.height()))
        window.move(screen.topLeft())


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
