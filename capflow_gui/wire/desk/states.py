"""A symbol's day on the bus: whole, as the stream FLOW keeps it, and as the tail that leads from one to the next.

Both are msgpack arrays whose first element is the version of this protocol; see `messages` for its clocks.
"""

from __future__ import annotations

import base64
import binascii
import math
from datetime import date
from typing import Annotated, NamedTuple

import msgspec
from msgspec.structs import replace

from capflow_gui.domain.flow import Flag
from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk.coding import (
    VERSION,
    Count,
    Name,
    Short,
    Text,
    Version,
    decoded,
    encoder,
    is_second,
    symbol_of,
    unreadable,
)
from capflow_gui.wire.desk.lines import MOST_LINES, Lines, pack, unpack
from capflow_gui.wire.desk.subjects import is_name

# A tail stands in a header, and is sent to every window: a longer one is left out, and windows fetch the whole.
LONGEST_TAIL = 8 * 1024
_FLAGS = sum(Flag)


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """Why the newest question about a symbol failed at the collector; the lines are those of before.

    kind    the class of the error, as `errors` has it: UnknownSymbol, NoQuoteRight …
    code    the broker's number, 0 where it gave none
    reason  as `Reason.to_json` writes it
    """

    kind: Name
    code: int
    reason: Text


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What holds of a security for the day. `kind` as SecurityKind; `currency` None: the source does not say."""

    name: Short
    kind: Name
    lot_size: int
    currency: Name | None = None
    delisted: bool = False


class Price(msgspec.Struct, frozen=True, array_like=True):
    """The newest price snapshot; see domain.quote.Quote. `time` is market time at which it was true.

    An amount that is not known is NaN, and none is infinite.
    """

    name: Short | None
    price: float
    previous_close: float
    turnover: float
    volume: int
    time: float | None
    halted: bool


class Money(msgspec.Struct, frozen=True, array_like=True):
    """The day's money in and out by class, newest snapshot; see domain.quote.Distribution."""

    time: float | None
    inflow: Annotated[dict[Name, float | None], msgspec.Meta(max_length=8)]
    outflow: Annotated[dict[Name, float | None], msgspec.Meta(max_length=8)]


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What a collector knows of a symbol at one reply, and no line is: it goes with the whole day and with a tail.

    last_valid  market time at which the source says its figures are true; None: it does not say
    received    market time at which the reply came; None before the first
    at          monotonic second of the collector at which it came
    flags       faults of the whole reply, as the collector judged it
    """

    last_valid: float | None
    received: float | None
    at: float
    flags: Count
    fault: Fault | None = None
    price: Price | None = None
    money: Money | None = None


class About(NamedTuple):
    """What stays the same for a day, as a rule; see FlowState."""

    session: date | None
    facts: Facts | None


class FlowState(msgspec.Struct, frozen=True, eq=False):
    """A symbol as its collector has it: what the stream FLOW keeps.

    source     as the collector calls it: opend, opend-2, longport, demo …; the subject names its kind
    kind       opend, longport, demo …
    simulated  whether the source said that it is a simulator
    session    the exchange's date of the lines; None where there are none
    epoch      revision of the lease under which it was published: a later holder has a higher one
    rev        counts the publishes of the symbol in this epoch, from 1
    """

    source: str
    kind: str
    simulated: bool
    symbol: Symbol
    session: date | None
    epoch: int
    rev: int
    known: Known
    facts: Facts | None
    lines: Lines

    @property
    def about(self) -> About:
        """Session and facts."""
        return About(self.session, self.facts)

    def says_the_same(self, other: FlowState) -> bool:
        """Whether nothing differs but who says it, its number, and prices that came since: they go with a reply."""
        ours, theirs = (replace(each.known, price=None, money=None) for each in (self, other))
        same = _where(self) == _where(other) and self.about == other.about and ours == theirs
        return same and self.lines == other.lines

    def is_followed_by(self, tail: Tail) -> bool:
        """Whether a tail was made against this state."""
        return _comes_next(self, tail) and tail.start <= len(self.lines) and tail.start + len(tail.lines) == tail.count

    def with_tail(self, tail: Tail) -> FlowState:
        """The state that a tail leads to. Raises RemoteProtocolError where it was made against another one."""
        if not self.is_followed_by(tail):
            raise unreadable("tail")
        about = self.about if tail.about is None else tail.about
        return FlowState(
            self.source,
            self.kind,
            self.simulated,
            self.symbol,
            about.session,
            tail.epoch,
            tail.rev,
            tail.known,
            about.facts,
            self.lines.replaced(tail.start, tail.lines, all_confirmed=tail.all_confirmed),
        )


class Tail(msgspec.Struct, frozen=True, eq=False):
    """What a publish changed: of `count` lines those from `start` on, and all of `known`.

    about          None: as it was
    all_confirmed  whether each line before `start` is confirmed by now; else those are that were
    """

    epoch: int
    rev: int
    count: int
    start: int
    known: Known
    lines: Lines
    about: About | None = None
    all_confirmed: bool = False


class _Full(msgspec.Struct, array_like=True):
    version: Version
    source: Name
    kind: Name
    simulated: bool
    market: Name
    code: Name
    session: Name | None
    epoch: Count
    rev: Count
    known: Known
    facts: Facts | None
    count: Count
    compressed: bool
    body: bytes


class _About(msgspec.Struct, array_like=True):
    session: Name | None
    facts: Facts | None


class _Tail(msgspec.Struct, array_like=True):
    version: Version
    epoch: Count
    rev: Count
    count: Count
    start: Count
    known: Known
    compressed: bool
    body: bytes
    about: _About | None = None
    all_confirmed: bool = False


_full, _tail = msgspec.msgpack.Decoder(_Full), msgspec.msgpack.Decoder(_Tail)


def encode_flow(state: FlowState) -> bytes:
    """What a collector publishes. Raises LocalProtocolError: more lines than a message holds."""
    compressed, body = pack(state.lines)
    symbol, session = state.symbol, state.session
    return encoder.encode(
        _Full(
            VERSION,
            state.source,
            state.kind,
            state.simulated,
            symbol.market.value,
            symbol.code,
            _iso(session),
            state.epoch,
            state.rev,
            state.known,
            state.facts,
            len(state.lines),
            compressed,
            body,
        )
    )


def decode_flow(payload: bytes) -> FlowState:
    """Read what `encode_flow` wrote."""
    full = decoded(_full, payload)
    _check_known(full.known)
    if not is_name(full.source) or not is_name(full.kind):
        raise unreadable("source")
    symbol = symbol_of(full.code, full.market)
    lines = unpack(full.count, full.compressed, full.body)
    where = full.source, full.kind, full.simulated, symbol, _session(full.session), full.epoch, full.rev
    return FlowState(*where, full.known, full.facts, lines)


def encode_tail(before: FlowState, after: FlowState) -> str | None:
    """The header that leads from one state to the next; None where windows must fetch the whole.

    That is so where the source differs, and where it is too long. It is not so for the first reply of a day, and for
    the second one, which confirms each line of the first: every window would fetch every symbol.
    """
    if _where(before) != _where(after) or not _comes_next(before, after):
        return None
    start, confirmed = before.lines.first_difference(after.lines), before.lines.same_and_confirmed(after.lines)
    all_confirmed = start < confirmed
    start = max(start, confirmed)
    compressed, body = pack(after.lines.after(start))
    about = None if after.about == before.about else _About(_iso(after.session), after.facts)
    tail = VERSION, after.epoch, after.rev, len(after.lines), start, after.known, compressed, body
    seldom = (about, all_confirmed) if about is not None or all_confirmed else ()  # it is as `_Tail` has it without
    text = base64.b64encode(encoder.encode((*tail, *seldom))).decode("ascii")
    return text if len(text) <= LONGEST_TAIL else None


def decode_tail(header: str) -> Tail:
    """Read what `encode_tail` wrote."""
    if len(header) > LONGEST_TAIL:
        raise unreadable("length")
    try:
        payload = base64.b64decode(header, validate=True)
    except (binascii.Error, ValueError) as error:
        raise unreadable("base64") from error
    tail = decoded(_tail, payload)
    _check_known(tail.known)
    if not tail.start <= tail.count <= MOST_LINES:
        raise unreadable("tail")
    lines = unpack(tail.count - tail.start, tail.compressed, tail.body)
    about = None if tail.about is None else About(_session(tail.about.session), tail.about.facts)
    return Tail(tail.epoch, tail.rev, tail.count, tail.start, tail.known, lines, about, tail.all_confirmed)


def _where(state: FlowState) -> tuple[object, ...]:
    return state.source, state.kind, state.simulated, state.symbol


def _comes_next(state: FlowState, next_one: FlowState | Tail) -> bool:
    """Whether it has the next number of its holder, or the first of a later one: that goes on from what is there."""
    if next_one.epoch == state.epoch:
        return next_one.rev == state.rev + 1
    return next_one.epoch > state.epoch and next_one.rev == 1


def _check_known(known: Known) -> None:
    times, amounts = [known.at, known.last_valid, known.received], list[float | None]()
    price, money = known.price, known.money
    if price is not None:
        times.append(price.time)
        amounts += [price.price, price.previous_close, price.turnover]
    if money is not None:
        times.append(money.time)
        amounts += [*money.inflow.values(), *money.outflow.values()]
    if not all(is_second(at) for at in times if at is not None):
        raise unreadable("times")
    if any(math.isinf(amount) for amount in amounts if amount is not None):
        raise unreadable("amounts")
    if known.flags > _FLAGS:
        raise unreadable("flags")


def _iso(session: date | None) -> str | None:
    return None if session is None else session.isoformat()


def _session(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise unreadable("session") from error
