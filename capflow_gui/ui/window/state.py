"""What the window looked like: kept in the settings, brought back, and rescued when its screen is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.models.watchlist_model import COLUMNS, Column, SortOrder
from capflow_gui.ui.window.place import decoded, encoded, place

if TYPE_CHECKING:
    from capflow_gui.ui.window.main_window import MainWindow

_WATCHLIST_SHARE = 0.4925
_DETAIL_SHARE = 0.205


def restore(window: MainWindow, kept: WindowSettings) -> None:
    """Bring a window to what was kept; what cannot be used is left at the default."""
    place(window, kept.geometry)
    first, _, second = kept.splitter.partition("|")
    split, sides = decoded(first), decoded(second)
    if split is None or sides is None or not (window.splitter.restoreState(split) and window.sides.restoreState(sides)):
        spread(window)
    if kept.columns:
        known = {column.value for column in COLUMNS}
        window.watchlist.table.set_columns(frozenset(Column(name) for name in kept.columns if name in known))
    window.watchlist.sort(SortOrder.parse(kept.sort))
    if kept.selected is not None:
        window.watchlist.table.select(Symbol.parse(kept.selected))
    window.chart.set_period(Period(kept.period))


def spread(window: MainWindow) -> None:
    """The first layout: the watchlist nearly half, the tabs a fifth of the right side."""
    for splitter, share, size in (
        (window.splitter, 1 - _WATCHLIST_SHARE, window.width()),
        (window.sides, _DETAIL_SHARE, window.height()),
    ):
        last = round(size * share)
        if splitter is window.sides:
            last = window.detail.whole_rows(last)
        splitter.setSizes([size - last, last])


def kept_state(window: MainWindow) -> WindowSettings:
    """What to bring back next time."""
    selected = window.current_symbol()
    columns = window.watchlist.table.columns()
    return WindowSettings(
        geometry=encoded(window.window().saveGeometry()),
        splitter=f"{encoded(window.splitter.saveState())}|{encoded(window.sides.saveState())}",
        columns=[column.value for column in COLUMNS if column in columns] if len(columns) < len(COLUMNS) else [],
        sort=str(window.watchlist.model.sort_order),
        selected=str(selected) if selected is not None else None,
        period=window.chart.period.value,
    )
