"""Judges the replies of a symbol by each of its rules, in the order in which they came."""

from __future__ import annotations

import math
from collections.abc import Callable

from capflow_gui.alerts.evaluation import Evaluation, Look
from capflow_gui.alerts.keeping import AlertKeeping
from capflow_gui.alerts.past import NO_PAST, FindPast, Past
from capflow_gui.alerts.place import Place
from capflow_gui.alerts.sessions import Sessions
from capflow_gui.alerts.watch import Watch
from capflow_gui.domain.alert import Kind, readings
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import AlertEvent
from capflow_gui.reason import Code, Reason

Later = Callable[[Symbol, str], object] | None
# So many rules of a symbol are judged in one go: a few hundredths of a second where all of them alert.
_AT_ONCE = 200
_NEED_PAST = frozenset({Kind.UNUSUAL, Kind.DIVERGENCE})


class Judge:
    """Judges by what is there. A rule for which something has to be read waits, and misses nothing.

    enter    begins a session of a watch, an ISO date at a market time, where it is not in it
    later    is called where rules of a symbol at a source are left, so that they go on (`go_on`) in a moment, and the
             window lives meanwhile; None: all are judged at once
    at_once  so many rules of a symbol are judged in one go
    """

    def __init__(
        self,
        sessions: Sessions,
        keeping: AlertKeeping,
        find_past: FindPast,
        enter: Callable[[Watch, str, float], None],
        later: Later = None,
    ) -> None:
        self.at_once = math.inf if later is None else _AT_ONCE
        self._later = later
        self._sessions = sessions
        self._keeping = keeping
        self._find_past = find_past
        self._enter = enter

    def judge(self, place: Place, market_now: float, replies: int = 0, *, goes_on: bool = False) -> list[AlertEvent]:
        """Judge the newest reply of a symbol, by each rule that need not wait; see `Evaluation`."""
        reply, sessions = place.reply, self._sessions
        if reply is None or place.is_held:
            return []
        is_closed, received = sessions.is_closed(reply.day, market_now), reply.series.received
        evaluation = Evaluation(
            reply,
            market_now,
            replies,
            goes_on=goes_on,
            is_current=sessions.is_current(reply.day, market_now),
            is_closed=is_closed,
            is_over=sessions.is_todays_over(place, market_now),
            is_clear=not is_closed and place.outside is None,
            session=reply.day.day.isoformat(),
            received=market_now if received is None else received,
        )
        events: list[AlertEvent] = []
        for number, watch in enumerate(place.watches.values()):
            is_left = number >= self.at_once
            past = None if is_left or watch.waiting else self._past(watch, evaluation)
            if past is not None:
                events += self._judge_by(watch, place, evaluation, past)
            else:
                events += self._begin(watch, evaluation)
                watch.wait(evaluation)
            if is_left:
                self.leave(place)
        return events

    def leave(self, place: Place) -> None:
        """Have what waits at a symbol taken up in a moment."""
        if self._later is not None and not place.is_left:
            place.is_left = True
            self._later(place.symbol, place.source)

    def _past(self, watch: Watch, evaluation: Evaluation) -> Past | None:
        """What a rule is judged by beside replies; None: that, or the store, is being read."""
        if self._keeping.is_opening(watch.simulated):
            return None
        if watch.rule.kind not in _NEED_PAST or not evaluation.is_current:
            return NO_PAST
        return self._find_past(watch.past_key(evaluation.reply.day.day))

    def _begin(self, watch: Watch, evaluation: Evaluation) -> list[AlertEvent]:
        """End the session a watch is in, if that is over, and begin the one that is to be judged."""
        day, now = evaluation.reply.day, evaluation.market_now
        events = self.end_session(watch, now, todays_over=evaluation.is_over, serving=day)
        watch.since = now if watch.since is None else watch.since
        if evaluation.is_current:
            self._enter(watch, evaluation.session, now)
        return events

    def _judge_by(self, watch: Watch, place: Place, evaluation: Evaluation, past: Past) -> list[AlertEvent]:
        """Judge a reply by one rule."""
        reply, now, received = evaluation.reply, evaluation.market_now, evaluation.received
        events: list[AlertEvent] = []
        if evaluation.goes_on and watch.is_obstructed:  # what has been in the way until now, and has lasted
            events += watch.look_at_replies(reply.day, received, clear=False)
        if watch.since is None or watch.session != evaluation.session or evaluation.is_over:
            events += self._begin(watch, evaluation)
        if not evaluation.is_current:
            # Before the open brokers repeat the previous session: it is shown, and never judged.
            watch.replies.obstacle = None
            return events
        if past.then:
            place.take_recorded(past.then)
        upto = 0 if watch.state is None else watch.state.upto
        found = readings(watch.rule, reply.series, reply.day, reply.turnover, upto, then=place.then, past=past.usual)
        if len(found.labels):
            # A restart must know that the day so far was walked.
            if watch.state is None:
                self._keeping.is_due()
            events += watch.judge(found, reply.day, now, over=evaluation.is_closed)
        if watch.rule.early and not evaluation.is_closed:
            events += place.look_ahead(watch, evaluation, past.usual)
        watch.replies.add(found.unknown, received, evaluation.replies)
        if evaluation.is_over:
            events += self.end_session(watch, now, todays_over=True)
        if watch.is_obstructed and not (evaluation.is_closed and evaluation.is_over):
            events += watch.look_at_replies(reply.day, received, clear=evaluation.is_clear)
        return events

    def measure(self, place: Place, record: AlertRecord) -> float:
        """What the rule of a record measures now, as it is judged; NaN where that is not known."""
        watch = place.watches.get((record.rule_id, record.version))
        if watch is None or place.reply is None:
            return math.nan
        past: Past | None = NO_PAST
        if watch.rule.kind in _NEED_PAST:
            past = self._find_past(watch.past_key(place.reply.day.day))
        return math.nan if past is None else place.measure(watch.rule, record.session, past.usual)

    def go_on(self, place: Place) -> list[AlertEvent]:
        """Take up what waits, in order, as far as nothing has to be read for it and it is not too much."""
        events: list[AlertEvent] = []
        place.is_left, left = False, self.at_once
        for watch in place.watches.values():
            while watch.waiting:
                if left <= 0:
                    self.leave(place)
                    return events
                item, left = watch.waiting[0], left - 1
                if isinstance(item, Look):
                    events += watch.look(item.why, item.market_now, clear=item.clear)
                elif (past := self._past(watch, item)) is not None:
                    events += self._judge_by(watch, place, item, past)
                else:
                    break
                del watch.waiting[0]
            watch.waits_since = watch.waits_since if watch.waiting else None
        return events

    def end_session(
        self, watch: Watch, market_now: float, *, todays_over: bool, serving: TradingDay | None = None
    ) -> list[AlertEvent]:
        """End the records of a watch whose session is over; `serving` is the session the source gives now."""
        if not (watch.session and watch.held):
            return []
        is_over = self._sessions.is_over(watch, market_now, todays_over=todays_over, serving=serving)
        return watch.end(AlertState.ENDED, market_now, Reason.of(Code.SESSION_ENDED)) if is_over else []
