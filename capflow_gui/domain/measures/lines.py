"""The lines of a judged intraday series that rules are judged on: worked out once a series, for all its rules."""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from capflow_gui.domain.flow import COLUMNS, HARMLESS, Bools, Flags16, Floats, FlowSeries, Ints
from capflow_gui.domain.session import TradingDay
from capflow_gui.reason import Code, Reason

_HARMFUL = np.uint16(0xFFFF & ~int(HARMLESS))
_ALIVE = 16


class UsableLines:
    """The confirmed, unflagged lines with a figure of one metric, in label order.

    labels     (n,) UTC epoch seconds
    places     (n,) session minute indexes
    figures    (n,) the metric, running totals since the open
    unknown    why no rule can be judged on the newest confirmed line; None where it can
    missing    whether lines are confirmed, and none has a figure
    """

    def __init__(self, series: FlowSeries, day: TradingDay, metric: str) -> None:
        column, confirmed = series.values[COLUMNS.index(metric)], series.confirmed
        self._column, self._confirmed = column, confirmed
        self.missing = False
        self.unknown: Reason | None = None
        marks = confirmed.tobytes()
        count = marks.count(1)
        figures = column[:count]
        sound = (
            0 not in marks[:count] and not np.count_nonzero(series.line_flags) and day.begins_with(series.timestamps)
        )
        if sound and 0 not in np.isfinite(figures).tobytes():  # the usual reply
            self.labels, self.places = series.timestamps[:count], day.indexes(series.timestamps)[:count]
            self.figures = figures
            return
        measured = confirmed & np.isfinite(column)
        self.missing = count > 0 and not measured.any()
        indexes, line_flags = day.indexes(series.timestamps), series.line_flags & _HARMFUL
        usable = measured & (indexes >= 0) & (line_flags == 0)
        self.labels, self.places, self.figures = series.timestamps[usable], indexes[usable], column[usable]
        name = metric_name(metric)
        if self.missing:
            self.unknown = Reason.of(Code.NO_METRIC, source=series.source, metric=name, symbol=str(series.symbol))
        else:
            self.unknown = _newest_fault(name, confirmed, usable, indexes, line_flags)

    @cached_property
    def has_moved(self) -> bool:
        """Whether any confirmed line has a figure other than zero."""
        there = self._column[self._confirmed]
        return bool(((there != 0) & ~np.isnan(there)).any())

    @cached_property
    def moved(self) -> Ints:
        """(n,) the label of the line at which money had last moved by then; 0 before."""
        moved: Ints = np.maximum.accumulate(np.where(np.diff(self.figures, prepend=0.0) != 0, self.labels, 0))
        return moved

    def moved_by(self, place: int) -> int:
        """The same of one line, without a look at the whole day."""
        figures = self.figures
        while place > 0 and figures[place] == figures[place - 1]:
            place -= 1
        return int(self.labels[place]) if place > 0 or figures[0] != 0 else 0

    @cached_property
    def drawdowns(self) -> Floats:
        """(n,) how far each figure is below the highest so far."""
        drawdowns: Floats = np.maximum.accumulate(self.figures) - self.figures
        return drawdowns


@lru_cache(maxsize=_ALIVE)
def usable_lines(series: FlowSeries, day: TradingDay, metric: str) -> UsableLines:
    """Of one of COLUMNS; `day` is the series' trading day. The same for the same series."""
    return UsableLines(series, day, metric)


def metric_name(metric: str) -> str:
    """A metric as a word: `extra-large`."""
    return metric.replace("_", "-")


def _newest_fault(metric: str, confirmed: Bools, usable: Bools, indexes: Ints, harmful: Flags16) -> Reason | None:
    """Why the newest confirmed line does not count, where it does not."""
    lines = confirmed.nonzero()[0]
    if not len(lines) or usable[lines[-1]]:
        return None
    newest = int(lines[-1])
    if harmful[newest]:
        return Reason.of(Code.NEWEST_FLAGGED, flags=int(harmful[newest]))
    if indexes[newest] < 0:
        return Reason.of(Code.NEWEST_OUTSIDE)
    return Reason.of(Code.NEWEST_MISSING, metric=metric)
