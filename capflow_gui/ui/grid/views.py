"""What the main window shows in the place of the chart: one, a grid of them, or the wall over the whole window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, level_size
from capflow_gui.present.language.texts import _
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.actions.docks import dock_actions, place_actions
from capflow_gui.ui.actions.views import ONE, WALL, full_screen_action, view_actions, wall_actions
from capflow_gui.ui.docks.central import Central
from capflow_gui.ui.fitting import into_sight, scrolled
from capflow_gui.ui.late import Late
from capflow_gui.ui.theme import Theme, Themed
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.keys import Action
from capflow_gui.ui.window.place import toggle_full_screen
from capflow_gui.ui.words import NO_SYMBOL

if TYPE_CHECKING:
    from capflow_gui.playback.board import PlayedBoard
    from capflow_gui.ui.docks.dock import Dock
    from capflow_gui.ui.docks.docks import Docks
    from capflow_gui.ui.grid.tile import GridTile
    from capflow_gui.ui.grid.view import ChartGrid
    from capflow_gui.ui.torn.home import Home
    from capflow_gui.ui.torn.window import TornWindow
    from capflow_gui.ui.torn.windows import TornWindows
    from capflow_gui.ui.wall.view import WallView

# Of the actions with recorded sessions, the keys of those that are not about the chart.
_ANYWHERE = ("V", "D", "Ctrl+C")


class ChartViews(QObject):
    """`place` is where the chart is, `pages` the whole of the window below its title.

    `view` is how many charts there are, ONE or more, or WALL. `home` is asked for when it is first needed.
    changed: other symbols are looked at.
    """

    changed = Signal()

    def __init__(
        self, parts: tuple[WatchlistPanel, ChartSlot, DetailTabs], home: Callable[[], Home], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._watchlist, self._slot, self._detail = parts
        self._make_home = home
        self.view = ONE
        self._below_wall = ONE
        self._sizes: dict[bool, str] = {}
        self._kept: Mapping[str, object] = {}
        self._played: PlayedBoard | None = None
        self.place, self.pages = QStackedWidget(parent), QStackedWidget(parent)
        self.place.addWidget(self._slot)
        self.central = Central(self._watchlist, self.place, self._detail, parent)
        self.grid, self.wall = Late(self._make_grid), Late(self._make_wall)
        self._slot.built.connect(self._charts_ready)
        self._watchlist.table.carried.connect(self._carry)

    @cached_property
    def home(self) -> Home:
        """What the window lends."""
        return self._make_home()

    @cached_property
    def torn(self) -> TornWindows:
        """The windows torn off; made when there is the first."""
        from capflow_gui.ui.torn.windows import TornWindows  # noqa: PLC0415 - when first shown

        torn = TornWindows(self.home, self)
        torn.dock_wanted.connect(self._dock)
        return torn

    def _make_grid(self) -> ChartGrid:
        from capflow_gui.ui.grid.view import ChartGrid  # noqa: PLC0415 - when first shown

        grid = ChartGrid(self.home.board, self.home.theme, self.home.order, self.home.hub, whole=True)
        self.place.addWidget(grid)
        grid.selected = self.home.selected
        grid.restore(self._kept)
        grid.activated.connect(self._watchlist.show_symbol)
        grid.torn.connect(self.tear_chart)
        grid.threshold_changed.connect(self._move_threshold)
        grid.size_chosen.connect(self.show)
        grid.changed.connect(self.changed)
        grid.history_wanted.connect(self.home.intents.history_requested)
        grid.build_soon(ready=self._slot.chart is not None)
        return grid

    def _make_wall(self) -> WallView:
        from capflow_gui.ui.wall.view import WallView  # noqa: PLC0415 - when first shown

        wall = WallView(self.home.board, self.home.theme, self.pages)
        self.pages.addWidget(wall)
        wall.group = self._watchlist.tabs.current()
        wall.chosen.connect(self._open_from_wall)
        wall.acknowledged.connect(self.home.acknowledge)
        wall.changed.connect(self.changed)
        return wall

    def area_around(self, central: QWidget) -> QWidget:
        """What views are docked at the sides of, and what scrolls where there is too little room for all of it."""
        self._area = QMainWindow(central.parentWidget())
        self._area.setWindowFlags(Qt.WindowType.Widget)
        self._area.setCentralWidget(central)
        self._frame = scrolled(self._area)
        self._frame.widened.connect(self._fit_width)
        return self._frame

    def settle_width(self) -> None:
        """Something needs another width than before: fit into what there is."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        self._fit_width()
        if "docks" in self.__dict__:
            self.docks.settle()

    def _fit_width(self) -> None:
        """List and chart beside each other, or the chart below; docked views leave them less."""
        width = self._frame.viewport().width()
        docked = self.docks.fit_width(width, self.central.least_width) if "docks" in self.__dict__ else 0
        if "docks" in self.__dict__ and self.docks.open_ones:  # else the area's hint may be of before the centre's
            docked = max(docked, self._area.minimumSizeHint().width() - self.central.outer.minimumSizeHint().width())
        self.central.fit_width(width - docked, self.pages.size(), self._in_room > ONE)

    @cached_property
    def docks(self) -> Docks:
        """The views at the sides; made when there is the first."""
        from capflow_gui.ui.docks.docks import Docks  # noqa: PLC0415 - when first shown

        docks = Docks(self._area, self.home, self.torn, self.home.panels)
        docks.moved.connect(self.settle_width)
        return docks

    def _charts_ready(self) -> None:
        if self._slot.chart is not None:
            self._slot.chart.link(self.home.hub)
        if self.grid.made is not None:
            self.grid.made.build_soon(ready=True)

    # what is shown

    def show(self, view: int) -> None:
        """Show one chart, 4, 9, 16, or the wall."""
        if view == self.view:
            return
        before, self.view = self.view, view
        if view == WALL:
            self._below_wall = before
            wall = self.wall()
            self.pages.setCurrentWidget(wall)
            wall.set_marks(self.home.main.marks())
            wall.reload()
            wall.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.pages.setCurrentIndex(0)
            if view == ONE:  # what is hidden is not laid out for the sizes of the other
                self._show_place(view)
            self._part(before if before != WALL else self._below_wall, view)
            if view != ONE:
                self._show_place(view)
        self.changed.emit()

    def _show_place(self, view: int) -> None:
        if view == ONE:
            self.place.setCurrentWidget(self._slot)
            if self.grid.made is not None:  # it asks for no room any more
                self.grid.made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            self._slot.show_symbol(self.home.selected())
            return
        grid = self.grid()
        grid.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        if grid.size_now == view:
            grid.shrink()
            grid.reload()
        else:
            grid.set_size(view)
        grid.follow(self.home.selected())
        self.place.setCurrentWidget(grid)

    def _part(self, before: int, view: int) -> None:
        """Give the grid the room of the list's columns and of the tables, and take it back."""
        if (before > ONE) == (view > ONE):
            return
        self._sizes[before > ONE] = self.central.sizes()
        with self.central.laid_out_once():
            if self.central.restore_sizes(self._sizes.get(view > ONE, "")):
                return
            if view > ONE:
                self.central.make_room()
            else:
                self.central.spread(self.pages.width(), self.pages.height())

    def arrange(self, list_at: str, tables_below: str) -> None:
        """Put list, chart and tables elsewhere, each at its first size there."""
        self._sizes = {}
        with self.central.laid_out_once():
            self.central.arrange(list_at, tables_below)
            self.central.spread(self.pages.width(), self.pages.height())
            if self._in_room > ONE:
                self.central.make_room()

    def choose_period(self, period: Period) -> bool:
        """Have another period in all charts side by side; False where there is one alone, or the wall."""
        if self.view > ONE:
            self.grid().set_period(period)
        return self.view > ONE

    def histories_changed(self, pairs: frozenset[tuple[Symbol, Period]]) -> None:
        """Bars came in."""
        self._slot.histories_changed(pairs)
        if self.view > ONE:
            self.grid().refresh({symbol for symbol, period in pairs if period is self.grid().period})

    def show_or_leave(self, view: int) -> None:
        """Show a view; the wall again: what was below it."""
        self.show(self._below_wall if view == self.view == WALL else view)

    def show_one(self) -> None:
        """Show one chart."""
        self.show(ONE)

    def leave_wall(self) -> None:
        """Show the list again."""
        if self.view == WALL:
            self.show_or_leave(WALL)

    def escape(self) -> bool:
        """Leave the wall, or the enlarged chart of the grid; False where there is none."""
        if self.view == WALL:
            self.show_or_leave(WALL)
            self._watchlist.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
        return self.view != ONE and self.grid().shrink()

    def count_from_open(self) -> bool:
        """End counting the lines of the chart looked at from a minute; False where they are not."""
        chart = None if self.view == WALL else (self._slot if self.view == ONE else self.grid().active_tile()).chart
        return chart is not None and chart.set_anchor(None)

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing on screen; the wall has a clock."""
        return self.view != WALL and self._watchlist.table.at_rest()

    def looked_at(self, rows: Sequence[Symbol]) -> list[Symbol]:
        """The symbols on screen, `rows` being those of the list."""
        if self.view == WALL:
            return self.wall().symbols()
        charts = self.grid().symbols() if self.view != ONE else []
        return list(dict.fromkeys((*charts, *rows)))

    def charted(self) -> ChartSlot | GridTile | WallView:
        """What is looked at in the place of the chart."""
        if self.view == WALL:
            return self.wall()
        return self._slot if self.view == ONE else self.grid().active_tile()

    # what the board says

    def refresh(self, symbols: Collection[Symbol] | None = None) -> None:
        """Some rows changed (None: all)."""
        if self.view == WALL:
            self.wall().refresh(symbols)
        elif self.view != ONE:
            self.grid().refresh(symbols)
        elif symbols is None:
            self._slot.show_symbol(self.home.selected())
        else:
            self._slot.flows_changed(symbols)

    def reload(self) -> None:
        """The list changed, or another board answers."""
        if self.view == WALL:
            self.wall().set_marks(self.home.main.marks())
            self.wall().reload()
        elif self.view == ONE:
            self._slot.show_symbol(self.home.selected())
        else:
            self.grid().reload()

    def follow_playback(self) -> None:
        """What is played went on, began or ended."""
        board = self.home.board.played
        if self.view != ONE and board is not self._played:
            self.reload()
        if self.view != ONE:
            self.refresh()
        self._played = board

    def tick(self) -> None:
        """A second passed."""
        if self.view == WALL:
            self.wall().tick()
        elif self.view == ONE:
            self._slot.tick()
        else:
            self.grid().tick()

    def themed(self) -> Iterator[Themed]:
        """What is to be given another theme, part by part; this itself last."""
        parts = self._slot, self.grid.made, self.wall.made, self.__dict__.get("torn"), self.__dict__.get("docks")
        yield from (part for part in parts if part is not None)
        yield self

    def set_theme(self, _theme: Theme) -> None:
        """The parts have other fonts: fit them into the width."""
        self.settle_width()

    # what the user does

    def select(self, symbol: Symbol) -> None:
        """Another row of the list is selected."""
        if self.view in (ONE, WALL):
            self._slot.show_symbol(symbol)
        else:
            self.grid().follow(symbol)

    def activate(self, symbol: Symbol) -> None:
        """Enter on a row: to its chart; in a grid without it, into the active tile."""
        if self.view == ONE:
            into_sight(self._slot)
            self._slot.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.grid().show_in_active(symbol)

    def _open_from_wall(self, symbol: Symbol) -> None:
        self._below_wall = ONE
        self.show(ONE)
        self.home.go_to(symbol)

    def _carry(self, symbols: list[Symbol], point: QPoint | None, dropped: bool, _copied: bool) -> None:
        """Rows are carried out of the list: over a tile they can be let go."""
        if self.view in (ONE, WALL) or self.place.currentWidget() is not self.grid.made:
            return
        if dropped and point is not None and symbols:
            self.grid().drop(point, symbols[0])
        else:
            self.grid().hover(None if dropped else point)

    def _move_threshold(self, symbol: Symbol, level: Level) -> None:
        if level_size(level) < 0:
            self.home.played.live_only(self.home.intents.choose_threshold)(symbol, level)

    def tear_chart(self, symbol: Symbol | None = None) -> None:
        """The chart of a symbol, or of the selected one, in a window of its own."""
        symbol = symbol or self.home.selected()
        if symbol is None:
            self.home.intents.say(_(NO_SYMBOL))
        else:
            self.torn.open({"kind": "chart", "symbol": str(symbol)})

    def actions(self) -> list[Action]:
        """For the keys, the menu and the search box."""
        grid = self.grid() if self.view > ONE else None
        fill = (lambda: None) if grid is None else grid.fill
        torn = self._watchlist.table.current_symbol() or (self._slot.symbol if grid is None else grid.active())
        no_chart = _(NO_SYMBOL) if torn is None else ""
        actions = view_actions(self.view, self.show_or_leave, self._tear, fill=fill, no_chart=no_chart)
        docked = {dock.view.heading(): self.docks.places(dock) for dock in self._docked()}
        docking = dock_actions(lambda kind: self.docks.open({"kind": kind}), docked)
        placing = place_actions(self.central.list_at, self.central.tables_below, self.arrange)
        full_screen = full_screen_action(lambda: toggle_full_screen(self.pages.window()))
        return [*actions, full_screen, *placing, *docking, *wall_actions(self.wall, lambda: self.show(WALL))]

    def _dock(self, window: TornWindow, side: str) -> None:
        self.docks.add(window, side)

    def _docked(self) -> list[Dock]:
        return self.docks.open_ones if "docks" in self.__dict__ else []

    def follow_visibility(self) -> None:
        """The window was minimised, or is there again."""
        if self._docked():
            self.docks.follow_visibility()

    def in_one(self, action: Action) -> Action:
        """An action that shows something in the one chart: shown there first."""
        if not action.keys or action.key in _ANYWHERE:
            return action

        def run() -> None:
            self.show_one()
            action.run()

        return replace(action, run=run)

    def _tear(self, kind: str) -> None:
        if kind == "chart":
            self.tear_chart(self.grid().active() if self.view > ONE else None)
            return
        self.torn.open({"kind": kind, **(self.grid().state() if kind == "grid" and self.grid.made is not None else {})})

    # state

    def state(self) -> dict[str, object]:
        """Which view, and what the grid shows: plain values."""
        grid = dict(self._kept) if self.grid.made is None else self.grid.made.state()
        wall: dict[str, object] = {} if self.wall.made is None else self.wall.made.state()
        around = self.central.sizes() if self._in_room > ONE else self._sizes.get(True, "")
        return {**grid, **wall, "view": self._in_room, "wall": self.view == WALL, "around": around}

    @property
    def _in_room(self) -> int:
        """What is in the chart's place, also behind the wall."""
        return self._below_wall if self.view == WALL else self.view

    def kept(self, settings: WindowSettings) -> WindowSettings:
        """A window's settings with the views and the windows torn off; its dividers are those around one chart."""
        if self._in_room > ONE:
            settings = msgspec.structs.replace(settings, splitter=self._sizes.get(False, settings.splitter))
        torn = self.torn.states() if "torn" in self.__dict__ else []
        docks = self.docks.state() if self._docked() else {}
        return msgspec.structs.replace(settings, grid=self.state(), torn=torn, docks=docks)

    def restore(self, state: Mapping[str, object]) -> None:
        """Bring back what `state` told, but for the wall; what cannot be used is left as it is."""
        self._kept = state
        around, view = state.get("around"), state.get("view")
        if isinstance(around, str) and around:
            self._sizes[True] = around
        if self.grid.made is not None:
            self.grid.made.restore(state)
        if view in (4, 9, 16) and isinstance(view, int):
            self.show(view)

    def restore_wall(self, state: Mapping[str, object]) -> Iterator[None]:
        """Show the wall where `state` says so."""
        if state.get("wall") is True:
            self.wall().restore(state)
            yield
            self.show(WALL)
            yield

    def restore_torn(self, states: Sequence[Mapping[str, object]]) -> Iterator[None]:
        """Have these windows torn off, and no others: one in each step."""
        if states or "torn" in self.__dict__:
            yield from self.torn.restore(states)

    def restore_docks(self, state: Mapping[str, object], sizes: str) -> Iterator[None]:
        """Have these views docked, and no others, one in each step; and the dividers at `sizes`, if there are any."""
        if state or self._docked():
            yield from self.docks.restore(state)
            self.central.restore_sizes(sizes)

    def close(self) -> None:
        """The window closes, and with it those torn off it."""
        if self._docked():
            self.docks.close()
        if "torn" in self.__dict__:
            self.torn.close()
