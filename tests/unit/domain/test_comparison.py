from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from capflow_gui.domain.comparison import compare
from capflow_gui.domain.flow import NET, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol

SYMBOL = Symbol.parse("700.HK")


@pytest.fixture
def day(calendar: Calendar) -> TradingDay:
    found = calendar.day(Market.HK, date(2026, 6, 10))
    assert found is not None
    return found


def series(timestamps: Ints, net: Floats, source: str = "a", symbol: Symbol = SYMBOL) -> FlowSeries:
    values = np.full((6, len(net)), np.nan)
    values[NET] = net
    return FlowSeries(symbol, source, Period.INTRADAY, timestamps.copy(), values)


def walk(day: TradingDay, seed: int = 1) -> Floats:
    steps = np.random.default_rng(seed).normal(1e5, 1e6, day.minutes)
    return np.concatenate(([0.0], np.cumsum(steps)))


def test_the_same_money_by_another_method(day: TradingDay) -> None:
    net = walk(day)
    other = 0.9 * net + np.random.default_rng(2).normal(0, 1e4, len(net))
    found = compare(series(day.labels(), net), series(day.labels(), other, "b"), day, 1e9)
    assert found.common == day.minutes + 1
    assert found.sign_agreement is not None
    assert found.sign_agreement > 0.95
    assert found.correlation is not None
    assert found.correlation > 0.99
    assert (found.lag, found.scale) == (0, 0)
    assert found.first[-1] == pytest.approx(net[-1] / 1e9)


def test_minutes_labelled_by_their_begin_lead_by_one(day: TradingDay) -> None:
    net = walk(day)
    found = compare(series(day.labels(), net), series(day.labels()[1:] - 60, net[1:], "b"), day, None)
    assert found.lag == -1
    assert found.correlation is not None
    assert found.correlation > 0.95


def test_units_of_ten_thousand(day: TradingDay) -> None:
    net = walk(day)
    assert compare(series(day.labels(), net), series(day.labels(), net / 1e4), day, None).scale == 1
    assert compare(series(day.labels(), net / 1e4), series(day.labels(), net), day, None).scale == -1
    assert compare(series(day.labels(), net), series(day.labels(), net / 100), day, None).scale is None


def test_the_opposite_sign(day: TradingDay) -> None:
    net = walk(day)
    found = compare(series(day.labels(), net), series(day.labels(), -net), day, 1e9)
    assert found.sign_agreement == 0.0


def test_what_is_not_common_is_left_out(day: TradingDay) -> None:
    net = walk(day)
    morning, afternoon = slice(0, 100), slice(200, 331)
    first = series(day.labels()[morning], net[morning])
    second = series(day.labels()[afternoon], net[afternoon])
    found = compare(first, second, day, None)
    assert (found.common, found.sign_agreement, found.correlation, found.scale) == (0, None, None, None)
    empty = series(day.labels()[:0], net[:0])
    assert compare(empty, empty, day, 1e9).common == 0
    flat = series(day.labels(), np.zeros(len(net)))
    assert compare(flat, flat, day, 1e9).correlation is None


def test_two_symbols_are_not_compared(day: TradingDay) -> None:
    net = walk(day)
    other = series(day.labels(), net, symbol=Symbol.parse("5.HK"))
    with pytest.raises(ValueError, match="one symbol"):
        compare(series(day.labels(), net), other, day, None)
