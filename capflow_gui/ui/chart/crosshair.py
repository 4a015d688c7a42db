"""The crosshair over both panes: two dashed lines, dots on the curves, tags on the axes, a table of the minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from capflow_gui.domain.flow import NET
from capflow_gui.present.numbers import as_shown
from capflow_gui.ui.chart.axes import Touches
from capflow_gui.ui.chart.look import Fonts, Look, Text
from capflow_gui.ui.chart.marks import Draw, label_box

_ROW_HEIGHT = 19.0
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
class AxisTag:
    """A figure on an axis at scene `y`, at the right or the `left` of the panes."""

    y: float
    text: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the crosshair stands, in scene pixels. `y` is None where net is missing; `dots` are (y, column).

    The tag of `value` stands at `tag_y`, or at `y`. `more` is on the axes beside that of `value`.
    """

    x: float
    y: float | None
    dots: tuple[tuple[float, int], ...]
    time: str
    value: str
    more: tuple[AxisTag, ...] = ()
    tag_y: float | None = None

    @property
    def tag_at(self) -> float | None:
        """The scene y of the tag of `value`; None where there is none."""
        return self.y if self.tag_y is None else self.tag_y


@dataclass(frozen=True, slots=True)
class Stage:
    """The scene around it: `panes` the plots' common rectangle, `axis_right` the scene's right end."""

    panes: QRectF
    axis_right: float
    time_middle: float


Cell = tuple[float, float, Text]  # left and middle in the table, what stands there


def _cell_box(cell: Cell) -> QRectF:
    x, middle, text = cell
    return QRectF(x - 1, middle - text.height / 2 - 1, text.width + 2, text.height + 2)


class ReadoutTable:
    """The table: laid out anew for each readout, of texts that are kept while they say the same. Sizes in pixels."""

    __slots__ = ("_cells", "_fonts", "_heads", "_look", "_swatches", "_widths", "height", "width")

    def __init__(self, look: Look, fonts: Fonts) -> None:
        self._look, self._fonts = look, fonts
        self._cells: list[Cell] = []
        self._heads: tuple[object, ...] = ()
        self._widths: list[float] = []
        self._swatches: list[tuple[float, int]] = []
        self.width = self.height = 0

    def show(self, readout: Readout) -> list[QRectF] | None:
        """Lay out a readout. The rectangles that changed, in the table; None when all of it has."""
        old, size = self._cells, (self.width, self.height)
        heads = (readout.heads, tuple(line.name for line in readout.lines))
        if heads != self._heads:
            self._heads, self._widths, old = heads, [], []
        rows = self._texts(readout, old)
        self._lay_out(readout, rows)
        if len(old) != len(self._cells) or size != (self.width, self.height):
            return None
        title, figures = QRectF(), QRectF()
        for index, pair in enumerate(zip(old, self._cells, strict=True)):
            if pair[0] != pair[1]:
                box = _cell_box(pair[0]) | _cell_box(pair[1])
                title, figures = (box, figures) if index == 0 else (title, figures | box)
        return [box for box in (title, figures) if not box.isEmpty()]

    def _texts(self, readout: Readout, old: list[Cell]) -> list[list[Text]]:
        """Title and heads, a row for each line, the note; a text that says the same is the one there was."""
        theme, fonts = self._look.theme, self._fonts
        heads = ((head, fonts.caption_plain, theme.dim) for head in readout.heads)
        wanted = [[(readout.title, fonts.name, theme.text), *heads]]
        for index, line in enumerate(readout.lines):
            face, color = (fonts.name, theme.text) if index == 0 else (fonts.axis, theme.dim)
            figures = zip(line.figures, line.values, strict=True)
            wanted.append(
                [(line.name, face, color), *((f, fonts.value, self._figure_color(as_shown(v, f))) for f, v in figures)]
            )
        if readout.note:
            wanted.append([(readout.note, fonts.caption_plain, theme.dim)])
        kept = iter(old)
        rows: list[list[Text]] = []
        for row in wanted:
            rows.append([])
            for text, face, color in row:
                cell = next(kept, None)
                same = cell is not None and cell[2].text == text and cell[2].color == color and cell[2].face is face
                rows[-1].append(cell[2] if cell is not None and same else Text(text, face, color))
        return rows

    def _lay_out(self, readout: Readout, rows: list[list[Text]]) -> None:
        """Columns are as wide as the widest figure they have held: the table does not jump about."""
        lines = rows[1 : 1 + len(readout.lines)]
        widths = [
            max(rows[0][0].width, *(_SWATCH + row[0].width for row in lines)),
            *(max(row[i].width for row in rows[: 1 + len(lines)]) for i in range(1, len(rows[0]))),
        ]
        widths = self._widths = [max(pair) for pair in zip(widths, self._widths or widths, strict=True)]
        note = rows[-1][0] if readout.note else None
        inner = sum(widths) + _COLUMN_GAP * (len(widths) - 1)
        self.width = round(max(inner, note.width if note else 0) + 2 * _PADDING)
        row_height, head = _ROW_HEIGHT * self._fonts.scale, _HEAD_HEIGHT * self._fonts.scale
        self.height = round(head + row_height * (len(lines) + bool(note)) + 8)
        rights = [float(self.width - _PADDING)]
        for width in reversed(widths[2:]):
            rights.insert(0, rights[0] - width - _COLUMN_GAP)
        self._cells, self._swatches = [], []
        middle = 15.0 * self._fonts.scale
        for index, row in enumerate(rows[: 1 + len(lines)]):
            left = _PADDING if index == 0 else _PADDING + _SWATCH - 6
            self._cells.append((left, middle, row[0]))
            self._cells += [(at - text.width, middle, text) for at, text in zip(rights, row[1:], strict=True)]
            if index:
                self._swatches.append((middle, readout.lines[index - 1].column))
            middle = middle + row_height if index else head + row_height / 2
        if note:
            self._cells.append((_PADDING, middle, note))

    def _figure_color(self, value: float) -> QColor:
        color = self._look.value_color(value)
        return self._look.theme.dim if color == self._look.theme.none else color

    def draw(self, painter: QPainter, left: float, top: float, touches: Touches) -> None:
        """Draw with the upper left corner at a scene point: the cells that `touches` says are exposed."""
        theme = self._look.theme
        edge = QRectF(left, top, self.width, 6), QRectF(left, top, 6, self.height)
        if any(
            touches(side) or touches(side.translated(self.width - side.width(), self.height - side.height()))
            for side in edge
        ):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(theme.line, 1))
            painter.setBrush(theme.raised)
            painter.drawRoundedRect(QRectF(left + 0.5, top + 0.5, self.width - 1, self.height - 1), 6, 6)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        else:
            painter.fillRect(QRectF(left + 6, top + 6, self.width - 12, self.height - 12), theme.raised)
        for middle, column in self._swatches:
            box = QRectF(round(left + _PADDING - 2), round(top + middle - 1), 10, 2)
            painter.fillRect(box, self._look.curve[column].color())
        for x, middle, text in self._cells:
            if touches(_cell_box((left + x, top + middle, text))):
                text.draw(painter, left + x, top + middle)


class _Part:
    """A piece of the crosshair: the scene rectangle it touches, and how it is drawn."""

    __slots__ = ("_draw", "_update", "box", "is_shown")

    def __init__(self, update: Callable[[QRectF], None]) -> None:
        self._update = update
        self.box = QRectF()
        self.is_shown = False
        self._draw: Draw | None = None

    def put(self, box: QRectF, draw: Draw, changed: list[QRectF] | None = None) -> None:
        """Stand somewhere, in scene pixels; `changed` is what differs from what stood there, None for all of it."""
        if not self.is_shown or box != self.box:
            self.hide()
            changed = None
        self._draw, self.box, self.is_shown = draw, box, True
        for each in (box,) if changed is None else changed:
            self._update(each)

    def hide(self) -> None:
        """Take it away."""
        if self.is_shown:
            self.is_shown = False
            self._update(self.box)

    def paint(self, painter: QPainter, touches: Touches) -> None:
        """Paint it where it stands in what is exposed."""
        if self.is_shown and self._draw is not None and touches(self.box):
            self._draw(painter)


class Crosshair:
    """Lines and dots under the names of the curves, tags and table above everything.

    It is drawn over the scene and is no part of it: the scene stays as it is while the crosshair moves. `update`
    has a scene rectangle painted, `touches` tells whether one is being painted.
    """

    def __init__(self, update: Callable[[QRectF], None], touches: Touches) -> None:
        self._update, self._touches = update, touches
        self._upright, self._level = _Part(update), _Part(update)
        self._time, self._value, self._readout = _Part(update), _Part(update), _Part(update)
        self._more: list[_Part] = []
        self.covered: list[QRectF] = []
        self._ground = QColor()

    @property
    def is_shown(self) -> bool:
        """Whether it stands somewhere."""
        return self._upright.is_shown

    @property
    def value_box(self) -> QRectF:
        """The scene rectangle of the tag on the money axis, where it has one."""
        return self._value.box

    def hide_it(self) -> None:
        """Take it away."""
        for part in (self._upright, self._level, self._time, self._value, self._readout, *self._more):
            part.hide()
        self.cover([])

    def cover(self, labels: list[QRectF]) -> None:
        """Hide labels of the axes, by the scene rectangles they fill: they lie under a tag."""
        for box in (*labels, *self.covered):
            if box not in labels or box not in self.covered:
                self._update(box)
        self.covered = labels

    def show_at(
        self,
        aim: Aim,
        stage: Stage,
        look: Look,
        fonts: Fonts,
        readout: tuple[ReadoutTable | None, QPointF, list[QRectF] | None],
    ) -> None:
        """Stand at `aim`; `readout` is the table, its corner and what changed; no table where it is shown elsewhere."""
        panes, (table, corner, changed) = stage.panes, readout
        self._ground = look.theme.panel
        self._upright.put(QRectF(aim.x - 5, panes.top(), 10, panes.height()), partial(_draw_upright, aim, panes, look))
        tags = _tags(aim, stage, look, fonts)
        self._time.put(*tags[0])
        if aim.y is None:
            self._level.hide()
            self._value.hide()
        else:
            box = QRectF(panes.left(), round(aim.y) - 1, panes.width(), 3)
            self._level.put(box, partial(_draw_level, aim.y, panes, look))
            self._value.put(*tags[1])
        self._put_more(aim, stage, look, fonts)
        if table is None:
            self._readout.hide()
        else:
            box = QRectF(corner.x(), corner.y(), table.width, table.height)
            draw = partial(table.draw, left=corner.x(), top=corner.y(), touches=self._touches)
            self._readout.put(box, draw, changed and [part.translated(corner) for part in changed])

    def _put_more(self, aim: Aim, stage: Stage, look: Look, fonts: Fonts) -> None:
        while len(self._more) < len(aim.more):
            self._more.append(_Part(self._update))
        for part, tag in zip(self._more, aim.more, strict=False):
            part.put(*_axis_tag(tag, stage, look, fonts))
        for part in self._more[len(aim.more) :]:
            part.hide()

    @property
    def times(self) -> tuple[float, float]:
        """The scene x interval of the tag on the time axis."""
        return self._time.box.left(), self._time.box.right()

    def paint(self, painter: QPainter, paint_marks: Draw) -> None:
        """Paint what is exposed of it; `paint_marks` is to be called between what lies below the marks and above."""
        for box in self.covered:
            if self._touches(box):
                painter.fillRect(box, self._ground)
        for part in (self._upright, self._level):
            part.paint(painter, self._touches)
        paint_marks(painter)
        for part in (self._time, self._value, *self._more, self._readout):
            part.paint(painter, self._touches)


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
    if aim.tag_at is not None:
        tags.append(_axis_tag(AxisTag(aim.tag_at, aim.value), stage, look, fonts))
    return tags


def _axis_tag(tag: AxisTag, stage: Stage, look: Look, fonts: Fonts) -> tuple[QRectF, Draw]:
    """A tag as wide as its axis."""
    theme, panes = look.theme, stage.panes
    text = Text(tag.text, fonts.tag, theme.text)
    left, right = (1.0, panes.left()) if tag.left else (panes.right() + 1, stage.axis_right - 1)
    padding = max(4.0, (right - left - text.width) / 2)
    return label_box(left, tag.y, text, theme.raised, theme.line2, padding=padding)


def corners(
    panes: QRectF, width: float, height: float, head: float, foot: float
) -> Sequence[tuple[float, float, float, float]]:
    """Where the table may stand, lowest first; (left, top, width, height).

    Along the left side, then the right, then in the middle.
    """
    return _corners((panes.left(), panes.top(), panes.right(), panes.bottom()), width, height, head, foot)


@lru_cache(maxsize=32)
def _corners(
    sides: tuple[float, float, float, float], width: float, height: float, head: float, foot: float
) -> Sequence[tuple[float, float, float, float]]:
    left, right = sides[0] + 8, sides[2] - width - 8
    top, bottom = sides[1] + head, max(sides[3] - height - foot, sides[1] + head)
    count = max(int((bottom - top) // _PLACE_STEP), 1)
    ys = [bottom - (bottom - top) * i / count for i in range(count + 1)]
    return [(x, round(y), width, height) for x in (left, right, (left + right) / 2) for y in ys]
