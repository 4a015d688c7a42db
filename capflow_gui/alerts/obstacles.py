"""Why a rule cannot be judged: silence is the worst fault of an alarm (domain rule 6), so it is given a reason."""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import CapflowError, ProviderError, RequestRejected
from capflow_gui.feed.board import Freshness

# How long after the open a source may have no line of the new session.
OPENING_S = 180.0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a rule cannot be judged, and for how many seconds that is nothing to speak of."""

    reason: str
    patience_s: float = 0.0


def obstacle_to(freshness: Freshness, error: CapflowError | None, link: LinkState | None) -> Obstacle | None:
    """Why nothing can be judged on a symbol; None where nothing stands in the way."""
    if link is not None and link.phase is not LinkPhase.READY:
        return Obstacle("not connected" + (f": {link.reason}" if link.reason else ""))
    match freshness:
        case Freshness.ERROR | Freshness.NO_PERMISSION:
            return Obstacle(_words(error) or "the source did not answer")
        case Freshness.NEVER_POLLED:
            return Obstacle("no answer yet")
        case Freshness.STALE:
            return Obstacle("the source's time is not moving")
        case Freshness.PREVIOUS_SESSION:
            return Obstacle("the source still gives the previous session", OPENING_S)
        case _:
            return None


def _words(error: CapflowError | None) -> str:
    match error:
        case RequestRejected() if error.message:
            return error.message
        case ProviderError():
            return error.reason
        case _:
            return "" if error is None else str(error)
