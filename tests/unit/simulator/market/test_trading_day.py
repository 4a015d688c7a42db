"""A simulated day obeys its own arithmetic, and many of them look like a market (product research, §5)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.market.trading_day import DayFlow, Shape, in_and_out, make_day
from capflow_gui.simulator.market.universe import Listing, build_universe

UNIVERSE = build_universe()
CLOSES = (100.0, 101.0)


def listing(name: str) -> Listing:
    return UNIVERSE[Symbol.parse(name)]


def session(calendar: Calendar, name: str, day: str) -> TradingDay:
    found = calendar.day(Symbol.parse(name).market, date.fromisoformat(day))
    assert found is not None
    return found


def make(calendar: Calendar, name: str, day: str = "2026-06-10", seed: int = 1, shape: Shape | None = None) -> DayFlow:
    return make_day(listing(name), session(calendar, name, day), seed, CLOSES, shape)


@pytest.mark.parametrize("name", ["700.HK", "AAPL.US", "600519.SH", "300750.SZ", "8083.HK", "D05.SG", "800000.HK"])
def test_amounts_are_whole_and_never_exceed_the_turnover(calendar: Calendar, name: str) -> None:
    day = make(calendar, name)
    n = day.session.minutes
    assert day.flows.shape == (4, n + 1)
    assert not day.flows[:, 0].any()
    assert not (day.flows % 10).any()
    as_doubles = day.flows.astype(np.float64)
    # Added as a client adds them, in doubles and in this order, the classes give the net to the last bit.
    net = as_doubles[0] + as_doubles[1] + as_doubles[2] + as_doubles[3]
    assert (net == day.flows.sum(axis=0)).all()
    steps = np.abs(np.diff(day.flows, axis=1).sum(axis=0))
    assert (steps <= np.diff(day.turnover) + 40).all()
    assert day.price[0] == CLOSES[0]
    assert day.close == pytest.approx(CLOSES[1], abs=0.01)


def test_a_day_follows_from_seed_symbol_and_date_alone(calendar: Calendar) -> None:
    first = make(calendar, "700.HK")
    assert np.array_equal(first.flows, make(calendar, "700.HK").flows)
    for other in (
        make(calendar, "700.HK", seed=2),
        make(calendar, "700.HK", day="2026-06-11"),
        make(calendar, "9988.HK"),
    ):
        assert not np.array_equal(first.flows, other.flows)


def test_the_closing_auction_lies_where_its_market_has_it(calendar: Calendar) -> None:
    hong_kong, new_york, shanghai = (make(calendar, name) for name in ("700.HK", "AAPL.US", "600519.SH"))
    assert hong_kong.auction_volumes.sum() == pytest.approx(0.08 / 0.92 * hong_kong.turnover[-1], rel=0.05)
    assert not new_york.auction_volumes.any()
    assert np.diff(new_york.turnover)[-1] > 0.085 * new_york.turnover[-1]
    # The mainland's closing call: nothing at 14:58 and 14:59, then one step.
    tail = np.diff(shanghai.turnover)[-3:]
    assert tail[0] == tail[1] == 0 < tail[2]
    assert (np.diff(shanghai.flows, axis=1)[:, -3:-1] == 0).all()


def test_money_in_and_out_differ_by_the_flow_and_fit_the_turnover(calendar: Calendar) -> None:
    day = make(calendar, "700.HK")
    inflow, outflow = in_and_out(day.flows[:, -1], day.volumes[:, -1])
    assert (inflow >= 0).all()
    assert (outflow >= 0).all()
    assert (inflow - outflow == day.flows[:, -1]).all()
    assert (inflow + outflow <= day.volumes[:, -1] + 20).all()


def test_few_lines_are_first_shown_a_little_off(calendar: Calendar) -> None:
    day = make(calendar, "700.HK")
    off = (day.early != day.flows).any(axis=0)
    assert 3 <= off.sum() <= 40
    size = np.abs((day.early - day.flows).sum(axis=0))[1:]
    assert (size <= 0.03 * np.diff(day.turnover) + 40).all()


def test_a_shape_leads_the_day_where_it_says(calendar: Calendar) -> None:
    day = make(calendar, "700.HK", shape=Shape(((0, 0), (0.5, 0.02), (1, -0.04)), noise=0.2))
    share = day.flows.sum(axis=0) / listing("700.HK").turnover
    assert share[165] == pytest.approx(0.02, abs=0.006)
    assert share[-1] == pytest.approx(-0.04, abs=0.008)


def test_a_halted_symbol_stops(calendar: Calendar) -> None:
    day = make(calendar, "1234.HK")
    assert day.turnover[35] == day.turnover[-1] > 0
    assert not day.auction_volumes.any()


# name, sd of net/T, largest minute, kurtosis, lag-1 autocorrelation, share of minutes without very large orders
TARGETS = [
    ("700.HK", (0.045, 0.075), (0.0025, 0.006), (6, 16), (0.15, 0.32), (0.10, 0.25)),
    ("AAPL.US", (0.045, 0.075), (0.004, 0.020), (10, 250), (0.05, 0.25), (0.0, 0.04)),
    ("8083.HK", (0.045, 0.085), (0.004, 0.012), (12, 40), (0.03, 0.20), (0.8, 1.0)),
]


@pytest.mark.parametrize(("name", "bands"), [(name, bands) for name, *bands in TARGETS])
def test_a_hundred_days_look_like_a_market(calendar: Calendar, name: str, bands: list[tuple[float, float]]) -> None:
    days, at = [], date(2025, 1, 2)
    while len(days) < 120:
        trading = calendar.day(Symbol.parse(name).market, at)
        if trading is not None and not trading.half:
            days.append(make_day(listing(name), trading, 7, CLOSES, None))
        at += timedelta(days=1)
    nets = np.array([day.flows[:, -1].sum() / day.turnover[-1] for day in days])
    steps = [np.diff(day.flows.sum(axis=0)) for day in days]
    unit = [(step - step.mean()) / step.std() for step in steps]
    peaks = [np.abs(step).max() / day.turnover[-1] for step, day in zip(steps, days, strict=True)]
    quiet_minutes = [float((np.diff(day.flows[0]) == 0).mean()) for day in days]
    found = (
        nets.std(),
        np.median(peaks),
        np.median([(u**4).mean() for u in unit]),
        np.mean([(u[1:] * u[:-1]).mean() for u in unit]),
        np.mean(quiet_minutes),
    )
    for value, (low, high) in zip(found, bands, strict=True):
        assert low <= value <= high
    if name == "8083.HK":  # hardly any very large order to correlate with
        return
    classes = np.mean([np.corrcoef(np.diff(day.flows, axis=1)) for day in days], axis=0)
    assert 0.15 <= classes[0, 1] <= 0.45
    assert 0.20 <= classes[1, 2] <= 0.50
