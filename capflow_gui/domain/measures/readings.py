"""The measure of every rule at the lines of an intraday series, and why it cannot be judged on the newest of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from capflow_gui.domain.alert_grammar import WHOLE_SESSION, Kind, Rule
from capflow_gui.domain.flow import COLUMNS, HARMLESS, STRUCTURAL, Bools, Flags16, Floats, FlowSeries, Ints
from capflow_gui.domain.measures.usual import LEAST_SESSIONS, UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.reason import Code, Reason


class Readings(NamedTuple):
    """(n,) arrays: labels (UTC epoch s), session minute indexes, and the rule's measure at each line that counts.

    `unknown` says why the rule cannot be judged on the newest confirmed line, or at all; None where it can.
    """

    labels: Ints
    indexes: Ints
    values: Floats
    unknown: Reason | None = None


# A turnover is too old for a line once money has moved for this long after it: 60 s and two snapshot cycles.
TURNOVER_AGE_S = 120.0
# How much later than its line a price may be: a line is confirmed a minute after it, and snapshots come twice a minute.
_PRICE_LATE_S = 180.0
_NO_TURNOVER = Turnover(0.0, 0.0)
_NOTHING = np.zeros(0, np.int64)
# Why no rule can be judged on a reply, whatever part of the session it is for.
_OF_WHOLE_REPLIES = frozenset({Code.REPLY_FLAGGED, Code.NEWEST_OUTSIDE})
_STRUCTURAL_BITS = int(STRUCTURAL)
_HARMFUL = np.uint16(0xFFFF & ~int(HARMLESS))
# Rules that need no other line than the one they judge.
_EACH_LINE = frozenset({Kind.LEVEL, Kind.CROSSES})
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
    found = _newest_figures(rule, series, day, upto) or _figures(rule, series, day, turnover, upto)
    if rule.kind in _LOOKING_BACK:
        found = _looking_back(rule, found, upto, then, past or UsualChanges())
    if rule.part == WHOLE_SESSION:
        return found
    if found.unknown is not None and found.unknown.code not in _OF_WHOLE_REPLIES:
        first, last = rule.part.labels(day)
        if not any(first <= label <= last for label in series.timestamps[series.confirmed][-1:].tolist()):
            found = found._replace(unknown=None)
    return in_part(rule, found, day)


def in_part(rule: Rule, found: Readings, day: TradingDay) -> Readings:
    """The readings without those that lie outside the rule's part of the session and cannot clear an alert: NaN."""
    first, last = rule.part.labels(day)
    changes_nothing = (found.labels < first) | (found.labels > last)
    if rule.kind is not Kind.CROSSES:
        past, back = sides(rule, found.values)
        changes_nothing &= past | ~back
    return found._replace(values=np.where(changes_nothing, np.nan, found.values))


def sides(rule: Rule, values: Floats) -> tuple[Bools, Bools]:
    """(n,) which figures are past the level, and which are back past the re-arm level; not for CROSSES."""
    values = np.abs(values) if rule.is_two_sided else values
    if rule.operator == "<=":
        return values <= rule.level, values >= rule.rearm_level
    return values >= rule.level, values <= rule.rearm_level


def _figures(rule: Rule, series: FlowSeries, day: TradingDay, turnover: Turnover | None, upto: int) -> Readings:
    """The measure of a rule that compares no lines, and for others the figures it compares."""
    if int(series.flags) & _STRUCTURAL_BITS:
        return _unknown(Reason.of(Code.REPLY_FLAGGED, flags=int(series.flags & STRUCTURAL)))
    first = int(series.timestamps.searchsorted(upto, "right")) if upto and rule.kind in _EACH_LINE else 0
    column, confirmed = series.values[COLUMNS.index(rule.metric), first:], series.confirmed[first:]
    finite = np.isfinite(column)
    measured = confirmed & finite
    if not measured.any():
        if first:
            return _figures(rule, series, day, turnover, 0)
        if confirmed.any():
            return _unknown(
                Reason.of(Code.NO_METRIC, source=series.source, metric=metric_name(rule), symbol=str(series.symbol))
            )
    traded = turnover if turnover is not None and turnover.amount > 0 else None
    # Where no money has moved, every share is zero whatever was traded.
    if rule.kind is Kind.SHARE and traded is None and np.nan_to_num(column[confirmed]).any():
        return _unknown(Reason.of(Code.TURNOVER_UNKNOWN))
    indexes, line_flags = day.indexes(series.timestamps)[first:], series.line_flags[first:] & _HARMFUL
    usable = measured & (indexes >= 0) & (line_flags == 0)
    labels, places, values = series.timestamps[first:][usable], indexes[usable], column[usable]
    unknown = _newest_fault(rule, confirmed, usable, indexes, line_flags)
    match rule.kind:
        case Kind.SHARE if traded is not None:
            if _is_old(traded, labels, values):
                return _unknown(Reason.of(Code.TURNOVER_OLD))
            values = values / traded.amount
        case Kind.DRAWDOWN:
            values = np.maximum.accumulate(values) - values
        case _:
            pass
    return Readings(labels, places, values, unknown)


def _newest_figures(rule: Rule, series: FlowSeries, day: TradingDay, upto: int) -> Readings | None:
    """What `_figures` gives of a rule that judges each line by itself, in the usual reply; None where it is another.

    In that no line has a flag or is off the axis, and the lines confirmed since `upto` have figures and no gap.
    """
    if not upto or rule.kind not in _EACH_LINE or series.flags or not day.begins_with(series.timestamps):
        return None
    first = int(series.timestamps.searchsorted(upto, "right"))
    confirmed = series.confirmed[first:].tobytes()
    last = first + confirmed.count(1)
    if last == first or 1 in confirmed[last - first :]:
        return None
    values = series.values[COLUMNS.index(rule.metric), first:last]
    if not all(map(math.isfinite, values.tolist())):
        return None
    return Readings(series.timestamps[first:last], day.indexes(series.timestamps)[first:last], values)


def _is_old(turnover: Turnover, labels: Ints, values: Floats) -> bool:
    """Whether money flowed long after the turnover was taken: a stock nobody trades needs no newer one."""
    moved = np.flatnonzero(np.diff(values, prepend=0.0))
    return len(moved) > 0 and bool(labels[moved[-1]] > turnover.at + TURNOVER_AGE_S)


def _newest_fault(rule: Rule, confirmed: Bools, usable: Bools, indexes: Ints, harmful: Flags16) -> Reason | None:
    """Why the newest confirmed line does not count, where it does not."""
    lines = confirmed.nonzero()[0]
    if not len(lines) or usable[lines[-1]]:
        return None
    newest = int(lines[-1])
    if harmful[newest]:
        return Reason.of(Code.NEWEST_FLAGGED, flags=int(harmful[newest]))
    if indexes[newest] < 0:
        return Reason.of(Code.NEWEST_OUTSIDE)
    return Reason.of(Code.NEWEST_MISSING, metric=metric_name(rule))


def metric_name(rule: Rule) -> str:
    """The metric as a word: `extra-large`."""
    return rule.metric.replace("_", "-")


def _unknown(reason: Reason | None) -> Readings:
    return Readings(_NOTHING, _NOTHING, np.zeros(0, np.float64), reason)


def _looking_back(
    rule: Rule, lines: Readings, upto: int, then: Mapping[int, Turnover | None], past: UsualChanges
) -> Readings:
    """The measure of a rule that compares each line with the one exactly so many trading minutes before.

    Lines without that one are left out, and so are those up to the label `upto`, but for the newest.
    """
    labels, places, figures, unknown = lines
    first = min(int(labels.searchsorted(upto, "right")), max(0, len(labels) - 1))
    anchors = places - rule.minutes
    before = np.maximum(places.searchsorted(anchors, "right") - 1, 0)
    known: Bools = (anchors >= 0) & (places[before] == anchors) if len(places) else np.zeros(0, np.bool_)
    values = figures - figures[before]
    has_newest = len(places) > 0 and bool(places[-1] >= rule.minutes)
    if unknown is None and has_newest and not known[-1]:
        unknown = Reason.of(Code.NO_ANCHOR, minutes=rule.minutes)
    known[:first] = False
    if rule.kind is Kind.DIVERGENCE:
        values, priced = _divergences(rule, lines, known, before, then)
        if unknown is None and has_newest and not priced[-1]:
            unknown = Reason.of(Code.NO_PRICE, minutes=rule.minutes)
        known &= priced
    elif rule.kind is Kind.UNUSUAL:
        values, enough, has = _unusual(rule, places, values, known, past)
        if unknown is None and has < LEAST_SESSIONS:
            unknown = Reason.of(Code.NEEDS_SESSIONS, needs=LEAST_SESSIONS, has=has)
        known &= enough
    return Readings(labels[known], places[known], values[known], unknown)


def _divergences(
    rule: Rule, lines: Readings, known: Bools, before: Ints, then: Mapping[int, Turnover | None]
) -> tuple[Floats, Bools]:
    """(n,) how far price and flow went against each other, as `Rule` says, and where their prices are known.

    A price is that of a line if it was true when money had last moved by then, and if it is not much later.
    """
    labels, _, figures, _ = lines
    moved = np.maximum.accumulate(np.where(np.diff(figures, prepend=0.0) != 0, labels, 0))

    def at(places: Ints) -> tuple[Floats, Floats]:
        """Amounts and prices that were known; a price is NaN where it is not the line's."""
        seen = [then.get(label) or _NO_TURNOVER for label in labels[places].tolist()]
        amounts, times = (np.array([each[column] for each in seen]) for column in (0, 1))
        prices = np.array([np.nan if each.price is None else each.price for each in seen])
        fresh = (amounts > 0) & (moved[places] <= times + TURNOVER_AGE_S) & (times <= labels[places] + _PRICE_LATE_S)
        return amounts, np.where(fresh, prices, np.nan)

    now = known.nonzero()[0]
    anchor = before[now]
    amounts, prices = at(now)
    price = prices / at(anchor)[1] - 1
    priced: Bools = np.zeros(len(labels), np.bool_)
    priced[now] = np.isfinite(price)
    values = np.full(len(labels), np.nan)
    flow = (figures[now] - figures[anchor]) / np.where(amounts > 0, amounts, np.nan)
    size = rule.level * np.minimum(np.abs(price) / rule.price, np.abs(flow) / rule.level)
    values[now] = np.where(price * flow < 0, np.copysign(size, flow), 0.0)
    return values, priced


def _unusual(rule: Rule, places: Ints, changes: Floats, known: Bools, past: UsualChanges) -> tuple[Floats, Bools, int]:
    """(n,) how unusual each change is, as `Rule` says, where there were enough sessions, and how many at the newest."""
    sessions = past.sessions(places)
    values, enough = rule.level * changes / rule.floor, known & (sessions >= LEAST_SESSIONS)
    large = (enough & (np.abs(changes) >= rule.floor)).nonzero()[0]
    if len(large):
        sizes = past.deviations(places[large], changes[large])
        values[large] = np.where(np.isnan(sizes), values[large], sizes)
    return values, enough, min(len(past), int(sessions[-1])) if len(known) and known[-1] else len(past)
