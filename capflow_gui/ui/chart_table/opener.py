"""Shows a window's chart as a table beside it, and says aloud what it shows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.access.read_aloud import announce
from capflow_gui.ui.chart_import import MODULE
from capflow_gui.ui.late import Late
from capflow_gui.ui.panels.panel import Panel
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.keys import Action, ActionScope

if TYPE_CHECKING:
    from capflow_gui.ui.chart_table.charted import Part

_SIZE = 1080, 620
_LOOK_MS = 50


class ChartTable(QObject):
    """The table of what `part` gives: the chart, tile or wall that is looked at; `simulated`: a simulator feeds it."""

    def __init__(
        self,
        window: QWidget,
        part: Callable[[], Part],
        simulated: Callable[[], bool],
        services: WindowServices,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window, self._part, self._simulated, self._services = window, part, simulated, services
        self.theme = theme
        self.panel = Late(self._make)
        self._wanted: Callable[[], object] | None = None  # what is to be done once there are charts
        self._looking = QTimer(self)
        self._looking.setSingleShot(True)
        self._looking.timeout.connect(self._look)

    def _make(self) -> Panel:
        from capflow_gui.ui.chart_table.view import ChartTableView  # noqa: PLC0415 - when first shown

        def make(page: QWidget) -> ChartTableView:
            return ChartTableView(self._part, self._simulated, self._services, self.theme, page)

        panel = Panel(_("Chart as a table"), make, self.theme, _SIZE, self._window, kind="table")
        panel.show_simulated(on=self._simulated())
        return panel

    def _once_there(self, do: Callable[[], object]) -> None:
        """Do something with the chart; while it is imported, in turns, wait for that: to import it here would stall."""
        self._wanted = do
        self._look()

    def _look(self) -> None:
        if MODULE not in sys.modules:
            self._looking.start(_LOOK_MS)
        elif self._wanted is not None:
            do, self._wanted = self._wanted, None
            do()

    def say(self) -> None:
        """Say what the chart shows, for who hears it."""
        from capflow_gui.ui.chart_table.charted import charted  # noqa: PLC0415 - when first asked for

        now = charted(self._part())
        announce(self._window, ". ".join(filter(None, (now.title, now.said))))

    def actions(self) -> list[Action]:
        """What opens it, and what says it."""
        shown, said = _("Shows the figures of the chart as rows."), _("Lets a screen reader say what the chart shows.")
        return [
            Action(
                partial(self._once_there, lambda: self.panel().open()),
                _("Show the chart as a table"),
                ("⇧D",),
                2,
                what=shown,
                words=_("rows figures data accessible"),
                scope=ActionScope.CHART,
            ),
            Action(
                partial(self._once_there, self.say),
                _("Say what the chart shows"),
                ("⇧S",),
                what=said,
                words=_("screen reader speak aloud"),
                scope=ActionScope.CHART,
            ),
        ]

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.theme = theme
        if self.panel.made is not None:
            self.panel.made.set_theme(theme)

    def tick(self) -> None:
        """A second passed: a source may have said that it is a simulator."""
        if self.panel.made is not None:
            self.panel.made.show_simulated(on=self._simulated())
