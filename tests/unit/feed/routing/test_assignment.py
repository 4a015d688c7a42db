from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.routing.assignment import (
    DOWN_GRACE_S,
    LINGER_S,
    REFUSED_S,
    RETURN_S,
    WANTED_S,
    Assignment,
    SourceOption,
)

SYMBOLS = [Symbol(Market.HK, str(code)) for code in range(1, 11)]
A, B, C, D = SYMBOLS[:4]


def two(room: int = 2, own: dict[Symbol, str] | None = None) -> Assignment:
    return Assignment([SourceOption("opend", True, room), SourceOption("longport", False, 300)], own)


def at(assignment: Assignment, source: str = "opend") -> list[Symbol]:
    return [symbol for symbol in SYMBOLS if assignment.source_of(symbol) == source]


def test_what_deserves_detail_goes_where_classes_are_and_the_rest_to_the_larger_quota() -> None:
    shared = two()
    shared.update(SYMBOLS, [B, A], 0.0)
    assert at(shared) == [A, B]
    assert at(shared, "longport") == SYMBOLS[2:]


def test_more_than_the_detail_source_can_ask_stay_where_they_are() -> None:
    shared = two()
    shared.update(SYMBOLS, [D, C, B, A], 0.0)
    assert at(shared) == [C, D]


def test_scrolling_past_moves_nothing() -> None:
    shared = two()
    shared.update(SYMBOLS, [A], 0.0)
    shared.update(SYMBOLS, [B], 10.0)
    shared.update(SYMBOLS, [A], 10.0 + WANTED_S - 0.1)
    shared.update(SYMBOLS, [A, B], 20.0)
    assert at(shared) == [A]
    shared.update(SYMBOLS, [A, B], 20.0 + WANTED_S)
    assert at(shared) == [A, B]


def test_who_stops_to_deserve_lingers_until_its_room_is_needed() -> None:
    shared = two()
    shared.update(SYMBOLS, [A, B], 0.0)
    shared.update(SYMBOLS, [A], 10.0)
    shared.update(SYMBOLS, [A], 10.0 + LINGER_S - 1)
    assert at(shared) == [A, B]
    shared.update(SYMBOLS, [A], 10.0 + LINGER_S)
    assert at(shared) == [A]
    shared.update(SYMBOLS, [A, C], 80.0)
    shared.update(SYMBOLS, [C, D], 90.0)
    shared.update(SYMBOLS, [C, D], 90.0 + WANTED_S)
    assert at(shared) == [C, D]


def test_a_smaller_quota_lets_go_of_those_who_linger_first() -> None:
    shared = two(3)
    shared.update(SYMBOLS, [A, B, C], 0.0)
    shared.update(SYMBOLS, [A, C], 10.0)
    shared.resize({"opend": 2, "longport": 300})
    shared.update(SYMBOLS, [A, C], 11.0)
    assert at(shared) == [A, C]


def test_a_source_of_its_own_is_heeded_and_taken_back() -> None:
    shared = two(own={C: "opend", A: "longport"})
    shared.update(SYMBOLS, [A], 0.0)
    assert at(shared) == [C]
    shared.choose(C, None)
    shared.choose(A, None)
    shared.update(SYMBOLS, [A], 10.0)
    assert (at(shared), shared.chosen(A)) == ([A], None)


@pytest.mark.parametrize("down", ["opend", "longport"])
def test_a_link_that_is_down_hands_its_symbols_over_after_a_grace_and_takes_them_back_later(down: str) -> None:
    shared = two(own={D: down})
    other = {"opend": "longport", "longport": "opend"}[down]
    shared.update(SYMBOLS, [A], 0.0)
    before = at(shared, down)
    assert D in before
    for now, placed in ((0.0, before), (DOWN_GRACE_S - 0.1, before), (DOWN_GRACE_S, [])):
        shared.link(down, ready=False, now=now)
        shared.update(SYMBOLS, [A], now)
        assert at(shared, down) == placed
    assert (shared.instead_of(D), shared.is_down(down), shared.is_down(other)) == (down, True, False)
    for now, placed in ((20.0, []), (20.0 + RETURN_S - 1, []), (20.0 + RETURN_S, before)):
        shared.link(down, ready=True, now=now)
        shared.update(SYMBOLS, [A], now)
        assert at(shared, down) == placed
    assert shared.instead_of(D) is None


def test_a_short_break_moves_nothing_however_often_it_comes() -> None:
    shared = two()
    for second in range(200):
        shared.link("opend", ready=second % 9 == 0, now=float(second))
        shared.update(SYMBOLS, [A], float(second))
        assert at(shared) == [A]


def test_with_both_links_down_nothing_moves() -> None:
    shared = two()
    for now in (0.0, 60.0):
        for source in ("opend", "longport"):
            shared.link(source, ready=False, now=now)
        shared.update(SYMBOLS, [A], now)
    assert at(shared) == [A]
    assert not shared.is_down("opend")
    assert shared.instead_of(A) is None


def test_a_source_that_does_not_know_a_symbol_is_not_tried_again_for_a_while() -> None:
    shared = two()
    shared.update(SYMBOLS, [], 0.0)
    shared.refused(C, "longport", 1.0)
    shared.update(SYMBOLS, [], 2.0)
    assert at(shared) == [C]
    assert shared.instead_of(C) is None
    shared.refused(C, "opend", 3.0)
    shared.update(SYMBOLS, [], 4.0)
    assert at(shared) == []
    shared.update(SYMBOLS, [], 1.0 + REFUSED_S)
    assert at(shared) == []


def test_forgiven_it_is_tried_where_it_belongs() -> None:
    shared = two()
    shared.update(SYMBOLS, [], 0.0)
    shared.refused(C, "longport", 1.0)
    shared.forgive(C)
    shared.update(SYMBOLS, [], 2.0)
    assert at(shared) == []


Turn = tuple[list[int], bool, bool]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.integers(0, 9), max_size=8), st.booleans(), st.booleans()), max_size=80),
    st.integers(1, 5),
)
def test_whatever_happens_everybody_has_one_source_and_nobody_moves_often(turns: list[Turn], room: int) -> None:
    """A second a turn: but for links, a source changes at most every three seconds, and the detail source has room."""
    shared = two(room)
    moved_at: dict[Symbol, float] = {}
    before: dict[Symbol, str] = {}
    down = (False, False)
    for second, (worthy, opend, longport) in enumerate(turns):
        shared.link("opend", ready=opend, now=float(second))
        shared.link("longport", ready=longport, now=float(second))
        shared.update(SYMBOLS, [SYMBOLS[place] for place in worthy], float(second))
        after = {symbol: shared.source_of(symbol) for symbol in SYMBOLS}
        if not shared.is_down("longport"):
            assert len(at(shared)) <= room
        was_down, down = down, (shared.is_down("opend"), shared.is_down("longport"))
        for symbol in SYMBOLS:
            if second > WANTED_S and before[symbol] != after[symbol] and down == was_down:
                assert second - moved_at.get(symbol, -9.0) >= WANTED_S
                moved_at[symbol] = float(second)
        before = after
