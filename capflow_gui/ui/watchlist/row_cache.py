"""Rows as pixmaps: painted once a change, blitted from then on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from math import ceil, floor

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.models.columns import Column
from capflow_gui.ui.models.figures import Figures, Look
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.cells import RowStyle, gap_behind
from capflow_gui.ui.watchlist.painter import Painted, RowPainter, same_symbol_cell, symbol_end

_KEPT = 96
_SYMBOL = frozenset({Column.SYMBOL})
# A smooth line begins a little left of its cell. No cell draws on the last pixels of its column.
_OVER = 2


@dataclass(slots=True)
class Drawn:
    """A painted row and what it was painted from."""

    figures: Figures
    style: RowStyle
    selected: bool
    pixmap: QPixmap
    painted: Painted = field(default_factory=Painted)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring columns that look the same in two styles: where they begin in each, and how wide they are together.

    All in pixels.
    """

    columns: tuple[Column, ...]
    before: float
    after: float
    width: float


def unmoved(before: RowStyle, after: RowStyle) -> list[Run]:
    """The columns, but the symbol's, whose cells another style only moves."""
    runs: list[Run] = []
    if (before.height, before.price_decimals) != (after.height, after.price_decimals):
        return runs
    for column, (left, right) in after.edges.items():
        old = before.edges.get(column)
        if column is Column.SYMBOL or old is None or old[1] - old[0] != right - left:
            continue
        if before.units.get(column) != after.units.get(column):
            continue
        width = right - left + gap_behind(column)
        if old[0] + width > before.width or left + width > after.width:
            continue  # not all of it is in the row
        last = runs[-1] if runs else None
        if last is not None and (last.before + last.width, last.after + last.width) == (old[0], left):
            runs[-1] = Run((*last.columns, column), last.before, last.after, last.width + width)
        else:
            runs.append(Run((column,), old[0], left, width))
    return runs


def _same_symbol(drawn: Drawn, style: RowStyle) -> bool:
    """Whether the symbol's cell looks the same in another style."""
    before, fits = drawn.style, drawn.painted.symbol_fits
    ends = symbol_end(drawn.figures, before), symbol_end(drawn.figures, style)
    says = [
        (each.height, each.mixed_currencies, Column.ALERT in each.edges, Column.SOURCE in each.edges)
        for each in (before, style)
    ]
    return says[0] == says[1] and ends[0] <= before.width and (ends[0] == ends[1] or min(ends) >= fits)


class RowCache:
    """The rows painted last; `drawn` holds the newest of each symbol."""

    def __init__(self, theme: Theme) -> None:
        self.painter = RowPainter(theme)
        self.drawn: dict[Symbol, Drawn] = {}
        self._between: tuple[RowStyle, RowStyle, list[Run]] | None = None
        self._only: RowStyle | None = None

    def set_theme(self, theme: Theme) -> None:
        """Other fonts and colours: nothing that was painted can be shown again."""
        self.painter = RowPainter(theme)
        self.drawn.clear()

    def pixmap(self, figures: Figures, style: RowStyle, ratio: float, *, selected: bool) -> QPixmap:
        """The row as it looks, for a screen of `ratio` device pixels a pixel."""
        symbol = figures.row.symbol
        before = self.drawn.get(symbol)
        if before is not None and (before.pixmap.devicePixelRatio(), before.selected) != (ratio, selected):
            before = None
        if before is not None and before.style is style:
            if before.figures is not figures:
                self._repaint(before, figures)
            return before.pixmap
        pixmap = QPixmap(round(style.width * ratio), round(style.height * ratio))
        pixmap.fill(self.painter.background(figures, selected=selected))
        drawn = Drawn(figures, style, selected, pixmap)
        kept = self._take_over(before, drawn, ratio) if before is not None and before.figures is figures else ()
        pixmap.setDevicePixelRatio(ratio)
        with QPainter(pixmap) as painter:
            self.painter.paint(painter, figures, style, drawn.painted, selected=selected, kept=kept)
        self.drawn[symbol] = drawn
        if len(self.drawn) > _KEPT:
            self.drawn.pop(next(iter(self.drawn)))
        return pixmap

    def keep_only(self, style: RowStyle) -> None:
        """Let go of the rows of another style: what is in view was painted in this one.

        Otherwise the rows of a wide list stay for as long as they are out of view after it is narrow again; a row as
        wide as a screen takes 0.4 MB.
        """
        if style is self._only:
            return
        self._only = style
        self.drawn = {symbol: drawn for symbol, drawn in self.drawn.items() if drawn.style is style}

    def _take_over(self, before: Drawn, drawn: Drawn, ratio: float) -> Collection[Column]:
        """Copy the cells that another style only moves; their columns.

        Only by whole pixels of the screen: between them the same cell looks another.
        """
        painted, figures, style = before.painted, drawn.figures, drawn.style
        drawn.painted = replace(painted)
        kept: set[Column] = set()
        copies: list[tuple[float, float, float]] = []
        if painted.within and _same_symbol(before, style):
            kept.add(Column.SYMBOL)
            end = min(symbol_end(figures, before.style), symbol_end(figures, style))
            copies.append((0.0, 0.0, end - _OVER))
        if figures.look is not Look.SENTENCE and painted.within:
            if self._between is None or self._between[0] is not before.style or self._between[1] is not style:
                self._between = (before.style, style, unmoved(before.style, style))
            for run in self._between[2]:
                if ((run.after - run.before) * ratio).is_integer():
                    kept.update(run.columns)
                    copies.append((run.before - _OVER, run.after - _OVER, run.width))
        before.pixmap.setDevicePixelRatio(1.0)
        height = before.pixmap.height()
        with QPainter(drawn.pixmap) as painter:
            for left, to, width in copies:
                first, last = ceil(left * ratio), floor((left + width) * ratio)
                by = round((to - left) * ratio)
                painter.drawPixmap(QPoint(first + by, 0), before.pixmap, QRect(first, 0, last - first, height))
        return kept

    def _repaint(self, drawn: Drawn, figures: Figures) -> None:
        """Paint a row with other figures over itself; a symbol's cell that would come out the same is left."""
        style, selected = drawn.style, drawn.selected
        same = same_symbol_cell(drawn.figures, figures) and figures.look is drawn.figures.look
        kept = _SYMBOL if same and drawn.painted.within else ()  # an arrow may reach into the symbol's cell
        begin = symbol_end(figures, style) - _OVER if kept else 0.0
        area = QRectF(begin, 0, style.width - begin, style.height)
        drawn.figures, drawn.painted = figures, Painted(symbol_fits=drawn.painted.symbol_fits)
        with QPainter(drawn.pixmap) as painter:
            painter.fillRect(area, self.painter.background(figures, selected=selected))
            self.painter.paint(painter, figures, style, drawn.painted, selected=selected, kept=kept)
