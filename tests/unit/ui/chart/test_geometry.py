"""Ranges and ticks end where amounts do, whatever they are made from."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.present.numbers import tick_labels, unit_for
from capflow_gui.ui.chart.geometry import Span, grow, ticks

ENDS = st.floats(allow_nan=False).map(lambda end: math.copysign(min(abs(end), 1.7e308), end))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    low, high = sorted((draw(ENDS), draw(ENDS)))
    return Span(low, high)


@given(spans(), st.none() | spans(), st.floats(40, 2000))
def test_an_axis_has_room_for_any_amounts(data: Span, before: Span | None, height: float) -> None:
    grown = grow(None if before is None else grow(None, before, height, 34, 14), data, height, 34, 14)
    assert -1e17 < grown.low < grown.high < 1e17
    marks = ticks(grown, 8)
    labels = tick_labels(marks, unit_for(max(-grown.low, grown.high)))
    assert all(len(label) <= 14 for label in labels)
    assert all(grown.holds(mark) for mark in marks)


@given(spans(), st.integers(0, 12))
def test_ticks_of_any_range_end(span: Span, most: int) -> None:
    assert len(ticks(span, most)) <= most
