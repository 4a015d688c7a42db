"""Charts whose crosshairs stand on the same minute: those of one window, its grid, and other windows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class CrosshairHub(QObject):
    """Passes a crosshair's minute on. One is made by whoever makes the charts, and given to each of them.

    moved(chart, label): the label in UTC epoch seconds, None when the crosshair went away.
    """

    moved = Signal(object, object)
