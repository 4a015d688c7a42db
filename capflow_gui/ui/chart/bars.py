"""The lower pane: what moved in each minute."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from capflow_gui.domain.flow import Floats
from capflow_gui.ui.chart.geometry import runs
from capflow_gui.ui.chart.layers.stack import Stack, ends
from capflow_gui.ui.chart.look import Look
from capflow_gui.ui.chart.pane_item import Line, Narrow, PaneItem, Rectangles

BAR_WIDTH = 0.8
GAP_HEIGHT_SHARE = 0.5
FOOT_PX, CROSS_PX = 4.0, 3.0


class BarsItem(PaneItem):
    """One bar an index, or order sizes one on the other; bars beyond the view carry a triangle, gaps a dotted box."""

    def __init__(self, view_box: Any, look: Look, narrow: Narrow) -> None:
        self._up, self._down = Rectangles(1), Rectangles(1)
        self._stack: Stack | None = None
        self._triangles: dict[tuple[int, int], QPolygonF] = {}
        super().__init__(view_box, look, narrow)
        self._cut = np.zeros((2, 0), bool)
        self._values = np.zeros(0)
        self._sizes: Floats | None = None
        self._level = np.inf
        self._gaps: tuple[tuple[int, int, float], ...] = ()
        self.hollow: tuple[int, ...] = ()
        self._recorded: list[int] = []
        self._damaged: frozenset[int] = frozenset()
        self._line: tuple[Floats, int] | None = None
        self._resize(1)

    def _resize(self, size: int) -> None:
        self._up, self._down = Rectangles(size), Rectangles(size)
        self._values = np.full(size, np.nan)
        self._cut = np.zeros((2, size), bool)
        self._stack = self._sizes = None
        self._widen()

    def _follow_view(self, *_: object) -> None:
        super()._follow_view()
        self._widen()

    def _widen(self) -> None:
        """Bars keep a gap between them while they are wider than a pixel, and are never narrower than one."""
        self._triangles.clear()
        width = self._width
        for bars in (self._up, self._down):
            bars.rows[:, 0] = np.arange(len(bars.rows)) - width / 2
            bars.rows[:, 2] = width
        if self._stack is not None:
            self._stack.set_width(width)

    @property
    def _width(self) -> float:
        return max(BAR_WIDTH, self._pixel[0])

    def set_frame(self, full: int, seams: tuple[int, ...]) -> None:
        """Make room for a session of `full` + 1 indexes; the data are forgotten."""
        self._resize(full + 1)
        self._last = -1
        super().set_frame(full, seams)

    def set_level(self, level: float) -> None:
        """Cut bars at ± `level`."""
        if level != self._level:
            self._level = level
            self._triangles.clear()
            self._write(0)
            self.update()

    def set_gaps(self, gaps: tuple[tuple[int, int, float], ...]) -> None:
        """(anchor, end, amount) of each step over more than one minute."""
        if gaps != self._gaps:
            self._gaps = gaps
            self.update()

    def set_hollow(self, indexes: tuple[int, ...]) -> None:
        """Bars that are not all of their period, ascending: they are drawn as outlines."""
        changed = set(indexes) ^ set(self.hollow)
        self.hollow = indexes
        for index in changed:
            self._update_strip(index, index)

    def set_recorded(self, indexes: list[int], damaged: frozenset[int]) -> None:
        """Bars that are not the broker's: a foot on the other side of zero marks them, a cross those `damaged`."""
        if (indexes, damaged) != (self._recorded, self._damaged):
            self._recorded, self._damaged = indexes, damaged
            self.update()

    def set_data(self, values: Floats, last: int, start: int = 0, sizes: Floats | None = None) -> None:
        """Take (full + 1,) figures up to index `last`, of which those from `start` on are new. NaN draws no bar.

        `sizes`, (6, full + 1) in the rows of a series, stand one on the other in the place of each bar.
        """
        previous = self._last
        if (sizes is None) != (self._stack is None):
            self._stack = None if sizes is None else Stack(len(self._values), self._width)
            start = 0
        self._values[start:] = values[start:]
        self._sizes, self._last = sizes, last
        self._write(start)
        self._data_changed(start, previous)

    def _write(self, start: int) -> None:
        values, level = self._values[start:], self._level
        # fmax and fmin take the number where the other is missing.
        np.fmin(np.fmax(values, 0.0), level, out=self._up.rows[start:, 3])
        np.fmax(np.fmin(values, 0.0), -level, out=self._down.rows[start:, 3])
        inflow = outflow = values
        if self._stack is not None and self._sizes is not None:
            self._stack.set_data(self._sizes, start, level)
            inflow, outflow = ends(self._sizes[:, start:])
        self._cut[:, start:] = inflow > level, outflow < -level

    def paint_fills(self, painter: QPainter, first: int, last: int) -> None:
        """Bars, boxes over gaps, triangles on cut bars."""
        look = self._look
        hollow = [index for index in self.hollow if first <= index <= last]
        if self._stack is not None:
            self._stack.paint(painter, look, first, last, hollow)
        else:
            self._up.paint(painter, look.bar_up, (first, last), hollow, look.rim_up)
            self._down.paint(painter, look.bar_down, (first, last), hollow, look.rim_down)
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_gaps(painter, first, last)
        self._paint_triangles(painter, first, last)

    def _paint_gaps(self, painter: QPainter, first: int, last: int) -> None:
        if not self._gaps:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._look.gap)
        for anchor, end, amount in self._gaps:
            if end >= first and anchor <= last:
                edge = self._bounds.bottom() if amount > 0 else self._bounds.top()
                painter.drawRect(QRectF(anchor, 0.0, end - anchor, edge * GAP_HEIGHT_SHARE))

    def _paint_triangles(self, painter: QPainter, first: int, last: int) -> None:
        """A triangle at the cut end of each bar that goes on beyond it."""
        sides, cut = self._cut[:, first : last + 1].nonzero()
        if not len(cut):
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.theme.text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for side, index in zip(sides.tolist(), (first + cut).tolist(), strict=True):
            sign = -1 if side else 1
            shape = self._triangles.get((index, sign))
            if shape is None:
                wide, high = 2.6 * self._pixel[0], 4.0 * self._pixel[1] * sign
                base = self._level * sign + self._pixel[1] * sign
                corners = [QPointF(index - wide, base), QPointF(index + wide, base), QPointF(index, base + high)]
                shape = self._triangles[index, sign] = QPolygonF(corners)
            painter.drawPolygon(shape)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def set_line(self, values: Floats | None, column: int) -> None:
        """(full + 1,) figures drawn as a curve across the bars, in the colour of `column`; None for none."""
        self._line = None if values is None else (np.array(values), column)
        self.update()

    def paint_strokes(self, painter: QPainter, first: int, last: int) -> None:
        """The feet of recorded bars, and the curve across the bars, where there are any."""
        for index in self._recorded:
            if first <= index <= last:
                high = FOOT_PX * self._pixel[1] * (1 if self._values[index] < 0 else -1)
                width = self._width
                if index in self._damaged:
                    self._paint_cross(painter, index, high)
                    continue
                painter.fillRect(QRectF(index - width / 2, 0.0, width, high), self._look.theme.dim)
        if self._line is None:
            return
        values, column = self._line
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(self._look.curve[column])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for a, b in runs(np.isfinite(values[first : last + 1])):
            line = Line(b - a)
            line.points[:, 0] = np.arange(first + a, first + b)
            line.points[:, 1] = values[first + a : first + b]
            self.draw_line(painter, line.polygon)

    def _paint_cross(self, painter: QPainter, index: int, high: float) -> None:
        """As under a day of the strip that is damaged: in the place of a foot, which is `high`."""
        wide = CROSS_PX * self._pixel[0]
        pen = QPen(self._look.theme.alert_text, 1.5)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(pen)
        for side in (-wide, wide):
            painter.drawLine(QPointF(index - side, high * 0.5), QPointF(index + side, high * 2.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
