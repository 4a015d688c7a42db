"""The session as it runs: its lines, ranges and threshold, on a screen that is always as a fresh chart paints it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import MAIN, NET, Flag, FlowSeries
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.level import Level, Share
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import THRESHOLD, settle
from tests.ui.chart.screens import make_plot, screen, up_to

FIRST, APPENDED, REVISED = 180, 50, 20
LARGE, SMALL = (760, 460), (431, 150)


def test_the_first_outflow_of_a_day_of_inflows_is_in_view(chart: FlowChart) -> None:
    values = np.full((6, 60), np.nan)
    values[0] = np.arange(60) * 1e6
    for net in (59e6, 57.5e6):
        values[0, -1] = net
        series = msgspec.structs.replace(md.flow(60, classes=False), values=values.copy())
        chart.show_row(dataclasses.replace(md.row(series), symbol=Symbol(Market.HK, "5")), 0.0)
    assert chart.plot.bars_frame.y.low < -0.5e6


def test_the_line_of_a_share_stands_at_the_turnover_so_far(chart: FlowChart) -> None:
    series = md.flow(243)
    row = dataclasses.replace(md.row(series, threshold=Share(-0.03)), turnover=7e9)
    chart.show_row(row, 0.0)
    assert chart.plot.line.value() == pytest.approx(-210e6)
    assert chart.plot.state.share == Share(-0.03)
    assert chart.plot.state.reached == "", "the share had another level at every minute before"
    assert chart.accessibleDescription().endswith("; threshold net/turnover ≤ −3%, now −210.0M")
    chart.show_row(dataclasses.replace(row, turnover=None), 0.0)
    assert not chart.plot.line.isVisible()


def test_a_share_stays_a_share_when_its_line_is_moved(chart: FlowChart) -> None:
    reported: list[Level] = []
    chart.threshold_changed.connect(reported.append)
    chart.show_row(dataclasses.replace(md.row(md.flow(243), threshold=Share(-0.03)), turnover=7e9), 0.0)
    QTest.keyClick(chart, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    chart.plot.threshold_moved.emit(-140e6, True)
    chart.plot.threshold_moved.emit(-7.1e9, True)
    assert reported == [Share(-0.0303), Share(-0.02), Share(-1.0)]


def test_the_figure_of_a_tag_is_never_rounded_to_zero(chart: FlowChart) -> None:
    values = np.full((6, 60), np.nan)
    values[0] = np.linspace(0.0, -3e13, 60)
    values[0, -1] = 1e9
    chart.show_row(md.row(msgspec.structs.replace(md.flow(60, classes=False), values=values)), 0.0)
    assert chart.notes._texts["tag net"].text == "+1.0B"


def test_the_level_of_another_rule_is_no_line(chart: FlowChart) -> None:
    series = md.flow(243)
    alert = dataclasses.replace(md.breach(series, THRESHOLD), rule="net/turnover <= -3%", threshold=-0.03)
    chart.show_row(md.row(series, alert=alert), 0.0)
    assert not chart.plot.line.isVisible()
    assert chart.plot.state.fired
    chart.show_row(md.row(series, alert=md.breach(series, THRESHOLD)), 0.0)
    assert chart.plot.line.value() == THRESHOLD


def test_the_height_follows_what_a_zoomed_chart_shows(chart: FlowChart) -> None:
    values = np.full((6, 243), np.nan)
    values[0] = np.linspace(0, -300e6, 243)
    series = msgspec.structs.replace(md.flow(243, classes=False), values=values)
    chart.show_row(dataclasses.replace(md.row(series), symbol=Symbol(Market.HK, "5")), 0.0)
    plot = chart.plot
    whole = plot.lines_frame.y
    plot.zoom(0.15, 60)
    near = plot.lines_frame
    shown = series.net[max(math.floor(near.x.low), 0) : math.ceil(near.x.high) + 1]
    assert near.y.low <= shown.min() <= shown.max() <= near.y.high
    assert near.y.size < 3 * (shown.max() - shown.min())
    plot.lines_plot.getViewBox().translateBy(x=100)
    settle()
    assert plot.lines_frame.y.high < near.y.high, "and after a pan"
    plot.show_all()
    assert plot.lines_frame.y == whole


def test_c_gives_the_room_to_the_minutes(chart: FlowChart) -> None:
    before = chart.plot.bars_frame.height
    QTest.keyClick(chart, Qt.Key.Key_C)
    settle()
    assert chart.plot.bars_frame.height > before * 3


def test_narrow_charts_show_net_and_main(qtbot: QtBot, chart: FlowChart) -> None:
    chart.resize(460, 400)
    settle()
    assert chart.plot.columns == (MAIN, NET)


def test_a_hidden_chart_is_laid_out_when_it_is_shown(chart: FlowChart) -> None:
    laid_out: list[QSize] = []
    chart.plot.placed.connect(lambda: laid_out.append(chart.plot.size()))
    chart.plot.hide()
    for width in (900, 460):
        chart.plot.resize(width, 400)
        chart.grab()  # Qt resizes all that is hidden, too
    assert laid_out == []
    chart.plot.show()
    assert laid_out == []  # what is shown with it may still come
    QApplication.processEvents()
    assert laid_out == [chart.plot.size()]


def test_a_source_without_classes_shows_net_alone(chart: FlowChart) -> None:
    chart.show_row(md.row(md.flow(243, classes=False)), 0.0)
    assert chart.plot.columns == (NET,)


def with_newest(amount: float, flag: Flag) -> FlowSeries:
    """The usual day, its newest three lines replaced by figures that cannot be."""
    series = md.flow(120)
    values, flags = series.values.copy(), series.line_flags.copy()
    values[:, -3:], flags[-3:] = amount, flag.value
    return msgspec.structs.replace(series, values=values, line_flags=flags, flags=flag)


@pytest.mark.parametrize(
    ("amount", "flag"),
    [(1.7e308, Flag.BEYOND), (-1.7e308, Flag.BEYOND), (-11.2e12, Flag.TURNOVER), (9e13, Flag.TURNOVER)],
)
def test_figures_that_cannot_be_neither_freeze_the_chart_nor_set_its_axes(
    chart: FlowChart, amount: float, flag: Flag
) -> None:
    for series in (md.flow(120), with_newest(amount, flag), md.flow(121)):
        chart.show_row(md.row(series, threshold=-200e6), 0.0)
        settle()
        chart.grab()
        assert max(map(abs, chart.plot.money.range)) < 1e9
        assert max(map(abs, chart.plot.bars_money.range)) < 1e9


def test_figures_flagged_after_they_were_drawn_give_the_axes_back(chart: FlowChart) -> None:
    series = with_newest(-11.2e9, Flag.NONE)
    chart.show_row(md.row(series), 0.0)
    settle()
    assert chart.plot.money.range[0] < -10e9
    flags = series.line_flags.copy()
    flags[-3:] = Flag.TURNOVER.value
    chart.show_row(md.row(msgspec.structs.replace(series, line_flags=flags, flags=Flag.TURNOVER), flagged=True), 0.0)
    settle()
    assert chart.plot.money.range[0] > -2e9


def day_with_gap(lines: int) -> FlowSeries:
    whole = md.flow(lines)
    keep = np.r_[0:90, 97:331]
    return msgspec.structs.replace(
        whole,
        timestamps=whole.timestamps[keep].copy(),
        values=whole.values[:, keep].copy(),
        confirmed=whole.confirmed[keep].copy(),
        line_flags=whole.line_flags[keep].copy(),
    )


def day_of_snapshots(lines: int) -> FlowSeries:
    return md.flow(lines, classes=False)


@pytest.mark.parametrize(
    ("size", "antialias", "make"),
    [
        pytest.param(LARGE, True, md.flow, id="two panes"),
        pytest.param(LARGE, False, md.flow, id="two panes, not antialiased"),
        pytest.param(SMALL, True, md.flow, id="one pane"),
        pytest.param(SMALL, False, md.flow, id="one pane, not antialiased"),
        pytest.param(LARGE, True, day_with_gap, id="two panes, a gap"),
        pytest.param(LARGE, True, day_of_snapshots, id="two panes, classes from snapshots"),
        pytest.param(LARGE, False, day_of_snapshots, id="two panes, classes from snapshots, not antialiased"),
        pytest.param(SMALL, False, day_with_gap, id="one pane, a gap, not antialiased"),
    ],
)
def test_after_appends_and_revisions_the_screen_is_a_fresh_charts(
    qtbot: QtBot, theme: Theme, size: tuple[int, int], antialias: bool, make: Callable[[int], FlowSeries]
) -> None:
    qapp = QApplication.instance()
    assert isinstance(qapp, QApplication)
    series = make(331)
    state = PlotState(key="day", currency="HKD", threshold=-1.1e8, fired=(150,), reached="12:00")
    replies = [up_to(series, 331), *(up_to(series, n) for n in range(FIRST, FIRST + APPENDED + 1))]
    replies += [up_to(series, FIRST + APPENDED, lift=1e6 * (step % 7)) for step in range(REVISED)]

    plot = make_plot(qtbot, theme, size, antialias=antialias)
    for reply in replies:
        plot.show_session(reply, state)
        qapp.processEvents()
    strips = screen(qapp, plot)
    plot.viewport().update()
    assert np.count_nonzero(strips != screen(qapp, plot)) == 0

    fresh = make_plot(qtbot, theme, size, antialias=antialias)
    for reply in replies:  # scales remember what they have seen; nothing is painted before the last one
        fresh.show_session(reply, state)
    fresh.viewport().update()
    assert np.count_nonzero(strips != screen(qapp, fresh)) == 0
    assert len(np.unique(strips)) > 20, "nothing was drawn"


def test_an_equal_reply_paints_nothing(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    series = md.flow(331)
    state = PlotState(key="day", currency="HKD", threshold=-2e8)
    plot = make_plot(qtbot, theme, (760, 460), antialias=True)
    plot.show_session(up_to(series, 200), state)
    screen(qapp, plot)
    painted: list[int] = []
    original = plot.curves.paint_fills

    def noted(painter: QPainter, first: int, last: int) -> None:
        painted.append(first)
        original(painter, first, last)

    plot.curves.paint_fills = noted
    plot.show_session(up_to(series, 200), state)
    screen(qapp, plot)
    assert not painted


def test_no_room_is_kept_for_a_threshold_that_is_gone(chart: FlowChart) -> None:
    series = md.flow(243)
    chart.show_row(md.row(series, threshold=None), 0.0)
    before = chart.plot.lines_frame.y
    far = 1.6 * max(-before.low, before.high)
    chart.show_row(md.row(series, threshold=-far), 0.0)
    assert chart.plot.lines_frame.y.holds(-far)
    chart.show_row(md.row(series, threshold=-far / 2), 0.0)
    assert not chart.plot.lines_frame.y.holds(-far)
    chart.show_row(md.row(series, threshold=None), 0.0)
    assert chart.plot.lines_frame.y == before
