"""The Tape tab: what happened in the flow of all symbols, newest first. It never rings."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.present.tape.words import HEADERS, NO_EVENT, NOT_FOUND
from capflow_gui.ui import shapes
from capflow_gui.ui.layouts import passing_menu, text_label
from capflow_gui.ui.tape.filter import TapeFilter, fill_filter_menu
from capflow_gui.ui.tape.model import TapeColumn, TapeModel
from capflow_gui.ui.theme import Role, Theme

ROW_HEIGHT = 32
HEADER_HEIGHT = 28
_LEAD, _PADDING = 18, 12
# The least and the most a column takes at 100 %; what happened has what is left.
_WIDTHS = {
    TapeColumn.TIME: (60, 150),
    TapeColumn.SYMBOL: (68, 120),
    TapeColumn.KIND: (80, 160),
    TapeColumn.SIZE: (90, 170),
}
_LEAST_WORDS = 110
# Columns are as wide as so many of the newest events need.
_MEASURED = 100


class TapeTable(QTableView):
    """Emits `line_chosen(TapeEvent)`: the chart is to show its minute. `filtered` when other events are shown."""

    line_chosen = Signal(object)
    filtered = Signal()

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tape = TapeModel(board, theme, self)
        self.selected: Callable[[], Symbol | None] = lambda: None
        self._theme = theme
        self._ring = False
        self._empty = NO_EVENT
        self._nothing = text_label(NO_EVENT, self, role="dim", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setModel(self.tape)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.setAccessibleName("Tape")
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        self.clicked.connect(self._go)
        self.set_theme(theme)
        self.reload()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = self.tape.theme = theme
        self.setFont(theme.font(Role.CELL))
        self.verticalHeader().setMinimumSectionSize(20)
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))
        self.horizontalHeader().setFont(theme.font(Role.CAPTION))
        self.horizontalHeader().setFixedHeight(theme.px(HEADER_HEIGHT))
        self.setStyleSheet(
            f"QTableView::item {{ padding: 0 {_PADDING - 3}px; border-bottom: 1px solid {theme.line.name()}; }}"
            f"QTableView::item:first {{ padding-left: {_LEAD - 3}px; }}"
            f"QHeaderView::section {{ padding: 0 {_PADDING}px; }}"
            f"QHeaderView::section:first {{ padding-left: {_LEAD}px; }}"
        )
        self._fit()

    def say_where_empty(self, words: str) -> None:
        """What is said while there is no event: `NO_EVENT`, or that of another board."""
        self._empty = words
        self._say()

    def _say(self) -> None:
        self._nothing.setText(NOT_FOUND if self.tape.shown.count else self._empty)

    def reload(self) -> None:
        """Read the board's tape again; the chosen event stays chosen, and the rows looked at where they are."""
        rows = self.selectionModel().selectedRows()
        chosen = self.tape.events[rows[0].row()] if rows else None
        bar = self.verticalScrollBar()
        place = bar.value()
        new = self.tape.reload()
        if new < 0 and chosen in self.tape.events:
            self.selectRow(self.tape.events.index(chosen))
        elif new > 0 and place > bar.minimum():
            bar.setValue(place + new)
        self._fit()
        empty = not self.tape.events
        self._nothing.setVisible(empty)
        self.horizontalHeader().setHidden(empty)

    def show_only(self, wanted: TapeFilter) -> None:
        """Show what passes a filter."""
        self.tape.shown = wanted
        self._say()
        self.reload()
        self.filtered.emit()

    def open_filter(self, place: QPoint) -> None:
        """The menu of the filter; one or more kinds, one symbol or all, a least size."""
        menu = passing_menu(self)
        menu.setAccessibleName("Filter of the tape")
        fill_filter_menu(menu, self.tape.shown, self.selected(), self.show_only)
        menu.popup(place)

    def copy(self) -> None:
        """What is shown, as a table on the clipboard."""
        QApplication.clipboard().setText(self.tape.table())

    def _go(self, index: QModelIndex) -> None:
        if index.isValid():
            self.line_chosen.emit(self.tape.events[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the event's minute; other single keys are the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(self.currentIndex())
        elif event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the newest event."""
        super().focusInEvent(event)
        self._ring = event.reason() is not Qt.FocusReason.MouseFocusReason
        if self._ring and not self.selectionModel().hasSelection() and self.tape.events:
            self.selectRow(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a ring around the table while keys go to it."""
        super().paintEvent(event)
        if self._ring and self.hasFocus():
            shapes.draw_focus_ring(QPainter(self.viewport()), QRectF(self.viewport().rect()), self._theme.accent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What happened takes what is left."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """A few words of each."""
        return QSize(self._theme.px(260), self._theme.px(HEADER_HEIGHT + ROW_HEIGHT))

    def whole_rows(self, height: int) -> int:
        """The most pixels up to `height` that show no part of a row."""
        row = self.verticalHeader().defaultSectionSize()
        body = height - self._theme.px(HEADER_HEIGHT)
        return height - body % row if body > 0 else height

    def _fit(self) -> None:
        """Columns as wide as what they say; where there is no room, what happened goes: it is in the tooltip."""
        room, theme = self.viewport().width(), self._theme
        widths = {column: self._width_of(column) for column in _WIDTHS}
        over = sum(widths.values()) + theme.px(_LEAST_WORDS) - room
        self.setColumnHidden(TapeColumn.WORDS, over > 0)
        if over > 0:
            widths[TapeColumn.SIZE] += max(room - sum(widths.values()), 0)
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(TapeColumn.WORDS, max(room - sum(widths.values()), 0))
        self._nothing.setGeometry(self.rect().adjusted(_LEAD, 0, -_LEAD, 0))

    def _width_of(self, column: TapeColumn) -> int:
        theme = self._theme
        cell, caption = theme.face(Role.CELL), theme.face(Role.CAPTION)
        texts = [self.tape.words(event, column) for event in self.tape.events[:_MEASURED]]
        needed = ceil(max([caption.width(HEADERS[column]), *map(cell.width, texts)])) + 2 * _PADDING + 4
        if column is TapeColumn.TIME:
            needed += _LEAD - _PADDING
        least, most = _WIDTHS[column]
        return min(max(theme.px(least), needed), theme.px(most))
