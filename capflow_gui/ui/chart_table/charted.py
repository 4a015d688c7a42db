"""What stands in the place of a chart, as tables, words, and lines for a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capflow_gui.present.language.texts import _, ngettext
from capflow_gui.ui.chart.layers.compared import ComparePlot
from capflow_gui.ui.chart_table.tables import Table, chart_table, in_out_table, wall_table
from capflow_gui.ui.grid.tile import GridTile
from capflow_gui.ui.history.exports import Shown
from capflow_gui.ui.wall.view import WallView
from capflow_gui.ui.window.chart_slot import ChartSlot

Part = ChartSlot | GridTile | WallView


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Charted:
    """title    what it is of
    said     a sentence of what is shown and how fresh it is
    table    its figures; None where it shows none
    in_out   the money in and out shown below it
    shown    its lines for a file, in full; None where they are no lines of one symbol
    """

    title: str
    said: str
    table: Table | None
    in_out: Table | None = None
    shown: Callable[[], Shown | None] = _nothing


def charted(part: Part) -> Charted:
    """A chart of the window, a tile of the grid, or the wall."""
    if isinstance(part, WallView):
        count = len(part.symbols())
        said = ngettext("{count} symbol", "{count} symbols", count).format(count=count)
        return Charted(_("Wall"), said, wall_table(part) if count else None)
    chart = part.chart
    if chart is None:
        return Charted(_("Flow chart"), "", None)
    panel = part.views.in_out if isinstance(part, ChartSlot) else None
    in_out = in_out_table(panel()) if panel is not None and panel.is_shown else None
    shown = _nothing if isinstance(chart.plotted, ComparePlot) else part.shown
    return Charted(chart.accessibleName(), chart.told, chart_table(chart), in_out, shown)
