"""The tables of an archive file.

`day` is a session of a symbol at a source; sessions are ISO dates, `periods` JSON, times UTC epoch seconds. States are
numbered from 1. `state` holds those since number `day.compacted` and that one itself: polls that say the same are
counted on the newest. `journal` holds the states before these, and `final` the lines as of state `day.compacted`. A day
with `compacted` 0 has neither; of an old one the journal and the states are removed, and `final` stays.
`day.open` says that there are states that `final` does not know. `head` is a state that holds every line, as of its
`number`, to read a session that still runs without all of its states. `codec` writes and reads the bodies.

`gap` is when nothing was watched at a source; `outage` when no rule on a symbol could be judged, and why (`reason`, as
`Reason.to_json` gives it): without `end` while it lasts, or where recording stopped before its end.

Bodies stand in tables of their own: a list of days reads none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.database import Schema

FILE_NAME = "archive.db"
_MOST = 2**31
_LAST_MOMENT = 1e11  # UTC epoch seconds

SCHEMA = Schema(
    """
    CREATE TABLE day (
        id INTEGER PRIMARY KEY, symbol TEXT NOT NULL, session TEXT NOT NULL, source TEXT NOT NULL,
        zone TEXT NOT NULL, periods TEXT NOT NULL, half INTEGER NOT NULL, day_assumed INTEGER NOT NULL,
        currency TEXT NOT NULL, assumed INTEGER NOT NULL,
        polls INTEGER NOT NULL, unchanged INTEGER NOT NULL,
        first_received REAL NOT NULL, last_received REAL NOT NULL,
        complete INTEGER NOT NULL, compacted INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 1,
        UNIQUE (symbol, session, source)
    );
    CREATE INDEX day_by_session ON day (session);
    CREATE INDEX day_open ON day (session) WHERE open;
    CREATE TABLE state (
        day INTEGER NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
        same INTEGER NOT NULL DEFAULT 0, same_received REAL, same_wall REAL,
        PRIMARY KEY (day, number)
    ) WITHOUT ROWID;
    CREATE TABLE head (day INTEGER PRIMARY KEY, number INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE TABLE journal (day INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE final (day INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE gap (
        source TEXT NOT NULL, start REAL NOT NULL, end REAL NOT NULL, PRIMARY KEY (source, start, end)
    ) WITHOUT ROWID;
    CREATE TABLE outage (
        symbol TEXT NOT NULL, source TEXT NOT NULL, start REAL NOT NULL, end REAL, reason TEXT NOT NULL,
        PRIMARY KEY (symbol, source, start)
    ) WITHOUT ROWID;
    CREATE INDEX outage_by_start ON outage (start);
    """,
    checked=("profile", "day", "state"),
)


def file_beside(path: Path, why: Code, *, simulated: bool) -> Path:
    """Where is recorded, and read, instead of a file that must be left alone.

    `why` is what `storage.database` says of it: Code.FILE_NEWER, or of the other kind.
    """
    kind = "simulated" if simulated else "real"
    what = f"version-{SCHEMA.version}" if why is Code.FILE_NEWER else kind
    return path.with_name(f"{path.stem}.{what}{path.suffix}")


def count(cell: Any) -> int:
    """A number of polls or states. In a damaged file a cell may hold anything: raises StorageError."""
    if isinstance(cell, int) and 0 <= cell < _MOST:
        return cell
    raise StorageError(Reason.of(Code.RECORDING_DAMAGED))


def moment(cell: Any) -> float:
    """A time, UTC epoch seconds. Raises StorageError where a damaged cell holds none."""
    if isinstance(cell, int | float) and 0 <= cell < _LAST_MOMENT:
        return float(cell)
    raise StorageError(Reason.of(Code.RECORDING_DAMAGED))


def first_date(rows: Iterable[tuple[Any]]) -> date | None:
    """The first session that is a date: in a damaged row it may be none."""
    for (session,) in rows:
        try:
            return date.fromisoformat(session)
        except (ValueError, TypeError):
            continue  # `archive verify` names it
    return None
