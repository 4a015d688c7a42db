"""Many pasted words: what they were understood as is shown before anything is added."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import TypedSymbols, read_symbols
from capflow_gui.ui.watchlist.group_tabs import key_of_group
from capflow_gui.ui.watchlist.pasted import PastedSheet
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of

TENCENT = Symbol.parse("700.HK")


def pasted(window: MainWindow, text: str) -> PastedSheet:
    QApplication.clipboard().setText(text)
    window.lists.paste()
    sheet = window.dialogs.current
    assert isinstance(sheet, PastedSheet)
    return sheet


def rows(sheet: PastedSheet) -> list[tuple[str, ...]]:
    items = [[sheet.table.item(row, column) for column in range(2)] for row in range(sheet.table.rowCount())]
    return [tuple("" if item is None else item.text() for item in row) for row in items]


def test_what_is_new_there_already_or_no_symbol_is_told_and_can_be_corrected(
    window: MainWindow, board: HandBoard
) -> None:
    sheet = pasted(window, "HK.00700\n5.HK\n830799.BJ\n5.HK\n9988.HK")
    assert rows(sheet) == [
        ("HK.00700", "700.HK Tencent Holdings · on the list already"),
        ("5.HK", "5.HK · new"),
        ("830799.BJ", "no symbol: Beijing's exchange is not covered; markets: HK, US, SH, SZ, SG"),
        ("5.HK", "5.HK · a second time"),
        ("9988.HK", "9988.HK · new"),
    ]
    assert sheet.said.text() == "2 symbols to add · 1 on the list already · 1 no symbol"
    assert (sheet.windowTitle(), sheet.add_button.text()) == ("Add symbols to the list – Capflow", "Add 2 symbols")
    sheet.text.setPlainText("700.HK 3690.HK")
    assert (sheet.add_button.isEnabled(), sheet.said.text()) == (False, "0 symbols to add · 2 on the list already")
    sheet.text.setPlainText("388.HK")
    QTest.keyClick(sheet.add_button, Qt.Key.Key_Return)
    assert window.dialogs.current is None
    assert str(board.symbols[-1]) == "388.HK"
    assert window.notice.text() == "Added 388.HK."
    window.intents.undo()
    assert len(board.symbols) == 3


def test_on_a_low_screen_the_table_scrolls_and_what_is_added_is_in_sight(window: MainWindow) -> None:
    sheet = pasted(window, " ".join(f"{number}.HK" for number in range(1, 41)))
    sheet.resize(640, 430)
    QApplication.processEvents()
    assert sheet.said.visibleRegion().boundingRect() == sheet.said.rect()
    assert sheet.table.verticalScrollBar().maximum() > 0


def test_into_a_group_goes_what_is_new_in_it(window: MainWindow, board: HandBoard) -> None:
    board.set_groups(Groups((Group("Core", (TENCENT,)),)))
    window.bridge.drain()
    window.watchlist.tabs.choose(key_of_group("Core"))
    sheet = pasted(window, "700.HK 3690.HK 388.HK 1211.HK")
    assert [row[1] for row in rows(sheet)] == [
        "700.HK Tencent Holdings · in Core already",
        "3690.HK Meituan-W · on the list already, new here",
        "388.HK · new",
        "1211.HK BYD · on the list already, new here",
    ]
    sheet.add_button.click()
    core = board.groups.get("Core")
    assert core is not None
    assert list(map(str, core.symbols)) == ["700.HK", "3690.HK", "388.HK", "1211.HK"]
    assert window.notice.text() == "Added 3 symbols to Core."


def test_a_few_words_and_words_of_which_none_is_a_symbol_are_shown_as_no_list(window: MainWindow) -> None:
    for text in ("700.HK 5.HK 9988.HK", "what is this supposed to be?"):
        window.lists.add_typed(text)
        assert window.dialogs.current is None
    assert "was not added" in window.notice.text() or "were not added" in window.notice.text()


def test_no_row_is_higher_than_its_text_needs(window: MainWindow, board: HandBoard) -> None:
    """Also where a text fits only without the scroll bar that higher rows made a moment ago."""
    for letters in range(24, 60):
        board.put(row_of("700.HK", "W" * letters, -1e6, 1e9))
        sheet = pasted(window, "700.HK\n" + "\n".join(f"{code}.HK" for code in range(2, 9)))
        QApplication.processEvents()
        heights = [sheet.table.rowHeight(row) for row in range(sheet.table.rowCount())]
        sheet.table.resizeRowsToContents()
        assert heights == [sheet.table.rowHeight(row) for row in range(sheet.table.rowCount())], letters
        sheet.reject()


def test_of_very_many_words_the_first_are_shown_and_all_are_added(window: MainWindow, board: HandBoard) -> None:
    sheet = pasted(window, " ".join(f"{number}.HK" for number in range(2001, 2301)))
    assert rows(sheet)[199:] == [("2200.HK", "2200.HK · new"), ("", "and 100 more")]
    assert sheet.add_button.text() == "Add 300 symbols"
    sheet.text.setPlainText("2001.HK 2002.HK")
    assert len(rows(sheet)) == 2
    sheet.add_button.click()
    assert len(board.symbols) == 5


def test_what_was_pasted_is_read_once_and_again_when_it_is_edited(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []

    def noted(text: str) -> TypedSymbols:
        again.append(text)
        return read_symbols(text)

    monkeypatch.setattr("capflow_gui.ui.watchlist.pasted.read_symbols", noted)
    sheet = pasted(window, "700.HK 5.HK 9988.HK 388.HK")
    assert (again, len(rows(sheet))) == ([], 4)
    sheet.text.setPlainText("388.HK")
    assert (again, len(rows(sheet))) == (["388.HK"], 1)


def test_a_long_text_is_read_in_turns_and_another_one_takes_its_place(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the box nor the sheet reads it at once, and nothing is added before it is read."""
    sheets: list[int] = []
    text = " ".join(f"{number}.HK" for number in range(2001, 3001))
    window.toolbar.search.begin(text)
    (entry,) = window.toolbar.search.entries()
    assert entry.text == "Show what the pasted text is understood as"
    entry.run()
    sheet = window.dialogs.current
    assert isinstance(sheet, PastedSheet)
    assert (sheet.said.text(), sheet.add_button.isEnabled(), rows(sheet)) == ("Reading what was pasted…", False, [])
    monkeypatch.setattr(sheet, "_show", lambda typed: sheets.append(len(typed.read)))
    for _turn in range(3):
        QApplication.processEvents()
    assert sheets == []
    monkeypatch.undo()
    sheet.text.setPlainText(f"{text} 700.HK")
    qtbot.waitUntil(sheet.add_button.isEnabled)
    assert sheet.said.text() == "1,000 symbols to add · 1 on the list already"
    assert rows(sheet)[199:] == [("2200.HK", "2200.HK · new"), ("", "and 801 more")]
    sheet.text.setPlainText(text)
    sheet.text.setPlainText("2001.HK")
    assert (sheet.add_button.text(), rows(sheet)) == ("Add 1 symbol", [("2001.HK", "2001.HK · new")])
    for _turn in range(100):
        QApplication.processEvents()
    assert sheet.add_button.text() == "Add 1 symbol"
    sheet.reject()


def test_a_word_of_hundreds_of_letters_leaves_room_for_what_it_was_understood_as(window: MainWindow) -> None:
    sheet = pasted(window, f"5.HK 388.HK {'Z' * 500} {'9' * 400}.HK 9988.HK")
    QApplication.processEvents()
    short, digits = "Z" * 23 + "…", "9" * 23 + "…"
    letters, numbers = rows(sheet)[2:4]
    assert (letters[0], numbers[0]) == (short, digits)
    assert letters[1].startswith("no symbol: no market in this symbol")
    assert numbers[1].startswith(f"no symbol: '{digits}' is not a stock code")
    assert sheet.table.horizontalScrollBar().maximum() == 0
    assert sheet.text.toPlainText().count("Z") == 500
