"""Checks on every reply, and what it confirms (domain rules 2, 3 and 6).

`judge` is pure: market now, the calendar and the series judged before are arguments. It never drops or repairs a
line; it says what is wrong with it. Scale and sign are judged in `domain.calibration`.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from itertools import count
from math import hypot
from struct import Struct

import numpy as np
from msgspec.structs import replace

from capflow_gui.domain.flow import (
    EXTRA_LARGE,
    NET,
    STRUCTURAL,
    Bools,
    Checked,
    Difference,
    Flag,
    Flags16,
    Floats,
    FlowSeries,
    Ints,
    Lines,
    Period,
    confirmed_first,
    no_flags,
)
from capflow_gui.domain.money import LARGEST_AMOUNT
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market

MINUTE_S = 60
# A source that gives no last valid time: how long after a label two equal replies confirm it.
UNDATED_S = 90
SETTLE_S = 120
# The closing auction ends at a random time up to ten minutes after the close (16:10; 12:10 on a half day).
HK_CLOSE_SETTLE_S = 720

# A line later than the turnover is checked once the session has run for five minutes: turnover that is half a minute
# old can then have doubled in no market.
_UNDER_WAY_S = 300
_LATER = 2.0

# So many of the newest lines may differ in a reply whose other lines are not checked again.
_MOVING = 3
_numbers = count(1)
# How many lines more than those before the newest ones a reply may have, to be judged by them alone.
_NEWEST = 16
_LINE = Struct("=6d")
_NEGATIVE_ZERO = np.array([-0.0]).tobytes()
# The first of a session's lines confirmed and the others not is a part of this: nothing is copied.
_MOST_LINES = 24 * 60 + 1
_CONFIRMED = np.frombuffer(b"\1" * _MOST_LINES + b"\0" * _MOST_LINES, np.bool_)

# datetime's own range, a day short at both ends so that no zone leaves it.
_EARLIEST, _LATEST = -62135510400, 253402214400


def settled_at(day: TradingDay, period_end: int) -> int:
    """When figures of the period that ends at `period_end` are final, UTC epoch seconds."""
    closing_auction = day.market is Market.HK and period_end == day.close
    return period_end + (HK_CLOSE_SETTLE_S if closing_auction else SETTLE_S)


def judge(
    series: FlowSeries | Lines,
    calendar: Calendar,
    *,
    turnover: Turnover | None,
    previous: FlowSeries | None,
    received: float,
    differs: Ints | None = None,
) -> FlowSeries:
    """The same lines with `received`, `session`, `line_flags`, `flags` and `confirmed` filled.

    turnover  of the lines' session where it is known; None for DAY, WEEK and MONTH
    previous  the judged series this one replaces; it may be of another session
    received  market now when the reply came, UTC epoch seconds
    differs   places of the lines that came or are others than in `previous`, ascending; None where that is not known

    A last valid time out of range becomes None. Infinite amounts become missing (NaN), negative zeros plain ones. ORDER
    and SESSION are faults of the whole reply, which then confirms nothing new. GRID, SUM, TURNOVER, BEYOND, GAP and
    PADDED are facts about their lines.
    """
    if series.last_valid is not None and not _EARLIEST < series.last_valid < _LATEST:
        series = replace(series, last_valid=None)
    if previous is not None and not previous.flags:
        found = _judge_newest(series, previous, differs, calendar, turnover=turnover, received=received)
        if found is not None:
            return found
    if isinstance(series, Lines):
        series = series.as_series()
    values = series.values + 0.0  # makes −0.0 a 0.0
    flags = np.zeros(len(series), np.uint16)
    beyond = np.abs(values) > LARGEST_AMOUNT
    if beyond.any():
        flags[beyond.any(axis=0)] |= Flag.BEYOND.value
        values[np.isinf(values)] = np.nan
    _check_sum(values, turnover, flags)
    _check_turnover(series.timestamps, values[NET], turnover, flags)
    if series.period is Period.INTRADAY:
        session, confirmed = _judge_session(series, values, calendar, flags, previous=previous, received=received)
    else:
        session = None
        confirmed = _judge_history(series, calendar, received, flags)
    union = Flag(int(np.bitwise_or.reduce(flags))) if flags.any() else Flag.NONE
    if union & STRUCTURAL:
        confirmed[:] = False
    if previous is not None and _same_run(previous, series, session):
        _keep_confirmed(previous, series.timestamps, confirmed)
    day = None if union or session is None else calendar.day(series.symbol.market, session)
    return replace(
        series,
        values=values,
        session=session,
        received=received,
        flags=union,
        line_flags=flags,
        confirmed=confirmed,
        checked=None if day is None else _checked(series, values, day),
    )


def _checked(series: FlowSeries, values: Floats, day: TradingDay) -> Checked | None:
    """What is known of lines without a fault; None where some of the session's first minutes are missing."""
    if not day.begins_with(series.timestamps):
        return None
    rest = np.abs(values[EXTRA_LARGE:].sum(axis=0) - values[NET])
    return Checked(_largest(np.abs(values[NET])), _largest(rest), next(_numbers))


def _largest(amounts: Floats) -> float:
    """The largest of amounts that are not negative; 0 where all are missing."""
    return float(np.fmax.reduce(amounts, axis=None, initial=0.0))


def _judge_newest(
    series: FlowSeries | Lines,
    previous: FlowSeries,
    differs: Ints | None,
    calendar: Calendar,
    *,
    turnover: Turnover | None,
    received: float,
) -> FlowSeries | None:
    """What `judge` says of the usual reply: only the newest lines differ from a reply that had no fault.

    None where that is not so, or where a line may have a fault: then all lines are to be checked.
    """
    before, last_valid = previous.checked, series.last_valid
    if before is None or last_valid is None or previous.session is None:
        return None
    day = calendar.day(series.symbol.market, previous.session)
    if day is None or not _goes_on(series, previous, day, last_valid):
        return None
    places = _newest_places(series, previous, differs)
    if places is None or (found := _largest_with(series.values, places, before)) is None:
        return None
    net, rest = found
    if (rest > 1.0 and rest > _tolerance(turnover)) or (turnover is not None and net > turnover.amount + 1.0):
        return None
    stamps, size = series.timestamps, len(series.timestamps)
    known = confirmed_first(previous.confirmed)
    if known is None:
        return None
    first = last = min(known, size)
    # Both have the session's first minutes: lines are confirmed in their order.
    while last < size and _is_confirmed(stamps.item(last), day, last_valid, received):
        last += 1
    is_as_before = first == last and size == len(previous.confirmed)
    confirmed = previous.confirmed if is_as_before else _CONFIRMED[_MOST_LINES - last :][:size]
    changed = _at(stamps, places)
    if len(previous.confirmed) > size:
        changed = np.concatenate((changed, previous.timestamps[size:]))
    revised = _at(stamps, [place for place in places if place < known]) if places and places[0] < known else stamps[:0]
    checked = Checked(net, rest, next(_numbers), before.number, Difference(changed, stamps[first:last], revised))
    about = series.symbol, series.source, series.period, stamps, series.values, last_valid, day.day, received
    return FlowSeries(*about, series.digest, Flag.NONE, no_flags(size), confirmed, checked)


def _goes_on(series: FlowSeries | Lines, previous: FlowSeries, day: TradingDay, last_valid: float) -> bool:
    """Whether both have the session's first minutes, about as many, and none is padding."""
    stamps, before = series.timestamps, previous.timestamps
    size, known = len(stamps), max(len(before) - _MOVING, 0)
    return (
        size > 0
        and known <= size <= known + _NEWEST
        and _same_run(previous, series, day.day)
        and day.begins_with(stamps)
        and (before is stamps or day.begins_with(before))
        and stamps.item(-1) <= last_valid + MINUTE_S
    )


def _newest_places(series: FlowSeries | Lines, previous: FlowSeries, differs: Ints | None) -> list[int] | None:
    """Places of lines that came or are another; None where one differs that is not among the newest."""
    known = max(len(previous.timestamps) - _MOVING, 0)
    if differs is not None:
        return None if len(differs) and differs[0] < known else differs.tolist()
    # Bytes, not numbers: twice as fast, and missing ones equal each other. So few lines are faster one by one.
    if series.values[:, :known].tobytes() != previous.values[:, :known].tobytes():
        return None
    lines, before, size = series.values.T[known:].tobytes(), previous.values.T[known:].tobytes(), _LINE.size
    starts = range(0, len(lines), size)
    return [known + at // size for at in starts if lines[at : at + size] != before[at : at + size]]


def _largest_with(values: Floats, places: list[int], checked: Checked) -> tuple[float, float] | None:
    """The largest |net| and the largest rest of classes, with these lines; None where figures are no judged reply's."""
    net, rest = checked.net, checked.rest
    for place in places:
        line = values[:, place].tobytes()
        figures = total, _, extra_large, large, medium, small = _LINE.unpack(line)
        if _NEGATIVE_ZERO in line:
            return None
        # No figure is larger than this, which is known sooner; where one is missing it says nothing.
        if not hypot(*figures) < LARGEST_AMOUNT / 2 and any(abs(figure) > LARGEST_AMOUNT for figure in figures):
            return None
        # What is missing is not the largest: no comparison with it holds.
        net = max(net, abs(total))
        rest = max(rest, abs(extra_large + large + medium + small - total))
    return net, rest


def _is_confirmed(stamp: int, day: TradingDay, last_valid: float, received: float) -> bool:
    if last_valid - MINUTE_S < stamp <= last_valid:
        for _, end in day.periods:
            if stamp == end:
                return received >= settled_at(day, end)
    return stamp <= last_valid - MINUTE_S


def _at(stamps: Ints, places: list[int]) -> Ints:
    first, end = (places[0], places[-1] + 1) if places else (0, 0)
    return stamps[first:end] if end - first == len(places) else stamps[places]


def newest_date(series: FlowSeries, calendar: Calendar) -> date | None:
    """The exchange's date of the newest line; None without lines, and for a time out of range."""
    newest = int(series.timestamps[-1]) if len(series) else _LATEST
    return calendar.session_date(series.symbol.market, newest) if _EARLIEST < newest < _LATEST else None


def checked_again(series: FlowSeries, turnover: Turnover) -> FlowSeries:
    """A judged intraday series checked against a newer turnover; the same object where no flag changes."""
    flags = series.line_flags & np.uint16(0xFFFF & ~Flag.TURNOVER.value)
    _check_turnover(series.timestamps, series.net, turnover, flags)
    if np.array_equal(flags, series.line_flags):
        return series
    return replace(series, line_flags=flags, flags=Flag(int(np.bitwise_or.reduce(flags))))


def with_flags(series: FlowSeries, found: Flag) -> FlowSeries:
    """The judged series with flags on the whole reply and each of its lines; the same object where there are none."""
    if not found:
        return series
    return replace(series, flags=series.flags | found, line_flags=series.line_flags | np.uint16(found.value))


def difference(old: FlowSeries | None, new: FlowSeries) -> Difference:
    """Compare two judged series line by line; NaN equals NaN.

    Where there is none before, or it is of another session, symbol, source or period, every line has come.
    """
    if old is not None and (known := new.compared_with(old)) is not None:
        return known
    if old is None or not _same_run(old, new, new.session):
        return Difference(np.unique(new.timestamps), np.unique(new.timestamps[new.confirmed]), np.zeros(0, np.int64))
    before, after = _matched(old.timestamps, new.timestamps)
    if isinstance(after, slice):
        return _difference_in_order(old, new)
    differs, held = _differ(old.values[:, before], new.values[:, after]), old.confirmed[before]
    came, fresh = np.ones(len(new), np.bool_), new.confirmed.copy()
    came[after] = differs
    fresh[after] &= ~held
    changed = np.concatenate([new.timestamps[came], np.delete(old.timestamps, before)])
    return Difference(_labels(changed), _labels(new.timestamps[fresh]), _labels(new.timestamps[after][differs & held]))


def _difference_in_order(old: FlowSeries, new: FlowSeries) -> Difference:
    """The difference of series of which one has the first labels of the other."""
    stamps, shared = new.timestamps, min(len(old), len(new))
    # Bits, not numbers: quicker, and missing ones equal each other.
    unlike = old.values[:, :shared].view(np.int64) != new.values[:, :shared].view(np.int64)
    places = np.logical_or.reduce(unlike).nonzero()[0]
    fresh = new.confirmed.copy()
    fresh[:shared] ^= old.confirmed[:shared]
    fresh &= new.confirmed
    changed = stamps[places]
    if len(old) != len(new):
        longer = old if len(old) > len(new) else new
        changed = np.concatenate((changed, longer.timestamps[shared:]))
    revised = stamps[places[old.confirmed[places]]]
    return Difference(_labels(changed), _labels(stamps[fresh.nonzero()[0]]), _labels(revised))


def _labels(stamps: Ints) -> Ints:
    """Ascending, each once; the usual reply has few, and in order."""
    return stamps if len(stamps) < 2 or (stamps[1:] > stamps[:-1]).all() else np.unique(stamps)


def _check_sum(values: Floats, turnover: Turnover | None, flags: Flags16) -> None:
    """Σ classes = net, where all four classes are given: a missing one makes the difference NaN, which is no fault."""
    with np.errstate(over="ignore"):  # a sum beyond a double is infinite, and wrong
        wrong = np.abs(values[EXTRA_LARGE:].sum(axis=0) - values[NET]) > _tolerance(turnover)
    if wrong.any():
        flags[wrong] |= Flag.SUM.value


def _tolerance(turnover: Turnover | None) -> float:
    """By how much net and the sum of its classes may differ."""
    return 1.0 if turnover is None else max(1.0, 1e-9 * turnover.amount)


def _check_turnover(stamps: Ints, net: Floats, turnover: Turnover | None, flags: Flags16) -> None:
    """|net| ≤ turnover. Lines later than the turnover may have a little more, see `_LATER`."""
    if turnover is None or not (np.abs(net) > turnover.amount + 1.0).any():
        return
    later = _LATER * turnover.amount if turnover.at >= stamps[0] + _UNDER_WAY_S else np.inf
    most = np.where(stamps <= turnover.at, turnover.amount, later)
    flags[np.abs(net) > most + 1.0] |= Flag.TURNOVER.value


def _judge_session(
    series: FlowSeries,
    values: Floats,
    calendar: Calendar,
    flags: Flags16,
    *,
    previous: FlowSeries | None,
    received: float,
) -> tuple[date | None, Bools]:
    """Flag the lines of a running total; returns the lines' own session date, and which of them are confirmed."""
    stamps = series.timestamps
    nothing = np.zeros(len(stamps), np.bool_)
    if not len(stamps):
        return None, nothing
    session = newest_date(series, calendar)
    day = calendar.day(series.symbol.market, session) if session is not None else None
    if day is None:
        flags |= Flag.SESSION.value
        _check_order(stamps, None, flags)
        return session, nothing
    axis = day.indexes(stamps)
    _check_order(stamps, day, flags)
    _check_grid(stamps, axis, day, calendar, flags)
    _mark_gaps(axis, flags)
    if series.last_valid is None:
        twin = previous if previous is not None and _same_run(previous, series, session) else None
        return session, _confirmed_by_repetition(stamps, values, twin, received)
    _mark_padding(stamps, values, series.last_valid, flags)
    return session, _confirmed_by_time(stamps, day, series.last_valid, received)


def _judge_history(series: FlowSeries, calendar: Calendar, received: float, flags: Flags16) -> Bools:
    """Flag DAY, WEEK or MONTH lines, labelled at the exchange's midnight; all but the running period are confirmed."""
    market = series.symbol.market
    zone = calendar.zone(market)
    running = _period_key(series.period, calendar.session_date(market, received))
    confirmed = np.zeros(len(series), np.bool_)
    _check_order(series.timestamps, None, flags)
    for line, stamp in enumerate(series.timestamps.tolist()):
        if not _EARLIEST < stamp < _LATEST:
            flags[line] |= Flag.GRID.value
            continue
        local = datetime.fromtimestamp(stamp, zone)
        if local.hour or local.minute or local.second:
            flags[line] |= Flag.GRID.value
        confirmed[line] = _period_key(series.period, local.date()) < running
    return confirmed


def _period_key(period: Period, day: date) -> tuple[int, ...]:
    if period is Period.MONTH:
        return (day.year, day.month)
    if period is Period.WEEK:
        return day.isocalendar()[:2]
    return (day.year, day.month, day.day)


def _check_order(stamps: Ints, day: TradingDay | None, flags: Flags16) -> None:
    """Labels ascend; only a label at the edge of a break may stand twice."""
    if (stamps[1:] > stamps[:-1]).all():
        return
    highest = np.maximum.accumulate(stamps)
    late = np.zeros(len(stamps), np.bool_)
    late[1:] = stamps[1:] <= highest[:-1]
    if day is not None and day.seams:
        edges = [edge for period in day.periods for edge in period][1:-1]
        late[1:] &= ~((stamps[1:] == stamps[:-1]) & np.isin(stamps[1:], edges))
    flags[late] |= Flag.ORDER.value


def _check_grid(stamps: Ints, axis: Ints, day: TradingDay, calendar: Calendar, flags: Flags16) -> None:
    """A label of another date is of another session; one off this session's minutes is off the grid."""
    off = np.flatnonzero(axis < 0)
    if not len(off):
        return
    flags[off] |= Flag.GRID.value
    for line in off.tolist():
        stamp = int(stamps[line])
        if not _EARLIEST < stamp < _LATEST or calendar.session_date(day.market, stamp) != day.day:
            flags[line] |= Flag.SESSION.value
    if len(off) == len(stamps):
        # Not one label inside the hours: the time zone or the session is wrong, not a line.
        flags |= Flag.SESSION.value


def _mark_gaps(axis: Ints, flags: Flags16) -> None:
    """GAP on each line before which trading minutes are missing."""
    if axis[0] == 0 and (axis[1:] - axis[:-1] == 1).all():
        return
    lines = np.flatnonzero(axis >= 0)
    places = axis[lines]
    if len(places) and places[0] > 0:
        flags[lines[0]] |= Flag.GAP.value
    flags[lines[1:][places[1:] - places[:-1] > 1]] |= Flag.GAP.value


def _mark_padding(stamps: Ints, values: Floats, last_valid: float, flags: Flags16) -> None:
    """PADDED on the flat lines at the end whose minute had not begun when the figures were true.

    The running minute's label may be its begin or its end, so a label up to a minute past last valid is no padding.
    """
    if stamps[-1] <= last_valid + MINUTE_S:
        return
    moving = np.flatnonzero(_differ(values[:, :-1], values[:, 1:]) | (stamps[1:] <= last_valid + MINUTE_S))
    flags[int(moving[-1]) + 2 if len(moving) else 1 :] |= Flag.PADDED.value


def _confirmed_by_time(stamps: Ints, day: TradingDay, last_valid: float, received: float) -> Bools:
    confirmed: Bools = stamps <= last_valid - MINUTE_S
    for end in _settled_ends(day, last_valid, received):
        confirmed |= stamps == end
    return confirmed


def _settled_ends(day: TradingDay, last_valid: float, received: float) -> list[int]:
    """The ends of trading periods whose figures are final."""
    return [end for _, end in day.periods if last_valid >= end and received >= settled_at(day, end)]


def _confirmed_by_repetition(stamps: Ints, values: Floats, previous: FlowSeries | None, received: float) -> Bools:
    """For a source that gives no last valid time: what two replies say alike, long enough after its minute."""
    confirmed = np.zeros(len(stamps), np.bool_)
    if previous is not None:
        before, after = _matched(previous.timestamps, stamps)
        alike = ~_differ(previous.values[:, before], values[:, after])
        confirmed[after] = alike & (stamps[after] <= received - UNDATED_S)
    return confirmed


def _same_run(previous: FlowSeries, new: FlowSeries | Lines, session: date | None) -> bool:
    """Whether two series are of one symbol, source, period and session, so that their lines can be compared."""
    ours = (session, new.symbol, new.source, new.period)
    return (previous.session, previous.symbol, previous.source, previous.period) == ours


def _keep_confirmed(previous: FlowSeries, stamps: Ints, confirmed: Bools) -> None:
    """Confirmed lines stay confirmed, whatever a later reply's last valid time says."""
    before, after = _matched(previous.timestamps, stamps)
    confirmed[after] |= previous.confirmed[before]


def _matched(old: Ints, new: Ints) -> tuple[Ints | slice, Ints | slice]:
    """Positions of the labels both have, in `old` and in `new`; a label that stands twice is paired in order.

    Slices where the one continues the other: nothing is copied for the usual reply.
    """
    shorter = min(len(old), len(new))
    if old[:shorter].tobytes() == new[:shorter].tobytes():  # several times as fast as comparing numbers
        return slice(0, shorter), slice(0, shorter)
    places = {key: place for place, key in enumerate(_numbered(old))}
    pairs = [(places[key], place) for place, key in enumerate(_numbered(new)) if key in places]
    before, after = np.array(pairs, np.int64).reshape(-1, 2).T
    return before, after


def _numbered(stamps: Ints) -> list[tuple[int, int]]:
    """Each label with how often it occurred before."""
    seen: Counter[int] = Counter()
    keys = []
    for stamp in stamps.tolist():
        keys.append((stamp, seen[stamp]))
        seen[stamp] += 1
    return keys


def _differ(old: Floats, new: Floats) -> Bools:
    """(k,) whether two lines (columns) say different things; NaN equals NaN."""
    differs: Bools = ((old != new) & ~(np.isnan(old) & np.isnan(new))).any(axis=0)
    return differs
