"""The dry run: what a rule would have done on recorded sessions, out of their final days alone.

A final day holds what the rule saw: each line as it was when it was confirmed, in which reply, and what came after.
Most days are settled by the figures alone, without looking at one line after another: the rule's level was never
reached. On the others the engine's own `advance` walks the lines that matter. Where lines were revised, came late or
waited for a turnover, figures were stale, or the rule could not be judged on a reply, the replies are gone through one
by one. What comes out is what a watch at the time said, but for the time at which it was said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import pairwise

import numpy as np

from capflow_gui.alerts.evaluation import Obstacle
from capflow_gui.alerts.watch import Unjudged
from capflow_gui.archive.model import DayKey, DaySummary, FinalDay, Outage
from capflow_gui.domain.alert import (
    Kind,
    Readings,
    Rule,
    RuleState,
    Step,
    Transition,
    advance,
    catch_up,
)
from capflow_gui.domain.flow import Ints
from capflow_gui.domain.measures.readings import sides
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.session import SESSION_END_S, TradingDay, date_begins
from capflow_gui.playback.held_replies import HeldReplies
from capflow_gui.playback.recorded_readings import RecordedReadings
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


def dry_run(
    rule: Rule,
    summary: DaySummary,
    final: FinalDay,
    outages: Sequence[Outage] = (),
    past: UsualChanges | None = None,
) -> list[Tried]:
    """What `rule` would have done on a recorded session, in order; whether its scope covers the symbol is not asked.

    `outages` are those of the session, ascending; `past` is what an UNUSUAL rule is judged by.
    """
    session = RecordedReadings(rule, summary, final, past or UsualChanges())
    held = HeldReplies(summary, final, outages)
    alert = _Alert(summary.key, rule, [])
    if rule.until is not None and summary.day.day > rule.until:
        return []
    if session.may_fire():
        _walk(session, held, outages, alert)
    too_late = summary.first_received >= summary.day.close
    why = Reason.of(Code.RECORDED_TOO_LATE) if too_late else None if len(final.series) else Reason.of(Code.NO_LINES)
    if why is None and (outages or not session.is_sound()):
        obstacles = _Obstacles(session, held)
        alert.said += obstacles.walk(outages)
        alert.said.sort(key=lambda each: each[:2])
        why = obstacles.all_day
    said = [each for *_, each in alert.said]
    if why is not None:
        said.append(Tried(summary.key, Outcome.UNJUDGED, None, None, rule.level, why, all_day=True))
    return said


def _walk(session: RecordedReadings, held: HeldReplies, outages: Sequence[Outage], alert: _Alert) -> None:
    rule, summary, final, day = session.rule, session.summary, session.final, session.day
    since = watched_since(day, summary.first_received)
    _, end = _over(final, day)
    together = None if held.any else session.at_once()
    state: RuleState | None = None
    for moment, at, found in _evaluations(session, held, together, late=since > day.open):
        is_over = moment >= end
        if is_over:
            alert.end_session(end)
        if state is not None or since <= day.open:
            state, said = advance(rule, state or RuleState(), found)
        else:
            state, said, _ = catch_up(rule, found)
            said = [] if at >= day.close else said
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


class _Obstacles:
    """When the rule could not be judged: on replies in a row, as the alert engine counts them, or in an outage.

    all_day  why not one reply could be judged, where nothing was said of that
    """

    def __init__(self, session: RecordedReadings, held: HeldReplies) -> None:
        self._session, self._held, self._rule = session, held, session.rule
        self._summary, self._final = session.summary, session.final
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
        begins, midnight = date_begins(day), date_begins(day, days_on=1)
        limits: list[tuple[float, Reason | None]] = [(each.start, each.reason) for each in outages]
        limits += [(each.end, None) for each in outages if each.end is not None]
        waiting = deque(sorted(limits, key=lambda each: each[0]))
        evaluations = [] if self._session.is_sound() else self._held.judged(self._session.one_by_one())
        numbers, repeats = moments.replies.tolist(), moments.again.tolist()
        judged = False
        for self._moment, at, found in evaluations:
            number, again = numbers[self._moment], repeats[self._moment]
            while waiting and waiting[0][0] < at:
                self._limit(*waiting.popleft(), over_at)
            if at >= midnight:
                break
            if found is None or at < begins:
                self._counted = number
                continue
            self._count(number - (not again))
            if at <= over_at and self._moment <= end:
                self._look(self._replies.said(at), place=_Place.WAITED)
            judged = judged or found.unknown is None
            self._replies.add(found.unknown, at, 0 if again else 1)
            self._counted = number
            if self._moment < end:
                clear = at < day.close and self._outside is None
                self._look(self._replies.said(at), clear=clear)
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
    session: RecordedReadings, held: HeldReplies, together: tuple[Readings, Ints] | None, *, late: bool
) -> Iterator[tuple[int, float, Readings]]:
    """Every evaluation that had something to evaluate, and its time; those that can be taken together are one."""
    rule, summary, final = session.rule, session.summary, session.final
    # Before its date (by a source's clock that is behind) and after it the session is not the current one.
    begins, midnight = date_begins(summary.day), date_begins(summary.day, days_on=1)
    if together is None or (final.moments.received[:1] < begins).any():
        for moment, at, found in held.judged(session.one_by_one()):
            if found is not None and begins <= at < midnight and len(found.labels):
                yield moment, at, found
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
            yield int(moments[end - 1]), float(received[end - 1]), part if end == first else _that_matter(rule, part)


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
