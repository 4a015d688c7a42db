"""That readings at once and reply by reply agree is in test_dry_run.py."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings

from capflow_gui.domain.alert import Rule, RuleState, Transition, advance, parse_rule
from capflow_gui.domain.quote import Turnover
from capflow_gui.playback.recorded_readings import RecordedReadings
from capflow_gui.reason import Code
from tests.unit.playback.recorded import (
    OPEN,
    SHORT_DAY,
    USUAL,
    Poll,
    any_polls,
    any_rule,
    closed,
    recorded,
    reply,
    simulated_polls,
)

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


def readings_of(rule: str, *nets: list[float], order: slice = slice(None), **facts: Turnover) -> RecordedReadings:
    """Of replies a minute after each other, of the first lines of the day, all of which are confirmed."""
    polls = []
    for number, net in enumerate(nets):
        values = np.full((6, len(net)), np.nan)
        values[0] = net
        at = OPEN + 600.0 + 60 * number
        polls.append(
            Poll(at, reply(SHORT_DAY.labels()[: len(net)][order], values[:, order], at), facts.get("turnover"))
        )
    return RecordedReadings(parse_rule(rule), *closed(recorded(polls, SHORT_DAY)))


@pytest.mark.parametrize(
    "rule",
    [
        "*: net drawdown >= {}",
        "*: net change 2m <= -{}",
        "*: net change 2m >= {}",
        "*: net change 2m unusual 3 floor {}",
    ],
)
def test_what_compares_lines_is_at_most_what_lies_between_the_extremes(rule: str) -> None:
    may = [readings_of(rule.format(level), [1e6, -2e6, 0.0]).may_fire() for level in ("3M", "4M")]
    assert may == [True, False]


def test_a_level_is_crossed_by_figures_on_both_its_sides() -> None:
    assert readings_of("*: net crosses 0 band 500K", [1e6, -1e6]).may_fire()
    assert not readings_of("*: net crosses 0 band 500K", [1e6, -400e3]).may_fire()
    assert not readings_of("*: net crosses 0", [float("nan")]).may_fire()


@pytest.mark.parametrize(("price", "may"), [(310.0, True), (None, False)])
def test_without_prices_nothing_diverges(price: float | None, may: bool) -> None:
    traded = Turnover(2e9, OPEN + 600.0, price)
    assert readings_of("*: net divergence 5m price 0.1% flow 0.1%", [1e6, 2e6], turnover=traded).may_fire() is may


def test_a_change_after_it_was_confirmed_matters_to_what_is_measured_between_lines() -> None:
    nets = [1e6, 2e6, 3e6], [1e6, 2.5e6, 3e6]
    assert readings_of("*: net <= -1M", *nets).at_once() is not None
    assert readings_of("*: net drawdown >= 1M", *nets).at_once() is None


def test_a_figure_that_came_after_its_line_was_confirmed_matters_to_every_rule() -> None:
    found = readings_of("*: net <= -1M", [1e6, float("nan"), 3e6], [1e6, -2e6, 3e6])
    assert found.at_once() is None
    assert not found.is_sound()
    assert [lines.values.tolist() for _, lines in found.one_by_one()] == [[1e6, 3e6], [1e6, -2e6, 3e6]]
    # The dialog's small picture shows what the rule saw first.
    assert found.as_confirmed().values.tolist() == [1e6, 3e6]


def test_a_share_needs_a_turnover_that_is_not_too_old() -> None:
    nets = [1e6, 2e6, 3e6]
    shares = [readings_of("*: net/turnover >= 1%", nets, turnover=Turnover(2e9, OPEN + age)) for age in (600.0, -600.0)]
    assert [each.at_once() is None for each in shares] == [False, True]
    assert readings_of("*: net/turnover >= 1%", nets).at_once() is None


def test_a_share_may_be_reached_by_the_least_turnover_that_was_known() -> None:
    nets = [1e6, 2e6, 3e6]
    may = [
        readings_of("*: net/turnover >= 1%", nets, turnover=Turnover(of, OPEN + 600.0)).may_fire() for of in (2e9, 2e8)
    ]
    assert may == [False, True]
    assert not readings_of("*: net/turnover >= 1%", nets).may_fire()


def test_a_change_over_a_missing_minute_is_not_sound() -> None:
    labels, values = SHORT_DAY.labels()[[0, 1, 3, 4]], np.zeros((6, 4))
    polls = [Poll(OPEN + 600.0, reply(labels, values, OPEN + 600.0), None)]
    day = closed(recorded(polls, SHORT_DAY))
    assert not RecordedReadings(parse_rule("*: net change 2m <= -1M"), *day).is_sound()


def test_lines_in_disorder_show_no_rule_anything() -> None:
    found = readings_of("*: net <= -1M", [1e6, 2e6, 3e6], order=slice(None, None, -1))
    assert not found.is_sound()
    assert [lines.unknown.code for _, lines in found.one_by_one() if lines.unknown] == [Code.REPLY_FLAGGED]
    assert all(not len(lines.labels) for _, lines in found.one_by_one())


def test_a_line_that_came_after_later_ones_is_read_reply_by_reply() -> None:
    labels, values = SHORT_DAY.labels()[:5], np.zeros((6, 5))
    polls = [Poll(OPEN + 600.0, reply(labels[[0, 1, 3, 4]], values[:, 1:], OPEN + 600.0), None)]
    polls += [Poll(OPEN + at, reply(labels, values, OPEN + at), None) for at in (660.0, 720.0)]
    found = RecordedReadings(parse_rule("*: net <= -1M"), *closed(recorded(polls, SHORT_DAY)))
    assert found.final.labels.tolist() == labels[[0, 1, 3, 4, 2]].tolist()
    assert found.at_once() is None


def test_lines_outside_the_periods_that_were_known_in_the_end_are_not_sound() -> None:
    found = readings_of("*: net <= -1M", [0.0] * 5)
    assert found.is_sound()
    later = dataclasses.replace(SHORT_DAY, periods=SHORT_DAY.periods[1:])
    assert not dataclasses.replace(found, summary=dataclasses.replace(found.summary, day=later)).is_sound()
