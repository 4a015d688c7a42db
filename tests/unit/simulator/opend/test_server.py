"""The simulated OpenD as a server: its clock, its places, its configuration."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.simulator.market.scenario import SCENARIOS
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.simulator.opend.service import MOST_CONNECTIONS
from capflow_gui.wire.pb.opend import (
    get_global_state_pb2,
)
from tests.unit.conftest import HandClock
from tests.unit.simulator.opend.client import (
    HELD,
    PATIENCE_S,
    Connect,
    eventually,
    global_state_request,
    turns,
)


async def test_market_time_runs_at_its_speed_and_quota_on_real_seconds(connect: Connect) -> None:
    clock = HandClock()
    config = SimulatorConfig(speed=60, rate_limit=(2, 10.0))
    async with OpendSimulator(config, clock=clock) as simulator:
        client = await connect(simulator)
        await client.init()
        first = await client.flow()
        clock.move(5)
        state = await client.call(1002, global_state_request(), get_global_state_pb2.Response())
        assert state.s2c.time == SCENARIOS["default"].start + 300
        second = await client.flow()
        assert len(second.s2c.flowItemList) == len(first.s2c.flowItemList) + 5
        refused = await client.flow()
        assert (refused.retType, refused.HasField("s2c")) == (-1, False)
        assert "频率太高" in refused.retMsg
        clock.move(10.01)
        assert (await client.flow()).retType == 0


async def test_the_connection_beyond_128_is_refused(connect: Connect) -> None:
    async with OpendSimulator(HELD) as simulator:
        clients = [await connect(simulator) for _ in range(MOST_CONNECTIONS)]
        await eventually(lambda: simulator.stats.open_connections == MOST_CONNECTIONS)
        beyond = await connect(simulator)
        assert await beyond.ended()
        assert simulator.stats.refused_connections == 1
        await clients[0].close()
        await eventually(lambda: simulator.stats.open_connections == MOST_CONNECTIONS - 1)
        another = await connect(simulator)
        assert (await another.init()).retType == 0


async def test_it_goes_away_and_comes_back_on_the_same_port(connect: Connect) -> None:
    clock = HandClock()
    async with OpendSimulator(HELD, clock=clock) as simulator:
        client = await connect(simulator)
        await client.init()
        port = simulator.port
        simulator.faults.add("refuse:5")
        assert await client.ended()
        await turns()
        with pytest.raises(ConnectionError):
            await connect(simulator)
        clock.move(5.1)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    back = await connect(simulator)
                    break
                except ConnectionError:
                    await asyncio.sleep(0.005)
        assert simulator.port == port
        assert (await back.init()).retType == 0


def test_a_config_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    not_a_key = tmp_path / "key.pem"
    not_a_key.write_text("hello")
    for config in (
        SimulatorConfig(scenario="nonsense"),
        SimulatorConfig(clock="yesterday"),
        SimulatorConfig(clock="2026-06-10T10:00:00"),
        SimulatorConfig(faults=("nonsense",)),
    ):
        with pytest.raises(InvalidInput):
            OpendSimulator(config)
    with pytest.raises(SettingsError):
        OpendSimulator(SimulatorConfig(rsa_key=not_a_key))


async def test_symbols_can_be_a_number_or_a_list(connect: Connect) -> None:
    listed = SimulatorConfig(symbols=[Symbol.parse("9988.HK")], speed=0, clock="2026-06-10T11:00:00+08:00")
    async with OpendSimulator(listed) as simulator:
        client = await connect(simulator)
        await client.init()
        assert (await client.flow("09988")).s2c.lastValidTime == "2026-06-10 11:00:00"
        assert "未知股票" in (await client.flow("00700")).retMsg
