"""Names on the bus: subjects, streams, users. Made and read here alone.

    capflow.v1.flow.SOURCE.MARKET.CODE    a symbol's whole day, kept by the stream FLOW
    capflow.v1.alert.ID                   a shared alert, kept by the stream ALERT
    capflow.v1.ack.USER.ID                somebody acknowledged it, kept by the stream ACK
    capflow.v1.interest.USER              which symbols a window wants
    capflow.v1.live.…                     what the server repeats of these streams as it comes, of FLOW the headers
    capflow.v1.live.beat.SHARD            every two seconds, of each shard that has a holder
    capflow.v1.live.ask                   every window is to say its interest again

A code stands last and keeps its dots: whoever subscribes to symbols does so with `>`, for `US.*` misses `BRK.B`.
"""

from __future__ import annotations

import re

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.reason import Code, Reason

_ROOT = "capflow.v1"
FLOW_STREAM, ACK_STREAM, ALERT_STREAM = "FLOW", "ACK", "ALERT"
LEASE_BUCKET = "LEASE"

ALL_FLOW = f"{_ROOT}.flow.>"
ALL_ACKS = f"{_ROOT}.ack.>"
ALL_ALERTS = f"{_ROOT}.alert.>"
ALL_INTERESTS = f"{_ROOT}.interest.>"
ALL_LIVE = f"{_ROOT}.live.>"
LIVE_FLOW = f"{_ROOT}.live.flow.>"
LIVE_ACKS = f"{_ROOT}.live.ack.>"
LIVE_ALERTS = f"{_ROOT}.live.alert.>"
LIVE_BEATS = f"{_ROOT}.live.beat.>"
LIVE_ASK = f"{_ROOT}.live.ask"

# Headers. Tail is ours, base64 of a `messages.Tail`; the others are the server's own.
TAIL = "Tail"
SEQUENCE = "Nats-Sequence"
LAST_SEQUENCE = "Nats-Last-Sequence"
SUBJECT = "Nats-Subject"
TIME = "Nats-Time-Stamp"
_NANOSECOND = 9  # digits
MESSAGE_ID = "Nats-Msg-Id"
EXPECTED_SEQUENCE = "Nats-Expected-Last-Subject-Sequence"

# Names of users, sources and alerts. A wildcard, a space or a dot in one would make another subject of it.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Upper case and digits, with single marks between them: `A*` and `A>` are accepted as literal subjects by a server.
_CODE = re.compile(r"[A-Z0-9]+(?:[._-][A-Z0-9]+)*")
_LONGEST_CODE = 20
MOST_SHARDS = 64


def is_name(text: str) -> bool:
    """Whether a text may name a user, a source or an alert in a subject."""
    return _NAME.fullmatch(text) is not None


def is_code(text: str) -> bool:
    """Whether a text may stand as a symbol's code in a subject."""
    return len(text) <= _LONGEST_CODE and _CODE.fullmatch(text) is not None


def flow(source: str, symbol: Symbol) -> str:
    """The subject of a symbol's flow. Raises LocalProtocolError for a name or a code that cannot stand in one."""
    if not is_code(symbol.code):
        raise LocalProtocolError(Reason.of(Code.NOT_A_SUBJECT, text=str(symbol)))
    return f"{_ROOT}.flow.{_named(source)}.{symbol.market.value}.{symbol.code}"


def flow_of(source: str, market: Market | None = None) -> str:
    """What matches the flow of a source, or of one of its markets."""
    return f"{_ROOT}.flow.{_named(source)}.{market.value + '.' if market else ''}>"


def alert(alert_id: str) -> str:
    """The subject of a shared alert."""
    return f"{_ROOT}.alert.{_named(alert_id)}"


def ack(user: str, alert_id: str) -> str:
    """The subject on which `user` acknowledges an alert: the server lets nobody else publish on it."""
    return f"{_ROOT}.ack.{_named(user)}.{_named(alert_id)}"


def acks_of(user: str) -> str:
    """What matches the acknowledgements of `user`."""
    return f"{_ROOT}.ack.{_named(user)}.>"


def interest(user: str) -> str:
    """The subject on which a window says what it wants."""
    return f"{_ROOT}.interest.{_named(user)}"


def beat(shard: str) -> str:
    """The subject of a shard's beats; `standby` is that of collectors without one."""
    return f"{_ROOT}.live.beat.{_named(shard)}"


def shard(number: int) -> str:
    """The name of a shard, which is the key of its lease: `shard0`, …"""
    return f"shard{number}"


def inbox(user: str) -> str:
    """The prefix of a user's replies. The server lets nobody else subscribe to it."""
    return f"_INBOX_{_named(user)}"


def stored_at(time: str) -> tuple[str, str]:
    """The header TIME as something that can be compared: of two messages, of two streams too, the later has more."""
    second, _, fraction = time.removesuffix("Z").partition(".")
    return second, fraction.ljust(_NANOSECOND, "0")


def read_flow(subject: str) -> tuple[str, Symbol]:
    """Source and symbol of a flow subject, live or not. Raises RemoteProtocolError."""
    parts = _rest(subject, "flow").split(".", 2)
    if len(parts) != 3 or not is_name(parts[0]) or parts[1] not in Market.__members__ or not is_code(parts[2]):
        raise _unreadable(subject)
    return parts[0], Symbol(Market(parts[1]), parts[2])


def read_alert(subject: str) -> str:
    """The id of an alert's subject, live or not. Raises RemoteProtocolError."""
    found = _rest(subject, "alert")
    if not is_name(found):
        raise _unreadable(subject)
    return found


def read_ack(subject: str) -> tuple[str, str]:
    """User and alert of an acknowledgement, live or not. Raises RemoteProtocolError."""
    user, _, alert_id = _rest(subject, "ack").partition(".")
    if not is_name(user) or not is_name(alert_id):
        raise _unreadable(subject)
    return user, alert_id


def read_interest(subject: str) -> str:
    """Whose interest it is. Raises RemoteProtocolError."""
    user = _rest(subject, "interest")
    if not is_name(user):
        raise _unreadable(subject)
    return user


def read_beat(subject: str) -> str:
    """Whose beat it is: a shard, or `standby`. Raises RemoteProtocolError."""
    name = _rest(subject, "beat")
    if not is_name(name):
        raise _unreadable(subject)
    return name


def _named(text: str) -> str:
    if not is_name(text):
        raise LocalProtocolError(Reason.of(Code.NOT_A_SUBJECT, text=text))
    return text


def _rest(subject: str, kind: str) -> str:
    """What follows `capflow.v1.KIND.` or `capflow.v1.live.KIND.`."""
    for start in (f"{_ROOT}.{kind}.", f"{_ROOT}.live.{kind}."):
        if subject.startswith(start):
            return subject[len(start) :]
    raise _unreadable(subject)


def _unreadable(subject: str) -> RemoteProtocolError:
    return RemoteProtocolError(Reason.of(Code.NOT_A_SUBJECT, text=subject[:200]))
