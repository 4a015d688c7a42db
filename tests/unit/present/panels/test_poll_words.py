"""What the poll budget says in words."""

from __future__ import annotations

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.poll_budget import CallMark, Cycles, Neighbour, PollBudget, RowAge
from capflow_gui.feed.polling.turns import Why
from capflow_gui.present.panels import poll_words
from tests.ui.boards import CALENDAR, NOW
from tests.ui.budget.budgets import poll_budget


@pytest.fixture
def budget() -> PollBudget:
    return poll_budget()


def test_the_head_says_what_is_used_and_what_it_takes(budget: PollBudget) -> None:
    assert poll_words.used_words(budget) == "of 30 requests in the last 30 s"
    assert dict(poll_words.facts(budget)) == {
        "cycle on screen": "10 s",
        "off screen": "37 s",
        "oldest reply": "2m 14s",
        "waiting": "2",
        "refused": "0",
    }
    bare = poll_budget(ages=(), cycles=(Cycles(0, None, None, None),) * 4)
    assert [name for name, _value in poll_words.facts(bare)] == ["waiting", "refused"]


def test_what_holds_calls_back_is_said_in_sentences() -> None:
    refused = "OpenD refused a call that our count allows: a program that is no Capflow shares this quota. "
    held = poll_budget(halved_until=700.0, limit=15, silent_since=80.0, held_back=2, budget=20)
    assert [*poll_words.troubles(held)] == [
        f"{refused}15 of 20 calls are used for another 10 m.",
        "A question has been open for 20 s.",
        "2 symbols wait after an error.",
        "The settings allow 20 of the broker's 30 calls.",
    ]
    assert [*poll_words.troubles(poll_budget(held_back=0, silent_since=99.9))] == []


def test_every_kind_of_call_has_a_lane_of_its_own(budget: PollBudget) -> None:
    for kind, lane in (("capital_flow", 0), ("snapshot", 3), ("search", 4), ("new", 4)):
        assert poll_words.lane_of(CallMark(kind, 0.0)) == lane
    assert poll_words.lane_of(CallMark("", 0.0, other=True)) == 5
    assert poll_words.strip_words(budget, 30.0) == (
        "Flow 20, History 2, Distribution 2, Prices, names 4, Questions 2, Other programs 3"
    )
    assert poll_words.strip_words(poll_budget(calls=()), 60.0) == "No call in the last 60 s"
    assert len(poll_words.marks_within(budget, 10.0)) < len(budget.calls)


def test_questions_stand_before_symbols_with_the_reason_of_each(budget: PollBudget) -> None:
    rows = poll_words.turn_rows(budget, CALENDAR, NOW)
    assert rows[0] == ("days, weeks or months", "–", "waits", "a question goes first")
    assert rows[1] == ("9988.HK", "31s", "now", "on screen")
    assert rows[2][1:] == ("28s", "in 1 s", "near its level")
    assert rows[-1] == ("AAPL.US", "1h 06m", "08:32", "its market opens")
    assert len(poll_words.turn_headers()) == len(rows[0])
    assert set(poll_words._WHY) == set(Why)


def test_the_cost_of_more_symbols_is_said_beside_what_holds_now(budget: PollBudget) -> None:
    assert poll_words.cycle_rows(budget)[:2] == [("now", "10 s", "37 s", 37.0), ("+20", "10 s", "57 s", 57.0)]
    none = poll_budget(cycles=(Cycles(0, None, None, None),) * 4)
    assert poll_words.cycle_rows(none)[0] == ("now", "–", "–", 0.0)
    assert "measured" in poll_words.cost_note()


def test_the_oldest_is_named_and_all_ages_are_counted(budget: PollBudget) -> None:
    assert poll_words.ages_words(budget) == "Oldest reply: 9988.HK, 2m 14s"
    bins, width = poll_words.age_bins(budget)
    assert (sum(bins), width, bins[-1]) == (37, 10.0, 1)
    assert poll_words.late_words(budget) == "1 older than two cycles"
    fresh = poll_budget(ages=(RowAge(Symbol.parse("5.HK"), 3.0, 5000.0),))
    assert (poll_words.late_words(fresh), poll_words.age_bins(fresh)[1]) == ("", 600.0)
    assert poll_words.ages_words(poll_budget(ages=())) == "No reply yet"
    assert sum(poll_words.age_bins(poll_budget(ages=()))[0]) == 0


def test_rows_are_counted_by_how_they_are_asked(budget: PollBudget) -> None:
    said = "16 on screen · 3 near a level · 18 off screen · 12 resting · 1 never answered"
    assert poll_words.rows_words(budget) == said
    assert poll_words.rows_words(poll_budget(rows=(0, 0, 0), resting=0, unanswered=0)) == "No symbol is asked."


def test_who_shares_the_quota_is_named_as_far_as_it_is_known() -> None:
    several = (Neighbour(1, "watch", 3), Neighbour(2, "", 1), Neighbour(3, None, 2))
    assert poll_words.neighbour_words(poll_budget(neighbours=several)) == [
        "capflow watch, process 1: 3 calls",
        "another window of Capflow, process 2: 1 call",
        "another Capflow, process 3: 2 calls",
    ]
    assert poll_words.neighbour_words(poll_budget(neighbours=())) == ["No other Capflow uses this quota now."]
    assert poll_words.quota_words(poll_budget()) == "prices 3/60 in 30 s · names 1/10 in 30 s"
    assert poll_words.shared_note()
