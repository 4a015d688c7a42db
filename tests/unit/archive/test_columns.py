from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from capflow_gui.archive.columns import MOST_NUMBERS, Packer, Unpacker
from capflow_gui.domain.flow import Bools, Floats, Ints

from .recorded import AMOUNTS

WHOLE = st.integers(-(2**63), 2**63 - 1)


def unpacker(pack: Packer) -> Unpacker:
    return Unpacker(memoryview(pack.packed()))


@st.composite
def tables(draw: st.DrawFn) -> Floats:
    shape = draw(st.integers(1, 6)), draw(st.integers(0, 9))
    figures = draw(st.lists(AMOUNTS, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return np.array([np.nan if each is None else each for each in figures]).reshape(shape)


@given(arrays(np.int64, st.integers(0, 300), elements=WHOLE | st.integers(-9, 9)))
def test_whole_numbers_come_back(column: Ints) -> None:
    pack = Packer()
    pack.ints(column)
    read = unpacker(pack)
    assert read.ints(len(column)).tolist() == column.tolist()
    read.end()


def test_a_byte_of_all_numbers_that_does_not_get_shorter_stays_as_it_is() -> None:
    """Beside one that does."""
    chance = np.random.default_rng(1)
    column = np.cumsum(chance.integers(0, 128, 300) << 8)
    pack = Packer()
    pack.ints(column)
    assert len(pack.packed()) < 2 * 300
    assert unpacker(pack).ints(300).tolist() == column.tolist()


@given(arrays(np.bool_, st.integers(0, 40)))
def test_yes_and_no_come_back(column: Bools) -> None:
    pack = Packer()
    pack.bools(column)
    assert unpacker(pack).bools(len(column)).tolist() == column.tolist()


@given(tables(), st.booleans())
def test_amounts_come_back_bit_for_bit(table: Floats, summed: bool) -> None:
    pack = Packer()
    pack.floats(table, summed=summed)
    read = unpacker(pack)
    assert read.floats(*table.shape).tobytes() == table.tobytes()
    read.end()


def test_a_missing_number_that_is_not_the_usual_one_comes_back() -> None:
    table = np.array([[0x7FF8000000000001, 0]]).view(np.float64)
    pack = Packer()
    pack.floats(table)
    assert unpacker(pack).floats(1, 2).tobytes() == table.tobytes()


def test_amounts_that_are_missing_here_and_there_come_back() -> None:
    table = np.array([[1.5, np.nan, 2.25], [1.0, 2.0, 3.0]])
    pack = Packer()
    pack.floats(table)
    assert unpacker(pack).floats(2, 3).tobytes() == table.tobytes()


def test_a_sum_comes_back_bit_for_bit() -> None:
    table = np.array([[0.1, 2.25], [0.2, -7.0], [0.3, -4.75]])
    pack = Packer()
    pack.floats(table, summed=True)
    assert unpacker(pack).floats(3, 2).tobytes() == table.tobytes()


def size_of(table: Floats, *, summed: bool = False) -> int:
    pack = Packer()
    pack.floats(table, summed=summed)
    return len(pack.packed())


def test_amounts_with_few_decimals_take_less_room_and_one_odd_column_spoils_no_other() -> None:
    chance = np.random.default_rng(1)
    cents = np.cumsum(chance.integers(-30000, 30000, (4, 400)), axis=1) / 100
    odd = cents.copy()
    odd[1] += 0.1 + 0.2 - 0.3
    assert size_of(cents) < 4 * 400 * 2.2
    assert size_of(odd) < size_of(cents) + 400 * 8


def test_missing_columns_and_sums_take_next_to_no_room() -> None:
    chance = np.random.default_rng(1)
    classes = np.cumsum(chance.integers(-30000, 30000, (4, 400)), axis=1) * 10.0
    assert size_of(np.vstack([classes, classes.sum(axis=0)[None]]), summed=True) < size_of(classes) + 30
    assert size_of(np.vstack([np.full((4, 400), np.nan), classes[:1]])) < size_of(classes[:1]) + 200


@given(tables(), st.data())
def test_cut_and_changed_bytes_are_refused_or_numbers(table: Floats, data: st.DataObject) -> None:
    pack = Packer()
    pack.count(7)
    pack.floats(table)
    pack.ints(np.arange(9))
    body = bytearray(pack.packed())
    cut = data.draw(st.integers(0, len(body)))
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(0, 255))
    read = Unpacker(memoryview(bytes(body[:cut])))
    try:
        read.count()
        found = read.floats(*table.shape)
        assert found.shape == table.shape
        assert read.ints(9).shape == (9,)
        read.end()
    except ValueError:
        pass


def test_what_is_left_over_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        Unpacker(memoryview(b"\0")).end()


@pytest.mark.parametrize("number", [-1, MOST_NUMBERS + 1])
def test_a_length_beyond_all_reason_is_neither_written_nor_read(number: int) -> None:
    with pytest.raises(ValueError, match="too long"):
        Packer().count(number)
    with pytest.raises(ValueError, match="too large"):
        Unpacker(memoryview((number & 0xFFFFFFFF).to_bytes(4, "little"))).count()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (bytes([0x99, 0]) + bytes(90), "no so many bytes"),  # steps of nine bytes
        (bytes([0x01, 1, 4, 0, 0, 0]) + b"abcd", "cannot be read"),  # a plane that is not zlib's
        (bytes([0x01, 1, 9, 0, 0, 0]) + b"x\x9c\x03\x00\x00\x00\x00\x01\x00", "another length"),
    ],
)
def test_a_column_no_packer_wrote_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Unpacker(memoryview(body)).ints(9)
    with pytest.raises(ValueError, match="no so many decimals"):
        Unpacker(memoryview(b"\0\x09")).floats(1, 1)
    with pytest.raises(ValueError, match="too long"):
        Unpacker(memoryview(body)).ints(MOST_NUMBERS + 1)


def test_bytes_come_back_as_they_are() -> None:
    pack = Packer()
    pack.raw(b"abc")
    assert bytes(unpacker(pack).raw(3)) == b"abc"


def test_amounts_of_too_many_decimals_are_refused() -> None:
    pack = Packer()
    pack.floats(np.array([[1.5, 2.5]]))
    body = bytearray(pack.packed())
    body[1] = 7  # the decimals of the only column
    with pytest.raises(ValueError, match="decimals"):
        Unpacker(memoryview(bytes(body))).floats(1, 2)
