"""Every fault is survived by the ordinary provider: it errs as it should, and serves again without a restart.

Both sides run on one clock that is twenty times as fast as the real one, time-outs and back-off included.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkFact, LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectionLost,
    NoQuoteRight,
    ProviderError,
    RateLimited,
    RemoteProtocolError,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.integration.hurried_clock import HurriedClock

TENCENT = Symbol.parse("700.HK")
ALIBABA = Symbol.parse("9988.HK")
SPEED = 20.0
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Pair:
    simulator: OpendSimulator
    provider: OpendProvider
    clock: HurriedClock


@asynccontextmanager
async def linked(config: SimulatorConfig | None = None) -> AsyncIterator[Pair]:
    clock = HurriedClock(SPEED)
    async with OpendSimulator(config or SimulatorConfig(speed=0, rate_limit=None), clock=clock) as simulator:
        provider = OpendProvider(OpendConfig(simulator.host, simulator.port), clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + PATIENCE_S * SPEED)
            yield Pair(simulator, provider, clock)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def outcome(provider: OpendProvider, symbol: Symbol = TENCENT) -> FlowSeries | CapflowError:
    try:
        return await provider.get_capital_flow(symbol)
    except CapflowError as error:
        return error


async def until_error(provider: OpendProvider) -> CapflowError:
    """Poll until a call fails."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await outcome(provider)
            if isinstance(found, CapflowError):
                return found
            await asyncio.sleep(0)


async def until_served(provider: OpendProvider) -> FlowSeries:
    """Poll until a call is answered."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await outcome(provider)
            if isinstance(found, FlowSeries):
                return found
            await asyncio.sleep(0.01)


LOST = (ConnectionLost,)
# fault, the error a call ends with, what the provider's log must say (None: nothing)
ERRORS: list[tuple[str, tuple[type[CapflowError], ...], str | None]] = [
    ("drop:2", LOST, "opend: .*next attempt"),
    ("drop-mid-frame:2", LOST, "opend: .*next attempt"),
    ("reset:2", LOST, "opend: .*next attempt"),
    ("garbage:2", LOST, "opend: .*next attempt"),
    ("wrong-magic:2", LOST, "opend: .*next attempt"),
    ("huge-length:2", LOST, "opend: .*next attempt"),
    ("refuse:6", LOST, "opend: .*next attempt"),
    ("bad-sha:2", (RemoteProtocolError,), "opend: .*sha_mismatch"),
    ("unparsable:2", (RemoteProtocolError,), None),
    ("unknown-serial:2", (RequestTimeout,), None),
    ("delay:14", (RequestTimeout,), None),
    ("rate-refusal:2", (RateLimited,), None),
    ("unknown-symbol:700.HK", (UnknownSymbol,), None),
    ("no-right:700.HK", (NoQuoteRight,), None),
    ("server-failure:700.HK", (RequestRejected,), None),
    ("not-logged-in", (AuthFailed,), None),
]


@pytest.mark.parametrize(("fault", "errors", "logged"), ERRORS, ids=[name for name, _, _ in ERRORS])
async def test_a_fault_is_an_error_of_its_kind_and_then_over(
    fault: str,
    errors: tuple[type[CapflowError], ...],
    logged: str | None,
    expect_log: Callable[[str], None],
) -> None:
    if logged is not None:
        expect_log(logged)
    async with linked() as pair:
        good = await until_served(pair.provider)
        pair.simulator.faults.add(fault)
        error = await until_error(pair.provider)
        assert isinstance(error, errors), repr(error)
        assert isinstance(error, (ProviderError, RemoteProtocolError))
        pair.simulator.faults.clear()
        again = await until_served(pair.provider)
        assert (again.net == good.net).all()
        assert pair.provider.link.phase is LinkPhase.READY


@pytest.mark.parametrize("fault", ["drop", "reset", "drop-mid-frame", "garbage", "wrong-magic", "huge-length"])
async def test_a_fault_that_comes_again_and_again_only_slows_it_down(
    fault: str, expect_log: Callable[[str], None]
) -> None:
    expect_log("opend: .*next attempt")
    async with linked() as pair:
        pair.simulator.faults.add(fault)
        served = 0
        async with asyncio.timeout(PATIENCE_S):
            while served < 25:
                served += isinstance(await outcome(pair.provider), FlowSeries)
                await asyncio.sleep(0.002)
        assert pair.simulator.stats.connections >= 3


@pytest.mark.parametrize("fault", ["pieces", "reorder", "no-keep-alive", "delay:1"])
async def test_some_faults_are_not_even_errors(fault: str) -> None:
    # Early in the day, when answers are short: byte by byte they take their time.
    config = SimulatorConfig(speed=0, rate_limit=None, clock="2026-06-10T09:40:00+08:00")
    async with linked(config) as pair:
        good = await until_served(pair.provider)
        pair.simulator.faults.add(fault)
        both = await asyncio.gather(*(pair.provider.get_capital_flow(symbol) for symbol in (TENCENT, ALIBABA) * 2))
        assert [series.symbol for series in both] == [TENCENT, ALIBABA] * 2
        assert (both[0].net == good.net).all()
        assert (both[1].net != both[0].net).any()


async def test_a_silent_peer_is_left_and_found_again(expect_log: Callable[[str], None]) -> None:
    expect_log("opend: .*next attempt")
    expect_log("opend: .*keep-alive unanswered")
    async with linked() as pair:
        good = await until_served(pair.provider)
        pair.simulator.faults.add("stall")
        assert isinstance(await until_error(pair.provider), RequestTimeout)
        async with asyncio.timeout(PATIENCE_S):
            while pair.provider.link.phase is LinkPhase.READY:
                await asyncio.sleep(0.01)
        pair.simulator.faults.clear()
        assert ((await until_served(pair.provider)).net == good.net).all()


@pytest.mark.parametrize("fault", ["no-init:count=1", "init-refused:1"])
async def test_a_reconnect_that_is_not_let_in_tries_again(fault: str, expect_log: Callable[[str], None]) -> None:
    expect_log("opend: .*next attempt")
    async with linked() as pair:
        refused = pair.simulator.faults.add(fault)
        pair.simulator.faults.add("drop:every=1,count=1")
        assert isinstance(await until_error(pair.provider), ConnectionLost)
        await until_served(pair.provider)
        assert refused.count == 0


@pytest.mark.parametrize(
    ("fault", "fact"),
    [
        ("right-lost", LinkFact.QUOTE_RIGHT_LOST),
        ("kicked", LinkFact.KICKED_OUT),
        ("not-logged-in", LinkFact.LOGGED_OUT),
    ],
)
async def test_pushes_become_facts_of_the_link(fault: str, fact: LinkFact) -> None:
    async with linked() as pair:
        assert pair.provider.link.fact(LinkFact.SIMULATED) is not None
        assert pair.provider.link.fact(fact) is None
        pair.simulator.faults.add(fault)
        async with asyncio.timeout(PATIENCE_S):
            while pair.provider.link.fact(fact) is None:
                await asyncio.sleep(0.002)


async def test_frozen_figures_are_served_with_the_time_they_were_true() -> None:
    async with linked(SimulatorConfig(speed=1, rate_limit=None)) as pair:
        pair.simulator.faults.add("frozen:700.HK")
        before = await until_served(pair.provider)
        await pair.clock.sleep_until(pair.clock.monotonic() + 3.0)
        after = await until_served(pair.provider)
        assert after.last_valid == before.last_valid
        other = await outcome(pair.provider, ALIBABA)
        assert isinstance(other, FlowSeries)
        assert other.last_valid is not None
        assert before.last_valid is not None
        assert other.last_valid > before.last_valid


@pytest.mark.parametrize(
    ("fault", "length"),
    [("sum-mismatch", 0), ("disorder", 0), ("duplicate", 1), ("gap", -10)],
)
async def test_spoiled_figures_reach_those_who_judge_them(fault: str, length: int) -> None:
    async with linked() as pair:
        good = await until_served(pair.provider)
        pair.simulator.faults.add(fault)
        spoiled = await until_served(pair.provider)
        assert len(spoiled) == len(good) + length
        assert spoiled.digest != good.digest
        pair.simulator.faults.clear()
        assert ((await until_served(pair.provider)).net == good.net).all()
