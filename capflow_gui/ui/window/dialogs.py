"""The dialogs of the window: each opened, never executed, and gone when it closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from capflow_gui.domain.money import stated_currency
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Level
from capflow_gui.feed.board import BoardView
from capflow_gui.present.connection_words import Leaving
from capflow_gui.present.language.texts import N_, _, full_stop
from capflow_gui.present.recorded_words import room_words
from capflow_gui.present.row_sentence import row_sentence
from capflow_gui.present.rules.words import NOTHING_SENT
from capflow_gui.present.sentences import Action, error_sentence
from capflow_gui.present.settings.words import changed_words
from capflow_gui.settings import LongportSettings, OpendSettings, Settings
from capflow_gui.ui.access.motion import use_motion
from capflow_gui.ui.dialogs.about import AboutDialog
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.groups import GroupsDialog
from capflow_gui.ui.dialogs.held_forms import may_connect
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.dialogs.threshold import AskPast, ThresholdDialog
from capflow_gui.ui.late import InTurns
from capflow_gui.ui.locked import CHANNELS_LOCKED
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.notice import Notice
from capflow_gui.ui.words import NO_SYMBOL

if TYPE_CHECKING:
    from capflow_gui.domain.link import LinkState
    from capflow_gui.playback.trial import TriedDay
    from capflow_gui.ui.settings.dialog import SettingsDialog
    from capflow_gui.ui.settings.exchange import Exchange
    from capflow_gui.ui.window.keys import Action as WindowAction

_WHAT_TO_DO = N_(
    "OpenD has no right to this market's quotes now. Another device may have taken it: log "
    "in again in OpenD, or check the quote rights of the account at the broker."
)


class WindowDialogs(QObject):
    """At most one dialog at a time; `current` is it. `theme` and `settings` are what the next shows.

    `actions` is what the window does now. `selected` is the symbol a dialog is about.
    groups_chosen(names and symbols of groups of the broker).
    """

    groups_chosen = Signal(list)

    def __init__(
        self,
        parent: QWidget,
        board: BoardView,
        services: WindowServices,
        intents: WindowIntents,
        notice: Notice,
        *,
        selected: Callable[[], Symbol | None],
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._board = board
        self.services = services
        self._intents = intents
        self._notice = notice
        self._selected = selected
        self.theme: Theme
        self._settings: Settings
        self.actions: Callable[[], Sequence[WindowAction]] = tuple
        self.current: QDialog | None = None
        self._making = InTurns(self)
        self._settings_dialog: SettingsDialog | None = None
        self._exchange: Exchange | None = None

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._settings = settings
        use_motion(settings.appearance.reduce_motion)
        if self._settings_dialog is not None:
            self._settings_dialog.follow(settings)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts of the next dialog, and of the settings if they are open."""
        self.theme = theme
        if self._settings_dialog is not None:
            self._settings_dialog.set_theme(theme)
        if self.making:
            self.open_keys()  # what is made of it has the other fonts

    @property
    def simulated(self) -> bool:
        """Whether anything shown comes from a simulator; the demo knows before its source has said so."""
        return self.services.simulated or self._board.simulated

    def open_threshold(self, symbol: Symbol | None) -> None:
        """A symbol's own threshold; None for the default of all."""
        intents = self._intents
        dialog = ThresholdDialog(
            symbol,
            intents.threshold_of(symbol),
            intents.default_threshold(),
            currency=self.money(symbol),
            theme=self.theme,
            locked=intents.threshold_locked(symbol),
            ask_past=self._ask_past(symbol),
            parent=self._parent,
        )
        dialog.chosen.connect(intents.choose_threshold)
        self.show_dialog(dialog)

    def money(self, symbol: Symbol | None) -> str:
        """What the amounts of a symbol, on the list or not, or (None) of all are in; `HKD?` where it is assumed."""
        if symbol is None:
            return _("in each symbol's currency")
        if symbol in self._board.symbols:
            return self._board.row(symbol).money
        currency, assumed = stated_currency(symbol)
        return f"{currency}?" if assumed else currency

    def _ask_past(self, symbol: Symbol | None) -> AskPast | None:
        """What a threshold would have done is told by the recorded sessions of all symbols that it holds for."""
        start, dry_runs = self.services.start, self.services.dry_runs
        if dry_runs is None:
            return None
        of, every = self._intents.threshold_of, self._board.symbols
        symbols = [each for each in every if of(each) is Choice.INHERIT] if symbol is None else [symbol]

        def ask(level: Level, tell: Callable[[str, Sequence[TriedDay]], None]) -> Callable[[], None]:
            from capflow_gui.domain.alert import level_rule  # noqa: PLC0415 - loads numpy: after the first paint
            from capflow_gui.present.check_lines import trial_words  # noqa: PLC0415

            return start(
                lambda: dry_runs(symbols, level_rule(level, symbol)),
                lambda trial: tell(trial_words(trial), trial.days),
                lambda error: tell(error_sentence(error), ()),
            )

        return ask

    def open_current_threshold(self) -> None:
        """E: the selected symbol's."""
        symbol = self._selected()
        if symbol is None:
            self._notice.say(_(NO_SYMBOL))
        else:
            self.open_threshold(symbol)

    def open_groups(self) -> None:
        """The broker's own groups."""
        services, watched = self.services, frozenset(self._board.symbols)
        dialog = GroupsDialog(watched, services.questions, services.start, self.theme, self._parent)
        dialog.chosen.connect(self.groups_chosen)
        self.show_dialog(dialog)

    def open_connection(self, source: str = "opend", on_end: Callable[[int], None] | None = None) -> None:
        """Where OpenD is, and the ways into Longport; `source` is in front. `on_end` hears the dialog's result."""
        services, settings = self.services, self.settings
        opend = (services.home or OpendSettings()) if services.simulated else settings.opend
        longport = LongportSettings() if services.simulated else settings.longport
        locks = services.locks
        closed = [broker for broker in ("opend", "longport", "desk") if not may_connect(broker, settings, locks)]
        dialog = ConnectionDialog(
            opend,
            longport,
            services,
            self.theme,
            self._parent,
            source=source,
            locks=locks,
            closed=closed,
            desk=None if services.desk is None else (settings.desk, services.desk),
            connected=self._connected(),
            mono_now=self._board.monotonic_now(),
        )
        dialog.connect_requested.connect(self._intents.connection_changed)
        dialog.disconnect_requested.connect(self._disconnect)
        if on_end is not None:
            dialog.finished.connect(on_end)
        self.show_dialog(dialog)

    def _connected(self) -> dict[str, tuple[Leaving, LinkState | None]]:
        """The profile's sources: what would happen without each, and how its link stands. A demo has none to leave."""
        if self.services.simulated:
            return {}
        names = [name for name in (self.settings.source, self.settings.second_source) if name is not None]
        links = {link.source: link for link in self._board.links}
        rows = [self._board.row(symbol) for symbol in self._board.symbols]
        found: dict[str, tuple[Leaving, LinkState | None]] = {}
        for name in names:
            own = [row for row in rows if name == (row.source if row.instead_of is None else row.instead_of)]
            named = sum(row.chosen == name for row in own)
            other = next((each for each in names if each != name), None)
            found[name] = Leaving(name, len(own), named, other), links.get(name)
        return found

    def _disconnect(self, source: str, sign_out: bool) -> None:
        """Leave a source; a sign-in is ended first, and a source it cannot be ended of stays."""
        left = self._intents.disconnect_requested
        if not sign_out:
            left.emit(source, "")
            return
        notice, longport, settings = self._notice, self.services.longport, self.settings.longport
        notice.say(_("Signing out of Longport …"), stay=True)
        self.services.start(
            lambda: longport.sign_out(settings),
            lambda still_to_do: left.emit(source, still_to_do),
            lambda error: notice.say(
                _("Longport was not signed out. {why}").format(why=error_sentence(error)), stay=True
            ),
        )

    def open_comparison(self) -> None:
        """Two sources of the selected symbol, side by side."""
        from capflow_gui.ui.dialogs.comparison import ComparisonDialog  # noqa: PLC0415 - pyqtgraph after the first paint

        symbol, services = self._selected(), self.services
        if symbol is not None:
            self.show_dialog(ComparisonDialog(symbol, services.questions, services.start, self.theme, self._parent))

    def _whose_settings(self) -> str:
        if self.services.simulated:
            return _("The demo keeps settings of its own.")
        return _("These are your own settings, on simulated figures.") if self._board.simulated else ""

    def open_settings(self, key: str = "") -> None:
        """The settings, at the one of a key where one is named."""
        from capflow_gui.ui.settings.dialog import SettingsDialog  # noqa: PLC0415 - seldom wanted

        dialog = SettingsDialog(
            self.settings,
            self.theme,
            defaults=self.services.defaults,
            locks=self.services.locks,
            lock_words=self.services.lock_words,
            note=self._whose_settings(),
            updates=bool(self.services.releases),
            more=self._more_pages(),
            parent=self._parent,
        )
        dialog.chosen.connect(self._settings_chosen)
        dialog.chosen.connect(lambda _values: self._show_room(dialog))
        dialog.page_wanted.connect(self._open_page)
        dialog.finished.connect(lambda _result: self._offer_undo(dialog.begun))
        self._show_room(dialog)
        self.show_dialog(dialog)
        self._settings_dialog = dialog
        if key:
            dialog.show_setting(key)

    def _open_page(self, name: str) -> None:
        """A dialog that the settings lead to."""
        pages = {
            "connection": self.open_connection,
            "channels": self.open_channels,
            "threshold": lambda: self.open_threshold(None),
            "updates": self.look_for_updates,
            "profiles": self.open_profiles,
            "export": self.exchange().export,
            "import": self.exchange().choose,
        }
        pages[name]()

    def _more_pages(self) -> dict[str, str]:
        return {
            **({"profiles": _("Profiles…")} if self.services.profiles is not None else {}),
            **({"export": _("Export…"), "import": _("Import…")} if self.services.save is not None else {}),
            **({"updates": _("Look for updates…")} if self.services.releases else {}),
        }

    def exchange(self) -> Exchange:
        """Export and import of the settings, made once."""
        from capflow_gui.ui.settings.exchange import Exchange  # noqa: PLC0415 - seldom wanted

        if self._exchange is None:
            self._exchange = Exchange(
                self._parent,
                self.services,
                theme=lambda: self.theme,
                now=lambda: (self.settings, self._board.rules),
                show=self.show_dialog,
                say=lambda text: self._notice.say(text, stay=True),
            )
            self._exchange.taken.connect(self._intents.take_import)
        return self._exchange

    def open_profiles(self) -> None:
        """The user's profiles."""
        from capflow_gui.ui.settings.profiles import ProfilesDialog  # noqa: PLC0415 - seldom wanted

        services = self.services
        if services.profiles is not None:
            self.show_dialog(ProfilesDialog(services.profiles, services.start, self.theme, self._parent))

    def _offer_undo(self, begun: dict[str, object]) -> None:
        """Say what the closed dialog changed, with the way back."""
        self._settings_dialog = None
        if begun:
            back = partial(self._intents.settings_chosen.emit, begun)
            self._notice.say(changed_words(len(begun)), _("Undo"), back)

    def _show_room(self, dialog: SettingsDialog) -> None:
        """Have the archive measured; where it cannot be, nothing is said of its size."""
        measure, kept = self.services.room, self.settings.archive
        if measure is not None:
            cancel = self.services.start(
                lambda: measure(kept), lambda sizes: dialog.show_room(room_words(*sizes)), lambda _error: None
            )
            dialog.finished.connect(lambda _result: cancel())

    def open_channels(self) -> None:
        """Who is told of alerts besides the window."""
        from capflow_gui.ui.channels.page import ChannelsPage  # noqa: PLC0415 - seldom wanted

        services, intents = self.services, self._intents
        if services.channels is None:
            self._notice.say(_(NOTHING_SENT))
            return
        settings, channels = self.settings, services.channels()
        desktop = settings.alerts.desktop
        locked = not settings.change_channels and "change_channels" in services.locks
        page = ChannelsPage(
            settings.channels,
            channels,
            services.start,
            self.theme,
            self._parent,
            desktop=desktop,
            locked=_(CHANNELS_LOCKED) if locked else "",
        )
        page.chosen.connect(intents.channels_chosen)
        page.forget_failed.connect(lambda error: self._notice.say(error_sentence(error), stay=True))
        self.show_dialog(page)

    def open_keys(self) -> None:
        """The `?` sheet."""
        steps = self._make_keys()
        next(steps)  # at once: from now on what is typed is the sheet's
        self._making.begin(steps)

    def _make_keys(self) -> Iterator[None]:
        """Open the sheet when it is made; it is dropped where another dialog is opened before."""
        from capflow_gui.ui.help.sheet import HelpSheet  # noqa: PLC0415 - seldom wanted

        sheet = HelpSheet(self.actions(), self.theme, self._parent)
        try:
            for _step in sheet.make():
                yield
                if not isValid(sheet):
                    return
            self.show_dialog(sheet)
        finally:
            if self.current is not sheet and isValid(sheet):
                sheet.deleteLater()

    def open_figures(self) -> None:
        """The page of what the figures mean, at the one the pointer is over."""
        from capflow_gui.ui.help.hover import figure_under_pointer  # noqa: PLC0415 - seldom wanted
        from capflow_gui.ui.help.page import FiguresPage  # noqa: PLC0415

        self.show_dialog(FiguresPage(self.theme, self._parent, figure_under_pointer()))

    def open_about(self) -> None:
        """What this is, its versions and folders, and the licences."""
        services = self.services
        updates = bool(services.releases)
        dialog = AboutDialog(services.about, services.start, self.theme, updates=updates, parent=self._parent)
        dialog.updates_requested.connect(self.look_for_updates)
        self.show_dialog(dialog)

    def look_for_updates(self) -> None:
        """The page of new versions, in the browser. Capflow itself asks nobody."""
        page = self.services.releases
        if self.services.open_page(page):
            self._intents.updates_looked.emit()
        else:
            self._notice.say(_("No browser could be opened. New versions are at {page}").format(page=page), stay=True)

    def open_report(self) -> None:
        """What to pass on when something is wrong: shown first, then saved."""
        from capflow_gui.ui.dialogs.report import ReportSheet  # noqa: PLC0415 - seldom wanted

        self.show_dialog(ReportSheet(self.services.reports, self.services.start, self.theme, self._parent))

    def follow(self, symbol: Symbol) -> None:
        """Do what a symbol's sentence offers."""
        board = self._board
        row = board.row(symbol)
        link = next((link for link in board.links if link.source == row.source), None)
        zone = board.calendar.zone(symbol.market)
        sentence = row_sentence(row, link, board.market_now(row.source), board.monotonic_now(), zone)
        if sentence.action == Action.RECONNECT:
            self._intents.reconnect_requested.emit(row.source)
        elif sentence.action == Action.REMOVE:
            self._intents.remove([symbol])
        elif sentence.action in (Action.SOURCES, Action.SIGN_IN):
            self.open_connection(row.source)
        elif sentence.action == Action.WHAT_TO_DO:
            self._notice.say(_(_WHAT_TO_DO), stay=True)
        else:
            self._notice.say(full_stop(f"{symbol}: {sentence}"), stay=True)

    def _settings_chosen(self, values: dict[str, object]) -> None:
        self._intents.settings_chosen.emit(values)

    def show_dialog(self, dialog: QDialog) -> None:
        """Open a dialog in the place of the current one."""
        self._making.stop()
        if self.current is not None:
            self.current.close()
        self.current = dialog
        if isinstance(dialog, Sheet):
            dialog.mark(*([_("SIMULATED")] if self.simulated else []))
        dialog.finished.connect(lambda _result: self._forget(dialog))
        dialog.open()

    @property
    def making(self) -> bool:
        """Whether a dialog is to be opened as soon as it is made."""
        return self._making.running

    def rest(self) -> None:
        """The window closes, or another takes its place: what is not open yet is not opened any more."""
        self._making.stop()

    def _forget(self, dialog: QDialog) -> None:
        if self.current is dialog:
            self.current = None
