"""On which recorded replies nothing was judged: their figures were stale.

Their lines are judged in the first reply after them that is not stale, in a break or after the close too. Both are in a
final day. One of an older version has neither: there the outages of the session say what was stale, and the reply that
ended it is known only where it said something new. Else it came when the outage ended, or with the end of trading, and
its turnover is taken for that of the last reply that was held.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from capflow_gui.archive.model import DaySummary, FinalDay, Outage
from capflow_gui.domain.alert import Readings
from capflow_gui.reason import Code

_STANDS = frozenset({Code.TIME_STANDS, Code.SOURCE_STALLED})
# What follows is for days of an older version.
# A watch looks at each symbol at least as often: so late it notes that figures do not stand any more. That they do it
# notes with the time of the first reply that was stale, or later, between two replies.
_NOTED_S = 10.0
# Figures of three minutes ago are not stale, and the newest confirmed line is a minute older than they are.
_SURELY_LIVE_S = 240.0
# Of a day that has the first reply after those that were held: nothing else frees them.
_BY_A_MOMENT = (math.inf, math.inf)


class HeldReplies:
    """Which of the moments of a final day were held, and when what they said was judged."""

    def __init__(self, summary: DaySummary, final: FinalDay, outages: Sequence[Outage]) -> None:
        self._received = final.moments.received
        self._last_received = summary.last_received
        self._cycle_s = (summary.last_received - summary.first_received) / max(1, summary.polls - 1)
        # By moment: from when on replies were judged again, UTC epoch seconds, and when there had been one.
        self._freed: dict[int, tuple[float, float]] = {}
        if final.moments.held is not None:
            self._freed = dict.fromkeys(final.moments.held.nonzero()[0].tolist(), _BY_A_MOMENT)
            return
        standing = [each for each in outages if each.reason.code in _STANDS]
        if standing and len(self._received):
            self._find(summary, final, standing)

    def _find(self, summary: DaySummary, final: FinalDay, standing: Sequence[Outage]) -> None:
        newest = np.zeros(len(self._received), np.int64)
        np.maximum.at(newest, final.confirmed_in, final.labels)
        old = np.maximum.accumulate(newest) + _SURELY_LIVE_S <= self._received
        for moment in old.nonzero()[0].tolist():
            at = float(self._received[moment])
            trades_until = next((end for begin, end in summary.day.periods if begin <= at < end), at)
            for outage in standing:
                until = math.inf if outage.end is None else outage.end
                if outage.start <= at < until - _NOTED_S and at < trades_until:
                    self._freed[moment] = min((until, until), (trades_until, trades_until + self._cycle_s))

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self._freed)

    def judged(self, replies: Iterator[tuple[int, Readings]]) -> Iterator[tuple[int, float, Readings | None]]:
        """Each moment, when it was judged, UTC epoch seconds, and its readings; None where it was held.

        The last one that was held comes once more when it was judged, unless the next moment was that reply.
        """
        held: tuple[int, Readings] | None = None
        for moment, found in replies:
            at = float(self._received[moment])
            if held is not None and self._freed[held[0]][1] < at:
                yield held[0], self._freed[held[0]][0], held[1]
                held = None
            if moment in self._freed:
                held = moment, found
                yield moment, at, None
            else:
                held = None
                yield moment, at, found
        if held is not None and self._freed[held[0]][0] <= self._last_received:
            yield held[0], self._freed[held[0]][0], held[1]
