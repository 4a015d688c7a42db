"""A removal can be taken back, whatever happened in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.ui.undo import Removal, UndoStack

LIST = [Symbol(Market.HK, str(code)) for code in range(1, 13)]


@given(st.permutations(LIST), st.sets(st.sampled_from(LIST)))
def test_undone_at_once_the_list_is_as_before(order: list[Symbol], gone: set[Symbol]) -> None:
    left = [symbol for symbol in order if symbol not in gone]
    assert Removal(tuple(gone), tuple(order)).restored(left) == order


@given(st.permutations(LIST), st.sets(st.sampled_from(LIST)), st.data())
def test_undone_later_nothing_is_lost_and_the_rest_keeps_its_order(
    order: list[Symbol], gone: set[Symbol], data: st.DataObject
) -> None:
    added = [Symbol(Market.US, name) for name in ("A", "B")]
    now = data.draw(st.permutations([symbol for symbol in order if symbol not in gone] + added))
    restored = Removal(tuple(gone), tuple(order)).restored(now)
    assert [symbol for symbol in restored if symbol not in gone] == now
    assert set(restored) == set(now) | gone


def test_the_newest_removal_comes_back_first() -> None:
    stack = UndoStack()
    for symbol in LIST[:3]:
        stack.push(Removal((symbol,), tuple(LIST)))
    assert [stack.pop(), stack.pop(), stack.pop(), stack.pop()] == [
        Removal((LIST[2],), tuple(LIST)),
        Removal((LIST[1],), tuple(LIST)),
        Removal((LIST[0],), tuple(LIST)),
        None,
    ]


def test_old_removals_are_forgotten() -> None:
    stack = UndoStack()
    for _ in range(80):
        stack.push(Removal((LIST[0],), tuple(LIST)))
    assert sum(stack.pop() is not None for _ in range(80)) == 50
