from __future__ import annotations

import dataclasses
import itertools
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.archive.heads import Heads, Reply, key_of, states_of, trading_day
from capflow_gui.archive.model import DayKey, Outage, State, apply, says_the_same
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Market
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database
from tests.unit.archive.recorded import KEY, OPEN, TURNOVERS, calendar, facts, replies


class Process:
    """A process that records the day on its own connection."""

    def __init__(self, path: Path) -> None:
        self.database = Database.open(path, SCHEMA, simulated=False)
        self.heads = Heads()
        self.upkeep = Upkeep(self.database, ArchiveSettings(), self.heads.forget)

    def store(self, *series: FlowSeries, turnover: Turnover | None = None, key: DayKey = KEY) -> list[Reason]:
        day = calendar().day(Market.HK, key.session)
        assert day is not None
        found = [Reply(each, each.received or 0.0, turnover, day, "HKD", assumed=True) for each in series]
        return self.heads.store(self.database, {key: found}, [])

    def compact(self) -> None:
        self.upkeep.plan()
        while self.upkeep.is_pending:
            self.upkeep.step()

    def states(self) -> list[State]:
        with self.database.reading() as connection:
            states, fault = states_of(connection, 1)
        assert fault is None
        return states


def replayed(states: list[State]) -> FlowSeries:
    series: FlowSeries | None = None
    for state in states:
        series = apply(KEY, series, state)
    assert series is not None
    return series


def counts(process: Process) -> tuple[object, ...]:
    with process.database.reading() as connection:
        found: tuple[object, ...] = connection.execute("SELECT polls, unchanged FROM day").fetchone()
    return found


def test_the_first_reply_of_a_break_is_kept_with_when_it_came_though_it_says_the_same(tmp_path: Path) -> None:
    """Figures that stand are stale in trading alone. It is counted among the unchanged ones, after a recovery too."""
    process, day = Process(tmp_path / "archive.db"), calendar().day(Market.HK, KEY.session)
    assert day is not None
    noon, evening = day.periods[0][1], day.close
    first = FlowSeries(
        KEY.symbol,
        KEY.source,
        Period.INTRADAY,
        day.labels()[:3],
        np.ones((6, 3)),
        session=KEY.session,
        received=noon - 60,
    )
    times = [noon - 30.0, noon - 0.5, float(noon), noon + 30.0, evening - 1.0, float(evening), evening + 9.0]
    process.store(first, *(replace(first, received=at) for at in times), turnover=Turnover(1e9, noon - 90.0))
    states = process.states()
    assert [(each.poll, each.received, each.same, len(each.places)) for each in states] == [
        (1, noon - 60.0, 2, 3),
        (4, noon, 1, 0),
        (6, evening - 1.0, 0, 0),
        (7, evening, 1, 0),
    ]
    assert [says_the_same(*pair) for pair in itertools.pairwise(states)] == [True] * 3
    assert counts(process) == (8, 7)
    assert facts(replayed(states)) == facts(replace(first, received=float(evening)))
    with process.database.transaction() as connection:
        connection.execute("UPDATE head SET body = CAST(x'ff' AS BLOB)")
        connection.execute("INSERT INTO head VALUES (1, 4, CAST(x'ff' AS BLOB))")
    process.heads.forget()
    assert [each.code for each in process.store(replace(first, received=evening + 20.0))] == [Code.DAY_RECOVERED]
    assert counts(process) == (9, 7)
    process.database.close()


TABLES = ("day", "state", "head", "journal", "final")
STEPS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["store", "store", "store", "compact"]), replies(), TURNOVERS),
    min_size=1,
    max_size=8,
)


@pytest.mark.long
def test_whatever_two_processes_record_the_states_lead_to_the_newest_reply(tmp_path: Path) -> None:
    pair = [Process(tmp_path / "archive.db") for _ in range(2)]

    @settings(max_examples=40)
    @given(STEPS)
    def check(steps: list[tuple[bool, str, FlowSeries, Turnover | None]]) -> None:
        with pair[0].database.transaction() as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        for each in pair:
            each.heads.forget()
        newest: FlowSeries | None = None
        for who, what, series, turnover in steps:
            if what == "compact":
                end_day(pair[0])
                pair[who].compact()
                continue
            assert pair[who].store(series, turnover=turnover) == []
            if newest is None or is_newer(series, newest):
                newest = series
        if newest is not None:
            states = pair[0].states()
            assert [each.poll for each in states] == sorted(each.poll for each in states)
            held = replayed(states)
            assert facts(held)[:4] == facts(newest)[:4]
            assert facts(held)[5:] == facts(newest)[5:]

    check()
    for each in pair:
        each.database.close()


def is_newer(series: FlowSeries, newest: FlowSeries) -> bool:
    later = max(series.timestamps.tolist(), default=0) > max(newest.timestamps.tolist(), default=0)
    return later or round((series.received or 0) * 1000) >= round((newest.received or 0) * 1000)


def end_day(process: Process) -> None:
    with process.database.transaction() as connection:
        connection.execute("UPDATE day SET complete = 1")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    found = Process(tmp_path / "archive.db")
    yield found
    found.database.close()


def day_of(lines: int, received: float = 0.0) -> FlowSeries:
    """A reply of so many confirmed lines."""
    return FlowSeries(
        KEY.symbol,
        KEY.source,
        Period.INTRADAY,
        OPEN + 60 * np.arange(lines),
        np.outer(np.arange(1, 7), 100.0 * np.arange(lines)),
        session=KEY.session,
        received=received or OPEN + 60.0 * lines,
        confirmed=np.ones(lines, np.bool_),
    )


def test_a_reply_after_the_compaction_is_the_next_state(process: Process) -> None:
    process.store(*(day_of(lines) for lines in range(1, 5)))
    end_day(process)
    process.compact()
    assert states_in(process) == [4]
    process.store(day_of(4, OPEN + 500.0))
    assert (states_in(process), counts(process)) == ([4], (5, 1))
    process.heads.forget()
    process.store(day_of(5, OPEN + 600.0))
    assert (states_in(process), counts(process)) == ([4, 5], (6, 1))
    states = process.states()
    assert [state.same for state in states] == [0, 0, 0, 1, 0]
    assert facts(replayed(states)) == facts(day_of(5, OPEN + 600.0))
    end_day(process)
    process.compact()
    assert states_in(process) == [5]
    assert facts(replayed(process.states())) == facts(day_of(5, OPEN + 600.0))


def states_in(process: Process) -> list[int]:
    with process.database.reading() as connection:
        return [number for (number,) in connection.execute("SELECT number FROM state ORDER BY number")]


@pytest.mark.parametrize(
    ("damaged", "left"), [("final", 6), ("journal and final", 0), ("the newest state and final", 5)]
)
def test_of_a_damaged_session_what_can_be_read_is_left_and_the_reply_makes_it_whole(
    process: Process, damaged: str, left: int
) -> None:
    process.store(*(day_of(lines) for lines in range(1, 7)))
    end_day(process)
    process.compact()
    with process.database.transaction() as connection:
        connection.execute("UPDATE final SET body = zeroblob(length(body))")
        if "journal" in damaged:
            connection.execute("UPDATE journal SET body = zeroblob(length(body))")
        if "state" in damaged:
            connection.execute("UPDATE state SET body = zeroblob(length(body))")
    process.heads.forget()
    assert process.heads.newest(process.database) == []
    (reason,) = process.store(day_of(7))
    assert reason == Reason.of(Code.DAY_RECOVERED, symbol="700.HK", session="2022-06-08", kept=left)
    assert states_in(process) == list(range(1, left + 2))
    assert facts(replayed(process.states())) == facts(day_of(7))
    (found,) = process.heads.newest(process.database)
    assert facts(found) == facts(day_of(7))


@pytest.mark.parametrize(
    "change",
    [
        "day SET polls = 'x'",
        "day SET last_received = x'00'",
        "state SET same = 'x'",
        "state SET same_wall = 'x'",
        "state SET number = 'x'",
        "head SET number = 'x'",
    ],
)
def test_a_session_whose_numbers_are_damaged_is_recorded_on(process: Process, change: str) -> None:
    process.store(*(day_of(lines) for lines in range(1, 40)))
    with process.database.transaction() as connection:
        connection.execute(
            f"UPDATE {change} WHERE rowid = 1" if "state" not in change else f"UPDATE OR IGNORE {change}"
        )
    for _ in range(2):
        process.heads.forget()
        process.store(day_of(40))
    end_day(process)
    process.compact()
    (found,) = process.heads.newest(process.database)
    assert facts(found) == facts(day_of(40))


def test_what_a_newer_version_wrote_is_left_as_it_is(process: Process) -> None:
    process.store(day_of(3))
    with process.database.transaction() as connection:
        (body,) = connection.execute("SELECT body FROM state").fetchone()
        checksum = zlib.crc32(body[6:], zlib.crc32(b"\x63" + body[1:2])).to_bytes(4, "little")
        connection.execute("UPDATE state SET body = ?", (b"\x63" + body[1:2] + checksum + body[6:],))
    process.heads.forget()
    assert process.store(day_of(4)) == [Reason.of(Code.RECORDING_NEWER)]
    assert states_in(process) == [1]


def test_what_does_not_come_to_be_written_changes_no_head(process: Process) -> None:
    process.store(day_of(3))
    process.database._connection.execute("PRAGMA query_only = 1")
    with pytest.raises(StorageError):
        process.store(day_of(4))
    process.database._connection.execute("PRAGMA query_only = 0")
    process.store(day_of(4))
    assert facts(replayed(process.states())) == facts(day_of(4))
    assert counts(process) == (2, 0)


def test_a_session_that_another_process_removed_is_recorded_anew(process: Process, tmp_path: Path) -> None:
    process.store(day_of(3))
    other = Process(tmp_path / "archive.db")
    with other.database.transaction() as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
    other.database.close()
    assert process.store(day_of(4)) == []
    assert (states_in(process), counts(process)) == ([1], (1, 0))
    assert facts(replayed(process.states())) == facts(day_of(4))


def test_a_row_that_names_no_day_is_left_out(process: Process) -> None:
    process.store(day_of(3))
    with process.database.transaction() as connection:
        connection.execute("UPDATE day SET symbol = 'X X'")
    assert process.heads.newest(process.database) == []
    with process.database.transaction() as connection:
        connection.execute("UPDATE day SET session = 'yesterday'")
    assert process.heads.newest(process.database) == []
    with pytest.raises(StorageError, match=r"recording_damaged"):
        key_of("opend", "700.HK", "yesterday")


@pytest.mark.parametrize(
    ("zone", "periods"),
    [
        ("Nowhere/None", "[]"),
        ("America", "[[1, 2]]"),  # a folder of zones
        ("x" * 5000, "[[1, 2]]"),
        ("Asia/Hong_Kong", "["),
        ("Asia/Hong_Kong", "[" * 100_000),
        ("Asia/Hong_Kong", "5"),
        ("Asia/Hong_Kong", "[[1e400, 2]]"),
    ],
    ids=["no zone", "folder", "long", "cut off", "deep", "number", "infinite"],
)
def test_a_row_without_trading_periods_that_can_be_read_is_damaged(zone: str, periods: str) -> None:
    with pytest.raises(StorageError, match=r"recording_damaged"):
        trading_day(KEY, zone, periods, 0, 0)


def test_a_row_has_the_trading_periods_of_its_session() -> None:
    key = DayKey("opend", KEY.symbol, date(2021, 3, 4))  # a day that no other test asks for: days are kept
    day = trading_day(key, "Asia/Hong_Kong", "[[1614821400, 1614830400]]", 1, 0)
    assert (day.day, day.periods) == (key.session, ((1614821400, 1614830400),))


def test_a_missing_state_is_named_and_those_before_it_are_read(process: Process) -> None:
    process.store(*(day_of(lines) for lines in range(1, 7)))
    with process.database.transaction() as connection:
        connection.execute("DELETE FROM state WHERE number = 3")
        states, fault = states_of(connection, 1)
    assert len(states) == 2
    assert fault == Reason.of(Code.STATES_MISSING, number=3)


def test_a_reply_longer_than_any_is_said_and_the_others_are_kept(process: Process) -> None:
    (reason,) = process.store(day_of(3), day_of((1 << 20) + 1), day_of(4, OPEN + 1e9))
    assert reason.code is Code.REPLY_TOO_LONG
    assert facts(replayed(process.states())) == facts(day_of(4, OPEN + 1e9))


def test_of_a_symbol_the_newest_session_is_read_and_of_a_long_one_the_states_after_the_last_whole_one(
    process: Process,
) -> None:
    assert process.heads.newest(process.database) == []
    before = KEY._replace(session=KEY.session - timedelta(days=1))
    process.store(replace(day_of(3), session=before.session), key=before)
    process.store(*(day_of(lines) for lines in range(1, 41)))
    with process.database.transaction() as connection:
        assert connection.execute("SELECT number FROM head").fetchall() == [(32,)]
        # Not read: the newest lines come of the whole state and those after it.
        connection.execute("UPDATE state SET body = zeroblob(length(body)) WHERE day = 2 AND number < 33")
    process.heads.forget()
    (found,) = process.heads.newest(process.database)
    assert facts(found) == facts(day_of(40))
    assert process.store(day_of(41)) == []


def test_an_outage_is_written_when_it_begins_and_again_when_it_ends(tmp_path: Path) -> None:
    process = Process(tmp_path / "archive.db")
    outage = Outage(KEY.source, KEY.symbol, 5.0004, None, Reason.of(Code.NO_ANSWER))
    for end in (None, 9.0):
        process.heads.store(process.database, {}, [], [dataclasses.replace(outage, end=end)])
    with process.database.reading() as connection:
        rows = connection.execute("SELECT symbol, source, start, end, reason FROM outage").fetchall()
    assert [tuple(row) for row in rows] == [(str(KEY.symbol), KEY.source, 5.0, 9.0, outage.reason.to_json())]
    process.database.close()
