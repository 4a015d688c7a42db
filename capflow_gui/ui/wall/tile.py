"""What a tile of the wall says, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from capflow_gui.present import numbers
from capflow_gui.present.language.texts import _
from capflow_gui.ui import shapes
from capflow_gui.ui.models.figures import AgeTone, Figures, Look, is_number, spark_points
from capflow_gui.ui.theme import Face, Role, Theme
from capflow_gui.ui.wall.colors import fills, ink_on, step_of
from capflow_gui.ui.watchlist.sparkline import polygon
from capflow_gui.ui.words import is_snoozed, pill_texts

PADDING = 8.0
_WIDEST_CODE, _WIDEST_SHARE = "600519", "−10.5%"
_ALERT, _ACKNOWLEDGED = 5.0, 2.0
# A tile in which words have their usual size; in larger ones they grow, by so much at most.
_USUAL, _MOST = QSizeF(210, 160), 3.0
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Detail(Enum):
    """How much a tile has room for: code without market, and share; market and amount too; name, day and pill too."""

    LEAST = auto()
    MORE = auto()
    ALL = auto()


@dataclass(frozen=True, slots=True)
class Tile:
    """What is drawn. `state` is why the figure is not true now, empty where it is; `loud` in amber."""

    figures: Figures
    state: str = ""
    loud: bool = False

    @property
    def true(self) -> bool:
        """Whether the share of turnover is true now or final."""
        return self.figures.look is Look.TRUE and is_number(self.figures.of_turnover)


def tile_of(figures: Figures, age: tuple[str, AgeTone]) -> Tile:
    """A row as a tile; `age` is its age cell."""
    words, tone = age
    if figures.look is Look.TRUE:
        return Tile(figures, "" if is_number(figures.of_turnover) else _("turnover not known"))
    if tone is AgeTone.AMBER:
        return Tile(figures, _("stale {age}").format(age=words), loud=True)
    return Tile(figures, _("check failed"), loud=True) if figures.row.flagged else Tile(figures, words)


class TilePainter:
    """Holds the theme's colours and fonts."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.fills = fills(theme)
        self._inks = {step: ink_on(fill) for step, fill in self.fills.items()}
        self._small_code, self._middle_code = theme.face(Role.CAPTION_STRONG), theme.sized_face(10.5, 650)
        self._small_share, self._middle_share = theme.face(Role.SENTENCE_STRONG), theme.face(Role.FIGURE)
        self.fit(QSizeF())

    def fit(self, size: QSizeF) -> None:
        """Write in the size that tiles of a size are read at from afar; they have one size for all."""
        theme, usual = self._theme, _USUAL * self._theme.scale
        by = min(size.width() / usual.width(), size.height() / usual.height())
        self._by = by = min(max(round(5 * by) / 5, 1.0), _MOST)
        self._code, self._share = theme.sized_face(10.5 * by, 650), theme.sized_face(17 * by, 700)
        self._name, self._strong = theme.sized_face(8.6 * by, 500), theme.sized_face(9 * by, 650)

    def least(self) -> QSizeF:
        """The smallest tile that can be read."""
        arrow = 0.6 * self._small_share.height
        wide = max(self._small_code.width(_WIDEST_CODE), self._small_share.width(_WIDEST_SHARE) + arrow) + 10
        return QSizeF(wide, self._small_code.height + self._small_share.height + 6)

    def detail(self, size: QSizeF) -> Detail:
        """What a tile of a size has room for."""
        scale = self._theme.scale
        if size.width() >= 108 * scale and size.height() >= 108 * scale:
            return Detail.ALL
        more = self._middle_code.height + self._middle_share.height + self._small_share.height + 12
        return Detail.MORE if size.width() >= 84 * scale and size.height() >= more else Detail.LEAST

    def paint(self, painter: QPainter, box: QRectF, tile: Tile, *, current: bool) -> None:
        """Draw a tile over all of its box."""
        theme, figures = self._theme, tile.figures
        step = step_of(figures.of_turnover) if tile.true else 0
        ink = self._inks[step] if tile.true else theme.text
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.fills[step] if tile.true else theme.panel)
        painter.drawRoundedRect(box, 3, 3)
        if not tile.true:
            painter.setBrush(QBrush(theme.line, Qt.BrushStyle.BDiagPattern))
            painter.setPen(theme.line2)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        self._border(painter, box, figures, current=current)
        detail = self.detail(box.size())
        if detail is Detail.ALL:
            self._paint_all(painter, box, tile, ink)
        else:
            self._paint_short(painter, box, tile, ink, more=detail is Detail.MORE)

    def _border(self, painter: QPainter, box: QRectF, figures: Figures, *, current: bool) -> None:
        """Amber where there is an alert; the accent where the keyboard is."""
        theme, alert = self._theme, figures.row.alert
        painter.setBrush(Qt.BrushStyle.NoBrush)
        wide = 0.0 if alert is None or is_snoozed(figures.row) else _ALERT if alert.waiting else _ACKNOWLEDGED
        if wide:
            pen = QPen(theme.alert if wide == _ALERT else theme.alert_text, wide)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(box.adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2))
        if current:
            shapes.draw_focus_ring(painter, box.adjusted(wide, wide, -wide, -wide), theme.accent)

    def _paint_all(self, painter: QPainter, box: QRectF, tile: Tile, ink: QColor) -> None:
        figures, row = tile.figures, tile.figures.row
        pad = PADDING * self._by
        inner = box.adjusted(pad + 2, pad - 1, -pad, -pad)
        top = self._text(painter, (self._code, ink), inner, inner.top(), str(row.symbol))
        top = self._text(painter, (self._name, ink if tile.true else self._theme.dim), inner, top - 1, row.name)
        top = self._share_line(painter, (self._share, ink), inner, top + 3, tile)
        if tile.state:
            top = self._state(painter, inner, top, tile, self._strong)
        else:
            top = self._text(painter, (self._strong, ink), inner, top, numbers.compact(figures.net))
        texts, filled = pill_texts(row)
        rest = QRectF(inner.left(), top + 3, inner.width(), inner.bottom() - top - 3)
        if texts and not (row.flagged and not filled):
            text, wide = shapes.fitted_pill(texts, self._theme, rest.width(), diamond=filled)
            high = shapes.pill_size(text, self._theme, diamond=filled)[1]
            pill = QRectF(rest.left() - 2, rest.bottom() - high, wide, high)
            if filled or is_snoozed(row):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.panel)
                painter.drawRoundedRect(pill, high / 2, high / 2)
                shapes.draw_pill(painter, pill, text, self._theme, filled=filled, quiet=is_snoozed(row))
                rest.setBottom(pill.top() - 6)
        if rest.height() >= 12:
            self._spark(painter, rest, tile, ink)

    def _paint_short(self, painter: QPainter, box: QRectF, tile: Tile, ink: QColor, *, more: bool) -> None:
        row, code = tile.figures.row, self._middle_code if more else self._small_code
        inner = box.adjusted(6, 3, -3, -3)
        waits = row.alert is not None and row.alert.waiting
        if waits:
            at = QPointF(inner.right() - 5, inner.top() + code.height / 2)
            shapes.draw_diamond(painter, at, 4.0, self._theme.alert_text if not tile.true else ink)
        shown = inner.adjusted(0, 0, -12 if waits else 0, 0)
        top = self._text(painter, (code, ink), shown, inner.top(), str(row.symbol) if more else row.symbol.code)
        if more or not tile.state:
            face = self._middle_share if more else self._small_share
            top = self._share_line(painter, (face, ink), inner, top, tile)
        if tile.state:
            self._state(painter, inner, top, tile, self._small_share)
        elif more:
            self._text(painter, (self._small_share, ink), inner, top, numbers.compact(tile.figures.net))

    def _share_line(
        self, painter: QPainter, style: tuple[Face, QColor], inner: QRectF, top: float, tile: Tile
    ) -> float:
        """The share of turnover behind its arrow; where it stands; nothing where there is none."""
        share, (face, ink) = tile.figures.of_turnover, style
        if not is_number(share):
            return top
        text = numbers.percent(share)
        color = ink if tile.true else self._theme.none
        size = face.height * 0.2
        shown = numbers.as_shown(share, text)
        if shown and inner.width() >= face.width(text) + 3 * size:
            shapes.draw_arrow(painter, QPointF(inner.left() + size, top + face.height / 2), shown, color, size)
            inner = inner.adjusted(3 * size, 0, 0, 0)
        return self._text(painter, (face, color), inner, top, text)

    def _state(self, painter: QPainter, inner: QRectF, top: float, tile: Tile, face: Face) -> float:
        color = self._theme.alert_text if tile.loud else self._theme.dim
        return self._text(painter, (face, color), inner, top, tile.state)

    @staticmethod
    def _text(painter: QPainter, style: tuple[Face, QColor], inner: QRectF, top: float, text: str) -> float:
        """Draw a line, as much of it as fits; gives its lower end."""
        face, color = style
        room = face.height * 0.2  # letters of other scripts are higher
        painter.setFont(face.font)
        painter.setPen(color)
        box = QRectF(inner.left(), top - room, inner.width() + 4, face.height + 2 * room)
        painter.drawText(box, _LEFT, face.elided(text, inner.width()))
        return top + face.height

    def _spark(self, painter: QPainter, box: QRectF, tile: Tile, ink: QColor) -> None:
        """The day so far; the line of zero is as long as the session."""
        x, y, minutes = spark_points(tile.figures)
        if not len(x) or minutes <= 0:
            return
        low, high = min(0.0, float(y.min())), max(0.0, float(y.max()))
        if high <= low:
            return
        scale = box.height() / (high - low)
        step = max(len(x) // max(int(box.width()), 1), 1)
        x, y = x[::-step][::-1], y[::-step][::-1]
        zero = round(box.top() + high * scale)
        color = QColor(ink if tile.true else self._theme.none)
        painter.setPen(QPen(color, 1))
        painter.drawPolyline(polygon(box.left() + x * (box.width() / minutes), box.top() + (high - y) * scale))
        color.setAlphaF(0.4)
        painter.setPen(QPen(color, 1))
        painter.drawLine(QPointF(box.left(), zero), QPointF(box.right(), zero))
