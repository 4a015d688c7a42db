"""This machine's monotonic clock, the only sleep, and waiting for an event, a time, or the end of work.

Domain and wire never import this: they take `now` as an argument.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Iterable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

_LAST_S = 0.06


class Clock(Protocol):
    """What quotas, time-outs and back-off are measured with; tests pass one they move by hand."""

    def monotonic(self) -> float:
        """Seconds that never go back; comparable between processes of one boot."""

    def wall(self) -> float:
        """UTC epoch seconds of this computer: for log lines and receipt stamps only."""

    async def sleep_until(self, deadline: float) -> None:
        """Return when monotonic() has reached `deadline`, never before."""


class SystemClock:
    """The real clock."""

    def monotonic(self) -> float:
        """Seconds since boot."""
        return time.monotonic()

    def wall(self) -> float:
        """UTC epoch seconds."""
        return time.time()

    async def sleep_until(self, deadline: float) -> None:
        """Sleep, and check again: qasync's coarse timers end up to a twentieth early, so the last sleep is longer.

        It cuts a time down to whole milliseconds, too.
        """
        while (remaining := deadline - time.monotonic()) > 0:
            await asyncio.sleep(remaining if remaining > _LAST_S else remaining * 1.06 + 0.001)


class Bell:
    """An event that is rung by others and cleared by who waited for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()
        self._waiting: dict[asyncio.Future[None], None] = {}  # those of `wait_until`, in their order

    def ring(self) -> None:
        """Wake who waits, now or the next time."""
        self._rung.set()
        for woken in self._waiting:
            _wake(woken)

    @property
    def rung(self) -> bool:
        """Whether the next wait will be none."""
        return self._rung.is_set()

    async def wait(self) -> None:
        """Return when rung."""
        await self._rung.wait()
        self._rung.clear()

    async def wait_until(self, deadline: float) -> bool:
        """Return when rung (True) or at monotonic `deadline` (False)."""
        if not self._rung.is_set() and self._clock.monotonic() < deadline:
            # A program at rest does little but this: one task a wait, and none for the bell.
            woken = asyncio.get_running_loop().create_future()
            nap = asyncio.ensure_future(self._clock.sleep_until(deadline))
            nap.add_done_callback(lambda _nap: _wake(woken))
            self._waiting[woken] = None
            try:
                await woken
            finally:
                del self._waiting[woken]
                if nap.cancel():
                    # Not by awaiting it: its cancellation could not be told from our own, and ours must not be lost.
                    await asyncio.wait((nap,))
        rung = self._rung.is_set()
        self._rung.clear()
        return rung


class Alarm:
    """Rings a bell at the earliest of the times that it was given since it rang.

    Who waits again and again for the bell or a time that hardly changes pays for one sleep, and not for one a wait.
    """

    def __init__(self, clock: Clock, bell: Bell) -> None:
        self._clock = clock
        self._bell = bell
        self._at = math.inf  # when it rings next
        self._naps: set[asyncio.Task[None]] = set()

    def set(self, at: float) -> None:
        """Ring by monotonic `at`."""
        if self._at <= at:
            return
        for nap in self._naps:
            nap.cancel()
        self._at = at
        nap = asyncio.ensure_future(self._ring(at))
        self._naps.add(nap)
        nap.add_done_callback(self._naps.discard)

    async def _ring(self, at: float) -> None:
        await self._clock.sleep_until(at)
        self._at = math.inf
        self._bell.ring()

    async def end(self) -> None:
        """Ring no more."""
        await end_all(self._naps, 0.1)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


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


async def ended(work: asyncio.Future[Any]) -> None:
    """Wait for the end of work that ends by itself; a cancellation meanwhile is raised when it has ended."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def end_all(works: Iterable[asyncio.Future[Any]], again_s: float) -> None:
    """Cancel, and once more every `again_s` seconds, until all have ended; a cancellation meanwhile is raised then.

    Once is not enough: `asyncio.wait_for` loses a cancellation that comes in the same turn as what it waits for, up
    to Python 3.11. What a work raises is not raised here: whoever wants to know asks the work.
    """
    cancelled: asyncio.CancelledError | None = None
    ending = set(works)
    left = ending
    while left:
        for work in left:
            work.cancel()
        try:
            _, left = await asyncio.wait(left, timeout=again_s)
        except asyncio.CancelledError as error:
            cancelled = error
    for work in ending:
        if not work.cancelled():
            work.exception()  # else the loop logs that nobody asked
    if cancelled is not None:
        raise cancelled
