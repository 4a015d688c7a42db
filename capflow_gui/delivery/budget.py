"""How many messages a channel may be given, and when the next one. Times are monotonic seconds, all arguments."""

from __future__ import annotations

from collections import deque

from capflow_gui.delivery.model import Limits

_MINUTE_S = 60.0


class Budget:
    """A token bucket, and where there is one a limit for any minute: the service's, or a smaller `per_minute`."""

    def __init__(self, limits: Limits, per_minute: int | None = None) -> None:
        self._rate, self._burst = limits.rate, limits.burst
        self._per_minute = min((each for each in (limits.per_minute, per_minute) if each is not None), default=None)
        self._tokens = float(limits.burst)
        self._at = 0.0
        self._spent: deque[float] = deque(maxlen=self._per_minute or 0)

    def wait(self, now: float, count: int = 1) -> float:
        """Seconds until so many messages could have been sent, one after another as early as they may be."""
        wait = max(0.0, (count - self._level(now)) / self._rate)
        if self._per_minute is None:
            return wait
        # A minute after the one that is so many places before it, which may be one of those to come.
        minutes, place = divmod(len(self._spent) + count - 1 - self._per_minute, self._per_minute)
        if minutes < 0:
            return wait
        earlier = self._spent[place] if place < len(self._spent) else now
        return max(wait, earlier + _MINUTE_S - now, 0.0) + minutes * _MINUTE_S

    def spend(self, now: float) -> None:
        """Count a message that is sent now."""
        self._tokens, self._at = self._level(now) - 1.0, now
        self._spent.append(now)

    def _level(self, now: float) -> float:
        return min(float(self._burst), self._tokens + (now - self._at) * self._rate)
