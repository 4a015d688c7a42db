"""The window: toolbar, watchlist, chart side, status bar. It shows the board and emits what the user means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.domain.typed.level import Level, level_size
from capflow_gui.feed.board import AlertRecord, LiveBoard
from capflow_gui.playback.board import ShownBoard
from capflow_gui.present.language.texts import _
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.recorded_words import PLAYBACK, window_title
from capflow_gui.present.sentences import rule_words
from capflow_gui.settings import Settings, WindowSettings
from capflow_gui.ui.access.read_aloud import announce
from capflow_gui.ui.actions.offered import actions_of
from capflow_gui.ui.alerts.actions import AlertActions
from capflow_gui.ui.arrangement.desk_layouts import DeskLayouts
from capflow_gui.ui.bridge import FedWindow, FlowBridge
from capflow_gui.ui.dialogs.sheets import leave_or_ask
from capflow_gui.ui.grid.views import ChartViews
from capflow_gui.ui.help.guide import Guide
from capflow_gui.ui.help.window_figures import explain_window
from capflow_gui.ui.history.playback import Playback
from capflow_gui.ui.history.recorded import RecordedView
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.late import later
from capflow_gui.ui.layouts import NO_MARGINS, stacked
from capflow_gui.ui.panels.panels import Panels
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.rules.actions import RuleActions
from capflow_gui.ui.theme import Theme, Themed
from capflow_gui.ui.toolbar.bar import Toolbar
from capflow_gui.ui.torn.home import Home
from capflow_gui.ui.watchlist.actions import ListActions
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.history_actions import show_alert, show_line
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.keys import Action, WindowKeys
from capflow_gui.ui.window.link_notices import LinkNotices
from capflow_gui.ui.window.place import MINIMUM
from capflow_gui.ui.window.played import PlayedParts
from capflow_gui.ui.window.state import WindowLayout, layout_of, with_layout
from capflow_gui.ui.window.status_bar import StatusBar, right_words

if TYPE_CHECKING:
    from capflow_gui.ui.history.exports import Exports


class MainWindow(FedWindow):
    """Shows the board. The user's intents leave by the signals of `intents`.

    closing: the user wants to leave · painted: for the first time.
    """

    closing = Signal()
    painted = Signal()

    def __init__(
        self, board: LiveBoard, settings: Settings, theme: Theme, services: WindowServices, *, whole: bool = True
    ) -> None:
        """Not made `whole` it is shown to nobody and asked for nothing before all `steps` are done."""
        super().__init__()
        self.board, self.services = board, services
        self._may_close = self._painted = False
        self.steps = self._make(settings, theme)
        for _step in self.steps if whole else ():
            pass

    def _make(self, settings: Settings, theme: Theme) -> Iterator[None]:
        board, services = self.board, self.services
        self.bridge = FlowBridge(board, self, at_rest=lambda: self.views.at_rest)
        self.toolbar = Toolbar(board, theme, self)
        self.shown = ShownBoard(board)
        yield
        self.watchlist = WatchlistPanel(self.shown, theme, self)
        self.notice = self.watchlist.notice
        yield
        self.recorded = RecordedView(services.recorded, services.start, self)
        self.playback = Playback(services.recorded, services.start, self.shown, self)
        self.chart = ChartSlot(self.shown, theme, self, recorded=self.recorded, playback=self.playback)
        self.detail = DetailTabs(self.shown, theme, self)
        yield
        parts = self.watchlist, self.chart, self.detail
        self.played = PlayedParts(self.playback, self.shown, parts)
        self.views = ChartViews(parts, self._lend, self)
        self.detail.shown_session, self.detail.selected = self.chart.shown_session, self.current_symbol
        self.status = StatusBar(theme, self)
        self.panels = Panels(self, board, services, theme, self.views.charted)
        self.guide = Guide(self, (self.watchlist, self.toolbar, self.chart, self.detail))
        self.intents = WindowIntents(board, self.notice, services.locks, self)
        self.intents.rules_locked = not settings.change_rules and "change_rules" in services.locks
        self.dialogs = WindowDialogs(self, board, services, self.intents, self.notice, selected=self._live_symbol)
        self.dialogs.theme = theme
        self.layouts = DeskLayouts(self, services, self.notice, self.dialogs.show_dialog)
        self.settings = settings
        self._make_actions()
        yield
        self._build()
        self.played.frame_around(self.views.central.outer)
        self._connect()
        explain_window(self.watchlist, self.detail.alerts, self.chart.head, self.toolbar, self.status)
        self.dialogs.actions = self._actions
        yield
        self.keys = WindowKeys(self, self._actions, (self.watchlist.table, self.detail.alerts))
        yield
        self.toolbar.search.set_questions(services.questions, services.start)
        self.places = WindowLayout(self, parts, self.views, self.panels, self.toolbar.search)
        yield from self.places.restoring(settings.window)
        yield
        self._show_all()
        self.watchlist.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_actions(self) -> None:
        board, live = self.board, self.played.live_only
        self.chart.said.connect(self.notice.say)
        self.rules = RuleActions(self, board, self.dialogs, self.intents, selected=self._live_symbol, live=live)
        self.rules.show_in(self.chart.tried, self._intent_carried_out)
        search = self.toolbar.search
        self.lists = ListActions(self.watchlist, board, self.intents, self.dialogs, search=search, live=live)
        self.dialogs.groups_chosen.connect(live(self.lists.import_groups))
        chosen = self.watchlist.table.selected_symbols
        self.alerts = AlertActions(
            self, self.shown, self.detail.alerts, self.intents, self.dialogs, symbols=chosen, played=self.played
        )
        self.link_notices = LinkNotices(board, self.notice, self.dialogs, self.services.longport)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.dialogs.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.dialogs.settings = settings

    # building

    @cached_property
    def exports(self) -> Exports:
        """What can be taken out; made when something first is."""
        from capflow_gui.ui.history.exports import Exports  # noqa: PLC0415 - when something is first taken out

        return Exports(self, self.chart, self.notice.say, lambda: self.simulated, self.services)

    def _lend(self) -> Home:
        parts = self.dialogs, self.played, self.watchlist, self.lists, self.alerts, self.panels
        return Home(self, self.shown, self.services, self.intents, *parts)

    def _build(self) -> None:
        self._entitle()
        self.setMinimumSize(*MINIMUM)
        page = QWidget(self)
        stacked(
            self.toolbar,
            (self.views.area_around(self.views.central.outer), 1),
            self.status,
            of=page,
            margins=NO_MARGINS,
            spacing=0,
        )
        self.views.pages.addWidget(page)
        self.setCentralWidget(self.views.pages)

    def _connect(self) -> None:
        bridge, watchlist, toolbar = self.bridge, self.watchlist, self.toolbar
        bridge.flows_changed.connect(self._flows_changed)
        bridge.histories_changed.connect(self.views.histories_changed)
        bridge.watchlist_changed.connect(self._watchlist_changed)
        bridge.links_changed.connect(self._links_changed)
        bridge.alerts_changed.connect(self._alerts_changed)
        bridge.tape_changed.connect(self.detail.reload_tape)
        bridge.passed.connect(self._show_time)
        bridge.ticked.connect(self._tick)
        watchlist.symbol_selected.connect(self._symbol_selected)
        watchlist.symbol_activated.connect(self.views.activate)
        self.views.changed.connect(self._tell_shown)
        watchlist.visible_changed.connect(self._tell_shown)
        toolbar.search.symbol_found.connect(self.go_to)
        toolbar.search.begun.connect(self._tell_search)
        toolbar.search.left.connect(lambda: self.watchlist.setFocus(Qt.FocusReason.ShortcutFocusReason))
        toolbar.attention.chosen.connect(self.show_alert)
        self.chart.period_chosen.connect(self.choose_period)
        self.recorded.changed.connect(self.detail.show_quality)
        self.playback.changed.connect(self._entitle)
        self.playback.changed.connect(self.views.follow_playback)
        self.played.followed.connect(toolbar.attention.set_beside_playback)
        self.played.followed.connect(self._show_time)
        self.recorded.changed.connect(self._entitle)
        self._connect_means(self.intents, self.dialogs)

    def _connect_means(self, intents: WindowIntents, dialogs: WindowDialogs) -> None:
        watchlist, toolbar = self.watchlist, self.toolbar
        watchlist.acknowledge_requested.connect(self.alerts.acknowledge_chosen)
        watchlist.why_requested.connect(self.alerts.why_chosen)
        toolbar.attention.acknowledge_all.connect(intents.acknowledge_all)
        toolbar.reconnect_requested.connect(intents.reconnect_requested)
        self.detail.acknowledge_requested.connect(self.alerts.acknowledge_chosen)
        self.detail.why_requested.connect(lambda: self.alerts.why(self.detail.alerts.selected()))
        self.detail.symbol_chosen.connect(self.go_to)
        self.detail.line_chosen.connect(self.go_to_line)
        self.chart.threshold_changed.connect(self._chart_threshold)
        intents.changed.connect(self._intent_carried_out)
        self.status.budget_asked.connect(self.panels.open_budget)
        watchlist.threshold_requested.connect(self.played.live_only(dialogs.open_threshold))
        watchlist.sentence_action.connect(self.played.live_only(dialogs.follow))
        toolbar.connection_requested.connect(dialogs.open_connection)
        toolbar.menu_button.clicked.connect(self.open_menu)
        self.detail.rule_asked.connect(self.rules.act)
        self.detail.rule_menu_requested.connect(self.rules.open_menu)
        self.detail.threshold_requested.connect(self.played.live_only(dialogs.open_current_threshold))
        self.chart.action_clicked.connect(dialogs.follow)

    def _actions(self) -> list[Action]:
        return actions_of(self)

    def open_menu(self) -> None:
        """The menu, below its button."""
        self.keys.open_menu(self.toolbar.menu_button)

    @property
    def simulated(self) -> bool:
        """Whether anything shown comes from a simulator."""
        return self.dialogs.simulated

    @property
    def theme(self) -> Theme:
        """Its colours and fonts."""
        return self.dialogs.theme

    def themed(self) -> Iterator[Themed]:
        """Its parts, each of which may be given another theme in a turn of its own, in this order."""
        yield from (self.dialogs, self.toolbar, self.watchlist, self.detail, self.status, self.played)
        yield from self.panels.themed()
        yield from (self.guide, *self.views.themed())

    def set_theme(self, theme: Theme) -> None:
        """Use other colours and fonts."""
        for part in self.themed():
            part.set_theme(theme)

    # what the bridge says

    def _show_all(self) -> None:
        self._links_changed()
        self._alerts_changed()
        self._watchlist_changed()

    def _flows_changed(self, symbols: frozenset[Symbol]) -> None:
        if self.shown.played is None:  # else the list is the played one
            self.watchlist.refresh(symbols)
        self.views.refresh(symbols)

    def _watchlist_changed(self) -> None:
        self.watchlist.reload(anew=False)
        if self.toolbar.search.hasFocus():  # else it asks when it is given the keyboard
            self._tell_search()
        self.views.reload()

    def _links_changed(self) -> None:
        if self.isVisible():  # a window nobody sees yet says nothing
            self.link_notices.follow()
        self.toolbar.show_links(self.board.links, simulated=self.simulated)
        self._entitle()
        self.watchlist.refresh()
        self.views.refresh()

    def marks(self) -> tuple[str, ...]:
        """What is not the real, running market: it stands on every window."""
        return (*([_("SIMULATED")] if self.simulated else []), *([_(PLAYBACK)] if self.playback.active else []))

    def _entitle(self) -> None:
        self.setWindowTitle(window_title(*self.marks(), profile=self.services.profile))

    def _alerts_changed(self) -> None:
        """Rows whose alerts changed were said to have changed, too."""
        self.toolbar.attention.show_alerts(self.board.alerts)
        self.watchlist.show_alerts()
        self.detail.reload()

    def _tick(self) -> None:
        if self.isVisible():  # a window nobody sees yet says nothing
            self.link_notices.follow()
        self.watchlist.tick()
        self.detail.tick()
        self.views.tick()
        self.toolbar.show_links(self.board.links, simulated=self.simulated)
        self.panels.tick()
        self.layouts.tick()
        board, troubles = self.board, [*map(reason_words, self.board.troubles)]
        self.status.show_state(board.budgets, troubles, self._right_words(), board.pruning)

    def _show_time(self) -> None:
        """The market's time, the live one while a session is played too: beside it are the sources and live alerts."""
        current = self.watchlist.table.current_figures()
        played = self.playback.active  # by a source that need not be connected now
        market = None if current is None else current.row.symbol.market
        self.toolbar.show_time(market, None if current is None or played else current.row.source)

    def _right_words(self) -> str:
        model = self.watchlist.model
        held = right_words(len(model.all_figures()), 0 if self.playback.active else model.lines, self.board.links)
        return " · ".join(filter(None, (held, self.layouts.words())))

    def announce(self, record: AlertRecord) -> None:
        """An alert was raised: called by the session, whether or not anybody looks at the window."""
        QApplication.alert(self.window())
        self.watchlist.table.breathe()
        announce(self, _("Alert: {symbol} {rule}").format(symbol=record.symbol, rule=rule_words(record.rule)))

    def say(self, text: str) -> None:
        """A sentence that waits until it is dismissed."""
        self.notice.say(text, stay=True)

    def remind(self, text: str) -> None:
        """A quiet sentence beside the way to the page of new versions."""
        self.notice.say(text, _("Look for updates…"), self.dialogs.look_for_updates, stay=True)

    # what the user does

    def current_symbol(self) -> Symbol | None:
        """The selected symbol; over a tab or a filter without rows what the chart still shows."""
        return self.watchlist.table.current_symbol() or self.chart.symbol

    def _live_symbol(self) -> Symbol | None:
        """The current symbol, where it is on the live list."""
        symbol = self.current_symbol()
        return symbol if symbol in self.board.symbols else None

    def _tell_shown(self, rows: list[Symbol] | None = None) -> None:
        """The feed asks for what is on screen first; what is played is asked for by nobody."""
        if not self.playback.ready:
            self.bridge.show(self.views.looked_at(self.watchlist.table.visible_symbols() if rows is None else rows))

    def show_alert(self, record: AlertRecord) -> None:
        """Leave what is played, and show a live alert's minute."""
        if self.playback.active:
            self.chart.show_date(None)
        self.views.show_one()
        self.go_to(record.symbol)
        show_alert(self.chart, self.board, record)

    def go_to(self, symbol: Symbol) -> None:
        """Select a row and give the list the keyboard."""
        self.views.leave_wall()
        self.watchlist.show_symbol(symbol)
        self.watchlist.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_to_line(self, event: TapeEvent) -> None:
        """Show an event's minute; the keyboard stays where it is."""
        self.views.show_one()
        self.watchlist.show_symbol(event.symbol)
        show_line(self.chart, self.shown.row(event.symbol), event.session, event.line)

    def choose_period(self, period: Period) -> None:
        """Another meaning of the chart's lines, or of those side by side."""
        if self.views.choose_period(period):
            return
        self.views.show_one()
        self.chart.set_period(period)
        self._request_history(self.current_symbol())

    def go_back(self) -> None:
        """Close what is open, one thing at a time; at last the list has the keyboard."""
        if self.guide.end():
            return
        if self.views.escape() or self.watchlist.table.cancel_drag() or self.watchlist.close_filter():
            return
        if self.views.count_from_open():
            return
        if self.watchlist.hasFocus():
            self.notice.dismiss()
        self.watchlist.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def start_tour(self) -> None:
        """Point at the parts of the window, one after the other; it can be left at any moment."""
        self.guide.start(self.theme)

    def _chart_threshold(self, level: Level) -> None:
        symbol = self.current_symbol()
        if symbol is not None and level_size(level) < 0:
            self.intents.choose_threshold(symbol, level)

    def _intent_carried_out(self) -> None:
        """Show at once what an intent changed, not only at the next turn of the bridge."""
        self.bridge.drain()
        self.watchlist.refresh()
        self.views.refresh()

    def _symbol_selected(self, symbol: Symbol) -> None:
        self.views.select(symbol)
        self.detail.show_quality()
        self._request_history(symbol)

    def _request_history(self, symbol: Symbol | None) -> None:
        if symbol is not None and self.chart.period is not Period.INTRADAY:
            self.intents.history_requested.emit(symbol, self.chart.period)

    def _tell_search(self) -> None:
        names = self.watchlist.names_on(self.board)
        self.toolbar.search.set_known(names, self.keys.commands(), self.watchlist.group())

    def kept_state(self) -> WindowSettings:
        """What to bring back next time."""
        return self.places.kept()

    def state(self) -> dict[str, Any]:
        """The layout of the desk; see `window.state`."""
        return layout_of(self.kept_state())

    def restore(self, layout: Mapping[str, Any]) -> None:
        """Arrange the desk like a layout, in turns. What it does not say, or cannot be used, stays as it is."""
        kept = with_layout(self.kept_state(), layout)
        self.places.rearrange(kept, lambda: self._request_history(self.current_symbol()))

    def spread(self) -> None:
        """Give every part its first size."""
        self.places.spread()

    # life

    def may_close(self) -> None:
        """From now on closing closes."""
        self._may_close = True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Refuse once and say so: what runs behind the window is stopped in order first."""
        if self._may_close:
            self.rest()
            self.bridge.close()
            self.views.close()
            event.accept()
        else:
            event.ignore()
            self.leave()

    def leave(self) -> None:
        """Somebody wants to close the program; asks where what was typed would be lost."""
        leave_or_ask(self.dialogs.theme, self.closing.emit)

    def rest(self) -> None:
        """Stop everything that moves."""
        search, table = self.toolbar.search, self.watchlist.table
        for part in (self.bridge, self.places, self.dialogs, self.panels, self.layouts, search, table, self.chart):
            part.rest()
        self.notice.dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no part has handled: up and down move through the list from everywhere."""
        if key_of(event) in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_J, Qt.Key.Key_K):
            self.watchlist.table.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def follow_visibility(self) -> None:
        """Feed the window while somebody can see it."""
        if self.isVisible() and not self.window().isMinimized():
            self.bridge.wake()
        else:
            self.bridge.rest()
            self.watchlist.table.rest()
        self.views.follow_visibility()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows are lower in a low window."""
        super().resizeEvent(event)
        self.watchlist.table.fit_height(self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first paint starts what was put off for it."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            # Not from inside it: an import in a thread would fight the paint for the interpreter.
            later(self, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.chart.build_soon()
        self.painted.emit()
