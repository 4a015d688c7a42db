"""Qt's own words go to the log."""

from __future__ import annotations

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType
from PySide6.QtGui import QGuiApplication

_log = logging.getLogger("qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# What the offscreen platform says of itself, whatever the program does.
_OFFSCREEN = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
    "QObject::connect: No such signal QPlatformNativeInterface::systemTrayWindowChanged(QScreen*)",
)


def log_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """For qInstallMessageHandler."""
    level = _LEVELS.get(kind, logging.WARNING)
    if text in _OFFSCREEN and QGuiApplication.platformName() == "offscreen":
        level = logging.DEBUG
    category = context.category
    _log.log(level, "%s", text if not category or category == "default" else f"{category}: {text}")
