"""Every alert that was kept, searched by symbol, rule, kind and dates, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QDate, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QDateEdit, QHeaderView, QLineEdit, QTableView, QWidget

from capflow_gui.domain.alert_record import PAGE, AlertKind, AlertSearch
from capflow_gui.domain.session import Calendar
from capflow_gui.feed.board import AlertRecord
from capflow_gui.present.alerts.log_words import (
    KINDS,
    LOG_TITLES,
    NOTHING_FOUND,
    SEARCHING,
    found_words,
    log_row,
    money_told,
    rule_searched,
    searched,
)
from capflow_gui.present.language.texts import _, pgettext
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.help.hover import LOG_FIGURES, explain_table
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.ports import AlertHistory, Start
from capflow_gui.ui.theme import Role, Theme

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
# Typing is over when no key came for so long.
_TYPED_MS = 250
_KEPT_DAYS = 400
_RULE, _RAISED, _STATE = 2, 3, 4
_LEAST_RULE = 90  # at 100 %
_ROW, _TALL_ROW = 28, 46
_DATE_INSET = 9


class LogModel(QAbstractTableModel):
    """The alerts that were found, newest first. `folded`: the state stands below the rule, in the same cell."""

    def __init__(self, calendar: Calendar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calendar = calendar
        self.records: list[AlertRecord] = []
        self.folded = False

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One an alert."""
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """See LOG_TITLES."""
        return 0 if parent.isValid() else len(LOG_TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        record = self.records[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == _RAISED:
            return money_told(record)
        words = log_row(record, self._calendar.zone(record.symbol.market))
        if self.folded and index.column() == _RULE:
            return f"{words[_RULE]}\n{words[_STATE]}"
        return words[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        shown = (_RULE, _STATE) if self.folded and section == _RULE else (section,)
        return " · ".join(_(LOG_TITLES[each]) for each in shown)

    def show(self, records: Sequence[AlertRecord]) -> None:
        """Other alerts."""
        self.beginResetModel()
        self.records = list(records)
        self.endResetModel()

    def add(self, records: Sequence[AlertRecord]) -> None:
        """A further page."""
        if records:
            self.beginInsertRows(QModelIndex(), len(self.records), len(self.records) + len(records) - 1)
            self.records += records
            self.endInsertRows()


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == _RAISED else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class _Table(QTableView):
    """The rule has what room the others leave, and is told on pointing where it is cut: no time or figure ever is.

    Where there is no room for it beside them, rows are taller and have the state below the rule.
    """

    chosen = Signal()

    def __init__(self, model: LogModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._log = theme, model
        self.setModel(model)
        for changed in (model.modelReset, model.rowsInserted):
            changed.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        header = self.horizontalHeader()
        widths = [max(self.sizeHintForColumn(each), header.sectionSizeHint(each)) for each in range(header.count())]
        least = min(widths[_RULE], self._theme.px(_LEAST_RULE))
        others = sum(widths) - widths[_RULE]
        folded = others + least > self.viewport().width()
        if folded != self._log.folded:
            self._log.folded = folded
            self.setColumnHidden(_STATE, folded)
            self.verticalHeader().setDefaultSectionSize(self._theme.px(_TALL_ROW if folded else _ROW))
        widths[_RULE] = max(self.viewport().width() - others + (widths[_STATE] if folded else 0), least)
        for column, width in enumerate(widths):
            header.resizeSection(column, width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the minute."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class LogSheet(Sheet):
    """Emits the alert whose minute is wanted in playback, and that of which it is asked why it was raised."""

    minute_wanted = Signal(object)
    why_wanted = Signal(object)

    def __init__(
        self,
        history: AlertHistory,
        start: Start,
        calendar: Calendar,
        today: date,
        theme: Theme,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_("Log of alerts"), theme, parent, (760, 460))
        self._history, self._start = history, start
        self._cancel: Callable[[], None] | None = None
        self._has_more = False
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(_("Symbol or rule"))
        self.text.setAccessibleName(_("Symbol or rule"))
        self.text.setClearButtonEnabled(True)
        self.kind = Choice(self)
        self.kind.setAccessibleName(_("Kind of alert"))
        for kind, words in KINDS.items():
            self.kind.addItem(_(words), kind)
        first = today - timedelta(days=_KEPT_DAYS)
        self.first, self.last = self._date(_("From session"), first), self._date(_("To session"), today)
        self.model = LogModel(calendar, self)
        self.table = self._make_table(theme)
        self.said = text_label("", self, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.more = push_button(_("Show more"), self, auto_default=False)
        self.why = push_button(_("Why?"), self, auto_default=False)
        self.play = push_button(_("Go to the minute"), self, "primary")
        close = push_button(_("Close"), self, auto_default=False)
        filters = beside((self.text, 1), self.kind, spacing=9)
        dates = beside(
            text_label(_("From"), self),
            self.first,
            text_label(pgettext("until a day", "to"), self),
            self.last,
            None,
            self.more,
            spacing=9,
        )
        self.fill(
            stacked(filters, dates, (self.table, 1), self.said, spacing=9), beside(None, close, self.why, self.play)
        )
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPED_MS)
        self._typed.timeout.connect(self.search)
        self.text.textChanged.connect(lambda _text: self._typed.start())
        self.kind.currentIndexChanged.connect(lambda _place: self.search())
        for each in (self.first, self.last):
            each.dateChanged.connect(lambda _date: self._typed.start())
        self.more.clicked.connect(self.search_on)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.why.clicked.connect(lambda: self._wanted(self.why_wanted))
        self.play.clicked.connect(lambda: self._wanted(self.minute_wanted))
        self.table.chosen.connect(lambda: self._wanted(self.minute_wanted))
        self.table.doubleClicked.connect(lambda _index: self._wanted(self.minute_wanted))
        close.clicked.connect(self.reject)
        self.finished.connect(lambda _result: self._rest())
        self.search()

    def _date(self, name: str, day: date) -> QDateEdit:
        made = QDateEdit(QDate(day.year, day.month, day.day), self)
        made.setDisplayFormat("yyyy-MM-dd")
        made.lineEdit().setTextMargins(_DATE_INSET, 0, _DATE_INSET, 0)  # the style gives the field no padding
        made.setAccessibleName(name)
        return made

    def _make_table(self, theme: Theme) -> _Table:
        table = _Table(self.model, theme, self)
        explain_table(table, lambda: LOG_FIGURES)
        table.setAccessibleName(_("Alerts found"))
        table.setFont(theme.font(Role.CELL))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(theme.px(_ROW))
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setFont(theme.font(Role.CAPTION))
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        return table

    def _asked(self) -> AlertSearch:
        kind = self.kind.currentData()
        first, last = (
            date(each.date().year(), each.date().month(), each.date().day()) for each in (self.first, self.last)
        )
        text = searched(self.text.text())
        worded = None if text.isascii() else rule_searched  # the grammar is English
        return AlertSearch(text, None if kind is None else AlertKind(kind), first, last, worded)

    def search(self) -> None:
        """Search anew."""
        self._typed.stop()
        self._ask(None, self.model.show)

    def search_on(self) -> None:
        """A further page."""
        if self.model.records:
            self._ask(self.model.records[-1], self.model.add)

    def _scrolled(self, value: int) -> None:
        """At the lower end the next page comes by itself."""
        if value and value == self.table.verticalScrollBar().maximum() and self._has_more:
            self.search_on()

    def _ask(self, after: AlertRecord | None, take: Callable[[Sequence[AlertRecord]], None]) -> None:
        self._rest()
        self._has_more = False  # known again once it is found
        asked = self._asked()
        self.said.setText(_(SEARCHING))

        def found(records: Sequence[AlertRecord]) -> None:
            self._cancel = None
            take(records)
            more = self._has_more = len(records) == PAGE
            self.more.setVisible(more)
            self.said.setText(
                found_words(len(self.model.records), more=more) if self.model.records else _(NOTHING_FOUND)
            )
            if self.model.records and not self.table.currentIndex().isValid():
                self.table.selectRow(0)
            self.why.setEnabled(bool(self.model.records))
            self.play.setEnabled(bool(self.model.records))

        self._cancel = self._start(lambda: self._history.search(asked, after), found, self._failed)

    def _failed(self, error: Exception) -> None:
        self._cancel = None
        self.said.setText(error_sentence(error))

    def _rest(self) -> None:
        self._typed.stop()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _wanted(self, signal: Any) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            signal.emit(self.model.records[index.row()])

    def say(self, words: str) -> None:
        """Why what was wanted cannot be shown."""
        self.said.setText(words)
