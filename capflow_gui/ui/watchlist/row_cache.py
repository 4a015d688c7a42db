"""Rows as pixmaps: painted once a change, blitted from then on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QPainter, QPixmap

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.models.figures import Figures
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.cells import RowStyle
from capflow_gui.ui.watchlist.painter import RowPainter

_KEPT = 96


@dataclass(slots=True)
class Drawn:
    """A painted row and what it was painted from."""

    figures: Figures
    style: RowStyle
    selected: bool
    pixmap: QPixmap


class RowCache:
    """The rows painted last; `drawn` holds the newest of each symbol."""

    def __init__(self, theme: Theme) -> None:
        self.painter = RowPainter(theme)
        self.drawn: dict[Symbol, Drawn] = {}

    def set_theme(self, theme: Theme) -> None:
        """Other fonts and colours: nothing that was painted can be shown again."""
        self.painter = RowPainter(theme)
        self.drawn.clear()

    def pixmap(self, figures: Figures, style: RowStyle, ratio: float, *, selected: bool) -> QPixmap:
        """The row as it looks, for a screen of `ratio` device pixels a pixel."""
        symbol = figures.row.symbol
        drawn = self.drawn.get(symbol)
        if drawn is None or drawn.style is not style or drawn.pixmap.devicePixelRatio() != ratio:
            pixmap, over = QPixmap(round(style.width * ratio), round(style.height * ratio)), None
            pixmap.setDevicePixelRatio(ratio)
        elif drawn.figures is figures and drawn.selected == selected:
            return drawn.pixmap
        else:
            pixmap, over = drawn.pixmap, drawn.figures if drawn.selected == selected else None
        with QPainter(pixmap) as painter:
            self.painter.paint(painter, figures, style, selected=selected, over=over)
        self.drawn[symbol] = Drawn(figures, style, selected, pixmap)
        if len(self.drawn) > _KEPT:
            self.drawn.pop(next(iter(self.drawn)))
        return pixmap
