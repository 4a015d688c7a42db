"""What is played: the states of one symbol at one source in one session."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from capflow_gui.archive.final import mean_cycle
from capflow_gui.archive.model import DayKey, Outage, State
from capflow_gui.domain.session import SESSION_END_S, TradingDay

# A source that was asked before the open may give the first line of the new session this long after it.
_OPENING_S = 180.0


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The recorded states of a session, at least one; `day` is its trading periods as they were known then.

    currency  of its amounts; `assumed`: it is the market's own, for the source gave none
    outages   when no rule on the symbol could be judged, ascending
    """

    key: DayKey
    day: TradingDay
    states: Sequence[State]
    currency: str = ""
    assumed: bool = True
    outages: Sequence[Outage] = ()

    @property
    def start(self) -> float:
        """Market time of the first reply, UTC epoch seconds."""
        return self.states[0].received

    @property
    def end(self) -> float:
        """Market time at which nothing more happens: the newest reply, or the end of the session."""
        newest = self.states[-1]
        last = newest.received if newest.same_received is None else newest.same_received
        return ended_at(self.day, last, self.outages)

    @property
    def cycle_s(self) -> float:
        """Mean market seconds between two replies; 0 where there is one reply."""
        return mean_cycle(self.states)


def watched_since(day: TradingDay, first_received: float) -> float:
    """When rules began to watch a recorded session, UTC epoch seconds.

    A recording that begins in the session's first minutes counts as one of the whole session.
    """
    return min(first_received, day.open) if first_received <= day.open + _OPENING_S else first_received


def ended_at(day: TradingDay, last_received: float, outages: Iterable[Outage] = ()) -> float:
    """When a recorded session ended for its rules, UTC epoch seconds: a recording that stopped before it did not."""
    last = max(last_received, *(each.start if each.end is None else each.end for each in outages), -math.inf)
    return max(last, day.close + SESSION_END_S) if last >= day.close else last
