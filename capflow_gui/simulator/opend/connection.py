"""One client's connection to the simulated OpenD: framing, InitConnect, keep-alive, and what faults do to answers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import struct
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from capflow_gui.errors import RemoteProtocolError
from capflow_gui.simulator.broker import ID_MASK, NOT_PROTOBUF, AnsweringSocket, reset
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.opend.codes import SERVER_VERSION, RefusalError, failure
from capflow_gui.wire.opend.frame import PLAIN, BodyCipher, Frame, FrameDecoder, Proto, encode_frame, open_body
from capflow_gui.wire.pb.opend import common_pb2 as common
from capflow_gui.wire.pb.opend import init_connect_pb2 as init_connect
from capflow_gui.wire.pb.opend import keep_alive_pb2 as keep_alive

if TYPE_CHECKING:
    from capflow_gui.simulator.opend.service import OpendService

_log = logging.getLogger(__name__)

_USER_ID = 10_000_001
_HUGE = 2**31 - 1
_DIGEST_AT = 16
_LENGTH_AT = 12


class OpendConnection(AnsweringSocket["OpendService[Any]", Frame], asyncio.Protocol):
    """The server's end of one TCP connection."""

    def __init__(self, server: OpendService[Any], number: int) -> None:
        super().__init__(server)
        self.number = number
        self.wants_pushes = False
        self.ready = False
        self.last_sign = server.clock.monotonic()
        self._transport: asyncio.Transport | None = None
        self._decoder = FrameDecoder()
        self._cipher: BodyCipher = PLAIN
        self._push_serial = 1
        self._trickle: bytearray = bytearray()
        self._trickling = False

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio gives a stream protocol a Transport
        if self._server.has_room():
            self._transport = transport
            self._server.admit(self)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _log.debug("connection %d ended: %s", self.number, exc or "closed")
        self._transport = None
        self._server.forget(self)

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

    def push(self, proto: int, body: bytes) -> None:
        """Send something nobody asked for, if the client wanted to hear."""
        if self.ready and self.wants_pushes:
            self._push_serial += 1
            self._reply(Frame(proto, self._push_serial, body))

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
            self._reply(replace(frame, body=failure("请先发送InitConnect")))
        elif frame.proto_id == Proto.KEEP_ALIVE:
            self._keep_alive(frame)
        elif frame.proto_id == Proto.GLOBAL_STATE:
            self._reply(replace(frame, body=self._server.global_state(self.number)))
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
            self._send(encode_frame(frame.proto_id, frame.serial, failure("需要手机验证码，请先登录"), key or PLAIN))
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
        self._send(encode_frame(frame.proto_id, frame.serial, body, key if encrypted and key else PLAIN))
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
        self._reply(replace(frame, body=response.SerializeToString()))

    def _request(self, frame: Frame, body: bytes) -> None:
        try:
            answer = self._server.answer(frame.proto_id, body)
        except RefusalError as refusal:
            answer = failure(refusal.text, refusal.ret_type)
        except (DecodeError, UnicodeDecodeError):
            answer = failure("请求解析失败")
        if isinstance(answer, bytes):
            self._answer_body(frame, answer)
        else:
            self._server.background.start(self._answer_when_made(frame, answer))

    async def _answer_when_made(self, frame: Frame, make: Callable[[], Coroutine[Any, Any, bytes]]) -> None:
        self._answer_body(frame, await make())

    def _answer_body(self, frame: Frame, body: bytes) -> None:
        if self._transport is not None:
            self._answer(replace(frame, body=body), frame.proto_id)

    # --- answers, and what faults do to them

    def _acts(self) -> Mapping[FaultName, Callable[[Fault, Frame], None]]:
        return {
            **super()._acts(),
            FaultName.BAD_SHA: self._bad_sha,
            FaultName.WRONG_MAGIC: lambda _, answer: self._send(b"XX" + self._encode(answer)[2:]),
            FaultName.HUGE_LENGTH: self._huge_length,
            FaultName.UNPARSABLE: lambda _, answer: self._reply(replace(answer, body=NOT_PROTOBUF)),
            FaultName.UNKNOWN_SERIAL: lambda _, answer: self._reply(replace(answer, serial=answer.serial ^ ID_MASK)),
            FaultName.PIECES: self._pieces,
        }

    def _encode(self, answer: Frame) -> bytes:
        return encode_frame(answer.proto_id, answer.serial, answer.body, self._cipher)

    def _reset(self, _fault: Fault, _answer: Frame) -> None:
        if self._transport is not None:
            reset(self._transport)

    def _bad_sha(self, _fault: Fault, answer: Frame) -> None:
        whole = bytearray(self._encode(answer))
        whole[_DIGEST_AT] ^= 0xFF
        self._send(bytes(whole))

    def _huge_length(self, _fault: Fault, answer: Frame) -> None:
        whole = bytearray(self._encode(answer))
        struct.pack_into("<I", whole, _LENGTH_AT, _HUGE)
        self._send(bytes(whole))

    def _pieces(self, _fault: Fault, answer: Frame) -> None:
        self._trickle += self._encode(answer)
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

    def _send(self, data: bytes) -> None:
        if self._server.faults.holds(FaultName.STALL) is not None:
            return
        if self._trickling:
            self._trickle += data
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
