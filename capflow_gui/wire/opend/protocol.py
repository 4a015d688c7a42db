"""A client's OpenD connection without the I/O: bytes and times in, bytes and events out.

    OPENING --connect()--> INITIATING --answer--> READY
       every state --fatal fault, InitConnect refused or late, dead-man--> CLOSED

`now` is monotonic seconds everywhere. Time-outs of requests, InitConnect, keep-alive and the dead-man all live here:
the shell asks next_deadline(), waits, and calls handle_timer(). One object serves one TCP connection and is thrown
away with it, so nothing of a dead link (half a frame, a serial, a pending call) can reach the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from google.protobuf.message import DecodeError

from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.events import Broken, Dead, Pushed, TimedOut, Unmatched, Unreadable
from capflow_gui.wire.in_flight import REQUEST_TIMEOUT_S, InFlight
from capflow_gui.wire.opend.frame import (
    PLAIN,
    PUSHES,
    BodyCipher,
    Frame,
    FrameDecoder,
    Proto,
    encode_frame,
    open_body,
    text_of,
)
from capflow_gui.wire.pb.opend import common_pb2, init_connect_pb2, keep_alive_pb2

INIT_TIMEOUT_S = 8.0
KEEP_ALIVE_SHARE = 0.8
DEAD_AFTER_INTERVALS = 2.5
CLIENT_VERSION = 300
CLIENT_ID = "capflow"
_DEFAULT_INTERVAL_S = 10
_MAX_INTERVAL_S = 300


class State(StrEnum):
    """Where the connection is in its one life."""

    OPENING = "opening"
    INITIATING = "initiating"
    READY = "ready"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ready:
    """InitConnect was answered: requests may be sent."""

    server_version: int
    user_id: int
    connection_id: int
    keep_alive_s: float
    encrypted: bool


@dataclass(frozen=True, slots=True)
class InitRejected:
    """OpenD refused InitConnect in its own words. The connection is closed."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class InitUnreadable:
    """InitConnect was answered with something this client cannot open: a key on one side only, or another key."""

    error: RemoteProtocolError


@dataclass(frozen=True, slots=True)
class InitTimedOut:
    """InitConnect was not answered. `received` counts the bytes that came nevertheless. The connection is closed."""

    received: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The plain, checked body that answers request `serial`; `digest` is its SHA-1."""

    proto_id: int
    serial: int
    body: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class KeepAliveUnanswered:
    """The previous keep-alive was not answered when the next was due. The dead-man decides, not this."""

    missed: int


Event = (
    Ready
    | InitRejected
    | InitUnreadable
    | InitTimedOut
    | Answer
    | Unreadable
    | Pushed
    | Unmatched
    | TimedOut
    | KeepAliveUnanswered
    | Dead
    | Broken
)


class SharedKey(BodyCipher, Protocol):
    """The RSA key as the connection uses it; wire.opend.cipher.RsaKey is the one there is."""

    def session_cipher(self, key: str, iv: str) -> BodyCipher:
        """Return what every later frame is encrypted with."""


class OpendConnection:
    """The client's half of one connection. Without `key` nothing is encrypted.

    Serials start at 1 and only grow. Not thread-safe.
    """

    def __init__(
        self,
        key: SharedKey | None = None,
        *,
        client_id: str = CLIENT_ID,
        init_timeout_s: float = INIT_TIMEOUT_S,
        request_timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> None:
        self.state = State.OPENING
        self._key = key
        self._client_id = client_id
        self._init_timeout_s = init_timeout_s
        self._decoder = FrameDecoder()
        self._cipher: BodyCipher = PLAIN
        self._serial = 0
        self._in_flight = InFlight(request_timeout_s)
        self._init_serial = 0
        self._init_deadline = 0.0
        self._interval_s = float(_DEFAULT_INTERVAL_S)
        self._last_byte = 0.0
        self._received = 0
        self._keep_alive_due = 0.0
        self._keep_alive_serial: int | None = None
        self._missed = 0

    @property
    def ready(self) -> bool:
        """Whether requests may be sent."""
        return self.state is State.READY

    @property
    def closed(self) -> bool:
        """Whether this connection is over."""
        return self.state is State.CLOSED

    def connect(self, now: float) -> bytes:
        """Return the InitConnect frame, the first bytes of the connection."""
        if self.state is not State.OPENING:
            raise LocalProtocolError(Reason.of(Code.NOT_IN_THIS_STATE, what="InitConnect", state=self.state))
        algorithm = common_pb2.PACKET_ENC_ALGO_AES_CBC if self._key else common_pb2.PACKET_ENC_ALGO_NONE
        message = init_connect_pb2.Request(
            c2s=init_connect_pb2.C2S(
                clientVer=CLIENT_VERSION,
                clientID=self._client_id,
                recvNotify=True,
                packetEncAlgo=algorithm,
                pushProtoFmt=common_pb2.PROTO_FMT_PROTOBUF,
                programmingLanguage="Python",
            )
        )
        self.state = State.INITIATING
        self._init_serial = self._next_serial()
        self._init_deadline = now + self._init_timeout_s
        self._last_byte = now
        return encode_frame(Proto.INIT_CONNECT, self._init_serial, message.SerializeToString(), self._key or PLAIN)

    def request(self, proto_id: int, body: bytes, now: float) -> tuple[int, bytes]:
        """Return the serial of a new request and the frame to send. Raises LocalProtocolError where not ready."""
        if self.state is not State.READY:
            raise LocalProtocolError(Reason.of(Code.NOT_IN_THIS_STATE, what="request", state=self.state))
        serial = self._next_serial()
        data = encode_frame(proto_id, serial, body, self._cipher)
        self._in_flight.add(serial, proto_id, now)
        return serial, data

    def forget(self, serial: int) -> None:
        """Stop waiting for `serial`: its caller is gone."""
        self._in_flight.forget(serial)

    def receive_data(self, data: bytes | memoryview, now: float) -> list[Event]:
        """Take what came from the peer, however it was cut, and return what it meant. `data` may be used again."""
        if self.state is State.CLOSED:
            return []
        self._last_byte = now
        self._received += len(data)
        frames, fault = self._decoder.receive(data)
        events: list[Event] = []
        for frame in frames:
            event = self._on_frame(frame) if self.state is State.READY else self._on_init_frame(frame, now)
            if event is not None:
                events.append(event)
            if self.closed:
                return events
        if fault is not None:
            self._close()
            events.append(Broken(fault))
        return events

    def next_deadline(self) -> float | None:
        """Return the monotonic time handle_timer() is next wanted at; None when closed or not begun."""
        if self.state is State.INITIATING:
            return self._init_deadline
        if self.state is not State.READY:
            return None
        return min(self._keep_alive_due, self._dead_at(), self._in_flight.next_deadline())

    def handle_timer(self, now: float, wall: float) -> tuple[bytes, list[Event]]:
        """Do what is due at `now`: return bytes to send (a keep-alive, stamped `wall` epoch seconds) and events."""
        if self.state is State.INITIATING and now >= self._init_deadline:
            self._close()
            return b"", [InitTimedOut(self._received)]
        if self.state is not State.READY:
            return b"", []
        if now >= self._dead_at():
            silent = now - self._last_byte
            self._close()
            return b"", [Dead(silent)]
        events: list[Event] = [TimedOut(serial) for serial in self._in_flight.expire(now)]
        send = b""
        if now >= self._keep_alive_due:
            if self._keep_alive_serial is not None:
                self._missed += 1
                events.append(KeepAliveUnanswered(self._missed))
            send = self._keep_alive(now, wall)
        return send, events

    def _keep_alive(self, now: float, wall: float) -> bytes:
        self._keep_alive_due = now + self._interval_s * KEEP_ALIVE_SHARE
        self._keep_alive_serial = self._next_serial()
        body = keep_alive_pb2.Request(c2s=keep_alive_pb2.C2S(time=int(wall))).SerializeToString()
        return encode_frame(Proto.KEEP_ALIVE, self._keep_alive_serial, body, self._cipher)

    def _dead_at(self) -> float:
        return self._last_byte + DEAD_AFTER_INTERVALS * self._interval_s

    def _next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def _close(self) -> None:
        self.state = State.CLOSED
        self._in_flight.clear()

    def _on_frame(self, frame: Frame) -> Event | None:
        if frame.proto_id == Proto.KEEP_ALIVE and frame.serial == self._keep_alive_serial:
            self._keep_alive_serial = None
            self._missed = 0
            return None
        push = frame.proto_id in PUSHES
        if not push and not self._in_flight.take(frame.serial, frame.proto_id):
            return Unmatched(frame.proto_id, frame.serial)
        try:
            body = open_body(frame, self._cipher)
        except RemoteProtocolError as error:
            return Unreadable(frame.proto_id, frame.serial, error)
        return Pushed(frame.proto_id, body) if push else Answer(frame.proto_id, frame.serial, body, frame.digest)

    def _on_init_frame(self, frame: Frame, now: float) -> Event:
        if frame.proto_id != Proto.INIT_CONNECT or frame.serial != self._init_serial:
            return Unmatched(frame.proto_id, frame.serial)
        try:
            answer = self._parse_init(frame)
            if answer.retType == common_pb2.RET_TYPE_SUCCEED:
                return self._ready(answer, now)
        except RemoteProtocolError as error:
            self._close()
            return InitUnreadable(error)
        self._close()
        return InitRejected(answer.retType, text_of(answer.retMsg))

    def _parse_init(self, frame: Frame) -> init_connect_pb2.Response:
        answer = init_connect_pb2.Response()
        try:
            answer.ParseFromString(open_body(frame, self._key or PLAIN))
        except DecodeError as error:
            raise RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))) from error
        # The parser does not insist on required fields: an empty body would pass for a refusal without words.
        if not answer.HasField("retType"):
            raise RemoteProtocolError(Reason.of(Code.NO_RESULT))
        return answer

    def _ready(self, answer: init_connect_pb2.Response, now: float) -> Ready:
        s2c = answer.s2c
        if not s2c.IsInitialized():
            raise RemoteProtocolError(Reason.of(Code.LACKS_FIELDS))
        if self._key is not None:
            self._cipher = self._key.session_cipher(text_of(s2c.connAESKey), text_of(s2c.aesCBCiv))
        interval = s2c.keepAliveInterval
        self._interval_s = float(interval if 0 < interval <= _MAX_INTERVAL_S else _DEFAULT_INTERVAL_S)
        self._keep_alive_due = now + self._interval_s * KEEP_ALIVE_SHARE
        self.state = State.READY
        return Ready(s2c.serverVer, s2c.loginUserID, s2c.connID, self._interval_s, self._key is not None)
