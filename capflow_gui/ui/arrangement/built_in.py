"""The layouts that the program makes: they leave the main window where it is, and close what stands beside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QSplitter, QWidget

from capflow_gui.domain.arrangement.layouts import CHART_WALL, LIST_ONLY
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.window.place import encoded
from capflow_gui.ui.window.state import layout_of

_CHARTS = 9


def built_in_desk(name: str) -> dict[str, Any]:
    """The desk of a built-in layout."""
    desk = layout_of(WindowSettings())
    del desk["geometry"]
    if name == CHART_WALL:
        desk["grid"] = {"view": _CHARTS}
    if name == LIST_ONLY:
        desk["splitter"] = f"{_divided(1, 0)}|{_divided(4, 1)}"
    return desk


def _divided(*shares: int) -> str:
    """The state of a divider between parts of these shares; a part without any is closed, and can be pulled open."""
    made = QSplitter()
    for _share in shares:
        made.addWidget(QWidget(made))
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    made.setCollapsible(len(shares) - 1, True)
    made.resize(1000 * sum(shares), 100)
    made.setSizes([1000 * share for share in shares])
    return encoded(made.saveState())
