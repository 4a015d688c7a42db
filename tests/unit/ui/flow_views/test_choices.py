"""Choices of a view as plain values."""

from __future__ import annotations

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.flow_views.choices import ViewChoices

TENCENT, APPLE = Symbol.parse("700.HK"), Symbol.parse("AAPL.US")


def test_a_kept_state_brings_the_choices_back() -> None:
    chosen = ViewChoices(stacked=True, price=True, compared=(TENCENT, APPLE))
    assert chosen.state() == {"stacked": True, "price": True, "compared": ["700.HK", "AAPL.US"]}
    assert ViewChoices.restored(chosen.state()) == chosen
    assert ViewChoices().state() == {}
    assert chosen.toggled("price").toggled("in_out").flags == ("stacked", "in_out")


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ({"stacked": "yes", "price": True, "unknown": 1}, ViewChoices(price=True)),
        (
            {"compared": ["700.HK", 5, "nonsense", "HK.00700", "AAPL.US"], "in_out": None},
            ViewChoices(compared=(TENCENT, APPLE)),
        ),
        ({"compared": "700.HK", "per_minute": True}, ViewChoices(per_minute=True)),
    ],
)
def test_what_is_odd_is_left_at_the_first_view(state: dict[str, object], kept: ViewChoices) -> None:
    assert ViewChoices.restored(state) == kept


def test_no_more_are_compared_than_can_be_told_apart() -> None:
    state = {"compared": [f"{code}.HK" for code in range(1, 12)]}
    assert len(ViewChoices.restored(state).compared) == 6
