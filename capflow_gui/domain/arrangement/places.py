"""Where windows stand, as a line of text; and those of a whole desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from capflow_gui.domain.arrangement.screens import Rect, read_rect

NORMAL, MAXIMIZED, FULL = "normal", "maximized", "full"
GEOMETRY = "geometry"  # the key under which a window says its place


@dataclass(frozen=True, slots=True)
class Place:
    """A window's place: its rectangle while it fills no screen, the name of its screen, and whether it fills that now.

    The rectangle has the size without the frame, at the corner of the frame; of a window that fills its screen, whose
    frame then is another one, at the corner within the frame.
    """

    rect: Rect
    screen: str = ""
    state: str = NORMAL

    def __str__(self) -> str:
        return " ".join((*map(str, self.rect), self.state, self.screen))


def read_place(text: object) -> Place | None:
    """The place that a text says, None where it says none."""
    parts = text.split(" ", 5) if isinstance(text, str) else []
    try:
        rect = read_rect([*map(int, parts[:4])])
    except ValueError:
        return None
    state, screen = (*parts[4:], "", "")[:2]
    return Place(rect, screen, state) if state in (NORMAL, MAXIMIZED, FULL) else None


def moved(desk: Any, move: Callable[[list[Place]], list[Place]]) -> Any:
    """The desk with its windows at other places; `move` gets all places at once, and gives one for each."""
    found: list[Place] = []
    _each_place(desk, lambda place: found.append(place) or place)  # type: ignore[func-returns-value]
    places = iter(move(found))
    return _each_place(desk, lambda _place: next(places))


def _each_place(value: Any, do: Callable[[Place], Place]) -> Any:
    if isinstance(value, list):
        return [_each_place(each, do) for each in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, inner in value.items():
        place = read_place(inner) if key == GEOMETRY else None
        made[key] = _each_place(inner, do) if place is None else str(do(place))
    return made
