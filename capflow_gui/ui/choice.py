"""A drop-down list with its arrow: a styled QComboBox has none."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QComboBox

_ARROW = 4.0


class Choice(QComboBox):
    """A QComboBox in every other way."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box by the style sheet, and the arrow in the text's quiet colour."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self.palette().color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(QPen(color, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        x, y = self.width() - 18.0, self.height() / 2 - _ARROW / 2
        painter.drawPolyline(QPolygonF([QPointF(x - _ARROW, y), QPointF(x, y + _ARROW), QPointF(x + _ARROW, y)]))
