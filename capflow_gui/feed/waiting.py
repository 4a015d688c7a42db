"""Waiting for a moment or an event, whichever comes first."""

from __future__ import annotations

import asyncio

from capflow_gui.clock import Clock


class Bell:
    """An event that is rung by others and cleared by who waited for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits, now or the next time."""
        self._rung.set()

    async def wait(self) -> None:
        """Return when rung."""
        await self._rung.wait()
        self._rung.clear()

    async def wait_until(self, deadline: float) -> bool:
        """Return when rung (True) or at monotonic `deadline` (False)."""
        if not self._rung.is_set() and self._clock.monotonic() < deadline:
            ring = asyncio.ensure_future(self._rung.wait())
            nap = asyncio.ensure_future(self._clock.sleep_until(deadline))
            try:
                await asyncio.wait((ring, nap), return_when=asyncio.FIRST_COMPLETED)
            finally:
                ring.cancel()
                nap.cancel()
                # Not by awaiting them: their cancellation could not be told from our own, and ours must not be lost.
                await asyncio.wait((ring, nap))
        rung = self._rung.is_set()
        self._rung.clear()
        return rung
