"""Leads through the window: begun once after the first run, or when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.bar import Toolbar
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs

if TYPE_CHECKING:
    from capflow_gui.ui.help.tour import Tour


class Guide(QObject):
    """`tour` is the one that is shown; None where none is."""

    def __init__(self, window: QWidget, parts: tuple[WatchlistPanel, Toolbar, ChartSlot, DetailTabs]) -> None:
        super().__init__(window)
        self._window, self._parts = window, parts
        self.tour: Tour | None = None

    def start(self, theme: Theme) -> None:
        """Point at the parts of the window, one after the other; it can be left at any moment."""
        from capflow_gui.ui.help.tour import Tour  # noqa: PLC0415 - once, or when it is asked for
        from capflow_gui.ui.help.tour_steps import tour_steps  # noqa: PLC0415

        self.end()
        self.tour = Tour(tour_steps(*self._parts), theme, self._window)
        self.tour.ended.connect(self._forget)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        if self.tour is not None:
            self.tour.set_theme(theme)

    def end(self) -> bool:
        """Leave it; False where there is none."""
        if self.tour is None:
            return False
        self.tour.end()
        return True

    def _forget(self) -> None:
        self.tour = None
