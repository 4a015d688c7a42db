"""Even pacing: calls leave one by one, a share of the window apart, and only so many are in flight.

The quota itself is the limiter's (feed.limiter), which knows when replies were seen. This gate takes the burst out of
it: Longport counts per user over everything, and its own clients' bursts of 19 in a second are refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from capflow_gui.clock import Clock

CALLS = 10
WINDOW_S = 1.0
IN_FLIGHT = 5


class Gate:
    """Lets callers through in the order they came."""

    def __init__(
        self, clock: Clock, *, calls: int = CALLS, window_s: float = WINDOW_S, in_flight: int = IN_FLIGHT
    ) -> None:
        self._clock = clock
        self._spacing_s = window_s / calls
        self._places = asyncio.Semaphore(in_flight)
        self._turn = asyncio.Lock()
        self._last = float("-inf")

    @asynccontextmanager
    async def pass_through(self) -> AsyncIterator[None]:
        """Wait for a turn; a place is taken until the body ends."""
        async with self._places:
            async with self._turn:
                await self._clock.sleep_until(self._last + self._spacing_s)
                self._last = self._clock.monotonic()
            yield
