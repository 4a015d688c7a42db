"""What is known about a connection, and how many calls it may carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from capflow_gui.errors import CapflowError
from capflow_gui.reason import Reason


class LinkPhase(StrEnum):
    """connecting -> ready -> lost -> waiting -> connecting …; failed = only the user can help."""

    CONNECTING = "connecting"
    READY = "ready"
    LOST = "lost"
    WAITING = "waiting"
    FAILED = "failed"


class LinkFact(StrEnum):
    """Things a source says about itself while the link is up."""

    LOGGED_OUT = "logged_out"
    QUOTE_RIGHT_LOST = "quote_right_lost"
    KICKED_OUT = "kicked_out"
    SIMULATED = "simulated"
    UNENCRYPTED_REMOTE = "unencrypted_remote"
    QUOTA_SHARED = "quota_shared"
    CLOCK_SKEW = "clock_skew"
    UPDATE_NEEDED = "update_needed"
    SHARDS_LOST = "shards_lost"
    SOURCE_DOWN = "source_down"
    RIGHT_MISSING = "right_missing"
    CERTIFICATE_ENDS = "certificate_ends"


LinkFacts = tuple[tuple[LinkFact, Reason], ...]


@dataclass(frozen=True, slots=True)
class LinkState:
    """`since` and `retry_at` are monotonic seconds. `reason` says why the link is down, with the peer's own words.

    `error` is what `reason` was taken from, while the link is down and where it is known.
    `facts` holds each LinkFact with its words. `latency_s` is the last round trip. `skew_s` is how far the source's
    clock is ahead of this computer's, None where it is not known, or a simulator's.
    """

    source: str
    phase: LinkPhase
    since: float
    reason: Reason | None = None
    attempt: int = 0
    retry_at: float | None = None
    latency_s: float | None = None
    facts: LinkFacts = ()
    error: CapflowError | None = field(default=None, compare=False)
    skew_s: float | None = field(default=None, compare=False)

    @property
    def was_up(self) -> bool:
        """Whether the source has answered in this run: only what was there can be lost."""
        return self.phase is LinkPhase.LOST or self.latency_s is not None

    def fact(self, fact: LinkFact) -> Reason | None:
        """The words of a fact, or None where it does not hold."""
        return dict(self.facts).get(fact)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` requests in any `window_s` seconds, per interface, and `in_flight` unanswered (None: any)."""

    calls: int
    window_s: float
    in_flight: int | None = None
