"""The Tape tab: what happened in the flow of all symbols, newest first. It never rings."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.tape.words import HEADERS, NO_EVENT, NOT_FOUND
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.tape.filter import TapeFilter, fill_filter_menu
from capflow_gui.ui.tape.model import TapeColumn, TapeModel
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.detail_table import LEAD, PADDING, DetailTable

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


class TapeTable(DetailTable):
    """Emits `line_chosen(TapeEvent)`: the chart is to show its minute. `filtered` when other events are shown."""

    line_chosen = Signal(object)
    filtered = Signal()

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        self.tape = TapeModel(board, theme)
        super().__init__(self.tape, _("Tape"), _(NO_EVENT), theme, parent)
        self.tape.setParent(self)
        self.selected: Callable[[], Symbol | None] = lambda: None
        self._empty = _(NO_EVENT)
        self.clicked.connect(self._go)
        self.set_theme(theme)
        self.reload()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.tape.theme = theme
        super().set_theme(theme)

    def say_where_empty(self, words: str) -> None:
        """What is said while there is no event: `NO_EVENT`, or that of another board."""
        self._empty = words
        self._say()

    def _say(self) -> None:
        self._nothing.setText(_(NOT_FOUND) if self.tape.shown.count else self._empty)

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

    def show_only(self, wanted: TapeFilter) -> None:
        """Show what passes a filter."""
        self.tape.shown = wanted
        self._say()
        self.reload()
        self.filtered.emit()

    def open_filter(self, place: QPoint) -> None:
        """The menu of the filter; one or more kinds, one symbol or all, a least size."""
        menu = passing_menu(self)
        menu.setAccessibleName(_("Filter of the tape"))
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

    def fit_columns(self, room: int) -> None:
        """Columns as wide as what they say; where there is no room, what happened goes: it is in the tooltip."""
        theme = self._theme
        widths = {column: self._width_of(column) for column in _WIDTHS}
        over = sum(widths.values()) + theme.px(_LEAST_WORDS) - room
        self.setColumnHidden(TapeColumn.WORDS, over > 0)
        if over > 0:
            widths[TapeColumn.SIZE] += max(room - sum(widths.values()), 0)
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(TapeColumn.WORDS, max(room - sum(widths.values()), 0))

    def _width_of(self, column: TapeColumn) -> int:
        texts = [self.tape.words(event, column) for event in self.tape.events[:_MEASURED]]
        return self.width_for(
            _(HEADERS[column]), texts, _WIDTHS[column], LEAD - PADDING if column is TapeColumn.TIME else 0
        )
