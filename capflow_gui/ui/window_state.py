"""What the window looked like: kept in the settings, brought back, and rescued when its screen is gone."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtGui import QGuiApplication

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.models.watchlist_model import COLUMNS, Column, SortOrder

if TYPE_CHECKING:
    from capflow_gui.ui.main_window import MainWindow

_FIRST_SIZE = (1600, 1000)
_WATCHLIST_SHARE = 0.4925
_DETAIL_SHARE = 0.205
_GRIP = 80


def restore(window: MainWindow, kept: WindowSettings) -> None:
    """Bring a window to what was kept; what cannot be used is left at the default."""
    _place(window, kept.geometry)
    first, _, second = kept.splitter.partition("|")
    split, sides = _decoded(first), _decoded(second)
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
        splitter.setSizes([size - last, last])


def kept_state(window: MainWindow) -> WindowSettings:
    """What to bring back next time."""
    selected = window.current_symbol()
    columns = window.watchlist.table.columns()
    return WindowSettings(
        geometry=_encoded(window.saveGeometry()),
        splitter=f"{_encoded(window.splitter.saveState())}|{_encoded(window.sides.saveState())}",
        columns=[column.value for column in COLUMNS if column in columns] if len(columns) < len(COLUMNS) else [],
        sort=str(window.watchlist.model.sort_order),
        selected=str(selected) if selected is not None else None,
        period=window.chart.period.value,
    )


def _place(window: MainWindow, geometry: str) -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    decoded = _decoded(geometry)
    if decoded is None or not window.restoreGeometry(decoded):
        # Without a display there is no screen to fit into.
        free = QGuiApplication.platformName() == "offscreen"
        window.resize(QSize(*_FIRST_SIZE) if free else QSize(*_FIRST_SIZE).boundedTo(screen.size()))
        return
    title = QRect(window.x(), window.y(), window.width(), 40)
    reachable = (title.intersected(other.availableGeometry()) for other in QGuiApplication.screens())
    if not any(part.width() >= _GRIP and part.height() >= 10 for part in reachable):
        window.resize(min(window.width(), screen.width()), min(window.height(), screen.height()))
        window.move(screen.topLeft())


def _encoded(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode("ascii")


def _decoded(text: str) -> QByteArray | None:
    if not text:
        return None
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
