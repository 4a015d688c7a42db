"""Figures derived from a running total: steps, windows of trading minutes, distance from the high (rules 1 and 8).

All amounts are in the listing's currency, positive = net inflow. NaN means that the figure does not exist.
Only lines on the session's grid count; where two lines share an index (12:00 and 13:00), the later one stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capflow_gui.domain.flow import COLUMNS, NET, Bools, Floats, FlowSeries, Ints
from capflow_gui.domain.session import TradingDay


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """What happened between neighbouring lines of an intraday series.

    index    (m,) session minute index at which the step ends
    delta    (6, m) change of each row of COLUMNS over the step
    minutes  (m,) trading minutes the step spans; a break takes none
    """

    index: Ints
    delta: Floats
    minutes: Ints

    def __len__(self) -> int:
        return len(self.index)

    @property
    def single(self) -> Bools:
        """(m,) whether the step is a per-minute figure; the others are one step across a gap."""
        one: Bools = self.minutes == 1
        return one


def on_axis(series: FlowSeries, day: TradingDay) -> tuple[Ints, Ints]:
    """(k,) strictly ascending axis indexes, and the positions in `series` of the lines that stand there."""
    if day.begins_with(series.timestamps):
        places = np.arange(len(series.timestamps))
        return places, places
    axis = day.indexes(series.timestamps)
    if axis[0] >= 0 and (axis[1:] > axis[:-1]).all():
        return axis, np.arange(len(axis))
    places = np.flatnonzero(axis >= 0)
    places = places[np.argsort(axis[places], kind="stable")]
    ordered = axis[places]
    last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, np.bool_)
    return ordered[last], places[last]


def minute_flow(series: FlowSeries, day: TradingDay) -> Steps:
    """Differences between neighbouring lines of an intraday series; a gap is one step with its length."""
    axis, places = on_axis(series, day)
    values = series.values if len(places) == len(series) else series.values[:, places]
    return Steps(axis[1:], np.diff(values, axis=1), np.diff(axis))


def change_over(series: FlowSeries, day: TradingDay, minutes: int = 5, column: int = NET) -> float:
    """Change of one row of COLUMNS over the last `minutes` trading minutes.

    NaN when there is no line at their start, or the figures at either end are impossible.
    """
    found = _places_apart(series, day, minutes)
    if found is None or any(map(series.impossible_at, found)):
        return float("nan")
    before, newest = found
    row = series.values[column]
    return float(row[newest] - row[before])


def _places_apart(series: FlowSeries, day: TradingDay, minutes: int) -> tuple[int, int] | None:
    """Positions of the line `minutes` before the newest one, and of that; None where there is none."""
    if day.begins_with(series.timestamps):
        newest = len(series) - 1
        return (newest - minutes, newest) if newest >= minutes else None
    axis, places = on_axis(series, day)
    if not len(axis):
        return None
    at = int(axis.searchsorted(axis[-1] - minutes))
    return (int(places[at]), int(places[-1])) if axis[at] == axis[-1] - minutes else None


def off_high(series: FlowSeries, column: int = NET) -> float:
    """How far the newest line is below the session's highest one: 0 or negative; NaN when either is missing."""
    row = series.values[column]
    if not len(row) or np.isnan(row[-1]):
        return float("nan")
    return float(row[-1] - np.nanmax(row))


def latest(series: FlowSeries) -> Floats:
    """(6,) the newest line, rows as COLUMNS; all NaN when there is none."""
    if not len(series):
        return np.full(len(COLUMNS), np.nan)
    newest: Floats = series.values[:, -1]
    return newest
