"""The tape as a table, newest first."""

from __future__ import annotations

from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import as_shown
from capflow_gui.present.tape.words import HEADERS, KINDS, event_words, size_words, tape_table, time_words
from capflow_gui.ui.tape.filter import TapeFilter
from capflow_gui.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class TapeColumn(IntEnum):
    """Columns in their order on screen."""

    TIME = 0
    SYMBOL = 1
    KIND = 2
    SIZE = 3
    WORDS = 4


class TapeModel(QAbstractTableModel):
    """Reads the board's tape on `reload`, and shows what passes `shown`."""

    def __init__(self, board: BoardView, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self.theme = theme
        self.shown = TapeFilter()
        self.events: list[TapeEvent] = []
        self._moneys: dict[Symbol, str] = {}  # as of the last `reload`: the board makes a whole row for one

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One an event."""
        return 0 if parent.isValid() else len(self.events)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """See TapeColumn."""
        return 0 if parent.isValid() else len(HEADERS)

    def reload(self) -> int:
        """Read the board again; how many rows came on top of the others, which stay. -1: all are new."""
        self._moneys.clear()
        events = [event for event in self._board.tape if self.shown.passes(event)]
        new = len(events) - len(self.events)
        if new >= 0 and events[new:] == self.events:
            if new:
                self.beginInsertRows(_NO_PARENT, 0, new - 1)
                self.events = events
                self.endInsertRows()
            return new
        self.beginResetModel()
        self.events = events
        self.endResetModel()
        return -1

    def _zone(self, event: TapeEvent) -> ZoneInfo:
        return self._board.calendar.zone(event.symbol.market)

    def _money(self, event: TapeEvent) -> str:
        symbol = event.symbol
        if symbol not in self._moneys:
            self._moneys[symbol] = self._board.row(symbol).money if symbol in self._board.symbols else ""
        return self._moneys[symbol]

    def words(self, event: TapeEvent, column: TapeColumn) -> str:
        """What a cell says."""
        match column:
            case TapeColumn.TIME:
                today = self._board.calendar.session_date(event.symbol.market, self._board.market_now(event.source))
                return time_words(event, self._zone(event), today)
            case TapeColumn.SYMBOL:
                return str(event.symbol)
            case TapeColumn.KIND:
                return _(KINDS[event.kind])
            case TapeColumn.SIZE:
                return size_words(event, self._money(event))
            case TapeColumn.WORDS:
                return event_words(event, self._zone(event))

    def table(self) -> str:
        """What is shown, as tab-separated text with a header."""
        self._moneys.clear()
        return tape_table([(event, self._money(event), self._zone(event)) for event in self.events])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, and the colour of their direction."""
        if not index.isValid():
            return None
        event, column = self.events[index.row()], TapeColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self.words(event, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                if column is TapeColumn.SIZE:
                    return self.theme.direction(as_shown(event.size, self.words(event, column)), true=True)
                return self.theme.text if column in (TapeColumn.SYMBOL, TapeColumn.KIND) else self.theme.dim
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(TapeColumn(section))
        return _(HEADERS[section]) if role == Qt.ItemDataRole.DisplayRole else None


def _alignment(column: TapeColumn) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column is TapeColumn.SIZE else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
