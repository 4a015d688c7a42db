"""Consumers of one monitor that raise, hang, block or are slow, through an hour of a trading morning."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState, RateLimit
from capflow_gui.domain.quote import GlobalState
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import ConnectionLost, PartFailed
from capflow_gui.feed.events import AlertEvent, Event, FaultEvent
from capflow_gui.feed.freshness import Freshness
from capflow_gui.feed.source import Source
from capflow_gui.feed.subscriptions import Subscription
from capflow_gui.monitor import Monitor
from capflow_gui.present.row_sentence import row_sentence
from capflow_gui.providers.base import Capabilities
from capflow_gui.quota.limiters import Limiters
from capflow_gui.reason import Code, Reason
from tests.integration.jumping_clock import JumpingClock

BEGIN = datetime(2026, 6, 10, 10, 30, tzinfo=ZoneInfo("Asia/Hong_Kong")).timestamp()
SYMBOLS = [Symbol.parse(f"{code}.HK") for code in (700, 3690, 981, 1810)]
HOUR_S = 3600.0
HANG_S = 5.0
PACE_S = 31.0  # on screen, and a call of the quota for each
START = 1000.0
LEVEL = -1.5e6


@dataclass
class SwingingMarket:
    """A provider that answers at once: every symbol swings about its threshold, some minutes long each time."""

    clock: JumpingClock
    calendar: Calendar
    source: str = "swing"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(frozenset(Period), True, {"capital_flow": RateLimit(30, 30.0)})
    )
    polls: list[tuple[float, Symbol]] = field(default_factory=list)
    tell: Callable[[LinkState], None] = print
    heard_time: None = None

    @property
    def link(self) -> LinkState:
        return LinkState(self.source, LinkPhase.READY, 0.0)

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        self.tell = callback

    async def run(self) -> None:
        self.tell(self.link)
        await asyncio.Event().wait()

    async def get_global_state(self) -> GlobalState:
        return GlobalState(self.clock.wall(), True, 1, True, {})

    async def get_capital_flow(self, symbol: Symbol, *_period: object) -> FlowSeries:
        now = self.clock.wall()
        self.polls.append((self.clock.monotonic(), symbol))
        day = self.calendar.day(symbol.market, date(2026, 6, 10))
        assert day is not None
        labels = day.labels()
        labels = labels[labels <= now]
        minutes = np.arange(len(labels))
        net = -1e6 * (1 + np.sin(minutes + SYMBOLS.index(symbol)))
        values = np.vstack([net, net / 2, net / 4, net / 4, net / 4, net / 4])
        return FlowSeries(symbol, self.source, Period.INTRADAY, labels, values, now, day.day)

    async def get_snapshots(self, *_symbols: object) -> list[Any]:
        raise ConnectionLost(self.source, "no such interface", sent=False)

    get_static_info = get_market_states = get_trade_dates = get_distribution = get_snapshots


@dataclass
class Consumer:
    """Takes events and does with each what `habit` does; an OSError ends it."""

    habit: Habit
    subscription: Subscription
    clock: JumpingClock
    chance: random.Random
    alerts: list[AlertEvent] = field(default_factory=list)

    async def run(self) -> None:
        async for event in self.subscription:
            self.note(event)
            await self.habit(self)

    def note(self, event: Event) -> None:
        if isinstance(event, AlertEvent):
            self.alerts.append(event)

    async def close(self) -> None:
        """Take what still waits."""
        self.subscription.close()
        async for event in self.subscription:
            self.note(event)


Habit = Callable[[Consumer], Coroutine[Any, Any, None]]


async def keep_up(consumer: Consumer) -> None:
    consumer.subscription.changes()


async def fail(consumer: Consumer) -> None:
    if consumer.chance.random() < 0.01:
        raise OSError(28, "No space left on device")


async def hang(consumer: Consumer) -> None:
    await consumer.clock.sleep_until(consumer.clock.monotonic() + HANG_S)


async def be_slow(consumer: Consumer) -> None:
    await consumer.clock.sleep_until(consumer.clock.monotonic() + 3 * consumer.chance.random())
    consumer.subscription.show(consumer.chance.sample(SYMBOLS, 3))


async def block(consumer: Consumer) -> None:
    """Nobody runs meanwhile, as when a window paints for five seconds."""
    if consumer.chance.random() < 0.02:
        consumer.clock.now += HANG_S


async def stop_taking(consumer: Consumer) -> None:
    await asyncio.Event().wait()


@dataclass
class Morning:
    """What came of it. `waiting`: the most events that waited for one consumer, its alerts left out."""

    polls: list[tuple[float, Symbol]]
    records: int
    consumers: list[Consumer]
    waiting: int
    troubles: Sequence[object]


async def morning(calendar: Calendar, habits: Sequence[Habit], seed: int, minutes: int = 60) -> Morning:
    """A monitor with such consumers, from half past ten on."""
    clock = JumpingClock(BEGIN)
    provider = SwingingMarket(clock, calendar)
    source = Source("swing", provider, Limiters("swing", provider.capabilities.limits, clock=clock))
    monitor = Monitor([source], SYMBOLS, calendar=calendar, clock=clock, rules=RuleTable(LEVEL))
    consumers = [
        Consumer(habit, monitor.subscribe(f"{number}", events=True), clock, random.Random(seed + number))
        for number, habit in enumerate(habits)
    ]
    tasks = [asyncio.create_task(monitor.run()), *(asyncio.create_task(each.run()) for each in consumers)]
    waiting = 0
    for minute in range(1, minutes + 1):
        await clock.run_until(START + minute * 60)
        queues = [each.subscription._events for each in consumers]
        waiting = max(waiting, *(len(queue._others) for queue in queues if queue is not None))
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await task
    for consumer in consumers:
        await consumer.close()
    return Morning(provider.polls, len(monitor.alerts), consumers, waiting, monitor.troubles)


@pytest.mark.parametrize("seed", range(2))
async def test_an_hour_with_bad_consumers_loses_no_alert_and_stops_no_poll(sessions: Calendar, seed: int) -> None:
    habits = [keep_up, fail, fail, hang, be_slow, block, stop_taking]
    random.Random(seed).shuffle(habits)
    hour = await morning(sessions, habits, seed)
    assert hour.troubles == ()
    told = [(event.at, event.record.symbol, event.change) for event in hour.consumers[habits.index(keep_up)].alerts]
    raised = sum(change == "raised" for _, _, change in told)
    assert raised == hour.records > 30
    for consumer in hour.consumers:
        assert [(event.at, event.record.symbol, event.change) for event in consumer.alerts] == told, consumer.habit
    for symbol in SYMBOLS:
        times = [START, *(at for at, polled in hour.polls if polled is symbol), START + HOUR_S]
        assert max(later - earlier for earlier, later in pairwise(times)) <= PACE_S + 3 * HANG_S
    assert hour.waiting <= 2 * len(SYMBOLS)


async def test_who_consumes_makes_no_difference_to_what_is_polled(sessions: Calendar) -> None:
    alone = await morning(sessions, [keep_up], 1, 15)
    among = await morning(sessions, [keep_up, fail, hang, stop_taking, fail], 1, 15)
    assert among.polls == alone.polls
    assert len(among.polls) >= len(SYMBOLS) * 15 * 60 / PACE_S


async def test_a_failed_part_of_capflow_is_said_and_no_source_blamed(sessions: Calendar, expect_log) -> None:
    expect_log("ERROR capflow_gui.feed.supervisor: swing polling stopped unexpectedly")
    clock = JumpingClock(BEGIN)
    provider = SwingingMarket(clock, sessions)
    source = Source("swing", provider, Limiters("swing", provider.capabilities.limits, clock=clock))
    monitor = Monitor([source], SYMBOLS[:2], calendar=sessions, clock=clock, rules=RuleTable(LEVEL))
    watching = monitor.subscribe("watch", events=True)
    running = asyncio.create_task(monitor.run())
    await clock.run_until(START + 60)
    monitor.feeds[0].intake.schedule.pick = lambda *_: 1 / 0  # type: ignore[method-assign]
    await clock.run_until(START + 180)
    (reason,) = monitor.troubles
    assert reason == Reason.of(Code.PART_FAILED, part="swing polling", error="ZeroDivisionError")
    monitor.add_symbols([SYMBOLS[2]])
    monitor.ask_again(SYMBOLS[0])
    for symbol in monitor.symbols:
        row = monitor.row(symbol)
        assert (row.freshness, type(row.error)) == (Freshness.ERROR, PartFailed)
        said = row_sentence(row, monitor.links[0], clock.wall(), clock.monotonic(), sessions.zone(symbol.market))
        assert said.text.startswith("A part of Capflow itself has failed (swing polling: ZeroDivisionError)")
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    watching.close()
    (fault,) = [event async for event in watching if isinstance(event, FaultEvent)]
    assert fault.error.reason == reason


async def test_figures_that_capflow_cannot_judge_are_not_blamed_on_the_source(sessions: Calendar, expect_log) -> None:
    expect_log("ERROR capflow_gui.feed.polling.poller: the figures of 700.HK could not be judged")
    clock = JumpingClock(BEGIN)
    provider = SwingingMarket(clock, sessions)
    source = Source("swing", provider, Limiters("swing", provider.capabilities.limits, clock=clock))
    monitor = Monitor([source], SYMBOLS[:1], calendar=sessions, clock=clock, rules=RuleTable(LEVEL))
    running = asyncio.create_task(monitor.run())
    answered = monitor.feeds[0].intake.cycle.answered
    monitor.feeds[0].intake.cycle.answered = lambda *_: 1 / 0  # type: ignore[method-assign]
    await clock.run_until(START + 60)
    row = monitor.row(SYMBOLS[0])
    said = row_sentence(row, monitor.links[0], clock.wall(), clock.monotonic(), sessions.zone(SYMBOLS[0].market))
    assert said.state == "Capflow failed"
    assert "judging 700.HK: ZeroDivisionError" in said.text
    assert monitor.troubles == ()
    monitor.feeds[0].intake.cycle.answered = answered  # type: ignore[method-assign]
    await clock.run_until(START + 180)
    assert monitor.row(SYMBOLS[0]).error is None
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
