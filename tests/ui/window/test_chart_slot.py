"""The chart in its window: built late, asked for periods, and its line a threshold."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import TENCENT, open_window, shut


def test_the_line_in_the_chart_is_the_threshold(window: MainWindow, board: HandBoard, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    assert window.chart.chart is not None
    window.chart.chart.threshold_changed.emit(-222e6)
    assert board.rows[TENCENT].threshold == -222e6


def test_the_chart_is_built_behind_the_first_paint(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    with qtbot.waitSignal(window.chart.built, timeout=10_000):
        assert window._painted
    shut(window)


def test_escape_counts_from_the_open_again_also_where_the_list_has_the_keyboard(
    window: MainWindow, board: HandBoard, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    chart = window.chart.chart
    assert chart is not None
    chart.set_anchor(10)
    assert chart.plot.data is not None
    assert chart.plot.data.anchor == 10
    window.watchlist.setFocus()
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Escape)
    assert chart.plot.data.anchor is None


def test_periods_are_asked_for_when_they_are_looked_at(window: MainWindow, qtbot: QtBot) -> None:
    asked: list[tuple[object, object]] = []
    window.intents.history_requested.connect(lambda symbol, period: asked.append((symbol, period)))
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    window.go_to(Symbol.parse("3690.HK"))
    assert asked == [(TENCENT, Period.WEEK), (Symbol.parse("3690.HK"), Period.WEEK)]
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert window.chart.period is Period.INTRADAY
    assert len(asked) == 2
