"""The measure of every rule at the lines of an intraday series, and why it cannot be judged on the newest of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import numpy as np

from capflow_gui.domain.alert_grammar import WHOLE_SESSION, Kind, Rule
from capflow_gui.domain.flow import COLUMNS, STRUCTURAL, Bools, Floats, FlowSeries, Ints
from capflow_gui.domain.measures.lines import UsableLines, usable_lines
from capflow_gui.domain.measures.usual import LEAST_SESSIONS, UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.reason import Code, Reason


class Readings(msgspec.Struct, frozen=True, eq=False, gc=False):
    """(n,) arrays: labels (UTC epoch s), session minute indexes, and the rule's measure at each line that counts.

    `unknown` says why the rule cannot be judged on the newest confirmed line, or at all; None where it can. One is made
    for every rule and reply: a named tuple takes five times as long.
    """

    labels: Ints
    indexes: Ints
    values: Floats
    unknown: Reason | None = None


# A turnover is too old for a line once money has moved for this long after it: 60 s and two snapshot cycles.
TURNOVER_AGE_S = 120.0
# How much later than its line a price may be: a line is confirmed a minute after it, and snapshots come twice a minute.
_PRICE_LATE_S = 180.0
_NO_CHANGES = UsualChanges()
_NOTHING = np.zeros(0, np.int64)
# Why no rule can be judged on a reply, whatever part of the session it is for.
_OF_WHOLE_REPLIES = frozenset({Code.REPLY_FLAGGED, Code.NEWEST_OUTSIDE})
_STRUCTURAL_BITS = int(STRUCTURAL)
# Rules that need no other line than the one they judge, or one before it.
_AT_ONCE = frozenset({Kind.LEVEL, Kind.CROSSES, Kind.CHANGE})
# Of so many series and labels it is kept which lines are new.
_ALIVE = 16
# Rules that compare a line with an earlier one.
_LOOKING_BACK = frozenset({Kind.CHANGE, Kind.UNUSUAL, Kind.DIVERGENCE})


def readings(
    rule: Rule,
    series: FlowSeries,
    day: TradingDay,
    turnover: Turnover | None,
    upto: int = 0,
    *,
    then: Mapping[int, Turnover | None] = MappingProxyType({}),
    past: UsualChanges | None = None,
) -> Readings:
    """The rule's measure at every confirmed, unflagged line of an intraday series, in label order.

    turnover  of the session so far, as it is known now
    upto      the label up to which lines have been evaluated
    then      by label, what was known of turnover and price when the line was confirmed; for DIVERGENCE
    past      the changes in earlier sessions of the symbol at the source, for UNUSUAL; None: there are none

    A share of turnover is taken of `turnover` for earlier lines too, which makes them smaller than they were and
    never larger. Of a rule that judges each line by itself, lines up to the label `upto` are left out where later
    ones can be judged. Outside the rule's part of the session a line that cannot clear an alert has no figure (NaN),
    and that it cannot be judged is not said. A session after the rule has expired has no readings.
    """
    if rule.until is not None and day.day > rule.until:
        return _unknown(None)
    found = _newest_figures(rule, series, day, upto)
    if found is None:
        found = _of_lines(rule, series, day, upto, _Beside(turnover, then, past or _NO_CHANGES))
    if rule.part is WHOLE_SESSION or rule.part == WHOLE_SESSION:
        return found
    if found.unknown is not None and found.unknown.code not in _OF_WHOLE_REPLIES:
        first, last = rule.part.labels(day)
        if not any(first <= label <= last for label in series.timestamps[series.confirmed][-1:].tolist()):
            found = msgspec.structs.replace(found, unknown=None)
    return in_part(rule, found, day)


def in_part(rule: Rule, found: Readings, day: TradingDay) -> Readings:
    """The readings without those that lie outside the rule's part of the session and cannot clear an alert: NaN."""
    first, last = rule.part.labels(day)
    changes_nothing = (found.labels < first) | (found.labels > last)
    if rule.kind is not Kind.CROSSES:
        past, back = sides(rule, found.values)
        changes_nothing &= past | ~back
    return msgspec.structs.replace(found, values=np.where(changes_nothing, np.nan, found.values))


def sides(rule: Rule, values: Floats) -> tuple[Bools, Bools]:
    """(n,) which figures are past the level, and which are back past the re-arm level; not for CROSSES."""
    values = np.abs(values) if rule.is_two_sided else values
    if rule.operator == "<=":
        return values <= rule.level, values >= rule.rearm_level
    return values >= rule.level, values <= rule.rearm_level


class _Beside(NamedTuple):
    """What is known beside the lines, as `readings` is given it."""

    turnover: Turnover | None
    then: Mapping[int, Turnover | None]
    past: UsualChanges


def _of_lines(rule: Rule, series: FlowSeries, day: TradingDay, upto: int, beside: _Beside) -> Readings:
    """The readings, whatever part of the session the rule is for."""
    if int(series.flags) & _STRUCTURAL_BITS:
        return _unknown(Reason.of(Code.REPLY_FLAGGED, flags=int(series.flags & STRUCTURAL)))
    lines = usable_lines(series, day, rule.metric)
    if lines.missing:
        return _unknown(lines.unknown)
    first = int(lines.labels.searchsorted(upto, "right")) if upto else 0
    if rule.kind in _LOOKING_BACK:
        return _looking_back(rule, lines, first, beside)
    return _figures(rule, lines, beside.turnover, first)


def _figures(rule: Rule, lines: UsableLines, turnover: Turnover | None, first: int) -> Readings:
    """The measure of a rule that compares no lines, at those from `first` on."""
    labels, values = lines.labels, lines.figures
    # Where no line is new, all of them: they say as little.
    new = slice(first if first < len(labels) else 0, None)
    match rule.kind:
        case Kind.SHARE if turnover is not None and turnover.amount > 0:
            # A stock nobody trades needs no newer turnover.
            if len(labels) and lines.moved_by(len(labels) - 1) > turnover.at + TURNOVER_AGE_S:
                return _unknown(Reason.of(Code.TURNOVER_OLD))
            values = values[new] / turnover.amount
        case Kind.SHARE if lines.has_moved:  # where no money has moved, every share is zero whatever was traded
            return _unknown(Reason.of(Code.TURNOVER_UNKNOWN))
        case Kind.DRAWDOWN:
            values = lines.drawdowns[new]
        case _:
            values = values[new]
    return Readings(labels[new], lines.places[new], values, lines.unknown)


def _newest_figures(rule: Rule, series: FlowSeries, day: TradingDay, upto: int) -> Readings | None:
    """The readings of a rule that compares no lines, or one with an earlier one, in the usual reply; else None.

    In that no line has a flag or is off the axis, and the lines confirmed since `upto` have figures and no gap. Where
    lines are compared, one is new, and the one it is compared with has a figure.
    """
    if not upto or rule.kind not in _AT_ONCE:
        return None
    new = _new_lines(series, day, upto)
    if new is None:
        return None
    (first, last, labels, indexes), row = new, COLUMNS.index(rule.metric)
    values = series.values[row, first:last]
    if rule.minutes:  # a change
        anchor = first - rule.minutes
        if last - first > 1 or anchor < 0 or not series.confirmed.item(anchor):
            return None
        values = values - series.values.item(row, anchor)
    if not all(map(math.isfinite, values.tolist())):
        return None
    return Readings(labels, indexes, values)


@lru_cache(maxsize=_ALIVE)
def _new_lines(series: FlowSeries, day: TradingDay, upto: int) -> tuple[int, int, Ints, Ints] | None:
    """The lines confirmed since `upto` in the usual reply, for all rules of a symbol; None in another.

    The places of the first and behind the last, none missing between, with their labels and indexes.
    """
    if series.flags or not day.begins_with(series.timestamps):
        return None
    stamps, confirmed = series.timestamps, series.confirmed.tobytes()
    first = last = confirmed.rfind(1) + 1
    while first and stamps.item(first - 1) > upto:
        first -= 1
    if first == last or 0 in confirmed[first:last]:
        return None
    return first, last, stamps[first:last], day.axis()[first:last]


def _unknown(reason: Reason | None) -> Readings:
    return Readings(_NOTHING, _NOTHING, np.zeros(0, np.float64), reason)


def _looking_back(rule: Rule, lines: UsableLines, first: int, beside: _Beside) -> Readings:
    """The measure of a rule that compares each line with the one exactly so many trading minutes before.

    Lines without that one are left out, and so are those before `first`, but for the newest.
    """
    labels, places, figures, unknown = lines.labels, lines.places, lines.figures, lines.unknown
    past = beside.past
    if not len(labels):
        needs = rule.kind is Kind.UNUSUAL and unknown is None and len(past) < LEAST_SESSIONS
        return _unknown(_needs_sessions(len(past)) if needs else unknown)
    start = min(first, len(labels) - 1)
    new, place = slice(start, None), start - rule.minutes
    if start == len(labels) - 1 and place >= 0 and places[place] == places[start] - rule.minutes:
        before, known = np.array([place]), np.array([True])  # one line, and no gap before it: most replies
    else:
        anchors = places[new] - rule.minutes
        before = np.maximum(places.searchsorted(anchors, "right") - 1, 0)
        known = (anchors >= 0) & (places[before] == anchors)
    has_newest = bool(places[-1] >= rule.minutes)
    if unknown is None and has_newest and not known[-1]:
        unknown = Reason.of(Code.NO_ANCHOR, minutes=rule.minutes)
    if rule.kind is Kind.DIVERGENCE:
        now = known.nonzero()[0]
        values = np.full(len(known), np.nan)
        values[now] = _divergences(rule, lines, now + start, before[now], beside.then)
        known = np.isfinite(values)
        if unknown is None and has_newest and not known[-1]:
            unknown = Reason.of(Code.NO_PRICE, minutes=rule.minutes)
    elif rule.kind is Kind.UNUSUAL:
        values, enough, has = _unusual(rule, places[new], figures[new] - figures[before], known, past)
        if unknown is None and has < LEAST_SESSIONS:
            unknown = _needs_sessions(has)
        known &= enough
    else:
        values = figures[new] - figures[before]
    return Readings(labels[new][known], places[new][known], values[known], unknown)


def _needs_sessions(has: int) -> Reason:
    return Reason.of(Code.NEEDS_SESSIONS, needs=LEAST_SESSIONS, has=has)


def _divergences(
    rule: Rule, lines: UsableLines, now: Ints, anchor: Ints, then: Mapping[int, Turnover | None]
) -> list[float]:
    """How far price and flow went against each other up to lines, as `Rule` says; NaN without their prices.

    A price is that of a line if it was true when money had last moved by then, and if it is not much later.
    """
    moved_by: Callable[[int], int] = lines.moved_by if len(now) == 1 else lines.moved.tolist().__getitem__

    def at(place: int) -> Turnover | None:
        """What was known, where its price is the line's."""
        label = int(lines.labels[place])
        known = then.get(label)
        if known is None or not known.price or not known.amount > 0:
            return None
        fresh = moved_by(place) <= known.at + TURNOVER_AGE_S and known.at <= label + _PRICE_LATE_S
        return known if fresh else None

    def between(place: int, before: int) -> float:
        known, earlier = at(place), at(before)
        if known is None or earlier is None or not known.price or not earlier.price:
            return math.nan
        price = known.price / earlier.price - 1
        flow = float(lines.figures[place] - lines.figures[before]) / known.amount
        if price * flow >= 0:
            return 0.0
        return math.copysign(rule.level * min(abs(price) / rule.price, abs(flow) / rule.level), flow)

    return [*map(between, now.tolist(), anchor.tolist())]


def _unusual(rule: Rule, places: Ints, changes: Floats, known: Bools, past: UsualChanges) -> tuple[Floats, Bools, int]:
    """(n,) how unusual each change is, as `Rule` says, where there were enough sessions, and how many at the newest."""
    sessions = past.sessions(places)
    values, enough = rule.level * changes / rule.floor, known & (sessions >= LEAST_SESSIONS)
    large = (enough & (np.abs(changes) >= rule.floor)).nonzero()[0]
    if len(large):
        sizes = past.deviations(places[large], changes[large])
        values[large] = np.where(np.isnan(sizes), values[large], sizes)
    return values, enough, min(len(past), int(sessions[-1])) if known[-1] else len(past)
