"""The alert book: judges every rule as lines are confirmed, and says which rules cannot be judged.

It is told every judged series (`evaluate`) and, about once a second, each symbol's freshness (`observe`), and answers
with events. All calls are synchronous and on the loop's thread; times are arguments: market times in UTC epoch
seconds, `mono_now` in monotonic seconds. The stores are given what is to be saved, and write it in their own threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cache

from capflow_gui.alerts.evaluation import Look, Obstacle, Reply, Stretch
from capflow_gui.alerts.judge import Judge, Later
from capflow_gui.alerts.keeping import AlertKeeping
from capflow_gui.alerts.past import FindPast, nothing_past
from capflow_gui.alerts.place import Place
from capflow_gui.alerts.records import AlertRecords, AlertStore
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.alerts.sessions import Sessions
from capflow_gui.alerts.watch import Watch, obstacle_to
from capflow_gui.archive.model import Outage
from capflow_gui.domain.alert import RuleState, StateKey
from capflow_gui.domain.alert_record import AlertRecord, AlertState, Changed, Loaded, News
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar, Phase, TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, ThresholdChoice
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.reason import Code, Reason

# What a record or a state may be ahead of market now; further ahead it is of an earlier run of a simulator's clock.
_AHEAD_S = 120.0
# Market now of a source, UTC epoch seconds; None where that is not known.
MarketNow = Callable[[str], float | None]


class AlertBook:
    """Every rule on every symbol, session after session.

    ignore_calendar  judge whatever session the source serves, and end none by the clock
    sessions         which session is judged; its calendar may be replaced
    kept             the records, those of desks among them, which others put there: they are saved within a second
    shared           a symbol has one source at a time, and may change it in mid-session
    note             is given each outage when it is said and when it ends
    find_past        gives what was recorded and rules need; a rule waits while that is read
    later            is called where so many rules of a symbol at a source are to be judged that the rest waits for
                     `judge_waiting`; None: all are judged at once
    run              of the playback whose alerts these are: they are kept nowhere. Empty: they are live

    When a symbol changes its source (`shared`), its state moves there with the new source's first figures. Alerts that
    stand are not raised again. The new source's lines are evaluated from the minute after the last evaluated one, and
    may raise or clear an alert. A record keeps the source it was raised at.
    """

    def __init__(
        self,
        calendar: Calendar,
        rules: RuleTable,
        *,
        ignore_calendar: bool = False,
        shared: bool = False,
        note: Callable[[Outage], None] = lambda _outage: None,
        run: str = "",
        find_past: FindPast = nothing_past,
        later: Later = None,
    ) -> None:
        self.sessions = Sessions(calendar, ignore_calendar=ignore_calendar)
        self._rules = rules
        self._shared = shared
        self._note = note
        self.kept = AlertRecords(run)
        self._places: dict[Symbol, dict[str, Place]] = {}
        self._judged_by: dict[Symbol, str] = {}
        self._simulated: dict[str, bool] = {}  # by source; what is not known yet is taken for real
        self._keeping = AlertKeeping(run)
        self._judge = Judge(self.sessions, self._keeping, find_past, self._enter, later)

    # Reading

    @property
    def change_count(self) -> int:
        """A number that changes whenever a record or a trouble changes."""
        return self.kept.change_count + self._keeping.change_count

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """What cannot be saved now, and what had to be done to open a store."""
        return self._keeping.troubles

    def records(self) -> tuple[AlertRecord, ...]:
        """Every record, newest first."""
        return self.kept.newest_first()

    def standing(self, symbol: Symbol) -> AlertRecord | None:
        """What a symbol's row says: an unacknowledged alert first, then a rule that cannot be judged, then the rest."""
        return self.kept.standing(symbol)

    def has_obstacle(self, symbol: Symbol, source: str) -> bool:
        """Whether a rule of a symbol could not be judged on the newest reply, or that is said still."""
        place = self._place(symbol, source)
        watches = () if place is None else place.watches.values()
        return place is not None and (place.is_held or any(each.is_obstructed for each in watches))

    def simulated(self, source: str) -> bool:
        """Whether a source is a simulator, as far as that is known."""
        return self._simulated.get(source, False)

    def measure(self, record: AlertRecord) -> float:
        """What the rule of a record measures now, as it is judged; NaN where that is not known."""
        places = self._places.get(record.symbol, {})
        place = places.get(record.clock) or (next(iter(places.values()), None) if self._shared else None)
        return math.nan if place is None else self._judge.measure(place, record)

    def threshold(self, symbol: Symbol) -> tuple[Level | None, bool]:
        """The net-outflow threshold in force for a symbol, and whether it is its own."""
        return self._rules.threshold(symbol)

    # Intents

    def watch(self, source: str, symbols: Iterable[Symbol]) -> None:
        """Set the symbols that are asked at a source: their rules are evaluated there from now on."""
        for symbol in symbols:
            places = self._places.setdefault(symbol, {})
            if source not in places:
                places[source] = Place(source, symbol, self._note)
                self._follow_rules(places[source], 0.0)

    def acknowledge(self, ids: Collection[str] | None = None) -> bool:
        """Mark alerts as seen (None: all of them); whether any was not."""
        changed = self.kept.acknowledge(ids)
        self._save()
        return changed

    def snooze(self, ids: Collection[str], minutes: float | None, now: MarketNow) -> bool:
        """Snooze alerts that stand: for market minutes (0: no longer), or until the next session opens (None)."""

        def until(record: AlertRecord) -> float | None:
            market_now = now(record.clock) or record.raised_at
            if minutes is None:
                return self.sessions.next_open(record.symbol, market_now)
            return market_now + minutes * 60 if minutes else None

        changed = self.kept.snooze(ids, until)
        self._save()
        return changed

    def set_threshold(self, symbol: Symbol | None, choice: ThresholdChoice, now: MarketNow) -> list[AlertEvent]:
        """Change the threshold of a symbol, or (None) the one for all, and judge at once whatever follows it."""
        self._rules.set_threshold(symbol, choice)
        return self.rules_changed(now)

    def rules_changed(self, now: MarketNow) -> list[AlertEvent]:
        """Follow the table of rules, which was changed, and judge at once what is new in it."""
        events: list[AlertEvent] = []
        for place in self._all_places():
            events += self._follow_and_judge(place, now(place.source) or 0.0)
        return self._saved(events)

    def _follow_and_judge(self, place: Place, market_now: float) -> list[AlertEvent]:
        """Match the watches of a symbol to the rules in force, and judge at once what is new."""
        before = place.watches.keys() - ()
        events = self._follow_rules(place, market_now)
        return events + (self._judge.judge(place, market_now) if place.watches.keys() - before else [])

    def forget_symbol(self, symbol: Symbol, now: MarketNow, why: Code = Code.LEFT_LIST) -> list[AlertEvent]:
        """A symbol left the watchlist: end its records and forget its state.

        What was HANDED_OVER goes on elsewhere: nobody has seen it by that, and raised here again it was told before.
        """
        events: list[AlertEvent] = []
        self._judged_by.pop(symbol, None)
        for place in self._places.get(symbol, {}).values():
            for watch in place.watches.values():
                events += self._drop(watch, now(place.source) or 0.0, Reason.of(why))
        self._places.pop(symbol, None)
        return self._saved(events)

    def keep(self, event: AlertEvent) -> None:
        """Keep what happened to the record of a source (alerts.health)."""
        self.kept.keep(event.record)
        self.kept.note(event)
        self._save()

    # Places and watches

    def _all_places(self) -> Iterable[Place]:
        return (place for places in self._places.values() for place in places.values())

    def _place(self, symbol: Symbol, source: str) -> Place | None:
        return self._places.get(symbol, {}).get(source)

    def _held(self, places: Iterable[Place]) -> set[str]:
        """The ids of the records that stand for their watches."""
        return {number for place in places for watch in place.watches.values() for number in watch.held}

    def _follow_rules(self, place: Place, market_now: float) -> list[AlertEvent]:
        """Match the watches of a symbol to the rules in force. A rule that is added again starts without state."""
        rules = self._rules.rules_for(place.symbol)
        if rules == place.rules:
            return []
        wanted = {(rule.id, rule.version): rule for rule in rules}
        events: list[AlertEvent] = []
        for key in [key for key in place.watches if key not in wanted]:
            events += self._drop(place.watches.pop(key), market_now, Reason.of(Code.RULE_CHANGED))
        simulated = self.simulated(place.source)
        for key, rule in wanted.items():
            if key not in place.watches:
                place.watches[key] = Watch(rule, place.source, place.symbol, self.kept, simulated=simulated)
        place.rules, place.quiet = rules, None
        return events

    def _drop(self, watch: Watch, market_now: float, reason: Reason) -> list[AlertEvent]:
        """End the records that stand for a watch, those of an earlier run included."""
        self._claim(watch, market_now)
        self._keeping.forget_rule(watch.key, simulated=watch.simulated, any_source=self._shared)
        return watch.end(AlertState.CLEARED, market_now, reason, seen=reason.code is not Code.HANDED_OVER)

    def _enter(self, watch: Watch, session: str, market_now: float) -> None:
        """Begin a session, with the state and records an earlier run kept of it."""
        if watch.session != session:
            watch.enter(session)
            self._take_up(watch, market_now)

    def _take_up(self, watch: Watch, market_now: float) -> None:
        """Give a watch the state and the records that an earlier run kept of its session."""
        state = self._keeping.take_state(watch.key, simulated=watch.simulated, any_source=self._shared)
        if watch.state is None and state is not None and state.upto <= market_now + _AHEAD_S:
            watch.state, watch.unwritten = state, True
        self._claim(watch, market_now)

    def _claim(self, watch: Watch, market_now: float) -> None:
        """Give a watch the records of an earlier run. If there are two of a kind, take the newer one."""
        found = [
            record
            for record in self.kept.of_rule(watch.symbol, watch.rule_id, watch.version)
            if record.standing
            and not record.desk
            and watch.covers(record)
            and (self._shared or record.source == watch.source)
            and record.raised_at <= market_now + _AHEAD_S
        ]
        watches = [each.watches.get((watch.rule_id, watch.version)) for each in self._places[watch.symbol].values()]
        held = {number for each in watches if each is not None for number in each.held}
        for record in sorted(found, key=lambda each: each.raised_at, reverse=True):
            if record.id in held:
                continue
            if not record.told:
                self.kept.keep(replace(record, state=AlertState.CLEARED, cleared_at=market_now))
            elif record.cannot_judge and watch.unjudged is None:
                watch.unjudged = record.id
            elif not record.cannot_judge and watch.alert is None and (watch.state is None or watch.state.active):
                watch.alert = record.id
            else:
                self.kept.keep(replace(record, state=AlertState.CLEARED, cleared_at=market_now))

    # Keeping

    def use_store(self, store: AlertStore, source: str | None, market_now: float) -> list[AlertEvent]:
        """Use a store for the alerts of a source. None: only show the alerts in it, and save changes to them.

        The source's figures are evaluated once the store has been read.
        """
        self._keeping.add(store)
        events: list[AlertEvent] = []
        if source is not None and self._simulated.get(source) is not store.simulated:
            self._simulated[source] = store.simulated
            for place in self._all_places():
                if place.source == source and place.watches:
                    events += self._keep_aright(place, market_now)
        return self._saved(events)

    def _keep_aright(self, place: Place, market_now: float) -> list[AlertEvent]:
        """A source turned out to be a simulator, or a real one, against what was assumed: evaluate it again."""
        events: list[AlertEvent] = []
        before, since = place.watches, {key: watch.since for key, watch in place.watches.items()}
        if any(watch.simulated is not self._simulated[place.source] for watch in before.values()):
            for watch in before.values():
                events += watch.end(AlertState.CLEARED, market_now, Reason.of(Code.LEFT_LIST), seen=True)
            place.watches, place.rules = {}, ()
            self._follow_rules(place, market_now)
            for key, watch in place.watches.items():
                watch.since = since.get(key)
        return events

    def heard(self, store: AlertStore, news: News, now: MarketNow) -> list[AlertEvent]:
        """A store told something."""
        self._keeping.heard(store, news)
        if isinstance(news, Loaded | Changed):
            self.kept.merge(news.records, self._held(self._all_places()))
        if isinstance(news, Loaded):
            # A file may be opened anew, and know less than we do.
            self.kept.keep_unknown({record.id for record in news.records}, simulated=store.simulated)
        for place in self._all_places() if isinstance(news, Loaded) else ():
            market_now, place.quiet = now(place.source), None
            for watch in place.watches.values():
                if watch.session and watch.simulated is store.simulated and market_now is not None:
                    self._take_up(watch, market_now)
                    watch.unwritten = watch.state is not None
        return self._judge_now(store.simulated)

    def _judge_now(self, simulated: bool) -> list[AlertEvent]:
        """Evaluate the replies that waited for a store."""
        places = self._all_places() if self._keeping.wait_no_longer(simulated) else ()
        return self._saved([event for place in places for event in self._judge.go_on(place)])

    def pass_time(self, now: MarketNow, mono_now: float) -> list[AlertEvent]:
        """End alerts whose time is over; to be called about once a second.

        That is an alert of an ended session that no watch holds, such as one of another program's rule, and an alert
        from the future, left by an earlier run of a simulator. Stores check for changes by other programs.
        """
        now, today = cache(now), cache(self.sessions.date)
        held: set[str] | None = None  # to be asked for where it counts: every watch is looked at
        for record in self.kept.newest_first():
            market_now = now(record.clock) if record.standing or record.simulated else None
            if market_now is None:
                continue
            ahead = record.simulated and record.raised_at > market_now + _AHEAD_S
            if not ahead and not (record.standing and record.session < today(record.symbol.market, market_now)):
                continue
            if record.id in (held := self._held(self._all_places()) if held is None else held):
                continue
            if ahead:
                self.kept.drop(record.id)
                self._keeping.remove(record.id, simulated=True)
            else:
                self.kept.keep(replace(record, state=AlertState.ENDED, cleared_at=market_now))
        self.kept.wake(now, self.sessions.goes_on)
        events: list[AlertEvent] = []
        for simulated in self._keeping.has_waited(mono_now):
            events += self._judge_now(simulated)
        self._keeping.look()
        return self._saved(events)

    def flush(self) -> None:
        """Give the stores the state of every rule; to be called now and then, and before the program ends."""
        self._save(states=True)

    def _saved(self, events: list[AlertEvent]) -> list[AlertEvent]:
        self._save(states=bool(events))
        return events

    def _save(self, *, states: bool = False) -> None:
        self._keeping.save(self.kept, self._moved, states=states)

    def _moved(self, simulated: bool) -> dict[StateKey, RuleState]:
        return {key: state for place in self._all_places() for key, state in place.take_moved(simulated=simulated)}

    # Judging

    def evaluate(
        self,
        series: FlowSeries,
        day: TradingDay | None,
        turnover: Turnover | None,
        market_now: float,
        *,
        replies: int = 1,
        held: bool = False,
    ) -> list[AlertEvent]:
        """Judge every rule of the symbol on a judged intraday series; `day` is the trading day of its session.

        A series received when the one before was is the same reply, judged again. `replies`: so many said the same.
        Of a `held` one (stale, say) nothing is judged: its lines are when a later one is not held.
        """
        place = self._place(series.symbol, series.source)
        if place is None:
            return []  # it left the list while the answer was on its way
        before = place.reply
        again = before is not None and before.series.received == series.received is not None
        was, place.quiet = place.quiet, None
        place.hold(market_now if again or series.received is None else series.received, held=held)
        events = self._follow_rules(place, market_now)
        has_lines = day is not None and series.session == day.day
        if self._shared and has_lines and self._judged_by.get(place.symbol) != place.source:
            events += self._take_over(place, market_now)
        place.has_no_line = not has_lines
        if day is None or not has_lines:
            for watch in place.watches.values():
                watch.since = market_now if watch.since is None else watch.since
            return self._saved(events)
        same_session = before is not None and before.day.day == day.day
        goes_on = same_session and not self.sessions.is_todays_over(place, market_now)
        place.take(Reply(series, day, turnover))
        events += self._judge.judge(place, market_now, 0 if again else replies, goes_on=goes_on)
        if was is not None and was.phase is Phase.OPEN and not held:  # a look at each reply would find nothing more
            place.quiet = self.sessions.quiet(place, market_now, todays_over=False)
        return self._saved(events)

    def judge_waiting(self, symbol: Symbol, source: str) -> list[AlertEvent]:
        """Judge the replies of a symbol by rules that waited for them: what they need was read, or it is their turn."""
        place = self._place(symbol, source)
        return [] if place is None else self._saved(self._judge.go_on(place))

    def _take_over(self, place: Place, market_now: float) -> list[AlertEvent]:
        """Move the state of a symbol to the source that gives its figures from now on.

        If both sources have state, keep the one with more evaluated lines; of two records, keep the newer one.
        """
        events: list[AlertEvent] = []
        self._judged_by[place.symbol] = place.source
        places = self._places[place.symbol]
        for source in [source for source in places if source != place.source]:
            other = places.pop(source)
            events += self._follow_rules(other, market_now)
            for key, old in other.watches.items():
                self._hand_over(old, place.watches[key])
        return events

    def _hand_over(self, old: Watch, new: Watch) -> None:
        if old.session:
            self._keeping.forget(old.key, simulated=old.simulated)
        if new.follow(old):
            self._keeping.is_due()

    # What cannot be judged

    def is_quiet(self, symbol: Symbol, source: str, stretch: Stretch, *, live: bool) -> bool:
        """Whether `observe` would find nothing: it has looked in this stretch of the market, and nothing came since.

        live  whether the source is connected, and the symbol's figures are live: while a market trades, time alone
              may end that
        """
        place = self._place(symbol, source)
        return place is None or (place.quiet == stretch and (live or stretch.phase is not Phase.OPEN))

    def observe(
        self,
        symbol: Symbol,
        source: str,
        *,
        freshness: Freshness,
        error: CapflowError | None,
        link: LinkState | None,
        problem: Reason | None = None,
        cycle_s: float,
        mono_now: float,
        market_now: float,
    ) -> list[AlertEvent]:
        """Check whether the rules of a symbol can be judged; to be called about once a second.

        A rule that could not be judged for more than two cycles, while its market is open and the symbol is not
        halted, gives one event, and another one when it can be judged again. `problem` is what its source has.
        """
        place = self._place(symbol, source)
        if place is None:
            return []
        phase = self.sessions.phase(symbol, market_now)
        if freshness is Freshness.HALTED or phase is not Phase.OPEN:
            place.since = None
            if phase not in (Phase.OPEN, Phase.LUNCH):
                place.end_outage(market_now)
        else:
            place.wait(obstacle_to(freshness, error, link, problem), mono_now, market_now, patience_s=2 * cycle_s)
        connected = link is None or link.phase is LinkPhase.READY
        return self._look(place, market_now, mono_now, connected=connected)

    def obstruct(self, symbol: Symbol, source: str, reason: Reason | None, market_now: float) -> list[AlertEvent]:
        """Say that no rule of a symbol can be judged (None: that they can be again), as was recorded of another run.

        It takes the place of `observe`, and is to be called when nothing changes, too: sessions end meanwhile.
        """
        place = self._place(symbol, source)
        if place is None:
            return []
        place.outside = None if reason is None else Obstacle(reason)
        return self._look(place, market_now, 0.0, connected=True)

    def _look(self, place: Place, market_now: float, mono_now: float, *, connected: bool) -> list[AlertEvent]:
        events = self._follow_and_judge(place, market_now)
        today, is_over = self.sessions.today(place.symbol, market_now), self.sessions.is_todays_over(place, market_now)
        is_open = self.sessions.phase(place.symbol, market_now) is Phase.OPEN
        look = Look(place.outside, is_open and place.is_clear, market_now)
        for watch in place.watches.values():
            events += self._judge.end_session(watch, market_now, todays_over=is_over)
            if connected:
                watch.since = market_now if watch.since is None else watch.since
            # Without a connection too: a night passes, and an earlier run may have left what is said now.
            if not watch.session or (
                not self.sessions.ignore_calendar and (watch.session < today or watch.state is None)
            ):
                self._enter(watch, today, market_now)
            if is_over:
                continue
            if watch.waiting or len(events) >= self._judge.at_once:
                watch.wait(look)
                events += watch.look_while_waiting(market_now, mono_now)
            else:
                events += watch.look(look.why, market_now, clear=look.clear)
        if len(events) >= self._judge.at_once:
            self._judge.leave(place)
        place.quiet = self.sessions.quiet(place, market_now, todays_over=is_over)
        return self._saved(events)
