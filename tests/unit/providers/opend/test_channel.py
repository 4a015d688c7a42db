"""One connection: what a port may answer, and what becomes of the calls in flight."""

from __future__ import annotations

import asyncio

import pytest

from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import (
    ConnectFailed,
    ConnectionLost,
    RemoteProtocolError,
    RequestTimeout,
)
from capflow_gui.present.reasons import reason_words
from capflow_gui.wire.opend.frame import HEADER, Proto, encode_frame
from capflow_gui.wire.opend.protocol import Event, OpendConnection
from tests.integration.rude_opend import ManualClock, Peer, RudeOpend, eventually, flow, provided
from tests.unit.providers.opend.loopback_peers import TENCENT, Expect, answering, failure, port_of


async def test_nothing_listens(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("nothing_listens")
    async with RudeOpend() as server:
        port = server.port
    error = await failure(port, clock)
    assert isinstance(error, ConnectFailed)
    assert f"nothing listens at 127.0.0.1:{port}" in reason_words(error.reason)


async def test_no_answer_to_the_connect(
    clock: ManualClock, expect_log: Expect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*args: object, **kwargs: object) -> None:
        await asyncio.get_running_loop().create_future()

    expect_log("address_silent .*seconds=5")
    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    error = await failure(1, clock, after=5.0)
    assert "address_silent address=127.0.0.1:1" in str(error)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a web server holds the port"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "another program holds the port"),
        (b"\x00\x01\x02\x03", "another program holds the port"),
    ],
)
async def test_another_program_answers(said: bytes, words: str, clock: ManualClock, expect_log: Expect) -> None:
    expect_log("another_program_there|web_server_there")
    server = await answering(lambda writer: writer.write(said))
    async with server:
        error = await failure(port_of(server), clock)
    assert isinstance(error, ConnectFailed)
    assert words in reason_words(error.reason)
    assert "is not OpenD" in reason_words(error.reason)


async def test_another_program_says_nothing(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("init_unanswered")
    server = await answering(lambda writer: None)
    async with server:
        error = await failure(port_of(server), clock, after=8.0)
    assert isinstance(error, ConnectFailed)
    assert "encryption settings may differ" in reason_words(error.reason)
    assert "or this is not OpenD" in reason_words(error.reason)


async def test_another_program_hangs_up(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("closed_before_init")
    server = await answering(lambda writer: writer.close())
    async with server:
        error = await failure(port_of(server), clock)
    assert isinstance(error, ConnectFailed)
    assert "closed the connection before it answered InitConnect" in reason_words(error.reason)


@pytest.mark.parametrize(
    "spoilt",
    [b"GARBAGE" * 20, HEADER.pack(b"FX", 3211, 0, 0, 3, 0, bytes(20), bytes(8)),
     HEADER.pack(b"FT", 3211, 0, 0, 3, 2**32 - 1, bytes(20), bytes(8))],
)  # fmt: skip
async def test_a_stream_that_breaks_is_left(spoilt: bytes, clock: ManualClock, expect_log: Expect) -> None:
    expect_log("stream_broke")
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = lambda peer, serial, body: peer.raw(spoilt)
        with pytest.raises(ConnectionLost, match="stream_broke"):
            await provider.get_capital_flow(TENCENT)
        del server.on[Proto.CAPITAL_FLOW]
        await eventually(lambda: server.peers[0].closed and provider.link.phase is LinkPhase.WAITING)
        await clock.advance(1.0)
        await eventually(lambda: provider.link.phase is LinkPhase.READY)


async def test_a_request_times_out_alone(clock: ManualClock) -> None:
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = None
        waiting = asyncio.create_task(provider.get_capital_flow(TENCENT))
        await eventually(lambda: server.peer.serials(3211))
        await clock.advance(8.0)  # a keep-alive goes out, and is answered
        await eventually(lambda: server.peer.serials(1004))
        await clock.advance(3.9)
        assert not waiting.done()
        await clock.advance(0.1)
        with pytest.raises(RequestTimeout, match="no_answer_in_time"):
            await waiting
        server.peer.send(Proto.CAPITAL_FLOW, server.peer.serials(3211)[0], flow(9))  # too late, and harmless
        del server.on[Proto.CAPITAL_FLOW]
        assert len(await provider.get_capital_flow(TENCENT)) == 3
        assert provider.link.phase is LinkPhase.READY


async def test_silence_for_two_and_a_half_intervals_ends_the_link(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("silent seconds=25")
    expect_log("keep-alive unanswered")
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.KEEP_ALIVE] = None
        await clock.advance(24.9)
        assert provider.link.phase is LinkPhase.READY
        await eventually(lambda: len(server.peer.serials(1004)) == 3)
        await clock.advance(0.1)
        await eventually(lambda: server.peers[0].closed and provider.link.phase is LinkPhase.WAITING)
        await clock.advance(1.0)
        await eventually(lambda: provider.link.phase is LinkPhase.READY)


async def test_a_short_keep_alive_interval_is_kept(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[int] = []
    receive = OpendConnection.receive_data

    def noted(connection: OpendConnection, data: memoryview, now: float) -> list[Event]:
        received.append(len(data))
        return receive(connection, data, now)

    monkeypatch.setattr(OpendConnection, "receive_data", noted)
    async with RudeOpend(interval=1) as server, provided(server.port, clock) as provider:
        for count in range(1, 12):
            answers = len(received)
            await clock.advance(0.8)
            await eventually(lambda count=count: len(server.peer.serials(1004)) == count)
            await eventually(lambda answers=answers: len(received) > answers)
        assert provider.link.phase is LinkPhase.READY
        assert len(server.peers) == 1


async def test_an_unreadable_push_is_only_logged(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("unparsable")
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.peer.send(Proto.NOTIFY, 3, b"\xff\xff")
        assert len(await provider.get_capital_flow(TENCENT)) == 3


async def test_a_bad_digest_fails_its_call_alone(clock: ManualClock, expect_log: Expect) -> None:
    expect_log("sha_mismatch")

    def spoil(peer: Peer, serial: int, body: bytes) -> None:
        data = bytearray(encode_frame(Proto.CAPITAL_FLOW, serial, flow(3).SerializeToString()))
        if len(peer.serials(3211)) == 1:
            data[-1] ^= 1
        peer.raw(bytes(data))

    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = spoil
        first, second = await asyncio.gather(
            provider.get_capital_flow(TENCENT), provider.get_capital_flow(TENCENT), return_exceptions=True
        )
        assert isinstance(first, RemoteProtocolError)
        assert not isinstance(second, BaseException)
        assert provider.link.phase is LinkPhase.READY


async def test_an_unparsable_body_and_strangers_fail_nothing_else(clock: ManualClock) -> None:
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = lambda peer, serial, body: (
            peer.send(Proto.CAPITAL_FLOW, serial + 77, flow(1)),
            peer.send(Proto.CAPITAL_FLOW, serial, b"\xff\xff\xff"),
        )
        with pytest.raises(RemoteProtocolError):
            await provider.get_capital_flow(TENCENT)
        del server.on[Proto.CAPITAL_FLOW]
        assert len(await provider.get_capital_flow(TENCENT)) == 3


async def test_answers_out_of_order_and_in_crumbs(clock: ManualClock) -> None:
    asked: list[int] = []

    def hold(peer: Peer, serial: int, body: bytes) -> None:
        asked.append(serial)
        if len(asked) == 3:
            crumbs = b"".join(
                encode_frame(Proto.CAPITAL_FLOW, each, flow(each).SerializeToString()) for each in reversed(asked)
            )
            asyncio.get_running_loop().create_task(drip(peer, crumbs)).add_done_callback(lambda task: task.result())

    async def drip(peer: Peer, data: bytes) -> None:
        for byte in data:
            peer.raw(bytes((byte,)))
            await peer.writer.drain()

    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = hold
        codes = [Symbol.parse(f"{code}.HK") for code in (1, 2, 3)]
        series = await asyncio.gather(*(provider.get_capital_flow(code) for code in codes))
        assert [len(each) for each in series] == asked
        assert [each.symbol for each in series] == codes


async def test_a_cancelled_call_leaves_nothing_behind(clock: ManualClock) -> None:
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = None
        waiting = asyncio.create_task(provider.get_capital_flow(TENCENT))
        await eventually(lambda: server.peer.serials(3211))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        server.peer.send(Proto.CAPITAL_FLOW, server.peer.serials(3211)[0], flow(2))
        del server.on[Proto.CAPITAL_FLOW]
        assert len(await provider.get_capital_flow(TENCENT)) == 3


async def test_latency_is_measured(clock: ManualClock) -> None:
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        server.on[Proto.CAPITAL_FLOW] = None
        waiting = asyncio.create_task(provider.get_capital_flow(TENCENT))
        await eventually(lambda: server.peer.serials(3211))
        await clock.advance(0.25)
        server.peer.send(Proto.CAPITAL_FLOW, server.peer.serials(3211)[0], flow(2))
        await waiting
        assert provider.link.latency_s == pytest.approx(0.25)
