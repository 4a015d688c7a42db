"""The final lines of a session as bytes: what is read of hundreds of days at once.

Most sessions are of one form: whole amounts or cents, and net the sum of the classes, or alone. These are kept as plain
steps from line to line, in as many bytes as the largest needs, so that reading many is a handful of numpy's calls. Any
other session is kept by its columns.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
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
_INTRADAY, _NO_FLAG = Period.INTRADAY, Flag.NONE
_LAST_VALID, _RECEIVED, _USUAL_MARKS, _STEPS = 1, 2, 4, 8
_STEPS_HEAD = struct.Struct("<BBBHI")  # columns, decimals, bytes of a step, bytes of the labels, how many do not fit
_HEADS = struct.Struct(_HEAD.format + _STEPS_HEAD.format[1:])  # where nothing stands between them
_USUAL = _USUAL_MARKS | _STEPS
_WIDTHS = (1, 2, 4, 8)
_STEP_TYPES = {width: np.dtype(f"<i{width}") for width in _WIDTHS}
_WHOLE_TYPE, _PLACE_TYPE = np.dtype("<i8"), np.dtype("<u4")
_EXCEPTION = _WHOLE_TYPE.itemsize + _PLACE_TYPE.itemsize
_AT_ONCE = 32  # days: their bytes and figures stay in the processor's cache
_NET_ALONE, _NET_IS_SUM, _NET_TOO = 1, 4, 5
_NO_STEPS = 0x80  # the amounts themselves, not the steps between them
_Head = tuple[int, int, int, float, float]


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


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """What many days of a market have in common: their labels, and how their amounts are kept. See `_Steps`."""

    labels: Ints
    columns: int
    decimals: int
    kind: np.dtype[np.signedinteger]
    are_steps: bool
    size: int  # how many bytes the amounts take


@lru_cache(maxsize=512)
def _form(count: int, columns: int, decimals: int, width: int, named: bytes) -> _Form:
    """The same for the same arguments. Raises ValueError where there is none such."""
    are_steps, columns = not columns & _NO_STEPS, columns & ~_NO_STEPS
    if columns not in (_NET_ALONE, _NET_IS_SUM, _NET_TOO) or width not in _WIDTHS or decimals > _MOST_DECIMALS:
        raise ValueError("there are no such steps")
    return _Form(_labels(named, count), columns, decimals, _STEP_TYPES[width], are_steps, columns * count * width)


def read_lines(key: DayKey, read: Unpacker) -> FlowSeries:
    """What `pack_lines` took. Raises ValueError where the bytes are not its own."""
    head = count, _, marks, *_ = _HEAD.unpack(read.raw(_HEAD.size))
    if count > _MOST_LINES:
        raise ValueError("a reply cannot be as long")
    line_flags, confirmed = _usual_marks(count)
    if not marks & _USUAL_MARKS:
        numbers, yes = read.table(2, count)
        line_flags, confirmed = as_flags(numbers), yes != 0
    if marks & _STEPS:
        labels, values = _read_steps(read, count)
    else:
        labels, values = read.ints(count), read_values(read, count)
    return _series(key, head, labels, values, (line_flags, confirmed))


def read_many(days: Iterable[tuple[DayKey, memoryview]], most: int) -> list[FlowSeries | None]:
    """What `read_lines` gives of each day, of `most` at the most; None where it raises.

    Each is asked for once the one before is read: its bytes are then still in the processor's cache. Days share memory:
    of one to be kept, keep a copy.
    """
    found: list[FlowSeries | None] = []
    alike: dict[_Form, _Alike] = {}
    for key, content in days:
        found.append(None)
        try:
            usual = _usual_of(content)
            if usual is None:
                found[-1] = read_lines(key, Unpacker(content))
                continue
        except ValueError:
            continue  # damaged
        form, head, amounts = usual
        some = alike.get(form)
        if some is None:
            some = alike[form] = _Alike(form)
        some.waiting.append((len(found) - 1, key, head, amounts))
        if len(some.waiting) == _AT_ONCE:
            some.read(found, most - len(found))
    for some in alike.values():
        some.read(found, 0)
    return found


class _Alike:
    """Days of one form. Those in `waiting` are not read yet: their place, whose they are, their head and amounts."""

    def __init__(self, form: _Form) -> None:
        self.waiting: list[tuple[int, DayKey, _Head, memoryview]] = []
        self._form = form
        self._free: Floats = np.empty((0, 6, len(form.labels)))

    def read(self, found: list[FlowSeries | None], more: int) -> None:
        """Put those that wait in their places. So many `more` may come: one large piece of memory is had sooner."""
        form, count = self._form, len(self.waiting)
        if len(self._free) < count:
            self._free = np.empty((count + more, 6, len(form.labels)))
        values, self._free = self._free[:count], self._free[count:]
        together = np.frombuffer(b"".join([amounts for *_, amounts in self.waiting]), form.kind)
        _figures(together.reshape(count, form.columns, -1), form.decimals, values, steps=form.are_steps)
        marks = _usual_marks(len(form.labels))
        for (place, key, head, _), figures in zip(self.waiting, values, strict=True):
            found[place] = _series(key, head, form.labels, figures, marks)
        self.waiting.clear()


def _usual_of(content: memoryview) -> tuple[_Form, _Head, memoryview] | None:
    """The form of a day, its head, and its amounts; None where it is to be read by itself. Raises ValueError."""
    if len(content) < _HEADS.size:
        return None
    count, flags, marks, last_valid, received, columns, decimals, width, named, unfit = _HEADS.unpack_from(content)
    if unfit or marks & _USUAL != _USUAL or count > _MOST_LINES:
        return None
    begin = _HEADS.size + named
    form = _form(count, columns, decimals, width, content[_HEADS.size : begin].tobytes())
    amounts = content[begin : begin + form.size]
    return (form, (count, flags, marks, last_valid, received), amounts) if len(amounts) == form.size else None


def _series(key: DayKey, head: _Head, labels: Ints, values: Floats, marks: tuple[Flags16, Bools]) -> FlowSeries:
    _, flags, said, last_valid, received = head
    # Given by their order: one is made for every day, and names take a third longer.
    return FlowSeries(
        key.symbol,
        key.source,
        _INTRADAY,
        labels,
        values,
        last_valid if said & _LAST_VALID else None,
        key.session,
        received if said & _RECEIVED else None,
        b"",
        Flag(flags) if flags else _NO_FLAG,
        *marks,
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


def _read_steps(read: Unpacker, count: int) -> tuple[Ints, Floats]:
    columns, decimals, width, named, unfit = _STEPS_HEAD.unpack(read.raw(_STEPS_HEAD.size))
    form = _form(count, columns, decimals, width, bytes(read.raw(named)))
    steps = np.frombuffer(read.raw(form.size), form.kind)
    if unfit:
        places = np.frombuffer(read.raw(unfit * _PLACE_TYPE.itemsize), _PLACE_TYPE)
        if places.max() >= len(steps):
            raise ValueError("a place is out of range")
        steps = steps.astype(np.int64)
        steps[places] = np.frombuffer(read.raw(unfit * _WHOLE_TYPE.itemsize), _WHOLE_TYPE)
    whole = steps.reshape(form.columns, count)
    return form.labels, _figures(whole, decimals, np.empty((6, count)), steps=form.are_steps)


def _figures(whole: npt.NDArray[np.integer], decimals: int, values: Floats, *, steps: bool = True) -> Floats:
    """Fill in the figures out of whole numbers, which doubles hold exactly, or out of their steps.

    `whole` is (c, n) and `values` (6, n), or (days, c, n) and (days, 6, n).
    """
    columns = whole.shape[-2]
    if steps:
        whole = whole.astype(np.int64)
        np.add.accumulate(whole, axis=-1, out=whole)  # a third of the time that doubles take
    net, classes = values[..., NET, :], values[..., EXTRA_LARGE:, :]
    if columns == _NET_ALONE:
        net[...] = whole[..., 0, :]
        values[..., MAIN:, :] = np.nan
    else:
        classes[...] = whole[..., :4, :]
    if columns == _NET_TOO:
        net[...] = whole[..., 4, :]
    if columns == _NET_IS_SUM:
        np.add.reduce(classes, axis=-2, out=net)
    if decimals:
        net /= _UNITS[decimals]
        if columns != _NET_ALONE:
            classes /= _UNITS[decimals]
    if columns != _NET_ALONE:
        np.add(values[..., EXTRA_LARGE, :], values[..., LARGE, :], out=values[..., MAIN, :])
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
