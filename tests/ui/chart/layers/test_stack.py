"""Order sizes one on the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MEDIUM, NET, SMALL
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.geometry import Span
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.chart.layers.stack import edges, ends, extent, middles
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import settle
from tests.ui.chart.screens import make_plot, screen, up_to

# Net, main, extra-large, large, medium, small of three minutes; the last has no line.
VALUES = np.array(
    [
        [4.0, -1.0, np.nan],
        [6.0, 1.0, np.nan],
        [5.0, -2.0, np.nan],
        [1.0, 3.0, np.nan],
        [-2.0, np.nan, np.nan],
        [0.0, -2.0, np.nan],
    ]
)


def test_what_flowed_in_stands_above_zero_and_what_flowed_out_below() -> None:
    inflow, outflow = edges(VALUES)
    assert inflow[:, 0].tolist() == [0.0, 5.0, 6.0, 6.0, 6.0]
    assert outflow[:, 0].tolist() == [0.0, 0.0, 0.0, -2.0, -2.0]
    assert (inflow[-1, 1], outflow[-1, 1]) == (3.0, -4.0)
    assert not edges(VALUES)[:, :, 2].any(), "a minute without a line has no stack"
    assert extent(VALUES) == Span(-4.0, 6.0)
    assert extent(VALUES[:, :0]) == Span(0.0, 0.0)
    assert middles(VALUES[:, 1]) == {EXTRA_LARGE: -1.0, LARGE: 1.5, SMALL: -3.0}
    assert MEDIUM in middles(VALUES[:, 0])


def test_stacks_are_in_view_and_named_at_their_bands(chart: FlowChart) -> None:
    chart.plot.set_stacked(True)
    settle()
    plot, data = chart.plot, chart.plot.data
    assert data is not None
    assert plot.stacks
    whole = extent(data.values[:, : data.last + 1])
    assert plot.lines_frame.y.holds(whole.low)
    assert plot.lines_frame.y.holds(whole.high)
    box, at = plot.marks.box(f"name {LARGE}"), middles(data.values[:, data.last])[LARGE]
    assert box is not None
    assert box.center().y() == pytest.approx(plot.lines_frame.at_y(at), abs=24)
    plot.set_solo(LARGE)
    assert not plot.stacks, "one line alone is a line"
    plot.set_solo(None)
    chart.resize(400, 400)
    settle()
    assert not plot.stacks, "there is room for net and main only"


def test_a_stack_grown_by_minutes_is_that_of_a_fresh_chart(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    series, state = md.flow(331), PlotState(key="day", currency="HKD")
    plots = [make_plot(qtbot, theme, (700, 420), antialias=True) for _chart in range(2)]
    for plot in plots:
        plot.set_stacked(True)
    for lines in (200, 201, 202, 203):
        plots[0].show_session(up_to(series, lines, lift=1e5), state)
        screen(qapp, plots[0])
    plots[0].show_session(up_to(series, 203), state)
    plots[1].show_session(up_to(series, 203), state)
    plots[1].lines_plot.getViewBox().setYRange(*plots[0].lines_plot.getViewBox().viewRange()[1], padding=0)
    assert np.array_equal(screen(qapp, plots[0]), screen(qapp, plots[1]))
    assert np.isfinite(plots[0].data.values[NET, 202])


def test_the_bars_of_a_minute_are_its_order_sizes_and_end_where_they_sum_to_net(chart: FlowChart) -> None:
    chart.plot.set_stacked(True)
    settle()
    plot, data = chart.plot, chart.plot.data
    assert data is not None
    reach = ends(data.deltas)
    known = np.isfinite(data.deltas[NET])
    assert np.allclose(reach.sum(axis=0)[known], data.deltas[NET][known])
    assert not reach[:, ~known].any(), "a minute without a line has no stack"
    assert plot.bars_frame.y.holds(float(np.quantile(reach[0], 0.9)))
    assert plot.bars_frame.y.holds(float(np.quantile(reach[1], 0.1)))


def test_the_minute_that_still_moves_is_hollow_below_too_until_it_is_confirmed(chart: FlowChart) -> None:
    plot = chart.plot
    for stacked in (True, False):
        plot.set_stacked(stacked)
        moving = up_to(md.flow(243), 200)
        plot.show_session(moving, plot.state)
        assert plot.bars.hollow == (moving.last,)
        plot.show_session(replace(moving, provisional=False), plot.state)
        assert plot.bars.hollow == ()
