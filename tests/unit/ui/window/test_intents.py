"""A removal can be taken back, whatever happened in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.ui.window.intents import restored

LIST = [Symbol(Market.HK, str(code)) for code in range(1, 13)]


@given(st.permutations(LIST), st.sets(st.sampled_from(LIST)))
def test_undone_at_once_the_list_is_as_before(order: list[Symbol], gone: set[Symbol]) -> None:
    left = [symbol for symbol in order if symbol not in gone]
    assert restored(gone, order, left) == order


@given(st.permutations(LIST), st.sets(st.sampled_from(LIST)), st.data())
def test_undone_later_nothing_is_lost_and_the_rest_keeps_its_order(
    order: list[Symbol], gone: set[Symbol], data: st.DataObject
) -> None:
    added = [Symbol(Market.US, name) for name in ("A", "B")]
    now = data.draw(st.permutations([symbol for symbol in order if symbol not in gone] + added))
    back = restored(gone, order, now)
    assert [symbol for symbol in back if symbol not in gone] == now
    assert set(back) == set(now) | gone
