"""Lines of a symbol's day as bytes: the columns one after the other, byte by byte of their numbers, compressed.

The first bytes of all numbers of a column stand together, then the second ones, and so on: neighbouring minutes differ
in the last bytes alone, so that most of these planes compress to nearly nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from capflow_gui.domain.flow import (
    EXTRA_LARGE,
    LARGE,
    MAIN,
    MEDIUM,
    NET,
    SMALL,
    Bools,
    Flags16,
    Floats,
    FlowSeries,
    Ints,
)
from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.reason import Code, Reason

# More lines than any day has.
MOST_LINES = 24 * 60 + 1
_COLUMNS = (NET, EXTRA_LARGE, LARGE, MEDIUM, SMALL)
_STAMP, _AMOUNT, _FLAG = np.dtype("<i8"), np.dtype("<f8"), np.dtype("<u2")
_LINE_BYTES = _STAMP.itemsize + len(_COLUMNS) * _AMOUNT.itemsize + _FLAG.itemsize + 1
_LEVEL = 1
_LATEST = 253402214400  # datetime's own range, a day short of its end


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """A symbol's day.

    timestamps  (n,) int64, UTC epoch seconds of the labels, in the order the source gave them
    amounts     (5, n) float64: net, extra_large, large, medium, small; NaN = missing, never infinite
    flags       (n,) uint16, a Flag per line
    confirmed   (n,) bool
    """

    timestamps: Ints
    amounts: Floats
    flags: Flags16
    confirmed: Bools

    def __len__(self) -> int:
        return len(self.timestamps)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same bit by bit; a missing amount equals a missing one."""
        return isinstance(other, Lines) and len(self) == len(other) and self.first_difference(other) == len(self)

    __hash__ = None  # type: ignore[assignment]  # its columns may be written to

    @classmethod
    def of(cls, series: FlowSeries) -> Lines:
        """The lines of a judged series; `main` is left out, as it is extra_large + large."""
        return cls(series.timestamps, series.values[list(_COLUMNS)], series.line_flags, series.confirmed)

    @classmethod
    def none(cls) -> Lines:
        """No line."""
        return cls(np.zeros(0, np.int64), np.zeros((5, 0)), np.zeros(0, np.uint16), np.zeros(0, np.bool_))

    @property
    def values(self) -> Floats:
        """(6, n) as FlowSeries has them, `main` worked out again."""
        values = np.empty((6, len(self)))
        values[NET] = self.amounts[0]
        values[EXTRA_LARGE:] = self.amounts[1:]
        np.add(values[EXTRA_LARGE], values[LARGE], out=values[MAIN])
        return values

    def first_difference(self, other: Lines) -> int:
        """The place of the first line in which they differ: the length of the shorter where they do not."""
        n = self._first_other_figure(other)
        return _how_many(self.confirmed[:n] == other.confirmed[:n])

    def same_and_confirmed(self, other: Lines) -> int:
        """How many lines at the beginning differ in nothing, or in being confirmed in the other, where all are."""
        return _how_many(other.confirmed[: self._first_other_figure(other)])

    def _first_other_figure(self, other: Lines) -> int:
        n = min(len(self), len(other))
        return _how_many(
            (self.timestamps[:n] == other.timestamps[:n])
            & (_bits(self.amounts[:, :n]) == _bits(other.amounts[:, :n])).all(axis=0)
            & (self.flags[:n] == other.flags[:n])
        )

    def after(self, start: int) -> Lines:
        """The lines from a place on."""
        return Lines(self.timestamps[start:], self.amounts[:, start:], self.flags[start:], self.confirmed[start:])

    def replaced(self, start: int, tail: Lines, *, all_confirmed: bool) -> Lines:
        """The lines before `start`, all confirmed by now (`all_confirmed`) or as they were, then those of the tail."""
        lines = Lines(
            np.concatenate((self.timestamps[:start], tail.timestamps)),
            np.concatenate((self.amounts[:, :start], tail.amounts), axis=1),
            np.concatenate((self.flags[:start], tail.flags)),
            np.concatenate((self.confirmed[:start], tail.confirmed)),
        )
        if all_confirmed:
            lines.confirmed[:start] = True
        return lines


def pack(lines: Lines) -> tuple[bool, bytes]:
    """Bytes of the lines, and whether they are compressed: as it is shorter. Raises LocalProtocolError: too many."""
    if len(lines) > MOST_LINES:
        raise LocalProtocolError(Reason.of(Code.DESK_TOO_LONG, length=len(lines), most=MOST_LINES))
    count = len(lines)
    plain = b"".join(
        (
            _planes(lines.timestamps.astype(_STAMP, copy=False), 1, count),
            _planes(lines.amounts.astype(_AMOUNT, copy=False), len(_COLUMNS), count),
            _planes(lines.flags.astype(_FLAG, copy=False), 1, count),
            lines.confirmed.tobytes(),
        )
    )
    short = zlib.compress(plain, _LEVEL)
    return (True, short) if len(short) < len(plain) else (False, plain)


def unpack(count: int, compressed: bool, body: bytes) -> Lines:
    """Read `count` lines. Raises RemoteProtocolError for anything that `pack` does not write.

    However long the body says it is when it is unpacked, no more is unpacked than so many lines have.
    """
    if not 0 <= count <= MOST_LINES:
        raise _unreadable("lines")
    plain = _inflated(body, count * _LINE_BYTES) if compressed else body
    if len(plain) != count * _LINE_BYTES:
        raise _unreadable("length")
    if not count:
        return Lines.none()
    # A window does this for each reply: stamps and amounts, of eight bytes each, are put together at once.
    amounts_end = count * _STAMP.itemsize * (1 + len(_COLUMNS))
    flags_end = amounts_end + count * _FLAG.itemsize
    numbers = np.frombuffer(plain, np.uint8)
    words = _numbers(numbers[:amounts_end], 1 + len(_COLUMNS), _STAMP, count)
    timestamps: Ints = words[0].astype(np.int64, copy=False)
    amounts: Floats = words[1:].view(_AMOUNT).astype(np.float64, copy=False)
    flags: Flags16 = _numbers(numbers[amounts_end:flags_end], 1, _FLAG, count)[0].astype(np.uint16, copy=False)
    if not (timestamps.min() >= 0 and timestamps.max() < _LATEST):
        raise _unreadable("times")
    if np.isinf(amounts).any():
        raise _unreadable("amounts")
    if plain[flags_end:].strip(b"\0\1"):
        raise _unreadable("marks")
    return Lines(timestamps, amounts, flags, numbers[flags_end:].astype(np.bool_))


def _how_many(marks: Bools) -> int:
    """How many are set before the first that is not."""
    return len(marks) if marks.all() else int(np.argmin(marks))


def _bits(amounts: Floats) -> Ints:
    return np.ascontiguousarray(amounts).view(np.int64)


def _planes(rows: npt.NDArray[np.generic], columns: int, count: int) -> bytes:
    """The planes of columns of numbers, (columns, count) or (count,)."""
    numbers = np.ascontiguousarray(rows).view(np.uint8).reshape(columns, count, rows.itemsize)
    return numbers.transpose(0, 2, 1).tobytes()


def _numbers(
    planes: npt.NDArray[np.uint8], columns: int, kind: np.dtype[np.generic], count: int
) -> npt.NDArray[np.generic]:
    """(columns, count) numbers of a kind, put together from their planes."""
    rows = planes.reshape(columns, kind.itemsize, count).transpose(0, 2, 1).copy()
    return rows.view(kind).reshape(columns, count)


def _inflated(body: bytes, length: int) -> bytes:
    inflator = zlib.decompressobj()
    try:
        plain = inflator.decompress(body, length + 1)
    except zlib.error as error:
        raise _unreadable("compression") from error
    if not inflator.eof or inflator.unused_data:
        raise _unreadable("compression")
    return plain


def _unreadable(what: str) -> RemoteProtocolError:
    return RemoteProtocolError(Reason.of(Code.DESK_UNREADABLE, what=what))
