"""Longport / Longbridge as a Provider: every interface Capflow asks.

Longport gives a net total a minute for the running session and a three-class snapshot: no classes by minute, no
history. Where its WebSocket cannot be reached but its HTTP can, the quotes are asked over HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal, no_log
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.quote import (
    Distribution,
    GlobalState,
    MarketPhase,
    MarketState,
    Quote,
    SearchHit,
    StaticInfo,
    SymbolGroup,
    TradeDate,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput, NoData, RemoteProtocolError
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.base import Capabilities
from capflow_gui.providers.link import question
from capflow_gui.providers.longport import messages
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.flow import LongportFlowDecoder
from capflow_gui.providers.longport.gate import CALLS, WINDOW_S
from capflow_gui.providers.longport.http import Login
from capflow_gui.providers.longport.link import LongportLink
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.pb.longport import quote_pb2

# Source: Longbridge OpenAPI docs, "Rate limit": one quota of the account for all of them, five of them concurrently.
_LIMIT = RateLimit(CALLS, WINDOW_S, in_flight=5)
LIMITS = dict.fromkeys(("capital_flow", "distribution", "snapshot", "static_info", "trade_dates", "search"), _LIMIT)
_DIGIT_MARKETS = (Market.HK, Market.SH, Market.SZ)
_LETTER_MARKETS = (Market.US, Market.SG)

M = TypeVar("M", bound=Message)


class LongportProvider(LongportLink):
    """A providers.base.Provider over one connection."""

    def __init__(
        self,
        config: LongportConfig,
        login: Login,
        clock: Clock,
        source: str = "longport",
        *,
        backoff: Backoff | None = None,
        conceal: Conceal = no_log,
    ) -> None:
        super().__init__(config, login, clock, source, backoff=backoff, conceal=conceal)
        self.capabilities = Capabilities(frozenset({Period.INTRADAY}), classes=False, limits=LIMITS, one_quota=True)
        self._language = config.language
        self._decoder = LongportFlowDecoder(source)

    @question
    async def get_capital_flow(
        self, symbol: Symbol, period: Period = Period.INTRADAY, start: date | None = None, end: date | None = None
    ) -> FlowSeries:
        """Command 24: the running session's lines, labelled by the start of their minute, totals only.

        An answer equal to the last one of this symbol returns the very same object.
        """
        if period is not Period.INTRADAY or start is not None or end is not None:
            raise InvalidInput(period.value, Reason.of(Code.RUNNING_SESSION_ONLY), Reason.of(Code.ASK_OPEND))
        request = quote_pb2.SymbolRequest(symbol=messages.symbol_text(symbol))
        body = await self.call(Command.CAPITAL_FLOW, request, quote_pb2.CapitalFlowResponse)
        return self._decoder.decode(symbol, body)

    @question
    async def get_distribution(self, symbol: Symbol) -> Distribution:
        """Command 25: three classes, extra_large missing."""
        request = quote_pb2.SymbolRequest(symbol=messages.symbol_text(symbol))
        answer = await self._ask(Command.CAPITAL_DISTRIBUTION, request, quote_pb2.CapitalDistributionResponse)
        return messages.read_distribution(answer, symbol)

    @question
    async def get_snapshots(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Command 11, a request for every 500 symbols; one the broker does not know is left out."""
        quotes: list[Quote] = []
        for part in _parts(symbols):
            answer = await self._ask(Command.QUOTE, messages.symbols_request(part), quote_pb2.QuoteResponse)
            quotes += messages.read_quotes(answer)
        return quotes

    @question
    async def get_static_info(self, symbols: Sequence[Symbol]) -> list[StaticInfo]:
        """Command 10, a request for every 500 symbols."""
        infos: list[StaticInfo] = []
        for part in _parts(symbols):
            answer = await self._ask(Command.STATIC_INFO, messages.symbols_request(part), quote_pb2.StaticInfoResponse)
            infos += messages.read_static_info(answer, self._language)
        return infos

    @question
    async def get_market_states(self, symbols: Sequence[Symbol]) -> list[MarketState]:
        """Longport says hours and trading days, and no state: UNKNOWN for every symbol, and nothing is asked."""
        return [MarketState(symbol, -1, MarketPhase.UNKNOWN) for symbol in symbols]

    @question
    async def get_trade_dates(self, market: Market, start: date, end: date) -> list[TradeDate]:
        """Command 9, a request for every four weeks; the broker knows the last year only."""
        days: list[TradeDate] = []
        for request in messages.trade_days_requests(market, start, end):
            answer = await self._ask(Command.TRADE_DAYS, request, quote_pb2.TradeDaysResponse)
            days += messages.read_trade_days(answer, market)
        return days

    @question
    async def get_global_state(self) -> GlobalState:
        """The source's clock, from the Date of an HTTP answer; Longport says nothing of markets."""
        self.check_ready()
        time = await self.http.ask_date()
        return GlobalState(
            time=time,
            quote_logged_in=True,
            server_version=0,
            simulated=self.http.simulated is not None,
            market_phases={},
            status=self.http.simulated or "",
        )

    @question
    async def get_groups(self) -> list[SymbolGroup]:
        """The user's watchlist groups (HTTP)."""
        return [SymbolGroup(name, custom=True) for name in await self._groups()]

    @question
    async def get_group_symbols(self, name: str) -> list[StaticInfo]:
        """The members of one group (HTTP); kind and lot are not told there."""
        groups = await self._groups()
        if name not in groups:
            raise NoData(self.source, 0, reason=Reason.of(Code.NO_SUCH_GROUP, name=name))
        return groups[name]

    @question
    async def search(self, keyword: str, max_count: int = 10) -> list[SearchHit]:
        """Longport has no search: a code is looked up in the markets it may belong to (command 10)."""
        infos = await self.get_static_info(_candidates(keyword)) if _candidates(keyword) else []
        return [SearchHit(info.symbol, info.name, info.kind) for info in infos[:max_count]]

    async def _groups(self) -> dict[str, list[StaticInfo]]:
        self.check_ready()
        return messages.read_groups(await self.http.ask("GET", "/v1/watchlist/groups"))

    async def _ask(self, command: Command, request: Message, kind: type[M]) -> M:
        body = await self.call(command, request, kind)
        answer = kind()
        try:
            answer.ParseFromString(body)
        except DecodeError as error:
            raise RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))) from error
        return answer


def _parts(symbols: Sequence[Symbol]) -> list[Sequence[Symbol]]:
    return [symbols[at : at + messages.MAX_SYMBOLS] for at in range(0, len(symbols), messages.MAX_SYMBOLS)]


def _candidates(keyword: str) -> list[Symbol]:
    word = keyword.strip().upper()
    whole = messages.symbol_of(word)
    if whole is not None:
        return [whole]
    markets = _DIGIT_MARKETS if word.isdecimal() else _LETTER_MARKETS
    found = (messages.symbol_of(f"{word}.{market.value}") for market in markets)
    return [symbol for symbol in found if symbol is not None] if word.isalnum() and word.isascii() else []
