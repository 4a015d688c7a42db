"""The dry run: what a rule would have done on recorded sessions, out of their final days alone.

A final day holds what the rule saw: each line as it was when it was confirmed, in which reply, and what came after.
Most days are settled by the figures alone, without looking at one line after another: the rule's level was never
reached. On the others the engine's own `advance` walks the lines that matter. Where lines were revised, came late or
waited for a turnover, or the rule could not be judged on a reply, the replies are gone through one by one. What comes
out is what a watch at the time said, but for the time at which it was said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import IntEnum, StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.alerts.sessions import SESSION_END_S
from capflow_gui.alerts.watch import Obstacle, Unjudged
from capflow_gui.archive.model import DayKey, DaySummary, FinalDay, Outage
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
    in_part,
    readings,
    sides,
)
from capflow_gui.domain.alert_grammar import WHOLE_SESSION
from capflow_gui.domain.flow import COLUMNS, HARMLESS, Bools, Flags16, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.playback.recording import ended_at, watched_since
from capflow_gui.reason import Code, Reason


class Outcome(StrEnum):
    """What a rule would have done."""

    RAISED = "raised"
    ESCALATED = "escalated"
    CLEARED = "cleared"
    UNJUDGED = "unjudged"
    JUDGED_AGAIN = "judged_again"


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing a rule would have done in a session.

    time       label of the line that did it, UTC epoch seconds; None where no line did, as is `value` then
    threshold  the level it passed, or the further step of an escalation
    reason     why it could not be judged, or why it ended
    late       the breach had begun when the recording began
    all_day    no reply of the session could be judged; a watch, which saw as few, said nothing of it
    """

    key: DayKey
    outcome: Outcome
    time: int | None
    value: float | None
    threshold: float
    reason: Reason | None = None
    late: bool = False
    all_day: bool = False


class _Place(IntEnum):
    """The order of what is said at one moment."""

    BEFORE = 0  # outages that began or ended since the moment before
    WAITED = 1  # what was in the way of the replies before
    ALERT_ENDED = 2  # with the session
    JUDGING_ENDED = 3
    LINES = 4
    REPLY = 5  # what is in the way of this one
    ENDED_AGAIN = 6  # what the last lines raised


# What was said, and at which of the moments; their number where it was after all of them.
_Said = tuple[int, _Place, Tried]


@dataclass(slots=True)
class _Alert:
    """Whether an alert stands, and what was said so far."""

    key: DayKey
    rule: Rule
    said: list[_Said]
    stands: bool = False

    def apply(self, transition: Transition, at: int) -> None:
        """As a watch does: a crossing is ended by the next one, a further step without an alert begins one."""
        raises = transition.step is not Step.CLEARED
        if self.stands and transition.step is not Step.ESCALATED:
            self._say(Outcome.CLEARED, transition, at)
        if raises:
            self._say(Outcome(transition.step.value), transition, at)
        self.stands = raises

    def _say(self, outcome: Outcome, each: Transition, at: int) -> None:
        late = each.late and outcome is not Outcome.CLEARED
        tried = Tried(self.key, outcome, each.time, each.value, each.threshold, late=late)
        self.said.append((at, _Place.LINES, tried))

    def end_session(self, at: int, place: _Place = _Place.ALERT_ENDED) -> None:
        """Its session is over."""
        if self.stands:
            self.stands = False
            why = Reason.of(Code.SESSION_ENDED)
            tried = Tried(self.key, Outcome.CLEARED, None, None, self.rule.level, why)
            self.said.append((at, place, tried))


def dry_run(rule: Rule, summary: DaySummary, final: FinalDay, outages: Sequence[Outage] = ()) -> list[Tried]:
    """What `rule` would have done on a recorded session, in order; whether its scope covers the symbol is not asked.

    `outages` are those of the session, ascending.
    """
    alert = _Alert(summary.key, rule, [])
    if rule.until is not None and summary.day.day > rule.until:
        return []
    if _may_fire(rule, final):
        _walk(rule, summary, final, outages, alert)
    too_late = summary.first_received >= summary.day.close
    why = Reason.of(Code.RECORDED_TOO_LATE) if too_late else None if len(final.series) else Reason.of(Code.NO_LINES)
    if why is None and (outages or not _is_sound(rule, summary.day, final)):
        obstacles = _Obstacles(rule, summary, final)
        alert.said += obstacles.walk(outages)
        alert.said.sort(key=lambda each: each[:2])
        why = obstacles.all_day
    said = [each for *_, each in alert.said]
    if why is not None:
        said.append(Tried(summary.key, Outcome.UNJUDGED, None, None, rule.level, why, all_day=True))
    return said


def _walk(rule: Rule, summary: DaySummary, final: FinalDay, outages: Sequence[Outage], alert: _Alert) -> None:
    day = summary.day
    since = watched_since(day, summary.first_received)
    _, end = _over(final, day)
    together = _at_once(rule, day, final)
    state: RuleState | None = None
    for moment, found in _evaluations(rule, summary, final, together, late=since > day.open):
        is_over = moment >= end
        if is_over:
            alert.end_session(end)
        if state is not None or since <= day.open:
            state, said = advance(rule, state or RuleState(), found)
        else:
            state, said, _ = catch_up(rule, found)
            said = [] if final.moments.received[moment] >= day.close else said
        for each in said:
            alert.apply(each, moment if together is None else _confirmed_in(final, each.time))
        if is_over:
            alert.end_session(moment, _Place.ENDED_AGAIN)
    if ended_at(day, summary.last_received, outages) >= day.close:
        alert.end_session(end)


def _confirmed_in(final: FinalDay, label: int) -> int:
    """The moment in which a line was confirmed, on a day on which they were in order."""
    return int(final.confirmed_in[np.searchsorted(final.labels, label)])


def _over(final: FinalDay, day: TradingDay) -> tuple[float, int]:
    """When the session was over, UTC epoch seconds, and in which moment: its last line was confirmed, or is late."""
    received, late = final.moments.received, day.close + SESSION_END_S
    for moment in final.confirmed_in[final.labels >= day.close][:1].tolist():
        if day.close <= received[moment] < late:
            return float(received[moment]), moment
        late = min(late, max(day.close, float(received[moment])))
    return late, int(np.searchsorted(received, late))


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


# What could not be judged


def _is_sound(rule: Rule, day: TradingDay, final: FinalDay) -> bool:
    """Whether the figures alone say that the rule could be judged on every reply; often wrong about no."""
    column = COLUMNS.index(rule.metric)
    plain = (
        not final.moments.flags.any()
        and bool(np.isfinite(final.values[column]).all() and np.isfinite(final.revised_values[column]).all())
        and not (_bad(final.flags).any() or _bad(final.revised_flags).any())
    )
    if not plain:
        return False
    indexes = day.indexes(final.labels)
    if (indexes < 0).any():
        return False
    if rule.kind is Kind.CHANGE:
        return bool((np.diff(indexes, prepend=-1) <= 1).all())
    if rule.kind is Kind.SHARE:
        return len(np.unique(final.confirmed_in)) == len(final.moments.flags) and _at_once(rule, day, final) is not None
    return True


class _Obstacles:
    """When the rule could not be judged: on replies in a row, as the alert engine counts them, or in an outage.

    all_day  why not one reply could be judged, where nothing was said of that
    """

    def __init__(self, rule: Rule, summary: DaySummary, final: FinalDay) -> None:
        self._rule, self._summary, self._final = rule, summary, final
        self._said: list[_Said] = []
        self._replies = Unjudged()
        self._counted = self._moment = 0
        self._stands = False
        self._outside: Reason | None = None
        self.all_day: Reason | None = None

    def walk(self, outages: Sequence[Outage]) -> list[_Said]:
        """What was said of it."""
        summary, final = self._summary, self._final
        day, moments = summary.day, final.moments
        over_at, end = _over(final, day)
        begins, midnight = _date_begins(day), _date_begins(day, days_on=1)
        limits: list[tuple[float, Reason | None]] = [(each.start, each.reason) for each in outages]
        limits += [(each.end, None) for each in outages if each.end is not None]
        waiting = deque(sorted(limits, key=lambda each: each[0]))
        evaluations = [] if _is_sound(self._rule, day, final) else _one_by_one(self._rule, day, final)
        numbers = zip(moments.replies.tolist(), moments.again.tolist(), strict=True)
        judged = False
        for (self._moment, found), (number, again) in zip(evaluations, numbers, strict=False):
            received = float(moments.received[self._moment])
            while waiting and waiting[0][0] < received:
                self._limit(*waiting.popleft(), over_at)
            if received >= midnight:
                break
            if received < begins:
                self._counted = number
                continue
            self._count(number - (not again))
            if received <= over_at and self._moment <= end:
                self._look(self._replies.said(received), place=_Place.WAITED)
            judged = judged or found.unknown is None
            self._replies.add(found.unknown, received, 0 if again else 1)
            self._counted = number
            if self._moment < end:
                clear = received < day.close and self._outside is None
                self._look(self._replies.said(received), clear=clear)
        while waiting:
            self._limit(*waiting.popleft(), over_at)
        self._moment = len(moments.received)
        self._count(final.replies)
        if summary.last_received < over_at:
            self._look(self._replies.said(summary.last_received), place=_Place.WAITED)
        if not (judged or self._said) and self._replies.obstacle is not None:
            self.all_day = self._replies.obstacle.reason
        if self._stands and ended_at(day, summary.last_received, outages) >= day.close:
            over = Reason.of(Code.SESSION_ENDED)
            self._moment = end
            self._say(Outcome.JUDGED_AGAIN, over, _Place.JUDGING_ENDED)
        return self._said

    def _count(self, number: int) -> None:
        """Go on to the reply of a number: those before it said nothing new."""
        if self._replies.obstacle is not None:
            self._replies.count += number - self._counted
        self._counted = number

    def _limit(self, at: float, reason: Reason | None, over_at: float) -> None:
        """Begin an outage, or end it."""
        self._outside = reason
        self._moment = int(np.searchsorted(self._final.moments.received, at))
        if at < over_at:
            is_open = any(begin <= at < end for begin, end in self._summary.day.periods)
            why = None if reason is None else Obstacle(reason)
            self._look(why, clear=reason is None and is_open, place=_Place.BEFORE)

    def _look(self, why: Obstacle | None, *, clear: bool = False, place: _Place = _Place.REPLY) -> None:
        """As a watch does."""
        if why is not None and not self._stands:
            self._say(Outcome.UNJUDGED, why.reason, place)
        elif why is None and self._stands and clear and self._replies.obstacle is None:
            self._say(Outcome.JUDGED_AGAIN, Reason.of(Code.JUDGED_AGAIN), place)

    def _say(self, outcome: Outcome, why: Reason, place: _Place) -> None:
        self._stands = outcome is Outcome.UNJUDGED
        tried = Tried(self._summary.key, outcome, None, None, self._rule.level, why)
        self._said.append((self._moment, place, tried))


# The evaluations of a session: when each was, and the readings; all of them, or those that are new


def _evaluations(
    rule: Rule, summary: DaySummary, final: FinalDay, together: tuple[Readings, Ints] | None, *, late: bool
) -> Iterator[tuple[int, Readings]]:
    """Every evaluation that had something to evaluate; those that can be taken together are one."""
    # Before its date (by a source's clock that is behind) and after it the session is not the current one.
    begins, midnight = _date_begins(summary.day), _date_begins(summary.day, days_on=1)
    if together is None or (final.moments.received[:1] < begins).any():
        yield from (
            each
            for each in _one_by_one(rule, summary.day, final)
            if begins <= final.moments.received[each[0]] < midnight and len(each[1].labels)
        )
        return
    lines, moments = together
    received = final.moments.received[moments]
    # A recording that began late is caught up with in its first reply, and after the close each reply may be the last.
    first = int(np.searchsorted(moments, moments[0], side="right")) if late and len(moments) else 0
    cuts = [0, first, max(first, int(np.searchsorted(received, summary.day.close)))]
    while cuts[-1] < len(moments):
        cuts.append(int(np.searchsorted(moments, moments[cuts[-1]], side="right")))
    for begin, end in pairwise(cuts):
        if begin < end and received[end - 1] < midnight:
            part = Readings(lines.labels[begin:end], lines.indexes[begin:end], lines.values[begin:end])
            yield int(moments[end - 1]), part if end == first else _that_matter(rule, part)


def _at_once(rule: Rule, day: TradingDay, final: FinalDay) -> tuple[Readings, Ints] | None:
    """The readings of the whole day, and the moment of each; None where they depend on more than when they came."""
    labels, moments = final.labels, final.moments
    if (labels[1:] <= labels[:-1]).any() or _changes_matter(rule, final):
        return None
    lines = _lines(final, day, labels, final.values, final.flags)
    if rule.kind is not Kind.SHARE:
        found = readings(rule, lines, day, None)
        return found, final.confirmed_in[np.searchsorted(labels, found.labels)]
    found = readings(replace(rule, kind=Kind.LEVEL, part=WHOLE_SESSION), lines, day, None)
    places = final.confirmed_in[np.searchsorted(labels, found.labels)]
    traded = moments.turnover[places]
    moved = np.maximum.accumulate(np.where(np.diff(found.values, prepend=0.0) != 0, found.labels, 0))
    if not (traded > 0).all() or (moved > moments.turnover_at[places] + TURNOVER_AGE_S).any():
        return None
    return in_part(rule, found._replace(values=found.values / traded), day), places


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


def _one_by_one(rule: Rule, day: TradingDay, final: FinalDay) -> Iterator[tuple[int, Readings]]:
    """The readings of each reply, as they were then."""
    order = np.argsort(final.labels, kind="stable")
    place_of = np.empty_like(order)
    place_of[order] = np.arange(len(order))
    labels, values, flags = final.labels[order], final.values[:, order], final.flags[order]
    came = final.confirmed_in[order]
    moments = final.moments
    columns = (moments.turnover, moments.turnover_at, moments.flags)
    for moment, (amount, at, structural) in enumerate(zip(*(each.tolist() for each in columns), strict=True)):
        if structural:
            why = Reason.of(Code.REPLY_FLAGGED, flags=structural)
            yield moment, Readings(labels[:0], order[:0], values[0, :0], why)
            continue
        newly = final.revised_in == moment
        places = place_of[final.revised[newly]]
        values[:, places], flags[places] = final.revised_values[:, newly], final.revised_flags[newly]
        there = came <= moment
        lines = _lines(final, day, labels[there], values[:, there], flags[there])
        yield moment, readings(rule, lines, day, Turnover(amount, at) if amount > 0 else None)


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
        past, back = sides(rule, values)
        marked = past | back
        newest = np.maximum.accumulate(np.where(marked, np.arange(len(values)), -1))[:-1]
        was_back = np.append(False, (newest >= 0) & ~past[newest])
        begins = past & np.append(True, ~past[:-1])
        if rule.hold == 1 and rule.again is None and not rule.cooldown:
            keep = begins | (back & ~was_back)
        else:
            keep = past | np.append(True, past[:-1]) | (back & ~was_back)
    return Readings(lines.labels[keep], lines.indexes[keep], values[keep])


def _date_begins(day: TradingDay, *, days_on: int = 0) -> float:
    """Midnight at the exchange before the session's date, or before a date so many days on; UTC epoch seconds."""
    return datetime.combine(day.day + timedelta(days=days_on), time(), ZoneInfo(day.zone)).timestamp()
