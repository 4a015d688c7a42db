"""What can happen on a Longport connection: the events wire.longport.protocol.LongportConnection gives out."""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.errors import RemoteProtocolError


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
class Unreadable:
    """The body of one packet cannot be read. Where `request_id` was pending, that request failed; nothing else did."""

    command: int
    request_id: int
    error: RemoteProtocolError


@dataclass(frozen=True, slots=True)
class Pushed:
    """Something the server says unasked."""

    command: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A response to nothing that is pending: late, doubled or made up. For the log."""

    command: int
    request_id: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Request `request_id` was not answered in time; an answer that still comes is Unmatched."""

    request_id: int


@dataclass(frozen=True, slots=True)
class PingDue:
    """Over WebSocket: send a native ping now."""


@dataclass(frozen=True, slots=True)
class ClosedByServer:
    """The server said why it closes: `code` is a control_pb2.CloseCode. The connection is closed."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Dead:
    """Not one byte for `silent_s` seconds: the connection is closed."""

    silent_s: float


@dataclass(frozen=True, slots=True)
class Broken:
    """The peer's packets cannot be read: the connection is closed."""

    error: RemoteProtocolError


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
