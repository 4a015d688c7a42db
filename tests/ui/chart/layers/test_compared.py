"""Several symbols on one axis, as shares of their turnover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as replace_series
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Flag
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.layers.compared import compared_line
from capflow_gui.ui.flow_views.crosshair_hub import CrosshairHub
from capflow_gui.ui.theme import build_theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import settle, whole_button

SERIES = md.flow(243)


def row(code: str, *, seed: int = 7, lines: int = 243, **facts: object) -> Row:
    return replace(md.row(md.flow(lines, seed=seed)), symbol=Symbol.parse(code), **facts)  # type: ignore[arg-type]


def test_a_line_is_net_as_a_share_of_turnover_in_hundredths_of_a_per_cent() -> None:
    line = compared_line(row("700.HK", turnover=1e10), md.hk_day(), link_ready=True)
    assert (line.name, line.true, line.lacks) == ("700.HK", True, "")
    assert line.shares[:243] == pytest.approx(SERIES.net / 1e10 * 1e4)
    assert np.isnan(line.shares[243:]).all()
    assert not compared_line(row("700.HK", freshness=Freshness.STALE), md.hk_day(), link_ready=True).true
    assert not compared_line(row("700.HK"), md.hk_day(), link_ready=False).true


def test_a_symbol_without_a_share_says_why() -> None:
    day = md.hk_day()
    flagged = replace_series(SERIES, flags=Flag.PER_MINUTE)
    cases = (
        ({"turnover": None}, "turnover not known"),
        ({"series": None, "day": None}, "no lines yet"),
        ({"series": flagged}, "no running total"),
    )
    for facts, why in cases:
        line = compared_line(row("700.HK", **facts), day, link_ready=True)
        assert (line.lacks, line.true) == (why, False)
        assert np.isnan(line.shares).all()


def test_a_session_of_another_day_is_laid_by_its_own_minutes_and_says_so() -> None:
    american = replace(md.row(md.flow(100, day=md.us_day()), day=md.us_day()), symbol=Symbol.parse("AAPL.US"))
    early = replace(american, day=replace(md.us_day(), day=md.DAY.replace(day=19)))
    line = compared_line(early, md.hk_day(), link_ready=True)
    assert line.name == "AAPL.US (Thu 19 Nov)"
    assert np.isfinite(line.shares[:100]).all()
    assert len(line.shares) == 331


def test_lines_are_named_and_read_and_one_that_is_not_true_is_grey(chart: FlowChart) -> None:
    rows = [row("700.HK"), row("388.HK", seed=3), row("981.HK", seed=5, freshness=Freshness.STALE)]
    rows.append(row("5.HK", turnover=None))
    chart.show_compared([(each, True) for each in rows])
    settle()
    plot = chart.compare
    assert chart.plotted is plot
    assert set(plot.marks.boxes("name ")) == {"name 0", "name 1", "name 2"}
    told = chart.accessibleDescription()
    assert "5.HK turnover not known" in told
    assert f"700.HK {plot.share_told(0)}" in told
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(chart, key)
    assert plot.index == 241
    readout = plot.readout(241)
    assert (readout.title, [line.name for line in readout.lines]) == ("14:31", [each.name for each in plot.lines])
    assert readout.lines[0].figures[0] == f"{SERIES.net[241] / 7.06e9 * 100:.2f}%".replace("-", "−")
    assert readout.lines[3].figures == ("–", "–")
    assert plot._dressed.curve[2].color() == chart._theme.none
    assert plot._dressed.curve[1].color() != chart._theme.none
    chart.show_compared([(replace(each, freshness=Freshness.LIVE), True) for each in rows])
    assert plot._dressed.curve[2].color() != chart._theme.none
    assert plot.index == 241, "a reply takes no crosshair away"


def test_it_is_zoomed_like_a_session_and_keeps_its_names_in_view(chart: FlowChart) -> None:
    chart.show_compared([(row("700.HK"), True), (row("388.HK", seed=3), True)])
    settle()
    plot = chart.compare
    chart.resize(700, 500)
    settle()
    whole = plot.frame(plot.pane)
    plot.stand(20)
    for key in (*[Qt.Key.Key_Plus] * 6, Qt.Key.Key_Minus):
        QTest.keyClick(chart, key)
    settle()
    assert plot.zoomed
    assert whole_button(chart).isVisible()
    assert plot.frame(plot.pane).y.size < whole.y.size
    assert all(box.left() >= 0 and box.right() <= plot.width() for box in plot.marks.boxes("name ").values())
    QTest.keyClick(chart, Qt.Key.Key_0)
    assert not plot.zoomed
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert plot.index is None
    chart.set_theme(build_theme("light"))
    settle()
    assert plot.look.theme.scheme == "light"
    chart.show_row(md.row(SERIES), 0.0)
    assert chart.plotted is chart.plot


def test_before_any_session_it_waits(chart: FlowChart) -> None:
    chart.show_compared([(row("700.HK", series=None, day=None), True)])
    assert chart.plotted is None


def test_its_crosshair_stands_where_those_of_other_charts_do(qtbot: QtBot, chart: FlowChart) -> None:
    hub, other = CrosshairHub(), FlowChart(chart._theme)
    qtbot.addWidget(other)
    other.show_compared([(row("388.HK", seed=3), True), (row("700.HK"), True)])
    for each in (chart, other):
        each.link(hub)
        each.show()
    told: list[object] = []
    hub.moved.connect(lambda who, label: told.append((who, label)))
    chart.pointer.stand(100)
    assert other.compare.index == 100
    assert not other.compare.cross._readout.is_shown, "its table would hide curves nobody points at"
    other.compare.stand(30)
    assert chart.pointer.index == 30
    assert told[-1] == (other, md.hk_day().label(30))
    other.compare.leave()
    assert chart.pointer.index is None
    chart.pointer.stand(100)
    chart.pointer.leave()
    assert other.compare.index is None


def test_a_zoomed_comparison_goes_on_with_the_newest_minute_and_with_the_keys(chart: FlowChart) -> None:
    rows = [row("700.HK"), row("388.HK", seed=3)]
    chart.show_compared([(each, True) for each in rows])
    settle()
    plot = chart.compare
    plot.zoom(0.2, 242)
    chart.show_compared([(row("700.HK", lines=260), True), (row("388.HK", seed=3, lines=260), True)])
    assert plot.frame(plot.pane).x.holds(259)
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert plot.frame(plot.pane).x.holds(0)
    QTest.keyClick(chart, Qt.Key.Key_0)
    assert not plot.zoomed
