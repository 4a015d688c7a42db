"""One client's socket to the simulated Longport, WebSocket or TCP: login, heartbeats, and what faults do to answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from google.protobuf.message import DecodeError

from capflow_gui.errors import RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.longport.replies import LongportRefusalError
from capflow_gui.wire.longport.packet import Command, Kind, Packet, Status, encode_packet, open_body
from capflow_gui.wire.pb.longport import control_pb2 as control

if TYPE_CHECKING:
    from capflow_gui.simulator.longport.service import LongportService

_log = logging.getLogger(__name__)

_GARBAGE_BYTES = 64
_REORDER_WAIT_S = 0.3
_NOT_PROTOBUF = b"\xff\xff\xff\xff this is not protobuf"
_ID_MASK = 0x5A5A0000
_KIND_UNKNOWN = 0x0F
_GZIP_BIT = 0x20


class Pipe(Protocol):
    """What carries packets to the client."""

    async def send(self, packet: bytes, *, in_pieces: bool) -> None:
        """Send one packet. ConnectionError where the client is gone."""
        ...

    async def close(self, code: int) -> None:
        """Close in order; WebSocket says `code`, a control_pb2.CloseCode."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class LongportSocket:
    """The server's end of one socket. Feed packets to `take`; run `pump` beside, it sends what is queued."""

    def __init__(self, server: LongportService, pipe: Pipe) -> None:
        self.session = ""
        self._server = server
        self._pipe = pipe
        self._queue: asyncio.Queue[Callable[[], Awaitable[None]] | None] = asyncio.Queue()
        self._held: list[bytes] = []
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
            answer = _response(packet, self._server.answer(packet.command, body).SerializeToString())
        except LongportRefusalError as refusal:
            answer = _response(packet, _error(refusal.code, refusal.text), refusal.status)
        self._answer(answer)

    def _answer(self, answer: Packet) -> None:
        """Send an answer, or what a fault makes of it; the request is in flight until then."""
        faults = self._server.faults
        for name, act in _ACTS.items() if faults else ():
            fault = faults.strike(name, answer.command)
            if fault is not None:
                act(self, fault, answer)
                return
        self._reply(answer)

    def _reply(self, answer: Packet, *, verify: bytes = b"", in_pieces: bool = False) -> None:
        zipped = self._server.faults.strike(FaultName.GZIP, answer.command) is not None
        self._finish(encode_packet(replace(answer, zipped=zipped), verify=verify), in_pieces=in_pieces)

    def _finish(self, data: bytes, *, in_pieces: bool = False) -> None:
        self._server.in_flight.leave()
        self._send(data, in_pieces=in_pieces)

    def _send(self, data: bytes, *, in_pieces: bool = False) -> None:
        if not self._closing and self._server.faults.holds(FaultName.STALL) is None:
            self._queue.put_nowait(lambda: self._pipe.send(data, in_pieces=in_pieces))

    # --- what faults do to answers

    def _drop(self, _fault: Fault, _answer: Packet) -> None:
        self._server.in_flight.leave()
        self.close()

    def _reset(self, _fault: Fault, _answer: Packet) -> None:
        self._server.in_flight.leave()
        self.abort()

    def _drop_mid_frame(self, _fault: Fault, answer: Packet) -> None:
        whole = encode_packet(answer)
        self._finish(whole[: len(whole) // 2])
        self.close()

    def _close_code(self, fault: Fault, _answer: Packet) -> None:
        self._server.in_flight.leave()
        self.end(control.CLOSE_CODE_SERVER_SHUTDOWN if fault.code is None else fault.code, "simulated")

    def _unanswered(self, _fault: Fault, _answer: Packet) -> None:
        self._server.in_flight.leave()

    def _verify(self, _fault: Fault, answer: Packet) -> None:
        self._reply(answer, verify=self._server.faults.random_bytes(24))

    def _in_pieces(self, _fault: Fault, answer: Packet) -> None:
        self._reply(answer, in_pieces=True)

    def _bad_gzip(self, _fault: Fault, answer: Packet) -> None:
        plain = encode_packet(replace(answer, body=_NOT_PROTOBUF))
        self._finish(bytes((plain[0] | _GZIP_BIT,)) + plain[1:])

    def _unparsable(self, _fault: Fault, answer: Packet) -> None:
        self._reply(replace(answer, body=_NOT_PROTOBUF, status=Status.SUCCESS))

    def _wrong_magic(self, _fault: Fault, answer: Packet) -> None:
        self._finish(bytes((_KIND_UNKNOWN,)) + encode_packet(answer)[1:])

    def _huge_length(self, _fault: Fault, answer: Packet) -> None:
        empty = encode_packet(replace(answer, body=b""))
        self._finish(empty[:-3] + b"\xff\xff\xff")

    def _garbage(self, _fault: Fault, answer: Packet) -> None:
        self._send(b"\x00" + self._server.faults.random_bytes(_GARBAGE_BYTES - 1))
        self._reply(answer)

    def _unknown_id(self, _fault: Fault, answer: Packet) -> None:
        self._reply(replace(answer, request_id=answer.request_id ^ _ID_MASK))

    def _delay(self, fault: Fault, answer: Packet) -> None:
        self._server.background.start(self._later(answer, fault.seconds or 0.0))

    async def _later(self, answer: Packet, seconds: float) -> None:
        clock = self._server.clock
        await clock.sleep_until(clock.monotonic() + seconds)
        self._reply(answer)

    def _reorder(self, _fault: Fault, answer: Packet) -> None:
        """Hold an answer until the next one overtakes it, or for a moment where none does."""
        self._held.append(encode_packet(answer))
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
        for data in reversed(held):
            self._finish(data)


def _response(request: Packet, body: bytes, status: int = Status.SUCCESS) -> Packet:
    return Packet(Kind.RESPONSE, request.command, body, request.request_id, status=status)


def _error(code: int, text: str) -> bytes:
    return control.Error(code=code, msg=text).SerializeToString()


_Act = Callable[[LongportSocket, Fault, Packet], None]
_ACTS: dict[FaultName, _Act] = {
    FaultName.DROP: LongportSocket._drop,
    FaultName.RESET: LongportSocket._reset,
    FaultName.DROP_MID_FRAME: LongportSocket._drop_mid_frame,
    FaultName.CLOSE_CODE: LongportSocket._close_code,
    FaultName.UNANSWERED: LongportSocket._unanswered,
    FaultName.VERIFY: LongportSocket._verify,
    FaultName.BAD_GZIP: LongportSocket._bad_gzip,
    FaultName.UNPARSABLE: LongportSocket._unparsable,
    FaultName.WRONG_MAGIC: LongportSocket._wrong_magic,
    FaultName.HUGE_LENGTH: LongportSocket._huge_length,
    FaultName.GARBAGE: LongportSocket._garbage,
    FaultName.UNKNOWN_SERIAL: LongportSocket._unknown_id,
    FaultName.DELAY: LongportSocket._delay,
    FaultName.REORDER: LongportSocket._reorder,
    FaultName.PIECES: LongportSocket._in_pieces,
}
