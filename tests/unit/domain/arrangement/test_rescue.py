"""A window is never lost with its screen, and goes back to its place when the screen is there again."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.arrangement.places import FULL, NORMAL, Place
from capflow_gui.domain.arrangement.rescue import FRAME, Homes, rescued
from capflow_gui.domain.arrangement.screens import Rect, Screen, Screens, are_same

LAPTOP = Screen("eDP-1", Rect(0, 0, 1920, 1080), Rect(0, 30, 1920, 1050), 1.5)
RIGHT = Screen("DP-1", Rect(1920, 0, 2560, 1440), Rect(1920, 0, 2560, 1400))


@st.composite
def screens(draw: st.DrawFn) -> Screens:
    """One to four screens beside each other, each with a panel, of several scales."""
    x, found = draw(st.integers(-4000, 4000)), []
    for name in draw(st.permutations(["eDP-1", "DP-1", "DP-2", "HDMI-1"]))[: draw(st.integers(1, 4))]:
        y, width, height = draw(st.integers(-500, 500)), draw(st.integers(320, 4000)), draw(st.integers(240, 2200))
        panel = draw(st.integers(0, 60))
        whole, room = Rect(x, y, width, height), Rect(x, y + panel, width, height - panel)
        found.append(Screen(name, whole, room, draw(st.sampled_from([1.0, 1.25, 1.5, 2.0]))))
        x += width
    return tuple(found)


sides = st.integers(1, 5000)
rects = st.builds(Rect, st.integers(-9000, 9000), st.integers(-9000, 9000), sides, sides)
places = st.builds(
    Place, rects, st.sampled_from(["eDP-1", "DP-1", "HDMI-1", "", "gone"]), st.sampled_from([NORMAL, FULL])
)


@settings(max_examples=40)
@given(st.lists(places, max_size=5), screens(), screens())
def test_every_window_is_wholly_on_a_screen_as_large_as_it_was_where_it_fits(
    old: list[Place], before: Screens, now: Screens
) -> None:
    new = rescued(old, before, now)
    assert len(new) == len(old)
    for was, place in zip(old, new, strict=True):
        if place != was or not are_same(before, now):
            screen = next(each for each in now if each.name == place.screen)
            title = FRAME if was.state == NORMAL else 0
            assert screen.room._replace(height=max(screen.room.height - title, 1)).holds(place.rect)
            assert place.rect.width == min(was.rect.width, screen.room.width)
            assert place.rect.height == min(was.rect.height, max(screen.room.height - title, 1))
            assert place.state == was.state
            if was.screen in {each.name for each in before} & {each.name for each in now}:
                assert place.screen == was.screen
    assert rescued(new, now, now) == new


def test_windows_of_a_screen_that_is_gone_do_not_stand_on_one_spot() -> None:
    old = [Place(Rect(2000, 100, 800, 600), "DP-1"), Place(Rect(2000, 100, 800, 600), "DP-1")]
    new = rescued(old, (LAPTOP, RIGHT), (LAPTOP,))
    assert len({(place.rect.x, place.rect.y) for place in new}) == 2
    assert all(LAPTOP.room.holds(place.rect) for place in new)


def test_a_window_keeps_its_distance_to_the_edges_where_its_screen_only_moved() -> None:
    moved = Screen("DP-1", Rect(-2560, 200, 2560, 1440), Rect(-2560, 200, 2560, 1400))
    (place,) = rescued([Place(Rect(2000, 100, 800, 600), "DP-1")], (LAPTOP, RIGHT), (moved, LAPTOP))
    assert place == Place(Rect(-2480, 300, 800, 600), "DP-1")


def test_a_window_at_the_right_edge_stays_there_on_a_smaller_screen() -> None:
    small = Screen("DP-1", Rect(1920, 0, 1280, 720), Rect(1920, 0, 1280, 700))
    (place,) = rescued([Place(Rect(3680, 800, 800, 600), "DP-1")], (LAPTOP, RIGHT), (LAPTOP, small))
    assert place == Place(Rect(2400, 700 - 600 - FRAME, 800, 600), "DP-1"), "its title stands above it"


def test_of_screens_with_other_names_the_one_that_lies_alike_is_taken() -> None:
    left, right = (Screen(name, Rect(x, 0, 1000, 800), Rect(x, 0, 1000, 800)) for name, x in (("A", 0), ("B", 1000)))
    (place,) = rescued([Place(Rect(2000, 100, 800, 600), "DP-1")], (LAPTOP, RIGHT), (left, right))
    assert place.screen == "B"


def test_on_the_same_screens_only_a_window_nobody_can_take_hold_of_is_moved() -> None:
    across, above = Place(Rect(1800, 100, 800, 600), "eDP-1"), Place(Rect(100, -300, 800, 600), "eDP-1")
    assert rescued([across, above], (LAPTOP, RIGHT), (LAPTOP, RIGHT)) == [
        across,
        Place(Rect(100, 30, 800, 600), "eDP-1"),
    ]
    assert rescued([above], (LAPTOP,), ()) == [above]


def test_a_window_of_no_known_screen_goes_to_the_one_that_holds_most_of_it_else_to_the_first() -> None:
    wide, lost = Place(Rect(1900, -100, 800, 600)), Place(Rect(90_000, 0, 800, 600), "gone")
    new = rescued([wide, lost], (), (LAPTOP, RIGHT))
    assert [place.screen for place in new] == ["DP-1", "eDP-1"]


@settings(max_examples=25)
@given(st.lists(places, min_size=1, max_size=4), st.lists(screens(), min_size=1, max_size=3), screens())
def test_windows_nobody_moved_are_back_when_their_screens_are_back(
    old: list[Place], between: list[Screens], home: Screens
) -> None:
    placed = dict(enumerate(rescued(old, (), home)))
    homes: Homes[int] = Homes(home)
    homes.note(placed)
    for others in between:
        homes.note(homes.follow(others))
        homes.note(homes.follow(others))
    assert homes.follow(home) == placed


def test_a_window_that_was_moved_meanwhile_stays_and_one_that_closed_is_forgotten() -> None:
    homes: Homes[str] = Homes((LAPTOP, RIGHT))
    chart, wall, tape = (Place(Rect(2000, y, 800, 600), "DP-1") for y in (100, 200, 300))
    homes.note({"chart": chart, "wall": wall, "tape": tape})
    placed = homes.follow((LAPTOP,))
    # The system put one a little further down: that was not the user.
    homes.note({**placed, "wall": Place(placed["wall"].rect._replace(y=77), "eDP-1")})
    own = Place(Rect(5, 50, 800, 600), "eDP-1")
    homes.note({"chart": own, "wall": Place(placed["wall"].rect._replace(y=77), "eDP-1")})
    assert homes.follow((LAPTOP, RIGHT)) == {"chart": own, "wall": wall}
