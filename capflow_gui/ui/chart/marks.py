"""Words and small shapes over the panes, in scene pixels: names at line ends, tags, pills, captions.

One graphics object holds them all; each is repainted only when what it shows or where it stands has changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from capflow_gui.ui.chart.look import Text

TAG_MARGIN = 3.0
DIAMOND_PX = 7.0
Draw = Callable[[QPainter], None]
# Scene x and y of both ends, and the colour.
Leader = tuple[float, float, float, float, QColor]


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """What is shown (`stamp`, compared), the scene rectangle it touches, and how it is drawn."""

    stamp: Hashable
    box: QRectF
    draw: Draw


class Marks(pg.GraphicsObject):
    """A set of marks by key, drawn in the order of their first appearance.

    `apart` is set while the scene is painted without them: the view paints them over something that lies between.
    """

    def __init__(self, touches: Callable[[QRectF], bool]) -> None:
        super().__init__()
        self._touches = touches
        self.setZValue(20)
        self._scene = QRectF(0, 0, 1, 1)
        self._marks: dict[str, Mark] = {}
        self._parts: dict[str, tuple[object, ...]] = {}
        self._hidden: frozenset[str] = frozenset()
        self.apart = False

    def set_area(self, area: QRectF) -> None:
        """The whole scene, in pixels."""
        if area != self._scene:
            self.prepareGeometryChange()
            self._scene = area

    def boundingRect(self) -> QRectF:
        """The whole scene."""
        return self._scene

    def shape(self) -> QPainterPath:
        """Empty: the mouse passes through."""
        return QPainterPath()

    def put(self, key: str, stamp: Hashable, make: Callable[[], tuple[QRectF, Draw]]) -> None:
        """Show a mark; `make` is called only when `stamp` differs from what stands there."""
        old = self._marks.get(key)
        if old is not None:
            if old.stamp == stamp:
                return
            self.update(old.box)
        box, draw = make()
        self._marks[key] = Mark(stamp, box, draw)
        self.update(box)

    def kept(self, part: str, *inputs: object) -> bool:
        """Whether a part of the marks was last placed for the same `inputs`, which are remembered until `clear`."""
        if self._parts.get(part) == inputs:
            return True
        self._parts[part] = inputs
        return False

    def drop(self, key: str) -> None:
        """Take a mark away."""
        old = self._marks.pop(key, None)
        if old is not None:
            self.update(old.box)

    def hide_only(self, keys: frozenset[str]) -> None:
        """Draw all marks but these, which keep their places."""
        changed, self._hidden = keys ^ self._hidden, keys
        for key in changed & self._marks.keys():
            self.update(self._marks[key].box)

    def clear(self) -> None:
        """Take all marks away."""
        self._marks.clear()
        self._parts.clear()
        self.update()

    def box(self, key: str) -> QRectF | None:
        """Where a mark stands."""
        mark = self._marks.get(key)
        return None if mark is None else mark.box

    def boxes(self, prefix: str) -> dict[str, QRectF]:
        """Where the marks whose keys begin with `prefix` stand."""
        return {key: mark.box for key, mark in self._marks.items() if key.startswith(prefix)}

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the marks that were exposed."""
        if not self.apart:
            self.draw(painter)

    def draw(self, painter: QPainter) -> None:
        """Draw the marks that were exposed, in scene pixels."""
        for key, mark in self._marks.items():
            if key not in self._hidden and self._touches(mark.box):
                mark.draw(painter)


def tag(
    sides: tuple[float, float], middle: float, text: Text, fill: QColor, *, border: QColor | None, grip: bool
) -> tuple[QRectF, Draw]:
    """A tag on the money axis: an arrow to the left, text at its right end, six dots where it can be gripped.

    The dots leave the text its room: three, or none, beside a long one.
    """
    left, right = sides
    half = text.height / 2 + TAG_MARGIN
    top, bottom = round(middle - half), round(middle + half)
    tip = left + 5
    shape = QPolygonF(
        [QPointF(left, middle), QPointF(tip, top), QPointF(right, top), QPointF(right, bottom), QPointF(tip, bottom)]
    )
    pen = QPen(border, 1) if border is not None else QPen(Qt.PenStyle.NoPen)

    def draw(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawPolygon(shape)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if grip:
            beside = right - 6 - text.width - 2 - (round(tip) + 3)
            for column in range(min(max(int((beside + 2) // 4), 0), 2)):
                for row in range(3):
                    painter.fillRect(QRectF(round(tip) + 3 + 4 * column, round(middle) - 5 + 4 * row, 2, 2), text.color)
        text.draw(painter, right - 6 - text.width, middle)

    return QRectF(left - 1, top - 1, right - left + 2, bottom - top + 2), draw


def label_box(
    left: float, middle: float, text: Text, fill: QColor, border: QColor, *, padding: float = 7.0
) -> tuple[QRectF, Draw]:
    """A rounded box with text: the crosshair's tags."""
    high = round(text.height + 2 * TAG_MARGIN)
    area = QRectF(round(left) + 0.5, round(middle - high / 2) + 0.5, round(text.width + 2 * padding), high - 1)

    def draw(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(border, 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(area, 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        text.draw(painter, area.left() + padding, area.center().y())

    return area.adjusted(-1, -1, 1, 1), draw


def pill_width(text: Text, hint: Text | None) -> float:
    """Pixels a pill takes, with the hint beside it."""
    return text.width + 22 + 2 * _mark(text) + (0 if hint is None else hint.width + 14)


def _mark(text: Text) -> float:
    """Half the width of the diamond in a pill, which grows with its text."""
    return max(round(text.height / 4), 4)


def rule_pill(
    left: float, middle: float, texts: tuple[Text, Text | None], ground: QColor, amber: QColor
) -> tuple[QRectF, Draw]:
    """The outlined pill that names the rule, with a diamond, and the hint beside it."""
    text, hint = texts
    size = _mark(text)
    width, high = round(pill_width(text, None)), round(text.height + 2 * TAG_MARGIN) - 1
    area = QRectF(round(left) + 0.5, round(middle - high / 2) + 0.5, width, high)
    full = area.adjusted(-1, -1, 1 + (0 if hint is None else hint.width + 16), 1)

    def draw(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(amber, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(area, high / 2, high / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(amber)
        painter.drawPolygon(diamond_shape(area.left() + 8 + size, area.center().y(), size))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        text.draw(painter, area.left() + 12 + 2 * size, area.center().y())
        if hint is not None:
            hint.draw(painter, area.right() + 13, area.center().y())

    return full, draw


def diamond_shape(x: float, y: float, size: float) -> QPolygonF:
    """A diamond of half-width `size` around a point."""
    return QPolygonF([QPointF(x, y - size), QPointF(x + size, y), QPointF(x, y + size), QPointF(x - size, y)])


def breach(x: float, y: float, floor: float, style: tuple[QColor, QColor, QPen]) -> tuple[QRectF, Draw]:
    """The diamond on the minute that fired, and the dotted line from it to the axis; `style`: fill, rim, drop."""
    fill, rim, drop = style

    def draw(painter: QPainter) -> None:
        painter.setPen(drop)
        painter.drawLine(QPointF(round(x), round(y + DIAMOND_PX + 2)), QPointF(round(x), floor))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(rim, 2))
        painter.setBrush(fill)
        painter.drawPolygon(diamond_shape(x, y, DIAMOND_PX))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    return QRectF(x - 10, y - 10, 20, max(floor - y, 10) + 11), draw


def hollow_point(x: float, y: float, ground: QColor, rim: QColor) -> tuple[QRectF, Draw]:
    """The newest point while it still moves."""

    def draw(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(rim, 1.5))
        painter.setBrush(ground)
        painter.drawEllipse(QPointF(x, y), 3.0, 3.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    return QRectF(x - 5, y - 5, 10, 10), draw


def hollow_diamond(x: float, y: float, ground: QColor, rim: QColor) -> tuple[QRectF, Draw]:
    """A line that changed after it was confirmed."""

    def draw(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(rim, 1.2))
        painter.setBrush(ground)
        painter.drawPolygon(diamond_shape(x, y, 3.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    return QRectF(x - 6, y - 6, 12, 12), draw


def words(
    left: float, middle: float, *texts: Text, ground: QColor | None = None, gap: float = 7.0
) -> tuple[QRectF, Draw]:
    """Texts side by side, on a ground of their own where curves lie beneath."""
    width = sum(text.width for text in texts) + gap * (len(texts) - 1)
    height = max(text.height for text in texts)
    area = QRectF(round(left) - 3, round(middle - height / 2), width + 6, height)

    def draw(painter: QPainter) -> None:
        if ground is not None:
            painter.fillRect(area, ground)
        x = left
        for text in texts:
            text.draw(painter, x, middle)
            x += text.width + gap

    return area.adjusted(-1, -2, 1, 2), draw


def leaders(lines: Sequence[Leader]) -> tuple[QRectF, Draw]:
    """The short lines from the curves' ends to their names."""
    ready = [(QPen(color, 1), QLineF(x0, y0, x1, y1)) for x0, y0, x1, y1, color in lines]
    for _, line in ready:
        if abs(line.dy()) <= 0.5:  # through the middle of a row of pixels: a level line stays sharp
            level = math.floor(line.y1()) + 0.5
            line.setLine(line.x1(), level, line.x2(), level)
    xs = [x for x0, _, x1, _, _ in lines for x in (x0, x1)]
    ys = [y for _, y0, _, y1, _ in lines for y in (y0, y1)]

    def draw(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for pen, line in ready:
            painter.setPen(pen)
            painter.drawLine(line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    return QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys))).adjusted(-1, -2, 1, 2), draw


def rule_line(x0: float, x1: float, y: float, pen: QPen) -> tuple[QRectF, Draw]:
    """A horizontal line: between panes."""

    def draw(painter: QPainter) -> None:
        painter.setPen(pen)
        painter.drawLine(QPointF(x0, y), QPointF(x1, y))

    return QRectF(x0, y - 1, x1 - x0 + 1, 3), draw


def rounded(value: Any) -> float:
    """A coordinate to a quarter pixel, for stamps."""
    return round(float(value) * 4) / 4
