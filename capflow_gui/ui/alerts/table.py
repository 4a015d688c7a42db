"""The Alerts tab: state, when it was noted, symbol, rule, the figure that fired and the figure now."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from capflow_gui.feed.board import AlertRecord, BoardView
from capflow_gui.ui import shapes
from capflow_gui.ui.alerts.model import AlertColumn, AlertsModel
from capflow_gui.ui.theme import Face, Role, Theme, mix

ROW_HEIGHT = 32
HEADER_HEIGHT = 28
_LEAD, _LEFT, _RIGHT = 18, 12, 4
# The least and the most a column takes at 100 %; between them it is as wide as its longest text.
_WIDTHS = {
    AlertColumn.STATE: (104, 230),
    AlertColumn.TIME: (60, 150),
    AlertColumn.SYMBOL: (68, 110),
    AlertColumn.FIRED: (84, 110),
    AlertColumn.NOW: (78, 110),
}
_LEAST_RULE = 90
_VCENTER = Qt.AlignmentFlag.AlignVCenter


class _AlertDelegate(QStyledItemDelegate):
    def __init__(self, model: AlertsModel, theme: Theme, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self.theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self.theme
        alert = self._model.alert(index.row())
        rect = QRectF(option.rect)
        selected = self._view.selectionModel().isSelected(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(rect, self._background(selected=selected))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.line)
        column = AlertColumn(index.column())
        if column is AlertColumn.STATE:
            if alert.waiting:
                painter.fillRect(QRectF(rect.left(), rect.top(), 4, rect.height() - 1), theme.alert)
            self._state(painter, rect, alert)
        else:
            self._cell(painter, rect, alert, column)
        painter.restore()

    def _background(self, *, selected: bool) -> object:
        theme = self.theme
        return mix(theme.text, theme.panel, 0.05) if selected else theme.panel

    def _state(self, painter: QPainter, rect: QRectF, alert: AlertRecord) -> None:
        theme = self.theme
        words = self._model.state_words(alert)
        if _is_past(alert):
            painter.setFont(theme.font(Role.CELL))
            painter.setPen(theme.dim)
            box = rect.adjusted(_LEAD, 0, -_RIGHT, -1)
            painter.drawText(box, _VCENTER, theme.face(Role.CELL).elided(words, box.width()))
            return
        filled = alert.waiting
        words, width = shapes.fitted_pill(words, theme, rect.width() - _LEAD - _RIGHT, diamond=filled)
        height = shapes.pill_size(words, theme, diamond=filled)[1]
        top = rect.top() + (rect.height() - 1 - height) / 2
        shapes.draw_pill(painter, QRectF(rect.left() + _LEAD, top, width, height), words, theme, filled=filled)

    def _cell(self, painter: QPainter, rect: QRectF, alert: AlertRecord, column: AlertColumn) -> None:
        theme = self.theme
        over = _is_past(alert)
        if column in (AlertColumn.FIRED, AlertColumn.NOW):
            now = column is AlertColumn.NOW
            value = self._model.now_value(alert) if now else alert.value
            true = not now or self._model.now_true(alert)
            painter.setFont(theme.sized_font(10, 600))
            painter.setPen(theme.dim if over or alert.cannot_judge else theme.direction(value, true=true))
            text = self._model.words(alert, column)
            painter.drawText(rect.adjusted(0, 0, -_LEFT, -1), _VCENTER | Qt.AlignmentFlag.AlignRight, text)
            return
        words = self._model.words(alert, column)
        face = _face(theme, column)
        painter.setFont(face.font)
        painter.setPen(theme.dim if over or column is AlertColumn.TIME else theme.text)
        box = rect.adjusted(_LEFT, 0, -_RIGHT, -1)
        painter.drawText(box, _VCENTER, face.elided(words, box.width()))


def _is_past(alert: AlertRecord) -> bool:
    return not (alert.standing or alert.waiting)


def _face(theme: Theme, column: AlertColumn) -> Face:
    strong = column in (AlertColumn.SYMBOL, AlertColumn.FIRED, AlertColumn.NOW)
    return theme.sized_face(10, 600) if strong else theme.face(Role.CELL)


NO_ALERT = "No alert today. Set a threshold with E, or drag the dashed line in the chart."


class AlertsTable(QTableView):
    """Emits the symbol a row belongs to when it is chosen, and where the menu of the chosen rows is wanted."""

    symbol_chosen = Signal(object)
    menu_requested = Signal(QPoint)

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.alerts = AlertsModel(board, self)
        self._theme = theme
        self._ring = False
        self._delegate = _AlertDelegate(self.alerts, theme, self)
        self._nothing = QLabel(NO_ALERT, self)
        self._nothing.setProperty("role", "dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self.setModel(self.alerts)
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.setAccessibleName("Alerts")
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        self.clicked.connect(lambda index: self.symbol_chosen.emit(self.alerts.alert(index.row()).symbol))
        self.set_theme(theme)
        self.reload()

    def say_where_empty(self, words: str) -> None:
        """What is said while there is no alert: `NO_ALERT`, or that of another board."""
        self._nothing.setText(words)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self._delegate.theme = theme
        self.verticalHeader().setMinimumSectionSize(20)
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))
        self.horizontalHeader().setFont(theme.font(Role.CAPTION))
        self.horizontalHeader().setFixedHeight(theme.px(HEADER_HEIGHT))
        self.horizontalHeader().setStyleSheet(
            f"QHeaderView::section {{ padding: 0 {_LEFT}px; }}QHeaderView::section:first {{ padding-left: {_LEAD}px; }}"
        )
        self._fit()
        self.viewport().update()

    def reload(self) -> None:
        """Read the board's alerts again."""
        chosen = set(self.selected_ids())
        if self.alerts.reload() and chosen:
            rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            self.clearSelection()
            for row in range(self.alerts.rowCount()):
                if self.alerts.alert(row).id in chosen:
                    self.selectionModel().select(self.alerts.index(row, 0), rows)
        self._fit()
        self._nothing.setVisible(self.alerts.rowCount() == 0)
        self.horizontalHeader().setHidden(self.alerts.rowCount() == 0)

    def tick(self) -> None:
        """The Now column."""
        if self.alerts.rowCount():
            left, width = self.columnViewportPosition(AlertColumn.NOW), self.columnWidth(AlertColumn.NOW)
            self.viewport().update(left, 0, width, self.viewport().height())

    def selected(self) -> list[AlertRecord]:
        """The records of the selected rows."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
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
            self.selectRow(index.row())
        place = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft() + QPoint(_LEAD, 0))
        self.menu_requested.emit(place if by_key else event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the newest alert."""
        super().focusInEvent(event)
        self._ring = event.reason() is not Qt.FocusReason.MouseFocusReason
        if self._ring and not self.selectionModel().hasSelection() and self.alerts.rowCount():
            self.selectRow(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a ring around the table while keys go to it."""
        super().paintEvent(event)
        if self._ring and self.hasFocus():
            shapes.draw_focus_ring(QPainter(self.viewport()), QRectF(self.viewport().rect()), self._theme.accent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The rule takes what is left."""
        super().resizeEvent(event)
        self._fit()

    def least_height(self) -> int:
        """The headers and one row."""
        return self._theme.px(HEADER_HEIGHT) + self.verticalHeader().defaultSectionSize()

    def minimumSizeHint(self) -> QSize:
        """The rule is never narrower than a few words."""
        return QSize(self._theme.px(260), self.least_height())

    def whole_rows(self, height: int) -> int:
        """The most pixels up to `height` that show no part of a row."""
        row = self.verticalHeader().defaultSectionSize()
        body = height - self._theme.px(HEADER_HEIGHT)
        return height - body % row if body > 0 else height

    def _fit(self) -> None:
        """Columns as wide as what they say, the rule has the rest. `At firing`, seconds, then the state give way."""
        room = self.viewport().width()
        self.alerts.seconds = True
        widths = {column: self._width_of(column) for column in AlertColumn}
        rule, least_rule = widths.pop(AlertColumn.RULE), _LEAST_RULE
        self.setColumnHidden(AlertColumn.FIRED, sum(widths.values()) + rule > room)
        if self.isColumnHidden(AlertColumn.FIRED):
            del widths[AlertColumn.FIRED]
            self.alerts.seconds = sum(widths.values()) + rule <= room
            widths[AlertColumn.TIME] = self._width_of(AlertColumn.TIME)
        least, over = self._theme.px(_WIDTHS[AlertColumn.STATE][0]), sum(widths.values()) + least_rule - room
        widths[AlertColumn.STATE] = max(least, widths[AlertColumn.STATE] - max(over, 0))
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(AlertColumn.RULE, max(room - sum(widths.values()), least_rule))
        self._nothing.setGeometry(self.rect().adjusted(_LEAD, 0, -_LEAD, 0))

    def _width_of(self, column: AlertColumn) -> int:
        theme = self._theme
        alerts = [self.alerts.alert(row) for row in range(self.alerts.rowCount())]
        if column is AlertColumn.STATE:
            texts = {self.alerts.words(alert, column) for alert in alerts}
            needed = max((shapes.pill_size(text, theme, diamond=True)[0] for text in texts), default=0.0)
        else:
            face = _face(theme, column)
            texts = {self.alerts.words(alert, column) for alert in alerts}
            needed = max((face.width(text) for text in texts), default=0.0)
        least, most = _WIDTHS.get(column, (90, None))
        left = _LEAD if column is AlertColumn.STATE else _LEFT
        width = max(theme.px(least), ceil(needed) + left + _RIGHT)
        return width if most is None else min(width, theme.px(most))
