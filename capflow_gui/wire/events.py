"""What can happen on a connection to either broker: the events that the protocols of `wire` give out."""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.errors import RemoteProtocolError


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One body cannot be read: where request `number` was pending, it failed; nothing else did.

    `asked` is the command, or the number of the protocol.
    """

    asked: int
    number: int
    error: RemoteProtocolError


@dataclass(frozen=True, slots=True)
class Pushed:
    """Something the broker says unasked."""

    asked: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An answer to nothing that is pending: late, doubled or made up. For the log."""

    asked: int
    number: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Request `number` was not answered in time; an answer that still comes is Unmatched."""

    number: int


@dataclass(frozen=True, slots=True)
class Dead:
    """Not one byte for `silent_s` seconds: the connection is closed."""

    silent_s: float


@dataclass(frozen=True, slots=True)
class Broken:
    """What the peer sends cannot be read any further: the connection is closed."""

    error: RemoteProtocolError
