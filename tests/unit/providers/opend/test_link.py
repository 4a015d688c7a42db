"""The link to an OpenD over real loopback sockets: every way it fails, and that it always comes back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import rsa

from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    SettingsError,
)
from capflow_gui.present.reasons import reason_words
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.opend.cipher import RsaKey
from capflow_gui.wire.opend.frame import Proto, encode_frame
from capflow_gui.wire.pb.opend import common_pb2, init_connect_pb2, notify_pb2
from tests.integration.rude_opend import IV, ManualClock, Peer, RudeOpend, eventually, flow, provided
from tests.reasons import said
from tests.unit.providers.opend.loopback_peers import TENCENT, Expect, answering, failure, port_of

PRIVATE = rsa.generate_private_key(65537, 1024)


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    return write_key(tmp_path / "opend.pem", PRIVATE)


def write_key(path: Path, key: rsa.RSAPrivateKey) -> str:
    path.write_bytes(key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption()))
    return str(path)


@pytest.mark.parametrize("iv", ["", IV])
async def test_both_ciphers(iv: str, clock: ManualClock, key_file: str) -> None:
    async with RudeOpend(RsaKey(PRIVATE), iv=iv) as server, provided(server.port, clock, key_file) as provider:
        assert len(await provider.get_capital_flow(TENCENT)) == 3


async def test_client_has_a_key_and_opend_has_none(clock: ManualClock, key_file: str, expect_log: Expect) -> None:
    """A keyless OpenD cannot read the request, and says nothing."""
    expect_log("keys_may_differ")
    server = await answering(lambda writer: None)
    async with server:
        error = await failure(port_of(server), clock, key_file, after=8.0)
    assert "keys_may_differ" in str(error)


async def test_opend_has_a_key_and_client_has_none(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("keys_may_differ.*init_unreadable")
    key = RsaKey(PRIVATE)
    answer = init_connect_pb2.Response(retType=0).SerializeToString()
    server = await answering(lambda writer: writer.write(encode_frame(Proto.INIT_CONNECT, 1, answer, key)))
    async with server:
        error = await failure(port_of(server), clock)
    assert isinstance(error, ConnectFailed)
    assert "encryption settings may differ" in reason_words(error.reason)


async def test_another_key(clock: ManualClock, tmp_path: Path, expect_log: Expect) -> None:
    expect_log("keys_may_differ")
    other = write_key(tmp_path / "other.pem", rsa.generate_private_key(65537, 1024))
    key = RsaKey(PRIVATE)
    answer = init_connect_pb2.Response(retType=0).SerializeToString()
    server = await answering(lambda writer: writer.write(encode_frame(Proto.INIT_CONNECT, 1, answer, key)))
    async with server:
        error = await failure(port_of(server), clock, other)
    assert isinstance(error, ConnectFailed)


async def test_a_key_that_cannot_be_used_waits_for_the_user(
    clock: ManualClock, tmp_path: Path, expect_log: Expect
) -> None:
    expect_log("setting_unusable key=rsa_key")
    path = tmp_path / "opend.pem"
    async with RudeOpend(RsaKey(PRIVATE)) as server, provided(server.port, clock, str(path), ready=False) as provider:
        with pytest.raises(SettingsError, match="key_file_unreadable"):
            await provider.wait_ready(clock.monotonic() + 60.0)
        assert provider.link.phase is LinkPhase.FAILED
        with pytest.raises(ConnectionLost, match="key_file_unreadable"):
            await provider.get_capital_flow(TENCENT)
        write_key(path, PRIVATE)
        await clock.advance(600.0)
        assert server.peers == []
        provider.reconnect_now()
        await eventually(lambda: provider.link.phase is LinkPhase.READY)


async def test_opend_wants_a_phone_code(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("需要手机验证码")

    def refuse(peer: Peer, serial: int, body: bytes) -> None:
        answer = init_connect_pb2.Response(retType=-1, retMsg="需要手机验证码")
        peer.send(Proto.INIT_CONNECT, serial, answer)

    async with RudeOpend() as server:
        server.on[Proto.INIT_CONNECT] = refuse
        error = await failure(server.port, clock)
    assert isinstance(error, AuthFailed)
    assert error.message == "需要手机验证码"


@pytest.mark.parametrize("reset", [False, True])
async def test_half_a_frame_of_a_dead_link_is_forgotten(reset: bool, clock: ManualClock, expect_log: Expect) -> None:
    """The official client keeps it, and loses the next InitConnect answer in it."""
    expect_log("next attempt")
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = lambda peer, serial, body: (
            peer.raw(encode_frame(Proto.CAPITAL_FLOW, serial, flow(3).SerializeToString())[:60]),
            peer.drop(reset=reset),
        )
        with pytest.raises(ConnectionLost):
            await provider.get_capital_flow(TENCENT)
        del server.on[Proto.CAPITAL_FLOW]
        await eventually(lambda: provider.link.phase is LinkPhase.WAITING)
        await clock.advance(1.0)
        await eventually(lambda: provider.link.phase is LinkPhase.READY)
        assert len(await provider.get_capital_flow(TENCENT)) == 3
        # A new connection counts from one, and nothing of the old one is sent on it.
        assert [serial for _, serial, _ in server.peers[0].requests] == [1, 2, 3]
        assert [(proto, serial) for proto, serial, _ in server.peers[1].requests] == [(1001, 1), (1002, 2), (3211, 3)]


async def test_init_connect_unanswered_during_a_reconnect(clock: ManualClock, expect_log: Expect) -> None:
    """The official client stays `connected` for ever."""
    expect_log("opend_closed")
    expect_log("init_unanswered")
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.INIT_CONNECT] = None
        server.peer.drop()
        for connection in (2, 3):
            await eventually(lambda: provider.link.phase is LinkPhase.WAITING)
            await clock.advance((provider.link.retry_at or 0.0) - clock.monotonic())
            await eventually(lambda count=connection: len(server.peers) == count and server.peer.requests)
            with pytest.raises(ConnectionLost):
                await provider.get_capital_flow(TENCENT)
            await eventually(lambda: clock.is_awaited(8.0))
            await clock.advance(8.0)
        del server.on[Proto.INIT_CONNECT]
        await eventually(lambda: provider.link.phase is LinkPhase.WAITING)
        await clock.advance(30.0)
        await eventually(lambda: provider.link.phase is LinkPhase.READY)
        assert len(await provider.get_capital_flow(TENCENT)) == 3


async def test_calls_raise_at_once_while_there_is_no_link(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("opend_closed")
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        waiting = asyncio.create_task(provider.get_capital_flow(TENCENT))
        server.on[Proto.CAPITAL_FLOW] = lambda peer, serial, body: peer.drop()
        with pytest.raises(ConnectionLost, match="opend_closed"):
            await waiting
        await eventually(lambda: provider.link.phase is LinkPhase.WAITING)
        with pytest.raises(ConnectionLost, match="opend_closed"):
            await provider.get_capital_flow(TENCENT)


async def test_back_off_grows_to_thirty_seconds_and_goes_on(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("nothing_listens")
    async with RudeOpend() as server:
        port = server.port
    waits: list[float] = []

    def note(link: LinkState) -> None:
        if link.phase is LinkPhase.WAITING and link.retry_at is not None:
            waits.append(link.retry_at - clock.monotonic())

    async with AsyncExitStack() as at_the_end, provided(port, clock, ready=False) as provider:
        provider.on_link(note)
        for count in range(1, 13):
            await eventually(lambda count=count: len(waits) == count)
            await clock.advance(waits[-1])
        assert 0.5 <= waits[0] <= 1.0
        assert all(15.0 <= wait <= 30.0 for wait in waits[6:])
        server = RudeOpend()
        server.port = port
        await at_the_end.enter_async_context(server)
        provider.reconnect_now()
        await eventually(lambda: provider.link.phase is LinkPhase.READY)
        assert provider.link.attempt == 0


async def test_reconnect_now_drops_a_link_that_is_up(clock: ManualClock) -> None:
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = None
        waiting = asyncio.create_task(provider.get_capital_flow(TENCENT))
        await eventually(lambda: server.peer.serials(3211))
        provider.reconnect_now()
        with pytest.raises(ConnectionLost, match="reconnecting"):
            await waiting
        await eventually(lambda: provider.link.phase is LinkPhase.READY and len(server.peers) == 2)


async def test_the_end_of_run_closes_the_connection(clock: ManualClock) -> None:
    async with RudeOpend() as server:
        async with provided(server.port, clock):
            assert not server.peer.closed
        await eventually(lambda: server.peer.closed)


async def test_wait_ready_gives_up_at_its_deadline(clock: ManualClock) -> None:
    async with RudeOpend() as server, provided(server.port, clock, ready=False) as provider:
        server.on[Proto.INIT_CONNECT] = None
        waiting = asyncio.create_task(provider.wait_ready(clock.monotonic() + 3.0))
        await eventually(lambda: server.peers and server.peer.requests)
        await clock.advance(3.0)
        with pytest.raises(ConnectFailed, match="still_connecting"):
            await waiting


def notify(**s2c: object) -> notify_pb2.Response:
    answer = notify_pb2.Response(retType=0)
    answer.s2c.CopyFrom(notify_pb2.S2C(type=0, **s2c))
    return answer


def rights(hk: int, us: int, cn: int = 1) -> notify_pb2.Response:
    return notify(qotRight=notify_pb2.QotRight(hkQotRight=hk, usQotRight=us, cnQotRight=cn))


async def test_pushes_become_facts(clock: ManualClock) -> None:
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        heard: list[LinkState] = []
        provider.on_link(heard.append)

        async def push(message: notify_pb2.Response) -> dict[LinkFact, Reason]:
            count = len(heard)
            server.peer.send(Proto.NOTIFY, 3, message)
            await eventually(lambda: len(heard) > count)
            return dict(provider.link.facts)

        out = notify_pb2.ConnectStatus(qotLogined=False, trdLogined=True)
        assert LinkFact.LOGGED_OUT in await push(notify(connectStatus=out))
        back = notify_pb2.ConnectStatus(qotLogined=True, trdLogined=True)
        assert await push(notify(connectStatus=back)) == {}
        server.peer.send(Proto.NOTIFY, 3, rights(hk=3, us=2))
        facts = await push(rights(hk=1, us=2))
        assert facts == {LinkFact.QUOTE_RIGHT_LOST: Reason.of(Code.RIGHTS_LOST, rights="HK: level 2 → BMP")}
        assert await push(rights(hk=3, us=2)) == {}
        kicked = notify_pb2.GtwEvent(eventType=notify_pb2.GTW_EVENT_KICKED_OUT, desc="logged in elsewhere")
        assert (await push(notify(event=kicked)))[LinkFact.KICKED_OUT] == said("logged in elsewhere")
        code = common_pb2.ProgramStatus(type=common_pb2.PROGRAM_STATUS_NEED_PHONE_CODE)
        wants = notify_pb2.ProgramStatus(programStatus=code)
        assert (await push(notify(programStatus=wants)))[LinkFact.LOGGED_OUT] == Reason.of(Code.OPEND_WANTS_PHONE_CODE)
        assert all(link.phase is LinkPhase.READY for link in heard)


async def test_simulated_and_logged_out_are_known_before_ready(clock: ManualClock) -> None:
    async with RudeOpend() as server:
        server.status = "SIMULATED calm day"
        server.logged_in = False
        states: list[LinkState] = []
        async with provided(server.port, clock, ready=False) as provider:
            provider.on_link(states.append)
            await provider.wait_ready(clock.monotonic() + 1.0)
        ready = next(link for link in states if link.phase is LinkPhase.READY)
        assert ready.fact(LinkFact.SIMULATED) == said("SIMULATED calm day")
        assert ready.fact(LinkFact.LOGGED_OUT) is not None


async def test_a_silent_global_state_does_not_hold_up_the_link(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("GetGlobalState at connect")
    async with RudeOpend() as server:
        server.on[Proto.GLOBAL_STATE] = None
        async with provided(server.port, clock, ready=False) as provider:
            await eventually(lambda: server.peers and server.peer.serials(1002))
            await clock.advance(2.0)
            await eventually(lambda: provider.link.phase is LinkPhase.READY)


@pytest.mark.parametrize(
    ("host", "key", "warned"),
    [("127.0.0.1", None, False), ("::1", None, False), ("localhost", None, False), ("10.0.0.5", None, True),
     ("opend.example", None, True), ("10.0.0.5", "opend.pem", False)],
)  # fmt: skip
async def test_a_remote_opend_without_a_key_is_warned_of(
    host: str, key: str | None, warned: bool, clock: ManualClock
) -> None:
    provider = OpendProvider(OpendConfig(host, 11111, key), clock)
    assert (provider.link.fact(LinkFact.UNENCRYPTED_REMOTE) is not None) is warned
