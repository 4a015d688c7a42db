"""The poller asks whom the schedule names, as fast as the quota lets, and a bad answer is that symbol's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, PartFailed, RateLimited, RemoteProtocolError, RequestTimeout, UnknownSymbol
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.cycle import PollCycle
from capflow_gui.feed.polling.poller import Poller
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.quota.limiter import Limiter
from capflow_gui.reason import Code, Reason
from tests.reasons import said
from tests.unit.conftest import HandClock, run_pending

A, B, C = (Symbol.parse(f"{code}.HK") for code in (1, 2, 3))
WHY = Reason.of(Code.VERBATIM, text="no")
MORNING = 1_654_653_600.0  # a Wednesday, 10:00 in Hong Kong


class Broker:
    """Holds every question until it is answered by hand."""

    source = "opend"

    def __init__(self) -> None:
        self.asked: list[Symbol] = []
        self.open: dict[Symbol, asyncio.Future[FlowSeries]] = {}

    async def get_capital_flow(self, symbol: Symbol) -> FlowSeries:
        self.asked.append(symbol)
        self.open[symbol] = asyncio.get_running_loop().create_future()
        return await self.open[symbol]

    async def answer(self, symbol: Symbol, error: Exception | None = None) -> None:
        future = self.open.pop(symbol)
        if error is None:
            empty = np.zeros((6, 0))
            future.set_result(FlowSeries(symbol, self.source, Period.INTRADAY, np.zeros(0, np.int64), empty))
        else:
            future.set_exception(error)
        await run_pending()


@dataclass
class Desk:
    """A poller at work, and what it told."""

    clock: HandClock
    broker: Broker
    limiter: Limiter
    schedule: Schedule
    poller: Poller
    stored: list[Symbol] = field(default_factory=list)
    failed: list[tuple[Symbol, CapflowError]] = field(default_factory=list)
    may_ask: bool = True

    async def watch(self, *symbols: Symbol) -> None:
        self.schedule.set_symbols(symbols, self.clock.monotonic())
        self.poller.watch(list(symbols))
        await run_pending()

    async def pass_time(self, seconds: float) -> None:
        self.clock.move(seconds)
        await run_pending()


@pytest.fixture
async def desk(hand_clock: HandClock, calendar: Calendar) -> AsyncIterator[Desk]:
    hand_clock.step_wall(MORNING - hand_clock.wall())
    broker, schedule, market = Broker(), Schedule(calendar), MarketClock(hand_clock)
    limiter = Limiter("k", RateLimit(2, 30.0), clock=hand_clock)

    def take(series: FlowSeries) -> None:
        schedule.stored(series.symbol, hand_clock.monotonic(), market.now())
        made.stored.append(series.symbol)

    poller = Poller(
        broker,  # type: ignore[arg-type]
        limiter,
        schedule,
        market,
        PollCycle(schedule, limiter),
        clock=hand_clock,
        gate=lambda: made.may_ask,
        on_series=take,
        on_error=lambda symbol, error: made.failed.append((symbol, error)),
    )
    made = Desk(hand_clock, broker, limiter, schedule, poller)
    running = asyncio.create_task(poller.run())
    yield made
    running.cancel()
    await asyncio.wait([running])


async def test_several_are_asked_at_once_and_no_more_than_the_quota_lets(desk: Desk) -> None:
    await desk.watch(A, B, C)
    assert desk.broker.asked == [A, B]
    await desk.broker.answer(B)
    assert desk.stored == [B]
    await desk.pass_time(31.0)
    assert desk.broker.asked == [A, B, C]


async def test_one_that_is_on_its_way_is_not_asked_again(desk: Desk) -> None:
    await desk.watch(A)
    await desk.pass_time(35.0)
    assert desk.broker.asked == [A]
    await desk.broker.answer(A)
    await desk.pass_time(31.0)
    assert desk.broker.asked == [A, A]


async def test_nothing_is_asked_while_the_link_is_down_and_at_once_when_it_is_back(desk: Desk) -> None:
    desk.may_ask = False
    await desk.watch(A)
    await desk.pass_time(60.0)
    assert desk.broker.asked == []
    desk.may_ask = True
    desk.poller.poke()
    await run_pending()
    assert desk.broker.asked == [A]


@pytest.mark.parametrize("error", [RequestTimeout("opend", said()), RemoteProtocolError(said(), "opend")])
async def test_an_error_is_told_and_others_are_asked_on(desk: Desk, error: CapflowError) -> None:
    await desk.watch(A, B)
    await desk.broker.answer(A, error)
    assert desk.failed == [(A, error)]
    await desk.broker.answer(B)
    assert desk.stored == [B]
    await desk.pass_time(65.0)
    assert set(desk.broker.asked[2:]) == {A, B}


async def test_a_refusal_for_the_rate_halves_the_budget(desk: Desk) -> None:
    await desk.watch(A)
    await desk.broker.answer(A, RateLimited("opend", -1, "too often", 30.0))
    assert desk.limiter.shared
    assert desk.limiter.allowed == 1


async def test_an_answer_that_cannot_be_read_ends_no_poll(desk: Desk, expect_log: Callable[[str], None]) -> None:
    expect_log(r"ERROR .*the answer for 1\.HK could not be read")
    await desk.watch(A, B)
    await desk.broker.answer(A, ZeroDivisionError("a bug"))
    symbol, error = desk.failed[0]
    assert symbol == A
    assert isinstance(error, RemoteProtocolError)
    await desk.broker.answer(B)
    assert desk.stored == [B]


async def test_a_fault_of_ours_in_the_judging_ends_no_poll_and_is_no_source_s(
    desk: Desk, expect_log: Callable[[str], None]
) -> None:
    expect_log(r"ERROR .*the figures of 1\.HK could not be judged")
    stored = desk.stored
    desk.stored = None  # type: ignore[assignment]
    await desk.watch(A, B)
    await desk.broker.answer(A)
    desk.stored = stored
    symbol, error = desk.failed[0]
    assert symbol == A
    assert isinstance(error, PartFailed)
    await desk.broker.answer(B)
    assert desk.stored == [B]


async def test_the_answer_of_a_symbol_that_left_and_came_back_is_dropped(desk: Desk) -> None:
    await desk.watch(A)
    old = desk.broker.open
    desk.broker.open = {}
    await desk.watch()
    await desk.watch(A)
    assert desk.broker.asked == [A, A]
    new, desk.broker.open = desk.broker.open, old
    await desk.broker.answer(A)
    assert desk.stored == []
    desk.broker.open = new
    await desk.broker.answer(A)
    assert desk.stored == [A]


async def test_since_when_nothing_was_answered_is_known(desk: Desk) -> None:
    """A refusal is an answer; a question that ran out of time, or lost its connection, is none."""
    assert desk.poller.unanswered_since is None
    began = desk.clock.monotonic()
    await desk.watch(A, B)
    await desk.pass_time(4.0)
    assert desk.poller.unanswered_since == began
    await desk.broker.answer(A, RequestTimeout("opend", WHY))
    assert desk.poller.unanswered_since == began
    await desk.broker.answer(B, UnknownSymbol("opend", -1, "no"))
    assert (desk.poller.unanswered_since, desk.poller.answered_at) == (None, desk.clock.monotonic())
    await desk.watch(A, B, C)
    await desk.pass_time(100.0)
    asked = [*desk.broker.open]
    assert len(asked) > 1
    await desk.broker.answer(asked[0])
    assert desk.poller.unanswered_since == desk.clock.monotonic()  # others are on their way


async def test_a_slot_that_nobody_needs_any_more_is_given_back(desk: Desk) -> None:
    await desk.watch(A, B, C)
    await desk.broker.answer(A)
    await desk.watch(A, B)
    await desk.pass_time(30.06)
    used = desk.limiter.stats.requests
    assert desk.broker.asked.count(C) == 0
    assert used == len(desk.broker.asked)
