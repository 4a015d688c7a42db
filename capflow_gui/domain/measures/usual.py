"""How much a figure of a symbol usually changes at a minute of the session, by earlier sessions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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


def _median(values: Floats) -> float:
    """As numpy's, in a third of its time."""
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    ordered = np.partition(values, (middle - 1, middle))
    return float(ordered[middle - 1] + ordered[middle]) / 2


class UsualChanges:
    """The changes that ended at about the same time of day in the newest sixty of some sessions, which ascend."""

    def __init__(self, sessions: Sequence[Changes] = ()) -> None:
        newest = sessions[-MOST_SESSIONS:]
        self._changes = np.full((len(newest), max(map(len, newest), default=1)), np.nan, np.float32)
        for row, changes in zip(self._changes, newest, strict=True):
            row[: len(changes)] = changes
        self._counts: Ints | None = None
        self._usual: dict[int, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._changes)

    def sessions(self, indexes: Ints) -> Ints:
        """(n,) in how many sessions there was a change at about each of these minutes."""
        if self._counts is None:
            rows, size = self._changes.shape
            there = np.zeros((rows, size + 4 * _AROUND + 2), np.int64)
            there[:, 2 * _AROUND + 1 : 2 * _AROUND + 1 + size] = np.isfinite(self._changes)
            so_far = there.cumsum(axis=1)
            near = so_far[:, 2 * _AROUND + 1 :] - so_far[:, : -2 * _AROUND - 1]
            self._counts = (near[:, _AROUND:] > 0).sum(axis=0)
        counts: Ints = self._counts[np.minimum(indexes, len(self._counts) - 1)]
        return counts

    def deviations(self, index: int, change: float) -> float | None:
        """How many deviations a change at a minute is from the median: 0.6745·(x − median)/MAD.

        None where the MAD is 0. There must be a change in some session.
        """
        if index not in self._usual:
            near = self._changes[:, max(0, index - _AROUND) : index + _AROUND + 1].astype(np.float64).ravel()
            near = near[near == near]  # noqa: PLR0124 - what is NaN is not itself, and this is quick
            median = _median(near)
            self._usual[index] = median, _median(np.abs(near - median))
        median, mad = self._usual[index]
        return _TO_DEVIATIONS * (change - median) / mad if mad > 0 else None
