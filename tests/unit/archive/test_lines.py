from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.archive.columns import MOST_NUMBERS, Packer, Unpacker
from capflow_gui.archive.lines import (
    _PLACE_TYPE,
    _usual_marks,
    as_flags,
    pack_lines,
    pack_values,
    read_lines,
    read_many,
    read_values,
)
from capflow_gui.domain.flow import Flag, Floats, FlowSeries
from capflow_gui.domain.period import Period

from .recorded import AMOUNTS, KEY, OPEN, facts, replies

KINDS = ("classes and their sum", "classes and net", "net alone")


def there_and_back(series: FlowSeries) -> tuple[int, FlowSeries]:
    pack = Packer()
    pack_lines(pack, series)
    read = Unpacker(memoryview(pack.packed()))
    found = read_lines(KEY, read)
    read.end()
    return len(pack.packed()), found


def usual(kind: str, size: int, step: int, unit: float, first: int = 0) -> FlowSeries:
    """Lines as brokers give them: amounts of few decimals, every line confirmed."""
    chance = np.random.default_rng(size + step)
    classes = np.cumsum(chance.integers(-step, step, (4, size)), axis=1) + first
    values = np.full((6, size), np.nan)
    values[0] = (classes.sum(axis=0) + (kind == "classes and net")) / unit
    if kind != "net alone":
        values[2:] = classes / unit
        values[1] = values[2] + values[3]
    return FlowSeries(
        KEY.symbol,
        KEY.source,
        Period.INTRADAY,
        OPEN + 60 * np.arange(size),
        values,
        last_valid=5.5,
        session=KEY.session,
        received=6.123,
        confirmed=np.ones(size, np.bool_),
    )


def packed(series: FlowSeries) -> memoryview:
    pack = Packer()
    pack_lines(pack, series)
    return memoryview(pack.packed())


@given(
    st.lists(
        st.one_of(
            replies(),
            st.builds(
                usual,
                st.sampled_from(KINDS),
                st.sampled_from([1, 3, 40]),
                st.sampled_from([1, 100, 10**7, 10**9]),
                st.sampled_from([1.0, 100.0]),
                st.sampled_from([0, 10**11]),
            ),
        ),
        max_size=80,
    ),
    st.sets(st.integers(0, 79)),
)
def test_days_read_together_are_those_read_one_by_one(days: list[FlowSeries], cut: set[int]) -> None:
    contents = [packed(series)[: -1 if place in cut else None] for place, series in enumerate(days)]
    found = read_many(((KEY, content) for content in contents), len(contents))
    assert [None if each is None else facts(each) for each in found] == [
        None if place in cut else facts(series) for place, series in enumerate(days)
    ]


@given(replies())
def test_any_reply_comes_back(series: FlowSeries) -> None:
    assert facts(there_and_back(series)[1]) == facts(series)


@given(
    st.sampled_from(KINDS),
    st.integers(1, 400),
    st.sampled_from([1, 100, 30_000, 10**7, 10**9, 10**11]),
    st.sampled_from([1.0, 100.0]),
    st.sampled_from([0, 5, 10**11]),
)
def test_usual_lines_come_back(kind: str, size: int, step: int, unit: float, first: int) -> None:
    series = usual(kind, size, step, unit, first)
    assert facts(there_and_back(series)[1]) == facts(series)


def test_a_step_in_a_hundred_that_is_larger_than_the_others_takes_no_room_from_them() -> None:
    values = usual("net alone", 400, 100, 1.0).values.copy()
    small, _ = there_and_back(usual("net alone", 400, 100, 1.0))
    values[0, 200:] += 1e13
    large, _ = there_and_back(_with(values))
    assert large < small + 100


def _with(values: Floats) -> FlowSeries:
    series = usual("net alone", values.shape[1], 100, 1.0)
    return FlowSeries(
        series.symbol, series.source, series.period, series.timestamps, values, confirmed=series.confirmed
    )


def test_of_days_read_together_a_damaged_one_is_none() -> None:
    good = packed(usual("net alone", 5, 3, 1.0))
    first, damaged, last = read_many([(KEY, good), (KEY, good[:3]), (KEY, good)], 3)
    assert damaged is None
    assert first is not None
    assert last is not None
    assert facts(first) == facts(last)


def test_more_days_than_are_read_in_one_part_come_back_in_their_order() -> None:
    days = [usual("classes and net", 3, step, 100.0) for step in range(1, 101)]
    found = read_many(((KEY, packed(series)) for series in days), len(days))
    assert [each and facts(each) for each in found] == [facts(series) for series in days]


def test_lines_of_a_market_share_their_labels() -> None:
    one, other = (there_and_back(usual("net alone", 331, step, 1.0))[1] for step in (100, 1000))
    assert one.timestamps is other.timestamps
    assert not one.timestamps.flags.writeable


@given(st.lists(st.lists(AMOUNTS, min_size=6, max_size=6), max_size=9))
def test_any_figures_come_back(rows: list[list[float | None]]) -> None:
    values = np.array([[np.nan if each is None else each for each in row] for row in rows], float).reshape(-1, 6).T
    pack = Packer()
    pack_values(pack, values)
    read = Unpacker(memoryview(pack.packed()))
    assert read_values(read, len(rows)).tobytes() == values.tobytes()
    read.end()


@given(st.sampled_from(KINDS), st.data())
def test_changed_bytes_are_refused_or_lines(kind: str, data: st.DataObject) -> None:
    pack = Packer()
    pack_lines(pack, usual(kind, 9, 10**10, 100.0))
    body = bytearray(pack.packed())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_lines(KEY, Unpacker(memoryview(bytes(body))))
    except ValueError:
        return
    assert found.values.shape == (6, len(found))


@pytest.mark.parametrize("flag", [Flag.SUM, Flag.GAP])
def test_flags_and_unconfirmed_lines_come_back(flag: Flag) -> None:
    series = usual("classes and net", 20, 100, 1.0)
    line_flags, confirmed = np.zeros(20, np.uint16), np.arange(20) < 19
    line_flags[3] = flag
    marked = FlowSeries(
        series.symbol,
        series.source,
        series.period,
        series.timestamps,
        series.values,
        session=KEY.session,
        flags=flag,
        line_flags=line_flags,
        confirmed=confirmed,
    )
    assert facts(there_and_back(marked)[1]) == facts(marked)


def test_numbers_that_are_no_lines_are_refused() -> None:
    series = usual("net alone", 50, 100, 1.0)
    values = series.values.copy()
    values[0, 20:] += 3e11  # one step too wide for the others
    series = replace(series, values=values)
    pack = Packer()
    pack_lines(pack, series)
    body = pack.packed()
    place, other = (np.array([number], _PLACE_TYPE).tobytes() for number in (20, 300))
    before, after = body.rsplit(place, 1)
    with pytest.raises(ValueError, match="out of range"):
        read_lines(KEY, Unpacker(memoryview(before + other + after)))
    steps = bytes([1, 0, 2])  # one column, no decimals, steps of two bytes
    assert body.count(steps) == 1
    with pytest.raises(ValueError, match="no such steps"):
        read_lines(KEY, Unpacker(memoryview(body.replace(steps, bytes([2, 0, 2])))))
    with pytest.raises(ValueError, match="as long"):
        _usual_marks(MOST_NUMBERS + 1)
    with pytest.raises(ValueError, match="no such flags"):
        as_flags(np.array([1 << 16]))


def test_lines_beyond_any_reply_are_refused_before_room_is_made_for_them() -> None:
    content = bytearray(packed(usual("net alone", 5, 3, 1.0)))
    content[:4] = (1 << 21).to_bytes(4, "little")
    with pytest.raises(ValueError, match="as long"):
        read_lines(KEY, Unpacker(memoryview(bytes(content))))
