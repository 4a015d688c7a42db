"""When nobody was watching: the link was down, or the computer slept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_ASLEEP_S = 30.0
_SAID_FROM_S = 60.0
_KEPT = 20


@dataclass(frozen=True, slots=True)
class WatchGap:
    """A stretch of market time nobody watched, UTC epoch seconds; `ended_at` is monotonic."""

    start: float
    end: float
    ended_at: float

    def overlaps(self, other: WatchGap) -> bool:
        """Whether a moment belongs to both."""
        return self.start < other.end and other.start < self.end


class GapDetector:
    """Called every second; detects that the computer slept, and keeps the last twenty gaps in `found`."""

    def __init__(self) -> None:
        self._tick: tuple[float, float] | None = None  # (monotonic, wall) of the last tick
        self._seen: float | None = None  # market now when we, or an earlier run, last watched
        self._watching = False
        self.found: deque[WatchGap] = deque(maxlen=_KEPT)

    def tick(self, monotonic: float, wall: float) -> bool:
        """Whether the computer slept, or its clock was set, since the last tick.

        While it sleeps, the monotonic clock stands on some systems and runs on others: either counts.
        """
        last, self._tick = self._tick, (monotonic, wall)
        if last is None:
            return False
        passed, shown = monotonic - last[0], wall - last[1]
        return passed > _ASLEEP_S or abs(shown - passed) > _ASLEEP_S

    def resume(self, seen: float) -> None:
        """An earlier run watched until market time `seen`; of no effect once this one has watched."""
        if not self._watching:
            self._seen = seen if self._seen is None else max(self._seen, seen)

    def watching(self, market: float, monotonic: float, rate: float = 1.0) -> WatchGap | None:
        """The link is up and market time is known. Returns the gap that ends now, if it was longer than a minute."""
        seen, self._seen, self._watching = self._seen, market, True
        if seen is None or market - seen <= _SAID_FROM_S * max(rate, 1.0):
            return None
        gap = WatchGap(seen, market, monotonic)
        self.found.append(gap)
        return gap
