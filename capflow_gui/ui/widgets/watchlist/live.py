"""What of a row moves without new data, drawn over its pixmap: the spine, the age, the sentence instead of figures."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import AlertState, BoardView
from capflow_gui.present.row_sentence import row_message
from capflow_gui.ui.models.figures import AgeTone, Figures, Look, age_cell
from capflow_gui.ui.models.watchlist_model import Column
from capflow_gui.ui.theme import Theme, faded
from capflow_gui.ui.widgets.watchlist.painter import RowPainter, RowStyle

SPINE = 4
_AGE_WORD = 72
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LivePainter:
    """`actions` are the places of the sentences' links, in pixels of the viewport; `breath` is the spines' opacity."""

    def __init__(self, board: BoardView, theme: Theme, row_painter: RowPainter) -> None:
        self._board = board
        self._theme = theme
        self._cell_font = row_painter.cell_font
        self._strong_font = theme.sized_font(10, 600)
        self.actions: dict[Symbol, QRect] = {}
        self.breath = 1.0

    def paint(self, painter: QPainter, figures: Figures, style: RowStyle, top: int, *, selected: bool) -> None:
        """Draw over the row whose pixmap begins at `top`."""
        self._spine(painter, figures, style, top)
        self._age(painter, figures, style, top, selected=selected)
        if figures.look is Look.SENTENCE:
            self._sentence(painter, figures, style, top)

    def _spine(self, painter: QPainter, figures: Figures, style: RowStyle, top: int) -> None:
        alert = figures.row.alert
        if figures.alerting:
            painter.fillRect(QRectF(0, top, SPINE, style.height - 1), faded(self._theme.alert, self.breath))
        elif alert is not None and alert.state is AlertState.ACKNOWLEDGED:
            painter.fillRect(QRectF(0, top, 2, style.height - 1), self._theme.alert_text)

    def _age(self, painter: QPainter, figures: Figures, style: RowStyle, top: int, *, selected: bool) -> None:
        theme = self._theme
        zone = self._board.calendar.zone(figures.row.symbol.market)
        text, tone = age_cell(figures, self._board.market_now(figures.row.source), zone)
        color = {
            # Faint is too faint on a raised or tinted row.
            AgeTone.FAINT: theme.dim if selected or figures.alerting else theme.faint,
            AgeTone.DIM: theme.dim,
            AgeTone.TEXT: theme.text,
            AgeTone.AMBER: theme.alert_text,
        }[tone]
        painter.setFont(self._strong_font if tone is AgeTone.AMBER else self._cell_font)
        painter.setPen(color)
        left, right = style.edges[Column.AGE]
        painter.drawText(QRectF(left - 10, top, right - left + 10, style.height - 1), _RIGHT, text)

    def _sentence(self, painter: QPainter, figures: Figures, style: RowStyle, top: int) -> None:
        row = figures.row
        sentence = row_message(row, self._board.monotonic_now())
        if sentence is None:
            return
        # The age cell's longest word needs more than its column, and the sentence ends before it.
        left, right = style.edges[Column.TODAY][0], style.edges[Column.AGE][1] - _AGE_WORD * self._theme.font_scale
        painter.setFont(self._cell_font)
        metrics = painter.fontMetrics()
        action = sentence.action or ""
        room = int(right - left - (metrics.horizontalAdvance(action) + 14 if action else 0))
        text = metrics.elidedText(sentence.text or sentence.state, Qt.TextElideMode.ElideRight, room)
        painter.setPen(self._theme.dim)
        painter.drawText(QRectF(left, top, room, style.height - 1), _LEFT, text)
        self.actions.pop(row.symbol, None)
        if action:
            start = round(left) + metrics.horizontalAdvance(text) + 12
            painter.setFont(self._strong_font)
            width = painter.fontMetrics().horizontalAdvance(action)
            box = QRect(start, top, width, round(style.height) - 1)
            painter.setPen(self._theme.accent)
            painter.drawText(box, _LEFT, action)
            self.actions[row.symbol] = box
