"""Layouts by name: every change gives others, and nothing is lost by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from capflow_gui.domain.arrangement.layouts import (
    BUILT_IN,
    LONGEST,
    MOST,
    Arrangement,
    Layout,
    Layouts,
    checked_name,
    when,
)
from capflow_gui.domain.arrangement.screens import Rect, Screen, Screens
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code

MONDAY = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
LAPTOP = (Screen("eDP-1", Rect(0, 0, 1920, 1080), Rect(0, 30, 1920, 1050)),)
DESK = (*LAPTOP, Screen("DP-1", Rect(1920, 0, 2560, 1440), Rect(1920, 0, 2560, 1440)))


def arrangement(screens: Screens = LAPTOP, hour: int = 0, **desk: object) -> Arrangement:
    return Arrangement(screens, MONDAY + timedelta(hours=hour), desk)


def layout(name: str, *arrangements: Arrangement) -> Layout:
    return Layout(name, arrangements or (arrangement(),))


THREE = Layouts((layout("Open"), layout("Midday"), layout("Close")), start="Midday", used="Midday")


def names(layouts: Layouts) -> list[str]:
    return [each.name for each in layouts.layouts]


def refused(change: Callable[[], object]) -> Code:
    with pytest.raises(InvalidInput) as caught:
        change()
    return caught.value.reason.code


def test_a_layout_has_one_arrangement_a_set_of_screens_and_gives_the_nearest() -> None:
    first, second = arrangement(LAPTOP, 0, n=1), arrangement(DESK, 1, n=2)
    layouts = Layouts().save("Open", first).save("open", second)
    (found,) = layouts.layouts
    assert (found.name, layouts.used, found.arrangements) == ("Open", "Open", (first, second))
    assert (found.exactly(LAPTOP), found.exactly(DESK), found.exactly(DESK[1:])) == (first, second, None)
    assert (found.best(DESK[1:]), found.newest) == (second, second)
    later = arrangement(LAPTOP, 2, n=3)
    (found,) = layouts.save("OPEN", later).layouts
    assert (found.arrangements, found.newest) == ((second, later), later)


def test_rename_delete_duplicate_move() -> None:
    renamed = THREE.rename("midday", "Lunch")
    assert (names(renamed), renamed.start, renamed.used) == (["Open", "Lunch", "Close"], "Lunch", "Lunch")
    assert names(THREE.rename("Open", "OPEN")) == ["OPEN", "Midday", "Close"]
    gone = THREE.delete("Midday")
    assert (names(gone), gone.start, gone.used) == (["Open", "Close"], "", "")
    assert THREE.delete("Open").start == "Midday"
    assert names(gone.put(1, THREE.layouts[1])) == names(THREE)
    assert names(THREE.duplicate("Open").duplicate("Open")) == ["Open", "Open 3", "Open 2", "Midday", "Close"]
    assert names(THREE.move("Close", -1)) == ["Open", "Close", "Midday"]
    assert names(THREE.move("Open", -1)) == names(THREE)
    assert names(THREE.move("Open", 9)) == ["Midday", "Close", "Open"]
    assert THREE.start_with("").start == ""
    assert THREE.start_with("chart WALL").start == "Chart wall"
    assert THREE.use("Open", DESK).screens == DESK


def test_what_is_taken_from_elsewhere_replaces_the_one_of_its_name_in_its_place() -> None:
    other = layout("MIDDAY", arrangement(n=5))
    taken = THREE.take([other, layout("New")])
    assert names(taken) == ["Open", "MIDDAY", "Close", "New"]
    assert taken.find("midday") is other


def test_what_cannot_be_is_refused() -> None:
    assert refused(lambda: THREE.rename("Open", "close")) is Code.LAYOUT_NAME_TAKEN
    assert refused(lambda: THREE.rename("Standard", "Mine")) is Code.BUILT_IN_LAYOUT
    assert refused(lambda: THREE.delete("list only")) is Code.BUILT_IN_LAYOUT
    assert refused(lambda: THREE.save("standard", arrangement())) is Code.BUILT_IN_LAYOUT
    assert refused(lambda: THREE.delete("Opne")) is Code.NO_SUCH_LAYOUT
    for bad in ("", "  ", "\u200b", "x" * (LONGEST + 1)):
        assert refused(lambda bad=bad: checked_name(bad)) is Code.LAYOUT_NAME  # type: ignore[misc]
    full = Layouts(tuple(layout(f"L{number}") for number in range(MOST)))
    assert refused(lambda: full.save("One more", arrangement())) is Code.TOO_MANY_LAYOUTS
    assert refused(lambda: full.duplicate("L1")) is Code.TOO_MANY_LAYOUTS
    assert full.save("L1", arrangement(DESK)).layouts[1].exactly(DESK)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("a\x00b", "a b"), ("\u202eMine", "Mine"), ("half \ud83d", "half"), (" My \t desk\n", "My desk")],
)
def test_a_name_is_kept_without_what_cannot_be_seen(typed: str, name: str) -> None:
    assert checked_name(typed) == name


def test_a_name_that_is_not_known_is_answered_with_the_nearest_or_with_all() -> None:
    assert THREE.known("CLOSE") == "Close"
    with pytest.raises(InvalidInput) as caught:
        THREE.known("stndard")
    assert caught.value.suggestion is not None
    assert caught.value.suggestion.args == (("name", "Standard"),)
    with pytest.raises(InvalidInput) as caught:
        THREE.known("qqqq")
    assert caught.value.suggestion is not None
    assert caught.value.suggestion.get("names") == ", ".join(("Open", "Midday", "Close", *BUILT_IN))


@pytest.mark.parametrize(
    "name", ["Desk", "é" * LONGEST, "x" * LONGEST, "Straße", "İstanbul", "盘中" * 30, "a " * 30 + "b"]
)
def test_the_name_of_a_copy_can_be_used(name: str) -> None:
    layouts = Layouts().save(name[:LONGEST], arrangement())
    for _again in range(3):
        layouts = layouts.duplicate(name[:LONGEST].strip())
    assert len({each.name.casefold() for each in layouts.layouts}) == 4
    assert all(checked_name(each.name) == each.name for each in layouts.layouts)


def test_times_have_an_offset() -> None:
    assert when("2026-11-30T17:30:00+08:00") == MONDAY
    for odd in (None, 3, "yesterday", "2026-11-30T17:30:00"):
        with pytest.raises(ValueError, match=r"."):
            when(odd)
