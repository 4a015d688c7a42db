"""The hand-joined answer is the very bytes protobuf would write."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.market.flow_reply import FlowEncoder, all_lines
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.market.universe import build_universe
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as pb

NOWS = [
    "2026-06-10T09:30:00+08:00",
    "2026-06-10T10:47:25+08:00",
    "2026-06-10T12:20:00+08:00",
    "2026-06-10T22:00:00+08:00",
]


@pytest.mark.parametrize("now", NOWS)
@pytest.mark.parametrize("name", ["700.HK", "AAPL.US", "1234.HK"])
def test_bytes_are_protobufs_own(calendar: Calendar, now: str, name: str) -> None:
    market = SimulatedMarket(build_universe(), find_scenario("calm"), 3, calendar)
    symbol = Symbol.parse(name)
    reply = market.intraday(symbol, datetime.fromisoformat(now).timestamp())
    encoder = FlowEncoder()
    body = encoder.intraday(reply)
    assert body == encoder.intraday(reply)
    assert body == encoder.intraday(dataclasses.replace(reply, day=None, finals=0, tail=tuple(all_lines(reply))))
    parsed = pb.Response()
    parsed.ParseFromString(body)
    assert parsed.SerializeToString() == body
    assert (parsed.retType, parsed.HasField("retMsg"), parsed.HasField("errCode")) == (0, True, True)
    lines = all_lines(reply)
    assert len(parsed.s2c.flowItemList) == len(lines) > 0
    assert {type(amount) for line in lines for amount in (line.net, *(line.classes or ()))} == {float}
    zone = calendar.zone(symbol.market)
    for item, line in zip(parsed.s2c.flowItemList, lines, strict=True):
        assert item.timestamp == line.label
        assert item.time == datetime.fromtimestamp(line.label, zone).strftime("%Y-%m-%d %H:%M:%S")
        assert (item.inFlow, item.superInFlow + item.bigInFlow + item.midInFlow + item.smlInFlow) == (line.net,) * 2
        assert not item.HasField("mainInFlow")
    assert reply.last_valid is not None
    valid = datetime.fromtimestamp(reply.last_valid, zone).strftime("%Y-%m-%d %H:%M:%S")
    assert parsed.s2c.lastValidTime == valid
    assert not parsed.s2c.HasField("lastValidTimestamp")
