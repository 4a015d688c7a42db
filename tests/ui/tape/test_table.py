from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from capflow_gui.present.tape.words import NO_EVENT, NO_EVENT_PLAYED, NOT_FOUND
from capflow_gui.ui.tape.filter import TapeFilter
from capflow_gui.ui.tape.model import TapeColumn
from capflow_gui.ui.tape.table import TapeTable
from capflow_gui.ui.theme import Theme, apply_theme
from tests.ui.boards import HandBoard, row_of


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(row_of("700.HK", "Tencent", -263.2e6, 7056e6), row_of("5.HK", "HSBC", 3e6, 9e8))


@pytest.fixture
def table(board: HandBoard, theme: Theme, qtbot: QtBot) -> TapeTable:
    made = TapeTable(board, theme)
    qtbot.addWidget(made)
    made.resize(700, 200)
    made.show()
    return made


def test_an_empty_tape_says_what_will_stand_there(table: TapeTable, board: HandBoard) -> None:
    assert (table._nothing.isVisible(), table._nothing.text()) == (True, NO_EVENT)
    table.say_where_empty(NO_EVENT_PLAYED)
    assert table._nothing.text() == NO_EVENT_PLAYED
    board.fill_tape()
    table.reload()
    assert not table._nothing.isVisible()
    table.show_only(TapeFilter(least=1e15))
    assert (table._nothing.isVisible(), table._nothing.text()) == (True, NOT_FOUND)


def test_a_click_and_enter_go_to_the_minute_and_other_keys_to_the_window(table: TapeTable, board: HandBoard) -> None:
    board.fill_tape()
    table.reload()
    chosen: list[TapeEvent] = []
    table.line_chosen.connect(chosen.append)
    place = table.visualRect(table.tape.index(1, TapeColumn.KIND)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    QTest.keyClick(table, Qt.Key.Key_A)
    assert chosen == table.tape.events[1:3]


def test_the_chosen_event_stays_chosen_when_others_come(table: TapeTable, board: HandBoard) -> None:
    board.fill_tape()
    table.reload()
    whole = table.tape.events
    chosen = whole[4]
    table.tape.events = whole[2:]
    table.tape.layoutChanged.emit()
    table.selectRow(2)
    table.verticalScrollBar().setValue(1)
    table.reload()
    assert table.tape.events[table.selectionModel().selectedRows()[0].row()] == chosen
    assert table.verticalScrollBar().value() == 3
    table.show_only(TapeFilter(symbol=chosen.symbol))
    assert table.tape.events[table.selectionModel().selectedRows()[0].row()] == chosen


def test_where_there_is_no_room_what_happened_goes_and_sizes_stay(table: TapeTable, board: HandBoard) -> None:
    board.fill_tape()
    table.reload()
    gone = []
    for width in (800, 360):
        table.resize(width, 200)
        QApplication.processEvents()
        gone.append(table.isColumnHidden(TapeColumn.WORDS))
    assert gone == [False, True]


def test_the_filter_is_a_menu_of_the_chosen_symbol(table: TapeTable, board: HandBoard) -> None:
    board.fill_tape()
    filtered: list[bool] = []
    table.filtered.connect(lambda: filtered.append(True))
    table.selected = lambda: Symbol.parse("5.HK")
    table.open_filter(QPoint(0, 0))
    menu = table.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert menu.accessibleName() == "Filter of the tape"
    next(action for action in menu.actions() if action.text() == "Only 5.HK").trigger()
    menu.close()
    assert {str(event.symbol) for event in table.tape.events} == {"5.HK"}
    assert filtered == [True]


def test_the_keyboard_begins_at_the_newest_event(table: TapeTable, board: HandBoard) -> None:
    board.fill_tape()
    table.reload()
    table.focusInEvent(QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.ShortcutFocusReason))
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]


def test_the_table_is_copied_as_text(table: TapeTable, board: HandBoard) -> None:
    board.fill_tape()
    table.show_only(TapeFilter(kinds=frozenset({TapeKind.BURST})))
    table.copy()
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == len(table.tape.events) + 1
    assert all("\tBurst\t" in line for line in lines[1:])


def test_no_part_of_a_row_is_shown_at_any_height(table: TapeTable) -> None:
    for height in range(60, 300, 7):
        whole = table.whole_rows(height)
        assert whole <= height
        assert table.whole_rows(whole) == whole
    assert table.whole_rows(10) == 10
    assert table.minimumSizeHint().height() <= table.whole_rows(table.minimumSizeHint().height())


def test_the_selected_row_keeps_the_colours_of_its_directions(
    table: TapeTable, board: HandBoard, theme: Theme, qapp: QApplication
) -> None:
    apply_theme(qapp, theme)
    board.fill_tape()
    table.reload()
    row = next(row for row, event in enumerate(table.tape.events) if event.size < 0)
    table.selectRow(row)
    place = table.visualRect(table.tape.index(row, TapeColumn.SIZE))
    image = table.viewport().grab(place).toImage()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert theme.raised.name() in seen
    assert table.tape.theme.direction(-1.0, true=True).name() in seen
    assert theme.text.name() not in seen
