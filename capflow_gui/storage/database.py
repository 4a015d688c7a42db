"""One sqlite file of a profile: opened, checked, brought to this version's tables; damaged ones are set aside.

WAL with a busy time-out, so that several Capflow processes of a user may share it. A file belongs to a real or to a
simulated profile for ever: what a simulator said never stands among real figures or alerts.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from capflow_gui.errors import StorageError
from capflow_gui.paths import disk_words, shown
from capflow_gui.reason import Code, Reason

_log = logging.getLogger(__name__)
_BUSY_MS = 1000
_RETRY_S = 0.01
_PROFILE = "CREATE TABLE profile (simulated INTEGER NOT NULL)"
_NO_SHARED_MEMORY = (sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP)
_CLAUSES = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is write-protected",
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
}
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a file.

    first       statements that make the tables of the newest version, a semicolon behind each
    migrations  what brings the tables of version 1 to 2, 2 to 3, …; each runs inside the transaction of the opening
    checked     the tables whose pages are read at opening, to find damage; () = all
    """

    first: str
    migrations: tuple[Callable[[sqlite3.Connection], None], ...] = ()
    checked: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        """The version of the tables that `first` makes."""
        return len(self.migrations) + 1


class Database:
    """An open file, to be used by one thread. `notices` are about what had to be done to open it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, notices: list[Reason]) -> None:
        self.path = path
        self.notices = notices
        self._connection = connection
        self._file, self._log = _identity(path), _identity(_log_of(path))
        self._size = _size(path)
        self._data_version = self._read_data_version()

    @classmethod
    def open(cls, path: Path, schema: Schema, *, simulated: bool, checked: bool = False, mend: bool = True) -> Database:
        """Open or create the file of a profile; `simulated` says of which kind the profile is.

        A file of an older version is copied to `NAME.version-1-1`, … before it is brought to this one. A damaged file
        is set aside as `NAME.damaged-1`, -2, … and a new one begun, or refused where `mend` is false. `checked` has
        every page read, not only those of the tables the schema names. Raises StorageError where the file cannot be
        opened or written, is of a newer version, or belongs to a profile of the other kind.
        """
        if checked:
            schema = replace(schema, checked=())
        notices: list[Reason] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                connection = _connect(path, schema)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                if not mend:
                    raise _failed(Code.FILE_BROKEN, path, error) from error
                kept = _set_aside(path)
                notices.append(Reason.of(Code.FILE_DAMAGED, name=path.name, why=str(error), kept=kept.name))
                connection = _connect(path, schema)
        except (sqlite3.Error, OSError) as error:
            raise _failed(Code.FILE_UNREADABLE, path, error) from error
        try:
            _check_kind(path, connection, simulated)
            return cls(path, connection, notices)
        except BaseException:
            connection.close()
            raise

    @classmethod
    @contextlib.contextmanager
    def to_read(cls, path: Path, schema: Schema, *, simulated: bool) -> Iterator[sqlite3.Connection]:
        """What is read inside is of one moment, also where the user may not write. Raises StorageError.

        A damaged file is refused; one of an older version is brought to this one, and refused where that cannot be.
        """
        try:
            database = cls.open(path, schema, simulated=simulated, mend=False)
        except StorageError as error:
            if error.reason.code is not Code.FILE_UNREADABLE:
                raise
            try:
                with contextlib.closing(connect_to_read(path, _BUSY_MS / 1000)) as connection:
                    if connection.execute("PRAGMA user_version").fetchone() != (schema.version,):
                        raise
                    yield connection
            except sqlite3.Error as fault:
                raise _failed(Code.FILE_UNREADABLE, path, fault) from fault
            return
        with contextlib.closing(database), database.reading() as connection:
            yield connection

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
            raise self._failed(Code.FILE_UNWRITABLE, error) from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All that is read inside is of one moment, and nobody who writes is held up. Raises StorageError."""
        try:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.rollback()
        except sqlite3.Error as error:
            raise self._failed(Code.FILE_UNREADABLE, error) from error

    def free_pages(self) -> int:
        """Pages of the file that hold nothing. Raises StorageError."""
        with self.reading() as connection:
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        return int(free)

    def give_back(self, pages: int) -> None:
        """Give so many free pages back to the disk, where there are as many. Raises StorageError."""
        try:
            # Not `execute`: it stops after the first page, for the statement has a row a page and none with columns.
            self._connection.executescript(f"PRAGMA incremental_vacuum({pages})")
        except sqlite3.Error as error:
            raise self._failed(Code.FILE_UNWRITABLE, error) from error

    def keep_log_small(self, pages: int) -> None:
        """Have the log taken into the file whenever it holds so many pages, where nobody else reads."""
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {pages}")

    def empty_log(self) -> bool:
        """Bring what stands in the log into the file, and give the log's room back; False where that cannot be now."""
        try:
            (busy, *_) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            _log.info("the log of %s cannot be emptied: %s", shown(self.path), error)
            return False
        return not busy

    def _failed(self, code: Code, error: sqlite3.Error) -> StorageError:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE:
            self._file = None
        return _failed(code, self.path, error)

    @property
    def is_in_place(self) -> bool:
        """Whether the open file is the one at its path, and whole as far as is known.

        It may have been deleted, put back from a copy, cut, or found damaged in a transaction.
        """
        if self._is_at_its_path and self._was_cut():
            self._file = None
        return self._is_at_its_path

    @property
    def _is_at_its_path(self) -> bool:
        return _identity(self.path) == self._file is not None

    def _was_cut(self) -> bool:
        """Whether the file became shorter than its pages take.

        It may become shorter in itself, when free pages are given back. Where it has new pages at once, which are in
        its log alone, it is taken for cut: it is opened anew, and found whole. Only its size is asked for: who opens
        the file beside sqlite3 and closes it drops sqlite3's locks.
        """
        before, self._size = self._size, _size(self.path)
        if self._size >= before:
            return False
        try:
            (pages,), (page,) = (
                self._connection.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "page_size")
            )
        except sqlite3.Error as error:  # any other than of damage is said by the next transaction
            return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE
        return not self._size or int(pages) * int(page) > self._size

    def was_changed_elsewhere(self) -> bool:
        """Whether another connection wrote to the file since this was asked last. Raises StorageError."""
        before, self._data_version = self._data_version, self._read_data_version()
        return before != self._data_version

    def _read_data_version(self) -> int:
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise self._failed(Code.FILE_UNREADABLE, error) from error
        return int(version)

    def close(self) -> None:
        """Close the file. Where another lies in its place, the log of this one is set aside: it is not that one's."""
        self._connection.close()
        log = _log_of(self.path)
        if self._file is not None and not self._is_at_its_path and _identity(log) == self._log is not None:
            try:
                log.rename(_free_name(log, "replaced"))
                self.path.with_name(f"{self.path.name}-shm").unlink(missing_ok=True)
            except OSError as error:
                # Whoever closes must go on: what is read then is checked as any file's.
                _log.warning("%s cannot be set aside: %s", shown(log), error.strerror)


def kind_of(path: Path) -> bool | None:
    """Whether a file holds what simulators said; None where there is none, or it cannot be read now."""
    try:
        if not path.exists():
            return None
        with contextlib.closing(connect_to_read(path, 0.2)) as file:
            row = file.execute("SELECT simulated FROM profile").fetchone()
    except (sqlite3.Error, OSError, StorageError):
        return None
    return bool(row[0]) if row is not None else None


def read_only_address(path: Path) -> str:
    """The URI under which sqlite3 opens a file to read it. Slashes are quoted: two at the start would name a host."""
    return f"file:{quote(os.fsencode(path.absolute()), safe='')}?mode=ro"


def connect_to_read(file: Path, busy_s: float) -> sqlite3.Connection:
    """Connect to read alone; `busy_s` is how long another program may hold the file. Raises sqlite3.Error.

    A file in a folder nobody can write to, or on a full disk, is read as it lies there, if it has no log. Raises
    StorageError, code LOG_UNUSABLE, if it has.
    """
    address = read_only_address(file)
    connection = _read_only(address, busy_s)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        code = error.sqlite_errorcode
        if code not in _NO_SHARED_MEMORY and code & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        if log_size(file):
            raise StorageError(Reason.of(Code.LOG_UNUSABLE, path=shown(file))) from error
        connection = _read_only(f"{address}&immutable=1", busy_s)
    except BaseException:
        connection.close()
        raise
    return connection


def _read_only(address: str, busy_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=busy_s, isolation_level=None, check_same_thread=False)
    connection.text_factory = any_text
    return connection


def log_size(path: Path) -> int:
    """Bytes of the log beside a file: the newest changes, which are not in the file yet."""
    return _size(_log_of(path))


def _size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def check_whole(path: Path) -> None:
    """Raise sqlite3.DatabaseError where nothing is left of a file but the log beside it, which sqlite3 would delete."""
    if log_size(path) and not path.stat().st_size:
        error = sqlite3.DatabaseError("it is empty, but the log beside it is not")
        error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
        raise error


@lru_cache(maxsize=1024)
def any_text(text: bytes) -> str:
    """What a cell holds, for sqlite3: in a damaged file it may be text that is none.

    Names of sources, symbols and days come again in row after row.
    """
    return text.decode("utf-8", "backslashreplace")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path, schema: Schema) -> sqlite3.Connection:
    """Open, and bring to this version. Raises sqlite3.DatabaseError where the file is damaged."""
    if path.exists():
        check_whole(path)
    # isolation_level None: transactions begin where we say so, and nowhere else.
    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
    connection.text_factory = any_text
    try:
        _enter_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        _bring_up_to_date(path, connection, schema)
    except BaseException:
        connection.close()
        raise
    return connection


def _enter_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait by itself here: of two programs that open a new file at once, one is refused.
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            if connection.execute("PRAGMA page_count").fetchone() == (0,):
                # So that what is deleted can be given back to the disk in slices; to be said before the first page.
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _bring_up_to_date(path: Path, connection: sqlite3.Connection, schema: Schema) -> None:
    # Locked from the first look: two processes may meet the same new file.
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > schema.version:
        raise StorageError(Reason.of(Code.FILE_NEWER, path=shown(path)))
    if not version and connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
        raise sqlite3.DatabaseError("it holds the tables of another program")
    if version and not _is_sound(connection, schema.checked):
        raise sqlite3.DatabaseError("its check failed")
    if version == 0:
        run_script(connection, f"{_PROFILE};{schema.first}")
    elif version < schema.version:
        _back_up(path, version)
    for migrate in schema.migrations[version - 1 :] if version else ():
        migrate(connection)
    if version != schema.version:
        connection.execute(f"PRAGMA user_version = {schema.version}")
    connection.execute("COMMIT")


def _is_sound(connection: sqlite3.Connection, tables: tuple[str, ...]) -> bool:
    return all(connection.execute(f"PRAGMA quick_check({what})").fetchone() == ("ok",) for what in tables or ("1",))


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements, a semicolon behind each, inside the open transaction, which `executescript` would end."""
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)


def _back_up(path: Path, version: int) -> None:
    """Copy the file as it is: readers do not wait for the lock we hold."""
    kept = _free_name(path, f"version-{version}")
    half = kept.with_name(kept.name + ".half")
    # What is left of a copy that was cut short is no database: that would be taken for damage of the file itself.
    for left in (half, half.with_name(half.name + "-journal")):
        left.unlink(missing_ok=True)
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
    # They belong to the damaged file: a new one would be read with them.
    with contextlib.suppress(FileNotFoundError):
        _log_of(path).rename(kept.with_name(f"{kept.name}-wal"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return kept


def _check_kind(path: Path, connection: sqlite3.Connection, simulated: bool) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("SELECT simulated FROM profile").fetchone()
        if row is None:
            connection.execute("INSERT INTO profile VALUES (?)", (int(simulated),))
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise _failed(Code.FILE_UNWRITABLE, path, error) from error
    if row is not None and bool(row[0]) is not simulated:
        of_simulated = Reason.of(Code.FILE_OF_SIMULATED, path=shown(path))
        raise StorageError(of_simulated if row[0] else Reason.of(Code.FILE_OF_REAL, path=shown(path)))


def _failed(code: Code, path: Path, error: Exception) -> StorageError:
    return StorageError(Reason.of(code, path=shown(path), why=why_not(path, error)))


def why_not(path: Path, error: Exception) -> str:
    """Why a file of sqlite3's cannot be used, as a clause."""
    if isinstance(error, OSError):
        return disk_words(error)
    code = getattr(error, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:  # the index of the log beside it, which a full disk has no room for
        return _CLAUSES[sqlite3.SQLITE_FULL]
    if code & 0xFF == sqlite3.SQLITE_CANTOPEN and path.is_file() and not os.access(path, os.R_OK):
        return os.strerror(errno.EACCES)
    return _CLAUSES.get(code & 0xFF, str(error))
