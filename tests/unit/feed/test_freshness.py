"""Domain rule 7, state by state, the first that holds."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from msgspec import structs

from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.staleness import last_valid
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import NoQuoteRight, RequestTimeout
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.freshness import freshness, needs_an_equal, quiet_at_most, quiet_seconds, staleness
from tests.reasons import said

TENCENT = Symbol(Market.HK, "700")


@pytest.mark.parametrize("state", Freshness)
def test_only_live_and_stale_figures_are_said_to_be_so(state: Freshness) -> None:
    expected = {Freshness.STALE: True, Freshness.LIVE: False}.get(state)
    assert staleness(state) is expected


def hk(text: str) -> float:
    return datetime.fromisoformat(f"2022-06-{text}").replace(tzinfo=ZoneInfo("Asia/Hong_Kong")).timestamp()


def series(day: str = "08", valid: float | None = None) -> FlowSeries:
    stamps = np.array([hk(f"{day} 09:30"), hk(f"{day} 09:31")], np.int64)
    session = datetime.fromisoformat(f"2022-06-{day}").date()
    return FlowSeries(TENCENT, "s", Period.INTRADAY, stamps, np.zeros((6, 2)), last_valid=valid, session=session)


def state(calendar, now: str, held, error=None, *, halted=False, cycle_s=10.0) -> Freshness:
    at = hk(now)
    quiet = quiet_seconds(held, calendar, at) if held is not None else None
    view = calendar.now(Market.HK, at)
    found = freshness(held, error, view, halted=halted, quiet_s=quiet, cycle_s=cycle_s)
    most = quiet_at_most(held, calendar, at) if held is not None else None
    assert freshness(held, error, view, halted=halted, quiet_s=most, cycle_s=cycle_s) is found
    return found


REFUSED = NoQuoteRight("s", -1, "行情权限不足")


@pytest.mark.parametrize(
    ("now", "day", "valid", "error", "halted", "expected"),
    [
        ("08 10:00", None, None, None, False, Freshness.NEVER_POLLED),
        ("08 10:00", None, None, RequestTimeout("s", said()), False, Freshness.ERROR),
        ("08 10:00", "08", "08 10:00", RequestTimeout("s", said()), True, Freshness.ERROR),
        ("08 10:00", "08", "08 10:00", REFUSED, True, Freshness.NO_PERMISSION),
        ("08 09:00", "07", "07 16:00", None, False, Freshness.PREVIOUS_SESSION),
        ("08 09:31", "07", "07 16:00", None, True, Freshness.PREVIOUS_SESSION),
        ("08 12:30", "07", "07 16:00", None, False, Freshness.PREVIOUS_SESSION),
        ("08 20:00", "07", "07 16:00", None, False, Freshness.PREVIOUS_SESSION),
        ("08 20:00", "08", "08 16:00", None, True, Freshness.CLOSED),
        ("11 12:00", "10", "10 16:00", None, False, Freshness.CLOSED),
        ("08 12:30", "08", "08 10:00", None, True, Freshness.LUNCH),
        ("08 10:00", "08", "08 09:40", None, True, Freshness.HALTED),
        ("08 10:00", "08", "08 09:56", None, False, Freshness.STALE),
        ("08 10:00", "08", "08 09:57", None, False, Freshness.LIVE),
        ("08 13:01", "08", "08 12:00", None, False, Freshness.LIVE),  # lunch is no silence
        ("08 13:05", "08", "08 12:00", None, False, Freshness.STALE),
    ],
)
def test_the_first_state_that_holds(  # noqa: PLR0917 - the columns of the table above
    calendar, now, day, valid, error, halted, expected
) -> None:
    held = None if day is None else series(day, hk(valid))
    assert state(calendar, now, held, error, halted=halted) is expected


def test_a_long_cycle_is_no_silence(calendar) -> None:
    held = series("08", hk("08 09:50"))
    assert state(calendar, "08 10:00", held, cycle_s=300.0) is Freshness.LIVE
    assert state(calendar, "08 10:00", held, cycle_s=250.0) is Freshness.STALE


def test_without_a_last_valid_time_the_newest_label_stands_for_it(calendar) -> None:
    assert last_valid(series("08")) == hk("08 09:31")
    assert state(calendar, "08 09:33", series("08")) is Freshness.LIVE
    assert state(calendar, "08 09:40", series("08")) is Freshness.STALE


def test_unchanged_figures_whose_last_valid_time_advances_are_live(calendar) -> None:
    assert state(calendar, "08 11:00", series("08", hk("08 10:59"))) is Freshness.LIVE


def test_a_reply_without_lines_is_as_old_as_itself(calendar) -> None:
    empty = FlowSeries(
        TENCENT, "s", Period.INTRADAY, np.zeros(0, np.int64), np.zeros((6, 0)), last_valid=9e9, received=hk("08 09:20")
    )
    assert last_valid(empty) is None
    assert state(calendar, "08 09:25", empty) is Freshness.CLOSED
    assert state(calendar, "08 09:33", empty) is Freshness.LIVE
    assert state(calendar, "08 09:34", empty) is Freshness.STALE


@pytest.mark.parametrize(
    ("change", "needs"),
    [
        ({}, True),
        ({"last_valid": 1780000060.0}, False),
        ({"confirmed": np.array([True, True])}, False),
        ({"confirmed": np.array([True, False])}, True),
        ({"flags": Flag.ORDER}, False),
        ({"timestamps": np.zeros(0, np.int64), "values": np.zeros((6, 0))}, False),
    ],
)
def test_a_source_without_last_valid_times_must_say_the_same_twice(change: dict[str, object], needs: bool) -> None:
    labels = np.array([1780000000, 1780000060], np.int64)
    series = FlowSeries(Symbol(Market.HK, "700"), "longport", Period.INTRADAY, labels, np.zeros((6, 2)))
    assert needs_an_equal(structs.replace(series, **change)) is needs
