"""What keeps a connection waiting, survived without a restart: on a clock that runs thirty times as fast."""

from __future__ import annotations

import asyncio
import logging

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import AuthFailed, CapflowError
from capflow_gui.providers.longport import LongportProvider
from capflow_gui.providers.longport_config import LongportConfig, Transport
from capflow_gui.providers.longport_login import KeyLogin
from capflow_gui.simulator.longport_server import LongportConfig as ServerConfig
from capflow_gui.simulator.longport_server import LongportSimulator
from tests.unit.simulator.longport_client import simulated

TENCENT = Symbol.parse("700.HK")
FREE = ServerConfig(calls=None)
_SPEED = 30.0


class FastClock(SystemClock):
    """Thirty seconds a second."""

    def monotonic(self) -> float:
        return super().monotonic() * _SPEED

    async def sleep_until(self, deadline: float) -> None:
        await super().sleep_until(deadline / _SPEED)
        while self.monotonic() < deadline:
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _losses_are_expected(caplog: pytest.LogCaptureFixture) -> None:
    """Each fault is warned of in its own words, which test_longport_provider.py looks at."""
    caplog.set_level(logging.ERROR, "capflow_gui.providers")


def provider_of(simulator: LongportSimulator, transport: Transport) -> LongportProvider:
    clock = FastClock()
    account = simulator.account
    key = AppKey(account.app_key, account.app_secret, account.access_token)
    config = LongportConfig(simulator.http_url, simulator.ws_url, simulator.tcp, transport=transport)
    return LongportProvider(config, KeyLogin(key, clock), clock)


async def asked(provider: LongportProvider) -> FlowSeries | CapflowError:
    try:
        return await provider.get_capital_flow(TENCENT)
    except CapflowError as error:
        return error


async def answered(provider: LongportProvider) -> None:
    """Ask until there is an answer."""
    clock = FastClock()
    async with asyncio.timeout(20):
        while not isinstance(await asked(provider), FlowSeries):
            await clock.sleep_until(clock.monotonic() + 1.0)


@pytest.mark.parametrize("transport", ["websocket", "tcp", "http"])
@pytest.mark.parametrize(
    "fault",
    [
        "unanswered:2",
        "stall",
        "delay:3",
        "refuse:0.3",
        "rate-refusal:2",
        "http-code:500000",
        "server-failure",
        "kicked",
    ],
)
async def test_it_comes_back(fault: str, transport: Transport) -> None:
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, transport)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(FastClock().monotonic() + 150)
            await answered(provider)
            added = simulator.faults.add(fault)
            for _ in range(3):
                await asked(provider)
            if fault == "http-code:500000":
                provider.reconnect_now()
                await asked(provider)
            simulator.faults.remove(added)
            await answered(provider)
            assert provider.link.phase is LinkPhase.READY
        finally:
            running.cancel()
            await asyncio.wait({running})


async def test_silence_ends_a_connection_and_a_new_one_is_made() -> None:
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, "websocket")
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(FastClock().monotonic() + 150)
            stalled = simulator.faults.add("stall")
            async with asyncio.timeout(10):
                while provider.link.phase is LinkPhase.READY:
                    await asyncio.sleep(0.01)
            assert "nothing came for 60 s" in provider.link.reason
            simulator.faults.remove(stalled)
            await answered(provider)
        finally:
            running.cancel()
            await asyncio.wait({running})


@pytest.mark.parametrize("fault", ["no-init:count=1,interface=2", "init-refused:count=1,interface=2"])
async def test_a_login_that_fails(fault: str) -> None:
    async with simulated(ServerConfig(calls=None, faults=(fault,))) as simulator:
        provider = provider_of(simulator, "websocket")
        running = asyncio.create_task(provider.run())
        try:
            if fault.startswith("init-refused"):
                with pytest.raises(AuthFailed):
                    await provider.wait_ready(FastClock().monotonic() + 150)
                assert provider.link.phase is LinkPhase.FAILED
                provider.reconnect_now()
            async with asyncio.timeout(10):
                while provider.link.phase is not LinkPhase.READY:
                    await asyncio.sleep(0.01)
            await answered(provider)
        finally:
            running.cancel()
            await asyncio.wait({running})
