"""What is asked beside capital flow, each in a quota of its own: prices, names, market states, trading days."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, timedelta
from functools import partial

from capflow_gui.clock import Bell, Clock
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.quote import MarketPhase, PriceTrack, Quote, StaticInfo, Turnover
from capflow_gui.domain.session import Calendar, Phase, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import ProtocolError, ProviderError
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.batches import Batches
from capflow_gui.feed.polling.schedule import settles_at
from capflow_gui.providers.base import Provider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.reason import Code, Reason

log = logging.getLogger(__name__)

_SNAPSHOT_S = 30.0
_STATE_S = 60.0
_TRADE_DATES_BACK = timedelta(days=14)
_TRADE_DATES_AHEAD = timedelta(days=7)
_DISAGREEMENTS = 3


class SlowLane:
    """Keeps `quotes` and `infos` fresh. `contradictions` maps a market to what the source says against the calendar.

    on_change(symbols) is called with symbols whose quote or info is new; on_calendar with a calendar that the
    source's trading days overruled; on_contradiction with a market that the source says is open on a closed day.
    """

    def __init__(
        self,
        provider: Provider,
        limiters: Limiters,
        market: MarketClock,
        calendar: Calendar,
        *,
        clock: Clock,
        on_change: Callable[[set[Symbol]], None],
        on_calendar: Callable[[Calendar], None],
        on_contradiction: Callable[[Market], None],
    ) -> None:
        self._provider = provider
        self._limiters = limiters
        self._market = market
        self._clock = clock
        self._on_change = on_change
        self._on_calendar = on_calendar
        self._on_contradiction = on_contradiction
        self._bell = Bell(clock)
        self._symbols: list[Symbol] = []
        self._snapshots = Batches(limiters.of("snapshot"), "snapshot")
        self._statics = Batches(limiters.of("static_info"), "static_info")
        self._info_on: dict[Symbol, date] = {}
        self._dates_on: dict[Market, date] = {}
        self._quoted_at: dict[Symbol, float] = {}  # monotonic: the market clock may not be known yet
        self._against: Counter[tuple[Market, Phase]] = Counter()
        self._traded_on: dict[Market, date] = {}  # closed by the calendar, and yet there were lines of that day
        self._states_at = float("-inf")
        self.has_asked = False  # for prices, whatever the answer
        self.calendar = calendar
        self.quotes: dict[Symbol, Quote] = {}
        self.infos: dict[Symbol, StaticInfo] = {}
        self._prices: dict[Symbol, tuple[date, PriceTrack]] = {}
        self.contradictions: dict[Market, Reason] = {}

    def watch(self, symbols: list[Symbol]) -> None:
        """The symbols to know about from now on."""
        self._symbols = list(symbols)
        kept = set(symbols)
        for table in (self.quotes, self.infos, self._info_on, self._quoted_at, self._prices):
            for symbol in [each for each in table if each not in kept]:
                del table[symbol]
        self._bell.ring()

    def poke(self) -> None:
        """Ask now: the link is up, or the user wants to see."""
        self._bell.ring()

    def ask_again(self, symbol: Symbol) -> None:
        """The user believes in this symbol, whatever was answered before."""
        for batches in (self._snapshots, self._statics):
            batches.bad.discard(symbol)
        self._info_on.pop(symbol, None)
        self._bell.ring()

    def turnover(self, symbol: Symbol, day: TradingDay) -> Turnover | None:
        """The turnover of a session so far, and the price then; None where no snapshot of that session is held."""
        quote = self.quotes.get(symbol)
        if quote is None:
            return None
        at = self._true_at(quote)
        of_day = at >= day.open and self.calendar.session_date(symbol.market, at) == day.day
        price = quote.price if 0 < quote.price < math.inf else None
        return Turnover(quote.turnover, at, price) if of_day and 0 < quote.turnover < math.inf else None

    def prices(self, symbol: Symbol, day: TradingDay) -> PriceTrack | None:
        """The prices of a session that snapshots of this run had; None where there is none."""
        session, track = self._prices.get(symbol, (None, None))
        return track if session == day.day else None

    def told(self, quote: Quote | None, info: StaticInfo | None) -> set[Symbol]:
        """A price and a name came without being asked for; the symbols of which they say something new."""
        changed: set[Symbol] = set()
        if quote is not None:
            changed |= self._keep_quotes([quote], self._clock.monotonic())
        if info is not None and self.infos.get(info.symbol) != info:
            self.infos[info.symbol] = info
            changed.add(info.symbol)
        return changed

    def _true_at(self, quote: Quote) -> float:
        """Market time at which a quote held was true."""
        at = self._market.at(self._quoted_at[quote.symbol])
        return at if quote.time is None else min(at, quote.time)

    def _keep_price(self, quote: Quote) -> None:
        """Remember the price of a quote held for the session it is of."""
        at = self._true_at(quote)
        session = self.calendar.session_date(quote.symbol.market, at)
        day = self.calendar.day(quote.symbol.market, session)
        if day is not None and at >= day.open:
            kept, track = self._prices.get(quote.symbol, (session, PriceTrack()))
            self._prices[quote.symbol] = session, (track if kept == session else PriceTrack()).joined(at, quote.price)

    def lines_on(self, market: Market, day: date) -> None:
        """The source gave lines of `day`, which the calendar says is closed: take the day as open."""
        self._traded_on[market] = day
        self.contradictions[market] = Reason.of(Code.LINES_ON_CLOSED_DAY, source=self._provider.source, market=market)
        self.calendar = self.calendar.with_overrides(market, [(day, "whole")])
        self._on_calendar(self.calendar)

    async def run(self) -> None:
        """Ask, rest, ask again, until cancelled. Quotes go first: flow is checked against their turnover."""
        while True:
            if self._provider.link.phase is LinkPhase.READY:
                await self._attempt("prices", self._ask_quotes)
                self.has_asked = True
                for market in self._markets() if self._market.known else ():
                    await self._attempt(f"trading days of {market}", partial(self._ask_trade_dates, market))
                await self._attempt("names", self._ask_infos)
                await self._attempt("market states", self._ask_states)
            await self._bell.wait_until(self._clock.monotonic() + _SNAPSHOT_S)

    async def _attempt(self, what: str, question: Callable[[], Awaitable[None]]) -> None:
        try:
            await question()
        except (ProviderError, ProtocolError) as error:
            # Names and prices are extras: the next round asks again, and the flow says what matters about the link.
            log.info("%s: %s could not be asked: %s", self._provider.source, what, error)

    async def _ask_quotes(self) -> None:
        asked, now = self._clock.monotonic(), self._market.now()
        wanted = [symbol for symbol in self._symbols if self._wants_quote(symbol, now)]
        quotes = await self._snapshots.ask(wanted, self._provider.get_snapshots)
        self._tell(self._keep_quotes(quotes, asked))

    def _keep_quotes(self, quotes: Iterable[Quote], at: float) -> set[Symbol]:
        """Keep quotes that were true at monotonic `at` at the latest; the symbols whose quote is new."""
        changed = set()
        for quote in quotes:
            if self.quotes.get(quote.symbol) != quote:
                changed.add(quote.symbol)
            self.quotes[quote.symbol] = quote
            self._quoted_at[quote.symbol] = at
            self._keep_price(quote)
        return changed

    def _wants_quote(self, symbol: Symbol, now: float) -> bool:
        state = self.calendar.now(symbol.market, now)
        quoted_at = self._quoted_at.get(symbol)
        if quoted_at is None or state.phase is Phase.OPEN:
            return True
        return self._market.at(quoted_at) < settles_at(state, now)

    async def _ask_infos(self) -> None:
        today = {market: self.calendar.session_date(market, self._market.now()) for market in self._markets()}
        wanted = [symbol for symbol in self._symbols if self._info_on.get(symbol) != today[symbol.market]]
        if any(self._info_on.get(symbol) is not None for symbol in wanted):
            for batches in (self._snapshots, self._statics):  # a new day: what was unknown may be listed now
                batches.bad.clear()
        infos = await self._statics.ask(wanted, self._provider.get_static_info)
        for symbol in wanted:
            self._info_on[symbol] = today[symbol.market]
        for symbol in self._statics.alone:  # the next round asks again
            self._info_on.pop(symbol, None)
        changed = {info.symbol for info in infos if self.infos.get(info.symbol) != info}
        self.infos.update({info.symbol: info for info in infos})
        self._tell(changed)

    async def _ask_trade_dates(self, market: Market) -> None:
        """Once an exchange day. Before the first and after the last day of the list the source has said nothing."""
        today = self.calendar.session_date(market, self._market.now())
        if self._dates_on.get(market) == today:
            return
        begin, end = today - _TRADE_DATES_BACK, today + _TRADE_DATES_AHEAD
        async with self._limiters.of("trade_dates").slot(kind="trade_dates"):
            dates = await self._provider.get_trade_dates(market, begin, end)
        self._dates_on[market] = today
        if dates:
            self.calendar = self.calendar.with_overrides(market, [(each.day, each.kind) for each in dates])
            if self._traded_on.get(market) == today and self.calendar.day(market, today) is None:
                self.calendar = self.calendar.with_overrides(market, [(today, "whole")])
            self._on_calendar(self.calendar)

    async def _ask_states(self) -> None:
        """Ask whether source and calendar agree that a market is open; after three minutes of no it is said."""
        if self._clock.monotonic() - self._states_at < _STATE_S:
            return
        failing = self._snapshots.bad | self._snapshots.alone.keys()
        first = {symbol.market: symbol for symbol in reversed(self._symbols) if symbol not in failing}
        if not first:
            return
        self._states_at = self._clock.monotonic()
        async with self._limiters.of("market_state").slot(kind="market_state"):
            states = await self._provider.get_market_states(list(first.values()))
        for state in states:
            self._compare_phase(state.symbol.market, state.phase)

    def _compare_phase(self, market: Market, said: MarketPhase) -> None:
        now = self._market.now()
        phase = self.calendar.now(market, now).phase
        against = {(Phase.OPEN, MarketPhase.CLOSED), (Phase.CLOSED, MarketPhase.OPEN)}
        times = self._against[market, phase] + 1 if (phase, said) in against else 0
        self._against = Counter({key: count for key, count in self._against.items() if key[0] is not market})
        self._against[market, phase] = times
        if times >= _DISAGREEMENTS:
            code = Code.MARKET_SAID_CLOSED if phase is Phase.OPEN else Code.MARKET_SAID_OPEN
            self.contradictions[market] = Reason.of(code, source=self._provider.source, market=market)
            if times == _DISAGREEMENTS and phase is Phase.CLOSED:
                self._on_contradiction(market)
        elif self._traded_on.get(market) != self.calendar.session_date(market, now):
            self.contradictions.pop(market, None)

    def _markets(self) -> set[Market]:
        return {symbol.market for symbol in self._symbols}

    def _tell(self, changed: set[Symbol]) -> None:
        if changed:
            self._on_change(changed)
