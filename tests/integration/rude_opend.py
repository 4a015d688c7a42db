"""An OpenD of the tests' own, as rude as a test wants it, and a clock moved by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from google.protobuf.message import Message

from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.wire.opend.cipher import RsaKey
from capflow_gui.wire.opend.frame import PLAIN, BodyCipher, FrameDecoder, Proto, encode_frame, open_body
from capflow_gui.wire.pb.opend import common_pb2, get_global_state_pb2, init_connect_pb2, keep_alive_pb2
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as flow_pb

AES, IV = "0123456789ABCDEF", "ABCDEF0123456789"
OPEN = 1654651800  # 2022-06-08 09:30 in Hong Kong
REAL_PATIENCE_S = 60.0  # only a test that fails waits so long


class ManualClock:
    """A clock.Clock that stands until `advance` moves it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return OPEN + self.now

    async def sleep_until(self, deadline: float) -> None:
        while self.now < deadline:
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry = (deadline, woken)
            self._sleepers.append(entry)
            try:
                await woken
            finally:
                if entry in self._sleepers:
                    self._sleepers.remove(entry)

    def is_awaited(self, seconds: float) -> bool:
        """Whether somebody sleeps until that long from now: else a deadline may not have been set yet."""
        return any(deadline == self.now + seconds for deadline, _ in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Move the time, waking sleepers in their order, and let what they cause happen."""
        target = self.now + seconds
        while True:
            due = [entry for entry in self._sleepers if entry[0] <= target]
            if not due:
                break
            first = min(due, key=lambda entry: entry[0])
            self.now = max(self.now, first[0])
            self._sleepers.remove(first)
            if not first[1].done():
                first[1].set_result(None)
            await turns()
        self.now = target
        await turns()


async def turns(count: int = 30) -> None:
    """Let the loop, and the sockets behind it, do what is waiting."""
    for _ in range(count):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], object]) -> None:
    """Wait, in real time but not long, until `condition` holds."""
    deadline = time.monotonic() + REAL_PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.001)


@dataclass(eq=False)
class Peer:
    """One accepted connection: what came, and a way to answer."""

    writer: asyncio.StreamWriter
    cipher: BodyCipher = PLAIN
    requests: list[tuple[int, int, bytes]] = field(default_factory=list)
    closed: bool = False

    def send(self, proto: int, serial: int, message: Message | bytes) -> None:
        body = message if isinstance(message, bytes) else message.SerializeToString()
        self.raw(encode_frame(proto, serial, body, self.cipher))

    def raw(self, data: bytes) -> None:
        self.writer.write(data)

    def drop(self, *, reset: bool = False) -> None:
        if reset:
            self.writer.transport.abort()
        else:
            self.writer.close()

    def serials(self, proto: int) -> list[int]:
        return [serial for number, serial, _ in self.requests if number == proto]


Answerer = Callable[[Peer, int, bytes], None]


class RudeOpend:
    """Answers as OpenD would, except where `on` says otherwise. `None` in `on` means silence."""

    def __init__(self, key: RsaKey | None = None, *, iv: str = "", interval: int = 10) -> None:
        self.key = key
        self.iv = iv
        self.interval = interval
        self.status = ""
        self.logged_in = True
        self.peers: list[Peer] = []
        self.on: dict[int, Answerer | None] = {}
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def peer(self) -> Peer:
        return self.peers[-1]

    async def __aenter__(self) -> RudeOpend:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is None:
            return
        self._server.close()
        for peer in self.peers:
            peer.writer.transport.abort()
        await eventually(lambda: all(peer.closed for peer in self.peers))
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(writer)
        self.peers.append(peer)
        decoder = FrameDecoder()
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                for frame in decoder.receive(data)[0]:
                    init = frame.proto_id == Proto.INIT_CONNECT
                    cipher = (self.key or PLAIN) if init else peer.cipher
                    self._handle(peer, frame.proto_id, frame.serial, open_body(frame, cipher))
        peer.closed = True
        writer.close()

    def _handle(self, peer: Peer, proto: int, serial: int, body: bytes) -> None:
        peer.requests.append((proto, serial, body))
        answer = self.on.get(proto, self._usual(proto))
        if answer is not None:
            answer(peer, serial, body)

    def _usual(self, proto: int) -> Answerer | None:
        return {
            Proto.INIT_CONNECT: self.init,
            Proto.GLOBAL_STATE: self.global_state,
            Proto.KEEP_ALIVE: lambda peer, serial, body: peer.send(
                Proto.KEEP_ALIVE, serial, keep_alive_pb2.Response(retType=0, s2c=keep_alive_pb2.S2C(time=1))
            ),
            Proto.CAPITAL_FLOW: lambda peer, serial, body: peer.send(Proto.CAPITAL_FLOW, serial, flow(3)),
        }.get(Proto(proto))

    def init(self, peer: Peer, serial: int, body: bytes) -> None:
        s2c = init_connect_pb2.S2C(
            serverVer=1011, loginUserID=1, connID=len(self.peers), connAESKey=AES, keepAliveInterval=self.interval
        )
        if self.iv:
            s2c.aesCBCiv = self.iv
        answer = init_connect_pb2.Response(retType=0, s2c=s2c).SerializeToString()
        peer.raw(encode_frame(Proto.INIT_CONNECT, serial, answer, self.key or PLAIN))
        if self.key:
            peer.cipher = self.key.session_cipher(AES, self.iv)

    def global_state(self, peer: Peer, serial: int, body: bytes) -> None:
        s2c = get_global_state_pb2.S2C(
            marketHK=3, marketUS=6, marketSH=4, marketSZ=99, marketHKFuture=0, qotLogined=self.logged_in,
            trdLogined=True, serverVer=1011, serverBuildNo=1, time=OPEN,
        )  # fmt: skip
        s2c.programStatus.type = common_pb2.PROGRAM_STATUS_READY
        s2c.programStatus.strExtDesc = self.status
        peer.send(Proto.GLOBAL_STATE, serial, get_global_state_pb2.Response(retType=0, s2c=s2c))


def flow(count: int) -> flow_pb.Response:
    """A small intraday answer: net is 10 a minute."""
    answer = flow_pb.Response(retType=0)
    for minute in range(count):
        answer.s2c.flowItemList.add(inFlow=10.0 * minute, timestamp=OPEN + 60 * minute)
    answer.s2c.lastValidTime = "2022-06-08 10:46:40"
    return answer


@asynccontextmanager
async def provided(
    port: int, clock: ManualClock, key_path: str | None = None, *, ready: bool = True
) -> AsyncIterator[OpendProvider]:
    """A running provider; with `ready` it is connected before the test begins."""
    provider = OpendProvider(OpendConfig("127.0.0.1", port, key_path), clock, backoff=Backoff())
    running = asyncio.create_task(provider.run())
    try:
        if ready:
            await provider.wait_ready(clock.monotonic() + 1.0)
        yield provider
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
