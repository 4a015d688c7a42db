"""The problem report on screen: read first, then saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.errors import StorageError
from capflow_gui.ui.dialogs.report import ReportSheet
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.reasons import said
from tests.ui.asked_files import asked_file
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import Answers, open_window, shut


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def window(theme: Theme, answers: Answers, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)), answers=answers)
    yield opened
    shut(opened)


def sheet_of(window: MainWindow) -> ReportSheet:
    """Opened as a person does."""
    window.toolbar.menu_button.click()
    (menu,) = [each for each in window.findChildren(QMenu) if each.isVisible()]
    next(action for action in menu.actions() if action.text() == "Save problem report…").trigger()
    menu.close()
    sheet = window.dialogs.current
    assert isinstance(sheet, ReportSheet)
    return sheet


def test_everything_can_be_read_before_it_is_saved(window: MainWindow, answers: Answers) -> None:
    sheet = sheet_of(window)
    assert [sheet.list.item(row).text() for row in range(sheet.list.count())] == ["README.txt", "state.txt"]
    assert sheet.text.toPlainText() == "Read me."
    sheet.list.setCurrentRow(1)
    assert sheet.text.toPlainText() == "All is well."
    assert sheet.text.isReadOnly()
    assert answers.asked == [("gather",)]


def test_the_place_is_asked_for_without_a_nested_loop(window: MainWindow, answers: Answers) -> None:
    sheet = sheet_of(window)
    sheet.save_button.click()
    dialog = asked_file(sheet)
    assert Path(dialog.selectedFiles()[0]).name == "capflow-report-20261122-1640.zip"
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    dialog.fileSelected.emit("/place/x.zip")
    dialog.close()
    assert answers.asked[-1] == ("save", 2, "/place/x.zip")
    assert sheet.answer.said() == "The report is saved. Nothing was sent. /place/x.zip"


def test_a_place_that_cannot_be_written_is_said_and_another_one_can_be_tried(
    window: MainWindow, answers: Answers
) -> None:
    sheet = sheet_of(window)
    answers.error = StorageError(said("the report cannot be saved in /place: permission denied; choose another folder"))
    sheet.save_to("/place/x.zip")
    assert sheet.answer.said().startswith("The report is not saved. The report cannot be saved in /place")
    answers.error = None
    assert sheet.save_button.isEnabled()
    sheet.save_to("/other/x.zip")
    assert sheet.answer.said().startswith("The report is saved.")
