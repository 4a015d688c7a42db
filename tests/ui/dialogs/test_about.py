"""The About dialog: facts to copy, and licences to read."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import capflow_gui
from capflow_gui.licences import Part
from capflow_gui.ui.dialogs.about import AboutDialog
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import Shelf, open_window, shut, start_now


def words(dialog: AboutDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_it_says_what_it_is_and_copies_it(theme: Theme, qtbot: QtBot) -> None:
    window = open_window(HandBoard())
    window.dialogs.open_about()
    dialog = window.dialogs.current
    assert isinstance(dialog, AboutDialog)
    assert f"Capflow {capflow_gui.__version__}" in words(dialog)
    assert "MIT licence" in words(dialog)
    assert "/opt/qt: put your own build of the same version there" in words(dialog)
    dialog.copy_button.click()
    assert QApplication.clipboard().text() == "Capflow: 1.2.3\nLog: /var/log/capflow"
    dialog.reject()
    shut(window)


def test_every_licence_can_be_read(theme: Theme, qtbot: QtBot) -> None:
    dialog = AboutDialog(Shelf(), start_now, theme)
    qtbot.addWidget(dialog)
    assert dialog.parts.count() == 0
    dialog.tabs.setCurrentIndex(1)
    assert [dialog.parts.item(row).text() for row in range(2)] == ["Capflow 1.2.3", "numpy 2.0"]
    assert dialog.text.toPlainText() == "Licence: MIT\n\nthe text of Capflow"
    dialog.parts.setCurrentRow(1)
    assert dialog.text.toPlainText() == "Licence: BSD-3-Clause\n\nthe text of numpy"


@dataclass
class Damaged(Shelf):
    async def parts(self) -> list[Part]:
        raise OSError("index.json is gone")


def test_a_damaged_bundle_is_said(theme: Theme, qtbot: QtBot) -> None:
    def start(job, _done, failed):  # type: ignore[no-untyped-def]
        with pytest.raises(OSError, match="gone") as caught:
            job().send(None)
        failed(caught.value)
        return lambda: None

    dialog = AboutDialog(Damaged(), start, theme)
    qtbot.addWidget(dialog)
    dialog.tabs.setCurrentIndex(1)
    assert "index.json is gone" in dialog.text.toPlainText()
