"""The Rules tab: what each rule says, for whom, how it stands and when it last alerted."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.board import BoardView
from capflow_gui.ui import shapes
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import text_label
from capflow_gui.ui.rules.model import TITLES, RuleColumn, RulesModel
from capflow_gui.ui.theme import Role, Theme

ROW_HEIGHT = 32
HEADER_HEIGHT = 28
_LEAD, _PADDING = 18, 12
# The least and the most a column takes at 100 %; the state has what is left.
_WIDTHS = {RuleColumn.RULE: (150, 420), RuleColumn.SCOPE: (60, 170), RuleColumn.LAST: (70, 170)}
_LEAST_STATE = 110
_BOX = 30  # the mark of on and off, and its room
NO_RULE = "No rule yet. Add one with ⇧R, or a threshold with E."
_KEYS = {
    Qt.Key.Key_Return: "edit",
    Qt.Key.Key_Enter: "edit",
    Qt.Key.Key_E: "edit",
    Qt.Key.Key_Insert: "new",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Space: "switch",
    Qt.Key.Key_M: "mute",
}


class RulesTable(QTableView):
    """Emits `asked(what, RuleEntry or None)`: new, edit, duplicate, switch, mute, delete; and where its menu opens."""

    asked = Signal(str, object)
    menu_requested = Signal(object, QPoint)

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rules = RulesModel(board, theme, self)
        self._theme = theme
        self._ring = False
        self._nothing = text_label(NO_RULE, self, role="dim", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setModel(self.rules)
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
        self.setAccessibleName("Rules")
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        self.doubleClicked.connect(lambda index: self.asked.emit("edit", self.rules.entry(index.row())))
        self.set_theme(theme)
        self.reload()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = self.rules.theme = theme
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

    def reload(self) -> None:
        """Read the board's rules again; the chosen one stays chosen."""
        chosen = self.current()
        self.rules.reload()
        if chosen is not None and self.current() is None:
            self.choose(chosen.id)
        self._fit()
        self._nothing.setVisible(not self.rules.rows)
        self.horizontalHeader().setHidden(not self.rules.rows)

    def current(self) -> RuleEntry | None:
        """The chosen rule."""
        rows = self.selectionModel().selectedRows()
        return self.rules.entry(rows[0].row()) if rows else None

    def choose(self, number: str) -> None:
        """Choose the rule of an id, where there is one."""
        for row, (entry, _) in enumerate(self.rules.rows):
            if entry.id == number:
                self.selectRow(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the chosen rule; other single keys are the window's."""
        entry, what = self.current(), _KEYS.get(key_of(event))
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if what is not None and plain and (entry is not None or what == "new"):
            self.asked.emit(what, entry)
        elif event.key() == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier and entry:
            self.asked.emit("duplicate", entry)
        elif event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the mark switches the rule on or off."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        left = event.button() is Qt.MouseButton.LeftButton
        if index.isValid() and left and event.position().x() < self._theme.px(_LEAD + _BOX):
            self.asked.emit("switch", self.rules.entry(index.row()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of a rule, by the mouse and by its key."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            self.selectRow(index.row())
        self.menu_requested.emit(self.current(), self.menu_place(index) if by_key else event.globalPos())

    def menu_place(self, index: QModelIndex) -> QPoint:
        """Below a row, on the screen."""
        return self.viewport().mapToGlobal(self.visualRect(index).bottomLeft() + QPoint(_LEAD, 0))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first rule."""
        super().focusInEvent(event)
        self._ring = event.reason() is not Qt.FocusReason.MouseFocusReason
        if self._ring and not self.selectionModel().hasSelection() and self.rules.rows:
            self.selectRow(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a ring around the table while keys go to it."""
        super().paintEvent(event)
        if self._ring and self.hasFocus():
            shapes.draw_focus_ring(QPainter(self.viewport()), QRectF(self.viewport().rect()), self._theme.accent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The state takes what is left."""
        super().resizeEvent(event)
        self._fit()

    def least_height(self) -> int:
        """The headers and one row."""
        return self._theme.px(HEADER_HEIGHT) + self.verticalHeader().defaultSectionSize()

    def minimumSizeHint(self) -> QSize:
        """A few words of each."""
        return QSize(self._theme.px(260), self.least_height())

    def whole_rows(self, height: int) -> int:
        """The most pixels up to `height` that show no part of a row."""
        row = self.verticalHeader().defaultSectionSize()
        body = height - self._theme.px(HEADER_HEIGHT)
        return height - body % row if body > 0 else height

    def _fit(self) -> None:
        """Columns as wide as what they say, the state at least as the rule; the last alert and the scope give way."""
        room, theme = self.viewport().width(), self._theme
        widths = {column: self._width_of(column) for column in _WIDTHS}
        for column in (RuleColumn.LAST, RuleColumn.SCOPE):
            gone = sum(widths.values()) + theme.px(_LEAST_STATE) > room
            self.setColumnHidden(column, gone)
            if gone:
                del widths[column]
        others = sum(widths.values()) - widths[RuleColumn.RULE]
        widths[RuleColumn.RULE] = min(widths[RuleColumn.RULE], max((room - others) // 2, theme.px(90)))
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(RuleColumn.STATE, max(room - sum(widths.values()), 0))
        self._nothing.setGeometry(self.rect().adjusted(_LEAD, 0, -_LEAD, 0))

    def _width_of(self, column: RuleColumn) -> int:
        theme = self._theme
        cell, caption = theme.face(Role.CELL), theme.face(Role.CAPTION)
        texts = [self.rules.words(row, column) for row in range(len(self.rules.rows))]
        needed = ceil(max([caption.width(TITLES[column]), *map(cell.width, texts)])) + 2 * _PADDING + 4
        if column is RuleColumn.RULE:
            needed += _LEAD - _PADDING + theme.px(_BOX)
        least, most = _WIDTHS[column]
        return min(max(theme.px(least), needed), theme.px(most))
