from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.flow import MAIN, Flag, FlowSeries, Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.wire.desk.lines import MOST_LINES, Lines, pack, unpack

AMOUNTS = st.floats(allow_nan=True, allow_infinity=False)


@st.composite
def some_lines(draw: st.DrawFn, most: int = 12) -> Lines:
    count = draw(st.integers(0, most))
    stamps = draw(st.lists(st.integers(0, 253402214399), min_size=count, max_size=count))
    amounts = draw(st.lists(AMOUNTS, min_size=5 * count, max_size=5 * count))
    flags = draw(st.lists(st.integers(0, 2**16 - 1), min_size=count, max_size=count))
    confirmed = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return Lines(
        np.array(stamps, np.int64),
        np.array(amounts, np.float64).reshape(5, count),
        np.array(flags, np.uint16),
        np.array(confirmed, np.bool_),
    )


def a_day(count: int = 390) -> Lines:
    flows = np.cumsum(np.random.default_rng(1).normal(0, 1e6, (5, count)), axis=1).round(2)
    stamps = 1_654_651_800 + 60 * np.arange(1, count + 1)
    return Lines(stamps, flows, np.zeros(count, np.uint16), np.arange(count) < count - 1)


@given(some_lines())
def test_lines_come_back_bit_by_bit(lines: Lines) -> None:
    assert unpack(len(lines), *pack(lines)) == lines


def test_a_day_is_short() -> None:
    compressed, body = pack(a_day())
    assert compressed
    assert len(body) < 0.75 * 390 * 51
    assert unpack(390, True, body) == a_day()


@given(some_lines(), some_lines())
def test_what_follows_the_first_difference_makes_one_the_other(old: Lines, new: Lines) -> None:
    start = old.first_difference(new)
    assert old.replaced(start, new.after(start), all_confirmed=False) == new


@given(some_lines(), some_lines())
def test_lines_that_are_confirmed_by_now_need_not_be_said_again(old: Lines, new: Lines) -> None:
    start = old.same_and_confirmed(new)
    assert old.replaced(start, new.after(start), all_confirmed=True) == new


def test_lines_are_as_they_were_but_for_being_confirmed_up_to_the_first_that_is_not() -> None:
    new = a_day(5)
    old = Lines(new.timestamps[:4], new.amounts[:, :4].copy(), new.flags[:4], np.zeros(4, np.bool_))
    assert (old.first_difference(new), old.same_and_confirmed(new)) == (0, 4)
    new.confirmed[2] = False
    assert old.same_and_confirmed(new) == 2
    new.amounts[3, 0] += 1.0
    assert old.same_and_confirmed(new) == 0


def test_the_lines_from_a_place_on_make_the_older_ones_the_newer() -> None:
    new = a_day(4)
    old = Lines(new.timestamps[:3], new.amounts[:, :3], new.flags[:3], np.array([True, True, False]))
    assert old.first_difference(new) == 2
    assert len(new.after(2)) == 2
    assert old.replaced(2, new.after(2), all_confirmed=False) == new


def test_a_missing_amount_equals_a_missing_one_and_every_column_counts() -> None:
    first, second = a_day(3), a_day(3)
    first.amounts[2, 1] = second.amounts[2, 1] = np.nan
    assert first == second
    for changed in (second.timestamps, second.flags, second.amounts[4]):
        changed[2] += 1
        assert first.first_difference(second) == 2
        changed[2] -= 1
    second.confirmed[0] = False
    assert first.first_difference(second) == 0
    assert first != second
    assert first != "lines"
    assert Lines.none() == a_day(0)


def test_a_series_keeps_everything_but_main_which_is_worked_out() -> None:
    day = a_day(4)
    flags = np.array([0, Flag.SUM.value, 0, Flag.GAP.value], np.uint16)
    series = FlowSeries(
        Symbol.parse("700.HK"),
        "opend",
        Period.INTRADAY,
        day.timestamps,
        day.values,
        line_flags=flags,
        confirmed=day.confirmed,
    )
    lines = Lines.of(series)
    assert lines == Lines(day.timestamps, day.amounts, flags, day.confirmed)
    assert np.array_equal(lines.values, series.values)
    assert np.array_equal(lines.values[MAIN], day.amounts[1] + day.amounts[2])


def test_too_many_lines_are_not_packed() -> None:
    assert len(unpack(MOST_LINES, *pack(a_day(MOST_LINES)))) == MOST_LINES
    with pytest.raises(LocalProtocolError):
        pack(a_day(MOST_LINES + 1))


@given(st.integers(-2, MOST_LINES + 2), st.booleans(), st.binary(max_size=200))
def test_garbage_is_an_error_of_ours(count: int, compressed: bool, body: bytes) -> None:
    try:
        lines = unpack(count, compressed, body)
    except RemoteProtocolError:
        return
    assert len(lines) == count
    assert lines == unpack(count, *pack(lines))


@given(some_lines(), st.data())
def test_a_body_that_was_changed_is_read_or_an_error_of_ours(lines: Lines, data: st.DataObject) -> None:
    compressed, body = pack(lines)
    changed = bytearray(body)
    for place in data.draw(st.lists(st.integers(0, max(len(body) - 1, 0)), max_size=4)) if body else ():
        changed[place] ^= data.draw(st.integers(1, 255))
    try:
        found = unpack(len(lines), compressed, bytes(changed))
    except RemoteProtocolError:
        return
    assert len(found) == len(lines)


def test_a_body_that_would_unpack_to_a_gigabyte_is_given_up_at_once() -> None:
    bomb = zlib.compress(bytes(10**7), 9)
    with pytest.raises(RemoteProtocolError, match="compression"):
        unpack(2, True, bomb)


@pytest.mark.parametrize(
    ("what", "lines"),
    [
        ("times", Lines(np.array([-1]), np.zeros((5, 1)), np.zeros(1, np.uint16), np.zeros(1, np.bool_))),
        ("times", Lines(np.array([2**60]), np.zeros((5, 1)), np.zeros(1, np.uint16), np.zeros(1, np.bool_))),
        ("amounts", Lines(np.array([1]), np.full((5, 1), np.inf), np.zeros(1, np.uint16), np.zeros(1, np.bool_))),
    ],
)
def test_numbers_that_no_collector_has_are_refused(what: str, lines: Lines) -> None:
    with pytest.raises(RemoteProtocolError, match=what):
        unpack(1, *pack(lines))


def test_a_length_that_no_day_has_is_refused_and_no_lines_are_none() -> None:
    for count in (-1, MOST_LINES + 1):
        with pytest.raises(RemoteProtocolError, match="lines"):
            unpack(count, False, b"")
    assert unpack(0, False, b"") == Lines.none()


def test_marks_are_marks_and_nothing_follows_them() -> None:
    with pytest.raises(RemoteProtocolError, match="marks"):
        unpack(1, False, bytes(50) + b"\2")
    with pytest.raises(RemoteProtocolError, match="length"):
        unpack(1, False, bytes(52))
    with pytest.raises(RemoteProtocolError, match="compression"):
        unpack(1, True, zlib.compress(bytes(51)) + b"x")
    with pytest.raises(RemoteProtocolError, match="compression"):
        unpack(1, True, bytes(51))
