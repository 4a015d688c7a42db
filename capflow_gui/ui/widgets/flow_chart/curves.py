"""The upper pane: net and its classes, cumulative since the open."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from capflow_gui.domain.flow import NET, Bools, Floats
from capflow_gui.ui.widgets.flow_chart.geometry import runs
from capflow_gui.ui.widgets.flow_chart.look import Look
from capflow_gui.ui.widgets.flow_chart.pane_item import Narrow, PaneItem, nan_points, polygon, shade

ROWS = 6
# Net is two pixels wide, of hairlines side by side: from each to the next, in pixels, and back.
BOLD = ((0.0, -0.5), (0.0, 1.0), (0.5, -0.5))
BOLD_BACK = (-0.5, 0.0)
# So many polylines of parts of the day are kept until the data change.
KEPT = 64


class CurvesItem(PaneItem):
    """Curves by class, the wash between net and zero, the area beyond the threshold."""

    def __init__(self, view_box: Any, look: Look, narrow: Narrow, *, antialias: bool = True) -> None:
        super().__init__(view_box, look, narrow)
        self._antialias = antialias
        self._points = nan_points(ROWS, 1)
        self._unbroken: list[bool] = [False] * ROWS
        self._columns: tuple[int, ...] = (NET,)
        self._solo: int | None = None
        self._threshold: float | None = None
        self._gaps: tuple[tuple[int, int], ...] = ()
        # Lines and what lies under them by row, first and last minute: a crosshair repaints them at every move.
        self._lines: dict[tuple[int, int, int], list[QPolygonF]] = {}
        self._shades: dict[tuple[int, int, int], list[QPolygonF]] = {}

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
        self._forget()
        super().set_frame(full, seams)

    def set_data(self, values: Floats, last: int, start: int = 0) -> None:
        """Take (6, full + 1) values up to index `last`, of which those from `start` on are new.

        NaN is missing. A start of 0 repaints the pane, any other the strip of the new minutes. Values must lie in
        the view: grow the range first.
        """
        previous = self._last
        self._points[:, start:, 1] = values[:, start:]
        known: Bools = np.isfinite(self._points[:, : last + 1, 1]).all(axis=1)
        self._unbroken = [bool(whole) for whole in known]
        self._forget()
        self._last = last
        self._data_changed(start, previous)

    def _forget(self) -> None:
        self._lines.clear()
        self._shades.clear()

    def _segments(self, row: int, first: int, last: int) -> list[Floats]:
        points: Floats = self._points[row, first : last + 1]
        if self._unbroken[row]:
            return [points] if last > first else []
        return [points[a:b] for a, b in runs(np.isfinite(points[:, 1])) if b - a > 1]

    def _polylines(self, row: int, first: int, last: int) -> list[QPolygonF]:
        key = (row, first, last)
        made = self._lines.get(key)
        if made is None:
            if len(self._lines) > KEPT:
                self._forget()
            made = self._lines[key] = [polygon(points) for points in self._segments(row, first, last)]
        return made

    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """The wash on either side of zero, and amber beyond the threshold: one shape, clipped three times."""
        row = NET if self._solo is None else self._solo
        lines = self._polylines(row, first, last)
        if not lines:
            return
        shapes = self._shades.get((row, first, last))
        if shapes is None:
            shapes = self._shades[row, first, last] = [shade(line) for line in lines]
        painter.setPen(Qt.PenStyle.NoPen)
        look, view = self._look, self._bounds
        floor = view.top() if self._threshold is None or self._solo is not None else self._threshold
        for brush, low, high in (
            (look.wash_up, 0.0, view.bottom()),
            (look.wash_down, floor, 0.0),
            (look.breach, view.top(), floor),
        ):
            if high > low:
                painter.setClipRect(QRectF(view.left(), low, view.width(), high - low))
                painter.setBrush(brush)
                for shape in shapes:
                    painter.drawPolygon(shape)
        painter.setClipRect(view)

    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """The curves, net last."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_gaps(painter, first, last)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._antialias)
        rows = self._columns if self._solo is None else (self._solo,)
        for row in rows:
            painter.setPen(self._look.curve[row])
            lines = self._polylines(row, first, last)
            if row == rows[-1]:
                self._paint_bold(painter, lines)
            else:
                for line in lines:
                    painter.drawPolyline(line)

    def _paint_bold(self, painter: QPainter, lines: list[QPolygonF]) -> None:
        """Draw lines by hairlines side by side: Qt's own wide pens cost twenty times as much."""
        wide, high = self._pixel
        for dx, dy in BOLD:
            painter.translate(dx * wide, dy * high)
            for line in lines:
                painter.drawPolyline(line)
        painter.translate(BOLD_BACK[0] * wide, BOLD_BACK[1] * high)

    def _paint_gaps(self, painter: QPainter, first: int, last: int) -> None:
        if not self._gaps:
            return
        painter.setPen(self._look.gap)
        row = self._points[NET if self._solo is None else self._solo]
        for anchor, end in self._gaps:
            if end >= first and anchor <= last and np.isfinite(row[[anchor, end], 1]).all():
                painter.drawLine(QPointF(*row[anchor]), QPointF(*row[end]))
