"""Waiting for something no longer than until a moment of the injected clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from capflow_gui.clock import Clock

T = TypeVar("T")


async def before(clock: Clock, deadline: float, work: Awaitable[T]) -> T:
    """Return the result of `work`, or cancel it and raise TimeoutError at monotonic `deadline`."""
    task = asyncio.ensure_future(work)
    sleeper = asyncio.ensure_future(clock.sleep_until(deadline))
    try:
        await asyncio.wait({task, sleeper}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        for waiting in (task, sleeper):
            waiting.cancel()
        # What is cancelled here ends before this returns; its outcome was taken, or is not wanted.
        await asyncio.wait({task, sleeper})
