"""The simulated OpenD seen from a raw socket: framing, InitConnect, keep-alive, encryption, faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.errors import RemoteProtocolError
from capflow_gui.simulator.market.scenario import SCENARIOS
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.opend.cipher import AesCbc, FtAesEcb, RsaKey
from capflow_gui.wire.opend.frame import BodyCipher, FrameDecoder, Proto, encode_frame, open_body
from capflow_gui.wire.pb.opend import (
    get_global_state_pb2,
    keep_alive_pb2,
    notify_pb2,
)
from tests.unit.conftest import HandClock
from tests.unit.simulator.opend.client import (
    HELD,
    Client,
    Connect,
    flow_request,
    global_state_request,
    new_flow,
    turns,
)


def keep_alive_request() -> Any:
    request = keep_alive_pb2.Request()
    request.c2s.time = 1
    return request


async def test_a_session_from_init_to_figures(connect: Connect) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        greeting = await client.init()
        assert (greeting.retType, greeting.s2c.keepAliveInterval) == (0, 10)
        assert len(greeting.s2c.connAESKey) == 16
        assert not greeting.s2c.HasField("aesCBCiv")
        state = await client.call(1002, global_state_request(), get_global_state_pb2.Response())
        assert state.s2c.time == SCENARIOS["default"].start
        assert state.s2c.connID == greeting.s2c.connID
        assert state.s2c.programStatus.strExtDesc.startswith("SIMULATED")
        flow = await client.flow()
        assert len(flow.s2c.flowItemList) == 234


async def test_nothing_is_answered_before_init_connect(connect: Connect) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        assert (await client.flow()).retType == -1
        await client.init()
        assert (await client.flow()).retType == 0


async def test_a_frame_with_a_wrong_digest_is_ignored_and_the_connection_lives(connect: Connect) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        await client.init()
        broken = bytearray(encode_frame(Proto.CAPITAL_FLOW, 77, flow_request().SerializeToString()))
        broken[16] ^= 1
        client.writer.write(bytes(broken))
        assert (await client.flow()).retType == 0
        client.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await client.ended()


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"\x0a\x08\x0a\x06\x08\x01\x12\x02\xff\xfe", b""])
async def test_a_request_that_cannot_be_read_is_refused(connect: Connect, body: bytes) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        await client.init()
        client.writer.write(encode_frame(Proto.CAPITAL_FLOW, 99, body))
        answer = new_flow()
        answer.ParseFromString(open_body(await client.receive()))
        assert answer.retType == -1
        client.writer.write(encode_frame(3999, 100, b""))
        answer.ParseFromString(open_body(await client.receive()))
        assert answer.retType == -1
        assert (await client.flow()).retType == 0


async def test_a_client_without_keep_alive_is_dropped(connect: Connect) -> None:
    clock = HandClock()
    async with OpendSimulator(HELD, clock=clock) as simulator:
        silent, lively = await connect(simulator), await connect(simulator)
        await silent.init()
        await lively.init()
        for _ in range(5):
            clock.move(8)
            answer = await lively.call(1004, keep_alive_request(), keep_alive_pb2.Response())
            assert answer.s2c.time == int(clock.wall())
            await turns()
        assert await silent.ended()
        assert (await lively.flow()).retType == 0
        assert simulator.stats.dropped_silent == 1


@pytest.mark.parametrize(
    "case", [("auto", 2, AesCbc), ("auto", None, FtAesEcb), ("cbc", 0, AesCbc), ("ftaes", 2, FtAesEcb)]
)
async def test_encryption_is_what_was_asked_for_or_forced(
    connect: Connect, key_file: Path, key: RsaKey, case: tuple[Any, int | None, type[BodyCipher]]
) -> None:
    cipher, asked, expected = case
    async with OpendSimulator(SimulatorConfig(speed=0, rsa_key=key_file, cipher=cipher)) as simulator:
        client = await connect(simulator)
        await client.init(key, asked)
        assert isinstance(client.cipher, expected)
        flow = await client.flow()
        assert len(flow.s2c.flowItemList) == 234
        simulator.faults.add("kicked")
        push = notify_pb2.Response()
        push.ParseFromString(open_body(await client.receive(), client.cipher))
        assert push.s2c.event.eventType == notify_pb2.GTW_EVENT_KICKED_OUT


async def test_keys_on_one_side_only_are_met_with_silence(connect: Connect, key_file: Path, key: RsaKey) -> None:
    async with OpendSimulator(SimulatorConfig(rsa_key=key_file)) as keyed, OpendSimulator(HELD) as plain:
        for simulator, own in ((keyed, None), (plain, key)):
            client = await connect(simulator)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.init(own, 2)


Check = Callable[[Client], Coroutine[Any, Any, None]]


async def _ends(client: Client) -> None:
    client.send(Proto.CAPITAL_FLOW, flow_request())
    assert await client.ended()


async def _ends_in_the_middle(client: Client) -> None:
    client.send(Proto.CAPITAL_FLOW, flow_request())
    with pytest.raises(EOFError):
        await client.receive()
    assert client.decoder.buffered > 1000


async def _breaks_the_stream(client: Client) -> None:
    client.send(Proto.CAPITAL_FLOW, flow_request())
    with pytest.raises(RemoteProtocolError):
        await client.receive()


async def _has_a_wrong_digest(client: Client) -> None:
    client.send(Proto.CAPITAL_FLOW, flow_request())
    frame = await client.receive()
    with pytest.raises(RemoteProtocolError):
        open_body(frame)


async def _is_not_protobuf(client: Client) -> None:
    client.send(Proto.CAPITAL_FLOW, flow_request())
    body = open_body(await client.receive())
    with pytest.raises(Exception, match="parsing"):
        new_flow().ParseFromString(body)


async def _answers_another_serial(client: Client) -> None:
    serial = client.send(Proto.CAPITAL_FLOW, flow_request())
    assert (await client.receive()).serial != serial


async def _overtakes(client: Client) -> None:
    serials = [client.send(Proto.CAPITAL_FLOW, flow_request()), client.send(Proto.CAPITAL_FLOW, flow_request())]
    assert [(await client.receive()).serial for _ in serials] == serials[::-1]


async def _comes_in_pieces(client: Client) -> None:
    client.send(Proto.CAPITAL_FLOW, flow_request())
    assert len(await client.reader.read(1 << 17)) < 2000
    client.decoder = FrameDecoder()


async def _refuses(client: Client) -> None:
    answer = await client.flow()
    assert answer.retType == -1
    assert answer.retMsg


async def _is_silent(client: Client) -> None:
    client.send(Proto.CAPITAL_FLOW, flow_request())
    client.send(1004, keep_alive_request())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.receive()


async def _breaks_the_sum(client: Client) -> None:
    items = (await client.flow()).s2c.flowItemList
    sums = [item.superInFlow + item.bigInFlow + item.midInFlow + item.smlInFlow == item.inFlow for item in items]
    assert sums == [True] * (len(items) - 5) + [False] * 5


async def _is_disordered(client: Client) -> None:
    times = [item.timestamp for item in (await client.flow()).s2c.flowItemList]
    assert times != sorted(times)
    assert len(set(times)) == len(times)


async def _repeats(client: Client) -> None:
    times = [item.timestamp for item in (await client.flow()).s2c.flowItemList]
    assert times[-1] == times[-2]


async def _has_a_gap(client: Client) -> None:
    assert len((await client.flow()).s2c.flowItemList) == 224


async def _is_yesterdays(client: Client) -> None:
    flow = await client.flow()
    assert flow.s2c.flowItemList[0].time.startswith("2026-06-09")
    assert flow.s2c.lastValidTime == "2026-06-09 16:00:00"


FAULTS: list[tuple[str, Check]] = [
    ("drop:1", _ends),
    ("reset:1", _ends),
    ("drop-mid-frame:1", _ends_in_the_middle),
    ("garbage:1", _breaks_the_stream),
    ("wrong-magic:1", _breaks_the_stream),
    ("huge-length:1", _breaks_the_stream),
    ("bad-sha:1", _has_a_wrong_digest),
    ("unparsable:1", _is_not_protobuf),
    ("unknown-serial:1", _answers_another_serial),
    ("reorder", _overtakes),
    ("pieces", _comes_in_pieces),
    ("rate-refusal:1", _refuses),
    ("unknown-symbol:700.HK", _refuses),
    ("no-right:HK.00700", _refuses),
    ("server-failure", _refuses),
    ("stall", _is_silent),
    ("sum-mismatch:700.HK", _breaks_the_sum),
    ("disorder", _is_disordered),
    ("duplicate", _repeats),
    ("gap", _has_a_gap),
    ("previous-session", _is_yesterdays),
]


@pytest.mark.parametrize(("fault", "check"), FAULTS, ids=[name for name, _ in FAULTS])
async def test_a_fault_shows_and_goes_away(connect: Connect, fault: str, check: Check) -> None:
    async with OpendSimulator(HELD) as simulator:
        client = await connect(simulator)
        await client.init()
        simulator.faults.add(fault)
        await check(client)
        simulator.faults.clear()
        healthy = await connect(simulator)
        await healthy.init()
        flow = await healthy.flow()
        assert (flow.retType, len(flow.s2c.flowItemList)) == (0, 234)


async def test_init_and_keep_alive_can_be_left_unanswered(connect: Connect) -> None:
    async with OpendSimulator(HELD) as simulator:
        simulator.faults.add("no-init:count=1")
        deaf = await connect(simulator)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await deaf.init()
        simulator.faults.add("init-refused:1")
        refused = await connect(simulator)
        assert "登录" in (await refused.init()).retMsg
        client = await connect(simulator)
        await client.init()
        simulator.faults.add("no-keep-alive")
        client.send(1004, keep_alive_request())
        assert (await client.flow()).retType == 0
