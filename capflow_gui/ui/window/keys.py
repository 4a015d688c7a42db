"""Every key of the window, the menu, and what the search box offers by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Market
from capflow_gui.ui.toolbar.search import Command
from capflow_gui.ui.words import source_label

if TYPE_CHECKING:
    from capflow_gui.ui.window.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the `?` sheet."""

    shown: str
    meaning: str


KEYS = (
    Key("Ctrl+K", "search: add, find, do"),
    Key("/", "filter the list"),
    Key("↑ ↓  or  j k", "next row"),
    Key("Enter", "to the chart"),
    Key("Alt+↑ ↓", "move the row"),
    Key("Del", "remove the row"),
    Key("Ctrl+Z", "bring it back"),
    Key("Ctrl+V", "paste codes into the list"),
    Key("Ctrl+1…9", "list, then one market"),
    Key("A   ⇧A", "acknowledge, all"),
    Key("E", "threshold of the row"),
    Key("Alt+1…4", "intraday, day, week, month"),
    Key("← →   ⇧", "in the chart: minute, ten"),
    Key("Home End", "in the chart: open, newest"),
    Key("+ − 0", "in the chart: zoom"),
    Key("↑ ↓", "in the chart: threshold by 1 %"),
    Key("T", "in the chart: threshold here"),
    Key("C", "in the chart: per minute"),
    Key("Ctrl+,", "settings"),
    Key("F10", "menu"),
    Key("?", "this sheet"),
    Key("Esc", "back"),
)
_PERIODS = (Period.INTRADAY, Period.DAY, Period.WEEK, Period.MONTH)


class WindowKeys(QObject):
    """Shortcuts with modifiers are Qt's; single letters work wherever no text is being typed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._signs: dict[str, Callable[[], None]] = {
            "/": window.watchlist.open_filter,
            "?": window.dialogs.open_keys,
        }
        # By key and not by text: Caps Lock must not acknowledge every alert.
        none, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
        self._letters: dict[tuple[Qt.Key, Qt.KeyboardModifier], Callable[[], None]] = {
            (Qt.Key.Key_A, none): window.intents.acknowledge_selected,
            (Qt.Key.Key_A, shift): window.intents.acknowledge_all,
            (Qt.Key.Key_E, none): window.dialogs.open_current_threshold,
        }
        self._add("Ctrl+K", window.focus_search)
        self._add("Ctrl+Z", self._undo)
        self._add("Ctrl+,", window.dialogs.open_settings)
        self._add("F10", self.open_menu)
        self._add("Ctrl+Q", window.close)
        for place, period in enumerate(_PERIODS, 1):
            self._add(f"Alt+{place}", partial(window.choose_period, period))
        for place in range(1, 10):
            self._add(f"Ctrl+{place}", partial(self._choose_tab, place - 1))
        window.toolbar.menu_button.clicked.connect(self.open_menu)
        for widget in (window, window.watchlist.table, window.detail.alerts, window.watchlist.filter):
            widget.installEventFilter(self)

    def commands(self) -> tuple[Command, ...]:
        """What the search box offers by name."""
        window = self._window
        dialogs = window.dialogs
        return (
            Command("Settings: appearance, alerts, log", "Ctrl+,", dialogs.open_settings),
            Command("Threshold of the selected symbol", "E", dialogs.open_current_threshold),
            Command("Threshold for all symbols", "", lambda: dialogs.open_threshold(None)),
            Command("Acknowledge all alerts", "⇧A", window.intents.acknowledge_all),
            Command("Import groups from the broker", "", dialogs.open_groups),
            *(Command(name, "", run) for name, run in self._connections()),
            Command("Filter the list", "/", window.watchlist.open_filter),
            Command("Keys", "?", dialogs.open_keys),
            *((Command("Look for updates", "", dialogs.look_for_updates),) if window.outside.releases else ()),
            Command("Save a problem report", "", dialogs.open_report),
            Command("About Capflow: version, licences, folders", "", dialogs.open_about),
        )

    def _connections(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """The ways to other data: from a demo to one's own list, and to an OpenD."""
        window = self._window
        if not window.outside.simulated:
            return (("Connections…", window.dialogs.open_connection),)
        connect = ("Connect OpenD…", window.dialogs.open_connection)
        return (connect,) if window.outside.home is None else (("Back to my list", window.home_wanted.emit), connect)

    def open_menu(self) -> None:
        """The menu below its button."""
        window = self._window
        menu = QMenu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add symbols\tCtrl+K", window.focus_search)
        menu.addAction("Import groups from the broker…", window.dialogs.open_groups)
        menu.addSeparator()
        menu.addAction("Threshold of the selected symbol…\tE", window.dialogs.open_current_threshold)
        menu.addAction("Threshold for all symbols…", lambda: window.dialogs.open_threshold(None))
        self._add_sources(menu)
        menu.addSeparator()
        for name, run in self._connections():
            menu.addAction(name, run)
        menu.addAction("Settings…\tCtrl+,", window.dialogs.open_settings)
        menu.addAction("Keys\t?", window.dialogs.open_keys)
        menu.addSeparator()
        if window.outside.releases:
            menu.addAction("Look for updates…", window.dialogs.look_for_updates)
        menu.addAction("Save problem report…", window.dialogs.open_report)
        menu.addAction("About Capflow", window.dialogs.open_about)
        menu.addSeparator()
        menu.addAction("Quit\tCtrl+Q", window.close)
        button = window.toolbar.menu_button
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def _add_sources(self, menu: QMenu) -> None:
        """Where there are two: the selected symbol's, and how they compare."""
        window, symbol = self._window, self._window.current_symbol()
        links = window.board.links
        if symbol is None or len(links) < 2:
            return
        chosen = window.board.row(symbol).chosen
        sources = menu.addMenu(f"Source of {symbol}")
        for source, name in ((None, "Automatic"), *((link.source, source_label(link.source)) for link in links)):
            action = sources.addAction(name, partial(window.source_chosen.emit, symbol, source))
            action.setCheckable(True)
            action.setChecked(source == chosen)
        menu.addAction(f"Compare sources of {symbol}…", window.dialogs.open_comparison)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Letters outside text fields, Esc, Del and paste."""
        if event.type() is QEvent.Type.KeyPress and self._pressed(watched, event):
            return True
        return super().eventFilter(watched, event)

    def _pressed(self, watched: QObject, event: QEvent) -> bool:
        window = self._window
        key = Qt.Key(event.key())  # type: ignore[attr-defined]
        if key is Qt.Key.Key_Escape:
            return self._escape()
        if isinstance(watched, QLineEdit):
            return False
        if event.matches(QKeySequence.StandardKey.Paste):  # type: ignore[attr-defined]
            window.intents.add_typed(QApplication.clipboard().text())
            return True
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and watched is window.watchlist.table:
            window.watchlist.remove_selected()
            return True
        run = self._letters.get((key, event.modifiers())) or self._signs.get(event.text())  # type: ignore[attr-defined]
        if run is None:
            return False
        run()
        return True

    def _escape(self) -> bool:
        window = self._window
        if window.watchlist.close_filter():
            return True
        if window.watchlist.notice.text():
            window.watchlist.notice.dismiss()
            return True
        window.watchlist.table.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _undo(self) -> None:
        """In a text field Ctrl+Z is the field's own."""
        field = QApplication.focusWidget()
        if isinstance(field, QLineEdit) and field.isUndoAvailable():
            field.undo()
        else:
            self._window.intents.undo()

    def _choose_tab(self, place: int) -> None:
        keys = self._window.watchlist.tabs.all_keys()
        if place < len(keys) and isinstance(keys[place], str | Market):
            self._window.watchlist.tabs.choose(keys[place])

    def _add(self, key: str, run: Callable[[], object]) -> None:
        QShortcut(QKeySequence(key), self._window).activated.connect(run)
