"""The bell: whoever rings wakes who waits, now or the next time; a deadline ends the wait without a ring."""

from __future__ import annotations

import asyncio
import time

import pytest

from capflow_gui.clock import Bell, SystemClock
from tests.unit.conftest import HandClock, run_pending


async def test_the_sleep_never_ends_before_its_time() -> None:
    clock = SystemClock()
    deadline = clock.monotonic() + 0.02
    await clock.sleep_until(deadline)
    assert clock.monotonic() >= deadline
    await clock.sleep_until(deadline - 100)


def test_the_wall_clock_is_the_computer_s() -> None:
    before = time.time()
    assert before <= SystemClock().wall() <= time.time()


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
    await bell.wait()
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


async def test_a_cancelled_wait_is_cancelled_and_leaves_nothing(hand_clock: HandClock) -> None:
    waiting = asyncio.ensure_future(Bell(hand_clock).wait_until(hand_clock.monotonic() + 5.0))
    await run_pending()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
