"""The alarm's sound: one a second at most, however many alerts a reply raises."""

from __future__ import annotations

from collections.abc import Callable

QUIET_S = 1.0


class Bell:
    """`now` is a monotonic clock in seconds, `sound` makes the noise."""

    def __init__(self, now: Callable[[], float], sound: Callable[[], None]) -> None:
        self._now = now
        self._sound = sound
        self._rang_at: float | None = None

    def ring(self) -> None:
        """Sound, unless it did within the last second: a burst is heard once."""
        now = self._now()
        if self._rang_at is not None and now - self._rang_at < QUIET_S:
            return
        self._rang_at = now
        self._sound()
