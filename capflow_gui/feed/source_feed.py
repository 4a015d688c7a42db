"""One source at work: its link, its clock, its polls, its slow lane, and what came of them."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from capflow_gui.archive.model import milliseconds
from capflow_gui.clock import Clock
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.quote import Quote, Turnover
from capflow_gui.domain.session import Calendar, MarketNow, Phase
from capflow_gui.domain.staleness import SURELY_LIVE_S, last_valid
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.validation import checked_again, judge, newest_date
from capflow_gui.errors import CapflowError, NoLines, PartFailed, is_symbols_own
from capflow_gui.feed.board import Budget, Freshness
from capflow_gui.feed.freshness import OPENING_S, LastStates, freshness, quiet_at_most
from capflow_gui.feed.gaps import GapDetector, WatchGap
from capflow_gui.feed.intake.asked import AskedIntake, Pace
from capflow_gui.feed.intake.base import Intake
from capflow_gui.feed.intake.pushed import PushedIntake, agreed
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.calibrator import Calibrator
from capflow_gui.feed.polling.history import History, Key
from capflow_gui.feed.polling.slow_lane import SlowLane
from capflow_gui.feed.source import Source
from capflow_gui.feed.store import FlowStore, Held, Put
from capflow_gui.feed.supervisor import Supervisor
from capflow_gui.feed.timekeeper import Timekeeper
from capflow_gui.providers.base import Pushed
from capflow_gui.reason import Code, Reason

log = logging.getLogger(__name__)

_TIME_GRACE_S = 3.0
_TICK_S = 1.0
_CLOCK_DOUBT_S = 90.0
_SATURDAY = 5


class FeedListener(Protocol):
    """Who is told what a source brings."""

    def rows_changed(self, symbols: Iterable[Symbol]) -> None:
        """Something a row shows is new."""

    def history_changed(self, key: Key) -> None:
        """A DAY, WEEK or MONTH series came, or failed."""

    def link_changed(self, feed: SourceFeed) -> None:
        """The link's state is new."""

    def calendar_changed(self, calendar: Calendar) -> None:
        """The source's trading days overruled the table."""

    def time_known(self, feed: SourceFeed) -> None:
        """The source has said its time: for the first time, or another than it was."""

    def gap_ended(self, feed: SourceFeed, gap: WatchGap) -> None:
        """The source is watched again, after a time in which a market was trading."""

    def judged(self, feed: SourceFeed, put: Put) -> None:
        """A reply was judged and stored."""

    def failed(self, feed: SourceFeed, symbol: Symbol, error: CapflowError) -> None:
        """A question about a symbol failed."""

    def freshness_changed(self, feed: SourceFeed, symbol: Symbol, state: Freshness) -> None:
        """Time, not a reply, changed a symbol's state."""


class SourceFeed:
    """Everything of one source. Reading is always possible; `run` makes it move."""

    def __init__(self, source: Source, *, calendar: Calendar, clock: Clock, pace: Pace, listener: FeedListener) -> None:
        self.source = source
        self.name = source.name
        self.provider = source.provider
        self.market = MarketClock(clock)
        self.calendar = calendar
        self.time = Timekeeper(source.provider, self.market, clock, self._asked_time)
        self.gaps = GapDetector()
        self._clock = clock
        self._listener = listener
        self._failed_part: PartFailed | None = None
        self.ready_since: float | None = None
        self._connections = 0
        self._symbols: tuple[Symbol, ...] = ()
        self._last = LastStates()
        self.store = FlowStore(self._row_changed)
        self.intake = self._intake_of(source, pace)
        self.slow_lane = SlowLane(
            self.provider,
            source.limiters,
            self.market,
            calendar,
            clock=clock,
            on_change=self._told_slowly,
            on_calendar=listener.calendar_changed,
            on_contradiction=self._ask_market,
        )
        self.history = History(
            self.provider, source.limiter, self.market, lambda: self.calendar, listener.history_changed
        )
        self.calibrator = Calibrator(
            self.provider,
            source.limiters,
            clock,
            wanted=self._by_priority,
            turnover=self.turnover,
            may_ask=self._may_ask,
            calendar=lambda: self.calendar,
            on_verdict=self._calibrated,
            on_snapshot=lambda symbol: listener.rows_changed((symbol,)),
        )
        self.provider.on_link(self._link_moved)

    def _row_changed(self, symbol: Symbol) -> None:
        self._last.changed(symbol)
        self._listener.rows_changed((symbol,))

    def _intake_of(self, source: Source, pace: Pace) -> Intake:
        if source.pushing is not None:
            return PushedIntake(
                source.name,
                source.pushing,
                self.store,
                clock=self._clock,
                gate=self._may_ask,
                on_pushed=self._take_pushed,
                on_error=self._failed,
            )
        return AskedIntake(
            source,
            self.store,
            self.market,
            self.calendar,
            clock=self._clock,
            pace=pace,
            gate=self._may_ask,
            on_series=self._take,
            on_error=self._failed,
        )

    def _by_priority(self, resting: bool) -> Iterable[tuple[Symbol, FlowSeries | None]]:
        """The symbols that may be asked about, those on screen first; `resting`: those off screen at rest, too."""
        if isinstance(self.intake, AskedIntake):
            for symbol in self.intake.schedule.by_priority(self.market.now(), resting=resting):
                yield symbol, self.store.get(symbol).series

    # --- what it is told

    def watch(
        self, symbols: Sequence[Symbol], kept: Iterable[Symbol] = (), since: Mapping[Symbol, float] | None = None
    ) -> None:
        """The symbols to poll. `kept` are polled no more, and known until another source has answered.

        `since`: when those that come from another source were answered there last (monotonic).
        """
        self._symbols = tuple(symbols)
        known = list(dict.fromkeys((*symbols, *kept)))
        self.store.keep_only(frozenset(known))
        self._last.keep_only(frozenset(symbols))
        self.intake.watch(symbols, since)
        self.slow_lane.watch(known)
        self._put_failed_part()

    def show(self, symbols: Iterable[Symbol]) -> None:
        """The rows on screen."""
        self.intake.show(symbols)

    def ask_again(self, symbol: Symbol) -> None:
        """The user wants the symbol asked now, whatever was answered before."""
        self.slow_lane.ask_again(symbol)
        self.store.forget_error(symbol)
        self._last.look_at_all()
        self._put_failed_part()
        self.intake.ask_again(symbol)

    def use_calendar(self, calendar: Calendar) -> None:
        """The calendar from now on."""
        self.calendar = self.slow_lane.calendar = calendar
        self.intake.use_calendar(calendar)

    # --- what it can say

    @property
    def simulated(self) -> bool:
        """Whether the source is known to be a simulator, or has said so."""
        return self.source.simulated or self.time.simulated or self.provider.link.fact(LinkFact.SIMULATED) is not None

    @property
    def is_ready(self) -> bool:
        """Whether the link is up now."""
        return self.provider.link.phase is LinkPhase.READY

    @property
    def has_connected(self) -> bool:
        """Whether the link has been up at least once."""
        return self._connections > 0

    @property
    def reconnects(self) -> int:
        """How often the link came back after its first time."""
        return max(0, self._connections - 1)

    @property
    def link(self) -> LinkState:
        """The link with what only the feed knows: a shared quota, a skewed clock."""
        state, skew = self.provider.link, None if self.simulated or not self.market.known else self.market.skew
        return replace(state, facts=(*state.facts, *self._own_facts()), skew_s=skew)

    def _own_facts(self) -> list[tuple[LinkFact, Reason]]:
        found: list[tuple[LinkFact, Reason]] = []
        limiter, skew = self.source.limiter, self.market.skew
        if limiter.shared:
            counts = {"allowed": limiter.allowed, "budget": limiter.budget}
            found.append((LinkFact.QUOTA_SHARED, Reason.of(Code.QUOTA_SHARED, source=self.name, **counts)))
        if self.market.skewed and not self.simulated:
            code = Code.CLOCK_AHEAD if skew > 0 else Code.CLOCK_BEHIND
            found.append((LinkFact.CLOCK_SKEW, Reason.of(code, source=self.name, difference_s=abs(skew))))
        return found

    def troubles(self) -> list[Reason]:
        """A shared quota, a clock that differs, a calendar the source contradicts, a quota file of no use."""
        found = [reason for _, reason in self._own_facts()]
        found += self.slow_lane.contradictions.values()
        if self.source.limiters.trouble is not None:
            found.append(self.source.limiters.trouble)
        return found

    @property
    def at_rest(self) -> bool:
        """Whether the link is up, and the last figures of every symbol that has any are here until its market wakes."""
        return self.is_ready and self.market.known and self.intake.at_rest

    @property
    def watched(self) -> tuple[Symbol, ...]:
        """The symbols that are polled, in the watchlist's order."""
        return self._symbols

    def market_state(self, market: Market) -> MarketNow:
        """What a market is doing at market now."""
        return self.calendar.now(market, self.market.now())

    def quote(self, symbol: Symbol) -> Quote | None:
        """The newest price snapshot."""
        return self.slow_lane.quotes.get(symbol)

    def turnover(self, symbol: Symbol) -> Turnover | None:
        """The turnover of the session whose lines are held; None where it is not known."""
        return self._turnover_of(self.store.get(symbol).series)

    def _turnover_of(self, series: FlowSeries | None) -> Turnover | None:
        session = newest_date(series, self.calendar) if series is not None else None
        if series is None or session is None:
            return None
        day = self.calendar.day(series.symbol.market, session)
        return self.slow_lane.turnover(series.symbol, day) if day is not None else None

    def judge(self, series: FlowSeries, previous: FlowSeries | None) -> FlowSeries:
        """A reply of now with what the checks say; `previous` is the judged series it replaces."""
        turnover, received = self._turnover_of(series), milliseconds(self.market.now())
        return judge(series, self.calendar, turnover=turnover, previous=previous, received=received)

    def cycle_s(self, symbol: Symbol) -> float:
        """Seconds between two replies of a symbol: the plan at first, then as measured."""
        return self.intake.cycle_s(symbol)

    def next_poll(self, symbol: Symbol, now: float) -> float | None:
        """Monotonic second from which the symbol is due; None while asked or at rest for good."""
        return self.intake.next_poll(symbol, now)

    def age(self, symbol: Symbol) -> float | None:
        """Market seconds since the figures were true; None without any."""
        series = self.store.get(symbol).series
        at = last_valid(series) if series is not None else None
        return max(0.0, self.market.now() - at) if at is not None else None

    def freshness(self, symbol: Symbol, state: MarketNow | None = None, now: float | None = None) -> Freshness:
        """The symbol's state by domain rule 7; its market's `state` and market `now` spare asking for them again."""
        held, quote = self.store.get(symbol), self.quote(symbol)
        now = self.market.now() if now is None else now
        state = state if state is not None else self.calendar.now(symbol.market, now)
        quiet_s, cycle_s = None, 0.0
        # Only while it trades does silence say anything: a night of five hundred symbols need not work it out.
        if state.phase is Phase.OPEN and held.series is not None:
            quiet_s = quiet_at_most(held.series, self.calendar, now)
            if quiet_s is not None and quiet_s > SURELY_LIVE_S:
                cycle_s = self.cycle_s(symbol) * self.market.rate
        replied, halted = held.series if held.replied_at is not None else None, quote is not None and quote.halted
        return freshness(replied, held.error, state, halted=halted, quiet_s=quiet_s, cycle_s=cycle_s)

    @property
    def states(self) -> Mapping[Symbol, Freshness]:
        """How fresh the figures of each symbol were when it was looked at last, within two seconds."""
        return self._last.states

    def budget(self) -> Budget:
        """Quota of the capital-flow interface, and what it is spent on."""
        return self.intake.budget()

    # --- how it runs

    async def run(self, supervisor: Supervisor) -> None:
        """Run every part until cancelled."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "connection": self.provider.run,
            "clock": self.time.run,
            "heartbeat": self._heartbeat,
            **self.intake.parts(),
        }
        if self.source.pushing is None:
            parts |= {"prices": self.slow_lane.run, "history": self.history.run, "calibration": self.calibrator.run}
        async with asyncio.TaskGroup() as group:
            for part, factory in parts.items():
                group.create_task(self._run_part(supervisor, part, factory), name=f"{self.name} {part}")

    async def _run_part(self, supervisor: Supervisor, part: str, factory: Callable[[], Awaitable[None]]) -> None:
        failed = await supervisor.supervise(f"{self.name} {part}", factory)
        if failed is not None and part in (
            "connection",
            "polling",
            "following",
        ):  # else it looks as if the source were silent
            self._failed_part = failed
            self._put_failed_part()

    def _put_failed_part(self) -> None:
        if self._failed_part is not None:
            self._last.look_at_all()
            for symbol in self._symbols:
                self.store.put_error(symbol, self._failed_part, self._clock.monotonic())

    def _may_ask(self) -> bool:
        """Polls begin when the source's time and the first turnovers are known, or the wait for them is over.

        Replies are stamped with the time, and checked against the turnover before rules are judged on them.
        """
        if self.ready_since is None or self.provider.link.phase is not LinkPhase.READY:
            return False
        known = self.market.known and (self.source.pushing is not None or self.slow_lane.has_asked)
        return known or self._clock.monotonic() - self.ready_since >= _TIME_GRACE_S

    def _link_moved(self, state: LinkState) -> None:
        ready = state.phase is LinkPhase.READY
        if ready and self.ready_since is None:
            self.ready_since = self._clock.monotonic()
            self._connections += 1
            self.time.ask_now()
            self.slow_lane.poke()
        elif not ready:
            self.ready_since = None
            self.intake.pause()
        self.intake.poke()
        self._listener.link_changed(self)

    def _asked_time(self, new: bool) -> None:
        if new:
            self._listener.time_known(self)
            self.slow_lane.poke()
        self.intake.poke()

    async def _heartbeat(self) -> None:
        asked = False
        for beat in itertools.count():
            now, may_ask = self._clock.monotonic(), self._may_ask()
            if self.gaps.tick(now, self._clock.wall()):
                log.info("%s: time jumped, perhaps the computer slept: connecting anew", self.name)
                self.time.ask_now()
                self.provider.reconnect_now()
            elif may_ask:
                self._note_gap(now)
                if not asked:
                    self.intake.poke()
            asked = may_ask
            if beat % 2 == 0:
                self._look_at_freshness()
            await self._clock.sleep_until(now + _TICK_S)

    def _note_gap(self, now: float) -> None:
        gap = self.gaps.watching(self.market.now(), now, self.market.rate)
        if gap is not None and self.missed(gap):
            log.info("%s: not watching from %.0f to %.0f", self.name, gap.start, gap.end)
            self._listener.gap_ended(self, gap)

    def missed(self, gap: WatchGap) -> bool:
        """Whether a watched market was trading meanwhile."""
        markets = {symbol.market for symbol in self._symbols}
        return any(self.calendar.trading_minutes(market, gap.start, gap.end) >= 1 for market in markets)

    def _look_at_freshness(self) -> None:
        """States that time alone changes: a live row turns stale, a market goes to lunch."""
        now = self.market.now()
        states = {market: self.calendar.now(market, now) for market in {symbol.market for symbol in self._symbols}}
        for symbol in self._last.due(self._symbols, states, now):
            state = self.freshness(symbol, states[symbol.market], now)
            if self._last.put(symbol, state, self.store.get(symbol).series):
                self._listener.freshness_changed(self, symbol, state)

    def _take(self, series: FlowSeries) -> None:
        """Judge and store a reply, and tell the monitor: alerts are evaluated before anything is drawn.

        Raises NoLines for a reply without lines where the session must have some: it keeps the last ones.
        """
        received, now = self.market.now(), self._clock.monotonic()
        held = self.store.get(series.symbol)
        if not len(series) and self._must_have_lines(series.symbol, held, received):
            raise NoLines(self.name, held.error.since if isinstance(held.error, NoLines) else received)
        self._heed_lines_of_today(series, received)
        judged = self.judge(series, held.series)
        self.intake.stored(judged, now, received)
        self.calibrator.poke()
        if judged.last_valid is not None and judged.last_valid > received + _CLOCK_DOUBT_S * max(self.market.rate, 1.0):
            self.time.ask_now()  # figures from the future: the market clock is behind
        self._keep(self.calibrator.flagged(judged), now)

    def _take_pushed(self, pushed: Pushed) -> None:
        """Judge and store what a collector has of a symbol, unless it is here; then why it has nothing newer."""
        symbol, series = pushed.series.symbol, pushed.series
        held, received = self.store.get(symbol), series.received
        changed = self.slow_lane.told(pushed.quote, pushed.info)
        if received is not None and (
            held.replied_at is None or held.series is None or held.series.received != received
        ):
            judged = judge(
                series, self.calendar, turnover=self._turnover_of(series), previous=held.series, received=received
            )
            self.intake.stored(judged, pushed.replied_at, received)
            self._keep(agreed(judged, series), pushed.replied_at)
        elif changed:  # a reply is checked against what is told with it, and shown with it
            self._told_slowly(changed)
        if pushed.error is not None:
            self._failed(symbol, pushed.error)

    def _keep(self, judged: FlowSeries, replied_at: float) -> None:
        put = self.store.put(judged, replied_at)
        self._last.put(judged.symbol, self.freshness(judged.symbol), put.new)
        self._listener.judged(self, put)

    def _must_have_lines(self, symbol: Symbol, held: Held, now: float) -> bool:
        """Whether a reply without lines is a fault: lines came today, or at `now` the market has traded a while."""
        if held.series is not None and held.series.session == self.calendar.session_date(symbol.market, now):
            return True
        state, quote = self.calendar.now(symbol.market, now), self.quote(symbol)
        halted = quote is not None and quote.halted
        trading = state.phase is Phase.OPEN and state.day is not None and now >= state.day.open + OPENING_S
        return trading and not halted

    def _heed_lines_of_today(self, series: FlowSeries, now: float) -> None:
        """Lines of today overrule a calendar that says closed, except at weekends, when no exchange trades."""
        market, newest = series.symbol.market, newest_date(series, self.calendar)
        if newest is None or newest.weekday() >= _SATURDAY or self.calendar.day(market, newest) is not None:
            return
        if newest == self.calendar.session_date(market, now):
            self.slow_lane.lines_on(market, newest)

    def _told_slowly(self, symbols: Iterable[Symbol]) -> None:
        """Prices or names are new: check the held lines against the newer turnover."""
        changed = list(symbols)
        for symbol in changed:
            self._last.changed(symbol)  # it may be halted
            held, turnover = self.store.get(symbol), self.turnover(symbol)
            if held.series is not None and held.replied_at is not None and turnover is not None:
                self._judged_again(held.series, checked_again(held.series, turnover))
        self._listener.rows_changed(changed)
        self.intake.poke()

    def _calibrated(self, symbol: Symbol) -> None:
        """Unit, sign or kind of a source's amounts is known now: check the held figures by it."""
        held = self.store.get(symbol)
        if held.series is not None and held.replied_at is not None:
            self._judged_again(held.series, self.calibrator.flagged(held.series))

    def _judged_again(self, held: FlowSeries, series: FlowSeries) -> None:
        if series is not held:
            self._listener.judged(self, self.store.judged_again(series))

    def _ask_market(self, market: Market) -> None:
        """The source says that a market is open although the calendar says closed: ask, lines would prove it."""
        for symbol in self._symbols:
            if symbol.market is market:
                self.intake.ask_again(symbol)

    def _failed(self, symbol: Symbol, error: CapflowError) -> None:
        """A symbol's own trouble stands in its row; the link's stands in the badge."""
        if is_symbols_own(error):
            self.store.put_error(symbol, error, self._clock.monotonic())
            self._last.put(symbol, self.freshness(symbol), self.store.get(symbol).series)
        self._listener.failed(self, symbol, error)
