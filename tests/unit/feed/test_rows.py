from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.rows import empty_row, is_near, money_of

TENCENT = Symbol.parse("700.HK")


def ending_at(net: float, lines: int = 2) -> FlowSeries:
    return FlowSeries(TENCENT, "opend", Period.INTRADAY, np.arange(lines), np.full((6, lines), net))


@pytest.mark.parametrize(
    ("net", "threshold", "near"),
    [(-75e6, -100e6, True), (-74e6, -100e6, False), (-120e6, -100e6, True), (90e6, -100e6, False), (-1e9, None, False)],
)
def test_three_quarters_of_the_way_are_near(net: float, threshold: float | None, near: bool) -> None:
    assert is_near(ending_at(net), threshold) is near


def test_no_lines_are_near_nothing() -> None:
    assert not is_near(ending_at(-1e9, 0), -1.0)


@pytest.mark.parametrize(("code", "money"), [("700.HK", "HKD"), ("80700.HK", "CNY"), ("AAPL.US", "USD")])
def test_a_row_nobody_can_be_asked_about_has_its_threshold_and_currency(code: str, money: str) -> None:
    row = empty_row(Symbol.parse(code), (-5e6, True))
    assert (row.threshold, row.threshold_own, row.freshness) == (-5e6, True, Freshness.NEVER_POLLED)
    assert row.money.startswith(money)
    assert row.money.endswith("?") is row.currency_assumed


@pytest.mark.parametrize(
    ("code", "said", "money"),
    [
        ("700.HK", None, ("HKD", False)),  # by its exchange's rules
        ("700.HK", "CNY", ("CNY", False)),
        ("C6L.SG", None, ("SGD", True)),
        ("C6L.SG", "USD", ("USD", False)),
    ],
)
def test_a_currency_nobody_said_is_assumed(code: str, said: str | None, money: tuple[str, bool]) -> None:
    symbol = Symbol.parse(code)
    infos = {symbol: SimpleNamespace(currency=said)}
    feed: Any = SimpleNamespace(slow_lane=SimpleNamespace(infos=infos))
    assert money_of(feed, symbol) == money
    infos.clear()
    assert money_of(feed, symbol)[1] is (code == "C6L.SG")
