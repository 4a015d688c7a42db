"""Starts Qt, and the event loop on it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import qasync
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from capflow_gui import __version__
from capflow_gui.app.desktop import Desktop
from capflow_gui.app.garbage import collected_here
from capflow_gui.app.qt_messages import log_qt_message
from capflow_gui.app.request import Request
from capflow_gui.paths import resource


def main(request: Request) -> int:
    """Run the desktop program and return its exit status. Every Qt object lives in this frame or below it.

    Raises CapflowError where settings or folders cannot be used, or a picture cannot be written.
    """
    if not request.self_test:
        return _run(request)
    with tempfile.TemporaryDirectory(prefix="capflow-self-test-") as folder:
        place = Path(folder)
        return _run(replace(request, folders=(place / "config", place / "data")))


def _run(request: Request) -> int:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("capflow")
    app.setApplicationDisplayName("Capflow")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("capflow")
    app.setWindowIcon(QIcon(str(resource("icons/capflow.svg"))))
    # Closing the window begins an orderly end; the event loop must outlive the last window.
    app.setQuitOnLastWindowClosed(False)
    previous = qInstallMessageHandler(log_qt_message)
    try:
        desktop = Desktop(app, request)
        with collected_here(), asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
            return runner.run(desktop.run())
    finally:
        qInstallMessageHandler(previous)
