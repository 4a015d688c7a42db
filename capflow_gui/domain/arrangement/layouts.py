"""Named layouts: how the desk is arranged, for each set of screens it was used with."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from capflow_gui.domain.arrangement.screens import Screens, are_same, nearest
from capflow_gui.domain.typed.text import cut, seen
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason

MOST = 100
LONGEST = 60
# Made by the program; they are neither kept in a file nor deleted.
STANDARD, CHART_WALL, LIST_ONLY = "Standard", "Chart wall", "List only"
BUILT_IN = (STANDARD, CHART_WALL, LIST_ONLY)

# What the windows say of themselves: plain values.
Desk = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The desk as it stood on these screens when it was saved (UTC)."""

    screens: Screens
    saved: datetime
    desk: Desk


@dataclass(frozen=True, slots=True)
class Layout:
    """A name, and one arrangement a set of screens; at least one, the newest last."""

    name: str
    arrangements: tuple[Arrangement, ...]

    @property
    def newest(self) -> Arrangement:
        """The one saved last."""
        return max(self.arrangements, key=lambda each: each.saved)

    def exactly(self, screens: Screens) -> Arrangement | None:
        """The arrangement for these screens."""
        return next((each for each in self.arrangements if are_same(each.screens, screens)), None)

    def best(self, screens: Screens) -> Arrangement:
        """The arrangement for these screens, or for those most like them."""
        newest_first = sorted(self.arrangements, key=lambda each: each.saved, reverse=True)
        return nearest(newest_first, screens, lambda each: each.screens)

    def with_one(self, arrangement: Arrangement) -> Layout:
        """The same with this arrangement for its screens."""
        others = (each for each in self.arrangements if not are_same(each.screens, arrangement.screens))
        return replace(self, arrangements=(*others, arrangement))


@dataclass(frozen=True, slots=True)
class Layouts:
    """The layouts of a profile, in the user's order.

    `start` names the one to start with, `used` the one in use last, each perhaps a built-in one; empty: none. `screens`
    are those it was last used with. No method changes anything: each gives what there is afterwards.
    """

    layouts: tuple[Layout, ...] = ()
    start: str = ""
    used: str = ""
    screens: Screens = ()

    def find(self, name: str) -> Layout | None:
        """The layout of that name, in whatever case."""
        return next((each for each in self.layouts if _key(each.name) == _key(name)), None)

    def names(self) -> tuple[str, ...]:
        """All names, the built-in ones last."""
        return (*(each.name for each in self.layouts), *BUILT_IN)

    def free_name(self, name: str) -> str:
        """A name of that kind that no layout has yet: `Desk`, `Desk 2`, `Desk 3` …"""
        taken = {*map(_key, self.names())}
        number, found = 1, cut(name, LONGEST)
        while _key(found) in taken:
            number += 1
            found = f"{cut(name, LONGEST - 4).rstrip()} {number}"
        return found

    def save(self, name: str, arrangement: Arrangement) -> Layouts:
        """Put an arrangement into the layout of that name, which is then in use. Raises InvalidInput."""
        name = checked_name(name)
        found = self.find(name)
        if found is None:
            return replace(self._added([Layout(name, (arrangement,))]), used=name)
        return replace(self._with(found, found.with_one(arrangement)), used=found.name)

    def put(self, place: int, layout: Layout) -> Layouts:
        """Put a layout at a place, or for the one of its name. Raises InvalidInput where there are too many."""
        found = self.find(layout.name)
        if found is not None:
            return self._with(found, layout)
        added = self._added([layout]).layouts[:-1]
        return replace(self, layouts=(*added[:place], layout, *added[place:]))

    def rename(self, name: str, to: str) -> Layouts:
        """Call a layout otherwise. Raises InvalidInput."""
        found, to = self._own(name), checked_name(to)
        other = self.find(to)
        if other is not None and other is not found:
            raise InvalidInput(to, Reason.of(Code.LAYOUT_NAME_TAKEN))
        renamed = self._with(found, replace(found, name=to))
        return replace(
            renamed,
            start=to if _key(self.start) == _key(name) else self.start,
            used=to if _key(self.used) == _key(name) else self.used,
        )

    def delete(self, name: str) -> Layouts:
        """Without that layout. Raises InvalidInput."""
        found = self._own(name)
        return replace(
            self,
            layouts=tuple(each for each in self.layouts if each is not found),
            start="" if _key(self.start) == _key(name) else self.start,
            used="" if _key(self.used) == _key(name) else self.used,
        )

    def duplicate(self, name: str) -> Layouts:
        """With a copy of a layout behind it. Raises InvalidInput."""
        found = self._own(name)
        return self.put(self.layouts.index(found) + 1, replace(found, name=self.free_name(found.name)))

    def move(self, name: str, by: int) -> Layouts:
        """A layout further up (below zero) or down by so many places. Raises InvalidInput."""
        found = self._own(name)
        others = [each for each in self.layouts if each is not found]
        others.insert(max(self.layouts.index(found) + by, 0), found)
        return replace(self, layouts=tuple(others))

    def start_with(self, name: str) -> Layouts:
        """With a layout to start with; an empty name: none, the desk comes back as it was left. Raises InvalidInput."""
        return replace(self, start=self.known(name) if name else "")

    def use(self, name: str, screens: Screens) -> Layouts:
        """A layout is in use on these screens; an empty name: none."""
        return replace(self, used=name, screens=screens)

    def take(self, layouts: Iterable[Layout]) -> Layouts:
        """With layouts from elsewhere: one of the same name is replaced. Raises InvalidInput: there are too many."""
        taken = self
        for layout in layouts:
            taken = taken.put(len(taken.layouts), layout)
        return taken

    def known(self, typed: str) -> str:
        """The name of a layout, built-in ones too, as it is written. Raises InvalidInput."""
        names = self.names()
        for name in names:
            if _key(name) == _key(typed):
                return name
        close = difflib.get_close_matches(_key(typed), [*map(_key, names)], 1)
        if close:
            meant = next(name for name in names if _key(name) == close[0])
            advice = Reason.of(Code.DID_YOU_MEAN, name=meant)
        else:
            advice = Reason.of(Code.ONE_OF, names=", ".join(names))
        raise InvalidInput(typed, Reason.of(Code.NO_SUCH_LAYOUT), advice)

    def _own(self, name: str) -> Layout:
        found = self.find(name)
        if found is None:
            self.known(name)  # raises where there is none at all
            raise InvalidInput(name, Reason.of(Code.BUILT_IN_LAYOUT))
        return found

    def _with(self, old: Layout, new: Layout) -> Layouts:
        return replace(self, layouts=tuple(new if each is old else each for each in self.layouts))

    def _added(self, layouts: Iterable[Layout]) -> Layouts:
        added = (*self.layouts, *layouts)
        if len(added) > MOST:
            raise InvalidInput("", Reason.of(Code.TOO_MANY_LAYOUTS, most=MOST))
        return replace(self, layouts=added)


def checked_name(typed: str) -> str:
    """A name for a layout of the user's own, without what cannot be seen, as a group's is. Raises InvalidInput."""
    name = " ".join(seen(unicodedata.normalize("NFC", typed)).split())
    if not 0 < len(name) <= LONGEST:
        raise InvalidInput(typed, Reason.of(Code.LAYOUT_NAME, most=LONGEST))
    if _key(name) in {*map(_key, BUILT_IN)}:
        raise InvalidInput(typed, Reason.of(Code.BUILT_IN_LAYOUT))
    return name


def when(text: object) -> datetime:
    """A time in UTC as a file has it. Raises ValueError."""
    found = datetime.fromisoformat(text if isinstance(text, str) else "")
    if found.tzinfo is None:
        raise ValueError("a time without its offset")
    return found.astimezone(UTC)


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
