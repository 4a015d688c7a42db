"""A row's day in a cell: x is always the full session, so its length is the time of day."""

from __future__ import annotations

from typing import Any

import numpy as np
import shiboken6
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from capflow_gui.domain.flow import Floats
from capflow_gui.ui.models.figures import Figures, Look, Points
from capflow_gui.ui.theme import Theme, faded

_WASH = 0.17
# A pen of one pixel takes Qt's fast way; 1.1 costs nine times as much and looks the same.
_PEN = 1.0
# A day that moved less, in units of money, did not move; a scale of smaller amounts ends at no number.
_FLAT = 1e-6


def draw_sparkline(painter: QPainter, rect: QRectF, points: Points, figures: Figures, theme: Theme) -> None:
    """Line, wash to zero by side, zero line, end dot, and the threshold's level where it is in range.

    `points` are the `spark_points` of the figures.
    """
    x, y, minutes = points
    if not len(x) or minutes <= 0:
        return
    low, high = min(0.0, float(y.min())), max(0.0, float(y.max()))
    x, y = _thinned(x, y, minutes, int(rect.width()))
    if high - low < _FLAT:
        low, high = -1.0, 1.0
    px = rect.left() + x * (rect.width() / minutes)
    scale = rect.height() / (high - low)
    py = rect.top() + (high - y) * scale
    zero = rect.top() + high * scale
    line = polygon(px, py)
    true_now = figures.look is Look.TRUE
    wash(painter, px, py, zero, (theme.up, theme.down) if true_now else (theme.none, theme.none))
    painter.setPen(QPen(theme.line2, 1))
    painter.drawLine(QPointF(rect.left(), round(zero)), QPointF(rect.right(), round(zero)))
    threshold = figures.row.level
    if threshold is not None and low <= threshold <= high:
        level = round(rect.top() + (high - threshold) * scale)
        painter.setPen(QPen(theme.alert_text, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(rect.left(), level), QPointF(rect.right(), level))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.dim if true_now else theme.none, _PEN))
    painter.drawPolyline(line)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.direction(figures.net, true=true_now))
    painter.drawEllipse(QPointF(px[-1], py[-1]), 1.8, 1.8)


def polygon(x: Floats, y: Floats) -> QPolygonF:
    """Points from two arrays, written into the polygon's own memory: a QPointF each takes twenty times as long."""
    shape = QPolygonF()
    if not len(x):
        return shape  # an empty one has no memory to write to
    shape.resize(len(x))
    # shiboken's own stubs know neither its size nor its writability.
    memory: Any = shiboken6.VoidPtr(shape.data(), len(x) * 16, True)  # type: ignore[call-arg, arg-type]
    points = np.frombuffer(memory, np.float64).reshape(-1, 2)
    points[:, 0] = x
    points[:, 1] = y
    return shape


def wash(painter: QPainter, x: Floats, y: Floats, zero: float, colors: tuple[QColor, QColor]) -> None:
    """Shade between a line and the height of zero, in one colour above it and another below; all in pixels."""
    painter.setPen(Qt.PenStyle.NoPen)
    # The line is drawn smoothly over its edge; smoothing the wash too would cost five times as much. The sides are
    # told apart by number: a painter that once had a clip draws every later text at half the speed.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    x = np.concatenate((x[:1], x, x[-1:]))
    sides = (np.minimum, zero - y.min(), colors[0]), (np.maximum, y.max() - zero, colors[1])
    for side, reach, color in sides:
        if reach > 0.5:
            painter.setBrush(faded(color, _WASH))
            painter.drawPolygon(polygon(x, np.concatenate(([zero], side(y, zero), [zero]))))


def _thinned(x: Floats, y: Floats, minutes: int, pixels: int) -> tuple[Floats, Floats]:
    """At most a point a pixel, the newest always among them; a minute's detail is the chart's."""
    step = minutes // max(pixels, 1) + 1
    if len(x) <= pixels or step == 1:
        return x, y
    start = (len(x) - 1) % step
    return x[start::step], y[start::step]
