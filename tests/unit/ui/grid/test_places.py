"""Tiles stay still unless they are asked to move."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.grid.places import Places

A, B, C, D, E, F = (Symbol.parse(f"{code}.HK") for code in range(1, 7))
ALL = [A, B, C, D, E, F]
STEPS = ("pin", "unpin", "fill", "follow", "resize")


def filled(size: int = 4) -> Places:
    places = Places(size)
    places.fill(ALL)
    return places


def test_it_is_filled_with_the_top_of_the_list_and_stays_when_the_order_changes() -> None:
    places = filled()
    assert places.shown == [A, B, C, D]
    assert not places.follow(ALL, [F, E, D, C, B, A])
    assert places.shown == [A, B, C, D]


def test_a_symbol_that_left_the_list_gives_its_tile_to_the_first_that_has_none() -> None:
    places = filled()
    places.pin(1, B)
    assert places.follow([A, C, D, F, E], [D, F, E, A, C])
    assert places.shown == [A, F, C, D]
    assert places.pinned == set()


def test_pinned_tiles_stay_when_it_is_filled_anew_and_until_they_are_unpinned() -> None:
    places = filled()
    places.pin(2, F)
    places.fill([F, E, D, C])
    assert places.shown == [E, D, F, C]
    places.unpin(2)
    places.fill([A, B, C, D])
    assert places.shown == [A, B, C, D]


def test_a_symbol_dropped_on_another_tile_changes_places_with_what_was_there() -> None:
    places = filled()
    places.pin(0, A)
    places.pin(0, C)
    assert places.shown == [C, B, A, D]
    assert places.pinned == {0, 2}
    assert places.place_of(A) == 2
    assert places.place_of(F) is None
    assert places.place_of(None) is None


def test_more_tiles_keep_the_first_ones_and_fewer_forget_the_others() -> None:
    places = filled()
    places.pin(3, D)
    places.resize(9, [F, E, D, C, B, A])
    assert places.shown == [A, B, C, D, F, E, None, None, None]
    places.resize(1, ALL)
    assert (places.shown, places.pinned) == ([A], set())


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 8), st.permutations(ALL))))
def test_no_symbol_stands_twice_and_every_pin_has_a_symbol(steps: list[tuple[str, int, list[Symbol]]]) -> None:
    places = filled(9)
    for step, number, order in steps:
        place = number % len(places.shown)
        if step == "pin":
            places.pin(place, order[0])
        elif step == "unpin":
            places.unpin(place)
        elif step == "fill":
            places.fill(order)
        elif step == "follow":
            places.follow(order[:4], order[:4])
        else:
            places.resize([1, 4, 9, 16][place % 4], order)
        known = [symbol for symbol in places.shown if symbol is not None]
        assert len(known) == len(set(known))
        assert all(each < len(places.shown) for each in places.pinned)
