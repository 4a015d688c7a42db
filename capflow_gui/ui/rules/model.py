"""The rules as a table: the user's in their order, then the thresholds."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.board import AlertRecord, BoardView
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.rules.words import RuleStanding, entry_name, entry_scope, standing_of, standing_words
from capflow_gui.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class RuleColumn(IntEnum):
    """Columns in their order on screen."""

    RULE = 0
    SCOPE = 1
    STATE = 2
    LAST = 3


TITLES = (N_("Rule"), N_("For"), N_("State"), N_("Last alert"))


class RulesModel(QAbstractTableModel):
    """Reads the board's rules, and how they stand, on `reload`. A rule is on where its row is checked."""

    def __init__(self, board: BoardView, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self.theme = theme
        self.rows: list[tuple[RuleEntry, RuleStanding]] = []

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One a rule."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """See RuleColumn."""
        return 0 if parent.isValid() else len(TITLES)

    def entry(self, row: int) -> RuleEntry:
        """The rule of a row."""
        return self.rows[row][0]

    def reload(self) -> None:
        """Read the board again."""
        board = self._board
        rules, alerts = board.rules, defaultdict[str, list[AlertRecord]](list)
        for alert in board.alerts:
            alerts[alert.rule_id].append(alert)
        rows = [(entry, standing_of(entry, alerts[entry.id], board.covered(entry), rules)) for entry in rules]
        if rows == self.rows:
            return
        same = [entry.id for entry, __ in rows] == [entry.id for entry, __ in self.rows]
        if same:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(TITLES) - 1))
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def words(self, row: int, column: RuleColumn) -> str:
        """What a cell says."""
        entry, standing = self.rows[row]
        match column:
            case RuleColumn.RULE:
                return entry_name(entry)
            case RuleColumn.SCOPE:
                return entry_scope(entry)
            case RuleColumn.STATE:
                return standing_words(entry, standing)
            case RuleColumn.LAST:
                return "" if standing.last is None else self._time(standing.last)

    def _time(self, alert: AlertRecord) -> str:
        """When it alerted and on what, with the date where that is another than today's."""
        market = alert.symbol.market
        text = numbers.clock_time(alert.raised_at, self._board.calendar.zone(market), seconds=False)
        today = self._board.calendar.session_date(market, self._board.market_now(None)).isoformat()
        if alert.session not in ("", today):
            text = f"{numbers.day_and_month(date.fromisoformat(alert.session))} {text}"
        return f"{text} {alert.symbol}"

    def is_trouble(self, row: int) -> bool:
        """Whether the state of a row is one that needs the user, or did."""
        entry, standing = self.rows[row]
        return entry.unread is not None or bool(entry.enabled and (standing.alerting or standing.blocked))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, and whether the rule is on."""
        if not index.isValid():
            return None
        row, column = index.row(), RuleColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self.words(row, column)
            case Qt.ItemDataRole.CheckStateRole if column is RuleColumn.RULE:
                entry = self.entry(row)
                on = entry.enabled and entry.rule is not None
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ForegroundRole:
                if column is RuleColumn.STATE and self.is_trouble(row):
                    return self.theme.alert_text
                entry = self.entry(row)
                quiet = column is not RuleColumn.RULE or not entry.enabled or entry.rule is None
                return self.theme.dim if quiet else self.theme.text
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return _(TITLES[section]) if role == Qt.ItemDataRole.DisplayRole else None
