"""A chart's rows as a model: new minutes come on top, and a screen reader stays where it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from capflow_gui.ui.chart_table.tables import Table
from capflow_gui.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class ShownModel(QAbstractTableModel):
    """Rows of `table`; none while that is None."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.table: Table | None = None
        self._written: dict[int, tuple[str, ...]] = {}  # what the rows of `table` say, by place

    def show_table(self, table: Table | None) -> bool:
        """Show it in place of the one before; whether anything is another."""
        old = self.table
        if table is None or old is None or table.key != old.key or table.stamp != old.stamp:
            self._written.clear()
        if table is None or old is None or table.key != old.key:
            changed = table is not old
            if changed:
                self.beginResetModel()
                self.table = table
                self.endResetModel()
            return changed
        if table.stamp == old.stamp:
            return False
        more = len(table.places) - len(old.places)
        if more < 0 or table.places[more:] != old.places:
            self.beginResetModel()
            self.table = table
            self.endResetModel()
            return True
        self.table = replace(table, places=old.places)
        if old.places:
            self.dataChanged.emit(self.index(0, 0), self.index(len(old.places) - 1, len(table.columns) - 1))
        if more:
            self.beginInsertRows(_NO_PARENT, 0, more - 1)
            self.table = table
            self.endInsertRows()
        if table.headers != old.headers:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(table.columns) - 1)
        return True

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One a minute, a period, an order size or a symbol."""
        return 0 if parent.isValid() or self.table is None else len(self.table.places)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Those of the table."""
        return 0 if parent.isValid() or self.table is None else len(self.table.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says; figures that are not true now, nor final, in grey."""
        table = self.table
        if not index.isValid() or table is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return table.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.pen
        return self._alignment(table, index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    @property
    def pen(self) -> QColor:
        """The colour of all figures: grey where they are not true now, nor final."""
        return self.theme.text if self.table is None or self.table.true else self.theme.none

    def words(self, row: int) -> tuple[str, ...]:
        """What the cells of a row say: written once for each table shown."""
        table = self.table
        if table is None:
            return ()
        place = table.places[row]
        if place not in self._written:
            self._written[place] = tuple(column.cell(place) for column in table.columns)
        return self._written[place]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names, with unit and currency."""
        table = self.table
        if orientation is not Qt.Orientation.Horizontal or table is None or not 0 <= section < len(table.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return table.columns[section].header
        return self._alignment(table, section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    @staticmethod
    def _alignment(table: Table, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if table.columns[column].figures else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
