"""A client's Longport quote connection without the I/O: packets and times in, packets and events out.

    OPENING --authenticate() or resume()--> AUTHENTICATING --answer--> READY
       every state --fault, refusal, close push, silence--> CLOSED

`now` is monotonic seconds everywhere. Over WebSocket feed receive_message(); over TCP receive_data(), and send
`packet.HANDSHAKE` first. Time-outs, heartbeats and the dead-man live here: the shell asks next_deadline(),
waits, and calls handle_timer(). One object serves one socket and is thrown away with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from google.protobuf.message import DecodeError

from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.events import Broken, Dead, Pushed, TimedOut, Unmatched, Unreadable
from capflow_gui.wire.in_flight import REQUEST_TIMEOUT_S, InFlight
from capflow_gui.wire.longport.packet import (
    MAX_REQUEST_ID,
    Command,
    Kind,
    Packet,
    PacketDecoder,
    Status,
    decode_message,
    encode_packet,
    open_body,
)
from capflow_gui.wire.pb.longport import control_pb2

AUTH_TIMEOUT_S = 8.0
HEARTBEAT_S = 20.0
DEAD_AFTER_S = 60.0


class State(StrEnum):
    """Where the connection is in its one life."""

    OPENING = "opening"
    AUTHENTICATING = "authenticating"
    READY = "ready"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ready:
    """The session stands: requests may be sent. `expires` is in UTC epoch seconds, None where the server says nothing.

    `limit` and `online` are the account's connections, 0 where not said.
    """

    session_id: str
    expires: float | None
    limit: int
    online: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class AuthRejected:
    """The one-time password, or the old session where `resumed`, was refused. The connection is closed."""

    status: int
    code: int
    message: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class AuthTimedOut:
    """The first packet was not answered in time. The connection is closed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The plain body that answers request `request_id`."""

    command: int
    request_id: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """Request `request_id` was refused. `code` is 0 and `message` empty where the server gave no readable reason."""

    command: int
    request_id: int
    status: int
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class PingDue:
    """Over WebSocket: send a native ping now."""


@dataclass(frozen=True, slots=True)
class ClosedByServer:
    """The server said why it closes: `code` is a control_pb2.CloseCode. The connection is closed."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes to send at once: the answer to the server's heartbeat."""

    data: bytes


Event = (
    Ready
    | AuthRejected
    | AuthTimedOut
    | Answer
    | Rejected
    | Unreadable
    | Pushed
    | Unmatched
    | TimedOut
    | PingDue
    | ClosedByServer
    | Dead
    | Broken
    | Reply
)


class LongportConnection:
    """The client's half of one connection. Request ids start at 1, grow, and wrap after 2^32 - 1. Not thread-safe.

    native_ping: the transport has pings of its own (WebSocket); else heartbeats are packets (TCP).
    """

    def __init__(
        self,
        *,
        native_ping: bool = True,
        auth_timeout_s: float = AUTH_TIMEOUT_S,
        request_timeout_s: float = REQUEST_TIMEOUT_S,
        heartbeat_s: float = HEARTBEAT_S,
        dead_after_s: float = DEAD_AFTER_S,
        first_id: int = 1,
    ) -> None:
        self.state = State.OPENING
        self._native_ping = native_ping
        self._auth_timeout_s = auth_timeout_s
        self._request_timeout_s = request_timeout_s
        self._heartbeat_s = heartbeat_s
        self._dead_after_s = dead_after_s
        self._decoder = PacketDecoder()
        self._next_id = first_id
        self._in_flight = InFlight(request_timeout_s)
        self._first: tuple[int, int] = (0, 0)  # (command, request id) of the packet that opens the session
        self._auth_deadline = 0.0
        self._heard_at = 0.0
        self._heartbeat_due = 0.0
        self._heartbeat_id = 0

    @property
    def ready(self) -> bool:
        """Whether requests may be sent."""
        return self.state is State.READY

    @property
    def closed(self) -> bool:
        """Whether this connection is over."""
        return self.state is State.CLOSED

    @property
    def in_flight(self) -> int:
        """Requests that wait for an answer."""
        return len(self._in_flight)

    def authenticate(self, password: str, metadata: Mapping[str, str], now: float) -> bytes:
        """Return the first packet of a new session. `password` is the one-time password."""
        body = control_pb2.AuthRequest(token=password, metadata=metadata)
        return self._open(Command.AUTH, body.SerializeToString(), now)

    def resume(self, session_id: str, metadata: Mapping[str, str], now: float) -> bytes:
        """Return the first packet that takes up an earlier session."""
        body = control_pb2.ReconnectRequest(session_id=session_id, metadata=metadata)
        return self._open(Command.RECONNECT, body.SerializeToString(), now)

    def request(self, command: int, body: bytes, now: float) -> tuple[int, bytes]:
        """Return the id of a new request and the packet to send. Raises LocalProtocolError where not ready."""
        if self.state is not State.READY:
            raise LocalProtocolError(Reason.of(Code.NOT_IN_THIS_STATE, what="request", state=self.state))
        request_id = self._take_id()
        data = self._encode(command, request_id, body)
        self._in_flight.add(request_id, command, now)
        return request_id, data

    def forget(self, request_id: int) -> None:
        """Stop waiting: the caller is gone."""
        self._in_flight.forget(request_id)

    def heard(self, now: float) -> None:
        """Note a sign of life below the packets: a native ping or pong."""
        self._heard_at = now

    def receive_message(self, message: bytes, now: float) -> list[Event]:
        """Take one binary WebSocket message, and return what it meant."""
        if self.closed:
            return []
        try:
            packet = decode_message(message)
        except RemoteProtocolError as error:
            return [self._break(error)]
        return self._take([packet], None, now)

    def receive_data(self, data: bytes, now: float) -> list[Event]:
        """Take what came over TCP, however it was cut, and return what it meant."""
        if self.closed:
            return []
        packets, fault = self._decoder.receive(data)
        return self._take(packets, fault, now)

    def next_deadline(self) -> float | None:
        """Return the monotonic time handle_timer() is next wanted at; None when closed or not begun."""
        if self.state is State.AUTHENTICATING:
            return self._auth_deadline
        if self.state is not State.READY:
            return None
        return min(self._heartbeat_due, self._heard_at + self._dead_after_s, self._in_flight.next_deadline())

    def handle_timer(self, now: float, wall: float) -> list[Event]:
        """Do what is due at `now`; a heartbeat packet is stamped `wall` epoch seconds."""
        if self.state is State.AUTHENTICATING and now >= self._auth_deadline:
            self._close()
            return [AuthTimedOut()]
        if self.state is not State.READY:
            return []
        if now >= self._heard_at + self._dead_after_s:
            silent = now - self._heard_at
            self._close()
            return [Dead(silent)]
        events: list[Event] = [TimedOut(request_id) for request_id in self._in_flight.expire(now)]
        if now >= self._heartbeat_due:
            self._heartbeat_due = now + self._heartbeat_s
            events.append(PingDue() if self._native_ping else Reply(self._heartbeat(wall)))
        return events

    def _open(self, command: Command, body: bytes, now: float) -> bytes:
        if self.state is not State.OPENING:
            raise LocalProtocolError(Reason.of(Code.NOT_IN_THIS_STATE, what="session", state=self.state))
        self.state = State.AUTHENTICATING
        self._heard_at = now
        self._auth_deadline = now + self._auth_timeout_s
        self._first = (command, self._take_id())
        return self._encode(command, self._first[1], body)

    def _encode(self, command: int, request_id: int, body: bytes) -> bytes:
        timeout_ms = round(self._request_timeout_s * 1000)
        return encode_packet(Packet(Kind.REQUEST, command, body, request_id, timeout_ms=timeout_ms))

    def _heartbeat(self, wall: float) -> bytes:
        self._heartbeat_id = self._take_id()
        body = control_pb2.Heartbeat(timestamp=int(wall * 1000)).SerializeToString()
        return self._encode(Command.HEARTBEAT, self._heartbeat_id, body)

    def _take_id(self) -> int:
        while (request_id := self._next_id) in self._in_flight:
            self._next_id = self._next_id % MAX_REQUEST_ID + 1
        self._next_id = request_id % MAX_REQUEST_ID + 1
        return request_id

    def _close(self) -> None:
        self.state = State.CLOSED
        self._in_flight.clear()

    def _break(self, error: RemoteProtocolError) -> Broken:
        self._close()
        return Broken(error)

    def _take(self, packets: list[Packet], fault: RemoteProtocolError | None, now: float) -> list[Event]:
        self._heard_at = now
        events: list[Event] = []
        for packet in packets:
            event = self._on_packet(packet, now)
            if event is not None:
                events.append(event)
            if self.closed:
                return events
        if fault is not None:
            events.append(self._break(fault))
        return events

    def _on_packet(self, packet: Packet, now: float) -> Event | None:
        if packet.kind is Kind.RESPONSE:
            return self._on_response(packet, now)
        try:
            body = open_body(packet)
        except RemoteProtocolError as error:
            return Unreadable(packet.command, packet.request_id, error)
        if packet.kind is Kind.REQUEST:
            if packet.command == Command.HEARTBEAT:
                return Reply(encode_packet(Packet(Kind.RESPONSE, Command.HEARTBEAT, body, packet.request_id)))
            return self._break(RemoteProtocolError(Reason.of(Code.SERVER_ASKS, command=packet.command)))
        if packet.command == Command.CLOSE:
            return self._on_close(body)
        return Pushed(packet.command, body)

    def _on_close(self, body: bytes) -> Event:
        message = control_pb2.Close()
        try:
            message.ParseFromString(body)
        except DecodeError as error:
            return self._break(RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))))
        self._close()
        return ClosedByServer(message.code, message.reason)

    def _on_response(self, packet: Packet, now: float) -> Event | None:
        if self.state is State.AUTHENTICATING:
            if (packet.command, packet.request_id) == self._first:
                return self._on_session(packet, now)
            return Unmatched(packet.command, packet.request_id)
        if packet.command == Command.HEARTBEAT and packet.request_id == self._heartbeat_id:
            return None
        if not self._in_flight.take(packet.request_id, packet.command):
            return Unmatched(packet.command, packet.request_id)
        return _outcome(packet)

    def _on_session(self, packet: Packet, now: float) -> Event:
        resumed = packet.command == Command.RECONNECT
        try:
            body = open_body(packet)
            if packet.status != Status.SUCCESS:
                self._close()
                return AuthRejected(packet.status, *read_error(body), resumed)
            session = control_pb2.Session()
            session.ParseFromString(body)
        except RemoteProtocolError as error:
            return self._break(error)
        except DecodeError as error:
            return self._break(RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))))
        if not session.session_id:
            return self._break(RemoteProtocolError(Reason.of(Code.NO_SESSION)))
        self.state = State.READY
        self._heartbeat_due = now + self._heartbeat_s
        expires = session.expires / 1000 if session.expires > 0 else None
        return Ready(session.session_id, expires, session.limit, session.online, resumed)


def _outcome(packet: Packet) -> Event:
    """Return what a response to a pending request means."""
    try:
        body = open_body(packet)
    except RemoteProtocolError as error:
        if packet.status == Status.SUCCESS:
            return Unreadable(packet.command, packet.request_id, error)
        body = b""
    if packet.status == Status.SUCCESS:
        return Answer(packet.command, packet.request_id, body)
    return Rejected(packet.command, packet.request_id, packet.status, *read_error(body))


def read_error(body: bytes) -> tuple[int, str]:
    """Return code and message of a refusal; (0, "") where the body is missing or is no such message."""
    message = control_pb2.Error()
    try:
        message.ParseFromString(body)
    except DecodeError:
        return 0, ""
    return message.code, message.msg
