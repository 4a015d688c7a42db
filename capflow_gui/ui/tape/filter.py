"""What the tape shows: kinds, one symbol, a least size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import _
from capflow_gui.present.tape.words import KINDS

LEAST_SIZES = (0.0, 1e5, 1e6, 1e7, 1e8, 1e9)


@dataclass(frozen=True, slots=True)
class TapeFilter:
    """Without kinds all are shown, without a symbol those of all. `least` is in each symbol's own currency.

    An event without a size passes where none is asked for.
    """

    kinds: frozenset[TapeKind] = frozenset()
    symbol: Symbol | None = None
    least: float = 0.0

    def passes(self, event: TapeEvent) -> bool:
        """Whether the event is shown."""
        return (
            (not self.kinds or event.kind in self.kinds)
            and self.symbol in (None, event.symbol)
            and (self.least == 0 or abs(event.size) >= self.least)
        )

    @property
    def count(self) -> int:
        """How many conditions there are: the kinds are one."""
        return bool(self.kinds) + (self.symbol is not None) + (self.least > 0)


def fill_filter_menu(
    menu: QMenu, shown: TapeFilter, selected: Symbol | None, choose: Callable[[TapeFilter], object]
) -> None:
    """Put every choice into the menu, those in force checked; `selected` is the list's current symbol."""

    def offer(name: str, wanted: TapeFilter, *, on: bool) -> None:
        action = QAction(name, menu)
        action.setCheckable(True)
        action.setChecked(on)
        action.triggered.connect(lambda: choose(wanted))
        menu.addAction(action)

    offer(_("All kinds"), replace(shown, kinds=frozenset()), on=not shown.kinds)
    for kind, name in KINDS.items():
        offer(_(name), replace(shown, kinds=shown.kinds ^ {kind}), on=kind in shown.kinds)
    menu.addSeparator()
    offer(_("All symbols"), replace(shown, symbol=None), on=shown.symbol is None)
    for symbol in dict.fromkeys((shown.symbol, selected)):
        if symbol is not None:
            offer(_("Only {symbol}").format(symbol=symbol), replace(shown, symbol=symbol), on=symbol == shown.symbol)
    menu.addSeparator()
    for least in LEAST_SIZES:
        name = _("From {amount}").format(amount=numbers.compact(least, 0, signed=False)) if least else _("Any size")
        offer(name, replace(shown, least=least), on=least == shown.least)
