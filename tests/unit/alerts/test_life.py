"""The life of watches under everything that can happen to them, in any order."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.past import Past
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.alert_record import AlertChange, AlertState
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.level import Choice
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from tests.unit.alerts.shelf import Shelf, StoreInMemory
from tests.unit.alerts.test_book import BEFORE, CALENDAR, DAY

SYMBOLS = [Symbol(Market.HK, "700"), Symbol(Market.HK, "941")]
FURTHER = [
    parse_rule(text)
    for text in (
        "*: net change 2m <= -15M",
        "*: net crosses 0 band 4M",
        "*: net <= -25M early skip first 2m",
        "*: net change 1m unusual 3 floor 5M early",
        "*: net divergence 2m price 1% flow 1%",
    )
]
USUAL = UsualChanges([np.array([0.0, 1e6, -1e6] * 100, np.float32)] * 10)
PAST = Past(USUAL, {})
_BEGINS = {AlertChange.RAISED, AlertChange.CANNOT_JUDGE}
_ENDS = {AlertChange.CLEARED, AlertChange.JUDGED_AGAIN}


class Lives(RuleBasedStateMachine):
    """One program, started again and again, on a shelf that sometimes fails."""

    @initialize(level=st.sampled_from([-10e6, -20e6, None]))
    def begin(self, level: float | None) -> None:
        self.shelf = Shelf()
        self.level, self.now, self.mono = level, BEFORE, 0.0
        self.net: dict[Symbol, list[float]] = {symbol: [] for symbol in SYMBOLS}
        self.watched = set(SYMBOLS)
        self.standing: dict[str, AlertChange] = {}  # what the events of all runs say
        self.early: set[str] = set()
        self.start()

    def start(self) -> None:
        self.book = AlertBook(CALENDAR, RuleTable(self.level, rules=FURTHER), find_past=lambda _key: PAST)
        self.store = StoreInMemory(self.shelf)
        for symbol in self.watched:
            self.book.watch("opend", [symbol])
        self.book.use_store(self.store, "opend", self.now)
        self.store.start(lambda news: self.hear(self.book.heard(self.store, news, self.at)))

    def at(self, _source: str) -> float:
        return self.now

    def hear(self, events: list[AlertEvent]) -> None:
        """A record begins once, and ends once, and only what began escalates or ends.

        An early mark becomes an alert, or is withdrawn.
        """
        for event in events:
            number = event.record.id
            assert not (event.announced and event.record.snoozed)
            if event.change is AlertChange.EARLY:
                assert number not in self.early | self.standing.keys()
                self.early.add(number)
            elif event.change is AlertChange.WITHDRAWN:
                self.early.remove(number)
            elif event.change in _BEGINS:
                self.early.discard(number)
                assert number not in self.standing
                self.standing[number] = event.change
            elif event.change in _ENDS:
                began = self.standing.pop(number)
                assert (began is AlertChange.CANNOT_JUDGE) is (event.change is AlertChange.JUDGED_AGAIN)
            else:
                assert number in self.standing

    def time_passes(self) -> None:
        """What stood in an ended session is over, without an event, where no watch holds it: after another start."""
        self.hear(self.book.pass_time(self.at, self.mono))
        known = {record.id: record for record in self.book.records()}
        for number in {each for each in self.standing if known[each].state is AlertState.ENDED}:
            assert known[number].session < CALENDAR.session_date(known[number].symbol.market, self.now).isoformat()
            del self.standing[number]

    @rule(
        symbol=st.sampled_from(SYMBOLS),
        net=st.lists(st.integers(-40, 40), min_size=1, max_size=4),
        moving=st.lists(st.integers(-40, 40), max_size=1),
        price=st.sampled_from([99.0, 100.0, 102.0]),
    )
    def minutes_pass(self, symbol: Symbol, net: list[int], moving: list[int], price: float) -> None:
        """`moving` is a line whose minute is not over."""
        self.net[symbol] += net
        lines = self.net[symbol] + moving
        self.now = max(self.now, float(DAY.label(len(lines) - 1)) + 65)
        values = np.full((6, len(lines)), np.nan)
        values[0] = np.array(lines) * 1e6
        stamps = DAY.labels()[: len(lines)].copy()
        confirmed = np.arange(len(lines)) < len(self.net[symbol])
        series = FlowSeries(
            symbol, "opend", Period.INTRADAY, stamps, values, session=DAY.day, confirmed=confirmed
        )  # fmt: skip
        self.hear(self.book.evaluate(series, DAY, Turnover(1e9, self.now, price), self.now))

    @rule(
        symbol=st.sampled_from(SYMBOLS),
        freshness=st.sampled_from([Freshness.LIVE, Freshness.ERROR, Freshness.STALE, Freshness.NEVER_POLLED]),
        seconds=st.sampled_from([1.0, 30.0]),
    )
    def it_is_observed(self, symbol: Symbol, freshness: Freshness, seconds: float) -> None:
        self.mono += seconds
        self.now += 1
        facts = {"freshness": freshness, "error": None, "link": None, "cycle_s": 10.0}
        self.hear(self.book.observe(symbol, "opend", mono_now=self.mono, market_now=self.now, **facts))  # type: ignore[arg-type]

    @rule(level=st.sampled_from([-10e6, -20e6, None]))
    def the_threshold_is_changed(self, level: float | None) -> None:
        self.level = level
        self.hear(self.book.set_threshold(None, Choice.NONE if level is None else level, self.at))

    @rule(symbol=st.sampled_from(SYMBOLS))
    def a_symbol_leaves_or_comes_back(self, symbol: Symbol) -> None:
        if symbol in self.watched:
            self.hear(self.book.forget_symbol(symbol, self.at))
        else:
            self.book.watch("opend", [symbol])
        self.watched ^= {symbol}

    @rule()
    def all_is_acknowledged(self) -> None:
        self.book.acknowledge()
        assert not any(record.waiting for record in self.book.records())

    @rule(minutes=st.sampled_from([0, 15, None]))
    def all_that_stands_is_snoozed(self, minutes: float | None) -> None:
        self.book.snooze(self.standing, minutes, self.at)
        assert all(record.snoozed is (minutes != 0) for record in self.book.records() if record.id in self.standing)

    @rule(hours=st.sampled_from([0.3, 3.0, 24.0]))
    def the_computer_sleeps(self, hours: float) -> None:
        """The market goes on and the monotonic clock stands. What was acknowledged stays so; a snooze ends in time."""
        seen = {record.id: record.told for record in self.book.records() if record.acknowledged}
        self.now += hours * 3600.0
        self.time_passes()
        known = {record.id: record for record in self.book.records()}
        assert not any(
            record.snoozed_until is not None and record.snoozed_until <= self.now for record in known.values()
        )
        assert all(known[number].acknowledged for number, told in seen.items() if known[number].told == told)

    @rule(works=st.booleans())
    def the_disk_fills_up_or_has_room(self, works: bool) -> None:
        self.store.working = works
        self.time_passes()

    @precondition(lambda self: self.store.working)
    @rule()
    def the_program_is_started_anew(self) -> None:
        self.book.flush()
        known = {record.id: record for record in self.book.records()}
        self.start()
        assert {record.id: record for record in self.book.records()} == known

    @invariant()
    def what_stands_is_what_was_told(self) -> None:
        records = self.book.records()
        assert {record.id for record in records if record.standing and record.told} == set(self.standing)
        # Those of an earlier run are withdrawn without a word when the session is taken up.
        assert {record.id for record in records if record.early} <= self.early
        assert len({record.id for record in records}) == len(records)

    @invariant()
    def nothing_stands_for_a_symbol_or_a_rule_that_is_gone(self) -> None:
        in_force = {
            (symbol, rule.id, rule.version)
            for symbol in self.watched
            for rule in RuleTable(self.level, rules=FURTHER).rules_for(symbol)
        }
        standing = [record for record in self.book.records() if record.standing]
        assert {(record.symbol, record.rule_id, record.version) for record in standing} <= in_force
        kinds = [
            (record.symbol, record.rule_id, record.version, record.cannot_judge, record.early) for record in standing
        ]
        assert len(set(kinds)) == len(kinds)

    @invariant()
    def a_disk_with_room_has_all_of_it(self) -> None:
        if self.store.working and not self.store.trouble:
            kept = {number: str(record) for number, record in self.shelf.records.items()}
            assert {record.id: str(record) for record in self.book.records()} == kept


Lives.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLives = Lives.TestCase
