"""What a chart shows, as rows of text: the same figures, units and market time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, MEDIUM, NET, SMALL, Floats
from capflow_gui.present.language.texts import _, said_together
from capflow_gui.present.numbers import MISSING, Unit, compact, percent, price, scaled, unit_for
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.history import HistoryPlot
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.labels import clock, period_name
from capflow_gui.ui.chart.layers.compared import ComparePlot
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.chart.look import NAMES, PRICE
from capflow_gui.ui.chart.session_data import SessionData
from capflow_gui.ui.flow_views.in_out import InOutPanel
from capflow_gui.ui.wall.view import WallView, state_word
from capflow_gui.ui.words import pill_texts

_ORDER = (NET, MAIN, EXTRA_LARGE, LARGE, MEDIUM, SMALL)
_SHARE = Unit("%", 100.0)  # of shares in hundredths of a per cent


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column: `cell` says what stands in a row; `figures` are written to the right."""

    header: str
    cell: Callable[[int], str]
    figures: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of text under headers, each written when it is asked for, of what was shown as the table was made.

    The chart may show something else by then.

    key     another one is a table of something else
    stamp   while it compares equal, no cell says anything new
    places  what `Column.cell` is asked for in each row, the newest first where there is time in it
    true    whether the figures are true now, or final; others are grey
    """

    key: Hashable
    stamp: tuple[object, ...]
    columns: tuple[Column, ...]
    places: tuple[int, ...]
    true: bool = True

    @property
    def headers(self) -> tuple[str, ...]:
        """What the columns are, with unit and currency."""
        return tuple(column.header for column in self.columns)

    def cell(self, row: int, column: int) -> str:
        """What a cell says."""
        return self.columns[column].cell(self.places[row])

    def rows(self) -> list[tuple[str, ...]]:
        """All of it."""
        return [tuple(column.cell(place) for column in self.columns) for place in self.places]


def chart_table(chart: FlowChart) -> Table | None:
    """A chart's session, bars of periods, or comparison; None where it says a sentence in their place."""
    shown = chart.plotted
    if isinstance(shown, IntradayPlot):
        return _session(shown)
    if isinstance(shown, HistoryPlot):
        return _periods(shown)
    return _comparison(shown) if isinstance(shown, ComparePlot) else None


def _amounts(name: str, values: Floats, currency: str) -> Column:
    """A column of amounts in one unit."""
    known = np.abs(values[np.isfinite(values)])
    unit = unit_for(float(known.max())) if len(known) else Unit("", 1.0)
    said = f"{unit.suffix} {currency}".strip()
    header = _("{name} ({unit})").format(name=name, unit=said) if said else name
    return Column(header, lambda place: scaled(float(values[place]), unit, max(unit.decimals, 2) if unit.suffix else 0))


def _session(plot: IntradayPlot) -> Table | None:
    """Running totals of each minute with a line, what each minute brought, and what is to be known of it."""
    data, state = plot.data, plot.state
    if data is None:
        return None
    zone, day = ZoneInfo(data.day.zone), data.day
    known = np.asarray(np.isfinite(data.values).any(axis=0))
    if data.sound is not None:
        known |= ~data.sound
    places = [place for place in range(data.last, -1, -1) if known[place]]
    sizes = [each for each in _ORDER if each == NET or np.isfinite(data.values[each]).any()]
    steps = data.deltas.copy()
    for gap in data.gaps:
        steps[:, gap.end] = gap.delta
    columns = [
        Column(_("Time ({zone})").format(zone=day.zone), lambda place: clock(day.label(place), zone), figures=False),
        *(_amounts(_(NAMES[each]), data.values[each], state.currency) for each in sizes),
        *(
            _amounts(_("{name} per minute").format(name=_(NAMES[each])), steps[each], state.currency)
            for each in sizes
            if each not in data.derived
        ),
    ]
    if (prices := plot.prices_shown) is not None:
        columns.append(Column(_(NAMES[PRICE]), lambda place: price(float(prices[place]))))
    if (beside := plot.beside_shown) is not None:
        columns.append(_amounts(beside.name, beside.values, state.currency))
    columns.append(Column(_("Notes"), partial(_notes, data, state), figures=False))
    key = "session", state.key, data.anchor, tuple(column.header for column in columns)
    stamp = data, state, prices, beside, plot.look.true
    return Table(key, stamp, tuple(columns), tuple(places), plot.look.true)


def _notes(data: SessionData, state: PlotState, place: int) -> str:
    """What is to be known of a minute."""
    gap = data.gap_at(place)
    notes = (
        _("provisional") if data.provisional and place == data.last else "",
        _("revised") if place in state.revised else "",
        "" if gap is None else _("over {minutes} min").format(minutes=gap.minutes),
        _("check failed") if data.sound is not None and not data.sound[place] else "",
        _("alert") if place in state.fired else "",
        _("snapshot of order sizes") if place in data.snapshots else "",
    )
    return said_together(note for note in notes if note)


def _periods(plot: HistoryPlot) -> Table | None:
    """A row a day, week or month."""
    series = plot.series
    if series is None:
        return None

    days, period, unfinished = [*plot.days], series.period, plot.unfinished
    notes = tuple(plot.note(at) or (_("still open") if at in unfinished else "") for at in range(len(series)))
    columns = (
        Column(_("Period"), lambda place: period_name(days[place], period), figures=False),
        *(_amounts(_(NAMES[each]), series.values[each], plot.currency) for each in plot.columns),
        Column(_("Notes"), notes.__getitem__, figures=False),
    )
    places = tuple(range(len(series) - 1, -1, -1))
    key = "periods", str(series.symbol), series.period, plot.currency, len(columns)
    return Table(key, (series, notes), columns, places)


def _comparison(plot: ComparePlot) -> Table | None:
    """A row a minute of the first symbol's session, a column a symbol."""
    day, lines = plot.day, plot.lines
    if day is None or not lines:
        return None
    zone = ZoneInfo(day.zone)
    known = np.asarray(np.isfinite(np.vstack([line.shares for line in lines])).any(axis=0))
    columns = [Column(_("Time ({zone})").format(zone=day.zone), lambda at: clock(day.label(at), zone), figures=False)]
    for line in lines:
        said = line.name if line.true or line.lacks else _("{name}, not live").format(name=line.name)
        header = _("{name} ({unit})").format(name=said, unit=line.lacks or _("% of turnover"))
        columns.append(Column(header, partial(_share, line.shares)))
    key = "comparison", day.day, tuple(line.name for line in lines)
    places = tuple(place for place in range(len(known) - 1, -1, -1) if known[place])
    return Table(key, tuple(lines), tuple(columns), places, any(line.true for line in lines))


def _share(shares: Floats, place: int) -> str:
    return scaled(float(shares[place]), _SHARE, 2)


def in_out_table(panel: InOutPanel) -> Table | None:
    """Money in and out by order size; None where there is none."""
    lines = panel.lines
    if not lines:
        return None
    unit = panel.unit_said()
    rows = [(panel.name(line), *panel.amounts(line), panel.net(line)) for line in lines]
    inflow, outflow = _("In ({unit})").format(unit=unit), _("Out ({unit})").format(unit=unit)
    columns = (
        Column(_("Order size"), lambda place: rows[place][0], figures=False),
        Column(inflow, lambda place: rows[place][1]),
        Column(_("Share of all in"), lambda place: percent(lines[place].in_share, 0, signed=False)),
        Column(outflow, lambda place: rows[place][2]),
        Column(_("Share of all out"), lambda place: percent(lines[place].out_share, 0, signed=False)),
        Column(_("Net ({unit})").format(unit=unit), lambda place: rows[place][3]),
    )
    return Table(("in and out", unit), (lines, panel.true), columns, tuple(range(len(lines))), panel.true)


def wall_table(wall: WallView) -> Table:
    """A row a tile, in the order of the tiles; amounts each in its own currency."""
    symbols = wall.symbols()
    tiles = [wall.tile(symbol) for symbol in symbols]
    rows = [tile.figures.row for tile in tiles]
    columns = (
        Column(_("Symbol"), lambda place: str(symbols[place]), figures=False),
        Column(_("Name"), lambda place: rows[place].name, figures=False),
        Column(_("% of turnover"), lambda place: percent(tiles[place].figures.of_turnover, 2)),
        Column(_("Net"), lambda place: compact(tiles[place].figures.net)),
        Column(_("Currency"), lambda place: rows[place].money or MISSING, figures=False),
        Column(
            _("State"),
            lambda place: tiles[place].state or state_word(rows[place].freshness),
            figures=False,
        ),
        Column(_("Alert"), lambda place: next(iter(pill_texts(rows[place])[0]), ""), figures=False),
    )
    return Table(("wall", tuple(symbols)), tuple(tiles), columns, tuple(range(len(tiles))))
