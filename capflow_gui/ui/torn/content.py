"""What can stand in a window of its own: a chart, the alerts, the tape, several charts, the wall."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from PySide6.QtWidgets import QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, level_size
from capflow_gui.present.language.texts import _
from capflow_gui.ui.actions.chart import chart_actions
from capflow_gui.ui.actions.views import size_actions
from capflow_gui.ui.actions.window import period_actions
from capflow_gui.ui.alerts.actions import AlertActions
from capflow_gui.ui.alerts.table import AlertsTable
from capflow_gui.ui.chart_import import ChartImport
from capflow_gui.ui.grid.tile import GridTile
from capflow_gui.ui.grid.view import ChartGrid, symbol_of
from capflow_gui.ui.tape.table import TapeTable
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.torn.home import Home
from capflow_gui.ui.wall.view import WallView
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.keys import Action, ActionScope


class Content:
    """A part in a window of its own. `kind` is what settings call it, `widget` what is shown."""

    kind: str
    has_clock = False  # whether it shows the seconds
    widget: QWidget

    def lists(self) -> tuple[QWidget, ...]:
        """What would search its rows for what is typed."""
        return ()

    def title(self) -> str:
        """What the window is called by."""
        raise NotImplementedError

    def symbols(self) -> list[Symbol]:
        """The symbols whose rows are looked at here."""
        return []

    def symbol(self) -> Symbol | None:
        """The one that keys are about."""
        return None

    def charted(self) -> ChartSlot | GridTile | WallView | None:
        """What can be shown as a table."""
        return None

    def find(self, symbol: Symbol) -> bool:
        """Show a symbol that was searched for; False where that is not for this window."""
        del symbol
        return False

    def actions(self) -> list[Action]:
        """What can be done here."""
        return []

    def reload(self) -> None:
        """The list, a link or the alerts changed, or another board answers: read all of it again."""
        raise NotImplementedError

    def refresh(self, symbols: Collection[Symbol]) -> None:
        """Some rows changed."""

    def alerts_changed(self) -> None:
        """The table of alerts is another one; rows whose alerts changed are said to have changed, too."""

    def tape_changed(self) -> None:
        """Something happened."""

    def histories_changed(self, pairs: frozenset[tuple[Symbol, Period]]) -> None:
        """Bars of days came in."""

    def tick(self) -> None:
        """A second passed."""

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        raise NotImplementedError

    def escape(self) -> bool:
        """Esc: False where there was nothing to leave."""
        return False

    def state(self) -> dict[str, object]:
        """What to bring back: plain values."""
        return {}

    def rest(self) -> None:
        """The window closes."""


class _Chart(Content):
    """The chart of one symbol."""

    kind = "chart"

    def __init__(self, home: Home, state: Mapping[str, object]) -> None:
        self._home = home
        self._symbol = symbol_of(state.get("symbol")) or home.selected()
        self.widget = self._slot = ChartSlot(home.board, home.theme)
        self._slot.period_chosen.connect(self._choose_period)
        self._slot.threshold_changed.connect(self._move_threshold)
        self._slot.action_clicked.connect(home.played.live_only(home.dialogs.follow))
        self._slot.built.connect(self._link)
        self._slot.build_soon()
        self._slot.show_symbol(self._symbol)
        self._slot.restore(state)

    def _link(self) -> None:
        if self._slot.chart is not None:
            self._slot.chart.link(self._home.hub)

    def _choose_period(self, period: Period) -> None:
        self._slot.set_period(period)
        self._ask()

    def _ask(self) -> None:
        if self._symbol is not None and self._slot.period is not Period.INTRADAY:
            self._home.intents.history_requested.emit(self._symbol, self._slot.period)

    def _move_threshold(self, level: Level) -> None:
        if self._symbol is not None and level_size(level) < 0:
            self._home.intents.choose_threshold(self._symbol, level)

    def title(self) -> str:
        if self._symbol is None:
            return _("Chart")
        board = self._home.board
        name = board.row(self._symbol).name if self._symbol in board.symbols else ""
        return f"{self._symbol} {name}".rstrip()

    def symbols(self) -> list[Symbol]:
        return [] if self._symbol is None else [self._symbol]

    def symbol(self) -> Symbol | None:
        return self._symbol

    def find(self, symbol: Symbol) -> bool:
        self._symbol = symbol
        self._ask()
        self.reload()
        return True

    def actions(self) -> list[Action]:
        return [*period_actions(self._choose_period), *chart_actions(self._slot, list)]

    def charted(self) -> ChartSlot:
        return self._slot

    def reload(self) -> None:
        self._slot.show_symbol(self._symbol)

    def refresh(self, symbols: Collection[Symbol]) -> None:
        self._slot.flows_changed(symbols)

    def histories_changed(self, pairs: frozenset[tuple[Symbol, Period]]) -> None:
        self._slot.histories_changed(pairs)

    def tick(self) -> None:
        self._slot.tick()

    def set_theme(self, theme: Theme) -> None:
        self._slot.set_theme(theme)

    def state(self) -> dict[str, object]:
        return self._slot.state()

    def rest(self) -> None:
        self._slot.rest()


class _Alerts(Content):
    """The table of alerts."""

    kind = "alerts"

    def __init__(self, home: Home, _state: Mapping[str, object]) -> None:
        self.widget = self._table = AlertsTable(home.board, home.theme)
        self._table.symbol_chosen.connect(home.go_to)
        self._actions = AlertActions(
            self._table,
            home.board,
            self._table,
            home.intents,
            home.dialogs,
            symbols=tuple[Symbol, ...],
            played=home.played,
        )

    def title(self) -> str:
        return _("Alerts")

    def actions(self) -> list[Action]:
        return self._actions.actions()

    def lists(self) -> tuple[QWidget, ...]:
        return (self._table,)

    def reload(self) -> None:
        self._table.reload()

    def alerts_changed(self) -> None:
        self.reload()

    def tick(self) -> None:
        self._table.tick()

    def set_theme(self, theme: Theme) -> None:
        self._table.set_theme(theme)


class _Tape(Content):
    """The tape."""

    kind = "tape"

    def __init__(self, home: Home, _state: Mapping[str, object]) -> None:
        self.widget = self._table = TapeTable(home.board, home.theme)
        self._table.selected = home.selected
        self._table.line_chosen.connect(home.go_to_line)

    def title(self) -> str:
        return _("Tape")

    def actions(self) -> list[Action]:
        middle = self._table.rect().center
        return [
            Action(
                lambda: self._table.open_filter(self._table.mapToGlobal(middle())),
                _("Filter of the tape…"),
                what=_("Shows events of some kinds, of one symbol, or of a size."),
                scope=ActionScope.TAPE,
            ),
            Action(
                self._table.copy,
                _("Copy the table"),
                ("Ctrl+C",),
                what=_("Copies what is shown as a table."),
                scope=ActionScope.COPY,
            ),
        ]

    def lists(self) -> tuple[QWidget, ...]:
        return (self._table,)

    def reload(self) -> None:
        self._table.reload()

    def tape_changed(self) -> None:
        self.reload()

    def set_theme(self, theme: Theme) -> None:
        self._table.set_theme(theme)


class _Grid(Content):
    """Several charts."""

    kind = "grid"

    def __init__(self, home: Home, state: Mapping[str, object]) -> None:
        self._home = home
        self.widget = self._grid = ChartGrid(home.board, home.theme, home.order, home.hub, whole=False)
        self._grid.selected = home.selected
        self._grid.history_wanted.connect(home.intents.history_requested)
        self._grid.threshold_changed.connect(self._move_threshold)
        self._grid.restore(state)
        self._import = ChartImport(self._grid)  # to import it for the first tile, in one go, would stall
        self._import.finished.connect(partial(self._grid.build_soon, ready=True))
        self._import.start()

    def rest(self) -> None:
        self._import.stop()

    def _move_threshold(self, symbol: Symbol, level: Level) -> None:
        if level_size(level) < 0:
            self._home.intents.choose_threshold(symbol, level)

    def title(self) -> str:
        return _("{count} charts").format(count=self._grid.size_now)

    def symbols(self) -> list[Symbol]:
        return self._grid.symbols()

    def symbol(self) -> Symbol | None:
        return self._grid.active()

    def find(self, symbol: Symbol) -> bool:
        self._grid.show_in_active(symbol)
        return True

    def actions(self) -> list[Action]:
        what = _("Shows the top of the list as it is sorted now; pinned charts stay.")
        fill = Action(self._grid.fill, _("Fill the charts from the list"), what=what, scope=ActionScope.WALL)
        return [*size_actions(self._grid.set_size, one=False), *period_actions(self._grid.set_period), fill]

    def charted(self) -> GridTile:
        return self._grid.active_tile()

    def reload(self) -> None:
        self._grid.reload()

    def refresh(self, symbols: Collection[Symbol]) -> None:
        self._grid.refresh(symbols)

    def histories_changed(self, pairs: frozenset[tuple[Symbol, Period]]) -> None:
        self._grid.refresh({symbol for symbol, period in pairs if period is self._grid.period})

    def tick(self) -> None:
        self._grid.tick()

    def set_theme(self, theme: Theme) -> None:
        self._grid.set_theme(theme)

    def escape(self) -> bool:
        return self._grid.shrink()

    def state(self) -> dict[str, object]:
        return self._grid.state()


class _Wall(Content):
    """The wall."""

    kind = "wall"
    has_clock = True

    def __init__(self, home: Home, state: Mapping[str, object]) -> None:
        self._home = home
        self.widget = self._wall = WallView(home.board, home.theme)
        self._wall.restore(state)
        self._wall.chosen.connect(home.go_to)
        self._wall.acknowledged.connect(home.acknowledge)

    def title(self) -> str:
        return _("Wall")

    def symbols(self) -> list[Symbol]:
        return self._wall.symbols()

    def symbol(self) -> Symbol | None:
        return self._wall.current

    def charted(self) -> WallView:
        return self._wall

    def reload(self) -> None:
        self._wall.set_marks(self._home.main.marks())
        self._wall.reload()

    def refresh(self, symbols: Collection[Symbol]) -> None:
        self._wall.refresh(symbols)

    def tick(self) -> None:
        self._wall.tick()

    def set_theme(self, theme: Theme) -> None:
        self._wall.set_theme(theme)

    def state(self) -> dict[str, object]:
        return self._wall.state()


Make = Callable[[Home, Mapping[str, object]], Content]
CONTENTS: dict[str, Make] = {each.kind: each for each in (_Chart, _Alerts, _Tape, _Grid, _Wall)}
