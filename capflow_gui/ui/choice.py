"""A drop-down list with its arrow, which a styled QComboBox has not, and whole rows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QComboBox

_ARROW_ROOM = 34


class Choice(QComboBox):
    """A QComboBox in every other way."""

    def sizeHint(self) -> QSize:
        """Room for the longest entry beside the arrow."""
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0)
        return super().sizeHint().expandedTo(QSize(widest + _ARROW_ROOM, 0))

    def showPopup(self) -> None:
        """Show every entry: the style leaves out the frame of the list, and so half a row."""
        view = self.view()
        frame = 2 * view.frameWidth() + view.contentsMargins().top() + view.contentsMargins().bottom()
        rows = min(self.count(), self.maxVisibleItems())
        view.setMinimumHeight(rows * view.sizeHintForRow(0) + frame)
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box by the style sheet, and the arrow in the text's quiet colour."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self.palette().color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(QPen(color, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        size = max(round(self.fontMetrics().height() / 4), 4)
        x, y = self.width() - 14.0 - size, self.height() / 2 - size / 2
        painter.drawPolyline(QPolygonF([QPointF(x - size, y), QPointF(x, y + size), QPointF(x + size, y)]))
