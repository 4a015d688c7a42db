"""Which source a symbol is asked at, where there are several: pure, told the time (monotonic seconds) by its caller.

A symbol has one source at a time. The user names it, or leaves it *automatic*: symbols that deserve class detail
(on screen, near a threshold, with a rule on a class) go to the source that has classes, as many as its quota asks at
a good pace; all others to the source with the larger quota. Nothing flaps:

* a symbol moves to the detail source only after it deserved it for a few seconds, and leaves a minute after it
  stopped to, or after those few seconds when somebody who deserves it needs the room;
* a link that is down is waited for; then its symbols go to the next source, named by the user or not: a symbol nobody
  asks about is worse than one asked elsewhere. They come back when the link has stood for a while;
* a source that does not know a symbol, or has no right to it, is not tried again with it for half an hour.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from capflow_gui.domain.symbol import Symbol

DESERVE_S = 3.0
LINGER_S = 60.0
DOWN_GRACE_S = 10.0
RETURN_S = 15.0
REFUSED_S = 1800.0


@dataclass(frozen=True, slots=True)
class Party:
    """A source as it is weighed. `classes`: it gives order-size classes; `room`: how many symbols it asks at pace."""

    name: str
    classes: bool
    room: int


@dataclass(slots=True)
class _Stand:
    """A symbol's place. `deserving` and `idle` say since when it deserves detail, or stopped to; NaN = it does not."""

    source: str
    added_at: float
    detail: bool = False
    deserving: float = math.nan
    idle: float = math.nan
    refused: dict[str, float] = field(default_factory=dict)


class Assignment:
    """The source of every symbol. `parties` are in the user's order; the first is taken where nothing else decides."""

    def __init__(self, parties: Sequence[Party], own: Mapping[Symbol, str] | None = None) -> None:
        self._parties = {party.name: party for party in parties}
        self._own = dict(own or {})
        self._stands: dict[Symbol, _Stand] = {}
        self._up: dict[str, bool] = dict.fromkeys(self._parties, True)
        self._turning: dict[str, float] = {}  # since when a link is not what it is taken for

    @property
    def detail(self) -> str | None:
        """The source for symbols that deserve classes; None where all sources are alike in that."""
        with_classes = [party.name for party in self._parties.values() if party.classes]
        return with_classes[0] if with_classes and len(with_classes) < len(self._parties) else None

    @property
    def breadth(self) -> str:
        """The source of all the others: the largest quota."""
        detail = self.detail
        others = [party for party in self._parties.values() if party.name != detail]
        return max(others or self._parties.values(), key=lambda party: party.room).name

    def choose(self, symbol: Symbol, source: str | None) -> None:
        """Name a symbol's source, or leave it automatic again (None)."""
        self._own.pop(symbol, None)
        if source in self._parties:
            self._own[symbol] = source

    def chosen(self, symbol: Symbol) -> str | None:
        """The source the user named; None = automatic."""
        return self._own.get(symbol)

    def resize(self, rooms: Mapping[str, int]) -> None:
        """The quotas changed: how many symbols each source asks at pace now."""
        for name, room in rooms.items():
            old = self._parties[name]
            self._parties[name] = Party(name, old.classes, room)

    def refused(self, symbol: Symbol, source: str, now: float) -> None:
        """The source does not know the symbol, or has no right to it."""
        stand = self._stands.get(symbol)
        if stand is not None:
            stand.refused[source] = now + REFUSED_S

    def forgive(self, symbol: Symbol) -> None:
        """The user wants it tried again, wherever it was refused."""
        stand = self._stands.get(symbol)
        if stand is not None:
            stand.refused.clear()

    def link(self, source: str, *, ready: bool, now: float) -> None:
        """How a link stands; to be told as often as one likes."""
        if ready is self._up[source]:
            self._turning.pop(source, None)
            return
        since = self._turning.setdefault(source, now)
        if now - since >= (RETURN_S if ready else DOWN_GRACE_S):
            self._up[source] = ready
            del self._turning[source]

    def is_down(self, source: str) -> bool:
        """Whether the link has been given up for now: its symbols are asked elsewhere."""
        return not self._up[source] and any(self._up.values())

    def update(self, symbols: Sequence[Symbol], deserving: Iterable[Symbol], now: float) -> None:
        """Place every symbol anew. `deserving` are those worth class detail, the worthiest first."""
        self._stands = {each: self._stands.get(each) or _Stand("", now) for each in symbols}
        worthy = [symbol for symbol in dict.fromkeys(deserving) if symbol in self._stands]
        self._note(frozenset(worthy), now)
        self._share_detail(worthy, now)
        for symbol, stand in self._stands.items():
            stand.source = self._place(symbol, stand, now)

    def _note(self, worthy: Collection[Symbol], now: float) -> None:
        for symbol, stand in self._stands.items():
            if symbol in worthy:
                stand.idle = math.nan
                stand.deserving = now if math.isnan(stand.deserving) else stand.deserving
            else:
                stand.deserving = math.nan
                stand.idle = now if math.isnan(stand.idle) else stand.idle

    def _share_detail(self, worthy: Sequence[Symbol], now: float) -> None:
        """Who holds a place at the detail source: those who have one keep it as long as they may."""
        detail = self.detail
        if detail is None:
            return
        room = self._parties[detail].room
        for stand in self._stands.values():
            stand.detail = stand.detail and not now - stand.idle >= LINGER_S
        holders = [symbol for symbol, stand in self._stands.items() if stand.detail]
        idle = {symbol: self._stands[symbol].idle for symbol in holders}
        lingering = sorted((each for each in holders if not math.isnan(idle[each])), key=lambda each: idle[each])
        busy = [each for each in reversed(holders) if math.isnan(idle[each])]
        over = len(holders) - room
        for symbol in (lingering + busy)[: max(0, over)]:  # the quota was cut
            self._stands[symbol].detail = False
        free, lingering = max(0, -over), lingering[max(0, over) :]
        for symbol in worthy:
            if self._stands[symbol].detail or not self._ripe(symbol, now):
                continue
            if free > 0:
                free -= 1
            elif lingering and now - self._stands[lingering[0]].idle >= DESERVE_S:
                self._stands[lingering.pop(0)].detail = False
            else:
                return
            self._stands[symbol].detail = True

    def _ripe(self, symbol: Symbol, now: float) -> bool:
        """Deserving long enough; a symbol that has just come needs no proof."""
        stand = self._stands[symbol]
        return now - stand.deserving >= DESERVE_S or now - stand.added_at < DESERVE_S

    def _wanted(self, symbol: Symbol, stand: _Stand) -> str:
        return self._own.get(symbol) or (self.detail if stand.detail else None) or self.breadth

    def _place(self, symbol: Symbol, stand: _Stand, now: float) -> str:
        wanted = self._wanted(symbol, stand)
        order = sorted(
            self._parties,
            key=lambda name: (not self._up[name], stand.refused.get(name, -math.inf) > now, name != wanted),
        )
        return order[0]

    def may_ask(self, symbol: Symbol, source: str, now: float) -> bool:
        """Whether a source could be asked about a symbol: its link is up, and it has not refused the symbol."""
        return self._up[source] and not self._stands[symbol].refused.get(source, -math.inf) > now

    def source_of(self, symbol: Symbol) -> str:
        """Where a symbol is asked; KeyError for one that was not placed."""
        return self._stands[symbol].source

    def instead_of(self, symbol: Symbol) -> str | None:
        """The source that should have been asked, where its link is down; None where all is as wanted."""
        stand = self._stands.get(symbol)
        if stand is None:
            return None
        wanted = self._wanted(symbol, stand)
        return wanted if wanted != stand.source and self.is_down(wanted) else None
