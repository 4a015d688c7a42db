"""A part that crashes is started again; one that keeps crashing is given up, alone."""

from __future__ import annotations

import asyncio

import pytest

from capflow_gui.clock import Bell
from capflow_gui.errors import PartFailed
from capflow_gui.feed.supervisor import Supervisor
from capflow_gui.reason import Code, Reason


async def move(clock, settle, seconds: float) -> None:
    for _ in range(int(seconds * 4)):
        clock.move(0.25)
        await settle()


async def test_a_crash_is_logged_and_the_part_runs_again(hand_clock, settle_tasks, expect_log) -> None:
    expect_log("ERROR .*part stopped unexpectedly")
    runs: list[float] = []

    async def part() -> None:
        runs.append(hand_clock.now)
        if len(runs) == 1:
            raise KeyError("once")

    supervisor = Supervisor(hand_clock, lambda _reason: None)
    task = asyncio.create_task(supervisor.supervise("part", part))
    await move(hand_clock, settle_tasks, 3)
    await task
    assert len(runs) == 2
    assert supervisor.failed == {}
    assert supervisor.restarts == 1


async def test_three_crashes_in_a_minute_are_the_end_of_that_part(hand_clock, settle_tasks, expect_log) -> None:
    expect_log("ERROR .*part stopped unexpectedly")
    told: list[Reason] = []

    async def part() -> None:
        raise KeyError("always")

    supervisor = Supervisor(hand_clock, told.append)
    task = asyncio.create_task(supervisor.supervise("part", part))
    await move(hand_clock, settle_tasks, 60)
    failed = await task
    assert isinstance(failed, PartFailed)
    assert failed.reason == Reason.of(Code.PART_FAILED, part="part", error="KeyError")
    assert supervisor.failed == {"part": failed.reason}
    assert told == [failed.reason]


async def test_a_part_that_is_not_given_up_is_told_once_and_tried_until_it_does(
    hand_clock, settle_tasks, expect_log
) -> None:
    expect_log("ERROR .*part stopped unexpectedly")
    told: list[Reason] = []
    runs = 0

    async def part() -> None:
        nonlocal runs
        runs += 1
        if runs < 7:
            raise KeyError("always") if runs != 4 else ValueError("once")

    supervisor = Supervisor(hand_clock, told.append)
    task = asyncio.create_task(supervisor.supervise("part", part, gives_up=False))
    await move(hand_clock, settle_tasks, 90)
    assert await task is None
    assert runs == 7
    assert supervisor.failed == {}
    kinds = ["KeyError", "ValueError", "KeyError"]
    assert told == [Reason.of(Code.PART_FAILS, part="part", error=kind) for kind in kinds]


async def test_a_crash_an_hour_is_never_the_end(hand_clock, settle_tasks, expect_log) -> None:
    expect_log("ERROR .*part stopped unexpectedly")
    runs = 0

    async def part() -> None:
        nonlocal runs
        runs += 1
        await hand_clock.sleep_until(hand_clock.now + 100)
        raise KeyError("now and then")

    supervisor = Supervisor(hand_clock, lambda _reason: None)
    task = asyncio.create_task(supervisor.supervise("part", part))
    await move(hand_clock, settle_tasks, 520)
    assert runs == 6
    assert supervisor.failed == {}
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_bell_wakes_the_one_who_waits_and_is_cleared(hand_clock, settle_tasks) -> None:
    bell = Bell(hand_clock)
    waiting = asyncio.create_task(bell.wait_until(hand_clock.now + 100))
    await settle_tasks()
    assert not waiting.done()
    bell.ring()
    assert await waiting is True
    waiting = asyncio.create_task(bell.wait_until(hand_clock.now + 10))
    await settle_tasks()
    hand_clock.move(10)
    assert await waiting is False
    bell.ring()
    assert await bell.wait_until(hand_clock.now + 1) is True
    assert await bell.wait_until(hand_clock.now) is False


async def test_a_cancelled_wait_ends_however_often_it_is_cancelled(hand_clock, settle_tasks) -> None:
    bell = Bell(hand_clock)
    for turns in range(6):
        waiting = asyncio.create_task(bell.wait_until(hand_clock.now + 100))
        await settle_tasks()
        bell.ring()
        for _ in range(turns):
            await asyncio.sleep(0)
        if not waiting.done():
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
