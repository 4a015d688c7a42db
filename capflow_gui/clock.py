"""Time as the program meets it: the monotonic clock of this machine, and the only sleep.

Domain and wire never import this: they take `now` as an argument.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What quotas, time-outs and back-off are measured with; tests pass one they move by hand."""

    def monotonic(self) -> float:
        """Seconds that never go back; comparable between processes of one boot."""
        ...

    def wall(self) -> float:
        """UTC epoch seconds of this computer: for log lines and receipt stamps only."""
        ...

    async def sleep_until(self, deadline: float) -> None:
        """Return when monotonic() has reached `deadline`, never before."""
        ...


class SystemClock:
    """The real clock."""

    def monotonic(self) -> float:
        """Seconds since boot."""
        return time.monotonic()

    def wall(self) -> float:
        """UTC epoch seconds."""
        return time.time()

    async def sleep_until(self, deadline: float) -> None:
        """Sleep, and check again: qasync's coarse timers end up to 48 ms early."""
        while (remaining := deadline - time.monotonic()) > 0:
            await asyncio.sleep(remaining)
