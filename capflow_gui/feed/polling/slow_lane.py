"""What is asked beside capital flow, each in a quota of its own: prices, names, market states, trading days."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from capflow_gui.clock import Bell, Clock
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.quote import MarketPhase, Quote, StaticInfo
from capflow_gui.domain.session import Calendar, Phase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import ProtocolError, ProviderError
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.batches import Batches
from capflow_gui.feed.polling.schedule import settles_at
from capflow_gui.providers.base import Provider
from capflow_gui.quota.limiters import Limiters

log = logging.getLogger(__name__)

_SNAPSHOT_S = 30.0
_STATE_S = 60.0
_TRADE_DATES_BACK = timedelta(days=14)
_TRADE_DATES_AHEAD = timedelta(days=7)
_DISAGREEMENTS = 3


class SlowLane:
    """Keeps `quotes` and `infos` fresh. `contradictions` maps a market to what the source says against the calendar.

    on_change(symbols) is called with symbols whose quote or info is new; on_calendar with a calendar that the
    source's trading days overruled.
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
    ) -> None:
        self._provider = provider
        self._limiters = limiters
        self._market = market
        self._clock = clock
        self._on_change = on_change
        self._on_calendar = on_calendar
        self._bell = Bell(clock)
        self._symbols: list[Symbol] = []
        self._snapshots = Batches(limiters.of("snapshot"))
        self._statics = Batches(limiters.of("static_info"))
        self._info_on: dict[Symbol, date] = {}
        self._dates_on: dict[Market, date] = {}
        self._quoted_at: dict[Symbol, float] = {}  # market now of the newest quote
        self._against: Counter[Market] = Counter()
        self._states_at = float("-inf")
        self.calendar = calendar
        self.quotes: dict[Symbol, Quote] = {}
        self.infos: dict[Symbol, StaticInfo] = {}
        self.contradictions: dict[Market, str] = {}

    def watch(self, symbols: list[Symbol]) -> None:
        """The symbols to know about from now on."""
        self._symbols = list(symbols)
        kept = set(symbols)
        for table in (self.quotes, self.infos, self._info_on, self._quoted_at):
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

    async def run(self) -> None:
        """Ask, rest, ask again, until cancelled."""
        while True:
            if self._provider.link.phase is LinkPhase.READY:
                for question in (self._ask_trade_dates, self._ask_infos, self._ask_quotes, self._ask_states):
                    await self._attempt(question)
            await self._bell.wait_until(self._clock.monotonic() + _SNAPSHOT_S)

    async def _attempt(self, question: Callable[[], Awaitable[None]]) -> None:
        try:
            await question()
        except (ProviderError, ProtocolError) as error:
            # Names and prices are extras: the next round asks again, and the flow says what matters about the link.
            log.info("%s: %s failed: %s", self._provider.source, question.__name__.strip("_"), error)

    async def _ask_quotes(self) -> None:
        now = self._market.now()
        wanted = [symbol for symbol in self._symbols if self._wants_quote(symbol, now)]
        quotes = await self._snapshots.ask(wanted, self._provider.get_snapshots)
        changed = {quote.symbol for quote in quotes if self.quotes.get(quote.symbol) != quote}
        for quote in quotes:
            self.quotes[quote.symbol] = quote
            self._quoted_at[quote.symbol] = now
        self._tell(changed)

    def _wants_quote(self, symbol: Symbol, now: float) -> bool:
        state = self.calendar.now(symbol.market, now)
        quoted_at = self._quoted_at.get(symbol)
        return quoted_at is None or state.phase is Phase.OPEN or quoted_at < settles_at(state, now)

    async def _ask_infos(self) -> None:
        today = {market: self.calendar.session_date(market, self._market.now()) for market in self._markets()}
        wanted = [symbol for symbol in self._symbols if self._info_on.get(symbol) != today[symbol.market]]
        if any(self._info_on.get(symbol) is not None for symbol in wanted):
            for batches in (self._snapshots, self._statics):  # a new day: what was unknown may be listed now
                batches.bad.clear()
        infos = await self._statics.ask(wanted, self._provider.get_static_info)
        for symbol in wanted:
            self._info_on[symbol] = today[symbol.market]
        changed = {info.symbol for info in infos if self.infos.get(info.symbol) != info}
        self.infos.update({info.symbol: info for info in infos})
        self._tell(changed)

    async def _ask_trade_dates(self) -> None:
        if not self._market.known:
            return
        for market in self._markets():
            today = self.calendar.session_date(market, self._market.now())
            if self._dates_on.get(market) == today:
                continue
            begin, end = today - _TRADE_DATES_BACK, today + _TRADE_DATES_AHEAD
            async with self._limiters.of("trade_dates").slot():
                dates = await self._provider.get_trade_dates(market, begin, end)
            self._dates_on[market] = today
            days = [(each.day, each.kind) for each in dates]
            if days:
                # Beyond the last day it listed the source has said nothing yet: the table stands.
                said_to = max(today, *(day for day, _ in days))
                self.calendar = self.calendar.with_overrides(market, days, start=begin, end=said_to)
                self._on_calendar(self.calendar)

    async def _ask_states(self) -> None:
        """Does the source agree with the calendar that a market is open? Said after three minutes of no."""
        if self._clock.monotonic() - self._states_at < _STATE_S:
            return
        first = {symbol.market: symbol for symbol in reversed(self._symbols) if symbol not in self._snapshots.bad}
        if not first:
            return
        self._states_at = self._clock.monotonic()
        async with self._limiters.of("market_state").slot():
            states = await self._provider.get_market_states(list(first.values()))
        for state in states:
            market = state.symbol.market
            is_open = self.calendar.now(market, self._market.now()).phase is Phase.OPEN
            self._against[market] = self._against[market] + 1 if is_open and state.phase is MarketPhase.CLOSED else 0
            if self._against[market] >= _DISAGREEMENTS:
                self.contradictions[market] = f"{self._provider.source} says {market} is closed, the calendar says open"
            else:
                self.contradictions.pop(market, None)

    def _markets(self) -> set[Market]:
        return {symbol.market for symbol in self._symbols}

    def _tell(self, changed: set[Symbol]) -> None:
        if changed:
            self._on_change(changed)
