"""The user's symbols in their order, and their groups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Symbol


class Watchlist:
    """A symbol is on it once, and in any number of groups: what is in a group is on the list.

    Asking whether a symbol is on it costs the same however many there are.
    """

    def __init__(self, symbols: Iterable[Symbol], groups: Groups | None = None) -> None:
        self.groups = groups or Groups()
        self._symbols: dict[Symbol, None] = dict.fromkeys((*symbols, *self.groups.symbols))

    def __contains__(self, symbol: Symbol) -> bool:
        return symbol in self._symbols

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self._symbols)

    @property
    def order(self) -> tuple[Symbol, ...]:
        """All of them."""
        return tuple(self._symbols)

    def with_new(self, symbols: Iterable[Symbol], index: int | None) -> tuple[Symbol, ...]:
        """The order with symbols put in at `index` (None: the end); those that are there stay where they are."""
        new = [symbol for symbol in dict.fromkeys(symbols) if symbol not in self._symbols]
        held = self.order
        at = len(held) if index is None else index
        return (*held[:at], *new, *held[at:])

    def without(self, symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
        """The order with some taken out."""
        gone = frozenset(symbols)
        return tuple(symbol for symbol in self._symbols if symbol not in gone)

    def sorted_by(self, symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
        """In the order of `symbols`; what is not named keeps its place at the end."""
        places = {symbol: place for place, symbol in enumerate(symbols)}
        return tuple(sorted(self._symbols, key=lambda symbol: places.get(symbol, len(places))))

    def replace(self, order: tuple[Symbol, ...]) -> bool:
        """Have another order, or other symbols, which leave their groups too; whether that is something new."""
        if order == self.order:
            return False
        self._symbols = dict.fromkeys(order)
        self.groups = self.groups.keep_only(self._symbols)
        return True

    def regroup(self, groups: Groups) -> bool:
        """Have other groups, and what is in them at the end of the list; whether they are others."""
        if groups == self.groups:
            return False
        self.groups = groups
        self._symbols = self._symbols | dict.fromkeys(groups.symbols)
        return True
