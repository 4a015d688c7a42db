from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from capflow_gui.domain.alert import RuleState, Step, advance, parse_rule
from capflow_gui.domain.flow import Flag, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.measures.readings import Readings, in_part, readings, sides
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason
from tests.unit.domain.test_alert import DAY, LEVEL, OPEN, RULES, TENCENT, run, series


def arrays(found: Readings) -> tuple[Ints, Ints, Floats]:
    return found.labels, found.indexes, found.values


def test_a_fault_of_the_newest_line_matters_within_the_part_alone() -> None:
    lines = series(run(0, 0, 0, 0), flagged={3: Flag.SUM})
    assert readings(parse_rule("*: net <= -1M from 09:33"), lines, DAY, None).unknown is not None
    assert readings(parse_rule("*: net <= -1M to 09:32"), lines, DAY, None).unknown is None
    assert readings(parse_rule("*: large <= -1M to 09:32"), lines, DAY, None).unknown is None
    whole = structs.replace(lines, flags=Flag.SCALE)
    assert readings(parse_rule("*: net <= -1M to 09:32"), whole, DAY, None).unknown is not None


@pytest.mark.parametrize("text", [*RULES, "*: net change 2m unusual 3 floor 5M", "*: divergence 2m price 1% flow 1%"])
def test_one_line_more_is_measured_as_among_all_lines(text: str) -> None:
    rule, lines = parse_rule(text), series(run(*[(each * 7) % 11 for each in range(20)], 9), unconfirmed={20})
    facts = {
        "then": dict.fromkeys(DAY.labels().tolist(), Turnover(1e9, OPEN, 100.0)),
        "past": past([-4, -2, 0, 2, 4] * 4),
    }
    odd = series(dict.fromkeys({*range(20)} - {17}, 0.0)), series(run(*[0.0] * 19, math.nan))
    for told in (lines, *odd):
        whole = readings(rule, told, DAY, None, **facts)
        later = readings(rule, told, DAY, None, DAY.label(18), **facts)
        assert later.unknown == whole.unknown
        new, of_all = later.labels > DAY.label(18), whole.labels > DAY.label(18)
        for ours, all_of_them in zip(arrays(later), arrays(whole), strict=True):
            assert ours[new].tolist() == pytest.approx(all_of_them[of_all].tolist(), nan_ok=True)


@pytest.mark.parametrize(("upto", "unconfirmed"), [(3, {6}), (4, {3, 6}), (1, {3, 4, 5, 6}), (4, {6})])
def test_a_change_of_new_lines_is_measured_as_among_all_lines(upto: int, unconfirmed: set[int]) -> None:
    rule, lines = parse_rule("*: net change 2m <= -20M"), series(run(0, 1, 3, 6, 10, 15, 21), unconfirmed=unconfirmed)
    whole, later = readings(rule, lines, DAY, None), readings(rule, lines, DAY, None, DAY.label(upto))
    assert later.unknown == whole.unknown
    assert [*zip(*map(np.ndarray.tolist, arrays(later)), strict=True)] == [
        each for each in zip(*map(np.ndarray.tolist, arrays(whole)), strict=True) if each[0] > DAY.label(upto)
    ]


def test_a_session_after_the_rule_has_expired_is_not_read() -> None:
    lines = series(run(0, -5, -5))
    for until, count in (("2022-06-07", 0), ("2022-06-08", 3)):
        found = readings(parse_rule(f"*: net <= -1M until {until}"), lines, DAY, None)
        assert (len(found.labels), found.unknown) == (count, None)


def test_provisional_flagged_and_missing_lines_are_not_looked_at() -> None:
    lines = run(0, -300, -300, -300, -300)
    lines[2] = math.nan
    day = series(lines, unconfirmed={4}, flagged={1: Flag.SUM, 3: Flag.GAP})
    assert readings(LEVEL, day, DAY, None).indexes.tolist() == [0, 3]


def test_a_flagged_anchor_is_no_anchor() -> None:
    rule = parse_rule("*: net change 1m <= -20M")
    day = series(run(0, 90, 0), flagged={1: Flag.SUM})
    assert len(readings(rule, day, DAY, None).values) == 0


@pytest.mark.parametrize(
    ("text", "flags", "turnover", "word"),
    [
        ("*: net <= -1M", {0: Flag.SCALE}, None, "scale"),
        ("*: net <= -1M", {0: Flag.SUM, 1: Flag.SUM}, None, "newest lines"),
        ("*: large <= -1M", {}, None, "gives no large"),
        ("*: net/turnover <= -3%", {}, None, "turnover"),
        ("*: net/turnover <= -3%", {}, 0.0, "turnover"),
    ],
)
def test_what_cannot_be_judged_says_why(text: str, flags: dict[int, Flag], turnover: float | None, word: str) -> None:
    taken = None if turnover is None else Turnover(turnover, OPEN + 60.0)
    found = readings(parse_rule(text), series(run(0, -5), flagged=flags), DAY, taken)
    assert found.unknown is not None
    assert word in reason_words(found.unknown)
    assert len(found.labels) == 0


def test_a_fault_of_the_newest_line_is_said_and_the_earlier_ones_still_count() -> None:
    lines = run(0, -300, -300)
    found = readings(LEVEL, series(lines, flagged={2: Flag.SUM}), DAY, None)
    assert found.unknown == Reason.of(Code.NEWEST_FLAGGED, flags=int(Flag.SUM))
    assert found.indexes.tolist() == [0, 1]
    lines[2] = math.nan
    assert readings(LEVEL, series(lines), DAY, None).unknown == Reason.of(Code.NEWEST_MISSING, metric="net")
    assert readings(LEVEL, series(lines, unconfirmed={2}), DAY, None).unknown is None
    assert readings(LEVEL, series(lines | {2: -1.0}, flagged={1: Flag.SUM}), DAY, None).unknown is None


def test_a_good_series_can_be_judged_even_before_its_first_line() -> None:
    assert readings(LEVEL, series({}), DAY, None).unknown is None


def test_lines_outside_the_session_are_said() -> None:
    early = DAY.labels()[:1] - 3600
    found = FlowSeries(
        TENCENT, "opend", Period.INTRADAY, early, np.zeros((6, 1)), session=DAY.day, confirmed=np.ones(1, np.bool_)
    )
    assert readings(LEVEL, found, DAY, None).unknown == Reason.of(Code.NEWEST_OUTSIDE)


def test_a_change_over_lines_that_are_too_far_apart_says_so() -> None:
    rule = parse_rule("*: net change 5m <= -20M")
    even = series(dict.fromkeys(range(0, 21, 2), 0.0))
    assert readings(rule, even, DAY, None).unknown == Reason.of(Code.NO_ANCHOR, minutes=5)
    assert readings(parse_rule("*: net change 4m <= -20M"), even, DAY, None).unknown is None
    # In the first minutes of a session there is nothing to look back to, and nothing to say.
    assert readings(rule, series({0: 0.0, 2: 0.0, 4: 0.0}), DAY, None).unknown is None


@pytest.mark.parametrize(
    ("taken", "net", "old"),
    [
        (OPEN - 18 * 3600.0, run(0, -5, -6), True),  # yesterday's
        (OPEN + 60.0, run(*range(0, -40, -4)), True),  # it stands, and money moves
        (OPEN + 60.0, run(0, -4, *[-4] * 60), False),  # nobody trades
        (OPEN - 18 * 3600.0, run(0, 0, 0, 0), False),
    ],
)
def test_a_turnover_from_before_the_money_moved_is_too_old(taken: float, net: dict[int, float], old: bool) -> None:
    found = readings(parse_rule("*: net/turnover <= -3%"), series(net), DAY, Turnover(1e9, taken))
    assert found.unknown == (Reason.of(Code.TURNOVER_OLD) if old else None)
    assert (len(found.labels) == 0) is old


@given(
    st.sampled_from(RULES),
    st.dictionaries(st.integers(0, 20), st.sampled_from([math.nan, -40.0, 0.0, 40.0]), max_size=20),
    st.sets(st.integers(0, 20)),
    st.dictionaries(st.integers(0, 20), st.sampled_from([Flag.SUM, Flag.GAP])),
    st.integers(0, 20),
)
def test_lines_that_were_judged_need_not_be_read_again(
    text: str, net: dict[int, float], unconfirmed: set[int], flagged: dict[int, Flag], upto: int
) -> None:
    rule, lines = parse_rule(text), series(net, unconfirmed=unconfirmed, flagged=flagged)
    state = RuleState(upto=DAY.label(upto))
    whole, later = readings(rule, lines, DAY, None), readings(rule, lines, DAY, None, state.upto)
    assert later.unknown == whole.unknown
    assert advance(rule, state, later) == advance(rule, state, whole)


@pytest.mark.parametrize(
    ("text", "values", "past", "back"),
    [
        ("*: net <= -10M", [-10e6, -9.5e6, -9e6], [True, False, False], [False, False, True]),
        ("*: net >= 10M", [10e6, 9.5e6, 9e6], [True, False, False], [False, False, True]),
        ("*: net change 5m unusual 3 floor 5M", [-3.0, 2.8, 2.7, -1.0], [1, 0, 0, 0], [0, 0, 1, 1]),
    ],
)
def test_on_which_side_of_level_and_rearm_level_figures_are(
    text: str, values: list[float], past: list[bool], back: list[bool]
) -> None:
    found = sides(parse_rule(text), np.array(values))
    assert [each.tolist() for each in found] == [past, back]


def test_a_part_keeps_the_lines_outside_it_that_may_clear_an_alert() -> None:
    lines = Readings(DAY.labels()[:4], np.arange(4), np.array([-300.0, -1.0, -300.0, -1.0]) * 1e6)
    found = in_part(parse_rule("*: net <= -200M from 09:32"), lines, DAY)
    assert np.isnan(found.values).tolist() == [True, False, False, False]


# Divergence

DIVERGES = parse_rule("*: net divergence 2m price 1% flow 2%")


def then(
    prices: Mapping[int, float | None], *, amount: float = 1e9, after_s: float = 60.0
) -> dict[int, Turnover | None]:
    """What was known when each minute's line was confirmed."""
    labels = {minute: DAY.label(minute) for minute in prices}
    return {labels[minute]: Turnover(amount, labels[minute] + after_s, price) for minute, price in prices.items()}


def diverged(net: dict[int, float], known: Mapping[int, Turnover | None], upto: int = 0) -> Readings:
    return readings(DIVERGES, series(net), DAY, None, upto, then=known)


@pytest.mark.parametrize(
    ("price", "net", "measure"),
    [
        (101.0, -20, -0.02),
        (99.0, 20, 0.02),
        (102.0, -30, -0.03),
        (101.0, -50, -0.02),  # the price went no further than one per cent
        (100.5, -50, -0.01),
        (110.0, -10, -0.01),
        (101.0, 20, 0.0),  # the same way
        (100.0, -20, 0.0),
        (101.0, 0, 0.0),
    ],
)
def test_a_divergence_is_as_far_as_price_and_flow_both_went_against_each_other(
    price: float, net: float, measure: float
) -> None:
    found = diverged(run(0, 0, net), then({0: 100.0, 1: 100.0, 2: price}))
    assert (found.indexes.tolist(), found.unknown) == ([2], None)
    assert found.values.tolist() == [pytest.approx(measure)]


def test_a_divergence_fires_on_either_side_and_clears_between() -> None:
    prices = then(dict(enumerate([100.0, 100.0, 101.5, 101.5, 101.5, 101.5, 100.0])))
    found = diverged(run(0, 0, -30, -30, -30, -30, 30), prices)
    _, happened = advance(DIVERGES, RuleState(), found)
    said = [(each.step, int(DAY.index(each.time)), round(each.value, 3), each.threshold) for each in happened]
    assert said == [
        (Step.RAISED, 2, -0.03, 0.02),
        (Step.CLEARED, 4, 0.0, 0.02),
        (Step.RAISED, 6, pytest.approx(0.03, abs=0.001), 0.02),
    ]


@pytest.mark.parametrize(
    "known",
    [
        {},
        then({0: 100.0, 1: 100.0, 2: None}),
        then({0: None, 1: 100.0, 2: 101.0}),
        then({0: 100.0, 1: 100.0}),
        then({0: 100.0, 1: 100.0, 2: 101.0}, amount=0.0),
        then({0: 100.0, 1: 100.0, 2: 101.0}, after_s=181.0),  # of a time after the line
        then({0: 100.0, 1: 100.0, 2: 101.0}, after_s=-121.0),  # of a time before money moved
    ],
)
def test_without_both_prices_a_divergence_cannot_be_judged(known: dict[int, Turnover | None]) -> None:
    found = diverged(run(1, 0, -20), known)
    assert (found.labels.tolist(), found.unknown) == ([], Reason.of(Code.NO_PRICE, minutes=2))


def test_a_price_of_before_money_moved_last_is_the_price_still() -> None:
    known = then({0: 100.0, 1: 100.0, 2: 100.0}) | {DAY.label(9): Turnover(1e9, DAY.label(2) + 60.0, 100.0)}
    known |= {DAY.label(7): known[DAY.label(9)]}
    calm = run(0, 0, -20, *[-20.0] * 7)
    assert diverged(calm, known).unknown is None
    assert diverged(calm | {9: -21.0}, known).unknown == Reason.of(Code.NO_PRICE, minutes=2)


def test_a_divergence_needs_the_line_of_then() -> None:
    prices = then({0: 100.0, 1: 100.0, 3: 101.0})
    assert diverged({0: 0.0, 2: 0.0, 3: -20.0}, prices).unknown == Reason.of(Code.NO_ANCHOR, minutes=2)
    assert diverged({0: 0.0, 1: -20.0}, prices).unknown is None


# Unusual

UNUSUAL = parse_rule("*: net change 1m unusual 3 floor 5M")


def past(changes: list[float], sessions: int = 10) -> UsualChanges:
    """So many sessions with these changes, in millions, from the second minute on."""
    return UsualChanges([np.array([math.nan, *changes], np.float32) * np.float32(1e6)] * sessions)


def unusual(net: dict[int, float], known: UsualChanges | None, text: str = UNUSUAL.text) -> Readings:
    return readings(parse_rule(text), series(net), DAY, None, past=known)


def test_a_change_is_measured_in_deviations_from_the_median_of_that_time_of_day() -> None:
    # Median 0, MAD 2 million.
    found = unusual(run(0, 10, 0, 4), past([-4, -2, 0, 2, 4]))
    assert found.unknown is None
    assert found.values.tolist() == [pytest.approx(0.6745 * 5), pytest.approx(-0.6745 * 5), pytest.approx(3 * 4 / 5)]
    _, happened = advance(UNUSUAL, RuleState(), found)
    assert [(each.step, each.time) for each in happened] == [
        (Step.RAISED, DAY.label(1)),
        (Step.CLEARED, DAY.label(3)),
    ]


def test_where_nothing_deviates_the_floor_alone_decides() -> None:
    found = unusual(run(0, 4, 9, 19), past([0, 0, 0]))
    assert found.values.tolist() == [pytest.approx(3 * change / 5) for change in (4, 5, 10)]


@pytest.mark.parametrize(("known", "has"), [(None, 0), (past([0]), 10), (past([0], 9), 9)])
def test_with_too_few_sessions_nothing_is_called_unusual(known: UsualChanges | None, has: int) -> None:
    found = unusual(run(0, 90), known)
    if has == 10:
        assert (len(found.labels), found.unknown) == (1, None)
    else:
        assert (len(found.labels), found.unknown) == (0, Reason.of(Code.NEEDS_SESSIONS, needs=10, has=has))
        # It is said before the first line can be looked at.
        assert unusual({}, known).unknown == found.unknown


def test_only_sessions_with_a_change_at_that_time_of_day_count() -> None:
    early = past([0, 0, 0])
    assert unusual(dict.fromkeys(range(20), 0.0), early).unknown == Reason.of(Code.NEEDS_SESSIONS, needs=10, has=0)
    assert unusual(dict.fromkeys(range(14), 0.0), early).unknown is None
    assert len(unusual(dict.fromkeys(range(20), 0.0), early).labels) == 13


def test_outside_its_part_of_the_session_missing_sessions_are_not_said() -> None:
    text = f"{UNUSUAL.text} from 09:33"
    assert unusual(run(0, 0), None, text).unknown is None
    assert unusual({}, None, text).unknown is None
    assert unusual(run(0, 0, 0, 0), None, text).unknown is not None


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=30), st.lists(st.integers(-9, 9), min_size=1, max_size=29))
def test_nothing_below_the_floor_is_unusual(net: list[int], before: list[int]) -> None:
    found = unusual(run(*net), past([float(each) for each in before]))
    changes = np.abs(np.diff(net))[found.indexes - 1]
    assert not (np.abs(found.values) >= UNUSUAL.level)[changes < 5].any()
