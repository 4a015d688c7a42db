"""What of a row moves without new data, drawn over its pixmap: the spine, the age, the sentence instead of figures."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.row_sentence import row_message
from capflow_gui.present.sentences import Sentence
from capflow_gui.ui.models.columns import Column
from capflow_gui.ui.models.figures import AgeTone, Figures, Look, age_cell, age_stands
from capflow_gui.ui.theme import Role, Theme, faded
from capflow_gui.ui.watchlist.cells import GAP, RowStyle

SPINE = 4
_PIN = 9  # the middle of the mark of a pinned row
_AGE_WORD = 72
_AGE_REACH = 10  # an age may begin so many pixels before its column
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

Said = tuple[tuple[str, AgeTone], Sentence | None]


class LivePainter:
    """`actions` are the places of the sentences' links, in pixels of the viewport; `breath` is the spines' opacity."""

    def __init__(self, board: BoardView, theme: Theme) -> None:
        self._board = board
        self._theme = theme
        self._cell = theme.face(Role.CELL)
        self._strong = theme.sized_face(10, 600)
        self._reach = theme.px(_AGE_REACH)
        self._said: dict[Symbol, Said] = {}
        self.actions: dict[Symbol, QRect] = {}
        self.breath = 1.0

    def forget(self) -> None:
        """Everything will be painted anew."""
        self._said.clear()
        self.actions.clear()

    def says_other(self, figures: Figures) -> bool:
        """Whether a row's age or sentence is another one than was painted."""
        if figures.look is not Look.SENTENCE and age_stands(figures):
            return False
        return self._said.get(figures.row.symbol) != self._say(figures)

    def left(self, figures: Figures, style: RowStyle) -> int:
        """Where in a row begins what time alone can change, in pixels."""
        if figures.look is Look.SENTENCE:
            return int(style.sentence_left)
        return int(style.edges[Column.AGE][0] - self._reach) if Column.AGE in style.edges else int(style.width)

    def _say(self, figures: Figures) -> Said:
        row = figures.row
        age = age_cell(figures, self._board.market_now(row.source), self._board.calendar.zone(row.symbol.market))
        sentence = None
        if figures.look is Look.SENTENCE:
            link = next((link for link in self._board.links if link.source == row.source), None)
            sentence = row_message(row, link, self._board.monotonic_now())
        return age, sentence

    def paint(
        self, painter: QPainter, figures: Figures, style: RowStyle, top: int, *, selected: bool, pinned: bool
    ) -> None:
        """Draw over the row whose pixmap begins at `top`."""
        age, sentence = self._said[figures.row.symbol] = self._say(figures)
        self._spine(painter, figures, style, top)
        if pinned:
            self._pin(painter, top + style.height / 2)
        # A sentence takes the room of all cells: the age stands at its end.
        edges = (
            style.edges.get(Column.AGE)
            if sentence is None
            else (style.width - GAP - self._theme.px(_AGE_WORD), style.width - GAP)
        )
        if edges is not None:
            area = QRectF(edges[0] - self._reach, top, edges[1] - edges[0] + self._reach, style.height - 1)
            self._age(painter, area, age, quiet=not selected and not figures.alerting)
        if sentence is not None:
            self._sentence(painter, figures.row.symbol, style, top, sentence)

    def _spine(self, painter: QPainter, figures: Figures, style: RowStyle, top: int) -> None:
        alert = figures.row.alert
        if figures.alerting:
            painter.fillRect(QRectF(0, top, SPINE, style.height - 1), faded(self._theme.alert, self.breath))
        elif alert is not None:
            painter.fillRect(QRectF(0, top, 2, style.height - 1), self._theme.alert_text)

    def _pin(self, painter: QPainter, middle: float) -> None:
        """A pin's head and needle, before the code."""
        painter.fillRect(QRectF(_PIN - 2, middle - 5, 5, 4), self._theme.dim)
        painter.fillRect(QRectF(_PIN - 3, middle - 1, 7, 1), self._theme.dim)
        painter.fillRect(QRectF(_PIN, middle, 1, 4), self._theme.dim)

    def _age(self, painter: QPainter, area: QRectF, age: tuple[str, AgeTone], *, quiet: bool) -> None:
        theme, (text, tone) = self._theme, age
        color = {
            # Faint is too faint on a raised or tinted row.
            AgeTone.FAINT: theme.faint if quiet else theme.dim,
            AgeTone.DIM: theme.dim,
            AgeTone.TEXT: theme.text,
            AgeTone.AMBER: theme.alert_text,
        }[tone]
        painter.setPen(color)
        (self._strong if tone is AgeTone.AMBER else self._cell).draw_right(painter, area, text)

    def _sentence(self, painter: QPainter, symbol: Symbol, style: RowStyle, top: int, sentence: Sentence) -> None:
        # The age cell's longest word needs more than its column, and the sentence ends before it.
        left, right = style.sentence_left, style.width - GAP - self._theme.px(_AGE_WORD)
        painter.setFont(self._cell.font)
        action = _(sentence.action) if sentence.action else ""
        room = int(right - left - (self._strong.width(action) + 14 if action else 0))
        text = self._cell.elided(sentence.text or sentence.state, room)
        painter.setPen(self._theme.dim)
        painter.drawText(QRectF(left, top, room, style.height - 1), _LEFT, text)
        self.actions.pop(symbol, None)
        if action:
            start = round(left + self._cell.width(text)) + 12
            painter.setFont(self._strong.font)
            box = QRect(start, top, ceil(self._strong.width(action)), round(style.height) - 1)
            painter.setPen(self._theme.accent)
            painter.drawText(box, _LEFT, action)
            self.actions[symbol] = box
