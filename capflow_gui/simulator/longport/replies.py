"""What a simulated Longport answers: one method a command, protobuf in, protobuf out.

Status and code of every refusal: Longbridge OpenAPI docs, error tables of the quote commands.
"""

from __future__ import annotations

import asyncio
import functools
import math
from collections.abc import Callable, Coroutine, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from google.protobuf.message import DecodeError, Message

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.simulator.faults import FaultName, Faults
from capflow_gui.simulator.flow_faults import spoil_lines, true_at
from capflow_gui.simulator.longport.market import Lines, LongportMarket
from capflow_gui.simulator.market.market import Line
from capflow_gui.simulator.market.seed_market import NotPrintedError
from capflow_gui.simulator.market.universe import Listing
from capflow_gui.wire.longport.packet import Command, Status
from capflow_gui.wire.pb.longport import quote_pb2 as quote

MOST_SYMBOLS = 500
SIMULATED = "SIMULATED"
INVALID, UNKNOWN, SERVER_ERROR, NO_QUOTES, NO_ACCESS, RATE, TOO_MANY = (
    (Status.BAD_REQUEST, 301600, "invalid request"),
    (Status.SERVER_ERROR, 301600, "symbol not found"),
    (Status.SERVER_ERROR, 301602, "server error"),
    (Status.SERVER_ERROR, 301603, "no quotes"),
    (Status.SERVER_ERROR, 301604, "no access"),
    (Status.BAD_REQUEST, 301606, "request rate limit"),
    (Status.SERVER_ERROR, 301607, "too many symbols"),
)
_BY_CODE = {301600: INVALID, 301602: SERVER_ERROR, 301603: NO_QUOTES, 301604: NO_ACCESS, 301606: RATE, 301607: TOO_MANY}
_MARKETS = {"HK": Market.HK, "US": Market.US, "CN": Market.SH, "SG": Market.SG}
_EXCHANGES = {Market.HK: "SEHK", Market.US: "NASD", Market.SH: "SSE", Market.SZ: "SZSE", Market.SG: "SGX"}
_LONGEST_SPAN = timedelta(days=31)
_TEN_THOUSAND = 1e4

Answer = Message | Callable[[], Coroutine[Any, Any, Message]]

REQUESTS: dict[int, Callable[[], Any]] = {
    Command.PROFILE: quote.ProfileRequest,
    Command.TRADE_SESSIONS: quote.ProfileRequest,  # an empty message: any will do
    Command.TRADE_DAYS: quote.TradeDaysRequest,
    Command.STATIC_INFO: quote.SymbolsRequest,
    Command.QUOTE: quote.SymbolsRequest,
    Command.CAPITAL_FLOW: quote.SymbolRequest,
    Command.CAPITAL_DISTRIBUTION: quote.SymbolRequest,
    Command.CALC_INDEX: quote.CalcIndexRequest,
}


class LongportRefusalError(Exception):
    """The broker says no: its status, its code, its words."""

    def __init__(self, reason: tuple[int, int, str], about: str = "") -> None:
        self.status, self.code, text = reason
        self.text = f"{text}: {about}" if about else text
        super().__init__(self.text)


def refusal_by_code(code: int, about: str = "") -> LongportRefusalError:
    """The refusal with this code; one that no table has comes as a server error."""
    return LongportRefusalError(_BY_CODE.get(code, (Status.SERVER_ERROR, code, "refused")), about)


def decimal(amount: float) -> str:
    """An amount as Longport writes it: three decimals; "" where there is none."""
    return "" if math.isnan(amount) else f"{amount + 0.0:.3f}"


class LongportReplies:
    """Answers at an instant of the market clock. Raises LongportRefusalError for what the broker would refuse."""

    def __init__(self, view: LongportMarket, faults: Faults) -> None:
        self._view = view
        self._market = view.market
        self._faults = faults
        self._answers: dict[int, Callable[[Any, float], Answer]] = {
            Command.PROFILE: self._profile,
            Command.TRADE_SESSIONS: self._trade_sessions,
            Command.TRADE_DAYS: self._trade_days,
            Command.STATIC_INFO: self._static_info,
            Command.QUOTE: self._quotes,
            Command.CAPITAL_FLOW: self._capital_flow,
            Command.CAPITAL_DISTRIBUTION: self._distribution,
            Command.CALC_INDEX: self._calc_indexes,
        }

    def answer(self, command: int, request: Any, now: float) -> Answer:
        """The response to a parsed request, or what makes it where that takes some turns."""
        try:
            return self._answers[command](request, now)
        except NotPrintedError:
            raise LongportRefusalError(NO_QUOTES) from None

    @staticmethod
    def parse(command: int, body: bytes) -> Any:
        """The request of a command; LongportRefusalError where it is none."""
        kind = REQUESTS.get(command)
        if kind is None:
            raise LongportRefusalError(INVALID, f"command {command}")
        request = kind()
        try:
            request.ParseFromString(body)
        except DecodeError:
            raise LongportRefusalError(INVALID, "unpacking failed") from None
        return request

    def symbols_of(self, request: Any) -> list[Symbol]:
        """The known symbols a request names: for the statistics and the faults."""
        names: Iterable[str] = ()
        match request:
            case quote.SymbolRequest():
                names = (request.symbol,)
            case quote.SymbolsRequest():
                names = request.symbol
            case quote.CalcIndexRequest():
                names = request.symbols
        found = (self._listing(name) for name in names)
        return [listing.symbol for listing in found if listing is not None]

    def _listing(self, text: str) -> Listing | None:
        try:
            return self._market.listing(Symbol.parse(text))
        except InvalidInput:
            return None

    def _find(self, text: str) -> Listing:
        listing = self._listing(text)
        if listing is None:
            raise LongportRefusalError(UNKNOWN, text)
        if not listing.permitted:
            raise LongportRefusalError(NO_ACCESS, text)
        return listing

    def _find_all(self, names: Iterable[str]) -> list[Listing]:
        wanted = list(names)
        if len(wanted) > MOST_SYMBOLS:
            raise LongportRefusalError(TOO_MANY)
        if not wanted:
            raise LongportRefusalError(INVALID, "no symbol")
        # Unlike OpenD, what is not known is left out of a list.
        return [listing for listing in map(self._listing, wanted) if listing is not None]

    def _lines(self, symbol: Symbol, now: float) -> Lines:
        lines = self._view.lines(symbol, true_at(self._faults, self._market, symbol, now))
        if not self._faults:
            return lines
        if self._faults.holds(FaultName.PER_MINUTE, symbol) is not None:
            before = [0.0] + [amount for _, amount in lines[:-1]]
            lines = [(label, amount - prior) for (label, amount), prior in zip(lines, before, strict=True)]
        spoilt = spoil_lines(self._faults, symbol, [Line(label, amount, None) for label, amount in lines])
        return [(line.label, line.net) for line in spoilt]

    def _amount(self, symbol: Symbol, amount: float) -> str:
        scaled = self._faults.holds(FaultName.SCALE, symbol) is not None
        return decimal(amount / _TEN_THOUSAND if scaled else amount)

    def _capital_flow(self, request: Any, now: float) -> Message:
        listing = self._find(request.symbol)
        if not listing.has_flow:
            raise LongportRefusalError(NO_QUOTES, request.symbol)
        symbol = listing.symbol
        lines = [
            quote.CapitalFlowLine(inflow=decimal(amount), timestamp=label) for label, amount in self._lines(symbol, now)
        ]
        return quote.CapitalFlowResponse(symbol=str(symbol), capital_flow_lines=lines)

    def _distribution(self, request: Any, now: float) -> Message:
        listing = self._find(request.symbol)
        if not listing.has_flow:
            raise LongportRefusalError(NO_QUOTES, request.symbol)
        symbol = listing.symbol
        split = self._view.distribution(symbol, now)
        sides = (
            quote.CapitalClasses(**dict(zip(("large", "medium", "small"), texts, strict=True)))
            for texts in ([self._amount(symbol, each) for each in side] for side in (split.inflow, split.outflow))
        )
        capital_in, capital_out = sides
        return quote.CapitalDistributionResponse(
            symbol=str(symbol), timestamp=split.time, capital_in=capital_in, capital_out=capital_out
        )

    def _in_turns(
        self, listings: list[Listing], now: float, reply: Callable[[list[Listing], float], Message]
    ) -> Answer:
        """The reply; where the days of many symbols have to be made for it, what makes it, others served in between."""
        symbols = [listing.symbol for listing in listings]
        if not self._market.has_to_make(symbols, now):
            return reply(listings, now)

        async def made() -> Message:
            for _step in self._market.make_days(symbols, now):
                await asyncio.sleep(0)
            return reply(listings, now)

        return made

    def _calc_indexes(self, request: Any, now: float) -> Answer:
        wanted = quote.CALC_INDEX_CAPITAL_FLOW in request.calc_index
        reply = functools.partial(self._indexes_of, wanted=wanted)
        return self._in_turns(self._find_all(request.symbols), now, reply)

    def _indexes_of(self, listings: list[Listing], now: float, *, wanted: bool) -> Message:
        found = []
        for listing in listings:
            lines = self._lines(listing.symbol, now) if wanted and listing.has_flow else []
            amount = decimal(lines[-1][1]) if lines else ""
            found.append(quote.CalcIndexes(symbol=str(listing.symbol), capital_flow=amount))
        return quote.CalcIndexResponse(security_calc_index=found)

    def _static_info(self, request: Any, now: float) -> Message:
        del now
        infos = [
            quote.StaticInfo(
                symbol=str(listing.symbol),
                name_cn=listing.name,
                name_en=listing.name,
                name_hk=listing.name,
                listing_date=listing.listed.strftime("%Y%m%d"),
                exchange=_EXCHANGES[listing.symbol.market],
                currency=listing.currency,
                lot_size=listing.lot,
                total_shares=1_000_000_000,
                circulating_shares=900_000_000,
                eps="1.00",
                eps_ttm="1.00",
                bps="10.00",
                dividend_yield="0.02",
                board="HKEquity" if listing.symbol.market is Market.HK else "USMain",
            )
            for listing in self._find_all(request.symbol)
        ]
        return quote.StaticInfoResponse(secu_static_info=infos)

    def _quotes(self, request: Any, now: float) -> Answer:
        return self._in_turns(self._find_all(request.symbol), now, self._quotes_of)

    def _quotes_of(self, listings: list[Listing], now: float) -> Message:
        quotes = []
        for listing in listings:
            tape = self._market.tape(listing.symbol, now)
            status = quote.TRADE_STATUS_HALTED if tape.suspended else quote.TRADE_STATUS_NORMAL
            quotes.append(
                quote.Quote(
                    symbol=str(listing.symbol),
                    last_done=decimal(tape.price),
                    prev_close=decimal(tape.previous_close),
                    open=decimal(tape.opening),
                    high=decimal(tape.high),
                    low=decimal(tape.low),
                    timestamp=tape.time,
                    volume=tape.volume,
                    turnover=decimal(tape.turnover),
                    trade_status=status,
                )
            )
        return quote.QuoteResponse(secu_quote=quotes)

    def _profile(self, request: Any, now: float) -> Message:
        del request
        start, end = int(now) - 86_400, int(now) + 86_400
        package = quote.Package(
            key="simulated", name=SIMULATED, description="no broker behind it", start=start, end=end
        )
        return quote.ProfileResponse(
            member_id=1,
            quote_level=SIMULATED,
            subscribe_limit=500,
            history_candlestick_limit=0,
            rate_limit=[quote.RateLimit(command=command, limit=10, burst=10) for command in REQUESTS],
            quote_level_detail=quote.QuoteLevelDetail(by_package_key={package.key: package}),
        )

    def _trade_sessions(self, request: Any, now: float) -> Message:
        del request
        calendar = self._market.calendar
        sessions = []
        for name, market in _MARKETS.items():
            day = calendar.now(market, now).last_day
            zone = calendar.zone(market)
            periods = [
                quote.TradePeriod(
                    beg_time=int(datetime.fromtimestamp(begin, zone).strftime("%H%M")),
                    end_time=int(datetime.fromtimestamp(end, zone).strftime("%H%M")),
                )
                for begin, end in day.periods
            ]
            sessions.append(quote.MarketTradeSession(market=name, trade_session=periods))
        return quote.TradeSessionsResponse(market_trade_session=sessions)

    def _trade_days(self, request: Any, now: float) -> Message:
        market = _MARKETS.get(request.market)
        if market is None:
            raise LongportRefusalError(INVALID, f"market {request.market}")
        calendar: Calendar = self._market.calendar
        try:
            begin, end = (datetime.strptime(text, "%Y%m%d").date() for text in (request.beg_day, request.end_day))  # noqa: DTZ007
        except ValueError:
            raise LongportRefusalError(INVALID, "a day is written YYYYMMDD") from None
        if not timedelta(0) <= end - begin <= _LONGEST_SPAN:
            raise LongportRefusalError(INVALID, "at most one month")
        if begin < calendar.session_date(market, now) - timedelta(days=366):
            raise LongportRefusalError(INVALID, "the last year only")
        span = range(begin.toordinal(), end.toordinal() + 1)
        days = [day for number in span if (day := calendar.day(market, date.fromordinal(number))) is not None]
        if self._faults.holds(FaultName.CLOSED_TODAY) is not None:
            today = calendar.session_date(market, now)
            days = [day for day in days if day.day != today]
        return quote.TradeDaysResponse(
            trade_day=[f"{day.day:%Y%m%d}" for day in days if not day.half],
            half_trade_day=[f"{day.day:%Y%m%d}" for day in days if day.half],
        )
