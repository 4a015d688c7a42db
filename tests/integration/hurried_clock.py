"""A clock that hurries, and never outruns the program that lives by it."""

from __future__ import annotations

import asyncio
import time

# A time-out of 8 s at twenty times the speed is 80 such steps: an exchange on loopback takes a few turns of the loop.
_STEP_S = 0.005


class HurriedClock:
    """Seconds that pass `speed` times as fast as they do, while somebody is there to see them.

    Between two looks no more than a step goes by. A machine that leaves the whole program standing for a moment,
    client and simulator alike, so makes time slow instead of making every answer late.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._now = 1000.0
        self._looked = time.monotonic()
        self.asleep = 0.0  # what the wall clock, and nobody else, saw pass

    def monotonic(self) -> float:
        looked = time.monotonic()
        self._now += min(looked - self._looked, _STEP_S) * self.speed
        self._looked = looked
        return self._now

    def wall(self) -> float:
        return 1_780_000_000.0 + self.monotonic() + self.asleep

    async def sleep_until(self, deadline: float) -> None:
        """Look again at every step: time passes for those who look."""
        while (remaining := deadline - self.monotonic()) > 0:
            await asyncio.sleep(min(remaining / self.speed, _STEP_S))


class PatientClock(HurriedClock):
    """Seconds as long as they are, unless the program stands still; its wall clock is the computer's."""

    def __init__(self, speed: float = 1.0) -> None:
        super().__init__(speed)

    def wall(self) -> float:
        return time.time()
