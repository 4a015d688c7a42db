"""Starts Qt, and the event loop on it."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from dataclasses import replace
from pathlib import Path

import qasync
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from capflow_gui import __version__
from capflow_gui.app.children import restore_environment
from capflow_gui.app.desktop import Desktop
from capflow_gui.app.request import Request
from capflow_gui.app.system.garbage import collected_here
from capflow_gui.paths import DESKTOP_ENTRY, resource
from capflow_gui.ui.theme import FUSION

_log = logging.getLogger("qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# What the offscreen platform says whatever the program does.
_OFFSCREEN = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
    "QObject::connect: No such signal QPlatformNativeInterface::systemTrayWindowChanged(QScreen*)",
)


def main(request: Request) -> int:
    """Run the desktop program and return its exit status. Every Qt object lives in this frame or below it.

    Raises CapflowError where settings or folders cannot be used, or a picture cannot be written.
    """
    if not request.self_test:
        return _run(request)
    with tempfile.TemporaryDirectory(prefix="capflow-self-test-") as folder:
        place = Path(folder)
        return _run(replace(request, folders=(place / "config", place / "data"), above=None, profile=""))


def _run(request: Request) -> int:
    # Qt for Python crashes with the program's own path where that is not UTF-8.
    app = QApplication(["capflow", *FUSION])
    app.setApplicationName("capflow")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(DESKTOP_ENTRY)
    app.setWindowIcon(icon_of(resource("icons/capflow.svg")))
    # Closing the window begins an orderly end; the event loop must outlive the last window.
    app.setQuitOnLastWindowClosed(False)
    restore_environment()
    previous = qInstallMessageHandler(log_qt_message)
    try:
        desktop = Desktop(app, request)
        with collected_here(), asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
            return runner.run(desktop.run())
    finally:
        qInstallMessageHandler(previous)


def icon_of(path: Path) -> QIcon:
    """The picture in a file, drawn when the system asks for it; at once where Qt for Python may not read its path."""
    if str(path).isascii():
        return QIcon(str(path))
    drawn = QPixmap()
    drawn.loadFromData(path.read_bytes())
    return QIcon(drawn)


def log_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Log what Qt says: for qInstallMessageHandler."""
    level = _LEVELS.get(kind, logging.WARNING)
    if text in _OFFSCREEN and QGuiApplication.platformName() == "offscreen":
        level = logging.DEBUG
    category = context.category
    _log.log(level, "%s", text if not category or category == "default" else f"{category}: {text}")
