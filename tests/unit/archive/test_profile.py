"""Which sources the archive of a profile takes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from capflow_gui.archive.news import Loaded, News
from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.reason import Code
from capflow_gui.settings import ArchiveSettings
from capflow_gui.storage.database import Database


def archive(folder: Path, *, real: bool = False) -> ProfileArchive:
    return ProfileArchive(folder, ArchiveSettings(), real=real)


def begin(folder: Path, *, simulated: bool) -> None:
    """An archive that somebody recorded in before."""
    Database.open(folder / FILE_NAME, SCHEMA, simulated=simulated).close()


@pytest.mark.parametrize(
    ("before", "real", "kind", "takes_simulators"),
    [
        (None, False, None, True),  # what it records first says of which kind it is
        (None, True, None, False),  # the user's own
        (False, False, False, False),
        (True, False, True, True),
        (True, True, True, True),
    ],
)
def test_an_archive_of_real_sources_refuses_simulators(
    tmp_path: Path, before: bool | None, real: bool, kind: bool | None, takes_simulators: bool
) -> None:
    if before is not None:
        begin(tmp_path, simulated=before)
    found = archive(tmp_path, real=real)
    assert found.kind is kind
    assert found.refuses_simulators is not takes_simulators
    assert (found.open(True) is not None) is takes_simulators
    assert (tmp_path / FILE_NAME).exists() is (before is not None)
    assert found.open(False) is not None
    found.close()


def test_a_real_source_is_recorded_beside_what_simulators_said(tmp_path: Path) -> None:
    begin(tmp_path, simulated=True)
    before = (tmp_path / FILE_NAME).read_bytes()
    news: list[News] = []
    found = archive(tmp_path)
    writer = found.open(False)
    assert writer is not None
    writer.start(news.append)
    found.close()
    [loaded] = news
    assert isinstance(loaded, Loaded)
    assert [notice.code for notice in loaded.notices] == [Code.FILE_OF_SIMULATED, Code.RECORDED_BESIDE]
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME, "archive.real.db"}


def test_nothing_is_made_before_something_is_recorded(tmp_path: Path) -> None:
    found = archive(tmp_path / "data", real=True)
    found.close()
    assert not (tmp_path / "data").exists()


def test_a_file_that_cannot_be_read_says_nothing_of_its_kind(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database" * 100)
    assert archive(tmp_path).kind is None


def test_nor_does_one_that_another_program_holds(tmp_path: Path) -> None:
    begin(tmp_path, simulated=True)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert archive(tmp_path).kind is None
