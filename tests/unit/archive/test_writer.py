"""Every test runs the writer's own thread; what it tells is waited for, never slept for."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager, closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.archive import open_archive, writer
from capflow_gui.archive.heads import Heads
from capflow_gui.archive.model import Gap, Outage
from capflow_gui.archive.news import Pruning
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database
from tests.full_disk import as_nobody
from tests.unit.archive.programs import MOBILE, Opened, kept, polls, reply, rows, states
from tests.unit.archive.recorded import KEY, OPEN, as_kept, calendar, facts


def test_what_replies_changed_is_kept_and_those_that_said_the_same_are_counted(opened: Opened, tmp_path: Path) -> None:
    program, path = opened(), tmp_path / "archive.db"
    first, second = reply(3, OPEN + 130.0), reply(4, OPEN + 190.0)
    program.record(first, second, replace(second, received=OPEN + 220.0), replace(second, received=OPEN + 250.25))
    program.writer.note(Gap("opend", 1.0, 2.5))
    outage = Outage("opend", Symbol.parse("700.HK"), 3.0004, None, Reason.of(Code.NO_ANSWER))
    program.writer.note(outage)
    program.writer.note(dataclasses.replace(outage, end=5.0))
    program.writer.close()
    assert facts(kept(path)) == facts(second)
    assert [len(state.places) for state in states(path)] == [3, 1]
    assert rows(path, "SELECT number, same, same_received, same_wall FROM state") == [
        (1, 0, None, None),
        (2, 2, OPEN + 250.25, OPEN + 250.75),
    ]
    assert polls(path) == [(4, 2)]
    assert rows(path, "SELECT source, symbol, session, currency, assumed FROM day") == [
        ("opend", "700.HK", "2022-06-08", "HKD", 0)
    ]
    assert rows(path, "SELECT zone, periods, half, day_assumed, first_received, last_received FROM day") == [
        (
            "Asia/Hong_Kong",
            "[[1654651800, 1654660800], [1654664400, 1654675200]]",
            0,
            0,
            OPEN + 130.0,
            OPEN + 250.25,
        )
    ]
    assert rows(path, "SELECT * FROM gap") == [("opend", 1.0, 2.5)]
    with open_archive(path) as archive:
        assert archive.outages(0.0, 4.0) == [dataclasses.replace(outage, start=3.0, end=5.0)]
        assert archive.outages(3.1, 9.0) == archive.outages(0.0, 3.0) == []


def test_what_is_judged_again_is_a_state_and_no_poll(opened: Opened, tmp_path: Path) -> None:
    program, path = opened(), tmp_path / "archive.db"
    first = reply(3, OPEN + 130.0)
    again = replace(first, confirmed=np.ones(3, np.bool_))
    program.record(first, again, again)
    program.writer.close()
    assert polls(path) == [(1, 0)]
    assert [state.poll for state in states(path)] == [1, 1]
    assert facts(kept(path)) == facts(again)


def test_a_program_that_starts_is_told_the_newest_session_of_each_symbol(opened: Opened) -> None:
    program = opened()
    assert program.loaded().series == []
    yesterday = reply(9, OPEN - 80000.0, session=date(2022, 6, 7))
    long_ago = reply(9, OPEN - 9e5, session=date(2022, 5, 27), symbol=MOBILE)
    today = reply(3, OPEN + 130.0)
    program.record(yesterday, long_ago, today)
    program.writer.close()
    (found,) = opened().loaded().series
    assert facts(found) == facts(today)


def test_a_program_that_was_killed_goes_on_where_it_was(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.archive.heads._WHOLE_EVERY", 3)
    replies = [reply(lines, OPEN + 60.0 * lines + 10) for lines in range(1, 12)]
    for each in replies:
        program = opened()
        program.record(each)
        program.writer.close()
    path = tmp_path / "archive.db"
    assert [len(state.places) for state in states(path)] == [1] * 11
    assert [state.poll for state in states(path)] == list(range(1, 12))
    assert facts(kept(path)) == facts(replies[-1])
    assert rows(path, "SELECT number FROM head") == [(9,)]


def test_of_two_programs_the_newer_reply_stands_and_the_older_is_counted(opened: Opened, tmp_path: Path) -> None:
    one, two, path = opened(), opened(), tmp_path / "archive.db"
    one.loaded()
    two.loaded()
    newer, older = reply(4, OPEN + 190.0), reply(4, OPEN + 189.0, newest=5.0)
    one.record(reply(3, OPEN + 130.0))
    one.writer.look()
    two.record(newer)
    two.writer.close()
    one.record(older)
    one.writer.close()
    assert facts(kept(path)) == facts(newer)
    assert polls(path) == [(3, 0)]
    assert [state.poll for state in states(path)] == list(range(1, len(states(path)) + 1))


def test_a_later_line_is_newer_whatever_the_clock_of_the_source_says(opened: Opened, tmp_path: Path) -> None:
    program = opened()
    ahead, right = reply(3, OPEN + 86400.0), reply(4, OPEN + 190.0)
    program.record(ahead, reply(3, OPEN + 160.0, newest=5.0), right)
    program.writer.close()
    assert facts(kept(tmp_path / "archive.db")) == facts(right)


def test_what_is_known_of_a_day_follows_the_newest_reply(opened: Opened, tmp_path: Path) -> None:
    program = opened()
    day = calendar().day(Market.HK, KEY.session)
    assert day is not None
    for currency, assumed in (("HKD", True), ("CNY", False)):
        program.writer.record(
            reply(3, OPEN + 130.0), wall=1.0, turnover=Turnover(1e9, 1.0), day=day, currency=currency, assumed=assumed
        )
    program.writer.close()
    assert rows(tmp_path / "archive.db", "SELECT currency, assumed FROM day") == [("CNY", 0)]


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_day_is_complete_when_its_last_line_is_confirmed(opened: Opened, tmp_path: Path, confirmed: bool) -> None:
    program = opened()
    day = calendar().day(Market.HK, KEY.session)
    assert day is not None
    whole = reply(len(day.labels()), day.close + 800.0)
    # The close of a period stands twice on the axis, once in these lines.
    whole = replace(whole, timestamps=day.labels(), confirmed=np.full(len(whole), confirmed))
    program.record(whole)
    program.writer.close()
    assert rows(tmp_path / "archive.db", "SELECT complete FROM day") == [(int(confirmed),)]


@pytest.mark.parametrize("what", ["locked", "in the way"])
def test_a_file_that_cannot_be_used_is_tried_again_and_gets_all_of_it_then(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("capflow_gui.storage.database._BUSY_MS", 20)
    path = tmp_path / "folder" / "archive.db"
    if what == "locked":
        path.parent.mkdir()
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN EXCLUSIVE")
    else:
        path.parent.write_text("a file where the folder should be")
    program = opened(path)
    reason = program.trouble()
    assert reason is not None
    assert reason.code in (Code.FILE_UNREADABLE, Code.FILE_UNWRITABLE)
    program.record(reply(3, OPEN + 130.0), reply(4, OPEN + 190.0))
    if what == "locked":
        holder.execute("ROLLBACK")
        holder.close()
    else:
        path.parent.unlink()
    program.writer.look()
    assert program.loaded().series == []
    assert program.trouble() is None
    program.writer.close()
    assert [state.poll for state in states(path)] == [1, 2]


def test_while_the_disk_is_full_the_newest_reply_of_each_symbol_waits_and_no_line_is_lost(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`max_page_count` makes SQLite itself find the disk full, for every user."""
    monkeypatch.setattr(writer, "_MOST_WAITING", 50)
    room = {"pages": 12}
    real = Database.transaction

    def in_little_room(database: Database) -> AbstractContextManager[sqlite3.Connection]:
        database._connection.execute(f"PRAGMA max_page_count = {room['pages']}")
        return real(database)

    monkeypatch.setattr(Database, "transaction", in_little_room)
    program, path = opened(), tmp_path / "archive.db"
    program.loaded()
    sent = [
        reply(lines, OPEN + 60.0 * lines + 10, symbol=symbol)
        for lines in range(1, 200)
        for symbol in (KEY.symbol, MOBILE)
    ]
    program.record(*sent[:300])
    program.writer.look()
    reason = program.trouble()
    assert reason is not None
    assert "full" in str(dict(reason.args)["why"])
    program.record(*sent[300:])
    assert program.writer._waiting.count <= 50
    room["pages"] = 100_000
    program.writer.look()
    lost = program.trouble()
    assert lost is not None
    assert lost.code is Code.STATES_LOST
    program.writer.look()
    assert program.trouble() is None
    program.writer.close()
    assert facts(kept(path)) == facts(sent[-2])
    assert facts(kept(path, MOBILE)) == facts(sent[-1])
    assert polls(path) == [(199, 0), (199, 0)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_where_replies_come_faster_than_they_are_written_the_newest_of_each_symbol_waits_and_no_line_is_lost(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MOST_WAITING", 10)
    real, begun, go_on = Database.transaction, threading.Event(), threading.Event()

    def slowly(database: Database) -> AbstractContextManager[sqlite3.Connection]:
        begun.set()
        assert go_on.wait(10)
        return real(database)

    program, path = opened(), tmp_path / "archive.db"
    program.loaded()
    monkeypatch.setattr(Database, "transaction", slowly)
    sent = [reply(lines, OPEN + 60.0 * lines + 10) for lines in range(1, 31)]
    program.record(sent[0])
    program.writer.look()
    assert begun.wait(10)
    program.record(*sent[1:], reply(5, OPEN + 310.0, symbol=MOBILE))
    assert program.writer._waiting.count <= 10
    go_on.set()
    program.writer.look()
    assert program.trouble() == Reason.of(Code.STATES_LOST, polls=20)
    program.writer.close()
    assert facts(kept(path)) == facts(sent[-1])
    assert [state.poll for state in states(path)] == [1, *range(22, 31)]
    assert len(kept(path, MOBILE)) == 5
    assert polls(path) == [(30, 0), (1, 0)]


def test_while_the_disk_is_full_for_days_the_newest_sessions_wait_and_what_is_left_out_is_said(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MOST_WAITING", 6)
    real = Heads.store

    def full(*_: object) -> list[Reason]:
        raise StorageError(Reason.of(Code.FILE_UNWRITABLE, path="x", why="disk full"))

    program, path = opened(), tmp_path / "archive.db"
    program.loaded()
    monkeypatch.setattr(Heads, "store", full)
    for day in (6, 7, 8, 9):
        for lines in (2, 3):
            for symbol in (KEY.symbol, MOBILE):
                at = OPEN + 86400.0 * (day - 8) + 60.0 * lines
                program.record(reply(lines, at, symbol=symbol, session=date(2022, 6, day)))
        program.writer.look()
        assert program.writer._waiting.count <= 6
    assert program.trouble() is not None
    monkeypatch.setattr(Heads, "store", real)
    program.writer.look()
    assert program.trouble() == Reason.of(Code.DAYS_LOST, days=2)
    program.writer.close()
    found = rows(path, "SELECT session, polls FROM day ORDER BY session, symbol")
    assert found == [(f"2022-06-0{day}", 2) for day in (7, 8, 9) for _ in range(2)]
    assert all(len(kept(path, symbol, session=date(2022, 6, 7))) == 3 for symbol in (KEY.symbol, MOBILE))


@pytest.mark.parametrize("column", ["symbol", "session", "source"])
def test_text_that_is_none_in_a_damaged_file_costs_that_session_alone(
    opened: Opened, tmp_path: Path, column: str
) -> None:
    path, program = tmp_path / "archive.db", opened()
    today = reply(3, OPEN + 130.0)
    program.record(reply(9, OPEN - 80000.0, session=date(2022, 6, 7)), today)
    program.writer.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE day SET {column} = CAST({column} || x'ff' AS TEXT) WHERE session < '2022-06-08'")  # noqa: S608
    program = opened()
    found = program.loaded()
    assert found.notices == ()
    assert [facts(series) for series in found.series] == [facts(today)]
    program.record(reply(4, OPEN + 190.0))
    program.writer.close()
    assert len(kept(path)) == 4


def test_a_file_that_is_deleted_under_the_program_is_begun_anew_with_the_whole_day(
    opened: Opened, tmp_path: Path
) -> None:
    program, path = opened(), tmp_path / "archive.db"
    program.loaded()
    program.record(reply(3, OPEN + 130.0))
    program.writer.look()
    for file in tmp_path.iterdir():
        file.unlink()
    program.writer.look()
    assert program.loaded().series == []
    newest = reply(4, OPEN + 190.0)
    program.record(newest)
    program.writer.close()
    assert facts(kept(path)) == facts(newest)


def test_a_copy_put_in_the_place_of_the_file_is_recorded_on_with_the_whole_day(opened: Opened, tmp_path: Path) -> None:
    """A user restores a backup while the window runs."""
    program, path = opened(), tmp_path / "archive.db"
    program.loaded()
    program.record(reply(3, OPEN + 130.0))
    program.writer.close()
    copy = tmp_path / "copy" / "archive.db"
    copy.parent.mkdir()
    shutil.copy(path, copy)
    program = opened()
    program.loaded()
    program.record(reply(4, OPEN + 190.0))
    program.writer.look()
    deadline = time.monotonic() + 10
    while len(kept(path)) < 4:
        assert time.monotonic() < deadline, "the reply was not written"
    copy.replace(path)
    program.writer.look()
    assert [len(each) for each in program.loaded().series] == [3]
    newest = reply(5, OPEN + 250.0)
    program.record(newest)
    program.writer.close()
    assert facts(kept(path)) == facts(newest)


@pytest.mark.parametrize("what", ["newer", "simulated"])
def test_a_file_that_must_be_left_alone_is_recorded_beside(opened: Opened, tmp_path: Path, what: str) -> None:
    path = tmp_path / "archive.db"
    Database.open(path, SCHEMA, simulated=what == "simulated").close()
    if what == "newer":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {SCHEMA.version + 1}")
    before = path.read_bytes()
    program = opened()
    beside = tmp_path / ("archive.version-1.db" if what == "newer" else "archive.real.db")
    found = program.loaded()
    assert [notice.code for notice in found.notices] == [
        Code.FILE_NEWER if what == "newer" else Code.FILE_OF_SIMULATED,
        Code.RECORDED_BESIDE,
    ]
    program.record(reply(3, OPEN + 130.0))
    program.writer.close()
    assert path.read_bytes() == before
    assert len(kept(beside)) == 3
    again = opened().loaded()
    assert [len(series) for series in again.series] == [3]


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(b"this is no database at all" * 50)
    program = opened()
    assert [notice.code for notice in program.loaded().notices] == [Code.FILE_DAMAGED]
    program.record(reply(3, OPEN + 130.0))
    program.writer.close()
    assert len(kept(path)) == 3


def test_a_file_that_is_cut_while_it_is_open_is_said_at_once_and_the_day_is_recorded_to_a_new_one(
    opened: Opened, tmp_path: Path
) -> None:
    program, path = opened(), tmp_path / "archive.db"
    program.record(reply(3, OPEN + 130.0))
    program.writer.close()
    program = opened()
    program.loaded()
    os.truncate(path, path.stat().st_size // 2)
    newest = reply(4, OPEN + 190.0)
    program.record(newest)
    program.writer.look()
    assert [notice.code for notice in program.loaded().notices] == [Code.FILE_DAMAGED]
    program.writer.close()
    assert facts(kept(path)) == facts(newest)
    assert (tmp_path / "archive.db.damaged-1").exists()


def test_a_state_that_is_damaged_costs_what_came_after_it(opened: Opened, tmp_path: Path) -> None:
    path, program = tmp_path / "archive.db", opened()
    program.record(*(reply(lines, OPEN + 60.0 * lines + 10) for lines in range(1, 9)))
    program.writer.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE state SET body = zeroblob(length(body)) WHERE number = 6")
        connection.commit()
    program = opened()
    assert program.loaded().series == []
    newest = reply(9, OPEN + 600.0)
    program.record(newest, reply(9, OPEN + 630.0))
    program.writer.look()
    reason = program.trouble()
    assert reason == Reason.of(Code.DAY_RECOVERED, symbol="700.HK", session="2022-06-08", kept=5)
    program.writer.look()
    assert program.trouble() is None
    program.writer.close()
    assert facts(kept(path)) == facts(as_kept(replace(newest, last_valid=OPEN + 629.0, received=OPEN + 630.0)))
    assert [len(state.places) for state in states(path)] == [1, 1, 1, 1, 1, 4, 0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_ends_of_a_fault_of_ours_says_that_nothing_is_recorded(opened: Opened) -> None:
    program = opened()
    program.loaded()
    program.record(replace(reply(3, OPEN + 130.0), source="\udcff"))
    trouble = program.trouble()
    assert trouble is not None
    assert trouble.code is Code.FILE_UNWRITABLE


def test_closing_twice_is_no_fault_and_a_series_that_was_never_judged_is_not_recorded(
    opened: Opened, tmp_path: Path
) -> None:
    program = opened()
    day = calendar().day(Market.HK, KEY.session)
    assert day is not None
    program.writer.record(
        replace(reply(3, 1.0), session=None), wall=1.0, turnover=None, day=day, currency="HKD", assumed=False
    )
    program.writer.close()
    program.writer.close()
    assert polls(tmp_path / "archive.db") == []
    assert program.writer._thread is not None
    assert not program.writer._thread.is_alive()


def test_what_comes_while_a_write_fails_is_written_behind_the_rest(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, path = opened(), tmp_path / "archive.db"
    program.loaded()
    sent = [reply(lines, OPEN + 60.0 * lines + 10) for lines in range(1, 5)]
    failed = Reason.of(Code.FILE_UNWRITABLE, path="x", why="the disk is gone")

    def fail(_: Database) -> AbstractContextManager[sqlite3.Connection]:
        monkeypatch.undo()
        program.record(*sent[2:])
        program.writer.note(Gap("opend", 3.0, 4.0))
        program.writer.note(Outage("opend", MOBILE, 3.0, None, failed))
        raise StorageError(failed)

    monkeypatch.setattr(Database, "transaction", fail)
    program.writer.note(Gap("opend", 1.0, 2.0))
    program.record(*sent[:2])
    program.writer.look()
    assert program.trouble() == failed
    program.writer.close()
    assert [len(state.places) for state in states(path)] == [1] * 4
    assert rows(path, "SELECT start FROM gap") == [(1.0,), (3.0,)]
    assert rows(path, "SELECT start, end FROM outage") == [(3.0, None)]


def test_old_sessions_are_removed_meanwhile_and_it_is_said_when_that_fails(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for session in (date(2022, 6, 6), date(2022, 6, 7), date(2022, 6, 8)):
        program = opened()
        program.record(reply(3, OPEN, session=session))
        program.writer.close()
    failed, real = Reason.of(Code.FILE_UNWRITABLE, path="x", why="locked"), Upkeep.step

    def fail(_: Upkeep) -> None:
        monkeypatch.setattr(Upkeep, "step", real)
        raise StorageError(failed)

    monkeypatch.setattr(Upkeep, "step", fail)
    program = opened(retention=ArchiveSettings(final_days=2))
    program.loaded()
    program.writer.look()
    assert program.trouble() == failed
    program.writer.look()
    assert program.trouble() is None
    assert program.next() == Pruning(1, 1)
    assert rows(tmp_path / "archive.db", "SELECT session FROM day") == [("2022-06-07",), ("2022-06-08",)]


def test_the_upkeep_begins_at_the_first_look_and_not_with_the_start(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[str] = []
    monkeypatch.setattr(Upkeep, "plan", lambda _: planned.append("plan"))
    program = opened()
    program.loaded()
    program.writer.close()
    assert planned == []
    program = opened()
    program.loaded()
    program.writer.look()
    program.writer.close()
    assert planned == ["plan"]


_STRANGER = """
import os, queue, sys
from pathlib import Path
from capflow_gui.archive.writer import ArchiveWriter
from capflow_gui.present.reasons import reason_words
from capflow_gui.settings.types import ArchiveSettings

os.setuid(65534)
told = queue.SimpleQueue()
writer = ArchiveWriter(Path(sys.argv[1]), simulated=False, retention=ArchiveSettings())
writer.start(told.put)
print(reason_words(told.get(timeout=10).reason))
writer.close()
"""


@pytest.mark.skipif(not as_nobody(), reason="root writes to every file")
@pytest.mark.parametrize("there", [True, False])
def test_a_file_of_another_user_is_said_and_left_alone(opened: Opened, tmp_path: Path, there: bool) -> None:
    path = tmp_path / "archive.db"
    if there:
        program = opened()
        program.record(reply(3, OPEN + 130.0))
        program.writer.close()
        before = path.read_bytes()
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    command = [sys.executable, "-c", _STRANGER, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{path} cannot be opened: ")
    assert (path.read_bytes() == before) if there else not path.exists()
