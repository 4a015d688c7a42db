"""The Alerts tab: state, when it was noted, symbol, rule, the figure it was raised at and the figure now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import ceil, isfinite

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from capflow_gui.feed.board import AlertRecord, BoardView
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.numbers import as_shown
from capflow_gui.present.sentences import has_direction, measure_words
from capflow_gui.ui import shapes
from capflow_gui.ui.alerts.model import AlertColumn, AlertsModel
from capflow_gui.ui.theme import Face, Role, Theme, mix
from capflow_gui.ui.window.detail_table import LEAD, PADDING, DetailTable

_LEFT, _RIGHT = PADDING, 4
# The least and the most a column takes at 100 %; between them it is as wide as its longest text.
_WIDTHS = {
    AlertColumn.STATE: (104, 230),
    AlertColumn.TIME: (60, 150),
    AlertColumn.SYMBOL: (68, 110),
    AlertColumn.FIRED: (84, 110),
    AlertColumn.NOW: (78, 110),
}
_LEAST_RULE = 90
_MEASURED = 200  # rows whose texts are measured
_THOUSANDS = 2000  # rows: to read them is a turn of the event loop
# As wide as figures get in a unit that suits them: the Now column, which changes at each reply, has room for it.
_WIDEST_NOW = "−999.9M"
# How many painted cells are kept: more than a tall window shows.
_KEPT = 160
_VCENTER = Qt.AlignmentFlag.AlignVCenter


class AlertDelegate(QStyledItemDelegate):
    """Paints the log's cells, each as a pixmap: rows that a new one moves down are blitted."""

    def __init__(self, model: AlertsModel, theme: Theme, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._drawn: dict[tuple[object, ...], QPixmap] = {}
        self.theme = theme

    def set_theme(self, theme: Theme) -> None:
        """Other fonts and colours: nothing that was painted can be shown again."""
        self.theme = theme
        self._drawn.clear()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """A cell, with the spine of an alert that waits in the first one."""
        alert, column, rect = self._model.alert(index.row()), AlertColumn(index.column()), option.rect
        selected = self._view.selectionModel().isSelected(index)
        words, pen = self._look(alert, column)
        ratio = painter.device().devicePixelRatioF()
        if ratio != int(ratio):  # a pixmap would lie between pixels
            self._cell(painter, QRectF(rect), alert, (column, words, pen), selected=selected)
            return
        size, handled = (rect.width(), rect.height()), (alert.standing, alert.waiting, alert.snoozed)
        key = column, words, pen.rgba(), size, handled, selected, ratio
        pixmap = self._drawn.get(key)
        if pixmap is None:
            pixmap = self._drawn[key] = QPixmap(rect.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            with QPainter(pixmap) as cell:
                self._cell(cell, QRectF(0, 0, *size), alert, (column, words, pen), selected=selected)
            if len(self._drawn) > _KEPT:
                del self._drawn[next(iter(self._drawn))]
        painter.drawPixmap(rect.topLeft(), pixmap)

    def _look(self, alert: AlertRecord, column: AlertColumn) -> tuple[str, QColor]:
        """What a cell says, and in which colour."""
        theme, true = self.theme, True
        if column not in (AlertColumn.FIRED, AlertColumn.NOW):
            quiet = _is_past(alert) or column is AlertColumn.TIME
            return self._model.words(alert, column), theme.dim if quiet else theme.text
        if column is AlertColumn.NOW:
            text, value, true = self._model.now(alert)
        else:
            text, value = self._model.words(alert, column), alert.value
        return text, self.figure_pen(alert, as_shown(value, text), true=true)

    def _cell(
        self,
        painter: QPainter,
        rect: QRectF,
        alert: AlertRecord,
        look: tuple[AlertColumn, str, QColor],
        *,
        selected: bool,
    ) -> None:
        theme, (column, words, pen) = self.theme, look
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(rect, mix(theme.text, theme.panel, 0.05) if selected else theme.panel)
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.line)
        if column is AlertColumn.STATE and alert.waiting:
            painter.fillRect(QRectF(rect.left(), rect.top(), 4, rect.height() - 1), theme.alert)
        if column is AlertColumn.STATE and not _is_past(alert):
            self._pill(painter, rect, alert, words)
        else:
            face, figure = _face(theme, column), column in (AlertColumn.FIRED, AlertColumn.NOW)
            painter.setFont(face.font)
            painter.setPen(pen)
            if figure:
                box = rect.adjusted(0, 0, -_LEFT, -1)
                painter.drawText(box, _VCENTER | Qt.AlignmentFlag.AlignRight, words)
            else:
                box = rect.adjusted(LEAD if column is AlertColumn.STATE else _LEFT, 0, -_RIGHT, -1)
                if column is AlertColumn.RULE:
                    forms = self._model.rule_forms(alert)
                    words = next((form for form in forms if face.width(form) <= box.width()), forms[-1])
                painter.drawText(box, _VCENTER, face.elided(words, box.width()))
        painter.restore()

    def _pill(self, painter: QPainter, rect: QRectF, alert: AlertRecord, words: str) -> None:
        theme, filled = self.theme, alert.waiting
        words, width = shapes.fitted_pill((words,), theme, rect.width() - LEAD - _RIGHT, diamond=filled)
        height = shapes.pill_size(words, theme, diamond=filled)[1]
        top = rect.top() + (rect.height() - 1 - height) / 2
        box = QRectF(rect.left() + LEAD, top, width, height)
        shapes.draw_pill(painter, box, words, theme, filled=filled, quiet=alert.snoozed)

    def figure_pen(self, alert: AlertRecord, value: float, *, true: bool) -> QColor:
        """The colour of a figure; `true`: it is true now, or final."""
        theme = self.theme
        if _is_past(alert) or alert.cannot_judge:
            return theme.dim
        plain = true and isfinite(value) and not has_direction(alert.rule)
        return theme.text if plain else theme.direction(value, true=true)


def _is_past(alert: AlertRecord) -> bool:
    return not (alert.standing or alert.waiting)


def _face(theme: Theme, column: AlertColumn) -> Face:
    strong = column in (AlertColumn.SYMBOL, AlertColumn.FIRED, AlertColumn.NOW)
    return theme.sized_face(10, 600) if strong else theme.face(Role.CELL)


NO_ALERT = N_("No alert today. Set a threshold with E, or drag the dashed line in the chart.")
NO_RULE = N_("No rule is on here. Set a threshold with E.")


class AlertsTable(DetailTable):
    """Emits the symbol a row belongs to when it is chosen, and where the menu of the chosen rows is wanted."""

    symbol_chosen = Signal(object)
    menu_requested = Signal(QPoint)

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        self._board, self._empty = board, _(NO_ALERT)
        self.alerts = AlertsModel(board)
        super().__init__(self.alerts, _("Alerts"), self._empty, theme, parent, painted=True)
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit)
        self.alerts.setParent(self)
        self._delegate = AlertDelegate(self.alerts, theme, self)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.clicked.connect(lambda index: self.symbol_chosen.emit(self.alerts.alert(index.row()).symbol))
        self.set_theme(theme)
        self.reload()

    def say_where_empty(self, words: str) -> None:
        """What is said while there is no alert, of a board with rules: `NO_ALERT`, or that of another board."""
        self._empty = words
        self._say_nothing()

    def _say_nothing(self) -> None:
        """Silence where nothing is watched is no calm."""
        watched = any(rule.enabled for rule in self._board.rules)
        self._nothing.setText(self._empty if watched else _(NO_RULE))

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._delegate.set_theme(theme)
        super().set_theme(theme)

    def reload(self) -> None:
        """Read the board's alerts again. The columns of thousands are fitted in the turn after."""
        alerts, current = self.alerts, self.currentIndex()
        chosen = set(self.selected_ids())
        at = alerts.alert(current.row()).id if current.isValid() else None
        if alerts.reload() and (chosen or at is not None):
            ids = [alerts.alert(row).id for row in range(alerts.rowCount())]
            if at in ids:
                kept = alerts.index(ids.index(at), current.column())
                self.selectionModel().setCurrentIndex(kept, QItemSelectionModel.SelectionFlag.NoUpdate)
            self._choose([row for row, number in enumerate(ids) if number in chosen])
        self._say_nothing()
        if alerts.rowCount() > _THOUSANDS:
            self._fitting.start(0)
        else:
            self._fit()

    def _choose(self, rows: Sequence[int]) -> None:
        """Select rows, given in order: as few ranges as there are, for each one costs."""
        ranges, last = QItemSelection(), len(AlertColumn) - 1
        for __, run in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
            found = [row for __, row in run]
            ranges.append(QItemSelectionRange(self.alerts.index(found[0], 0), self.alerts.index(found[-1], last)))
        self.selectionModel().select(ranges, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def tick(self) -> None:
        """The Now column."""
        if self.alerts.rowCount():
            left, width = self.columnViewportPosition(AlertColumn.NOW), self.columnWidth(AlertColumn.NOW)
            self.viewport().update(left, 0, width, self.viewport().height())

    def selected(self) -> list[AlertRecord]:
        """The records of the selected rows."""
        ranges = self.selectionModel().selection()
        rows = sorted({row for each in ranges.toList() for row in range(each.top(), each.bottom() + 1)})
        return [self.alerts.alert(row) for row in rows]

    def selected_ids(self) -> list[str]:
        """Their ids."""
        return [record.id for record in self.selected()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the symbol."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.symbol_chosen.emit(self.alerts.alert(self.currentIndex().row()).symbol)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the chosen rows, by the mouse and by its key; a row beside them is chosen alone."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid() and not self.selectionModel().isRowSelected(index.row(), QModelIndex()):
            alone = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, alone)  # not selectRow: with Shift held it chooses a range
        self.menu_requested.emit(self.menu_place(index) if by_key else event.globalPos())

    def fit_columns(self, room: int) -> None:
        """Columns as wide as what they say, the rule has the rest. Seconds, `Raised at`, then the state give way.

        Where a condition would not be whole even so, no column has more room than its words need.

        The first rows decide, and the first of those that do not wait. For the reason of a rule that cannot be judged,
        and has no figure, no figure of another alert gives way.
        """
        count, rested = self.alerts.rowCount(), self.alerts.waiting
        measured = {*range(min(count, _MEASURED)), *range(rested, min(count, rested + _MEASURED))}
        alerts = [self.alerts.alert(row) for row in sorted(measured)]
        self.alerts.seconds = True
        widths = {column: self._width_of(column, alerts) for column in AlertColumn}
        rule, least_rule = widths.pop(AlertColumn.RULE), _LEAST_RULE
        if judged := [alert for alert in alerts if not alert.cannot_judge]:
            rule = self._width_of(AlertColumn.RULE, judged)
        if sum(widths.values()) + rule > room:
            self.alerts.seconds = False
            widths[AlertColumn.TIME] = self._width_of(AlertColumn.TIME, alerts)
        self.alerts.raised = sum(widths.values()) + rule <= room
        self.setColumnHidden(AlertColumn.FIRED, not self.alerts.raised)
        if not self.alerts.raised:
            del widths[AlertColumn.FIRED]
            self.alerts.seconds = True
            with_seconds = self._width_of(AlertColumn.TIME, alerts)
            self.alerts.seconds = sum(widths.values()) - widths[AlertColumn.TIME] + with_seconds + rule <= room
            widths[AlertColumn.TIME] = self._width_of(AlertColumn.TIME, alerts)
        least, over = self._theme.px(_WIDTHS[AlertColumn.STATE][0]), sum(widths.values()) + least_rule - room
        widths[AlertColumn.STATE] = max(least, widths[AlertColumn.STATE] - max(over, 0))
        missing = self._condition_width(alerts) - (room - sum(widths.values()))
        for column, width in widths.items():
            spare = width - self._width_of(column, alerts, tight=True) if missing > 0 else 0
            widths[column] = width - max(min(spare, missing), 0)
            missing -= width - widths[column]
            self.setColumnWidth(column, widths[column])
        self.setColumnWidth(AlertColumn.RULE, max(room - sum(widths.values()), least_rule))

    def _condition_width(self, alerts: Sequence[AlertRecord]) -> int:
        """What the rules' conditions need, without their options and what follows."""
        face = _face(self._theme, AlertColumn.RULE)
        rules = {each.rule for each in alerts if each.reason is None and not each.of_source}
        conditions = {measure_words(rule) for rule in rules}
        return ceil(max(map(face.width, conditions), default=0.0)) + _LEFT + _RIGHT

    def _width_of(self, column: AlertColumn, alerts: Sequence[AlertRecord], *, tight: bool = False) -> int:
        theme = self._theme
        if column is AlertColumn.STATE:
            texts = {self.alerts.words(alert, column) for alert in alerts}
            needed = max((shapes.pill_size(text, theme, diamond=True)[0] for text in texts), default=0.0)
        else:
            face = _face(theme, column)
            now = column is AlertColumn.NOW
            texts = {_WIDEST_NOW} if now else {self.alerts.words(alert, column) for alert in alerts}
            needed = max((face.width(text) for text in texts), default=0.0)
        least, most = _WIDTHS.get(column, (90, None))
        left = LEAD if column is AlertColumn.STATE else _LEFT
        caption = self.alerts.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
        titled = theme.face(Role.CAPTION).width(caption) + left - _LEFT + 2 * PADDING
        width = max(0 if tight else theme.px(least), ceil(needed) + left + _RIGHT, ceil(titled))
        return width if most is None else min(width, theme.px(most))
