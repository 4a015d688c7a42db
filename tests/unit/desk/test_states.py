from __future__ import annotations

import math

from capflow_gui.desk.states import facts_of, fault_of, money_of, price_of
from capflow_gui.domain.quote import Distribution, Quote, SecurityKind, StaticInfo
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, UnknownSymbol
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.states import Facts, Price

TENCENT = Symbol.parse("700.HK")


def test_an_error_keeps_its_kind_its_number_and_its_words() -> None:
    fault = fault_of(UnknownSymbol("opend", -7, "no such code"))
    assert (fault.kind, fault.code) == ("UnknownSymbol", -7)
    assert Reason.from_json(fault.reason).get("message") == "no such code"
    assert fault_of(InvalidInput("x", Reason.of(Code.NO_MARKET))).kind == "InvalidInput"
    long = fault_of(UnknownSymbol("opend", 1, "x" * 9000))
    assert len(long.reason) <= 4096
    assert Reason.from_json(long.reason).code is Code.VERBATIM


def test_amounts_that_are_not_known_are_missing() -> None:
    quote = Quote(TENCENT, "T" * 200, math.inf, 300.0, math.nan, 5, -1.0, False)
    price = price_of(quote)
    assert (len(price.name or ""), price.previous_close, price.volume, price.time) == (128, 300.0, 5, None)
    assert math.isnan(price.price)
    assert math.isnan(price.turnover)
    whole = Quote(TENCENT, None, 310.0, 300.0, 1e9, 5, 1.6e9, True)
    assert price_of(whole) == Price(None, 310.0, 300.0, 1e9, 5, 1.6e9, True)


def test_facts_and_money_are_the_sources() -> None:
    info = StaticInfo(TENCENT, "Tencent", SecurityKind.STOCK, 100, "HKD")
    assert facts_of(info) == Facts("Tencent", "stock", 100, "HKD", False)
    money = money_of(Distribution(TENCENT, 1.6e9, {"large": 1.0, "small": None}, {"large": math.inf}))
    assert (money.time, money.inflow, money.outflow) == (1.6e9, {"large": 1.0, "small": None}, {"large": None})
