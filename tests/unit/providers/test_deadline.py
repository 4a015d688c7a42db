from __future__ import annotations

import asyncio
from typing import Any

import pytest

from capflow_gui.providers.deadline import before


async def test_what_is_done_in_time_is_returned(hand_clock: Any, settle_tasks: Any) -> None:
    async def work() -> int:
        await hand_clock.sleep_until(hand_clock.now + 5)
        return 7

    waiting = asyncio.create_task(before(hand_clock, hand_clock.now + 10, work()))
    await settle_tasks()
    hand_clock.move(5)
    assert await waiting == 7


async def test_what_is_late_is_cancelled_and_has_ended(hand_clock: Any, settle_tasks: Any) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("closed")

    waiting = asyncio.create_task(before(hand_clock, hand_clock.now + 10, work()))
    await settle_tasks()
    hand_clock.move(9.9)
    await settle_tasks()
    assert (waiting.done(), ended) == (False, [])
    hand_clock.move(0.1)
    with pytest.raises(TimeoutError):
        await waiting
    assert ended == ["closed"]


async def test_its_own_error_comes_through(hand_clock: Any) -> None:
    async def work() -> None:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        await before(hand_clock, hand_clock.now + 10, work())


async def test_cancelling_who_waits_cancels_the_work(hand_clock: Any, settle_tasks: Any) -> None:
    work = asyncio.ensure_future(asyncio.Event().wait())
    waiting = asyncio.create_task(before(hand_clock, hand_clock.now + 10, work))
    await settle_tasks()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.cancelled()
