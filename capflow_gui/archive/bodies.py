"""What an archive file holds of one session, read as far as it is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from capflow_gui.archive.codec import decode_final, decode_state, decode_states
from capflow_gui.archive.final import final_day
from capflow_gui.archive.heads import counted
from capflow_gui.archive.model import DayKey, FinalDay, State, apply, series_of, state_of
from capflow_gui.archive.schema import count
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.session import TradingDay
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason

_Row = tuple[int, bytes, int, float | None, float | None]
_OFF_THE_MINUTES = Flag.GRID | Flag.SESSION


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """The rows of one day, as archive.schema says; read in one go, so that a writer cannot come between."""

    key: DayKey
    compacted: int
    open: bool
    final: bytes | None
    head: tuple[int, bytes] | None
    journal: bytes | None
    rows: list[_Row]

    @classmethod
    def read(cls, connection: sqlite3.Connection, key: DayKey, day: int) -> Bodies | None:
        """Those of the day with this id, inside a transaction of the caller's; None where it is gone.

        Raises StorageError where the states cannot be told apart.
        """
        found = connection.execute(
            "SELECT compacted, open, (SELECT body FROM final WHERE day = id), "
            "(SELECT body FROM journal WHERE day = id) FROM day WHERE id = ?",
            (day,),
        ).fetchone()
        if found is None:
            return None
        compacted, is_open, final, journal = found
        head = connection.execute("SELECT number, body FROM head WHERE day = ?", (day,)).fetchone()
        rows = connection.execute(
            "SELECT number, body, same, same_received, same_wall FROM state WHERE day = ? ORDER BY number", (day,)
        ).fetchall()
        for number in (compacted, *(head or ())[:1], *(row[0] for row in rows)):
            count(number)
        return cls(key, compacted, bool(is_open), final, head, journal, rows)

    @property
    def has_states(self) -> bool:
        """Whether more than the final lines is kept."""
        return bool(self.rows)

    def states(self) -> list[State]:
        """Every state from the first on; none where the final lines alone are kept. Raises StorageError."""
        states = [] if self.journal is None else decode_states(self.journal)
        for number, body, same, received, wall in self.rows:
            if number != len(states) + 1:
                raise StorageError(Reason.of(Code.STATES_MISSING, number=len(states) + 1))
            states.append(counted(decode_state(body), same, received, wall))
        return states

    def series(self) -> FlowSeries:
        """The newest lines, from whichever rows can be read. Raises StorageError where none can."""
        try:
            return self._newest()
        except StorageError:
            if not self.has_states:
                raise
            return series_of(self.key, self._all_states())

    def final_day(self, day: TradingDay) -> FinalDay:
        """What a rule saw on the trading day, from whichever rows can be read. Raises StorageError where none can."""
        if self.final is not None and not self.open:
            try:
                return decode_final(self.key, self.final)
            except StorageError:
                if not self.has_states:
                    raise
        return final_day(self._all_states(), self.key, day)

    def faults(self, day: TradingDay) -> list[Reason]:
        """What of it cannot be read, does not fit together, or is no line of `day`."""
        faults: list[Reason] = []
        final: FlowSeries | None = None
        head: FlowSeries | None = None
        states: list[State] = []
        try:
            states = self.states()
        except StorageError as error:
            faults.append(Reason.of(Code.STATES_DAMAGED, why=error.reason))
        try:
            if self.final is not None:
                final = decode_final(self.key, self.final).series
        except StorageError as error:
            faults.append(Reason.of(Code.LINES_DAMAGED, why=error.reason))
        try:
            if self.head is not None:
                head = apply(self.key, None, decode_state(self.head[1]))
        except StorageError as error:
            faults.append(Reason.of(Code.LINES_DAMAGED, why=error.reason))
        if faults:
            return faults
        if final is None and (self.compacted or not states):
            return [Reason.of(Code.LINES_MISSING)]
        series = final if not states else series_of(self.key, states)
        known = {self.compacted: final, self.head[0] if self.head is not None else 0: head}
        if states and not all(
            self._leads_to(states, series, number, lines) for number, lines in known.items() if lines
        ):
            return [Reason.of(Code.LINES_DIFFER)]
        outside = 0 if series is None else _outside(series, day)
        return [Reason.of(Code.LINES_OUTSIDE, lines=outside)] if outside else []

    def _leads_to(self, states: Sequence[State], series: FlowSeries | None, number: int, lines: FlowSeries) -> bool:
        """Whether the first `number` states lead to these lines; `series` is what all of them lead to."""
        if not 0 < number <= len(states):
            return False
        found = series if series is not None and number == len(states) else series_of(self.key, states[:number])
        other = state_of(found, lines, poll=0, wall=0.0, turnover=None, old_turnover=None)
        return other is None and found.received == lines.received

    def _newest(self) -> FlowSeries:
        series: FlowSeries | None = None
        at = 0
        if self.head is not None:
            at, body = self.head
            series = apply(self.key, None, decode_state(body))
        elif self.final is not None:
            at, series = self.compacted, decode_final(self.key, self.final).series
        states: list[State] = []
        for number, body, *_ in self.rows:
            if number > at:
                if number != at + len(states) + 1:
                    raise StorageError(Reason.of(Code.STATES_MISSING, number=at + len(states) + 1))
                states.append(decode_state(body))
        if states:
            series = series_of(self.key, states, series)
        if series is None:
            raise StorageError(Reason.of(Code.RECORDING_DAMAGED))
        return series

    def _all_states(self) -> list[State]:
        """Every state, at least one. Raises StorageError."""
        states = self.states()
        if not states:
            raise StorageError(Reason.of(Code.RECORDING_DAMAGED))
        return states


def _outside(series: FlowSeries, day: TradingDay) -> int:
    """How many lines are off the day's minutes although no check said so when they came."""
    if series.flags & _OFF_THE_MINUTES:
        return 0
    return int((day.indexes(series.timestamps) < 0).sum())
