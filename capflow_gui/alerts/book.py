"""The alert book: judges every rule as lines are confirmed, and says which rules cannot be judged.

It is told every judged series (`evaluate`) and, about once a second, how each symbol fares (`observe`), and answers
with events. All calls are synchronous and on the loop's thread; times are arguments: market times in UTC epoch
seconds, `mono_now` in monotonic seconds. Where a source has a store, a change is written before it is told.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from capflow_gui.alerts.obstacles import OPENING_S, Obstacle, obstacle_to
from capflow_gui.alerts.records import AlertRecords, AlertStore, Watch
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert import (
    Kind,
    Readings,
    Rule,
    RuleKey,
    RuleState,
    Step,
    Transition,
    advance,
    catch_up,
    readings,
)
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.session import Calendar, Phase, TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent

_log = logging.getLogger(__name__)

# A session is over this long after its close, whether or not its last line was confirmed.
SESSION_END_S = 1800.0
# Turnover comes with the snapshots, every 30 s: two of their cycles.
TURNOVER_S = 60.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What `evaluate` was told last about a symbol: what a changed rule is judged on at once."""

    series: FlowSeries
    day: TradingDay
    turnover: float | None
    market_now: float


class AlertBook:
    """Every rule on every symbol, session after session.

    ignore_calendar  judge whatever session the source serves, and end none by the clock
    shared           a symbol has one source at a time, and may change it in mid-session

    A rule's state is kept by (rule, source, symbol, session). Of a symbol that changes its source (`shared`) the
    state goes along, at the first figures the new source gives: what was raised stands and is not raised again, and
    the new source's lines are judged from the minute after the last one that was, so that no breach falls between
    the two. Where the vendors differ, the new figures may clear an alert, as they may raise one. A record keeps the
    source it was raised on.
    """

    def __init__(
        self, calendar: Calendar, rules: RuleTable, *, ignore_calendar: bool = False, shared: bool = False
    ) -> None:
        self.calendar = calendar
        self._rules = rules
        self._ignore_calendar = ignore_calendar
        self._shared = shared
        self._judged_by: dict[Symbol, str] = {}
        self._records = AlertRecords()
        self._seen: dict[tuple[str, Symbol], _Seen] = {}
        self._watched_since: dict[Watch, float] = {}
        self._unfit: dict[Watch, Obstacle] = {}
        self._unjudged_since: dict[Watch, float] = {}

    # Reading

    @property
    def troubles(self) -> tuple[str, ...]:
        """What could not be kept, in sentences."""
        return tuple(self._records.troubles)

    def records(self) -> tuple[AlertRecord, ...]:
        """Every record, newest first."""
        return self._records.newest_first()

    def standing(self, symbol: Symbol) -> AlertRecord | None:
        """What a symbol's row says: an unacknowledged alert first, then a rule that cannot be judged, then the rest."""
        return self._records.standing(symbol)

    def threshold(self, symbol: Symbol) -> tuple[float | None, bool]:
        """The net-outflow level in force for a symbol, and whether it is its own."""
        return self._rules.threshold(symbol)

    # Intents

    def acknowledge(self, ids: Collection[int] | None = None) -> bool:
        """Mark alerts as seen (None: all of them); whether any was not."""
        return self._records.acknowledge(ids)

    def set_default(self, level: float | None) -> list[AlertEvent]:
        """Change the threshold for all (None: none), and judge at once every symbol that follows it."""
        return self._change(lambda: setattr(self._rules, "default", level))

    def set_override(self, symbol: Symbol, level: float | None) -> list[AlertEvent]:
        """Give a symbol a threshold of its own (None: none), and judge it at once."""
        return self._change(lambda: self._rules.overrides.update({symbol: level}))

    def inherit(self, symbol: Symbol) -> list[AlertEvent]:
        """Let a symbol follow the threshold for all again, and judge it at once."""
        return self._change(lambda: self._rules.overrides.pop(symbol, None))

    def _change(self, apply: Callable[[], object]) -> list[AlertEvent]:
        """Rules that go take their state along: one that comes back is begun anew, on the day so far."""
        before = {symbol: self._texts(symbol) for _, symbol in self._seen}
        apply()
        events: list[AlertEvent] = []
        for (source, symbol), seen in list(self._seen.items()):
            now = self._texts(symbol)
            for text in before[symbol] - now:
                events += self._drop(Watch(text, source, symbol), seen.market_now, "the rule was changed")
            if now - before[symbol]:
                events += self.evaluate(seen.series, seen.day, seen.turnover, seen.market_now)
        return events

    def _texts(self, symbol: Symbol) -> set[str]:
        return {rule.text for rule in self._rules.rules_for(symbol)}

    def forget_symbol(self, symbol: Symbol) -> list[AlertEvent]:
        """A symbol left the watchlist: what stands on it ends, and it is begun anew when it comes back."""
        events: list[AlertEvent] = []
        self._judged_by.pop(symbol, None)
        for source, held in [key for key in self._seen if key[1] == symbol]:
            seen = self._seen.pop((source, held))
            for text in self._texts(symbol):
                events += self._drop(Watch(text, source, symbol), seen.market_now, "no longer watched")
        return events

    def _drop(self, watch: Watch, market_now: float, reason: str) -> list[AlertEvent]:
        self._watched_since.pop(watch, None)
        self._unjudged_since.pop(watch, None)
        self._unfit.pop(watch, None)
        records = [
            record
            for held in (self._records.alerts, self._records.blocked)
            for record in self._records.finish(held, watch, AlertState.CLEARED, market_now, reason)
        ]
        self._records.forget(watch, records)
        return [_event(record, Step.CLEARED, market_now, reason=reason) for record in records]

    # Keeping

    def use_store(self, source: str, store: AlertStore, market_now: float) -> None:
        """Take up what was kept of a source, and keep its alerts from now on. To be called before its first series."""
        self._records.use_store(
            source,
            store,
            is_over=lambda record: self._is_over(record, source, market_now, None),
            in_force=lambda record: record.rule_text in self._texts(record.symbol),
        )

    def flush(self) -> None:
        """Write how far every rule got; to be called about once a minute, and before the program ends."""
        self._records.flush()

    # Judging

    def evaluate(
        self, series: FlowSeries, day: TradingDay | None, turnover: float | None, market_now: float
    ) -> list[AlertEvent]:
        """Judge every rule of the symbol on a judged intraday series; `day` is the trading day of its session.

        `turnover` is the session's so far, in the listing's currency, where it is known.
        """
        symbol, source = series.symbol, series.source
        if self._shared and self._judged_by.get(symbol) != source and day is not None and series.session == day.day:
            self._take_over(symbol, source)
        rules = {Watch(rule.text, source, symbol): rule for rule in self._rules.rules_for(symbol)}
        for watch in rules:
            self._watched_since.setdefault(watch, market_now)
        if day is None or series.session != day.day:
            self._unfit.update(dict.fromkeys(rules, Obstacle("the reply has no line of a session", OPENING_S)))
            return []
        self._seen[source, symbol] = _Seen(series, day, turnover, market_now)
        events = self._end_sessions(source, symbol, market_now, day)
        if not (self._ignore_calendar or self.calendar.session_date(symbol.market, market_now) == day.day):
            # Before the open brokers repeat the previous session: it is shown, and never judged.
            for watch in rules:
                self._unfit.pop(watch, None)
            return events
        for watch, rule in rules.items():
            found = readings(rule, series, day, turnover)
            if found.unknown:
                patience = TURNOVER_S if rule.kind is Kind.SHARE and not turnover else 0.0
                self._unfit[watch] = Obstacle(found.unknown, patience)
            else:
                self._unfit.pop(watch, None)
            if len(found.labels):
                events += self._judge(rule, watch, found, day, market_now)
        return events + self._end_sessions(source, symbol, market_now, day)

    def _take_over(self, symbol: Symbol, source: str) -> None:
        """Let what is known of a symbol go on at the source that gives its figures from now on."""
        self._judged_by[symbol] = source
        self._records.hand_over(symbol, source)
        for table in (self._watched_since, self._unjudged_since, self._unfit):
            for watch in [each for each in table if each.symbol == symbol and each.source != source]:
                del table[watch]
        for key in [each for each in self._seen if each[1] == symbol and each[0] != source]:
            del self._seen[key]

    def _judge(self, rule: Rule, watch: Watch, found: Readings, day: TradingDay, market_now: float) -> list[AlertEvent]:
        key = RuleKey(rule.text, watch.source, watch.symbol, day.day.isoformat())
        before = self._records.states.get(key)
        if before is not None:
            state, said = advance(rule, before, found)
        elif self._watched_since[watch] > day.open:
            state, said, silent = catch_up(rule, found)
            for each in silent:
                _log.info("%s, %s at %d: %s before it was watched", watch.symbol, rule.text, each.time, each.step)
        else:
            state, said = advance(rule, RuleState(), found)
        if state == before:
            return []
        self._records.set_state(key, state)
        events: list[AlertEvent] = []
        changed: list[AlertRecord] = []
        for transition in said:
            for record, step in self._apply(rule, watch, key.session, transition, market_now):
                events.append(_event(record, step, market_now, transition))
                changed.append(record)
        if said or before is None:
            self._records.write(watch.source, changed)
        return events

    def _apply(
        self, rule: Rule, watch: Watch, session: str, transition: Transition, market_now: float
    ) -> list[tuple[AlertRecord, Step]]:
        """The records a transition changes, and what happened to each."""
        records = self._records
        held = records.alerts.get(watch)
        if held is not None and transition.step is Step.ESCALATED:
            worse = records[held]
            record = replace(worse, state=AlertState.ACTIVE, escalations=worse.escalations + 1)
            records.keep(record)
            return [(record, Step.ESCALATED)]
        # A crossing is followed by the next one, with nothing between them: the one before is history then.
        ended = records.finish(records.alerts, watch, AlertState.CLEARED, market_now)
        changed = [(record, Step.CLEARED) for record in ended]
        if transition.step is Step.CLEARED:
            return changed
        record = AlertRecord(
            id=records.new_id(watch.source),
            source=watch.source,
            symbol=watch.symbol,
            rule=rule.condition,
            state=AlertState.ACTIVE,
            session=session,
            line_time=transition.time,
            value=transition.value,
            threshold=rule.level,
            raised_at=market_now,
            late=transition.late,
            escalations=int(transition.step is Step.ESCALATED),
            scope=str(rule.scope),
        )
        records.keep(record)
        records.alerts[watch] = record.id
        return [*changed, (record, transition.step)]

    # Sessions

    def _end_sessions(
        self, source: str, symbol: Symbol, market_now: float, serving: TradingDay | None = None
    ) -> list[AlertEvent]:
        """End what stands in a session that is over; `serving` is the session the source gives now."""
        ended: list[AlertRecord] = []
        for held in (self._records.alerts, self._records.blocked):
            for watch in [each for each in held if each.source == source and each.symbol == symbol]:
                if self._is_over(self._records[held[watch]], source, market_now, serving):
                    ended += self._records.finish(held, watch, AlertState.ENDED, market_now, "session ended")
        if ended:
            self._records.write(source, ended)
        return [_event(record, Step.CLEARED, market_now, reason="session ended") for record in ended]

    def _is_over(self, record: AlertRecord, source: str, market_now: float, serving: TradingDay | None) -> bool:
        if serving is not None and record.session < serving.day.isoformat():
            return True
        if self._ignore_calendar:
            return False
        market = record.symbol.market
        today = self.calendar.session_date(market, market_now)
        if record.session != today.isoformat():
            return record.session < today.isoformat()
        day = self.calendar.day(market, today)
        if day is None or market_now < day.close or record.raised_at >= day.close:
            # What was raised after the close stands until the exchange's date changes: somebody has to see it.
            return False
        seen = self._seen.get((source, record.symbol))
        final = seen is not None and seen.day.day == today and _is_final(seen)
        return final or market_now >= day.close + SESSION_END_S

    # What cannot be judged

    def observe(
        self,
        symbol: Symbol,
        source: str,
        *,
        freshness: Freshness,
        error: CapflowError | None,
        link: LinkState | None,
        planned_cycle_s: float,
        mono_now: float,
        market_now: float,
    ) -> list[AlertEvent]:
        """How a symbol fares, about once a second.

        A rule that could not be judged for more than two planned cycles, while its market is open and the symbol
        traded, raises one `blocked` event with the reason, and a `cleared` one when it is judged again.
        """
        events = self._end_sessions(source, symbol, market_now)
        resting = freshness is Freshness.HALTED or not (
            self._ignore_calendar or self.calendar.now(symbol.market, market_now).phase is Phase.OPEN
        )
        obstacle = None if resting else obstacle_to(freshness, error, link)
        for rule in self._rules.rules_for(symbol):
            watch = Watch(rule.text, source, symbol)
            self._watched_since.setdefault(watch, market_now)
            why = obstacle or self._unfit.get(watch)
            if resting:
                self._unjudged_since.pop(watch, None)
            elif why is None:
                self._unjudged_since.pop(watch, None)
                events += self._unblock(watch, market_now)
            elif watch not in self._records.blocked:
                since = self._unjudged_since.setdefault(watch, mono_now)
                # A row becomes stale after two cycles only: that wait is over already.
                waited = mono_now - since > max(2 * planned_cycle_s, why.patience_s)
                if waited or freshness is Freshness.STALE:
                    events.append(self._block(rule, watch, why.reason, market_now))
        return events

    def _block(self, rule: Rule, watch: Watch, reason: str, market_now: float) -> AlertEvent:
        record = AlertRecord(
            id=self._records.new_id(watch.source),
            source=watch.source,
            symbol=watch.symbol,
            rule=rule.condition,
            state=AlertState.BLOCKED,
            session=self.calendar.session_date(watch.symbol.market, market_now).isoformat(),
            line_time=int(market_now),
            value=math.nan,
            threshold=rule.level,
            raised_at=market_now,
            reason=reason,
            blocked=True,
            scope=str(rule.scope),
        )
        self._records.keep(record)
        self._records.blocked[watch] = record.id
        self._records.write(watch.source, [record])
        return _event(record, "blocked", market_now, reason=reason)

    def _unblock(self, watch: Watch, market_now: float) -> list[AlertEvent]:
        ended = self._records.finish(self._records.blocked, watch, AlertState.CLEARED, market_now)
        if ended:
            self._records.write(watch.source, ended)
        return [_event(record, Step.CLEARED, market_now, reason="judged again") for record in ended]


def _is_final(seen: _Seen) -> bool:
    """Whether the session's last line is confirmed."""
    stamps, confirmed = seen.series.timestamps, seen.series.confirmed
    return bool(len(stamps)) and int(stamps[-1]) >= seen.day.close and bool(confirmed[-1])


def _event(
    record: AlertRecord, change: str, market_now: float, transition: Transition | None = None, reason: str = ""
) -> AlertEvent:
    return AlertEvent(
        at=market_now,
        change=str(change),
        record=record,
        rule=record.rule_text,
        time=None if transition is None else transition.time,
        value=None if transition is None else transition.value,
        threshold=record.threshold if transition is None else transition.threshold,
        reason=reason,
        late=transition is not None and transition.late,
    )
