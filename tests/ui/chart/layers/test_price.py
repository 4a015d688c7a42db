"""The price beside the flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from capflow_gui.domain.quote import PriceTrack, Turnover
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.geometry import Span
from capflow_gui.ui.chart.layers.price import PaneRoom, on_minutes, price_span
from tests.ui import market_day as md
from tests.ui.chart.gestures import settle

ROOM = PaneRoom(400.0, 34.0, 14.0, Span(-1.0, 1.0))


def prices(*known: tuple[int, float]) -> PriceTrack:
    day = md.hk_day()
    return PriceTrack.of([Turnover(1e9, day.label(minute) + 1.0, price) for minute, price in known])


def show(chart: FlowChart, track: PriceTrack | None) -> None:
    chart.show_row(replace(md.row(md.flow(243)), prices=track), 0.0)
    settle()


def test_a_price_stands_in_the_minute_of_its_snapshot() -> None:
    found = on_minutes(prices((0, 400.0), (3, 401.0)), md.hk_day())
    assert found is not None
    assert np.flatnonzero(np.isfinite(found)).tolist() == [0, 3]
    assert on_minutes(prices((3, 401.0)), md.hk_day()) is None, "the newest alone is no line"
    assert on_minutes(None, md.hk_day()) is None


def test_a_price_that_stands_still_does_not_look_as_if_it_swung() -> None:
    span = price_span(np.array([400.0, 400.01, np.nan]), ROOM)
    assert span is not None
    assert span.size >= 0.004 * 400
    assert price_span(np.array([np.nan]), ROOM) is None


def test_the_price_has_an_axis_of_its_own_a_name_and_a_line_in_the_table(chart: FlowChart) -> None:
    plot = chart.plot
    left = plot.lines_frame.left
    show(chart, prices(*((minute, 400.0 + minute / 50) for minute in range(240))))
    plot.set_priced(True)
    settle()
    assert plot.lines_frame.left > left + 30
    assert plot.bars_frame.left == plot.lines_frame.left, "panes below each other stay in line"
    assert {"401", "402", "403"} <= set(plot.price.axes[0].texts)
    price, amount = plot.price.at(100)
    assert price == pytest.approx(402.0)
    assert plot.lines_frame.y.holds(amount)
    assert plot.marks.box("name 7") is not None
    line = chart.pointer.readout(plot.data, 100).lines[-1]
    assert (line.name, *line.figures) == ("Price", "402.00", "+0.02")
    assert "left: price" in " ".join(chart.notes.captions.told())
    plot.zoom(0.2, 20)
    settle()
    low, high = (plot.price.axes[0].span.low, plot.price.axes[0].span.high)
    assert high - low < 4.0, "it is scaled to the minutes in view"
    plot.show_all()
    plot.set_priced(False)
    settle()
    assert plot.lines_frame.left == left
    assert plot.price.at(100) is None


def test_without_prices_it_says_so_and_takes_no_room(chart: FlowChart) -> None:
    left = chart.plot.lines_frame.left
    chart.plot.set_priced(True)
    show(chart, prices((3, 401.0)))
    assert chart.plot.lines_frame.left == left
    assert "no price but the newest is known" in " ".join(chart.notes.captions.told())
    show(chart, prices((3, 401.0), (9, 402.0)))
    assert chart.plot.lines_frame.left > left, "prices may come later"


def test_the_crosshair_has_a_tag_on_every_axis_and_hides_the_labels_under_them(chart: FlowChart) -> None:
    plot = chart.plot
    show(chart, prices(*((minute, 400.0 + minute / 50) for minute in range(240))))
    plot.set_priced(True)
    settle()
    chart.pointer.stand(100)
    aim = chart.pointer._aim
    assert aim is not None
    assert (aim.time, [(tag.left, tag.text) for tag in aim.more][1]) == ("11:10", (True, "402.00"))
    assert aim.more[0].text == chart.pointer.readout(plot.data, 100).lines[0].figures[1]
    assert plot.price.axes[0].needed_width() >= plot.fonts.tag.width("402.00") + 2
    axis = plot.price.axes[0]
    labels = {text.text: box for (_x, _y, text), box in zip(axis.drawing().texts, axis.drawing().boxes, strict=True)}
    assert labels["402"].translated(axis.scenePos()) in plot.cross.covered, "its tag stands there"
    assert labels["404"].translated(axis.scenePos()) not in plot.cross.covered
    chart.pointer.leave()
    assert "402" in plot.price.axes[0].texts
    assert plot.bars_money._tags == ()
