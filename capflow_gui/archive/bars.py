"""Days, weeks and months of a broker, and of the archive where the broker has none."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.archive.model import DayKey
from capflow_gui.domain.flow import COLUMNS, Floats, FlowSeries
from capflow_gui.domain.period import Period


class Total(NamedTuple):
    """The last line of a recorded session, (6,) as domain.flow.COLUMNS; `complete`: it is that of the close."""

    key: DayKey
    values: Floats
    complete: bool


class Totals(NamedTuple):
    """What is recorded of a symbol: the last lines, ascending by session, and the sessions that cannot be read."""

    lines: Sequence[Total]
    damaged: Sequence[DayKey] = ()


class MergedBars(NamedTuple):
    """A broker's bars with recorded ones between them.

    series    None where there is no bar
    recorded  the recorded bars by their places, and of each the sessions, ascending, that cannot be read: the bar lacks
              them, and has no figures (NaN) where it has no other session
    """

    series: FlowSeries | None
    recorded: Mapping[int, tuple[date, ...]]


def merged_bars(
    series: FlowSeries | None,
    totals: Totals,
    period: Period,
    zone: ZoneInfo,
    *,
    trades: Callable[[date], bool],
    until: date | None = None,
) -> MergedBars:
    """A broker's bars (None: it has none) with recorded ones between them.

    A session of several sources counts once: a complete recording before others, then the broker's own. `until` is a
    session that is not over and is left out. A recorded week or month is the sum of its recorded sessions, and stands
    only where the broker has nothing of it. A recorded bar is confirmed where all of its sessions are there and
    complete; `trades` says of a date whether it has one. A session that can be read at no source is named.
    """
    known: set[Hashable] = set()
    if series is not None:
        known = {_group(datetime.fromtimestamp(at, zone).date(), period) for at in series.timestamps.tolist()}
    sessions: dict[date, Total] = {}
    for total in totals.lines:
        kept = sessions.get(total.key.session)
        if kept is None or _rank(total, series) > _rank(kept, series):
            sessions[total.key.session] = total
    damaged = {key.session for key in totals.damaged} - sessions.keys()
    groups: dict[Hashable, list[date]] = {}
    for day in sorted(sessions.keys() | damaged):
        if day != until and _group(day, period) not in known:
            groups.setdefault(_group(day, period), []).append(day)
    if not groups:
        return MergedBars(series, {})
    labels = np.array([_midnight(days[0], zone) for days in groups.values()], np.int64)
    sums = np.array([_sum([sessions[day].values for day in days if day in sessions]) for days in groups.values()]).T
    lacks = {_midnight(days[0], zone): tuple(sorted(damaged.intersection(days))) for days in groups.values()}
    flags = np.zeros(len(labels), np.uint16)
    whole = ({day for day in days if day in sessions and sessions[day].complete} for days in groups.values())
    expected = (filter(trades, _dates(days[0], period)) for days in groups.values())
    confirmed = np.array([there.issuperset(wanted) for there, wanted in zip(whole, expected, strict=True)])
    keys = (*(total.key for total in sessions.values()), *totals.damaged)
    symbol, source = keys[0].symbol, keys[0].source
    if series is not None:
        labels, sums = np.append(series.timestamps, labels), np.hstack([series.values, sums])
        flags, confirmed = np.append(series.line_flags, flags), np.append(series.confirmed, confirmed)
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
    return MergedBars(made, {place: lacks[at] for place, at in enumerate(made.timestamps.tolist()) if at in lacks})


def _sum(values: Sequence[Floats]) -> Floats:
    """Figures of sessions together, (6,) each; NaN of none."""
    return np.sum(values, axis=0) if values else np.full(len(COLUMNS), np.nan)


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
