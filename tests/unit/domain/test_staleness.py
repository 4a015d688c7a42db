from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.staleness import is_cut_off, is_held, is_stale, last_valid
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.freshness import Freshness, freshness, quiet_seconds

TENCENT = Symbol(Market.HK, "700")
SESSION = date(2022, 6, 8)
OPEN = 1654651800
DAY = TradingDay(Market.HK, SESSION, "Asia/Hong_Kong", ((OPEN, OPEN + 720), (OPEN + 1800, OPEN + 2520)))


def reply(newest: int, valid: float | None, received: float) -> FlowSeries:
    """One with the lines of so many minutes."""
    labels = DAY.labels()[:newest]
    values = np.zeros((6, newest))
    return FlowSeries(
        TENCENT, "s", Period.INTRADAY, labels, values, last_valid=valid, session=SESSION, received=received
    )


@pytest.mark.parametrize(
    ("quiet_s", "cycle_s", "stale"), [(180.0, 0.0, False), (181.0, 60.0, True), (181.0, 61.0, False)]
)
def test_figures_are_stale_after_three_minutes_or_two_cycles_and_a_minute(
    quiet_s: float, cycle_s: float, stale: bool
) -> None:
    assert is_stale(quiet_s, cycle_s) is stale


def test_figures_that_were_true_nobody_knows_when_are_stale() -> None:
    assert is_stale(None, 1e9)


@pytest.mark.parametrize(
    ("at", "valid", "cycle_s", "held"),
    [
        (600, None, 0.0, False),  # no line, and no time
        (600, 480, 0.0, False),
        (600, 300, 0.0, True),
        (600, 300, 400.0, False),
        (900, 300, 0.0, False),  # in the break
        (1900, 660, 0.0, False),  # the break is not counted
        (2040, 600, 0.0, True),
    ],
)
def test_a_reply_is_not_judged_that_is_stale_in_trading(at: int, valid: int | None, cycle_s: float, held: bool) -> None:
    series = reply(0 if valid is None else 1, None if valid is None else float(OPEN + valid), float(OPEN + at))
    assert is_held(series, float(OPEN + at), DAY, cycle_s) is held


@given(
    st.integers(-100, 2700),
    st.none() | st.integers(0, 700),
    st.integers(0, 25),
    st.sampled_from([0.0, 60.0, 101.5, 400.0]),
)
def test_no_rule_is_judged_where_the_state_is_stale(
    calendar, at: int, ago: int | None, newest: int, cycle_s: float
) -> None:
    calendar, came = calendar.with_day(DAY), float(OPEN + at)
    series = reply(newest, None if ago is None else came - ago, came)
    quiet_s, now = quiet_seconds(series, calendar, came), calendar.now(Market.HK, came)
    state = freshness(series, None, now, halted=False, quiet_s=quiet_s, cycle_s=cycle_s)
    assert is_held(series, came, DAY, cycle_s) is (state is Freshness.STALE)


def test_without_a_last_valid_time_the_newest_label_stands_for_it() -> None:
    assert last_valid(reply(2, None, OPEN)) == OPEN + 60
    assert last_valid(reply(2, 5.0, OPEN)) == 5.0
    assert last_valid(reply(0, 5.0, OPEN)) is None


@pytest.mark.parametrize(
    ("valid", "cut"),
    [
        (OPEN - 1, False),
        (OPEN, True),
        (OPEN + 719, True),
        (OPEN + 720, False),
        (OPEN + 2519, True),
        (OPEN + 2520, False),
    ],
)
def test_figures_are_cut_off_within_a_trading_period(valid: float, cut: bool) -> None:
    assert is_cut_off(reply(3, valid, valid), DAY) is cut


def test_figures_without_lines_are_not_cut_off() -> None:
    assert not is_cut_off(reply(0, None, OPEN), DAY)
