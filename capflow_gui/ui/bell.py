"""When an alert is heard: once a burst, however many it raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

# Alerts that follow one another faster than that are one burst.
QUIET_S = 5.0
# A burst that does not end is heard again.
AGAIN_S = 60.0
T = TypeVar("T")


class Bell(Generic[T]):
    """`now` is a monotonic clock in seconds, `sound` makes the noise of a tone."""

    def __init__(self, now: Callable[[], float], sound: Callable[[T], None]) -> None:
        self._now = now
        self._sound = sound
        self._rang_at = 0.0
        self._newest: float | None = None

    def ring(self, tone: T) -> None:
        """Sound, unless this alert is of a burst that was heard."""
        now, newest = self._now(), self._newest
        self._newest = now
        if newest is None or now - newest >= QUIET_S or now - self._rang_at >= AGAIN_S:
            self._rang_at = now
            self._sound(tone)
