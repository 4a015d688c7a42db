"""What came over the bus, by symbol: each as its collector has it, and how the collectors are."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from math import inf

from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.quote import Distribution, Quote, SecurityKind, StaticInfo
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import (
    CapflowError,
    NoData,
    NoQuoteRight,
    ProviderError,
    RemoteProtocolError,
    RequestRejected,
    UnknownSymbol,
    UpdateNeeded,
)
from capflow_gui.providers.base import Pushed
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.coding import unreadable
from capflow_gui.wire.desk.messages import Beat, SourceBeat
from capflow_gui.wire.desk.states import Facts, Fault, FlowState, Known, decode_flow, decode_tail
from capflow_gui.wire.desk.subjects import read_flow

SILENCE_S = 6.0
STANDBY = "standby"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Heard:
    """The newest beat of a shard, and when it came (monotonic); `left`: its holder was stopped and gave it back."""

    beat: Beat
    at: float
    left: bool = False


@dataclass(slots=True)
class DeskCopy:
    """The states of the stream FLOW and the newest beats. Monotonic seconds of this machine are arguments.

    source  how the desk is named here
    update  why a message cannot be read: a newer Capflow wrote it; None while all could be
    newer_beat_at  when a beat of it was heard last
    """

    source: str
    update: Reason | None = None
    newer_beat_at: float = -inf
    _states: dict[str, FlowState] = field(default_factory=dict)
    _subjects: dict[Symbol, str] = field(default_factory=dict)
    _beats: dict[str, Heard] = field(default_factory=dict)
    _came: dict[Symbol, float] = field(default_factory=dict)
    _downs: dict[tuple[str, str], Reason] = field(default_factory=dict)  # why, by collector and source
    _sources: tuple[tuple[SourceBeat, float], ...] = ()
    _sources_until: float = -inf

    # --- states

    def full(self, subject: str, payload: bytes, now: float) -> Symbol | None:
        """The whole state of a subject; the symbol that is new by it, None where it cannot be read."""
        try:
            named, state = read_flow(subject), decode_flow(payload)
        except RemoteProtocolError as error:
            self._unread(subject, error)
            return None
        if (state.kind, state.symbol) != named:
            self._unread(subject, unreadable("symbol"))
            return None
        return self._keep(subject, state, now)

    def tail(self, subject: str, header: str, now: float) -> Symbol | None:
        """What changed of it. Raises RemoteProtocolError where it does not fit what is here."""
        state = self._states.get(subject)
        if state is None:
            return None  # its whole state could not be read, and that was said
        try:
            tail = decode_tail(header)
        except UpdateNeeded as error:
            self._unread(subject, error)
            return None
        return self._keep(subject, state.with_tail(tail), now)

    def clear(self) -> None:
        """The stream was made anew: what is here is of no use to what comes."""
        self._states.clear()
        self._subjects.clear()

    def _keep(self, subject: str, state: FlowState, now: float) -> Symbol | None:
        """A symbol has one state: of two collectors' the later holder's."""
        self._states[subject] = state
        shown = self._subjects.get(state.symbol)
        if shown is not None and shown != subject and _precedence(self._states[shown]) > _precedence(state):
            return None
        self._subjects[state.symbol] = subject
        self._came[state.symbol] = now
        return state.symbol

    def _unread(self, subject: str, error: RemoteProtocolError) -> None:
        if not isinstance(error, UpdateNeeded):
            _log.warning("%s: %s: %s", self.source, subject, error.reason)
        elif self.update is None:
            self.update = error.reason
            _log.warning("%s: %s", self.source, error.reason)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols that have a state."""
        return tuple(self._subjects)

    def state(self, symbol: Symbol) -> FlowState | None:
        """A symbol's newest state as it came; None while no collector has it."""
        subject = self._subjects.get(symbol)
        return None if subject is None else self._states[subject]

    def pushed(self, symbol: Symbol) -> Pushed | None:
        """The same for a feed."""
        state = self.state(symbol)
        if state is None:
            return None
        known = state.known
        lines = state.lines
        series = FlowSeries(
            symbol,
            self.source,
            Period.INTRADAY,
            lines.timestamps,
            lines.values,
            known.last_valid,
            state.session,
            known.received,
            flags=Flag(known.flags),
            line_flags=lines.flags,
            confirmed=lines.confirmed,
        )
        return Pushed(
            series,
            self._replied_at(state),
            None if known.fault is None else _error_of(self.source, known.fault),
            _quote(symbol, known),
            _info(symbol, state.facts),
            _distribution(symbol, known),
        )

    def _replied_at(self, state: FlowState) -> float:
        """When the reply came to the collector, on this machine's clock.

        By its beats, whose stamps are of the same clock; of a collector that is gone, when it came here.
        """
        came = self._came[state.symbol]
        for heard in self._beats.values():
            if heard.beat.epoch == state.epoch:
                return min(came, heard.at + state.known.at - heard.beat.at)
        return came

    # --- beats

    def beat(self, beat: Beat, now: float) -> None:
        """A shard's holder, or a collector that stands by, is there; or a holder is stopped and says so."""
        self._sources_until = -inf
        for source in beat.sources:
            self._note(beat.holder, source)
        if beat.epoch or beat.shard == STANDBY:
            self._beats[beat.shard] = Heard(beat, now)
        elif (held := self._beats.get(beat.shard)) is not None and held.beat.holder == beat.holder:
            held.left = True
        known = {heard.beat.holder for heard in self._beats.values()}
        self._downs = {(holder, name): why for (holder, name), why in self._downs.items() if holder in known}

    def _note(self, holder: str, source: SourceBeat) -> None:
        """While a source is connected to anew nothing says why it was down: what was said before stays true."""
        if source.reason is not None:
            self._downs[holder, source.name] = _reason_of(source.reason)
        elif source.phase == LinkPhase.READY:
            self._downs.pop((holder, source.name), None)

    @property
    def heard_at(self) -> float | None:
        """When the holder of any shard was heard last; None: never."""
        return max((heard.at for shard, heard in self._beats.items() if shard != STANDBY), default=None)

    def holders(self, now: float) -> list[Heard]:
        """The beats of the shards that have a holder."""
        held = (heard for shard, heard in self._beats.items() if shard != STANDBY)
        return [heard for heard in held if now - heard.at < SILENCE_S and not heard.left]

    def waits_because(self, now: float) -> Reason | None:
        """Why the server stores nothing, as a collector that is heard says it and holds nothing for that."""
        heard = self._beats.get(STANDBY)
        if heard is None or now - heard.at >= SILENCE_S:
            return None
        reasons = map(_reason_of, heard.beat.troubles)
        return next((why for why in reasons if why.code in (Code.BUS_FULL, Code.BUS_STORES_NOTHING)), None)

    def missing(self, now: float) -> int:
        """How many shards have no holder."""
        holders = self.holders(now)
        return max((heard.beat.shards for heard in holders), default=0) - len(holders)

    def sources(self, now: float) -> tuple[tuple[SourceBeat, float], ...]:
        """Each source of the collectors that hold a shard, and when it was heard; a collector with two says it once.

        The same object until a beat comes or a holder is silent for too long: it is asked for each symbol.
        """
        if now >= self._sources_until:
            newest: dict[str, Heard] = {}
            holders = self.holders(now)
            for heard in holders:
                held = newest.get(heard.beat.holder)
                if held is None or heard.at > held.at:
                    newest[heard.beat.holder] = heard
            self._sources = tuple((source, heard.at) for heard in newest.values() for source in heard.beat.sources)
            self._sources_until = min((heard.at + SILENCE_S for heard in holders), default=inf)
        return self._sources

    def downs(self, now: float) -> tuple[tuple[str, Reason], ...]:
        """The sources that cannot be asked by the collectors which hold a shard, and why, by name."""
        holders = {heard.beat.holder for heard in self.holders(now)}
        return tuple(sorted({name: why for (holder, name), why in self._downs.items() if holder in holders}.items()))

    def clock(self) -> tuple[float, float, float] | None:
        """Market time of a source, its rate, and when it was heard; None while none has said it."""
        held = (heard for shard, heard in self._beats.items() if shard != STANDBY)
        for heard in sorted(held, key=lambda each: -each.at):
            for source in heard.beat.sources:
                if source.market_now is not None:
                    return source.market_now, source.rate, heard.at
        return None


def _precedence(state: FlowState) -> tuple[int, int, float]:
    return state.epoch, state.rev, state.known.received or 0.0


def _error_of(source: str, fault: Fault) -> CapflowError:
    """The collector's error, as if it had come here."""
    reason = _reason_of(fault.reason, fault.kind)
    kind = _REJECTIONS.get(fault.kind)
    return ProviderError(source, reason) if kind is None else kind(source, fault.code, reason=reason)


def _reason_of(text: str, otherwise: str = "") -> Reason:
    """What a message says; `otherwise` in the place of what is none."""
    try:
        return Reason.from_json(text)
    except ValueError:
        return Reason.of(Code.VERBATIM, text=otherwise)


def _quote(symbol: Symbol, known: Known) -> Quote | None:
    price = known.price
    if price is None:
        return None
    amounts = price.price, price.previous_close, price.turnover, price.volume
    return Quote(symbol, price.name, *amounts, price.time, price.halted)


def _info(symbol: Symbol, facts: Facts | None) -> StaticInfo | None:
    if facts is None:
        return None
    kind = _KINDS.get(facts.kind, SecurityKind.OTHER)
    return StaticInfo(symbol, facts.name, kind, facts.lot_size, facts.currency, facts.delisted)


def _distribution(symbol: Symbol, known: Known) -> Distribution | None:
    money = known.money
    return None if money is None else Distribution(symbol, money.time, money.inflow, money.outflow)


_KINDS = {kind.value: kind for kind in SecurityKind}
_REJECTIONS: dict[str, type[RequestRejected]] = {
    kind.__name__: kind for kind in (RequestRejected, UnknownSymbol, NoQuoteRight, NoData)
}
