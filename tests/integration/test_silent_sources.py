"""A source that takes the connection and says nothing is told of within 15 s, in whichever phase it falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from capflow_gui.credentials import AppKey
from capflow_gui.domain.session import Calendar, Phase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.quota.quota_file import QuotaFile
from capflow_gui.reason import Code
from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from capflow_gui.simulator.longport.server import LongportSimulator
from capflow_gui.simulator.opend.server import SimulatorConfig
from capflow_gui.wire.opend.frame import Proto
from tests.integration.conftest import make_source
from tests.integration.hurried_clock import HurriedClock, PatientClock
from tests.integration.rude_opend import OPEN, RudeOpend
from tests.unit.simulator.longport.client import simulated

LINK_LOG = r"WARNING capflow_gui\.providers\."
NAME = "source"
# What an OpenD leaves unanswered, that tells its time or does not.
SILENT_FROM = {
    "connect": [Proto.INIT_CONNECT],
    "login": [Proto.GLOBAL_STATE, Proto.CAPITAL_FLOW],
    "first answer": [Proto.CAPITAL_FLOW],
}


class Clock(HurriedClock):
    """Thirty seconds a second, of a computer on which it is `began`."""

    def __init__(self, began: float) -> None:
        super().__init__(30.0)
        self.began = began - self.monotonic()

    def wall(self) -> float:
        return self.began + self.monotonic()


@asynccontextmanager
async def listening() -> AsyncIterator[str]:
    """The address of somebody who reads and says nothing."""

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read(-1)
        writer.close()

    async with await asyncio.start_server(read, "127.0.0.1", 0) as server:
        yield "{}:{}".format(*server.sockets[0].getsockname())


async def told_after(source: Source, clock: HurriedClock, sessions: Calendar, symbol: str = "700.HK") -> float:
    """The seconds from the start of a monitor until it says that its source is lost or silent."""
    said: list[Code] = []
    symbols = [Symbol.parse(symbol)]
    monitor = Monitor(
        [source], symbols, calendar=sessions, clock=clock, tell_health=lambda problem, _over: said.append(problem.code)
    )
    subscription = monitor.subscribe("rig")
    subscription.show(symbols)
    began = clock.monotonic()
    running = asyncio.create_task(monitor.run())
    try:
        while not said:
            assert clock.monotonic() - began < 60.0, "nothing is said"
            await clock.sleep_until(clock.monotonic() + 0.1)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        subscription.close()
    assert said in ([Code.SOURCE_LOST], [Code.SOURCE_SILENT])
    return clock.monotonic() - began


@pytest.mark.parametrize("phase", SILENT_FROM)
async def test_an_opend_that_says_nothing(sessions, expect_log, phase) -> None:
    if phase != "first answer":
        expect_log(LINK_LOG)
    clock = Clock(OPEN + 60.0)
    async with RudeOpend() as opend:
        opend.on |= dict.fromkeys(SILENT_FROM[phase])
        assert await told_after(make_source(NAME, opend.port, clock), clock, sessions) <= 15.5


def longport(config: LongportConfig, key: AppKey, clock: HurriedClock) -> Source:
    provider = LongportProvider(config, KeyLogin(key, clock), clock, NAME)
    limits = provider.capabilities.limits
    return Source(NAME, provider, Limiters("longport/test", limits, clock=clock, file=QuotaFile(None)))


def longport_at(simulator: LongportSimulator, clock: HurriedClock) -> Source:
    account = simulator.account
    key = AppKey(account.app_key, account.app_secret, account.access_token)
    return longport(LongportConfig(simulator.http_url, simulator.ws_url, simulator.tcp), key, clock)


async def test_a_longport_that_says_nothing(sessions) -> None:
    clock = Clock(OPEN + 60.0)
    async with listening() as address:
        config = LongportConfig(f"http://{address}", f"ws://{address}", address)
        assert await told_after(longport(config, AppKey("key", "secret", "token"), clock), clock, sessions) <= 15.5


# A symbol of each half of the globe, and a time at which its market is open.
SOMEWHERE = [("700.HK", "2022-06-08T10:47:00+08:00"), ("AAPL.US", "2022-06-08T10:47:00-04:00")]


@pytest.mark.parametrize("fault", ["no-init", "unanswered:1"])
async def test_a_longport_that_gives_a_password_and_says_nothing_more(sessions, expect_log, fault) -> None:
    """Its own clock says that the market is open, where by that of the computer it is not."""
    if fault == "no-init":
        expect_log(LINK_LOG)
    clock = PatientClock(30.0)
    phases = {text: sessions.now(Symbol.parse(text).market, clock.wall()).phase for text, _ in SOMEWHERE}
    symbol, time = next(each for each in SOMEWHERE if phases[each[0]] is not Phase.OPEN)
    async with simulated(ServerConfig(calls=None), SimulatorConfig(clock=time)) as simulator:
        simulator.faults.add(fault)
        assert await told_after(longport_at(simulator, clock), clock, sessions, symbol) <= 15.5
