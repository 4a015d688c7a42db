"""How much a figure of a symbol usually changes at a minute of the session, by earlier sessions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from capflow_gui.domain.flow import COLUMNS, HARMLESS, Floats, FlowSeries, Ints
from capflow_gui.domain.session import TradingDay

# Of how many earlier sessions something is called unusual: with fewer nothing can be said, and more are not looked at.
LEAST_SESSIONS, MOST_SESSIONS = 10, 60
# Trading minutes before and after a minute that are taken for the same time of day.
_AROUND = 10
# Makes the median absolute deviation of a normal distribution its standard deviation.
_TO_DEVIATIONS = 0.6745
_HARMFUL = np.uint16(0xFFFF & ~int(HARMLESS))
# (k,) the change up to each minute of a session, from index 0; NaN: not known. Kept for many symbols, so single floats.
Changes = npt.NDArray[np.float32]


def changes_of(series: FlowSeries, day: TradingDay, metric: str, minutes: int) -> Changes:
    """What a metric (see COLUMNS) changed in so many trading minutes, at each minute of a judged intraday series.

    Only confirmed, unflagged lines count. `day` is the session's trading day.
    """
    indexes, values = day.indexes(series.timestamps), series.values[COLUMNS.index(metric)]
    usable = series.confirmed & (indexes >= 0) & ((series.line_flags & _HARMFUL) == 0)
    figures = np.full(day.minutes + 1, np.nan)
    figures[indexes[usable]] = values[usable]
    changes = np.full(day.minutes + 1, np.nan, np.float32)
    if minutes <= day.minutes:
        changes[minutes:] = figures[minutes:] - figures[:-minutes]
    return changes


def _median_and_spread(ordered: Changes, counts: Ints) -> tuple[Floats, Floats]:
    """(k,) the median, and the median distance from it, of the first so many figures of each row, which ascend."""
    rows, low, high = np.arange(len(ordered)), (counts - 1) // 2, counts // 2

    def at(places: Ints) -> Floats:
        return ordered[rows, places].astype(np.float64)

    median = (at(low) + at(high)) / 2

    def distance(rank: Ints) -> Floats:
        """So many figures are nearer than this: the farther end of some rank + 1 neighbours, of which it is the least.

        From neighbours to the next the upper end goes away from the median, and the lower end comes nearer.
        """
        ends = counts - rank
        first, last = np.zeros_like(ends), ends
        while (first < last).any():  # those of which the upper end is the farther one begin at `last`
            middle = np.minimum((first + last) // 2, ends - 1)
            is_upper = at(middle + rank) - median >= median - at(middle)
            first, last = np.where(is_upper | (first == last), first, middle + 1), np.where(is_upper, middle, last)
        upper = np.where(last < ends, at(np.minimum(last + rank, counts - 1)) - median, np.inf)
        lower = np.where(last > 0, median - at(np.maximum(last - 1, 0)), np.inf)
        return np.minimum(upper, lower)

    return median, (distance(low) + distance(high)) / 2


class UsualChanges:
    """The changes that ended at about the same time of day in the newest sixty of some sessions, which ascend."""

    def __init__(self, sessions: Sequence[Changes] = ()) -> None:
        newest = sessions[-MOST_SESSIONS:]
        size = max(map(len, newest), default=1)
        # Missing changes around, as many as lie around a minute: up to that long after the last one it has changes.
        self._changes = np.full((len(newest), size + 3 * _AROUND), np.nan, np.float32)
        for row, changes in zip(self._changes, newest, strict=True):
            row[_AROUND : _AROUND + len(changes)] = changes
        self._counts: Ints | None = None
        # (2, size): by minute, the median and the median distance from it; NaN: not worked out yet.
        self._usual = np.full((2, size + _AROUND), np.nan)

    def __len__(self) -> int:
        return len(self._changes)

    def sessions(self, indexes: Ints) -> Ints:
        """(n,) in how many sessions there was a change at about each of these minutes."""
        if self._counts is None:
            so_far = np.isfinite(self._changes).cumsum(axis=1)
            near = so_far[:, 2 * _AROUND :].copy()
            near[:, 1:] -= so_far[:, : -2 * _AROUND - 1]
            self._counts = np.append((near > 0).sum(axis=0), 0)
        counts: Ints = self._counts[np.minimum(indexes, len(self._counts) - 1)]
        return counts

    def deviations(self, indexes: Ints, changes: Floats) -> Floats:
        """(n,) how many deviations changes at minutes are from the median: 0.6745·(x − median)/MAD.

        NaN where the MAD is 0. There must be a change in some session at about each of the minutes.
        """
        new = indexes[np.isnan(self._usual[0, indexes])]
        if len(new):
            self._work_out(np.unique(new))
        median, spread = self._usual[:, indexes]
        deviations: Floats = _TO_DEVIATIONS * (changes - median) / np.where(spread > 0, spread, np.nan)
        return deviations

    def _work_out(self, indexes: Ints) -> None:
        """Sort the changes around minutes, which ascend: from there it is a few steps for all of them at once."""
        near = sliding_window_view(self._changes, 2 * _AROUND + 1, axis=1)[:, indexes]
        near = near.transpose(1, 0, 2).reshape(len(indexes), -1)
        near.sort(axis=1)  # what is missing comes last
        self._usual[:, indexes] = _median_and_spread(near, np.isfinite(near).sum(axis=1))
