"""A window torn off the main one: with a subscription, keys and a search box of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_words import window_title
from capflow_gui.ui.actions.views import full_screen_action
from capflow_gui.ui.bridge import FedWindow, FlowBridge
from capflow_gui.ui.chart_table.opener import ChartTable
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import NO_MARGINS, beside, stacked, text_label
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.bar import SimulatedMark
from capflow_gui.ui.toolbar.search import SearchBox
from capflow_gui.ui.torn.content import Content
from capflow_gui.ui.torn.home import Home
from capflow_gui.ui.window.detail_table import DetailTable, WholeRows
from capflow_gui.ui.window.keys import Action, ActionScope, Choice, WindowKeys
from capflow_gui.ui.window.place import place, place_of, toggle_full_screen

if TYPE_CHECKING:
    from capflow_gui.ui.chart_table.charted import Part

_LEAST = 360, 260
_BAR = 44


class TornWindow(FedWindow):
    """Shows one part. It is fed while it can be seen; closing it gives its subscription back. `closed` says so.

    It can be docked: a part of the main window, with the keys of its part alone. dock_wanted(side).
    """

    closed = Signal()
    dock_wanted = Signal(str)

    def __init__(self, content: Content, home: Home, geometry: str) -> None:
        super().__init__()
        self.content, self._home = content, home
        self.bridge = FlowBridge(home.board, self, at_rest=self._at_rest)
        self._over = self._docked = self._covered = False
        self._geometry = geometry
        theme = home.theme
        self.search = SearchBox(theme, self, strict=True)
        self._simulated, self._marks = SimulatedMark(theme, self), text_label("", self, theme.sized_font(9, 700))
        self._bar = QWidget(self)
        self._bar.setProperty("surface", "bg")
        self._bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        marks = self._simulated, self._marks
        beside((self.search, 1), None, *marks, of=self._bar, margins=(10, 0, 16, 0), spacing=12)
        page = QWidget(self)
        content.widget.setParent(page)
        shown = content.widget
        part = WholeRows(shown) if isinstance(shown, DetailTable) else shown
        stacked(self._bar, (part, 1), of=page, margins=NO_MARGINS, spacing=0)
        self.setCentralWidget(page)
        self.setFocusProxy(content.widget)
        self._connect()
        self.table = self._make_table()
        self.keys = WindowKeys(self, self._actions, content.lists())
        self.setMinimumSize(*_LEAST)
        self.search.set_questions(home.services.questions, home.services.start)
        self.set_theme(theme)
        place(self, geometry)
        self.reload()

    def _connect(self) -> None:
        bridge, content, search = self.bridge, self.content, self.search
        bridge.flows_changed.connect(content.refresh)
        bridge.histories_changed.connect(content.histories_changed)
        bridge.watchlist_changed.connect(self.reload)
        bridge.links_changed.connect(self.reload)
        bridge.alerts_changed.connect(content.alerts_changed)
        bridge.tape_changed.connect(content.tape_changed)
        bridge.ticked.connect(self._tick)
        self._home.played.followed.connect(self._follow_playback)
        search.begun.connect(self._tell_search)
        search.left.connect(lambda: self.content.widget.setFocus(Qt.FocusReason.ShortcutFocusReason))
        search.symbol_found.connect(self._find)
        search.symbols_typed.connect(self._home.lists.add_typed)

    def _make_table(self) -> ChartTable | None:
        content, home = self.content, self._home
        if content.charted() is None:
            return None
        part: Callable[[], Part] = content.charted  # type: ignore[assignment]  # not None: it was asked just now
        return ChartTable(self, part, lambda: home.board.live.simulated, home.services, home.theme)

    def _follow_playback(self, _played: bool) -> None:
        if self.bridge.running:
            self.reload()

    # what it does

    def _actions(self) -> list[Action]:
        """What can be done here by key and by name."""
        found = self.content.actions()
        taken = {key for action in found for key in action.keys}
        live, home, about = self._home.played.live_only, self._home, self._about
        common = [
            Action(
                about(home.acknowledge),
                _("Acknowledge the alerts of the symbol"),
                ("A",),
                what=_("Acknowledges the alerts of the symbol shown."),
                scope=ActionScope.ALERTS,
            ),
            Action(
                home.intents.acknowledge_all,
                _("Acknowledge all alerts"),
                ("⇧A",),
                what=_("Acknowledges every alert."),
                scope=ActionScope.ALERTS,
            ),
            Action(
                live(about(home.dialogs.open_threshold)),
                _("Threshold of the symbol…"),
                ("E",),
                what=_("Sets the level from which the symbol alerts."),
                scope=ActionScope.ALERTS,
            ),
            Action(
                about(home.go_to),
                _("Show in the main window"),
                what=_("Selects the symbol in the list of the main window."),
            ),
            Action(self._escape, keys=("Esc",), what=_("Leaves the enlarged chart, or the full screen.")),
            Action(self._close, _("Close this window"), ("Ctrl+W",), what=_("Closes this window; the others stay.")),
            *([] if self._docked else self._window_actions()),
        ]
        found += [] if self.table is None else self.table.actions()
        return [*found, *(each for each in common if not taken & {*each.keys})]

    def _window_actions(self) -> list[Action]:
        names = {"left": _("At the left"), "right": _("At the right"), "below": _("At the bottom")}
        sides: list[Choice] = [(name, False, partial(self.dock_wanted.emit, side)) for side, name in names.items()]
        what = _("Makes this window a part of the main window.")
        return [
            full_screen_action(self._toggle_full_screen),
            Action(self.search.begin, _("Search"), ("Ctrl+K",), what=_("Finds symbols and what can be done here.")),
            Action(lambda: None, _("Dock"), choices=sides, what=what, words=_("dock panel side arrange split float")),
        ]

    def _close(self) -> None:
        dock = self.parentWidget()
        (self if dock is None else dock).close()

    def _about(self, act: Callable[[Symbol], object]) -> Callable[[], None]:
        def acted() -> None:
            symbol = self.content.symbol()
            if symbol is not None:
                act(symbol)

        return acted

    def _find(self, symbol: Symbol) -> None:
        if self.content.find(symbol):
            self.reload()
            self.content.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._home.go_to(symbol)

    def _tell_search(self) -> None:
        watchlist = self._home.watchlist
        self.search.set_known(watchlist.names_on(self._home.board), self.keys.commands(), watchlist.group())

    def _toggle_full_screen(self) -> None:
        self._bar.setVisible(not toggle_full_screen(self))

    def _escape(self) -> None:
        if self.content.escape():
            return
        if self._docked:
            self._home.main.go_back()
        elif self.isFullScreen():
            self._toggle_full_screen()
        else:
            self.content.widget.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # what it shows

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._bar.setFixedHeight(theme.px(_BAR))
        self._simulated.set_theme(theme)
        self._marks.setFont(theme.sized_font(9, 700))
        self.search.set_theme(theme)
        self.content.set_theme(theme)
        if self.table is not None:
            self.table.set_theme(theme)

    def reload(self) -> None:
        """The list, a link, or the board that is shown is another one."""
        self.content.reload()
        self.entitle()

    def entitle(self) -> None:
        """Title and mark: what is not the real, running market stands in both."""
        marks = self._home.main.marks()
        self.setWindowTitle(window_title(*marks, part=self.heading()))
        simulated = _("SIMULATED") in marks[:1]
        self._simulated.setVisible(simulated)
        self._marks.setText(" · ".join(marks[simulated:]))
        self._show()

    def _show(self) -> None:
        """The feed asks first for what is looked at here."""
        self.bridge.show(self.content.symbols() if self.bridge.running else [])

    def _at_rest(self) -> bool:
        """Whether only changes matter; the wall has a clock."""
        return self._home.board.at_rest and not self.content.has_clock

    def _tick(self) -> None:
        self.content.tick()
        if self.table is not None:
            self.table.tick()
        self.entitle()

    def state(self) -> dict[str, object]:
        """What to make the window again from: plain values."""
        geometry = self._geometry if self._docked else str(place_of(self))
        return {"kind": self.content.kind, "geometry": geometry, **self.content.state()}

    # docked

    @property
    def kind(self) -> str:
        """What settings call it."""
        return self.content.kind

    def heading(self) -> str:
        """What it is called, without the program's name."""
        return self.content.title()

    def set_docked(self, on: bool) -> None:
        """Be a part of the main window, without a bar of its own; or a window again, hidden, where it was."""
        if on and not self._docked and self.isVisible():
            self._geometry = str(place_of(self))
        self._docked, self._covered = on, False
        self._bar.setVisible(not on)
        self.setMinimumSize(*((0, 0) if on else _LEAST))
        self.keys.let_go()
        self.keys = WindowKeys(self, self._actions, self.content.lists(), inside=on)
        if not on:
            self.setParent(None, Qt.WindowType.Window)
            place(self, self._geometry)

    def set_covered(self, on: bool) -> None:
        """Whether another tab is in front of it."""
        self._covered = on
        self.follow_visibility()

    # life

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the subscription back."""
        super().closeEvent(event)
        if not self._over:
            self._over = True
            self.bridge.close()
            self.search.rest()
            self.content.rest()
            self.closed.emit()
            self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the bar's own room goes to what is shown."""
        if key_of(event) is Qt.Key.Key_Return:
            self.content.widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """On screen: the system says from now on whether it is covered."""
        handle = self.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)
        super().showEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Covered by others, where the system says so, it is as if it were hidden."""
        if event.type() is QEvent.Type.Expose:
            self.follow_visibility()
        return super().eventFilter(watched, event)

    def follow_visibility(self) -> None:
        """Feed the window while somebody can see it."""
        handle = self.windowHandle()
        exposed = handle is None or handle.isExposed()
        if self._over:
            return
        if self.isVisible() and exposed and not self._covered and not self.window().isMinimized():
            if not self.bridge.running:
                self.bridge.wake()
                self.reload()
        elif self.bridge.running:
            self.bridge.rest()
            self.bridge.show([])
