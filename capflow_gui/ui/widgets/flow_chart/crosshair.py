"""The crosshair over both panes: two dashed lines, dots on the curves, tags on the axes, a table of the minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from capflow_gui.domain.flow import NET
from capflow_gui.ui.widgets.flow_chart.look import Fonts, Look, Text
from capflow_gui.ui.widgets.flow_chart.marks import Draw, label_box

ROW_HEIGHT = 19.0
_HEAD_HEIGHT = 26.0
_PADDING = 12.0
_COLUMN_GAP = 16.0
_SWATCH = 22.0
_PLACE_STEP = 14.0


@dataclass(frozen=True, slots=True)
class ReadoutLine:
    """One class in the table; figures are written out, `swatch` is a column of FlowSeries.values."""

    name: str
    column: int
    figures: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Readout:
    """What the crosshair stands on: a title, column heads, a line a class, an optional note."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[ReadoutLine, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the crosshair stands, in scene pixels. `y` is None where net is missing; `dots` are (y, column)."""

    x: float
    y: float | None
    dots: tuple[tuple[float, int], ...]
    time: str
    value: str


@dataclass(frozen=True, slots=True)
class Stage:
    """The scene around it: `panes` the plots' common rectangle, `axis_right` the scene's right end."""

    panes: QRectF
    axis_right: float
    time_middle: float


class ReadoutTable:
    """The table, laid out; `size` in pixels."""

    __slots__ = ("_look", "_rows", "_swatches", "_theme", "height", "width")

    def __init__(self, readout: Readout, look: Look, fonts: Fonts) -> None:
        theme = look.theme
        self._look = look
        self._theme = theme
        title = Text(readout.title, fonts.name, theme.text)
        heads = [Text(head, fonts.caption_plain, theme.dim) for head in readout.heads]
        names = [
            Text(line.name, fonts.name if index == 0 else fonts.axis, theme.text if index == 0 else theme.dim)
            for index, line in enumerate(readout.lines)
        ]
        figures = [
            [
                Text(text, fonts.value, self._figure_color(value))
                for text, value in zip(line.figures, line.values, strict=True)
            ]
            for line in readout.lines
        ]
        columns = [
            max([heads[i].width, *(row[i].width for row in figures)], default=heads[i].width) for i in range(len(heads))
        ]
        first = max([_SWATCH + name.width for name in names] + [title.width])
        note = Text(readout.note, fonts.caption_plain, theme.dim) if readout.note else None
        inner = first + sum(columns) + _COLUMN_GAP * len(columns)
        self.width = round(max(inner, note.width if note else 0) + 2 * _PADDING)
        self.height = round(_HEAD_HEIGHT + ROW_HEIGHT * len(names) + 8 + (ROW_HEIGHT if note else 0))
        rights = []
        right = self.width - _PADDING
        for column in reversed(columns):
            rights.append(right)
            right -= column + _COLUMN_GAP
        rights.reverse()
        middle = 15.0
        self._rows: list[tuple[float, float, Text]] = [(_PADDING, middle, title)]
        self._rows += [(at - head.width, middle, head) for at, head in zip(rights, heads, strict=True)]
        middle = _HEAD_HEIGHT + ROW_HEIGHT / 2
        swatches = []
        for line, name, row in zip(readout.lines, names, figures, strict=True):
            swatches.append((middle, line.column))
            self._rows.append((_PADDING + _SWATCH - 6, middle, name))
            self._rows += [(at - text.width, middle, text) for at, text in zip(rights, row, strict=True)]
            middle += ROW_HEIGHT
        if note:
            self._rows.append((_PADDING, middle, note))
        self._swatches = swatches

    def _figure_color(self, value: float) -> QColor:
        color = self._look.value_color(value)
        return self._theme.dim if color == self._theme.none else color

    def draw(self, painter: QPainter, left: float, top: float) -> None:
        """Draw with the upper left corner at a scene point."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(self._theme.line, 1))
        painter.setBrush(self._theme.raised)
        painter.drawRoundedRect(QRectF(left + 0.5, top + 0.5, self.width - 1, self.height - 1), 6, 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for middle, column in self._swatches:
            color = self._look.curve[column].color()
            painter.fillRect(QRectF(round(left + _PADDING - 2), round(top + middle - 1), 10, 2), color)
        for x, middle, text in self._rows:
            text.draw(painter, left + x, top + middle)


class _Part(pg.GraphicsObject):
    """A piece of the crosshair. Qt joins all that one item asks to repaint, so each piece is an item of its own."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self.setZValue(level)
        self.setVisible(False)
        self._box = QRectF(0, 0, 1, 1)
        self._draw: Draw | None = None

    def boundingRect(self) -> QRectF:
        """Where it stands."""
        return self._box

    def shape(self) -> QPainterPath:
        """Empty: the mouse passes through."""
        return QPainterPath()

    def put(self, box: QRectF, draw: Draw) -> None:
        """Stand somewhere, in scene pixels."""
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box
        self._draw = draw
        self.setVisible(True)
        self.update()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint it."""
        if self._draw is not None:
            self._draw(painter)


class Crosshair:
    """Lines and dots under the names of the curves, tags and table above everything."""

    def __init__(self, scene: QGraphicsScene) -> None:
        self._upright, self._level = _Part(15), _Part(15)
        self._time, self._value, self._readout = _Part(40), _Part(40), _Part(40)
        self._parts = (self._upright, self._level, self._time, self._value, self._readout)
        for part in self._parts:
            scene.addItem(part)
        self._y: float | None = None
        self._time_box = QRectF()

    def hide_it(self) -> None:
        """Take it away."""
        for part in self._parts:
            part.setVisible(False)

    def show_at(
        self,
        aim: Aim,
        stage: Stage,
        look: Look,
        fonts: Fonts,
        readout: tuple[ReadoutTable | None, QPointF],
    ) -> None:
        """Stand at `aim`; `readout` is the table and its corner, None where it is shown elsewhere."""
        panes, (table, corner) = stage.panes, readout
        self._upright.put(QRectF(aim.x - 5, panes.top(), 10, panes.height()), partial(_draw_upright, aim, panes, look))
        tags = _tags(aim, stage, look, fonts)
        self._time.put(*tags[0])
        self._y, self._time_box = aim.y, tags[0][0]
        if aim.y is None:
            self._level.setVisible(False)
            self._value.setVisible(False)
        else:
            box = QRectF(panes.left(), round(aim.y) - 1, panes.width(), 3)
            self._level.put(box, partial(_draw_level, aim.y, panes, look))
            self._value.put(*tags[1])
        if table is None:
            self._readout.setVisible(False)
        else:
            box = QRectF(corner.x(), corner.y(), table.width, table.height)
            self._readout.put(box, partial(table.draw, left=corner.x(), top=corner.y()))

    def tags(self) -> tuple[float | None, tuple[float, float]]:
        """Scene y of the tag on the money axis, and the scene x interval of the tag on the time axis."""
        return self._y, (self._time_box.left(), self._time_box.right())


def _draw_upright(aim: Aim, panes: QRectF, look: Look, painter: QPainter) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(look.cross)
    x = round(aim.x)
    painter.drawLine(QPointF(x, panes.top()), QPointF(x, panes.bottom()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    for dot_y, column in aim.dots:
        painter.setBrush(look.curve[column].color())
        radius = 4.0 if column == NET else 3.0
        painter.drawEllipse(QPointF(aim.x, dot_y), radius, radius)


def _draw_level(y: float, panes: QRectF, look: Look, painter: QPainter) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(look.cross)
    painter.drawLine(QPointF(panes.left(), round(y)), QPointF(panes.right(), round(y)))


def _tags(aim: Aim, stage: Stage, look: Look, fonts: Fonts) -> list[tuple[QRectF, Draw]]:
    """The tag on the time axis, then the one on the money axis."""
    theme, panes = look.theme, stage.panes
    time = Text(aim.time, fonts.tag, theme.text)
    left = min(max(aim.x - time.width / 2 - 7, 1.0), panes.right() - time.width - 15)
    tags = [label_box(left, stage.time_middle, time, theme.raised, theme.line2)]
    if aim.y is not None:
        value = Text(aim.value, fonts.tag, theme.text)
        padding = max(4.0, (stage.axis_right - panes.right() - 2 - value.width) / 2)
        tags.append(label_box(panes.right() + 1, aim.y, value, theme.raised, theme.line2, padding=padding))
    return tags


def corners(
    panes: QRectF, width: float, height: float, head: float, foot: float
) -> Sequence[tuple[float, float, float, float]]:
    """Where the table may stand, along the left side and then the right, lowest first; (left, top, width, height)."""
    left, right = panes.left() + 8, panes.right() - width - 8
    top, bottom = panes.top() + head, max(panes.bottom() - height - foot, panes.top() + head)
    count = max(int((bottom - top) // _PLACE_STEP), 1)
    ys = [bottom - (bottom - top) * i / count for i in range(count + 1)]
    return [(x, round(y), width, height) for x in (left, right) for y in ys]
