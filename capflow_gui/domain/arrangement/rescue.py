"""Windows whose screen is gone or has changed: where they stand now, and where they go back to.

Pure: screens and places come in, places go out.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from capflow_gui.domain.arrangement.places import NORMAL, Place
from capflow_gui.domain.arrangement.screens import Rect, Screen, Screens, are_same, around

K = TypeVar("K", bound=Hashable)

# So much of a window's upper edge must be on screen for a hand to take hold of it.
_GRIP_WIDTH, _GRIP_HEIGHT = 80, 10
_TITLE = 40
# A place's size is without its frame: so much is left below for the title that the system puts above it.
FRAME = 32
_STEP = 32
_STEPS = 24


def rescued(places: Sequence[Place], before: Screens, now: Screens, others: Sequence[Place] = ()) -> list[Place]:
    """The places on the screens of now for windows that stood on those of before.

    On the same screens a window stays where it is as long as it can be taken hold of. Else it is wholly on the screen
    of the same name, or on the one that lies as the old one did, in the same part of its room; its size is kept where
    it fits. Windows that were moved do not stand on one spot with those before them, nor with `others`. Without
    screens everything stays.
    """
    if not now:
        return [*places]
    same = are_same(before, now)
    placed: list[Place] = []
    for place in places:
        if same and _can_be_taken(place.rect, now):
            placed.append(place)
        else:
            placed.append(_beside(_moved(place, before, now), now, [other.rect for other in (*others, *placed)]))
    return placed


def _can_be_taken(rect: Rect, screens: Screens) -> bool:
    title = Rect(rect.x, rect.y, rect.width, min(rect.height, _TITLE))
    for screen in screens:
        width, height = title.common(screen.room)
        if width >= min(_GRIP_WIDTH, rect.width) and height >= min(_GRIP_HEIGHT, title.height):
            return True
    return False


def _moved(place: Place, before: Screens, now: Screens) -> Place:
    old = _screen_of(place, before)
    new = _like(old, before, now) if old is not None else _screen_of(place, now) or now[0]
    rect, room = place.rect, _below_title(place, new.room)
    width, height = min(rect.width, room.width), min(rect.height, room.height)
    from_room = room if old is None else _below_title(place, old.room)
    x = room.x + _along(rect.x - from_room.x, from_room.width - rect.width, room.width - width)
    y = room.y + _along(rect.y - from_room.y, from_room.height - rect.height, room.height - height)
    return replace(place, rect=Rect(x, y, width, height), screen=new.name)


def _below_title(place: Place, room: Rect) -> Rect:
    """The room for a window without its frame; one that fills its screen has none."""
    return room._replace(height=max(room.height - FRAME, 1)) if place.state == NORMAL else room


def _along(offset: int, free: int, free_now: int) -> int:
    """The same part of the free room: what was at an edge is at that edge."""
    if free == free_now:
        return min(max(offset, 0), free_now)
    return round(min(max(offset / free, 0.0), 1.0) * free_now) if free > 0 else 0


def _screen_of(place: Place, screens: Screens) -> Screen | None:
    """The screen of its name, else the one that holds most of it; None where none holds anything."""
    named = [screen for screen in screens if screen.name == place.screen]

    def shared(screen: Screen) -> int:
        width, height = place.rect.common(screen.whole)
        return max(width, 0) * max(height, 0)

    best = max(named or screens, key=shared, default=None)
    return best if best is not None and (named or shared(best) > 0) else None


def _like(old: Screen, before: Screens, now: Screens) -> Screen:
    """The screen of the old one's name, else that which lies as it did among the others."""
    named = [screen for screen in now if screen.name == old.name]
    was = _relative(old, before)

    def distance(screen: Screen) -> float:
        here = _relative(screen, now)
        return abs(here[0] - was[0]) + abs(here[1] - was[1])

    return min(named or now, key=distance)


def _relative(screen: Screen, screens: Screens) -> tuple[float, float]:
    desk = around(each.whole for each in screens)
    x, y = screen.whole.centre
    return (x - desk.x) / desk.width, (y - desk.y) / desk.height


def _beside(place: Place, screens: Screens, others: Sequence[Rect]) -> Place:
    """The place, a little further down and right as long as another window has its corner there."""
    whole = next(screen.room for screen in screens if screen.name == place.screen and screen.room.holds(place.rect))
    room = _below_title(place, whole)
    x, y, width, height = place.rect
    corners = {(other.x, other.y) for other in others}
    for step in range(1, _STEPS):
        if (x, y) not in corners:
            break
        x = room.x + (place.rect.x - room.x + step * _STEP) % (room.width - width + 1)
        y = room.y + (place.rect.y - room.y + step * _STEP) % (room.height - height + 1)
    return replace(place, rect=Rect(x, y, width, height))


@dataclass
class Homes(Generic[K]):
    """Where the user put each window, while screens come and go.

    `note` what stands where as long as the screens stay; `follow` them when they have changed. A window that nobody
    moved since goes back to its own place as soon as its screens are there again.
    """

    screens: Screens
    _home: dict[K, tuple[Place, Screens]] = field(default_factory=dict)
    _put: dict[K, Place] = field(default_factory=dict)
    _settling: bool = False

    def note(self, places: Mapping[K, Place]) -> None:
        """What stands where now. The first look after `follow` shows what the system made of that: it is no move."""
        for key, place in places.items():
            moved = self._put.get(key) != place
            if key not in self._home or (moved and not self._settling):
                self._home[key] = place, self.screens
            self._put[key] = place
        for key in [key for key in self._home if key not in places]:
            del self._home[key], self._put[key]
        self._settling = False

    def follow(self, now: Screens) -> dict[K, Place]:
        """Where each window is to stand on other screens."""
        self.screens = now
        self._settling = True
        by_screens: dict[Screens, list[K]] = {}
        for key, (_place, screens) in self._home.items():
            by_screens.setdefault(screens, []).append(key)
        placed: dict[K, Place] = {}
        for screens, keys in by_screens.items():
            places = rescued([self._home[key][0] for key in keys], screens, now, [*placed.values()])
            placed.update(zip(keys, places, strict=True))
        self._put |= placed
        return placed
