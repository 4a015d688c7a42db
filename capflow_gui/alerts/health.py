"""Whether a source answers while a market of its symbols is open: said once an outage, and once when it is over.

Within 15 s of the fault are known: a lost link, a refusal, a login or a right that is gone, and a source that answers
nothing while symbols on screen are asked. What cannot be known as soon: a source that falls silent while only symbols
off screen are asked, every 30 s or as the quota lets, is known some seconds after the next question; one that answers
with figures that stand, when these are stale, after three minutes or more.
"""

from __future__ import annotations

import math
from dataclasses import replace

from capflow_gui.alerts.book import AlertBook
from capflow_gui.domain.alert_record import (
    SOURCE_RULE,
    AlertChange,
    AlertEvent,
    AlertRecord,
    AlertState,
    record_id,
)
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import AuthFailed, NotSignedIn
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.reason import Code, Reason

# What is over again within so many seconds is said nowhere. With a turn a second, it is said within 15 s of the fault.
PATIENCE_S = 10.0
# A question that is open for so long, where the last answer was so long ago, finds the source silent: symbols on
# screen are asked every 10 s.
_ANSWER_S = 5.0
_SILENT_S = 12.0
# So long after a source answers again each of its rules must have been judged.
_SETTLED_S = 90.0
# Of so many symbols stale figures are the source's; of one less where figures of another source move.
_SEVERAL = 3
# These must last for a while.
_WAITED_FOR = frozenset({Code.SOURCE_LOST, Code.SOURCE_STALLED})
# Only figures that move show that these are over: not that the market closed, and nothing is asked.
_UNTIL_LIVE = frozenset({Code.SOURCE_SILENT, Code.SOURCE_STALLED})
# The source may mend these by itself: none is said after another problem was.
_PASSING = _WAITED_FOR | _UNTIL_LIVE


def source_problem(link: LinkState) -> Reason | None:
    """What is wrong with a source, by its link; None where nothing is."""
    source, unknown = link.source, Reason.of(Code.LINK_DOWN)
    if link.phase is LinkPhase.FAILED:
        wants_login = isinstance(link.error, AuthFailed | NotSignedIn)
        code = Code.SOURCE_WANTS_LOGIN if wants_login else Code.SOURCE_REFUSED
        return Reason.of(code, source=source, why=link.reason or unknown)
    if link.phase is not LinkPhase.READY:
        return Reason.of(Code.SOURCE_LOST, source=source, why=link.reason or unknown)
    if (why := link.fact(LinkFact.KICKED_OUT) or link.fact(LinkFact.LOGGED_OUT)) is not None:
        return Reason.of(Code.SOURCE_LOGGED_OUT, source=source, why=why)
    if (why := link.fact(LinkFact.QUOTE_RIGHT_LOST)) is not None:
        return Reason.of(Code.SOURCE_RIGHT_LOST, source=source, why=why)
    return None


def silent_since(feed: SourceFeed, opened: float, now: float) -> float | None:
    """Since when a source has answered nothing it was asked on this connection; None where it has, or for not long.

    opened  when a market of its symbols opened. All are monotonic seconds.
    """
    asked, answered = feed.intake.unanswered_since, feed.intake.answered_at
    if asked is None or feed.ready_since is None:
        return None
    begun = max(feed.ready_since, opened)
    since, was_well = max(asked, begun), max(answered or begun, begun)
    # One that never answered on this connection may have been waited for before it was called ready.
    patience_s = PATIENCE_S if was_well == begun else _SILENT_S
    return since if now - since >= _ANSWER_S and now - was_well >= patience_s else None


def stalled_since(feed: SourceFeed, now: float, *, others_move: bool = False) -> float | None:
    """When the newest figures were true, where those of several symbols, and of all that should be live, are stale.

    Monotonic seconds. Of one symbol alone it cannot be told whether the source or the symbol stands. `others_move`:
    figures of another source are live.
    """
    stale = [symbol for symbol, state in feed.states.items() if state is Freshness.STALE]
    if len(stale) < _SEVERAL - others_move or Freshness.LIVE in feed.states.values():
        return None
    ages = (feed.age(symbol) for symbol in stale)
    return now - min((age for age in ages if age is not None), default=0.0) / feed.market.rate


def moves(feed: SourceFeed, now: float) -> bool:
    """Whether the source has answered of late, or was asked nothing, and the figures of a symbol are live."""
    asked = feed.intake.unanswered_since
    return (asked is None or now - asked < _ANSWER_S) and Freshness.LIVE in feed.states.values()


class SourceHealth:
    """One source. Monotonic seconds and market times, in UTC epoch seconds, are arguments.

    said  the problem that was said in this run and is not over; None: there is none

    Each outage has one record in the book, of all programs that see it: its id follows from the outage before it. A
    problem that follows another one of the same outage is announced by the same record. A record is ended by a program
    that said it, or that began after it and finds the source well; where it is not over for this program, it is said
    anew.
    """

    def __init__(self, source: str, book: AlertBook) -> None:
        self.said: Reason | None = None
        self._source = source
        self._book = book
        self._since: float | None = None
        self._began: float | None = None  # market time of the first look
        self._ended_elsewhere: float | None = None  # since when (monotonic)
        self._look_back: tuple[float, float] | None = None  # when (monotonic), and to which market time

    def look_back(self, mono_now: float, market_now: float) -> list[AlertEvent]:
        """A while after an outage: announce the rules that cannot be judged still, and were not announced during it."""
        if self._look_back is None or mono_now < self._look_back[0] or self.said is not None:
            return []
        began, self._look_back = self._look_back[1], None
        return [
            self._note(AlertChange.CANNOT_JUDGE, replace(each, told=each.told + 1), market_now, each.reason)
            for each in self._book.records()
            if each.cannot_judge and each.waiting and not each.of_source
            if each.source == self._source and each.raised_at >= began
        ]

    def look(
        self,
        problem: Reason | None,
        symbol: Symbol | None,
        mono_now: float,
        market_now: float,
        *,
        live: bool = True,
    ) -> tuple[Reason, bool] | None:
        """What is to be said now: a problem, and whether it is over. It is recorded, too.

        symbol  one of the source whose market is open; None: none is, and no problem is said
        live    whether figures of any symbol are live
        """
        self._began = market_now if self._began is None else self._began
        standing = self._standing(market_now)
        if problem is None or symbol is None or self.said is None or standing:
            self._ended_elsewhere = None
        elif self._ended_elsewhere is None:
            self._ended_elsewhere = mono_now
        if problem is None:
            if self._since is not None:
                self._look_back = mono_now + _SETTLED_S, market_now - (mono_now - self._since)
                self._since = None
            return self._end(standing, mono_now, market_now, live=live)
        if symbol is None:
            self._since = None
            return None
        self._since = mono_now if self._since is None else self._since
        waits = problem.code in _WAITED_FOR and mono_now - self._since < PATIENCE_S
        graver = self.said is None or not (problem.code in _PASSING or self.said.code is problem.code)
        if waits or not graver:
            if self._ended_elsewhere is not None and mono_now - self._ended_elsewhere >= PATIENCE_S:
                # The other program's connection is well, this one's is not.
                self._begin([], problem, symbol, market_now - PATIENCE_S, market_now)
            return None
        self.said = problem
        self._begin(standing, problem, symbol, market_now - (mono_now - self._since), market_now)
        return problem, False

    def _standing(self, market_now: float) -> list[AlertRecord]:
        """The records of today's sessions that stand, those of other programs and runs too; older ones are ended."""
        found = []
        for record in self._book.kept.of_source(self._source):
            if record.standing:
                if record.session < self._book.sessions.today(record.symbol, market_now):
                    self.said = None
                    over = Reason.of(Code.SESSION_ENDED)
                    self._note(AlertChange.JUDGED_AGAIN, record, market_now, over, state=AlertState.ENDED)
                else:
                    found.append(record)
        return found

    def _begin(
        self, standing: list[AlertRecord], problem: Reason, symbol: Symbol, began: float, market_now: float
    ) -> None:
        if standing:
            (record, *_) = standing
            if record.reason is None or record.reason.code is not problem.code:
                worse = replace(record, rule=problem.code.value, reason=problem, told=record.told + 1)
                self._note(AlertChange.CANNOT_JUDGE, worse, market_now, problem)
            return
        session, simulated = self._book.sessions.today(symbol, market_now), self._book.simulated(self._source)
        # Programs that see it at another time, and by another symbol, know the same outage before it.
        earlier = [each for each in self._book.kept.of_source(self._source) if each.session == session]
        before = max(earlier, key=lambda each: (each.line_time, each.id), default=None)
        key = (SOURCE_RULE, "", self._source, "" if before is None else before.id, session)
        number = record_id(key, 0, cannot_judge=True, simulated=simulated)
        record = AlertRecord(
            id=number,
            source=self._source,
            symbol=symbol,
            rule=problem.code.value,
            state=AlertState.ACTIVE,
            session=session,
            # Of two outages of a session it is never the same.
            line_time=int(began) if before is None else max(int(began), before.line_time + 1),
            value=math.nan,
            threshold=0.0,
            raised_at=market_now,
            reason=problem,
            cannot_judge=True,
            scope=self._source,
            rule_id=SOURCE_RULE,
            simulated=simulated,
        )
        self._note(AlertChange.CANNOT_JUDGE, record, market_now, problem)

    def _end(
        self, standing: list[AlertRecord], mono_now: float, market_now: float, *, live: bool
    ) -> tuple[Reason, bool] | None:
        if self.said is None:
            # What another program that runs beside this one says is that one's to end.
            standing = [each for each in standing if self._began is None or each.raised_at < self._began]
        said = [reason for reason in (self.said, *(each.reason for each in standing)) if reason is not None]
        if not said or (any(each.code in _UNTIL_LIVE for each in said) and not live):
            return None
        again = Reason.of(Code.SOURCE_AGAIN, source=self._source)
        for record in standing:
            self._note(AlertChange.JUDGED_AGAIN, record, market_now, again, state=AlertState.CLEARED)
            self._look_back = mono_now + _SETTLED_S, record.line_time
        over, self.said = self.said, None
        return None if over is None else (over, True)

    def _note(
        self,
        change: AlertChange,
        record: AlertRecord,
        market_now: float,
        reason: Reason | None,
        *,
        state: AlertState = AlertState.ACTIVE,
    ) -> AlertEvent:
        if state is not AlertState.ACTIVE:
            record = replace(record, state=state, cleared_at=market_now)
        event = AlertEvent(market_now, change, record, None, None, record.threshold, reason)
        self._book.keep(event)
        return event
