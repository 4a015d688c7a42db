"""Which parts of the window say on hovering what their figures are."""

from __future__ import annotations

from PySide6.QtWidgets import QTableView

from capflow_gui.ui.help.hover import ALERT_FIGURES, Explained, explain_table
from capflow_gui.ui.toolbar.bar import Toolbar
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_head import ChartHead
from capflow_gui.ui.window.status_bar import StatusBar


def explain_window(
    watchlist: WatchlistPanel, alerts: QTableView, head: ChartHead, toolbar: Toolbar, status: StatusBar
) -> None:
    """Explain the figures of the parts that are there from the beginning."""
    explain_table(watchlist.table, lambda: [column.value for column in watchlist.model.columns])
    explain_table(alerts, lambda: ALERT_FIGURES)
    Explained(head, head.figure_at)
    Explained(status, status.figure_at)
    Explained(watchlist.footer, lambda _point: "breadth")
    Explained(toolbar.clock, lambda _point: "clock", speaks=True)
    Explained(toolbar.attention, lambda _point: "alert")
