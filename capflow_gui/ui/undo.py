"""What was taken off the list, so that it can come back where it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capflow_gui.domain.symbol import Symbol

_KEPT = 50


@dataclass(frozen=True, slots=True)
class Removal:
    """Removed symbols, and the whole list as it was before."""

    symbols: tuple[Symbol, ...]
    before: tuple[Symbol, ...]

    def restored(self, now: Sequence[Symbol]) -> list[Symbol]:
        """The list with the removed symbols back at their places; later additions stay, in their order."""
        wanted = set(self.symbols)
        result = list(now)
        for place, symbol in enumerate(self.before):
            if symbol not in wanted or symbol in result:
                continue
            followers = (result.index(other) for other in self.before[place + 1 :] if other in result)
            result.insert(next(followers, len(result)), symbol)
        return result


class UndoStack:
    """The latest removals, newest last."""

    def __init__(self) -> None:
        self._removals: list[Removal] = []

    def push(self, removal: Removal) -> None:
        """Remember one more."""
        self._removals.append(removal)
        del self._removals[:-_KEPT]

    def pop(self) -> Removal | None:
        """The newest one, forgotten; None when there is none."""
        return self._removals.pop() if self._removals else None
