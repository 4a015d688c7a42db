"""The same money as OpenD's, by another method."""

from __future__ import annotations

from itertools import pairwise

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.longport.protocol import Answer
from capflow_gui.wire.pb.longport import quote_pb2 as quote
from tests.unit.simulator.longport.client import connected, one

TENCENT = Symbol.parse("700.HK")


@pytest.mark.parametrize("transport", ["ws", "tcp"])
async def test_capital_flow_is_the_same_money_as_opends_by_another_method(transport: str) -> None:
    opend = OpendSimulator(SimulatorConfig(speed=0))
    now = opend.market_clock.now()
    async with (
        LongportSimulator(LongportConfig(), market=opend.market, market_clock=opend.market_clock) as simulator,
        connected(simulator, transport) as client,
    ):
        event = await client.ask(Command.CAPITAL_FLOW, one("700.HK"))
        assert isinstance(event, Answer)
        flow = quote.CapitalFlowResponse.FromString(event.body)
    reply = opend.market.intraday(TENCENT, now)
    assert reply.day is not None
    lines = [(line.timestamp, float(line.inflow)) for line in flow.capital_flow_lines]
    assert flow.symbol == "700.HK"
    assert lines[0][0] == reply.session.open
    assert [b - a for (a, _), (b, _) in pairwise(lines[:100])] == [60] * 99
    theirs = float(reply.day.flows[:, reply.finals - 1].sum())
    ours = next(amount for label, amount in lines if label + 60 == reply.session.label(reply.finals - 1))
    assert ours == pytest.approx(theirs, rel=0.5)
    assert ours != theirs
    assert all(line.inflow.endswith(".000") for line in flow.capital_flow_lines)
