"""DAY, WEEK and MONTH series are fetched once an exchange day, and an error keeps the last good one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import CapflowError, RemoteProtocolError, RequestTimeout
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.history import History, Key
from capflow_gui.quota.limiter import Limiter
from tests.reasons import said
from tests.unit.conftest import HandClock, run_pending

TENCENT = Symbol.parse("700.HK")
DAY_S = 86400.0


def day_series(symbol: Symbol, period: Period) -> FlowSeries:
    labels = np.array([1_654_531_200, 1_654_617_600], dtype=np.int64)
    values = np.full((6, 2), np.nan)
    values[0] = [1e8, -2e8]
    return FlowSeries(symbol, "opend", period, labels, values)


class Broker:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Key] = []
        self.error: CapflowError | None = None

    async def get_capital_flow(self, symbol: Symbol, period: Period) -> FlowSeries:
        self.asked.append((symbol, period))
        if self.error is not None:
            raise self.error
        return day_series(symbol, period)


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
async def history(broker: Broker, hand_clock: HandClock, calendar: Calendar) -> AsyncIterator[History]:
    limiter = Limiter("k", RateLimit(1000, 30.0), clock=hand_clock)
    kept = History(broker, limiter, MarketClock(hand_clock), lambda: calendar, lambda _key: None)  # type: ignore[arg-type]
    running = asyncio.create_task(kept.run())
    yield kept
    running.cancel()
    await asyncio.wait([running])


async def test_what_nobody_asked_for_is_empty(history: History, broker: Broker) -> None:
    await run_pending()
    state = history.get(TENCENT, Period.DAY)
    assert (state.series, state.loading, state.error) == (None, False, None)
    assert broker.asked == []


async def test_it_is_fetched_once_an_exchange_day(history: History, broker: Broker, hand_clock: HandClock) -> None:
    for _ in range(3):
        history.request(TENCENT, Period.DAY)
        await run_pending()
    assert broker.asked == [(TENCENT, Period.DAY)]
    assert history.get(TENCENT, Period.DAY).series is not None
    hand_clock.move(DAY_S)
    history.request(TENCENT, Period.DAY)
    assert history.get(TENCENT, Period.DAY).loading
    assert history.get(TENCENT, Period.DAY).series is not None
    await run_pending()
    assert len(broker.asked) == 2


async def test_asking_twice_while_it_loads_is_one_call(history: History, broker: Broker) -> None:
    history.request(TENCENT, Period.WEEK)
    history.request(TENCENT, Period.WEEK)
    await run_pending()
    assert broker.asked == [(TENCENT, Period.WEEK)]


@pytest.mark.parametrize(
    "error", [RequestTimeout("opend", said()), RemoteProtocolError(said())], ids=["late", "broken"]
)
async def test_an_error_keeps_the_last_good_series_and_is_tried_again(
    history: History, broker: Broker, hand_clock: HandClock, error: CapflowError
) -> None:
    history.request(TENCENT, Period.DAY)
    await run_pending()
    hand_clock.move(DAY_S)
    broker.error = error
    history.request(TENCENT, Period.DAY)
    await run_pending()
    state = history.get(TENCENT, Period.DAY)
    assert (state.error, state.loading) == (error, False)
    assert state.series is not None


async def test_the_oldest_are_let_go(history: History, broker: Broker) -> None:
    symbols = [Symbol(Market.HK, str(code)) for code in range(1, 71)]
    for symbol in symbols:
        history.request(symbol, Period.DAY)
    await run_pending()
    held = [
        symbol
        for symbol in symbols
        if history.get(symbol, Period.DAY).loading or history.get(symbol, Period.DAY).series
    ]
    assert held == symbols[-64:]
