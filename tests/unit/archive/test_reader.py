from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from capflow_gui.archive import open_archive
from capflow_gui.archive.bodies import Bodies
from capflow_gui.archive.final import final_day
from capflow_gui.archive.heads import Heads
from capflow_gui.archive.model import DamagedEntry, DayKey, Outage
from capflow_gui.archive.reader import Archive
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.domain.flow import NET
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, StorageError
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database
from tests.full_disk import as_nobody, fill, small_disk

from .files import DAY_BEFORE, MOBILE, SESSION, TENCENT, compact, damage, forget_states, record, running, whole_day
from .recorded import calendar, day_of, facts, said
from .test_bodies import FLIP


def test_what_is_recorded_is_listed_by_session(folder: Path) -> None:
    with open_archive(folder) as archive:
        found = archive.sessions()
        assert [(str(each.key.symbol), each.key.session) for each in found] == [
            (TENCENT, DAY_BEFORE),
            (TENCENT, SESSION),
            (MOBILE, SESSION),
        ]
        assert [each.complete for each in found] == [True, True, False]
        assert all(each.journal for each in found)
        assert found[0].day.zone == "Asia/Hong_Kong"
        assert (found[0].currency, found[0].assumed) == ("HKD", True)
        assert [each.key.session for each in archive.sessions("0700.hk")] == [DAY_BEFORE, SESSION]
        assert len(archive.sessions(start=SESSION)) == 2
        assert len(archive.sessions(end="2026-06-09")) == 1
        assert archive.sessions(source="longport") == []
        with pytest.raises(InvalidInput):
            archive.sessions("700")


def test_the_newest_session_and_the_sources_are_named(copy: Path) -> None:
    with open_archive(copy) as archive:
        assert archive.newest() == SESSION
        assert archive.newest(DAY_BEFORE) == DAY_BEFORE
        assert archive.newest(date(2020, 1, 2)) is None
        assert archive.sources() == ["opend"]
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE day SET session = 'X' WHERE symbol = ?", (MOBILE,))
    with open_archive(copy) as archive:
        assert archive.newest() == SESSION


def test_a_list_of_days_reads_nothing_of_their_lines_and_states(folder: Path) -> None:
    with open_archive(folder) as archive:

        def allowed(action: int, table: str | None, column: str | None, *_: object) -> int:
            reads_a_body = action == sqlite3.SQLITE_READ and table != "day" and column == "body"
            return sqlite3.SQLITE_DENY if reads_a_body else sqlite3.SQLITE_OK

        archive._connection.set_authorizer(allowed)
        assert len(archive.sessions()) == 3


@pytest.mark.parametrize(
    "read",
    [
        lambda archive: archive.sessions(TENCENT),
        lambda archive: list(archive.finals([Symbol.parse(TENCENT)])),
        lambda archive: list(archive.lines([Symbol.parse(TENCENT)])),
    ],
    ids=["sessions", "finals", "lines"],
)
def test_one_symbol_is_read_as_quickly_however_many_are_recorded(
    copy: Path, read: Callable[[Archive], list[object]]
) -> None:
    before = steps(copy, read)
    with closing(sqlite3.connect(copy)) as connection, connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(day)") if name not in ("id", "symbol")]
        copied = ", ".join(columns)
        connection.executemany(
            f"INSERT INTO day (symbol, {copied}) SELECT ?, {copied} FROM day WHERE symbol = ?",  # noqa: S608
            [(f"{number}.US", MOBILE) for number in range(500)],
        )
    assert steps(copy, read) <= before + 10


def steps(file: Path, read: Callable[[Archive], list[object]]) -> int:
    """How much work the database has with it."""
    taken: list[None] = []
    with open_archive(file) as archive:
        archive._connection.set_progress_handler(lambda: taken.append(None), 1)
        assert len(read(archive)) == 2
    return len(taken)


@pytest.mark.parametrize("symbol", [TENCENT, MOBILE])
def test_a_day_comes_back_as_it_was_recorded(folder: Path, symbol: str) -> None:
    """A session that is over is read from its final lines, one that runs from its states."""
    key, replies = whole_day(symbol) if symbol == TENCENT else running()
    with open_archive(folder) as archive:
        day = archive.day(symbol, SESSION)
        assert archive.day(symbol, date(2020, 1, 2)) is None
    assert day is not None
    states = day.states()
    assert facts(day.series)[:2] == facts(replies[-1].series)[:2]
    assert sum(1 + state.same for state in states) == day.summary.polls == len(replies)
    assert facts(day.final().series) == facts(day.series) == facts(final_day(states, key, day_of(key)).series)


def test_where_the_states_are_gone_the_lines_are_there(copy: Path) -> None:
    forget_states(copy)
    with open_archive(copy) as archive:
        assert [each.journal for each in archive.sessions(TENCENT)] == [False, False]
        day = archive.day(TENCENT, SESSION)
        assert day is not None
        assert day.states() == []
        assert len(day.series) == 331
        assert len(day.final().labels) == 331
        assert [reason_words(each) for each in archive.verify()] == [
            "941.HK at OpenD, session 2026-06-10: its lines are missing"
        ]


def test_of_several_sources_the_one_that_was_asked_most_is_read(copy: Path) -> None:
    key, replies = whole_day(TENCENT, source="longport")
    record(copy, (key, replies[:3]))
    with open_archive(copy) as archive:
        day = archive.day(TENCENT, SESSION)
        assert day is not None
        assert day.series.source == "opend"
        other = archive.day(TENCENT, SESSION, source="longport")
        assert other is not None
        assert np.isfinite(other.series.values).any(axis=1).tolist() == [True] + [False] * 5


def test_the_days_of_many_symbols_are_read_at_once(folder: Path) -> None:
    with open_archive(folder) as archive:
        found = list(archive.finals())
        assert [summary.key for summary, _ in found] == [each.key for each in archive.sessions()]
        assert len(list(archive.finals([Symbol.parse(MOBILE)]))) == 1
        assert len(list(archive.finals(start=SESSION, end=SESSION, source="opend"))) == 2
        for summary, final in found:
            day = archive.day(summary.key.symbol, summary.key.session)
            assert day is not None
            assert facts(final.series) == facts(day.series)
            assert said(final.moments) == said(day.final().moments)
        lines = list(archive.lines(end=SESSION))
        assert [key for key, _ in lines] == [summary.key for summary, _ in found]
        assert [facts(series) for _, series in lines] == [facts(final.series) for _, final in found]
        assert [key.session for key, _ in archive.lines([Symbol.parse(TENCENT)])] == [DAY_BEFORE, SESSION]


def test_days_that_cannot_be_read_are_left_out_and_told(copy: Path) -> None:
    for table in ("final", "state", "head"):
        damage(copy, f"UPDATE {table} SET body = ?", b"garbage")  # noqa: S608 - names of ours
    told: list[tuple[DayKey, Code]] = []
    with open_archive(copy) as archive:
        assert list(archive.finals(unread=lambda summary, why: told.append((summary.key, why.code)))) == []
        assert told == [(each.key, Code.RECORDING_DAMAGED) for each in archive.sessions()]
        assert list(archive.finals()) == []
    assert len(told) == 3


def test_gaps_that_overlap_a_time_are_given(folder: Path) -> None:
    with open_archive(folder) as archive:
        assert [gap.start for gap in archive.gaps(0, 1e9)] == [100, 300]
        assert [gap.start for gap in archive.gaps(150, 300)] == [100]
        assert archive.size() >= 50_000


def test_a_gap_that_is_damaged_is_left_out(copy: Path) -> None:
    damage(copy, "INSERT INTO gap VALUES ('opend', 0.0, 'x')")
    with open_archive(copy) as archive:
        assert all(gap.start for gap in archive.gaps(0.0, 4e9))


def test_arrays_and_a_frame_name_what_they_hold(folder: Path) -> None:
    with open_archive(folder) as archive:
        day = archive.day(TENCENT, SESSION)
    assert day is not None
    arrays = day.as_arrays()
    assert list(arrays) == [
        *("timestamp", "net", "main", "extra_large", "large", "medium", "small", "provisional", "flags")
    ]
    assert arrays["net"].tobytes() == day.series.values[NET].tobytes()
    assert not arrays["provisional"].any()
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = day.as_frame()
    assert str(frame.index[0]) == "2026-06-10 09:30:00+08:00"
    assert frame["net"].tolist() == arrays["net"].tolist()
    assert frame.attrs == {
        "symbol": TENCENT,
        "source": "opend",
        "session": "2026-06-10",
        "zone": "Asia/Hong_Kong",
        "currency": "HKD",
        "currency_assumed": True,
        "cumulative": True,
        "simulated": False,
    }


def test_it_is_read_while_it_is_written_to(copy: Path) -> None:
    """What a writer does meanwhile is seen by the next question, and disturbs none."""
    key, _ = running()
    with open_archive(copy) as archive:
        before = archive.day(MOBILE, SESSION)
        record(copy, (key, whole_day(MOBILE)[1][70:]))
        after = archive.day(MOBILE, SESSION)
        assert before is not None
        assert after is not None
        compact(copy)
        assert len(before.states()) < len(after.states())
        assert len(after.final().series) == 331
        with pytest.raises(StorageError), archive._reading() as connection:
            connection.execute("DELETE FROM day")


def test_a_folder_without_an_archive_says_that_nothing_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for path in (tmp_path, tmp_path / "none.db", tmp_path / "empty.db"):
        with pytest.raises(StorageError) as caught:
            open_archive(path)
        assert caught.value.reason.code is Code.NOTHING_RECORDED
    assert not (tmp_path / "archive.db").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_folder_may_have_any_name(copy: Path) -> None:
    named = copy.rename(copy.with_name("a?b#c%41 \udcff"))
    for folder in (named, Path(f"/{named}")):  # two slashes are no host
        with open_archive(folder) as archive:
            assert archive.newest() is not None


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError) as caught:
        open_archive(tmp_path)
    assert caught.value.reason.code is Code.FILE_BROKEN


def test_of_a_newer_file_what_was_recorded_beside_it_is_read(folder: Path, copy: Path) -> None:
    damage(copy, "PRAGMA user_version = 99")
    with pytest.raises(StorageError) as caught:
        open_archive(copy)
    assert caught.value.reason.code is Code.FILE_NEWER
    record(copy.with_name("archive.version-1.db"), whole_day(TENCENT))
    with open_archive(copy.parent) as archive:
        assert len(archive.sessions()) == 1


def test_of_a_file_of_the_other_kind_what_was_recorded_beside_it_is_read(copy: Path) -> None:
    with open_archive(copy, simulated=False) as archive:
        assert not archive.simulated
    with pytest.raises(StorageError) as caught:
        open_archive(copy, simulated=True)
    assert caught.value.reason.code is Code.FILE_OF_REAL
    record(copy.with_name("archive.simulated.db"), whole_day(TENCENT), simulated=True)
    with open_archive(copy, simulated=True) as archive:
        assert archive.simulated
        day = archive.day(TENCENT, SESSION)
    assert day is not None
    assert day.simulated


def nobody_can_write(copy: Path) -> None:
    """Sqlite can make none of the files that a reader and a writer share."""
    damage(copy, "PRAGMA journal_mode = WAL")
    shared = copy.with_name("archive.db-shm")
    shared.mkdir() if sys.platform == "win32" else shared.symlink_to(copy.parent)


def test_a_copy_where_nobody_can_write_is_read(copy: Path) -> None:
    nobody_can_write(copy)
    with open_archive(copy) as archive:
        assert len(archive.sessions()) == 3


def test_a_copy_whose_newest_changes_could_not_be_read_is_refused(copy: Path) -> None:
    nobody_can_write(copy)
    copy.with_name("archive.db-wal").write_bytes(b"recorded last")
    with pytest.raises(StorageError) as caught:
        open_archive(copy)
    assert caught.value.reason.code is Code.LOG_UNUSABLE


def test_an_empty_file_is_refused_and_what_is_beside_it_kept(copy: Path) -> None:
    """Sqlite deletes the log of an empty file."""
    copy.write_bytes(b"")
    log = copy.with_name("archive.db-wal")
    with pytest.raises(StorageError) as caught:
        open_archive(copy)
    assert caught.value.reason.code is Code.NOTHING_RECORDED
    log.write_bytes(b"recorded last")
    with pytest.raises(StorageError) as caught:
        open_archive(copy)
    assert caught.value.reason.code is Code.FILE_BROKEN
    assert log.read_bytes() == b"recorded last"


def test_a_file_that_another_program_keeps_to_itself_is_said(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capflow_gui.archive.reader._BUSY_S", 0.0)
    damage(copy, "PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked"):
            open_archive(copy)


_STRANGER = """
import os, sys
from capflow_gui.archive import open_archive
from capflow_gui.errors import StorageError

os.setuid(65534)
for path in sys.argv[1:]:
    try:
        with open_archive(path) as archive:
            print(len(archive.sessions()))
    except StorageError as error:
        print(error.reason.code.value)
"""


@pytest.mark.skipif(not as_nobody(), reason="root reads and writes every file")
def test_a_profile_that_another_user_may_only_read(copy: Path, tmp_path: Path) -> None:
    """While it is written to, after a crash and a clean end, as a copy without some files, and behind a closed door."""
    damage(copy, "PRAGMA journal_mode = WAL")
    names = ("closed", "killed", "halved", "private", "locked")
    closed, killed, halved, private, locked = (tmp_path / name for name in names)
    with closing(Database.open(copy, SCHEMA, simulated=False)) as database:
        for each in (closed, killed, halved, private, locked):
            each.mkdir()
            shutil.copy(copy, each)
        assert Heads().store(database, dict([whole_day("5.HK")]), []) == []
        for each, names in ((killed, ("-wal", "-shm")), (halved, ("-wal",)), (private, ("-wal", "-shm"))):
            for name in names:
                shutil.copy(f"{copy}{name}", each)
        private.joinpath("archive.db-wal").chmod(0o600)
        for each in (tmp_path, *tmp_path.parents):
            if each == Path(tempfile.gettempdir()):
                break
            each.chmod(0o755)
        command = [sys.executable, "-c", _STRANGER, str(copy), *map(str, (killed, closed, halved, private, locked))]
        locked.chmod(0o700)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["4", "4", "3", "log_unusable", "log_unusable", "file_unreadable"]


def test_what_is_recorded_is_read_from_a_full_disk(copy: Path, tmp_path: Path) -> None:
    """Nobody has it open, and there is no room for the index of its log."""
    damage(copy, "PRAGMA journal_mode = WAL")
    with small_disk(tmp_path / "full", "4m") as filler:
        file = Path(shutil.copy(copy, tmp_path / "full"))
        fill(filler)
        with open_archive(file) as archive:
            assert len(archive.sessions()) == 3
            assert list(archive.verify()) == []
        with pytest.raises(StorageError) as raised:
            Database.open(file, SCHEMA, simulated=False)
        assert raised.value.reason.get("why") == "the disk is full"


@pytest.mark.parametrize(
    "change",
    [
        "periods = '[[5, 1]]'",
        "zone = 'Mars/Olympus'",
        "session = '2026-06-10x'",
        "symbol = x'02'",
        "polls = x'02'",
        "last_received = 'x'",
    ],
)
def test_an_entry_that_is_damaged_is_left_out_of_lists(copy: Path, change: str) -> None:
    damage(copy, f"UPDATE day SET {change} WHERE id = 2")  # noqa: S608 - texts of this test
    with open_archive(copy) as archive:
        assert [each.key.session for each in archive.sessions(TENCENT)] == [DAY_BEFORE]
        told, again = list[DamagedEntry](), list[DamagedEntry]()
        assert len(list(archive.finals(damaged=told.append))) == 2
        archive.sessions(damaged=again.append)
    (entry,) = told
    assert told == again
    assert [entry.symbol == TENCENT, entry.session == str(SESSION)] == ["symbol" not in change, "session" not in change]


def test_damaged_pages_are_found(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    for at in range(8192, len(content) - 2000, 4096):
        content[at : at + 8] = b"\xff" * 8
    copy.write_bytes(content)
    with pytest.raises(StorageError), open_archive(copy) as archive:
        assert not list(archive.verify())


def test_a_list_of_free_pages_that_is_damaged_is_found(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[36:40] = (7).to_bytes(4, "big")  # how many they are
    copy.write_bytes(content)
    with open_archive(copy) as archive:
        assert [each.code for each in archive.verify()] == [Code.FILE_BROKEN]


def test_the_archive_loads_neither_qt_nor_pandas_nor_the_feed() -> None:
    code = (
        "import sys; from capflow_gui.archive import open_archive; "
        "print([each for each in sys.modules if each.split('.')[0] in ('PySide6', 'pandas', 'pyarrow', 'asyncio') "
        "or each.startswith(('capflow_gui.feed', 'capflow_gui.providers', 'capflow_gui.ui'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_the_package_has_nothing_else() -> None:
    import capflow_gui.archive

    with pytest.raises(AttributeError):
        capflow_gui.archive.nothing  # noqa: B018


def test_the_example_of_the_readme_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(__file__).parents[3].joinpath("README.md").read_text("utf-8")
    example = text.split("<!-- example: archive -->\n```python\n")[1].split("```")[0]
    exec(example, {"folder": folder})  # noqa: S102 - the example itself
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["2026-06-09", "HKD"],
        ["2026-06-10", "HKD"],
    ]


def test_its_size_counts_and_a_forecast_are_given(folder: Path, tmp_path: Path) -> None:
    kept = ArchiveSettings(journal_sessions=60, final_days=730)
    with open_archive(folder) as archive:
        assert archive.size() >= (folder / "archive.db").stat().st_size
        assert archive.count() == 3
        assert archive.forecast(kept) > archive.size()
    record(tmp_path / "running.db", running())
    record(tmp_path / "none.db")
    with open_archive(tmp_path / "running.db") as archive:
        assert archive.forecast(kept) == 21_000 * 60 + 9_000 * 500
    with open_archive(tmp_path / "none.db") as archive:
        assert archive.forecast(kept) == archive.size()


def test_a_file_that_is_gone_has_no_size(copy: Path) -> None:
    with open_archive(copy) as archive:
        copy.unlink()
        with pytest.raises(StorageError) as caught:
            archive.size()
    assert caught.value.reason.code is Code.FILE_UNREADABLE


def test_outages_are_given_by_when_they_began_and_damaged_ones_are_left_out(copy: Path) -> None:
    why = Reason.of(Code.NO_ANSWER)
    key, _ = whole_day(TENCENT)
    opened = calendar().day(key.symbol.market, key.session)
    assert opened is not None
    at = float(opened.open) + 60.0
    outages = [Outage(source, key.symbol, at, None, why) for source in ("opend", "longport")]
    with closing(Database.open(copy, SCHEMA, simulated=False)) as database:
        assert Heads().store(database, {}, [], outages) == []
    insert = "INSERT INTO outage (symbol, source, start, reason) VALUES (?, 'opend', ?, ?)"
    damage(copy, insert, "no symbol", at, why.to_json())
    damage(copy, insert, MOBILE, at, "no reason {")
    damage(copy, insert.replace("start,", "end, start,").replace("?, ?)", "?, ?, ?)"), b"5", "x", at, why.to_json())
    damage(
        copy, insert.replace("start,", "end, start,").replace("?, ?)", "?, ?, ?)"), MOBILE, "x", at + 0.5, why.to_json()
    )
    with open_archive(copy) as archive:
        assert archive.outages(at, at + 1) == outages[::-1]
        assert archive.outages(at, at + 1, Symbol.parse("5.HK")) == []
        day = archive.day(TENCENT, SESSION)
        assert day is not None
        assert day.outages == outages[:1]


def test_damage_is_named_by_session_and_of_a_list_that_cannot_be_read_by_file(copy: Path) -> None:
    with open_archive(copy) as archive:
        assert list(archive.verify()) == []
    damage(copy, FLIP.format("final"))
    damage(copy, "UPDATE day SET symbol = 'none' WHERE id = 1")
    told: list[tuple[int, int]] = []
    with open_archive(copy) as archive:
        found = {each.get("session"): each.get("what") for each in archive.verify(lambda *done: told.append(done))}
        assert {str(each.key.symbol) for each in archive.sessions()} == {TENCENT, MOBILE}
        assert len(list(archive.lines())) == 2
    assert [type(each) for each in found.values()] == [Reason, Reason]
    assert told == [(0, 3), (1, 3), (2, 3)]
    content = bytearray(copy.read_bytes())
    content[2 * 4096 :] = b"\xa5" * (len(content) - 2 * 4096)
    copy.write_bytes(content)
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
        archive = Archive(copy, connection, simulated=False)
        assert {each.code for each in archive.verify()} == {Code.FILE_BROKEN}
        assert archive.count() is None


def test_a_day_that_goes_while_it_is_asked_for_is_none(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_archive(copy) as archive:
        monkeypatch.setattr(Bodies, "read", lambda *_: None)
        assert archive.day(TENCENT, SESSION) is None


def test_a_path_that_the_system_refuses_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        open_archive(tmp_path / ("long" * 100))
    assert caught.value.reason.code is Code.FILE_UNREADABLE
