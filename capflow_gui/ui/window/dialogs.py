"""The dialogs of the window: each opened, never executed, and gone when it closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.present.connection_words import Leaving
from capflow_gui.present.row_sentence import row_sentence
from capflow_gui.present.sentences import Action, error_sentence
from capflow_gui.settings import LongportSettings, OpendSettings
from capflow_gui.ui.dialogs.about import AboutDialog
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.groups import GroupsDialog
from capflow_gui.ui.dialogs.held_forms import may_connect
from capflow_gui.ui.dialogs.settings import SettingsDialog
from capflow_gui.ui.dialogs.sheets import KeysSheet
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.ports import ConnectServices
from capflow_gui.ui.window.keys import KEYS

if TYPE_CHECKING:
    from capflow_gui.domain.link import LinkState
    from capflow_gui.ui.window.main_window import MainWindow

_WHAT_TO_DO = (
    "OpenD has no right to this market's quotes now. Another device may have taken it: "
    "log in again in OpenD, or check the quote rights of the account at the broker."
)


class WindowDialogs(QObject):
    """At most one dialog at a time; `current` is it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._current: QDialog | None = None

    @property
    def current(self) -> QDialog | None:
        """The open dialog."""
        return self._current

    def open_threshold(self, symbol: Symbol | None) -> None:
        """A symbol's own threshold; None for the default of all."""
        intents = self._window.intents
        currency = self._window.board.row(symbol).currency if symbol is not None else "in each symbol's currency"
        dialog = ThresholdDialog(
            symbol,
            intents.threshold_of(symbol),
            intents.default_threshold(),
            currency=currency,
            theme=self._window.theme,
            locked=intents.threshold_locked(symbol),
            parent=self._window,
        )
        dialog.chosen.connect(intents.choose_threshold)
        self._open(dialog)

    def open_current_threshold(self) -> None:
        """E: the selected symbol's."""
        symbol = self._window.current_symbol()
        if symbol is not None:
            self.open_threshold(symbol)

    def open_groups(self) -> None:
        """The broker's own groups."""
        window = self._window
        dialog = GroupsDialog(frozenset(window.board.symbols), window.outside.questions, window.outside.start, window)
        dialog.chosen.connect(window.intents.add)
        self._open(dialog)

    def open_connection(self, source: str = "opend", on_end: Callable[[int], None] | None = None) -> None:
        """Where OpenD is, and the ways into Longport; `source` is in front. `on_end` hears the dialog's result."""
        window = self._window
        outside = window.outside
        opend = (outside.home or OpendSettings()) if outside.simulated else window.settings.opend
        longport = LongportSettings() if outside.simulated else window.settings.longport
        services = ConnectServices(outside.test, outside.start, outside.longport)
        locks = outside.locks
        closed = [broker for broker in ("opend", "longport") if not may_connect(broker, window.settings, locks)]
        dialog = ConnectionDialog(
            opend,
            longport,
            services,
            window.theme,
            window,
            source=source,
            locks=locks,
            closed=closed,
            connected=self._connected(),
            mono_now=window.board.monotonic_now(),
        )
        dialog.connect_requested.connect(window.connection_changed)
        dialog.disconnect_requested.connect(self._disconnect)
        if on_end is not None:
            dialog.finished.connect(on_end)
        self._open(dialog)

    def _connected(self) -> dict[str, tuple[Leaving, LinkState | None]]:
        """The profile's sources: what would happen without each, and how its link stands. A demo has none to leave."""
        window, settings = self._window, self._window.settings
        if window.outside.simulated:
            return {}
        names = [name for name in (settings.source, settings.second_source) if name is not None]
        links = {link.source: link for link in window.board.links}
        rows = [window.board.row(symbol) for symbol in window.board.symbols]
        found: dict[str, tuple[Leaving, LinkState | None]] = {}
        for name in names:
            own = [row for row in rows if name == (row.source if row.instead_of is None else row.instead_of)]
            named = sum(row.chosen == name for row in own)
            other = next((each for each in names if each != name), None)
            found[name] = Leaving(name, len(own), named, other), links.get(name)
        return found

    def _disconnect(self, source: str, sign_out: bool) -> None:
        """Leave a source; a sign-in is ended first, and a source it cannot be ended of stays."""
        window = self._window
        if not sign_out:
            window.disconnect_requested.emit(source, "")
            return
        notice, longport = window.watchlist.notice, window.outside.longport
        notice.say("Signing out of Longport …", stay=True)
        window.outside.start(
            lambda: longport.sign_out(window.settings.longport),
            lambda left: window.disconnect_requested.emit(source, left),
            lambda error: notice.say(f"Longport was not signed out. {_sentence(error)}", stay=True),
        )

    def open_comparison(self) -> None:
        """Two sources of the selected symbol, side by side."""
        from capflow_gui.ui.dialogs.comparison import ComparisonDialog  # noqa: PLC0415 - pyqtgraph after the first paint

        window, symbol = self._window, self._window.current_symbol()
        if symbol is not None:
            outside = window.outside
            self._open(ComparisonDialog(symbol, outside.questions, outside.start, window.theme, window))

    def _whose_settings(self) -> str:
        if self._window.outside.simulated:
            return "The demo keeps settings of its own."
        return "These are your own settings, on simulated figures." if self._window.board.simulated else ""

    def open_settings(self) -> None:
        """The look, and the ways to the other pages."""
        window = self._window
        dialog = SettingsDialog(
            window.settings,
            window.theme,
            defaults=window.outside.defaults,
            locks=window.outside.locks,
            note=self._whose_settings(),
            updates=bool(window.outside.releases),
            parent=window,
        )
        dialog.chosen.connect(self._setting_chosen)
        dialog.updates_requested.connect(self.look_for_updates)
        dialog.connection_requested.connect(self.open_connection)
        dialog.threshold_requested.connect(lambda: self.open_threshold(None))
        self._open(dialog)

    def open_keys(self) -> None:
        """The `?` sheet."""
        self._open(KeysSheet([(key.shown, key.meaning) for key in KEYS], self._window.theme, self._window))

    def open_about(self) -> None:
        """What this is, its versions and folders, and the licences."""
        window = self._window
        outside = window.outside
        dialog = AboutDialog(outside.about, outside.start, window.theme, updates=bool(outside.releases), parent=window)
        dialog.updates_requested.connect(self.look_for_updates)
        self._open(dialog)

    def look_for_updates(self) -> None:
        """The page of new versions, in the browser. Capflow itself asks nobody."""
        page = self._window.outside.releases
        if QDesktopServices.openUrl(QUrl(page)):
            self._window.updates_looked.emit()
        else:
            self._window.say(f"No browser could be opened. New versions are at {page}")

    def open_report(self) -> None:
        """What to pass on when something is wrong: shown first, then saved."""
        from capflow_gui.ui.dialogs.report import ReportSheet  # noqa: PLC0415 - seldom wanted

        window = self._window
        self._open(ReportSheet(window.outside.reports, window.outside.start, window.theme, window))

    def follow(self, symbol: Symbol) -> None:
        """Do what a symbol's sentence offers."""
        window = self._window
        row = window.board.row(symbol)
        link = next((link for link in window.board.links if link.source == row.source), None)
        zone = window.board.calendar.zone(symbol.market)
        sentence = row_sentence(row, link, window.board.market_now(row.source), window.board.monotonic_now(), zone)
        if sentence.action == Action.RECONNECT:
            window.reconnect_requested.emit(row.source)
        elif sentence.action == Action.REMOVE:
            window.intents.remove([symbol])
        elif sentence.action in (Action.SOURCES, Action.SIGN_IN):
            self.open_connection(row.source)
        elif sentence.action == Action.WHAT_TO_DO:
            window.say(_WHAT_TO_DO)
        else:
            window.say(f"{symbol}: {sentence}.")

    def _setting_chosen(self, name: str, value: object) -> None:
        self._window.setting_chosen.emit(name, value)
        if isinstance(self._current, SettingsDialog):
            self._current.set_theme(self._window.theme)

    def _open(self, dialog: QDialog) -> None:
        if self._current is not None:
            self._current.close()
        self._current = dialog
        dialog.finished.connect(lambda _result: self._forget(dialog))
        dialog.open()

    def _forget(self, dialog: QDialog) -> None:
        if self._current is dialog:
            self._current = None


def _sentence(error: Exception) -> str:
    return error_sentence(error) if isinstance(error, CapflowError) else str(error)
