"""The upper pane: net and its classes, cumulative since the open."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from capflow_gui.domain.flow import NET, Floats
from capflow_gui.ui.widgets.flow_chart.geometry import runs
from capflow_gui.ui.widgets.flow_chart.look import Look
from capflow_gui.ui.widgets.flow_chart.pane_item import PaneItem, closed_polygon, nan_points, polygon

ROWS = 6


class CurvesItem(PaneItem):
    """Curves by class, the wash between net and zero, the area beyond the threshold."""

    def __init__(self, view_box: Any, look: Look, *, antialias: bool = True) -> None:
        super().__init__(view_box, look)
        self._antialias = antialias
        self._points = nan_points(ROWS, 1)
        self._columns: tuple[int, ...] = (NET,)
        self._solo: int | None = None
        self._threshold: float | None = None
        self._gaps: tuple[tuple[int, int], ...] = ()

    def set_gaps(self, gaps: tuple[tuple[int, int], ...]) -> None:
        """(anchor, end) of each step over more than a minute: a dotted line joins what stands at its ends."""
        if gaps != self._gaps:
            self._gaps = gaps
            self._update_all()

    def set_columns(self, columns: tuple[int, ...], solo: int | None = None) -> None:
        """Which rows are drawn, later ones above; `solo` is the one that stands alone."""
        if (columns, solo) != (self._columns, self._solo):
            self._columns, self._solo = columns, solo
            self.update()

    def set_threshold(self, value: float | None) -> None:
        """The level below which the area is amber."""
        if value != self._threshold:
            self._threshold = value
            self._update_all()

    def set_frame(self, full: int, seams: tuple[int, ...]) -> None:
        """Make room for a session of `full` + 1 indexes; the data are forgotten."""
        self._points = nan_points(ROWS, full + 1)
        self._last = -1
        super().set_frame(full, seams)

    def set_data(self, values: Floats, last: int, start: int = 0) -> None:
        """Take (6, full + 1) values up to index `last`, of which those from `start` on are new.

        NaN is missing. A start of 0 repaints the pane, any other the strip of the new minutes. Values must lie in
        the view: grow the range first.
        """
        previous = self._last
        self._points[:, start:, 1] = values[:, start:]
        self._last = last
        if start == 0:
            self._update_all()
        else:
            self._update_strip(min(start, previous), max(last, previous))

    def _segments(self, row: int, first: int, last: int) -> list[Floats]:
        points: Floats = self._points[row, first : last + 1]
        known = np.isfinite(points[:, 1])
        if known.all():
            return [points]
        return [points[a:b] for a, b in runs(known)]

    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """The wash on either side of zero, and amber beyond the threshold."""
        row = NET if self._solo is None else self._solo
        segments = [points for points in self._segments(row, first, last) if len(points) > 1]
        if not segments:
            return
        bounds, look = self._bounds, self._look
        low = min(float(points[:, 1].min()) for points in segments)
        high = max(float(points[:, 1].max()) for points in segments)
        painter.setPen(Qt.PenStyle.NoPen)
        if high > 0:
            self._fill(painter, segments, 0.0, QRectF(bounds.left(), 0, bounds.width(), bounds.bottom()), look.wash_up)
        if low < 0:
            below = QRectF(bounds.left(), bounds.top(), bounds.width(), -bounds.top())
            self._fill(painter, segments, 0.0, below, look.wash_down)
        level = self._threshold
        if level is not None and low < level and self._solo is None:
            beyond = QRectF(bounds.left(), bounds.top(), bounds.width(), level - bounds.top())
            self._fill(painter, segments, level, beyond, look.breach)

    @staticmethod
    def _fill(painter: QPainter, segments: list[Floats], base: float, clip: QRectF, brush: object) -> None:
        painter.save()
        painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
        painter.setBrush(brush)
        for points in segments:
            painter.drawPolygon(closed_polygon(points, base), Qt.FillRule.OddEvenFill)
        painter.restore()

    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """The curves, net last."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_gaps(painter, first, last)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._antialias)
        for row in self._columns if self._solo is None else (self._solo,):
            painter.setPen(self._look.curve[row] if self._solo is None else self._look.solo[row])
            for points in self._segments(row, first, last):
                if len(points) > 1:
                    painter.drawPolyline(polygon(points))

    def _paint_gaps(self, painter: QPainter, first: int, last: int) -> None:
        painter.setPen(self._look.gap)
        row = self._points[NET if self._solo is None else self._solo]
        for anchor, end in self._gaps:
            if end >= first and anchor <= last and np.isfinite(row[[anchor, end], 1]).all():
                painter.drawLine(QPointF(*row[anchor]), QPointF(*row[end]))
