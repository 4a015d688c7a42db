"""One sqlite file of a profile: opened, checked, brought to this version's tables; damaged ones are set aside.

WAL with a busy time-out, so that several Capflow processes of a user may share it. A file belongs to a real or to a
simulated profile for ever: what a simulator said never stands among real alerts.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.migration import from_version_1

FILE_NAME = "capflow.db"
_BUSY_MS = 1000
_RETRY_S = 0.01

_FIRST = """
    CREATE TABLE profile (simulated INTEGER NOT NULL);
    CREATE TABLE counter (revision INTEGER NOT NULL);
    INSERT INTO counter VALUES (0);
    CREATE TABLE alert_state (
        rule_id TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL,
        session TEXT NOT NULL, upto INTEGER NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (source, symbol, session, rule_id, version)
    ) WITHOUT ROWID;
    CREATE TABLE alert_record (
        id TEXT PRIMARY KEY, rule_id TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL,
        session TEXT NOT NULL, cannot_judge INTEGER NOT NULL, ordinal INTEGER NOT NULL,
        scope TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, line_time INTEGER NOT NULL, value REAL,
        threshold REAL NOT NULL, raised_at REAL NOT NULL, late INTEGER NOT NULL, escalations INTEGER NOT NULL,
        told INTEGER NOT NULL, seen INTEGER NOT NULL, cleared_at REAL, reason TEXT, revision INTEGER NOT NULL,
        UNIQUE (rule_id, version, source, symbol, session, cannot_judge, ordinal)
    );
    CREATE INDEX alert_record_by_time ON alert_record (raised_at);
    CREATE INDEX alert_record_by_revision ON alert_record (revision);
"""
VERSION = 2


class Database:
    """An open file, to be used by one thread. `notices` are about what had to be done to open it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, notices: list[Reason]) -> None:
        self.path = path
        self.notices = notices
        self._connection = connection
        self._file = _identity(path)
        self._data_version = self._read_data_version()

    @classmethod
    def open(cls, path: Path, *, simulated: bool) -> Database:
        """Open or create the file of a profile; `simulated` says of which kind the profile is.

        A file of an older version is copied to `NAME.version-1-1`, … before it is brought to this one. A damaged file
        is set aside as `NAME.damaged-1`, -2, … and a new one begun. Raises StorageError where the file cannot be
        opened or written, is of a newer version, or belongs to a profile of the other kind.
        """
        notices: list[Reason] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                connection = _connect(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                kept = _set_aside(path)
                notices.append(Reason.of(Code.FILE_DAMAGED, name=path.name, why=str(error), kept=kept.name))
                connection = _connect(path)
        except (sqlite3.Error, OSError) as error:
            raise StorageError(Reason.of(Code.FILE_UNREADABLE, path=str(path), why=str(error))) from error
        try:
            _check_kind(path, connection, simulated)
            return cls(path, connection, notices)
        except BaseException:
            connection.close()
            raise

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside is written at once, or not at all. Raises StorageError."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise
        except sqlite3.Error as error:
            raise _unwritable(self.path, error) from error

    @property
    def is_in_place(self) -> bool:
        """Whether the open file is the one at its path: it may have been deleted, or put back from a copy."""
        return _identity(self.path) == self._file is not None

    def was_changed_elsewhere(self) -> bool:
        """Whether another connection wrote to the file since this was asked last. Raises StorageError."""
        before, self._data_version = self._data_version, self._read_data_version()
        return before != self._data_version

    def _read_data_version(self) -> int:
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise StorageError(Reason.of(Code.FILE_UNREADABLE, path=str(self.path), why=str(error))) from error
        return int(version)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path) -> sqlite3.Connection:
    """Open, and bring to this version. Raises sqlite3.DatabaseError where the file is damaged."""
    # isolation_level None: transactions begin where we say so, and nowhere else.
    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
    try:
        _enter_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        _bring_up_to_date(path, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _enter_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait by itself here: of two programs that open a new file at once, one is refused.
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    # Locked from the first look: two processes may meet the same new file.
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StorageError(Reason.of(Code.FILE_NEWER, path=str(path)))
    if version and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("its check failed")
    if version == 0:
        _run(connection, _FIRST)
    elif version < VERSION:
        _back_up(path, version)
        from_version_1(connection, lambda: _run(connection, _FIRST))
    if version != VERSION:
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _run(connection: sqlite3.Connection, script: str) -> None:
    # executescript would end the transaction.
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)


def _back_up(path: Path, version: int) -> None:
    """Copy the file as it is: readers do not wait for the lock we hold."""
    kept = _free_name(path, f"version-{version}")
    half = kept.with_name(kept.name + ".half")
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(half)) as copy:
        source.backup(copy)
    half.replace(kept)


def _free_name(path: Path, why: str) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.name}.{why}-{number}")).exists():
        number += 1
    return kept


def _set_aside(path: Path) -> Path:
    kept = _free_name(path, "damaged")
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        # They belong to the damaged file: a new one would be read with them.
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return kept


def _check_kind(path: Path, connection: sqlite3.Connection, simulated: bool) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("SELECT simulated FROM profile").fetchone()
        if row is None:
            connection.execute("INSERT INTO profile VALUES (?)", (int(simulated),))
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise _unwritable(path, error) from error
    if row is not None and bool(row[0]) is not simulated:
        of_simulated = Reason.of(Code.FILE_OF_SIMULATED, path=str(path))
        raise StorageError(of_simulated if row[0] else Reason.of(Code.FILE_OF_REAL, path=str(path)))


def _unwritable(path: Path, error: sqlite3.Error) -> StorageError:
    return StorageError(Reason.of(Code.FILE_UNWRITABLE, path=str(path), why=str(error)))
