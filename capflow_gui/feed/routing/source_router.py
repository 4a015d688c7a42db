"""Shares a watchlist among the feeds of several sources: who asks which symbol, and whose figures its row shows.

After a change of source the row goes on showing the figures of the old one, which is asked on until the new one has
answered: that may take a window of its quota.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, NoQuoteRight, UnknownSymbol
from capflow_gui.feed.board import Row
from capflow_gui.feed.polling.schedule import OTHERS_INTERVAL_S
from capflow_gui.feed.routing.assignment import Assignment, Party
from capflow_gui.feed.source_feed import SourceFeed


class Sharing:
    """Without `own` (None) nothing is shared: every source is asked about every symbol, and the first one is shown.

    `own` names sources of single symbols; all others are automatic. `on_move(symbol)` hears of a row whose source is
    another one now.
    """

    def __init__(
        self, feeds: Sequence[SourceFeed], own: Mapping[Symbol, str] | None, on_move: Callable[[Symbol], None]
    ) -> None:
        self._feeds = {feed.name: feed for feed in feeds}
        self._first = feeds[0] if feeds else None
        self._on_move = on_move
        self._shown: dict[Symbol, SourceFeed] = {}
        self._watched: dict[str, tuple[tuple[Symbol, ...], frozenset[Symbol]]] = {}
        self.assignment: Assignment | None = None
        if own is not None and len(feeds) > 1:
            self.assignment = Assignment([_party(feed) for feed in feeds], own)

    def arrange(self, symbols: Sequence[Symbol], deserving: Iterable[Symbol], now: float) -> bool:
        """Let every feed ask its symbols; whether any feed got others than before. `now` is monotonic."""
        assignment = self.assignment
        if assignment is None:
            asked = dict.fromkeys(self._feeds, tuple(symbols))
            return self._watch(asked, {}, {})
        for feed in self._feeds.values():
            assignment.link(feed.name, ready=feed.provider.link.phase is LinkPhase.READY, now=now)
        assignment.resize({feed.name: _party(feed).room for feed in self._feeds.values()})
        assignment.update(symbols, deserving, now)
        known = frozenset(symbols)
        self._shown = {symbol: feed for symbol, feed in self._shown.items() if symbol in known}
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

    def answered(self, feed: SourceFeed, symbol: Symbol) -> bool:
        """A source gave figures: the row shows them from now on. Whether the one before need be asked no more."""
        if self.assignment is None or self._shown.get(symbol) is feed or self.asked(symbol) is not feed:
            return False
        self._shown[symbol] = feed
        self._on_move(symbol)
        return True

    def failed(self, feed: SourceFeed, symbol: Symbol, error: CapflowError, now: float) -> bool:
        """A source refused a symbol; whether it may be asked elsewhere now."""
        if self.assignment is None or not isinstance(error, UnknownSymbol | NoQuoteRight):
            return False
        self.assignment.refused(symbol, feed.name, now)
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
        if self.assignment is None:
            return self._first
        return self._feeds[self.assignment.source_of(symbol)]

    def marked(self, row: Row) -> Row:
        """The row with what sharing adds to it: whose choice its source is, and instead of which one it is asked."""
        if self.assignment is None:
            return row
        assignment, symbol = self.assignment, row.symbol
        return replace(row, shared=True, instead_of=assignment.instead_of(symbol), chosen=assignment.chosen(symbol))

    def down(self) -> tuple[str, ...]:
        """Sources whose symbols are asked elsewhere now."""
        assignment = self.assignment
        return tuple(name for name in self._feeds if assignment is not None and assignment.is_down(name))


def _party(feed: SourceFeed) -> Party:
    """Room: as many symbols as the quota asks in the interval of rows off screen."""
    limiter = feed.limiter
    room = int(limiter.allowed * OTHERS_INTERVAL_S / limiter.limit.window_s)
    return Party(feed.name, feed.provider.capabilities.classes, max(1, room))
