"""That readings at once and reply by reply agree is in test_dry_run.py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from capflow_gui.domain.alert import Rule, RuleState, Transition, advance, parse_rule
from capflow_gui.playback.recorded_readings import RecordedReadings
from capflow_gui.reason import Code
from tests.unit.playback.recorded import SHORT_DAY, USUAL, Poll, any_polls, any_rule, closed, recorded, simulated_polls

RULES = [
    "*: net <= -1M",
    "*: net/turnover <= -1%",
    "*: net change 5m <= -1M",
    "*: net drawdown >= 1M",
    "*: net crosses 0",
    "*: net divergence 5m price 0.1% flow 0.1%",
]


@settings(max_examples=25)
@given(any_polls(), any_rule())
def test_a_rule_that_may_not_fire_never_does(polls: list[Poll], rule: Rule) -> None:
    found = RecordedReadings(rule, *closed(recorded(polls, SHORT_DAY)), USUAL)
    if not found.may_fire():
        state, happened = RuleState(), list[Transition]()
        for _, lines in found.one_by_one():
            state, said = advance(rule, state, lines)
            happened += said
        assert happened == []


@settings(max_examples=25)
@given(any_polls(), any_rule())
def test_a_sound_day_could_be_judged_on_every_reply(polls: list[Poll], rule: Rule) -> None:
    found = RecordedReadings(rule, *closed(recorded(polls, SHORT_DAY)), USUAL)
    if found.is_sound():
        assert [lines.unknown for _, lines in found.one_by_one()] == [None] * len(found.final.moments.flags)


@pytest.mark.parametrize("text", RULES)
def test_an_ordinary_day_is_sound_and_read_at_once(text: str) -> None:
    day, polls = simulated_polls(every_s=60.0, end_s=-18_000.0)
    found = RecordedReadings(parse_rule(text), *closed(recorded(polls, day)))
    together = found.at_once()
    assert together is not None
    *_, (moment, newest) = found.one_by_one()
    assert (moment, newest.unknown) == (together[1][-1], None)
    assert np.array_equal(newest.labels, together[0].labels)
    assert found.is_sound()


def test_without_ten_earlier_sessions_no_day_is_sound_for_what_is_unusual() -> None:
    day, polls = simulated_polls(every_s=60.0, end_s=-18_000.0)
    found = RecordedReadings(parse_rule("*: net change 5m unusual 3 floor 1M"), *closed(recorded(polls, day)))
    assert not found.is_sound()
    assert {lines.unknown.code for _, lines in found.one_by_one() if lines.unknown} == {Code.NEEDS_SESSIONS}
