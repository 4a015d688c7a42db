"""Which symbol to ask next: pure, its caller gives the time.

Two clocks run here (domain rule 0): `now` is monotonic seconds, for intervals and back-off; `market` is market now
in UTC epoch seconds, for sessions and rest. A symbol is due an interval after its last reply. Among those due, rows
on screen that were never seen come first, then the largest age × weight; no symbol waits longer than two rounds of all
symbols before it comes first, so hidden rows are never older than three rounds.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from capflow_gui.domain.session import Calendar, MarketNow, Phase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.validation import settled_at
from capflow_gui.errors import (
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    NoLines,
    ProtocolError,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)

VISIBLE_INTERVAL_S = 10.0
OTHERS_INTERVAL_S = 30.0
_PRIORITY, _UNSEEN, _OTHER = 16.0, 4.0, 1.0
_PATIENCE_ROUNDS = 2.0
_WAKE_BEFORE_S = 120.0
_REFUSED_BACK_OFF_S = (30.0, 600.0)
_TROUBLED_BACK_OFF_S = (5.0, 120.0)
_LONGEST_NAP_S = 5.0
_FUTURE_S = 60.0


def settles_at(now: MarketNow, at: float) -> float:
    """Market second at which the figures of the newest finished trading period are final; -inf during the first."""
    ended = [end for _, end in now.last_day.periods if end <= at]
    return settled_at(now.last_day, ended[-1]) if ended else -math.inf


@dataclass(frozen=True, slots=True)
class Session:
    """A market at one instant, reduced to when asking makes sense. Market seconds."""

    awake: bool
    final_at: float
    wakes_at: float
    tail: bool  # closed, not settled yet: the closing auction still moves figures
    today: date


class _Lane(NamedTuple):
    """Who is ranked alike: among those due, the one that waits longest goes first."""

    market: Market
    visible: bool
    near: bool
    unseen: bool
    failed: bool
    paced: bool  # due an interval after the last reply at the earliest


@dataclass(slots=True)
class Entry:
    """One symbol, and what came of asking it."""

    symbol: Symbol
    place: int
    added_at: float
    visible: bool = False
    near: bool = False
    in_flight: bool = False
    replied_at: float | None = None  # monotonic, the last reply that was stored
    received: float | None = None  # market now of that reply
    again: bool = False  # one that says the same confirms that reply
    timed_from: float | None = None  # the last reply, where nothing but the pace delays the next
    interval_s: float | None = None  # between the last two replies, where it was timed
    failures: int = 0
    not_before: float = -math.inf
    parked_on: date | None = None  # unknown to the source: not asked again on this exchange day
    lane: _Lane | None = None  # None while in flight
    turn: tuple[float, int] = (0.0, 0)  # its place in the lane

    @property
    def priority(self) -> bool:
        """Whether it is on screen or near its threshold."""
        return self.visible or self.near

    @property
    def waits_since(self) -> float:
        """Since when it has waited, in monotonic seconds: its last reply, else when it was put on the list."""
        return self.added_at - 1.0 if self.replied_at is None else self.replied_at


@dataclass(frozen=True, slots=True)
class _Split:
    """The symbols from market second `since` on, while `sessions` are the same.

    active   those that may be due before their market wakes
    late     of these, those whose market is not awake
    first    of each market with symbols at rest, the one that is asked first when it wakes
    """

    sessions: dict[Market, Session]
    since: float
    active: list[Entry]
    late: list[Entry]
    resting: frozenset[Symbol]
    first: list[Entry]


class Schedule:
    """The symbols of one source and when each was asked; `calendar` may be replaced at any time."""

    def __init__(
        self,
        calendar: Calendar,
        *,
        visible_s: float = VISIBLE_INTERVAL_S,
        others_s: float = OTHERS_INTERVAL_S,
        ignore_calendar: bool = False,
    ) -> None:
        self.calendar = calendar
        self._visible_s = visible_s
        self._others_s = others_s
        self._ignore_calendar = ignore_calendar
        self._entries: dict[Symbol, Entry] = {}
        self._markets: frozenset[Market] = frozenset()
        self._split: _Split | None = None
        self._lanes: dict[_Lane, list[tuple[float, int, Entry]]] = {}
        self._load: tuple[frozenset[Market], tuple[int, int, int]] | None = None  # of which markets

    def set_symbols(self, symbols: Sequence[Symbol], now: float, since: Mapping[Symbol, float] | None = None) -> None:
        """The watchlist, in its order; symbols that stay keep their history.

        `since`: when new ones were last answered elsewhere. They have waited that long, and go before others.
        """
        old, since = self._entries, since or {}
        self._entries = {symbol: old.get(symbol) or Entry(symbol, 0, since.get(symbol, now)) for symbol in symbols}
        self._lanes = {}
        for place, entry in enumerate(self._entries.values()):
            entry.place, entry.lane = place, None
            self._line_up(entry)
        self._markets, self._split = frozenset(symbol.market for symbol in symbols), None
        self._load = None

    def set_visible(self, symbols: Iterable[Symbol]) -> None:
        """The rows on screen, in their order there."""
        shown = {symbol: place for place, symbol in enumerate(symbols)}
        for symbol, entry in self._entries.items():
            if entry.visible is not (symbol in shown):
                entry.visible, entry.timed_from = symbol in shown, None
                self._line_up(entry)
                self._load = None

    def set_near(self, symbol: Symbol, near: bool) -> None:
        """Whether the symbol's figure is close to its threshold."""
        if (entry := self._entries.get(symbol)) is not None:
            self._load = None if entry.near is not near else self._load
            entry.near = near
            self._line_up(entry)

    def ask_again(self, symbol: Symbol) -> None:
        """Make a symbol due now, whatever was answered before, and even if its market rests."""
        if (entry := self._entries.get(symbol)) is not None:
            entry.failures, entry.not_before, entry.parked_on, entry.received = 0, -math.inf, None, None
            self._line_up(entry)
            self._moved(symbol)

    def sent(self, symbol: Symbol) -> None:
        """It was asked; it is not asked again before this question ends."""
        if (entry := self._entries.get(symbol)) is not None:
            entry.in_flight = True
            self._line_up(entry)

    def stored(self, symbol: Symbol, now: float, received: float, *, again: bool = False) -> None:
        """A reply was kept that came at market now `received`; `again`: it is confirmed by one that says the same."""
        if (entry := self._entries.get(symbol)) is not None:
            entry.in_flight, entry.failures, entry.not_before, entry.parked_on = False, 0, -math.inf, None
            entry.replied_at, entry.received, entry.again = now, received, again
            entry.interval_s = None if entry.timed_from is None else now - entry.timed_from
            entry.timed_from = now
            self._line_up(entry)
            self._moved(symbol)

    def failed(self, symbol: Symbol, error: CapflowError, now: float, market: float) -> None:
        """It could not be answered. A fault of the link or the quota causes no back-off of the symbol."""
        if (entry := self._entries.get(symbol)) is None:
            return
        entry.in_flight, entry.timed_from = False, None
        self._moved(symbol)
        match error:
            case UnknownSymbol():
                entry.parked_on = self.calendar.session_date(symbol.market, market)
            case ConnectFailed() | ConnectionLost() | RateLimited():
                pass
            case NoLines():
                entry.not_before = now + self._interval(entry)
            case RequestTimeout() | ProtocolError():
                self._back_off(entry, now, *_TROUBLED_BACK_OFF_S)
            case RequestRejected():
                self._back_off(entry, now, *_REFUSED_BACK_OFF_S)
            case _:
                self._back_off(entry, now, *_TROUBLED_BACK_OFF_S)
        self._line_up(entry)

    def _line_up(self, entry: Entry) -> None:
        """Put an entry that changed where it belongs now."""
        if entry.lane is not None:
            lane = self._lanes[entry.lane]
            del lane[bisect_left(lane, entry.turn)]
            entry.lane = None
        if not entry.in_flight:
            unseen, failed = entry.replied_at is None, entry.failures > 0
            paced = not unseen and entry.received is not None
            entry.lane = _Lane(entry.symbol.market, entry.visible, entry.near, unseen, failed, paced)
            first = unseen and entry.priority and not failed
            entry.turn = (-math.inf if first else entry.waits_since, entry.place)
            insort(self._lanes.setdefault(entry.lane, []), (*entry.turn, entry))

    def _line(self, lane: _Lane, by: float) -> Iterator[Entry]:
        """Those of a lane that may be due by monotonic `by` when their market is awake, in their order."""
        for since, _, entry in self._lanes[lane]:
            if lane.paced and since + self._interval(entry) > by:
                return
            yield entry

    def _moved(self, symbol: Symbol) -> None:
        """Forget who rests; while the symbol's market is awake that is nobody of it."""
        if self._split is not None and not self._split.sessions[symbol.market].awake:
            self._split = None

    @staticmethod
    def _back_off(entry: Entry, now: float, first: float, longest: float) -> None:
        entry.not_before = now + min(first * 2**entry.failures, longest)
        entry.failures = min(entry.failures + 1, 16)

    def dropped(self, symbol: Symbol) -> None:
        """The question was given up: nothing is known."""
        if (entry := self._entries.get(symbol)) is not None:
            entry.in_flight = False
            self._line_up(entry)

    def pick(self, now: float, market: float, slot_s: float) -> Symbol | None:
        """The symbol to ask now; None where none is due. `slot_s`: seconds a call at the allowed pace."""
        split = self._split_at(market)
        patience = self.patience(slot_s)
        candidates: list[Entry] = []
        for entry in split.late:
            entry.timed_from = None
            if not entry.in_flight and self._due(entry, split.sessions[entry.symbol.market], now, market, 0.0) <= now:
                candidates.append(entry)
        for lane in self._lanes:
            session = split.sessions[lane.market]
            due = (each for each in self._line(lane, now) if self._due(each, session, now, market, 0.0) <= now)
            if session.awake and (first := next(due, None)) is not None:
                candidates.append(first)
        ranked = ((*urgency(entry, now, patience), entry.place, entry.symbol) for entry in candidates)
        best = min(ranked, default=None)
        return best[-1] if best is not None else None

    def patience(self, slot_s: float, count: int | None = None) -> float:
        """Seconds after which a symbol goes before all others, where `count` are asked; None = all there are."""
        round_s = slot_s * (len(self._entries) if count is None else count)
        return max(_PATIENCE_ROUNDS * round_s, self._others_s + round_s)

    def next_due(self, now: float, market: float, rate: float) -> float:
        """Monotonic second at which to look again: when the next symbol is due, at most a nap of five seconds away.

        `rate`: market seconds a real second.
        """
        latest = now + _LONGEST_NAP_S
        return min([latest, *(due for due, _ in self.dues(now, market, rate, latest))])

    def due_at(self, symbol: Symbol, now: float, market: float, rate: float) -> float | None:
        """Monotonic second from which the symbol may be asked; None while asked, parked or at rest for good."""
        entry = self._entries.get(symbol)
        if entry is None or entry.in_flight:
            return None
        due = self._due(entry, self.session(symbol.market, market), now, market, rate)
        return due if math.isfinite(due) else None

    def _due(self, entry: Entry, session: Session, now: float, market: float, rate: float) -> float:
        if entry.parked_on == session.today:
            return math.inf
        if entry.replied_at is None or entry.received is None:
            return max(entry.not_before, entry.added_at)
        paced = max(entry.replied_at + self._interval(entry), entry.not_before)
        # A reply "from the future" was stamped before the market clock was set right, and proves nothing.
        received = entry.received if entry.received <= market + _FUTURE_S else -math.inf
        if session.awake or (session.tail and received < session.final_at):
            return paced
        if received >= session.final_at and not entry.again:
            return _projected(session.wakes_at, now, market, rate)
        if market < session.final_at:  # lunch has just begun: one reply after its figures have settled
            return max(paced, _projected(session.final_at, now, market, rate))
        return paced

    def _interval(self, entry: Entry) -> float:
        return self._visible_s if entry.visible else self._others_s

    def resting(self, market: float) -> frozenset[Symbol]:
        """Symbols whose market is at rest, their last figures stored."""
        return self._split_at(market).resting

    def at_rest(self, now: float, market: float) -> bool:
        """Whether every symbol's market is at rest, its last figures stored, or the symbol waits after an error."""
        split = self._split_at(market)
        return all(
            entry.not_before > now or entry.parked_on == split.sessions[entry.symbol.market].today
            for entry in split.late
        ) and len(split.late) == len(split.active)

    def _split_at(self, market: float) -> _Split:
        """Worked out anew when an answer, a symbol or a market's session is new, or market now went back."""
        sessions, known = self._sessions(market), self._split
        if known is not None and known.sessions == sessions and market >= known.since:
            return known
        active: list[Entry] = []
        resting: list[Entry] = []
        for entry in self._entries.values():
            (resting if _rests(entry, sessions[entry.symbol.market], market) else active).append(entry)
        first: dict[Market, Entry] = {}
        for entry in resting:
            entry.timed_from = None
            if entry.parked_on != sessions[entry.symbol.market].today:
                first.setdefault(entry.symbol.market, entry)
        rested = frozenset(entry.symbol for entry in resting)
        late = [entry for entry in active if not sessions[entry.symbol.market].awake]
        self._split = _Split(sessions, market, active, late, rested, list(first.values()))
        return self._split

    def dues(self, now: float, market: float, rate: float, by: float = math.inf) -> list[tuple[float, Entry]]:
        """Of the symbols that are not asked now, when each is due; of those at rest the first of each market.

        Those that are due after `by` anyway may be left out.
        """
        split = self._split_at(market)
        waiting = [entry for entry in (*split.late, *split.first) if not entry.in_flight]
        for lane in self._lanes:
            if split.sessions[lane.market].awake:
                waiting += self._line(lane, by)
        return [(self._due(entry, split.sessions[entry.symbol.market], now, market, rate), entry) for entry in waiting]

    def load(self, market: float) -> tuple[int, int, int]:
        """How many symbols are on screen, near their threshold off screen, and neither; all where no market is open."""
        awake = frozenset(each for each, session in self._sessions(market).items() if session.awake)
        if self._load is None or self._load[0] != awake:
            entries = self._entries.values()
            active = [entry for entry in entries if entry.symbol.market in awake] or list(entries)
            visible, urgent = sum(entry.visible for entry in active), sum(entry.priority for entry in active)
            self._load = awake, (visible, urgent - visible, len(active) - urgent)
        return self._load[1]

    def planned_cycles(self, market: float, slot_s: float, added: int = 0) -> tuple[float, float, float]:
        """Seconds between two replies of a row on screen, of one near its threshold off screen, and of any other.

        At this load and `added` more symbols off screen: nothing there is due sooner for being near.
        """
        urgent_s, others_s = self._planned_pace(market, slot_s, added)
        return urgent_s, max(urgent_s, self._others_s), others_s

    def _planned_pace(self, market: float, slot_s: float, added: int) -> tuple[float, float]:
        visible, near, others = self.load(market)
        urgent, others = visible + near, others + added
        if not urgent + others:
            return self._visible_s, self._others_s
        round_s = (urgent + others) * slot_s
        others_s = self._others_s
        if (urgent / self._visible_s + others / self._others_s) * slot_s > 1.0:
            others_s = max(
                min((_PRIORITY * urgent + others) * slot_s, self.patience(slot_s, urgent + others)), others_s
            )
        left = 1.0 - others * slot_s / others_s
        urgent_s = max(urgent * slot_s / left if left > 0 else round_s, self._visible_s)
        if not urgent or not others:
            return max(round_s, self._visible_s), max(round_s, self._others_s)
        return urgent_s, others_s

    def planned_cycle(self, symbol: Symbol, cycles: tuple[float, float, float]) -> float:
        """The one of `planned_cycles` that is the symbol's."""
        entry = self._entries.get(symbol)
        if entry is None or not entry.priority:
            return cycles[2]
        return cycles[0] if entry.visible else cycles[1]

    def count(self, *, priority: bool) -> int:
        """How many symbols are on screen or near their threshold, or how many are not."""
        return sum(entry.priority is priority for entry in self._entries.values())

    def pause(self) -> None:
        """Nothing is asked for a while: do not count the time until the next replies as a cycle."""
        for entry in self._entries.values():
            entry.timed_from = None

    def answered_after(self, symbol: Symbol) -> float | None:
        """Seconds between the last two replies; None where rest, an error or a lost link lay between them."""
        entry = self._entries.get(symbol)
        return entry.interval_s if entry is not None else None

    def has_priority(self, symbol: Symbol) -> bool:
        """Whether the symbol is on screen or near its threshold."""
        entry = self._entries.get(symbol)
        return entry is not None and entry.priority

    def by_priority(self, market: float, *, resting: bool) -> list[Symbol]:
        """Symbols on screen or near their threshold, then the others; `resting`: of these those at rest, too."""
        others = self._entries.values() if resting else self._split_at(market).active
        first = [entry.symbol for entry in self._entries.values() if entry.priority]
        return first + [entry.symbol for entry in others if not entry.priority]

    def next_symbol(self, now: float, market: float, slot_s: float) -> Symbol | None:
        """Whom the next call is for: the one due, or the first that will be; None when all rest."""
        picked = self.pick(now, market, slot_s)
        if picked is not None:
            return picked
        due = ((due, entry.place, entry.symbol) for due, entry in self.dues(now, market, 1.0))
        first = min(due, default=None)
        return first[2] if first is not None and math.isfinite(first[0]) else None

    def held_back(self, now: float) -> int:
        """How many symbols wait after an error at monotonic `now`."""
        return sum(entry.not_before > now for entry in self._entries.values())

    def awake(self, market: Market, at: float) -> bool:
        """Whether a market is asked at pace at market now `at`: open, or about to open."""
        return self.session(market, at).awake

    def _sessions(self, market: float) -> dict[Market, Session]:
        return {each: self.session(each, market) for each in self._markets}

    def session(self, market: Market, at: float) -> Session:
        """A market at market now `at`."""
        now = self.calendar.now(market, at)
        wakes_at = (now.resumes if now.resumes is not None else now.next_open) - _WAKE_BEFORE_S
        final_at = settles_at(now, at)
        awake = self._ignore_calendar or now.phase is Phase.OPEN or at >= wakes_at
        tail = now.phase is Phase.CLOSED and at < final_at
        return Session(awake, final_at, wakes_at, tail, self.calendar.session_date(market, at))


def urgency(entry: Entry, now: float, patience: float) -> tuple[int, float]:
    """(class, minus urgency): the smallest goes first."""
    unseen = entry.replied_at is None
    if unseen and entry.priority and not entry.failures:
        return (0, 0.0 if entry.visible else 1.0)
    age = now - entry.waits_since
    if age >= patience:
        return (1, -age)
    weight = _PRIORITY if entry.priority else _UNSEEN if unseen else _OTHER
    return (2, -weight * age)


def _rests(entry: Entry, session: Session, market: float) -> bool:
    """Whether the last figures of a market at rest are stored; a reply "from the future" proves nothing."""
    if session.awake or entry.again or entry.received is None:
        return False
    return session.final_at <= entry.received <= market + _FUTURE_S


def _projected(target: float, now: float, market: float, rate: float) -> float:
    """The monotonic second at which the market clock will show `target`."""
    if target <= market:
        return now
    return now + (target - market) / rate if rate > 0 else math.inf
