"""Days, weeks and months as bars."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from capflow_gui.domain.flow import Period
from capflow_gui.feed.board import Freshness, HistoryState
from capflow_gui.ui.chart.chart import FlowChart
from tests.ui import market_day as md
from tests.ui.chart.bars import history
from tests.ui.chart.gestures import settle, whole_button


def test_bars_of_periods_fit_their_height_and_come_back_by_a_double_click(chart: FlowChart) -> None:
    series = history(Period.DAY)
    values = series.values.copy()
    values[:, 10] *= 40
    series = msgspec.structs.replace(series, values=values)
    chart.show_history(HistoryState(series=series), Period.DAY)
    settle()
    plot = chart.history
    whole = plot.frame(plot.bars_plot)
    plot.bars_plot.getViewBox().scaleBy(x=0.3, center=(50, 0))
    settle()
    assert plot.frame(plot.bars_plot).y.size < whole.y.size / 3
    assert whole_button(chart).isVisible()
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    settle()
    assert plot.frame(plot.bars_plot) == whole
    assert not whole_button(chart).isVisible()


def test_periods_are_bars_with_a_readout(chart: FlowChart) -> None:
    chart.show_history(HistoryState(loading=True), Period.DAY)
    assert "first answer" in chart.accessibleDescription()
    series = history(Period.DAY)
    chart.show_history(HistoryState(series=series), Period.DAY)
    settle()
    assert "0" in chart.history.money.texts
    assert chart.history.time.texts
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.history.index == 59
    readout = chart.history.readout(series, 59)
    assert readout.lines[0].values == (series.net[59],)
    chart.show_period(Period.INTRADAY)
    assert chart.pointer.index is None
    assert "since the open" in chart.accessibleDescription()


def test_the_period_that_still_runs_is_hollow(chart: FlowChart) -> None:
    series = history(Period.DAY)
    assert datetime.fromtimestamp(int(series.timestamps[-1]), md.HK).date() == md.DAY
    chart.show_history(HistoryState(series=series), Period.DAY)
    assert chart.history.bars.hollow == (len(series) - 1,)
    closed = md.row(md.flow(331), freshness=Freshness.CLOSED)
    chart.show_row(closed, 0.0)
    chart.show_history(HistoryState(series=msgspec.structs.replace(series)), Period.DAY)
    assert chart.history.bars.hollow == ()


def test_periods_say_which_damaged_sessions_they_lack(chart: FlowChart) -> None:
    series = history(Period.WEEK)
    values = series.values.copy()
    values[:, 3] = np.nan
    series = msgspec.structs.replace(series, values=values)
    days = [date(2026, 11, day) for day in (2, 3, 4, 5)]
    recorded = {2: (), 3: days[:1], 4: days}
    chart.show_history(HistoryState(series=series), Period.WEEK, recorded)
    settle()
    plot = chart.history
    assert plot.readout(series, 2).note == "recorded here in part: the broker has none"
    assert plot.readout(series, 3).note == "no figure, damaged: 2 Nov"
    assert plot.readout(series, 4).note == "in part, damaged: 2 Nov, 3 Nov, 4 Nov and 1 more"
    told = chart.accessibleDescription()
    assert "damaged and left out: Mon 2 Nov 2026" in told
    assert "Thu 5 Nov 2026" in told
    with_crosses = chart.grab().toImage()
    chart.show_history(HistoryState(series=series), Period.WEEK, dict.fromkeys(recorded, ()))
    settle()
    assert "damaged" not in chart.accessibleDescription()
    assert chart.grab().toImage() != with_crosses
