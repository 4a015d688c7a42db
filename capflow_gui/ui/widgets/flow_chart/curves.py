"""The upper pane: net and its classes, cumulative since the open."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from capflow_gui.domain.flow import NET, Floats
from capflow_gui.ui.widgets.flow_chart.geometry import runs
from capflow_gui.ui.widgets.flow_chart.look import Look
from capflow_gui.ui.widgets.flow_chart.pane_item import PaneItem, area, nan_points, polygon

ROWS = 6
# Where the hairlines of a curve lie, in pixels: two pixels for net, one and a quarter for a class.
BOLD = ((0.0, -0.5), (0.0, 0.5), (0.5, 0.0))
THIN = ((0.0, 0.0),)


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
        self._data_changed(start, previous)

    def _segments(self, row: int, first: int, last: int) -> list[Floats]:
        points: Floats = self._points[row, first : last + 1]
        known = np.isfinite(points[:, 1])
        if known.all():
            return [points]
        return [points[a:b] for a, b in runs(known)]

    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """The wash on either side of zero, and amber beyond the threshold."""
        row = NET if self._solo is None else self._solo
        look, level = self._look, self._threshold
        painter.setPen(Qt.PenStyle.NoPen)
        for points in self._segments(row, first, last):
            if len(points) < 2:
                continue
            low, high = float(points[:, 1].min()), float(points[:, 1].max())
            if high > 0:
                painter.setBrush(look.wash_up)
                painter.drawPolygon(area(points, 0.0, above=True))
            if low < 0:
                painter.setBrush(look.wash_down)
                painter.drawPolygon(area(points, 0.0, above=False))
            if level is not None and low < level and self._solo is None:
                painter.setBrush(look.breach)
                painter.drawPolygon(area(points, level, above=False))

    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """The curves, net last."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_gaps(painter, first, last)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._antialias)
        rows = self._columns if self._solo is None else (self._solo,)
        for row in rows:
            painter.setPen(self._look.curve[row])
            passes = BOLD if row == rows[-1] else THIN
            for points in self._segments(row, first, last):
                if len(points) > 1:
                    self._stroke(painter, polygon(points), passes)

    def _stroke(self, painter: QPainter, line: QPolygonF, passes: tuple[tuple[float, float], ...]) -> None:
        """Draw a line by hairlines side by side: Qt's own wide pens cost twenty times as much."""
        wide, high = self._pixel
        for dx, dy in passes:
            painter.translate(dx * wide, dy * high)
            painter.drawPolyline(line)
            painter.translate(-dx * wide, -dy * high)

    def _paint_gaps(self, painter: QPainter, first: int, last: int) -> None:
        painter.setPen(self._look.gap)
        row = self._points[NET if self._solo is None else self._solo]
        for anchor, end in self._gaps:
            if end >= first and anchor <= last and np.isfinite(row[[anchor, end], 1]).all():
                painter.drawLine(QPointF(*row[anchor]), QPointF(*row[end]))
