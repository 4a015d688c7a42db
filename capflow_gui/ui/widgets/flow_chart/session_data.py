"""An intraday series laid on the session's axis: what the panes draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capflow_gui.domain.derived import minute_flow, on_axis
from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, MEDIUM, NET, SMALL, Floats, FlowSeries
from capflow_gui.domain.session import TradingDay

CLASS_COLUMNS = (SMALL, MEDIUM, LARGE, EXTRA_LARGE)


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """One step over more than a minute: from index `anchor` to `end`, `minutes` trading minutes apart."""

    anchor: int
    end: int
    minutes: int
    delta: tuple[float, ...]  # rows as COLUMNS


@dataclass(frozen=True, slots=True, eq=False)
class SessionData:
    """values and deltas are (6, day.minutes + 1), rows as COLUMNS, NaN = missing.

    `deltas` holds per-minute figures alone; wider steps are in `gaps`. `last` is the newest line's index, -1 without.
    """

    day: TradingDay
    values: Floats
    deltas: Floats
    gaps: tuple[Gap, ...]
    last: int
    provisional: bool
    classes: bool

    def columns(self, *, compact: bool) -> tuple[int, ...]:
        """The curves there are, in drawing order: net is last and on top."""
        if not self.classes:
            return (NET,)
        return (MAIN, NET) if compact else (*CLASS_COLUMNS, NET)

    def gap_at(self, index: int) -> Gap | None:
        """The gap that ends at `index`."""
        return next((gap for gap in self.gaps if gap.end == index), None)


def session_data(series: FlowSeries, day: TradingDay) -> SessionData:
    """Lay an intraday series on its day's axis."""
    axis, places = on_axis(series, day)
    values = np.full((6, day.minutes + 1), np.nan)
    deltas = np.full((6, day.minutes + 1), np.nan)
    values[:, axis] = series.values[:, places]
    steps = minute_flow(series, day)
    single = steps.single
    gaps: tuple[Gap, ...] = ()
    if single.all():
        deltas[:, steps.index] = steps.delta
    else:
        deltas[:, steps.index[single]] = steps.delta[:, single]
        gaps = tuple(
            Gap(int(end - minutes), int(end), int(minutes), tuple(float(v) for v in steps.delta[:, i]))
            for i, (end, minutes) in enumerate(zip(steps.index, steps.minutes, strict=True))
            if minutes != 1
        )
    return SessionData(
        day=day,
        values=values,
        deltas=deltas,
        gaps=gaps,
        last=int(axis[-1]) if len(axis) else -1,
        provisional=bool(len(places)) and not bool(series.confirmed[places[-1]]),
        classes=series.has_classes,
    )
