"""A row's day in 112 pixels: x is always the full session, so its length is the time of day."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from capflow_gui.domain.flow import Floats
from capflow_gui.ui.models.figures import Figures, Look, spark_points
from capflow_gui.ui.theme import Theme, faded

WIDTH = 112
_WASH = 0.17


def draw_sparkline(painter: QPainter, rect: QRectF, figures: Figures, theme: Theme) -> None:
    """Line, wash to zero by side, zero line, end dot, and the threshold's level where it is in range."""
    x, y, minutes = spark_points(figures)
    if not len(x) or minutes <= 0:
        return
    low, high = min(0.0, float(y.min())), max(0.0, float(y.max()))
    x, y = _thinned(x, y)
    if low == high:
        low, high = -1.0, 1.0
    px = rect.left() + x * (rect.width() / minutes)
    scale = rect.height() / (high - low)
    py = rect.top() + (high - y) * scale
    zero = rect.top() + high * scale
    line = QPolygonF([QPointF(a, b) for a, b in zip(px.tolist(), py.tolist(), strict=True)])
    true_now = figures.look is Look.TRUE
    _wash(painter, rect, line, zero, (theme.up, theme.down) if true_now else (theme.none, theme.none))
    painter.setPen(QPen(theme.line2, 1))
    painter.drawLine(QPointF(rect.left(), round(zero)), QPointF(rect.right(), round(zero)))
    threshold = figures.row.threshold
    if threshold is not None and low <= threshold <= high:
        level = round(rect.top() + (high - threshold) * scale)
        painter.setPen(QPen(theme.alert_text, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(rect.left(), level), QPointF(rect.right(), level))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.dim if true_now else theme.none, 1.1))
    painter.drawPolyline(line)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.direction(figures.net, true=true_now))
    painter.drawEllipse(line.at(line.count() - 1), 1.8, 1.8)


def _wash(painter: QPainter, rect: QRectF, line: QPolygonF, zero: float, colors: tuple[QColor, QColor]) -> None:
    area = QPolygonF(line)
    area.append(QPointF(line.at(line.count() - 1).x(), zero))
    area.prepend(QPointF(line.at(0).x(), zero))
    painter.setPen(Qt.PenStyle.NoPen)
    # The line is drawn smoothly over its edge; smoothing the wash too would cost five times as much.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    above = QRectF(rect.left(), rect.top() - 1, rect.width(), zero - rect.top() + 1)
    below = QRectF(rect.left(), zero, rect.width(), rect.bottom() - zero + 1)
    for side, color in ((above, colors[0]), (below, colors[1])):
        if side.height() > 1.5:
            painter.setClipRect(side)
            painter.setBrush(faded(color, _WASH))
            painter.drawPolygon(area)
    painter.setClipping(False)


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most a point a pixel: the newest of each; a minute's detail is the chart's."""
    if len(x) <= WIDTH:
        return x, y
    keep = np.linspace(len(x) - 1, 0, WIDTH).astype(int)[::-1]
    return x[keep], y[keep]
