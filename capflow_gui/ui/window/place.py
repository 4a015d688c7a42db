"""Where a top-level window goes: as it was left, and always wholly on a screen. Loads nothing but Qt."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from capflow_gui.ui.fitting import fit

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
