"""What a row is promised holds beside another process, in bursts, and across a restart. Time is virtual."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.rate_limit import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.polling.cycles import Cycles
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.quota.limiter import Limiter, Reservation
from capflow_gui.quota.quota_file import QuotaFile

MORNING = 1_654_653_600.0  # a Wednesday, 10:00 in Hong Kong
OPEND = RateLimit(30, 30.0)
LONGPORT = RateLimit(10, 1.0, 5)
GREEDY = 0.95  # a `watch` always has something due
HALF_S = 160.0


class Virtual:
    """The machine's clock."""

    def __init__(self) -> None:
        self.now = 5000.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        raise AssertionError("the model does not sleep")


@dataclass(eq=False)
class Process:
    """A schedule that polls as the poller does."""

    schedule: Schedule
    limiter: Limiter
    cycles: Cycles
    symbols: list[Symbol]
    look: int = 0  # the newest look planned; older ones are void
    alive: bool = True
    replied: dict[Symbol, float] = field(default_factory=dict)
    told: dict[Symbol, tuple[float, float]] = field(default_factory=dict)  # what is shown, and since when no less


class World:
    """Processes that share one quota, and somebody who looks at every row each second."""

    def __init__(self, calendar: Calendar, limit: RateLimit, seed: int, latency_s: float) -> None:
        self.calendar, self.limit, self.latency_s = calendar, limit, latency_s
        self.clock, self.file, self.dice = Virtual(), QuotaFile(None), random.Random(seed)
        self.changed_at = 0.0  # when a process came or went: what was promised before could not know
        self.late: list[str] = []
        self._serial = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []

    @property
    def market(self) -> float:
        return MORNING + self.clock.now - 5000.0

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._serial), what))

    def run(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self._events and self._events[0][0] <= end:
            when, _, what = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, when)
            what()
        self.clock.now = end

    def start(self, count: int, visible: int, interval_s: float | None = None) -> Process:
        pace = {} if interval_s is None else {"visible_s": interval_s, "others_s": interval_s}
        schedule = Schedule(self.calendar, **pace)
        symbols = [Symbol(Market.HK, str(code)) for code in range(1, count + 1)]
        schedule.set_symbols(symbols, self.clock.now)
        schedule.set_visible(symbols[:visible])
        limiter = Limiter("k", self.limit, clock=self.clock, file=self.file)
        process = Process(schedule, limiter, Cycles(schedule, limiter), symbols)
        self.changed_at = self.clock.now
        self.plan(process, self.clock.now)
        return process

    def stop(self, process: Process) -> None:
        """As a crash would: what it has sent stays reserved."""
        process.alive = False
        self.changed_at = self.clock.now

    def watch(self) -> Process:
        """As fast as the quota lets."""
        return self.start(10, 10, GREEDY * 10 * self.limit.window_s / self.limit.calls)

    def look_on(self, process: Process) -> None:
        """Look at every row each second from now on."""
        began = self.clock.now

        def look() -> None:
            if process.alive:
                self._look(process, began)
                self.at(self.clock.now + 1.0, look)

        look()

    def _look(self, process: Process, began: float) -> None:
        now = self.clock.now
        for symbol in process.symbols:
            cycle = process.cycles.promised(symbol, now, self.market)
            shown, since = process.told.get(symbol, (math.inf, now))
            since = now if cycle < 0.9 * shown else since
            process.told[symbol] = cycle, since
            replied = process.replied.get(symbol, -math.inf)
            holds = replied > self.changed_at and now - since > cycle and now - began > 2 * cycle
            if holds and round(now - replied) > round(cycle):
                self.late.append(f"{now - began:.0f} s: {symbol}, {now - replied:.1f} s in {cycle:.1f} s")

    def plan(self, process: Process, when: float) -> None:
        process.look += 1
        number = process.look
        self.at(max(when, self.clock.now + 1e-6), lambda: self.turn(process) if number == process.look else None)

    def turn(self, process: Process) -> None:
        while process.alive:
            now = self.clock.now
            symbol = process.schedule.pick(now, self.market, process.cycles.slot_s)
            if symbol is None:
                self.plan(process, process.schedule.next_due(now, self.market, 1.0))
                return
            reservation = process.limiter.try_reserve(now)
            if reservation is None:
                self.plan(process, min(process.limiter.next_look, now + 1.0))
                return
            process.schedule.sent(symbol)
            process.cycles.polls += 1
            latency = self.dice.uniform(0.2, 1.0) * self.latency_s
            self.at(now + latency, lambda each=symbol, slot=reservation: self.reply(process, each, slot))

    def reply(self, process: Process, symbol: Symbol, reservation: Reservation) -> None:
        if not process.alive:
            return
        now = self.clock.now
        reservation.replied()
        process.schedule.stored(symbol, now, self.market)
        process.replied[symbol] = now
        self.plan(process, now)


SIZES = {OPEND: st.integers(1, 45), LONGPORT: st.one_of(st.integers(1, 60), st.just(150))}


@pytest.mark.parametrize("limit", [OPEND, LONGPORT], ids=["opend", "longport"])
@settings(max_examples=8)
@given(data=st.data())
def test_no_row_is_older_than_its_shown_cycle_beside_another_process(
    calendar: Calendar, limit: RateLimit, data
) -> None:
    count, visible = data.draw(SIZES[limit]), data.draw(st.integers(0, 18))
    world = World(calendar, limit, data.draw(st.integers(0, 999)), data.draw(st.sampled_from([0.005, 0.03, 0.2])))
    head_start, first = data.draw(st.sampled_from([0.3, 5.0, 40.0])), data.draw(st.booleans())
    for half in range(2):
        other = None if first else world.watch()
        world.run(0.0 if first else head_start)
        window = world.start(count, visible)
        world.look_on(window)
        if other is None:
            world.run(head_start)
            other = world.watch()
        world.run(HALF_S)
        for each in (window, other) if half == 0 else ():
            world.stop(each)
        world.run(1.0)
    assert not world.late
    # The truth is no excuse for numbers that say nothing: nobody waits longer than two rounds for a place in the third.
    round_s = count * window.limiter.hold_s / window.limiter.fair_share
    assert all(shown <= 30.0 + 2.0 * limit.window_s + 3.0 * round_s for shown, _ in window.told.values())


@pytest.mark.parametrize("first", [True, False], ids=["window first", "watch first"])
def test_what_is_shown_beside_a_watch_is_true_and_no_more_than_it_must_be(calendar: Calendar, first: bool) -> None:
    """The figures of the soak: 280 symbols at five calls a second, twenty at half of thirty in thirty seconds."""
    for limit, count, visible, least, most in ((LONGPORT, 280, 0, 58.0, 63.0), (OPEND, 20, 18, 30.0, 61.0)):
        world = World(calendar, limit, 1, 0.01)
        if not first:
            world.watch()
        window = world.start(count, visible)
        world.look_on(window)
        if first:
            world.watch()
        world.run(300.0)
        assert not world.late
        shown = [
            cycle for symbol, (cycle, _) in window.told.items() if window.schedule.is_heavy(symbol) == bool(visible)
        ]
        assert least <= min(shown)
        assert max(shown) <= most
