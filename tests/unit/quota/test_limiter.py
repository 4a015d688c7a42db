"""The quota is the broker's: whatever the network does, it is never exceeded, and it is used."""

from __future__ import annotations

import asyncio
import heapq
import os
from bisect import bisect_left
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.link import RateLimit
from capflow_gui.errors import ConnectFailed, ConnectionLost, RateLimited, RequestTimeout, UnknownSymbol
from capflow_gui.quota.limiter import HALVED_FOR_S, Limiter, settled
from capflow_gui.quota.quota_file import QuotaBusy, QuotaFile
from tests.reasons import said

THIRTY = RateLimit(30, 30.0)


class Stamped:
    """A clock without sleep: the synchronous half of the limiter needs no more."""

    def __init__(self, now: float = 0.0, rate: float = 1.0) -> None:
        self.now = now
        self.rate = rate

    def monotonic(self) -> float:
        return self.now * self.rate

    def wall(self) -> float:
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        raise AssertionError("not here")


def worst_window(arrivals: list[float], window: float) -> int:
    """The most arrivals in any closed window of that length."""
    arrivals = sorted(arrivals)
    return max((bisect_left(arrivals, start + window + 1e-9) - i for i, start in enumerate(arrivals)), default=0)


# True time drives the model; our clock runs at `rate` of it, and the broker measures 30 s on a clock of its own.
@settings(max_examples=25, deadline=None)
@given(
    calls=st.integers(2, 6),
    trips=st.lists(st.tuples(st.floats(0, 4), st.floats(0, 4), st.booleans()), min_size=20, max_size=60),
    ours=st.floats(-5e-4, 5e-4),
    theirs=st.floats(-5e-4, 5e-4),
    bad=st.booleans(),
)
def test_no_window_at_the_broker_ever_holds_more_than_the_limit(
    calls: int, trips: list[tuple[float, float, bool]], ours: float, theirs: float, bad: bool
) -> None:
    clock = Stamped(100.0, 1 + ours)
    limiter = Limiter("k", RateLimit(calls, 30.0), clock=clock, timeout_s=12.0)
    arrivals: list[float] = []
    replies: list[tuple[float, int, object]] = []
    for number, (there, back, lost) in enumerate(trips):
        while (reservation := limiter.try_reserve()) is None:
            wake = limiter.next_look / clock.rate
            if replies and replies[0][0] <= wake:
                clock.now, _, answered = heapq.heappop(replies)
                answered()  # type: ignore[operator]
            else:
                clock.now = max(clock.now, wake) + 1e-6
        arrivals.append((clock.now + there) * (1 + theirs))
        if lost and bad:
            continue  # counts from its time-out, which nobody needs to report
        heapq.heappush(replies, (clock.now + there + back, number, reservation.replied))
    assert worst_window(arrivals, 30.0) <= calls


def test_the_burst_comes_first_and_the_next_call_waits_for_the_first_reply() -> None:
    clock = Stamped(10.0)
    limiter = Limiter("k", THIRTY, clock=clock)
    burst = [limiter.try_reserve() for _ in range(30)]
    assert None not in burst
    assert limiter.try_reserve() is None
    assert limiter.used == 30
    clock.now = 14.0
    assert burst[0] is not None
    burst[0].replied()
    clock.now = 44.04
    assert limiter.try_reserve() is None
    clock.now = 44.06
    assert limiter.try_reserve() is not None
    assert limiter.try_reserve() is None


def test_a_lost_reply_counts_from_its_time_out() -> None:
    clock = Stamped(10.0)
    limiter = Limiter("k", RateLimit(1, 30.0), clock=clock, timeout_s=12.0)
    reservation = limiter.try_reserve()
    assert reservation is not None
    reservation.lost()
    clock.now = 10 + 12 + 30.04
    assert limiter.try_reserve() is None
    clock.now = 10 + 12 + 30.06
    assert limiter.try_reserve() is not None


def test_a_call_that_never_left_gives_its_slot_back() -> None:
    limiter = Limiter("k", RateLimit(1, 30.0), clock=Stamped())
    with pytest.raises(ConnectFailed), settled(limiter.try_reserve() or pytest.fail("no slot")):
        raise ConnectFailed("s", said())
    assert limiter.try_reserve() is not None
    assert limiter.stats.requests == 1


@pytest.mark.parametrize(
    ("error", "free_after"),
    [
        (UnknownSymbol("s", -1, "未知股票"), 30.05),
        (ConnectionLost("s", said()), 42.05),
        (RequestTimeout("s", said()), 42.05),
    ],
)
def test_how_a_call_ends_decides_when_its_slot_returns(error: Exception, free_after: float) -> None:
    clock = Stamped(0.0)
    limiter = Limiter("k", RateLimit(1, 30.0), clock=clock)
    with pytest.raises(type(error)), settled(limiter.try_reserve() or pytest.fail("no slot")):
        raise error
    clock.now = free_after - 0.01
    assert limiter.try_reserve() is None
    clock.now = free_after + 0.01
    assert limiter.try_reserve() is not None


def test_an_unexplained_refusal_halves_the_budget_once_for_calls_sent_together() -> None:
    clock = Stamped(1000.0)
    file = QuotaFile(None)
    limiter, other = (Limiter("k", THIRTY, clock=clock, file=file) for _ in range(2))
    for reservation in [limiter.try_reserve() for _ in range(10)]:
        assert reservation is not None
        reservation.refused()
    assert (limiter.allowed, limiter.shared, limiter.stats.refused) == (15, True, 10)
    clock.now += 31
    reservation = other.try_reserve()
    assert reservation is not None
    assert other.allowed == 15  # the processes share what one of them learned
    reservation.refused()
    assert other.allowed == 7
    clock.now += HALVED_FOR_S
    limiter.try_reserve()
    assert (limiter.allowed, limiter.shared) == (30, False)


def test_a_rate_refusal_inside_the_body_is_reported() -> None:
    limiter = Limiter("k", THIRTY, clock=Stamped())
    with pytest.raises(RateLimited), settled(limiter.try_reserve() or pytest.fail("no slot")):
        raise RateLimited("s", -1, "频率太高", 30.0)
    assert (limiter.stats.refused, limiter.allowed) == (1, 15)


def test_budget_is_held_between_one_and_the_limit() -> None:
    limiter = Limiter("k", THIRTY, clock=Stamped(), budget=500)
    assert limiter.budget == 30
    limiter.budget = 0
    assert limiter.budget == 1
    assert [limiter.try_reserve() is not None for _ in range(3)] == [True, False, False]


async def test_waiting_calls_go_by_priority_then_by_turn(hand_clock, settle_tasks) -> None:
    limiter = Limiter("k", RateLimit(1, 30.0), clock=hand_clock)
    order: list[str] = []

    async def call(name: str, priority: int) -> None:
        async with limiter.slot(priority):
            order.append(name)

    async with asyncio.TaskGroup() as group:
        for name, priority in (("first", 1), ("second", 1), ("third", 1), ("urgent", 0)):
            group.create_task(call(name, priority))
            await settle_tasks()
        for _ in range(200):
            hand_clock.move(0.5)
            await settle_tasks()
    assert order == ["first", "urgent", "second", "third"]


async def test_a_cancelled_waiter_leaves_no_trace(hand_clock, settle_tasks) -> None:
    limiter = Limiter("k", RateLimit(1, 30.0), clock=hand_clock)
    (await limiter.acquire()).replied()
    waiting = [asyncio.create_task(limiter.acquire()) for _ in range(2)]
    await settle_tasks()
    waiting[0].cancel()
    await settle_tasks()
    for _ in range(62):
        hand_clock.move(0.5)
        await settle_tasks()
    assert waiting[1].done()


async def test_a_raised_budget_is_seen_within_a_second(hand_clock, settle_tasks) -> None:
    limiter = Limiter("k", RateLimit(2, 30.0), clock=hand_clock, budget=1)
    (await limiter.acquire()).replied()
    waiting = asyncio.create_task(limiter.acquire())
    await settle_tasks()
    limiter.budget = 2
    hand_clock.move(1.0)
    await settle_tasks()
    assert waiting.done()


def test_a_process_expects_what_others_leave_and_its_fair_share_at_least() -> None:
    clock = Stamped(0.0)
    file = QuotaFile(None)
    ours, other = (Limiter("k", THIRTY, clock=clock, file=file) for _ in range(2))
    assert ours.expected == 30
    for _ in range(12):
        (other.try_reserve() or pytest.fail("no slot")).replied()
    (ours.try_reserve() or pytest.fail("no slot")).replied()
    assert ours.expected == 18
    for _ in range(60):
        clock.now += 1.0
        for limiter, times in ((other, 3), (ours, 1)):
            for reservation in [limiter.try_reserve() for _ in range(times)]:
                if reservation is not None:
                    reservation.replied()
    assert ours.expected == pytest.approx(15, abs=1.0)
    clock.now += 60.0  # the other one has ended
    for _ in range(30):
        clock.now += 1.0
        (ours.try_reserve() or pytest.fail("no slot")).replied()
    assert ours.expected == pytest.approx(30, abs=0.5)


PLACES = RateLimit(10, 1.0, in_flight=2)


def test_no_more_calls_are_in_flight_than_the_broker_has_places_for() -> None:
    clock = Stamped(10.0)
    limiter = Limiter("k", PLACES, clock=clock)
    first, second = limiter.try_reserve(), limiter.try_reserve()
    assert first is not None
    assert second is not None
    assert limiter.try_reserve() is None
    clock.now = 10.2
    first.replied()
    third = limiter.try_reserve()
    assert third is not None
    assert limiter.try_reserve() is None
    clock.now = 10.3
    second.replied()
    third.replied()
    assert limiter.try_reserve() is not None


def test_a_call_of_a_cut_connection_holds_its_place_for_a_window_and_a_lost_one_until_its_time_out() -> None:
    clock = Stamped(10.0)
    limiter = Limiter("k", RateLimit(10, 1.0, in_flight=1), clock=clock, timeout_s=12.0)
    (limiter.try_reserve() or pytest.fail("no slot")).cut()
    assert limiter.try_reserve() is None
    assert limiter.next_look == pytest.approx(11.0)
    clock.now = 11.01
    (limiter.try_reserve() or pytest.fail("the place is not free")).lost()
    assert limiter.try_reserve() is None
    clock.now = 11.01 + 12.0 + 1.06
    assert limiter.try_reserve() is not None


def test_the_place_of_another_process_is_looked_for_soon() -> None:
    clock, file = Stamped(10.0), QuotaFile(None)
    ours, theirs = (Limiter("k", RateLimit(10, 1.0, in_flight=1), clock=clock, file=file) for _ in range(2))
    held = theirs.try_reserve()
    assert held is not None
    assert ours.try_reserve() is None
    assert ours.next_look < 10.1
    clock.now = 10.05
    held.replied()
    clock.now = 10.1
    assert ours.try_reserve() is not None


def test_who_has_less_and_waits_goes_first() -> None:
    clock, file = Stamped(10.0), QuotaFile(None)
    greedy, waiting = (Limiter("k", RateLimit(2, 30.0), clock=clock, file=file) for _ in range(2))
    for moment in (10.0, 20.0):
        clock.now = moment
        (greedy.try_reserve() or pytest.fail("no slot")).replied()
    clock.now = 40.0
    assert waiting.try_reserve() is None
    clock.now = 40.06
    assert greedy.try_reserve() is None
    assert greedy.next_look < 40.2
    assert waiting.try_reserve() is not None


@pytest.mark.parametrize("ending", ["replied", "cut", "unsent"])
def test_what_was_settled_while_the_file_was_locked_is_stamped_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    clock = Stamped(10.0)
    limiter = Limiter("k", RateLimit(1, 1.0, in_flight=1), clock=clock, timeout_s=12.0)
    reservation = limiter.try_reserve()
    assert reservation is not None
    with monkeypatch.context() as patch:
        patch.setattr(limiter.file, "transact", busy)
        getattr(reservation, ending)()
        assert limiter.try_reserve() is None
    clock.now = 10.01
    free_at = {"replied": 11.05, "cut": 23.05, "unsent": 10.01}[ending]
    while limiter.try_reserve() is None:
        clock.now = max(limiter.next_look, clock.now + 0.001)
    assert clock.now == pytest.approx(free_at, abs=0.1)


def test_a_refusal_halves_the_budget_even_while_the_file_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Stamped(10.0)
    limiter = Limiter("k", THIRTY, clock=clock)
    reservation = limiter.try_reserve()
    assert reservation is not None
    with monkeypatch.context() as patch:
        patch.setattr(limiter.file, "transact", busy)
        reservation.refused()
    assert limiter.shared
    assert limiter.allowed == 15


def busy(*_arguments: object) -> None:
    raise QuotaBusy("held elsewhere")


def test_a_damaged_file_counts_as_used_up_for_one_window(tmp_path: Path) -> None:
    (tmp_path / "quota").write_bytes(b"CFQ1 nonsense")
    clock = Stamped(100.0)
    limiter = Limiter("k", THIRTY, clock=clock, file=QuotaFile(tmp_path / "quota"))
    assert limiter.try_reserve() is None
    assert limiter.used == 30
    clock.now = 130.06
    assert limiter.try_reserve() is not None


@pytest.mark.long
@pytest.mark.parametrize("latency", [0.002, 0.15, 1.5])
def test_the_whole_quota_is_used(latency: float) -> None:
    clock = Stamped(500.0)
    limiter = Limiter("k", THIRTY, clock=clock)
    replies: list[tuple[float, int, object]] = []
    sent = 0
    while clock.now < 500.0 + 1200:
        while replies and replies[0][0] <= clock.now:
            heapq.heappop(replies)[2]()  # type: ignore[operator]
        reservation = limiter.try_reserve(500.0)
        if reservation is None:
            clock.now = min([limiter.next_look, *(at for at, _, _ in replies[:1])])
            continue
        sent += 1
        heapq.heappush(replies, (clock.now + latency, sent, reservation.replied))
    assert sent == 30 * (1 + int(1200 / (30.05 + latency)))
    assert limiter.stats.use is not None
    assert limiter.stats.use >= 0.995


@pytest.mark.long
def test_two_that_share_a_file_share_the_slots_evenly() -> None:
    clock = Stamped(0.0)
    file = QuotaFile(None)
    greedy, late = Limiter("k", THIRTY, clock=clock, file=file), Limiter("k", THIRTY, clock=clock, file=file)
    for _ in range(30):
        reservation = greedy.try_reserve()
        assert reservation is not None
        reservation.replied()
    assert late.try_reserve() is None
    counts = {id(greedy): 0, id(late): 0}
    while clock.now < 300:
        clock.now += 0.05
        for limiter in (greedy, late):  # the greedy one always looks first
            reservation = limiter.try_reserve()
            if reservation is not None:
                reservation.replied()
                counts[id(limiter)] += 1
    assert sum(counts.values()) >= 30 * 9
    assert abs(counts[id(greedy)] - counts[id(late)]) <= 30


def test_what_a_call_asked_and_how_it_ended_is_known_for_a_minute() -> None:
    clock = Stamped(100.0)
    limiter = Limiter("opend/capital_flow", THIRTY, clock=clock)
    for kind, end in (("", "replied"), ("history", "refused"), ("", "lost"), ("", "cut"), ("search", "unsent")):
        reservation = limiter.try_reserve(kind=kind) or pytest.fail("no slot")
        clock.now += 1.0
        getattr(reservation, end)()
    calls = limiter.calls.since(0.0)
    assert [(call.kind, call.sent, call.seen) for call in calls] == [
        ("capital_flow", 100.0, 101.0),
        ("history", 101.0, 102.0),
        ("capital_flow", 102.0, None),
        ("capital_flow", 103.0, None),
    ]
    assert [call.lost for call in calls] == [False, False, True, True]
    assert [call.refused for call in calls] == [False, True, False, False]
    assert limiter.halved_until == 102.0 + HALVED_FOR_S
    assert Limiter("k", THIRTY, clock=clock).halved_until is None


def test_calls_of_others_are_seen_while_they_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Stamped(100.0)
    ours, theirs = (Limiter("k", THIRTY, clock=clock, file=QuotaFile(tmp_path / "quota")) for _ in range(2))
    assert ours.others() == ()
    (ours.try_reserve() or pytest.fail("no slot")).replied()
    out = theirs.try_reserve() or pytest.fail("no slot")
    (seen,) = ours.others()
    assert (seen.pid, seen.at, seen.replied, ours.used) == (os.getpid(), 100.0, False, 2)
    out.replied()
    with monkeypatch.context() as busy:
        busy.setattr(ours.file, "transact", _busy)
        assert ours.others() == (seen,)
    clock.now += 31.0
    assert (ours.others(), ours.used) == ((), 0)


def _busy(*_: object) -> None:
    raise QuotaBusy("quota")


async def test_who_waits_is_known_in_its_order() -> None:
    clock = Stamped(100.0)
    limiter = Limiter("opend/capital_flow", RateLimit(1, 30.0), clock=clock)
    reservation = await limiter.acquire()
    free = limiter.free_slots()
    assert (free.take(100.0), limiter.waiting) == (reservation.at + 30.05, ())
    limiter._waiting = [(1, 2, "capital_flow"), (0, 3, "history")]
    assert limiter.waiting == ("history", "capital_flow")
