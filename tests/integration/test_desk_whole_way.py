"""The whole way: a simulated broker, the collector of a desk, the bus, and a window's monitor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import numpy as np

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.clock import SystemClock
from capflow_gui.desk.bus import BusAccess
from capflow_gui.desk.collector import Collector, CollectorConfig
from capflow_gui.desk.serving.configuration import COLLECTOR
from capflow_gui.domain.alert_record import AlertKind, AlertSearch
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.providers.desk.provider import DeskProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.simulator.opend.server import SimulatorConfig
from capflow_gui.sources import open_demo
from capflow_gui.storage.alert_history import search_alerts
from capflow_gui.storage.alert_log import AlertLog
from tests.desk_bus import Bus, bus
from tests.desk_publisher import until

__all__ = ["bus"]
_FILES = {False: "real.db", True: "simulated.db"}
FIRST, SECOND, THIRD = LIST = tuple(map(Symbol.parse, ("700.HK", "5.HK", "388.HK")))


@asynccontextmanager
async def collecting(
    bus: Bus, sessions: Calendar, log: Path, clock: SystemClock | None = None
) -> AsyncIterator[Monitor]:
    """A collector that polls what windows want, three times a second, by one rule; its monitor."""
    clock = clock or SystemClock()
    access = BusAccess(DeskConfig("127.0.0.1", bus.port, COLLECTOR), secret_of(bus, COLLECTOR))
    async with open_demo("opend", clock, SimulatorConfig(symbols=list(LIST))) as source, logging(log) as open_alerts:
        rules = RuleTable(rules=[parse_rule("*: net >= -999B")])
        kept = {"rules": rules, "open_alerts": open_alerts}
        monitor = Monitor([source], [], calendar=sessions, clock=clock, pace=Pace(1.0, 1.0, True), **kept)
        config = CollectorConfig("c1", 1, (FIRST,), {"opend": "opend"}, lease_s=1.2, beat_s=0.2)
        collector = Collector(monitor, config, access, clock)
        async with running(monitor.run(), collector.run()):
            yield monitor


@asynccontextmanager
async def watching(
    bus: Bus, user: str, symbols: list[Symbol], sessions: Calendar, log: Path, *, clock: SystemClock | None = None
) -> AsyncIterator[Monitor]:
    """A window without a screen: its monitor. Its alerts are kept in `log`."""
    clock = clock or SystemClock()
    config = DeskConfig("127.0.0.1", bus.port, user)
    provider = DeskProvider(config, secret_of(bus, user), clock, backoff=Backoff(first_s=0.1, cap_s=0.1))
    source = Source("desk", provider, Limiters("desk", {}, clock=clock), provider)
    async with logging(log) as open_alerts:
        monitor = Monitor([source], symbols, calendar=sessions, clock=clock, open_alerts=open_alerts)
        async with running(monitor.run()):
            yield monitor


@asynccontextmanager
async def logging(folder: Path) -> AsyncIterator[Callable[[bool], AlertLog]]:
    """Opens the logs of alerts in a folder, those of simulators in a file of their own, and closes them at the end."""
    opened: list[AlertLog] = []

    def open_alerts(simulated: bool) -> AlertLog:
        opened.append(AlertLog(folder / _FILES[simulated], simulated=simulated))
        return opened[-1]

    try:
        yield open_alerts
    finally:
        for each in opened:
            await asyncio.to_thread(each.close)


def secret_of(bus: Bus, user: str) -> Callable[[], Awaitable[str]]:
    async def find() -> str:
        return bus.secrets[user]

    return find


@asynccontextmanager
async def running(*works: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        ended = [task.exception() for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert ended == []


def same(shown: Monitor, polled: Monitor, symbol: Symbol) -> bool:
    """Whether a window has the collector's figures, and the same lines confirmed."""
    if symbol not in polled.symbols:
        return False
    ours, theirs = shown.row(symbol).series, polled.row(symbol).series
    return (
        ours is not None
        and theirs is not None
        and np.array_equal(ours.values, theirs.values, equal_nan=True)
        and ours.confirmed.tolist() == theirs.confirmed.tolist()
        and ours.line_flags.tolist() == theirs.line_flags.tolist()
        and ours.received == theirs.received
    )


async def test_a_window_has_what_the_collector_has_through_a_killed_server(
    bus: Bus, sessions: Calendar, expect_log, tmp_path: Path
):
    """What a window adds is polled for it; alerts of the desk reach it, and its acknowledgement reaches the desk.

    They are in its own log afterwards, with who acknowledged them.
    """
    expect_log(r"WARNING capflow_gui\.(providers\.link: desk|desk\.bus: the bus)")
    log, mine = tmp_path / "window", [FIRST, SECOND]
    polling = collecting(bus, sessions, tmp_path / "collector")
    async with polling as polled, watching(bus, "ws01", mine, sessions, log) as shown:
        await until(lambda: same(shown, polled, FIRST) and same(shown, polled, SECOND))
        await until(lambda: shown.row(SECOND).quote is not None)
        assert shown.row(SECOND).name == polled.row(SECOND).name
        assert shown.simulated
        assert shown.budgets[0].limit == polled.budgets[0].limit == 30
        await until(lambda: any(record.symbol == SECOND for record in shown.alerts))
        alert = next(record for record in shown.alerts if record.symbol == SECOND)
        assert [record.id for record in polled.alerts if record.symbol == SECOND] == [alert.id]
        shown.acknowledge([alert.id])
        await until(lambda: next(each for each in polled.alerts if each.id == alert.id).acknowledged)
        assert shown.row(FIRST).freshness in (Freshness.LIVE, Freshness.CLOSED, Freshness.PREVIOUS_SESSION)
        bus.restart()
        shown.add_symbols([THIRD])
        await until(lambda: all(same(shown, polled, symbol) for symbol in LIST))
        assert len([record for record in shown.alerts if record.symbol == SECOND]) == 1
        await until(lambda: any(each.seen_by for each in shown.alerts if each.id == alert.id))
    kept = search_alerts(log / _FILES[True], AlertSearch("5.HK ws01", AlertKind.SHARED, date.min, date.max))
    assert [(each.id, each.source, each.seen_by) for each in kept] == [(alert.id, "opend", "ws01")]


class SteppedClock(SystemClock):
    """The computer's, whose wall clock is set while it runs."""

    step_s = 0.0

    def wall(self) -> float:
        return super().wall() + self.step_s


async def test_wall_clocks_that_are_set_change_no_figure(bus: Bus, sessions: Calendar, tmp_path: Path):
    """By hours, of the collector's computer and of the window's, which connects anew as after a sleep."""
    clocks = SteppedClock(), SteppedClock()
    polling = collecting(bus, sessions, tmp_path / "collector", clocks[0])
    watch = watching(bus, "ws01", [FIRST, SECOND], sessions, tmp_path / "ws01", clock=clocks[1])
    async with polling as polled, watch as shown:
        await until(lambda: same(shown, polled, FIRST) and same(shown, polled, SECOND))
        for clock, step_s in ((clocks[0], 7200.0), (clocks[1], -7200.0), (clocks[0], -7200.0), (clocks[1], 7200.0)):
            clock.step_s = step_s
            at = clock.monotonic()
            await until(lambda at=at: all((polled.row(each).polled_at or 0.0) > at for each in (FIRST, SECOND)))
            await until(lambda: same(shown, polled, FIRST) and same(shown, polled, SECOND))
            assert shown.row(FIRST).freshness is polled.row(FIRST).freshness
