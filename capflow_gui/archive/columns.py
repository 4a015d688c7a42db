"""Columns of numbers as few bytes, exactly: what the bodies of the archive are made of.

Whole numbers are kept as differences from the one before, in as many bytes as the largest needs, compressed where
that helps. Amounts are kept as whole numbers where a few decimals give every one of them back as the same double,
bit for bit, and as doubles otherwise.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capflow_gui.domain.flow import Bools, Floats, Ints

MOST_NUMBERS = 1 << 22
_MOST_DECIMALS = 4
_EXACT = 2.0**53
_NAN_BITS = np.full(1, np.nan).view(np.int64)[0]
# A plane of bytes is worth compressing if this part of it goes: reading it takes longer then.
_WORTH = 0.75
# Of each column of amounts: how many decimals, or that it is kept as it is, and whether numbers are missing.
_RAW, _WITH_GAPS = 0x0F, 0x10
_UNITS = np.array([10.0**decimals for decimals in range(_MOST_DECIMALS + 1)])
_COLUMN_HEAD = struct.Struct("<BB")  # bytes of a step and of the first number, which planes are compressed
_COUNT = struct.Struct("<I")


class Packer:
    """Takes columns one after the other; `packed()` gives them as one piece."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def packed(self) -> bytes:
        """All that was packed."""
        return b"".join(self._parts)

    def count(self, number: int) -> None:
        """A length. Raises ValueError where no body may be so long."""
        if not 0 <= number <= MOST_NUMBERS:
            raise ValueError(f"{number} is too long for the archive")
        self._parts.append(_COUNT.pack(number))

    def raw(self, piece: bytes) -> None:
        """Bytes as they are; their count is not kept."""
        self._parts.append(piece)

    def byte(self, number: int) -> None:
        """A number below 256."""
        self._parts.append(bytes([number]))

    def ints(self, column: Ints) -> None:
        """Whole numbers; their count is not kept."""
        if not len(column):
            return
        first, steps = _folded(column[:1]), _folded(np.diff(column))
        width = (int(steps.max(initial=0)).bit_length() + 7) // 8
        first_width = (int(first[0]).bit_length() + 7) // 8
        planes = steps.view(np.uint8).reshape(-1, 8)[:, :width].T
        compressed, parts = 0, [int(first[0]).to_bytes(first_width, "little")]
        for number, plane in enumerate(planes):
            plain = plane.tobytes()
            small = zlib.compress(plain, 6)
            if len(small) + _COUNT.size < _WORTH * len(plain):
                compressed |= 1 << number
                parts += _COUNT.pack(len(small)), small
            else:
                parts.append(plain)
        self._parts += _COLUMN_HEAD.pack(width | first_width << 4, compressed), *parts

    def bools(self, column: Bools) -> None:
        """Yes or no; their count is not kept."""
        self.ints(np.packbits(column).astype(np.int64))

    def floats(self, table: Floats, *, summed: bool = False) -> None:
        """(c, n) amounts; neither c nor n is kept. `summed`: the last column is about the sum of the others."""
        if not table.size:
            return
        scaled = _scaled(np.ascontiguousarray(table), summed=summed)
        self.byte(scaled.summed)
        self._parts.append(scaled.kinds.tobytes())
        for row in scaled.whole:
            self.ints(row)
        for row in scaled.gaps:
            if row.any():
                self.bools(row)


class Unpacker:
    """Gives the columns of a Packer in the same order. Raises ValueError where the bytes are not a Packer's."""

    def __init__(self, body: memoryview) -> None:
        self._body = body
        self._at = 0

    def raw(self, size: int) -> memoryview:
        """So many bytes as they are."""
        part = self._body[self._at : self._at + size]
        if len(part) != size:
            raise ValueError("the body is cut")
        self._at += size
        return part

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._body):
            raise ValueError("the body is too long")

    def count(self) -> int:
        """A length."""
        (number,) = _COUNT.unpack(self.raw(_COUNT.size))
        if number > MOST_NUMBERS:
            raise ValueError("a length is too large")
        return int(number)

    def byte(self) -> int:
        """A number below 256."""
        return self.raw(1)[0]

    def ints(self, count: int) -> Ints:
        """(count,) whole numbers."""
        row: Ints = self.table(1, count)[0]
        return row

    def table(self, columns: int, count: int) -> Ints:
        """(columns, count) whole numbers: so many columns at once, for that is quicker."""
        if count > MOST_NUMBERS:
            raise ValueError("a column is too long")
        wide = np.zeros((columns, count, 8), np.uint8)
        if count:
            for column in wide:
                self._fill(column)
        folded = wide.view("<u8").reshape(columns, count)
        steps = (folded >> 1).view(np.int64) ^ -((folded & 1).view(np.int64))
        return np.add.accumulate(steps, axis=1, out=steps)

    def _fill(self, column: npt.NDArray[np.uint8]) -> None:
        """Put the bytes of one column's first number and steps into (count, 8)."""
        widths, compressed = _COLUMN_HEAD.unpack(self.raw(_COLUMN_HEAD.size))
        first_width, width, steps = widths >> 4, widths & 0xF, len(column) - 1
        if max(first_width, width) > 8:
            raise ValueError("a number has no so many bytes")
        column[0, :first_width] = np.frombuffer(self.raw(first_width), np.uint8)
        if not compressed:
            column[1:, :width] = np.frombuffer(self.raw(width * steps), np.uint8).reshape(width, steps).T
            return
        for number in range(width):
            plane: bytes | memoryview
            if compressed >> number & 1:
                (size,) = _COUNT.unpack(self.raw(_COUNT.size))
                plane = _decompressed(self.raw(size), steps)
            else:
                plane = self.raw(steps)
            column[1:, number] = np.frombuffer(plane, np.uint8)

    def bools(self, count: int) -> Bools:
        """(count,) yes or no."""
        packed = self.ints((count + 7) // 8)
        return np.unpackbits(packed.astype(np.uint8), count=count).view(np.bool_)

    def floats(self, columns: int, count: int) -> Floats:
        """(columns, count) amounts."""
        if not count:
            return np.empty((columns, 0))
        summed = self.byte()
        kinds = bytes(self.raw(columns))
        decimals = [kind & ~_WITH_GAPS for kind in kinds]
        if any(each > _MOST_DECIMALS and each != _RAW for each in decimals):
            raise ValueError("amounts have no so many decimals")
        whole = self.table(columns, count)
        if summed:
            whole[-1] += whole[:-1].sum(axis=0)
        table: Floats = whole / _UNITS[[0 if each == _RAW else each for each in decimals], None]
        if max(kinds) > _MOST_DECIMALS:
            for row, bits, kind in zip(table, whole, kinds, strict=True):
                if kind & _RAW == _RAW:
                    row[:] = bits.view(np.float64)
                if kind & _WITH_GAPS:
                    row[self.bools(count)] = np.nan
        return table


class _Scaled(NamedTuple):
    """(c, n) amounts as whole numbers, and where they are missing.

    kinds   (c,) by how many decimals each column was moved; a column that no decimals suit holds the doubles' bits
    summed  of the last column only the difference from the sum of the others is there
    """

    kinds: npt.NDArray[np.uint8]
    summed: bool
    whole: Ints
    gaps: Bools


def _scaled(table: Floats, *, summed: bool) -> _Scaled:
    """The fewest decimals that suit each column."""
    bits = table.view(np.int64)
    gaps = bits == _NAN_BITS
    figures = np.where(gaps, 0.0, table)
    kinds = np.full(len(table), _RAW, np.uint8)
    numbers = bits.copy()
    for decimals in range(_MOST_DECIMALS + 1):
        whole, exact = moved(figures, decimals)
        fits = (kinds == _RAW) & (exact | gaps).all(axis=1)
        kinds[fits], numbers[fits] = decimals, whole[fits].astype(np.int64)
        if not (kinds == _RAW).any():
            break
    raw = kinds == _RAW
    gaps[raw] = False
    if summed and not (gaps.any() or raw.any()):
        whole, exact = moved(figures, int(kinds.max()))
        if exact.all():
            kinds[:], numbers = kinds.max(), whole.astype(np.int64)
            numbers[-1] -= numbers[:-1].sum(axis=0)
            return _Scaled(kinds, True, numbers, gaps)
    if gaps.any():
        # A missing number repeats the one before: it takes no room.
        known = np.maximum.accumulate(np.where(gaps, 0, np.arange(table.shape[1])), axis=1)
        numbers = np.take_along_axis(numbers, known, axis=1)
        kinds[gaps.any(axis=1)] |= _WITH_GAPS
    return _Scaled(kinds, False, numbers, gaps)


def moved(figures: Floats, decimals: int) -> tuple[Floats, Bools]:
    """The figures times 10 to the power of `decimals`, whole, and which come back from that as they were."""
    unit = _UNITS[decimals]
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.rint(figures * unit) + 0.0  # a whole number has no −0.0
        exact = ((whole / unit).view(np.int64) == figures.view(np.int64)) & (np.abs(whole) <= _EXACT)
    return whole, exact


def _folded(numbers: Ints) -> npt.NDArray[np.uint64]:
    """Small for numbers near zero, whatever their sign."""
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64).astype("<u8")


def _decompressed(data: memoryview, size: int) -> bytes:
    """Exactly `size` bytes, and never more."""
    reader = zlib.decompressobj()
    try:
        found = reader.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError(f"a column cannot be read: {error}") from error
    if len(found) != size or not reader.eof or reader.unused_data:
        raise ValueError("a column has another length")
    return found
