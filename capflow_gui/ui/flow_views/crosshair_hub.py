"""Charts whose crosshairs stand on the same minute or day: those of one window, its grid, and other windows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class CrosshairHub(QObject):
    """Passes a crosshair's minute on. One is made by whoever makes the charts, and given to each of them.

    moved(chart, label): of a minute its label in UTC epoch seconds, of a bar its (Period, date); None when it went
    away.
    """

    moved = Signal(object, object)
