"""The final lines of a session as bytes: what is read of hundreds of days at once.

Most sessions are of one form: whole amounts or cents, and net the sum of the classes, or alone. These are kept as plain
steps from line to line, in as many bytes as the largest needs, so that reading one is a handful of numpy's calls. Any
other session is kept by its columns.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capflow_gui.archive.columns import MOST_NUMBERS, Packer, Unpacker, moved
from capflow_gui.archive.model import DayKey
from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, NET, Bools, Flag, Flags16, Floats, FlowSeries, Ints
from capflow_gui.domain.period import Period

_MOST_LINES = 1 << 20
_MOST_DECIMALS = 4
_UNITS = tuple(10.0**decimals for decimals in range(_MOST_DECIMALS + 1))
_HEAD = struct.Struct("<IHBdd")  # lines, flags, marks, last valid time, received
_LAST_VALID, _RECEIVED, _USUAL_MARKS, _STEPS = 1, 2, 4, 8
_STEPS_HEAD = struct.Struct("<BBBHI")  # columns, decimals, bytes of a step, bytes of the labels, how many do not fit
_WIDTHS = (1, 2, 4, 8)
_STEP_TYPES = {width: np.dtype(f"<i{width}") for width in _WIDTHS}
_WHOLE_TYPE, _PLACE_TYPE = np.dtype("<i8"), np.dtype("<u4")
_EXCEPTION = _WHOLE_TYPE.itemsize + _PLACE_TYPE.itemsize
_PIECE = 1 << 19  # numbers
_NET_ALONE, _NET_IS_SUM, _NET_TOO = 1, 4, 5
_NO_STEPS = 0x80  # the amounts themselves, not the steps between them


class _Steps(NamedTuple):
    """Steps of amounts, as (c, n) whole numbers: of net, of the four classes whose sum it is, or of classes and net.

    `sums` are the amounts themselves.
    """

    decimals: int
    whole: Ints
    sums: Ints


def pack_lines(pack: Packer, series: FlowSeries) -> None:
    """Take a judged series."""
    steps = _as_steps(series.values)
    usual = bool(series.confirmed.all()) and not series.line_flags.any()
    marks = _USUAL_MARKS * usual + _STEPS * (steps is not None)
    marks += _LAST_VALID * (series.last_valid is not None) + _RECEIVED * (series.received is not None)
    head = _HEAD.pack(len(series), int(series.flags), marks, series.last_valid or 0.0, series.received or 0.0)
    pack.raw(head)
    if not usual:
        pack.ints(series.line_flags.astype(np.int64))
        pack.ints(series.confirmed.astype(np.int64))
    labels = Packer()
    labels.ints(series.timestamps)
    if steps is None:
        pack.raw(labels.packed())
        pack_values(pack, series.values)
        return
    named, whole, columns = labels.packed(), steps.whole, len(steps.whole)
    plain = not (steps.sums != steps.sums.astype(_STEP_TYPES[4])).any()
    unfit = {width: np.flatnonzero(whole != whole.astype(_STEP_TYPES[width])) for width in _WIDTHS}
    width = min(_WIDTHS, key=lambda width: whole.size * width + len(unfit[width]) * _EXCEPTION)
    others = unfit[width]
    if plain and width * whole.size + len(others) * _EXCEPTION >= 4 * whole.size:
        # The figures themselves take no more room, and are quicker to read.
        whole, width, others = steps.sums, 4, others[:0]
        columns |= _NO_STEPS
    pack.raw(_STEPS_HEAD.pack(columns, steps.decimals, width, len(named), len(others)))
    pack.raw(named)
    pack.raw(whole.astype(_STEP_TYPES[width]).tobytes())
    pack.raw(others.astype(_PLACE_TYPE).tobytes())
    pack.raw(whole.ravel()[others].astype(_WHOLE_TYPE).tobytes())


class Room:
    """Gives arrays for the figures of many days out of pieces of 4 MB, which the system gives in a third of the time.

    An array keeps its whole piece: keep a copy of what is to stay.
    """

    def __init__(self) -> None:
        self._piece = np.empty(0)
        self._used = 0

    def take(self, count: int) -> Floats:
        """(6, count) numbers, whatever they are."""
        begin, self._used = self._used, self._used + 6 * count
        if self._used > len(self._piece):
            begin, self._used = 0, 6 * count
            self._piece = np.empty(max(self._used, _PIECE))
        return self._piece[begin : self._used].reshape(6, count)


def read_lines(key: DayKey, read: Unpacker, room: Room | None = None) -> FlowSeries:
    """What `pack_lines` took. Raises ValueError where the bytes are not its own."""
    count, flags, marks, last_valid, received = _HEAD.unpack(read.raw(_HEAD.size))
    if count > _MOST_LINES:
        raise ValueError("a reply cannot be as long")
    line_flags, confirmed = _usual_marks(count)
    if not marks & _USUAL_MARKS:
        numbers, yes = read.table(2, count)
        line_flags, confirmed = as_flags(numbers), yes != 0
    if marks & _STEPS:
        labels, values = _read_steps(read, count, room)
    else:
        labels, values = read.ints(count), read_values(read, count)
    return FlowSeries(
        key.symbol,
        key.source,
        Period.INTRADAY,
        labels,
        values,
        last_valid=last_valid if marks & _LAST_VALID else None,
        session=key.session,
        received=received if marks & _RECEIVED else None,
        flags=Flag(flags) if flags else Flag.NONE,
        line_flags=line_flags,
        confirmed=confirmed,
    )


def _as_steps(values: Floats) -> _Steps | None:
    """None where the lines are not of the usual form."""
    if not values.shape[1]:
        return None
    alone = bool(np.isnan(values[MAIN:]).all())
    columns = values[NET:MAIN] if alone else values[[*range(EXTRA_LARGE, len(values)), NET]]
    for decimals in range(_MOST_DECIMALS + 1):
        numbers, exact = moved(columns, decimals)
        if exact.all():
            break
    else:
        return None
    whole = numbers.astype(np.int64)
    if not alone and (whole[-1] == whole[:-1].sum(axis=0)).all():
        whole = whole[:-1]
    steps = np.diff(whole, axis=1, prepend=0)
    again = (
        _figures(numbers, decimals, np.empty_like(values), steps=are_steps)
        for numbers, are_steps in ((steps, True), (whole, False))
    )
    return _Steps(decimals, steps, whole) if all(each.tobytes() == values.tobytes() for each in again) else None


def _read_steps(read: Unpacker, count: int, room: Room | None) -> tuple[Ints, Floats]:
    columns, decimals, width, size, unfit = _STEPS_HEAD.unpack(read.raw(_STEPS_HEAD.size))
    labels = _labels(bytes(read.raw(size)), count)
    are_steps, columns = not columns & _NO_STEPS, columns & ~_NO_STEPS
    if columns not in (_NET_ALONE, _NET_IS_SUM, _NET_TOO) or width not in _WIDTHS or decimals > _MOST_DECIMALS:
        raise ValueError("there are no such steps")
    steps = np.frombuffer(read.raw(columns * count * width), _STEP_TYPES[width])
    if unfit:
        places = np.frombuffer(read.raw(unfit * _PLACE_TYPE.itemsize), _PLACE_TYPE)
        if places.max() >= len(steps):
            raise ValueError("a place is out of range")
        steps = steps.astype(np.int64)
        steps[places] = np.frombuffer(read.raw(unfit * _WHOLE_TYPE.itemsize), _WHOLE_TYPE)
    values = np.empty((6, count)) if room is None else room.take(count)
    return labels, _figures(steps.reshape(columns, count), decimals, values, steps=are_steps)


def _figures(whole: npt.NDArray[np.integer], decimals: int, values: Floats, *, steps: bool = True) -> Floats:
    """Fill in the figures out of whole numbers, which doubles hold exactly, or out of their steps."""
    columns = len(whole)
    if steps:
        whole = whole.astype(np.int64)
        np.add.accumulate(whole, axis=1, out=whole)  # a third of the time that doubles take
    if columns == _NET_ALONE:
        sums = values[:1]
        values[1:] = np.nan
    else:
        sums = values[EXTRA_LARGE:]
    sums[:] = whole[:4]
    if columns == _NET_TOO:
        values[NET] = whole[4]
    if columns == _NET_IS_SUM:
        np.add.reduce(sums, axis=0, out=values[NET])
    if decimals:
        sums /= _UNITS[decimals]
        if columns != _NET_ALONE:
            values[NET] /= _UNITS[decimals]
    if columns != _NET_ALONE:
        np.add(values[EXTRA_LARGE], values[LARGE], out=values[MAIN])
    return values


@lru_cache(maxsize=512)
def _labels(packed: bytes, count: int) -> Ints:
    """(count,) read-only: all symbols of a market have the same labels."""
    if not count:
        raise ValueError("steps need a line")
    read = Unpacker(memoryview(packed))
    labels = read.ints(count)
    read.end()
    labels.setflags(write=False)
    return labels


@lru_cache(maxsize=512)
def _usual_marks(count: int) -> tuple[Flags16, Bools]:
    """No flag, and every line confirmed; read-only."""
    if count > MOST_NUMBERS:
        raise ValueError("a reply cannot be as long")
    line_flags, confirmed = np.zeros(count, np.uint16), np.ones(count, np.bool_)
    line_flags.setflags(write=False)
    confirmed.setflags(write=False)
    return line_flags, confirmed


def pack_values(pack: Packer, values: Floats) -> None:
    """Any (6, n) figures, rows as domain.flow.COLUMNS. Main is left out where it is the sum of its classes."""
    if not values.shape[1]:
        return
    own_main = bool((values[MAIN].view(np.int64) != _main_of(values).view(np.int64)).any())
    pack.byte(own_main)
    pack.floats(values[[*range(EXTRA_LARGE, len(values)), NET]], summed=True)
    if own_main:
        pack.floats(values[MAIN][None])


def read_values(read: Unpacker, count: int) -> Floats:
    """What `pack_values` took. Raises ValueError where the bytes are not its own."""
    values = np.empty((6, count))
    if count:
        own_main = read.byte()
        table = read.floats(5, count)
        values[EXTRA_LARGE:], values[NET] = table[:-1], table[-1]
        values[MAIN] = read.floats(1, count)[0] if own_main else _main_of(values)
    return values


def _main_of(values: Floats) -> Floats:
    with np.errstate(all="ignore"):
        main: Floats = values[EXTRA_LARGE] + values[LARGE]
    return main


def as_flags(numbers: Ints) -> Flags16:
    """The numbers as flags of lines. Raises ValueError where they are none."""
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < 1 << 16):
        raise ValueError("there are no such flags")
    return numbers.astype(np.uint16)
