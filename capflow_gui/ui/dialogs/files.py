"""Dialogs that ask for a file, each deleted once it is closed. No file is changed in them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.late import later


def ask_for_file(parent: QWidget, title: str, then: Callable[[str], object], kinds: str = "") -> None:
    """Ask for a file that is there, and call `then` with its path; `kinds` as in a name filter of Qt.

    Qt's own dialog takes long to make: it has a turn of the event loop to itself, the next one.
    """
    later(parent, lambda: _ask(parent, lambda: file_to_open(parent, title, kinds), then))


def ask_for_place(parent: QWidget, title: str, kinds: str, name: str, then: Callable[[str], object]) -> None:
    """Ask where a file is to be, in the next turn of the event loop, and call `then` with its path."""
    later(parent, lambda: _ask(parent, lambda: place_to_save(parent, title, kinds, name), then))


def _ask(parent: QWidget, make: Callable[[], QFileDialog], then: Callable[[str], object]) -> None:
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    if any(each.isVisible() for each in parent.findChildren(QFileDialog, options=direct)):
        return  # a key that is held asks twice in one turn; later the open dialog keeps it from the window
    dialog = make()
    dialog.fileSelected.connect(then)
    dialog.open()


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
