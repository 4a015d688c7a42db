"""Days, weeks and months of a broker, and of the archive where the broker has none."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.archive.model import DayKey
from capflow_gui.domain.flow import Bools, Floats, FlowSeries
from capflow_gui.domain.period import Period


class Total(NamedTuple):
    """The last line of a recorded session, (6,) as domain.flow.COLUMNS; `complete`: it is that of the close."""

    key: DayKey
    values: Floats
    complete: bool


def merged_bars(
    series: FlowSeries | None,
    totals: Sequence[Total],
    period: Period,
    zone: ZoneInfo,
    *,
    trades: Callable[[date], bool],
    until: date | None = None,
) -> tuple[FlowSeries | None, Bools]:
    """A broker's bars (None: it has none) with recorded ones between them, and (n,) which are recorded.

    A session of several sources counts once: a complete recording before others, then the broker's own. `until` is a
    session that is not over and is left out. A recorded week or month is the sum of its recorded sessions, and stands
    only where the broker has nothing of it. A recorded bar is confirmed where all of its sessions are there and
    complete; `trades` says of a date whether it has one.
    """
    known: set[Hashable] = set()
    if series is not None:
        known = {_group(datetime.fromtimestamp(at, zone).date(), period) for at in series.timestamps.tolist()}
    sessions: dict[date, Total] = {}
    for total in totals:
        kept = sessions.get(total.key.session)
        if kept is None or _rank(total, series) > _rank(kept, series):
            sessions[total.key.session] = total
    groups: dict[Hashable, list[date]] = {}
    for day in sorted(sessions):
        if day != until and _group(day, period) not in known:
            groups.setdefault(_group(day, period), []).append(day)
    if not groups:
        return series, np.zeros(0 if series is None else len(series), np.bool_)
    labels = np.array([_midnight(days[0], zone) for days in groups.values()], np.int64)
    sums = np.array([np.sum([sessions[day].values for day in days], axis=0) for days in groups.values()]).T
    recorded = np.ones(len(labels), np.bool_)
    flags = np.zeros(len(labels), np.uint16)
    whole = ({day for day in days if sessions[day].complete} for days in groups.values())
    expected = (filter(trades, _dates(days[0], period)) for days in groups.values())
    confirmed = np.array([there.issuperset(wanted) for there, wanted in zip(whole, expected, strict=True)])
    symbol, source = next((total.key.symbol, total.key.source) for total in sessions.values())
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


def _rank(total: Total, series: FlowSeries | None) -> tuple[bool, bool]:
    return total.complete, series is not None and total.key.source == series.source


def _dates(day: date, period: Period) -> list[date]:
    """The dates of the day, week or month a day lies in."""
    first, count = day, 1
    if period is Period.WEEK:
        first, count = day - timedelta(days=day.weekday()), 7
    elif period is Period.MONTH:
        first, count = day.replace(day=1), monthrange(day.year, day.month)[1]
    return [first + timedelta(days=number) for number in range(count)]


def _group(day: date, period: Period) -> Hashable:
    if period is Period.WEEK:
        return day.isocalendar()[:2]
    return (day.year, day.month) if period is Period.MONTH else day


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
