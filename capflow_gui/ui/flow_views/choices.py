"""How a chart is looked at: what its user chose, as plain values that can be kept and brought back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput

MOST_COMPARED = 6
_FLAGS = ("stacked", "price", "in_out", "per_minute")


@dataclass(frozen=True, slots=True)
class ViewChoices:
    """stacked: order sizes one on the other · price: on an axis of its own · in_out: the panel of money in and out ·
    per_minute: the larger pane is that of single minutes · compared: symbols shown together, as shares of turnover.
    """

    stacked: bool = False
    price: bool = False
    in_out: bool = False
    per_minute: bool = False
    compared: tuple[Symbol, ...] = field(default=())

    def toggled(self, flag: str) -> ViewChoices:
        """The other way round in one point."""
        return replace(self, **{flag: not getattr(self, flag)})  # type: ignore[arg-type]

    @property
    def flags(self) -> tuple[str, ...]:
        """The names of what is on."""
        return tuple(flag for flag in _FLAGS if getattr(self, flag))

    def state(self) -> dict[str, object]:
        """What differs from the first view, as plain values."""
        compared: dict[str, object] = {"compared": [str(symbol) for symbol in self.compared]} if self.compared else {}
        return {**dict.fromkeys(self.flags, True), **compared}

    @classmethod
    def restored(cls, state: Mapping[str, object]) -> ViewChoices:
        """The choices of a kept state; what is not understood is left at the first view's."""
        codes = state.get("compared")
        found = [_symbol(code) for code in codes] if isinstance(codes, list) else []
        symbols = tuple(dict.fromkeys(each for each in found if each is not None))[:MOST_COMPARED]
        return cls(**{flag: state.get(flag) is True for flag in _FLAGS}, compared=symbols)


def _symbol(code: object) -> Symbol | None:
    try:
        return Symbol.parse(code) if isinstance(code, str) else None
    except InvalidInput:
        return None
