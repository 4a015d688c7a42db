"""The upper pane: net and its classes, cumulative since the open."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from capflow_gui.domain.flow import NET, Floats
from capflow_gui.ui.chart.geometry import runs
from capflow_gui.ui.chart.layers.stack import Stack
from capflow_gui.ui.chart.look import BESIDE, PRICE, Look
from capflow_gui.ui.chart.pane_item import Line, Narrow, PaneItem, nan_points

ROWS = 6
_NET_PX = 2.0
_BESIDE_PX = 3.0
# So many lines and areas are kept, by row and length: strips and whole days are drawn again and again.
KEPT = 64


class CurvesItem(PaneItem):
    """Curves by class, the wash between net and zero, the area beyond the threshold."""

    def __init__(self, view_box: Any, look: Look, narrow: Narrow, *, antialias: bool = True) -> None:
        super().__init__(view_box, look, narrow)
        self._antialias = antialias
        self._points = nan_points(ROWS, 1)
        self._unbroken: list[bool] = [False] * ROWS
        self._columns: tuple[int, ...] = (NET,)
        self._derived: tuple[int, ...] = ()
        self._solo: int | None = None
        self._threshold: float | None = None
        self._gaps: tuple[tuple[int, int], ...] = ()
        self._beside: list[QPolygonF] = []
        self._price: tuple[Floats | None, list[QPolygonF], list[QLineF]] = None, [], []
        self._stack: Stack | None = None
        self._values: Floats | None = None
        self._version = 0
        self._kept: dict[tuple[int, int, bool], Line] = {}

    def set_gaps(self, gaps: tuple[tuple[int, int], ...]) -> None:
        """(anchor, end) of each step over more than a minute: a dotted line joins what stands at its ends."""
        if gaps != self._gaps:
            self._gaps = gaps
            self._update_all()

    def set_beside(self, values: Floats | None) -> None:
        """(full + 1,) net of another session, drawn behind the curves; NaN is missing, None is no session."""
        self._beside = []
        for a, b in [] if values is None else runs(np.isfinite(values)):
            if values is not None and b - a > 1:
                line = Line(b - a)
                line.points[:, 0], line.points[:, 1] = np.arange(a, b), values[a:b]
                self._beside.append(line.polygon)
        self.update()

    def set_price(self, values: Floats | None) -> None:
        """(full + 1,) prices as amounts of the pane, NaN where no snapshot was; None for none.

        Dotted lines join those that are more than a minute apart.
        """
        old = self._price[0]
        if old is values or (old is not None and values is not None and np.array_equal(old, values, equal_nan=True)):
            return
        lines, joins = list[QPolygonF](), list[QLineF]()
        stretches = [] if values is None else runs(np.isfinite(values))
        for place, (a, b) in enumerate(stretches):
            line = Line(b - a)
            line.points[:, 0], line.points[:, 1] = np.arange(a, b), values[a:b] if values is not None else 0.0
            lines.append(line.polygon)
            if place and values is not None:
                before = stretches[place - 1][1] - 1
                joins.append(QLineF(before, float(values[before]), a, float(values[a])))
        self._price = values, lines, joins
        self.update()

    def set_stacked(self, on: bool) -> None:
        """Draw order sizes one on the other in the place of their curves and of net's wash."""
        if on == (self._stack is not None):
            return
        self._stack = Stack(self._points.shape[1]) if on else None
        if self._stack is not None and self._values is not None:
            self._stack.set_data(self._values, 0)
        self.update()

    def set_columns(self, columns: tuple[int, ...], solo: int | None = None, derived: tuple[int, ...] = ()) -> None:
        """Which rows are drawn, later ones above; `solo` is the one that stands alone.

        `derived` rows are known at some minutes alone: dotted lines join those.
        """
        if (columns, solo, derived) != (self._columns, self._solo, self._derived):
            self._columns, self._solo, self._derived = columns, solo, derived
            self.update()

    def set_threshold(self, value: float | None) -> None:
        """The level below which the area is amber."""
        if value != self._threshold:
            self._threshold = value
            self._update_all()

    def set_frame(self, full: int, seams: tuple[int, ...]) -> None:
        """Make room for a session of `full` + 1 indexes; the data are forgotten."""
        self._points = nan_points(ROWS, full + 1)
        self._stack = None if self._stack is None else Stack(full + 1)
        self._values = None
        self._last = -1
        self._version += 1
        super().set_frame(full, seams)

    def set_data(self, values: Floats, last: int, start: int = 0) -> None:
        """Take (6, full + 1) values up to index `last`, of which those from `start` on are new.

        NaN is missing. A start of 0 repaints the pane, any other the strip of the new minutes. Values must lie in
        the view: grow the range first.
        """
        previous = self._last
        self._points[:, start:, 1] = values[:, start:]
        self._values = values
        if self._stack is not None:
            self._stack.set_data(values, start)
        self._unbroken = np.logical_and.reduce(np.isfinite(self._points[:, : last + 1, 1]), axis=1).tolist()
        self._version += 1
        self._last = last
        self._data_changed(start, previous)

    def _segments(self, row: int, first: int, last: int) -> list[tuple[int, int]]:
        """First and last index of each unbroken stretch of a row."""
        if self._unbroken[row]:
            return [(first, last)] if last > first else []
        known = np.isfinite(self._points[row, first : last + 1, 1])
        return [(first + a, first + b - 1) for a, b in runs(known) if b - a > 1]

    def _line(self, row: int, first: int, last: int, *, closed: bool = False) -> QPolygonF:
        """A stretch of a row, `closed` with what lies between it and zero; to be drawn before the next is asked for."""
        count = last + 1 - first
        key = (row, count, closed)
        line = self._kept.get(key)
        if line is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            line = self._kept[key] = Line(count + 2 * closed)
        if line.stamp != (self._version, first):
            line.stamp = (self._version, first)
            line.points[:count] = self._points[row, first : last + 1]
            if closed:
                line.points[count:] = ((last, 0.0), (first, 0.0))
        return line.polygon

    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """The stacked order sizes; or net's wash on either side of zero, amber beyond the threshold.

        The wash is one shape, clipped three times.
        """
        if self._stack is not None:
            self._stack.paint(painter, self._look, first, last)
            return
        row = NET if self._solo is None else self._solo
        painter.setPen(Qt.PenStyle.NoPen)
        look, view = self._look, self._bounds
        floor = view.top() if self._threshold is None or self._solo is not None else self._threshold
        bands = (look.wash_up, 0.0, view.bottom()), (look.wash_down, floor, 0.0), (look.breach, view.top(), floor)
        for a, b in self._segments(row, first, last):
            shape = self._line(row, a, b, closed=True)
            extent = shape.boundingRect()
            for brush, low, high in bands:
                if extent.top() < high and low < extent.bottom():
                    painter.setClipRect(QRectF(view.left(), low, view.width(), high - low))
                    painter.setBrush(brush)
                    painter.drawPolygon(shape)
        painter.setClipRect(view)

    def paint_behind(self, painter: QPainter) -> None:
        """The other session and the price, all of them: where a strip ends must not show."""
        _values, price, joins = self._price
        if not (self._beside or price):
            return
        if joins:
            painter.setPen(self._look.price_gap)
            painter.drawLines(joins)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._antialias)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._look.curve[BESIDE])
        for line in self._beside:
            self.draw_line(painter, line, _BESIDE_PX if self._look.true else 1.0)
        painter.setPen(self._look.curve[PRICE])
        for line in price:
            painter.drawPolyline(line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """The curves, net last."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_gaps(painter, first, last)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._antialias)
        rows = (NET,) if self._stack is not None else self._columns if self._solo is None else (self._solo,)
        for row in rows:
            if row in self._derived:
                self._paint_derived(painter, row)
            painter.setPen(self._look.curve[row])
            for a, b in self._segments(row, first, last):
                self.draw_line(painter, self._line(row, a, b), _NET_PX if row == rows[-1] else 1.0)

    def _paint_derived(self, painter: QPainter, row: int) -> None:
        """Dotted lines over the minutes without a snapshot, points at both their ends; neighbours are lines as usual.

        All of them, whatever was exposed: a line that began elsewhere would have its dots elsewhere.
        """
        known = self._points[row, : self._last + 1]
        known = known[np.isfinite(known[:, 1])]
        if not len(known):
            return
        wide = np.diff(known[:, 0]) > 1
        ends = known[np.append(True, wide) | np.append(wide, True)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._look.derived[row])
        for a, b in zip(known[:-1][wide].tolist(), known[1:][wide].tolist(), strict=True):
            painter.drawLine(QPointF(*a), QPointF(*b))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._antialias)
        painter.setPen(self._look.snapshot[row])
        painter.drawPoints(QPolygonF([QPointF(*end) for end in ends.tolist()]))

    def _paint_gaps(self, painter: QPainter, first: int, last: int) -> None:
        if not self._gaps:
            return
        painter.setPen(self._look.gap)
        row = self._points[NET if self._solo is None else self._solo]
        for anchor, end in self._gaps:
            if end >= first and anchor <= last and np.isfinite(row[[anchor, end], 1]).all():
                painter.drawLine(QPointF(*row[anchor]), QPointF(*row[end]))
