"""The databases that older versions left: the records that the tests of the bundle use too."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_RECORDS = Path(__file__).parents[2] / "packaging" / "older"


def write_version(number: int, path: Path, *further: str) -> None:
    """Write the file of a version, and then do `further` to it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((_RECORDS / f"capflow-{number}.sql").read_text(encoding="utf-8"))
        for statement in further:
            connection.execute(statement)
        connection.commit()
