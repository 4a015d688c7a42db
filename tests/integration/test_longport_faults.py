"""What keeps a connection waiting, survived without a restart: on a clock that runs thirty times as fast."""

from __future__ import annotations

import asyncio
import logging

import pytest

from capflow_gui.credentials import AppKey
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import AuthFailed, CapflowError, ComputerRefused
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import error_sentence
from capflow_gui.providers.longport.config import LongportConfig, Transport
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.simulator.faults import FaultName
from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from capflow_gui.simulator.longport.server import LongportSimulator
from tests.integration.hurried_clock import PatientClock
from tests.unit.simulator.longport.client import simulated

TENCENT = Symbol.parse("700.HK")
FREE = ServerConfig(calls=None)
_SPEED = 30.0
PATIENCE_S = 60.0
# What Longport's wire has no place for.
_OPEND_ALONE = {"bad-sha", "no-keep-alive", "not-logged-in", "right-lost", "sum-mismatch"}
_AT_THE_LOGIN = {"no-init", "init-refused"}
# Every other switch, so that each of three questions meets it, and all that HTTP may refuse with.
_SWITCHES = [
    "drop:2",
    "drop-mid-frame:2",
    "reset:2",
    "pieces",
    "garbage:2",
    "wrong-magic:2",
    "huge-length:2",
    "unparsable:1",
    "unknown-serial:1",
    "delay:3",
    "reorder",
    "stall",
    "rate-refusal:1",
    "unknown-symbol:700.HK",
    "no-right:700.HK",
    "server-failure",
    "kicked",
    "refuse:0.3",
    "frozen",
    "disorder",
    "duplicate",
    "gap",
    "no-lines",
    "huge-amounts",
    "previous-session",
    "close-code:0,every=2",
    "close-code:3,every=2",
    "close-code:5,every=2",
    "session-expiry",
    "gzip",
    "bad-gzip:every=1",
    "verify",
    "unanswered:2",
    *(f"error-code:{code},symbol=700.HK" for code in (301600, *range(301602, 301608))),
    *(f"http-code:{code}" for code in (403202, 403205, 429001, 429002, 500000)),
    "wrong-clock",
    "no-ping",
    "scale",
    "padded",
    "revised",
    "no-figures",
    "late-labels",
    "closed-today",
    "per-minute",
]
_LASTING = ("http-code:401003", "http-code:401102", "http-code:403201")


class FastClock(PatientClock):
    """Thirty seconds a second."""

    def __init__(self) -> None:
        super().__init__(_SPEED)


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture(autouse=True)
def _losses_are_expected(caplog: pytest.LogCaptureFixture) -> None:
    """Each fault is warned of in its own words, which test_provider.py looks at."""
    caplog.set_level(logging.ERROR, "capflow_gui.providers")


def provider_of(simulator: LongportSimulator, transport: Transport, clock: FastClock) -> LongportProvider:
    account = simulator.account
    key = AppKey(account.app_key, account.app_secret, account.access_token)
    config = LongportConfig(simulator.http_url, simulator.ws_url, simulator.tcp, transport=transport)
    return LongportProvider(config, KeyLogin(key, clock), clock)


async def asked(provider: LongportProvider) -> FlowSeries | CapflowError:
    try:
        return await provider.get_capital_flow(TENCENT)
    except CapflowError as error:
        return error


async def answered(provider: LongportProvider, clock: FastClock) -> None:
    """Ask until there is an answer."""
    async with asyncio.timeout(PATIENCE_S):
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
async def test_it_comes_back(fault: str, transport: Transport, clock: FastClock) -> None:
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, transport, clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 150)
            await answered(provider, clock)
            added = simulator.faults.add(fault)
            for _ in range(3):
                await asked(provider)
            if fault == "http-code:500000":
                provider.reconnect_now()
                await asked(provider)
            simulator.faults.remove(added)
            await answered(provider, clock)
            assert provider.link.phase is LinkPhase.READY
        finally:
            running.cancel()
            await asyncio.wait({running})


def test_every_switch_is_tried() -> None:
    tried = {fault.partition(":")[0] for fault in _SWITCHES}
    assert tried | _OPEND_ALONE | _AT_THE_LOGIN == {name.value for name in FaultName}


@pytest.mark.parametrize("fault", _SWITCHES)
async def test_every_switch_is_survived(fault: str, clock: FastClock) -> None:
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, "http" if fault.startswith("http") else "websocket", clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 150)
            await answered(provider, clock)
            added = simulator.faults.add(fault)
            for _ in range(3):
                await asked(provider)
            simulator.faults.remove(added)
            await answered(provider, clock)
            assert provider.link.phase is LinkPhase.READY
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.wait({running})


@pytest.mark.parametrize("fault", _LASTING)
async def test_a_login_that_is_over_stops_and_asks_and_goes_on_when_told(fault: str, clock: FastClock) -> None:
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, "websocket", clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 150)
            simulator.faults.add(fault)
            simulator.faults.add("session-expiry")
            async with asyncio.timeout(PATIENCE_S):
                while provider.link.phase is not LinkPhase.FAILED:
                    await asyncio.sleep(0.01)
            simulator.faults.clear()
            provider.reconnect_now()
            await answered(provider, clock)
        finally:
            running.cancel()
            await asyncio.wait({running})


class WrongClock(FastClock):
    """Its wall clock is off by so many seconds."""

    off_s = 600.0

    def wall(self) -> float:
        return super().wall() + self.off_s


async def test_a_computer_whose_clock_is_wrong_is_told_and_goes_on_once_it_is_right() -> None:
    clock = WrongClock()
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, "websocket", clock)
        running = asyncio.create_task(provider.run())
        try:
            with pytest.raises(ComputerRefused) as caught:
                await provider.wait_ready(clock.monotonic() + 15)
            assert "clock is 10 m ahead" in error_sentence(caught.value)
            clock.off_s = 0.0
            await answered(provider, clock)
        finally:
            running.cancel()
            await asyncio.wait({running})


async def test_a_broker_whose_clock_is_wrong_says_its_own_time(clock: FastClock) -> None:
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, "websocket", clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 150)
            right = (await provider.get_global_state()).time
            simulator.faults.add("wrong-clock:900")
            wrong = (await provider.get_global_state()).time
            assert abs(wrong - right) == pytest.approx(900, abs=5)
            await answered(provider, clock)
        finally:
            running.cancel()
            await asyncio.wait({running})


@pytest.mark.parametrize("transport", ["websocket", "tcp"])
async def test_a_broker_that_never_pings_is_pinged(transport: Transport, clock: FastClock) -> None:
    """Two minutes and more without a question: the official clients would have given up."""
    async with simulated(ServerConfig(calls=None, faults=("no-ping",))) as simulator:
        provider = provider_of(simulator, transport, clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 150)
            await clock.sleep_until(clock.monotonic() + 130)
            await answered(provider, clock)
            assert simulator.stats.connections == 1
        finally:
            running.cancel()
            await asyncio.wait({running})


async def test_silence_ends_a_connection_and_a_new_one_is_made(clock: FastClock) -> None:
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, "websocket", clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 150)
            stalled = simulator.faults.add("stall")
            async with asyncio.timeout(PATIENCE_S):
                while provider.link.phase is LinkPhase.READY:
                    await asyncio.sleep(0.01)
            assert "nothing was received for 60 s" in reason_words(provider.link.reason)
            simulator.faults.remove(stalled)
            await answered(provider, clock)
        finally:
            running.cancel()
            await asyncio.wait({running})


@pytest.mark.parametrize("fault", ["no-init:count=1,interface=2", "init-refused:count=1,interface=2"])
async def test_a_login_that_fails(fault: str, clock: FastClock) -> None:
    async with simulated(ServerConfig(calls=None, faults=(fault,))) as simulator:
        provider = provider_of(simulator, "websocket", clock)
        running = asyncio.create_task(provider.run())
        try:
            if fault.startswith("init-refused"):
                with pytest.raises(AuthFailed):
                    await provider.wait_ready(clock.monotonic() + 150)
                assert provider.link.phase is LinkPhase.FAILED
                provider.reconnect_now()
            async with asyncio.timeout(PATIENCE_S):
                while provider.link.phase is not LinkPhase.READY:
                    await asyncio.sleep(0.01)
            await answered(provider, clock)
        finally:
            running.cancel()
            await asyncio.wait({running})
