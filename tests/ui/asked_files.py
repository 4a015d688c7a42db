"""The dialog that asks for a file: it is made in the turn of the event loop after the one it is asked for in."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QFileDialog, QWidget


def asked_file(parent: QWidget) -> QFileDialog:
    """The one dialog for files that is open in a window."""
    QApplication.processEvents()
    (dialog,) = (each for each in parent.findChildren(QFileDialog) if each.isVisible())
    return dialog
