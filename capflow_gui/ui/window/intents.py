"""What the user does to the list, the alerts and the thresholds: signals out, and the way back kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import read_symbols
from capflow_gui.feed.board import AlertState
from capflow_gui.present.sentences import not_added
from capflow_gui.ui.locked import BY_ADMINISTRATOR
from capflow_gui.ui.models.threshold_choice import INHERIT, NONE, ThresholdChoice
from capflow_gui.ui.undo import Removal, UndoStack
from capflow_gui.ui.words import counted

if TYPE_CHECKING:
    from capflow_gui.ui.window.main_window import MainWindow


class WindowIntents(QObject):
    """Belongs to one window and speaks through its signals."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._undo = UndoStack()
        self._default: Callable[[], float | None] = lambda: None

    # the list

    def add_typed(self, text: str) -> None:
        """Add what was typed or pasted; what cannot be read stays in the box and is said."""
        window = self._window
        typed = read_symbols(text)
        new = [symbol for symbol in typed.symbols if symbol not in window.board.symbols]
        if new:
            window.symbols_added.emit(new)
        said = [f"Added {new[0] if len(new) == 1 else counted(len(new), 'symbol')}."] if new else []
        if len(new) < len(typed.symbols):
            known = len(typed.symbols) - len(new)
            said.append(f"{counted(known, 'symbol')} {'was' if known == 1 else 'were'} on the list already.")
        if typed.faults:
            said.append(not_added(typed))
            window.toolbar.search.setText(typed.rest)
            window.focus_search()
        if said:
            window.watchlist.notice.say(" ".join(said), stay=bool(typed.faults))
        window.bridge.drain()
        if typed.symbols and not typed.faults:
            window.go_to(typed.symbols[0])

    def add(self, symbols: list[Symbol]) -> None:
        """Add symbols chosen elsewhere."""
        window = self._window
        new = [symbol for symbol in symbols if symbol not in window.board.symbols]
        if new:
            window.symbols_added.emit(new)
            window.watchlist.notice.say(f"Added {counted(len(new), 'symbol')}.")
            window.bridge.drain()

    def remove(self, symbols: list[Symbol]) -> None:
        """Take symbols off the list, with the way back on screen."""
        window = self._window
        self._undo.push(Removal(tuple(symbols), window.board.symbols))
        window.symbols_removed.emit(symbols)
        what = str(symbols[0]) if len(symbols) == 1 else counted(len(symbols), "symbol")
        window.watchlist.notice.say(f"Removed {what}.", "Undo (Ctrl+Z)", self.undo)
        window.bridge.drain()

    def undo(self) -> None:
        """Bring the last removal back to its place."""
        removal = self._undo.pop()
        if removal is None:
            return
        window = self._window
        order = removal.restored(window.board.symbols)
        window.symbols_added.emit(list(removal.symbols))
        window.reordered.emit(order)
        window.watchlist.notice.dismiss()
        window.bridge.drain()
        window.watchlist.show_symbol(removal.symbols[0])

    # alerts

    def acknowledge_selected(self) -> None:
        """A: the selected alerts where the alert log has the keyboard, else those of the selected rows."""
        alerts = self._window.detail.alerts
        self.acknowledge(alerts.selected_ids() if alerts.hasFocus() else None)

    def acknowledge_all(self) -> None:
        """⇧A."""
        self._window.acknowledged.emit(None)
        self._window.bridge.drain()

    def acknowledge(self, ids: list[int] | None) -> None:
        """Some alerts by number; None or none for those of the selected rows."""
        window = self._window
        if not ids:
            chosen = set(window.watchlist.table.selected_symbols())
            waiting = (AlertState.ACTIVE, AlertState.BLOCKED)
            ids = [alert.id for alert in window.board.alerts if alert.symbol in chosen and alert.state in waiting]
        if ids:
            window.acknowledged.emit(ids)
            window.bridge.drain()

    # thresholds

    def set_default_source(self, default: Callable[[], float | None]) -> None:
        """Whom to ask for the default threshold."""
        self._default = default

    def default_threshold(self) -> float | None:
        """The level that holds for every symbol without one of its own."""
        return self._default()

    def threshold_of(self, symbol: Symbol | None) -> ThresholdChoice:
        """What is set for a symbol itself, or (None) for all."""
        if symbol is None:
            default = self._default()
            return NONE if default is None else default
        row = self._window.board.row(symbol)
        if not row.threshold_own:
            return INHERIT
        return NONE if row.threshold is None else row.threshold

    def threshold_locked(self, symbol: Symbol | None) -> bool:
        """Whether a policy has locked a symbol's own threshold, or (None) the default."""
        return ("thresholds.default" if symbol is None else "thresholds.symbols") in self._window.outside.locks

    def choose_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        """Set a level, none, or the default's."""
        window = self._window
        if self.threshold_locked(symbol):
            window.watchlist.notice.say(f"{BY_ADMINISTRATOR}: this threshold stays as it is.")
        else:
            window.threshold_chosen.emit(symbol, choice)
        window.bridge.drain()
        window.watchlist.refresh()
        window.chart.show_symbol(window.current_symbol())

    def chart_threshold(self, level: float) -> None:
        """The threshold line was dragged."""
        symbol = self._window.current_symbol()
        if symbol is not None and level < 0:
            self.choose_threshold(symbol, float(level))
