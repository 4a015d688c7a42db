"""The upper pane: net and its classes, cumulative since the open."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QPainter, QPolygonF

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
        # The whole day's lines and areas, kept while the data stand: a crosshair repaints them at every move.
        self._lines: dict[int, list[QPolygonF]] = {}
        self._areas: list[tuple[QBrush, QPolygonF]] | None = None

    def set_look(self, look: Look) -> None:
        """Change pens and brushes."""
        self._forget()
        super().set_look(look)

    def set_gaps(self, gaps: tuple[tuple[int, int], ...]) -> None:
        """(anchor, end) of each step over more than a minute: a dotted line joins what stands at its ends."""
        if gaps != self._gaps:
            self._gaps = gaps
            self._update_all()

    def set_columns(self, columns: tuple[int, ...], solo: int | None = None) -> None:
        """Which rows are drawn, later ones above; `solo` is the one that stands alone."""
        if (columns, solo) != (self._columns, self._solo):
            self._columns, self._solo = columns, solo
            self._forget()
            self.update()

    def set_threshold(self, value: float | None) -> None:
        """The level below which the area is amber."""
        if value != self._threshold:
            self._threshold = value
            self._forget()
            self._update_all()

    def set_frame(self, full: int, seams: tuple[int, ...]) -> None:
        """Make room for a session of `full` + 1 indexes; the data are forgotten."""
        self._points = nan_points(ROWS, full + 1)
        self._last = -1
        self._forget()
        super().set_frame(full, seams)

    def set_data(self, values: Floats, last: int, start: int = 0) -> None:
        """Take (6, full + 1) values up to index `last`, of which those from `start` on are new.

        NaN is missing. A start of 0 repaints the pane, any other the strip of the new minutes. Values must lie in
        the view: grow the range first.
        """
        previous = self._last
        self._points[:, start:, 1] = values[:, start:]
        self._forget()
        self._last = last
        self._data_changed(start, previous)

    def _forget(self) -> None:
        self._lines.clear()
        self._areas = None

    def _segments(self, row: int, first: int, last: int) -> list[Floats]:
        points: Floats = self._points[row, first : last + 1]
        known = np.isfinite(points[:, 1])
        parts = [points] if known.all() else [points[a:b] for a, b in runs(known)]
        return [part for part in parts if len(part) > 1]

    def _polylines(self, row: int, first: int, last: int) -> list[QPolygonF]:
        if first > 0 or last < self._last:
            return [polygon(points) for points in self._segments(row, first, last)]
        if row not in self._lines:
            self._lines[row] = [polygon(points) for points in self._segments(row, first, last)]
        return self._lines[row]

    def _filled(self, first: int, last: int) -> list[tuple[QBrush, QPolygonF]]:
        """The areas between the leading curve and zero, and beyond the threshold."""
        row = NET if self._solo is None else self._solo
        look, level = self._look, self._threshold
        areas: list[tuple[QBrush, QPolygonF]] = []
        for points in self._segments(row, first, last):
            low, high = float(points[:, 1].min()), float(points[:, 1].max())
            if high > 0:
                areas.append((look.wash_up, area(points, 0.0, above=True)))
            if low < 0:
                areas.append((look.wash_down, area(points, 0.0, above=False)))
            if level is not None and low < level and self._solo is None:
                areas.append((look.breach, area(points, level, above=False)))
        return areas

    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """The wash on either side of zero, and amber beyond the threshold."""
        painter.setPen(Qt.PenStyle.NoPen)
        if first > 0 or last < self._last:
            areas = self._filled(first, last)
        else:
            if self._areas is None:
                self._areas = self._filled(first, last)
            areas = self._areas
        for brush, shape in areas:
            painter.setBrush(brush)
            painter.drawPolygon(shape)

    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """The curves, net last."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_gaps(painter, first, last)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._antialias)
        rows = self._columns if self._solo is None else (self._solo,)
        for row in rows:
            painter.setPen(self._look.curve[row])
            passes = BOLD if row == rows[-1] else THIN
            for line in self._polylines(row, first, last):
                self._stroke(painter, line, passes)

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
