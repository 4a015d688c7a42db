"""The panels beside a window: each is made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from capflow_gui.feed.board import LiveBoard
from capflow_gui.present.language.texts import _
from capflow_gui.ui.chart_table.opener import ChartTable
from capflow_gui.ui.late import InTurns, Late
from capflow_gui.ui.panels.panel import Panel
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Theme, Themed
from capflow_gui.ui.window.keys import Action

if TYPE_CHECKING:
    from capflow_gui.ui.chart_table.charted import Part


class Panels(QObject):
    """The poll budget and the clocks, read from the window's live board, the program's log, what the figures mean, and
    the chart (`charted`) as a table.
    """

    def __init__(
        self,
        window: QWidget,
        board: LiveBoard,
        services: WindowServices,
        theme: Theme,
        charted: Callable[[], Part],
    ) -> None:
        super().__init__(window)
        self._window, self._board, self._services, self._theme = window, board, services, theme
        self.budget, self.log = Late(self._make_budget), Late(self._make_log)
        self.clocks, self.figures = Late(self._make_clocks), Late(self._make_figures)
        self.table = ChartTable(window, charted, lambda: board.simulated, services, theme)
        self._kept: dict[str, Mapping[str, Any]] = {}
        self._opening = InTurns(self)

    def actions(self, open_clocks: Callable[[], object]) -> list[Action]:
        """What opens them, and the clocks of the toolbar."""
        return [
            *self.table.actions(),
            Action(
                self.open_budget,
                _("Poll budget"),
                ("⇧B",),
                3,
                what=_("What each source's quota is spent on, who is asked next, and what more symbols would cost."),
                words=_("quota requests cycle limit"),
            ),
            Action(
                lambda: self.log().open(),
                _("Program log"),
                ("F12",),
                4,
                what=_("What was written to the log today: searched, followed, copied."),
                words=_("errors warnings diagnostics file folder"),
            ),
            Action(
                open_clocks,
                _("Market clocks"),
                ("⇧T",),
                3,
                what=_("Each market's session, time there and here, and how far a source's clock is off."),
                words=_("time holiday half day lunch skew"),
            ),
        ]

    def open_budget(self, source: str = "") -> None:
        """Show the poll budget, of a source where one is named; the first time in the turn after it is made."""
        steps = self._open_budget(source)
        if next(steps, self) is None:
            self._opening.begin(steps)

    def _open_budget(self, source: str) -> Iterator[None]:
        if self.budget.made is None:
            self.budget()
            yield
        self.budget().open()
        if source:
            self.budget().restore({"view": {"source": source}})

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts of the panels that are made from now on; for those that are there see `themed`."""
        self._theme = self.table.theme = theme

    def themed(self) -> Iterator[Themed]:
        """This, and each panel that is made and is a window of its own; one that is docked is the docks' to theme."""
        yield self
        yield from (panel for panel in self._made() if not panel.is_docked)

    def find(self, kind: str, state: Mapping[str, Any]) -> Panel | None:
        """The panel of a kind, with what is chosen in `state`; None where that is no kind of panel."""
        late = self._lates().get(kind)
        if late is None:
            return None
        late().restore({"view": state.get("view")})
        return late()

    def tick(self) -> None:
        """A second passed: a source may have said that it is a simulator."""
        for panel in self._made():
            panel.show_simulated(on=self._board.simulated)

    def rest(self) -> None:
        """The window closes: nothing is left open, or opened any more."""
        self._opening.stop()
        for panel in self._made():
            if not panel.is_docked:
                panel.hide()

    def leave_closed(self) -> None:
        """Delete those that are closed: each is made as it was when it is opened. Qt styles what nobody sees, too."""
        for name, late in self._lates().items():
            if late.made is not None and late.made.isHidden() and not late.made.is_docked:
                self._keep(name, late.made.state())
                late.forget()

    def _keep(self, name: str, state: Mapping[str, Any]) -> None:
        self._kept[name] = state
        self._lates()[name].then = partial(self._restore_closed, name)

    def state(self) -> dict[str, Any]:
        """The panels that were made, by name, and what was kept of those that were not made again yet."""
        made = {name: late.made.state() for name, late in self._lates().items() if late.made is not None}
        return {**self._kept, **made}

    def restore(self, state: Mapping[str, Any]) -> Iterator[None]:
        """Have those open that were, made in one step and shown in the next; what cannot be understood is left out.

        One that was closed is made when it is opened, as it was.
        """
        for name, late in self._lates().items():
            kept = state.get(name)
            if isinstance(kept, Mapping):
                if late.made is None and kept.get("open") is True:
                    late()
                    yield
                if late.made is not None:
                    late.made.restore(kept)
                    yield
                else:
                    self._keep(name, kept)
            elif late.made is not None and not late.made.is_docked:
                late.made.close()

    def _restore_closed(self, name: str, panel: Panel) -> None:
        panel.restore({**self._kept.pop(name), "open": None})

    def _lates(self) -> dict[str, Late[Panel]]:
        own = {"budget": self.budget, "log": self.log, "clocks": self.clocks, "figures": self.figures}
        return {**own, "table": self.table.panel}

    def _made(self) -> list[Panel]:
        return [late.made for late in self._lates().values() if late.made is not None]

    def _make_budget(self) -> Panel:
        from capflow_gui.ui.budget.view import PollBudgetView  # noqa: PLC0415 - when first shown

        return self._panel(
            "budget", _("Poll budget"), lambda window: PollBudgetView(self._board, self._theme, window), (960, 760)
        )

    def _make_log(self) -> Panel:
        from capflow_gui.ui.log.view import LogView  # noqa: PLC0415 - when first shown

        services = self._services
        log, start, open_page = services.log, services.start, services.open_page
        return self._panel(
            "log", _("Program log"), lambda window: LogView(log, start, open_page, self._theme, window), (960, 600)
        )

    def _make_clocks(self) -> Panel:
        from capflow_gui.ui.toolbar.market_sheet import MarketClocks  # noqa: PLC0415 - when first shown

        return self._panel(
            "clocks", _("Market clocks"), lambda window: MarketClocks(self._board, self._theme, window), (520, 320)
        )

    def _make_figures(self) -> Panel:
        from capflow_gui.ui.help.page import FiguresView  # noqa: PLC0415 - when first shown

        title = _("What do these numbers mean?")
        return self._panel("figures", title, lambda window: FiguresView(self._theme, window), (760, 640))

    def _panel(self, kind: str, title: str, make: Callable[[QWidget], QWidget], size: tuple[int, int]) -> Panel:
        panel = Panel(title, make, self._theme, size, self._window, kind=kind)
        panel.show_simulated(on=self._board.simulated)
        return panel
