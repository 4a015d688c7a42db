"""Even pacing: calls leave one by one, a share of the window apart.

The quota itself is the limiter's (quota.limiter), which knows when replies were seen, in every process, and how many
calls are in flight. This gate takes the burst out of it: Longport's own clients' bursts of 19 in a second are refused.
"""

from __future__ import annotations

import asyncio

from capflow_gui.clock import Clock

CALLS = 10
WINDOW_S = 1.0


class Gate:
    """Lets callers through in the order they came."""

    def __init__(self, clock: Clock, *, calls: int = CALLS, window_s: float = WINDOW_S) -> None:
        self._clock = clock
        self._spacing_s = window_s / calls
        self._turn = asyncio.Lock()
        self._last = float("-inf")

    async def pass_through(self) -> None:
        """Wait for a turn."""
        async with self._turn:
            await self._clock.sleep_until(self._last + self._spacing_s)
            self._last = self._clock.monotonic()
