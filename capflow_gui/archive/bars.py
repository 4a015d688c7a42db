"""Days, weeks and months of a broker, and of the archive where the broker has none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.archive.model import DayKey
from capflow_gui.domain.flow import Bools, Floats, FlowSeries
from capflow_gui.domain.period import Period


def merged_bars(
    series: FlowSeries | None,
    totals: Sequence[tuple[DayKey, Floats]],
    period: Period,
    zone: ZoneInfo,
    *,
    until: date | None = None,
) -> tuple[FlowSeries | None, Bools]:
    """A broker's bars (None: it has none) with recorded ones between them, and (n,) which are recorded.

    `totals` are the last lines of recorded sessions, (6,) as domain.flow.COLUMNS; a session of several sources counts
    once, the broker's own before others. `until` is a session that is not over and is left out. A recorded week or
    month is the sum of its recorded sessions, and stands only where the broker has nothing of it.
    """
    known: set[Hashable] = set()
    if series is not None:
        known = {_group(datetime.fromtimestamp(at, zone).date(), period) for at in series.timestamps.tolist()}
    sessions: dict[date, tuple[DayKey, Floats]] = {}
    for key, values in totals:
        own = series is not None and key.source == series.source
        if key.session not in sessions or own:
            sessions[key.session] = key, values
    groups: dict[Hashable, list[date]] = {}
    for day in sorted(sessions):
        if day != until and _group(day, period) not in known:
            groups.setdefault(_group(day, period), []).append(day)
    if not groups:
        return series, np.zeros(0 if series is None else len(series), np.bool_)
    labels = np.array([_midnight(days[0], zone) for days in groups.values()], np.int64)
    sums = np.array([np.sum([sessions[day][1] for day in days], axis=0) for days in groups.values()]).T
    recorded = np.ones(len(labels), np.bool_)
    flags, confirmed = np.zeros(len(labels), np.uint16), np.ones(len(labels), np.bool_)
    symbol, source = next((key.symbol, key.source) for key, _ in sessions.values())
    if series is not None:
        labels, sums = np.append(series.timestamps, labels), np.hstack([series.values, sums])
        flags, confirmed = np.append(series.line_flags, flags), np.append(series.confirmed, confirmed)
        recorded = np.append(np.zeros(len(series), np.bool_), recorded)
        symbol, source = series.symbol, series.source
    order = np.argsort(labels, kind="stable")
    made = FlowSeries(
        symbol,
        source,
        period,
        labels[order],
        sums[:, order],
        received=None if series is None else series.received,
        line_flags=flags[order],
        confirmed=confirmed[order],
    )
    return made, recorded[order]


def _group(day: date, period: Period) -> Hashable:
    if period is Period.WEEK:
        return day.isocalendar()[:2]
    return (day.year, day.month) if period is Period.MONTH else day


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
