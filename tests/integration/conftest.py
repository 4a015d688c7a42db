"""A monitor on a simulated OpenD over real loopback, with a clock that hurries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import Event
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.feed.source import Source
from capflow_gui.feed.subscriptions import Subscription
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.quota.quota_file import QuotaFile
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.integration.hurried_clock import HurriedClock


@dataclass
class Rig:
    simulator: OpendSimulator
    monitor: Monitor
    clock: HurriedClock
    subscription: Subscription
    questions: FeedQuestions
    events: list[Event] = field(default_factory=list)

    async def until(self, condition: Callable[[], object], within_s: float = 120.0) -> None:
        """Wait for `condition` in the clock's seconds."""
        deadline = self.clock.monotonic() + within_s
        while not condition():
            assert self.clock.monotonic() < deadline, f"never came true: {condition}; {self.monitor.links}"
            await self.clock.sleep_until(self.clock.monotonic() + 0.1)

    def all_seen_since(self, at: float) -> bool:
        """Whether every symbol has a good reply since monotonic `at`."""
        rows = [self.monitor.row(symbol) for symbol in self.monitor.symbols]
        return all(row.error is None and row.polled_at is not None and row.polled_at > at for row in rows)


async def collect(subscription: Subscription, events: list[Event]) -> None:
    """Append every event until the subscription is closed."""
    async for event in subscription:
        events.append(event)  # noqa: PERF401 - as they come


Watched = Callable[..., AbstractAsyncContextManager[Rig]]


@pytest.fixture(scope="session")
def sessions() -> Calendar:
    return Calendar.from_json(resource("sessions.json").read_bytes())


def make_source(name: str, port: int, clock: HurriedClock, quota: Path | None = None) -> Source:
    provider = OpendProvider(OpendConfig("127.0.0.1", port), clock, name)
    limits = provider.capabilities.limits
    return Source(name, provider, Limiters(f"opend/127.0.0.1:{port}", limits, clock=clock, file=QuotaFile(quota)))


@pytest.fixture
def new_source() -> Callable[..., Source]:
    return make_source


@pytest.fixture
def watched(sessions: Calendar) -> Watched:
    @asynccontextmanager
    async def build(
        symbols: Sequence[str],
        *,
        speed: float = 20.0,
        config: SimulatorConfig | None = None,
        rules: RuleTable | None = None,
        pace: Pace | None = None,
        quota: Path | None = None,
    ) -> AsyncIterator[Rig]:
        clock = HurriedClock(speed)
        async with OpendSimulator(config or SimulatorConfig(), clock=clock, calendar=sessions) as simulator:
            source = make_source("opend", simulator.port, clock, quota)
            names = [Symbol.parse(text) for text in symbols]
            monitor = Monitor([source], names, calendar=sessions, clock=clock, rules=rules, pace=pace)
            subscription = monitor.subscribe("rig", events=True)
            subscription.show(names)
            rig = Rig(simulator, monitor, clock, subscription, FeedQuestions(monitor.feeds))
            running = asyncio.create_task(monitor.run(), name="monitor")
            hearing = asyncio.create_task(collect(subscription, rig.events), name="events")
            try:
                yield rig
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
                subscription.close()
                await hearing

    return build
