"""The dry run: what a rule would have done on recorded sessions, out of their final days alone.

A final day holds what the rule saw: each line as it was when it was confirmed, in which reply, and what came after.
Most days are settled by the figures alone, without looking at one line after another: the rule's level was never
reached. On the others the engine's own `advance` walks the lines that matter. Where lines were revised, came late or
waited for a turnover, the replies are gone through one by one. What comes out is what a watch at the time said, but
for the time at which it was said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.alerts.book import SESSION_END_S
from capflow_gui.archive.model import DayKey, DaySummary, FinalDay
from capflow_gui.domain.alert import (
    TURNOVER_AGE_S,
    Kind,
    Readings,
    Rule,
    RuleState,
    Step,
    Transition,
    advance,
    catch_up,
    readings,
)
from capflow_gui.domain.flow import COLUMNS, HARMLESS, Bools, Flag, Flags16, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.playback.recording import ended_at, watched_since
from capflow_gui.reason import Code, Reason


class Outcome(StrEnum):
    """What a rule would have done; the values are those of `check-rule --format jsonl`."""

    RAISED = "raised"
    ESCALATED = "escalated"
    CLEARED = "cleared"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing a rule would have done in a session.

    time       label of the line that did it, UTC epoch seconds; None where no line did, as is `value` then
    threshold  the level it passed, or the further step of an escalation
    reason     why it could not be judged, or why it ended
    late       the breach had begun when the recording began
    """

    key: DayKey
    outcome: Outcome
    time: int | None
    value: float | None
    threshold: float
    reason: Reason | None = None
    late: bool = False


@dataclass(slots=True)
class _Alert:
    """Whether an alert stands, and what was said so far."""

    key: DayKey
    rule: Rule
    said: list[Tried]
    stands: bool = False

    def apply(self, transition: Transition) -> None:
        """As a watch does: a crossing is ended by the next one, a further step without an alert begins one."""
        raises = transition.step is not Step.CLEARED
        if self.stands and transition.step is not Step.ESCALATED:
            self._say(Outcome.CLEARED, transition)
        if raises:
            self._say(Outcome(transition.step.value), transition)
        self.stands = raises

    def _say(self, outcome: Outcome, each: Transition) -> None:
        late = each.late and outcome is not Outcome.CLEARED
        self.said.append(Tried(self.key, outcome, each.time, each.value, each.threshold, late=late))

    def end_session(self) -> None:
        """Its session is over."""
        if self.stands:
            self.stands = False
            why = Reason.of(Code.SESSION_ENDED)
            self.said.append(Tried(self.key, Outcome.CLEARED, None, None, self.rule.level, why))


def dry_run(rule: Rule, summary: DaySummary, final: FinalDay) -> list[Tried]:
    """What `rule` would have done on a recorded session, in order; whether its scope covers the symbol is not asked."""
    alert = _Alert(summary.key, rule, [])
    if _may_fire(rule, final):
        _walk(rule, summary, final, alert)
    unknown = _unjudged(rule, summary, final)
    if unknown is not None:
        alert.said.append(Tried(summary.key, Outcome.UNJUDGED, None, None, rule.level, unknown))
    return alert.said


def _walk(rule: Rule, summary: DaySummary, final: FinalDay, alert: _Alert) -> None:
    day = summary.day
    since = watched_since(day, summary.first_received)
    ended = ended_at(day, summary.last_received)
    close_at = _final_at(final, day)
    state: RuleState | None = None
    for received, found in _evaluations(rule, summary, final, late=since > day.open):
        is_over = received >= day.close and (received >= close_at or received >= day.close + SESSION_END_S)
        if is_over:
            alert.end_session()
        if state is not None or since <= day.open:
            state, said = advance(rule, state or RuleState(), found)
        else:
            state, said, _ = catch_up(rule, found)
            said = [] if received >= day.close else said
        for each in said:
            alert.apply(each)
        if is_over:
            alert.end_session()
    if ended >= day.close:
        alert.end_session()


def _final_at(final: FinalDay, day: TradingDay) -> float:
    """When the session's last line was confirmed; infinity where it never was."""
    found = np.flatnonzero(final.labels >= day.close)
    return float(final.moments.received[final.confirmed_in[found[0]]]) if len(found) else np.inf


def _may_fire(rule: Rule, final: FinalDay) -> bool:
    """Whether any figure the rule ever saw could have passed its level; often wrong about yes, never about no."""
    row = COLUMNS.index(rule.metric)
    seen = np.concatenate([final.values[row], final.revised_values[row]])
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return False
    low, high = float(seen.min()), float(seen.max())
    if rule.kind is Kind.CROSSES:
        return high > rule.level + rule.band and low < rule.level - rule.band
    extremes = [low, high]
    match rule.kind:
        case Kind.SHARE:
            traded = final.moments.turnover[final.moments.turnover > 0].tolist()
            extremes = [each / of for each in extremes for of in (min(traded), max(traded))] if traded else [0.0]
        case Kind.CHANGE:
            extremes = [low - high, high - low]
        case Kind.DRAWDOWN:
            extremes = [high - low]
    return any(map(rule.past, extremes))


def _unjudged(rule: Rule, summary: DaySummary, final: FinalDay) -> Reason | None:
    """Why the rule could not be judged on the session, or no more at its end."""
    if summary.first_received >= summary.day.close:
        return Reason.of(Code.RECORDED_TOO_LATE)
    series, moments = final.series, final.moments
    if not len(series):
        return Reason.of(Code.NO_LINES)
    newest = np.flatnonzero(series.confirmed)[-1:]
    sound = len(newest) > 0 and bool(np.isfinite(series.values[COLUMNS.index(rule.metric), newest]).all())
    if sound and not series.flags & ~Flag.PADDED and rule.kind is not Kind.SHARE:
        return None  # the usual day
    turnover = None
    if len(moments.turnover) and moments.turnover[-1] > 0:
        turnover = Turnover(float(moments.turnover[-1]), float(moments.turnover_at[-1]))
    return readings(rule, series, summary.day, turnover).unknown


# The evaluations of a session: when each was, and the readings; all of them, or those that are new


def _evaluations(rule: Rule, summary: DaySummary, final: FinalDay, *, late: bool) -> Iterator[tuple[float, Readings]]:
    """Every evaluation that had something to evaluate; those that can be taken together are one."""
    midnight = _date_end(summary.day)  # after it the session is an old one, and never judged
    found = _at_once(rule, summary.day, final)
    if found is None:
        yield from (
            each for each in _one_by_one(rule, summary.day, final) if each[0] < midnight and len(each[1].labels)
        )
        return
    lines, moments = found
    received = final.moments.received[moments]
    # A recording that began late is caught up with in its first reply, and after the close each reply may be the last.
    first = int(np.searchsorted(moments, moments[0], side="right")) if late and len(moments) else 0
    cuts = [0, first, max(first, int(np.searchsorted(received, summary.day.close)))]
    while cuts[-1] < len(moments):
        cuts.append(int(np.searchsorted(moments, moments[cuts[-1]], side="right")))
    for begin, end in pairwise(cuts):
        if begin < end and received[end - 1] < midnight:
            part = Readings(lines.labels[begin:end], lines.indexes[begin:end], lines.values[begin:end])
            yield float(received[end - 1]), part if end == first else _that_matter(rule, part)


def _at_once(rule: Rule, day: TradingDay, final: FinalDay) -> tuple[Readings, Ints] | None:
    """The readings of the whole day, and the moment of each; None where they depend on more than when they came."""
    labels, moments = final.labels, final.moments
    if (labels[1:] <= labels[:-1]).any() or _changes_matter(rule, final):
        return None
    lines = _lines(final, day, labels, final.values, final.flags)
    if rule.kind is not Kind.SHARE:
        found = readings(rule, lines, day, None)
        return found, final.confirmed_in[np.searchsorted(labels, found.labels)]
    found = readings(replace(rule, kind=Kind.LEVEL), lines, day, None)
    places = final.confirmed_in[np.searchsorted(labels, found.labels)]
    traded = moments.turnover[places]
    moved = np.maximum.accumulate(np.where(np.diff(found.values, prepend=0.0) != 0, found.labels, 0))
    if not (traded > 0).all() or (moved > moments.turnover_at[places] + TURNOVER_AGE_S).any():
        return None
    return found._replace(values=found.values / traded), places


def _changes_matter(rule: Rule, final: FinalDay) -> bool:
    """Whether what lines said after they were confirmed may matter to the rule."""
    rows = final.revised
    if not len(rows):
        return False
    column = COLUMNS.index(rule.metric)
    before, after = final.values[column, rows], final.revised_values[column]
    usable = np.isfinite(before) & ~_bad(final.flags[rows])
    if not usable.all() or rule.kind in (Kind.LEVEL, Kind.SHARE, Kind.CROSSES):
        return not usable.all()
    return bool((before != after).any() or _bad(final.revised_flags).any())


def _one_by_one(rule: Rule, day: TradingDay, final: FinalDay) -> Iterator[tuple[float, Readings]]:
    """The readings of each reply, as they were then."""
    order = np.argsort(final.labels, kind="stable")
    place_of = np.empty_like(order)
    place_of[order] = np.arange(len(order))
    labels, values, flags = final.labels[order], final.values[:, order], final.flags[order]
    came = final.confirmed_in[order]
    moments = final.moments
    for moment, (received, amount, at) in enumerate(
        zip(moments.received.tolist(), moments.turnover.tolist(), moments.turnover_at.tolist(), strict=True)
    ):
        newly = final.revised_in == moment
        places = place_of[final.revised[newly]]
        values[:, places], flags[places] = final.revised_values[:, newly], final.revised_flags[newly]
        there = came <= moment
        lines = _lines(final, day, labels[there], values[:, there], flags[there])
        yield received, readings(rule, lines, day, Turnover(amount, at) if amount > 0 else None)


def _lines(final: FinalDay, day: TradingDay, labels: Ints, values: Floats, flags: Flags16) -> FlowSeries:
    """Confirmed lines as a series."""
    return FlowSeries(
        final.series.symbol,
        final.series.source,
        Period.INTRADAY,
        labels,
        values,
        session=day.day,
        line_flags=flags,
        confirmed=np.ones(len(labels), np.bool_),
    )


def _bad(flags: Flags16) -> Bools:
    bad: Bools = (flags & np.uint16(0xFFFF & ~int(HARMLESS))) != 0
    return bad


def _that_matter(rule: Rule, lines: Readings) -> Readings:
    """The readings without those that change nothing: the walk from line to line is the slowest part.

    Lines short of the level matter only after one past it, and where they first are back past the re-arm level.
    """
    values = lines.values
    if rule.kind is Kind.CROSSES:
        if rule.hold > 1:
            return lines
        side = (values > rule.level + rule.band).astype(np.int8) - (values < rule.level - rule.band)
        keep = np.append(True, side[1:] != side[:-1])
    else:
        past = values <= rule.level if rule.operator == "<=" else values >= rule.level
        back = values >= rule.rearm_level if rule.operator == "<=" else values <= rule.rearm_level
        marked = past | back
        newest = np.maximum.accumulate(np.where(marked, np.arange(len(values)), -1))[:-1]
        was_back = np.append(False, (newest >= 0) & ~past[newest])
        begins = past & np.append(True, ~past[:-1])
        if rule.hold == 1 and rule.again is None and not rule.cooldown:
            keep = begins | (back & ~was_back)
        else:
            keep = past | np.append(True, past[:-1]) | (back & ~was_back)
    return Readings(lines.labels[keep], lines.indexes[keep], values[keep])


def _date_end(day: TradingDay) -> float:
    """The end of the session's date at the exchange, UTC epoch seconds."""
    return datetime.combine(day.day + timedelta(days=1), time(), ZoneInfo(day.zone)).timestamp()
