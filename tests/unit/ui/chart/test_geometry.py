"""Ranges and ticks end where amounts do, whatever they are made from."""

from __future__ import annotations

import itertools
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from capflow_gui.present.numbers import tick_labels, unit_for
from capflow_gui.ui.chart.geometry import (
    Span,
    clip_level,
    first_breach,
    first_difference,
    grow,
    nice_step,
    push_apart,
    quietest,
    readable_ticks,
    runs,
    ticks,
)

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


AMOUNTS = st.floats(-1e11, 1e11, allow_nan=False)


@given(st.floats(1e-6, 1e12))
def test_a_step_is_one_two_or_five(rough: float) -> None:
    step = nice_step(rough)
    assert step >= rough * (1 - 1e-6)
    assert step <= rough * 2.6
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9)) in (1, 2, 5)


@given(AMOUNTS, st.floats(1, 1e11), st.integers(2, 14))
@example(5e-324, 3.0, 2)
def test_ticks_are_inside_even_and_never_too_many(low: float, size: float, most: int) -> None:
    span = Span(low, low + size)
    found = ticks(span, most)
    assert len(found) <= most
    assert all(span.low <= value <= span.high for value in found)
    steps = {round((b - a) / size, 4) for a, b in itertools.pairwise(found)}
    assert len(steps) <= 1


def test_a_tall_pane_has_a_handful_of_ticks_with_zero() -> None:
    found = ticks(Span(-3.5e8, 1e8), 14)
    assert 0.0 in found
    assert 5 <= len(found) <= 10


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=12), st.floats(60, 900))
def test_a_range_grows_and_never_shrinks(extents: list[tuple[float, float]], height: float) -> None:
    range_now: Span | None = None
    for a, b in extents:
        data = Span(min(a, b, 0.0), max(a, b, 0.0))
        grown = grow(range_now, data, height, 34, 14)
        assert grown.low <= data.low
        assert grown.high >= data.high
        if range_now is not None:
            assert grown.low <= range_now.low
            assert grown.high >= range_now.high
        range_now = grown


@pytest.mark.parametrize("high", [0.0, 5e-324, 1e-300, 0.5])
def test_figures_that_hardly_move_get_a_range_of_their_own(high: float) -> None:
    first = grow(None, Span(0.0, high), 60, 34, 14)
    assert first.low < 0.0 <= high < first.high
    assert grow(first, Span(0.0, 1e8), 60, 34, 14).high > 1e8


def test_small_moves_leave_the_range_alone() -> None:
    first = grow(None, Span(-1e8, 5e7), 500, 34, 14)
    assert grow(first, Span(-1e8, 5.0e7), 500, 34, 14) is first


def test_a_range_keeps_room_for_the_caption() -> None:
    height, head = 500.0, 34.0
    span = grow(None, Span(-2.6e8, 7.5e7), height, head, 14)
    assert (span.high - 7.5e7) / span.size * height >= head - 1


@given(st.lists(st.floats(0, 500), min_size=1, max_size=6))
def test_names_are_pushed_apart_and_keep_their_order(wanted: list[float]) -> None:
    placed = push_apart(wanted, 19, 0, 500)
    ordered = sorted(placed)
    assert all(b - a >= 19 - 1e-6 for a, b in itertools.pairwise(ordered))
    assert min(placed) >= -1e-6
    assert max(placed) <= 500 + 1e-6
    for (a, at_a), (b, at_b) in itertools.combinations(zip(wanted, placed, strict=True), 2):
        assert (a < b) <= (at_a < at_b)


def test_names_that_are_apart_stay_where_they_are() -> None:
    assert push_apart([10, 100, 60], 19, 0, 500) == [10, 100, 60]
    assert push_apart([100, 104], 20, 0, 500) == [92, 112]


def test_bars_are_clipped_at_a_quantile() -> None:
    bars = np.r_[np.full(500, 1e6), 9e7, np.nan, 0.0]
    assert clip_level(bars) == pytest.approx(1e6)
    assert clip_level(np.zeros(4)) == 0


def test_runs_and_differences_know_missing_values() -> None:
    assert runs(np.array([False, True, True, False, True])) == [(1, 3), (4, 5)]
    old = np.array([[1.0, np.nan, 3.0]])
    assert first_difference(old, old.copy()) is None
    assert first_difference(old, np.array([[1.0, np.nan, 4.0]])) == 2
    assert first_difference(old, np.array([[1.0, 2.0, 3.0]])) == 1


def test_the_breach_is_where_the_last_stretch_began() -> None:
    values = np.array([0, -3, -1, -2.0, -2.5, np.nan, -4, np.nan])
    assert first_breach(values, -2.0) == 3
    assert first_breach(values, -5.0) is None


def test_the_table_goes_where_the_fewest_points_are_and_never_under_the_hand() -> None:
    boxes = [(0.0, 0.0, 100.0, 100.0), (300.0, 0.0, 100.0, 100.0)]
    xs, ys = np.array([10.0, 20.0, 30.0]), np.array([10.0, 20.0, 30.0])
    assert quietest(boxes, xs, ys, (), hand=200) == 1
    assert quietest(boxes, xs, ys, (), hand=350) == 0


def test_the_table_rather_covers_older_points_and_text_than_the_newest_figure() -> None:
    low, high = (300.0, 100.0, 100.0, 100.0), (300.0, 0.0, 100.0, 100.0)
    xs, ys = np.linspace(300.0, 390.0, 90), np.full(90, 40.0)
    names = [(350.0, 20.0 * row, 40.0, 16.0) for row in range(4)]
    newest = [(388.0, 150.0, 4.0, 4.0)]
    assert quietest([low, high], xs, ys, names, 20.0) == 0
    assert quietest([low, high], xs, ys, names, 20.0, newest=newest) == 1


@example(-579424028.0, 520942761.0, 5.5, 30.0)  # a step a hundredth of a pixel lower than a line
@given(st.floats(-1e9, -1e3), st.floats(0, 1e9), st.floats(5, 30), st.floats(12, 30))
def test_two_amounts_besides_zero_can_be_read_wherever_zero_is(
    low: float, high: float, lines: float, line: float
) -> None:
    span, height = Span(low, high), lines * line
    found = readable_ticks(span, height, line, 1.6 * line)
    middles = [(span.high - value) / span.size * height for value in found]
    whole = [value for value, y in zip(found, middles, strict=True) if line / 2 - 0.01 <= y <= height - line / 2 + 0.01]
    assert sum(value != 0 for value in whole) >= 2
    assert all(a - b >= line - 0.01 for a, b in pairwise(middles))
