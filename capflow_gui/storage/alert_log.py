"""Alerts kept over restarts: where every rule stands in its session, and the record of every alert.

An `AlertLog` is one profile's, and all of SQLite happens in its thread. What is to be written waits in memory, newest
version of each record and state, until it is: a full disk or a locked file loses nothing while the program runs.
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from msgspec import structs

from capflow_gui.domain.alert import RuleState, StateKey
from capflow_gui.domain.alert_record import AlertEvent, AlertRecord, AlertState, Changed, Loaded, News, Trouble
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, StorageError
from capflow_gui.paths import shown
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.database import Database
from capflow_gui.storage.migration import SCHEMA

T = TypeVar("T")
FILE_NAME = "capflow.db"
_SHOWN_RECORDS = 500
_KEPT_RECORDS = 100_000
_KEPT_DAYS = 400
_STATE_DAYS = 14
_UNSENT_S = 86400.0
_MOST_WAITING = 10_000
_CLOSE_S = 5.0
COLUMNS = (
    "id, rule_id, version, source, symbol, session, scope, rule, state, line_time, value, threshold, raised_at, late, "
    "escalations, told, seen, cleared_at, reason, cannot_judge, snoozed_until, snoozes, desk, seen_by, seen_at"
)
# Whether a version of a record says newer of who acknowledged it.
_SEEN = "excluded.seen > seen OR (excluded.seen = seen AND excluded.seen_by != '')"
_KEEP_RECORD = f"""
    INSERT INTO alert_record ({COLUMNS}, ordinal, revision)
    VALUES ({", ".join(f":{name}" for name in COLUMNS.split(", "))}, :line_time, (SELECT revision FROM counter))
    ON CONFLICT DO UPDATE SET
        state = CASE WHEN excluded.told >= told THEN excluded.state ELSE state END,
        cleared_at = CASE WHEN excluded.told >= told THEN excluded.cleared_at ELSE cleared_at END,
        value = CASE WHEN excluded.told > told THEN excluded.value ELSE value END,
        seen_by = CASE WHEN {_SEEN} THEN excluded.seen_by ELSE seen_by END,
        seen_at = CASE WHEN {_SEEN} THEN excluded.seen_at ELSE seen_at END,
        reason = excluded.reason, revision = excluded.revision, told = max(told, excluded.told),
        seen = max(seen, excluded.seen), escalations = max(escalations, excluded.escalations),
        snoozed_until = CASE WHEN excluded.snoozes > snoozes THEN excluded.snoozed_until ELSE snoozed_until END,
        snoozes = max(snoozes, excluded.snoozes)
"""  # noqa: S608 - names of ours
_KEEP_STATE = """
    INSERT INTO alert_state (rule_id, version, source, symbol, session, upto, state) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET upto = excluded.upto, state = excluded.state WHERE excluded.upto >= upto
"""
_FORGET_STATE = (
    "DELETE FROM alert_state WHERE rule_id = ? AND version = ? AND source = ? AND symbol = ? AND session = ?"
)


_POST = """
    INSERT OR IGNORE INTO outbox (event, channel, record, state, attempt, next_at, created, message)
    VALUES (?, ?, ?, 'waiting', 0, 0.0, ?, ?)
"""


class Letter(NamedTuple):
    """A message to a channel. Two of one event and channel are the same."""

    event: str
    channel: str
    record: str  # id of the alert record
    message: str  # as the channel's dispatcher reads it


class Post(Protocol):
    """Who is told of alerts outside the program, and in which words. Asked in the log's thread; `at` is UTC."""

    def announced(self, event: AlertEvent, at: float) -> Iterable[Letter]:
        """What is to be sent of an event."""

    def acknowledged(self, record: AlertRecord, at: float) -> Iterable[Letter]:
        """What is to be sent of an alert that was acknowledged while it stands."""

    def posted(self) -> None:
        """There is something in the outbox: of this program, or of another one."""


@dataclass(slots=True)
class _Waiting:
    """What is to be written: the newest version of each record and state, so that failures do not make it grow."""

    states: dict[StateKey, RuleState | None] = field(default_factory=dict)  # None: to be forgotten
    records: dict[str, AlertRecord | None] = field(default_factory=dict)  # None: to be removed
    events: list[tuple[AlertEvent, float]] = field(default_factory=list)  # and when they were given, UTC

    def __bool__(self) -> bool:
        return bool(self.states or self.records or self.events)

    def before(self, later: _Waiting) -> _Waiting:
        """Merge with what came later."""
        records = self.records | later.records
        return _Waiting(
            self.states | later.states,
            dict(list(records.items())[-_MOST_WAITING:]),
            (self.events + later.events)[-_MOST_WAITING:],
        )


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    done: Future[Any]


class AlertLog:
    """The alerts of one profile on disk. Implements alerts.records.AlertStore.

    post  None: nobody is told outside the program
    wall  this computer's clock, UTC epoch seconds
    """

    def __init__(
        self, path: Path, *, simulated: bool, post: Post | None = None, wall: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self.simulated = simulated
        self._post = post
        self._wall = wall
        self._asked: list[_Job] = []
        self._jobs: list[_Job] = []  # of those, what the thread is at
        self._ended: StorageError | None = None
        self._wake = threading.Condition()
        self._waiting = _Waiting()
        self._is_due = self._is_closing = False
        self._revision = 0
        self._trouble: Reason | None = None
        self._thread: threading.Thread | None = None

    def start(self, tell: Callable[[News], None]) -> None:
        """Open the file in a thread, which calls `tell`; what fails is tried again at every `look`.

        A file that is deleted or replaced meanwhile is opened anew, and what it holds is told.
        """
        self._is_due = True
        self._thread = threading.Thread(target=self._run, args=(tell,), name="alert log", daemon=True)
        self._thread.start()

    def save(
        self,
        states: Mapping[StateKey, RuleState],
        forgotten: Collection[StateKey],
        records: Collection[AlertRecord],
        removed: Collection[str] = (),
        events: Collection[AlertEvent] = (),
    ) -> None:
        """Have all of it written at once, in the thread; states of `forgotten` and records of `removed` are dropped.

        What is to be sent of `events` is in the outbox when the records are in the file, and never without them.
        """
        batch = _Waiting(
            dict.fromkeys(forgotten) | dict(states),
            {record.id: record for record in records} | dict.fromkeys(removed),
            [(event, self._wall()) for event in events] if self._post is not None else [],
        )
        with self._wake:
            self._waiting = self._waiting.before(batch)
            self._is_due = True
            self._wake.notify()

    def ask(self, job: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Have something done in the thread, in a transaction of its own.

        The future holds what it returned, what it raised, or a StorageError.
        """
        done: Future[T] = Future()
        with self._wake:
            if self._ended is not None:
                done.set_exception(self._ended)
                return done
            self._asked.append(_Job(job, done))
            self._is_due = True
            self._wake.notify()
        return done

    def look(self) -> None:
        """Check for changes by another program, and retry what failed."""
        with self._wake:
            self._is_due = True
            self._wake.notify()

    def close(self) -> None:
        """Write what waits, and end the thread. Waits for the disk: to be called off the loop."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(_CLOSE_S)

    # In the thread

    def _run(self, tell: Callable[[News], None]) -> None:
        try:
            self._serve(tell)
        finally:
            ended = StorageError(Reason.of(Code.FILE_UNREADABLE, path=shown(self._path), why="the alert log has ended"))
            with self._wake:
                self._ended = ended
            self._jobs += self._asked
            self._refuse_jobs(ended)

    def _serve(self, tell: Callable[[News], None]) -> None:
        database: Database | None = None
        closing = False
        while not closing:
            with self._wake:
                self._wake.wait_for(lambda: self._is_due or self._is_closing)
                self._is_due, closing = False, self._is_closing
                # Who asks from now on is answered by the next attempt: this one may fail of what is mended by then.
                self._jobs, self._asked = self._asked, []
            trouble: Reason | None = None
            try:
                if database is not None and not database.is_in_place:
                    database.close()
                    database = None
                if database is None:
                    database = Database.open(self._path, SCHEMA, simulated=self.simulated)
                    tell(self._load(database))
                self._write(database)
                self._do_jobs(database)
                if not closing and database.was_changed_elsewhere():
                    tell(Changed(self._read(database, "revision > ?", self._revision)))
                    self._tell_post()
            except StorageError as error:
                trouble = error.reason
                self._refuse_jobs(error)
            except BaseException as error:
                # The thread ends with it, so that nothing is saved any more: that is said, too.
                tell(Trouble(Reason.of(Code.FILE_UNWRITABLE, path=shown(self._path), why=repr(error))))
                raise
            if trouble != self._trouble:
                self._trouble = trouble
                tell(Trouble(trouble))
        if database is not None:
            database.close()

    def _load(self, database: Database) -> Loaded:
        """Every state of the last sessions; what stands, and the newest records. Unreadable rows are left out."""
        with database.transaction() as connection:
            # Counted from the newest, for a simulator's year may be any; a source's wrong clock makes no age.
            connection.execute(
                "DELETE FROM alert_state WHERE session < (SELECT date(min(max(session), date('now', '+1 day')), ?) "
                "FROM alert_state)",
                (f"-{_STATE_DAYS} days",),
            )
            connection.execute(
                "DELETE FROM alert_record WHERE state != 'active' AND (raised_at < (SELECT min(max(raised_at), "
                "CAST(strftime('%s', 'now') AS REAL)) - ? FROM alert_record) OR raised_at < (SELECT raised_at "
                "FROM alert_record ORDER BY raised_at DESC LIMIT 1 OFFSET ?))",
                (_KEPT_DAYS * 86400.0, _KEPT_RECORDS - 1),
            )
            # Of a channel that is no more nobody says it.
            connection.execute(
                "UPDATE outbox SET state = 'expired', done_at = max(created, next_at) "
                "WHERE done_at IS NULL AND max(created, next_at) < ?",
                (self._wall() - _UNSENT_S,),
            )
            connection.execute(
                "DELETE FROM outbox WHERE created < (SELECT max(created) FROM outbox) - ?", (_KEPT_DAYS * 86400.0,)
            )
            states = connection.execute(
                "SELECT rule_id, version, source, symbol, session, state FROM alert_state"
            ).fetchall()
        records = self._read(
            database,
            "state = 'active' OR id IN (SELECT id FROM alert_record ORDER BY raised_at DESC LIMIT ?)",
            _SHOWN_RECORDS,
        )
        return Loaded(dict(filter(None, map(_state, states))), records, tuple(database.notices))

    def _read(self, database: Database, condition: str, argument: int) -> list[AlertRecord]:
        with database.transaction() as connection:
            (revision,) = connection.execute("SELECT revision FROM counter").fetchone()
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM alert_record WHERE {condition}",  # noqa: S608 - of ours
                (argument,),
            ).fetchall()
        self._revision = revision
        return [record for row in rows if (record := read_record(row, simulated=self.simulated)) is not None]

    def _write(self, database: Database) -> None:
        with self._wake:
            batch, self._waiting = self._waiting, _Waiting()
        if not batch:
            if self._trouble is not None:
                with database.transaction() as connection:
                    # A full disk can be read, and changes nothing: only what could be written says that it is over.
                    connection.execute("UPDATE counter SET revision = revision")
            return
        try:
            with database.transaction() as connection:
                letters = self._letters(connection, batch)
                _write(connection, batch)
                connection.executemany(_POST, letters)
        except StorageError:
            with self._wake:
                self._waiting = batch.before(self._waiting)
            raise
        if letters:
            self._tell_post()

    def _letters(self, connection: sqlite3.Connection, batch: _Waiting) -> list[tuple[str, str, str, float, str]]:
        """What a batch has sent; to be asked before it is written."""
        found: list[tuple[Letter, float]] = []
        if self._post is None:
            return []
        for event, at in batch.events:
            letters = self._post.announced(event, at)
            found += [(each, at) for each in letters if event.announces or _was_told(connection, each, found)]
        for record in batch.records.values():
            if record is not None and record.standing and record.acknowledged:
                row = connection.execute("SELECT seen FROM alert_record WHERE id = ?", (record.id,)).fetchone()
                if row is not None and row[0] < record.seen:
                    now = self._wall()
                    found += [(letter, now) for letter in self._post.acknowledged(record, now)]
        return [(letter.event, letter.channel, letter.record, at, letter.message) for letter, at in found]

    def _tell_post(self) -> None:
        if self._post is not None:
            self._post.posted()

    def _do_jobs(self, database: Database) -> None:
        while self._jobs:
            # What was to be saved before the job was asked for.
            self._write(database)
            job = self._jobs.pop(0)
            if job.done.set_running_or_notify_cancel():
                try:
                    with database.transaction() as connection:
                        result = job.work(connection)
                except StorageError as error:
                    job.done.set_exception(error)
                    raise
                except Exception as error:  # noqa: BLE001 - who asked hears of it, and alerts are kept all the same
                    job.done.set_exception(error)
                else:
                    job.done.set_result(result)

    def _refuse_jobs(self, error: StorageError) -> None:
        while self._jobs:
            job = self._jobs.pop(0)
            if job.done.set_running_or_notify_cancel():
                job.done.set_exception(error)


def _was_told(connection: sqlite3.Connection, letter: Letter, others: Iterable[tuple[Letter, float]]) -> bool:
    """Whether a channel was told of an alert before: only then it is told of its end."""
    if any((each.record, each.channel) == (letter.record, letter.channel) for each, _ in others):
        return True
    asked = "SELECT 1 FROM outbox WHERE record = ? AND channel = ? LIMIT 1"
    return connection.execute(asked, (letter.record, letter.channel)).fetchone() is not None


def _write(connection: sqlite3.Connection, batch: _Waiting) -> None:
    forgotten = [_key(key) for key, state in batch.states.items() if state is None]
    states = [
        (*_key(key), state.upto, json.dumps(structs.asdict(state)))
        for key, state in batch.states.items()
        if state is not None
    ]
    removed = [(number,) for number, record in batch.records.items() if record is None]
    records = [_row(record) for record in batch.records.values() if record is not None]
    connection.executemany(_FORGET_STATE, forgotten)
    connection.executemany(_KEEP_STATE, states)
    connection.executemany("DELETE FROM alert_record WHERE id = ?", removed)
    if records:
        connection.execute("UPDATE counter SET revision = revision + 1")
        connection.executemany(_KEEP_RECORD, records)


def _key(key: StateKey) -> tuple[str, ...]:
    return (key.rule_id, key.version, key.source, str(key.symbol), key.session)


def _state(row: tuple[str, str, str, str, str, str]) -> tuple[StateKey, RuleState] | None:
    rule_id, version, source, symbol, session, text = row
    try:
        return StateKey(rule_id, version, source, Symbol.parse(symbol), session), RuleState(**json.loads(text))
    except (CapflowError, ValueError, TypeError):
        # Of another version, or damaged: the rule is walked anew, which says at most one alert twice.
        return None


def _row(record: AlertRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in COLUMNS.split(", ")} | {
        "symbol": str(record.symbol),
        "state": record.state.value,
        "value": None if math.isnan(record.value) else record.value,
        "reason": None if record.reason is None else record.reason.to_json(),
    }


def read_record(row: tuple[Any, ...], *, simulated: bool) -> AlertRecord | None:
    """The record of a row of COLUMNS; None where it is damaged."""
    values = dict(zip(COLUMNS.split(", "), row, strict=True))
    try:
        return AlertRecord(
            **values
            | {
                "symbol": Symbol.parse(str(values["symbol"])),
                "state": AlertState(values["state"]),
                "value": math.nan if values["value"] is None else float(values["value"]),
                "threshold": float(values["threshold"]),
                "line_time": int(values["line_time"]),
                "raised_at": float(values["raised_at"]),
                "late": bool(values["late"]),
                "reason": None if values["reason"] is None else Reason.from_json(values["reason"]),
                "cannot_judge": bool(values["cannot_judge"]),
                "desk": str(values["desk"]),
                "seen_by": str(values["seen_by"]),
                "seen_at": None if values["seen_at"] is None else float(values["seen_at"]),
                "simulated": simulated,
            }
        )
    except (CapflowError, ValueError, TypeError):
        # A cell may hold anything. The other records are read.
        return None
