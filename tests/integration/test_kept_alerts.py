"""Monitors on a simulated OpenD that keep their alerts in one file, as the window and `watch` of a profile do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import AlertEvent
from capflow_gui.monitor import Monitor
from capflow_gui.present.reasons import reason_words
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.storage.alert_log import AlertLog
from tests.integration.conftest import make_source
from tests.integration.hurried_clock import HurriedClock

TENCENT = Symbol.parse("700.HK")
LEVEL = 1e12  # whatever flows, it is below


class Program:
    """A monitor at work, with the alerts it told of."""

    def __init__(self, monitor: Monitor, clock: HurriedClock) -> None:
        self.monitor = monitor
        self.clock = clock
        self._told = monitor.subscribe("test", events=True)
        self.changes: list[AlertChange] = []

    async def listen(self) -> None:
        async for event in self._told:
            if isinstance(event, AlertEvent):
                self.changes.append(event.change)

    async def until(self, condition: Callable[[], object], within_s: float = 60.0) -> None:
        deadline = self.clock.monotonic() + within_s
        while not condition():
            assert self.clock.monotonic() < deadline, f"never came true: {condition}"
            await self.clock.sleep_until(self.clock.monotonic() + 0.1)

    @property
    def alert(self) -> AlertRecord | None:
        return self.monitor.row(TENCENT).alert


@pytest.fixture
async def start(sessions: Calendar, tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    """Start a program on one simulator and one file; leave the context to end it."""
    clock = HurriedClock(20.0)
    async with OpendSimulator(SimulatorConfig(), clock=clock, calendar=sessions) as simulator:

        @asynccontextmanager
        async def program(*, profile: bool | None = True, connected: bool = True) -> AsyncIterator[Program]:
            async with AsyncExitStack() as stack:

                def open_alerts(simulated: bool) -> AlertLog:
                    log = AlertLog(tmp_path / "capflow.db", simulated=simulated)
                    stack.push_async_callback(asyncio.to_thread, log.close)
                    return log

                monitor = Monitor(
                    [make_source("opend", simulator.port, clock)] if connected else [],
                    [TENCENT],
                    calendar=sessions,
                    clock=clock,
                    rules=RuleTable(default=LEVEL),
                    open_alerts=open_alerts,
                    simulated=profile,
                )
                running = Program(monitor, clock)
                tasks = [asyncio.create_task(monitor.run()), asyncio.create_task(running.listen())]
                try:
                    yield running
                finally:
                    for task in tasks:
                        task.cancel()
                        with suppress(asyncio.CancelledError):
                            await task

        yield program


async def test_an_acknowledgement_in_one_program_is_seen_by_the_other_within_a_second(start) -> None:
    async with start() as window, start(profile=None) as watch:
        await window.until(lambda: window.alert is not None)
        await watch.until(lambda: watch.alert is not None)
        assert window.alert.id == watch.alert.id
        watch.clock.speed = 2.0  # threads do not hurry
        window.monitor.acknowledge([window.alert.id])
        # A look a second, and the time two threads take to write and to read on a busy machine.
        await watch.until(lambda: watch.alert.acknowledged, within_s=1.0 + 4.0)
        watch.clock.speed = 20.0
    async with start() as again:
        await again.until(lambda: again.alert is not None)
        assert again.alert.acknowledged
        assert len(again.monitor.alerts) == 1


async def test_a_file_that_is_locked_at_the_start_gets_everything_later(
    start, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("alerts are not being saved")
    holder = sqlite3.connect(tmp_path / "capflow.db", isolation_level=None)
    holder.execute("PRAGMA journal_mode = WAL")
    holder.execute("BEGIN EXCLUSIVE")
    async with start() as program:
        await program.until(lambda: program.monitor.troubles and program.alert is not None)
        assert "alerts are not being saved" in " ".join(map(reason_words, program.monitor.troubles))
        holder.execute("ROLLBACK")
        holder.close()
        await program.until(lambda: not program.monitor.troubles)
        raised = program.alert
    assert program.changes == [AlertChange.RAISED]
    async with start() as again:
        await again.until(lambda: again.alert is not None)
        assert again.alert.id == raised.id
        row = again.monitor.row(TENCENT)
        await again.until(lambda: again.monitor.row(TENCENT).series is not row.series)
        assert again.changes == []


async def test_removing_a_symbol_ends_what_stands_on_it(start) -> None:
    async with start() as program:
        await program.until(lambda: program.alert is not None)
        program.monitor.remove_symbols([TENCENT])
        assert [record.standing for record in program.monitor.alerts] == [False]
    async with start() as again:
        await again.until(lambda: again.changes)
        # Watched again, it is told again: the same record, once more.
        assert again.changes == [AlertChange.RAISED]
        assert len(again.monitor.alerts) == 1


async def test_an_alert_nobody_saw_is_there_whatever_is_connected(start) -> None:
    async with start() as program:
        await program.until(lambda: program.alert is not None)
    async with start(connected=False) as left:
        await left.until(lambda: left.alert is not None)
        assert left.alert.waiting
        assert left.monitor.alerts == (left.alert,)
        left.monitor.acknowledge()
    async with start(connected=False) as again:
        await again.until(lambda: again.monitor.alerts)
        assert again.alert.acknowledged
