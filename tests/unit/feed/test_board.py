from __future__ import annotations

from dataclasses import replace

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.rows import empty_row


def test_a_currency_that_is_only_assumed_is_marked() -> None:
    row = replace(empty_row(Symbol.parse("700.HK"), (None, False)), currency="HKD", currency_assumed=True)
    assert (row.money, replace(row, currency_assumed=False).money) == ("HKD?", "HKD")
