from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace as replace_dataclass
from datetime import date

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.past import Past, PastKey, nothing_past
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.alerts.watch import Watch
from capflow_gui.archive.model import Outage
from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.domain.alert_record import SOURCE_RULE, AlertChange, AlertRecord, AlertState
from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.level import Choice, Share
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.errors import ConnectionLost, NoQuoteRight
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.paths import resource
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason
from tests.reasons import said
from tests.unit.alerts.shelf import FULL, Shelf, StoreInMemory, open_store

TENCENT = Symbol(Market.HK, "700")
MOBILE = Symbol(Market.HK, "941")
CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())


def trading_day(day: date = date(2022, 6, 8), market: Market = Market.HK) -> TradingDay:
    found = CALENDAR.day(market, day)
    assert found is not None
    return found


DAY, NEXT = trading_day(), trading_day(date(2022, 6, 9))
BEFORE = DAY.open - 600


def series(
    *net: float, day: TradingDay = DAY, symbol: Symbol = TENCENT, flagged: Mapping[int, Flag] | None = None
) -> FlowSeries:
    """A judged reply: lines from the open on, in millions; all but the last are confirmed."""
    values = np.full((6, len(net)), math.nan)
    values[0] = np.array(net) * 1e6
    flags = np.zeros(len(net), np.uint16)
    for place, flag in (flagged or {}).items():
        flags[place] = flag.value
    return FlowSeries(
        symbol,
        "opend",
        Period.INTRADAY,
        day.labels()[: len(net)].copy(),
        values,
        session=day.day if net else None,
        flags=Flag(int(np.bitwise_or.reduce(flags, initial=0))),
        line_flags=flags,
        confirmed=np.arange(len(net)) < len(net) - 1,
    )


class Watcher:
    """A book, and the market clock it is driven by."""

    def __init__(
        self,
        book: AlertBook | None = None,
        *,
        start: float = BEFORE,
        store: StoreInMemory | None = None,
        answered: bool = True,
        **rules: object,
    ) -> None:
        self.book = book or AlertBook(CALENDAR, RuleTable(**({"default": -200e6} | rules)))  # type: ignore[arg-type]
        self.now = start
        if store is not None:
            open_store(self.book, store, start)
        self.book.watch("opend", (TENCENT, MOBILE))
        for symbol in (TENCENT, MOBILE) if answered else ():
            self.see(Freshness.NEVER_POLLED, -1e9, symbol)
            self.see(mono=-1e9, symbol=symbol)

    def tell(self, *net: float, turnover: float | None = None, **kind: object) -> list[tuple[str, str]]:
        """Judge a reply as of its newest line; what happened, with the minute or the reason."""
        told = series(*net, **kind)  # type: ignore[arg-type]
        day = kind.get("day", DAY)
        assert isinstance(day, TradingDay)
        if net:
            self.now = max(self.now, float(told.timestamps[-1]) + 5)
        taken = None if turnover is None else Turnover(turnover, self.now)
        return words(self.book.evaluate(told, day if net else None, taken, self.now))

    def at(self, _source: str) -> float:
        return self.now

    def see(
        self,
        freshness: Freshness = Freshness.LIVE,
        mono: float = 0.0,
        symbol: Symbol = TENCENT,
        source: str = "opend",
        **facts: object,
    ) -> list[tuple[str, str]]:
        given = {"error": None, "link": None, "cycle_s": 10.0} | facts
        link = given["link"]
        live = freshness is Freshness.LIVE and (not isinstance(link, LinkState) or link.phase is LinkPhase.READY)
        stretch = self.book.sessions.stretch(symbol.market, self.now)
        quiet = self.book.is_quiet(symbol, source, stretch, live=live)
        count = self.book.change_count
        said = words(
            self.book.observe(
                symbol,
                source,
                freshness=freshness,
                mono_now=mono,
                market_now=self.now,
                **given,  # type: ignore[arg-type]
            )
        )
        assert not (quiet and (said or self.book.change_count != count)), "it was quiet, and a look found something"
        return said

    def states(self) -> list[AlertState]:
        return [record.state for record in self.book.records()]


def words(events: list[AlertEvent]) -> list[tuple[str, str]]:
    return [(("late " if each.late else "") + each.change, _why(each)) for each in events]


def _why(event: AlertEvent) -> str:
    return event.reason.code.value.rpartition(".")[2] if event.reason is not None else _minute(event)


def _minute(event: AlertEvent) -> str:
    assert event.time is not None
    return str(int(trading_day(date.fromisoformat(event.record.session)).index(event.time)))


def test_a_day_watched_from_its_open() -> None:
    watch = Watcher()
    assert watch.see(Freshness.NEVER_POLLED) == []
    assert watch.tell(0, -100, -210) == []  # the newest line is still moving
    assert watch.tell(0, -100, -210, -205) == [("raised", "2")]
    assert watch.tell(0, -100, -210, -205, -150, -1) == [("cleared", "4")]
    (record,) = watch.book.records()
    assert (record.rule, record.scope, record.state) == ("net <= -200M", "*", AlertState.CLEARED)
    assert (record.line_time, record.value, record.threshold) == (DAY.label(2), -210e6, -200e6)
    assert (record.session, record.late) == ("2022-06-08", False)
    assert record.cleared_at == watch.now


def test_a_late_start_is_one_late_alert() -> None:
    watch = Watcher(start=DAY.open + 3600)
    assert watch.tell(0, -210, -100, -220, -230, -1) == [("late raised", "3")]
    assert watch.tell(0, -210, -100, -220, -230, -240, -1) == []
    assert watch.book.records()[0].late


def test_the_first_poll_after_an_open_that_was_waited_for_is_not_late() -> None:
    watch = Watcher()
    assert watch.tell(-5, -6, day=trading_day(date(2022, 6, 7))) == []
    assert watch.tell(0, -210, -100, -220, -1) == [("raised", "1"), ("cleared", "2"), ("raised", "3")]


def test_yesterdays_lines_before_the_open_are_never_judged() -> None:
    watch = Watcher(start=NEXT.open - 300)
    assert watch.tell(0, -210, -220, -1) == []
    assert watch.book.records() == ()
    ignoring = Watcher(AlertBook(CALENDAR, RuleTable(-200e6), ignore_calendar=True), start=NEXT.open - 300)
    assert ignoring.tell(0, -210, -220, -1) == [("late raised", "1")]


def test_a_new_session_ends_the_old_one_and_rearms() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    assert watch.tell(0, -210, -1, day=NEXT) == [("cleared", "session_ended"), ("raised", "1")]
    assert watch.states() == [AlertState.ACTIVE, AlertState.ENDED]


def test_a_session_ends_when_its_last_line_is_confirmed() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    whole = series(*([-210.0] * len(DAY.labels())))
    assert words(watch.book.evaluate(whole, DAY, None, DAY.close + 300)) == []
    final = FlowSeries(
        TENCENT, "opend", Period.INTRADAY, whole.timestamps, whole.values, session=DAY.day,
        confirmed=np.ones(len(whole), np.bool_),
    )  # fmt: skip
    assert words(watch.book.evaluate(final, DAY, None, DAY.close + 725)) == [("cleared", "session_ended")]


def test_a_session_ends_half_an_hour_after_its_close_at_the_latest() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.now = DAY.close + 1799
    assert watch.see(Freshness.CLOSED) == []
    watch.now = DAY.close + 1800
    assert watch.see(Freshness.CLOSED) == [("cleared", "session_ended")]


FINAL = np.ones(len(DAY.labels()), np.bool_)


def whole_day(*tail: float) -> FlowSeries:
    """Every line of the day confirmed: calm, and then `tail`."""
    calm = series(*([0.0] * (len(DAY.labels()) - len(tail))), *tail)
    return FlowSeries(
        TENCENT, "opend", Period.INTRADAY, calm.timestamps, calm.values, session=DAY.day, confirmed=FINAL
    )  # fmt: skip


@pytest.mark.parametrize("later", [DAY.close + 60, DAY.close + 4 * 3600, NEXT.open - 600, NEXT.open + 60])
def test_a_threshold_changed_after_the_close_raises_nothing(later: float) -> None:
    watch = Watcher()
    watch.book.evaluate(whole_day(-150.0), DAY, None, DAY.close + 725)
    watch.now = later
    assert words(watch.book.set_threshold(None, -100e6, watch.at)) == []
    assert words(watch.book.set_threshold(TENCENT, -50e6, watch.at)) == []
    assert watch.book.records() == ()


def test_a_symbol_added_after_the_close_raises_nothing() -> None:
    watch = Watcher(start=DAY.close + 900)
    assert words(watch.book.evaluate(whole_day(-250.0), DAY, None, watch.now)) == []
    assert watch.book.records() == ()


def test_a_day_whose_only_reply_comes_after_its_close_is_told_to_who_watched_from_its_open() -> None:
    watch = Watcher()
    said = words(watch.book.evaluate(whole_day(-250.0, -100.0, -260.0), DAY, None, DAY.close + 725))
    assert [change for change, _ in said] == ["raised", "cleared", "raised", "cleared"]
    assert [record.waiting for record in watch.book.records()] == [True, True]


def test_what_the_closing_line_raises_waits_to_be_seen() -> None:
    watch = Watcher()
    watch.tell(0, -1, -1)
    said = words(watch.book.evaluate(whole_day(-250.0), DAY, None, DAY.close + 725))
    assert [change for change, _ in said] == ["raised", "cleared"]
    (record,) = watch.book.records()
    assert (record.state, record.waiting) == (AlertState.ENDED, True)


def test_an_escalation_asks_for_attention_again() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net <= -200M again 100M")])
    watch.tell(0, -210, -1)
    assert watch.book.acknowledge()
    assert watch.book.records()[0].acknowledged
    assert not watch.book.acknowledge()
    assert watch.tell(0, -210, -310, -1) == [("escalated", "2")]
    (record,) = watch.book.records()
    assert (record.waiting, record.escalations, record.line_time) == (True, 1, DAY.label(1))


def test_a_snoozed_alert_escalates_in_silence_and_waits_again_when_its_minutes_are_over() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net <= -200M again 100M")])
    watch.tell(0, -210, -1)
    number = watch.book.records()[0].id
    assert watch.book.snooze([number], 15, watch.at)
    assert watch.book.records()[0].snoozed_until == watch.now + 900
    assert not watch.book.records()[0].waiting
    (event,) = watch.book.evaluate(series(0, -210, -310, -1), DAY, None, watch.now + 60)
    assert (event.change, event.announced) == ("escalated", False)
    watch.now += 899
    watch.book.pass_time(watch.at, 0.0)
    assert watch.book.standing(TENCENT) == watch.book.records()[0]
    assert watch.book.records()[0].snoozed
    watch.now += 1
    watch.book.pass_time(watch.at, 1.0)
    assert watch.book.records()[0].waiting


def test_an_alert_snoozed_until_the_next_session_is_over_by_then() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    assert watch.book.snooze([watch.book.records()[0].id], None, watch.at)
    assert watch.book.records()[0].snoozed_until == NEXT.open
    watch.now = DAY.close + 1800.0
    assert [change for change, _ in watch.see()] == ["cleared"]
    watch.now = float(NEXT.open)
    watch.book.pass_time(watch.at, 0.0)
    (record,) = watch.book.records()
    assert (record.standing, record.waiting, record.snoozed) == (False, False, False)
    assert not watch.book.snooze([record.id], 15, watch.at)


@pytest.mark.parametrize(("minutes", "seen"), [(None, True), (15, False)])
def test_after_a_night_that_the_computer_slept_a_snooze_until_the_next_session_is_done(
    minutes: float | None, seen: bool
) -> None:
    """Time passes before anybody sees that the session is over. What was to wait again in it does."""
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.book.snooze([watch.book.records()[0].id], minutes, watch.at)
    watch.now = float(NEXT.open) + 60.0
    watch.book.pass_time(watch.at, 0.0)
    assert [change for change, _ in watch.see()] == ["cleared"]
    (record,) = watch.book.records()
    assert (record.standing, record.snoozed, record.acknowledged) == (False, False, seen)


def test_what_is_snoozed_can_be_woken() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    number = watch.book.records()[0].id
    watch.book.snooze([number], 60, watch.at)
    assert watch.book.snooze([number], 0, watch.at)
    assert watch.book.records()[0].waiting


def test_acknowledging_some() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.tell(0, -210, -1, symbol=MOBILE)
    first = watch.book.standing(TENCENT)
    assert first is not None
    assert watch.book.acknowledge([first.id])
    assert watch.book.standing(TENCENT) != first
    assert [record.waiting for record in watch.book.records() if record.symbol == MOBILE] == [True]


def test_crossings_follow_one_another() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net crosses 0")])
    assert watch.tell(5, -5, 5, 0) == [("raised", "1"), ("cleared", "2"), ("raised", "2")]


def test_a_new_level_is_judged_at_once_and_the_old_one_is_over() -> None:
    watch = Watcher()
    watch.tell(0, -150, -160, -1)
    assert words(watch.book.set_threshold(None, -140e6, watch.at)) == [("late raised", "1")]
    assert words(watch.book.set_threshold(None, -140e6, watch.at)) == []
    assert words(watch.book.set_threshold(TENCENT, -300e6, watch.at)) == [("cleared", "rule_changed")]
    assert watch.book.threshold(TENCENT) == (-300e6, True)
    assert words(watch.book.set_threshold(TENCENT, Choice.INHERIT, watch.at)) == [("late raised", "1")]
    assert words(watch.book.set_threshold(TENCENT, Choice.NONE, watch.at)) == [("cleared", "rule_changed")]
    assert watch.book.threshold(TENCENT) == (None, True)
    assert watch.book.threshold(MOBILE) == (-140e6, False)


def test_a_rule_that_is_muted_for_a_symbol_ends_there_and_is_judged_at_once_when_it_is_not() -> None:
    rule = replace_dataclass(parse_rule("*: net <= -140M"), own_id="r1")
    table = RuleTable(entries=[RuleEntry(rule)])
    watch = Watcher(AlertBook(CALENDAR, table))
    assert watch.tell(0, -150, -160, -1) == [("raised", "1")]
    for entry, expected in (
        (RuleEntry(rule, muted=frozenset({MOBILE})), []),
        (RuleEntry(rule, muted=frozenset({TENCENT})), [("cleared", "rule_changed")]),
        (RuleEntry(rule), [("late raised", "1")]),
        (RuleEntry(rule, enabled=False), [("cleared", "rule_changed")]),
        (RuleEntry(replace_dataclass(rule, level=-155e6)), [("late raised", "2")]),
    ):
        table.set_entry(entry)
        assert words(watch.book.rules_changed(watch.at)) == expected
        assert words(watch.book.rules_changed(watch.at)) == []
    assert {record.rule_id for record in watch.book.records()} == {"r1"}
    table.remove_entry("r1")
    assert words(watch.book.rules_changed(watch.at)) == [("cleared", "rule_changed")]


def test_a_rule_on_what_is_unusual_waits_until_earlier_sessions_are_read() -> None:
    known: dict[PastKey, Past] = {}
    rule = parse_rule("*: net change 1m unusual 3 floor 5M")
    book = AlertBook(CALENDAR, RuleTable(rules=[rule, parse_rule("*: net <= -20M")]), find_past=known.get)
    watch = Watcher(book)
    assert watch.tell(0, -9, -30, -1) == [("raised", "2")]  # by the other one
    assert watch.see() == []
    assert words(book.judge_waiting(TENCENT, "opend")) == []
    key = PastKey("opend", TENCENT, DAY.day, "net", 1)
    known[key] = Past(UsualChanges([np.zeros(3, np.float32)] * 10), {})
    assert words(book.judge_waiting(TENCENT, "opend")) == [("raised", "1")]
    assert words(book.judge_waiting(TENCENT, "opend")) == []
    assert words(book.judge_waiting(Symbol(Market.HK, "1"), "opend")) == []


def test_after_a_restart_a_divergence_is_judged_by_the_prices_that_were_recorded() -> None:
    known = Past(UsualChanges(), {DAY.label(1): Turnover(1e9, DAY.label(1) + 60.0, 100.0)})
    rule = parse_rule("*: divergence 1m price 1% flow 1%")
    for past, expected in ((nothing_past, []), (lambda _key: known, [("raised", "2")])):
        watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=[rule]), find_past=past))
        watch.now = DAY.label(3) + 5.0
        told = Turnover(1e9, watch.now, 102.0)
        assert words(watch.book.evaluate(series(0, 0, -20, -20), DAY, told, watch.now)) == expected


def test_without_ten_earlier_sessions_a_rule_on_what_is_unusual_cannot_be_judged() -> None:
    watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=[parse_rule("*: net change 1m unusual 3 floor 5M")])))
    for count in range(2, 5):
        assert watch.tell(*[0.0] * count, 0) == ([("blocked", "needs_sessions")] if count == 4 else [])


def test_a_divergence_is_judged_by_the_prices_of_its_minutes() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: divergence 1m price 1% flow 1%")])
    for net, price, expected in (
        ((0, 0), 100.0, []),
        ((0, 0, 0), 100.0, []),
        ((0, 0, -20, 0), 101.5, [("raised", "2")]),
    ):
        told = series(*net)
        watch.now = float(told.timestamps[-1]) + 5
        assert words(watch.book.evaluate(told, DAY, Turnover(1e9, watch.now, price), watch.now)) == expected


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("*: net <= -20M from 15:00 to 15:30", -31e6),
        ("*: net change 2m <= -20M", -40e6),
        ("*: net drawdown >= 20M", 41e6),
        ("*: net change 1m unusual 3 floor 5M", -1.8),  # every change was 0, so the floor alone decides
        ("*: divergence 2m price 1% flow 0.2%", -0.004),
    ],
)
def test_what_a_rule_measures_now_is_of_its_newest_line_confirmed_or_not(text: str, measure: float) -> None:
    rule = parse_rule(text)
    past = Past(UsualChanges([np.zeros(9, np.float32)] * 10), {})
    book = AlertBook(CALENDAR, RuleTable(rules=[rule]), find_past=lambda _key: past)
    watch = Watcher(book)
    for net, price in (((0, 10), 100.0), ((0, 10, 9), 100.0), ((0, 10, 9, -28), 100.0), ((0, 10, 9, -28, -31), 102.0)):
        told = series(*net)
        watch.now = float(told.timestamps[-1]) + 5
        book.evaluate(told, DAY, Turnover(1e9, watch.now, price), watch.now)
    record = watched_record(rule)
    assert book.measure(record) == pytest.approx(measure)
    for other in (
        replace_dataclass(record, session="2022-06-07"),
        replace_dataclass(record, version="another"),
        replace_dataclass(record, symbol=Symbol(Market.HK, "1")),
        replace_dataclass(record, source="longport"),
        replace_dataclass(record, symbol=MOBILE),
    ):
        assert math.isnan(book.measure(other))


def watched_record(rule: Rule) -> AlertRecord:
    at = float(DAY.label(4))
    return AlertRecord(
        *("1", "opend", TENCENT, rule.condition, AlertState.ACTIVE, DAY.day.isoformat(), int(at)),
        *(0.0, rule.level, at),
        rule_id=rule.id,
        version=rule.version,
    )


def test_what_a_rule_measures_now_is_not_known_until_earlier_sessions_are_read_and_without_its_line() -> None:
    unusual, change = parse_rule("*: net change 1m unusual 3 floor 5M"), parse_rule("*: net change 4m <= -20M")
    book = AlertBook(CALENDAR, RuleTable(rules=[unusual, change]), find_past=lambda _key: None)
    Watcher(book).tell(0, -30, -60)
    assert [math.isnan(book.measure(watched_record(rule))) for rule in (unusual, change)] == [True, True]


def test_nothing_is_judged_on_stale_figures_and_all_of_it_is_on_the_next_that_are_not() -> None:
    table = RuleTable(default=-200e6)
    book = AlertBook(CALENDAR, table)
    watch = Watcher(book)
    watch.now = DAY.label(9)
    falling = series(0, -210, -230)
    assert words(book.evaluate(falling, DAY, None, watch.now, held=True)) == []
    assert book.has_obstacle(TENCENT, "opend")
    table.set_threshold(None, -100e6)
    assert words(book.rules_changed(watch.at)) == []
    assert words(book.evaluate(series(0, -210, -230, -240), DAY, None, watch.now)) == [("late raised", "1")]
    assert not book.has_obstacle(TENCENT, "opend")


def test_ten_times_the_rules_cost_ten_times_as_much_in_the_first_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def held(_watch: Watch) -> list[str]:
        nonlocal looks
        looks += 1
        return []

    monkeypatch.setattr(Watch, "held", property(held))
    costs = []
    for count in (10, 100):
        looks = 0
        rules = [parse_rule(f"*: net <= -{number}M") for number in range(1, count + 1)]
        Watcher(AlertBook(CALENDAR, RuleTable(rules=rules))).tell(0, 0, 0)
        costs.append(looks)
    assert costs[1] <= 20 * costs[0]


def test_an_early_rule_marks_the_minute_that_is_not_over_and_never_alerts_twice() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net <= -200M early")])
    assert watch.tell(0, 0) == []
    assert watch.tell(0, -210) == [("early", "1")]
    assert watch.tell(0, -150) == []  # the minute is not over
    assert watch.tell(0, -150, -100) == [("withdrawn", "early_withdrawn")]
    assert watch.tell(0, -150, -220) == [("early", "2")]
    assert watch.book.standing(TENCENT) is not None
    assert watch.tell(0, -150, -230, -240) == [("raised", "2")]
    assert [(each.told, each.value) for each in watch.book.records()] == [(1, -230e6), (0, -210e6)]


def test_early_marks_of_an_ended_run_and_of_an_ended_session_are_withdrawn() -> None:
    shelf, rules = Shelf(), {"default": None, "rules": [parse_rule("*: net <= -200M early")]}
    watch = Watcher(store=StoreInMemory(shelf), **rules)
    watch.tell(0, 0)
    watch.tell(0, -210)
    later = Watcher(store=StoreInMemory(shelf), start=watch.now, **rules)
    assert [record.standing for record in later.book.records()] == [False]
    assert later.tell(0, -150, -220) == [("early", "2")]
    later.now = DAY.close + 1800
    assert later.see(Freshness.CLOSED) == [("withdrawn", "session_ended")]


def test_a_symbol_that_leaves_takes_its_alerts_along() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    assert words(watch.book.forget_symbol(TENCENT, watch.at)) == [("cleared", "left_list")]
    assert watch.book.standing(TENCENT) is None
    watch.book.watch("opend", [TENCENT])
    assert watch.tell(0, -210, -1) == [("late raised", "1")]


def test_an_alert_of_a_symbol_that_was_handed_over_and_comes_back_is_the_same_announcement() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    before = watch.book.standing(TENCENT)
    assert words(watch.book.forget_symbol(TENCENT, watch.at, Code.HANDED_OVER)) == [("cleared", "handed_over")]
    watch.book.watch("opend", [TENCENT])
    assert watch.tell(0, -210, -1) == [("late raised", "1")]
    again = watch.book.standing(TENCENT)
    assert before is not None
    assert again is not None
    assert (again.id, again.told, again.seen) == (before.id, 1, 0)


def test_a_restart_neither_repeats_nor_loses() -> None:
    shelf = Shelf()
    watch = Watcher(store=StoreInMemory(shelf))
    watch.tell(0, -210, -1)
    watch.tell(0, -210, -1, symbol=MOBILE)
    watch.book.acknowledge([record.id for record in watch.book.records() if record.symbol == TENCENT])
    watch.book.flush()

    again = Watcher(store=StoreInMemory(shelf), start=DAY.open + 1800)
    assert again.book.records() == watch.book.records()
    assert again.tell(0, -210, -220, -1) == []
    assert again.tell(0, -210, -220, -100, -250, -1) == [("cleared", "3"), ("raised", "4")]
    standing = again.book.standing(MOBILE)
    assert standing is not None
    assert standing.waiting


def test_after_a_restart_alerts_are_there_before_the_first_reply_and_without_any_source() -> None:
    shelf = Shelf()
    Watcher(store=StoreInMemory(shelf)).tell(0, -210, -1)
    book, store = AlertBook(CALENDAR, RuleTable()), StoreInMemory(shelf)
    book.use_store(store, None, BEFORE)
    store.start(lambda news: book.heard(store, news, lambda _source: None) and None)
    (record,) = book.records()
    assert book.standing(TENCENT) == record
    assert book.acknowledge()
    assert shelf.records[record.id].acknowledged


def test_a_restart_on_another_day_ends_what_stood_and_it_still_waits() -> None:
    shelf = Shelf()
    Watcher(store=StoreInMemory(shelf)).tell(0, -210, -1)
    again = Watcher(store=StoreInMemory(shelf), start=NEXT.open - 60)
    again.book.pass_time(again.at, 0.0)
    assert again.states() == [AlertState.ENDED]
    assert again.book.records()[0].waiting
    assert again.tell(0, -210, -1, day=NEXT) == [("raised", "1")]


def test_another_programs_rule_is_shown_and_ends_with_its_session() -> None:
    shelf = Shelf()
    Watcher(store=StoreInMemory(shelf)).tell(0, -210, -1)
    other = Watcher(default=-100e6, store=StoreInMemory(shelf), start=DAY.open + 120)
    other.book.pass_time(other.at, 0.0)
    assert other.states() == [AlertState.ACTIVE]
    other.now = NEXT.open - 600
    other.book.pass_time(other.at, 1.0)
    assert other.states() == [AlertState.ENDED]
    assert [record.state for record in shelf.records.values()] == [AlertState.ENDED]


def test_two_programs_share_one_record_and_its_acknowledgement() -> None:
    shelf = Shelf()
    stores = [StoreInMemory(shelf), StoreInMemory(shelf)]
    window, watch = (Watcher(store=store) for store in stores)
    assert window.tell(0, -210, -1) == [("raised", "1")]
    assert watch.tell(0, -210, -1) == [("raised", "1")]
    (record,) = shelf.records.values()
    assert window.book.acknowledge([record.id])
    watch.book.pass_time(watch.at, 0.0)
    assert [each.acknowledged for each in watch.book.records()] == [True]
    # What the other program writes later takes nothing back.
    assert watch.tell(0, -210, -220, -100, -1) == [("cleared", "3")]
    assert [(each.acknowledged, each.state) for each in shelf.records.values()] == [(True, AlertState.CLEARED)]


def test_a_program_that_starts_later_joins_the_record_of_the_breach() -> None:
    shelf = Shelf()
    Watcher(store=StoreInMemory(shelf, working=False)).tell(0, -210, -1)  # one that never gets to write
    first = Watcher(store=StoreInMemory(shelf))
    first.tell(0, -100, -210, -1)
    stranger = Watcher(store=StoreInMemory(shelf, working=False), start=DAY.open + 1800)
    assert stranger.tell(0, -100, -210, -220, -1) == [("late raised", "2")]
    assert [each.id for each in stranger.book.records()] == list(shelf.records)


def test_a_store_that_fails_stops_no_alert_and_gets_all_of_it_later() -> None:
    shelf = Shelf()
    store = StoreInMemory(shelf, working=False)
    watch = Watcher(store=store)
    assert watch.tell(0, -210, -100, -220, -1) == [("raised", "1"), ("cleared", "2"), ("raised", "3")]
    assert len({record.id for record in watch.book.records()}) == 2
    assert [reason_words(each) for each in watch.book.troubles] == [f"alerts are not being saved: {reason_words(FULL)}"]
    store.working = True
    watch.book.pass_time(watch.at, 0.0)
    assert watch.book.troubles == ()
    assert set(shelf.records.values()) == set(watch.book.records())
    assert Watcher(store=StoreInMemory(shelf), start=DAY.open + 1800).tell(0, -210, -100, -220, -230, -1) == []


def test_the_record_of_a_source_is_kept_and_shown_in_no_row() -> None:
    shelf = Shelf()
    watch = Watcher(store=StoreInMemory(shelf))
    watch.tell(0, -210, -1)
    record = replace_dataclass(watch.book.records()[0], id="s", rule_id=SOURCE_RULE, cannot_judge=True)
    watch.book.keep(AlertEvent(DAY.open, AlertChange.CANNOT_JUDGE, record, None, None, 0.0))
    assert shelf.records["s"] == record
    assert watch.book.kept.of_source("opend") == [record]
    watch.book.acknowledge([each.id for each in watch.book.records() if not each.of_source])
    shown = watch.book.standing(TENCENT)
    assert shown is not None
    assert not shown.of_source
    assert not watch.book.simulated("opend")


def test_a_store_that_opens_late_joins_what_stood_with_what_was_found_meanwhile() -> None:
    shelf = Shelf()
    first = Watcher(store=StoreInMemory(shelf))
    first.tell(0, -210, -1)
    first.book.acknowledge()
    store = StoreInMemory(shelf, working=False)
    again = Watcher(store=store, start=DAY.open + 600)
    assert again.tell(0, -210, -220, -230, -1) == [("late raised", "1")]
    store.working = True
    again.book.pass_time(again.at, 0.0)
    (record,) = again.book.records()
    assert (record.acknowledged, record.standing) == (True, True)
    assert again.tell(0, -210, -220, -230, -100, -1) == [("cleared", "4")]
    assert [each.state for each in shelf.records.values()] == [AlertState.CLEARED]


def test_a_store_that_lost_everything_is_given_it_again() -> None:
    shelf = Shelf()
    store = StoreInMemory(shelf)
    watch = Watcher(store=store)
    assert watch.tell(0, -210, -1) == [("raised", "1")]
    kept, states = dict(shelf.records), dict(shelf.states)
    shelf.records.clear()
    shelf.states.clear()
    store.opened = False
    watch.book.pass_time(watch.at, 0.0)
    watch.book.flush()
    assert (shelf.records, shelf.states) == (kept, states)
    assert len(kept) == len(states) == 1


def test_what_cleared_while_the_store_could_not_be_read_is_over_in_it_too() -> None:
    shelf = Shelf()
    Watcher(store=StoreInMemory(shelf)).tell(0, -210, -1)
    store = StoreInMemory(shelf, working=False)
    again = Watcher(store=store, start=DAY.open + 600)
    assert again.tell(0, -210, -100, -220, -230, -1) == [("late raised", "3")]
    store.working = True
    again.book.pass_time(again.at, 0.0)
    assert sorted((each.line_time, each.state) for each in shelf.records.values()) == [
        (DAY.label(1), AlertState.CLEARED),
        (DAY.label(3), AlertState.ACTIVE),
    ]


def test_figures_wait_for_the_store_and_not_for_long() -> None:
    shelf = Shelf()
    Watcher(store=StoreInMemory(shelf)).tell(0, -210, -1)
    book, store = AlertBook(CALENDAR, RuleTable(-200e6)), StoreInMemory(shelf)
    book.use_store(store, "opend", DAY.open + 600)
    slow = Watcher(book, start=DAY.open + 600)
    assert slow.tell(0, -210, -220, -1) == []
    told: list[AlertEvent] = []
    store.start(lambda news: told.extend(book.heard(store, news, slow.at)))
    assert told == []  # it was raised before, and is known now

    hangs = AlertBook(CALENDAR, RuleTable(-200e6))
    hangs.use_store(HangingStore(shelf), "opend", DAY.open + 600)
    watch = Watcher(hangs, start=DAY.open + 600)
    assert watch.tell(0, -210, -220, -1) == []
    assert words(hangs.pass_time(watch.at, 0.0)) == words(hangs.pass_time(watch.at, 2.0)) == []
    assert words(hangs.pass_time(watch.at, 2.1)) == [("late raised", "1")]


class HangingStore(StoreInMemory):
    def look(self) -> None:
        """Nothing comes back from the disk."""


def test_a_source_that_proves_to_be_a_simulator_is_kept_apart() -> None:
    real, simulated = Shelf(), Shelf()
    watch = Watcher(store=StoreInMemory(real))
    watch.see(Freshness.NEVER_POLLED, 0.0)
    watch.now = DAY.open + 60
    watch.see(Freshness.NEVER_POLLED, 0.0)
    assert watch.see(Freshness.NEVER_POLLED, 30.0) == [("blocked", "no_answer_yet")]
    store = StoreInMemory(simulated, simulated=True)
    assert words(watch.book.use_store(store, "opend", watch.now)) == [("judged_again", "left_list")]
    store.start(lambda news: watch.book.heard(store, news, watch.at) and None)
    assert watch.tell(0, -210, -1) == [("raised", "1")]
    assert [each.cannot_judge for each in real.records.values()] == [True]
    assert [each.standing for each in real.records.values()] == [False]
    assert [each.simulated for each in simulated.records.values()] == [True]


def test_a_simulator_that_begins_again_knows_nothing_of_its_future() -> None:
    shelf = Shelf()
    first = Watcher(AlertBook(CALENDAR, RuleTable(-200e6)))
    open_store(first.book, StoreInMemory(shelf, simulated=True), BEFORE)
    first.tell(*([0.0] * 30), -210, -1)
    first.book.acknowledge()
    book = AlertBook(CALENDAR, RuleTable(-200e6))
    open_store(book, StoreInMemory(shelf, simulated=True), BEFORE)
    again = Watcher(book)
    assert len(book.records()) == 1
    again.book.pass_time(again.at, 0.0)
    assert book.records() == ()
    assert shelf.records == {}
    assert again.tell(0, -210, -1) == [("raised", "1")]
    assert book.records()[0].waiting


LOST = LinkState("opend", LinkPhase.LOST, 0.0, reason=said("connection reset"))
NO_RIGHT = NoQuoteRight("opend", 3, "no HK LV1 quote right")


@pytest.mark.parametrize(
    ("freshness", "facts", "waits", "reason"),
    [
        (Freshness.LIVE, {"link": LOST}, 20, "not_connected_because"),
        (Freshness.NO_PERMISSION, {"error": NO_RIGHT}, 20, "verbatim"),
        (Freshness.ERROR, {"error": ConnectionLost("opend", said("reset"))}, 20, "verbatim"),
        (Freshness.NEVER_POLLED, {}, 20, "no_answer_yet"),
        (Freshness.NEVER_POLLED, {"cycle_s": 30.0}, 60, "no_answer_yet"),
        (Freshness.STALE, {}, -1, "time_stands"),
        (Freshness.PREVIOUS_SESSION, {}, 180, "previous_session"),
    ],
)
def test_what_cannot_be_judged_for_two_cycles_is_said_once(
    freshness: Freshness, facts: dict[str, object], waits: float, reason: str
) -> None:
    watch = Watcher(start=DAY.open + 600)
    if waits > 0:
        assert watch.see(freshness, 0.0, **facts) == []
        assert watch.see(freshness, waits, **facts) == []
    assert watch.see(freshness, waits + 1, **facts) == [("blocked", reason)]
    assert watch.see(freshness, waits + 2, **facts) == []
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert (standing.waiting, standing.cannot_judge) == (True, True)
    assert watch.see(Freshness.LIVE, waits + 3) == [("judged_again", "judged_again")]
    assert watch.book.standing(TENCENT) is None
    # And a second time it counts from the beginning.
    assert watch.see(freshness, waits + 4, **facts) == ([] if waits > 0 else [("blocked", reason)])


@pytest.mark.parametrize(
    ("told", "rule", "waits", "reason"),
    [
        ({"flagged": {0: Flag.SUM, 1: Flag.SUM}}, "*: net <= -1M", 0, "newest_flagged"),
        ({"flagged": {0: Flag.SCALE}}, "*: net <= -1M", 0, "reply_flagged"),
        ({}, "*: large <= -1M", 0, "no_metric"),
        ({}, "*: net/turnover <= -3%", 60, "turnover_unknown"),
    ],
)
def test_lines_that_cannot_be_judged_are_said(told: dict[str, object], rule: str, waits: int, reason: str) -> None:
    watch = Watcher(default=None, rules=[parse_rule(rule)])
    assert [watch.tell(0, -5, -6, **told) for _ in range(2 + waits // 30)] == [[]] * (2 + waits // 30)
    watch.now += waits
    assert watch.see() == []  # what keeps the next reply away is said
    ((change, said),) = watch.tell(0, -5, -6, **told)
    assert change == "blocked"
    assert reason in said


def test_a_reply_that_is_judged_again_counts_once() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net <= -1M")])
    flagged = [replace(series(0, -5, -6, flagged={1: Flag.SUM}), received=DAY.open + 100.0 + at) for at in (0, 0, 0, 9)]
    assert [words(watch.book.evaluate(each, DAY, None, DAY.open + 120)) for each in flagged] == [[]] * 4
    assert words(watch.book.evaluate(replace(flagged[0], received=DAY.open + 130.0), DAY, None, DAY.open + 130)) == [
        ("blocked", "newest_flagged")
    ]


def test_replies_that_said_the_same_count_each() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net <= -1M")])
    flagged = series(0, -5, -6, flagged={1: Flag.SUM})
    assert words(watch.book.evaluate(flagged, DAY, None, DAY.open + 100)) == []
    assert words(watch.book.evaluate(flagged, DAY, None, DAY.open + 160, replies=2)) == [("blocked", "newest_flagged")]


def test_a_share_rule_waits_for_its_turnover_alone() -> None:
    watch = Watcher(rules=[parse_rule("*: net/turnover <= -3%")], default=None)
    told = [watch.tell(0, -10, -10, flagged={1: Flag.ORDER}, turnover=1e9) for _ in range(3)]
    assert told == [[], [], [("blocked", "reply_flagged")]]


def test_a_share_for_all_is_judged_by_the_turnover_so_far() -> None:
    watch, opening = Watcher(default=Share(-0.03)), (0,) * 30
    assert watch.tell(*opening, -5, -6, turnover=200e6) == []
    assert watch.tell(*opening, -5, -6.1, -7, turnover=200e6) == [("raised", "31")]
    (record,) = watch.book.records()
    assert (record.rule_id, record.rule, record.threshold) == (
        "default",
        "net/turnover <= -3% rearm 50% skip first 30m",
        -0.03,
    )
    assert record.value == pytest.approx(-0.0305)


def test_a_share_without_turnover_is_not_judged_unless_no_money_has_moved() -> None:
    watch = Watcher(default=None, rules=[parse_rule("*: net/turnover <= -3%")])
    assert [watch.tell(0, 0, 0) for _ in range(4)] == [[]] * 4
    assert [watch.tell(0, 0, -1, -1) for _ in range(3)] == [[]] * 3
    watch.now += 59
    assert watch.tell(0, 0, -1, -1) == []
    watch.now += 1
    ((change, why),) = watch.tell(0, 0, -1, -1)
    assert (change, "turnover_unknown" in why) == ("blocked", True)


def test_a_row_with_no_line_yet_is_given_the_opening_minutes() -> None:
    watch = Watcher(start=DAY.open + 5)
    watch.tell()
    assert watch.see(mono=0) == watch.see(mono=170) == []
    assert watch.see(mono=181) == [("blocked", "no_lines")]


@pytest.mark.parametrize("freshness", [Freshness.LUNCH, Freshness.CLOSED, Freshness.PREVIOUS_SESSION, Freshness.ERROR])
def test_nothing_is_missed_while_the_market_rests(freshness: Freshness) -> None:
    watch = Watcher(start=DAY.periods[0][1] + 60)
    assert [watch.see(freshness, mono, link=LOST) for mono in (0, 100, 5000)] == [[], [], []]


def test_a_halted_symbol_is_not_a_fault() -> None:
    watch = Watcher(start=DAY.open + 600)
    assert [watch.see(Freshness.HALTED, mono) for mono in (0, 100, 5000)] == [[], [], []]


def test_what_was_blocked_at_the_close_ends_with_the_session() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.see(Freshness.STALE)
    watch.now = DAY.close + 1800
    assert watch.see(Freshness.CLOSED) == [("judged_again", "session_ended")]
    assert watch.states() == [AlertState.ENDED]
    assert not watch.book.records()[0].waiting


def test_an_acknowledged_blocked_rule_stays_known_as_such() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.see(Freshness.STALE)
    watch.book.acknowledge()
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert (standing.acknowledged, standing.cannot_judge) == (True, True)


def test_an_alert_stands_before_what_cannot_be_judged() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.see(Freshness.STALE, 100)
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert not standing.cannot_judge
    watch.book.acknowledge([standing.id])
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert standing.cannot_judge


def test_an_alert_and_what_cannot_be_judged_end_apart() -> None:
    watch = Watcher(start=DAY.open + 1)
    watch.tell(0, -210, -1)
    assert watch.see(Freshness.STALE) == [("blocked", "time_stands")]
    assert watch.see(mono=1) == [("judged_again", "judged_again")]
    assert {each.cannot_judge: each.standing for each in watch.book.records()} == {True: False, False: True}
    assert watch.tell(0, -210, -100, -1) == [("cleared", "2")]


def test_a_rule_that_cannot_be_judged_over_a_restart_is_one_record() -> None:
    shelf = Shelf()
    for start in (0, 100, 200):
        watch = Watcher(store=StoreInMemory(shelf), start=DAY.open + 600 + start, answered=False)
        said = watch.see(Freshness.ERROR, 0.0) + watch.see(Freshness.ERROR, 30.0)
        assert said == ([] if start else [("blocked", "no_answer")])
    assert len(shelf.records) == 1
    assert watch.see(mono=31.0) == [("judged_again", "judged_again")]
    assert [each.state for each in shelf.records.values()] == [AlertState.CLEARED]


def test_two_programs_that_cannot_judge_a_rule_share_one_record_of_it() -> None:
    shelf = Shelf()
    window, other = (Watcher(store=StoreInMemory(shelf), start=DAY.open + start) for start in (595, 602))
    alone = Watcher(store=StoreInMemory(shelf, working=False), start=DAY.open + 595)
    assert [watch.see(Freshness.ERROR, 0.0) for watch in (window, other, alone)] == [[]] * 3
    for watch in (window, alone, other):
        watch.book.pass_time(watch.at, 31.0)
        assert watch.see(Freshness.ERROR, 31.0) == [("blocked", "no_answer")]
    assert [[each.id for each in watch.book.records()] for watch in (window, other, alone)] == [list(shelf.records)] * 3
    # It is told of once: under one number.
    assert {each.told for each in shelf.records.values()} == {1}
    assert other.see(mono=32.0) == [("judged_again", "judged_again")]
    # The next time is another one.
    assert other.see(Freshness.STALE) == [("blocked", "time_stands")]
    assert [each.standing for each in shelf.records.values()] == [False, True]


def test_records_made_while_the_store_fails_are_never_taken_for_others() -> None:
    """Two starts without a disk, each with its own: every record keeps its rule, its symbol and its state."""
    shelf = Shelf()
    for start, symbol in ((0, TENCENT), (100, MOBILE)):
        store = StoreInMemory(shelf, working=False)
        watch = Watcher(store=store, start=DAY.open + 600 + start)
        watch.see(Freshness.ERROR, 0.0, symbol)
        watch.see(Freshness.ERROR, 30.0, symbol)
        store.working = True
        watch.book.pass_time(watch.at, 0.0)
    assert {each.symbol for each in shelf.records.values()} == {TENCENT, MOBILE}
    for symbol in (TENCENT, MOBILE):
        standing = watch.book.standing(symbol)
        assert standing is not None
        assert standing.symbol == symbol


def test_a_symbol_that_was_never_answered_takes_along_what_could_not_be_judged() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.see(Freshness.ERROR, 0.0)
    watch.see(Freshness.ERROR, 30.0)
    assert words(watch.book.forget_symbol(TENCENT, watch.at)) == [("judged_again", "left_list")]
    assert watch.book.standing(TENCENT) is None
    # An answer that was on its way begins nothing anew.
    assert watch.tell(0, -210, -1) == []
    assert watch.see(Freshness.STALE) == []
    watch.book.watch("opend", [TENCENT])
    assert watch.tell(0, -210, -1) == [("late raised", "1")]


def test_a_rule_that_goes_takes_along_what_could_not_be_judged() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.see(Freshness.ERROR, 0.0)
    watch.see(Freshness.ERROR, 30.0)
    assert words(watch.book.set_threshold(TENCENT, Choice.NONE, watch.at)) == [("judged_again", "rule_changed")]
    assert watch.book.standing(TENCENT) is None


def test_an_alert_nobody_saw_waits_after_it_cleared() -> None:
    watch = Watcher()
    watch.tell(0, -210, -100, -1)
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert (standing.state, standing.waiting) == (AlertState.CLEARED, True)
    watch.book.acknowledge([standing.id])
    assert watch.book.standing(TENCENT) is None


def test_a_source_that_never_connected_is_said_and_its_first_alert_is_late() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.book.forget_symbol(TENCENT, watch.at)
    watch.book.watch("opend", [TENCENT])
    waiting = LinkState("opend", LinkPhase.WAITING, 0.0)
    assert watch.see(Freshness.NEVER_POLLED, 0.0, link=waiting) == []
    assert watch.see(Freshness.NEVER_POLLED, 30.0, link=waiting) == [("blocked", "not_connected")]
    assert watch.tell(0, -210, -1) == [("late raised", "1")]


def test_a_link_that_is_down_over_night_is_said_once_in_the_morning() -> None:
    watch = Watcher()
    watch.tell(0, -10, -10)
    watch.now = NEXT.open + 600
    said = [each for mono in range(300) for each in watch.see(Freshness.PREVIOUS_SESSION, 1e5 + mono, link=LOST)]
    assert said == [("blocked", "not_connected_because")]
    assert [record.session for record in watch.book.records()] == [NEXT.day.isoformat()]


def test_a_restart_while_the_link_is_down_repeats_nothing() -> None:
    shelf = Shelf()
    first = Watcher(store=StoreInMemory(shelf))
    assert first.tell(0, -210, -1) == [("raised", "1")]
    first.see(Freshness.LIVE, 0.0, link=LOST)
    assert first.see(Freshness.LIVE, 30.0, link=LOST) == [("blocked", "not_connected_because")]
    first.book.acknowledge()
    again = Watcher(store=StoreInMemory(shelf), start=first.now + 30, answered=False)
    waits = [each for mono in range(60) for each in again.see(Freshness.NEVER_POLLED, mono, link=LOST)]
    assert waits == []
    assert again.see(Freshness.NEVER_POLLED, 60.0) == again.tell(0, -210, -220, -230) == []
    assert again.see(mono=61.0) == [("judged_again", "judged_again")]
    assert [(each.standing, each.told, each.seen) for each in again.book.records()].count((True, 1, 1)) == 1
    assert again.states().count(AlertState.ACTIVE) == 1


def test_the_reason_that_is_shown_is_the_one_that_holds() -> None:
    watch = Watcher(start=DAY.open + 600)
    watch.see(Freshness.STALE)
    assert watch.see(Freshness.LIVE, 1.0, link=LOST) == []
    standing = watch.book.standing(TENCENT)
    assert standing is not None
    assert standing.reason is not None
    assert reason_words(standing.reason) == "not connected: connection reset"


def test_a_simulated_session_served_anew_ends_the_one_before() -> None:
    watch = Watcher(AlertBook(CALENDAR, RuleTable(-200e6), ignore_calendar=True), start=NEXT.open + 600)
    assert watch.tell(0, -210, -1, day=NEXT) == [("late raised", "1")]
    assert watch.tell(0, -210, -1) == [("cleared", "session_ended"), ("late raised", "1")]


def test_rules_of_a_group_hold_for_its_members() -> None:
    groups = {TENCENT: {"core"}}
    watch = Watcher(
        default=None, rules=[parse_rule("@core: net <= -200M")], groups=lambda symbol: groups.get(symbol, set())
    )
    assert watch.tell(0, -210, -1, symbol=MOBILE) == []
    assert watch.tell(0, -210, -1) == [("raised", "1")]


def test_a_member_that_is_learnt_of_late_is_judged_at_the_next_look() -> None:
    groups: dict[Symbol, set[str]] = {}
    watch = Watcher(
        default=None, rules=[parse_rule("@core: net <= -200M")], groups=lambda symbol: groups.get(symbol, set())
    )
    assert watch.tell(0, -210, -1) == []
    groups[TENCENT] = {"core"}
    assert watch.see() == [("late raised", "1")]
    assert watch.see() == []


def test_one_rule_given_twice_is_one_rule() -> None:
    watch = Watcher(rules=[parse_rule("*: net <= -200M"), parse_rule("*: net<=-200000K")])
    assert watch.tell(0, -210, -1) == [("raised", "1")]


def test_members_that_a_group_loses_lose_its_rule() -> None:
    groups = {TENCENT: {"core"}}
    watch = Watcher(
        default=None, rules=[parse_rule("@core: net <= -200M")], groups=lambda symbol: groups.get(symbol, set())
    )
    assert watch.tell(0, -210, -1) == [("raised", "1")]
    groups.clear()
    assert watch.tell(0, -210, -1) == [("cleared", "rule_changed")]


def test_memory_holds_a_bounded_history() -> None:
    watch = Watcher()
    net = [0.0]
    for _ in range(150):
        net += [-210, -100]
    for symbol in (Symbol(Market.HK, str(code)) for code in range(1, 9)):
        watch.now = BEFORE
        watch.book.watch("opend", [symbol])
        watch.see(symbol=symbol)
        watch.tell(*net, symbol=symbol)
    assert 500 <= len(watch.book.records()) <= 1001


def test_a_symbol_that_changes_its_source_takes_everything_along() -> None:
    """See test_hand_over for each of it."""
    watch = Watcher(AlertBook(CALENDAR, RuleTable(-200e6), shared=True))
    assert watch.tell(0, -210, -1) == [("raised", "1")]
    watch.book.watch("longport", [TENCENT])
    for source in ("opend", "longport"):
        assert watch.see(Freshness.STALE, source=source) == [("blocked", "time_stands")]
        watch.now += 1
    there = msgspec.structs.replace(series(0, -210, -220, -1), source="longport")
    watch.now = float(there.timestamps[-1]) + 5
    assert words(watch.book.evaluate(there, DAY, None, watch.now)) == []
    standing = [record for record in watch.book.records() if record.standing]
    assert sorted((record.cannot_judge, record.source) for record in standing) == [
        (False, "opend"),
        (True, "longport"),
    ]
    assert words(watch.book.evaluate(series(0, -210, -100, -1), DAY, None, watch.now)) == []
    assert watch.book.change_count > 0


def test_a_session_of_an_earlier_date_is_over_at_the_next_look() -> None:
    watch = Watcher()
    watch.tell(0, -210, -1)
    watch.now = NEXT.open - 600
    assert watch.see(Freshness.PREVIOUS_SESSION) == [("cleared", "session_ended")]


def test_an_outage_is_noted_when_it_is_said_and_when_it_ends() -> None:
    noted: list[Outage] = []
    watch = Watcher(AlertBook(CALENDAR, RuleTable(), note=noted.append), start=DAY.open + 600)
    noted.clear()
    watch.see(Freshness.ERROR, 0.0)
    assert noted == []
    watch.now += 30
    watch.see(Freshness.ERROR, 21.0)
    watch.see(Freshness.STALE, 22.0)
    why = Reason.of(Code.NO_ANSWER)
    assert noted == [Outage("opend", TENCENT, watch.now, None, why)]
    watch.now = DAY.periods[0][1] + 60
    watch.see(Freshness.LUNCH, 2000.0)
    watch.now = DAY.periods[1][0] + 1
    watch.see(mono=6000.0)
    assert noted[1:] == [Outage("opend", TENCENT, DAY.open + 630, watch.now, why)]


def test_an_outage_ends_with_the_session() -> None:
    noted: list[Outage] = []
    watch = Watcher(AlertBook(CALENDAR, RuleTable(), note=noted.append), start=DAY.close - 60)
    noted.clear()
    watch.see(Freshness.STALE, 0.0)
    watch.now = DAY.close + 1
    watch.see(Freshness.CLOSED, 61.0)
    assert [each.end for each in noted] == [None, DAY.close + 1]


def test_a_recorded_outage_is_told_to_every_rule() -> None:
    watch = Watcher(rules=[parse_rule("*: net <= -1M")], start=DAY.open + 600)
    why = Reason.of(Code.NO_ANSWER)
    assert words(watch.book.obstruct(TENCENT, "opend", why, watch.now)) == [("blocked", "no_answer")] * 2
    assert words(watch.book.obstruct(TENCENT, "opend", why, watch.now)) == []
    assert words(watch.book.obstruct(TENCENT, "opend", None, watch.now)) == [("judged_again", "judged_again")] * 2
    assert watch.book.obstruct(Symbol(Market.HK, "5"), "opend", why, watch.now) == []


def test_the_book_says_whether_something_is_in_the_way() -> None:
    watcher = Watcher()
    watcher.tell(0, -10, -20)
    assert not watcher.book.has_obstacle(TENCENT, "opend")
    watcher.tell(0, -10, -20, -30, flagged={2: Flag.SUM})
    assert watcher.book.has_obstacle(TENCENT, "opend")
    assert not watcher.book.has_obstacle(TENCENT, "longport")


def test_very_many_rules_that_cannot_be_judged_are_said_a_part_at_a_time() -> None:
    rules = [parse_rule(f"*: net <= -{20_000_000 + number}") for number in range(250)]
    left: list[tuple[Symbol, str]] = []
    watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=rules), later=lambda *place: left.append(place)))
    watch.tell(0, 0)
    said_now = watch.see(Freshness.STALE)
    assert (len(said_now), len(left)) == (200, 1)
    assert len(watch.book.judge_waiting(*left.pop())) == 50


def test_while_a_market_trades_a_symbol_is_quiet_once_it_was_looked_at_and_its_figures_are_live() -> None:
    watch = Watcher()

    def quiet(*, live: bool = True) -> bool:
        stretch = watch.book.sessions.stretch(TENCENT.market, watch.now)
        return watch.book.is_quiet(TENCENT, "opend", stretch, live=live)

    watch.tell(*[0.0] * 5)
    assert not quiet()
    assert watch.see() == []
    assert quiet()
    assert not quiet(live=False)
    watch.tell(*[0.0] * 6)
    assert quiet()  # a reply that is judged leaves nothing to be looked at
    watch.book.evaluate(series(*[0.0] * 7), DAY, None, watch.now, held=True)
    assert not quiet()
    watch.see(Freshness.STALE)
    assert not quiet()  # it is waited for
    watch.see()
    assert quiet()
    watch.book.set_threshold(None, -1e6, watch.at)
    assert not quiet()
    watch.see()
    watch.now = DAY.close + 1.0
    assert not quiet()
