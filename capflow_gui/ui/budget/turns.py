"""Who is asked next, as a table."""

from __future__ import annotations

from math import ceil
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.present.panels.poll_words import turn_headers
from capflow_gui.ui.help.hover import TURN_FIGURES, explain_table
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.detail_table import LEAD, PADDING, DetailTable

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_FIGURES = (1, 2)
# The least and the most each column but the last takes at 100 %, and what is left it without room for that.
_WIDTHS = ((80, 190), (56, 110), (60, 130))
_NARROW = (100, 48, 46)
_LEAST_WHY, _NARROW_WHY = 60, 40


class TurnsModel(QAbstractTableModel):
    """Rows of texts, as `turn_rows` makes them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[tuple[str, ...]] = []

    def show_rows(self, rows: list[tuple[str, ...]]) -> None:
        """Replace them; where there are as many, a screen reader stays where it is."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(_WIDTHS)))

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One a question."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """See `turn_headers`."""
        return 0 if parent.isValid() else len(_WIDTHS) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says."""
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[index.row()][index.column()]
        return _alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return turn_headers()[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _FIGURES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class TurnsTable(DetailTable):
    """The questions to come; all of them are shown, so it never scrolls."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.turns = TurnsModel()
        self.wanted_width = 0  # with every column as wide as what it says
        super().__init__(self.turns, _("Who is next"), _("Nobody is asked now."), theme, parent)
        self.turns.setParent(self)
        explain_table(self, lambda: TURN_FIGURES)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.set_theme(theme)

    def show_rows(self, rows: list[tuple[str, ...]]) -> None:
        """Other questions."""
        self.turns.show_rows(rows)
        high = self.least_height() + max(len(rows) - 1, 0) * self.verticalHeader().defaultSectionSize()
        if self.minimumHeight() != high:
            self.setMinimumHeight(high)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts; rows are low."""
        super().set_theme(theme)
        self.verticalHeader().setDefaultSectionSize(theme.px(24))

    def fit_columns(self, room: int) -> None:
        """Columns as wide as what they say, and narrower where there is no room; the reason has the rest."""
        widths = [
            self.width_for(name, (row[place] for row in self.turns.rows), limits, LEAD - PADDING if not place else 0)
            for place, (name, limits) in enumerate(zip(turn_headers(), _WIDTHS, strict=False))
        ]
        px, why = self._theme.px, self._theme.px(_NARROW_WHY)
        least = [min(*each) for each in zip(widths, map(px, _NARROW), strict=True)]
        self.wanted_width = sum(widths) + px(_LEAST_WHY)
        to_give = sum(widths) - sum(least)
        share = min(max(sum(widths) + why - room, 0) / to_give, 1.0) if to_give else 0.0
        for place, (width, low) in enumerate(zip(widths, least, strict=True)):
            widths[place] = width - ceil((width - low) * share)
            self.setColumnWidth(place, widths[place])
        self.setMinimumWidth(sum(least) + why)
        self.setColumnWidth(len(widths), max(room - sum(widths), why))
