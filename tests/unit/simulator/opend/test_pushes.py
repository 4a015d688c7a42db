"""What the simulated OpenD says unasked."""

from __future__ import annotations

import pytest

from capflow_gui.simulator.faults import FaultName
from capflow_gui.simulator.opend.pushes import fault_pushes
from capflow_gui.simulator.opend.server import OpendSimulator
from capflow_gui.wire.opend.frame import open_body
from capflow_gui.wire.pb.opend import (
    get_global_state_pb2,
    notify_pb2,
    qot_common_pb2,
)
from tests.unit.conftest import HandClock
from tests.unit.simulator.opend.client import HELD, Connect, global_state_request


async def test_losing_the_login_is_pushed_and_taken_back(connect: Connect) -> None:
    clock = HandClock()
    async with OpendSimulator(HELD, clock=clock) as simulator:
        client = await connect(simulator)
        await client.init()
        simulator.faults.add("not-logged-in:5")
        push = notify_pb2.Response()
        push.ParseFromString(open_body(await client.receive()))
        assert (push.s2c.type, push.s2c.connectStatus.qotLogined) == (notify_pb2.NOTIFY_TYPE_CONN_STATUS, False)
        state = await client.call(1002, global_state_request(), get_global_state_pb2.Response())
        assert not state.s2c.qotLogined
        assert "登录" in (await client.flow()).retMsg
        clock.move(5.1)
        push.ParseFromString(open_body(await client.receive()))
        assert push.s2c.connectStatus.qotLogined
        assert (await client.flow()).retType == 0
        simulator.faults.add("right-lost")
        rights = []
        for _ in range(2):
            push.ParseFromString(open_body(await client.receive()))
            assert push.s2c.type == notify_pb2.NOTIFY_TYPE_QOT_RIGHT
            rights.append(push.s2c.qotRight.hkQotRight)
        assert rights == [qot_common_pb2.QOT_RIGHT_LEVEL2, qot_common_pb2.QOT_RIGHT_NONE]


@pytest.mark.parametrize("name", FaultName)
def test_a_fault_that_pushes_something_takes_it_back(name: FaultName) -> None:
    begun, ended = fault_pushes(name, active=True), fault_pushes(name, active=False)
    assert bool(begun) == bool(ended) == (name in (FaultName.NOT_LOGGED_IN, FaultName.RIGHT_LOST, FaultName.KICKED))
    for body in (*begun, *ended):
        assert notify_pb2.Response.FromString(body).retType == 0
