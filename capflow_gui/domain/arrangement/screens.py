"""Screens and places on them, in device-independent pixels of one plane that all screens share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

T = TypeVar("T")

_FAR = 1 << 20  # no screen reaches so far
_LARGEST = 1 << 16  # pixels of a side of a screen or a window
_SCREENS = 32
_NAME = 200


class Rect(NamedTuple):
    """A rectangle: its left upper corner and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[float, float]:
        """The point in its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, other: Rect) -> bool:
        """Whether the other lies wholly in it."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def common(self, other: Rect) -> tuple[int, int]:
        """Width and height of what both have in common; not above zero where that is nothing."""
        return (
            min(self.x + self.width, other.x + other.width) - max(self.x, other.x),
            min(self.y + self.height, other.y + other.height) - max(self.y, other.y),
        )


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen. `room` is what panels and menus of the system leave of it, `scale` its physical pixels to one of ours.

    `name` is the system's; two of the same kind may share it.
    """

    name: str
    whole: Rect
    room: Rect
    scale: float = 1.0

    @property
    def mark(self) -> tuple[str, Rect, float]:
        """What tells it from others; a panel that hides itself does not make another screen of it."""
        return self.name, self.whole, round(self.scale, 3)

    def kept(self) -> dict[str, object]:
        """Plain values, for a file."""
        return {"name": self.name, "whole": [*self.whole], "room": [*self.room], "scale": self.scale}


# The primary screen first.
Screens = tuple[Screen, ...]


def are_same(one: Screens, other: Screens) -> bool:
    """Whether both are the same screens in the same places, in whatever order."""
    return sorted(screen.mark for screen in one) == sorted(screen.mark for screen in other)


def nearest(sets: Sequence[T], wanted: Screens, screens: Callable[[T], Screens]) -> T:
    """That of `sets`, of which there is at least one, whose `screens` are most like those wanted; else the first."""

    def likeness(each: T) -> tuple[bool, int, int, int, int]:
        theirs = screens(each)
        names = {screen.name for screen in theirs}
        sizes = {(screen.name, screen.whole[2:], screen.scale) for screen in theirs}
        return (
            are_same(theirs, wanted),
            sum((screen.name, screen.whole[2:], screen.scale) in sizes for screen in wanted),
            sum(screen.name in names for screen in wanted),
            -abs(len(theirs) - len(wanted)),
            sum(screen.whole[2:] in {other.whole[2:] for other in theirs} for screen in wanted),
        )

    return max(sets, key=likeness)


def read_rect(value: object) -> Rect:
    """A rectangle as a file has it: [x, y, width, height]. Raises ValueError."""
    if not isinstance(value, Sequence) or len(value) != 4 or not all(type(each) is int for each in value):
        raise ValueError("not a rectangle")
    rect = Rect(*value)
    if max(map(abs, rect[:2])) > _FAR or not (0 < rect.width <= _LARGEST and 0 < rect.height <= _LARGEST):
        raise ValueError("not a rectangle")
    return rect


def read_screens(value: object) -> Screens:
    """Screens as a file has them. Raises ValueError."""
    if not isinstance(value, list) or not 0 < len(value) <= _SCREENS:
        raise ValueError("not screens")
    return tuple(map(_read_screen, value))


def _read_screen(value: object) -> Screen:
    found = value if isinstance(value, Mapping) else {}
    name, scale = found.get("name"), found.get("scale", 1.0)
    if not isinstance(name, str) or len(name) > _NAME:
        raise ValueError("a screen without a name")
    if type(scale) not in (int, float) or not math.isfinite(scale) or not 0.1 <= scale <= 16:
        raise ValueError("not the scale of a screen")
    whole = read_rect(found.get("whole"))
    return Screen(name, whole, read_rect(found.get("room", [*whole])), float(scale))


def around(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle that holds all of them, of which there is at least one."""
    found = [*rects]
    left, top = min(each.x for each in found), min(each.y for each in found)
    right, bottom = max(each.x + each.width for each in found), max(each.y + each.height for each in found)
    return Rect(left, top, right - left, bottom - top)
