"""Monitors and `watch --record` on a simulated OpenD: what they record, whatever happens to them or to the file."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.news import Loaded, News
from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.archive.writer import ArchiveWriter
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.monitor import Monitor
from capflow_gui.present.reasons import reason_words
from capflow_gui.settings import ArchiveSettings
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.storage.database import Database
from tests.full_disk import fill, small_disk
from tests.integration.conftest import make_source
from tests.integration.hurried_clock import HurriedClock

TENCENT, MEITUAN = Symbol.parse("700.HK"), Symbol.parse("3690.HK")
LIST = [TENCENT, MEITUAN]


def at(hour: int, minute: int = 0, second: int = 0) -> float:
    """An instant of 2026-06-10 in Hong Kong, a Wednesday."""
    return datetime(2026, 6, 10, hour, minute, second, tzinfo=ZoneInfo("Asia/Hong_Kong")).timestamp()


def recorded(folder: Path) -> dict[Symbol, FlowSeries]:
    """The newest session of every symbol in the archive of a profile."""
    told: list[News] = []
    opened = threading.Event()

    def tell(news: News) -> None:
        told.append(news)
        opened.set()

    writer = ArchiveWriter(folder / FILE_NAME, simulated=True, retention=ArchiveSettings())
    writer.start(tell)
    assert opened.wait(30)
    writer.close()
    [loaded] = told
    assert isinstance(loaded, Loaded)
    assert loaded.notices == ()
    return {series.symbol: series for series in loaded.series}


def same_day(one: FlowSeries, other: FlowSeries) -> bool:
    """Whether two series have the same lines, and the same of them confirmed."""
    return (
        one.session == other.session
        and np.array_equal(one.timestamps, other.timestamps)
        and np.array_equal(one.values, other.values, equal_nan=True)
        and np.array_equal(one.confirmed, other.confirmed)
    )


def counted(folder: Path, what: str = "polls, unchanged, complete") -> tuple[int, ...]:
    """Of Tencent's session in the archive."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as file:
        found: tuple[int, ...] = file.execute(f"SELECT {what} FROM day WHERE symbol = '700.HK'").fetchone()  # noqa: S608
    return found


class Program:
    """A monitor at work that records in a folder."""

    def __init__(self, monitor: Monitor, clock: HurriedClock) -> None:
        self.monitor = monitor
        self.clock = clock

    async def until(self, condition: Callable[[], object], within_s: float = 120.0) -> None:
        deadline = self.clock.monotonic() + within_s
        while not condition():
            assert self.clock.monotonic() < deadline, f"never came true: {condition}; {self.monitor.links}"
            await self.clock.sleep_until(self.clock.monotonic() + 0.1)

    def has_polled(self) -> bool:
        """Whether every symbol was answered."""
        return all(self.monitor.row(symbol).polled_at is not None for symbol in LIST)

    @property
    def troubles(self) -> str:
        return "; ".join(map(reason_words, self.monitor.troubles))


Start = Callable[..., AbstractAsyncContextManager[Program]]


@pytest.fixture
async def clock() -> HurriedClock:
    return HurriedClock(20.0)


@pytest.fixture
async def simulator(clock: HurriedClock, sessions: Calendar) -> AsyncIterator[OpendSimulator]:
    """A market whose clock stands unless a test moves it: it begins at ten o'clock."""
    config = SimulatorConfig(clock="2026-06-10T10:00:00+08:00", rate_limit=None, speed=0.0)
    async with OpendSimulator(config, clock=clock, calendar=sessions) as running:
        yield running


@pytest.fixture
def start(sessions: Calendar, clock: HurriedClock, simulator: OpendSimulator, tmp_path: Path) -> Start:
    @asynccontextmanager
    async def program(
        folder: Path = tmp_path, *, real: bool = False, rules: RuleTable | None = None, symbols: Sequence[Symbol] = LIST
    ) -> AsyncIterator[Program]:
        archive = await asyncio.to_thread(ProfileArchive, folder, ArchiveSettings(), real=real)
        source = make_source("opend", simulator.port, clock)
        monitor = Monitor([source], symbols, calendar=sessions, clock=clock, rules=rules, archive=archive)
        task = asyncio.create_task(monitor.run())
        try:
            yield Program(monitor, clock)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await asyncio.to_thread(archive.close)

    return program


async def test_a_day_in_pieces_is_the_day_of_a_run_that_never_stopped(
    start: Start, simulator: OpendSimulator, tmp_path: Path
) -> None:
    async with start(tmp_path / "whole") as whole:
        async with start(tmp_path / "pieces") as first:
            await first.until(first.has_polled)
            await whole.until(whole.has_polled)
        simulator.market_clock.set(at(15, 40))
        async with start(tmp_path / "pieces") as second:
            await second.until(second.has_polled)
            await second.until(lambda: "not watching 10:00–15:40" in second.troubles)
            simulator.market_clock.set(at(16, 13))
            for program in (second, whole):
                await program.until(lambda program=program: is_final(program))
    pieces, never_stopped = recorded(tmp_path / "pieces"), recorded(tmp_path / "whole")
    assert pieces.keys() == never_stopped.keys() == set(LIST)
    assert all(same_day(pieces[symbol], never_stopped[symbol]) for symbol in LIST)
    assert all(len(series) == 331 and series.confirmed.all() for series in pieces.values())
    assert counted(tmp_path / "pieces", "complete") == counted(tmp_path / "whole", "complete") == (1,)
    with closing(sqlite3.connect(tmp_path / "pieces" / FILE_NAME)) as file:
        [(source, begin, end)] = file.execute("SELECT source, start, end FROM gap WHERE end - start > 3600").fetchall()
    assert source == "opend"
    assert begin == pytest.approx(at(10), abs=5)
    assert end == pytest.approx(at(15, 40), abs=5)


def is_final(program: Program) -> bool:
    """Whether every row shows a day whose lines are all confirmed."""
    rows = [program.monitor.row(symbol) for symbol in LIST]
    return all(row.series is not None and len(row.series) == 331 and row.series.confirmed.all() for row in rows)


async def test_one_poll_after_the_close_completes_the_day(
    start: Start, simulator: OpendSimulator, tmp_path: Path
) -> None:
    async with start() as morning:
        await morning.until(morning.has_polled)
    assert counted(tmp_path, "complete") == (0,)
    simulator.market_clock.set(at(20))
    async with start() as evening:
        await evening.until(evening.has_polled)
    assert counted(tmp_path, "complete") == (1,)
    assert all(len(series) == 331 and series.confirmed.all() for series in recorded(tmp_path).values())


async def test_todays_record_is_shown_with_its_age_until_the_first_reply_and_judged_by_no_rule(
    start: Start, simulator: OpendSimulator
) -> None:
    async with start() as before:
        await before.until(before.has_polled)
        kept = before.monitor.row(TENCENT).series
    simulator.market_clock.set(at(10, 30))
    simulator.faults.add("delay:6,interface=3211")
    async with start(rules=RuleTable(default=1e12)) as again:  # whatever flows, it is below
        await again.until(lambda: again.monitor.row(TENCENT).series is not None)
        row = again.monitor.row(TENCENT)
        assert same_day(row.series, kept)
        assert (row.freshness, row.polled_at) == (Freshness.NEVER_POLLED, None)
        assert row.age_s == pytest.approx(1800, abs=65)
        await again.clock.sleep_until(again.clock.monotonic() + 2.0)
        assert (again.monitor.row(TENCENT).polled_at, again.monitor.alerts) == (None, ())
        await again.until(again.has_polled)
        row = again.monitor.row(TENCENT)
        assert row.freshness is Freshness.LIVE
        assert np.isin(kept.timestamps[kept.confirmed], row.series.timestamps[row.series.confirmed]).all()
        await again.until(lambda: again.monitor.alerts)


async def test_two_programs_record_one_day(start: Start, simulator: OpendSimulator, tmp_path: Path) -> None:
    async with start() as one, start() as other:
        for minute in range(1, 4):
            simulator.market_clock.set(at(10, minute), 1.0)
            label = at(10, minute)
            for program in (one, other):
                await program.until(lambda program=program, label=label: shows(program, label))
    newest = max((each.monitor.row(TENCENT).series for each in (one, other)), key=lambda series: series.received)
    assert same_day(recorded(tmp_path)[TENCENT], newest)
    polls, unchanged, _ = counted(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        (states,) = file.execute(
            "SELECT count(*) FROM state JOIN day ON day.id = state.day WHERE symbol = '700.HK'"
        ).fetchone()
    assert polls >= 4  # two each: a line is labelled by the end of its minute
    assert states + unchanged <= polls


def shows(program: Program, label: float) -> bool:
    """Whether the line of a label is on screen."""
    series = program.monitor.row(TENCENT).series
    return series is not None and len(series) > 0 and series.timestamps[-1] >= label


async def test_a_simulator_is_refused_by_the_archive_of_real_sources(start: Start, tmp_path: Path) -> None:
    Database.open(tmp_path / FILE_NAME, SCHEMA, simulated=False).close()
    async with start() as program:
        await program.until(program.has_polled)
        assert "gives simulated figures, and this profile records real sources only" in program.troubles
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        assert file.execute("SELECT count(*) FROM day").fetchone() == (0,)


async def test_a_file_that_is_locked_gets_everything_later(
    start: Start, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("archive.db cannot be")
    Database.open(tmp_path / FILE_NAME, SCHEMA, simulated=True).close()
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    async with start() as program:
        await program.until(lambda: program.has_polled() and "locked" in program.troubles)
        holder.execute("ROLLBACK")
        holder.close()
        await program.until(lambda: not program.troubles)
        shown = program.monitor.row(TENCENT).series
    assert same_day(recorded(tmp_path)[TENCENT], shown)


async def test_a_full_disk_loses_no_line(start: Start, tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    expect_log("archive.db cannot be")
    folder = tmp_path / "disk"
    with small_disk(folder, size="2m") as filler:
        fill(filler)
        async with start(folder, symbols=[TENCENT]) as program:
            await program.until(lambda: program.monitor.row(TENCENT).polled_at is not None and program.troubles)
            assert "archive.db cannot be" in program.troubles
            filler.unlink()
            await program.until(lambda: not program.troubles)
            shown = program.monitor.row(TENCENT).series
        assert same_day(recorded(folder)[TENCENT], shown)


async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    start: Start, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("archive.db was damaged")
    damaged = b"SQLite format 3\0" + bytes(range(256)) * 64
    (tmp_path / FILE_NAME).write_bytes(damaged)
    async with start() as program:
        await program.until(lambda: program.has_polled() and "archive.db was damaged" in program.troubles)
        shown = program.monitor.row(TENCENT).series
    assert same_day(recorded(tmp_path)[TENCENT], shown)
    assert (tmp_path / f"{FILE_NAME}.damaged-1").read_bytes() == damaged


async def test_beside_the_file_of_a_newer_version_is_recorded_in_a_fresh_one(
    start: Start, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("newer Capflow")
    expect_log("archive.version-1.db")
    Database.open(tmp_path / FILE_NAME, SCHEMA, simulated=True).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        file.execute(f"PRAGMA user_version = {SCHEMA.version + 1}")
    newer = (tmp_path / FILE_NAME).read_bytes()
    async with start() as program:
        await program.until(lambda: program.has_polled() and "archive.version-1.db" in program.troubles)
    assert (tmp_path / FILE_NAME).read_bytes() == newer
    with closing(sqlite3.connect(tmp_path / "archive.version-1.db")) as file:
        assert file.execute("SELECT count(*) FROM day").fetchone() == (len(LIST),)
