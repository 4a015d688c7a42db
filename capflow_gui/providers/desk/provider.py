"""A desk as a Provider: what its collector polled is here already, and nothing else can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from msgspec.structs import replace

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.quote import (
    Distribution,
    GlobalState,
    MarketState,
    Quote,
    SearchHit,
    SecurityKind,
    StaticInfo,
    SymbolGroup,
    TradeDate,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput, NoData, ProviderError
from capflow_gui.providers.base import Capabilities, Pushed, PushedAlert, PushedQuota
from capflow_gui.providers.desk.link import DeskLink
from capflow_gui.providers.link import question
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.messages import MOST_SYMBOLS, SourceBeat
from capflow_gui.wire.desk.subjects import is_code

# What is here already is answered as often as anybody asks.
_UNLIMITED = RateLimit(1_000_000, 1.0)
LIMITS = dict.fromkeys(("capital_flow", "distribution", "snapshot", "static_info", "search", "groups"), _UNLIMITED)


class DeskProvider(DeskLink):
    """A providers.base.Provider, and Pushing."""

    _quoted: tuple[tuple[SourceBeat, float], ...] = ()  # the sources that `_quotas` were made of
    _quotas: tuple[PushedQuota, ...] = ()
    _too_many: frozenset[Symbol] = frozenset()  # what is wanted beyond what a message holds

    @property
    def capabilities(self) -> Capabilities:
        """Order-size classes are there where any of the polled sources has them."""
        sources = [source for source, _ in self.copy.sources(self._clock.monotonic())]
        classes = not sources or any(source.classes for source in sources)
        return Capabilities(frozenset({Period.INTRADAY}), classes=classes, limits=LIMITS)

    # --- providers.base.Pushing

    def on_pushed(self, callback: Callable[[Symbol], None]) -> None:
        """Have `callback` called with each symbol that has something new."""
        self._listeners.append(callback)

    def pushed(self, symbol: Symbol) -> Pushed | None:
        """What is there of a symbol; None while no collector has it."""
        return self.copy.pushed(symbol)

    def want(self, watched: Sequence[Symbol], shown: Sequence[Symbol]) -> None:
        """Tell the collectors: now, and again before they forget it."""
        named = [symbol for symbol in watched if is_code(symbol.code)]
        on_screen = [symbol for symbol in shown if is_code(symbol.code)][:MOST_SYMBOLS]
        self._too_many = frozenset(named[MOST_SYMBOLS:]).difference(on_screen)
        wanted = replace(self._wanted, watched=tuple(named[:MOST_SYMBOLS]), shown=tuple(on_screen))
        if wanted != self._wanted:
            self._wanted = wanted
            if self._opening is not None:
                self._opening.say_interest()

    def refusal(self, symbol: Symbol) -> ProviderError | None:
        """Why the collectors are not told that a symbol is wanted: its code, or too many others."""
        if not is_code(symbol.code):
            return NoData(self.source, 0, reason=Reason.of(Code.NOT_A_SUBJECT, text=str(symbol)))
        if symbol in self._too_many:
            return NoData(self.source, 0, reason=Reason.of(Code.DESK_LIST_TOO_LONG, most=MOST_SYMBOLS))
        return None

    @property
    def quotas(self) -> tuple[PushedQuota, ...]:
        """Those of every source that is polled, as the newest beats say them."""
        sources = self.copy.sources(self._clock.monotonic())
        if sources is not self._quoted:
            self._quoted, self._quotas = sources, _quotas_of(sources)
        return self._quotas

    def on_alert(self, callback: Callable[[PushedAlert], None]) -> None:
        """Have `callback` called with each alert that is new or has changed."""
        self._alert_listeners.append(callback)

    def acknowledge(self, record: AlertRecord) -> None:
        """Tell everybody, now or once there is a connection."""
        self.alerts.unsent[record.id] = record, self._clock.wall()
        if self._opening is not None:
            self._opening.say_unsaid()

    # --- providers.base.Provider

    @question
    async def get_capital_flow(
        self, symbol: Symbol, period: Period = Period.INTRADAY, start: date | None = None, end: date | None = None
    ) -> FlowSeries:
        """The day as the collector has it. Raises NoData for a symbol that it does not have, and for other periods."""
        if start is not None or end is not None:
            raise InvalidInput(period.value, Reason.of(Code.DATES_NEED_A_PERIOD), Reason.of(Code.ASK_FOR_A_PERIOD))
        if period is not Period.INTRADAY:
            raise self._not_there()
        pushed = self._pushed(symbol)
        if pushed.error is not None:
            raise pushed.error
        return pushed.series

    @question
    async def get_distribution(self, symbol: Symbol) -> Distribution:
        """The newest money in and out that the collector has."""
        found = self._pushed(symbol).distribution
        if found is None:
            raise self._not_there()
        return found

    @question
    async def get_snapshots(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """The newest prices that the collector has."""
        found = (self._pushed(symbol).quote for symbol in symbols)
        return [quote for quote in found if quote is not None]

    @question
    async def get_static_info(self, symbols: Sequence[Symbol]) -> list[StaticInfo]:
        """The names that the collector has."""
        found = (self._pushed(symbol).info for symbol in symbols)
        return [info for info in found if info is not None]

    @question
    async def get_market_states(self, symbols: Sequence[Symbol]) -> list[MarketState]:
        """Nothing: a desk does not say them."""
        del symbols
        self._up()
        return []

    @question
    async def get_trade_dates(self, market: Market, start: date, end: date) -> list[TradeDate]:
        """Nothing: a desk does not say them."""
        del market, start, end
        self._up()
        return []

    @question
    async def get_global_state(self) -> GlobalState:
        """Market time, by the newest beat."""
        self._up()
        clock = self.copy.clock()
        if clock is None:
            raise self._not_there()
        now = self._clock.monotonic()
        time, rate, heard_at = clock
        simulated = any(source.simulated for source, _ in self.copy.sources(now))
        return GlobalState(time + (now - heard_at) * rate, True, 0, simulated, {})

    @question
    async def get_groups(self) -> list[SymbolGroup]:
        """None: groups are kept at a broker."""
        self._up()
        return []

    @question
    async def get_group_symbols(self, name: str) -> list[StaticInfo]:
        """Raises NoData: groups are kept at a broker."""
        del name
        raise self._not_there()

    @question
    async def search(self, keyword: str, max_count: int = 10) -> list[SearchHit]:
        """Symbols that the collector has, by code or name."""
        self._up()
        wanted = keyword.strip().casefold()
        hits = []
        for symbol in sorted(self.copy.symbols):
            info = self._pushed(symbol).info
            name = info.name if info is not None else ""
            if wanted and (wanted in str(symbol).casefold() or wanted in name.casefold()):
                hits.append(SearchHit(symbol, name, info.kind if info is not None else SecurityKind.OTHER))
        return hits[:max_count]

    def _up(self) -> None:
        if self._channel is None:
            raise self._down()

    def _pushed(self, symbol: Symbol) -> Pushed:
        self._up()
        found = self.copy.pushed(symbol)
        if found is None:
            raise NoData(self.source, 0, reason=Reason.of(Code.DESK_HAS_NOT, symbol=str(symbol)))
        return found

    def _not_there(self) -> NoData:
        self._up()
        return NoData(self.source, 0, reason=Reason.of(Code.NOT_ON_A_DESK))


def _quotas_of(sources: Sequence[tuple[SourceBeat, float]]) -> tuple[PushedQuota, ...]:
    return tuple(
        PushedQuota(
            each.name,
            each.used,
            each.limit,
            each.window_s,
            each.cycle_s,
            Symbol.parse(each.next_symbol) if each.next_symbol else None,
            each.oldest_s,
            each.refused,
            each.requests,
            each.open,
            each.resting,
            heard_at,
        )
        for each, heard_at in sources
    )
