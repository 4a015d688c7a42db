"""What is in the archive survives: the process is killed at any moment, the power fails at any point of a write."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive import open_archive, upkeep
from capflow_gui.archive.codec import decode_final
from capflow_gui.archive.heads import Heads, key_of, states_of
from capflow_gui.archive.model import DayKey, apply
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.session import Calendar
from capflow_gui.feed.events import AlertEvent
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.playback.player import Player
from capflow_gui.playback.recording import Recording
from capflow_gui.reason import Reason
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database
from tests.forked import COMMAND
from tests.integration import recording_process
from tests.integration.recording_process import LINES, SYMBOLS, record, reply_of, session_of
from tests.unit.archive.recorded import facts

KILLS = int(os.environ.get("CAPFLOW_KILLS", "10"))
PAGE = 4096
FRAME = PAGE + 24
WAL_HEADER = 32


def newest(path: Path) -> dict[DayKey, FlowSeries]:
    """What each day leads to, from its states or from its final lines. The file is sound, and opened without notice."""
    database = Database.open(path, SCHEMA, simulated=True, checked=True)
    assert database.notices == []
    found: dict[DayKey, FlowSeries] = {}
    with database.reading() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute(
            "SELECT id, source, symbol, session, compacted, open, EXISTS (SELECT 1 FROM journal WHERE day = id) "
            "FROM day"
        ).fetchall()
        for day, *names, compacted, is_open, has_journal in rows:
            key = key_of(*names)
            states, fault = states_of(connection, day)
            assert fault is None
            assert len(states) >= compacted or not has_journal
            if has_journal or not compacted:
                series: FlowSeries | None = None
                for state in states:
                    series = apply(key, series, state)
                assert series is not None
                found[key] = series
            if compacted and not is_open:
                (body,) = connection.execute("SELECT body FROM final WHERE day = ?", (day,)).fetchone()
                final = decode_final(key, body).series
                assert facts(found.setdefault(key, final)) == facts(final)
    database.close()
    return found


def batch_of(series: FlowSeries) -> int:
    """The batch that a series came in; it is whole and as it was sent."""
    assert series.session is not None
    batch = (series.session - session_of(0)).days * LINES + len(series) - 1
    assert facts(series) == facts(reply_of(batch, int(series.symbol.code) - 1))
    return batch


def test_killed_at_any_moment_nothing_is_lost_that_was_in_the_file(sessions: Calendar, tmp_path: Path) -> None:
    path, chance, last = tmp_path / "archive.db", random.Random(20220608), -1
    for _ in range(KILLS):
        last = killed_after(path, last + 1, chance.randint(1, 60))
        found = newest(path)
        batches = {batch_of(series) for series in found.values()}
        # One batch more may have come into the file than was said.
        assert max(batches) in (last, last + 1)
        last = max(batches)
        running = [series for series in found.values() if series.session == session_of(last)]
        assert [batch_of(series) for series in running] == [last] * SYMBOLS
        before = {batch for batch in batches if batch // LINES < last // LINES}
        # Of sessions that are over, the last batch stands; old ones may be gone.
        assert {number * LINES - 1 for number in range(max(1, last // LINES - 2), last // LINES + 1)} <= before
        assert {(batch + 1) % LINES for batch in before} <= {0}
    assert faults(path) == []
    agree(path, last, sessions)


def agree(path: Path, last: int, calendar: Calendar) -> None:
    """Replay and dry run raise what a program that saw each reply raised: at the first confirmed line of 40,000."""
    rule = parse_rule("*: net >= 40000")
    with open_archive(path) as archive:
        days = [archive.day(each.key.symbol, each.key.session, each.key.source) for each in archive.sessions()]
        assert days
        for day in filter(None, days):
            key, session = day.summary.key, day.summary.day
            batch = batch_of(day.final().series)
            reached = [session.open + 60 * 10] if batch % LINES > 10 else []
            tried = dry_run(rule, day.summary, day.final(), day.outages)
            assert [each.time for each in tried if each.outcome is Outcome.RAISED] == reached
            if not day.states():
                continue
            player = Player([Recording(key, session, day.states())], calendar=calendar, rules=RuleTable(rules=[rule]))
            played = [event for event in player.play_to(player.end) if isinstance(event, AlertEvent)]
            assert [event.time for event in played if event.change is AlertChange.RAISED] == reached
    assert any(day is not None and batch_of(day.final().series) == last for day in days)


def faults(path: Path) -> list[Reason]:
    """What `archive verify` finds."""
    with open_archive(path) as archive:
        return list(archive.verify())


def killed_after(path: Path, first: int, batches: int) -> int:
    """Record in a process, kill it some time after that many batches; the last one it said is in the file."""
    command = [*COMMAND, "-m", "tests.integration.recording_process", str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(batches):
            said = process.stdout.readline()
        process.kill()
        rest = process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    return int((said + rest).split()[-1])


def written(folder: Path, batches: int) -> tuple[bytes, bytes, bytes]:
    """A file of some transactions before the checkpoint, its write-ahead log, and the file after the checkpoint."""
    path = folder / "whole.db"
    database, heads = Database.open(path, SCHEMA, simulated=True), Heads()
    record(database, heads, 0)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.read_bytes()
        for batch in range(1, batches):
            record(database, heads, batch)
        log = path.with_name("whole.db-wal").read_bytes()
        other.execute("PRAGMA wal_checkpoint(FULL)")
    database.close()
    return before, log, path.read_bytes()


def left_of(path: Path, file: bytes, log: bytes) -> dict[DayKey, FlowSeries]:
    """What is in a file that a power failure left."""
    path.write_bytes(file)
    path.with_name(path.name + "-wal").write_bytes(log)
    return newest(path)


def healed(path: Path, file: bytes, log: bytes) -> int:
    """Open what a power failure left, and record on. The last batch that was there."""
    found = left_of(path, file, log)
    (last,) = {batch_of(series) for series in found.values()}
    assert len(found) == recording_process.SYMBOLS
    database, heads = Database.open(path, SCHEMA, simulated=True), Heads()
    record(database, heads, last + 1)
    database.close()
    assert {batch_of(series) for series in newest(path).values()} == {last + 1}
    for each in path.parent.glob(path.name + "*"):
        each.unlink()
    return last


@pytest.fixture
def few_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_process, "SYMBOLS", 3)


@pytest.mark.usefixtures("few_symbols")
def test_power_that_fails_while_something_is_written_leaves_whole_transactions(tmp_path: Path) -> None:
    before, log, _ = written(tmp_path, 5)
    ends = range(WAL_HEADER, len(log) + 1, FRAME)
    cuts = sorted({0, 7, WAL_HEADER - 1, len(log), *ends, *(end + odd for end in ends[:-1] for odd in (9, 24, 2000))})
    last = [healed(tmp_path / "cut.db", before, log[:cut]) for cut in cuts]
    assert last == sorted(last)
    assert set(last) == {0, 1, 2, 3, 4}


def kept_small(path: Path) -> None:
    """Compact, remove, and give room back as the retention of these tests says."""
    with closing(Database.open(path, SCHEMA, simulated=True)) as database:
        work = Upkeep(database, ArchiveSettings(journal_sessions=2, final_days=3), lambda _keys: None)
        work.plan()
        while work.is_pending:
            work.step()


def test_power_that_fails_while_sessions_are_compacted_or_removed_or_room_is_given_back_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_process, "SYMBOLS", 1)
    monkeypatch.setattr(upkeep, "_MOST_FREE_PAGES", 1)
    monkeypatch.setattr(upkeep, "_PAGES_A_STEP", 4)
    path = tmp_path / "whole.db"
    with closing(Database.open(path, SCHEMA, simulated=True)) as database:
        heads = Heads()
        for session in range(5):
            for batch in range(LINES * session, LINES * session + (LINES if session < 4 else 2), 8):
                record(database, heads, batch)
    before = path.read_bytes()
    with closing(sqlite3.connect(path)) as other:  # so that the log stays
        other.execute("SELECT * FROM day").fetchone()
        kept_small(path)
        log = path.with_name("whole.db-wal").read_bytes()
        other.execute("PRAGMA wal_checkpoint(FULL)")
        after = path.read_bytes()
    assert len(after) < len(before)
    kept = {key: facts(series) for key, series in newest(path).items()}
    assert len(kept) == 3
    there, torn = [], tmp_path / "torn.db"
    for end in range(WAL_HEADER, len(log) + 1, FRAME):
        found = left_of(torn, before, log[: end + 2000])
        assert {key: facts(found[key]) for key in kept} == kept
        if there[-1:] != [len(found)]:
            there.append(len(found))
            kept_small(torn)
            assert newest(torn).keys() == kept.keys()
            assert faults(torn) == []
    assert there == [5, 3]
    changed = [page for page in range(len(after) // PAGE) if not same_page(before, after, page)]
    for count, page in enumerate(changed):
        half = bytearray(before)
        for done in (*changed[:count], page):
            size = PAGE // 2 if done == page else PAGE
            half[done * PAGE : done * PAGE + size] = after[done * PAGE : done * PAGE + size]
        assert {key: facts(series) for key, series in left_of(torn, bytes(half), log).items()} == kept


def test_power_that_fails_while_a_file_is_made_leaves_one_that_is_opened(tmp_path: Path) -> None:
    path, torn = tmp_path / "whole.db", tmp_path / "torn.db"
    with closing(Database.open(path, SCHEMA, simulated=True)):
        file, log = path.read_bytes(), path.with_name("whole.db-wal").read_bytes()
    for cut in (0, 7, *range(WAL_HEADER, len(log) + 1, FRAME), *range(WAL_HEADER + 2000, len(log), FRAME)):
        assert not left_of(torn, file, log[:cut])


@pytest.mark.usefixtures("few_symbols")
def test_power_that_fails_while_the_log_is_taken_into_the_file_loses_nothing(tmp_path: Path) -> None:
    before, log, after = written(tmp_path, 5)
    changed = [page for page in range(len(after) // PAGE) if not same_page(before, after, page)]
    # The log stays until all of its pages are in the file. They may come into it in any order, and halves of them.
    for count, page in enumerate(changed):
        torn = bytearray(before.ljust(len(after), b"\x00"))
        for done in changed[:count]:
            torn[done * PAGE : (done + 1) * PAGE] = after[done * PAGE : (done + 1) * PAGE]
        torn[page * PAGE : page * PAGE + PAGE // 2] = after[page * PAGE : page * PAGE + PAGE // 2]
        assert healed(tmp_path / "torn.db", bytes(torn), log) == 4


def same_page(one: bytes, other: bytes, page: int) -> bool:
    return one[page * PAGE : (page + 1) * PAGE] == other[page * PAGE : (page + 1) * PAGE]
