"""The database the first release left: the record that the tests of the bundle use too."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_RECORD = Path(__file__).parents[2] / "packaging" / "older" / "capflow-1.sql"


def write_version_1(path: Path, *further: str) -> None:
    """Write it, and then do `further` to it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_RECORD.read_text(encoding="utf-8"))
        for statement in further:
            connection.execute(statement)
        connection.commit()
