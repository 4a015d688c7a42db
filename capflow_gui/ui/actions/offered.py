"""All that a window does, in the menu's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capflow_gui.ui.actions.chart import chart_actions
from capflow_gui.ui.actions.parts import part_actions
from capflow_gui.ui.actions.window import (
    period_actions,
    setting_actions,
    source_actions,
    threshold_actions,
    window_actions,
)
from capflow_gui.ui.window.history_actions import history_actions
from capflow_gui.ui.window.keys import Action

if TYPE_CHECKING:
    from capflow_gui.ui.window.main_window import MainWindow


def actions_of(window: MainWindow) -> list[Action]:
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
