"""Draws one row of the watchlist, every column in one go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import inf

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from capflow_gui.feed.board import Row
from capflow_gui.present import numbers
from capflow_gui.ui import shapes
from capflow_gui.ui.models.columns import Column
from capflow_gui.ui.models.figures import NEAR, Figures, Look, Points, is_number, spark_points
from capflow_gui.ui.theme import Face, Role, Theme, mix
from capflow_gui.ui.watchlist.cells import GAP, LEFT, TEXT_COLUMNS, RowStyle, cell_text
from capflow_gui.ui.watchlist.sparkline import draw_sparkline
from capflow_gui.ui.words import is_snoozed, pill_texts, row_source, source_label

_METER_WIDTH = 64.0
_LEAST_NAME = 64.0  # a name is read by its first letters: fewer than that say nothing
DENSE_BELOW = 40
MIX_CAP = 0.042
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ARROW_REACH = 14.0  # from the text of a net to the left end of its arrow


@dataclass(slots=True)
class Painted:
    """What decides where a painted row's cells can be shown again.

    `points` are the sparkline's, None until it was drawn. `symbol_fits` is the least right end of the symbol's cell
    from which on it looks the same, in pixels; infinite where something of it is cut or stands at that end. `within`:
    no cell begins left of its column.
    """

    points: Points | None = None
    symbol_fits: float = inf
    within: bool = True


def same_symbol_cell(before: Figures, after: Figures) -> bool:
    """Whether code, name, pill and background of a row look alike for both."""
    old, new = before.row, after.row
    return (
        (old.symbol, old.name, old.money, old.flagged, old.source, old.instead_of)
        == (new.symbol, new.name, new.money, new.flagged, new.source, new.instead_of)
        and old.error is new.error
        and (old.series is None) == (new.series is None)
        and (old.alert is new.alert or old.alert == new.alert)
    )


def symbol_end(figures: Figures, style: RowStyle) -> float:
    """Where the symbol's cell ends: before the other columns, or the sentence in their place."""
    return style.sentence_left if figures.look is Look.SENTENCE else style.edges[Column.SYMBOL][1]


def _exact(pixels: float) -> float:
    """To a fraction that sums keep: a bar's smooth ends look the same wherever its cell stands."""
    return round(pixels * 256) / 256


def _tail(money: str, source: str) -> str:
    """What stands behind a name."""
    return "".join(f" · {part}" for part in (money, source) if part)


class RowPainter:
    """Holds the theme's fonts and metrics; paints a row from its figures, age cell excepted."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._net_face = theme.face(Role.ROW_NET)
        self._turnover_face = theme.face(Role.TURNOVER)
        self._loud_face = theme.sized_face(10, 600)
        self._symbol_face = theme.face(Role.ROW_SYMBOL)
        self._name_face = theme.face(Role.SENTENCE)
        self._cell_face = theme.face(Role.CELL)
        self._scale = theme.scale

    def background(self, figures: Figures, *, selected: bool) -> QColor:
        """Panel, raised when selected, amber-tinted while an alert waits to be acknowledged."""
        theme = self.theme
        base = theme.raised if selected else theme.panel
        if not figures.alerting:
            return base
        if theme.dark:
            return mix(theme.alert, base, 0.05 if selected else 0.12)
        return mix(theme.alert, base, 0.13 if selected else 0.18)

    def paint(
        self,
        painter: QPainter,
        figures: Figures,
        style: RowStyle,
        painted: Painted,
        *,
        selected: bool,
        kept: Collection[Column] = (),
    ) -> None:
        """Draw on (0, 0, width, height) of `painter`, which has the row's background, all columns but those kept.

        `painted` is of the same figures before, or a new one where none were painted, and is brought up to date.
        """
        theme = self.theme
        painter.fillRect(QRectF(0, style.height - 1, style.width, 1), theme.line)
        if selected:
            painter.fillRect(QRectF(style.width - 2, 0, 2, style.height), theme.accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if Column.SYMBOL not in kept:
            painted.symbol_fits = self._symbol(painter, figures, style)
        if figures.look is Look.SENTENCE:
            return
        if Column.TODAY in style.edges and Column.TODAY not in kept:
            left, right = style.edges[Column.TODAY]
            inset = 4 if self._dense(style) else 9
            if painted.points is None:
                painted.points = spark_points(figures)
            area = QRectF(left, inset, right - left, style.height - 2 * inset - 1)
            draw_sparkline(painter, area, painted.points, figures, theme)
        painted.within = self._cells(painter, figures, style, kept)
        if Column.MIX in style.edges and Column.MIX not in kept:
            self._mix(painter, figures, style, self.background(figures, selected=selected))

    def _dense(self, style: RowStyle) -> bool:
        """Whether a row has room for one line of text only."""
        return style.height < DENSE_BELOW * self._scale

    def _symbol(self, painter: QPainter, figures: Figures, style: RowStyle) -> float:
        """Draw the symbol's cell; from which right end on it looks the same."""
        theme, row, scale = self.theme, figures.row, self._scale
        end = symbol_end(figures, style)
        right = end - 5
        source = "" if Column.SOURCE in style.edges and not row.instead_of else row_source(row)
        money = row.money if style.mixed_currencies and row.name else ""
        tail = _tail(money, source)
        name = row.name + tail if row.name else tail.removeprefix(" · ")
        dense = self._dense(style)
        needed = LEFT + self._symbol_face.width(str(row.symbol)) + GAP
        beside = needed
        if dense:
            name = tail.removeprefix(" · ")
            needed += self._name_face.width(name)
        else:
            needed = max(needed, LEFT + min(self._name_face.width(name), 40.0 * scale) + GAP)
        if Column.ALERT not in style.edges or figures.look is Look.SENTENCE:
            # The last form is drawn even where it is tight: a breach is worth more than the end of a name, not a code.
            least = LEFT + self._symbol_face.width(str(row.symbol)) + 4
            right -= self._pill(painter, figures, style, (needed, least, right))
        whole = right == end - 5
        painter.setFont(self._symbol_face.font)
        painter.setPen(theme.none if row.error is not None and row.series is None else theme.text)
        symbol_rect = QRectF(LEFT, 0, right - LEFT, style.height - 1)
        if name and not dense:
            symbol_rect = QRectF(LEFT, style.height / 2 - 19 * scale, right - LEFT, 20 * scale)
        painter.drawText(symbol_rect, _LEFT, str(row.symbol))
        if name and dense and needed <= right:
            painter.setFont(self._name_face.font)
            painter.setPen(theme.dim)
            painter.drawText(QRectF(beside, 0, right - beside, style.height - 1), _LEFT, name)
        if name and not dense:
            painter.setFont(self._name_face.font)
            painter.setPen(theme.dim)
            needed = max(needed, LEFT + self._name_face.width(row.name) + self._name_face.width(tail))
            needed = max(needed, LEFT + self._name_face.width(name))
            name = self._name_line(row, money, source, right - LEFT)
            painter.drawText(QRectF(LEFT, style.height / 2 + 0.5, right - LEFT, 17 * scale), _LEFT, name)
        return needed + 5 if whole and needed <= right else inf

    def _name_line(self, row: Row, money: str, source: str, room: float) -> str:
        """The name with its currency and source behind it. The source gives way to a name that could not be read."""
        face, least = self._name_face, _LEAST_NAME * self._scale
        whole = face.width(row.name)
        if row.name and not row.instead_of and face.width(_tail(money, source)) + min(whole, least) > room:
            source = ""  # the hover text has it; of one that stands in for another it is said here
        tail = _tail(money, source)
        left = room - face.width(tail)
        if 24 * self._scale <= left < whole:
            return face.elided(row.name, left) + tail
        return face.elided(row.name + tail if row.name else tail.removeprefix(" · "), room)

    def _pill(
        self,
        painter: QPainter,
        figures: Figures,
        style: RowStyle,
        room: tuple[float, float, float],
        *,
        at_left: bool = False,
    ) -> float:
        """Draw the rule pill if the row has one; the pixels it takes.

        `room` is where a form of it may begin, where the shortest form may, and where it has to end; it stands at the
        end of it, or with `at_left` where the shortest may begin.
        """
        wanted, least, right = room
        texts, filled = pill_texts(figures.row)
        if not texts:
            return 0.0
        sized = [(text, shapes.pill_size(text, self.theme, diamond=filled)[0]) for text in texts]
        text, width = next((each for each in sized if right - each[1] >= wanted), ("", 0.0))
        if not text:
            text, width = shapes.fitted_pill(texts[-1:], self.theme, right - least, diamond=filled)
        height = shapes.pill_size(text, self.theme, diamond=filled)[1]
        rect = QRectF(least if at_left else right - width, (style.height - height) / 2, width, height)
        shapes.draw_pill(painter, rect, text, self.theme, filled=filled, quiet=is_snoozed(figures.row))
        return width + 5

    def _net(self, painter: QPainter, figures: Figures, style: RowStyle) -> bool:
        """Draw the net, its arrow and its meter; whether they begin in their column."""
        theme, scale = self.theme, self._scale
        left, right = style.edges[Column.NET]
        true_now = figures.look is Look.TRUE
        text = cell_text(Column.NET, figures, style)
        net = numbers.as_shown(figures.net, text)
        color = theme.direction(net, true=true_now)
        painter.setPen(color)
        self._net_face.draw_right(painter, QRectF(left - 20, 0, right - left + 20, style.height - 5), text)
        start = right - self._net_face.width(text)
        shapes.draw_arrow(painter, QPointF(start - 10 * scale, style.height / 2 - 2), net, color, 3.6 * scale)
        if is_number(figures.toward):
            top = style.height - 5 if self._dense(style) else style.height / 2 + 15 * scale
            wide = _exact(_METER_WIDTH * scale)
            painter.fillRect(QRectF(right - wide, top, wide, 2), theme.line)
            share = min(max(figures.toward, 0.0), 1.0)
            near = true_now and figures.toward >= NEAR
            fill = theme.alert if near and theme.dark else theme.alert_text if near else theme.faint
            reached = _exact(wide * share)
            painter.fillRect(QRectF(right - reached, top, reached, 2), fill)
        return min(start - _ARROW_REACH * scale, right - _METER_WIDTH * scale) >= left

    def _cells(self, painter: QPainter, figures: Figures, style: RowStyle, kept: Collection[Column]) -> bool:
        """Draw the texts and figures; whether each begins in its column."""
        within = True
        for column, edges in style.edges.items():
            if column in kept:
                continue
            if column is Column.NET:
                within = self._net(painter, figures, style)
            elif column in TEXT_COLUMNS:
                text = cell_text(column, figures, style)
                face, color = self._tone(column, figures, text)
                painter.setPen(color)
                face.draw_right(painter, QRectF(edges[0], 0, edges[1] - edges[0], style.height - 1), text)
            elif column is Column.ALERT:
                self._pill(painter, figures, style, (edges[0], *edges), at_left=True)
            elif column is Column.SOURCE:
                painter.setFont(self._cell_face.font)
                painter.setPen(self.theme.dim)
                area = QRectF(edges[0], 0, edges[1] - edges[0], style.height - 1)
                text = self._cell_face.elided(source_label(figures.row.source), area.width())
                painter.drawText(area, _LEFT, text)
        return within

    def _tone(self, column: Column, figures: Figures, text: str) -> tuple[Face, QColor]:
        """The font and the colour of a figure: those of its direction where it has earned them."""
        theme = self.theme
        true_now = figures.look is Look.TRUE
        if column is Column.TURNOVER:
            shown = numbers.as_shown(figures.of_turnover, text)
            return self._turnover_face, theme.direction(shown, true=true_now)
        if column is Column.DELTA and true_now and figures.delta_matters:
            return self._loud_face, theme.direction(numbers.as_shown(figures.delta, text))
        if column is Column.CHANGE and true_now and figures.change_contradicts:
            return self._loud_face, theme.direction(numbers.as_shown(figures.change, text))
        if column is Column.LEVEL and true_now and figures.toward >= NEAR:
            return self._loud_face, theme.text
        return self._cell_face, theme.dim if true_now else theme.none

    def _mix(self, painter: QPainter, figures: Figures, style: RowStyle, ground: QColor) -> None:
        """Two lanes on one zero line: main above, the rest below; length is the share of turnover.

        Where a source's own three classes come from a snapshot, large stands above, and the bars are hollow.
        """
        theme = self.theme
        left, right = style.edges[Column.MIX]
        zero = left + round((right - left) / 2)
        reach = (right - left) / 2 - 4
        snapshot = figures.snapshot
        shares = figures.classes if snapshot is None else (snapshot[0], 0.0, *snapshot[1:])
        if not any(is_number(share) for share in shares):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        colors = (theme.extra_large if snapshot is None else theme.large, theme.large, theme.medium, theme.small)
        if figures.look is not Look.TRUE or (snapshot is not None and figures.snapshot_is_old):
            colors = (theme.none, theme.line2, theme.none, theme.line2)
        middle, high = style.height / 2 - 0.5, self.theme.px(5)
        for lane, top in ((0, middle - high - 1), (2, middle + 1)):
            ends = {True: zero + 1.0, False: float(zero)}
            for share, color in zip(shares[lane : lane + 2], colors[lane : lane + 2], strict=True):
                if not is_number(share) or share == 0:
                    continue
                length = min(abs(share) / MIX_CAP, 1.0) * reach
                inflow = share > 0
                start = ends[inflow]
                stop = start + length if inflow else start - length
                stop = min(max(stop, left + 2), right - 2)
                bar = QRectF(min(start, stop), top, abs(stop - start), high)
                painter.fillRect(bar, color)
                if snapshot is not None:
                    painter.fillRect(bar.adjusted(1, 1, -1, -1), ground)
                ends[inflow] = stop
        painter.fillRect(QRectF(zero, middle - high - 4, 1, 2 * high + 8), theme.line2)
