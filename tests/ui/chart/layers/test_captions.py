"""The captions at the head of the panes say what their lines are, and fit."""

from __future__ import annotations

import pytest

from capflow_gui.domain.flow import NET
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.theme import build_theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import settle


def said(chart: FlowChart, pane: str = "lines") -> tuple[str, ...]:
    """The texts of a caption, from the left."""
    settle()
    _look, texts, *_place = chart.plot.marks._marks[f"caption {pane}"].stamp
    return tuple(texts)


def test_each_pane_says_what_it_shows_and_in_which_unit(chart: FlowChart) -> None:
    assert said(chart) == ("Cumulative since the open", "HKD M")
    assert said(chart, "bars")[0] == "Per minute"
    chart.plot.set_solo(NET)
    assert [said(chart, pane)[0] for pane in ("lines", "bars")] == [
        "Net · Cumulative since the open",
        "Net · Per minute",
    ]


def test_a_flow_from_a_chosen_minute_says_from_which(chart: FlowChart) -> None:
    chart.set_anchor(60)
    assert said(chart)[0] == "Cumulative since 10:30, Esc: the open"


@pytest.mark.parametrize("width", [520, 300, 220])
def test_what_is_said_fits_into_the_pane(chart: FlowChart, width: int) -> None:
    chart.resize(width, 420)
    assert said(chart)
    box, frame = chart.plot.marks.box("caption lines"), chart.plot.lines_frame
    assert box is not None
    assert frame.left <= box.left()
    assert box.right() <= frame.right


def test_a_chart_of_a_grid_that_has_no_room_says_its_unit(chart: FlowChart) -> None:
    chart.plot.in_grid = True
    chart.plot.lay_out()
    assert said(chart)[0] == "Since the open"
    chart.set_theme(build_theme("dark", font_scale=2.0))
    chart.resize(200, 300)
    assert said(chart) == ("HKD M",)


def test_a_caption_changes_with_what_it_says_alone(chart: FlowChart) -> None:
    before = chart.plot.marks._marks["caption lines"]
    chart.show_row(md.row(md.flow(244)), 0.0)
    settle()
    assert chart.plot.marks._marks["caption lines"] is before
    chart.plot.set_solo(NET)
    settle()
    assert chart.plot.marks._marks["caption lines"] is not before
