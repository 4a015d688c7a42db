"""What is said on the bus beside flow (`states`): msgpack arrays whose first element is the version of this protocol.

`encode_…` and `decode_…` are each other's opposite. Decoding raises UpdateNeeded for a version that is not known, and
RemoteProtocolError for whatever else no `encode_…` writes; it takes room for no more than a message may hold.

Three clocks are in them, all the collector's, and stamps of one are compared with stamps of the same alone: *market
time* (UTC epoch seconds by the source's clock), `at` (its monotonic seconds, of one `epoch` alone: another holder is
another process), and in an acknowledgement the wall clock of whoever acknowledged.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated

import msgspec

from capflow_gui.domain.alert_record import AlertChange, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, LocalProtocolError
from capflow_gui.reason import Code, Reason
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
from capflow_gui.wire.desk.subjects import is_code, is_name

MOST_SYMBOLS = 1024
MOST_SOURCES = 16
LONGEST_LEASE_S = 120.0


class SourceBeat(msgspec.Struct, frozen=True, array_like=True):
    """A source of the collector; its quota and cycle are those every window shows.

    market_now    market time; None: the source has not said it yet. `rate`: market seconds a second
    phase         of the link, as LinkPhase; `reason` as Reason.to_json writes it, why nothing can be asked there
    used, limit   calls in the running window of `window_s` seconds, and how many it may hold
    cycle_s       seconds between two replies of the slowest symbol; None where none is polled
    next_symbol   whom the next call is for, "" for nobody
    oldest_s      seconds since the oldest of the newest replies
    open, resting how many symbols are polled, and how many rest with their market
    """

    name: Name
    kind: Name
    simulated: bool
    classes: bool
    market_now: float | None
    rate: float
    phase: Name
    reason: Text | None
    used: Count
    limit: Count
    window_s: float
    cycle_s: float | None
    next_symbol: Name
    oldest_s: float | None
    refused: Count
    requests: Count
    open: Count
    resting: Count


class Beat(msgspec.Struct, frozen=True, array_like=True):
    """Every two seconds of each shard that has a holder: silence for six seconds means that it is lost.

    shard     its name; `standby` of a collector that holds none
    shards    how many shards the desk has
    holder    which collector, a name that is new at every start
    epoch     revision of its lease; 0 of a standby, and where the holder is stopped and gave the shard back
    sequence  of the newest message in FLOW that it published; a window that is behind for a second repairs
    at        its monotonic second now: `at` of a state of the same epoch is compared with it
    windows   how many windows said their interest; `symbols`: how many symbols the shard polls
    sources   those of the collector
    troubles  what is wrong at the collector, each as Reason.to_json writes it
    """

    version: Version
    shard: Name
    shards: Count
    holder: Name
    epoch: Count
    sequence: Count
    at: float
    windows: Count
    symbols: Count
    sources: Annotated[tuple[SourceBeat, ...], msgspec.Meta(max_length=MOST_SOURCES)]
    troubles: Annotated[tuple[Text, ...], msgspec.Meta(max_length=32)] = ()


class Interest(msgspec.Struct, frozen=True):
    """What a window wants: `shown` symbols weigh as visible, `watched` (those too) are polled.

    It holds for `lease_s` seconds by the collector's clock, unless it is said again. `window`: a name that is another
    for each window of a user, "" of a Capflow that says none. `left_out`: how many names in it are those of no symbol
    that a desk can have.
    """

    watched: tuple[Symbol, ...]
    shown: tuple[Symbol, ...]
    lease_s: float
    window: str = ""
    left_out: int = 0


class Ack(msgspec.Struct, frozen=True, array_like=True):
    """Somebody acknowledged a shared alert; who and which stand in the subject.

    told  how many announcements of it were seen: one that comes later is not acknowledged
    at    wall clock of whoever did, UTC epoch seconds
    """

    version: Version
    told: Count
    at: float


class SharedAlert(msgspec.Struct, frozen=True):
    """A record of a rule that the collector judges; it has one id in every window.

    change           what happened to it last
    acknowledged_by  the user who acknowledged it, and `acknowledged_at` (UTC epoch seconds); None: nobody yet
    """

    record: AlertRecord
    change: AlertChange
    acknowledged_by: str | None = None
    acknowledged_at: float | None = None


class _Interest(msgspec.Struct, array_like=True):
    version: Version
    watched: Annotated[list[Name], msgspec.Meta(max_length=MOST_SYMBOLS)]
    shown: Annotated[list[Name], msgspec.Meta(max_length=MOST_SYMBOLS)]
    lease_s: float
    window: Name = ""


class _Record(msgspec.Struct, array_like=True):
    id: Name
    source: Name
    symbol: Name
    rule: Text
    state: AlertState
    session: Name
    line_time: Count
    value: float
    threshold: float
    raised_at: float
    late: bool
    escalations: Count
    cleared_at: float | None
    reason: Text | None
    cannot_judge: bool
    scope: Short
    rule_id: Short
    version: Short
    told: Count
    seen: Count
    simulated: bool
    snoozed_until: float | None
    snoozes: Count


class _Alert(msgspec.Struct, array_like=True):
    version: Version
    change: AlertChange
    acknowledged_by: Name | None
    acknowledged_at: float | None
    record: _Record


_beat, _ack = msgspec.msgpack.Decoder(Beat), msgspec.msgpack.Decoder(Ack)
_interest, _alert = msgspec.msgpack.Decoder(_Interest), msgspec.msgpack.Decoder(_Alert)


def encode_beat(beat: Beat) -> bytes:
    """What the holder of a shard says every two seconds."""
    return encoder.encode(beat)


def decode_beat(payload: bytes) -> Beat:
    """Read what `encode_beat` wrote."""
    beat = decoded(_beat, payload)
    numbers = [beat.at, *(each.rate for each in beat.sources), *(each.window_s for each in beat.sources)]
    for each in beat.sources:
        numbers += [number for number in (each.market_now, each.cycle_s, each.oldest_s) if number is not None]
    if not all(map(is_second, numbers)):
        raise unreadable("numbers")
    reasons = [*beat.troubles, *(each.reason for each in beat.sources if each.reason is not None)]
    try:
        for text in reasons:
            Reason.from_json(text)
        for each in beat.sources:
            if each.next_symbol:
                Symbol.parse(each.next_symbol)
    except (ValueError, InvalidInput) as error:
        raise unreadable("reason or symbol") from error
    return beat


def encode_interest(wanted: Interest) -> bytes:
    """What a window says every ten seconds, when it changes, and when it is asked.

    Raises LocalProtocolError: more symbols than a message holds.
    """
    if max(len(wanted.watched), len(wanted.shown)) > MOST_SYMBOLS:
        length = max(len(wanted.watched), len(wanted.shown))
        raise LocalProtocolError(Reason.of(Code.DESK_TOO_LONG, length=length, most=MOST_SYMBOLS))
    watched, shown = ([str(symbol) for symbol in symbols] for symbols in (wanted.watched, wanted.shown))
    return encoder.encode(_Interest(VERSION, watched, shown, wanted.lease_s, wanted.window))


@lru_cache(maxsize=64)
def decode_interest(payload: bytes) -> Interest:
    """Read what `encode_interest` wrote. A window says the same every ten seconds, of hundreds of symbols.

    A name that is not that of a symbol, as Capflow writes it, is left out: nobody is asked about it.
    """
    wanted = decoded(_interest, payload)
    if not 0 <= wanted.lease_s <= LONGEST_LEASE_S:
        raise unreadable("lease")
    if wanted.window and not is_name(wanted.window):
        raise unreadable("window")
    named = {text: _symbol(text) for text in (*wanted.watched, *wanted.shown)}
    watched, shown = (
        tuple(dict.fromkeys(symbol for text in texts if (symbol := named[text]) is not None))
        for texts in (wanted.watched, wanted.shown)
    )
    left_out = sum(symbol is None for symbol in named.values())
    return Interest(watched, shown, wanted.lease_s, wanted.window, left_out)


def encode_ack(told: int, at: float) -> bytes:
    """What somebody acknowledges an alert with."""
    return encoder.encode(Ack(VERSION, told, at))


def decode_ack(payload: bytes) -> Ack:
    """Read what `encode_ack` wrote."""
    ack = decoded(_ack, payload)
    if not is_second(ack.at):
        raise unreadable("time")
    return ack


def encode_alert(shared: SharedAlert) -> bytes:
    """What a collector publishes of an alert, whole each time."""
    record = shared.record
    fields = {name: getattr(record, name) for name in _Record.__struct_fields__}
    fields["symbol"] = str(record.symbol)
    fields["reason"] = record.reason.to_json() if record.reason is not None else None
    who = shared.acknowledged_by, shared.acknowledged_at
    return encoder.encode(_Alert(VERSION, shared.change, *who, _Record(**fields)))


def decode_alert(payload: bytes) -> SharedAlert:
    """Read what `encode_alert` wrote."""
    shared = decoded(_alert, payload)
    fields = msgspec.structs.asdict(shared.record)
    code, _, market = shared.record.symbol.rpartition(".")
    fields["symbol"] = symbol_of(code, market)
    reason = shared.record.reason
    try:
        fields["reason"] = None if reason is None else Reason.from_json(reason)
    except ValueError as error:
        raise unreadable("reason") from error
    record = AlertRecord(**fields)
    times = record.line_time, record.raised_at, record.cleared_at, record.snoozed_until, shared.acknowledged_at
    if not is_name(record.id) or not all(is_second(at) for at in times if at is not None):
        raise unreadable("alert")
    if math.isinf(record.value) or not math.isfinite(record.threshold):
        raise unreadable("alert")
    return SharedAlert(record, shared.change, shared.acknowledged_by, shared.acknowledged_at)


def _symbol(text: str) -> Symbol | None:
    """The symbol of that name; None where it is written otherwise, or cannot stand in a subject."""
    try:
        symbol = Symbol.parse(text)
    except InvalidInput:
        return None
    return symbol if is_code(symbol.code) and str(symbol) == text else None
