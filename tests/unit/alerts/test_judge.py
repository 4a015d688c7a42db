"""Whatever has to be read first, and however long that takes, rules say what they would have said at once."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.past import Past, PastKey
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from tests.unit.alerts.shelf import Shelf, StoreInMemory
from tests.unit.alerts.test_book import CALENDAR, DAY, NEXT, TENCENT, Watcher, series, watched_record, words
from tests.unit.playback.recorded import SHORT_DAY, Poll, Spell, any_polls, any_rule, any_spells, live, told

RULE = parse_rule("*: net change 1m unusual 3 floor 5M")
KEY = PastKey("opend", TENCENT, DAY.day, "net", 1)
QUIET = Past(UsualChanges([np.zeros(9, np.float32)] * 10), {})


@pytest.mark.long
@settings(max_examples=25)
@given(any_polls(), any_rule(), any_spells(), st.integers(0, 26), st.integers(0, 26))
def test_replies_that_wait_for_what_is_read_are_judged_as_they_would_have_been_at_once(
    polls: list[Poll], rule: Rule, spells: list[Spell], store_after: int, past_after: int
) -> None:
    late = live(polls, SHORT_DAY, [rule], spells=spells, speed=1e6, store_after=store_after, past_after=past_after)
    assert told(late.events) == told(live(polls, SHORT_DAY, [rule], spells=spells, speed=1e6).events)


def reading() -> tuple[Watcher, dict[PastKey, Past]]:
    """A book with a rule that needs earlier sessions, and what has been read of them."""
    known: dict[PastKey, Past] = {}
    return Watcher(AlertBook(CALENDAR, RuleTable(rules=[RULE]), find_past=known.get)), known


def test_of_replies_that_wait_each_is_judged_as_it_was() -> None:
    watch, known = reading()
    assert watch.tell(0, 0, -30, -30) == []
    assert watch.tell(0, 0, -1, -2, -2) == []  # the line that alerts was revised meanwhile
    known[KEY] = QUIET
    assert words(watch.book.judge_waiting(TENCENT, "opend")) == [("raised", "2"), ("cleared", "3")]
    assert words(watch.book.judge_waiting(TENCENT, "opend")) == []
    assert watch.tell(0, 0, -1, -2, -30, -30) == [("raised", "4")]


def test_what_is_in_the_way_meanwhile_is_said_in_its_turn() -> None:
    watch, known = reading()
    assert watch.tell(0, 0, -30, -30) == []
    assert watch.see(Freshness.STALE) == watch.see() == []
    assert watch.tell(0, 0, -30, -31, -31) == []
    known[KEY] = QUIET
    expected = [("raised", "2"), ("blocked", "time_stands"), ("judged_again", "judged_again"), ("cleared", "3")]
    assert words(watch.book.judge_waiting(TENCENT, "opend")) == expected
    assert watch.see() == []


def test_what_takes_long_to_read_is_said_and_judged_later() -> None:
    watch, known = reading()
    watch.tell(0, 0, -30, -30)
    assert watch.see(mono=10.0) == watch.see(mono=70.0) == []
    assert watch.see(mono=70.1) == [("blocked", "still_reading")]
    known[KEY] = QUIET
    expected = [("raised", "2"), ("judged_again", "judged_again")]
    assert words(watch.book.judge_waiting(TENCENT, "opend")) == expected


def test_what_waits_for_a_session_that_is_over_is_forgotten() -> None:
    watch, known = reading()
    watch.tell(0, 0, -30, -30)
    assert watch.tell(0, 0, day=NEXT) == []
    known |= {KEY: QUIET, KEY._replace(session=NEXT.day): QUIET}
    assert words(watch.book.judge_waiting(TENCENT, "opend")) == []
    assert watch.tell(0, 0, -30, -30, day=NEXT) == [("raised", "2")]


def test_before_the_open_nothing_is_read_of_the_session_that_is_shown_still() -> None:
    asked: list[PastKey] = []

    def find(key: PastKey) -> None:
        asked.append(key)

    watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=[RULE]), find_past=find), start=NEXT.open - 600)
    watch.tell(0, -30, -30)
    assert asked == []
    watch.tell(0, 0, day=NEXT)
    assert asked == [KEY._replace(session=NEXT.day)]


def test_replies_wait_for_the_store_as_they_do_for_earlier_sessions() -> None:
    watch, known = reading()
    told: list[AlertEvent] = []
    store = StoreInMemory(Shelf())
    watch.book.use_store(store, "opend", watch.now)
    assert watch.tell(0, 0, -30, -30) == watch.tell(0, 0, -1, -2, -2) == []
    store.start(lambda news: told.extend(watch.book.heard(store, news, watch.at)))
    assert told == []
    known[KEY] = QUIET
    assert words(watch.book.judge_waiting(TENCENT, "opend")) == [("raised", "2"), ("cleared", "3")]


def test_a_rule_that_is_added_before_the_first_reply_has_nothing_to_judge() -> None:
    rules = RuleTable()
    watch = Watcher(AlertBook(CALENDAR, rules))
    rules.set_entry(RuleEntry(parse_rule("*: net <= -20M")))
    assert watch.book.rules_changed(watch.at) == []


def test_a_session_that_is_over_ends_what_its_last_line_raised() -> None:
    rule = parse_rule("*: divergence 1m price 1% flow 1%")
    known = Past(UsualChanges(), {DAY.label(DAY.minutes - 1): Turnover(1e9, DAY.label(DAY.minutes - 1) + 60.0, 100.0)})
    watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=[rule]), find_past=lambda _key: known))
    whole = series(*[0.0] * DAY.minutes, -20)
    final = replace(whole, confirmed=whole.confirmed | True)
    told = watch.book.evaluate(final, DAY, Turnover(1e9, DAY.close + 100.0, 102.0), DAY.close + 720.0)
    assert words(told) == [("raised", "330"), ("cleared", "session_ended")]


def test_an_early_rule_marks_the_minute_that_is_not_over_until_it_is() -> None:
    watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=[parse_rule("*: net <= -20M early")])))
    assert watch.tell(0, -30) == [("early", "1")]
    assert watch.tell(0, -30, -30) == [("raised", "1")]


def test_what_was_in_the_way_for_a_minute_is_said_though_the_reply_then_can_be_judged() -> None:
    watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=[parse_rule("*: net/turnover <= -3%")])))
    assert [watch.tell(0, 0, -1, -1) for _ in range(3)] == [[]] * 3
    watch.now += 60
    expected = [("blocked", "turnover_unknown"), ("judged_again", "judged_again")]
    assert watch.tell(0, 0, -1, -1, turnover=1e9) == expected


def test_what_a_rule_measures_is_not_known_before_what_it_needs_is_read() -> None:
    watch, known = reading()
    record = watched_record(RULE)
    assert math.isnan(watch.book.measure(record)), "no reply"
    watch.tell(0, 0, -30)
    assert math.isnan(watch.book.measure(record)), "earlier sessions are being read"
    known[KEY] = QUIET
    assert watch.book.measure(record) < 0
    assert math.isnan(watch.book.measure(dataclasses.replace(record, version="another")))


@pytest.mark.long
def test_very_many_rules_are_judged_a_part_at_a_time_and_all_of_them_as_in_one_go() -> None:
    rules = [parse_rule(f"*: net <= -{20_000_000 + number}") for number in range(1000)]
    left: list[tuple[Symbol, str]] = []
    parts = Watcher(AlertBook(CALENDAR, RuleTable(rules=rules), later=lambda *place: left.append(place)))
    whole = Watcher(AlertBook(CALENDAR, RuleTable(rules=rules)))

    def rest() -> list[tuple[str, str]]:
        told = []
        while left:
            assert len(left) == 1
            told.append(words(parts.book.judge_waiting(*left.pop())))
            assert len(told[-1]) <= 200
        return [each for part in told for each in part]

    for net in ((0, 0), (0, 0, -30), (0, 0, -30, -31), (0, 0, -30, -31, 0)):
        told = parts.tell(*net)
        assert len(told) <= 200
        assert told + rest() == whole.tell(*net)
    assert sorted(parts.book.records(), key=str) == sorted(whole.book.records(), key=str)
    assert len(parts.book.records()) == 1000
    assert parts.see(Freshness.STALE) == whole.see(Freshness.STALE)[:200]
    assert len(rest()) == 800


def test_a_session_that_begins_while_rules_are_left_is_judged_by_all() -> None:
    rules = [parse_rule(f"*: net <= -{20_000_000 + number}") for number in range(300)]
    left: list[tuple[Symbol, str]] = []
    watch = Watcher(AlertBook(CALENDAR, RuleTable(rules=rules), later=lambda *place: left.append(place)))
    watch.tell(0, 0)
    told = watch.tell(0, -30, -30) + watch.tell(0, -30, -30, -30)
    assert len(told) == 200
    watch.see()
    while left:
        told += words(watch.book.judge_waiting(*left.pop()))
    assert told == [("raised", "1")] * 300
