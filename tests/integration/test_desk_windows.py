"""A desk as a source of the whole monitor: pushed figures are judged, shown, and alerted on as asked ones are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.clock import SystemClock
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.quota.limiters import Limiters
from tests.desk_bus import Bus, bus
from tests.desk_publisher import OPEN, Publisher, lines, symbols, until
from tests.integration.conftest import collect
from tests.unit.providers.desk.linked import linked, publishing

__all__ = ["bus"]
TENCENT, BERKSHIRE, ABSENT = *symbols(2), symbols(3)[2]


@pytest.fixture
async def publisher(bus: Bus) -> AsyncIterator[Publisher]:
    """One hour of a morning in Hong Kong."""
    async with publishing(bus) as found:
        await found.publish(TENCENT, lines(60))
        yield found


async def test_a_window_shows_what_the_desk_has_and_alerts_by_its_own_rules(
    bus: Bus, publisher: Publisher, sessions: Calendar
):
    falling = lines(61)
    falling.amounts[0, 55:] = -5e8
    falling.amounts[1:, 55:] = np.nan
    async with linked(bus) as desk:
        provider = desk.provider
        source = Source("desk", provider, Limiters("desk", {}, clock=SystemClock()), provider)
        rules = RuleTable(rules=[parse_rule("*: net <= -200M")])
        monitor = Monitor([source], [TENCENT, ABSENT], calendar=sessions, clock=SystemClock(), rules=rules)
        events: list[object] = []
        subscription = monitor.subscribe("window", events=True)
        subscription.show([TENCENT])
        hearing = asyncio.create_task(collect(subscription, events))
        # The provider runs already.
        running = asyncio.create_task(_without_link(monitor))
        try:
            await until(lambda: monitor.row(TENCENT).freshness is Freshness.LIVE)
            row = monitor.row(TENCENT)
            assert (row.source, row.name, row.cycle_s) == ("desk", "Tencent", 20.0)
            assert row.series is not None
            assert len(row.series) == 60
            assert monitor.row(ABSENT).freshness is Freshness.NEVER_POLLED
            assert monitor.row(ABSENT).error is None
            assert monitor.budgets[0].limit == 30
            assert monitor.poll_budgets[0].turns[0].symbol == TENCENT
            await until(lambda: publisher.interests["ws01"].shown == (TENCENT,))
            assert publisher.interests["ws01"].watched == (TENCENT, ABSENT)
            await publisher.publish(TENCENT, falling)
            await until(lambda: any(isinstance(event, AlertEvent) for event in events))
            monitor.add_symbols([BERKSHIRE])
            await until(lambda: BERKSHIRE in publisher.interests["ws01"].watched)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            subscription.close()
            await hearing


async def _without_link(monitor: Monitor) -> None:
    for feed in monitor.feeds:
        feed.provider.run = asyncio.Event().wait
    await monitor.run()


async def test_an_alert_of_the_desk_is_everybodys_and_acknowledged_by_anybody(
    bus: Bus, publisher: Publisher, sessions: Calendar, expect_log
):
    """Two windows, through a server that is killed meanwhile: one id, told once in each, and who acknowledged it."""
    expect_log("WARNING capflow_gui.providers.link: desk: bus_lost")
    about = "a1b2", "opend", TENCENT, "net <= -200M", AlertState.ACTIVE, "2026-06-08"
    record = AlertRecord(*about, OPEN + 3600, -3e8, -2e8, OPEN + 3660.0)
    async with linked(bus) as first, linked(bus, user="ws02") as second:
        monitors, told = [], ([], [])
        for desk, events in zip((first, second), told, strict=True):
            source = Source("desk", desk.provider, Limiters("desk", {}, clock=SystemClock()), desk.provider)
            monitor = Monitor([source], [TENCENT], calendar=sessions, clock=SystemClock())
            monitors.append(monitor)
            desk.provider.on_alert(events.append)
        await until(lambda: all(desk.provider.link.phase is LinkPhase.READY for desk in (first, second)))
        await publisher.alert(record)
        await until(lambda: all(monitor.alerts for monitor in monitors))
        assert [monitor.row(TENCENT).alert.id for monitor in monitors] == ["a1b2", "a1b2"]
        monitors[1].acknowledge(["a1b2"])
        await until(lambda: monitors[0].alerts[0].seen_by == "ws02")
        assert monitors[0].alerts[0].acknowledged
        assert [sum(each.fresh for each in events) for events in told] == [1, 1]
        bus.kill()
        escalated = replace(record, told=2, escalations=1)
        bus.start()
        await publisher.alert(escalated)
        await until(lambda: all(not monitor.alerts[0].acknowledged for monitor in monitors))
        assert [len(monitor.alerts) for monitor in monitors] == [1, 1]
