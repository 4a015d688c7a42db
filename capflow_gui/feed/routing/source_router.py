"""Routes a watchlist to the feeds of several sources: who asks which symbol, and whose figures its row shows.

After a change of source the row goes on showing the figures of the old one, which is asked on until the new one has
answered: that may take a window of its quota.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, level_amount
from capflow_gui.errors import CapflowError, NoQuoteRight, UnknownSymbol
from capflow_gui.feed.board import Row
from capflow_gui.feed.gaps import WatchGap
from capflow_gui.feed.routing.assignment import Assignment, SourceOption
from capflow_gui.feed.rows import is_near, turnover_of
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.reason import Code, Reason

_GAP_SAID_FOR_S = 1800.0


class SourceRouter:
    """Without `own` (None) every source is asked about every symbol, and the first one is shown.

    `own` names sources of single symbols; all others are routed automatically. `on_move(symbol)` hears of a row whose
    source is another one now.
    """

    def __init__(
        self, feeds: Sequence[SourceFeed], own: Mapping[Symbol, str] | None, on_move: Callable[[Symbol], None]
    ) -> None:
        self._feeds = {feed.name: feed for feed in feeds}
        self._first = feeds[0] if feeds else None
        self._on_move = on_move
        self._symbols: frozenset[Symbol] = frozenset()
        self._near: set[Symbol] = set()  # symbols whose newest figure is near their threshold
        self._shown: dict[Symbol, SourceFeed] = {}
        self._watched: dict[str, tuple[tuple[Symbol, ...], frozenset[Symbol]]] = {}
        self._assignment: Assignment | None = None
        if own is not None and len(feeds) > 1:
            self._assignment = Assignment([_option(feed) for feed in feeds], own)

    @property
    def routes(self) -> bool:
        """Whether a symbol is asked at one source of several."""
        return self._assignment is not None

    def arrange(
        self, symbols: Sequence[Symbol], visible: Sequence[Symbol], with_classes: Iterable[Symbol], now: float
    ) -> bool:
        """Let every feed ask its symbols; whether any feed got others than before.

        Symbols under a rule on a class, `visible` ones and those near a threshold want a source that has classes, in
        this order. `now` is monotonic.
        """
        self._symbols = frozenset(symbols)
        self._near &= self._symbols
        near = [symbol for symbol in symbols if symbol in self._near]
        if not self._route(symbols, (*with_classes, *visible, *near), now):
            return False
        for feed in self._feeds.values():
            feed.show(visible)
            for symbol in near:
                feed.intake.set_near(symbol, True)
        return True

    def _route(self, symbols: Sequence[Symbol], wants_detail: Iterable[Symbol], now: float) -> bool:
        assignment = self._assignment
        if assignment is None:
            asked = dict.fromkeys(self._feeds, tuple(symbols))
            return self._watch(asked, {}, {})
        for feed in self._feeds.values():
            assignment.link(feed.name, ready=feed.provider.link.phase is LinkPhase.READY, now=now)
        assignment.resize({feed.name: _option(feed).room for feed in self._feeds.values()})
        assignment.update(symbols, wants_detail, now)
        self._shown = {symbol: feed for symbol, feed in self._shown.items() if symbol in self._symbols}
        polled: dict[str, list[Symbol]] = {name: [] for name in self._feeds}
        kept: dict[str, set[Symbol]] = {name: set() for name in self._feeds}
        since: dict[Symbol, float] = {}
        for symbol in symbols:
            name = assignment.source_of(symbol)
            polled[name].append(symbol)
            shown = self._shown.setdefault(symbol, self._feeds[name])
            if shown.name != name:
                if assignment.may_ask(symbol, shown.name, now):
                    polled[shown.name].append(symbol)
                else:
                    kept[shown.name].add(symbol)
                if (replied_at := shown.store.get(symbol).replied_at) is not None:
                    since[symbol] = replied_at
        asked = {name: tuple(each) for name, each in polled.items()}
        return self._watch(asked, {name: frozenset(each) for name, each in kept.items()}, since)

    def _watch(
        self,
        asked: Mapping[str, tuple[Symbol, ...]],
        kept: Mapping[str, frozenset[Symbol]],
        since: Mapping[Symbol, float],
    ) -> bool:
        changed = False
        for name, feed in self._feeds.items():
            wanted = asked[name], kept.get(name, frozenset())
            if self._watched.get(name) != wanted:
                self._watched[name] = wanted
                feed.watch(*wanted, since)
                changed = True
        return changed

    def weigh(self, feed: SourceFeed, symbol: Symbol, threshold: Level | None) -> None:
        """Note whether a symbol's newest figure at a source is near its threshold; if so, it is asked more often."""
        series = feed.store.get(symbol).series
        if series is not None:
            near = is_near(series, level_amount(threshold, turnover_of(feed, symbol, threshold)))
            feed.intake.set_near(symbol, near)
            if self.feed_of(symbol) is feed:
                (self._near.add if near else self._near.discard)(symbol)

    def choose(self, symbol: Symbol, source: str | None) -> bool:
        """The user names a symbol's source (None: automatic); whether that can be done."""
        if self._assignment is not None:
            self._assignment.choose(symbol, source)
        return self.routes

    def ask_again(self, symbol: Symbol) -> None:
        """Ask a symbol now, wherever it was refused before."""
        if self._assignment is not None:
            self._assignment.forgive(symbol)
        for feed in self._feeds.values():
            feed.ask_again(symbol)

    def answered(self, feed: SourceFeed, symbol: Symbol) -> bool:
        """A source gave figures: the row shows them from now on. Whether the one before need be asked no more."""
        if self._assignment is None or self._shown.get(symbol) is feed or self.asked(symbol) is not feed:
            return False
        self._shown[symbol] = feed
        self._on_move(symbol)
        return True

    def failed(self, feed: SourceFeed, symbol: Symbol, error: CapflowError, now: float) -> bool:
        """A source refused a symbol; whether it may be asked elsewhere now."""
        if self._assignment is None or not isinstance(error, UnknownSymbol | NoQuoteRight):
            return False
        self._assignment.refused(symbol, feed.name, now)
        return True

    def feed_of(self, symbol: Symbol) -> SourceFeed | None:
        """The feed whose figures the row shows; None where there is no source at all."""
        asked = self.asked(symbol)
        shown = self._shown.get(symbol, asked)
        if shown is None or asked is None or shown is asked:
            return asked
        return shown if shown.store.get(symbol).series is not None else asked

    def asked(self, symbol: Symbol) -> SourceFeed | None:
        """The feed that is to be asked about the symbol."""
        if self._assignment is None:
            return self._first
        return self._feeds[self._assignment.source_of(symbol)]

    def feed_with(self, period: Period, symbol: Symbol) -> SourceFeed | None:
        """Who is asked for a period: the row's own source where it has it, else one that is connected."""
        own = self.feed_of(symbol) if symbol in self._symbols else None
        able = [feed for feed in self._feeds.values() if period in feed.provider.capabilities.periods]
        return min(able, key=lambda feed: (feed is not own, not feed.is_ready), default=None)

    def unwatched_times(self) -> list[WatchGap]:
        """When no source was watching although a market was open, oldest first; market times of the first source.

        Where symbols are routed, a source that was watching takes over those of one that was not.
        """
        others = [feed for feed in self._feeds.values() if feed is not self._first] if self.routes else []
        return [
            gap
            for gap in (self._first.gaps.found if self._first is not None else ())
            if self._first is not None
            and self._first.missed(gap)
            and all(any(each.overlaps(gap) for each in other.gaps.found) for other in others)
        ]

    def unwatched(self, mono_now: float, zone: ZoneInfo | None) -> list[Reason]:
        """The times without a source that ended within half an hour, on the clock of a zone."""

        def hour(at: float) -> str:
            return datetime.fromtimestamp(at, zone).strftime("%H:%M")

        return [
            Reason.of(Code.NOT_WATCHED, start=hour(gap.start), end=hour(gap.end))
            for gap in self.unwatched_times()
            if mono_now - gap.ended_at < _GAP_SAID_FOR_S
        ]

    def marked(self, row: Row) -> Row:
        """The row with what routing adds: its periods, who chose its source, and which source it replaces."""
        ready = (feed for feed in self._feeds.values() if feed.is_ready)
        row = replace(row, periods=row.periods.union(*(feed.provider.capabilities.periods for feed in ready)))
        if self._assignment is None:
            return row
        assignment, symbol = self._assignment, row.symbol
        return replace(row, shared=True, instead_of=assignment.instead_of(symbol), chosen=assignment.chosen(symbol))

    def down(self) -> tuple[str, ...]:
        """Sources whose symbols are asked elsewhere now."""
        assignment = self._assignment
        return tuple(name for name in self._feeds if assignment is not None and assignment.is_down(name))


def _option(feed: SourceFeed) -> SourceOption:
    return SourceOption(feed.name, feed.provider.capabilities.classes, feed.intake.room)
