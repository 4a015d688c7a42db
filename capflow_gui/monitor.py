"""The headless monitor that the window and the command line share: sources, watchlist, thresholds, alerts.

Consumers read it (feed.board.BoardView), subscribe to changes and events, and give it commands in synchronous,
idempotent calls. Everything runs on the loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.observer import AlertObserver, OpenAlerts
from capflow_gui.alerts.past import Past, PastKey, PastSessions, nothing_past
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.news import Pruning
from capflow_gui.clock import Clock
from capflow_gui.delivery.dispatcher import Dispatcher
from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.lists.watchlist import Watchlist
from capflow_gui.domain.money import stated_currency
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.domain.typed.level import ThresholdChoice
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.errors import CapflowError, ConnectFailed, ConnectionLost, PartFailed
from capflow_gui.feed.board import Budget, Freshness, HistoryState, Row
from capflow_gui.feed.events import AlertEvent, ErrorEvent, FaultEvent, FlowEvent, LinkEvent
from capflow_gui.feed.gaps import WatchGap
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.feed.intake.shared_alerts import SharedAlerts
from capflow_gui.feed.market_clock import ending_calendars
from capflow_gui.feed.poll_budget import PollBudget
from capflow_gui.feed.polling.history import Key
from capflow_gui.feed.recording import Archive, Recording
from capflow_gui.feed.routing.live_tape import LiveTape
from capflow_gui.feed.routing.source_router import SourceRouter
from capflow_gui.feed.rows import build_row, empty_row, money_of
from capflow_gui.feed.source import Source
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.feed.spending import poll_budget
from capflow_gui.feed.store import Put
from capflow_gui.feed.subscriptions import Subscription, Subscriptions
from capflow_gui.feed.supervisor import Supervisor
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason

_log = logging.getLogger(__name__)
_SENT = {Code.ALERTS_NOT_SAVED: Code.ALERTS_NOT_SENT, Code.ALERTS_SAVED_AGAIN: Code.ALERTS_SENT_AGAIN}


class Monitor:
    """A watchlist over one or more sources, routed to one of them each or asked at all of them (`own_sources`).

    rules        thresholds and rules in force
    paces        of sources, by name, that keep another one than `pace`
    open_alerts  where alerts are kept; None = they are not kept over restarts
    simulated    of which kind the profile is, whose alerts are shown from the start; None = show none of it
    groups       the user's own groups of the watchlist
    own_sources  of symbols that have one, others are shared out; None = all sources are asked, rows show the first
    archive      what records the sources; None = nothing is recorded
    read_past    reads what was recorded and rules need, in a thread; None = there is nothing
    delivery     what sends alerts to channels, and is run by whoever made it: its troubles are said; None = nothing
    subscriptions  those of consumers that subscribed before
    tell_health  is given what is wrong with a source, and whether that is over; and that alerts are saved again
    """

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
        simulated: bool | None = None,
        groups: Groups | None = None,
        own_sources: Mapping[Symbol, str] | None = None,
        archive: Archive | None = None,
        read_past: Callable[[PastKey], Past] | None = None,
        delivery: Dispatcher | None = None,
        subscriptions: Subscriptions | None = None,
        tell_health: Callable[[Reason, bool], None] = lambda _problem, _over: None,
    ) -> None:
        pace = pace or Pace()
        self._clock = clock
        self._calendar = self._table = calendar
        self._watchlist = Watchlist(symbols, groups)
        self._subscriptions = subscriptions or Subscriptions()
        self._subscriptions.on_show = self._shown_changed
        shared = own_sources is not None and len(sources) > 1
        self._rules = rules or RuleTable()
        self._supervisor = Supervisor(clock, self._part_failed)
        self._logged: set[str] = set()
        self.feeds = tuple(
            SourceFeed(source, calendar=calendar, clock=clock, pace=(paces or {}).get(source.name, pace), listener=self)
            for source in sources
        )
        self._recording = Recording(self.feeds, clock, archive, self._recording_changed)
        self._past = read_past and PastSessions(read_past, lambda key: self._judge_waiting(key.symbol, key.source))
        self._book = AlertBook(
            calendar,
            self._rules,
            ignore_calendar=pace.ignore_calendar,
            shared=shared,
            note=self._recording.outage,
            find_past=self._find_past,
            later=lambda *place: asyncio.get_running_loop().call_soon(self._judge_waiting, *place),
        )
        self._observer = AlertObserver(
            self._book,
            self.feeds,
            clock,
            open_alerts=open_alerts,
            simulated=simulated,
            tell=self._tell_alerts,
            changed=self._alerts_changed,
            each_turn=self._arrange if shared else lambda: None,
            tell_health=lambda problem, over: tell_health(self._with_channels(problem), over),
        )
        self._delivery = delivery
        if delivery is not None:
            delivery.changed = self._alerts_changed
        self._router = SourceRouter(self.feeds, own_sources, lambda symbol: self.rows_changed((symbol,)))
        changed = self._subscriptions.changed
        self._tape = LiveTape(self._router.feed_of, lambda: self._calendar, partial(changed, tape=True))
        tell = self._tell_alerts, partial(changed, alerts=True)
        self._shared = SharedAlerts(sources, self._book.kept, self.market_now, *tell)
        self._arrange()

    # --- reading: feed.board.BoardView

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The watchlist in the user's order."""
        return self._watchlist.order

    @property
    def groups(self) -> Groups:
        """The user's own groups of the watchlist."""
        return self._watchlist.groups

    @property
    def links(self) -> tuple[LinkState, ...]:
        """One a source."""
        return tuple(feed.link for feed in self.feeds)

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """One a source."""
        return tuple(feed.budget() for feed in self.feeds)

    @property
    def poll_budgets(self) -> tuple[PollBudget, ...]:
        """How the quota of each source stands now."""
        return tuple(poll_budget(feed, self._clock.monotonic()) for feed in self.feeds)

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """Newest first."""
        return self._book.records()

    def measure(self, record: AlertRecord) -> float:
        """What the rule of an alert measures now, as it is judged."""
        return self._book.measure(record)

    @property
    def tape(self) -> tuple[TapeEvent, ...]:
        """What happened in the flow of the list's symbols, whatever the rules say; newest first."""
        return self._tape.events

    @property
    def rules(self) -> tuple[RuleEntry, ...]:
        """The profile's rules, those that are not in force too; then the thresholds, the default first."""
        return self._rules.shown

    def covered(self, entry: RuleEntry) -> tuple[Symbol, ...]:
        """The symbols of the list that a rule is in force for."""
        return self._rules.covered(entry, self._watchlist)

    @property
    def simulated(self) -> bool:
        """Whether any source is a simulator."""
        return any(feed.simulated for feed in self.feeds)

    @property
    def calendar(self) -> Calendar:
        """The trading calendar in force."""
        return self._calendar

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """What the status bar says in amber, weightiest first."""
        zone = next((self._calendar.zone(symbol.market) for symbol in self._watchlist), None)
        return (
            *self._supervisor.failed.values(),
            *(Reason.of(Code.SOURCE_DOWN, source=source) for source in self._router.down()),
            *(trouble for feed in self.feeds for trouble in feed.troubles()),
            *map(self._with_channels, self._book.troubles),
            *self._recording.troubles,
            *(() if self._delivery is None else self._delivery.troubles),
            *ending_calendars(self._table, (symbol.market for symbol in self._watchlist), self.market_now()),
            *self._router.unwatched(self._clock.monotonic(), zone),
        )

    @property
    def pruning(self) -> Pruning | None:
        """How far the removing of old recorded sessions is; None while none are removed."""
        return self._recording.pruning

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing that is shown."""
        return bool(self.feeds) and all(feed.at_rest for feed in self.feeds)

    def market_now(self, source: str | None = None) -> float:
        """UTC epoch seconds of the source's own clock; None = the first source."""
        feed = next((each for each in self.feeds if source in (None, each.name)), None)
        return self._clock.wall() if feed is None else feed.market.now()

    def monotonic_now(self) -> float:
        """Monotonic seconds of this machine."""
        return self._clock.monotonic()

    def row(self, symbol: Symbol) -> Row:
        """The symbol's row; KeyError if it is not on the watchlist."""
        if symbol not in self._watchlist:
            raise KeyError(symbol)
        threshold, feed, alert = self._book.threshold(symbol), self._router.feed_of(symbol), self._book.standing(symbol)
        if feed is None:
            return replace(empty_row(symbol, threshold), alert=alert)
        row = build_row(feed, symbol, threshold, alert, self._clock.monotonic())
        return self._router.marked(row)

    def money(self, source: str, symbol: Symbol) -> tuple[str, bool]:
        """The currency of a symbol's amounts at a source, and whether it is assumed. May be called in any thread."""
        feed = next((each for each in self.feeds if each.name == source), None)
        return stated_currency(symbol) if feed is None else money_of(feed, symbol)

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        """The DAY, WEEK or MONTH series, if it was requested."""
        feed = self._router.feed_with(period, symbol)
        return feed.history.get(symbol, period) if feed is not None else HistoryState()

    def subscribe(self, name: str, *, events: bool = False) -> Subscription:
        """A new subscription; the caller closes it. `events`: it collects events too."""
        return self._subscriptions.subscribe(name, events=events)

    # --- intents

    def add_symbols(self, symbols: Iterable[Symbol], index: int | None = None) -> None:
        """Put symbols on the watchlist, at `index` or at the end; those that are there are asked again."""
        wanted = tuple(symbols)
        for symbol in wanted:
            if symbol in self._watchlist:
                self.ask_again(symbol)
        self._set_watchlist(self._watchlist.with_new(wanted, index))

    def remove_symbols(self, symbols: Iterable[Symbol], why: Code = Code.LEFT_LIST) -> None:
        """Take symbols off the watchlist; what stands on them ends, for that reason (see AlertBook.forget_symbol)."""
        gone = {symbol for symbol in symbols if symbol in self._watchlist}
        for symbol in gone:
            self._tell_alerts(self._book.forget_symbol(symbol, self.market_now, why))
        self._set_watchlist(self._watchlist.without(gone))

    def reorder(self, symbols: Sequence[Symbol]) -> None:
        """The watchlist in a new order; what is not named keeps its place at the end."""
        self._set_watchlist(self._watchlist.sorted_by(symbols))

    def set_groups(self, groups: Groups) -> None:
        """Have other groups; what is in one and not on the watchlist is put at its end."""
        if self._watchlist.regroup(groups):
            self._subscriptions.watchlist_changed(self.symbols)
            self._rules_changed()

    def _set_watchlist(self, order: tuple[Symbol, ...]) -> None:
        if self._watchlist.replace(order):
            self._tape.keep_only(order)
            self._subscriptions.watchlist_changed(order)
            self._arrange()

    def _shown_changed(self) -> None:
        self._arrange()
        for feed in self.feeds:
            feed.show(self._subscriptions.shown)

    def choose_source(self, symbol: Symbol, source: str | None) -> None:
        """Have a symbol asked at one source (None: automatic again)."""
        if self._router.choose(symbol, source):
            self._arrange()

    def _arrange(self) -> None:
        """Route the watchlist anew: what wants order-size classes goes to a source that has them."""
        symbols = self._watchlist.order
        with_classes = [symbol for symbol in symbols if self._rules.wants_classes(symbol)]
        if self._router.arrange(symbols, self._subscriptions.shown, with_classes, self._clock.monotonic()):
            self.rows_changed(symbols)
        for feed in self.feeds:
            self._book.watch(feed.name, feed.watched)

    def ask_again(self, symbol: Symbol) -> None:
        """Ask a symbol now, whatever was answered before."""
        self._router.ask_again(symbol)

    def set_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        """Change the net-outflow threshold (below zero) of a symbol, or (None) the one for all."""
        events = self._book.set_threshold(symbol, choice, self.market_now)
        meant = self.symbols if symbol is None else (symbol,)
        self._subscriptions.changed((each for each in meant if each in self._watchlist), alerts=True)
        for feed in self.feeds:
            for each in meant:
                self._router.weigh(feed, each, self._book.threshold(each)[0])
        self._tell_alerts(events)

    def set_rule(self, entry: RuleEntry, index: int | None = None) -> None:
        """Change the rule of the profile with the entry's id, or add it, at `index` or at the end.

        A changed text is a new version: what stands for the one before ends, and its records keep the old text.
        """
        if entry not in self._rules.entries:
            self._rules.set_entry(entry, index)
            self._rules_changed()

    def set_rules(self, entries: Sequence[RuleEntry]) -> None:
        """Replace the rules of the profile; what stands of a rule that is no more, or was changed, ends."""
        if tuple(entries) != self._rules.entries:
            self._rules.set_entries(entries)
            self._rules_changed()

    def remove_rule(self, rule_id: str) -> None:
        """Remove a rule of the profile; what stands of it ends."""
        self._rules.remove_entry(rule_id)
        self._rules_changed()

    def _rules_changed(self) -> None:
        events = self._book.rules_changed(self.market_now)
        self._arrange()
        self._subscriptions.changed(self._watchlist, alerts=True)
        self._tell_alerts(events)

    def acknowledge(self, ids: Collection[str] | None = None) -> None:
        """Mark alerts as seen; None = all."""
        self._shared.acknowledge(ids)
        if self._book.acknowledge(ids):
            self._alerts_changed()

    def snooze(self, ids: Iterable[str], minutes: float | None) -> None:
        """Snooze alerts that stand: for market minutes (0: no longer), or until the next session opens (None)."""
        if self._book.snooze(set(ids), minutes, self.market_now):
            self._alerts_changed()

    def _alerts_changed(self) -> None:
        self._log_troubles()
        self._subscriptions.changed(self._book.kept.take_changed(), alerts=True)

    def _with_channels(self, trouble: Reason) -> Reason:
        """What is wrong with the file of alerts, or that it is over: what is to be sent lies in it, too."""
        code = _SENT.get(trouble.code, trouble.code)
        return trouble if self._delivery is None or not self._delivery.has_channels else replace(trouble, code=code)

    def _recording_changed(self) -> None:
        self._tape.recalled(self.feeds)
        self._log_troubles()
        self._links_changed()

    def _log_troubles(self) -> None:
        kept = (*map(self._with_channels, self._book.troubles), *self._recording.troubles)
        refused = Code.SIMULATOR_NOT_RECORDED  # no trouble of ours, and said by whoever asked for it
        for text in (reason_words(reason) for reason in kept if reason.code is not refused):
            if text not in self._logged:
                self._logged.add(text)
                _log.warning("%s", text)

    def request_history(self, symbol: Symbol, period: Period) -> None:
        """Have a DAY, WEEK or MONTH series fetched."""
        feed = self._router.feed_with(period, symbol)
        if feed is not None and period is not Period.INTRADAY:
            feed.history.request(symbol, period)

    def reconnect(self, source: str | None = None) -> None:
        """Try to connect now; None = every source."""
        for feed in (each for each in self.feeds if source in (None, each.name)):
            feed.provider.reconnect_now()

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for feed in self.feeds:
                    group.create_task(feed.run(self._supervisor), name=feed.name)
                parts: dict[str, Callable[[], Awaitable[None]]] = {
                    "alerts": self._observer.run,
                    "recording": self._recording.run,
                    "tape": partial(self._tape.run, self._clock),
                }
                if self._past is not None:
                    parts["earlier sessions"] = self._past.run
                for part, run in parts.items():
                    group.create_task(self._supervisor.supervise(part, run), name=part)
                # Parts may end for good one by one; the monitor itself only ends when it is told to.
                group.create_task(asyncio.Event().wait(), name="monitor")
        finally:
            self._book.flush()

    # --- what the feeds tell (feed.source_feed.FeedListener)

    def rows_changed(self, symbols: Iterable[Symbol]) -> None:
        """Something a row shows is new."""
        self._subscriptions.changed(symbols)

    def history_changed(self, key: Key) -> None:
        """A DAY, WEEK or MONTH series came, or failed."""
        self._subscriptions.changed(history=key)

    def link_changed(self, feed: SourceFeed) -> None:
        """The link's state is new."""
        self._links_changed()
        state = feed.provider.link
        retry_in = None if state.retry_at is None else max(0.0, state.retry_at - self._clock.monotonic())
        self._subscriptions.tell(LinkEvent(feed.market.now(), state, retry_in))

    def calendar_changed(self, calendar: Calendar) -> None:
        """The source's trading days overruled the table."""
        self._calendar = self._book.sessions.calendar = calendar
        for feed in self.feeds:
            feed.use_calendar(calendar)
        self.rows_changed(self._watchlist)

    def time_known(self, feed: SourceFeed) -> None:
        """The source has said its time."""
        self._recording.time_known(feed)
        self._tape.recalled(self.feeds)

    def gap_ended(self, feed: SourceFeed, gap: WatchGap) -> None:
        """The source is watched again."""
        self._recording.gap_ended(feed, gap)
        self.link_changed(feed)

    def judged(self, feed: SourceFeed, put: Put) -> None:
        """A reply was judged and stored: alerts first."""
        self._observer.answered(feed, self.feeds if self._router.routes else ())
        if self._router.answered(feed, put.new.symbol):
            self._arrange()
        series, now = put.new, feed.market.now()
        day = self._calendar.day(series.symbol.market, series.session) if series.session is not None else None
        turnover = feed.turnover(series.symbol)
        state, age = feed.states.get(series.symbol) or feed.freshness(series.symbol), feed.age(series.symbol)
        held = state is Freshness.STALE or feed.calibrator.is_awaited(series)
        self._tell_alerts(self._book.evaluate(series, day, turnover, now, held=held))
        self._recording.judged(feed, series, day, turnover)
        self._router.weigh(feed, series.symbol, self._book.threshold(series.symbol)[0])
        self._tape.judged(feed, put, state)
        self._subscriptions.tell(FlowEvent(now, feed.name, series.symbol, series, age, state, put.unchanged))

    def failed(self, feed: SourceFeed, symbol: Symbol, error: CapflowError) -> None:
        """A question about a symbol failed."""
        self.rows_changed((symbol,))
        if self._router.failed(feed, symbol, error, self._clock.monotonic()):
            self._arrange()
        if not isinstance(error, ConnectFailed | ConnectionLost):
            self._subscriptions.tell(ErrorEvent(feed.market.now(), feed.name, symbol, error))

    def freshness_changed(self, feed: SourceFeed, symbol: Symbol, state: Freshness) -> None:
        """Time, not a reply, changed a symbol's state."""
        self.rows_changed((symbol,))
        self._tape.aged(feed, symbol, state)
        if (series := feed.store.get(symbol).series) is not None:
            facts = feed.market.now(), feed.name, symbol, series, feed.age(symbol), state
            self._subscriptions.tell(FlowEvent(*facts, unchanged=True, replied=False))

    def _find_past(self, key: PastKey) -> Past | None:
        """Out of the archive of the kind that the source is known to be."""
        known = key._replace(simulated=any(feed.simulated for feed in self.feeds if feed.name == key.source))
        return nothing_past(key) if self._past is None else self._past.find(known)

    def _judge_waiting(self, symbol: Symbol, source: str) -> None:
        self._tell_alerts(self._book.judge_waiting(symbol, source))

    def _tell_alerts(self, events: Iterable[AlertEvent]) -> None:
        for event in events:
            self._subscriptions.changed((event.record.symbol,), alerts=True)
            self._subscriptions.tell(event)

    def _part_failed(self, reason: Reason) -> None:
        self._links_changed()
        self._subscriptions.tell(FaultEvent(self._clock.wall(), PartFailed(reason)))

    def _links_changed(self) -> None:
        # The sentence of every row speaks of the link.
        self._subscriptions.changed(self._watchlist, links=True)
