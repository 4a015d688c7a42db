"""One client's connection to the simulated OpenD: framing, InitConnect, keep-alive, and what faults do to answers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from capflow_gui.errors import RemoteProtocolError
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.opend.codes import SERVER_VERSION, RefusalError, failure
from capflow_gui.wire.opend.frame import HEADER, PLAIN, BodyCipher, Frame, FrameDecoder, Proto, encode_frame, open_body
from capflow_gui.wire.pb.opend import common_pb2 as common
from capflow_gui.wire.pb.opend import init_connect_pb2 as init_connect
from capflow_gui.wire.pb.opend import keep_alive_pb2 as keep_alive

if TYPE_CHECKING:
    from capflow_gui.simulator.opend.service import OpendService

_log = logging.getLogger(__name__)

_USER_ID = 10_000_001
_GARBAGE_BYTES = 64
_REORDER_WAIT_S = 0.3
_HUGE = 2**31 - 1
_DIGEST_AT = 16
_LENGTH_AT = 12
_NOT_PROTOBUF = b"\xff\xff\xff\xff this is not protobuf"
_SYSTEM = frozenset({Proto.INIT_CONNECT, Proto.KEEP_ALIVE})


class OpendConnection(asyncio.Protocol):
    """The server's end of one TCP connection."""

    def __init__(
        self,
        server: OpendService,
        number: int,
        admit: Callable[[OpendConnection], bool],
        forget: Callable[[OpendConnection], None],
    ) -> None:
        self.number = number
        self.wants_pushes = False
        self.ready = False
        self.last_sign = server.clock.monotonic()
        self._server = server
        self._admit = admit
        self._forget = forget
        self._transport: asyncio.Transport | None = None
        self._decoder = FrameDecoder()
        self._cipher: BodyCipher = PLAIN
        self._push_serial = 1
        self._held: list[bytes] = []
        self._trickle: bytearray = bytearray()
        self._trickling = False

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio gives a stream protocol a Transport
        self._transport = transport
        if not self._admit(self):
            transport.abort()
            self._transport = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _log.debug("connection %d ended: %s", self.number, exc or "closed")
        self._transport = None
        self._forget(self)

    def data_received(self, data: bytes) -> None:
        """Answer every whole frame in `data`."""
        frames, fault = self._decoder.receive(data)
        for frame in frames:
            if self._transport is None:
                return
            self._take(frame)
        if fault is not None:
            _log.info("connection %d: %s", self.number, fault)
            self.close()

    # --- used by the server

    def close(self) -> None:
        """Close in order: what was written still goes out."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once: what was written may be lost."""
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        if self._transport is None:
            return
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            # SO_LINGER with a wait of zero; the struct has two shorts on Windows and two ints elsewhere.
            form = "hh" if hasattr(socket, "SIO_RCVALL") else "ii"
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(form, 1, 0))
        self._transport.abort()

    def push(self, proto: int, body: bytes) -> None:
        """Send something nobody asked for, if the client wanted to hear."""
        if self.ready and self.wants_pushes:
            self._push_serial += 1
            self._write(encode_frame(proto, self._push_serial, body, self._cipher))

    # --- requests

    def _take(self, frame: Frame) -> None:
        if frame.proto_id == Proto.INIT_CONNECT:
            self._init(frame)
            return
        try:
            body = open_body(frame, self._cipher)
        except RemoteProtocolError as error:
            _log.info("connection %d: a frame was ignored: %s", self.number, error)
            return
        if not self.ready:
            self._send(frame, failure("请先发送InitConnect"))
        elif frame.proto_id == Proto.KEEP_ALIVE:
            self._keep_alive(frame)
        elif frame.proto_id == Proto.GLOBAL_STATE:
            self._send(frame, self._server.global_state(self.number))
        else:
            self._request(frame, body)

    def _init(self, frame: Frame) -> None:
        """InitConnect: answered with a session key, or not at all where the two sides' keys differ."""
        key = self._server.rsa_key
        request = init_connect.Request()
        try:
            request.ParseFromString(open_body(frame, key or PLAIN))
        except (RemoteProtocolError, DecodeError) as error:
            _log.info("connection %d: InitConnect cannot be read and is ignored: %s", self.number, error)
            return
        if self._server.faults.strike(FaultName.NO_INIT, frame.proto_id) is not None:
            return
        if self._server.faults.strike(FaultName.INIT_REFUSED, frame.proto_id) is not None:
            self._write(encode_frame(frame.proto_id, frame.serial, failure("需要手机验证码，请先登录"), key or PLAIN))
            return
        algorithm = request.c2s.packetEncAlgo if request.c2s.HasField("packetEncAlgo") else 0
        encrypted = key is not None and algorithm != common.PACKET_ENC_ALGO_NONE
        session_key, vector = secrets.token_hex(8), ""
        if self._server.cipher == "cbc" or (
            self._server.cipher == "auto" and algorithm == common.PACKET_ENC_ALGO_AES_CBC
        ):
            vector = secrets.token_hex(8)
        response = init_connect.Response(retType=0, retMsg="", errCode=0)
        response.s2c.serverVer = SERVER_VERSION
        response.s2c.loginUserID = _USER_ID
        response.s2c.connID = self.number
        response.s2c.connAESKey = session_key
        response.s2c.keepAliveInterval = self._server.config.keep_alive
        if vector and encrypted:
            response.s2c.aesCBCiv = vector
        body = response.SerializeToString()
        self._write(encode_frame(frame.proto_id, frame.serial, body, key if encrypted and key else PLAIN))
        if encrypted and key is not None:
            self._cipher = key.session_cipher(session_key, vector)
        self.wants_pushes = request.c2s.recvNotify
        self.ready = True
        self.last_sign = self._server.clock.monotonic()

    def _keep_alive(self, frame: Frame) -> None:
        self.last_sign = self._server.clock.monotonic()
        self._server.stats.keep_alives += 1
        if self._server.faults.strike(FaultName.NO_KEEP_ALIVE, frame.proto_id) is not None:
            return
        response = keep_alive.Response(retType=0, retMsg="", errCode=0)
        response.s2c.time = int(self._server.clock.wall())
        self._send(frame, response.SerializeToString())

    def _request(self, frame: Frame, body: bytes) -> None:
        try:
            answer = self._server.answer(frame.proto_id, body)
        except RefusalError as refusal:
            self._answer(frame, failure(refusal.text, refusal.ret_type))
        except (DecodeError, UnicodeDecodeError):
            self._answer(frame, failure("请求解析失败"))
        else:
            if isinstance(answer, bytes):
                self._answer(frame, answer)
            else:
                self._server.background.start(self._answer_when_made(frame, answer))

    async def _answer_when_made(self, frame: Frame, make: Callable[[], Coroutine[Any, Any, bytes]]) -> None:
        self._answer(frame, await make())

    # --- answers, and what faults do to them

    def _send(self, frame: Frame, body: bytes) -> None:
        self._write(encode_frame(frame.proto_id, frame.serial, body, self._cipher))

    def _answer(self, frame: Frame, body: bytes) -> None:
        """Send the answer to a request, or what a fault makes of it."""
        if self._transport is None:
            return
        faults = self._server.faults
        if not faults:
            self._send(frame, body)
            return
        for name, act in _ACTS.items():
            fault = faults.strike(name, frame.proto_id)
            if fault is not None:
                act(self, fault, frame, body)
                return
        self._send(frame, body)

    def _drop(self, _fault: Fault, _frame: Frame, _body: bytes) -> None:
        self.close()

    def _reset(self, _fault: Fault, _frame: Frame, _body: bytes) -> None:
        self.reset()

    def _drop_mid_frame(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        whole = encode_frame(frame.proto_id, frame.serial, body, self._cipher)
        self._write(whole[: HEADER.size + (len(whole) - HEADER.size) // 2])
        self.close()

    def _bad_sha(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        whole = bytearray(encode_frame(frame.proto_id, frame.serial, body, self._cipher))
        whole[_DIGEST_AT] ^= 0xFF
        self._write(bytes(whole))

    def _garbage(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        noise = b"\x00" + self._server.faults.random_bytes(_GARBAGE_BYTES - 1)
        self._write(noise + encode_frame(frame.proto_id, frame.serial, body, self._cipher))

    def _wrong_magic(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        self._write(b"XX" + encode_frame(frame.proto_id, frame.serial, body, self._cipher)[2:])

    def _huge_length(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        whole = bytearray(encode_frame(frame.proto_id, frame.serial, body, self._cipher))
        struct.pack_into("<I", whole, _LENGTH_AT, _HUGE)
        self._write(bytes(whole))

    def _unparsable(self, _fault: Fault, frame: Frame, _body: bytes) -> None:
        self._send(frame, _NOT_PROTOBUF)

    def _unknown_serial(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        self._write(encode_frame(frame.proto_id, frame.serial ^ 0x5A5A0000, body, self._cipher))

    def _delay(self, fault: Fault, frame: Frame, body: bytes) -> None:
        whole = encode_frame(frame.proto_id, frame.serial, body, self._cipher)
        self._server.background.start(self._write_later(whole, fault.seconds or 0.0))

    async def _write_later(self, data: bytes, seconds: float) -> None:
        clock = self._server.clock
        await clock.sleep_until(clock.monotonic() + seconds)
        self._write(data)

    def _reorder(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        """Hold an answer until the next one overtakes it, or for a moment where none does."""
        self._held.append(encode_frame(frame.proto_id, frame.serial, body, self._cipher))
        if len(self._held) == 1:
            self._server.background.start(self._release_later())
        else:
            self._release()

    async def _release_later(self) -> None:
        clock = self._server.clock
        await clock.sleep_until(clock.monotonic() + _REORDER_WAIT_S)
        self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for frame in reversed(held):
            self._write(frame)

    def _pieces(self, _fault: Fault, frame: Frame, body: bytes) -> None:
        self._trickle += encode_frame(frame.proto_id, frame.serial, body, self._cipher)
        if not self._trickling:
            self._trickling = True
            self._server.background.start(self._pump())

    async def _pump(self) -> None:
        """Write byte by byte, other connections in between; later frames queue up behind."""
        at = 0
        while at < len(self._trickle) and self._transport is not None:
            self._transport.write(self._trickle[at : at + 1])
            at += 1
            await asyncio.sleep(0)
        self._trickle.clear()
        self._trickling = False

    def _write(self, data: bytes) -> None:
        if self._server.faults.holds(FaultName.STALL) is not None:
            return
        if self._trickling:
            self._trickle += data
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


_Act = Callable[[OpendConnection, Fault, Frame, bytes], None]
_ACTS: dict[FaultName, _Act] = {
    FaultName.DROP: OpendConnection._drop,
    FaultName.RESET: OpendConnection._reset,
    FaultName.DROP_MID_FRAME: OpendConnection._drop_mid_frame,
    FaultName.BAD_SHA: OpendConnection._bad_sha,
    FaultName.GARBAGE: OpendConnection._garbage,
    FaultName.WRONG_MAGIC: OpendConnection._wrong_magic,
    FaultName.HUGE_LENGTH: OpendConnection._huge_length,
    FaultName.UNPARSABLE: OpendConnection._unparsable,
    FaultName.UNKNOWN_SERIAL: OpendConnection._unknown_serial,
    FaultName.DELAY: OpendConnection._delay,
    FaultName.REORDER: OpendConnection._reorder,
    FaultName.PIECES: OpendConnection._pieces,
}
