"""The left side of the window: tabs and filter, the table, the footer, and what just happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import islice

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.names import shortened
from capflow_gui.present.numbers import counted
from capflow_gui.ui.layouts import NO_MARGINS, beside, passing_menu, push_button, stacked, text_label
from capflow_gui.ui.models.columns import Column, SortOrder
from capflow_gui.ui.models.watchlist_model import WatchlistModel
from capflow_gui.ui.tab_strip import PAD
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.columns_menu import ColumnsMenu
from capflow_gui.ui.watchlist.footer import WatchlistFooter, breadth
from capflow_gui.ui.watchlist.group_tabs import ALL_KEY, GroupTabs, group_of, members_of
from capflow_gui.ui.watchlist.table import WatchlistTable
from capflow_gui.ui.window.notice import Notice
from capflow_gui.ui.words import NO_SYMBOL

RESORT_S = 10.0
# Rows read again in one turn of the loop, and how long the others wait: what else waits comes between them.
AT_ONCE, PAUSE_MS = 16, 10


class WatchlistPanel(QWidget):
    """Emits intents; the board's answer comes back through `reload` and `refresh`.

    reorder_requested(the symbols of the tab, the SortOrder they were shown in) · remove_requested(symbols, whether off
    the list where a group is shown) · dropped(symbols, a group's key, whether to copy): rows were let go on a tab.
    `more_entries` adds to the menu of rows.
    """

    symbol_selected = Signal(object)
    symbol_activated = Signal(object)
    remove_requested = Signal(list, bool)
    dropped = Signal(list, object, bool)
    reorder_requested = Signal(list, object)
    threshold_requested = Signal(object)
    acknowledge_requested = Signal()
    why_requested = Signal()
    sentence_action = Signal(object)
    visible_changed = Signal(list)
    add_requested = Signal()
    groups_requested = Signal()

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._sorted_at = board.monotonic_now()
        self._known = 0
        self._visible: list[Symbol] = []
        self._counted = -1
        self._breadth = breadth([])
        self._changed: dict[Symbol, None] = {}  # rows to be read again
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._read_some)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = WatchlistModel(board, self)
        self.table = WatchlistTable(self.model, board, theme, self)
        self.tabs = GroupTabs(theme, self)
        self.more_entries: Callable[[QMenu, list[Symbol]], None] = lambda _menu, _symbols: None
        self.filter = QLineEdit(self)
        self.footer = WatchlistFooter(theme, self)
        self.notice = Notice(self)
        self._empty = text_label("", self, role="dim")
        self._empty_hint = text_label("", self, role="dim")
        self._empty_button = push_button("", self)
        self._import_button = push_button(_("Import groups from the broker…"), self, "link")
        self._pages = QStackedWidget(self)
        self._build()
        self._connect()
        self.set_theme(theme)
        self.table.set_sort(SortOrder())
        self.reload()

    def _build(self) -> None:
        self.filter.setPlaceholderText(_("Filter"))
        self.filter.setAccessibleName(_("Filter the watchlist"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(150)
        self.filter.hide()
        self._filter_button = push_button(_("Filter"), self, "link")
        self._filter_button.setToolTip(
            _("Show the rows whose code, name, source and state have some words: stale, alert (/)")
        )
        self._columns_button = push_button(_("Columns"), self, "link")
        parts = ((self.tabs, 1), self.filter, self._filter_button, self._columns_button)
        bar = beside(*parts, margins=(16 - PAD, 0, 12, 0), spacing=6)
        empty = QWidget(self)
        middle = Qt.AlignmentFlag.AlignHCenter
        parts_shown = (self._empty, self._empty_button, self._empty_hint, self._import_button)
        stacked(
            (None, 2), *((each, middle) for each in parts_shown), (None, 3), of=empty, margins=NO_MARGINS, spacing=14
        )
        self._pages.addWidget(self.table)
        self._pages.addWidget(empty)
        stacked(bar, (self._pages, 1), self.notice, self.footer, of=self, margins=NO_MARGINS, spacing=0)

    def _connect(self) -> None:
        self.table.symbol_selected.connect(self.symbol_selected)
        self.table.activated_symbol.connect(self.symbol_activated)
        self.table.remove_requested.connect(self.remove_selected)
        self.table.header.sort_requested.connect(self.sort)
        self.table.moved.connect(self._move)
        self.table.carried.connect(self._carry)
        self.table.action_clicked.connect(self.sentence_action)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.verticalScrollBar().valueChanged.connect(lambda _value: self._tell_visible())
        self.tabs.chosen.connect(lambda _key: self._apply_filter())
        QShortcut(QKeySequence("Esc"), self.filter, self.close_filter, context=Qt.ShortcutContext.WidgetShortcut)
        self.filter.textChanged.connect(lambda _text: self._apply_filter())
        self._filter_button.clicked.connect(self.open_filter)
        self._columns_button.clicked.connect(self.open_columns)
        self.table.header.menu_requested.connect(self._open_header_menu)
        self._empty_button.clicked.connect(self._empty_action)
        self._import_button.clicked.connect(self.groups_requested)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts, everywhere in the panel."""
        for each in (self._filter_button, self._columns_button):
            each.setStyleSheet(
                f"QPushButton {{ color: {theme.dim.name()}; font-weight: 500; }}"
                f"QPushButton:hover {{ color: {theme.text.name()}; text-decoration: none; }}"
            )
        self.table.set_theme(theme)
        self.tabs.set_theme(theme)
        self.footer.set_theme(theme)

    # what the board says

    def reload(self, *, anew: bool = True) -> None:
        """The list itself changed: read it again, keep the selection near where it was.

        Not `anew`: rows that were there before are read in later turns, those on screen first.
        """
        current = self.table.current_symbol()
        row = self.table.currentIndex().row()
        self._changed.clear()
        with self.table.keep_top():
            self.model.reload(anew=anew)
            self._ordered()
            self._make_tabs()
            if self.model.rowCount() and not (current is not None and self.table.select(current)):
                nearest = min(max(row, 0), self.model.rowCount() - 1)
                self.table.select(self.model.figures(nearest).row.symbol)
            self._after_change()
        if not anew:
            self.refresh(soon=True)

    def refresh(self, symbols: Iterable[Symbol] | None = None, *, soon: bool = False) -> None:
        """Some rows changed in place (None: all). Where many did, those on screen are read first, a few a turn.

        `soon`: in a turn of the loop of their own.
        """
        self._changed |= dict.fromkeys(self._board.symbols if symbols is None else symbols)
        if len(self._changed) > AT_ONCE:
            on_screen = (each for each in self.table.visible_symbols() if each in self._changed)
            self._changed = dict.fromkeys(on_screen) | self._changed
        if soon:
            self._rest.start(PAUSE_MS)
        else:
            self._read_some()

    def _read_some(self) -> None:
        some = list(islice(self._changed, AT_ONCE))
        for symbol in some:
            del self._changed[symbol]
        self.model.refresh(some)
        if self._changed:
            self._rest.start(PAUSE_MS)

    def tick(self) -> None:
        """Once a second: ages, and a new order when one is due and no hand is on the table.

        A row that got its first figure takes its place at once.
        """
        if self.model.unsorted:
            known = self.model.known
            due = known > self._known or self._board.monotonic_now() - self._sorted_at >= RESORT_S
            self._known = min(self._known, known)
            if due and not self.table.busy():
                self._ordered()
                with self.table.keep_top():
                    self.model.resort()
                if self.filter.text():
                    self._after_change()
        self.table.tick()
        self._show_breadth()
        self._tell_visible()

    def _ordered(self) -> None:
        self._sorted_at, self._known = self._board.monotonic_now(), self.model.known

    # what the user does

    def sort(self, order: SortOrder) -> None:
        """Sort by another column, now."""
        self._ordered()
        self.table.set_sort(order)
        self._after_change()

    def open_filter(self) -> None:
        """Show the filter and put the cursor in it."""
        self.filter.show()
        self._filter_button.hide()
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def close_filter(self) -> bool:
        """Esc: show every row again; False where there was nothing to close."""
        if self.filter.isHidden():
            return False
        self.filter.clear()
        self.filter.hide()
        self._filter_button.show()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def remove_selected(self, whole: bool = False) -> None:
        """Take the selected rows out of the group shown, or (`whole`, or where none is) off the list."""
        symbols = self.table.selected_symbols()
        if symbols:
            self.remove_requested.emit(symbols, whole)

    def list_name(self) -> str:
        """How the tab shown is called: a group, a market, or the whole list."""
        return self.group() or str(self.tabs.current() or "") or _("Watchlist")

    def names_on(self, board: BoardView) -> dict[Symbol, str]:
        """The names of a board's symbols, as the rows have them; those that have none here are asked for."""
        shown = {each.row.symbol: each.row.name for each in self.model.all_figures()}
        return {each: shown[each] if each in shown else board.row(each).name for each in board.symbols}

    def group(self) -> str | None:
        """The name of the group shown; None for the whole list and for a market."""
        return group_of(self.tabs.current())

    def show_symbol(self, symbol: Symbol) -> None:
        """Select a symbol, dropping the filter if it hides it."""
        if not self.table.select(symbol):
            self.filter.clear()
            if not self.table.select(symbol):
                self.tabs.choose(ALL_KEY)
                self.table.select(symbol)

    def _move(self, symbol: Symbol, before: Symbol | None) -> None:
        order, sort = self.model.moved(symbol, before), self.model.sort_order
        if sort.column is not None:
            self.sort(SortOrder(None))
        self.reorder_requested.emit(order, sort)

    def _carry(self, symbols: list[Symbol], point: QPoint | None, dropped: bool, copied: bool) -> None:
        key = self.tabs.hover(point)
        if dropped:
            self.tabs.hover(None)
        if dropped and key is not None and key != self.tabs.current():
            self.dropped.emit(symbols, key, copied)

    def show_alerts(self) -> None:
        """Mark the tabs whose symbols have alerts that wait."""
        waiting = [record.symbol for record in self._board.alerts if record.waiting]
        self.tabs.show_lists(members_of(self._board.groups, self._board.symbols), self._board.groups, waiting)

    def _make_tabs(self) -> None:
        self.show_alerts()
        self._apply_filter()

    def _apply_filter(self) -> None:
        key = self.tabs.current()
        members = members_of(self._board.groups, self._board.symbols)
        current = self.table.current_symbol()
        self.model.set_filter(self.filter.text(), members.get(str(key)) if key else None)
        with self.table.keep_top():
            if self.model.rowCount() and (current is None or not self.table.select(current)):
                self.table.select(self.model.figures(0).row.symbol)
        self._after_change()

    def choose_tab(self, place: int) -> None:
        """The tab at a place from the left."""
        keys = self.tabs.all_keys()
        if place < len(keys):
            self.tabs.choose(keys[place])

    def _after_change(self) -> None:
        empty, group = self.model.rowCount() == 0, self.group()
        if empty and self.filter.text():
            self._empty.setText(_("No row matches “{text}”.").format(text=shortened(self.filter.text())))
            self._empty_button.setText(_("Show all"))
        else:
            self._empty.setText(
                _("Nothing is watched yet.")
                if group is None
                else _("Nothing is in {group} yet.").format(group=shortened(group))
            )
            self._empty_button.setText(_("Add symbols"))
        hint = _("Codes of any market, one or many: 700.HK, AAPL.US, 600519.SH.")
        if group is not None:
            hint = _("Add codes, or drag rows of another tab onto this one.")
        self._empty_hint.setText("" if self.filter.text() else hint)
        self._import_button.setVisible(group is None and not self.filter.text())
        focused = self.window().focusWidget() is self.focusProxy()  # also behind a dialog
        self._pages.setCurrentIndex(1 if empty else 0)
        self.setFocusProxy(self._empty_button if empty else self.table)
        if focused:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_breadth()
        self._tell_visible()

    def _empty_action(self) -> None:
        if self.filter.text():
            self.close_filter()
        else:
            self.add_requested.emit()

    def _show_breadth(self) -> None:
        if self.model.sums != self._counted:
            self._counted, self._breadth = self.model.sums, breadth(self.model.shown())
        value = self._breadth
        words = [_("{currency} only").format(currency=value.currency)] if value.currency else []
        words.append(self.model.order_words())
        if self.model.unsorted and self.table.busy():
            words.append(_("held while you point"))
        self.footer.show_breadth(value, *words)

    def _tell_visible(self) -> None:
        visible = self.table.visible_symbols()
        if visible != self._visible:
            self._visible = visible
            self.visible_changed.emit(visible)

    # menus

    def _open_menu(self, point: QPoint) -> None:
        symbol = self.table.symbol_at(point)
        menu = passing_menu(self)
        if symbol is None:
            menu.addAction(_("Add symbols…"), self.add_requested.emit)
        else:
            if symbol not in self.table.selected_symbols():
                self.table.select(symbol)
            self._fill_row_menu(menu, symbol)
        menu.addAction(_("Import groups from the broker…"), self.groups_requested.emit)
        menu.popup(self.table.viewport().mapToGlobal(point))

    def _fill_row_menu(self, menu: QMenu, symbol: Symbol) -> None:
        row = self._board.row(symbol)
        if row.alert is not None:
            _with_key(menu.addAction(_("Acknowledge"), self.acknowledge_requested.emit), "A")
            _with_key(menu.addAction(_("Why?"), self.why_requested.emit), "Y")
        _with_key(menu.addAction(_("Threshold…"), lambda: self.threshold_requested.emit(symbol)), "E")
        chosen = self.table.selected_symbols()
        menu.addAction(
            _("Copy code") if len(chosen) == 1 else _("Copy {codes}").format(codes=counted(len(chosen), "code")),
            lambda: QGuiApplication.clipboard().setText("\n".join(map(str, chosen))),
        )
        held = set(chosen) <= self.model.pinned
        _with_key(menu.addAction(_("Unpin") if held else _("Pin at the top"), self.toggle_pinned), "⇧I")
        self.more_entries(menu, chosen)
        what, group = str(symbol) if len(chosen) == 1 else counted(len(chosen), "symbol"), self.group()
        if group is not None:
            _with_key(
                menu.addAction(_("Take {what} out of {group}").format(what=what, group=group), self.remove_selected),
                "Del",
            )
        whole = menu.addAction(
            _("Remove {what} from the list").format(what=what), lambda: self.remove_selected(whole=True)
        )
        _with_key(whole, "Del" if group is None else "⇧Del")
        menu.addSeparator()

    def open_sort_menu(self) -> None:
        """Every order there is, the one in force ticked; choosing it again turns it round."""
        menu = passing_menu(self)
        header, order, minutes = self.table.header, self.model.sort_order, self.table.choice.minutes
        columns = [column for column in self.table.shown_columns() if column is not order.column]
        orders = [SortOrder(None).turned(column) for column in columns]
        turned = [] if order.column is None else [replace(order, descending=not order.descending)]
        for offered in (order, *turned, *orders, *([] if order.column is None else [SortOrder(None)])):
            action = menu.addAction(_capital(offered.words(minutes)), partial(self.sort, offered))
            action.setCheckable(True)
            action.setChecked(offered == order)
        if order.column is not None:
            menu.addSeparator()
            beside = menu.addMenu(_("Then by"))
            for column in columns:
                further = order.turned(column, beside=True)
                if column not in dict(order.keys):
                    words = SortOrder.of(further.keys[-1:]).words(minutes)
                    beside.addAction(_capital(words), partial(self.sort, further))
        menu.popup(header.mapToGlobal(QPoint(0, header.height())))

    def toggle_pinned(self) -> None:
        """Keep the selected rows at the top or, if all of them are there, no longer."""
        chosen, pinned = frozenset(self.table.selected_symbols()), self.model.pinned
        if not chosen:
            self.notice.say(_(NO_SYMBOL))
            return
        with self.table.keep_top():
            self.model.set_pinned(pinned - chosen if chosen <= pinned else pinned | chosen)

    def open_columns(self) -> None:
        """The menu of the columns, under its button."""
        below = self._columns_button.mapToGlobal(QPoint(0, self._columns_button.height()))
        self._open_header_menu(None, below)

    def _open_header_menu(self, column: Column | None, at: QPoint) -> None:
        ColumnsMenu(self.table, self, column).popup(at)


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _with_key(action: QAction, key: str) -> None:
    """Write a key beside a menu entry; the key itself belongs to the window."""
    action.setText(f"{action.text()}\t{key}")
