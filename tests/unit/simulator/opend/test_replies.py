"""What the simulated OpenD answers, interface by interface."""

from __future__ import annotations

import asyncio
import json

import pytest

from capflow_gui.domain.symbol import Market
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import (
    qot_get_security_snapshot_pb2,
    qot_get_static_info_pb2,
)
from tests.unit.conftest import HandClock
from tests.unit.simulator.opend.client import (
    HELD,
    Connect,
    eventually,
    flow_request,
    new_flow,
)


async def test_the_quota_is_shared_by_connections_and_periods_and_counted_by_symbol(connect: Connect) -> None:
    clock = HandClock()
    async with OpendSimulator(SimulatorConfig(speed=0, keep_alive=1000), clock=clock) as simulator:
        one, two = await connect(simulator), await connect(simulator)
        await one.init()
        await two.init()
        answers = [(await client.flow()).retType for _ in range(15) for client in (one, two)]
        assert answers == [0] * 30
        assert (await two.flow(period=2)).retMsg == "获取资金流向频率太高，请求失败，每30秒最多30次。"
        clock.move(30.0)
        assert (await one.flow()).retType == -1
        clock.move(30.01)
        assert (await one.flow("AAPL", 11)).retType == 0
        stats = simulator.stats.as_json()
        assert stats["interfaces"]["3211"]["requests"] == 33
        assert stats["interfaces"]["3211"]["refused"] == 2
        assert stats["interfaces"]["3211"]["symbols"]["AAPL.US"]["arrivals"] == [60.01]
        assert stats["interfaces"]["3211"]["symbols"]["700.HK"]["requests"] == 32
        assert stats["connections"]["opened"] == 2
        json.dumps(stats)


async def test_the_seed_day_over_the_wire(connect: Connect) -> None:
    async with OpendSimulator(SimulatorConfig(scenario="seed-day", speed=0)) as simulator:
        client = await connect(simulator)
        await client.init()
        flow = await client.flow()
        assert flow.s2c.lastValidTime == "2022-06-08 10:47:25"
        assert [item.inFlow for item in flow.s2c.flowItemList][:3] == [0, -4960940, -3260340]
        days = await client.flow(period=2)
        first, last = days.s2c.flowItemList[0], days.s2c.flowItemList[-1]
        assert (first.time, first.inFlow) == ("2021-06-08 00:00:00", -185791500)
        assert (last.time, last.inFlow, last.mainInFlow) == ("2022-06-08 00:00:00", 2179240320, 2143345000)
        assert not last.HasField("superInFlow")
        assert "未知股票" in (await client.flow("09988")).retMsg
        request = qot_get_security_snapshot_pb2.Request()
        security = request.c2s.securityList.add()
        security.market, security.code = 1, "00700"
        answer = await client.call(3203, request, qot_get_security_snapshot_pb2.Response())
        assert (answer.retType, answer.retMsg) == (-1, "NN_ProtoRet_SvrFailed")


async def test_figures_need_the_quote_right_and_names_do_not(connect: Connect) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        await client.init()
        assert "权限" in (await client.flow("06666")).retMsg
        snapshot, static = qot_get_security_snapshot_pb2.Request(), qot_get_static_info_pb2.Request()
        for request in (snapshot, static):
            security = request.c2s.securityList.add()
            security.market, security.code = 1, "06666"
        refused = await client.call(3203, snapshot, qot_get_security_snapshot_pb2.Response())
        assert "权限" in refused.retMsg
        named = await client.call(3202, static, qot_get_static_info_pb2.Response())
        assert [info.basic.name for info in named.s2c.staticInfoList] == ["Restricted Group"]


async def test_others_are_served_while_the_days_of_many_symbols_are_made(connect: Connect) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        await client.init()
        snapshot = qot_get_security_snapshot_pb2.Request()
        hong_kong = [each for each in simulator.market.listings.values() if each.symbol.market is Market.HK]
        codes = [each.wire_code for each in hong_kong if each.has_flow and each.permitted]
        for code in codes:
            security = snapshot.c2s.securityList.add()
            security.market, security.code = 1, code
        client.send(3203, snapshot)
        client.send(Proto.CAPITAL_FLOW, flow_request("AAPL", 11))
        assert [(await client.receive()).proto_id for _answer in range(2)] == [Proto.CAPITAL_FLOW, 3203]
        answer = await client.call(3203, snapshot, qot_get_security_snapshot_pb2.Response())
        assert [each.basic.security.code for each in answer.s2c.snapshotList] == codes
        client.send(3203, snapshot)
        client.send(Proto.CAPITAL_FLOW, flow_request("AAPL", 11))
        assert (await client.receive()).proto_id == 3203  # they are made


@pytest.mark.parametrize("form", ["{}", "{} 00:00:00"])
async def test_history_takes_both_date_forms_and_a_window(connect: Connect, form: str) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        await client.init()
        request = flow_request(period=2)
        request.c2s.beginTime, request.c2s.endTime = form.format("2026-5-29"), form.format("2026-06-03")
        flow = await client.call(Proto.CAPITAL_FLOW, request, new_flow())
        assert [item.time[:10] for item in flow.s2c.flowItemList] == [
            "2026-05-29",
            "2026-06-01",
            "2026-06-02",
            "2026-06-03",
        ]
        request.c2s.beginTime = "bad"
        assert (await client.call(Proto.CAPITAL_FLOW, request, new_flow())).retType == -1


async def test_frozen_figures_stand_and_delayed_answers_come_late(connect: Connect) -> None:
    clock = HandClock()
    async with OpendSimulator(SimulatorConfig(speed=1), clock=clock) as simulator:
        client = await connect(simulator)
        await client.init()
        simulator.faults.add("frozen:700.HK")
        before = await client.flow()
        clock.move(7)
        assert await client.flow() == before
        assert (await client.flow("09988")).s2c.lastValidTime != before.s2c.lastValidTime
        simulator.faults.clear()
        assert (await client.flow()).s2c.lastValidTime != before.s2c.lastValidTime
        simulator.faults.add("delay:3")
        asked = simulator.stats.requests
        client.send(Proto.CAPITAL_FLOW, flow_request())
        await eventually(lambda: simulator.stats.requests > asked)
        clock.move(2.9)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.receive()
        clock.move(0.2)
        assert (await client.receive()).proto_id == Proto.CAPITAL_FLOW
