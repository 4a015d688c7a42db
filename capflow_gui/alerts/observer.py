"""What alerts need besides replies: the passing of time, stores, and finding rules that cannot be judged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.health import SourceHealth, moves, silent_since, source_problem, stalled_since
from capflow_gui.alerts.records import AlertStore
from capflow_gui.clock import Clock
from capflow_gui.domain.alert_record import News, Trouble
from capflow_gui.domain.session import Phase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.reason import Code, Reason

_OBSERVE_S = 1.0
_OBSERVED_AT_ONCE = 50
_FLUSH_S = 10.0
# A turn that is so late comes after a sleep of the computer, where the monotonic clock runs on in it.
_ASLEEP_S = 30.0

# simulated -> where the alerts of simulated, or of real sources are kept.
OpenAlerts = Callable[[bool], AlertStore]


class AlertObserver:
    """Looks at every symbol about once a second, and opens the stores.

    open_alerts  None: alerts are not kept over restarts
    simulated    of which kind the profile is: its alerts are taken up at the start, and a source is taken to be of
                 that kind until it has answered. None: the stores are opened when the sources have answered
    tell         is given events; `changed` is called when records changed, `each_turn` once a second
    tell_health  is given what is wrong with a source, and whether that is over; and that alerts are saved again
    """

    def __init__(
        self,
        book: AlertBook,
        feeds: Sequence[SourceFeed],
        clock: Clock,
        *,
        open_alerts: OpenAlerts | None,
        simulated: bool | None,
        tell: Callable[[Iterable[AlertEvent]], None],
        changed: Callable[[], None],
        each_turn: Callable[[], None],
        tell_health: Callable[[Reason, bool], None] = lambda _problem, _over: None,
    ) -> None:
        self._book = book
        self._feeds = feeds
        self._clock = clock
        self._open = open_alerts
        self._profile = simulated
        self._tell = tell
        self._changed = changed
        self._each_turn = each_turn
        self._tell_health = tell_health
        self._woke_at = 0.0
        self._health = {feed.name: SourceHealth(feed.name, book) for feed in feeds}
        self._problems: dict[str, Reason | None] = {}  # by source, while a market of its symbols is open
        self._open_since: dict[str, float] = {}  # by source: a market of its symbols is open (monotonic)
        self._stores: dict[bool, AlertStore] = {}
        self._change_count = 0

    def answered(self, feed: SourceFeed, others: Sequence[SourceFeed] = ()) -> None:
        """A source has answered, so that it is known whether it is a simulator.

        `others` are sources its symbols may have been asked at in the last run. Until they connect they are taken to
        be of the same kind, so that their kept alerts are shown.
        """
        self._keep(feed, feed.simulated)
        for other in others:
            if other is not feed:
                self._keep(other, other.simulated if other.has_connected else feed.simulated)

    def _keep(self, feed: SourceFeed, simulated: bool) -> None:
        if self._open is not None:
            store = self._store(simulated, self._open)
            self._tell(self._book.use_store(store, feed.name, feed.market.now()))

    def _store(self, simulated: bool, opener: OpenAlerts) -> AlertStore:
        """The store of a kind; it tells from its own thread."""
        if simulated in self._stores:
            return self._stores[simulated]
        store = self._stores[simulated] = opener(simulated)
        loop = asyncio.get_running_loop()

        def tell(news: News) -> None:
            loop.call_soon_threadsafe(self._heard, store, news)

        store.start(tell)
        return store

    def _heard(self, store: AlertStore, news: News) -> None:
        if news == Trouble(None):
            self._tell_health(Reason.of(Code.ALERTS_SAVED_AGAIN), True)
        self._tell(self._book.heard(store, news, self._market_now))
        self._note_changes()

    def _note_changes(self) -> None:
        if self._change_count != self._book.change_count:
            self._change_count = self._book.change_count
            self._changed()

    def _market_now(self, source: str) -> float | None:
        """Market now where the source said it; of a real source that is not configured, this computer's time."""
        for feed in self._feeds:
            if feed.name == source:
                return feed.market.now() if feed.market.known else None
        return None if self._profile else self._clock.wall()

    async def run(self) -> None:
        """Observe until cancelled."""
        if self._open is not None and self._profile is not None:
            self._book.use_store(self._store(self._profile, self._open), None, self._clock.wall())
            for feed in self._feeds:
                self._keep(feed, self._profile)
        flushed_at, turn, last = self._clock.monotonic(), 0, self._clock.monotonic()
        while True:
            now = self._clock.monotonic()
            self._woke_at, last = now if now - last > _ASLEEP_S else self._woke_at, now
            self._each_turn()
            for feed in self._feeds:
                self._look_at(feed, now)
            self._tell(self._book.pass_time(self._market_now, now))
            for feed in self._feeds:
                if feed.market.known or not feed.is_ready:
                    self._observe(feed, _turn_of(feed.watched, turn), now)
            self._note_changes()
            turn += 1
            if now - flushed_at >= _FLUSH_S:
                self._book.flush()
                flushed_at = now
            await self._clock.sleep_until(now + _OBSERVE_S)

    def _look_at(self, feed: SourceFeed, now: float) -> None:
        """Say what is wrong with a source while a market of its symbols is open."""
        sessions, market_now = self._book.sessions, feed.time.now()
        markets = {symbol.market: symbol for symbol in reversed(feed.watched)}
        trading = (symbol for symbol in markets.values() if sessions.phase(symbol, market_now) is Phase.OPEN)
        symbol, problem = next(trading, None), source_problem(feed.provider.link)
        if symbol is None:
            self._open_since.pop(feed.name, None)
        else:
            problem = problem or self._silence(feed, symbol, now, market_now)
            if problem is not None and self._profile is None:
                # A source that never answered has no store yet.
                self._keep(feed, self._book.simulated(feed.name))
        self._problems[feed.name] = None if symbol is None else problem
        live = feed.is_ready and moves(feed, now)
        said = self._health[feed.name].look(problem, symbol, now, market_now, live=live)
        if said is not None:
            self._tell_health(*said)
        self._tell(self._health[feed.name].look_back(now, market_now))

    def _silence(self, feed: SourceFeed, symbol: Symbol, now: float, market_now: float) -> Reason | None:
        """Whether a source that is connected answers nothing, or with figures that stand; None where it does not."""
        code, since = Code.SOURCE_SILENT, silent_since(feed, self._open_since.setdefault(feed.name, now), now)
        if since is None:
            others_move = any(moves(other, now) for other in self._feeds if other is not feed)
            code, since = Code.SOURCE_STALLED, stalled_since(feed, now, others_move=others_move)
        if since is None:
            return None
        at = datetime.fromtimestamp(market_now - (now - since) * feed.market.rate, UTC)
        local = at.astimezone(self._book.sessions.calendar.zone(symbol.market))
        return Reason.of(code, source=feed.name, since=local.strftime("%H:%M:%S"))

    def _observe(self, feed: SourceFeed, symbols: Sequence[Symbol], now: float) -> None:
        """Observe the symbols in which something may have changed."""
        book, market_now = self._book, feed.market.now()
        stretches = {market: book.sessions.stretch(market, market_now) for market in {each.market for each in symbols}}
        for symbol in symbols:
            stretch, live = stretches[symbol.market], feed.is_ready and feed.states.get(symbol) is Freshness.LIVE
            if not book.is_quiet(symbol, feed.name, stretch, live=live):
                self._tell(self._observed(feed, symbol, now))

    def _observed(self, feed: SourceFeed, symbol: Symbol, now: float) -> list[AlertEvent]:
        return self._book.observe(
            symbol,
            feed.name,
            freshness=self._freshness(feed, symbol),
            error=feed.store.get(symbol).error,
            link=feed.provider.link,
            problem=self._problems.get(feed.name),
            cycle_s=feed.cycle_s(symbol),
            mono_now=now,
            market_now=feed.market.now(),
        )

    def _freshness(self, feed: SourceFeed, symbol: Symbol) -> Freshness:
        """How fresh a symbol's figures are.

        Those from before a connection, or a sleep, grew old because nobody asked: that the source's time stands is
        told by answers alone, and the first one is waited for.
        """
        state, replied_at = feed.freshness(symbol), feed.store.get(symbol).replied_at
        begun = max(feed.ready_since or 0.0, self._woke_at)
        if state is Freshness.STALE and (replied_at is None or replied_at < begun):
            return Freshness.NEVER_POLLED
        return state


def _turn_of(symbols: Sequence[Symbol], turn: int) -> Sequence[Symbol]:
    """At most fifty symbols or a tenth of them a turn, all of them within ten: a long watchlist costs no more."""
    size = max(_OBSERVED_AT_ONCE, -(-len(symbols) // 10))
    turns = -(-len(symbols) // size) or 1
    begin = turn % turns * size
    return symbols[begin : begin + size]
