"""What the window looked like: kept in the settings, brought back, and rescued when its screen is gone."""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.flow_views.choices import ViewChoices
from capflow_gui.ui.models.columns import ColumnChoice, SortOrder
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.place import decoded, encoded, place

_WATCHLIST_SHARE = 0.4925
_DETAIL_SHARE = 0.205


class WindowLayout:
    """The places of a window's parts. `columns` parts list and chart, `sides` chart and tabs."""

    def __init__(
        self, window: QWidget, columns: QSplitter, sides: QSplitter, watchlist: WatchlistPanel, detail: DetailTabs
    ) -> None:
        self._window = window
        self._columns = columns
        self._sides = sides
        self._watchlist = watchlist
        self._detail = detail

    def restore(self, kept: WindowSettings) -> None:
        """Bring the window to what was kept; what cannot be used is left at the default."""
        place(self._window, kept.geometry)
        first, _, second = kept.splitter.partition("|")
        columns, sides = decoded(first), decoded(second)
        if columns is None or sides is None or not self._restore_splitters(columns, sides):
            self.spread()
        table = self._watchlist.table
        table.set_choice(ColumnChoice.parse(kept.columns, kept.delta_minutes))
        self._watchlist.model.set_pinned(Symbol.parse(each) for each in kept.pinned)
        self._watchlist.sort(SortOrder.parse(kept.sort))
        self._watchlist.tabs.choose(kept.tab)
        table.set_dense(kept.dense)
        if kept.selected is not None:
            table.select(Symbol.parse(kept.selected))

    def _restore_splitters(self, columns: QByteArray, sides: QByteArray) -> bool:
        return self._columns.restoreState(columns) and self._sides.restoreState(sides)

    def spread(self) -> None:
        """The first layout: the watchlist nearly half, the tabs a fifth of the right side."""
        width, height = self._window.width(), self._window.height()
        right = round(width * (1 - _WATCHLIST_SHARE))
        self._columns.setSizes([width - right, right])
        low = self._detail.whole_rows(round(height * _DETAIL_SHARE))
        self._sides.setSizes([height - low, low])

    def kept(self, period: Period, *, ghost: bool, views: ViewChoices) -> WindowSettings:
        """What to bring back next time."""
        table, model = self._watchlist.table, self._watchlist.model
        selected = table.current_symbol()
        return WindowSettings(
            geometry=encoded(self._window.window().saveGeometry()),
            splitter=f"{encoded(self._columns.saveState())}|{encoded(self._sides.saveState())}",
            columns=table.choice.kept(),
            sort=str(model.sort_order),
            delta_minutes=table.choice.minutes,
            pinned=sorted(str(symbol) for symbol in model.pinned if model.on_list(symbol)),
            selected=str(selected) if selected is not None else None,
            tab=str(self._watchlist.tabs.current() or ""),
            period=period.value,
            dense=table.dense,
            ghost=ghost,
            views=list(views.flags),
        )
