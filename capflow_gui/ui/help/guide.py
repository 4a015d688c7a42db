"""Leads through the window: begun once after the first run, or when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.bar import Toolbar
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs

if TYPE_CHECKING:
    from capflow_gui.ui.help.tour import Tour


class Guide(QObject):
    """`tour` is the one that is shown; None where none is. `told` is what `lead` is to call yet; None: nothing.

    Over an empty list there is nothing to point at: the tour is offered then, once a row has figures, and takes the
    keyboard from nobody.
    """

    def __init__(self, window: QWidget, parts: tuple[WatchlistPanel, Toolbar, ChartSlot, DetailTabs]) -> None:
        super().__init__(window)
        self._window, self._parts = window, parts
        self.tour: Tour | None = None
        self.told: Callable[[], object] | None = None
        self._offered = False  # the offer was on screen a second ago

    def start(self, theme: Theme) -> None:
        """Point at the parts of the window, one after the other; it can be left at any moment."""
        from capflow_gui.ui.help.tour import Tour  # noqa: PLC0415 - once, or when it is asked for
        from capflow_gui.ui.help.tour_steps import tour_steps  # noqa: PLC0415

        self.end()
        self.tour = Tour(tour_steps(*self._parts), theme, self._window)
        self.tour.ended.connect(self._forget)

    def lead(
        self, ticked: SignalInstance, start: Callable[[], None], told: Callable[[], object], *, begin: bool = True
    ) -> None:
        """Begin the tour (`start`) where something is watched; else offer it below the list once a row has figures.

        For that the list is looked at whenever `ticked` is emitted. `told` is called when the tour has begun, or the
        user sent the offer away; until then it comes back after other words that stand in its place. Not to `begin`, it
        is offered whatever is watched.
        """
        watchlist, question = self._parts[0], _("New here? A few cards show what is where.")
        if begin and watchlist.model.all_figures():
            told()
            start()
            return
        self.told = told

        def look() -> None:
            words = watchlist.notice.text()
            if words == question:
                return
            if words:
                self._offered = False
            elif self._offered or self.tour is not None:
                ticked.disconnect(look)
                self.told = None
                told()
            elif watchlist.model.known:
                watchlist.notice.say(question, _("Take the tour"), start, stay=True)
                self._offered = True

        ticked.connect(look)

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
