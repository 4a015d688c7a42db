"""Dialogs that ask for a file, each deleted once it is closed. No file is changed in them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from capflow_gui.present.language.texts import _


def file_to_open(parent: QWidget, title: str, kinds: str = "") -> QFileDialog:
    """A dialog that asks for a file that is there; `kinds` as in a name filter of Qt."""
    dialog = _made(parent, title, kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return dialog


def place_to_save(parent: QWidget, title: str, kinds: str, name: str) -> QFileDialog:
    """A dialog that asks where a file is to be; `name` is offered, and its ending is added where none is given."""
    dialog = _made(parent, title, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(name.rpartition(".")[2])
    dialog.selectFile(name)
    return dialog


def _made(parent: QWidget, title: str, kinds: str) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    # Qt's own dialog deletes what is selected, whole folders too, and moves what is dragged onto a folder.
    dialog.setOption(QFileDialog.Option.ReadOnly)
    if kinds:
        dialog.setNameFilter(kinds)
    # Qt's own Chinese lacks these two.
    dialog.setLabelText(QFileDialog.DialogLabel.LookIn, _("Look in:"))
    dialog.setLabelText(QFileDialog.DialogLabel.FileType, _("Files of type:"))
    return dialog
