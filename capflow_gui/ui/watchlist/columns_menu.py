"""Which columns the list has, in which order and how wide: a menu, and the same by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.models.columns import COLUMNS, WINDOWS, Column, ColumnChoice, title
from capflow_gui.ui.watchlist.table import WatchlistTable
from capflow_gui.ui.watchlist.widths import WIDTHS
from capflow_gui.ui.window.keys import Action, ActionScope

_STEP = 8  # pixels at 100 %
_ANY = [column for column in COLUMNS if column is not Column.SYMBOL]


class ColumnsMenu(QMenu):
    """Stays open while columns are chosen, moved and sized; gone when it closes.

    `column` is the one that was clicked.
    """

    def __init__(self, table: WatchlistTable, parent: QWidget, column: Column | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setStyleSheet("QMenu { menu-scrollable: 1; }")
        self._table = table
        self._entries: dict[QAction, Column] = {}
        if column is not None and column is not Column.SYMBOL:
            self.addAction(_("Hide the column"), partial(self._toggle, column))
            self.addAction(_names()[0], partial(table.fit_column, column))
            self.addSeparator()
        order = table.choice.order
        for each in (*order[1:], *(each for each in _ANY if each not in order)):
            action = self.addAction("")
            action.setCheckable(True)
            action.triggered.connect(partial(self._toggle, each))
            self._entries[action] = each
        self.addAction(_("Space: show · ⇧↑ ⇧↓: move · + − 0: width")).setEnabled(False)
        self.addSeparator()
        over = self.addMenu(_("Δ over"))
        for minutes in WINDOWS:
            window = over.addAction(_("{minutes} min").format(minutes=minutes), partial(set_window, table, minutes))
            window.setCheckable(True)
            window.setChecked(minutes == table.choice.minutes)
        self.addAction(_("Fit all widths to the figures"), partial(fit_all, table))
        self.addAction(_("Reset columns"), partial(table.set_choice, ColumnChoice()))
        self.addSeparator()
        dense = self.addAction(_("Dense rows"))
        dense.setCheckable(True)
        dense.setChecked(table.dense)
        dense.toggled.connect(table.set_dense)
        self._name()

    def _name(self) -> None:
        choice, shown = self._table.choice, self._table.shown_columns()
        for action, column in self._entries.items():
            name, wanted = title(column, choice.minutes), column in choice.order
            action.setText(_("{column} (no room)").format(column=name) if wanted and column not in shown else name)
            action.setChecked(wanted)

    def _toggle(self, column: Column) -> None:
        self._table.set_choice(self._table.choice.toggled(column))
        self._name()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on the column that is marked, and stay open."""
        action = self.activeAction()
        column = None if action is None else self._entries.get(action)
        if action is None or column is None or not self._act(action, column, event):
            super().keyPressEvent(event)

    def _act(self, action: QAction, column: Column, event: QKeyEvent) -> bool:
        """Whether the key means something for a column."""
        key, table = key_of(event), self._table
        if key is Qt.Key.Key_Space:
            action.trigger()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(action, column, 1 if key is Qt.Key.Key_Down else -1)
        elif event.text() in ("+", "-", "−"):
            size(table, column, _STEP if event.text() == "+" else -_STEP)
        elif event.text() == "0":
            table.fit_column(column)
        else:
            return False
        self._name()
        return True

    def _move(self, action: QAction, column: Column, step: int) -> None:
        moved = self._table.choice.moved(column, step)
        if moved == self._table.choice:
            return
        self._table.set_choice(moved)
        actions = self.actions()
        place = actions.index(action)
        before = actions[place + 2] if step > 0 else actions[place - 1]
        self.removeAction(action)
        self.insertAction(before, action)
        self.setActiveAction(action)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a column shows or hides it; more may follow."""
        action = self.actionAt(event.position().toPoint())
        if action in self._entries:
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


def set_window(table: WatchlistTable, minutes: int) -> None:
    """Have Δ over so many minutes, and its column shown."""
    choice = table.choice if Column.DELTA in table.choice.order else table.choice.toggled(Column.DELTA)
    table.set_choice(choice.over(minutes))


def size(table: WatchlistTable, column: Column, step: int) -> None:
    """Make a column wider by `step` pixels at 100 %."""
    table.set_choice(table.choice.sized(column, table.choice.widths.get(column, WIDTHS[column]) + step))


def fit_all(table: WatchlistTable) -> None:
    """Make every column as wide as what it shows."""
    for column in table.choice.order:
        table.fit_column(column)


def _acts(table: WatchlistTable, column: Column) -> tuple[Callable[[], None], ...]:
    """What can be done with a column that is wanted, as _names calls it."""
    return (
        partial(table.fit_column, column),
        lambda: table.set_choice(table.choice.moved(column, -1)),
        lambda: table.set_choice(table.choice.moved(column, 1)),
        partial(size, table, column, _STEP),
        partial(size, table, column, -_STEP),
    )


def _names() -> tuple[str, ...]:
    return (
        _("Fit the column to its figures"),
        _("Move the column to the left"),
        _("Move the column to the right"),
        _("Make the column wider"),
        _("Make the column narrower"),
    )


def column_actions(table: WatchlistTable, open_menu: Callable[[], None]) -> list[Action]:
    """The same for the search box; `open_menu` opens the menu."""
    choice, of_list = table.choice, partial(Action, open_menu, scope=ActionScope.LIST, words=_("column header"))

    def named(column: Column) -> str:
        return title(column, choice.minutes)

    def toggle(column: Column) -> None:
        table.set_choice(table.choice.toggled(column))

    shown = [(named(column), column in choice.order, partial(toggle, column)) for column in _ANY]
    acts = [(named(column), _acts(table, column)) for column in choice.order[1:]]
    done = [
        of_list(name, choices=[(column, False, runs[place]) for column, runs in acts])
        for place, name in enumerate(_names())
    ]
    windows = [
        (_("{minutes} min").format(minutes=minutes), minutes == choice.minutes, partial(set_window, table, minutes))
        for minutes in WINDOWS
    ]
    what = _("Changes one column of the list.")
    return [
        of_list(_("Show or hide a column"), choices=shown, what=_("Shows a column of the list, or hides it.")),
        *(replace(action, what=what) for action in done),
        of_list(_("Δ over"), choices=windows, what=_("Chooses the window of the Δ column.")),
        Action(
            partial(fit_all, table),
            _("Fit all widths to the figures"),
            what=_("Makes every column as wide as what it shows."),
            scope=ActionScope.LIST,
        ),
        Action(
            partial(table.set_choice, ColumnChoice()),
            _("Reset columns"),
            what=_("Brings back the columns of the beginning."),
            scope=ActionScope.LIST,
        ),
    ]
