"""A watch: one version of one rule on one symbol at one source, in one session."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from datetime import date

from capflow_gui.alerts.evaluation import Evaluation, Look, Obstacle
from capflow_gui.alerts.past import PastKey
from capflow_gui.alerts.records import AlertRecords
from capflow_gui.domain.alert import Kind, Readings, Rule, RuleState, StateKey, Step, Transition, advance, catch_up
from capflow_gui.domain.alert_record import PRELIMINARY, AlertChange, AlertRecord, AlertState, record_id
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, PartFailed, ProtocolError, ProviderError, RequestRejected
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.reason import Code, Reason

_log = logging.getLogger(__name__)

# How long after the open a source may have no line of the new session.
OPENING_S = 180.0
# How long the first answer may take: a source's time and turnovers are asked before it.
FIRST_ANSWER_S = 10.0
# Turnover comes with the snapshots, every 30 s: two of their cycles.
TURNOVER_S = 60.0
# How long after its label a minute that is not confirmed may still be marked early: a source that stands says nothing.
_EARLY_S = 180.0
# How long what a rule needs may be read before that is said, and how much is kept until it is there.
_READING_S, _MOST_WAITING = 60.0, 100
# The third reply in a row that cannot be judged comes two cycles after the first.
_REPLIES = 3
# Programs on one profile see one by one that a rule cannot be judged, within so long.
_SAME_S = 120.0


@dataclass(slots=True)
class Unjudged:
    """The replies in a row on which a rule cannot be judged; how many they are and when they came decides alone.

    obstacle  why the newest cannot; None where it can
    since     when the first of them came, UTC epoch seconds
    count     how many they are
    """

    obstacle: Obstacle | None = None
    since: float = 0.0
    count: int = 0

    def add(self, why: Reason | None, received: float, replies: int) -> None:
        """Go on to the next reply, or to a number of them that said the same."""
        if why is None:
            self.obstacle = None
            return
        if self.obstacle is None:
            self.since, self.count, replies = received, 0, max(1, replies)
        self.count += replies
        waits = why.code in (Code.TURNOVER_UNKNOWN, Code.TURNOVER_OLD)
        self.obstacle = Obstacle(why, TURNOVER_S if waits else 0.0)

    def said(self, at: float) -> Obstacle | None:
        """What is in the way, once it has been there for two cycles and for as long as it must."""
        if self.obstacle is None or self.count < _REPLIES or at - self.since < self.obstacle.patience_s:
            return None
        return self.obstacle


def obstacle_to(
    freshness: Freshness, error: CapflowError | None, link: LinkState | None, problem: Reason | None = None
) -> Obstacle | None:
    """Why the rules of a symbol cannot be judged; None where they can. `problem` is what is wrong with its source."""
    if link is not None and link.phase is not LinkPhase.READY:
        return Obstacle(_not_connected(link))
    obstacle = _obstacle_of(freshness, error)
    if obstacle is None or problem is None:
        return obstacle
    # Of a right that is gone other symbols may know nothing.
    if problem.code is Code.SOURCE_RIGHT_LOST and freshness is not Freshness.NO_PERMISSION:
        return obstacle
    return replace(obstacle, reason=problem)


def _obstacle_of(freshness: Freshness, error: CapflowError | None) -> Obstacle | None:
    match freshness:
        case Freshness.ERROR | Freshness.NO_PERMISSION:
            return Obstacle(_error_reason(error))
        case Freshness.NEVER_POLLED:
            return Obstacle(Reason.of(Code.NO_ANSWER_YET), FIRST_ANSWER_S)
        case Freshness.STALE:
            return Obstacle(Reason.of(Code.TIME_STANDS), at_once=True)
        case Freshness.PREVIOUS_SESSION:
            return Obstacle(Reason.of(Code.PREVIOUS_SESSION), OPENING_S)
        case _:
            return None


def _not_connected(link: LinkState) -> Reason:
    if link.reason is None:
        return Reason.of(Code.NOT_CONNECTED)
    return Reason.of(Code.NOT_CONNECTED_BECAUSE, why=link.reason)


def _error_reason(error: CapflowError | None) -> Reason:
    match error:
        case RequestRejected() if error.message:
            return Reason.of(Code.VERBATIM, text=error.message)
        case ProviderError() | ProtocolError() | PartFailed():
            return error.reason
        case None:
            return Reason.of(Code.NO_ANSWER)
    return Reason.of(Code.VERBATIM, text=str(error))


class Watch:
    """Everything that is known of a rule on a symbol. All times are market times.

    session         the ISO date of the session it is in; "" before that is known
    since           when it began to watch, UTC epoch seconds; None before the source was connected
    state           where the rule stands; None before its first evaluation in the session
    alert           the id of the alert that stands
    early           the id of the record of a minute that is past the level and not over
    unjudged        the id of the record that says that the rule cannot be judged, while that stands
    replies         the newest ones, where it cannot be judged on them
    unwritten       whether `state` is newer than what was given to the store
    waiting         what is to be taken up, in order, once what it waits for is read
    waits_since     when that was first seen at a look, monotonic seconds
    """

    __slots__ = (
        "_records",
        "alert",
        "early",
        "replies",
        "rule",
        "rule_id",
        "session",
        "simulated",
        "since",
        "source",
        "state",
        "symbol",
        "unjudged",
        "unwritten",
        "version",
        "waiting",
        "waits_since",
    )

    def __init__(self, rule: Rule, source: str, symbol: Symbol, records: AlertRecords, *, simulated: bool) -> None:
        self.rule, self.rule_id, self.version = rule, rule.id, rule.version
        self.source, self.symbol, self.simulated = source, symbol, simulated
        self._records = records
        self.session = ""
        self.since: float | None = None
        self.replies = Unjudged()
        self.state: RuleState | None = None
        self.alert: str | None = None
        self.early: str | None = None
        self.unjudged: str | None = None
        self.unwritten = False
        self.waiting: list[Evaluation | Look] = []
        self.waits_since: float | None = None

    @property
    def key(self) -> StateKey:
        """What its state is kept under."""
        return StateKey(self.rule_id, self.version, self.source, self.symbol, self.session)

    def past_key(self, session: date) -> PastKey:
        """What an UNUSUAL or a DIVERGENCE rule is judged by beside a reply of a session."""
        rule = self.rule
        if rule.kind is Kind.DIVERGENCE:
            return PastKey(self.source, self.symbol, session)
        return PastKey(self.source, self.symbol, session, rule.metric, rule.minutes)

    @property
    def held(self) -> list[str]:
        """The ids of the records that stand for it."""
        return [number for number in (self.alert, self.unjudged, self.early) if number is not None]

    @property
    def is_obstructed(self) -> bool:
        """Whether it cannot be judged on the newest reply, or that is said still."""
        return self.replies.obstacle is not None or self.unjudged is not None

    def covers(self, record: AlertRecord) -> bool:
        """Whether a record is one of this rule, symbol and session (any while it has none), at whichever source."""
        ours = (self.rule_id, self.version, self.symbol, self.simulated, self.session or record.session)
        return (record.rule_id, record.version, record.symbol, record.simulated, record.session) == ours

    # Judging

    def judge(self, found: Readings, day: TradingDay, market_now: float, *, over: bool) -> list[AlertEvent]:
        """Evaluate the newly confirmed lines. `over`: trading has ended, so a breach seen late raises nothing."""
        before = self.state
        events: list[AlertEvent] = []
        if before is not None:
            state, said = advance(self.rule, before, found)
        elif self.since is not None and self.since > day.open:
            state, said, silent = catch_up(self.rule, found)
            for each in silent:
                _log.info("%s, %s at %d: %s before it was watched", self.symbol, self.rule.text, each.time, each.step)
            said = [] if over else said
            if not state.active:
                events += self._finish(AlertState.CLEARED, market_now, None)
        else:
            state, said = advance(self.rule, RuleState(), found)
        if state != before:
            self.state, self.unwritten = state, True
        for each in said:
            events += self._apply(each, market_now)
        if self.early is not None and state.upto >= (label := self._records[self.early].line_time):
            value = next(iter(found.values[found.labels == label].tolist()), math.nan)
            events += self._withdraw(market_now, Reason.of(Code.EARLY_WITHDRAWN), value)
        return events

    def wait(self, item: Evaluation | Look) -> None:
        """Put off what cannot be judged or said yet. Beyond so many, the newest takes the place of the one before."""
        if item not in self.waiting[-1:]:
            del self.waiting[_MOST_WAITING - 1 :]
            self.waiting.append(item)

    def look_while_waiting(self, market_now: float, mono_now: float) -> list[AlertEvent]:
        """Say that the rule cannot be judged where it has waited for too long; `mono_now` in monotonic seconds."""
        self.waits_since = mono_now if self.waits_since is None else self.waits_since
        if mono_now - self.waits_since <= _READING_S:
            return []
        return self.look(Obstacle(Reason.of(Code.STILL_READING)), market_now, clear=False)

    def look_ahead(self, found: Readings, market_now: float) -> list[AlertEvent]:
        """Mark the minute that would raise the rule if it ended as it stands; `found` has unconfirmed lines too."""
        if self.state is None or self.early is not None:
            return []
        for each in advance(self.rule, self.state, found)[1]:
            if each.step is Step.RAISED and market_now <= each.time + _EARLY_S:
                number = self._id(each.time, cannot_judge=False)
                record = replace(self._new(each.time, market_now, number, value=each.value), told=0, seen=0)
                self.early = record.id
                return [self._event(record, AlertChange.EARLY, market_now, each)]
        return []

    def _withdraw(self, market_now: float, reason: Reason, value: float = math.nan) -> list[AlertEvent]:
        """Withdraw an early mark; `value` is what the minute ended at, where that is known."""
        number, self.early = self.early, None
        if number is None:
            return []
        record = replace(self._records[number], state=AlertState.CLEARED, cleared_at=market_now, reason=reason)
        ended = Transition(Step.CLEARED, record.line_time, value, self.rule.level)
        return [self._event(record, AlertChange.WITHDRAWN, market_now, ended, reason)]

    def _apply(self, transition: Transition, market_now: float) -> list[AlertEvent]:
        if self.alert is not None and transition.step is Step.ESCALATED:
            record = self._records[self.alert]
            worse = replace(record, escalations=record.escalations + 1, told=record.told + 1)
            return [self._event(worse, AlertChange.ESCALATED, market_now, transition)]
        raises = transition.step is not Step.CLEARED
        number = self._id(transition.time, cannot_judge=False)
        if raises and number == self.alert:
            # Kept from before, and its state was lost: it was announced then.
            return []
        events: list[AlertEvent] = []
        if raises and number == self.early:
            self.early = None
        elif raises:
            events += self._withdraw(market_now, Reason.of(Code.EARLY_WITHDRAWN))
        # A crossing is followed by the next one, with nothing between them: the one before is history then.
        events += self._finish(AlertState.CLEARED, market_now, None, transition)
        if not raises:
            return events
        record = self._new(
            transition.time,
            market_now,
            number,
            value=transition.value,
            late=transition.late,
            escalations=int(transition.step is Step.ESCALATED),
        )
        self.alert = record.id
        return [*events, self._event(record, AlertChange(transition.step.value), market_now, transition)]

    def _id(self, ordinal: int, *, cannot_judge: bool) -> str:
        run = self._records.run
        key = (*self.key, run) if run else self.key
        return record_id(key, ordinal, cannot_judge=cannot_judge, simulated=self.simulated)

    def _new(
        self,
        at: int,
        market_now: float,
        number: str,
        *,
        value: float,
        late: bool = False,
        escalations: int = 0,
        reason: Reason | None = None,
        cannot_judge: bool = False,
    ) -> AlertRecord:
        """A record of this watch. If it exists already, it is the same event: it is opened again."""
        known = self._records.get(number)
        goes_on = known is not None and (known.standing or known.reason == Reason.of(Code.HANDED_OVER))
        return AlertRecord(
            id=number,
            source=self.source,
            symbol=self.symbol,
            rule=self.rule.condition,
            state=AlertState.ACTIVE,
            session=self.session,
            line_time=at if known is None else known.line_time,
            value=value,
            threshold=self.rule.level,
            raised_at=market_now,
            late=late,
            escalations=escalations,
            reason=reason,
            cannot_judge=cannot_judge,
            scope=str(self.rule.scope),
            rule_id=self.rule_id,
            version=self.version,
            told=1 if known is None else known.told + (known.early or not goes_on),
            seen=0 if known is None else known.seen,
            snoozed_until=None if known is None else known.snoozed_until,
            snoozes=0 if known is None else known.snoozes,
            simulated=self.simulated,
        )

    def _event(
        self,
        record: AlertRecord,
        change: AlertChange,
        market_now: float,
        transition: Transition | None = None,
        reason: Reason | None = None,
    ) -> AlertEvent:
        self._records.keep(record)
        event = AlertEvent(
            at=market_now,
            change=change,
            record=record,
            time=None if transition is None else transition.time,
            value=None if transition is None else transition.value,
            threshold=record.threshold if transition is None else transition.threshold,
            reason=reason,
            late=transition is not None and transition.late,
            run=self._records.run,
        )
        if change not in PRELIMINARY:
            self._records.note(event)
        return event

    # What cannot be judged

    def look_at_replies(self, day: TradingDay, at: float, *, clear: bool) -> list[AlertEvent]:
        """Say that the rule cannot be judged on the replies up to a time, or (`clear`) that it can be again.

        A watch that began after the close of their session, `day`, has missed nothing.
        """
        late = self.since is not None and self.since >= day.close
        return self.look(None if late else self.replies.said(at), at, clear=clear)

    def look(self, why: Obstacle | None, market_now: float, *, clear: bool) -> list[AlertEvent]:
        """Say that the rule cannot be judged, and why; or (`clear`) that it can be again, if the newest reply can.

        Nothing is said of a rule that has expired.
        """
        if self.rule.until is not None and self.session > self.rule.until.isoformat():
            return []
        if why is not None:
            return self._cannot_judge(why.reason, market_now)
        if clear and self.unjudged is not None and self.replies.obstacle is None:
            return self._judged_again(AlertState.CLEARED, market_now, Reason.of(Code.JUDGED_AGAIN))
        return []

    def _cannot_judge(self, reason: Reason, market_now: float) -> list[AlertEvent]:
        if self.unjudged is not None:
            record = self._records[self.unjudged]
            if record.reason != reason:
                self._records.keep(replace(record, reason=reason))
            return []
        number = self._unjudged_id(market_now)
        record = self._new(int(market_now), market_now, number, value=math.nan, reason=reason, cannot_judge=True)
        self.unjudged = record.id
        return [self._event(record, AlertChange.CANNOT_JUDGE, market_now, reason=reason)]

    def _unjudged_id(self, market_now: float) -> str:
        """The id of what cannot be judged from now on: of the record that another program has of it, if one has."""
        for record in self._records.of_rule(self.symbol, self.rule_id, self.version):
            alike = record.cannot_judge and record.source == self.source and self.covers(record)
            if alike and record.standing and abs(market_now - record.raised_at) < _SAME_S:
                return record.id
        return self._id(int(market_now // 60.0), cannot_judge=True)

    def _judged_again(self, state: AlertState, market_now: float, reason: Reason) -> list[AlertEvent]:
        number, self.unjudged = self.unjudged, None
        if number is None:
            return []
        # The record keeps why it could not be judged.
        record = replace(self._records[number], state=state, cleared_at=market_now)
        return [self._event(record, AlertChange.JUDGED_AGAIN, market_now, reason=reason)]

    # Ends

    def enter(self, session: str) -> None:
        """Begin a session, without state. Records of the one before must have been ended."""
        self.session, self.state, self.unwritten, self.replies = session, None, False, Unjudged()
        self.waiting, self.waits_since = [], None

    def follow(self, old: Watch) -> bool:
        """Go on from where the watch of another source stands; whether its state is taken, as it got further."""
        self.since = old.since if self.since is None else self.since
        self.alert = self._records.newer(old.alert, self.alert, self.source)
        self.unjudged = self._records.newer(old.unjudged, self.unjudged, self.source)
        self.early = self._records.newer(old.early, self.early, self.source)
        if old.state is None or (self.state is not None and self.state.upto >= old.state.upto):
            return False
        self.session, self.state, self.unwritten = old.session, old.state, True
        return True

    def end(self, state: AlertState, market_now: float, reason: Reason, *, seen: bool = False) -> list[AlertEvent]:
        """End the records that stand. `seen`: the user caused it, so they count as acknowledged."""
        if seen and self.alert is not None:
            self._records.acknowledge([self.alert])
        self.replies = Unjudged()
        return [
            *self._finish(state, market_now, reason),
            *self._judged_again(state, market_now, reason),
            *self._withdraw(market_now, reason),
        ]

    def _finish(
        self, state: AlertState, market_now: float, reason: Reason | None, transition: Transition | None = None
    ) -> list[AlertEvent]:
        number, self.alert = self.alert, None
        if number is None:
            return []
        record = replace(self._records[number], state=state, cleared_at=market_now, reason=reason)
        return [self._event(record, AlertChange.CLEARED, market_now, transition, reason)]
