"""The threshold's line, and the hand that drags it."""

from __future__ import annotations

from typing import Any, Protocol

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from capflow_gui.ui.chart.curves import CurvesItem
from capflow_gui.ui.chart.geometry import Frame, nice_step
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.chart.look import Look
from capflow_gui.ui.chart.view import Plot

_REACH_PX = 6.0


class ThresholdLine(pg.InfiniteLine):
    """InfiniteLine without antialiasing: an antialiased dashed line costs more than all the curves."""

    def paint(self, painter: QPainter, *_args: object) -> None:
        """Draw across the view."""
        view = self.viewRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.currentPen)
        painter.drawLine(QPointF(view.left(), 0), QPointF(view.right(), 0))


class Dragged(Protocol):
    """The plot whose threshold can be moved; its signals are those of IntradayPlot."""

    look: Look
    state: PlotState
    solo: int | None
    curves: CurvesItem
    lines_plot: Plot
    lines_frame: Frame
    released_inside: bool
    dragged: Any
    dropped: Any
    threshold_moved: Any
    drag_cancelled: Any


class ThresholdHand:
    """Keeps the line of a plot at its threshold, and moves it by its tag or by itself."""

    def __init__(self, plot: Dragged) -> None:
        self._plot = plot
        self._dragging = self._cancelled = False
        look = plot.look
        self.line = ThresholdLine(angle=0, movable=True, pen=look.threshold, hoverPen=look.threshold_hover)
        self.line.setVisible(False)
        self.line.setZValue(5)
        plot.lines_plot.getViewBox().addItem(self.line, ignoreBounds=True)
        self.line.sigDragged.connect(lambda line: self._drag(float(line.value()), final=False))
        self.line.sigPositionChangeFinished.connect(lambda line: self._drag(float(line.value()), final=True))
        plot.dragged.connect(lambda y: self._drag(plot.lines_frame.value(y), final=False))
        plot.dropped.connect(lambda y: self._drag(plot.lines_frame.value(y), final=True))

    def set_look(self, look: Look) -> None:
        """Change colours."""
        self.line.setPen(look.threshold)
        self.line.setHoverPen(look.threshold_hover)

    def show(self) -> None:
        """Stand at the threshold, where it is in view; one line alone has none."""
        plot = self._plot
        value = plot.state.threshold
        shown = value is not None and plot.lines_frame.y.holds(value) and plot.solo is None
        if value is not None and value != self.line.value():
            self._stand(value)
        if self.line.movable is plot.state.is_fixed:
            self.line.setMovable(not plot.state.is_fixed)
        self.line.setVisible(shown)
        plot.curves.set_threshold(value if shown and plot.state.shaded else None)

    def near(self, y: float) -> bool:
        """Whether the line is within reach of the mouse at scene `y`."""
        plot = self._plot
        value = None if plot.state.is_fixed else plot.state.threshold
        return value is not None and self.line.isVisible() and abs(plot.lines_frame.at_y(value) - y) <= _REACH_PX

    def _stand(self, value: float) -> None:
        self.line.blockSignals(True)
        self.line.setValue(value)
        self.line.blockSignals(False)

    def _drag(self, raw: float, *, final: bool) -> None:
        """Snap to the pixel's 1-2-5 step, below zero, and report; outside the chart nothing is moved."""
        plot, y = self._plot, self._plot.lines_frame.y
        if self._cancelled or (final and not plot.released_inside):
            self._cancelled = self._cancelled and not final
            self._dragging = False
            self.show()
            plot.drag_cancelled.emit()
            return
        self._dragging = not final
        quantum = nice_step(y.size / plot.lines_frame.height)
        value = max(min(round(raw / quantum) * quantum, -quantum), y.low)
        self._stand(value)
        plot.curves.set_threshold(value)
        plot.threshold_moved.emit(value, final)

    def cancel(self) -> bool:
        """Put a dragged line back, and ignore the mouse until its button is released. False where none is dragged."""
        self._cancelled = self._dragging
        if self._dragging:
            self._drag(0.0, final=False)
        return self._cancelled
