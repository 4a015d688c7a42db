"""The entries of the log as a table: those of the chosen level that hold every word looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from capflow_gui.present.panels.log_words import cells, headers, is_grave, rank
from capflow_gui.ui.ports import LogLine
from capflow_gui.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_COLUMNS = 4
KEPT = 5000


class LogModel(QAbstractTableModel):
    """Keeps the newest `KEPT` entries, of which `lines` are shown; `cut`: there were more."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.lines: list[LogLine] = []
        self.cut = False
        self._known: list[LogLine] = []
        self._level = "INFO"
        self._words: tuple[str, ...] = ()

    @property
    def known(self) -> int:
        """How many entries are kept."""
        return len(self._known)

    def add(self, lines: Sequence[LogLine], *, cut: bool) -> int:
        """Newer entries; `cut`: some before them were left out. How many of the shown went at the top to make room."""
        over = max(len(self._known) + len(lines) - KEPT, 0)
        self.cut = self.cut or cut or over > 0
        gone = sum(map(self._passes, self._known[:over]))
        self._known = [*self._known, *lines][-KEPT:]
        new = [line for line in lines[-KEPT:] if self._passes(line)]
        if new:
            self.beginInsertRows(QModelIndex(), len(self.lines), len(self.lines) + len(new) - 1)
            self.lines += new
            self.endInsertRows()
        if gone:
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            del self.lines[:gone]
            self.endRemoveRows()
        return gone

    def clear(self) -> None:
        """Forget all."""
        self._known, self.cut = [], False
        self.show_only(self._level, self._words)

    def show_only(self, level: str, words: Sequence[str]) -> None:
        """Show entries from a level on that hold all words."""
        self.beginResetModel()
        self._level, self._words = level, tuple(word.casefold() for word in words)
        self.lines = [line for line in self._known if self._passes(line)]
        self.endResetModel()

    def _passes(self, line: LogLine) -> bool:
        if rank(line.level) < rank(self._level):
            return False
        if not self._words:
            return True
        text = f"{line.level} {line.name} {line.text}".casefold()
        return all(word in text for word in self._words)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One an entry."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """See `headers`."""
        return 0 if parent.isValid() else _COLUMNS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says; warnings and errors in the colour of trouble."""
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cells(line.at, line.level, line.name, line.text)[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole:
            grave = is_grave(line.level)
            return self.theme.alert_text if grave else self.theme.text if index.column() == 3 else self.theme.dim
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return headers()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None
