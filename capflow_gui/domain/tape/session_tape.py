"""Finds the events of one symbol in one session.

Each confirmed line is looked at once, in the order of the labels, and only at what lies before it: however the day is
cut into replies, its lines give the same events. A floor is a share of the session's own range, which is how far net
has been from its lowest to its highest so far: it fits every currency, is known at each line, and does not depend on
when a turnover was taken.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from datetime import date
from math import isfinite, nan
from typing import NamedTuple

import numpy as np

from capflow_gui.domain.flow import HARMLESS, MAIN, NET, STRUCTURAL, FlowSeries, Ints, confirmed_first
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent, TapeKind

BURST_MINUTES = 5
# No event of the lines before so many trading minutes, while everything is the largest so far.
_FIRST_INDEX = 30
# Of the earlier changes so many may be as large as that of a burst: it is beyond 99.5 % of them.
_AS_LARGE = 0.005
# Shares of the session's range so far: the least burst, the least net on a new side, the least revision.
_LEAST_BURST, _LEAST_SIDE, _LEAST_REVISION = 0.1, 0.05, 0.05
# A low or high has to have stood for so many trading minutes for its successor to be an event.
_STOOD_MINUTES = 30
# Of main and the rest the smaller is at least this share of the larger, or neither is against the other.
_LEAST_PART = 0.25
_HARMFUL = np.uint16(0xFFFF & ~int(HARMLESS))


class _Extreme(NamedTuple):
    net: float
    minute: int
    label: int


class SessionTape:
    """The events of a symbol at a source in a session.

    `upto` is the label of the newest line that was looked at; lines up to `told` give no event.
    """

    def __init__(self, symbol: Symbol, source: str, session: date, told: int = 0) -> None:
        self.symbol, self.source, self.session = symbol, source, session
        self.upto = 0
        self._told = told
        self._index, self._net = -1, 0.0
        self._recent: deque[tuple[int, float]] = deque()  # the last minutes' indexes and net, ascending
        self._changes = array("d")  # sizes of the five-minute changes so far, ascending
        self._burst: tuple[int, float] = (-BURST_MINUTES, 0.0)
        self._low = self._high = _Extreme(0.0, 0, 0)
        self._side = 0  # of net: -1, 1, or 0 while it has taken none
        self._furthest = self._low  # on that side
        self._against: bool | None = None
        self._stale_since: float | None = None

    @property
    def _range(self) -> float:
        return self._high.net - self._low.net

    def take(self, series: FlowSeries, day: TradingDay) -> list[TapeEvent]:
        """The events of an intraday series' newly confirmed lines; flagged lines and replies are passed over."""
        # Lines are confirmed in their order, but for seldom ones: parts of the day are then looked at in their place.
        known = confirmed_first(series.confirmed)
        confirmed = series.confirmed.nonzero()[0] if known is None else slice(0, known)
        labels = series.timestamps[confirmed]
        if int(series.flags) & int(STRUCTURAL) or not len(labels):
            return []
        newest = int(labels[-1])
        if newest <= self.upto:
            return []
        new = slice(int(labels.searchsorted(self.upto, "right")), None)
        if self.upto == 0:
            self._low = self._high = self._furthest = _Extreme(0.0, 0, day.open)
        events: list[TapeEvent] = []
        lines = zip(
            labels[new].tolist(),
            day.indexes(labels[new]).tolist(),
            (series.line_flags[confirmed][new] & _HARMFUL).tolist(),
            series.values[NET, confirmed][new].tolist(),
            series.values[MAIN, confirmed][new].tolist(),
            strict=True,
        )
        for label, index, flag, net, main in lines:
            if index >= 0 and not flag and isfinite(net):
                found = self._line(index, label, net, main)
                if label > self._told and index >= _FIRST_INDEX:
                    events += found
        self.upto = newest
        return events

    def _event(self, kind: TapeKind, line: int, size: float, net: float, **more: float) -> TapeEvent:
        return TapeEvent(kind, self.symbol, self.source, self.session, more.pop("at", line), line, size, net, **more)

    def _line(self, index: int, label: int, net: float, main: float) -> list[TapeEvent]:
        """Look at a line. Of two lines of one trading minute, as around a break, the first is looked at."""
        if index <= self._index:
            return []
        found: list[TapeEvent] = []
        # A day of 500 symbols is 200 000 lines, when a window starts: most show nothing.
        if (burst := self._find_burst(index, label, net)) is not None:
            found.append(burst)
        if (
            not self._low.net <= net <= self._high.net
            and (extreme := self._find_extreme(index, label, net)) is not None
        ):
            found.append(extreme)
        if (reversal := self._find_reversal(index, label, net)) is not None:
            found.append(reversal)
        if (against := self._find_against(label, net, main)) is not None:
            found.append(against)
        self._index, self._net = index, net
        return found

    def _find_burst(self, index: int, label: int, net: float) -> TapeEvent | None:
        recent, anchor = self._recent, index - BURST_MINUTES
        while recent and recent[0][0] < anchor:
            recent.popleft()
        before = recent[0] if recent else (-1, 0.0)
        recent.append((index, net))
        if before[0] != anchor:
            return None
        changes, change = self._changes, net - before[1]
        size, earlier = abs(change), len(changes)
        place = bisect_left(changes, size)
        as_large = earlier - place
        changes.insert(place, size)
        if as_large > earlier * _AS_LARGE or not size >= self._range * _LEAST_BURST > 0:
            return None
        last, then = self._burst
        # Windows that share minutes with the last burst's tell of the same one, if the direction is the same.
        if index - last < BURST_MINUTES and then * change > 0:
            return None
        if index >= _FIRST_INDEX:
            self._burst = index, change
        return self._event(TapeKind.BURST, label, change, net)

    def _find_extreme(self, index: int, label: int, net: float) -> TapeEvent | None:
        """Of net that is lower or higher than all before."""
        now, is_low = _Extreme(net, index, label), net < self._low.net
        before = self._low if is_low else self._high
        if is_low:
            self._low = now
        else:
            self._high = now
        if index - before.minute < _STOOD_MINUTES or not before.minute:
            return None
        kind = TapeKind.LOW if is_low else TapeKind.HIGH
        return self._event(kind, label, net, net, other=before.net, since=before.label)

    def _find_reversal(self, index: int, label: int, net: float) -> TapeEvent | None:
        side = 1 if net > 0 else -1
        if net * self._side > self._furthest.net * self._side:
            self._furthest = _Extreme(net, index, label)
        if side == self._side:
            return None
        least = self._range * _LEAST_SIDE
        if not abs(net) >= least > 0:
            return None
        before, was = self._furthest, self._side
        self._side, self._furthest = side, _Extreme(net, index, label)
        if not was or abs(before.net) < least:
            return None
        return self._event(TapeKind.REVERSAL, label, net - before.net, net, other=before.net, since=before.label)

    def _find_against(self, label: int, net: float, main: float) -> TapeEvent | None:
        rest = net - main
        one, other = abs(main), abs(rest)
        if not (one >= other * _LEAST_PART > 0 and other >= one * _LEAST_PART):  # nor where main is missing
            return None
        was, self._against = self._against, main * rest < 0
        if not self._against or was is not False:
            return None
        return self._event(TapeKind.AGAINST, label, main, net, other=rest)

    def revised(self, labels: Ints, old: FlowSeries, new: FlowSeries) -> TapeEvent | None:
        """The largest revision of a reply's, among lines with those labels; None where none is large."""
        if int(old.flags | new.flags) & int(STRUCTURAL):
            return None
        largest: TapeEvent | None = None
        least = self._range * _LEAST_REVISION
        for label in labels[labels <= self.upto].tolist():
            (was, flagged_then), (now, flagged) = _line_at(old, label), _line_at(new, label)
            size = now - was
            if flagged_then or flagged or not abs(size) >= least > 0:
                continue
            if largest is None or abs(size) > abs(largest.size):
                largest = self._event(TapeKind.REVISION, label, size, now, at=self.upto, other=was)
        return largest

    def aged(self, at: float, *, stale: bool | None) -> TapeEvent | None:
        """The figures are stale at market now, or live (False), or need not be live (None)."""
        since = self._stale_since
        if stale:
            self._stale_since = at if since is None else since
            return self._event(TapeKind.STALE, self.upto, nan, self._net, at=at) if since is None else None
        self._stale_since = None
        if stale is None or since is None:
            return None
        return self._event(TapeKind.BACK, self.upto, nan, self._net, at=at, since=since)


def _line_at(series: FlowSeries, label: int) -> tuple[float, bool]:
    """Net of a line, and whether its figures are doubtful."""
    place = int(series.timestamps.searchsorted(label))
    return float(series.values[NET, place]), bool(series.line_flags[place] & _HARMFUL)
