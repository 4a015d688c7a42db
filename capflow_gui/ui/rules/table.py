"""The Rules tab: what each rule says, for whom, how it stands and when it last alerted."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.rules.words import entry_condition
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.rules.model import TITLES, RuleColumn, RulesModel
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.detail_table import LEAD, PADDING, DetailTable

# The least and the most a column takes at 100 %; the state has what is left beyond that, too.
_WIDTHS = {RuleColumn.RULE: (150, 420), RuleColumn.SCOPE: (60, 170), RuleColumn.LAST: (70, 170)}
_LEAST_STATE, _MOST_STATE = 110, 1000
_BOX = 30  # the mark of on and off, and its room
NO_RULE = N_("No rule yet. Add one with ⇧R, or a threshold with E.")
_KEYS = {
    Qt.Key.Key_Return: "edit",
    Qt.Key.Key_Enter: "edit",
    Qt.Key.Key_E: "edit",
    Qt.Key.Key_Insert: "new",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Space: "switch",
    Qt.Key.Key_M: "mute",
}


class RulesTable(DetailTable):
    """Emits `asked(what, RuleEntry or None)`: new, edit, duplicate, switch, mute, delete; and where its menu opens."""

    asked = Signal(str, object)
    menu_requested = Signal(object, QPoint)
    has_marks = True  # whether a rule is on

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        self.rules = RulesModel(board, theme)
        super().__init__(self.rules, _("Rules"), _(NO_RULE), theme, parent)
        self.rules.setParent(self)
        self.doubleClicked.connect(lambda index: self.asked.emit("edit", self.rules.entry(index.row())))
        self.set_theme(theme)
        self.reload()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.rules.theme = theme
        super().set_theme(theme)

    def reload(self) -> None:
        """Read the board's rules again; the chosen one stays chosen, or the one in its place where it is gone."""
        chosen, place = self.current(), self.currentIndex().row()
        self.rules.reload()
        if chosen is not None and self.current() is None:
            self.selectRow(min(place, self.rules.rowCount() - 1))
            self.choose(chosen.id)
        self._fit()

    def current(self) -> RuleEntry | None:
        """The chosen rule."""
        rows = self.selectionModel().selectedRows()
        return self.rules.entry(rows[0].row()) if rows else None

    def choose(self, number: str) -> None:
        """Choose the rule of an id, where there is one."""
        for row, (entry, __) in enumerate(self.rules.rows):
            if entry.id == number:
                self.selectRow(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the chosen rule; other single keys are the window's."""
        entry, what = self.current(), _KEYS.get(key_of(event))
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if what is not None and plain and (entry is not None or what == "new"):
            self.asked.emit(what, entry)
        elif key_of(event) == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier and entry:
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
        if index.isValid() and left and event.position().x() < self._theme.px(LEAD + _BOX):
            self.asked.emit("switch", self.rules.entry(index.row()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of a rule, by the mouse and by its key."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            self.selectRow(index.row())
        self.menu_requested.emit(self.current(), self.menu_place(index) if by_key else event.globalPos())

    def fit_columns(self, room: int) -> None:
        """Columns as wide as what they say; the last alert, the options of rules and the scope give way.

        Where rule and state do not both have room, the rule has half of it, or what no state needs.
        """
        theme = self._theme
        widths = {column: self._width_of(column) for column in _WIDTHS}
        rows = range(len(self.rules.rows))
        condition = self._width_for(RuleColumn.RULE, [entry_condition(self.rules.entry(row)) for row in rows])
        states = [self.rules.words(row, RuleColumn.STATE) for row in rows]
        state = self.width_for(_(TITLES[RuleColumn.STATE]), states, (_LEAST_STATE, _MOST_STATE))
        options = max(widths[RuleColumn.RULE] - condition, 0)
        for column in (RuleColumn.LAST, RuleColumn.SCOPE):
            gone = sum(widths.values()) + theme.px(_LEAST_STATE) > room
            if column is RuleColumn.SCOPE and sum(widths.values()) - options + state <= room:
                gone = False
            self.setColumnHidden(column, gone)
            if gone:
                del widths[column]
        least = condition if RuleColumn.SCOPE in widths else theme.px(90)
        rest = room - sum(widths.values()) + widths[RuleColumn.RULE]
        widths[RuleColumn.RULE] = min(widths[RuleColumn.RULE], max(rest - state, rest // 2, least))
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(RuleColumn.STATE, max(room - sum(widths.values()), 0))

    def _width_of(self, column: RuleColumn) -> int:
        return self._width_for(column, [self.rules.words(row, column) for row in range(len(self.rules.rows))])

    def _width_for(self, column: RuleColumn, texts: list[str]) -> int:
        room = LEAD - PADDING + self._theme.px(_BOX) if column is RuleColumn.RULE else 0
        return self.width_for(_(TITLES[column]), texts, _WIDTHS[column], room)
