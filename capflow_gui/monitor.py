"""The headless monitor that the window and the command line share: sources, watchlist, thresholds, alerts.

It is what faces read (feed.board.BoardView), takes what they want as synchronous, idempotent calls, and tells who
asked for events what happens as it happens. Everything runs on the loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

from capflow_gui.clock import Clock
from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import SearchHit, StaticInfo, SymbolGroup
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, ConnectFailed, ConnectionLost, StorageError
from capflow_gui.feed.alert_records import AlertStore
from capflow_gui.feed.alert_rules import RuleTable
from capflow_gui.feed.alerts import AlertBook
from capflow_gui.feed.blind import Blind
from capflow_gui.feed.board import Budget, Changes, Freshness, HistoryState, Row
from capflow_gui.feed.events import AlertEvent, ErrorEvent, Event, FlowEvent, LinkEvent
from capflow_gui.feed.history import Key
from capflow_gui.feed.rows import build_row, empty_row, is_near
from capflow_gui.feed.source import Source
from capflow_gui.feed.source_feed import Pace, SourceFeed
from capflow_gui.feed.store import Put
from capflow_gui.feed.supervisor import Supervisor
from capflow_gui.feed.troubles import blind_troubles, source_troubles

log = logging.getLogger(__name__)

_OBSERVE_S = 1.0
_OBSERVED_AT_ONCE = 50
_FLUSH_S = 10.0
_RAISED = frozenset({"raised", "escalated", "blocked"})

# Opens where the alerts of a source are kept: (source, simulated) -> its store. Raises StorageError.
OpenAlerts = Callable[[str, bool], AlertStore]


class Inherit(Enum):
    """A symbol's threshold that follows the one for all."""

    INHERIT = "inherit"


INHERIT: Final = Inherit.INHERIT


class Monitor:
    """A watchlist over one or more sources; the first source is the one rows show."""

    def __init__(
        self,
        sources: Sequence[Source],
        symbols: Sequence[Symbol],
        *,
        calendar: Calendar,
        clock: Clock,
        rules: RuleTable | None = None,
        pace: Pace | None = None,
        paces: Mapping[str, Pace] | None = None,
        open_alerts: OpenAlerts | None = None,
    ) -> None:
        """`rules` are thresholds and rules in force; `open_alerts` None = alerts are not kept over restarts.

        `paces` are those of sources, by name, that keep another than `pace`.
        """
        pace = pace or Pace()
        self._clock = clock
        self._calendar = calendar
        self._symbols: list[Symbol] = list(dict.fromkeys(symbols))
        self._visible: list[Symbol] = []
        self._open_alerts = open_alerts
        self._kept: set[str] = set()
        self._storage_troubles: list[str] = []
        self._callbacks: list[Callable[[Event], None]] = []
        self._book = AlertBook(calendar, rules or RuleTable(), ignore_calendar=pace.ignore_calendar)
        self._supervisor = Supervisor(clock, self._links_moved)
        self._dirty: set[Symbol] = set()
        self._dirty_histories: set[Key] = set()
        self._raised: list[AlertRecord] = []
        self._moved = {"watchlist": True, "links": True, "alerts": True}
        self.feeds = tuple(
            SourceFeed(source, calendar=calendar, clock=clock, pace=(paces or {}).get(source.name, pace), listener=self)
            for source in sources
        )
        for feed in self.feeds:
            feed.watch(self._symbols)

    # --- reading: feed.board.BoardView

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The watchlist in the user's order."""
        return tuple(self._symbols)

    @property
    def links(self) -> tuple[LinkState, ...]:
        """One a source."""
        return tuple(feed.link for feed in self.feeds)

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """One a source."""
        return tuple(feed.budget() for feed in self.feeds)

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """Newest first."""
        return self._book.records()

    @property
    def simulated(self) -> bool:
        """Whether any source is a simulator."""
        return any(feed.simulated for feed in self.feeds)

    @property
    def calendar(self) -> Calendar:
        """The trading calendar in force."""
        return self._calendar

    @property
    def blind_times(self) -> tuple[Blind, ...]:
        """When nobody was watching although a market was open, oldest first; market times of the first source."""
        return tuple(blind for feed in self.feeds[:1] for blind in feed.watchfulness.blind if feed.missed(blind))

    @property
    def troubles(self) -> tuple[str, ...]:
        """What the status bar says in amber, weightiest first."""
        zone = self._calendar.zone(self._symbols[0].market) if self._symbols else None
        return (
            *self._supervisor.failed.values(),
            *source_troubles(self.feeds),
            *self._book.troubles,
            *self._storage_troubles,
            *blind_troubles(self.blind_times, zone, self._clock.monotonic()),
        )

    def market_now(self, source: str | None = None) -> float:
        """UTC epoch seconds of the source's own clock; None = the first source."""
        for feed in self.feeds:
            if source is None or feed.name == source:
                return feed.market.now()
        return self._clock.wall()

    def monotonic_now(self) -> float:
        """Monotonic seconds of this machine."""
        return self._clock.monotonic()

    def row(self, symbol: Symbol) -> Row:
        """The symbol's row; KeyError if it is not on the watchlist."""
        if symbol not in self._symbols:
            raise KeyError(symbol)
        threshold = self._book.threshold(symbol)
        if not self.feeds:
            return empty_row(symbol, threshold)
        return build_row(self.feeds[0], symbol, threshold, self._book.standing(symbol), self._clock.monotonic())

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        """The DAY, WEEK or MONTH series, if it was requested."""
        return self.feeds[0].history.get(symbol, period) if self.feeds else HistoryState()

    def drain(self) -> Changes:
        """What moved since the last call; clears it."""
        changes = Changes(
            symbols=frozenset(self._dirty),
            histories=frozenset(self._dirty_histories),
            watchlist=self._moved["watchlist"],
            links=self._moved["links"],
            alerts=self._moved["alerts"],
            raised=tuple(self._raised),
        )
        self._dirty.clear()
        self._dirty_histories.clear()
        self._raised.clear()
        self._moved = dict.fromkeys(self._moved, False)
        return changes

    # --- intents

    def add_symbols(self, symbols: Iterable[Symbol], index: int | None = None) -> None:
        """Put symbols on the watchlist, at `index` or at the end; those that are there are asked again."""
        new = [symbol for symbol in dict.fromkeys(symbols) if symbol not in self._symbols]
        for symbol in symbols:
            if symbol not in new:
                self.ask_again(symbol)
        if new:
            at = len(self._symbols) if index is None else index
            self._set_watchlist([*self._symbols[:at], *new, *self._symbols[at:]])

    def remove_symbols(self, symbols: Iterable[Symbol]) -> None:
        """Take symbols off the watchlist; what stands on them ends."""
        gone = set(symbols) & set(self._symbols)
        if not gone:
            return
        for symbol in gone:
            self._tell_alerts(self._book.forget_symbol(symbol))
        self._set_watchlist([symbol for symbol in self._symbols if symbol not in gone])

    def reorder(self, symbols: Sequence[Symbol]) -> None:
        """The watchlist in a new order; what is not named keeps its place at the end."""
        order = {symbol: place for place, symbol in enumerate(symbols)}
        self._set_watchlist(sorted(self._symbols, key=lambda symbol: order.get(symbol, len(order))))

    def _set_watchlist(self, symbols: list[Symbol]) -> None:
        if symbols == self._symbols:
            return
        self._symbols = symbols
        self._moved["watchlist"] = True
        self._dirty &= set(symbols)
        for feed in self.feeds:
            feed.watch(symbols)
            feed.show(self._visible)

    def set_visible(self, symbols: Sequence[Symbol]) -> None:
        """The rows on screen, in their order there."""
        if list(symbols) != self._visible:
            self._visible = list(symbols)
            for feed in self.feeds:
                feed.show(self._visible)

    def ask_again(self, symbol: Symbol) -> None:
        """Ask a symbol now, whatever was answered before."""
        for feed in self.feeds:
            feed.ask_again(symbol)

    def set_threshold(self, symbol: Symbol | None, amount: float | Inherit | None) -> None:
        """The net-outflow threshold (negative) of a symbol, or of all for None; amount None = none."""
        if symbol is None:
            events = self._book.set_default(None if amount is INHERIT else amount)
        elif isinstance(amount, Inherit):
            events = self._book.inherit(symbol)
        else:
            events = self._book.set_override(symbol, amount)
        self._dirty.update(self._symbols if symbol is None else {symbol} & set(self._symbols))
        for feed in self.feeds:
            for each in self._symbols if symbol is None else [symbol]:
                self._weigh(feed, each)
        self._tell_alerts(events)

    def acknowledge(self, ids: Iterable[int] | None = None) -> None:
        """Mark alerts as seen; None = all."""
        if self._book.acknowledge(None if ids is None else set(ids)):
            self._moved["alerts"] = True
            self._dirty.update(self._symbols)

    def request_history(self, symbol: Symbol, period: Period) -> None:
        """Have a DAY, WEEK or MONTH series fetched."""
        if self.feeds and period is not Period.INTRADAY:
            self.feeds[0].history.request(symbol, period)

    def reconnect(self, source: str | None = None) -> None:
        """Try to connect now; None = every source."""
        for feed in self.feeds:
            if source is None or feed.name == source:
                feed.provider.reconnect_now()

    def set_budget(self, source: str, calls: int) -> None:
        """How many calls a window may be used of a source's quota."""
        for feed in self.feeds:
            if feed.name == source:
                feed.limiter.budget = calls
        self._links_moved()

    def on_event(self, callback: Callable[[Event], None]) -> None:
        """Have `callback` called with every event as it happens."""
        self._callbacks.append(callback)

    # --- questions

    async def search(self, text: str) -> list[SearchHit]:
        """Symbols by code or name, in the broker's own order. Raises a CapflowError."""
        feed = self._asked()
        async with feed.source.limiters.of("search").slot():
            return await feed.provider.search(text)

    async def groups(self) -> list[SymbolGroup]:
        """The user's watchlist groups at the broker. Raises a CapflowError."""
        feed = self._asked()
        async with feed.source.limiters.of("groups").slot():
            return await feed.provider.get_groups()

    async def group_symbols(self, name: str) -> list[StaticInfo]:
        """The members of one group. Raises a CapflowError."""
        feed = self._asked()
        async with feed.source.limiters.of("group_symbols").slot():
            return await feed.provider.get_group_symbols(name)

    def _asked(self) -> SourceFeed:
        if not self.feeds:
            raise ConnectionLost("capflow", "no source is connected", sent=False)
        feed = self.feeds[0]
        if feed.provider.link.phase is not LinkPhase.READY:
            # Said before a slot is waited for: the question would fail all the same.
            raise ConnectionLost(feed.name, feed.provider.link.reason or "not connected", sent=False)
        return feed

    # --- running

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for feed in self.feeds:
                    group.create_task(feed.run(self._supervisor), name=feed.name)
                group.create_task(self._supervisor.supervise("alerts", self._observe), name="alerts")
                # Parts may end for good one by one; the monitor itself only ends when it is told to.
                group.create_task(asyncio.Event().wait(), name="monitor")
        finally:
            self._book.flush()

    async def _observe(self) -> None:
        """What time alone does to alerts: a rule that cannot be judged, a session that is over."""
        flushed_at, turn = self._clock.monotonic(), 0
        while True:
            now = self._clock.monotonic()
            for feed in self.feeds:
                if feed.market.known or feed.reconnects:
                    for symbol in _turn_of(feed.watched, turn):
                        self._tell_alerts(self._observed(feed, symbol, now))
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

    # --- what the feeds tell (feed.source_feed.FeedListener)

    def rows_changed(self, symbols: Iterable[Symbol]) -> None:
        """Something a row shows is new."""
        self._dirty.update(symbols)

    def history_changed(self, key: Key) -> None:
        """A DAY, WEEK or MONTH series came, or failed."""
        self._dirty_histories.add(key)

    def link_changed(self, feed: SourceFeed) -> None:
        """The link's state is new."""
        self._links_moved()
        state = feed.provider.link
        retry_in = None if state.retry_at is None else max(0.0, state.retry_at - self._clock.monotonic())
        self._tell(LinkEvent(feed.market.now(), state, retry_in))

    def calendar_changed(self, calendar: Calendar) -> None:
        """The source's trading days overruled the table."""
        self._calendar = self._book.calendar = calendar
        for feed in self.feeds:
            feed.use_calendar(calendar)
        self._dirty.update(self._symbols)

    def judged(self, feed: SourceFeed, put: Put) -> None:
        """A reply was judged and stored: alerts first."""
        self._keep_alerts(feed)
        series, now = put.series, feed.market.now()
        day = self._calendar.day(series.symbol.market, series.session) if series.session is not None else None
        quote = feed.quote(series.symbol)
        turnover = quote.turnover if quote is not None else None
        self._tell_alerts(self._book.evaluate(series, day, turnover, now))
        self._weigh(feed, series.symbol)
        state = feed.freshness(series.symbol)
        self._tell(FlowEvent(now, feed.name, series.symbol, series, feed.age(series.symbol), state, put.unchanged))

    def failed(self, feed: SourceFeed, symbol: Symbol, error: CapflowError) -> None:
        """A question about a symbol failed."""
        self._dirty.add(symbol)
        if not isinstance(error, ConnectFailed | ConnectionLost):
            self._tell(ErrorEvent(feed.market.now(), feed.name, symbol, error))

    def freshness_changed(self, feed: SourceFeed, symbol: Symbol, state: Freshness) -> None:
        """Time, not a reply, changed a symbol's state."""
        self._dirty.add(symbol)
        series = feed.store.get(symbol).series
        if series is not None:
            at, age = feed.market.now(), feed.age(symbol)
            self._tell(FlowEvent(at, feed.name, symbol, series, age, state, unchanged=True, replied=False))

    # --- inside

    def _keep_alerts(self, feed: SourceFeed) -> None:
        """Take up the kept alerts of a source once it has said whether it is a simulator."""
        if feed.name in self._kept or self._open_alerts is None:
            return
        self._kept.add(feed.name)
        try:
            store = self._open_alerts(feed.name, feed.simulated)
        except StorageError as error:
            log.warning("%s", error)
            self._storage_troubles.append(str(error))
            return
        self._book.use_store(feed.name, store, feed.market.now())
        self._moved["alerts"] = True

    def _weigh(self, feed: SourceFeed, symbol: Symbol) -> None:
        series = feed.store.get(symbol).series
        if series is not None:
            feed.schedule.set_near(symbol, is_near(series, self._book.threshold(symbol)[0]))

    def _tell_alerts(self, events: Iterable[AlertEvent]) -> None:
        for event in events:
            self._moved["alerts"] = True
            self._dirty.add(event.record.symbol)
            if event.change in _RAISED:
                self._raised.append(event.record)
            self._tell(event)

    def _tell(self, event: Event) -> None:
        for callback in self._callbacks:
            callback(event)

    def _links_moved(self) -> None:
        self._moved["links"] = True
        # The sentence of every row speaks of the link.
        self._dirty.update(self._symbols)


def _turn_of(symbols: Sequence[Symbol], turn: int) -> Sequence[Symbol]:
    """At most fifty symbols or a tenth of them a turn, all of them within ten: a long watchlist costs no more."""
    size = max(_OBSERVED_AT_ONCE, -(-len(symbols) // 10))
    turns = -(-len(symbols) // size) or 1
    begin = turn % turns * size
    return symbols[begin : begin + size]
