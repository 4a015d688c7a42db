"""Several charts, one minute."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.crosshair import Readout
from capflow_gui.ui.flow_views.crosshair_hub import CrosshairHub
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md


def test_a_crosshair_stands_on_the_same_minute_in_every_chart_that_has_it(qtbot: QtBot, theme: Theme) -> None:
    hub = CrosshairHub()
    charts = []
    for lines, day in ((243, md.hk_day()), (100, md.hk_day()), (331, md.us_day())):
        chart = FlowChart(theme)
        qtbot.addWidget(chart)
        chart.resize(700, 500)
        with qtbot.waitExposed(chart):
            chart.show()
        chart.show_row(md.row(md.flow(lines, day=day), day=day), 0.0)
        chart.link(hub)
        charts.append(chart)
    first, short, american = charts
    read: list[Readout | None] = []
    short.readout_changed.connect(read.append)
    told: list[object] = []
    hub.moved.connect(lambda _chart, label: told.append(label))
    first.pointer.stand(60)
    assert [chart.pointer.index for chart in charts] == [60, 60, None], "New York sleeps"
    assert read[-1] is not None, "a chart that follows reads out in its head: nothing hides its curves"
    assert read[-1].title == "10:30"
    first.pointer.stand(200)
    assert [chart.pointer.index for chart in charts] == [200, None, None], "its session has no such minute yet"
    first.pointer.stand(70)
    QTest.keyClick(short, Qt.Key.Key_Left)
    assert [chart.pointer.index for chart in charts] == [69, 69, None]
    short.pointer.leave()
    assert [chart.pointer.index for chart in charts] == [None] * 3
    assert told == [md.at(10, 30), md.at(13, 50), md.at(10, 40), md.at(10, 39), None], "who follows tells nobody"
    american.pointer.stand(5)
    assert first.pointer.index is None
