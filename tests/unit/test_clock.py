"""The bell: whoever rings wakes who waits, now or the next time; a deadline ends the wait without a ring."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

import pytest

from capflow_gui.clock import Alarm, Bell, SystemClock, before, end_all, ended
from tests.unit.conftest import HandClock, run_pending


async def test_the_sleep_never_ends_before_its_time() -> None:
    clock = SystemClock()
    deadline = clock.monotonic() + 0.02
    await clock.sleep_until(deadline)
    assert clock.monotonic() >= deadline
    await clock.sleep_until(deadline - 100)


@pytest.mark.parametrize("wait_ms", [1, 2, 5, 11, 37, 60, 61, 300, 999, 1000])
@pytest.mark.parametrize("early", [0.0, 0.05])
async def test_a_loop_with_coarse_timers_wakes_a_sleep_twice_at_most(
    monkeypatch: pytest.MonkeyPatch, wait_ms: int, early: float
) -> None:
    now, woken = [100.0], [0]

    async def coarse(seconds: float) -> None:
        """As qasync's loop on Qt's timers: whole milliseconds, and as much as a twentieth early."""
        now[0] += int(seconds * 1000) / 1000 * (1 - early)
        woken[0] += 1

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(asyncio, "sleep", coarse)
    await SystemClock().sleep_until(100.0 + wait_ms / 1000 + 0.0004)
    assert now[0] >= 100.0 + wait_ms / 1000 + 0.0004
    assert woken[0] <= 2


def test_the_wall_clock_is_the_computer_s() -> None:
    asked = time.time()
    assert asked <= SystemClock().wall() <= time.time()


async def test_a_ring_wakes_who_waits_and_is_used_up(hand_clock: HandClock) -> None:
    bell = Bell(hand_clock)
    waiting = asyncio.ensure_future(bell.wait())
    await run_pending()
    assert not waiting.done()
    bell.ring()
    await waiting
    assert not await bell.wait_until(hand_clock.monotonic())


async def test_a_ring_is_kept_for_the_next_wait(hand_clock: HandClock) -> None:
    bell = Bell(hand_clock)
    bell.ring()
    bell.ring()
    assert bell.rung
    await bell.wait()
    assert not bell.rung
    assert not await bell.wait_until(hand_clock.monotonic())


@pytest.mark.parametrize("rung", [True, False])
async def test_a_wait_ends_at_a_ring_or_at_its_deadline(hand_clock: HandClock, rung: bool) -> None:
    bell = Bell(hand_clock)
    waiting = asyncio.ensure_future(bell.wait_until(hand_clock.monotonic() + 5.0))
    await run_pending()
    hand_clock.move(4.0)
    await run_pending()
    assert not waiting.done()
    if rung:
        bell.ring()
    else:
        hand_clock.move(1.0)
    assert await waiting is rung


async def test_a_ring_wakes_all_who_wait_and_a_wait_costs_one_task(hand_clock: HandClock) -> None:
    bell, tasks = Bell(hand_clock), len(asyncio.all_tasks())
    waiting = [asyncio.ensure_future(bell.wait_until(hand_clock.monotonic() + 5.0)) for _ in range(2)]
    await run_pending()
    assert len(asyncio.all_tasks()) == tasks + 4
    bell.ring()
    assert await asyncio.gather(*waiting) == [True, False], "the first one used it up"
    assert len(asyncio.all_tasks()) == tasks


async def test_a_cancelled_wait_is_cancelled_and_leaves_nothing(hand_clock: HandClock) -> None:
    waiting = asyncio.ensure_future(Bell(hand_clock).wait_until(hand_clock.monotonic() + 5.0))
    await run_pending()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_alarm_rings_at_the_earliest_of_its_times_and_then_at_the_next_it_is_given(
    hand_clock: HandClock,
) -> None:
    bell, tasks, begun = Bell(hand_clock), len(asyncio.all_tasks()), hand_clock.monotonic()
    alarm = Alarm(hand_clock, bell)
    for seconds in (5.0, 9.0, 3.0, 4.0):
        alarm.set(begun + seconds)
        await run_pending()
    assert len(asyncio.all_tasks()) == tasks + 1
    rung: list[float] = []

    async def wait() -> None:
        while True:
            await bell.wait()
            rung.append(hand_clock.monotonic() - begun)
            if len(rung) == 1:
                alarm.set(begun + 8.0)

    waiting = asyncio.ensure_future(wait())
    for _ in range(9):
        await run_pending()
        hand_clock.move(1.0)
    await run_pending()
    assert rung == [3.0, 8.0]
    waiting.cancel()
    await asyncio.wait([waiting])
    await alarm.end()
    assert len(asyncio.all_tasks()) == tasks


async def test_what_is_done_in_time_is_returned(hand_clock: HandClock) -> None:
    async def work() -> int:
        await hand_clock.sleep_until(hand_clock.now + 5)
        return 7

    waiting = asyncio.create_task(before(hand_clock, hand_clock.now + 10, work()))
    await run_pending()
    hand_clock.move(5)
    assert await waiting == 7


async def test_what_is_late_is_cancelled_and_has_ended(hand_clock: HandClock) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("closed")

    waiting = asyncio.create_task(before(hand_clock, hand_clock.now + 10, work()))
    await run_pending()
    hand_clock.move(9.9)
    await run_pending()
    assert (waiting.done(), ended) == (False, [])
    hand_clock.move(0.1)
    with pytest.raises(TimeoutError):
        await waiting
    assert ended == ["closed"]


async def test_its_own_error_comes_through(hand_clock: HandClock) -> None:
    async def work() -> None:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        await before(hand_clock, hand_clock.now + 10, work())


async def test_cancelling_who_waits_cancels_the_work(hand_clock: HandClock) -> None:
    work = asyncio.ensure_future(asyncio.Event().wait())
    waiting = asyncio.create_task(before(hand_clock, hand_clock.now + 10, work))
    await run_pending()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.cancelled()


async def test_work_is_waited_for_to_its_end_however_often_the_wait_is_cancelled() -> None:
    goes_on = asyncio.Event()
    work = asyncio.ensure_future(goes_on.wait())
    waiting = asyncio.ensure_future(ended(work))
    for _ in range(3):
        await run_pending()
        waiting.cancel()
    await run_pending()
    assert not waiting.done()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.result() is True
    await ended(work)


async def test_what_loses_a_cancellation_is_cancelled_once_more() -> None:
    lost = 0

    async def lose() -> None:
        nonlocal lost
        while lost < 2:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                lost += 1
        await asyncio.get_running_loop().create_future()

    works = [asyncio.ensure_future(lose()), asyncio.ensure_future(asyncio.sleep(0))]
    await run_pending()
    ending = asyncio.ensure_future(end_all(works, 0.001))
    await run_pending()
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert works[0].cancelled()
    assert works[1].done()
    await end_all([], 0.001)


async def test_what_a_cancelled_work_raises_is_asked_for_once() -> None:
    """The loop logs an error that nobody has asked for, when the work is let go."""

    async def fail() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            raise OSError("the last words") from None

    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: said.append(told))
    work = asyncio.ensure_future(fail())
    await run_pending()
    await end_all([work], 0.001)
    assert isinstance(work.exception(), OSError)
    work = asyncio.ensure_future(fail())
    await run_pending()
    await end_all([work], 0.001)
    del work
    gc.collect()
    assert said == []
