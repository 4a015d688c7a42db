"""What the desk looks like: kept in the settings, brought back, and as a layout in a plain mapping.

A layout is how the desk is arranged: where the window is and how large, its dividers, the list's columns, order, group
and density, the period and choices of the chart, which charts are side by side, which table is below, and which windows
and panels are open beside it, each with its place and choices. It holds the symbols that charts other than the main one
show, for an arrangement is made for them. It holds nothing of the user's work: neither the selected symbol nor the
pinned rows, neither the list nor its groups, thresholds, rules, or alerts. Choosing a layout changes none of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.grid.views import ChartViews
from capflow_gui.ui.late import InTurns
from capflow_gui.ui.models.columns import ColumnChoice, SortOrder
from capflow_gui.ui.panels.panels import Panels
from capflow_gui.ui.toolbar.search import SearchBox
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.place import is_place, place, place_of

_NO_LAYOUT = ("selected", "pinned", "recent")


def layout_of(kept: WindowSettings) -> dict[str, Any]:
    """The layout in what was kept, as JSON can hold it."""
    found: dict[str, Any] = msgspec.to_builtins(kept)
    return {name: value for name, value in found.items() if name not in _NO_LAYOUT}


def with_layout(kept: WindowSettings, layout: Mapping[str, Any]) -> WindowSettings:
    """What was kept, in another layout. Unknown keys are left out, as is each value that cannot be used."""
    usable = {}
    for name, kind in get_type_hints(WindowSettings, include_extras=True).items():
        if name in layout and name not in _NO_LAYOUT:
            value = layout[name]
            if get_origin(kind) is list and isinstance(value, list):
                value = [each for each in value if _fits(each, get_args(kind)[0])]
            if _fits(value, kind):
                usable[name] = value
    if not is_place(usable.get("geometry")):
        usable.pop("geometry", None)
    return msgspec.structs.replace(kept, **usable)


def _fits(value: object, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


class WindowLayout:
    """The places and choices of a window's parts."""

    def __init__(
        self,
        window: QWidget,
        parts: tuple[WatchlistPanel, ChartSlot, DetailTabs],
        views: ChartViews,
        panels: Panels,
        search: SearchBox,
    ) -> None:
        self._window = window
        self._watchlist, self._chart, self._detail = parts
        self._views, self._panels, self._search = views, panels, search
        self._turns = InTurns(window)
        self._wanted: WindowSettings | None = None
        self._half = False  # the window itself is not what is wanted yet

    def rearrange(self, kept: WindowSettings, then: Callable[[], object]) -> None:
        """Bring the window to what was kept, and open what stood beside it: a step in each turn of the loop.

        `then` is called once the window itself is so. An arrangement that is not done yet ends where it is.
        """
        self._wanted, self._half = kept, True
        self._turns.begin(self._rearranging(kept, then))

    def _rearranging(self, kept: WindowSettings, then: Callable[[], object]) -> Iterator[None]:
        try:
            yield from self.restoring(kept)
        except Exception:  # it is to be seen, and what the user arranges after it is to be kept
            self._wanted = None
            raise
        self._half = False
        then()
        yield
        yield from self._open_beside(kept)

    def restoring(self, kept: WindowSettings) -> Iterator[None]:
        """Bring the window to what was kept, in steps; what cannot be used is left at the default.

        What stands beside the window, and the wall, is left to `restore_beside`.
        """
        place(self._window.window(), kept.geometry)
        self._views.show_one()
        central = self._views.central
        with central.laid_out_once():
            central.arrange(kept.list_at, kept.tables_below)
            if not central.restore_sizes(kept.splitter):
                self.spread()
        yield
        table = self._watchlist.table
        table.set_choice(ColumnChoice.parse(kept.columns, kept.delta_minutes))
        self._watchlist.model.set_pinned(Symbol.parse(each) for each in kept.pinned)
        self._watchlist.sort(SortOrder.parse(kept.sort))
        self._watchlist.tabs.choose(kept.tab)
        table.set_dense(kept.dense)
        if kept.selected is not None:
            table.select(Symbol.parse(kept.selected))
        self._search.recent = list(kept.recent)
        yield
        if kept.below != self._detail.tabs.current():
            self._detail.tabs.choose(kept.below)
        yield
        chart = self._chart
        chart.recorded.set_ghost(kept.ghost)
        chart.set_period(Period(kept.period))
        chart.views.restore({**dict.fromkeys(kept.views, True), "compared": kept.compared})
        yield
        self._views.restore(kept.grid)

    def restore_beside(self, kept: WindowSettings) -> None:
        """Open the wall, and what stood beside the window, one in each turn of the loop: once there are figures."""
        self._wanted, self._half = kept, False
        self._turns.begin(self._open_beside(kept))

    def _open_beside(self, kept: WindowSettings) -> Iterator[None]:
        yield from self._views.restore_wall(kept.grid)
        yield from self._views.restore_docks(kept.docks, kept.splitter)
        yield from self._views.restore_torn(kept.torn)
        yield from self._panels.restore(kept.panels)
        self._wanted = None

    @property
    def arranging(self) -> bool:
        """Whether the window is not so yet, or something that is to be open is not open yet."""
        return self._turns.running

    def rest(self) -> None:
        """The window closes: what is not open yet is not opened any more."""
        self._turns.stop()

    def spread(self) -> None:
        """Give every part its first size."""
        self._views.central.spread(self._window.width(), self._window.height())

    def kept(self) -> WindowSettings:
        """What to bring back next time: of what is being arranged, what it is going to be."""
        table, model, chart = self._watchlist.table, self._watchlist.model, self._chart
        central = self._views.central
        selected, choices = table.current_symbol(), chart.views.choices
        kept = WindowSettings(
            geometry=str(place_of(self._window.window())),
            splitter=central.sizes(),
            list_at=central.list_at,
            tables_below=central.tables_below,
            columns=table.choice.kept(),
            sort=str(model.sort_order),
            delta_minutes=table.choice.minutes,
            pinned=sorted(str(symbol) for symbol in model.pinned if model.on_list(symbol)),
            selected=str(selected) if selected is not None else None,
            tab=str(self._watchlist.tabs.current() or ""),
            period=chart.period.value,
            dense=table.dense,
            ghost=chart.recorded.ghost,
            views=list(choices.flags),
            compared=[str(symbol) for symbol in choices.compared],
            below=str(self._detail.tabs.current()),
            panels=self._panels.state(),
            recent=self._search.recent,
        )
        kept, wanted = self._views.kept(kept), self._wanted
        if wanted is None:
            return kept
        if self._half:
            return with_layout(kept, layout_of(wanted))
        wall = {**kept.grid, **({"wall": True} if wanted.grid.get("wall") is True else {})}
        return msgspec.structs.replace(kept, torn=wanted.torn, docks=wanted.docks, panels=wanted.panels, grid=wall)
