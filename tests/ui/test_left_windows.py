"""What a test that failed has left is taken away, and the next one can go on."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import delete, open_window


def test_a_window_with_a_chart_is_deleted_with_all_that_qt_has_made_for_it(
    board: HandBoard, theme: Theme, qtbot: QtBot
) -> None:
    before = set(QApplication.topLevelWidgets())
    window = open_window(board)
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    left = [each for each in QApplication.topLevelWidgets() if each not in before]
    assert QWidget in map(type, left)
    delete([*(each for each in left if each is not window), window])
    assert set(QApplication.topLevelWidgets()) <= before
