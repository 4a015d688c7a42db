"""The toolbar says whether data are simulated."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import open_window, shut


def test_simulated_is_on_the_window(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    board.simulated = True
    window = open_window(board)
    assert window.windowTitle() == "SIMULATED – Capflow"
    assert window.toolbar.simulated.isVisible()
    shut(window)


def test_real_data_is_not(window: MainWindow) -> None:
    assert window.windowTitle() == "Capflow"
    assert not window.toolbar.simulated.isVisible()
