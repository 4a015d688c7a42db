"""One client's socket to the simulated Longport, WebSocket or TCP: login, heartbeats, and what faults do to answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from google.protobuf.message import DecodeError, Message

from capflow_gui.errors import RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.simulator.broker import ID_MASK, NOT_PROTOBUF, AnsweringSocket
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.longport.replies import LongportRefusalError
from capflow_gui.wire.longport.packet import Command, Kind, Packet, Status, encode_packet, open_body
from capflow_gui.wire.pb.longport import control_pb2 as control

if TYPE_CHECKING:
    from capflow_gui.simulator.longport.service import LongportService

_log = logging.getLogger(__name__)

_VERIFICATION_BYTES = 24
_KIND_UNKNOWN = 0x0F
_GZIP_BIT = 0x20


class Pipe(Protocol):
    """What carries packets to the client."""

    async def send(self, packet: bytes, *, in_pieces: bool) -> None:
        """Send one packet. ConnectionError where the client is gone."""

    async def close(self, code: int) -> None:
        """Close in order; WebSocket says `code`, a control_pb2.CloseCode."""

    def abort(self) -> None:
        """Close at once."""


class LongportSocket(AnsweringSocket["LongportService[Any]", Packet]):
    """The server's end of one socket. Feed packets to `take`; run `pump` beside, it sends what is queued."""

    def __init__(self, server: LongportService[Any], pipe: Pipe) -> None:
        self.session = ""
        super().__init__(server)
        self._pipe = pipe
        self._queue: asyncio.Queue[Callable[[], Awaitable[None]] | None] = asyncio.Queue()
        self._closing = False

    # --- used by the server

    async def pump(self) -> None:
        """Send what is queued, in order, until the socket is closed."""
        while (work := await self._queue.get()) is not None:
            try:
                await work()
            except (ConnectionError, RuntimeError) as error:  # aiohttp: RuntimeError when it is closing already
                _log.debug("a Longport client is gone: %s", error)
                return

    def end(self, code: int, reason: str) -> None:
        """Push a close command, and close."""
        body = control.Close(code=code, reason=reason).SerializeToString()  # type: ignore[arg-type]
        self._send(encode_packet(Packet(Kind.PUSH, Command.CLOSE, body)))
        self.close(code)

    def close(self, code: int = 0) -> None:
        """Close in order: what is queued still goes out."""
        if not self._closing:
            self._closing = True
            self._queue.put_nowait(lambda: self._pipe.close(code))
            self._queue.put_nowait(None)

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._pipe.abort()
        self._queue.put_nowait(None)

    def take(self, packet: Packet) -> None:
        """Answer one packet of the client's. RemoteProtocolError where its body cannot be opened."""
        body = open_body(packet)
        if packet.kind is Kind.PUSH or (packet.kind is Kind.RESPONSE and packet.command != Command.HEARTBEAT):
            raise RemoteProtocolError(Reason.of(Code.SERVER_ASKS, command=packet.command))
        if packet.kind is Kind.RESPONSE:
            return
        match packet.command:
            case Command.HEARTBEAT:
                self._server.stats.keep_alives += 1
                self._send(encode_packet(_response(packet, body)))
            case Command.AUTH | Command.RECONNECT:
                self._login(packet, body)
            case _:
                self._request(packet, body)

    # --- login

    def _login(self, packet: Packet, body: bytes) -> None:
        if self._server.faults.strike(FaultName.NO_INIT, packet.command) is not None:
            return
        if self._server.faults.strike(FaultName.INIT_REFUSED, packet.command) is not None:
            self._refuse(packet, Status.UNAUTHENTICATED, 401004, "token invalid")
            return
        try:
            opened = self._open_session(packet.command, body)
        except DecodeError:
            self.end(control.CLOSE_CODE_UNPACK_ERROR, "unpacking failed")
            return
        if opened is None:
            what = "session expired" if packet.command == Command.RECONNECT else "token invalid"
            self._refuse(packet, Status.UNAUTHENTICATED, 401003, what)
            return
        self.session, expires = opened
        account = control.Session(
            session_id=self.session,
            expires=int(expires * 1000),
            limit=self._server.config.connections,
            online=self._server.online,
        )
        self._send(encode_packet(_response(packet, account.SerializeToString())))

    def _open_session(self, command: int, body: bytes) -> tuple[str, float] | None:
        account = self._server.account
        if command == Command.AUTH:
            asked = control.AuthRequest.FromString(body)
            return account.new_session() if account.spend_password(asked.token) else None
        wanted = control.ReconnectRequest.FromString(body).session_id
        opened = account.resume(wanted)
        if opened is not None:
            self._server.end_duplicates(self, wanted)
        return opened

    def _refuse(self, packet: Packet, status: int, code: int, text: str) -> None:
        self._send(encode_packet(_response(packet, _error(code, text), status)))

    # --- requests

    def _request(self, packet: Packet, body: bytes) -> None:
        if not self.session:
            self._refuse(packet, Status.UNAUTHENTICATED, 401003, "not authenticated")
            return
        try:
            answer = self._server.answer(packet.command, body)
        except LongportRefusalError as refusal:
            self._answer(_response(packet, _error(refusal.code, refusal.text), refusal.status), packet.command)
            return
        if isinstance(answer, Message):
            self._answer_message(packet, answer)
        else:
            self._server.background.start(self._answer_when_made(packet, answer))

    async def _answer_when_made(self, packet: Packet, make: Callable[[], Coroutine[Any, Any, Message]]) -> None:
        self._answer_message(packet, await make())

    def _answer_message(self, packet: Packet, message: Message) -> None:
        self._answer(_response(packet, message.SerializeToString()), packet.command)

    def _reply(self, answer: Packet, *, verify: bytes = b"", in_pieces: bool = False) -> None:
        zipped = self._server.faults.strike(FaultName.GZIP, answer.command) is not None
        self._finish(encode_packet(replace(answer, zipped=zipped), verify=verify), in_pieces=in_pieces)

    def _finish(self, data: bytes = b"", *, in_pieces: bool = False) -> None:
        """The request is in flight until then."""
        self._server.in_flight.leave()
        if data:
            self._send(data, in_pieces=in_pieces)

    def _send(self, data: bytes, *, in_pieces: bool = False) -> None:
        if not self._closing and self._server.faults.holds(FaultName.STALL) is None:
            self._queue.put_nowait(lambda: self._pipe.send(data, in_pieces=in_pieces))

    def _encode(self, answer: Packet) -> bytes:
        return encode_packet(answer)

    # --- what faults do to answers

    def _acts(self) -> Mapping[FaultName, Callable[[Fault, Packet], None]]:
        noise = self._server.faults.random_bytes
        return {
            **super()._acts(),
            FaultName.CLOSE_CODE: self._close_code,
            FaultName.UNANSWERED: lambda _, _answer: self._finish(),
            FaultName.VERIFY: lambda _, answer: self._reply(answer, verify=noise(_VERIFICATION_BYTES)),
            FaultName.BAD_GZIP: self._bad_gzip,
            FaultName.UNPARSABLE: lambda _, answer: self._reply(
                replace(answer, body=NOT_PROTOBUF, status=Status.SUCCESS)
            ),
            FaultName.WRONG_MAGIC: lambda _, answer: self._finish(bytes((_KIND_UNKNOWN,)) + encode_packet(answer)[1:]),
            FaultName.HUGE_LENGTH: lambda _, answer: self._finish(
                encode_packet(replace(answer, body=b""))[:-3] + b"\xff\xff\xff"
            ),
            FaultName.UNKNOWN_SERIAL: lambda _, answer: self._reply(
                replace(answer, request_id=answer.request_id ^ ID_MASK)
            ),
            FaultName.PIECES: lambda _, answer: self._reply(answer, in_pieces=True),
        }

    def _close_code(self, fault: Fault, _answer: Packet) -> None:
        self._finish()
        self.end(control.CLOSE_CODE_SERVER_SHUTDOWN if fault.code is None else fault.code, "simulated")

    def _bad_gzip(self, _fault: Fault, answer: Packet) -> None:
        plain = encode_packet(replace(answer, body=NOT_PROTOBUF))
        self._finish(bytes((plain[0] | _GZIP_BIT,)) + plain[1:])


def _response(request: Packet, body: bytes, status: int = Status.SUCCESS) -> Packet:
    return Packet(Kind.RESPONSE, request.command, body, request.request_id, status=status)


def _error(code: int, text: str) -> bytes:
    return control.Error(code=code, msg=text).SerializeToString()
