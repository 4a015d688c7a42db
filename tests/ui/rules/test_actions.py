"""What is done with rules in the window, over the program's monitor: by key, by menu, and undone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from capflow_gui.domain.alert_grammar import Rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Level, Share
from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry
from capflow_gui.errors import StorageError
from capflow_gui.playback.trial import Trial
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.rules import read_rules
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.rules.editor import RuleEditor
from capflow_gui.ui.rules.import_sheet import ImportSheet
from capflow_gui.ui.rules.table import RulesTable
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.asked_files import asked_file
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import counted_trial, trial
from tests.ui.window_fixture import TENCENT

GONE = Symbol.parse("9988.HK")
FIRST, SECOND = new_entry("*: main <= -80M"), new_entry("*: large <= -1M")


def own(board: HandBoard) -> list[RuleEntry]:
    return [entry for entry in board.rules if not entry.is_threshold]


def texts(board: HandBoard) -> list[str]:
    return [entry.text for entry in own(board)]


def editor(window: MainWindow) -> RuleEditor:
    dialog = window.dialogs.current
    assert isinstance(dialog, RuleEditor)
    return dialog


@pytest.fixture
def table(window: MainWindow, board: HandBoard) -> RulesTable:
    for entry in (FIRST, SECOND):
        board.set_rule(entry)
    window.bridge.drain()
    QTest.keyClicks(window.watchlist.table, "r")
    found = window.detail.rules()
    found.choose(FIRST.id)
    return found


def test_a_new_rule_is_a_share_of_turnover_of_the_selected_symbol_and_can_be_undone(
    window: MainWindow, board: HandBoard
) -> None:
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert editor(window).text.text() == "700.HK: net/turnover <= -2% rearm 50% skip first 30m"
    assert editor(window).focusWidget() is editor(window).form.amount
    editor(window).save.click()
    assert texts(board) == ["700.HK: net/turnover <= -2% rearm 50% skip first 30m"]
    assert window.notice.text() == "Added the rule 700.HK: net/turnover ≤ −2% rearm 50% skip first 30m."
    assert window.detail.tabs.tab("rules").accessibleName().startswith("Rules, ")
    window.intents.undo()
    assert texts(board) == []


def test_a_changed_rule_keeps_its_id_and_place_and_can_be_undone(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    QTest.keyClicks(table, "e")
    editor(window).form.amount.setText("−90M")
    editor(window).form.amount.textEdited.emit("−90M")
    editor(window).save.click()
    assert [(entry.id, entry.text) for entry in own(board)] == [
        (FIRST.id, "*: main <= -90M"),
        (SECOND.id, "*: large <= -1M"),
    ]
    current = table.current()
    assert current is not None
    assert current.text == "*: main <= -90M"
    window.intents.undo()
    assert own(board) == [FIRST, SECOND]


def test_what_is_chosen_of_channels_is_kept_and_can_be_undone(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    QTest.keyClicks(table, "e")
    editor(window).telling.quiet.setText("22:00-07:00")
    editor(window).telling.urgent.click()
    editor(window).save.click()
    assert own(board) == [replace(FIRST, quiet="22:00-07:00", urgent=True), SECOND]
    assert window.notice.text() == "Changed the rule *: main ≤ −80M."
    window.intents.undo()
    assert own(board) == [FIRST, SECOND]


def test_a_rule_is_deleted_and_comes_back_to_its_place(board: HandBoard, window: MainWindow, table: RulesTable) -> None:
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert texts(board) == ["*: large <= -1M"]
    assert window.notice.text() == "Deleted the rule *: main ≤ −80M."
    window.intents.undo()
    assert own(board) == [FIRST, SECOND]


def test_a_rule_is_switched_muted_and_duplicated_by_key(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert [entry.enabled for entry in own(board)] == [False, True]
    QTest.keyClick(table, Qt.Key.Key_Space)
    QTest.keyClicks(table, "m")
    assert own(board)[0] == replace(FIRST, muted=frozenset({TENCENT}))
    assert window.notice.text() == "Rule *: main ≤ −80M is muted for 700.HK."
    QTest.keyClicks(table, "m")
    assert own(board)[0] == FIRST
    QTest.keyClick(table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert editor(window).text.text() == FIRST.text
    assert not editor(window).save.isEnabled()  # a rule that says the same would never alert
    editor(window).reject()


def test_a_rule_that_is_not_judged_on_the_symbol_is_not_muted_for_it_and_says_why(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    board.set_threshold(None, -9e6)
    board.set_threshold(TENCENT, -5e6)
    board.set_rule(new_entry("5.HK: main <= -2M"))
    window.bridge.drain()
    before = board.rules
    for entry in (each for each in before if each not in (FIRST, SECOND)):
        table.choose(entry.id)
        QTest.keyClicks(table, "m")
        window.rules.open_menu(entry, QPoint(0, 0))
        (menu,) = [each for each in window.findChildren(QMenu) if each.isVisible()]
        muting = [action.text() for action in menu.actions() if "Mute" in action.text()]
        menu.close()
        if entry.rule is not None and entry.rule.scope.symbol not in (None, TENCENT):
            assert "for one symbol alone" in window.notice.text()
        assert muting == []
    assert board.rules == before


def test_after_a_rule_is_deleted_the_one_in_its_place_is_chosen(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    QTest.keyClick(table, Qt.Key.Key_Delete)
    window.bridge.drain()
    assert table.current() == SECOND
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert not own(board)[0].enabled


def test_what_was_done_in_the_table_is_undone_there_by_key(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    before = board.rules
    for act in (
        lambda: QTest.keyClick(table, Qt.Key.Key_Delete),
        lambda: QTest.keyClick(table, Qt.Key.Key_Space),
        lambda: QTest.keyClicks(table, "m"),
        lambda: window.rules.act("delete", next(entry for entry in board.rules if entry.is_threshold)),
        lambda: window.rules._take([FIRST.written("*: main <= -5M"), new_entry("*: net crosses 0")]),
    ):
        table.choose(FIRST.id)
        act()
        window.bridge.drain()
        assert board.rules != before
        table.setFocus()
        QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert board.rules == before
    window.intents.remove_rule(new_entry("*: net >= 5M"))  # gone meanwhile
    assert board.rules == before


def test_rules_that_a_policy_has_locked_stay_as_they_are_and_say_whose_it_is(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    before, window.intents.rules_locked = board.rules, True
    for act in (
        lambda: QTest.keyClick(table, Qt.Key.Key_Delete),
        lambda: QTest.keyClick(table, Qt.Key.Key_Space),
        lambda: window.rules.act("new", None),
        lambda: window.rules._take([FIRST.written("*: main <= -5M")]),
        lambda: window.intents.remove_rule(FIRST),
    ):
        window.notice.dismiss()
        act()
        assert window.notice.text() == "Set by your administrator: rules stay as they are."
    assert (board.rules, window.dialogs.current) == (before, None)
    window.rules.open_menu(FIRST, QPoint(0, 0))
    (menu,) = [each for each in window.findChildren(QMenu) if each.isVisible()]
    usable = {each.text().partition("\t")[0] for each in menu.actions() if each.isEnabled() and each.text()}
    assert usable == {"Show…", "Export rules…", "Channels…"}
    assert {each.toolTip() for each in menu.actions() if not each.isEnabled()} == {window.notice.text()}
    menu.close()
    QTest.keyClicks(table, "e")
    editor = window.dialogs.current
    assert isinstance(editor, RuleEditor)
    assert not editor.save.isEnabled()


def test_the_mark_of_a_row_switches_it(board: HandBoard, table: RulesTable) -> None:
    row = next(row for row, (entry, _) in enumerate(table.rules.rows) if entry.id == FIRST.id)
    box = table.visualRect(table.rules.index(row, 0))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 22, box.center().y()))
    assert not own(board)[0].enabled
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 120, box.center().y()))
    assert not own(board)[0].enabled


def test_a_threshold_is_a_row_and_its_dialog_its_editor(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    table.choose("own:700.HK")
    QTest.keyClick(table, Qt.Key.Key_Return)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    dialog.reject()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert window.intents.threshold_of(TENCENT) is Choice.INHERIT
    window.intents.undo()
    assert window.intents.threshold_of(TENCENT) == -200e6


@pytest.mark.parametrize("level", [-150e6, Share(-0.03)])
def test_the_threshold_of_a_symbol_off_the_list_is_still_edited_switched_and_deleted(
    board: HandBoard, window: MainWindow, table: RulesTable, level: Level
) -> None:
    def chosen() -> RulesTable:
        window.bridge.drain()
        window.notice.dismiss()  # what follows is no further step of the change before
        table.choose("own:9988.HK")
        return table

    window.intents.choose_threshold(GONE, level)
    QTest.keyClicks(chosen(), "e")
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    assert (GONE in board.symbols, dialog.choice()) == (False, level)
    assert dialog.said.text().endswith("HKD." if level == -150e6 else "on.")
    dialog.amount.setText("-90M")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert window.intents.threshold_of(GONE) == -90e6
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Space):
        QTest.keyClick(chosen(), key)
        assert window.intents.threshold_of(GONE) is Choice.INHERIT
        window.intents.undo()
        assert window.intents.threshold_of(GONE) == -90e6
    window.intents.choose_threshold(None, -50e6)
    window.intents.choose_threshold(GONE, Choice.NONE)
    assert window.intents.threshold_of(GONE) is Choice.NONE


def test_tab_and_menu_offer_what_can_be_done_with_a_rule(window: MainWindow, table: RulesTable) -> None:
    shown = {each.text() for each in window.detail.findChildren(QPushButton) if each.isVisible()}
    assert {"New rule", "Edit", "More…"} <= shown
    assert not {"Threshold", "Copy table"} & shown
    window.rules.open_menu(FIRST, QPoint(0, 0))
    (menu,) = [each for each in window.findChildren(QMenu) if each.isVisible()]
    assert [action.text().partition("\t")[0] for action in menu.actions()] == [
        "Edit…",
        "Duplicate…",
        "Switch off",
        "Mute for 700.HK",
        "Delete",
        "",
        "New rule…",
        "Import rules…",
        "Paste rules…",
        "Export rules…",
        "Channels…",
    ]
    menu.close()


def test_rules_are_exported_and_imported_with_a_preview(
    board: HandBoard, window: MainWindow, table: RulesTable
) -> None:
    window.rules.export_to("mine.toml")
    answers = window.services.questions
    saved = answers.saved["mine.toml"]  # type: ignore[attr-defined]
    assert read_rules(saved, "mine.toml") == (FIRST, SECOND)
    for entry in (FIRST, SECOND):
        board.remove_rule(entry.id)
    board.set_rule(FIRST.written("*: main <= -5M"))
    window.rules.import_from("mine.toml")
    sheet = window.dialogs.current
    assert isinstance(sheet, ImportSheet)
    sheet.take.click()
    assert own(board) == [FIRST, SECOND]
    window.intents.undo()
    assert texts(board) == ["*: main <= -5M"]


def test_rules_are_pasted_as_they_were_copied(board: HandBoard, window: MainWindow, table: RulesTable) -> None:
    QApplication.clipboard().setText("*: net crosses 0 band 5M\n*: net <= -5Q\n")
    window.rules.paste_rules()
    sheet = window.dialogs.current
    assert isinstance(sheet, ImportSheet)
    sheet.take.click()
    assert texts(board)[2:] == ["*: net crosses 0 band 5M"]
    window.intents.undo()
    assert own(board) == [FIRST, SECOND]
    QApplication.clipboard().setText(" ")
    window.rules.paste_rules()
    assert window.notice.text() == "The clipboard has no text. Copy rules, a line each or as TOML, first."


def test_the_user_names_the_file_and_one_that_holds_no_rules_is_said(window: MainWindow, table: RulesTable) -> None:
    for ask in (window.rules.import_rules, window.rules.export_rules):
        ask()
        dialog = asked_file(window)
        assert dialog.nameFilters() == ["Rules (*.toml)"]
        dialog.reject()
    window.services.questions.saved["x.toml"] = b"rule = 'x'\n"  # type: ignore[attr-defined]
    window.rules.import_from("x.toml")
    assert "write [[rule]] above each" in window.notice.text()
    assert window.dialogs.current is None


def test_a_rule_is_tried_on_the_symbols_it_is_for(window: MainWindow, board: HandBoard) -> None:
    asked: list[tuple[list[Symbol], str]] = []

    async def try_rule(symbols: Collection[Symbol], rule: Rule) -> Trial:
        asked.append((list(symbols), rule.text))
        if rule.level == -5e6:
            raise StorageError(Reason.of(Code.VERBATIM, text="the disk is gone"))
        return trial(-60e6) if len(symbols) == 1 else counted_trial(0, 2, 1)

    window.dialogs.services = replace(window.dialogs.services, dry_runs=try_rule)
    window.rules.new()
    assert asked == [([TENCENT], "700.HK: net/turnover <= -2% rearm 50% skip first 30m")]
    assert editor(window).past.text() == (
        "It would have alerted 3 times in the last 10 recorded sessions. Expect about twice a week."
    )
    for text in ("*: main <= -8M", "*: main <= -5M"):
        editor(window).text.setPlainText(text)
    assert asked[1] == (list(board.symbols), "*: main <= -8M")
    assert "the disk is gone" in editor(window).past.text().lower()
    editor(window).reject()
