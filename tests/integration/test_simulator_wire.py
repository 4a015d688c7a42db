"""The simulated OpenD seen from a raw socket: framing, InitConnect, quota, keep-alive, faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, RemoteProtocolError, SettingsError
from capflow_gui.simulator.market.scenario import SCENARIOS
from capflow_gui.simulator.opend.server import MOST_CONNECTIONS, OpendSimulator, SimulatorConfig
from capflow_gui.wire.opend.cipher import AesCbc, FtAesEcb, RsaKey, load_rsa_key
from capflow_gui.wire.opend.frame import PLAIN, BodyCipher, Frame, FrameDecoder, Proto, encode_frame, open_body
from capflow_gui.wire.pb.opend import (
    get_global_state_pb2,
    init_connect_pb2,
    keep_alive_pb2,
    notify_pb2,
    qot_common_pb2,
    qot_get_capital_flow_pb2,
    qot_get_security_snapshot_pb2,
    qot_get_static_info_pb2,
)

PATIENCE_S = 60.0
HELD = SimulatorConfig(speed=0)


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._moved = asyncio.Event()

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_700_000_000.0 + self.now

    def move(self, seconds: float) -> None:
        self.now += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def sleep_until(self, deadline: float) -> None:
        while self.now < deadline:
            await self._moved.wait()


class Client:
    """As little of a client as a test needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.decoder = FrameDecoder()
        self.frames: list[Frame] = []
        self.cipher: BodyCipher = PLAIN
        self.serial = 0

    def send(self, proto: int, message: Any) -> int:
        self.serial += 1
        self.writer.write(encode_frame(proto, self.serial, message.SerializeToString(), self.cipher))
        return self.serial

    async def receive(self) -> Frame:
        while not self.frames:
            data = await asyncio.wait_for(self.reader.read(1 << 17), PATIENCE_S)
            if not data:
                raise EOFError
            self.frames, fault = self.decoder.receive(data)
            if fault is not None:
                raise fault
        return self.frames.pop(0)

    async def call(self, proto: int, message: Any, response: Any) -> Any:
        serial = self.send(proto, message)
        frame = await self.receive()
        assert (frame.proto_id, frame.serial) == (proto, serial)
        response.ParseFromString(open_body(frame, self.cipher))
        return response

    async def init(self, key: RsaKey | None = None, algorithm: int | None = None) -> Any:
        request = init_connect_pb2.Request()
        request.c2s.clientVer, request.c2s.clientID, request.c2s.recvNotify = 300, "test", True
        if algorithm is not None:
            request.c2s.packetEncAlgo = algorithm
        self.serial += 1
        self.writer.write(encode_frame(1001, self.serial, request.SerializeToString(), key or PLAIN))
        response = init_connect_pb2.Response()
        response.ParseFromString(open_body(await self.receive(), key or PLAIN))
        if key is not None:
            self.cipher = key.session_cipher(response.s2c.connAESKey, response.s2c.aesCBCiv)
        return response

    async def flow(self, code: str = "00700", market: int = 1, period: int | None = None) -> Any:
        return await self.call(Proto.CAPITAL_FLOW, flow_request(code, market, period), new_flow())

    async def ended(self) -> bool:
        """Whether the server closed the connection, orderly or not."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE_S) == b""
        except ConnectionError:
            return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


Connect = Callable[[OpendSimulator], Awaitable[Client]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    clients: list[Client] = []

    async def open_one(simulator: OpendSimulator) -> Client:
        clients.append(Client(*await asyncio.open_connection(simulator.host, simulator.port)))
        return clients[-1]

    yield open_one
    for client in clients:
        await client.close()


def new_flow() -> Any:
    return qot_get_capital_flow_pb2.Response()


def flow_request(code: str = "00700", market: int = 1, period: int | None = None) -> Any:
    request = qot_get_capital_flow_pb2.Request()
    request.c2s.security.market, request.c2s.security.code = market, code
    if period is not None:
        request.c2s.periodType = period
    return request


def global_state_request() -> Any:
    request = get_global_state_pb2.Request()
    request.c2s.userID = 0
    return request


def keep_alive_request() -> Any:
    request = keep_alive_pb2.Request()
    request.c2s.time = 1
    return request


async def turns(count: int = 30) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.002)


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "opend.pem"
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return path


@pytest.fixture(scope="module")
def key(key_file: Path) -> RsaKey:
    return load_rsa_key(key_file.read_bytes())


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


# --- faults: what they look like on the wire


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
