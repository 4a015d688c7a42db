from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.alert import (
    Readings,
    RuleState,
    Step,
    Transition,
    advance,
    catch_up,
    parse_rule,
    readings,
)
from capflow_gui.domain.alert_grammar import WHOLE_SESSION, PartOfSession
from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol

TENCENT = Symbol(Market.HK, "700")
OPEN = 1654651800  # 2022-06-08 09:30 in Hong Kong
DAY = TradingDay(
    Market.HK, date(2022, 6, 8), "Asia/Hong_Kong", ((OPEN, OPEN + 150 * 60), (OPEN + 210 * 60, OPEN + 390 * 60))
)
LEVEL = parse_rule("*: net <= -200M")


def series(
    net: dict[int, float], *, unconfirmed: set[int] = frozenset(), flagged: dict[int, Flag] | None = None
) -> FlowSeries:
    """Lines by session minute; net in millions, main half of it."""
    places = sorted(net)
    values = np.full((6, len(places)), math.nan)
    values[0] = [net[place] * 1e6 for place in places]
    values[1] = values[0] / 2
    flags = np.array([(flagged or {}).get(place, Flag.NONE) for place in places], np.uint16)
    return FlowSeries(
        TENCENT,
        "opend",
        Period.INTRADAY,
        np.array([DAY.label(place) for place in places], np.int64),
        values,
        session=DAY.day,
        flags=Flag(int(np.bitwise_or.reduce(flags)) if len(flags) else 0),
        line_flags=flags,
        confirmed=np.array([place not in unconfirmed for place in places], np.bool_),
    )


def walk(text: str, net: dict[int, float], turnover: float | None = None) -> list[tuple[Step, int, float]]:
    """What happens on a day that is watched from before its open: step, minute, value in millions."""
    rule = parse_rule(text)
    _, happened = advance(rule, RuleState(), readings(rule, series(net), DAY, turnover))
    return [(each.step, int(DAY.index(each.time)), round(each.value / 1e6, 6)) for each in happened]


def run(*values: float, start: int = 0) -> dict[int, float]:
    return dict(enumerate(values, start))


RULES = [
    "*: net <= -20M",
    "*: net >= 15M rearm 30%",
    "*: net <= -20M for 2m",
    "*: net <= -10M again 5M cooldown 6m",
    "*: net <= -10M once",
    "*: net change 3m <= -15M",
    "*: net drawdown >= 25M again 10M",
    "*: net crosses 0 band 4M cooldown 3m",
    "*: net crosses 0 for 2m",
    "*: net <= -10M again 5M from 09:40 to 10:10",
    "*: net crosses 0 skip first 15m last 300m",
]
NETS = st.lists(st.integers(-40, 40), min_size=1, max_size=60)
GAPS = st.sets(st.integers(0, 59), max_size=20)


def test_a_level_fires_once_a_crossing_and_rearms_ten_per_cent_back() -> None:
    day = run(0, -150, -205, -198, -203, -181, -179, -210, -190)
    assert walk("*: net <= -200M", day) == [
        (Step.RAISED, 2, -205),
        (Step.CLEARED, 6, -179),
        (Step.RAISED, 7, -210),
    ]


def test_the_level_itself_is_past() -> None:
    assert walk("*: net <= -200M", run(-199.999, -200)) == [(Step.RAISED, 1, -200)]
    assert walk("*: main >= 80M", run(159, 160)) == [(Step.RAISED, 1, 80)]


def test_a_level_of_zero_still_clears() -> None:
    assert walk("*: net <= 0", run(5, -1, 0, 1)) == [(Step.RAISED, 1, -1), (Step.CLEARED, 3, 1)]


def test_minutes_in_a_row_count_over_lunch_and_not_over_a_gap() -> None:
    over_lunch = {149: -100.0, 150: -201.0, 151: -202.0}
    assert walk("*: net <= -200M for 2m", over_lunch) == [(Step.RAISED, 151, -202)]
    gap = {10: -201.0, 12: -202.0, 13: -203.0}
    assert walk("*: net <= -200M for 2m", gap) == [(Step.RAISED, 13, -203)]


def test_a_further_step_worse_escalates() -> None:
    day = run(-150, -230, -290, -310, -320, -520, -310, -505, -610)
    assert walk("*: net <= -200M again 100M", day) == [
        (Step.RAISED, 1, -230),
        (Step.ESCALATED, 3, -310),
        (Step.ESCALATED, 5, -520),
        (Step.ESCALATED, 8, -610),
    ]
    rule = parse_rule("*: net <= -200M again 100M")
    _, happened = advance(rule, RuleState(), readings(rule, series(day), DAY, None))
    assert [each.threshold / 1e6 for each in happened] == [-200, -300, -500, -600]


def test_a_cooldown_holds_a_second_alert_back_until_it_is_over() -> None:
    day = run(-210, -150, -210, -150, -210, -211, -212)
    assert walk("*: net <= -200M cooldown 5m", day) == [
        (Step.RAISED, 0, -210),
        (Step.CLEARED, 1, -150),
        (Step.RAISED, 5, -211),
    ]


def test_a_further_step_worse_is_said_inside_a_cooldown() -> None:
    day = run(-210, -150, -210, -310, -150, -305)
    assert walk("*: net <= -200M cooldown 30m again 100M", day) == [
        (Step.RAISED, 0, -210),
        (Step.CLEARED, 1, -150),
        (Step.ESCALATED, 3, -310),
        (Step.CLEARED, 4, -150),
    ]


def test_once_is_once_a_session() -> None:
    day = run(-210, -150, -310, -150, -210)
    assert walk("*: net <= -200M once again 50M", day) == [(Step.RAISED, 0, -210), (Step.CLEARED, 1, -150)]


def test_a_change_needs_its_anchor_minute() -> None:
    day = {0: 0.0, 1: -1.0, 3: -30.0, 5: -40.0, 6: -60.0}
    # 5 looks back to 0, 6 to 1; 3 has nothing five minutes before it.
    assert walk("*: net change 5m <= -20M", day) == [(Step.RAISED, 5, -40)]
    assert walk("*: net change 2m <= -20M", day) == [(Step.RAISED, 3, -29), (Step.CLEARED, 5, -10)]
    assert walk("*: net change 4m <= -20M", day) == [(Step.RAISED, 5, -39)]


def test_a_change_counts_trading_minutes_over_lunch() -> None:
    day = {148: 0.0, 149: 0.0, 150: 0.0, 151: -10.0, 152: -20.0, 153: -30.0}
    assert walk("*: net change 5m <= -30M", day) == [(Step.RAISED, 153, -30)]


def test_a_drawdown_is_measured_from_the_high_so_far() -> None:
    day = run(0, 100, 60, -40, -51, -20, 110, -30)
    assert walk("*: net drawdown >= 150M", day) == [(Step.RAISED, 4, 151), (Step.CLEARED, 5, 120)]


def test_a_share_of_turnover() -> None:
    rule = parse_rule("*: net/turnover <= -3%")
    _, happened = advance(rule, RuleState(), readings(rule, series(run(-20, -31)), DAY, Turnover(1e9, OPEN + 60.0)))
    assert [(each.time, each.value, each.threshold) for each in happened] == [(DAY.label(1), -0.031, -0.03)]


def test_a_crossing_must_leave_the_band_on_the_other_side() -> None:
    day = run(0, 10, 3, -3, 2, -6, -4, 4, -8, 6, 9, -20)
    assert walk("*: net crosses 0 band 5M", day) == [
        (Step.RAISED, 5, -6),
        (Step.RAISED, 9, 6),
        (Step.RAISED, 11, -20),
    ]


def test_a_crossing_can_be_made_to_hold() -> None:
    day = run(10, -10, 10, -10, -11, -12)
    assert walk("*: net crosses 0 for 2m", day) == [(Step.RAISED, 4, -11)]


def test_a_crossing_waits_for_its_cooldown() -> None:
    day = run(10, -10, 10, -10, 10, -10)
    assert walk("*: net crosses 0 cooldown 3m", day) == [(Step.RAISED, 1, -10), (Step.RAISED, 4, 10)]


def test_outside_its_part_of_the_session_a_rule_raises_nothing_and_still_clears() -> None:
    day = run(0, -210, -150, -220, -230, -150, -240, -250, -100)
    assert walk("*: net <= -200M from 09:33 to 09:36", day) == [
        (Step.RAISED, 3, -220),
        (Step.CLEARED, 5, -150),
        (Step.RAISED, 6, -240),
        (Step.CLEARED, 8, -100),
    ]
    # Minutes in a row are counted within it.
    assert walk("*: net <= -200M for 2m from 09:31 to 09:37", run(-210, -210, -210)) == [(Step.RAISED, 2, -210)]
    assert walk("*: net <= -200M for 2m to 09:33", run(0, 0, 0, -210, -210)) == []
    assert walk("*: net <= -200M rearm 0% to 09:31", run(-210, -210, -200, -199)) == [
        (Step.RAISED, 0, -210),
        (Step.CLEARED, 3, -199),
    ]


def test_a_crossing_is_looked_for_within_its_part_of_the_session() -> None:
    day = run(10, -10, 10, -10, 10)
    assert walk("*: net crosses 0 skip first 2m", day) == [(Step.RAISED, 3, -10), (Step.RAISED, 4, 10)]
    assert walk("*: net crosses 0 to 09:32", day) == [(Step.RAISED, 1, -10), (Step.RAISED, 2, 10)]


def test_what_a_change_or_drawdown_is_measured_from_may_lie_before_the_part() -> None:
    assert walk("*: net drawdown >= 150M from 09:33", run(100, 100, 100, -51)) == [(Step.RAISED, 3, 151)]
    assert walk("*: net change 3m <= -20M from 09:33", run(0, 0, 0, -21)) == [(Step.RAISED, 3, -21)]


def test_a_line_outside_the_part_that_was_looked_at_is_not_looked_at_again() -> None:
    rule = parse_rule("*: net <= -200M to 09:31")
    state, first = advance(rule, RuleState(), readings(rule, series(run(0, -210, -220)), DAY, None))
    _, second = advance(rule, state, readings(rule, series(run(0, -210, -1)), DAY, None))
    assert ([each.step for each in first], second) == ([Step.RAISED], [])


def test_a_start_after_the_part_says_nothing_of_what_was() -> None:
    state, said, silent = late(run(0, -210, -220), "*: net <= -200M to 09:31")
    assert (state.active, said, [each.step for each in silent]) == (False, [], [Step.RAISED])


@given(st.sampled_from(RULES), NETS, st.integers(0, 60), st.integers(0, 60))
def test_nothing_is_raised_outside_the_part_of_the_session(text: str, net: list[int], first: int, last: int) -> None:
    part = PartOfSession(skip_first=first, skip_last=DAY.minutes - last)
    rule = replace(parse_rule(text), part=part)
    _, happened = advance(rule, RuleState(), readings(rule, series(run(*net)), DAY, None))
    for each in happened:
        assert each.step is Step.CLEARED or first <= DAY.index(each.time) <= last
    whole = replace(rule, part=WHOLE_SESSION)
    if first == 0:
        _, expected = advance(whole, RuleState(), readings(whole, series(run(*net[: last + 1])), DAY, None))
        assert [each for each in happened if DAY.index(each.time) <= last] == expected


def both_sides_of_lunch(*values: float) -> FlowSeries:
    """Lines at 11:58, 11:59, 12:00, 13:00, 13:01 …: the third and the fourth are one minute of the session."""
    labels = np.array([DAY.periods[0][1] - 120, DAY.periods[0][1] - 60, DAY.periods[0][1]], np.int64)
    after = DAY.periods[1][0] + 60 * np.arange(len(values) - 3, dtype=np.int64)
    net = np.full((6, len(values)), math.nan)
    net[0] = np.array(values) * 1e6
    stamps = np.concatenate([labels, after])
    return FlowSeries(
        TENCENT, "opend", Period.INTRADAY, stamps, net, session=DAY.day, confirmed=np.ones(len(stamps), np.bool_)
    )


@pytest.mark.parametrize(
    ("text", "values", "fires_at"),
    [
        ("*: net <= -200M for 2m", (0, 0, -201, -202, -203), 4),
        ("*: net <= -200M for 2m", (0, 0, -201, -202), None),
        ("*: net <= -200M for 2m", (0, -201, -202, -203), 2),
        ("*: net <= -200M for 2m", (0, 0, 0, -201, -202), 4),
        ("*: net crosses 0 for 2m", (9, 9, -9, -9), None),
        ("*: net crosses 0 for 2m", (9, 9, -9, -9, -9), 4),
    ],
)
def test_the_labels_on_both_sides_of_a_break_are_one_minute(
    text: str, values: tuple[float, ...], fires_at: int | None
) -> None:
    rule, lines = parse_rule(text), both_sides_of_lunch(*values)
    _, happened = advance(rule, RuleState(), readings(rule, lines, DAY, None))
    assert [each.time for each in happened] == ([] if fires_at is None else [int(lines.timestamps[fires_at])])


def test_a_revision_neither_unfires_nor_refires() -> None:
    state, first = advance(LEVEL, RuleState(), readings(LEVEL, series(run(0, -210)), DAY, None))
    revised = readings(LEVEL, series(run(0, -150, -190)), DAY, None)
    state, second = advance(LEVEL, state, revised)
    again = readings(LEVEL, series(run(-400, -150, -190)), DAY, None)
    state, third = advance(LEVEL, state, again)
    assert [each.step for each in first] == [Step.RAISED]
    assert second == third == []
    assert state.active


def late(net: dict[int, float], text: str = "*: net <= -200M") -> tuple[RuleState, list[Transition], list[Transition]]:
    rule = parse_rule(text)
    return catch_up(rule, readings(rule, series(net), DAY, None))


def test_a_late_start_says_where_this_breach_began() -> None:
    state, said, silent = late(run(0, -210, -150, -205, -198, -250))
    assert said == [Transition(Step.RAISED, DAY.label(3), -205e6, -200e6, late=True)]
    assert [each.step for each in silent] == [Step.RAISED, Step.CLEARED]
    assert state.active


def test_a_late_start_is_silent_about_what_is_over() -> None:
    for tail in (-150, -190):  # cleared, and between the level and the re-arm level
        state, said, silent = late(run(0, -210, tail))
        assert said == []
        assert silent
        # Nobody was told, so the next crossing counts.
        _, live = advance(LEVEL, state, readings(LEVEL, series(run(0, -210, tail, -201)), DAY, None))
        assert [each.step for each in live] == [Step.RAISED]


def test_a_silent_crossing_spends_neither_once_nor_a_cooldown() -> None:
    _, said, _ = late(run(-210, -100, -210), "*: net <= -200M once cooldown 60m")
    assert [each.late for each in said] == [True]


def test_what_a_late_alert_already_covers_does_not_escalate() -> None:
    rule = parse_rule("*: net <= -200M again 100M")
    state, said, _ = late(run(0, -210, -450), rule.text)
    assert [each.value for each in said] == [-210e6]
    _, live = advance(rule, state, readings(rule, series(run(0, -210, -450, -480, -510)), DAY, None))
    assert [(each.step, each.threshold) for each in live] == [(Step.ESCALATED, -500e6)]


def test_a_late_start_on_an_empty_day() -> None:
    assert late({}) == (RuleState(), [], [])


@given(st.lists(st.floats(-0.01, 0.01), min_size=60, max_size=60), st.floats(-0.01, 0.01))
def test_one_per_cent_about_the_level_for_an_hour_is_one_alert(noise: list[float], last: float) -> None:
    day = run(-202, *(-200 * (1 + each) for each in [*noise, last]))
    assert [step for step, _, _ in walk("*: net <= -200M", day)] == [Step.RAISED]


@given(st.sampled_from(RULES), NETS, GAPS, st.lists(st.integers(0, 60), max_size=12))
def test_how_the_day_is_cut_into_polls_makes_no_difference(
    text: str, net: list[int], gaps: set[int], cuts: list[int]
) -> None:
    rule = parse_rule(text)
    day = {place: float(value) for place, value in enumerate(net) if place not in gaps}
    _, by_line = _poll(text, day, sorted(day))
    _, by_polls = _poll(text, day, sorted({*cuts, 60}))
    whole = readings(rule, series(day), DAY, None)
    _, at_once = advance(rule, RuleState(), whole)
    assert by_line == by_polls == at_once


def _poll(text: str, day: dict[int, float], ends: list[int]) -> tuple[RuleState, list[Transition]]:
    rule, state, happened = parse_rule(text), RuleState(), []
    for end in ends:
        seen = {place: value for place, value in day.items() if place <= end}
        state, now = advance(rule, state, readings(rule, series(seen), DAY, None))
        happened += now
    return state, happened


@given(st.sampled_from(RULES[:3]), NETS)
def test_alerts_alternate_with_clearances_and_each_needs_its_crossing(text: str, net: list[int]) -> None:
    rule = parse_rule(text)
    _, happened = advance(rule, RuleState(), readings(rule, series(run(*net)), DAY, None))
    steps = [each.step for each in happened]
    assert all(a is not b for a, b in pairwise(steps))
    assert steps[:1] in ([], [Step.RAISED])
    for each in happened:
        assert rule.past(each.value) is (each.step is Step.RAISED)
        if each.step is Step.CLEARED:
            assert each.value >= rule.rearm_level if rule.operator == "<=" else each.value <= rule.rearm_level


@given(st.sampled_from([rule for rule in RULES if "crosses" not in rule]), NETS, st.integers(1, 60))
def test_a_late_start_then_agrees_with_having_been_there(text: str, net: list[int], cut: int) -> None:
    """From a late alert on, the rule clears where it would have cleared."""
    rule = replace(parse_rule(text), once=False, cooldown=0, again=None)
    before = readings(rule, series(run(*net[:cut])), DAY, None)
    whole: Readings = readings(rule, series(run(*net)), DAY, None)
    state, said, _ = catch_up(rule, before)
    if said:
        there, _ = advance(rule, RuleState(), before)
        assert advance(rule, state, whole)[1] == advance(rule, there, whole)[1]


@given(st.sampled_from(RULES), NETS, GAPS, st.dictionaries(st.integers(0, 59), st.sampled_from([Flag.SUM, Flag.GAP])))
def test_no_provisional_or_flagged_line_does_anything(
    text: str, net: list[int], unconfirmed: set[int], flagged: dict[int, Flag]
) -> None:
    rule, lines = parse_rule(text), series(run(*net), unconfirmed=unconfirmed, flagged=flagged)
    _, happened = advance(rule, RuleState(), readings(rule, lines, DAY, None))
    doubtful = unconfirmed | {place for place, flag in flagged.items() if flag is not Flag.GAP}
    assert not {each.time for each in happened} & {DAY.label(place) for place in doubtful}
