"""What the main window lends to its charts side by side, its wall, and windows torn off it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.playback.board import ShownBoard
from capflow_gui.ui.alerts.actions import AlertActions
from capflow_gui.ui.flow_views.crosshair_hub import CrosshairHub
from capflow_gui.ui.panels.panels import Panels
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.actions import ListActions
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.played import PlayedParts


class Main(Protocol):
    """The main window as others see it."""

    def marks(self) -> tuple[str, ...]:
        """Words that stand on every window, as SIMULATED."""

    def current_symbol(self) -> Symbol | None:
        """The selected symbol; over a tab or a filter without rows what the chart still shows."""

    def go_to(self, symbol: Symbol) -> None:
        """Select a row."""

    def go_to_line(self, event: TapeEvent) -> None:
        """Show an event's minute."""

    def go_back(self) -> None:
        """Give the list the keyboard."""

    def window(self) -> QWidget:
        """What it lies in."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Home:
    """Parts of the main window, and what others do with it; `hub` links the crosshairs of all windows."""

    main: Main
    board: ShownBoard
    services: WindowServices
    intents: WindowIntents
    dialogs: WindowDialogs
    played: PlayedParts
    watchlist: WatchlistPanel
    lists: ListActions
    alerts: AlertActions
    panels: Panels
    hub: CrosshairHub = field(default_factory=CrosshairHub)

    @property
    def theme(self) -> Theme:
        """Colours and fonts."""
        return self.dialogs.theme

    def order(self) -> list[Symbol]:
        """The list as it is sorted now."""
        return [figures.row.symbol for figures in self.watchlist.model.shown()]

    def selected(self) -> Symbol | None:
        """What the main window is on."""
        return self.main.current_symbol()

    def go_to(self, symbol: Symbol) -> None:
        """Show a symbol in the main window, and bring that to the front."""
        self.main.go_to(symbol)
        self._come_up()

    def go_to_line(self, event: TapeEvent) -> None:
        """Show an event's minute in the main window, and bring that to the front."""
        self.main.go_to_line(event)
        self._come_up()

    def _come_up(self) -> None:
        top = self.main.window()
        top.setWindowState(top.windowState() & ~Qt.WindowState.WindowMinimized)
        top.raise_()
        top.activateWindow()

    def acknowledge(self, symbol: Symbol) -> None:
        """Acknowledge the alerts of a symbol."""
        of_it = [each for each in self.board.live.alerts if each.symbol == symbol and not each.acknowledged]
        self.played.live_only(self.alerts.acknowledge)(of_it)
