"""Keeps an archive small: compacts sessions that are over, removes old ones, and gives their room back to the disk.

In steps of some milliseconds, each a transaction of its own, so that what is recorded meanwhile waits for none.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from capflow_gui.archive.codec import encode_final, encode_states
from capflow_gui.archive.heads import key_of, states_of, trading_day
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.news import Pruning
from capflow_gui.archive.schema import first_date, moment
from capflow_gui.domain.session import TradingDay
from capflow_gui.errors import StorageError
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database

log = logging.getLogger(__name__)

# A market that closed so long ago says nothing more of the day.
_OVER_S = 3600
_RECENT = timedelta(days=7)
_REMOVED_A_STEP = 10
_PAGES_A_STEP = 256
# The next day uses free pages again. More than these are given back to the disk.
_MOST_FREE_PAGES = 4096
_SESSIONS = "SELECT DISTINCT session FROM day"
_BODIES = ("state", "head", "journal", "final")


NO_LIMITS: Mapping[str, int] = MappingProxyType({})


class _Old(NamedTuple):
    """A day of which something is to be removed: `whole`, or what stands beside its final lines."""

    id: int
    names: list[str]  # source, symbol, session
    whole: bool


class Upkeep:
    """The work on one open file, for its writer's thread. `forget` is called with sessions that changed by it.

    keep_days  how many days the sessions of single brokers are kept, where that is less; `opend` is also of opend-2
    """

    def __init__(
        self,
        database: Database,
        retention: ArchiveSettings,
        forget: Callable[[Iterable[DayKey]], None],
        keep_days: Mapping[str, int] = NO_LIMITS,
    ) -> None:
        self._database = database
        self._retention = retention
        self._keep_days = keep_days
        self._forget = forget
        self._over: deque[tuple[int, DayKey, TradingDay]] = deque()
        self._compaction: Iterator[None] | None = None  # of the first of these, once it is begun
        self._old: deque[_Old] = deque()
        self._removing = 0
        self._has_free_pages = False
        self._newest: date | None = None
        self._unreadable: set[int] = set()

    @property
    def is_pending(self) -> bool:
        """Whether there is a step to do."""
        return bool(self._over or self._old or self._has_free_pages)

    @property
    def left(self) -> int:
        """How many sessions are still to be compacted or removed."""
        return len(self._over) + len(self._old)

    def plan(self) -> None:
        """Find what is to be done. Raises StorageError."""
        with self._database.reading() as connection:
            newest = first_date(connection.execute(f"{_SESSIONS} ORDER BY session DESC"))
            if newest is None:
                return
            if newest != self._newest and not self._old:
                self._newest = newest
                self._old.extend(_old(connection, self._retention, self._keep_days))
                self._removing = len(self._old)
            self._compaction = None
            left_out = self._unreadable | {old.id for old in self._old if old.whole}
            self._over = deque(each for each in _over(connection, newest) if each[0] not in left_out)
        self._has_free_pages = self._free_pages() > 0

    def step(self) -> Pruning | None:
        """Do a little of it, and say how far the removing is. Raises StorageError.

        What is old goes first: on a full disk that makes the room which the rest takes.
        """
        if self._old:
            self._remove()
            if self._old:
                return Pruning(self._removing - len(self._old), self._removing)
            self._has_free_pages = True
        elif self._over:
            self._go_on()
        elif self._has_free_pages:
            self._database.give_back(min(self._free_pages(), _PAGES_A_STEP))
            self._has_free_pages = self._free_pages() > 0
        if self._removing and not (self._old or self._has_free_pages):
            total, self._removing = self._removing, 0
            return Pruning(total, total)
        return None

    def _free_pages(self) -> int:
        return max(0, self._database.free_pages() - _MOST_FREE_PAGES)

    def _go_on(self) -> None:
        """Do a step of the compaction of a session; one that failed is begun again."""
        compaction, self._compaction = self._compaction or self._compact(*self._over[0]), None
        for _ in compaction:
            self._compaction = compaction
            return
        self._over.popleft()

    def _compact(self, day: int, key: DayKey, hours: TradingDay) -> Iterator[None]:
        with self._database.reading() as connection:
            before = _numbers(connection, day)
            states, fault = states_of(connection, day)
        if fault is not None or before is None or before[1] != len(states):
            # Another process compacted it, or it is damaged: `archive verify` names that.
            log.info("session %s of %s cannot be compacted: %s", key.session, key.symbol, fault)
            self._unreadable.add(day)
            return
        yield
        journal = encode_states(states[:-1])
        yield
        final, number = encode_final(states, key, hours), len(states)
        yield
        with self._database.transaction() as connection:
            if _numbers(connection, day) != before:
                return
            connection.execute("INSERT OR REPLACE INTO journal (day, body) VALUES (?, ?)", (day, journal))
            connection.execute("INSERT OR REPLACE INTO final (day, body) VALUES (?, ?)", (day, final))
            connection.execute("DELETE FROM state WHERE day = ? AND number < ?", (day, number))
            connection.execute("DELETE FROM head WHERE day = ?", (day,))
            connection.execute("UPDATE day SET compacted = ?, open = 0 WHERE id = ?", (number, day))
        self._forget([key])

    def _remove(self) -> None:
        removed = [self._old[place] for place in range(min(_REMOVED_A_STEP, len(self._old)))]
        with self._database.transaction() as connection:
            for old in removed:
                for table in _BODIES if old.whole else _BODIES[:-1]:
                    connection.execute(f"DELETE FROM {table} WHERE day = ?", (old.id,))  # noqa: S608 - names of ours
                if old.whole:
                    connection.execute("DELETE FROM day WHERE id = ?", (old.id,))
            if removed[0].whole:
                # Gaps and outages are market time, and every market opens after midnight UTC of its date.
                first = first_date(connection.execute(f"{_SESSIONS} ORDER BY session"))
                if first is not None:
                    until = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()
                    connection.execute("DELETE FROM gap WHERE end < ?", (until,))
                    connection.execute("DELETE FROM outage WHERE start < ?", (until,))
        for old in removed:
            self._old.popleft()
            with contextlib.suppress(StorageError):  # damaged: it has no head
                self._forget([key_of(*old.names)])


def _over(connection: sqlite3.Connection, newest: date) -> Iterable[tuple[int, DayKey, TradingDay]]:
    """Sessions that are over and have states that their final lines do not know; the first states must be there."""
    rows = connection.execute(
        "SELECT id, source, symbol, session, last_received, complete, zone, periods, half, day_assumed FROM day "
        "WHERE open AND (compacted = 0 OR EXISTS (SELECT 1 FROM journal WHERE journal.day = day.id)) "
        "ORDER BY session, id"
    ).fetchall()
    since = (newest - _RECENT).isoformat()
    latest: dict[str, float] = dict(
        connection.execute(
            "SELECT source, max(last_received) FROM day WHERE session >= ? AND typeof(last_received) = 'real' "
            "GROUP BY source",
            (since,),
        )
    )
    for day, source, symbol, session, received, complete, *facts in rows:
        try:
            key = key_of(source, symbol, session)
            hours = trading_day(key, *facts)
            if complete or max(moment(received), latest.get(source, received)) >= hours.close + _OVER_S:
                yield day, key, hours
        except StorageError:
            # Damaged: `archive verify` names it.
            continue


def _old(connection: sqlite3.Connection, retention: ArchiveSettings, keep_days: Mapping[str, int]) -> Iterable[_Old]:
    """What is older than is kept, counted from the newest session; one of a time to come makes nothing old."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    last = first_date(
        connection.execute(f"{_SESSIONS} WHERE session <= ? ORDER BY session DESC", (tomorrow.isoformat(),))
    )
    if last is None:
        return
    first_final = first_kept(last, retention).isoformat()
    firsts = {kind: max(first_final, _first_of(last, days)) for kind, days in keep_days.items()}
    whole: set[int] = set()
    for day, *names in connection.execute(
        "SELECT id, source, symbol, session FROM day WHERE session < ? ORDER BY session DESC",
        (max([first_final, *firsts.values()]),),
    ).fetchall():
        if str(names[2]) < firsts.get(str(names[0]).partition("-")[0], first_final):
            whole.add(day)
            yield _Old(day, names, whole=True)
    newest = connection.execute(
        "SELECT DISTINCT session FROM day WHERE session <= ? ORDER BY session DESC LIMIT 1 OFFSET ?",
        (last.isoformat(), retention.journal_sessions - 1),
    ).fetchone()
    if newest is not None:
        rows = connection.execute(
            "SELECT id, source, symbol, session FROM day WHERE session < ? AND session >= ? AND NOT open "
            "AND EXISTS (SELECT 1 FROM journal WHERE journal.day = day.id)",
            (newest[0], first_final),
        )
        for day, *names in rows.fetchall():
            if day not in whole:
                yield _Old(day, names, whole=False)


def first_kept(newest: date, retention: ArchiveSettings) -> date:
    """The first of the days whose final lines are kept; the newest session's date is the last of them."""
    return newest - timedelta(days=retention.final_days - 1)


def _first_of(newest: date, days: int) -> str:
    return (newest - timedelta(days=days - 1)).isoformat()


def _numbers(connection: sqlite3.Connection, day: int) -> tuple[int, int] | None:
    """Of the state that the final lines know, and of the newest; None where there is nothing to compact."""
    found: tuple[int, int] | None = connection.execute(
        "SELECT compacted, (SELECT max(number) FROM state WHERE state.day = day.id) FROM day WHERE id = ? AND open",
        (day,),
    ).fetchone()
    return found
