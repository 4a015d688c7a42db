"""Bars of the lower pane: what is written into them, and which pixels they colour."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.bars import BarsItem
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.screens import make_plot, screen, up_to


@pytest.fixture
def plot(qtbot: QtBot, theme: Theme) -> IntradayPlot:
    made = make_plot(qtbot, theme, (760, 460), antialias=True)
    made.show_session(up_to(md.flow(331), 200), PlotState(key="day", currency="HKD"))
    return made


@pytest.fixture
def bars(plot: IntradayPlot) -> BarsItem:
    plot.bars.set_frame(4, ())
    return plot.bars


def heights(bars: BarsItem) -> list[float]:
    """What each bar is drawn to: up, or down."""
    return (bars._up.rows[:, 3] + bars._down.rows[:, 3]).tolist()


def test_figures_are_bars_up_and_down_and_a_missing_one_is_none(bars: BarsItem) -> None:
    bars.set_level(10.0)
    bars.set_data(np.array([1.0, -2.0, np.nan, 0.0, 3.0]), 4)
    assert bars._up.rows[:, 3].tolist() == [1.0, 0.0, 0.0, 0.0, 3.0]
    assert bars._down.rows[:, 3].tolist() == [0.0, -2.0, 0.0, 0.0, 0.0]


def test_a_bar_beyond_the_view_is_cut_and_marked_on_its_side(bars: BarsItem) -> None:
    bars.set_data(np.array([1.0, -20.0, 30.0, 4.0, 0.0]), 4)
    bars.set_level(5.0)
    assert heights(bars) == [1.0, -5.0, 5.0, 4.0, 0.0]
    assert (bars._cut[0] ^ bars._cut[1]).tolist() == [False, True, True, False, False]
    assert bars._cut[1].tolist() == [False, True, False, False, False]
    bars.set_level(100.0)
    assert heights(bars) == [1.0, -20.0, 30.0, 4.0, 0.0]
    assert not bars._cut.any()


def test_only_the_figures_that_are_new_are_taken(bars: BarsItem) -> None:
    bars.set_level(10.0)
    bars.set_data(np.array([1.0, 2.0, 3.0, 0.0, 0.0]), 2)
    bars.set_data(np.array([9.0, 9.0, 4.0, 5.0, 0.0]), 3, start=2)
    assert heights(bars) == [1.0, 2.0, 4.0, 5.0, 0.0]


def test_another_frame_forgets_the_figures_and_what_was_cut(bars: BarsItem) -> None:
    bars.set_level(1.0)
    bars.set_data(np.full(5, 3.0), 4)
    bars.set_frame(9, ())
    assert heights(bars) == [0.0] * 10
    assert not bars._cut.any()


def test_a_bar_is_never_narrower_than_a_pixel(plot: IntradayPlot) -> None:
    assert (plot.bars._up.rows[:, 2] >= plot.bars._pixel[0]).all()


@pytest.mark.parametrize("change", ["hollow", "gaps", "line", "recorded"])
def test_what_is_set_is_painted_and_taken_away_again(qapp: QApplication, plot: IntradayPlot, change: str) -> None:
    before = screen(qapp, plot)
    biggest = int(np.nanargmax(np.abs(plot.bars._values[:199])))
    settings = {
        "hollow": (lambda: plot.bars.set_hollow((biggest,)), lambda: plot.bars.set_hollow(())),
        "gaps": (lambda: plot.bars.set_gaps(((100, 150, 1e7),)), lambda: plot.bars.set_gaps(())),
        "line": (lambda: plot.bars.set_line(plot.bars._values, 0), lambda: plot.bars.set_line(None, 0)),
        "recorded": (
            lambda: plot.bars.set_recorded([biggest], frozenset()),
            lambda: plot.bars.set_recorded([], frozenset()),
        ),
        "damaged": (
            lambda: plot.bars.set_recorded([biggest], frozenset([biggest])),
            lambda: plot.bars.set_recorded([], frozenset()),
        ),
    }
    show, hide = settings[change]
    show()
    assert (screen(qapp, plot) != before).any()
    hide()
    assert (screen(qapp, plot) == before).all()
