"""What the main window lends."""

from __future__ import annotations

from PySide6.QtCore import Qt

from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT


def test_it_knows_the_list_as_it_is_sorted_and_brings_the_window_up(window: MainWindow, board: HandBoard) -> None:
    home = window.views.home
    assert home.order() == [figures.row.symbol for figures in window.watchlist.model.shown()]
    assert home.selected() == TENCENT
    assert home.theme is window.dialogs.theme
    window.setWindowState(Qt.WindowState.WindowMinimized)
    home.go_to(board.symbols[1])
    assert not window.isMinimized()
    assert window.current_symbol() == board.symbols[1]


def test_it_acknowledges_the_alerts_of_one_symbol(window: MainWindow, board: HandBoard) -> None:
    for number, symbol in enumerate(board.symbols):
        board.raise_alert(alert_of(board.rows[symbol], number=number))
    window.views.home.acknowledge(TENCENT)
    assert [record.symbol for record in board.alerts if record.acknowledged] == [TENCENT]
