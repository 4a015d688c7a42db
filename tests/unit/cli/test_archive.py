"""`capflow archive` on an archive file, in this process."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from capflow_gui.archive.reader import open_archive
from tests.full_disk import fill, small_disk
from tests.unit.archive.files import SESSION, record, whole_day

BEFORE = date(2026, 6, 9)
Ask = Callable[..., tuple[int, str, str]]


def test_info_says_what_there_is_and_what_it_will_come_to(ask_archive: Ask, recorded_days: Path) -> None:
    status, out, _ = ask_archive("archive", "info", "--format", "json")
    assert status == 0
    facts = json.loads(out)
    size, forecast = facts.pop("size"), facts.pop("forecast")
    assert facts == {
        "path": str(recorded_days / "archive.db"),
        "simulated": False,
        "journal_sessions": 60,
        "final_days": 730,
        "days": 4,
        "with_states": 4,
        "sessions": 2,
        "first": "2026-06-09",
        "last": "2026-06-10",
        "symbols": 2,
        "sources": ["longport", "opend"],
    }
    assert size > 30_000
    # Two symbols a session, 60 sessions of states and 500 of lines.
    assert 10e6 < forecast < 40e6
    _, text, _ = ask_archive("archive", "info")
    assert "2 sessions, 2026-06-09 to 2026-06-10, of 2 symbols (Longport, OpenD)\n" in text


def test_verify_says_that_all_is_sound(ask_archive: Ask) -> None:
    assert ask_archive("archive", "verify") == (0, "All sound: 4 symbol-days.\n", "")


def test_what_takes_long_says_how_far_it_is(ask_archive: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capflow_gui.cli.archive._TELL_EVERY_S", -1.0)
    assert ask_archive("archive", "verify")[2] == "".join(f"{done} of 4 checked\n" for done in range(4))


def test_damage_is_named(ask_archive: Ask, recorded_days: Path, tmp_path: Path) -> None:
    shutil.copy(recorded_days / "archive.db", tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as copy, copy:
        copy.execute("UPDATE final SET body = x'00' WHERE day = 1")
    status, out, _ = ask_archive("archive", "verify", "--format", "json", data=tmp_path)
    assert status == 1
    assert json.loads(out)["damaged"] == [
        {
            "symbol": "700.HK",
            "source": "opend",
            "session": "2026-06-09",
            "message": "700.HK at OpenD, session 2026-06-09: its lines cannot be read (what was recorded is damaged)",
        }
    ]
    status, out, _ = ask_archive("archive", "verify", data=tmp_path)
    assert out.endswith("1 fault in 4 symbol-days.\n")


def test_prune_removes_what_is_older_and_compact_what_is_over(ask_archive: Ask, tmp_path: Path) -> None:
    record(tmp_path / "archive.db", whole_day("700.HK", BEFORE), whole_day("700.HK"))
    status, out, _ = ask_archive("archive", "compact", "--format", "json", data=tmp_path)
    assert status == 0
    facts = json.loads(out)
    assert facts["removed"] == 0
    assert facts["size"] < facts["size_before"]
    with open_archive(tmp_path) as archive:
        assert archive.forecast is not None
        assert [each.journal for each in archive.sessions()] == [True, True]
        day = archive.day("700.HK", BEFORE)
    assert day is not None
    assert len(day.states()) > 100
    status, out, _ = ask_archive("archive", "prune", "--keep-days", "1", data=tmp_path)
    assert status == 0
    with open_archive(tmp_path) as archive:
        assert [each.key.session for each in archive.sessions()] == [SESSION]
    assert out.startswith(
        "1 symbol-day from before 2026-06-10 removed; 1 day is kept, counted from the newest session."
    )
    status, out, _ = ask_archive("archive", "prune", "--keep-days", "2", data=tmp_path)
    assert out.startswith("Nothing is from before 2026-06-09, nothing removed; 2 days are kept, counted from")
    status, out, _ = ask_archive("archive", "compact", data=tmp_path)
    assert " on disk now, " in out


@pytest.mark.parametrize("arguments", [("prune", "--keep-days", "1"), ("compact",)])
def test_little_room_on_the_disk_is_enough_to_make_more(
    ask_archive: Ask, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with small_disk(tmp_path / "disk", "20m") as filler:
        days = [whole_day(name, date(2026, 6, day)) for name in ("700.HK", "941.HK") for day in (5, 8, 9)]
        file = tmp_path / "disk/archive.db"
        record(file, *days, whole_day("700.HK"))
        size = file.stat().st_size
        fill(filler)
        os.truncate(filler, filler.stat().st_size - 520_000)
        status, out, err = ask_archive("archive", *arguments, data=tmp_path / "disk")
        assert (status, err) == (0, "")
        assert "on disk now" in out
        assert file.stat().st_size < size // 2
        assert ask_archive("archive", "verify", data=tmp_path / "disk")[0] == 0


def test_a_full_disk_is_said_and_what_is_recorded_stays(ask_archive: Ask, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as filler:
        file = tmp_path / "disk/archive.db"
        record(file, whole_day("700.HK", BEFORE), whole_day("700.HK"))
        fill(filler)
        os.truncate(filler, filler.stat().st_size - 80_000)  # for the log's index and little more
        status, out, err = ask_archive("archive", "compact", data=tmp_path / "disk")
        assert (status, out) == (1, "")
        assert err == f"capflow archive: error: {file} cannot be written: the disk is full.\n"
        assert ask_archive("archive", "verify", data=tmp_path / "disk")[1] == "All sound: 2 symbol-days.\n"


def test_a_file_that_another_program_writes_to_is_left_as_it_is(ask_archive: Ask, tmp_path: Path) -> None:
    file = tmp_path / "archive.db"
    record(file, whole_day("700.HK", BEFORE), whole_day("700.HK"))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, out, err = ask_archive("archive", "prune", "--keep-days", "1", data=tmp_path)
    assert (status, out) == (1, "")
    assert err == f"capflow archive: error: {file} cannot be opened: another program keeps it locked.\n"
    assert ask_archive("archive", "verify", data=tmp_path)[1] == "All sound: 2 symbol-days.\n"


@pytest.mark.parametrize("arguments", [("prune",), ("info", "--keep-days", "5"), ("prune", "--keep-days", "0")])
def test_days_to_keep_belong_to_prune(ask_archive: Ask, arguments: tuple[str, ...]) -> None:
    status, out, err = ask_archive("archive", *arguments)
    assert (status, out) == (2, "")
    assert err


def test_where_there_is_no_archive_it_is_said(ask_archive: Ask, tmp_path: Path) -> None:
    status, out, err = ask_archive("archive", "info", data=tmp_path)
    assert (status, out) == (4, "")
    assert err.startswith(
        f"capflow archive: error: Nothing is recorded in {tmp_path / 'archive.db'}. The window records, "
    )
    assert err.count("\n") == 1
    assert not (tmp_path / "archive.db").exists()


def break_tables(file: Path, *tables: str) -> bytes:
    """Overwrite the first page of tables of a file, and return what is in it then."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        marks = ", ".join("?" * len(tables))
        found = connection.execute(f"SELECT rootpage FROM sqlite_schema WHERE name IN ({marks})", tables)  # noqa: S608
        pages = [page for (page,) in found]
    content = bytearray(file.read_bytes())
    for page in pages:
        content[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("action", [("compact",), ("prune", "--keep-days", "30")])
@pytest.mark.parametrize("table", ["day", "final"])
def test_a_damaged_file_is_refused_and_stays_where_it_is(
    ask_archive: Ask, recorded_days: Path, tmp_path: Path, action: tuple[str, ...], table: str
) -> None:
    file = tmp_path / "archive.db"
    shutil.copy(recorded_days / "archive.db", file)
    content = break_tables(file, table)
    status, out, err = ask_archive("archive", *action, data=tmp_path)
    assert (status, out) == (1, "")
    assert "is damaged (" in err
    assert "recording keeps it under another name" in err
    assert "Nothing shown is lost" not in err
    assert file.read_bytes() == content
    assert list(tmp_path.glob("archive.db.damaged*")) == []


def test_verify_names_the_sessions_of_a_damaged_file(ask_archive: Ask, recorded_days: Path, tmp_path: Path) -> None:
    shutil.copy(recorded_days / "archive.db", tmp_path)
    break_tables(tmp_path / "archive.db", "final")
    status, out, err = ask_archive("archive", "verify", data=tmp_path)
    assert (status, err) == (1, "")
    file, *sessions, last = out.splitlines()
    assert "put a copy from before in its place" in file
    assert sessions == [
        f"{name}: a damaged page of the file holds a part of it"
        for name in (
            "700.HK at OpenD, session 2026-06-09",
            "600519.SH at Longport, session 2026-06-10",
            "600519.SH at OpenD, session 2026-06-10",
            "700.HK at OpenD, session 2026-06-10",
        )
    ]
    assert last == "5 faults in 4 symbol-days."


def test_verify_says_what_to_do_where_the_list_cannot_be_read(
    ask_archive: Ask, recorded_days: Path, tmp_path: Path
) -> None:
    shutil.copy(recorded_days / "archive.db", tmp_path)
    break_tables(tmp_path / "archive.db", "day")
    status, out, err = ask_archive("archive", "verify", data=tmp_path)
    assert status == 1
    assert "recording keeps it" in out + err
    assert "Nothing shown is lost" not in out + err


@pytest.mark.parametrize(
    "command", [("archive", "info"), ("export", "700.HK"), ("replay", "2026-06-10"), ("check-rule", "*: net <= -1M")]
)
def test_commands_that_read_create_no_folder_and_refuse_a_file_as_one(
    ask_archive: Ask, tmp_path: Path, command: tuple[str, ...]
) -> None:
    status, out, _ = ask_archive(*command, data=tmp_path / "none")
    assert (status, out) == (4, "")
    assert not (tmp_path / "none").exists()
    file = tmp_path / "file"
    file.write_text("")
    status, out, err = ask_archive(*command, data=file)
    assert (status, out) == (2, "")
    assert "it is a file, and a profile is a folder" in err


def test_the_forecast_of_a_session_that_runs_goes_by_its_symbols(ask_archive: Ask, tmp_path: Path) -> None:
    key, replies = whole_day("700.HK")
    record(tmp_path / "archive.db", (key, replies[:20]))
    _, out, _ = ask_archive("archive", "info", "--format", "json", data=tmp_path)
    assert 4e6 < json.loads(out)["forecast"] < 8e6
