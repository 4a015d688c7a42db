"""Small marks several widgets draw alike: pills, arrows, diamonds, rings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from capflow_gui.ui.theme import Role, Theme

_PILL_HEIGHT = 20
_PILL_PADDING = 8.0
_DIAMOND = 4.0


def draw_diamond(painter: QPainter, centre: QPointF, radius: float, color: QColor) -> None:
    """A filled diamond."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    x, y = centre.x(), centre.y()
    painter.drawPolygon(
        QPolygonF([QPointF(x, y - radius), QPointF(x + radius, y), QPointF(x, y + radius), QPointF(x - radius, y)])
    )


def draw_arrow(painter: QPainter, centre: QPointF, value: float, color: QColor, size: float = 4.0) -> None:
    """A small triangle up or down; nothing for zero."""
    if not value:
        return
    x, y = centre.x(), centre.y()
    tip = -size if value > 0 else size
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    base = y - tip * 0.7
    painter.drawPolygon(QPolygonF([QPointF(x - size, base), QPointF(x + size, base), QPointF(x, y + tip * 0.7)]))


def draw_dot(painter: QPainter, centre: QPointF, color: QColor, theme: Theme, *, hollow: bool) -> None:
    """A state's dot: filled when all is well, a ring when not."""
    radius = 3.2 * theme.scale
    if hollow:
        painter.setPen(QPen(color, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
    painter.drawEllipse(centre, radius, radius)


def pill_size(text: str, theme: Theme, *, diamond: bool) -> tuple[float, float]:
    """Width and height of what `draw_pill` will draw."""
    around = 2 * _PILL_PADDING + (2 * _DIAMOND + (4 if text else 0) if diamond else 0)
    return theme.face(Role.CAPTION_STRONG).width(text) + around * theme.scale, theme.px(_PILL_HEIGHT)


def fitted_pill(texts: Sequence[str], theme: Theme, room: float, *, diamond: bool) -> tuple[str, float]:
    """The first of a pill's texts with which it is no wider than `room`, and its width.

    Where none is whole, a diamond stands alone: a part of a word says nothing, and one of a number another number.
    """
    sized = ((text, pill_size(text, theme, diamond=diamond)[0]) for text in texts)
    return next((each for each in sized if each[1] <= room), ("", pill_size("", theme, diamond=True)[0]))


def draw_pill(painter: QPainter, rect: QRectF, text: str, theme: Theme, *, filled: bool, quiet: bool = False) -> None:
    """An amber pill: filled and with a diamond = nobody acknowledged it yet; an outline = known; in grey = snoozed.

    Without a text it has a diamond, too.
    """
    line, words = (theme.faint, theme.dim) if quiet else (theme.alert_text, theme.alert_text)
    radius = rect.height() / 2
    if filled:
        painter.setPen(QPen(theme.alert_border, 1) if not theme.dark else Qt.PenStyle.NoPen)
        painter.setBrush(theme.alert)
    else:
        painter.setPen(QPen(line, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    ink = theme.alert_ink if filled else words
    padding, half = _PILL_PADDING * theme.scale, _DIAMOND * theme.scale
    inner = rect.adjusted(padding, 0, -padding, 0)
    if filled or not text:
        draw_diamond(painter, QPointF(inner.left() + half, rect.center().y()), half, ink)
        inner.setLeft(inner.left() + 2 * half + 4 * theme.scale)
    painter.setFont(theme.font(Role.CAPTION_STRONG))
    painter.setPen(ink)
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def draw_key(painter: QPainter, right: float, height: float, key: str, theme: Theme) -> None:
    """A key's name in a small box that ends at `right` and stands in the middle of `height`."""
    face = theme.face(Role.CAPTION)
    wide = key_width(key, theme)
    box = QRectF(right - wide, (height - face.height - 4) / 2, wide, face.height + 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.line2)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setFont(face.font)
    painter.setPen(theme.dim)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)


def key_width(key: str, theme: Theme) -> float:
    """How wide `draw_key` draws a key."""
    face = theme.face(Role.CAPTION)
    return max(face.width(key) + 12, face.height + 4)


def draw_recorded(painter: QPainter, rect: QRectF, color: QColor, *, whole: bool) -> None:
    """A bar under a day that is recorded, broken where it is not recorded to its end."""
    if whole:
        painter.fillRect(rect, color)
        return
    part = rect.width() / 5
    for place in (0, 2, 4):
        painter.fillRect(QRectF(rect.left() + place * part, rect.top(), part, rect.height()), color)


def draw_cross(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """A cross under a day whose recording is damaged."""
    painter.setPen(QPen(color, max(rect.width() / 4, 1.5)))
    painter.drawLine(rect.topLeft(), rect.bottomRight())
    painter.drawLine(rect.bottomLeft(), rect.topRight())


def draw_focus_ring(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """The 2-px ring of whatever has the keyboard."""
    painter.setPen(QPen(color, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(1, 1, -1, -1))
