"""Which source a symbol is asked at, where there are several: pure, told the time (monotonic seconds) by its caller.

A symbol has one source at a time. The user names it, or leaves it *automatic*: symbols that want class detail
(on screen, near a threshold, with a rule on a class) go to the source that has classes, as many as its quota asks at
a good pace; all others to the source with the larger quota. Changes are damped:

* a symbol moves to the detail source only after it wanted it for a few seconds, and leaves a minute after it
  stopped to, or after those few seconds when another that wants it needs the room;
* a link that is down is waited for; then its symbols go to the next source, even those the user had put there. They
  come back when the link has been up for a while;
* a source that does not know a symbol, or has no right to it, is not tried again with it for half an hour.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from capflow_gui.domain.symbol import Symbol

WANTED_S = 3.0
LINGER_S = 60.0
DOWN_GRACE_S = 10.0
RETURN_S = 15.0
REFUSED_S = 1800.0


@dataclass(frozen=True, slots=True)
class SourceOption:
    """A source as it is weighed. `classes`: it gives order-size classes; `room`: how many symbols it asks at pace."""

    name: str
    classes: bool
    room: int


@dataclass(slots=True)
class Placement:
    """A symbol's place. `wanted_since`: since when it wants class detail, `idle_since`: since when not; else NaN."""

    source: str
    added_at: float
    detail: bool = False
    wanted_since: float = math.nan
    idle_since: float = math.nan
    refused: dict[str, float] = field(default_factory=dict)


class Assignment:
    """The source of every symbol. `options` are in the user's order; the first is taken where nothing else decides."""

    def __init__(self, options: Sequence[SourceOption], own: Mapping[Symbol, str] | None = None) -> None:
        self._options = {option.name: option for option in options}
        self._own = dict(own or {})
        self._placements: dict[Symbol, Placement] = {}
        self._up: dict[str, bool] = dict.fromkeys(self._options, True)
        self._turning: dict[str, float] = {}  # since when a link is not what it is taken for

    @property
    def detail(self) -> str | None:
        """The source for symbols that want classes; None where all sources are alike in that."""
        with_classes = [option.name for option in self._options.values() if option.classes]
        return with_classes[0] if with_classes and len(with_classes) < len(self._options) else None

    @property
    def breadth(self) -> str:
        """The source of all the others: the largest quota."""
        detail = self.detail
        others = [option for option in self._options.values() if option.name != detail]
        return max(others or self._options.values(), key=lambda option: option.room).name

    def choose(self, symbol: Symbol, source: str | None) -> None:
        """Name a symbol's source, or leave it automatic again (None)."""
        self._own.pop(symbol, None)
        if source in self._options:
            self._own[symbol] = source

    def chosen(self, symbol: Symbol) -> str | None:
        """The source the user named; None = automatic."""
        return self._own.get(symbol)

    def resize(self, rooms: Mapping[str, int]) -> None:
        """The quotas changed: how many symbols each source asks at pace now."""
        for name, room in rooms.items():
            old = self._options[name]
            self._options[name] = SourceOption(name, old.classes, room)

    def refused(self, symbol: Symbol, source: str, now: float) -> None:
        """The source does not know the symbol, or has no right to it."""
        placement = self._placements.get(symbol)
        if placement is not None:
            placement.refused[source] = now + REFUSED_S

    def forgive(self, symbol: Symbol) -> None:
        """The user wants it tried again, wherever it was refused."""
        placement = self._placements.get(symbol)
        if placement is not None:
            placement.refused.clear()

    def link(self, source: str, *, ready: bool, now: float) -> None:
        """Note the state of a link; may be called at any time."""
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

    def update(self, symbols: Sequence[Symbol], wants_detail: Iterable[Symbol], now: float) -> None:
        """Place every symbol anew. `wants_detail` are those that want class detail, the most important first."""
        self._placements = {each: self._placements.get(each) or Placement("", now) for each in symbols}
        wanting = [symbol for symbol in dict.fromkeys(wants_detail) if symbol in self._placements]
        self._note(frozenset(wanting), now)
        self._share_detail(wanting, now)
        for symbol, placement in self._placements.items():
            placement.source = self._place(symbol, placement, now)

    def _note(self, wanting: Collection[Symbol], now: float) -> None:
        for symbol, placement in self._placements.items():
            if symbol in wanting:
                placement.idle_since = math.nan
                placement.wanted_since = now if math.isnan(placement.wanted_since) else placement.wanted_since
            else:
                placement.wanted_since = math.nan
                placement.idle_since = now if math.isnan(placement.idle_since) else placement.idle_since

    def _share_detail(self, wanting: Sequence[Symbol], now: float) -> None:
        """Which symbols go to the detail source: those that are there stay as long as they may."""
        detail = self.detail
        if detail is None:
            return
        room = self._options[detail].room
        for placement in self._placements.values():
            placement.detail = placement.detail and not now - placement.idle_since >= LINGER_S
        holders = [symbol for symbol, placement in self._placements.items() if placement.detail]
        idle = {symbol: self._placements[symbol].idle_since for symbol in holders}
        lingering = sorted((each for each in holders if not math.isnan(idle[each])), key=lambda each: idle[each])
        busy = [each for each in reversed(holders) if math.isnan(idle[each])]
        over = len(holders) - room
        for symbol in (lingering + busy)[: max(0, over)]:  # the quota was cut
            self._placements[symbol].detail = False
        free, lingering = max(0, -over), lingering[max(0, over) :]
        for symbol in wanting:
            if self._placements[symbol].detail or not self._ripe(symbol, now):
                continue
            if free > 0:
                free -= 1
            elif lingering and now - self._placements[lingering[0]].idle_since >= WANTED_S:
                self._placements[lingering.pop(0)].detail = False
            else:
                return
            self._placements[symbol].detail = True

    def _ripe(self, symbol: Symbol, now: float) -> bool:
        """Whether it wanted detail long enough; a new symbol need not wait."""
        placement = self._placements[symbol]
        return now - placement.wanted_since >= WANTED_S or now - placement.added_at < WANTED_S

    def _wanted(self, symbol: Symbol, placement: Placement) -> str:
        return self._own.get(symbol) or (self.detail if placement.detail else None) or self.breadth

    def _place(self, symbol: Symbol, placement: Placement, now: float) -> str:
        wanted = self._wanted(symbol, placement)
        order = sorted(
            self._options,
            key=lambda name: (not self._up[name], placement.refused.get(name, -math.inf) > now, name != wanted),
        )
        return order[0]

    def may_ask(self, symbol: Symbol, source: str, now: float) -> bool:
        """Whether a source could be asked about a symbol: its link is up, and it has not refused the symbol."""
        return self._up[source] and not self._placements[symbol].refused.get(source, -math.inf) > now

    def source_of(self, symbol: Symbol) -> str:
        """Where a symbol is asked; KeyError for one that was not placed."""
        return self._placements[symbol].source

    def instead_of(self, symbol: Symbol) -> str | None:
        """The source that should have been asked, where its link is down; None where all is as wanted."""
        placement = self._placements.get(symbol)
        if placement is None:
            return None
        wanted = self._wanted(symbol, placement)
        return wanted if wanted != placement.source and self.is_down(wanted) else None
