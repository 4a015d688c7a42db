"""A profile with recorded days."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.archive.model import Gap

from .files import DAY_BEFORE, TENCENT, compact, record, running, whole_day
from .programs import Opened, Program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile's data folder: two sessions that are over, and one of another symbol that runs."""
    made = tmp_path_factory.mktemp("profile")
    record(made / "archive.db", whole_day(TENCENT, DAY_BEFORE), whole_day(TENCENT))
    compact(made / "archive.db")
    record(made / "archive.db", running(), gaps=[Gap("opend", 100.0, 200.0), Gap("opend", 300.0, 400.0)])
    return made


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A file of one's own, of the same days."""
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(folder / "archive.db")) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    programs: list[Program] = []

    def start(path: Path | None = None, **facts: Any) -> Program:
        programs.append(Program(path or tmp_path / "archive.db", **facts))
        return programs[-1]

    yield start
    for each in programs:
        each.writer.close()
