"""When a source is asked for its time, and what is told of the answers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import RequestTimeout
from capflow_gui.feed.market_clock import ASK_EVERY_S, MarketClock
from capflow_gui.feed.timekeeper import Timekeeper
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock, run_pending

SILENT = RequestTimeout("opend", Reason.of(Code.NO_ANSWER_IN_TIME, seconds=10.0))


class Rig:
    """A source whose answers a test gives: seconds it is ahead of this computer, or an error."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.ahead: float | Exception = 0.0
        self.simulated = False
        self.asked = 0
        self.told: list[bool] = []
        self.market = MarketClock(self.clock)
        self.provider = SimpleNamespace(source="opend", get_global_state=self.answer, heard_time=None)
        self.connect(LinkPhase.READY)
        self.keeper = Timekeeper(self.provider, self.market, self.clock, self.told.append)  # type: ignore[arg-type]

    def connect(self, phase: LinkPhase) -> None:
        self.provider.link = LinkState("opend", phase, 0.0)

    async def answer(self) -> GlobalState:
        self.asked += 1
        if isinstance(self.ahead, Exception):
            raise self.ahead
        return GlobalState(self.clock.wall() + self.ahead, True, 1, self.simulated, {})

    async def pass_s(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.move(1.0)
            await run_pending()


@asynccontextmanager
async def running() -> Any:
    rig = Rig()
    task = asyncio.create_task(rig.keeper.run())
    await run_pending()
    try:
        yield rig
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_source_is_asked_often_at_first_and_then_once_a_minute() -> None:
    async with running() as rig:
        assert (rig.asked, rig.told, rig.market.known) == (1, [True], True)
        await rig.pass_s(7)
        assert rig.asked == 3
        await rig.pass_s(2 * int(ASK_EVERY_S))
        assert rig.asked == 5
        assert rig.told == [True, False, False, False, False]


async def test_a_step_is_told() -> None:
    async with running() as rig:
        await rig.pass_s(7)
        rig.ahead = 3600.0
        rig.keeper.ask_now()
        await run_pending()
        assert rig.told[-1]
        assert rig.market.skewed


async def test_a_source_that_fails_is_asked_again() -> None:
    async with running() as rig:
        rig.ahead = SILENT
        rig.keeper.ask_now()
        await run_pending()
        assert rig.told == [True, False]
        rig.ahead = 0.0
        await rig.pass_s(int(ASK_EVERY_S))
        assert rig.asked > 2


async def test_nobody_is_asked_without_a_connection() -> None:
    async with running() as rig:
        rig.connect(LinkPhase.WAITING)
        rig.keeper.ask_now()
        await rig.pass_s(int(ASK_EVERY_S))
        assert (rig.asked, rig.told) == (1, [True])


async def test_who_has_once_said_to_be_a_simulator_is_one() -> None:
    async with running() as rig:
        assert not rig.keeper.simulated
        rig.simulated = True
        rig.keeper.ask_now()
        await run_pending()
        rig.simulated = False
        rig.keeper.ask_now()
        await run_pending()
        assert rig.keeper.simulated


async def test_before_it_is_asked_a_source_s_time_is_what_it_said_at_its_login() -> None:
    rig = Rig()
    assert rig.keeper.now() == rig.clock.wall()
    rig.provider.heard_time = (1_654_640_000.0, rig.clock.monotonic() - 2.0)
    assert rig.keeper.now() == 1_654_640_002.0
    for absurd in (5000.0, 1e18, -1e18, float("nan")):  # no calendar knows such a date
        rig.provider.heard_time = (absurd, rig.clock.monotonic())
        assert rig.keeper.now() == rig.clock.wall()
    rig.market.answered(rig.clock.monotonic(), rig.clock.monotonic(), 1_654_651_800.0)
    assert rig.keeper.now() == 1_654_651_800.0
