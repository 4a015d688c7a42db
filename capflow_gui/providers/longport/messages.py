"""Requests and answers of every Longport command but capital flow (see providers.longport.flow), as domain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from capflow_gui.domain.quote import Distribution, Quote, SecurityKind, StaticInfo, TradeDate
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput, RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.pb.longport import quote_pb2

MAX_SYMBOLS = 500
LONGEST_SPAN = timedelta(days=28)  # of trading days; the broker allows a month
MARKETS = {Market.HK: "HK", Market.US: "US", Market.SH: "CN", Market.SZ: "CN", Market.SG: "SG"}
_HALTED = frozenset(
    {
        quote_pb2.TRADE_STATUS_HALTED,
        quote_pb2.TRADE_STATUS_FUSE,
        quote_pb2.TRADE_STATUS_SPLIT_HALT,
        quote_pb2.TRADE_STATUS_SUSPENDED,
    }
)
_KINDS = (("warrant", SecurityKind.WARRANT), ("etf", SecurityKind.FUND), ("index", SecurityKind.INDEX))


def number(text: str) -> float | None:
    """A decimal text; None = missing. Raises RemoteProtocolError."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise RemoteProtocolError(Reason.of(Code.NOT_A_NUMBER, text=text[:40])) from None


def symbol_of(text: str) -> Symbol | None:
    """The symbol of `ticker.region`; None where Capflow cannot hold it."""
    try:
        return Symbol.parse(text)
    except InvalidInput:
        return None


def symbol_text(symbol: Symbol) -> str:
    """The wire's form, which is Capflow's own: no leading zeros in Hong Kong, six digits on the mainland."""
    return str(symbol)


def symbols_request(symbols: Sequence[Symbol]) -> quote_pb2.SymbolsRequest:
    """10, 11: at most 500 symbols."""
    return quote_pb2.SymbolsRequest(symbol=map(symbol_text, symbols))


def read_distribution(answer: quote_pb2.CapitalDistributionResponse, symbol: Symbol) -> Distribution:
    """25: three classes; Longport has no extra-large one."""

    def side(classes: quote_pb2.CapitalClasses) -> dict[str, float | None]:
        return {
            "extra_large": None,
            "large": number(classes.large),
            "medium": number(classes.medium),
            "small": number(classes.small),
        }

    at = float(answer.timestamp) if answer.timestamp > 0 else None
    return Distribution(symbol, at, side(answer.capital_in), side(answer.capital_out))


def read_quotes(answer: quote_pb2.QuoteResponse) -> list[Quote]:
    """11. A quote without a price is left out: the symbol has none."""
    quotes = []
    for item in answer.secu_quote:
        symbol, price = symbol_of(item.symbol), number(item.last_done)
        if symbol is None or price is None:
            continue
        quotes.append(
            Quote(
                symbol=symbol,
                name=None,
                price=price,
                previous_close=number(item.prev_close) or 0.0,
                turnover=number(item.turnover) or 0.0,
                volume=item.volume,
                time=float(item.timestamp) if item.timestamp > 0 else None,
                halted=item.trade_status in _HALTED,
            )
        )
    return quotes


def read_static_info(answer: quote_pb2.StaticInfoResponse, language: str) -> list[StaticInfo]:
    """10. `language`: en, zh-CN or zh-HK; a name that is missing in it is taken from another."""
    infos = []
    for item in answer.secu_static_info:
        symbol = symbol_of(item.symbol)
        if symbol is None:
            continue
        names = {"zh-CN": item.name_cn, "zh-HK": item.name_hk}
        name = names.get(language) or item.name_en or item.name_cn or item.name_hk
        infos.append(StaticInfo(symbol, name, _kind(item.board), item.lot_size, currency=item.currency or None))
    return infos


def _kind(board: str) -> SecurityKind:
    """The kind as far as the board tells; anything else is taken for a stock."""
    low = board.lower()
    return next((kind for word, kind in _KINDS if word in low), SecurityKind.STOCK)


def trade_days_requests(market: Market, start: date, end: date) -> Iterable[quote_pb2.TradeDaysRequest]:
    """9: `start` to `end`, both included, in stretches the broker takes."""
    while start <= end:
        last = min(start + LONGEST_SPAN - timedelta(days=1), end)
        yield quote_pb2.TradeDaysRequest(market=MARKETS[market], beg_day=f"{start:%Y%m%d}", end_day=f"{last:%Y%m%d}")
        start = last + timedelta(days=1)


def read_trade_days(answer: quote_pb2.TradeDaysResponse, market: Market) -> list[TradeDate]:
    """9, oldest first. Half days are mornings."""
    days = [TradeDate(market, _day(text), "whole") for text in answer.trade_day]
    days += [TradeDate(market, _day(text), "morning") for text in answer.half_trade_day]
    return sorted(days, key=lambda each: each.day)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a calendar date has no zone
    except ValueError:
        raise RemoteProtocolError(Reason.of(Code.NOT_A_DATE, text=text[:40])) from None


def read_groups(data: Any) -> dict[str, list[StaticInfo]]:
    """The watchlist (HTTP): members by the group's name. Ids and times come as texts or numbers, and are not needed.

    A symbol Capflow cannot hold is left out.
    """
    try:
        return {
            str(group["name"]): [
                StaticInfo(symbol, str(item.get("name") or ""), SecurityKind.STOCK, 0)
                for item in group.get("securities") or ()
                if (symbol := symbol_of(str(item["symbol"]))) is not None
            ]
            for group in data["groups"]
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise RemoteProtocolError(Reason.of(Code.WATCHLIST_UNREADABLE, error=repr(error))) from error
