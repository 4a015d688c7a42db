"""The user's own groups of a watchlist. Pure: a change gives new groups, and the old ones are the way back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.text import cut, seen
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason

ALL = "All"  # what the whole list is called; no group may be
LONGEST_NAME = 40
COLORS = ("violet", "cyan", "pink", "indigo", "grey")


@dataclass(frozen=True, slots=True)
class Group:
    """`symbols` are in the group's own order. `color` is one of COLORS, or "" for none."""

    name: str
    symbols: tuple[Symbol, ...] = ()
    color: str = ""

    def with_symbols(self, symbols: Iterable[Symbol], before: Symbol | None = None) -> Group:
        """With symbols in front of `before`; None: at the end, those that are in it already staying where they are."""
        if before is None:
            return replace(self, symbols=tuple(dict.fromkeys((*self.symbols, *symbols))))
        put = tuple(dict.fromkeys(each for each in symbols if each != before))
        rest = [each for each in self.symbols if each not in put]
        at = rest.index(before) if before in rest else len(rest)
        return replace(self, symbols=(*rest[:at], *put, *rest[at:]))

    def without(self, symbols: Collection[Symbol]) -> Group:
        """With some symbols taken out."""
        kept = tuple(each for each in self.symbols if each not in symbols)
        return self if kept == self.symbols else replace(self, symbols=kept)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups in their order. Names differ by more than upper and lower case."""

    order: tuple[Group, ...] = ()

    def __iter__(self) -> Iterator[Group]:
        return iter(self.order)

    def __len__(self) -> int:
        return len(self.order)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Every member of any group, once."""
        return tuple(dict.fromkeys(each for group in self.order for each in group.symbols))

    def get(self, name: str | None) -> Group | None:
        """The group of a name."""
        return next((group for group in self.order if group.name == name), None)

    def of(self, symbol: Symbol) -> frozenset[str]:
        """The names of the groups a symbol stands in."""
        return frozenset(group.name for group in self.order if symbol in group.symbols)

    def with_group(self, group: Group, place: int | None = None) -> Groups:
        """With a new group at `place`; None: at the end."""
        at = len(self.order) if place is None else place
        return Groups((*self.order[:at], group, *self.order[at:]))

    def changed(self, name: str, to: Group) -> Groups:
        """With another group in the place of the one called `name`."""
        return Groups(tuple(to if group.name == name else group for group in self.order))

    def put(self, name: str, symbols: Iterable[Symbol], before: Symbol | None = None) -> Groups:
        """With symbols in the group called `name`, as Group.with_symbols puts them."""
        group = self.get(name)
        return self if group is None else self.changed(name, group.with_symbols(symbols, before))

    def taken_out(self, name: str, symbols: Collection[Symbol]) -> Groups:
        """With symbols taken out of the group called `name`."""
        group = self.get(name)
        return self if group is None else self.changed(name, group.without(symbols))

    def without(self, name: str) -> Groups:
        """Without the group called `name`."""
        return Groups(tuple(group for group in self.order if group.name != name))

    def moved(self, name: str, place: int) -> Groups:
        """With the group called `name` at `place`, counted without it."""
        group = self.get(name)
        return self if group is None else self.without(name).with_group(group, place)

    def keep_only(self, symbols: Collection[Symbol]) -> Groups:
        """Without the symbols that are not among these."""
        gone = {each for each in self.symbols if each not in symbols}
        return Groups(tuple(group.without(gone) for group in self.order)) if gone else self


def group_name(typed: str, others: Iterable[str]) -> str:
    """A group's name as it is kept, white space folded; `others` are those it must differ from.

    Raises InvalidInput where there is none, it is longer than LONGEST_NAME, or another group or ALL has it.
    """
    name = " ".join(seen(typed).split())
    if not name:
        raise InvalidInput(typed, Reason.of(Code.GROUP_WITHOUT_NAME))
    if len(name) > LONGEST_NAME:
        raise InvalidInput(name, Reason.of(Code.GROUP_NAME_LONG, most=LONGEST_NAME))
    if name.casefold() in {other.casefold() for other in (*others, ALL)}:
        raise InvalidInput(name, Reason.of(Code.GROUP_NAME_TAKEN))
    return name


def free_name(wanted: str, others: Collection[str]) -> str:
    """A name that can be kept, as near to `wanted` as there is one: `HK core`, `HK core 2`."""
    base = seen(wanted).strip() or "Group"
    number = 1
    while True:
        end = "" if number == 1 else f" {number}"
        try:
            return group_name(cut(base, LONGEST_NAME - len(end)).rstrip() + end, others)
        except InvalidInput:
            number += 1
