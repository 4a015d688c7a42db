"""Stores replies as states, each against the newest state of its session in the file.

Another process may record the same sessions: what it wrote meanwhile is read before anything is stored.
"""

from __future__ import annotations

import copy
import itertools
import json
import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from capflow_gui.archive.codec import decode_last_lines, decode_state, decode_states, encode_state
from capflow_gui.archive.model import (
    DayKey,
    Gap,
    Outage,
    State,
    milliseconds,
    same_state,
    says_the_same,
    series_of,
    state_of,
    whole_state,
)
from capflow_gui.archive.schema import count, first_date, moment
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import CapflowError, StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.database import Database

# A session that runs is read from its last whole state on: this many states at most.
_WHOLE_EVERY = 32
_RECENT_DAYS = 7
_INSERT_OUTAGE = "INSERT OR REPLACE INTO outage (symbol, source, start, end, reason) VALUES (?, ?, ?, ?, ?)"


class Reply(NamedTuple):
    """A judged reply on its way into the file; `lost` polls came before it and could not be kept as states."""

    series: FlowSeries
    wall: float
    turnover: Turnover | None
    day: TradingDay
    currency: str
    assumed: bool
    lost: int = 0


@dataclass(slots=True)
class _Head:
    """The newest of a session in the file.

    number      of the newest state; 0: there is none
    series      what the states lead to, or the reply that the newest came of; `turnover` is the newest state's
    whole       number of the last state that was kept whole, or is in the final lines
    mine        when the last reply came that this process stored
    facts       trading periods, currency, and whether that is assumed, as they are in the file
    generation  of the file: an older one is to be read again
    """

    id: int
    number: int = 0
    series: FlowSeries | None = None
    turnover: Turnover | None = None
    whole: int = 0
    polls: int = 0
    unchanged: int = 0
    last_received: float = -math.inf
    complete: bool = False
    open: bool = True
    mine: float | None = None
    facts: tuple[TradingDay, str, bool] | None = None
    generation: int = 0

    def follow(self, key: DayKey, number: int, states: Sequence[State]) -> None:
        """Go on to the next states, of which the last has this number."""
        self.series = series_of(key, states, self.series)
        self.number, self.turnover = number, states[-1].turnover


class Heads:
    """The heads of the sessions that are recorded now. For one thread; `forget` them where the file is another."""

    def __init__(self) -> None:
        self._heads: dict[DayKey, _Head] = {}
        self._generation = 0

    def forget(self, keys: Iterable[DayKey] | None = None) -> None:
        """Read them from the file when they are needed again: all, or some."""
        for key in list(self._heads) if keys is None else keys:
            self._heads.pop(key, None)

    def newest(self, database: Database) -> list[FlowSeries]:
        """Of each source and symbol the newest session, of the last days before the newest of all.

        What cannot be read is left out. Raises StorageError where the file cannot be read.
        """
        found: dict[tuple[str, Symbol], FlowSeries] = {}
        with database.reading() as connection:
            last = first_date(connection.execute("SELECT DISTINCT session FROM day ORDER BY session DESC"))
            if last is None:
                return []
            since = last - timedelta(days=_RECENT_DAYS)
            rows = connection.execute(
                "SELECT source, symbol, session FROM day WHERE session >= ? ORDER BY session DESC", (since.isoformat(),)
            ).fetchall()
            for row in rows:
                try:
                    key = key_of(*row)
                    if (key.source, key.symbol) in found:
                        continue
                    head = _load(connection, key, self._generation)
                except CapflowError:
                    # Damaged: `archive verify` names it, and the next reply mends the session.
                    continue
                if head is not None and head.series is not None:
                    found[key.source, key.symbol] = head.series
                    if head.open:
                        self._heads[key] = head
        return list(found.values())

    def store(
        self,
        database: Database,
        replies: Mapping[DayKey, Sequence[Reply]],
        gaps: Iterable[Gap],
        outages: Iterable[Outage] = (),
    ) -> list[Reason]:
        """Write all of it in one transaction. Returns what could not be kept of it; raises StorageError for a failure.

        A reply that came before the newest in the file and has no later line is counted only.
        """
        changes = _Changes()
        try:
            with database.transaction() as connection:
                if database.was_changed_elsewhere():
                    self._generation += 1
                for key, each in replies.items():
                    head = self._head(connection, key, each[0], changes.faults)
                    if head is not None:
                        self._heads[key] = head
                        for reply in each:
                            changes.add(head, reply)
                        changes.end(head)
                changes.write(connection)
                _write(
                    connection,
                    "INSERT OR IGNORE INTO gap (source, start, end) VALUES (?, ?, ?)",
                    [(gap.source, milliseconds(gap.start), milliseconds(gap.end)) for gap in gaps],
                )
                _write(connection, _INSERT_OUTAGE, [*map(_outage_row, outages)])
        except BaseException:
            # Nothing of it is in the file.
            self.forget(replies)
            raise
        return changes.faults

    def _head(self, connection: sqlite3.Connection, key: DayKey, reply: Reply, faults: list[Reason]) -> _Head | None:
        """What is newest in the file; None where a newer version wrote it."""
        known = self._heads.get(key)
        try:
            if known is not None and known.generation == self._generation:
                return known
            head = None if known is None else _refreshed(connection, key, known, self._generation)
            head = head or _load(connection, key, self._generation)
        except StorageError as error:
            if error.reason.code is Code.RECORDING_NEWER:
                faults.append(error.reason)
                return None
            faults.append(_recover(connection, key, milliseconds(reply.series.received or 0.0)))
            head = _load(connection, key, self._generation)
        if head is None:
            head = _insert(connection, key, reply, self._generation)
        if known is not None:
            head.mine = known.mine
        return head


def _outage_row(each: Outage) -> tuple[str, str, float, float | None, str]:
    end = None if each.end is None else milliseconds(each.end)
    return str(each.symbol), each.source, milliseconds(each.start), end, each.reason.to_json()


_symbol = lru_cache(maxsize=4096)(Symbol.parse)


def key_of(source: str, symbol: str, session: str) -> DayKey:
    """The day that a row names. Raises StorageError for a row that is damaged."""
    try:
        return DayKey(str(source), _symbol(str(symbol)), date.fromisoformat(session))
    except (CapflowError, ValueError, TypeError) as error:
        raise StorageError(Reason.of(Code.RECORDING_DAMAGED)) from error


def trading_day(key: DayKey, zone: str, periods: str, half: int, assumed: int) -> TradingDay:
    """The session's trading periods, as its row has them. Raises StorageError for a row that is damaged."""
    try:
        return _trading_day(key.symbol.market, key.session, zone, periods, flags=(bool(half), bool(assumed)))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, OSError) as error:
        raise StorageError(Reason.of(Code.RECORDING_DAMAGED)) from error


@lru_cache(maxsize=4096)
def _trading_day(market: Market, day: date, zone: str, periods: str, *, flags: tuple[bool, bool]) -> TradingDay:
    ZoneInfo(zone)  # raises for a name that is none
    edges = tuple((int(begin), int(end)) for begin, end in json.loads(periods))
    return TradingDay(market, day, zone, edges, *flags)


class _Changes:
    """What replies change, written at once: a statement for many rows takes half the time of one for each."""

    def __init__(self) -> None:
        self.faults: list[Reason] = []
        self._states: list[tuple[int, int, bytes]] = []
        self._same: list[tuple[float, float, int, int]] = []
        self._whole: list[tuple[int, int, bytes]] = []
        self._counts: list[tuple[int, int, float, int, int]] = []
        self._opened: list[tuple[int]] = []
        self._facts: list[tuple[object, ...]] = []

    def add(self, head: _Head, reply: Reply) -> None:
        """Let a head go on to a reply."""
        series, received = reply.series, milliseconds(reply.series.received or 0.0)
        judged_again = received in (head.mine, head.last_received)
        head.mine = received
        head.polls += reply.lost + (not judged_again)
        if head.series is not None and received < head.last_received and not _has_later_line(series, head.series):
            return
        state = state_of(
            head.series, series, poll=head.polls, wall=reply.wall, turnover=reply.turnover, old_turnover=head.turnover
        )
        before, head.last_received = head.last_received, received
        if state is None and not judged_again:
            head.unchanged += 1
            if reply.day.part(before) != reply.day.part(received):
                state = same_state(series, poll=head.polls, wall=reply.wall, turnover=reply.turnover)
        if state is None:
            if not judged_again:
                self._same.append((received, milliseconds(reply.wall), head.id, head.number))
        else:
            try:
                body = encode_state(state)
            except StorageError as error:
                self.faults.append(error.reason)
                return
            head.number, head.series, head.turnover = head.number + 1, series, state.turnover
            head.complete = _is_complete(series, reply.day)
            self._states.append((head.id, head.number, body))
            if head.number - head.whole >= _WHOLE_EVERY:
                head.whole = head.number
                whole = whole_state(series, poll=head.polls, wall=reply.wall, turnover=head.turnover)
                self._whole.append((head.id, head.number, encode_state(whole)))
            if not head.open:
                head.open = True
                self._opened.append((head.id,))
        facts = (reply.day, reply.currency, reply.assumed)
        if facts != head.facts:
            head.facts = facts
            self._facts.append((*_facts_row(reply), head.id))

    def end(self, head: _Head) -> None:
        """All replies of its session are added."""
        # sqlite3 asks a bool for an adapter, which takes longer than the statement.
        self._counts.append((head.polls, head.unchanged, head.last_received, int(head.complete), head.id))

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all that was added, inside the open transaction."""
        _write(connection, "INSERT INTO state (day, number, body) VALUES (?, ?, ?)", self._states)
        _write(
            connection,
            "UPDATE state SET same = same + 1, same_received = ?, same_wall = ? WHERE day = ? AND number = ?",
            self._same,
        )
        _write(connection, "INSERT OR REPLACE INTO head (day, number, body) VALUES (?, ?, ?)", self._whole)
        _write(
            connection,
            "UPDATE day SET polls = ?, unchanged = ?, last_received = ?, complete = ? WHERE id = ?",
            self._counts,
        )
        _write(connection, "UPDATE day SET open = 1 WHERE id = ?", self._opened)
        _write(
            connection,
            "UPDATE day SET zone = ?, periods = ?, half = ?, day_assumed = ?, currency = ?, assumed = ? WHERE id = ?",
            self._facts,
        )


def _write(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Execute a statement for each row. Without rows sqlite3 would still wait for the interpreter, which others use."""
    if rows:
        connection.executemany(statement, rows)


def _has_later_line(new: FlowSeries, old: FlowSeries) -> bool:
    """Then it is newer, whatever it says of when it came: the source's clock was set back."""
    return len(new) > 0 and (not len(old) or bool(new.timestamps.max() > old.timestamps.max()))


def _is_complete(series: FlowSeries, day: TradingDay) -> bool:
    return len(series) > 0 and bool(series.timestamps[-1] == day.close) and bool(series.confirmed.all())


def _insert(connection: sqlite3.Connection, key: DayKey, reply: Reply, generation: int) -> _Head:
    received = milliseconds(reply.series.received or 0.0)
    cursor = connection.execute(
        "INSERT INTO day (source, symbol, session, zone, periods, half, day_assumed, currency, assumed, "
        "polls, unchanged, first_received, last_received, complete) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, 0)",
        (key.source, str(key.symbol), key.session.isoformat(), *_facts_row(reply), received, received),
    )
    facts = (reply.day, reply.currency, reply.assumed)
    return _Head(cursor.lastrowid or 0, facts=facts, generation=generation)


def _facts_row(reply: Reply) -> tuple[str, str, bool, bool, str, bool]:
    day = reply.day
    return day.zone, json.dumps(day.periods), day.half, day.assumed, reply.currency, reply.assumed


def _load(connection: sqlite3.Connection, key: DayKey, generation: int) -> _Head | None:
    """Raises StorageError where the session is damaged."""
    row = connection.execute(
        "SELECT id, compacted, polls, unchanged, last_received, complete, open FROM day "
        "WHERE source = ? AND symbol = ? AND session = ?",
        (key.source, str(key.symbol), key.session.isoformat()),
    ).fetchone()
    if row is None:
        return None
    day, compacted, *facts = row
    compacted, head = count(compacted), _Head(day, generation=generation)
    _set_counts(head, *facts)
    whole = connection.execute("SELECT number, body FROM head WHERE day = ?", (head.id,)).fetchone()
    if whole is not None:
        head.follow(key, count(whole[0]), [decode_state(whole[1])])
    elif compacted:
        (body,) = connection.execute("SELECT body FROM final WHERE day = ?", (head.id,)).fetchone() or (b"",)
        head.number, head.series = compacted, decode_last_lines(key, body)
        newest = connection.execute("SELECT body FROM state WHERE day = ? AND number = ?", (head.id, compacted))
        for (body,) in newest:
            head.turnover = decode_state(body).turnover
    head.whole = head.number
    _follow(connection, key, head)
    return head


def _refreshed(connection: sqlite3.Connection, key: DayKey, known: _Head, generation: int) -> _Head | None:
    """What is newest now; None where the session is to be read anew."""
    row = connection.execute(
        "SELECT polls, unchanged, last_received, complete, open FROM day WHERE id = ? AND symbol = ? AND session = ? "
        "AND source = ? AND EXISTS (SELECT 1 FROM state WHERE day = id AND number = ?)",
        (known.id, str(key.symbol), key.session.isoformat(), key.source, known.number),
    ).fetchone()
    if row is None:
        return None
    head = copy.copy(known)
    _set_counts(head, *row)
    head.facts, head.generation = None, generation
    _follow(connection, key, head)
    return head


def _set_counts(head: _Head, polls: int, unchanged: int, received: float, *flags: int) -> None:
    head.polls, head.unchanged, head.last_received = count(polls), count(unchanged), moment(received)
    head.complete, head.open = map(bool, flags)


def _follow(connection: sqlite3.Connection, key: DayKey, head: _Head) -> None:
    rows = connection.execute(
        "SELECT number, body FROM state WHERE day = ? AND number > ? ORDER BY number", (head.id, head.number)
    ).fetchall()
    if rows:
        head.follow(key, count(rows[-1][0]), [decode_state(body) for _, body in rows])


def states_of(connection: sqlite3.Connection, day: int) -> tuple[list[State], Reason | None]:
    """Every state of a day from the first, as far as they can be read, and what is wrong with the others."""
    states: list[State] = []
    try:
        for (body,) in connection.execute("SELECT body FROM journal WHERE day = ?", (day,)):
            states = decode_states(body)
        rows = connection.execute(
            "SELECT number, body, same, same_received, same_wall FROM state WHERE day = ? ORDER BY number", (day,)
        )
        for number, body, *same in rows:
            if number != len(states) + 1:
                return states, Reason.of(Code.STATES_MISSING, number=len(states) + 1)
            states.append(counted(decode_state(body), *same))
    except StorageError as error:
        return states, error.reason
    return states, None


def counted(state: State, same: int, received: float | None, wall: float | None) -> State:
    """A state with how many polls said the same after it, and when the last of them came. Raises StorageError."""
    stamps = (None if stamp is None else moment(stamp) for stamp in (received, wall))
    return replace(state, same=count(same), **dict(zip(("same_received", "same_wall"), stamps, strict=True)))


def _recover(connection: sqlite3.Connection, key: DayKey, received: float) -> Reason:
    """Go back to the last state that can be read from the first on. What comes next holds the whole day again.

    received  when it came
    """
    (day,) = connection.execute(
        "SELECT id FROM day WHERE source = ? AND symbol = ? AND session = ?",
        (key.source, str(key.symbol), key.session.isoformat()),
    ).fetchone()
    states, _ = states_of(connection, day)
    for table in ("state", "head", "journal", "final"):
        connection.execute(f"DELETE FROM {table} WHERE day = ?", (day,))  # noqa: S608 - names of ours
    connection.executemany(
        "INSERT INTO state (day, number, body, same, same_received, same_wall) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (day, number, encode_state(state), state.same, state.same_received, state.same_wall)
            for number, state in enumerate(states, 1)
        ],
    )
    unchanged = sum(state.same for state in states) + sum(itertools.starmap(says_the_same, itertools.pairwise(states)))
    polls = states[-1].poll + states[-1].same if states else 0
    stamps = received, received
    if states:
        stamps = states[0].received, states[-1].same_received or states[-1].received
    connection.execute(
        "UPDATE day SET compacted = 0, open = 1, complete = 0, polls = ?, unchanged = ?, first_received = ?, "
        "last_received = ? WHERE id = ?",
        (polls, unchanged, *stamps, day),
    )
    return Reason.of(Code.DAY_RECOVERED, symbol=str(key.symbol), session=key.session.isoformat(), kept=len(states))
