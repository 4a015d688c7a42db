"""A plot of one pane: where its crosshair stands, by keys and by other charts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.domain.flow import Period
from capflow_gui.feed.board import HistoryState
from capflow_gui.ui.chart.chart import FlowChart
from tests.ui.chart.bars import history
from tests.ui.chart.gestures import settle


def test_a_zoomed_view_follows_the_keys_and_the_crosshair_of_another_chart_has_no_table_here(chart: FlowChart) -> None:
    chart.show_history(HistoryState(series=history(Period.DAY)), Period.DAY)
    settle()
    plot, told = chart.history, list[int | None]()
    plot.moved = told.append
    plot.zoom(0.3, 50)
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert (plot.index, plot.zoomed) == (0, True)
    assert plot.frame(plot.pane).x.holds(0)
    assert plot._has_table
    plot.follow(plot.place(plot.label(7)))
    assert (plot.index, plot._has_table) == (7, False)
    plot.leave()
    assert plot.index is None
    assert told == [0], "what only follows says nothing"
    plot.follow(None)
    assert plot.place((Period.WEEK, plot.days[7])) is None
