"""What time alone does to alerts: a rule that cannot be judged, a session that is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from capflow_gui.alerts.book import AlertBook
from capflow_gui.clock import Clock
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.source_feed import SourceFeed

_OBSERVE_S = 1.0
_OBSERVED_AT_ONCE = 50
_FLUSH_S = 10.0


class AlertObserver:
    """Looks at every symbol about once a second; `each_turn()` is called before, `tell(events)` after each."""

    def __init__(
        self,
        book: AlertBook,
        feeds: Sequence[SourceFeed],
        clock: Clock,
        *,
        tell: Callable[[Iterable[AlertEvent]], None],
        each_turn: Callable[[], None],
    ) -> None:
        self._book = book
        self._feeds = feeds
        self._clock = clock
        self._tell = tell
        self._each_turn = each_turn

    async def run(self) -> None:
        """Observe until cancelled."""
        flushed_at, turn = self._clock.monotonic(), 0
        while True:
            now = self._clock.monotonic()
            self._each_turn()
            for feed in self._feeds:
                if feed.market.known or feed.reconnects:
                    for symbol in _turn_of(feed.watched, turn):
                        self._tell(self._observed(feed, symbol, now))
            turn += 1
            if now - flushed_at >= _FLUSH_S:
                self._book.flush()
                flushed_at = now
            await self._clock.sleep_until(now + _OBSERVE_S)

    def _observed(self, feed: SourceFeed, symbol: Symbol, now: float) -> list[AlertEvent]:
        return self._book.observe(
            symbol,
            feed.name,
            freshness=feed.freshness(symbol),
            error=feed.store.get(symbol).error,
            link=feed.provider.link,
            planned_cycle_s=feed.planned_cycle(symbol),
            mono_now=now,
            market_now=feed.market.now(),
        )


def _turn_of(symbols: Sequence[Symbol], turn: int) -> Sequence[Symbol]:
    """At most fifty symbols or a tenth of them a turn, all of them within ten: a long watchlist costs no more."""
    size = max(_OBSERVED_AT_ONCE, -(-len(symbols) // 10))
    turns = -(-len(symbols) // size) or 1
    begin = turn % turns * size
    return symbols[begin : begin + size]
