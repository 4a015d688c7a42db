"""States and final lines as bytes, exactly, and back.

A body carries a version, its kind and a checksum: bytes that were damaged are refused, never read as something else.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from capflow_gui.archive.columns import MOST_NUMBERS, Packer, Unpacker
from capflow_gui.archive.final import final_day
from capflow_gui.archive.lines import as_flags, pack_lines, pack_values, read_lines, read_many, read_values
from capflow_gui.archive.model import DayKey, FinalDay, Moments, State
from capflow_gui.domain.flow import Flag, Floats, FlowSeries, Ints
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason

_STATE, _STATES, _FINAL = b"s", b"j", b"f"
# Of the first version there are bodies without prices, and of the second final days that do not say what was held.
_PRICES_SINCE, _HELD_SINCE = 2, 3
_VERSIONS = {_STATE: 2, _STATES: 2, _FINAL: 3}
_ENVELOPE = struct.Struct("<BcI")  # version, kind, checksum: see `_checksum`
_STATE_HEAD = struct.Struct("<BIIIIIHdd")
_LAST_VALID, _TURNOVER, _PRICE = 1, 2, 4
_NUMBER = struct.Struct("<d")
_PAIR = struct.Struct("<dd")
_PLACE, _LABEL, _FIGURE, _LINE_FLAGS = map(np.dtype, ("<u4", "<i8", "<f8", "<u2"))
# Longer than any reply: what a body says is not believed beyond it.
_MOST_LINES = 1 << 20
_NO_TURNOVER = (np.nan, np.nan, np.nan)
_NOWHERE = np.empty(0, np.int64)
_NOWHERE.setflags(write=False)


def encode_state(state: State) -> bytes:
    """One state, for a session that still runs: quick to write. How often it was said again is not in it.

    Raises StorageError for a reply that is longer than any.
    """
    optional, marks = b"", 0
    if state.last_valid is not None:
        marks, optional = _LAST_VALID, _NUMBER.pack(state.last_valid)
    if state.turnover is not None:
        marks |= _TURNOVER
        optional += _PAIR.pack(*state.turnover[:2])
        if state.turnover.price is not None:
            marks |= _PRICE
            optional += _NUMBER.pack(state.turnover.price)
    _check_length(state)
    head = _STATE_HEAD.pack(
        marks,
        state.poll,
        state.length,
        len(state.places),
        len(state.confirmed),
        len(state.flag_places),
        int(state.flags),
        state.received,
        state.wall,
    )
    content = (
        head,
        optional,
        _raw(state.places, _PLACE),
        _raw(state.labels, _LABEL),
        _raw(state.values, _FIGURE),
        _raw(state.confirmed, _PLACE),
        _raw(state.flag_places, _PLACE),
        _raw(state.line_flags, _LINE_FLAGS),
    )
    return _sealed(_STATE, b"".join(content))


def _raw(numbers: npt.NDArray[Any], kind: np.dtype[Any]) -> bytes:
    return numbers.astype(kind, copy=False).tobytes() if numbers.size else b""


def decode_state(body: bytes) -> State:
    """What `encode_state` wrote. Raises StorageError."""
    content = _opened(_STATE, body)
    try:
        marks, poll, length, k, c, f, flags, received, wall = _STATE_HEAD.unpack_from(content)
        at = _STATE_HEAD.size
        last_valid = turnover = price = None
        if marks & _LAST_VALID:
            (last_valid,) = _NUMBER.unpack_from(content, at)
            at += _NUMBER.size
        if marks & _TURNOVER:
            amount, true_at = _PAIR.unpack_from(content, at)
            at += _PAIR.size
            if marks & _PRICE:
                (price,) = _NUMBER.unpack_from(content, at)
                at += _NUMBER.size
            turnover = Turnover(amount, true_at, price)
        places, at = _places(content, k, at, length)
        labels, at = np.frombuffer(content, _LABEL, k, at), at + _LABEL.itemsize * k
        values, at = np.frombuffer(content, _FIGURE, 6 * k, at), at + _FIGURE.itemsize * 6 * k
        confirmed, at = _places(content, c, at, length)
        flag_places, at = _places(content, f, at, length)
        line_flags = np.frombuffer(content, _LINE_FLAGS, f, at)
        _check(at + line_flags.nbytes == len(content))
        state = State(
            poll,
            received,
            wall,
            last_valid,
            turnover,
            length,
            places,
            labels.astype(np.int64, copy=False),
            values.astype(np.float64, copy=False).reshape(6, k),
            confirmed,
            flag_places,
            line_flags.astype(np.uint16, copy=False),
            Flag(flags) if flags else Flag.NONE,
        )
    except (ValueError, struct.error) as error:
        raise _damaged() from error
    return state


def encode_states(states: Sequence[State]) -> bytes:
    """Every state of a session, with how often each was said again: small, and slower to write.

    Raises StorageError for a reply that is longer than any.
    """
    for state in states:
        _check_length(state)
    pack = Packer()
    pack.count(len(states))
    lengths = _ints(state.length for state in states)
    pack.ints(_ints(state.poll for state in states))
    pack.ints(lengths)
    pack.ints(_ints(int(state.flags) for state in states))
    pack.ints(_ints(state.same for state in states))
    pack.floats(np.array([(state.received, state.wall) for state in states]).reshape(-1, 2).T, summed=True)
    again = [(_or_nan(state.same_received), _or_nan(state.same_wall)) for state in states]
    pack.floats(np.array(again).reshape(-1, 2).T)
    pack.floats(np.array([[_or_nan(state.last_valid) for state in states]]))
    turnover = np.array([state.turnover or _NO_TURNOVER for state in states], np.float64).reshape(-1, 3).T
    for row in turnover:
        pack.floats(row[None])
    places = _pack_places(pack, [state.places for state in states], lengths)
    # The states of one line stand side by side, each near the one before.
    order = np.argsort(places, kind="stable")
    pack.ints(_joined([state.labels for state in states])[order])
    pack_values(pack, np.concatenate([np.empty((6, 0)), *(state.values for state in states)], axis=1)[:, order])
    _pack_places(pack, [state.confirmed for state in states], lengths)
    _pack_places(pack, [state.flag_places for state in states], lengths)
    pack.ints(_joined([state.line_flags.astype(np.int64) for state in states]))
    return _sealed(_STATES, pack.packed())


def decode_states(body: bytes) -> list[State]:
    """What `encode_states` wrote. Raises StorageError."""
    content = _opened(_STATES, body)
    try:
        return _read_states(Unpacker(content), has_prices=_version_of(body) >= _PRICES_SINCE)
    except ValueError as error:
        raise _damaged() from error


def _read_states(read: Unpacker, *, has_prices: bool) -> list[State]:
    count = read.count()
    polls, lengths, flags, same = (read.ints(count) for _ in range(4))
    _check(not ((lengths < 0) | (lengths > _MOST_LINES) | (flags < 0) | (same < 0)).any())
    received, wall = read.floats(2, count).tolist()
    same_received, same_wall = map(_or_none, read.floats(2, count))
    (last_valid,) = map(_or_none, read.floats(1, count))
    amounts, times = (read.floats(1, count)[0] for _ in range(2))
    prices = _or_none(read.floats(1, count)[0]) if has_prices else [None] * count
    turnovers = [
        None if none else Turnover(amount, at, price)
        for none, amount, at, price in zip(
            (np.isnan(amounts) & np.isnan(times)).tolist(), amounts.tolist(), times.tolist(), prices, strict=True
        )
    ]
    places, ends = _read_places(read, lengths)
    order = np.argsort(places, kind="stable")
    labels, values = np.empty_like(places), np.empty((6, len(places)))
    labels[order] = read.ints(len(places))
    values[:, order] = read_values(read, len(places))
    confirmed, confirmed_ends = _read_places(read, lengths)
    flagged, flagged_ends = _read_places(read, lengths)
    line_flags = as_flags(read.ints(len(flagged)))
    read.end()
    states = []
    a = b = c = 0
    numbers = (each.tolist() for each in (polls, lengths, flags, same))
    for i, (poll, length, said, repeated, a_end, b_end, c_end) in enumerate(
        zip(*numbers, ends, confirmed_ends, flagged_ends, strict=True)
    ):
        states.append(
            State(
                poll,
                received[i],
                wall[i],
                last_valid[i],
                turnovers[i],
                length,
                places[a:a_end],
                labels[a:a_end],
                values[:, a:a_end],
                confirmed[b:b_end],
                flagged[c:c_end],
                line_flags[c:c_end],
                Flag(said) if said else Flag.NONE,
                repeated,
                same_received[i],
                same_wall[i],
            )
        )
        a, b, c = a_end, b_end, c_end
    return states


def encode_final(states: Sequence[State], key: DayKey, day: TradingDay) -> bytes:
    """What stays of a session for good. Raises StorageError for a reply longer than any, ValueError without a state."""
    for state in states:
        _check_length(state)
    return encode_final_day(final_day(states, key, day))


def encode_final_day(day: FinalDay) -> bytes:
    """The final lines of a session, and what a rule saw of them. Raises ValueError for a day of an older version."""
    series, moments = day.series, day.moments
    if moments.held is None:
        raise ValueError("it is not known what was held")
    pack = Packer()
    pack_lines(pack, series)
    pack.count(day.replies)
    pack.count(len(moments.received))
    pack.floats(np.array([moments.received, moments.turnover, moments.turnover_at]))
    pack.floats(moments.price[None])
    pack.ints(moments.replies)
    pack.bools(moments.again)
    pack.ints(moments.flags.astype(np.int64))
    pack.bools(moments.held)
    _pack_rows(pack, day)
    pack.count(len(day.revised))
    pack.ints(day.revised)
    pack.ints(day.revised_in)
    pack.ints(day.revised_flags.astype(np.int64))
    pack_values(pack, day.revised_values)
    return _sealed(_FINAL, pack.packed())


def _pack_rows(pack: Packer, day: FinalDay) -> None:
    """Lines as they were confirmed: a day on which they are the final ones, in order, needs to say no more."""
    series, size = day.series, len(day.labels)
    pack.count(size)
    pack.ints(day.confirmed_in)
    plain = (
        np.array_equal(series.timestamps[:size], day.labels)
        and np.array_equal(series.values[:, :size].view(np.int64), day.values.view(np.int64))
        and np.array_equal(series.line_flags[:size], day.flags)
    )
    pack.byte(plain)
    if not plain:
        pack.ints(day.labels)
        pack.ints(day.flags.astype(np.int64))
        pack_values(pack, day.values)


def decode_final(key: DayKey, body: bytes) -> FinalDay:
    """What `encode_final` wrote. Raises StorageError."""
    content = _opened(_FINAL, body)
    try:
        return _read_final(key, Unpacker(content), _version_of(body))
    except ValueError as error:
        raise _damaged() from error


def decode_finals(days: Iterable[tuple[DayKey, bytes]]) -> Iterator[FinalDay | None]:
    """What `decode_final` gives of each day, one after the other; None where it raises."""
    for key, body in days:
        try:
            yield decode_final(key, body)
        except StorageError:
            yield None


def decode_last_lines(key: DayKey, body: bytes) -> FlowSeries:
    """Of what `encode_final` wrote the last state alone, in a tenth of the time. Raises StorageError."""
    content = _opened(_FINAL, body)
    try:
        return read_lines(key, Unpacker(content))
    except ValueError as error:
        raise _damaged() from error


def decode_many_last_lines(days: Sequence[tuple[DayKey, bytes]]) -> list[FlowSeries | None]:
    """What `decode_last_lines` gives of each day, quicker; None where it raises. Days share memory: see `read_many`."""
    return read_many(((key, _content_of(body)) for key, body in days), len(days))


def _content_of(body: bytes) -> memoryview:
    try:
        return _opened(_FINAL, body)
    except StorageError:
        return memoryview(b"")  # no day's


def _read_final(key: DayKey, read: Unpacker, version: int) -> FinalDay:
    series = read_lines(key, read)
    number, count = read.count(), read.count()
    received, turnover, turnover_at = read.floats(3, count)
    price = read.floats(1, count)[0] if version >= _PRICES_SINCE else np.full(count, np.nan)
    replies, again, flags = read.ints(count), read.bools(count), as_flags(read.ints(count))
    held = read.bools(count) if version >= _HELD_SINCE else None
    moments = Moments(received, turnover, turnover_at, price, replies, again, flags, held)
    size = read.count()
    confirmed_in = _between(0, read.ints(size), count)
    if read.byte():
        _check(size <= len(series))
        labels, values, line_flags = series.timestamps[:size], series.values[:, :size], series.line_flags[:size]
    else:
        labels, raw_flags = read.table(2, size)
        line_flags, values = as_flags(raw_flags), read_values(read, size)
    changes = read.count()
    revised, revised_in, revised_flags = read.table(3, changes)
    day = FinalDay(
        series,
        number,
        moments,
        labels,
        values,
        line_flags,
        confirmed_in,
        _between(0, revised, size),
        _between(0, revised_in, count),
        read_values(read, changes),
        as_flags(revised_flags),
    )
    read.end()
    return day


def _pack_places(pack: Packer, places: Sequence[Ints], lengths: Ints) -> Ints:
    """Places of lines by state, counted from the reply's end, where most changes are; gives them as one array."""
    counts = _ints(len(each) for each in places)
    pack.ints(counts)
    together = _joined(places)
    pack.ints(np.repeat(lengths, counts) - together)
    return together


def _read_places(read: Unpacker, lengths: Ints) -> tuple[Ints, list[int]]:
    """Places by state, as one array, and where in it each state ends."""
    counts = read.ints(len(lengths))
    _check(bool(((counts >= 0) & (counts <= lengths)).all()) and int(counts.sum()) <= MOST_NUMBERS)
    ends = np.cumsum(counts)
    bounds = np.repeat(lengths, counts)
    places = bounds - read.ints(int(counts.sum()))
    falls = np.diff(places) <= 0
    falls[ends[(ends > 0) & (ends < len(places))] - 1] = False
    _check(not (falls.any() or (places < 0).any() or (places >= bounds).any()))
    return places, ends.tolist()


def _places(content: memoryview, count: int, at: int, length: int) -> tuple[Ints, int]:
    """So many ascending places below `length`, and where their bytes end. Raises ValueError."""
    if not count:
        return _NOWHERE, at
    places = np.frombuffer(content, _PLACE, count, at).astype(np.int64)
    _check(int(places[-1]) < length and (count == 1 or bool((places[1:] > places[:-1]).all())))
    return places, at + _PLACE.itemsize * count


def _between(first: int, numbers: Ints, end: int) -> Ints:
    _check(not len(numbers) or bool(numbers.min() >= first and numbers.max() < end))
    return numbers


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError("a number is out of range")


def _check_length(state: State) -> None:
    if state.length > _MOST_LINES:
        raise StorageError(Reason.of(Code.REPLY_TOO_LONG, lines=state.length))


def _ints(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, np.int64)


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _or_nan(number: float | None) -> float:
    return np.nan if number is None else number


def _or_none(numbers: Floats) -> list[float | None]:
    return [None if none else each for none, each in zip(np.isnan(numbers).tolist(), numbers.tolist(), strict=True)]


def _sealed(kind: bytes, content: bytes) -> bytes:
    version = _VERSIONS[kind]
    return _ENVELOPE.pack(version, kind, zlib.crc32(content, _checksum_of_head(version, kind))) + content


def _opened(kind: bytes, body: bytes) -> memoryview:
    """The content of a body. Raises StorageError."""
    if not isinstance(body, bytes) or len(body) < _ENVELOPE.size:  # a damaged file may hold anything in a cell
        raise _damaged()
    version, found, checksum = _ENVELOPE.unpack_from(body)
    content = memoryview(body)[_ENVELOPE.size :]
    if found != kind or zlib.crc32(content, _checksum_of_head(version, kind)) != checksum:
        raise _damaged()
    if not 1 <= version <= _VERSIONS[kind]:
        raise StorageError(Reason.of(Code.RECORDING_NEWER))
    return content


@lru_cache
def _checksum_of_head(version: int, kind: bytes) -> int:
    """Of what stands before the content, since the second version: a changed version is not another one."""
    return 0 if version == 1 else zlib.crc32(bytes((version,)) + kind)


def _version_of(body: bytes) -> int:
    return body[0]


def _damaged() -> StorageError:
    return StorageError(Reason.of(Code.RECORDING_DAMAGED))
