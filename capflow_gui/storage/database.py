"""One sqlite file of a profile: opened, checked, brought to this version's tables; damaged ones are set aside.

WAL with a busy time-out, so that several Capflow processes of a user may share it. A file belongs to a real or to a
simulated profile for ever: what a simulator said never stands among real alerts.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from capflow_gui.errors import StorageError

FILE_NAME = "capflow.db"
_BUSY_MS = 1000

# The n-th entry brings a file of version n to version n + 1.
_MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE profile (simulated INTEGER NOT NULL);
    CREATE TABLE counter (next_id INTEGER NOT NULL);
    INSERT INTO counter VALUES (1);
    CREATE TABLE alert_state (
        rule TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL, session TEXT NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (source, symbol, session, rule)
    ) WITHOUT ROWID;
    CREATE TABLE alert_record (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, symbol TEXT NOT NULL, session TEXT NOT NULL,
        scope TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, line_time INTEGER NOT NULL, value REAL,
        threshold REAL NOT NULL, raised_at REAL NOT NULL, late INTEGER NOT NULL, escalations INTEGER NOT NULL,
        cleared_at REAL, reason TEXT NOT NULL, blocked INTEGER NOT NULL
    );
    CREATE INDEX alert_record_by_time ON alert_record (source, raised_at);
    """,
)
VERSION = len(_MIGRATIONS)


class Database:
    """An open file. `problems` are sentences about what had to be done to open it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, simulated: bool, problems: list[str]) -> None:
        self.path = path
        self.simulated = simulated
        self.problems = problems
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, simulated: bool) -> Database:
        """Open or create the file of a profile; `simulated` says of which kind the profile is.

        A damaged file is set aside as `NAME.damaged-1`, -2, … and a new one begun. Raises StorageError where the file
        cannot be opened or written, is of a newer version, or belongs to a profile of the other kind.
        """
        problems: list[str] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                connection = _connect(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                kept = _set_aside(path)
                problems.append(f"{path.name} was damaged ({error}). It is kept as {kept.name}, and a new one begun.")
                connection = _connect(path)
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{path} cannot be opened: {error}") from error
        try:
            _check_kind(path, connection, simulated)
        except BaseException:
            connection.close()
            raise
        return cls(path, connection, simulated, problems)

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
            raise StorageError(f"{self.path} cannot be written: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """Open, and bring to this version. Raises sqlite3.DatabaseError where the file is damaged."""
    # isolation_level None: transactions begin where we say so, and nowhere else.
    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _bring_up_to_date(path, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    # Locked from the first look: two processes may meet the same new file.
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StorageError(f"{path} was written by a newer Capflow: update Capflow, or choose another --data-dir")
    if version and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("its check failed")
    for migration in _MIGRATIONS[version:]:
        for statement in filter(str.strip, migration.split(";")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _set_aside(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
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
        raise StorageError(f"{path} cannot be written: {error}") from error
    if row is not None and bool(row[0]) is not simulated:
        kinds = ("a simulated", "a real") if row[0] else ("a real", "a simulated")
        raise StorageError(f"{path} belongs to {kinds[0]} profile and takes nothing from {kinds[1]} one")
