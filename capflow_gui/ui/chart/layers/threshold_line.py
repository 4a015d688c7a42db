"""The line that can be dragged."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter


class ThresholdLine(pg.InfiniteLine):
    """InfiniteLine without antialiasing: an antialiased dashed line costs more than all the curves."""

    def paint(self, painter: QPainter, *_args: object) -> None:
        """Draw across the view."""
        view = self.viewRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.currentPen)
        painter.drawLine(QPointF(view.left(), 0), QPointF(view.right(), 0))
