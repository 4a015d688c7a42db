"""What the two panes of a chart share: one graphics object a pane that paints only what was exposed.

Qt's backing store is the cache of the past: a new minute updates a strip, and `paint` draws the minutes of that strip.
The object stands in data coordinates (x session index, y amount), so pan and zoom cost no arithmetic here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from capflow_gui.domain.flow import Floats
from capflow_gui.ui.widgets.flow_chart.look import Look

# Minutes drawn beyond an exposed strip, so that joins and antialiasing at its edge come out as in a whole repaint.
LEAD = 6
# A whole-day update leaves this border of the view alone: Qt widens dirty areas by a pixel or two, and a widened
# area that touches an axis makes the axis paint as well.
INSET_PX = 4
# From this share of the day on, all of it is drawn, from polygons that are kept.
WHOLE_SHARE = 0.6
STRIP_PX = 3


class PaneItem(pg.GraphicsObject):
    """Base of CurvesItem and BarsItem: bounds, strips, grid, seams, the time still to come."""

    def __init__(self, view_box: Any, look: Look) -> None:
        super().__init__()
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._view_box = view_box
        self._look = look
        self._bounds = QRectF(0, 0, 1, 1)
        self._pixel = (1.0, 1.0)
        self._full = 0
        self.above_axis = True
        self._last = -1
        self._seams: tuple[int, ...] = ()
        self._rules: tuple[float, ...] = ()
        view_box.sigTransformChanged.connect(self._follow_view)
        view_box.sigResized.connect(self._follow_view)
        view_box.addItem(self, ignoreBounds=True)
        self._follow_view()

    def _follow_view(self, *_: object) -> None:
        bounds = self._view_box.viewRect()
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        width, height = max(self._view_box.width(), 1), max(self._view_box.height(), 1)
        self._pixel = (bounds.width() / width, bounds.height() / height)

    def boundingRect(self) -> QRectF:
        """The view, in data coordinates; stored, never computed while painting."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Empty: the mouse passes through."""
        return QPainterPath()

    def set_look(self, look: Look) -> None:
        """Change pens and brushes."""
        self._look = look
        self.update()

    def set_frame(self, full: int, seams: tuple[int, ...]) -> None:
        """`full` is the last index of a whole session, `seams` the indexes of its breaks."""
        self._full, self._seams = full, seams
        self.update()

    def set_rules(self, values: tuple[float, ...]) -> None:
        """The amounts that carry a grid line."""
        if values != self._rules:
            self._rules = values
            self.update()

    def _update_all(self) -> None:
        dx, dy = INSET_PX * self._pixel[0], INSET_PX * self._pixel[1]
        self.update(self._bounds.adjusted(dx, dy, -dx, -dy))

    def _data_changed(self, start: int, previous: int) -> None:
        """Repaint for data from index `start` on, `previous` being the newest index before."""
        moved = self._last != previous
        if moved and (start == 0 or self._full in (self._last, previous)):
            self.update()  # the time still to come begins elsewhere, up to the very edges
        elif start == 0:
            self._update_all()
        else:
            self._update_strip(min(start, previous), max(self._last, previous))

    def _update_strip(self, start: int, stop: int) -> None:
        dx = STRIP_PX * self._pixel[0]
        left, area = start - 1 - dx, self._open_area()
        self.update(QRectF(left, area.top(), stop + dx - left, area.height()))

    def _open_area(self) -> QRectF:
        """The view without the border at its foot, where a time axis lies below."""
        foot = INSET_PX * self._pixel[1] if self.above_axis else 0.0
        return self._bounds.adjusted(0, foot, 0, 0)

    def _exposed_minutes(self, exposed: QRectF) -> tuple[int, int]:
        """First and last index to draw; first > last when there is nothing."""
        first = max(math.floor(exposed.left()) - LEAD, 0)
        last = min(math.ceil(exposed.right()) + LEAD, self._last)
        return (0, self._last) if last - first > WHOLE_SHARE * self._last else (first, last)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw what lies in the exposed rectangle."""
        exposed = option.exposedRect & self._bounds
        if exposed.isEmpty():
            return
        painter.setClipRect(self._bounds, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        bounds, look = self._bounds, self._look
        now = float(max(self._last, 0))
        if exposed.right() > now and self._last < self._full:
            area = self._open_area()
            painter.fillRect(QRectF(now, area.top(), area.right() - now, area.height()), look.future)
        first, last = self._exposed_minutes(exposed)
        self._paint_rules(painter)
        if first <= last:
            self.paint_fills(painter, first, last)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(look.seam)
        for seam in self._seams:
            if exposed.left() - 2 * self._pixel[0] <= seam <= exposed.right() + 2 * self._pixel[0]:
                # Always from one end of the view: the dots must not depend on what was exposed.
                painter.drawLine(QPointF(seam, bounds.top()), QPointF(seam, bounds.bottom()))
        painter.setPen(look.zero)
        painter.drawLine(QLineF(bounds.left(), 0.0, bounds.right(), 0.0))
        if first <= last:
            self.paint_strokes(painter, first, last)

    def _paint_rules(self, painter: QPainter) -> None:
        painter.setPen(self._look.grid)
        left, right = self._bounds.left(), self._bounds.right()
        painter.drawLines([QLineF(left, value, right, value) for value in self._rules])

    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """Draw areas and bars of minutes first..last, below the zero line."""
        raise NotImplementedError

    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """Draw lines of minutes first..last, above the zero line."""
        raise NotImplementedError


def polygon(points: Floats) -> QPolygonF:
    """A QPolygonF of (n, 2) points."""
    result = pg.functions.create_qpolygonf(len(points))
    pg.functions.ndarray_from_qpolygonf(result)[:] = points
    return result  # type: ignore[no-any-return]


def area(points: Floats, level: float, *, above: bool) -> QPolygonF:
    """What lies between (n, 2) points and `level`, on one side of it; crossings are met exactly."""
    y = points[:, 1] - level
    cross = np.flatnonzero(y[1:] * y[:-1] < 0)
    if len(cross):
        share = y[cross] / (y[cross] - y[cross + 1])
        meets = np.column_stack((points[cross, 0] + share, np.full(len(cross), level)))
        points = np.insert(points, cross + 1, meets, axis=0)
    n = len(points)
    result = pg.functions.create_qpolygonf(n + 2)
    array = pg.functions.ndarray_from_qpolygonf(result)
    array[:n, 0] = points[:, 0]
    (np.maximum if above else np.minimum)(points[:, 1], level, out=array[:n, 1])
    array[n] = points[-1, 0], level
    array[n + 1] = points[0, 0], level
    return result  # type: ignore[no-any-return]


def nan_points(rows: int, size: int) -> Floats:
    """(rows, size, 2) points whose x is the index and whose y is missing."""
    points = np.full((rows, size, 2), np.nan)
    points[:, :, 0] = np.arange(size)
    return points
