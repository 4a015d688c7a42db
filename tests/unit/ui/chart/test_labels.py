"""What the axis of time says, and where."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.domain.flow import Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market
from capflow_gui.ui.chart.geometry import (
    Span,
)
from capflow_gui.ui.chart.labels import (
    clock,
    history_marks,
    period_name,
    place,
    session_labels,
    session_marks,
    session_step,
)
from tests.ui import market_day as md

WIDTH_OF_A_CHARACTER = 7.0


def cn_day() -> TradingDay:
    zone = ZoneInfo("Asia/Shanghai")
    bounds = [
        int(datetime(2026, 11, 20, *each, tzinfo=zone).timestamp()) for each in ((9, 30), (11, 30), (13, 0), (15, 0))
    ]
    return TradingDay(Market.SH, date(2026, 11, 20), zone.key, ((bounds[0], bounds[1]), (bounds[2], bounds[3])))


def measure(text: str) -> float:
    return WIDTH_OF_A_CHARACTER * len(text)


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


@pytest.mark.parametrize("day", [cn_day(), md.hk_day(), md.us_day(), md.half_day()], ids=["CN", "HK", "US", "half"])
def test_half_hours_are_named_beside_every_full_hour_alone(day: TradingDay) -> None:
    """Whatever the width: an axis of full hours and the session's own bounds, or one with every full hour."""
    span = Span(-11, day.minutes + 11)
    zone = ZoneInfo(day.zone)
    bounds = {clock(at, zone) for period in day.periods for at in period}
    hours = {mark.text for mark in session_marks(day, 60)}
    for width in range(200, 900, 5):
        placed = {each.text for each in place(session_labels(day, span, width, measure), span, width, measure)}
        assert placed <= hours | bounds or hours <= placed, width


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


def test_over_a_year_of_days_no_number_of_a_day_stands_alone() -> None:
    days = [date(2025, 6, 10) + timedelta(days=place) for place in range(365)]
    span = Span(-1, 365)
    texts = [label.text for label in place(history_marks(days, Period.DAY, span, 395, measure), span, 395, measure)]
    assert len(texts) > 4
    assert not any(text.isdecimal() for text in texts)


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
