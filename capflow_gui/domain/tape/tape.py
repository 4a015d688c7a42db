"""The tape: a bounded list of the events of many symbols, newest first, in memory alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable

import numpy as np

from capflow_gui.domain.flow import FlowSeries, Ints
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.domain.tape.session_tape import SessionTape

MOST_EVENTS = 2000
NO_LABELS: Ints = np.zeros(0, np.int64)


class Tape:
    """Events of each symbol's newest session, and of the sessions before that it was told of."""

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self._most = most
        self._sessions: dict[Symbol, SessionTape] = {}
        self._ascending: list[TapeEvent] = []
        self._orders: list[tuple[float, str, str, int]] = []  # of these: worked out once, and not at each insertion
        self._events: tuple[TapeEvent, ...] | None = ()

    @property
    def events(self) -> tuple[TapeEvent, ...]:
        """Newest first."""
        if self._events is None:
            self._events = tuple(reversed(self._ascending))
        return self._events

    def take(
        self, series: FlowSeries, day: TradingDay, revised: Ints = NO_LABELS, old: FlowSeries | None = None
    ) -> bool:
        """Look at a judged intraday series of a session; whether there are new events.

        revised  labels of the confirmed lines that had other figures in `old`, the series before

        A series of another source goes on after the line that was looked at last; that of an earlier session is passed
        over.
        """
        tape = self._sessions.get(series.symbol)
        if tape is not None and day.day < tape.session:
            return False
        found: list[TapeEvent] = []
        if tape is None or (tape.session, tape.source) != (day.day, series.source):
            told = tape.upto if tape is not None and tape.session == day.day else 0
            tape = self._sessions[series.symbol] = SessionTape(series.symbol, series.source, day.day, told)
            revised = NO_LABELS
        found += tape.take(series, day)
        if len(revised) and old is not None and (revision := tape.revised(revised, old, series)) is not None:
            found.append(revision)
        return self._add(found)

    def aged(self, symbol: Symbol, at: float, *, stale: bool | None) -> bool:
        """A symbol's figures are stale at market now, or live (False), or need not be live (None).

        Whether there is a new event.
        """
        tape = self._sessions.get(symbol)
        event = None if tape is None or not tape.upto else tape.aged(at, stale=stale)
        return event is not None and self._add([event])

    def _add(self, events: Iterable[TapeEvent]) -> bool:
        added = False
        for event in events:
            order = event.order
            place = bisect_right(self._orders, order)
            self._orders.insert(place, order)
            self._ascending.insert(place, event)
            added = True
        if added:
            over = max(len(self._ascending) - self._most, 0)
            del self._ascending[:over], self._orders[:over]
            self._events = None
        return added

    def keep_only(self, symbols: Collection[Symbol]) -> None:
        """Forget symbols that left the list, and their events."""
        if any(symbol not in symbols for symbol in self._sessions):
            self._sessions = {symbol: tape for symbol, tape in self._sessions.items() if symbol in symbols}
            self._ascending = [event for event in self._ascending if event.symbol in symbols]
            self._orders = [event.order for event in self._ascending]
            self._events = None
