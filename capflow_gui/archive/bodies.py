"""What an archive file holds of one session, read as far as it is sound."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from capflow_gui.archive.codec import decode_final, decode_state, decode_states
from capflow_gui.archive.final import final_day
from capflow_gui.archive.heads import counted
from capflow_gui.archive.model import DayKey, FinalDay, State, apply
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason

_Row = tuple[int, bytes, int, float | None, float | None]


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
        """Those of the day with this id, inside a transaction of the caller's; None where it is gone."""
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
            return self._walked().series

    def final_day(self) -> FinalDay:
        """What a rule saw, from whichever rows can be read. Raises StorageError where none can."""
        if self.final is not None and not self.open:
            try:
                return decode_final(self.key, self.final)
            except StorageError:
                if not self.has_states:
                    raise
        return self._walked()

    def faults(self) -> list[Reason]:
        """What of it cannot be read, or does not fit together."""
        faults: list[Reason] = []
        final: FlowSeries | None = None
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
                decode_state(self.head[1])
        except StorageError as error:
            faults.append(Reason.of(Code.LINES_DAMAGED, why=error.reason))
        if not faults and final is None and (self.compacted or not states):
            faults.append(Reason.of(Code.LINES_MISSING))
        if not faults and final is not None and states:
            last = states[self.compacted - 1] if 0 < self.compacted <= len(states) else None
            if last is None or (last.length, last.received) != (len(final), final.received):
                faults.append(Reason.of(Code.LINES_DIFFER))
        return faults

    def _newest(self) -> FlowSeries:
        series, at = None, 0
        if self.head is not None:
            at, body = self.head
            series = apply(self.key, None, decode_state(body))
        elif self.final is not None:
            at, series = self.compacted, decode_final(self.key, self.final).series
        for number, body, *_ in self.rows:
            if number > at:
                if number != at + 1:
                    raise StorageError(Reason.of(Code.STATES_MISSING, number=at + 1))
                series, at = apply(self.key, series, decode_state(body)), number
        if series is None:
            raise StorageError(Reason.of(Code.RECORDING_DAMAGED))
        return series

    def _walked(self) -> FinalDay:
        states = self.states()
        if not states:
            raise StorageError(Reason.of(Code.RECORDING_DAMAGED))
        return final_day(states, self.key)
