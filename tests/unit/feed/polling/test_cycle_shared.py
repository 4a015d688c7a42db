"""The measured cycle of a row beside another process, and in bursts. Time is virtual."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.polling.cycle import PollCycle
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.quota.limiter import Limiter, Reservation
from capflow_gui.quota.quota_file import QuotaFile

MORNING = 1_654_653_600.0  # a Wednesday, 10:00 in Hong Kong
OPEND = RateLimit(30, 30.0)
LONGPORT = RateLimit(10, 1.0, 5)
GREEDY = 0.95  # a `watch` always has something due


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
    cycle: PollCycle
    symbols: list[Symbol]
    look: int = 0  # the newest look planned; older ones are void
    alive: bool = True
    replied: dict[Symbol, float] = field(default_factory=dict)
    shown: dict[Symbol, float] = field(default_factory=dict)
    looks: int = 0
    late: int = 0  # looks at which a row was older than its cycle
    latest: float = 0.0  # the oldest row, as a multiple of its cycle


class World:
    """Processes that share one quota, and somebody who looks at every row each second."""

    def __init__(self, calendar: Calendar, limit: RateLimit, seed: int, latency_s: float) -> None:
        self.calendar, self.limit, self.latency_s = calendar, limit, latency_s
        self.clock, self.file, self.dice = Virtual(), QuotaFile(None), random.Random(seed)
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
        process = Process(schedule, limiter, PollCycle(schedule, limiter), symbols)
        self.plan(process, self.clock.now)
        return process

    def stop(self, process: Process) -> None:
        """As a crash would: what it has sent stays reserved."""
        process.alive = False

    def watch(self) -> Process:
        """As fast as the quota lets."""
        return self.start(10, 10, GREEDY * 10 * self.limit.window_s / self.limit.calls)

    def look_on(self, process: Process) -> None:
        """Look at every row each second from now on."""
        for symbol in process.symbols:
            now, replied = self.clock.now, process.replied.get(symbol)
            if replied is None:
                continue
            shown = process.cycle.seconds(symbol, now, self.market)
            process.looks += 1
            process.late += round(now - replied) > round(shown)
            process.latest = max(process.latest, (now - replied) / shown)
            process.shown[symbol] = shown
        if process.alive:
            self.at(self.clock.now + 1.0, lambda: self.look_on(process))

    def plan(self, process: Process, when: float) -> None:
        process.look += 1
        number = process.look
        self.at(max(when, self.clock.now + 1e-6), lambda: self.turn(process) if number == process.look else None)

    def turn(self, process: Process) -> None:
        while process.alive:
            now = self.clock.now
            symbol = process.schedule.pick(now, self.market, process.cycle.slot_s)
            if symbol is None:
                self.plan(process, process.schedule.next_due(now, self.market, 1.0))
                return
            reservation = process.limiter.try_reserve(now)
            if reservation is None:
                self.plan(process, min(process.limiter.next_look, now + 1.0))
                return
            process.schedule.sent(symbol)
            latency = self.dice.uniform(0.2, 1.0) * self.latency_s
            self.at(now + latency, lambda each=symbol, slot=reservation: self.reply(process, each, slot))

    def reply(self, process: Process, symbol: Symbol, reservation: Reservation) -> None:
        if not process.alive:
            return
        now = self.clock.now
        reservation.replied()
        process.schedule.stored(symbol, now, self.market)
        process.cycle.answered(symbol, now, self.market)
        process.replied[symbol] = now
        self.plan(process, now)


SIZES = {OPEND: st.integers(1, 45), LONGPORT: st.one_of(st.integers(1, 60), st.just(150))}
WATCHED_S = {OPEND: 300.0, LONGPORT: 60.0}  # 300 calls of all at least
LATE = 0.05  # of all looks; a row is late once when the load grows, or where bursts meet anew


@pytest.mark.parametrize("limit", [OPEND, LONGPORT], ids=["opend", "longport"])
@settings(max_examples=8)
@given(data=st.data())
def test_a_row_is_seldom_older_than_shown_beside_another_process(calendar: Calendar, limit: RateLimit, data) -> None:
    count, visible = data.draw(SIZES[limit]), data.draw(st.integers(0, 18))
    world = World(calendar, limit, data.draw(st.integers(0, 999)), data.draw(st.sampled_from([0.005, 0.03, 0.2])))
    head_start, first = data.draw(st.sampled_from([0.3, 5.0, 40.0])), data.draw(st.booleans())
    if not first:
        world.watch()
        world.run(head_start)
    window = world.start(count, visible)
    if first:
        world.run(head_start)
        world.watch()
    round_s = 2 * count * limit.window_s / limit.calls
    world.run(60.0 + 2 * round_s)  # until every row has been measured at this load
    world.look_on(window)
    world.run(WATCHED_S[limit])
    assert window.looks
    assert window.late <= LATE * window.looks
    assert window.latest < 2.0
    # The truth is no excuse for numbers that say nothing: nobody waits longer than two rounds for a place in the third.
    assert all(shown <= 30.0 + 2.0 * limit.window_s + 3.0 * round_s for shown in window.shown.values())


@pytest.mark.parametrize("first", [True, False], ids=["window first", "watch first"])
def test_what_is_shown_beside_a_watch_is_what_it_takes(calendar: Calendar, first: bool) -> None:
    """280 symbols at five calls a second, twenty at half of thirty in thirty seconds."""
    for limit, count, visible, least, most in ((LONGPORT, 280, 0, 55.0, 64.0), (OPEND, 20, 18, 30.0, 62.0)):
        world = World(calendar, limit, 1, 0.01)
        if not first:
            world.watch()
        window = world.start(count, visible)
        if first:
            world.watch()
        world.run(150.0)
        world.look_on(window)
        world.run(150.0)
        assert window.late <= LATE * window.looks
        shown = [
            cycle for symbol, cycle in window.shown.items() if window.schedule.has_priority(symbol) == bool(visible)
        ]
        assert least <= min(shown)
        assert max(shown) <= most


def test_a_row_is_late_once_when_another_process_joins(calendar: Calendar) -> None:
    world = World(calendar, LONGPORT, 1, 0.01)
    window = world.start(280, 0)
    world.run(120.0)
    world.look_on(window)
    world.run(60.0)
    assert not window.late
    world.watch()
    world.run(40.0)
    assert window.late
    world.run(60.0)
    late = window.late
    world.run(120.0)
    assert window.late - late <= LATE * 120 * 280
