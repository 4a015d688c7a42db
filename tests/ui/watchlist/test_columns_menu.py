"""Columns chosen, moved and sized by mouse, key and name, and brought back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHeaderView
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from capflow_gui.settings import Settings, WindowSettings
from capflow_gui.ui.models.columns import DEFAULT, Column, ColumnChoice, SortOrder
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.columns_menu import ColumnsMenu, fit_all
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.watchlist.seen_rows import BYD, MEITUAN, TENCENT
from tests.ui.window_fixture import open_window, shut

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def menu(window: MainWindow) -> Iterator[ColumnsMenu]:
    """Opened by its key."""
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    opened = QApplication.activePopupWidget()
    assert isinstance(opened, ColumnsMenu)
    yield opened
    if isValid(opened):
        opened.close()


def drag(header: QHeaderView, begin: int, end: int) -> None:
    """From one x to another."""
    view = header.viewport()
    QTest.mouseMove(view, QPoint(begin, 10))
    QTest.mousePress(view, LEFT, pos=QPoint(begin, 10))
    for x in (begin + (end - begin) // 2, end):
        QTest.mouseMove(view, QPoint(x, 10))
    QTest.mouseRelease(view, LEFT, pos=QPoint(end, 10))


def test_columns_are_shown_moved_and_sized_by_key_while_the_menu_stays_open(
    window: MainWindow, menu: ColumnsMenu
) -> None:
    table = window.watchlist.table
    table.select(BYD)
    main = next(action for action in menu.actions() if action.text() == "Main")
    menu.setActiveAction(main)
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert table.choice.order[2:4] == (Column.NET, Column.MAIN)
    assert (main.isChecked(), menu.isVisible(), window.current_symbol()) == (True, True, BYD)
    change = next(action for action in menu.actions() if action.text().startswith("Change"))
    assert change.text() == "Change (no room)"
    net = next(action for action in menu.actions() if action.text() == "Net")
    menu.setActiveAction(net)
    QTest.keyClick(menu, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert table.choice.order[1:4] == (Column.NET, Column.TODAY, Column.MAIN)
    assert menu.actions()[0] is net is menu.activeAction()
    QTest.keyClicks(menu, "++")
    assert table.choice.widths[Column.NET] == 120
    QTest.keyClicks(menu, "-0")
    assert 60 < table.choice.widths[Column.NET] < 112
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(main).center())
    assert (Column.MAIN in table.choice.order, menu.isVisible()) == (False, True)
    next(action for action in menu.actions() if action.text() == "Reset columns").trigger()
    assert table.choice == ColumnChoice()


def test_the_window_of_the_change_is_said_in_the_header(window: MainWindow, menu: ColumnsMenu) -> None:
    over = next(action.menu() for action in menu.actions() if action.text() == "Δ over")
    next(action for action in over.actions() if action.text() == "60 min").trigger()
    table = window.watchlist.table
    assert table.header.label(Column.DELTA) == "Δ 60 min, M"
    place = table.choice.order.index(Column.DELTA)
    assert window.watchlist.model.headerData(place, Qt.Orientation.Horizontal) == "Δ 60 min"


def test_a_column_is_moved_by_a_drag_of_its_header_and_sized_at_its_edge(window: MainWindow) -> None:
    table, header = window.watchlist.table, window.watchlist.table.header
    window.go_to(TENCENT)
    table.selectAll()
    left = header.sectionViewportPosition

    def end(column: Column) -> int:
        place = table.choice.order.index(column)
        return left(place) + header.sectionSize(place)

    order = window.watchlist.model.sort_order
    drag(header, left(3) + 30, left(2) + 10)
    assert table.choice.order[:5] == (Column.SYMBOL, Column.TODAY, Column.TURNOVER, Column.NET, Column.DELTA)
    assert [header.logicalIndex(place) for place in range(8)] == list(range(8))
    assert (window.current_symbol(), set(table.selected_symbols())) == (TENCENT, {TENCENT, MEITUAN, BYD})
    drag(header, left(3) + 30, 5)
    assert table.choice.order[:3] == (Column.SYMBOL, Column.NET, Column.TODAY)
    net = header.sectionSize(1)
    drag(header, end(Column.NET) - 1, end(Column.NET) + 29)
    assert (header.sectionSize(1), table.choice.widths) == (net + 30, {Column.NET: net + 30})
    assert window.watchlist.model.sort_order == order, "a drag is no click"
    QTest.mouseDClick(header.viewport(), LEFT, pos=QPoint(end(Column.NET) - 1, 10))
    assert header.sectionSize(1) < net
    assert end(Column.AGE) == table.viewport().width()


def test_a_right_click_on_a_header_offers_what_can_be_done_with_it(window: MainWindow) -> None:
    window.watchlist._open_header_menu(Column.DELTA, QPoint(10, 10))
    opened = QApplication.activePopupWidget()
    assert isinstance(opened, ColumnsMenu)
    assert opened.actions()[0].text() == "Hide the column"
    opened.actions()[0].trigger()
    opened.close()
    assert Column.DELTA not in window.watchlist.table.choice.order

    def by_name(name: str) -> None:
        next(command for command in window.keys.commands() if command.name == name).run()

    by_name("Show or hide a column: Δ 5 min")
    by_name("Move the column to the left: Δ 5 min")
    by_name("Δ over: 15 min")
    by_name("Make the column wider: Net")
    choice = window.watchlist.table.choice
    assert choice.order[3:5] == (Column.DELTA, Column.TURNOVER)
    assert (choice.minutes, choice.widths) == (15, {Column.NET: 112})
    by_name("Fit all widths to the figures")
    assert {Column.SYMBOL, Column.NET, Column.DELTA} <= set(window.watchlist.table.choice.widths)
    by_name("Reset columns")
    assert window.watchlist.table.choice == ColumnChoice()


def test_several_keys_by_shift_and_by_the_menu(window: MainWindow) -> None:
    panel, header = window.watchlist, window.watchlist.table.header
    shift = Qt.KeyboardModifier.ShiftModifier
    for column, keys in ((Column.NET, Qt.KeyboardModifier.NoModifier), (Column.CHANGE, shift), (Column.CHANGE, shift)):
        x = header.sectionViewportPosition(DEFAULT.index(column)) + 20
        QTest.mouseClick(header.viewport(), LEFT, keys, QPoint(x, 10))
    assert str(panel.model.sort_order) == "net:asc,change:desc"
    assert (header.label(Column.NET), header.label(Column.CHANGE)) == ("Net, HKD M ↑¹", "Change ↓²")
    panel.open_sort_menu()
    menu = QApplication.activePopupWidget()
    then = next(action.menu() for action in menu.actions() if action.text() == "Then by")
    next(action for action in then.actions() if action.text() == "Age, oldest first").trigger()
    menu.close()
    assert str(panel.model.sort_order) == "net:asc,change:desc,age:desc"
    assert panel.model.order_words() == "Net, lowest first; then Change, highest first; then Age, oldest first"


def test_pinned_rows_columns_and_order_survive_a_restart(
    board: HandBoard, window: MainWindow, theme: Theme, qtbot: QtBot
) -> None:
    panel = window.watchlist
    panel.table.select(BYD)
    QTest.keyClick(panel.table, Qt.Key.Key_I, Qt.KeyboardModifier.ShiftModifier)
    assert [figures.row.symbol for figures in panel.model.shown()] == [BYD, MEITUAN, TENCENT]
    assert window.current_symbol() == BYD
    choice = ColumnChoice().toggled(Column.MAIN).moved(Column.AGE, -4).sized(Column.NET, 111).over(15)
    panel.table.set_choice(choice)
    panel.sort(SortOrder.parse("net:desc,age:asc"))
    kept = window.kept_state()
    other = open_window(board, Settings(window=kept))
    assert other.watchlist.table.choice == choice
    assert str(other.watchlist.model.sort_order) == "net:desc,age:asc"
    assert [figures.row.symbol for figures in other.watchlist.model.shown()] == [BYD, MEITUAN, TENCENT]
    other.watchlist.table.grab()
    assert other.kept_state().columns == kept.columns
    QTest.keyClick(other.watchlist.table, Qt.Key.Key_I, Qt.KeyboardModifier.ShiftModifier)
    assert BYD not in other.watchlist.model.pinned
    shut(other)
    odd = WindowSettings(columns=["net:wide", "x", "main"], sort="?", delta_minutes=7, pinned=["700.HK"])
    last = open_window(board, Settings(window=odd))
    assert last.watchlist.table.choice == ColumnChoice((Column.SYMBOL, Column.NET, Column.MAIN))
    assert last.watchlist.model.pinned == {TENCENT}
    shut(last)


def test_a_column_that_found_no_room_stays_as_wide_as_it_was(window: MainWindow) -> None:
    table = window.watchlist.table
    table.set_choice(ColumnChoice().ordered(Column))
    assert table.width() < 900
    fit_all(table)
    assert Column.NET in table.choice.widths
    assert Column.TRADED not in table.choice.widths
