"""The window: toolbar, watchlist, chart side, status bar. It shows the board and emits what the user means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QVBoxLayout, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import AlertRecord, BoardView
from capflow_gui.settings import OpendSettings, Settings
from capflow_gui.ui.bell import Bell
from capflow_gui.ui.bridge import FlowBridge
from capflow_gui.ui.ports import About, ConnectionTest, LongportAccess, ProblemReports, Questions, Start
from capflow_gui.ui.scrolled import scrolled
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.bar import Toolbar
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.frame import MINIMUM
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.keys import WindowKeys
from capflow_gui.ui.window.link_notices import LinkNotices
from capflow_gui.ui.window.state import restore
from capflow_gui.ui.window.status_bar import StatusBar
from capflow_gui.ui.words import counted


@dataclass(frozen=True, slots=True)
class Outside:
    """What the window needs besides the board.

    `locks` are the dotted names of the settings a policy has locked, `defaults` what holds where nothing was chosen.
    `releases` is the page of new versions, empty where nobody named one: then nothing speaks of updates.
    `simulated` is a demo; `home` is then the connection of the user's own list, None where there is none yet.
    """

    questions: Questions
    test: ConnectionTest
    start: Start
    longport: LongportAccess
    reports: ProblemReports
    about: About
    simulated: bool = False
    home: OpendSettings | None = None
    locks: Collection[str] = ()
    defaults: Settings = field(default_factory=Settings)
    releases: str = ""


class MainWindow(QMainWindow):
    """Signals are intents; their effect comes back over the bridge.

    threshold_chosen(Symbol or None for the default, ThresholdChoice) · acknowledged(list of ids, or None for all) ·
    setting_chosen(a field of Settings, its new value) · updates_looked: the page of new versions was opened ·
    connection_changed(OpendSettings or LongportSettings) ·
    disconnect_requested(source, what the user still has to do, or nothing) ·
    source_chosen(Symbol, source or None for automatic) ·
    home_wanted: from the demo to one's own list · closing: the user wants to leave.
    """

    symbols_added = Signal(list)
    symbols_removed = Signal(list)
    reordered = Signal(list)
    threshold_chosen = Signal(object, object)
    acknowledged = Signal(object)
    history_requested = Signal(object, object)
    reconnect_requested = Signal(str)
    setting_chosen = Signal(str, object)
    updates_looked = Signal()
    connection_changed = Signal(object)
    disconnect_requested = Signal(str, str)
    source_chosen = Signal(object, object)
    home_wanted = Signal()
    closing = Signal()
    painted = Signal()

    def __init__(self, board: BoardView, settings: Settings, theme: Theme, outside: Outside) -> None:
        super().__init__()
        self.board = board
        self.theme = theme
        self.settings = settings
        self.outside = outside
        self.bridge = FlowBridge(board, self)
        self.bell = Bell(board.monotonic_now, QApplication.beep)
        self._may_close = False
        self._painted = False
        self.toolbar = Toolbar(board, theme, self)
        self.watchlist = WatchlistPanel(board, theme, self)
        self.chart = ChartSlot(board, theme, self)
        self.detail = DetailTabs(board, theme, self)
        self.status = StatusBar(theme, self)
        self.dialogs = WindowDialogs(self)
        self.intents = WindowIntents(self)
        self.link_notices = LinkNotices(self)
        self._build()
        self._connect()
        self.keys = WindowKeys(self)
        self.toolbar.search.set_questions(outside.questions, outside.start)
        restore(self, settings.window)
        self._show_all()
        self.watchlist.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # building

    def _build(self) -> None:
        self.setWindowTitle("Capflow – SIMULATED" if self.simulated else "Capflow")
        self.setMinimumSize(*MINIMUM)
        self.sides = QSplitter(Qt.Orientation.Vertical, self)
        self.sides.addWidget(self.chart)
        self.sides.addWidget(self.detail)
        self.sides.setStretchFactor(0, 1)
        self.sides.setStretchFactor(1, 0)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.addWidget(self.watchlist)
        self.splitter.addWidget(self.sides)
        for splitter in (self.splitter, self.sides):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        page = QWidget(self)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.toolbar)
        rows.addWidget(scrolled(self.splitter), 1)
        rows.addWidget(self.status)
        self.setCentralWidget(page)

    def _connect(self) -> None:
        bridge, watchlist, toolbar = self.bridge, self.watchlist, self.toolbar
        bridge.flows_changed.connect(self._flows_changed)
        bridge.histories_changed.connect(self._histories_changed)
        bridge.watchlist_changed.connect(self._watchlist_changed)
        bridge.links_changed.connect(self._links_changed)
        bridge.alerts_changed.connect(self._alerts_changed)
        bridge.ticked.connect(self._tick)
        watchlist.symbol_selected.connect(self._symbol_selected)
        watchlist.symbol_activated.connect(lambda _symbol: self.chart.setFocus(Qt.FocusReason.OtherFocusReason))
        watchlist.remove_requested.connect(self.intents.remove)
        watchlist.reorder_requested.connect(self.reordered)
        watchlist.threshold_requested.connect(self.dialogs.open_threshold)
        watchlist.acknowledge_requested.connect(lambda _symbol: self.intents.acknowledge_selected())
        watchlist.sentence_action.connect(self._sentence_action)
        watchlist.visible_changed.connect(bridge.show)
        watchlist.add_requested.connect(self.focus_search)
        watchlist.groups_requested.connect(self.dialogs.open_groups)
        toolbar.search.symbols_typed.connect(self.intents.add_typed)
        toolbar.search.symbol_found.connect(self.go_to)
        toolbar.attention.acknowledge_all.connect(self.intents.acknowledge_all)
        toolbar.attention.chosen.connect(self.go_to)
        toolbar.reconnect_requested.connect(self.reconnect_requested)
        toolbar.connection_requested.connect(self.dialogs.open_connection)
        self.detail.acknowledge_requested.connect(self.intents.acknowledge)
        self.detail.threshold_requested.connect(self.dialogs.open_current_threshold)
        self.detail.symbol_chosen.connect(self.go_to)
        self.chart.threshold_changed.connect(self.intents.chart_threshold)
        self.chart.period_chosen.connect(self.choose_period)
        self.chart.action_clicked.connect(lambda: self._sentence_action(self.current_symbol()))

    @property
    def simulated(self) -> bool:
        """Whether anything shown comes from a simulator; the demo knows before its source has said so."""
        return self.outside.simulated or self.board.simulated

    def set_theme(self, theme: Theme) -> None:
        """Other colours and fonts, everywhere."""
        self.theme = theme
        for part in (self.toolbar, self.watchlist, self.chart, self.detail, self.status):
            part.set_theme(theme)

    # what the bridge says

    def _show_all(self) -> None:
        self._links_changed()
        self._alerts_changed()
        self._watchlist_changed()

    def _flows_changed(self, symbols: frozenset[Symbol]) -> None:
        self.watchlist.refresh(symbols)
        current = self.current_symbol()
        if current in symbols:
            self.chart.show_symbol(current)

    def _histories_changed(self, pairs: frozenset[tuple[Symbol, Period]]) -> None:
        self.chart.histories_changed(pairs)

    def _watchlist_changed(self) -> None:
        self.watchlist.reload()
        self._tell_search()
        self.chart.show_symbol(self.current_symbol())

    def _links_changed(self) -> None:
        self.link_notices.follow()
        self.toolbar.show_links(self.board.links, simulated=self.simulated)
        self.setWindowTitle("Capflow – SIMULATED" if self.simulated else "Capflow")
        self.watchlist.refresh()
        self.chart.show_symbol(self.current_symbol())

    def _alerts_changed(self) -> None:
        self.toolbar.attention.show_alerts(self.board.alerts)
        self.detail.reload()
        self.watchlist.refresh()
        self.chart.show_symbol(self.current_symbol())

    def _tick(self) -> None:
        self.link_notices.follow()
        self.watchlist.tick()
        self.detail.tick()
        self.chart.tick()
        self.toolbar.show_links(self.board.links, simulated=self.simulated)
        current = self.current_symbol()
        if current is not None:
            now = self.board.market_now(self.board.row(current).source)
            self.toolbar.clock.show_time(current.market, now)
        self.status.show_state(self.board.budgets, self.board.troubles, self._right_words())

    def _right_words(self) -> str:
        # Of the rows as they are shown: asking the board for all of them every second would be most of an idle second.
        rows = [figures.row for figures in self.watchlist.model.all_figures()]
        lines = sum(len(row.series) for row in rows if row.series is not None)
        return f"{counted(len(rows), 'symbol')} · {lines:,} lines today" if lines else ""

    def announce(self, record: AlertRecord) -> None:
        """An alert was raised: called by the session, whether or not anybody looks at the window."""
        del record
        QApplication.alert(self.window())
        if self.settings.alerts.sound:
            self.bell.ring()
        self.watchlist.table.breathe()

    def say(self, text: str) -> None:
        """A sentence that waits until it is dismissed."""
        self.watchlist.notice.say(text, stay=True)

    def remind(self, text: str) -> None:
        """A quiet sentence beside the way to the page of new versions."""
        self.watchlist.notice.say(text, "Look for updates…", self.dialogs.look_for_updates, stay=True)

    # what the user does

    def current_symbol(self) -> Symbol | None:
        """The symbol the chart shows."""
        return self.watchlist.table.current_symbol()

    def focus_search(self) -> None:
        """Ctrl+K."""
        self.toolbar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.search.selectAll()

    def go_to(self, symbol: Symbol) -> None:
        """Select a row and give the list the keyboard."""
        self.watchlist.show_symbol(symbol)
        self.watchlist.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose_period(self, period: Period) -> None:
        """Another meaning of the chart's lines."""
        self.chart.set_period(period)
        self._request_history(self.current_symbol())

    def _symbol_selected(self, symbol: Symbol) -> None:
        self.chart.show_symbol(symbol)
        self._request_history(symbol)

    def _request_history(self, symbol: Symbol | None) -> None:
        if symbol is not None and self.chart.period is not Period.INTRADAY:
            self.history_requested.emit(symbol, self.chart.period)

    def _sentence_action(self, symbol: Symbol | None) -> None:
        if symbol is not None:
            self.dialogs.follow(symbol)

    def _tell_search(self) -> None:
        names = {symbol: self.board.row(symbol).name for symbol in self.board.symbols}
        self.toolbar.search.set_known(names, self.keys.commands())

    # life

    def may_close(self) -> None:
        """From now on closing closes."""
        self._may_close = True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Refuse once and say so: what runs behind the window is stopped in order first."""
        if self._may_close:
            self.rest()
            self.bridge.close()
            event.accept()
        else:
            event.ignore()
            self.closing.emit()

    def rest(self) -> None:
        """Stop everything that moves."""
        self.bridge.rest()
        self.toolbar.search.rest()
        self.watchlist.table.rest()
        self.watchlist.notice.dismiss()
        self.chart.rest()

    def changeEvent(self, event: QEvent) -> None:
        """Minimised, nothing is drawn and both timers rest."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self.follow_visibility()

    def showEvent(self, event: QShowEvent) -> None:
        """On screen: be fed."""
        super().showEvent(event)
        self.follow_visibility()

    def hideEvent(self, event: QHideEvent) -> None:
        """Off screen: rest."""
        super().hideEvent(event)
        self.follow_visibility()

    def follow_visibility(self) -> None:
        """Feed the window while somebody can see it."""
        if self.isVisible() and not self.window().isMinimized():
            self.bridge.wake()
        else:
            self.bridge.rest()
            self.watchlist.table.rest()

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
            QTimer.singleShot(0, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.chart.build_soon()
        self.painted.emit()
