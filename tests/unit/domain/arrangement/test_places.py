"""A place is a line of text, and those of a desk are moved wherever they stand in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from capflow_gui.domain.arrangement.places import FULL, MAXIMIZED, NORMAL, Place, moved, read_place
from capflow_gui.domain.arrangement.screens import Rect


@pytest.mark.parametrize(
    "place",
    [
        Place(Rect(-20, 0, 1600, 1000), "DP-1"),
        Place(Rect(0, 0, 1, 1), "", MAXIMIZED),
        Place(Rect(0, 40, 800, 600), "Built-in Retina  Display ", FULL),
    ],
)
def test_a_place_comes_back_from_its_text(place: Place) -> None:
    assert read_place(str(place)) == place


@pytest.mark.parametrize(
    "odd",
    [None, 3, "", "AdnQywADAAA=", "1 2 3", "1 2 3 4", "1 2 3 0 normal", "1 2 3 4 upside-down DP-1", "1 2 x 4 full"],
)
def test_what_is_no_place_is_none(odd: object) -> None:
    assert read_place(odd) is None


DESK: dict[str, Any] = {
    "geometry": "0 0 800 600 normal A",
    "torn": [{"kind": "wall", "geometry": "9 9 80 60 full B"}, {"kind": "tape", "geometry": "AAAA"}, 3],
    "panels": {"log": {"open": True, "geometry": "5 5 50 50 normal A", "view": {"text": "0 0 1 1 normal A"}}},
}


def test_every_window_of_a_desk_is_moved_and_nothing_else() -> None:
    def to_c(places: list[Place]) -> list[Place]:
        return [replace(place, screen=f"C{number}") for number, place in enumerate(places)]

    assert moved(DESK, to_c) == {
        "geometry": "0 0 800 600 normal C0",
        "torn": [{"kind": "wall", "geometry": "9 9 80 60 full C1"}, {"kind": "tape", "geometry": "AAAA"}, 3],
        "panels": {"log": {"open": True, "geometry": "5 5 50 50 normal C2", "view": {"text": "0 0 1 1 normal A"}}},
    }
    assert DESK["geometry"] == "0 0 800 600 normal A"


def test_a_desk_without_windows_stays() -> None:
    assert moved({}, lambda places: places) == {}
    assert NORMAL in str(Place(Rect(1, 2, 3, 4)))
