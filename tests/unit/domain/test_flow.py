from __future__ import annotations

import numpy as np
import pytest

from capflow_gui.domain.flow import (
    EXTRA_LARGE,
    LARGE,
    MAIN,
    NET,
    Checked,
    Difference,
    Flag,
    FlowSeries,
    Lines,
    Period,
    confirmed_first,
)
from capflow_gui.domain.symbol import Symbol

TENCENT = Symbol.parse("700.HK")


def series(lines: int = 3, period: Period = Period.INTRADAY, **facts: object) -> FlowSeries:
    values = np.full((6, lines), np.nan)
    values[NET], values[MAIN] = np.arange(lines), np.arange(lines) * 10.0
    return FlowSeries(TENCENT, "opend", period, np.arange(lines) * 60, values, **facts)


@pytest.mark.parametrize("shape", [(5, 3), (6, 2), (3, 6)])
def test_values_are_six_rows_as_long_as_the_labels(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"values must be \(6, 3\)"):
        FlowSeries(TENCENT, "opend", Period.INTRADAY, np.arange(3), np.zeros(shape))


def test_lines_alone_are_a_series_that_nobody_judged() -> None:
    reply = series(last_valid=200.0)
    found = Lines(TENCENT, "opend", Period.INTRADAY, reply.timestamps, reply.values, 200.0).as_series()
    assert found.timestamps is reply.timestamps
    assert found.values is reply.values
    assert (found.symbol, found.source, found.last_valid) == (TENCENT, "opend", 200.0)
    assert (found.session, found.received, found.flags, found.checked) == (None, None, Flag.NONE, None)


def test_nothing_of_a_reply_can_be_changed() -> None:
    reply = series()
    for array in (reply.timestamps, reply.values, reply.line_flags, reply.confirmed):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_lines_have_no_flag_and_no_confirmation_until_they_get_one() -> None:
    reply = series(997)  # so many that no other test has made the shared arrays
    assert reply.line_flags.tolist() == [0] * 997
    assert reply.confirmed.tolist() == [False] * 997
    told = series(2, confirmed=np.array([True, False]), line_flags=np.array([0, 1], np.uint16))
    assert told.confirmed.tolist() == [True, False]
    assert told.line_flags.tolist() == [0, 1]


def test_rows_by_name() -> None:
    reply = series(3)
    assert len(reply) == 3
    assert reply.net.tolist() == [0.0, 1.0, 2.0]
    assert reply.main.tolist() == [0.0, 10.0, 20.0]


def test_only_the_running_session_is_cumulative() -> None:
    assert [series(1, period).cumulative for period in Period] == [period is Period.INTRADAY for period in Period]


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize("row", [EXTRA_LARGE, LARGE])
def test_one_class_of_one_line_is_enough_to_have_classes(row: int, line: int) -> None:
    assert not series(3).has_classes  # main alone is none
    values = series(3).values.copy()
    values[row, line] = 0.0
    assert FlowSeries(TENCENT, "opend", Period.INTRADAY, np.arange(3), values).has_classes


def test_lines_of_figures_that_cannot_be() -> None:
    flags = np.array([0, Flag.BEYOND.value, Flag.TURNOVER.value | Flag.GRID.value, Flag.GRID.value], np.uint16)
    assert series(4, line_flags=flags).impossible.tolist() == [False, True, True, False]


def test_one_line_is_asked_whether_its_figures_are_possible() -> None:
    told = series(3, line_flags=np.array([0, Flag.BEYOND.value, Flag.GAP.value], np.uint16))
    assert [told.impossible_at(place) for place in (0, 1, -1)] == [False, True, False]
    with pytest.raises(IndexError):
        told.impossible_at(3)


def test_what_the_checks_found_to_differ_is_known_of_the_series_they_compared_alone() -> None:
    nothing = np.zeros(0, np.int64)
    found = Difference(np.array([60]), nothing, nothing)
    after = series(checked=Checked(1.0, 1.0, 8, after=7, difference=found))
    assert after.compared_with(series(checked=Checked(1.0, 1.0, 7))) is found
    assert after.compared_with(series(checked=Checked(1.0, 1.0, 6))) is None
    assert after.compared_with(series()) is None


@pytest.mark.parametrize(
    ("confirmed", "expected"),
    [([], 0), ([False, False], 0), ([True, False, False], 1), ([True, True], 2), ([True, False, True], None)],
)
def test_lines_are_confirmed_from_the_first_on_but_for_seldom_replies(
    confirmed: list[bool], expected: int | None
) -> None:
    assert confirmed_first(np.array(confirmed, np.bool_)) == expected
