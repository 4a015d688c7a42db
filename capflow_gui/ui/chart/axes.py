"""The two axes: pyqtgraph's AxisItem with our own labels, laid out once and played until a range changes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from capflow_gui.present.numbers import Unit, tick_labels
from capflow_gui.ui.chart.geometry import Span, readable_ticks
from capflow_gui.ui.chart.labels import Mark, place
from capflow_gui.ui.chart.look import Fonts, Look, Text

LABEL_OFFSET = 8.0
_AXIS_HEIGHT = 26.0
_LEAST_WIDTH = 62.0


Interval = tuple[float, float]
Touches = Callable[[QRectF], bool]


class Drawing:
    """A laid-out axis; stands where AxisItem keeps its QPicture, which would lose the fonts' figure widths.

    `texts` are (left, middle, text), `boxes` what each touches, `spans` the pixels each takes along the axis, `hidden`
    those under a tag.
    """

    __slots__ = ("_hull", "_lines", "boxes", "hidden", "spans", "texts")

    def __init__(
        self,
        lines: list[tuple[QPen, QLineF]],
        texts: list[tuple[float, float, Text]],
        spans: list[Interval],
    ) -> None:
        self._lines = lines
        self.texts = texts
        self.boxes = [
            QRectF(x - 2, middle - text.height / 2 - 1, text.width + 4, text.height + 2) for x, middle, text in texts
        ]
        self._hull = QRectF()
        for box in self.boxes:
            self._hull |= box
        self.spans = spans
        self.hidden: frozenset[int] = frozenset()

    def covered(self, tags: Sequence[Interval]) -> frozenset[int]:
        """Which labels lie under one of `tags`."""
        found = []
        for low, high in tags:
            found += [index for index, (begin, end) in enumerate(self.spans) if begin < high and low < end]
        return frozenset(found)

    def play(self, painter: QPainter, touches: Touches) -> None:
        """Draw the labels that `touches` says are exposed; it is asked in the axis' own pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for pen, line in self._lines:
            painter.setPen(pen)
            painter.drawLine(line)
        if not touches(self._hull):
            return  # a plot that is drawn anew dirties a pixel or two of its axis, and no label
        for index, (x, middle, text) in enumerate(self.texts):
            if index not in self.hidden and touches(self.boxes[index]):
                text.draw(painter, x, middle)


class Axis(pg.AxisItem):
    """Fixed size, no SI prefixes, nothing but what `lay_out` returns."""

    picture: Any  # AxisItem clears it when a range or the size changes; here it holds a Drawing

    def __init__(self, orientation: str, look: Look, fonts: Fonts, touches: Touches) -> None:
        super().__init__(orientation)
        self._touches = touches
        # hideOverlappingLabels keeps the bounding rectangle to the axis itself, off the plot's dirty strips.
        self.setStyle(tickLength=0, hideOverlappingLabels=True, autoExpandTextSpace=False, maxTickLevel=0)
        self.enableAutoSIPrefix(False)
        self._look = look
        self._fonts = fonts
        self._tags: tuple[Interval, ...] = ()
        self._texts: dict[str, Text] = {}

    def updateAutoSIPrefix(self) -> None:
        """There is no label to write a prefix into; pyqtgraph would lay an empty one out at every range."""

    def boundingRect(self) -> QRectF:
        """The axis itself; asked for at every paint of anything."""
        rect: QRectF = self.rect()
        return rect

    def set_look(self, look: Look, fonts: Fonts) -> None:
        """Change colours and fonts."""
        self._look, self._fonts = look, fonts
        self._texts = {}
        self.refresh()

    def refresh(self) -> None:
        """Lay the labels out again at the next paint."""
        self.picture = None
        self.update()

    def set_tags(self, tags: Sequence[Interval]) -> None:
        """Pixels along the axis that tags cover: a label under a tag is hidden."""
        self._tags = tuple(tags)
        if self.picture is None:
            return
        hidden = self.picture.covered(self._tags)
        changed = hidden ^ self.picture.hidden
        self.picture.hidden = hidden
        for index in changed:
            self.update(self.picture.boxes[index])

    def under(self, tags: Sequence[Interval]) -> list[QRectF]:
        """The scene rectangles of the labels that can be read and lie under `tags`, pixels along the axis."""
        drawing, origin = self.drawing(), self.scenePos()
        return [drawing.boxes[index].translated(origin) for index in drawing.covered(tags) - drawing.hidden]

    def drawing(self) -> Drawing:
        """The axis as it stands."""
        drawing: Drawing | None = self.picture
        if drawing is None:
            drawing = self.picture = self.lay_out(self.size())
            drawing.hidden = drawing.covered(self._tags)
        return drawing

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Play the laid-out labels."""
        origin = self.scenePos()
        self.drawing().play(painter, lambda box: self._touches(box.translated(origin)))

    @abstractmethod
    def lay_out(self, size: QSizeF) -> Drawing:
        """The axis at this size, in its own pixels."""

    def _text(self, words: str, made: dict[str, Text]) -> Text:
        """A label of the layout that `made` belongs to; one the layout before had is taken over."""
        text = made.get(words)
        if text is None:
            text = made[words] = self._texts.get(words) or Text(words, self._fonts.axis, self._look.theme.dim)
        return text

    @property
    def texts(self) -> list[str]:
        """The labels that can be read."""
        drawing = self.drawing()
        return [text.text for index, (_, _, text) in enumerate(drawing.texts) if index not in drawing.hidden]


class MoneyAxis(Axis):
    """Amounts at the right: 1-2-5 steps, signed, the unit being the caption's."""

    def __init__(self, look: Look, fonts: Fonts, touches: Touches, *, apart: float = 34.0) -> None:
        super().__init__("right", look, fonts, touches)
        self._unit = Unit("", 1.0)
        self._apart = apart
        self.setWidth(self.needed_width())

    def set_unit(self, unit: Unit) -> None:
        """Amounts are divided by the unit's factor."""
        if unit != self._unit:
            self._unit = unit
            self.refresh()

    def _span(self) -> Span:
        return Span(*self.range)

    def ticks(self) -> list[float]:
        """The amounts labelled, those hidden by tags or cut by the ends included."""
        fonts, height, span = self._fonts, max(float(self.size().height()), 1.0), self._span()
        one = self._unit.factor if self._unit.suffix == "%" else 1.0  # per cent are round as per cent, money as money
        found = readable_ticks(
            Span(span.low / one, span.high / one), height, fonts.axis.height, self._apart * fonts.scale
        )
        return [value * one for value in found]

    def _y(self, value: float) -> float:
        span, height = self._span(), float(self.size().height())
        return height - (value - span.low) / span.size * height

    def needed_width(self) -> float:
        """Pixels for the widest label, with room at both ends."""
        widths = [LABEL_OFFSET + self._fonts.tag.width(text) + 12 for text in tick_labels(self.ticks(), self._unit)]
        return max([_LEAST_WIDTH * self._fonts.scale, *widths])

    def lay_out(self, size: QSizeF) -> Drawing:
        """Labels that are wholly inside, and the line against the plot."""
        height = size.height()
        values = self.ticks()
        pen = QPen(self._look.theme.line, 1)
        placed, spans = [], []
        made: dict[str, Text] = {}
        for value, label in zip(values, tick_labels(values, self._unit), strict=True):
            text = self._text(label, made)
            y = self._y(value)
            if text.height / 2 - 0.5 <= y <= height - text.height / 2 + 0.5:
                placed.append((LABEL_OFFSET, y, text))
                spans.append((y - text.height / 2 + 2, y + text.height / 2 - 2))
        self._texts = made
        return Drawing([(pen, QLineF(QPointF(0, 0), QPointF(0, height)))], placed, spans)


class TimeAxis(Axis):
    """Labels from a table; every label is whole, those at the ends are moved inwards."""

    def __init__(self, look: Look, fonts: Fonts, touches: Touches) -> None:
        super().__init__("bottom", look, fonts, touches)
        self._marks: Callable[[Span, float, Callable[[str], float]], Sequence[Mark]] = lambda *_: []
        self._seams: tuple[int, ...] = ()
        self.setHeight(axis_height(fonts))

    def set_look(self, look: Look, fonts: Fonts) -> None:
        """Change colours, fonts and height."""
        super().set_look(look, fonts)
        self.setHeight(axis_height(fonts))

    def set_marks(
        self, marks: Callable[[Span, float, Callable[[str], float]], Sequence[Mark]], seams: tuple[int, ...] = ()
    ) -> None:
        """`marks(range, pixels, measure)` gives the labels wanted, those that win the room first."""
        self._marks, self._seams = marks, seams
        self.refresh()

    def lay_out(self, size: QSizeF) -> Drawing:
        """The labels that found room, and a stroke at each seam."""
        width, height = size.width(), size.height()
        span = Span(*self.range)
        theme = self._look.theme
        made: dict[str, Text] = {}

        def measure(text: str) -> float:
            return self._text(text, made).width

        middle = height / 2
        texts: list[tuple[float, float, Text]] = [
            (label.left, middle, made[label.text])
            for label in place(self._marks(span, width, measure), span, width, measure)
        ]
        self._texts = made
        lines: list[tuple[QPen, QLineF]] = [(QPen(theme.line, 1), QLineF(0, 0, width, 0))]
        for seam in self._seams:
            if span.holds(seam):
                x = round((seam - span.low) / span.size * width)
                lines.append((QPen(theme.dim, 1), QLineF(x, middle - 7, x, middle + 7)))
        return Drawing(lines, texts, [(x - 2, x + text.width + 2) for x, _, text in texts])


def axis_height(fonts: Fonts) -> int:
    """Pixels of a time axis."""
    return round(_AXIS_HEIGHT * fonts.scale)
