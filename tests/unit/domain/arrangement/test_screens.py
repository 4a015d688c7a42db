"""Screens are told apart, and the set most like another is found."""

from __future__ import annotations

from typing import Any

import pytest

from capflow_gui.domain.arrangement.screens import Rect, Screen, are_same, around, nearest, read_rect, read_screens

LAPTOP = Screen("eDP-1", Rect(0, 0, 1920, 1080), Rect(0, 30, 1920, 1050), 1.5)
LEFT = Screen("DP-1", Rect(1920, 0, 2560, 1440), Rect(1920, 0, 2560, 1440))
RIGHT = Screen("DP-2", Rect(4480, 0, 2560, 1440), Rect(4480, 0, 2560, 1440))


def test_a_hidden_panel_and_the_order_do_not_make_other_screens_but_place_size_and_scale_do() -> None:
    bare = Screen("eDP-1", LAPTOP.whole, LAPTOP.whole, 1.5)
    assert are_same((LAPTOP, LEFT), (LEFT, bare))
    for other in (
        Screen("eDP-1", LAPTOP.whole, LAPTOP.room, 2.0),
        Screen("eDP-1", Rect(0, 0, 1280, 720), LAPTOP.room, 1.5),
        Screen("eDP-1", Rect(0, 9, 1920, 1080), LAPTOP.room, 1.5),
        Screen("eDP-2", LAPTOP.whole, LAPTOP.room, 1.5),
    ):
        assert not are_same((LAPTOP, LEFT), (other, LEFT))
    assert not are_same((LAPTOP,), (LAPTOP, LAPTOP))


def test_the_nearest_set_has_the_same_screens_then_most_of_them_then_as_many() -> None:
    alone, desk, both = (LAPTOP,), (LAPTOP, LEFT, RIGHT), (LEFT, RIGHT)
    sets = [alone, desk, both]
    assert nearest(sets, desk, lambda each: each) is desk
    assert nearest(sets, (LAPTOP, LEFT), lambda each: each) is desk
    assert nearest([alone, both], (RIGHT,), lambda each: each) is both
    other = Screen("HDMI-1", Rect(0, 0, 800, 600), Rect(0, 0, 800, 600))
    assert nearest(sets, (other,), lambda each: each) is alone
    assert nearest(sets, (other, other), lambda each: each) is both


def test_screens_come_back_from_a_file_as_they_were() -> None:
    assert read_screens([LAPTOP.kept(), LEFT.kept()]) == (LAPTOP, LEFT)
    without_room = {"name": "a", "whole": [0, 0, 10, 10], "scale": 2}
    assert read_screens([without_room]) == (Screen("a", Rect(0, 0, 10, 10), Rect(0, 0, 10, 10), 2.0),)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "eDP-1",
        [3],
        [{}],
        [LAPTOP.kept() | {"name": 3}],
        [LAPTOP.kept() | {"name": "x" * 300}],
        [LAPTOP.kept() | {"scale": float("inf")}],
        [LAPTOP.kept() | {"scale": True}],
        [LAPTOP.kept() | {"scale": 0}],
        [LAPTOP.kept() | {"whole": [0, 0, 10]}],
        [LAPTOP.kept() | {"whole": [0, 0, 10, True]}],
        [LAPTOP.kept() | {"whole": [0, 0, 10, 0]}],
        [LAPTOP.kept() | {"whole": [0, 2**40, 10, 10]}],
        [LAPTOP.kept() | {"room": 5}],
        [LAPTOP.kept()] * 40,
    ],
)
def test_what_are_no_screens_is_refused(odd: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_screens(odd)


def test_rectangles() -> None:
    rect = read_rect([10, 20, 30, 40])
    assert rect.centre == (25, 40)
    assert rect.holds(Rect(10, 20, 30, 40))
    assert not rect.holds(Rect(10, 20, 31, 40))
    assert rect.common(Rect(30, 0, 100, 30)) == (10, 10)
    assert around([rect, Rect(-5, 50, 10, 20)]) == Rect(-5, 20, 45, 50)
