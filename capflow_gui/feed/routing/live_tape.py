"""The tape of the live figures: those of the source that a symbol's row shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from capflow_gui.clock import Clock
from capflow_gui.domain.flow import FlowSeries, Ints
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.domain.tape.tape import NO_LABELS, Tape
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.freshness import staleness
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.feed.store import Put

# Before the first recalled day, and between two of them, of a millisecond of work each.
_START_S, _REST_S = 3.0, 0.01


class LiveTape:
    """Takes what the feeds bring. `feed_of` names the feed that a row shows; `changed` is called with new events."""

    def __init__(
        self,
        feed_of: Callable[[Symbol], SourceFeed | None],
        calendar: Callable[[], Calendar],
        changed: Callable[[], None],
    ) -> None:
        self._feed_of, self._calendar, self._changed = feed_of, calendar, changed
        self._tape = Tape()
        self._recalled = asyncio.Queue[tuple[SourceFeed, Symbol]]()

    @property
    def events(self) -> tuple[TapeEvent, ...]:
        """Newest first."""
        return self._tape.events

    def keep_only(self, symbols: Collection[Symbol]) -> None:
        """Forget symbols that left the list, and their events."""
        self._tape.keep_only(frozenset(symbols))
        self._changed()

    def judged(self, feed: SourceFeed, put: Put, state: Freshness) -> None:
        """A reply was judged and stored."""
        self._take(feed, put.new, put.revised, put.old)
        self.aged(feed, put.new.symbol, state)

    def aged(self, feed: SourceFeed, symbol: Symbol, state: Freshness) -> None:
        """A symbol's state is this. While the link is down every symbol turns stale: that is said of the link."""
        stale = staleness(state)
        if (
            feed is self._feed_of(symbol)
            and (feed.is_ready or not stale)
            and self._tape.aged(symbol, feed.market.now(), stale=stale)
        ):
            self._changed()

    def recalled(self, feeds: Sequence[SourceFeed]) -> None:
        """Have what is shown of an earlier run taken: what is recorded of symbols that have no reply yet."""
        for feed in feeds:
            for symbol in feed.watched:
                if self._is_recalled(feed, symbol):
                    self._recalled.put_nowait((feed, symbol))

    async def run(self, clock: Clock) -> None:
        """Take what was recalled, one day after the other until cancelled, once the start has done what it shows."""
        await clock.sleep_until(clock.monotonic() + _START_S)
        while True:
            feed, symbol = await self._recalled.get()
            if (series := feed.store.get(symbol).series) is not None and self._is_recalled(feed, symbol):
                self._take(feed, series)
                await clock.sleep_until(clock.monotonic() + _REST_S)

    @staticmethod
    def _is_recalled(feed: SourceFeed, symbol: Symbol) -> bool:
        held = feed.store.get(symbol)
        return symbol in feed.watched and held.replied_at is None and held.series is not None

    def _take(
        self, feed: SourceFeed, series: FlowSeries, revised: Ints = NO_LABELS, old: FlowSeries | None = None
    ) -> None:
        if series.session is None or feed is not self._feed_of(series.symbol):
            return
        day = self._calendar().day(series.symbol.market, series.session)
        if day is not None and self._tape.take(series, day, revised, old):
            self._changed()
