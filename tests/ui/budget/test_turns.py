"""The table of who is next."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication

from capflow_gui.feed.poll_budget import CallMark
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.budget.budgets import poll_budget
from tests.ui.budget.test_view import opened


def test_the_table_follows_without_losing_its_place(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    QApplication.processEvents()
    view = opened(window)
    view.turns.selectRow(3)
    now = board.poll_budgets[0]
    board.poll_budgets = (replace(now, turns=now.turns[::-1]),)
    view.refresh()
    assert [index.row() for index in view.turns.selectionModel().selectedRows()] == [3]
    board.poll_budgets = (replace(now, turns=(), waiting=(), calls=(CallMark("capital_flow", 99.0, refused=True),)),)
    view.refresh()
    assert view.turns.turns.rowCount() == 0
    view.strip.grab()


def test_figures_stand_at_the_right_and_nothing_is_below_a_row(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    QApplication.processEvents()
    turns = opened(window).turns.turns
    right = turns.data(turns.index(0, 1), Qt.ItemDataRole.TextAlignmentRole)
    assert right & Qt.AlignmentFlag.AlignRight
    assert turns.headerData(3, Qt.Orientation.Horizontal) == "Why"
    assert turns.headerData(0, Qt.Orientation.Vertical) is None
    assert turns.rowCount(turns.index(0, 0)) == turns.columnCount(turns.index(0, 0)) == 0
    assert turns.data(QModelIndex()) is None


def test_without_room_columns_give_way_and_codes_stay_whole(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    turns = opened(window).turns
    turns.fit_columns(600)
    wide = [turns.columnWidth(place) for place in range(4)]
    turns.fit_columns(turns.wanted_width - 50)
    narrow = [turns.columnWidth(place) for place in range(4)]
    assert sum(narrow) == turns.wanted_width - 50
    assert narrow[0] == wide[0]
    turns.fit_columns(0)
    assert sum(turns.columnWidth(place) for place in range(4)) == turns.minimumWidth()
