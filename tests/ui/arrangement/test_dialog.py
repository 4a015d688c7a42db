"""The dialog of layouts: every change is kept at once, and can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from capflow_gui.domain.arrangement.layouts import BUILT_IN, LONGEST, Arrangement, Layout, Layouts
from capflow_gui.domain.arrangement.screens import Rect, Screen
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.layouts import exported, read_exported
from capflow_gui.ui.arrangement.dialog import LayoutsDialog, NameSheet
from capflow_gui.ui.arrangement.passed_on import passed_on
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import Answers, HeldLayouts, open_window, shut

SCREENS = (Screen("eDP-1", Rect(0, 0, 1920, 1080), Rect(0, 0, 1920, 1080), 1.5),)
ONE = Arrangement(SCREENS, datetime(2026, 11, 30, 9, 30, tzinfo=UTC), {"below": "tape", "tab": "@Mine"})
OWN = Layouts(tuple(Layout(name, (ONE,)) for name in ("Open", "Midday", "Close")), used="Midday")


@pytest.fixture
def kept() -> HeldLayouts:
    return HeldLayouts(OWN)


@pytest.fixture
def answers(kept: HeldLayouts) -> Answers:
    return Answers(layouts=kept)


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot, answers: Answers) -> Iterator[MainWindow]:
    window = open_window(board, answers=answers, size=(900, 800))
    window.layouts.begin()
    window.layouts.open_dialog()
    yield window
    shut(window)


@pytest.fixture
def dialog(window: MainWindow) -> LayoutsDialog:
    found: Any = window.dialogs.current
    return found  # type: ignore[no-any-return]


def listed(dialog: LayoutsDialog) -> list[str]:
    return [dialog.list.item(place).text().split("\n")[0] for place in range(dialog.list.count())]


def choose(dialog: LayoutsDialog, name: str) -> None:
    dialog.list.setCurrentRow(listed(dialog).index(name))


def test_the_list_has_all_with_the_one_in_use_selected(dialog: LayoutsDialog) -> None:
    assert listed(dialog) == ["Open", "Midday", "Close", *BUILT_IN]
    assert dialog.current == "Midday"
    choose(dialog, "Standard")
    off = [each for each in (dialog.rename, dialog.copy, dialog.delete, dialog.up, dialog.down) if each.isEnabled()]
    assert off == []
    assert dialog.use.isEnabled()
    assert dialog.start.isEnabled()
    choose(dialog, "Open")
    assert not dialog.up.isEnabled()
    assert dialog.down.isEnabled()


def test_every_change_is_kept_and_undone(dialog: LayoutsDialog, kept: HeldLayouts) -> None:
    for press in (dialog.copy, dialog.delete, dialog.up, dialog.down, dialog.start):
        choose(dialog, "Midday")
        before = kept.layouts
        press.click()
        assert kept.layouts != before
        dialog.undo.click()
        assert kept.layouts == before
    assert listed(dialog) == ["Open", "Midday", "Close", *BUILT_IN]


def test_the_last_one_deleted_leaves_a_built_in_one_selected(dialog: LayoutsDialog, kept: HeldLayouts) -> None:
    for name in ("Close", "Midday", "Open"):
        choose(dialog, name)
        dialog.delete.click()
        assert dialog.said.text() == f"“{name}” was deleted."
    assert dialog.current == "Standard"
    assert not dialog.export.isEnabled()
    assert kept.layouts.used == ""


def test_undo_keeps_what_another_program_saved_meanwhile(dialog: LayoutsDialog, kept: HeldLayouts) -> None:
    dialog.delete.click()
    kept.layouts = kept.layouts.save("Theirs", ONE)
    dialog.undo.click()
    assert [each.name for each in kept.layouts.layouts] == ["Open", "Midday", "Close", "Theirs"]


def test_a_layout_is_renamed_and_one_in_use_stays_in_use(
    dialog: LayoutsDialog, kept: HeldLayouts, window: MainWindow
) -> None:
    dialog.rename.click()
    assert dialog.name.text() == "Midday"
    dialog.name.setText("close")
    dialog.ok.click()
    assert "another layout is called so" in dialog.said.text()
    assert kept.layouts.layouts == OWN.layouts
    dialog.name.setText("Lunch")
    dialog.ok.click()
    assert (dialog.current, kept.layouts.used, window.layouts.name) == ("Lunch", "Lunch", "Lunch")


def test_use_closes_the_dialog_and_arranges_the_desk(
    dialog: LayoutsDialog, window: MainWindow, kept: HeldLayouts
) -> None:
    choose(dialog, "Open")
    dialog.use.click()
    assert (window.layouts.name, window.state()["below"], kept.layouts.used) == ("Open", "tape", "Open")


def test_what_is_used_at_the_start_is_chosen_and_let_go(dialog: LayoutsDialog, kept: HeldLayouts) -> None:
    choose(dialog, "Chart wall")
    dialog.start.click()
    assert (kept.layouts.start, dialog.start.text()) == ("Chart wall", "Not at start")
    dialog.start.click()
    assert (kept.layouts.start, dialog.start.text()) == ("", "Use at start")


def test_a_file_is_written_without_what_is_the_users_own_and_read_again_after_a_preview(
    dialog: LayoutsDialog, kept: HeldLayouts, answers: Answers
) -> None:
    dialog.export_to("desk.json", kept.layouts.layouts)
    assert "symbols of charts side by side or torn off" in dialog.said.text()
    assert b"@Mine" not in answers.saved["desk.json"]
    kept.layouts = kept.layouts.delete("Open")
    dialog.delete.click()
    dialog.import_from("desk.json")
    assert kept.layouts.find("Midday") is None
    sheet = dialog.preview
    assert sheet.take.text() == "Import 3"
    sheet.take.click()
    assert [each.name for each in kept.layouts.layouts] == ["Close", "Open", "Midday"]
    assert dialog.said.text() == "Imported 3 layouts."
    dialog.undo.click()
    assert [each.name for each in kept.layouts.layouts] == ["Close"]


def test_a_file_that_cannot_be_used_is_said_and_changes_nothing(
    dialog: LayoutsDialog, kept: HeldLayouts, answers: Answers
) -> None:
    answers.saved["bad.json"] = exported(OWN.layouts, passed_on)[:-40]
    dialog.import_from("bad.json")
    assert "it has no layouts that Capflow wrote" in dialog.said.text()
    kept.error = SettingsError("layouts.json", Reason.of(Code.LAYOUTS_BUSY))
    dialog.copy.click()
    assert "another Capflow is saving layouts" in dialog.said.text()
    assert kept.layouts.layouts == OWN.layouts


def test_one_layout_alone_is_exported_as_all_are(
    dialog: LayoutsDialog, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QFileDialog] = []

    def opened_instead(opened: QFileDialog) -> None:
        asked.append(opened)

    monkeypatch.setattr(QFileDialog, "open", opened_instead)
    dialog.list.setCurrentRow(0)
    dialog.export.click()
    dialog.export_all.click()
    QApplication.processEvents()
    for place, opened in enumerate(asked):
        opened.fileSelected.emit(f"{place}.json")
    names = [
        [layout.name for layout in read_exported(answers.saved[f"{place}.json"], "x", passed_on)] for place in (0, 1)
    ]
    assert names == [["Open"], ["Open", "Midday", "Close"]]
    dialog.list.setCurrentRow(dialog.list.count() - 1)
    assert (dialog.export.isEnabled(), dialog.export_all.isEnabled()) == (False, True)
    for opened in asked:
        opened.deleteLater()


def test_a_name_that_cannot_be_used_is_told_why_without_the_name(theme: Theme, qtbot: QtBot) -> None:
    sheet = NameSheet(Layouts(), theme)
    qtbot.addWidget(sheet)
    sheet.name.setText("長" * 200)
    assert sheet.said.text() == f"A layout's name has 1 to {LONGEST} letters."
    assert not sheet.ok.isEnabled()
