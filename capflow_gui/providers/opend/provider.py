"""OpenD (Futu, moomoo) as a Provider: one connection kept for ever, and every interface Capflow asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal, no_log
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.period import date_window
from capflow_gui.domain.quote import (
    Distribution,
    GlobalState,
    MarketState,
    Quote,
    SearchHit,
    StaticInfo,
    SymbolGroup,
    TradeDate,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput, RequestTimeout
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.base import Capabilities
from capflow_gui.providers.link import question
from capflow_gui.providers.opend import messages
from capflow_gui.providers.opend.codes import ZONES
from capflow_gui.providers.opend.decode import FlowDecoder
from capflow_gui.providers.opend.link import OpendConfig, OpendLink
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.opend.frame import Proto

MAX_CODES = 400  # of one snapshot or market-state request
MAX_HITS = 100
# Source: FutuOpenD API docs, "Limits"; static_info and search have no published limit.
LIMITS = {
    "capital_flow": RateLimit(30, 30.0),
    "distribution": RateLimit(30, 30.0),
    "snapshot": RateLimit(60, 30.0),
    "market_state": RateLimit(10, 30.0),
    "trade_dates": RateLimit(30, 30.0),
    "groups": RateLimit(10, 30.0),
    "group_symbols": RateLimit(10, 30.0),
}


class OpendProvider(OpendLink):
    """A providers.base.Provider over one connection."""

    def __init__(
        self,
        config: OpendConfig,
        clock: Clock,
        source: str = "opend",
        backoff: Backoff | None = None,
        conceal: Conceal = no_log,
    ) -> None:
        super().__init__(config, clock, source, backoff, conceal)
        self.capabilities = Capabilities(frozenset(Period), classes=True, limits=LIMITS)
        self.skipped: tuple[str, ...] = ()  # codes the last group or search left out: no calendar for their market
        self._decoder = FlowDecoder(source)

    @question
    async def get_capital_flow(
        self, symbol: Symbol, period: Period = Period.INTRADAY, start: date | None = None, end: date | None = None
    ) -> FlowSeries:
        """GetCapitalFlow. INTRADAY takes no dates; the others default by domain.period.date_window, by exchange dates.

        The series is as received: judged, stamped and confirmed by others. An answer equal to the last one of
        this symbol and period returns the very same object.
        """
        window = None
        if period is not Period.INTRADAY:
            window = date_window(start, end, self._today(symbol.market))
        elif start is not None or end is not None:
            raise InvalidInput(period.value, Reason.of(Code.DATES_NEED_A_PERIOD), Reason.of(Code.ASK_FOR_A_PERIOD))
        answer = await self.call(Proto.CAPITAL_FLOW, messages.flow_request(symbol, period, window))
        return self._decoder.decode(symbol, period, answer.body, answer.digest)

    @question
    async def get_distribution(self, symbol: Symbol) -> Distribution:
        """GetCapitalDistribution: the day's money in and out by class."""
        answer = await self.call(Proto.CAPITAL_DISTRIBUTION, messages.distribution_request(symbol))
        return messages.read_distribution(self.source, answer.body, symbol)

    @question
    async def get_snapshots(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """GetSecuritySnapshot, a request for every 400 symbols: each counts against the quota."""
        quotes: list[Quote] = []
        for part in _parts(symbols):
            answer = await self.call(Proto.SNAPSHOT, messages.snapshot_request(part))
            quotes += messages.read_snapshots(self.source, answer.body)
        return quotes

    @question
    async def get_static_info(self, symbols: Sequence[Symbol]) -> list[StaticInfo]:
        """GetStaticInfo, a request for every 400 symbols."""
        infos: list[StaticInfo] = []
        for part in _parts(symbols):
            answer = await self.call(Proto.STATIC_INFO, messages.static_info_request(part))
            infos += messages.read_static_info(self.source, answer.body).infos
        return infos

    @question
    async def get_market_states(self, symbols: Sequence[Symbol]) -> list[MarketState]:
        """GetMarketState, a request for every 400 symbols."""
        states: list[MarketState] = []
        for part in _parts(symbols):
            answer = await self.call(Proto.MARKET_STATE, messages.market_state_request(part))
            states += messages.read_market_states(self.source, answer.body)
        return states

    @question
    async def get_trade_dates(self, market: Market, start: date, end: date) -> list[TradeDate]:
        """RequestTradeDate: trading days from `start` to `end`, both included."""
        answer = await self.call(Proto.TRADE_DATE, messages.trade_date_request(market, start, end))
        return messages.read_trade_dates(self.source, answer.body, market)

    @question
    async def get_global_state(self) -> GlobalState:
        """GetGlobalState: the source's clock and login; the link's facts follow it."""
        state = self._take_global_state(await self.call(Proto.GLOBAL_STATE, messages.global_state_request()))
        self._publish()
        return state

    @question
    async def get_groups(self) -> list[SymbolGroup]:
        """GetUserSecurityGroup: every group, the user's and the broker's."""
        answer = await self.call(Proto.USER_SECURITY_GROUP, messages.groups_request())
        return messages.read_groups(self.source, answer.body)

    @question
    async def get_group_symbols(self, name: str) -> list[StaticInfo]:
        """GetUserSecurity. Members of markets Capflow has no calendar for are left out and named in `skipped`."""
        answer = await self.call(Proto.USER_SECURITY, messages.group_symbols_request(name))
        selected = messages.read_group_symbols(self.source, answer.body)
        self.skipped = selected.skipped
        return selected.infos

    @question
    async def search(self, keyword: str, max_count: int = 10) -> list[SearchHit]:
        """GetSearchQuote: stocks, funds and warrants; hits of other markets are named in `skipped`.

        OpenD has it since version 10. An older one does not answer, or fails in words that say nothing of it.
        """
        request = messages.search_request(keyword, max(1, min(max_count, MAX_HITS)))
        try:
            answer = await self.call(Proto.SEARCH_QUOTE, request)
            hits, self.skipped = messages.read_search(self.source, answer.body)
        except RequestTimeout as error:
            if error.reason.code is not Code.NO_ANSWER_IN_TIME:
                raise  # OpenD knows the question and says what became of it
            raise RequestTimeout(self.source, Reason.of(Code.SEARCH_UNANSWERED)) from error
        return hits

    def _today(self, market: Market) -> date:
        """Return the exchange's date by the source's clock."""
        return datetime.fromtimestamp(self.market_now(), ZoneInfo(ZONES[market])).date()


def _parts(symbols: Sequence[Symbol]) -> list[Sequence[Symbol]]:
    return [symbols[at : at + MAX_CODES] for at in range(0, len(symbols), MAX_CODES)]
