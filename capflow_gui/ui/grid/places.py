"""Which symbol stands in which tile. Nothing moves by itself: a new order, or figures, change no tile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from capflow_gui.domain.symbol import Symbol


class Places:
    """`shown` has one symbol a tile, None where there is none. Pinned tiles keep theirs until they are unpinned."""

    def __init__(self, size: int) -> None:
        self.shown: list[Symbol | None] = [None] * size
        self.pinned: set[int] = set()

    def resize(self, size: int, order: Sequence[Symbol]) -> None:
        """Have another number of tiles: the first ones stay, further ones take the top of `order`."""
        self.shown = [*self.shown[:size], *[None] * (size - len(self.shown))]
        self.pinned = {place for place in self.pinned if place < size}
        self._fill_gaps(order)

    def fill(self, order: Sequence[Symbol]) -> None:
        """Show the top of `order` in every tile that is not pinned."""
        kept = [self.shown[place] for place in self.pinned]
        others = iter([symbol for symbol in order if symbol not in kept])
        self.shown = [symbol if place in self.pinned else next(others, None) for place, symbol in enumerate(self.shown)]

    def follow(self, listed: Iterable[Symbol], order: Sequence[Symbol]) -> bool:
        """Empty the tiles of symbols that left the list, and fill them from `order`; whether any tile changed."""
        known, before = frozenset(listed), list(self.shown)
        for place, symbol in enumerate(self.shown):
            if symbol is not None and symbol not in known:
                self.shown[place] = None
                self.pinned.discard(place)
        self._fill_gaps(order)
        return self.shown != before

    def pin(self, place: int, symbol: Symbol) -> None:
        """Show a symbol here until it is unpinned; from another tile it moves, and leaves what was here there."""
        if symbol in self.shown:
            other = self.shown.index(symbol)
            self.shown[other] = self.shown[place]
            if other != place:
                self._swap_pins(other, place)
        self.shown[place] = symbol
        self.pinned.add(place)

    def unpin(self, place: int) -> None:
        """Let the next filling decide about a tile."""
        self.pinned.discard(place)

    def place_of(self, symbol: Symbol | None) -> int | None:
        """The tile of a symbol."""
        return self.shown.index(symbol) if symbol is not None and symbol in self.shown else None

    def _swap_pins(self, first: int, second: int) -> None:
        held = {first: second in self.pinned, second: first in self.pinned}
        self.pinned = {place for place in {*self.pinned, first, second} if held.get(place, place in self.pinned)}

    def _fill_gaps(self, order: Sequence[Symbol]) -> None:
        others = iter([symbol for symbol in order if symbol not in self.shown])
        self.shown = [next(others, None) if symbol is None else symbol for symbol in self.shown]
