"""How many calls a broker allows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` requests in any `window_s` seconds, per interface, and `in_flight` unanswered (None: any)."""

    calls: int
    window_s: float
    in_flight: int | None = None
