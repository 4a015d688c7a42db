"""Several processes, one account: the broker's two limits hold over all of them, and nobody starves.

Time is virtual. Every process has a limiter of its own on one quota; the broker counts arrivals in any
second and requests in flight, and jitter, lost replies, broken links and kills come as hypothesis likes.
"""

from __future__ import annotations

import heapq
import itertools
import random
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from capflow_gui.domain.link import RateLimit
from capflow_gui.quota.limiter import Limiter, Reservation
from capflow_gui.quota.quota_file import QuotaFile

CALLS, WINDOW_S, IN_FLIGHT, TIMEOUT_S = 10, 1.0, 5, 12.0
LIMIT = RateLimit(CALLS, WINDOW_S, IN_FLIGHT)
PROCESSES = 3
MARGIN_S = 0.05
LONGEST_LEASE_S = TIMEOUT_S + WINDOW_S + MARGIN_S


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


@dataclass
class Network:
    """Longest seconds on the way there, at work, and back; how often a reply is lost."""

    there: float = 0.01
    work: float = 0.01
    back: float = 0.01
    loss: float = 0.0


@dataclass(eq=False)
class Call:
    process: Process
    reservation: Reservation
    settled: bool = False
    arrived: bool = False
    answered: bool = False

    def end(self, settle: Callable[[], None]) -> None:
        if not self.settled:
            self.settled = True
            settle()


@dataclass(eq=False)
class Process:
    limiter: Limiter
    backlog: int = 0
    waits_since: float = 0.0
    look: int = 0  # the newest look planned; older ones are void
    calls: list[Call] = field(default_factory=list)
    alive: bool = True
    served: int = 0


class World:
    """The processes, the broker and the wire between them."""

    def __init__(self, file: QuotaFile, processes: int = PROCESSES) -> None:
        self.file = file
        self.clock = Virtual()
        self.dice = random.Random(0)
        self.network = Network()
        self.arrivals: list[float] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.longest_wait = 0.0
        self._serial = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self.processes = [self.spawn() for _ in range(processes)]

    def spawn(self) -> Process:
        return Process(Limiter("account", LIMIT, clock=self.clock, file=self.file, timeout_s=TIMEOUT_S))

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._serial), what))

    def run(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self._events and self._events[0][0] <= end:
            when, _, what = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, when)
            what()
        self.clock.now = end
        for process in self.processes:
            self.note_wait(process)

    def note_wait(self, process: Process) -> None:
        if process.backlog:
            self.longest_wait = max(self.longest_wait, self.clock.now - process.waits_since)

    def want(self, process: Process, calls: int) -> None:
        if not process.backlog:
            process.waits_since = self.clock.now
        process.backlog += calls
        self.plan_look(process, self.clock.now)

    def plan_look(self, process: Process, when: float) -> None:
        process.look += 1
        number = process.look
        self.at(when, lambda: self.look(process) if number == process.look else None)

    def look(self, process: Process) -> None:
        while process.alive and process.backlog:
            reservation = process.limiter.try_reserve(process.waits_since)
            if reservation is None:
                nap = min(process.limiter.next_look, self.clock.now + 1.0)
                self.plan_look(process, max(nap, self.clock.now + 1e-6))
                return
            self.note_wait(process)
            process.backlog -= 1
            process.waits_since = self.clock.now
            process.served += 1
            self.send(Call(process, reservation))

    def send(self, call: Call) -> None:
        call.process.calls.append(call)
        now, dice, network = self.clock.now, self.dice, self.network
        there, back = dice.uniform(0, network.there), dice.uniform(0, network.back)
        lost = dice.random() < network.loss
        # The broker drops a request at the time-out it carries.
        work = min(TIMEOUT_S, dice.uniform(0, TIMEOUT_S if lost else network.work))
        self.at(now + there, lambda: self.arrive(call, work, None if lost else back))
        self.at(now + TIMEOUT_S, lambda: self.finish(call, call.reservation.lost))

    def arrive(self, call: Call, work: float, back: float | None) -> None:
        if call.answered:
            return
        call.arrived = True
        self.arrivals.append(self.clock.now)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.at(self.clock.now + work, lambda: self.answer(call, back))

    def answer(self, call: Call, back: float | None) -> None:
        if call.answered:
            return
        call.answered = True
        self.in_flight -= call.arrived
        if back is not None:
            self.at(self.clock.now + back, lambda: self.finish(call, call.reservation.replied))

    def finish(self, call: Call, settle: Callable[[], None]) -> None:
        if call.settled or not call.process.alive:
            return
        call.end(settle)
        call.process.calls.remove(call)
        self.plan_look(call.process, self.clock.now)

    def kill(self, process: Process) -> Process:
        """As `kill -9` does; what it has sent goes on its way. A new process takes its place."""
        process.alive = False
        heir = self.spawn()
        self.processes[self.processes.index(process)] = heir
        return heir

    def cut(self, process: Process) -> None:
        """The link breaks; the broker works on what it has for up to a second."""
        for call in list(process.calls):
            self.finish(call, call.reservation.cut)
            self.at(self.clock.now + self.dice.uniform(0, WINDOW_S), lambda call=call: self.answer(call, None))

    def most_arrivals(self) -> int:
        """The most in any closed second."""
        stamps = self.arrivals
        return max((bisect_left(stamps, at + WINDOW_S + 1e-9) - i for i, at in enumerate(stamps)), default=0)


class SharedQuota(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World(QuotaFile(None))  # the real file costs minutes, and has tests of its own

    def teardown(self) -> None:
        world = self.world
        for process in world.processes:
            process.backlog = 0
        world.run(LONGEST_LEASE_S + 1.0)
        heir = world.spawn()
        taken = [heir.limiter.try_reserve() is not None for _ in range(IN_FLIGHT + 1)]
        size = len(msgspec.json.encode(world.file._memory))
        assert taken == [True] * IN_FLIGHT + [False], "a place was lost for good, or one came from nowhere"
        assert size < 4096

    @rule(process=st.integers(0, PROCESSES - 1), calls=st.integers(1, 40))
    def want(self, process: int, calls: int) -> None:
        self.world.want(self.world.processes[process], calls)

    @rule(
        there=st.floats(0.0, 1.0),
        work=st.sampled_from([0.0, 0.05, 0.5, 2.0, 14.0]),
        back=st.floats(0.0, 2.0),
        loss=st.sampled_from([0.0, 0.0, 0.1, 1.0]),
        seed=st.integers(0, 999),
    )
    def network_is(self, there: float, work: float, back: float, loss: float, seed: int) -> None:
        self.world.network, self.world.dice = Network(there, work, back, loss), random.Random(seed)

    @rule(seconds=st.floats(0.001, 6.0))
    def time_passes(self, seconds: float) -> None:
        self.world.run(seconds)

    @rule(process=st.integers(0, PROCESSES - 1), calls=st.integers(0, 20))
    def is_killed(self, process: int, calls: int) -> None:
        heir = self.world.kill(self.world.processes[process])
        if calls:
            self.world.want(heir, calls)

    @rule(process=st.integers(0, PROCESSES - 1))
    def link_breaks(self, process: int) -> None:
        self.world.cut(self.world.processes[process])

    @invariant()
    def the_broker_never_refuses(self) -> None:
        assert self.world.most_in_flight <= IN_FLIGHT
        assert self.world.most_arrivals() <= CALLS

    @invariant()
    def nobody_starves(self) -> None:
        # In the worst case every place is held by a call whose reply never comes.
        assert self.world.longest_wait <= LONGEST_LEASE_S + 1.0


TestSharedQuota = SharedQuota.TestCase
TestSharedQuota.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize(("work", "least"), [(0.02, 90), (1.0, 45), (2.0, 23)])
def test_two_processes_use_what_the_slower_limit_leaves(tmp_path: Path, work: float, least: int) -> None:
    """Ten calls a second where replies are quick, five a latency where they are slow; each has its share."""
    world = World(QuotaFile(tmp_path / "quota"), processes=2)
    world.network = Network(0.005, 0.0, 0.005)
    for process in world.processes:
        world.want(process, 10_000)
    real_send = world.send

    def send(call: Call) -> None:
        world.network.work = work
        world.dice.uniform = lambda low, high: high  # type: ignore[method-assign]
        real_send(call)

    world.send = send  # type: ignore[method-assign]
    world.run(10.0)
    served = [process.served for process in world.processes]
    assert sum(served) >= least
    assert min(served) >= 0.3 * sum(served)  # five places do not halve: one has three of them
    assert (world.most_in_flight <= IN_FLIGHT, world.most_arrivals() <= CALLS) == (True, True)
    assert all((process.limiter.stats.use or 0.0) >= 0.9 for process in world.processes)


def test_alone_a_process_uses_all_of_it(tmp_path: Path) -> None:
    for work in (0.02, 0.45, 1.0, 3.0):
        world = World(QuotaFile(tmp_path / f"quota-{work}"), processes=1)
        world.network = Network(0.0, work, 0.0)
        world.dice.uniform = lambda low, high: high  # type: ignore[method-assign]
        world.want(world.processes[0], 10_000)
        world.run(60.0)
        use = world.processes[0].limiter.stats.use
        assert use is not None
        assert use >= 0.995
        expected = min(IN_FLIGHT / work, CALLS / (WINDOW_S + MARGIN_S + work)) * 60
        assert world.processes[0].served >= 0.98 * expected
        assert world.most_in_flight <= IN_FLIGHT


@pytest.mark.parametrize("work", [0.05, 0.8])
def test_ten_minutes_of_a_link_that_breaks_every_two_seconds(work: float) -> None:
    """What was on its way counts until its time-out; neither the broker's limits nor the asking suffer."""
    world = World(QuotaFile(None), processes=2)
    world.network = Network(0.02, work, 0.02)
    for process in world.processes:
        world.want(process, 1_000_000)
    for _ in range(300):
        world.run(2.0)
        world.cut(world.processes[0])
    assert (world.most_in_flight <= IN_FLIGHT, world.most_arrivals() <= CALLS) == (True, True)
    assert world.longest_wait < LONGEST_LEASE_S
    assert all(process.served > 600 * 0.4 for process in world.processes)
