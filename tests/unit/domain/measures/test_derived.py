"""Steps, changes over trading minutes, distance from the high: domain rules 1 and 8."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.domain.flow import LARGE, MAIN, NET, Flag
from capflow_gui.domain.measures.derived import (
    change_over,
    latest,
    minute_flow,
    off_high,
    on_axis,
)
from capflow_gui.domain.symbol import Market
from tests.unit.domain.lines import SESSION, hong_kong, sample, series

NAN = float("nan")


@pytest.fixture
def day(calendar):
    return calendar.day(Market.HK, SESSION)


def at(clock: str) -> int:
    return hong_kong(f"2022-06-08T{clock}")


def same(left: float, right: float) -> bool:
    return left == right or (math.isnan(left) and math.isnan(right))


def test_steps_of_the_seed_day(day):
    steps = minute_flow(sample("Java"), day)
    assert steps.delta[NET].tolist()[:3] == [-4960940.0, 1700600.0, 60418280.0]
    assert steps.index.tolist() == [1, 2, 3, 4, 5, 76, 77]
    assert steps.minutes.tolist() == [1, 1, 1, 1, 1, 71, 1]
    assert steps.single.tolist() == [True] * 5 + [False, True]
    assert steps.delta[NET, 5] == 1404127800 - 32589440  # 09:35 to 10:46 is one step
    assert steps.delta.shape == (6, 7)
    assert np.array_equal(steps.delta[2:].sum(axis=0), steps.delta[NET])


def test_lunch_is_one_minute_wide(day):
    made = series([at("11:59"), at("12:00"), at("13:01"), at("13:02")], [0, 1, 5, 7])
    steps = minute_flow(made, day)
    assert steps.index.tolist() == [150, 151, 152]
    assert steps.minutes.tolist() == [1, 1, 1]
    assert steps.delta[NET].tolist() == [1, 4, 2]


def test_both_rows_of_the_seam_are_one(day):
    made = series([at("12:00"), at("13:00"), at("13:01")], [1, 2, 5])
    steps = minute_flow(made, day)
    assert (steps.index.tolist(), steps.minutes.tolist(), steps.delta[NET].tolist()) == ([151], [1], [3])


def test_missing_is_not_zero(day):
    steps = minute_flow(series([at("09:30"), at("09:31"), at("09:32")], [0, NAN, 4]), day)
    assert np.isnan(steps.delta[NET]).all()
    assert np.isnan(steps.delta[LARGE]).all()


def test_lines_off_the_grid_and_out_of_order(day):
    made = series([at("09:32"), at("09:30"), at("12:30"), at("09:31"), at("09:31")], [3, 0, 99, 1, 2])
    axis, places = on_axis(made, day)
    assert (axis.tolist(), places.tolist()) == ([0, 1, 2], [1, 4, 0])
    steps = minute_flow(made, day)
    assert steps.delta[NET].tolist() == [2, 1]


@pytest.mark.parametrize("count", [0, 1])
def test_no_step_without_two_lines(day, count):
    made = series([at("09:30")][:count])
    assert len(minute_flow(made, day)) == 0
    assert math.isnan(change_over(made, day))


def test_nothing_on_the_grid(day):
    made = series([at("08:00")])
    assert len(minute_flow(made, day)) == 0
    assert math.isnan(change_over(made, day))


def test_change_over_needs_its_anchor(day):
    java = sample("Java")
    assert math.isnan(change_over(java, day))  # 10:42 is not on the page
    assert change_over(java, day, 1) == 1380497320 - 1404127800
    assert change_over(java, day, 72) == 1380497320 - 32589440
    assert change_over(java, day, 1, MAIN) == 514250640 - 533495520
    assert math.isnan(change_over(java, day, 78))


@pytest.mark.parametrize("line", [-1, -2])
@pytest.mark.parametrize("flag", [Flag.TURNOVER, Flag.BEYOND, Flag.SUM])
def test_change_over_is_not_made_of_figures_that_cannot_be(day, line, flag):
    java = sample("Java")
    flags = java.line_flags.copy()
    flags[line] = flag.value
    flagged = replace(java, line_flags=flags)
    assert math.isnan(change_over(flagged, day, 1)) is (flag is not Flag.SUM)


def test_change_over_lunch_counts_trading_minutes(day):
    clocks = ["11:57", "11:58", "11:59", "12:00", "13:01", "13:02", "13:03"]
    made = series([at(clock) for clock in clocks], [0, 1, 3, 6, 10, 15, 21])
    assert change_over(made, day) == 20  # 11:58 to 13:03
    assert change_over(made, day, 3) == 15


def test_off_high():
    stamps = [at("09:30"), at("09:31"), at("09:32"), at("09:33")]
    assert off_high(series(stamps, [0, 50, NAN, 20])) == -30
    assert off_high(series(stamps, [0, 10, 20, 30])) == 0
    assert off_high(series(stamps, [-5, -10, -7, -20])) == -15
    assert math.isnan(off_high(series(stamps, [0, 50, 20, NAN])))
    assert math.isnan(off_high(series([])))
    assert math.isnan(off_high(series(stamps), MAIN))


def test_the_latest_line():
    java = sample("Java")
    assert latest(java).tolist() == [1380497320, 943010840, 514250640, 428760200, 249015640, 188470840]
    assert np.isnan(latest(series([]))).all()


@given(places=st.sets(st.integers(0, 330), min_size=1, max_size=60), minutes=st.integers(1, 30))
def test_steps_add_up_to_the_day(calendar, places, minutes):
    day = calendar.day(Market.HK, SESSION)
    chosen = sorted(places)
    made = series(day.labels()[chosen], [index * index for index in chosen])
    steps = minute_flow(made, day)
    assert steps.delta[NET].sum() == made.net[-1] - made.net[0]
    assert steps.minutes.sum() == chosen[-1] - chosen[0]
    assert (steps.minutes >= 1).all()
    anchor = chosen[-1] - minutes
    expected = float(chosen[-1] ** 2 - anchor**2) if anchor in places else NAN
    assert same(change_over(made, day, minutes), expected)
