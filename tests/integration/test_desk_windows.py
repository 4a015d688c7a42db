"""A desk as a source of the whole monitor: pushed figures are judged, shown, and alerted on as asked ones are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import numpy as np
import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.clock import SystemClock
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.quota.limiters import Limiters
from tests.desk_bus import Bus, bus
from tests.desk_publisher import Publisher, lines, symbols, until
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
