"""All that a window does, in the menu's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import LiveBoard
from capflow_gui.ui.actions.chart import chart_actions
from capflow_gui.ui.actions.parts import part_actions
from capflow_gui.ui.actions.window import (
    period_actions,
    setting_actions,
    source_actions,
    threshold_actions,
    window_actions,
)
from capflow_gui.ui.alerts.actions import AlertActions
from capflow_gui.ui.arrangement.desk_layouts import DeskLayouts
from capflow_gui.ui.grid.views import ChartViews
from capflow_gui.ui.history.playback import Playback
from capflow_gui.ui.panels.panels import Panels
from capflow_gui.ui.rules.actions import RuleActions
from capflow_gui.ui.toolbar.bar import Toolbar
from capflow_gui.ui.watchlist.actions import ListActions
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.history_actions import history_actions
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.keys import Action

if TYPE_CHECKING:
    from capflow_gui.ui.history.exports import Exports


class Offering(Protocol):
    """The parts of a window whose actions are offered, and what it does itself."""

    board: LiveBoard
    dialogs: WindowDialogs
    chart: ChartSlot
    detail: DetailTabs
    watchlist: WatchlistPanel
    toolbar: Toolbar
    playback: Playback
    intents: WindowIntents
    lists: ListActions
    alerts: AlertActions
    rules: RuleActions
    views: ChartViews
    layouts: DeskLayouts
    panels: Panels

    @property
    def exports(self) -> Exports:
        """What can be taken out."""

    def current_symbol(self) -> Symbol | None:
        """The symbol the chart shows."""

    def choose_period(self, period: Period, /) -> None:
        """Another meaning of the chart's lines."""

    def open_menu(self) -> None:
        """The menu."""

    def go_back(self) -> None:
        """Close what is open, one thing at a time."""

    def start_tour(self) -> None:
        """Point at the parts of the window."""

    def close(self) -> bool:
        """Close it."""


def actions_of(window: Offering) -> list[Action]:
    """What can be done by key, by name and from the menu, in the menu's order."""
    dialogs, chart, detail, table = window.dialogs, window.chart, window.detail, window.watchlist.table
    symbol = None if window.playback.active else window.current_symbol()
    return [
        *window.lists.actions(),
        *window.alerts.actions(),
        *threshold_actions(detail, dialogs),
        *window.rules.actions(detail.focus_rules),
        *period_actions(window.choose_period),
        *map(window.views.in_one, chart_actions(chart, table.selected_symbols)),
        *map(window.views.in_one, history_actions(chart, detail, window.watchlist, lambda: window.exports)),
        *window.views.actions(),
        *window.layouts.actions(),
        *part_actions(table, detail, chart),
        *source_actions(symbol, window.board, window.intents.source_chosen.emit, dialogs),
        *window.panels.actions(window.toolbar.open_clocks),
        *window_actions(
            dialogs,
            window.intents.home_wanted.emit,
            menu=window.open_menu,
            back=window.go_back,
            tour=window.start_tour,
            leave=window.close,
        ),
        *setting_actions(dialogs),
    ]
