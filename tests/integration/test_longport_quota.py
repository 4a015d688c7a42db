"""Several `capflow watch` on one Longport account: the broker counts over all of them, and refuses none."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.integration.test_longport_command import ROOT, command, environment

SYMBOLS = [f"{code}.HK" for code in (700, 3690, 981, 1810, 9618, 941, 2318, 388, 1299, 883)]
FLOW = 24


@asynccontextmanager
async def market(*faults: str) -> AsyncIterator[LongportSimulator]:
    opend = OpendSimulator(SimulatorConfig(clock="2026-06-10T10:30:00+08:00"))
    config = LongportConfig(faults=faults)
    async with LongportSimulator(config, market=opend.market, market_clock=opend.market_clock) as simulator:
        yield simulator


async def watch(home: Path, simulator: LongportSimulator) -> Process:
    words = command(home, "watch", *SYMBOLS, "--source", "longport:?transport=websocket", "--format", "jsonl")
    variables = environment(home, **simulator.environment)
    return await asyncio.create_subprocess_exec(*words, stdout=DEVNULL, stderr=DEVNULL, cwd=ROOT, env=variables)


async def end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


async def calls_reach(simulator: LongportSimulator, calls: int) -> None:
    clock = simulator.clock
    deadline = clock.monotonic() + 60
    while simulator.stats.requests < calls:
        assert clock.monotonic() < deadline, f"only {simulator.stats.requests} calls"
        await clock.sleep_until(clock.monotonic() + 0.05)


@pytest.mark.parametrize("faults", [("delay:0.8",), ()], ids=["slow replies", "quick replies"])
async def test_two_processes_are_never_refused(tmp_path: Path, faults: tuple[str, ...]) -> None:
    async with market(*faults) as simulator:
        first, second = [await watch(tmp_path, simulator) for _ in range(2)]
        try:
            await calls_reach(simulator, 25)
            assert simulator.online == 2
            first.kill()  # what it had in flight stays counted for as long as the broker may
            third = await watch(tmp_path, simulator)
            try:
                await calls_reach(simulator, 50)
            finally:
                await end(third)
        finally:
            await asyncio.gather(end(first), end(second))
        assert simulator.stats.refused == 0
        assert simulator.in_flight.most <= simulator.config.in_flight
        assert simulator.stats.calls(FLOW).requests > 20
        if faults:
            assert simulator.in_flight.most == simulator.config.in_flight  # else nothing was put to the test
