"""How long to wait before the next attempt to connect."""

from __future__ import annotations

import random

FIRST_S = 1.0
CAP_S = 30.0
RESET_AFTER_S = 60.0


class Backoff:
    """Truncated exponential back-off with jitter: 0.5 to 1 s first, 15 to 30 s at the cap, for ever.

    The jitter keeps many clients of one OpenD from coming back in step.
    """

    def __init__(self, rng: random.Random | None = None, first_s: float = FIRST_S, cap_s: float = CAP_S) -> None:
        self._first_s, self._cap_s = first_s, cap_s
        # Spreading attempts in time is no secret.
        self._rng = rng or random.Random()  # noqa: S311
        self._failures = 0

    def next_delay(self) -> float:
        """Return the seconds to wait after one more failure."""
        ceiling = min(self._cap_s, self._first_s * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return ceiling * self._rng.uniform(0.5, 1.0)

    def was_ready(self, seconds: float) -> None:
        """Note a connection that was ready for so long; a long one resets the back-off."""
        if seconds >= RESET_AFTER_S:
            self._failures = 0

    def reset(self) -> None:
        """Start over: the user asked for a connection now."""
        self._failures = 0
