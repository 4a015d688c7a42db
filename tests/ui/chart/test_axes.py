"""The labels of both axes: enough of them, whole, and none under a tag."""

from __future__ import annotations

from capflow_gui.ui.chart.chart import FlowChart
from tests.ui import market_day as md


def test_every_axis_has_its_labels(chart: FlowChart) -> None:
    assert 5 <= len(chart.plot.money.drawing().texts) <= 10
    assert "0" in chart.plot.money.texts
    assert "0" in chart.plot.bars_money.texts
    times = chart.plot.time.texts
    assert {"09:30", "12:00", "13:00", "16:00"} <= set(times)
    assert len(times) == 13


def test_a_label_under_a_tag_is_hidden(chart: FlowChart) -> None:
    assert "−200" not in chart.plot.money.texts, "the threshold's tag stands there"
    chart.show_row(md.row(md.flow(243)), 0.0)
    assert "−200" in chart.plot.money.texts


def test_the_money_axis_is_wide_enough_for_its_labels(chart: FlowChart) -> None:
    axis = chart.plot.money
    assert all(x + text.width <= axis.size().width() for x, _, text in axis.drawing().texts)
