"""The line over a tile's chart: whose flow it is, net, share of turnover, alert and age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.present import numbers
from capflow_gui.present.language.texts import _
from capflow_gui.ui import shapes
from capflow_gui.ui.help.hover import Explained
from capflow_gui.ui.models.figures import AgeTone, Figures, Look
from capflow_gui.ui.theme import Face, Role, Theme
from capflow_gui.ui.words import is_snoozed, pill_texts

if TYPE_CHECKING:
    from capflow_gui.ui.chart.crosshair import Readout

HEIGHT = 40
_LEFT, _GAP, _SPINE, _ARROW = 12.0, 9.0, 4.0, 14.0
# A narrower head has no room for words beside its figures.
_ROOM_FOR_WORDS = 420
_VCENTER = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class TileHead(QWidget):
    """Drawn from a row's figures; what has no room goes: name, share, the pill's words, the age of a live row.

    After that the net is written smaller.

    `active` draws the line over the tile that the keys follow. opened: a double click.
    """

    opened = Signal()
    NO_AGE = "", AgeTone.FAINT

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._figures: Figures | None = None
        self._age: tuple[str, AgeTone] = self.NO_AGE
        self._sentence = ""
        self._readout: Readout | None = None
        self._flags = (False, False, False)
        self._own_scale = False
        self._places: list[tuple[float, float, str]] = []  # where figures were drawn: left, right, key
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        Explained(self, self.figure_at)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self._code, self._small = theme.sized_face(11.5, 650), theme.face(Role.CAPTION)
        self._nets = theme.face(Role.ROW_NET), theme.sized_face(11.5, 600), theme.sized_face(10, 600)
        self._share = theme.face(Role.FIGURE)
        self._cell, self._strong = theme.face(Role.SENTENCE), theme.face(Role.SENTENCE_STRONG)
        self.setFixedHeight(theme.px(HEIGHT))
        self.update()

    def show_figures(self, figures: Figures | None, age: tuple[str, AgeTone], sentence: str) -> None:
        """Show a row; `age` is its age cell, `sentence` why its figures are not true now, or how they are."""
        if (figures, age) != (self._figures, self._age) or sentence != self._sentence:
            self._figures, self._age, self._sentence = figures, age, sentence
            self.setToolTip(sentence)
            self.update()

    def show_readout(self, readout: Readout | None) -> None:
        """Show the crosshair's minute in place of the figures; None brings them back."""
        if readout != self._readout:
            self._readout = readout
            self.update()

    def mark(self, *, active: bool, pinned: bool, target: bool) -> None:
        """Whether the keys follow this tile, it keeps its symbol, and what is carried may be let go here."""
        if (active, pinned, target) != self._flags:
            self._flags = active, pinned, target
            self.update()

    def set_own_scale(self, own: bool) -> None:
        """Whether to say that this chart is not on the scale of the others."""
        if own != self._own_scale:
            self._own_scale = own
            self.update()

    def figure_at(self, point: QPoint) -> str:
        """The key of the figure at a point; "" where there is none."""
        if self._readout is not None:
            return ""
        return next((key for left, right, key in self._places if left <= point.x() <= right), "")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge the tile."""
        event.accept()
        self.opened.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint all of it."""
        painter, theme, figures = QPainter(self), self._theme, self._figures
        active, pinned, target = self._flags
        self._places = []
        painter.fillRect(self.rect(), theme.raised if target else theme.panel)
        if active or target:
            painter.fillRect(QRectF(0, 0, self.width(), 2), theme.accent)
        if figures is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        alert = figures.row.alert
        if alert is not None and not is_snoozed(figures.row):
            wide, color = (_SPINE, theme.alert) if alert.waiting else (2.0, theme.alert_text)
            painter.fillRect(QRectF(0, 0, wide, self.height()), color)
        right = self._paint_end(painter, figures, pinned=pinned)
        x = self._draw(painter, (self._code, theme.text), _LEFT * theme.scale, right, str(figures.row.symbol))
        if self._readout is not None:
            self._paint_readout(painter, self._readout, x, right)
        elif figures.look is not Look.SENTENCE:
            self._paint_figures(painter, figures, x, right)

    def _needed(self, figures: Figures, face: Face) -> float:
        """The room of symbol and net, the net in a face."""
        net = 0.0 if figures.look is Look.SENTENCE else face.width(numbers.compact(figures.net))
        return (_LEFT + _GAP + _ARROW) * self._theme.scale + self._code.width(str(figures.row.symbol)) + net

    def _paint_end(self, painter: QPainter, figures: Figures, *, pinned: bool) -> float:
        """Age or state at the right end, a pill before it; gives where the figures must end."""
        theme, gap = self._theme, _GAP * self._theme.scale
        text, tone = self._age
        if (
            tone is AgeTone.FAINT
            and self._needed(figures, self._nets[-1]) + 2 * gap + self._cell.width(text) > self.width()
        ):
            text = ""
        if tone is AgeTone.AMBER:
            text = _("stale {age}").format(age=text)
        right = float(self.width()) - gap
        face = self._strong if tone is AgeTone.AMBER else self._cell
        colors = {AgeTone.FAINT: theme.faint, AgeTone.TEXT: theme.text, AgeTone.AMBER: theme.alert_text}
        right -= face.width(text)
        self._draw(painter, (face, colors.get(tone, theme.dim)), right, float(self.width()), text)
        self._places.append((right, float(self.width()), "age"))
        words = [*([_("own scale")] if self._own_scale else []), *([_("pinned")] if pinned else [])]
        for said in words if self.width() >= theme.px(_ROOM_FOR_WORDS) else words[: self._own_scale]:
            right -= self._small.width(said) + gap
            self._draw(painter, (self._small, theme.dim), right, float(self.width()), said)
        texts, filled = pill_texts(figures.row)
        if not texts:
            return right - gap
        least = self._needed(figures, self._nets[0]) + gap
        sized = [(each, shapes.pill_size(each, theme, diamond=filled)[0]) for each in texts]
        fitting = [each for each in sized if right - gap - each[1] >= least]
        if not fitting:  # the spine says it, and the chart
            return right - gap
        text, wide = fitting[0]
        height = shapes.pill_size(text, theme, diamond=filled)[1]
        box = QRectF(right - gap - wide, (self.height() - height) / 2, wide, height)
        shapes.draw_pill(painter, box, text, theme, filled=filled, quiet=is_snoozed(figures.row))
        self._places.append((box.left(), box.right(), "alert"))
        return box.left() - gap

    def _paint_figures(self, painter: QPainter, figures: Figures, x: float, right: float) -> None:
        theme, gap, true = self._theme, _GAP * self._theme.scale, figures.look is Look.TRUE
        net, share = numbers.compact(figures.net), numbers.percent(figures.of_turnover)
        arrow = _ARROW * theme.scale
        face = next((face for face in self._nets if x + gap + arrow + face.width(net) <= right), self._nets[-1])
        needed = gap + arrow + face.width(net)
        both = needed + gap + self._share.width(share)
        name = figures.row.name
        room = right - x - both - 8 * theme.scale
        if name and room >= min(self._small.width(name), 40 * theme.scale):
            x = self._draw(painter, (self._small, theme.dim), x + 8 * theme.scale, x + 8 * theme.scale + room, name)
        if x + needed > right:
            return
        color = theme.direction(numbers.as_shown(figures.net, net), true=true)
        at = QPointF(x + gap + 5 * theme.scale, self.height() / 2)
        shapes.draw_arrow(painter, at, numbers.as_shown(figures.net, net), color, 4 * theme.scale)
        left, x = x + gap, self._draw(painter, (face, color), x + gap + arrow, right, net)
        self._places.append((left, x, "net"))
        if share != numbers.MISSING and x + gap + self._share.width(share) <= right:
            color = theme.direction(numbers.as_shown(figures.of_turnover, share), true=true)
            end = self._draw(painter, (self._share, color), x + gap, right, share)
            self._places.append((x + gap, end, "turnover"))

    def _paint_readout(self, painter: QPainter, readout: Readout, x: float, right: float) -> None:
        theme, gap = self._theme, _GAP * self._theme.scale
        x = self._draw(painter, (self._share, theme.text), x + gap, right, readout.title)
        for line in readout.lines:
            wide = self._small.width(line.name) + 5 + self._share.width(line.figures[0])
            if x + gap + wide > right:
                return
            x = self._draw(painter, (self._small, theme.dim), x + gap, right, line.name)
            true = self._figures is not None and self._figures.look is Look.TRUE
            color = theme.direction(numbers.as_shown(line.values[0], line.figures[0]), true=true)
            x = self._draw(painter, (self._share, color), x + 5, right, line.figures[0])

    def _draw(self, painter: QPainter, style: tuple[Face, QColor], x: float, right: float, text: str) -> float:
        """Draw a text from `x`, elided at `right`; gives its right end."""
        face, color = style
        text = face.elided(text, right - x)
        painter.setFont(face.font)
        painter.setPen(color)
        painter.drawText(QRectF(round(x), 0, face.width(text) + 4, self.height()), _VCENTER, text)
        return x + face.width(text)
