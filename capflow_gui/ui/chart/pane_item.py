"""What the two panes of a chart share: one graphics object a pane that paints only what was exposed.

Qt's backing store is the cache of the past: a new minute updates a strip, and `paint` draws the minutes of that strip.
The object stands in data coordinates (x session index, y amount), so pan and zoom cost no arithmetic here.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from capflow_gui.domain.flow import Floats
from capflow_gui.ui.chart.look import Look

# Minutes drawn beyond an exposed strip, so that joins and antialiasing at its edge come out as in a whole repaint.
LEAD = 6
# A whole-day update leaves the border towards an axis alone: Qt widens dirty areas by a pixel or two, and a widened
# area that touches an axis makes the axis paint as well. Elsewhere there is no border: what is dirty should be one
# rectangle, for Qt clips curves to anything else eight times as slowly.
INSET_PX = 4
# From this share of the day on, all of it is drawn, from polygons that are kept.
WHOLE_SHARE = 0.6
STRIP_PX = 3
Narrow = Callable[[QGraphicsItem, QRectF], tuple[QRectF, bool]]


class PaneItem(pg.GraphicsObject):
    """Base of CurvesItem and BarsItem: bounds, strips, grid, seams, the time still to come.

    `narrow` tells how much of the hull of all that is dirty lies in this item, and whether that is no rectangle.
    """

    def __init__(self, view_box: Any, look: Look, narrow: Narrow) -> None:
        super().__init__()
        self._narrow = narrow
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._view_box = view_box
        self._look = look
        self._bounds = QRectF(0, 0, 1, 1)
        self._picture = QPixmap()
        self._pixel = (1.0, 1.0)
        self._full = 0
        self._above_axis = True
        self._open = QRectF()
        self._last = -1
        self._seams: tuple[int, ...] = ()
        self._rules: tuple[float, ...] = ()
        self._grid = Rectangles(0)
        self._seam_lines: list[QLineF] = []
        self._zero_line = QRectF()
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
        self._lay_lines()

    def _lay_lines(self) -> None:
        """The straight lines, from one end of the view to the other: dots must not depend on what was exposed.

        Level lines are rectangles one pixel high: Qt fills those ten times as fast.
        """
        view, high = self._bounds, self._pixel[1]
        # The view without the border at its foot, where a time axis lies below.
        self._open = view.adjusted(0, INSET_PX * high if self._above_axis else 0.0, 0, 0)
        self._grid = Rectangles(len(self._rules))
        if self._rules:
            self._grid.rows[:] = (view.left(), 0.0, view.width(), high)
            self._grid.rows[:, 1] = np.array(self._rules) - high / 2
        self._zero_line = QRectF(view.left(), -high / 2, view.width(), high)
        self._seam_lines = [QLineF(seam, view.top(), seam, view.bottom()) for seam in self._seams]

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
        self._lay_lines()
        self.update()

    def set_above_axis(self, on: bool) -> None:
        """Whether a time axis lies below: strips stop short of it."""
        if on != self._above_axis:
            self._above_axis = on
            self._lay_lines()
            self.update()

    def set_rules(self, values: tuple[float, ...]) -> None:
        """The amounts that carry a grid line."""
        if values != self._rules:
            self._rules = values
            self._lay_lines()
            self.update()

    def _update_all(self) -> None:
        self.update(self._open.adjusted(0, 0, -INSET_PX * self._pixel[0], 0))

    def _data_changed(self, start: int, previous: int) -> None:
        """Repaint for data from index `start` on, `previous` being the newest index before."""
        moved, whole = self._last != previous, self._last - start >= WHOLE_SHARE * self._last
        if moved and (whole or self._full in (self._last, previous)):
            self.update()  # the time still to come begins elsewhere, up to the very edges
        elif whole:
            self._update_all()
        else:
            self._update_strip(min(start, previous), max(self._last, previous))

    def _update_strip(self, start: int, stop: int) -> None:
        dx = STRIP_PX * self._pixel[0]
        left, area = start - 1 - dx, self._open
        self.update(left, area.top(), stop + dx - left, area.height())

    def _exposed_minutes(self, exposed: QRectF) -> tuple[int, int]:
        """First and last index to draw; first > last when there is nothing."""
        first = max(math.floor(exposed.left()) - LEAD, 0)
        last = min(math.ceil(exposed.right()) + LEAD, self._last)
        return (0, self._last) if last - first > WHOLE_SHARE * self._last else (first, last)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw what lies in the exposed rectangle."""
        exposed, in_parts = self._narrow(self, option.exposedRect & self._bounds)
        if exposed.isEmpty():
            return
        # What is dirty clips beside this: replacing costs less than intersecting.
        painter.setClipRect(self._bounds)
        if in_parts and exposed.width() > WHOLE_SHARE * self._bounds.width():
            self._paint_apart(painter, exposed)
        else:
            self._paint(painter, exposed)

    def _paint_apart(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw into a picture first: Qt clips curves to anything but one rectangle three times as slowly."""
        transform, ratio = painter.worldTransform(), self._look.ratio
        area = transform.mapRect(self._bounds).toAlignedRect()
        size = QSize(math.ceil(area.width() * ratio), math.ceil(area.height() * ratio))
        if self._picture.size() != size or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(size)
            self._picture.setDevicePixelRatio(ratio)
        with QPainter(self._picture) as inner:
            inner.fillRect(0, 0, area.width() + 1, area.height() + 1, self._look.theme.panel)
            inner.setTransform(transform * QTransform.fromTranslate(-area.left(), -area.top()))
            inner.setClipRect(self._bounds)
            self._paint(inner, exposed)
        painter.resetTransform()
        painter.drawPixmap(area.topLeft(), self._picture)
        painter.setTransform(transform)

    def _paint(self, painter: QPainter, exposed: QRectF) -> None:
        look = self._look
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        right = exposed.right()
        now = float(max(self._last, 0))
        if right > now and self._last < self._full:
            area = self._open
            painter.fillRect(QRectF(now, area.top(), self._full - now, area.height()), look.future)
        first, last = self._exposed_minutes(exposed)
        if len(self._grid.rows):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.grid)
            painter.drawRects(*self._grid.part(0, len(self._grid.rows)))
        if first <= last:
            self.paint_fills(painter, first, last)
        left, right = exposed.left() - 2 * self._pixel[0], right + 2 * self._pixel[0]
        for line in self._seam_lines:
            if left <= line.x1() <= right:
                painter.setPen(look.seam)
                painter.drawLine(line)
        painter.fillRect(self._zero_line, look.zero)
        self.paint_behind(painter)
        if first <= last:
            self.paint_strokes(painter, first, last)

    def draw_line(self, painter: QPainter, line: QPolygonF, width: float = 1.0) -> None:
        """Draw a curve `width` pixels wide by hairlines side by side: Qt's own wide pens cost twenty times as much."""
        ratio = self._look.ratio
        pixels = round(width * ratio)
        if pixels < 2:
            painter.drawPolyline(line)
            return
        wide, high = self._pixel[0] / ratio, self._pixel[1] / ratio
        right, down = 0.0, 0.0
        for x, y in strokes(pixels):
            painter.translate((x - right) * wide, (y - down) * high)
            painter.drawPolyline(line)
            right, down = x, y
        painter.translate(-right * wide, -down * high)

    def paint_behind(self, _painter: QPainter) -> None:
        """Draw what reaches over the time still to come, above the zero line and below the curves."""

    @abstractmethod
    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """Draw areas and bars of minutes first..last, below the zero line."""

    @abstractmethod
    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """Draw lines of minutes first..last, above the zero line."""


@cache
def strokes(width: int) -> tuple[tuple[float, float], ...]:
    """Where hairlines lie that together are a line of `width` ≥ 2 device pixels, in device pixels across and down."""
    if width <= 2:
        return (0.0, -0.5), (0.0, 0.5), (0.5, 0.0)
    steps = [place - (width - 1) / 2 for place in range(width)]
    return (*((0.0, step) for step in steps), *((step, 0.0) for step in steps if step))


class Rectangles:
    """Rectangles (left, top, width, height) in one piece of memory: any stretch of them is drawn in one call."""

    __slots__ = ("_address", "rows")

    def __init__(self, size: int) -> None:
        self.rows: Floats = np.zeros((size, 4))
        self._address = self.rows.ctypes.data

    def part(self, first: int, stop: int) -> tuple[Any, int]:
        """What drawRects wants for rectangles first..stop - 1; there must be one."""
        return shiboken6.wrapInstance(self._address + first * self.rows.strides[0], QRectF), stop - first

    def paint(
        self, painter: QPainter, brush: QBrush, minutes: tuple[int, int], hollow: Sequence[int], rim: QPen
    ) -> None:
        """Fill the first to the last of `minutes`; of those that are `hollow`, ascending, draw the `rim`."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        begin, last = minutes
        for stop in (*hollow, last + 1):
            if stop > begin:
                painter.drawRects(*self.part(begin, stop))
            begin = stop + 1
        for index in hollow:
            if self.rows[index, 3]:
                painter.setPen(rim)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRects(*self.part(index, index + 1))


class Line:
    """A QPolygonF and its (n, 2) points in the same memory. `stamp` is the caller's: what was last written."""

    __slots__ = ("points", "polygon", "stamp")

    def __init__(self, size: int) -> None:
        self.polygon: QPolygonF = pg.functions.create_qpolygonf(size)
        self.points: Floats = pg.functions.ndarray_from_qpolygonf(self.polygon)
        self.stamp: object = None


def nan_points(rows: int, size: int) -> Floats:
    """(rows, size, 2) points whose x is the index and whose y is missing."""
    points = np.full((rows, size, 2), np.nan)
    points[:, :, 0] = np.arange(size)
    return points
