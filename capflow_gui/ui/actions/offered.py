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
        """The selected symbol; over a tab or a filter without rows what the chart still shows."""

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


def actions_of(parts: Offering) -> list[Action]:
    """What can be done by key, by name and from the menu, in the menu's order."""
    dialogs, chart, detail, table = parts.dialogs, parts.chart, parts.detail, parts.watchlist.table
    symbol = None if parts.playback.active else parts.current_symbol()
    return [
        *parts.lists.actions(),
        *parts.alerts.actions(),
        *threshold_actions(detail, dialogs),
        *parts.rules.actions(detail.focus_rules),
        *period_actions(parts.choose_period),
        *map(parts.views.in_one, chart_actions(chart, table.selected_symbols)),
        *map(parts.views.in_one, history_actions(chart, detail, parts.watchlist, lambda: parts.exports)),
        *parts.views.actions(),
        *parts.layouts.actions(),
        *part_actions(table, detail, chart),
        *source_actions(symbol, parts.board, parts.intents.source_chosen.emit, dialogs),
        *parts.panels.actions(parts.toolbar.open_clocks),
        *window_actions(
            dialogs,
            parts.intents.home_wanted.emit,
            menu=parts.open_menu,
            back=parts.go_back,
            tour=parts.start_tour,
            leave=parts.close,
        ),
        *setting_actions(dialogs),
    ]
