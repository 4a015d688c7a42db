"""Ranges, ticks, places: the arithmetic of a chart."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from capflow_gui.domain.flow import Period
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
from capflow_gui.ui.chart.labels import history_marks, period_name, place, session_marks, session_step
from capflow_gui.ui.chart.session_data import session_data
from tests.ui import market_day as md

AMOUNTS = st.floats(-1e11, 1e11, allow_nan=False)
WIDTH_OF_A_CHARACTER = 7.0


def measure(text: str) -> float:
    return WIDTH_OF_A_CHARACTER * len(text)


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


def texts_of(day: object, width: float, step: int) -> list[str]:
    span = Span(-11, day.minutes + 11)  # type: ignore[attr-defined]
    placed = place(session_marks(day, step), span, width, measure)  # type: ignore[arg-type]
    return [label.text for label in sorted(placed, key=lambda label: label.left)]


def test_a_hong_kong_day_is_labelled_every_half_hour_with_the_seam() -> None:
    assert texts_of(md.hk_day(), 1000, 30) == [
        *("09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "13:00", "13:30", "14:00", "14:30"),
        *("15:00", "15:30", "16:00"),
    ]


@pytest.mark.parametrize("width", [240, 320, 480, 750])
def test_both_ends_of_the_session_are_always_named_and_whole(width: int) -> None:
    day = md.hk_day()
    span = Span(-11, day.minutes + 11)
    placed = place(session_marks(day, session_step(span, width, 35, day.minutes)), span, width, measure)
    assert {"09:30", "16:00"} <= {label.text for label in placed}
    ordered = sorted(placed, key=lambda label: label.left)
    assert ordered[0].left >= 0
    assert ordered[-1].left + measure(ordered[-1].text) <= width
    assert all(a.left + measure(a.text) <= b.left for a, b in itertools.pairwise(ordered))


def test_new_york_and_a_half_day() -> None:
    assert texts_of(md.us_day(), 1200, 60) == ["09:30", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]
    assert texts_of(md.half_day(), 700, 30) == ["09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]


def test_labels_are_sparser_when_narrow_and_finer_when_zoomed_in() -> None:
    assert session_step(Span(-11, 341), 750, 35, 330) == 30
    assert session_step(Span(-11, 341), 420, 35, 330) == 60
    assert session_step(Span(100, 130), 750, 35, 330) < 5


def test_history_labels_name_years_first() -> None:
    days = [date(2025, 11, 28), date(2025, 12, 1), date(2025, 12, 2), date(2026, 1, 2), date(2026, 2, 2)]
    marks = history_marks(days, Period.DAY, Span(-1, 5), 600, measure)
    assert [(mark.x, mark.text) for mark in marks[:4]] == [
        (0, "28 Nov 2025"),
        (3, "2 Jan 2026"),
        (1, "Dec"),
        (4, "Feb"),
    ]
    assert [(mark.x, mark.text) for mark in marks[4:]] == [(4, "2"), (3, "2"), (2, "2"), (1, "1"), (0, "28")]
    assert period_name(date(2026, 11, 20), Period.DAY) == "Fri 20 Nov 2026"
    assert period_name(date(2026, 11, 20), Period.WEEK) == "Week of 16 Nov 2026"
    assert period_name(date(2026, 11, 20), Period.MONTH) == "Nov 2026"


def test_a_gap_is_one_step_outside_the_per_minute_figures() -> None:
    """The example of domain rule 1: 09:30 to 09:33, then 09:35 and 10:46."""
    day = md.hk_day()
    keep = np.array([0, 1, 2, 3, 5, 76])
    series = md.flow(77)
    part = type(series)(
        series.symbol,
        series.source,
        series.period,
        series.timestamps[keep].copy(),
        series.values[:, keep].copy(),
    )
    data = session_data(part, day)
    assert [(gap.anchor, gap.end, gap.minutes) for gap in data.gaps] == [(3, 5, 2), (5, 76, 71)]
    assert np.isnan(data.deltas[0, 76])
    assert data.gap_at(76) is data.gaps[1]
    assert data.gaps[1].delta[0] == pytest.approx(series.net[76] - series.net[5])
    assert data.deltas[0, 2] == pytest.approx(series.net[2] - series.net[1])


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


@pytest.mark.parametrize(("period", "days", "width"), [(Period.MONTH, 31, 1000), (Period.WEEK, 7, 1100)])
def test_every_bar_of_weeks_and_months_is_dated_where_there_is_room(period: Period, days: int, width: float) -> None:
    dates = [date(2025, 12, 3) + timedelta(days=days * place) for place in range(12)]
    span = Span(-1, 12)
    placed = place(history_marks(dates, period, span, width, measure), span, width, measure)
    assert len(placed) == 12
    assert any("2025" in label.text for label in placed)
    assert any("2026" in label.text for label in placed)


def test_where_there_is_no_room_for_every_bar_the_newest_is_dated() -> None:
    dates = [date(2025, 12, 3) + timedelta(days=7 * place) for place in range(52)]
    span = Span(-1, 52)
    placed = place(history_marks(dates, Period.WEEK, span, 700, measure), span, 700, measure)
    assert 8 <= len(placed) < 20
    assert max(placed, key=lambda label: label.left).text == period_name(dates[-1], Period.WEEK)[8:-5]
