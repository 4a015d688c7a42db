"""Where a window goes."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.settings import Settings
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import open_window, shut


def test_a_window_left_on_a_screen_that_is_gone_is_brought_back(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    window.move(QPoint(9000, 9000))
    QApplication.processEvents()
    kept = window.kept_state()
    shut(window)
    again = open_window(board, Settings(window=kept))
    screen = QApplication.primaryScreen().availableGeometry()
    assert screen.contains(again.pos())
    shut(again)
