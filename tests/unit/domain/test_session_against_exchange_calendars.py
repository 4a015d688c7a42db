"""Every session of every market, minute by minute, against exchange_calendars.

Singapore is the one market where ours knows more: XSES lacks the break from 12:00 to 13:00 and the half days.
"""

import warnings
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from capflow_gui.domain.session import Calendar, Phase
from capflow_gui.domain.symbol import Market

CODES = {Market.HK: "XHKG", Market.US: "XNYS", Market.SH: "XSHG", Market.SZ: "XSHG", Market.SG: "XSES"}
FIRST = date(2020, 1, 1)


@cache
def reference(code: str, last: date) -> Any:
    """The calendar of that name; imported here, since every process that collects these tests would wait for pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import exchange_calendars

        return exchange_calendars.get_calendar(code, start=FIRST.isoformat(), end=last.isoformat(), side="left")


@cache
def expected_periods(calendar: Calendar, market: Market) -> dict[date, tuple[tuple[int, int], ...]]:
    """(open, close) epoch seconds of every session the reference knows."""
    schedule = reference(CODES[market], calendar.known_to(market)).schedule
    early_in_hong_kong = {
        day.date() for day in reference("XHKG", calendar.known_to(Market.HK)).early_closes if market is Market.SG
    }
    found = {}
    for label, *edges in schedule[["open", "break_start", "break_end", "close"]].itertuples(name=None):
        seconds = [int(edge.timestamp()) for edge in edges if edge == edge]  # noqa: PLR0124 - "no time" equals nothing
        if market is Market.SG:
            seconds[1:1] = [seconds[0] + 3 * 3600, seconds[0] + 4 * 3600]
            if label.date() in early_in_hong_kong:
                del seconds[2:]
        found[label.date()] = tuple(zip(seconds[::2], seconds[1::2], strict=True))
    return found


def all_days(last: date) -> list[date]:
    return [FIRST + timedelta(days=n) for n in range((last - FIRST).days + 1)]


@pytest.mark.parametrize("market", Market)
def test_every_session_of_the_whole_range(calendar, market):
    expected = expected_periods(calendar, market)
    days = (calendar.day(market, day) for day in all_days(calendar.known_to(market)))
    ours = {day.day: day.periods for day in days if day is not None}
    assert ours == expected
    assert not any(calendar.day(market, day).assumed for day in expected)


@pytest.mark.parametrize("market", Market)
def test_half_days_are_the_short_ones(calendar, market):
    expected = expected_periods(calendar, market)
    length = {day: sum(end - begin for begin, end in periods) for day, periods in expected.items()}
    short = {day for day in expected if length[day] < max(length.values())}
    assert {day for day in expected if calendar.day(market, day).half} == short
    assert bool(short) == (market not in (Market.SH, Market.SZ))


def sampled_days(calendar: Calendar, market: Market) -> list[date]:
    """All half days, the weeks in which a clock changes, and every 151st day with its neighbour."""
    zone = calendar.zone(market)
    known = all_days(calendar.known_to(market))
    chosen = {day for day in known if (session := calendar.day(market, day)) is not None and session.half}
    for day in known:
        noon = datetime.combine(day, time(12), zone)
        if noon.utcoffset() != (noon - timedelta(days=1)).utcoffset() and day.year >= 2025:
            chosen.update(day + timedelta(days=n) for n in range(-3, 4))
    chosen.update(known[::151])
    chosen.update(known[1::151])
    return sorted(chosen)


@pytest.mark.parametrize("market", [Market.HK, Market.US, Market.SH, Market.SG])
def test_every_minute_of_sampled_days(calendar, market):
    expected = expected_periods(calendar, market)
    zone = calendar.zone(market)
    for day in sampled_days(calendar, market):
        midnight = int(datetime.combine(day, time(), zone).timestamp())
        instants = np.arange(midnight, int(datetime.combine(day + timedelta(days=1), time(), zone).timestamp()), 60)
        periods = expected.get(day, ())
        open_now = np.zeros(len(instants), bool)
        for begin, end in periods:
            open_now |= (instants >= begin) & (instants < end)
        phases = [calendar.now(market, ts).phase for ts in instants.tolist()]
        assert [phase is Phase.OPEN for phase in phases] == open_now.tolist(), day
        session = calendar.day(market, day)
        if session is None:
            assert not periods
            assert set(phases) == {Phase.CLOSED}
            continue
        elapsed = np.concatenate([[0], np.cumsum(open_now)[:-1]])
        assert [session.index(ts) for ts in instants.tolist()] == elapsed.tolist(), day
        on_axis = np.where(open_now | np.isin(instants, [end for _, end in periods]), elapsed, -1)
        assert session.indexes(instants).tolist() == on_axis.tolist(), day
