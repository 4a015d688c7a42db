from __future__ import annotations

import pytest

from capflow_gui.domain.quote import Quote
from capflow_gui.domain.symbol import Symbol


@pytest.mark.parametrize(
    ("price", "before", "change"),
    [(110.0, 100.0, 0.1), (90.0, 100.0, -0.1), (100.0, 100.0, 0.0), (100.0, 0.0, None), (0.0, 100.0, None)],
)
def test_a_change_needs_two_prices(price: float, before: float, change: float | None) -> None:
    quote = Quote(Symbol.parse("700.HK"), None, price, before, 1e9, 100, None, halted=False)
    assert quote.change == (None if change is None else pytest.approx(change))
