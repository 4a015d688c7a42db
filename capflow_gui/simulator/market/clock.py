"""The market's own time (domain rule 0): a base instant that runs at any speed on an injectable real clock."""

from __future__ import annotations

from capflow_gui.clock import Clock


class MarketClock:
    """Market now = base + speed × real seconds since the start. Speed 0 holds it."""

    def __init__(self, base: float, speed: float, clock: Clock) -> None:
        """`base`: UTC epoch seconds; `speed` ≥ 0."""
        self._base = base
        self._speed = speed
        self._clock = clock
        self._started = clock.monotonic()

    @property
    def speed(self) -> float:
        """Market seconds a real second."""
        return self._speed

    def now(self) -> float:
        """UTC epoch seconds of the simulated market."""
        return self._base + self._speed * (self._clock.monotonic() - self._started)

    def set(self, now: float, speed: float | None = None) -> None:
        """Jump to an instant (UTC epoch seconds), and run on at `speed` if one is given."""
        self._base = now
        self._started = self._clock.monotonic()
        if speed is not None:
            self._speed = speed
