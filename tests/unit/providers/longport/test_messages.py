"""Longport's answers as domain values, and what is no answer."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from capflow_gui.domain.quote import SecurityKind
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.longport.messages import (
    LONGEST_SPAN,
    number,
    read_distribution,
    read_groups,
    read_quotes,
    read_trade_days,
    symbol_of,
    symbols_request,
    trade_days_requests,
)
from capflow_gui.wire.pb.longport import quote_pb2

TENCENT = Symbol.parse("700.HK")


def test_missing_is_not_zero() -> None:
    assert (number(""), number("0"), number("-1.5")) == (None, 0.0, -1.5)
    with pytest.raises(RemoteProtocolError, match="not_a_number"):
        number("1,5")


def test_symbols_are_written_as_capflow_writes_them() -> None:
    request = symbols_request([TENCENT, Symbol.parse("600519.SH"), Symbol.parse("BRK.B.US")])
    assert list(request.symbol) == ["700.HK", "600519.SH", "BRK.B.US"]
    assert symbol_of("700.HK") == TENCENT
    assert symbol_of("what.ever.it.is") is None


def test_a_distribution_has_three_classes_and_its_time() -> None:
    answer = quote_pb2.CapitalDistributionResponse(
        timestamp=1655106960,
        capital_in=quote_pb2.CapitalClasses(large="1", medium="", small="3"),
        capital_out=quote_pb2.CapitalClasses(large="4", medium="5", small="6"),
    )
    found = read_distribution(answer, TENCENT)
    assert found.inflow == {"extra_large": None, "large": 1.0, "medium": None, "small": 3.0}
    assert found.outflow == {"extra_large": None, "large": 4.0, "medium": 5.0, "small": 6.0}
    assert found.time == 1655106960.0
    answer.timestamp = 0
    assert read_distribution(answer, TENCENT).time is None


def test_a_quote_without_a_price_or_a_symbol_of_ours_is_left_out() -> None:
    quotes = read_quotes(
        quote_pb2.QuoteResponse(
            secu_quote=[
                quote_pb2.Quote(symbol="700.HK", last_done="380", prev_close="400", turnover="7e9", volume=9),
                quote_pb2.Quote(symbol="5.HK", last_done=""),
                quote_pb2.Quote(symbol="no symbol", last_done="1"),
                quote_pb2.Quote(
                    symbol="AAPL.US", last_done="1", timestamp=7, trade_status=quote_pb2.TRADE_STATUS_HALTED
                ),
            ]
        )
    )
    assert [str(quote.symbol) for quote in quotes] == ["700.HK", "AAPL.US"]
    assert quotes[0].change == pytest.approx(-0.05)
    assert [(quote.time, quote.halted) for quote in quotes] == [(None, False), (7.0, True)]
    assert (quotes[1].previous_close, quotes[1].turnover) == (0.0, 0.0)


@pytest.mark.parametrize("days", [1, 28, 29, 100])
def test_trading_days_are_asked_for_in_stretches_without_a_gap(days: int) -> None:
    start = date(2026, 1, 5)
    end = start + timedelta(days=days - 1)
    asked = list(trade_days_requests(Market.SZ, start, end))
    spans = [(date.fromisoformat(each.beg_day), date.fromisoformat(each.end_day)) for each in asked]
    assert (spans[0][0], spans[-1][1]) == (start, end)
    assert all(b - a < LONGEST_SPAN for a, b in spans)
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in itertools.pairwise(spans))
    assert {each.market for each in asked} == {"CN"}


def test_half_days_are_mornings_in_their_place() -> None:
    answer = quote_pb2.TradeDaysResponse(trade_day=["20261223", "20261228"], half_trade_day=["20261224"])
    found = [(each.day.day, each.kind) for each in read_trade_days(answer, Market.HK)]
    assert found == [(23, "whole"), (24, "morning"), (28, "whole")]
    with pytest.raises(RemoteProtocolError, match="not_a_date"):
        read_trade_days(quote_pb2.TradeDaysResponse(trade_day=["2026-12-23"]), Market.HK)


def test_groups_keep_what_capflow_can_hold() -> None:
    members = [{"symbol": "700.HK", "name": "Tencent"}, {"symbol": "no symbol"}, {"symbol": "5.HK", "name": None}]
    found = read_groups({"groups": [{"name": "mine", "securities": members}, {"name": 7, "securities": None}]})
    assert [(str(each.symbol), each.name, each.kind) for each in found["mine"]] == [
        ("700.HK", "Tencent", SecurityKind.STOCK),
        ("5.HK", "", SecurityKind.STOCK),
    ]
    assert found["7"] == []


@pytest.mark.parametrize("data", [None, {}, {"groups": [{}]}, {"groups": [{"name": "x", "securities": [{}]}]}, []])
def test_what_is_no_watchlist_is_said(data: object) -> None:
    with pytest.raises(RemoteProtocolError, match="watchlist_unreadable"):
        read_groups(data)
