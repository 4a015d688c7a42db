"""Recorded sessions among the broker's days, weeks and months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.domain.flow import NET, Period
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import DATES, TENCENT


def test_days_are_there_although_the_source_has_none(window: MainWindow, board: HandBoard) -> None:
    board.put(replace(board.rows[TENCENT], periods=frozenset({Period.INTRADAY})))
    window._flows_changed(frozenset({TENCENT}))
    assert window.chart.head._buttons[Period.DAY].isVisible()
    window.choose_period(Period.DAY)
    plot = window.chart.chart.history
    assert plot.days == list(DATES)
    assert plot.readout(plot.series, 0).note == "recorded here: the broker has none"
    broken_off = DATES.index(date(2026, 11, 17))
    assert plot.bars.hollow == (broken_off,)
    assert plot.readout(plot.series, broken_off).note == "recorded here in part: the broker has none"
    assert window.chart.shown().series.values[NET].tolist() == plot.series.values[NET].tolist()


def test_enter_shows_the_day_under_the_crosshair_minute_by_minute(window: MainWindow) -> None:
    window.choose_period(Period.DAY)
    chart = window.chart.chart
    chart.history.stand(len(DATES))
    QTest.keyClick(chart, Qt.Key.Key_Return)
    assert window.chart.period is Period.INTRADAY
    assert window.recorded.date == date(2026, 11, 19)
    window.choose_period(Period.WEEK)
    chart.history.stand(0)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    assert window.chart.period is Period.WEEK
