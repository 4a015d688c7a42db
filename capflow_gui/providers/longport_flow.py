"""From the body of a capital-flow answer (command 24) to a FlowSeries, three ways that never differ.

1. The body is the previous answer's: the previous series again, nothing parsed.
2. The bytes up to the last lines are the previous answer's: only the tail is read.
3. Every line is written as plainly as Longport writes it: all lines at once, after *every* tag and length was compared.

Anything else goes through the protobuf parser, which says what the bytes mean; a differential test holds the fast ways
to it. Amounts are decimal texts; they are read as doubles, an empty one is missing. Whether the lines are running
totals is not said by the broker: its samples are, and Capflow takes them so.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError

from capflow_gui.domain.flow import NET, Bools, Flags16, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.wire.pb.longport import quote_pb2

_REVISED_LINES = 2  # the newest line moves between polls, and the one before may still be settling
_MOST_NEW_LINES = 8
_KEPT = 1024  # 20 kB each at most
_LATEST: Final = 253402214400  # the end of the year 9999, as datetime has it

# A plain line is 12 len 0a len text 10 varint, the varint five bytes of which four have the high bit.
_ITEM, _TEXT, _TIME, _HIGH = 0x12, 0x0A, 0x10, 0x80
_AROUND_TEXT, _BEFORE_TEXT, _AFTER_TEXT = 8, 4, 6
_SHORTEST_TEXT, _LONGEST_TEXT = 4, 16  # three decimals, and no more digits than a double holds exactly
_DIGITS = b"-.0123456789"
_ZERO, _MINUS, _DOT, _DOT_PLACE = np.uint8(0x30), 0x2D, 0xFE, 3  # the dot after _ZERO was subtracted
_PLACES: Final = np.array([1.0, 10.0, 100.0, 0.0, *(10.0**power for power in range(3, 15))])
_WEIGHTS: Final = np.array([1, 1 << 7, 1 << 14, 1 << 21, 1 << 28], np.int64)
_STEPS: Final = np.arange(5)
Codes = npt.NDArray[np.uint8]
_inflow = attrgetter("inflow")
_timestamp = attrgetter("timestamp")


@dataclass(slots=True)
class _Tail:
    """The last lines of a body, and where each of them starts."""

    timestamps: list[int]
    net: list[float]
    starts: list[int]


@dataclass(slots=True)
class _Kept:
    """A symbol's last answer. `near` is its body up to the newest line, `far` its first `far_lines` lines; both empty
    where it was not plain."""

    body: bytes
    timestamps: Ints
    values: Floats
    near: bytes
    far: bytes
    far_lines: int
    series: FlowSeries | None = None

    def move(self, body: bytes, timestamp: int, amount: float) -> None:
        """Become the answer that differs in its newest line alone."""
        values = self.values.copy()
        values[NET, -1] = amount
        if self.timestamps[-1] != timestamp:
            self.timestamps = self.timestamps.copy()
            self.timestamps[-1] = timestamp
        self.body, self.values, self.series = body, values, None

    def go_on(self, body: bytes, known: bytes, first: int, tail: _Tail) -> None:
        """Become the answer that begins with `known`, the first lines of this one, and ends with the tail.

        The arrays are new ones.
        """
        count = first + len(tail.net)
        if count == len(self.timestamps):
            values, timestamps = self.values.copy(), self.timestamps
            if timestamps[first:].tolist() != tail.timestamps:
                timestamps = timestamps.copy()
                timestamps[first:] = tail.timestamps
        else:
            values, timestamps = np.full((6, count), np.nan), np.empty(count, np.int64)
            values[NET, :first] = self.values[NET, :first]
            timestamps[:first] = self.timestamps[:first]
            timestamps[first:] = tail.timestamps
        for at, amount in enumerate(tail.net, first):
            values[NET, at] = amount  # one or two: dearer as a slice
        self.body, self.timestamps, self.values, self.series = body, timestamps, values, None
        newest = tail.starts[-1]
        if known is not self.near or len(known) != newest:
            self.near = body[:newest]
        covered = count - _REVISED_LINES
        if covered >= first:
            self.far, self.far_lines = body[: tail.starts[covered - first]], covered


class LongportFlowDecoder:
    """Reads the answers of one source, remembering the last one of each recently asked symbol."""

    def __init__(self, source: str, kept: int = _KEPT) -> None:
        self._source = source
        self._most = kept
        self._kept: OrderedDict[Symbol, _Kept] = OrderedDict()
        self._no_flags: Flags16 = np.zeros(0, np.uint16)
        self._none_confirmed: Bools = np.zeros(0, np.bool_)

    def decode(self, symbol: Symbol, body: bytes) -> FlowSeries:
        """Return the series of an answer; the very object of the last call where nothing changed.

        Raises RemoteProtocolError where the body is no such answer.
        """
        kept = self._read(symbol, body)
        if kept.series is None:
            kept.series = self._series(symbol, kept.timestamps, kept.values)
        return kept.series

    def lines(self, symbol: Symbol, body: bytes) -> tuple[Ints, Floats]:
        """Return what `decode` makes a series of: (n,) timestamps and (6, n) values, which must not be written to."""
        kept = self._read(symbol, body)
        return kept.timestamps, kept.values

    def _read(self, symbol: Symbol, body: bytes) -> _Kept:
        kept = self._kept.get(symbol)
        if kept is not None:
            if kept.body == body:
                self._kept.move_to_end(symbol)
                return kept
            if kept.near and body.startswith(kept.near):
                newest = _read_line(body, len(kept.near))
                if newest is not None and newest[0] == len(body):
                    kept.move(body, newest[1], newest[2])
                    self._kept.move_to_end(symbol)
                    return kept
                known = kept.near, len(kept.timestamps) - 1
            elif kept.far and body.startswith(kept.far):
                known = kept.far, kept.far_lines
            else:
                known = b"", 0
            tail = _read_tail(body, len(known[0])) if known[1] else None
            if tail is not None:
                kept.go_on(body, *known, tail)
                self._kept.move_to_end(symbol)
                return kept
        timestamps, net, plain = _read_all(body)
        count = len(net)
        values = np.full((6, count), np.nan)
        values[NET] = net
        near = far = b""
        if plain and count > _REVISED_LINES:
            near, far = body[: _start_of(body, 1)], body[: _start_of(body, _REVISED_LINES)]
        return self._remember(symbol, _Kept(body, timestamps, values, near, far, count - _REVISED_LINES))

    def _series(self, symbol: Symbol, timestamps: Ints, values: Floats) -> FlowSeries:
        count = len(timestamps)
        if len(self._no_flags) != count:
            # Read-only and alike for every series: a watchlist's have few lengths.
            self._no_flags, self._none_confirmed = np.zeros(count, np.uint16), np.zeros(count, np.bool_)
        return FlowSeries(
            symbol,
            self._source,
            Period.INTRADAY,
            timestamps,
            values,
            line_flags=self._no_flags,
            confirmed=self._none_confirmed,
        )

    def _remember(self, symbol: Symbol, kept: _Kept) -> _Kept:
        self._kept[symbol] = kept
        self._kept.move_to_end(symbol)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return kept


def _read_tail(body: bytes, at: int) -> _Tail | None:
    """Read plain lines from `at` to the end; None where there are too many, or one is not plain."""
    tail = _Tail([], [], [])
    end = len(body)
    while at < end:
        line = _read_line(body, at) if len(tail.net) < _MOST_NEW_LINES else None
        if line is None:
            return None
        tail.starts.append(at)
        at, timestamp, amount = line
        tail.timestamps.append(timestamp)
        tail.net.append(amount)
    return tail if tail.net else None


def _read_line(body: bytes, at: int) -> tuple[int, int, float] | None:
    """Read the plain line at `at`: where it ends, its timestamp and amount. None where it is not plain."""
    end = len(body)
    # The shortest plain line has 11 bytes: one digit.
    if end - at < 11 or body[at] != _ITEM or body[at + 2] != _TEXT:
        return None
    size = body[at + 3]
    stop = at + _BEFORE_TEXT + size
    if not 0 < size <= _LONGEST_TEXT or body[at + 1] != size + _AROUND_TEXT or stop + _AFTER_TEXT > end:
        return None
    tag, a, b, c, d, e = body[stop : stop + _AFTER_TEXT]
    text = body[at + _BEFORE_TEXT : stop]
    if tag != _TIME or not a & b & c & d & _HIGH or not 0 < e < _HIGH or text.strip(_DIGITS):
        return None
    try:
        amount = float(text)
    except ValueError:
        return None
    return stop + _AFTER_TEXT, (a & 127) | (b & 127) << 7 | (c & 127) << 14 | (d & 127) << 21 | e << 28, amount


def _start_of(body: bytes, count: int) -> int:
    """Where the last `count` lines of a plain body start."""
    at = len(body)
    for _ in range(count):
        at = body.rindex(bytes((_TIME,)), 0, at - 5)
        size = 1
        while body[at - size - 1] != size or body[at - size - 2] != _TEXT:
            size += 1
        at -= size + _BEFORE_TEXT
    return at


def _read_all(body: bytes) -> tuple[Ints, Floats, bool]:
    """Return timestamps, amounts, and whether every line was plain. Raises RemoteProtocolError."""
    found = _read_plain(body)
    if found is not None:
        return (*found, True)
    try:
        items = quote_pb2.CapitalFlowResponse.FromString(body).capital_flow_lines
    except DecodeError as error:
        raise RemoteProtocolError(f"an answer cannot be parsed: {error}") from error
    timestamps: Ints = np.fromiter(map(_timestamp, items), np.int64, len(items))
    amounts: Floats = np.fromiter(map(_number, map(_inflow, items)), np.float64, len(items))
    if len(items) and not (timestamps.min() > 0 and timestamps.max() < _LATEST):
        raise RemoteProtocolError("a line of capital flow has no time")
    return timestamps, amounts, False


def _read_plain(body: bytes) -> tuple[Ints, Floats] | None:
    """Read a symbol and plain lines to the end of the body; None where anything is written otherwise."""
    first = 2 + body[1] if len(body) > 1 else 0
    if not first or body[0] != _TEXT or body[1] >= _HIGH or not body[2:first].isascii():
        return None
    raw = np.frombuffer(body, np.uint8, offset=min(first, len(body)))
    high = np.flatnonzero(raw >= _HIGH)
    if not len(high) or len(high) % 4:
        return None
    time = high.reshape(-1, 4)
    begins = time[:, 0]
    ends = begins + 5
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1]
    sizes = begins - 1 - _BEFORE_TEXT - starts
    if int(ends[-1]) != len(raw) or int(sizes.min()) < 1:
        return None
    stamps = raw[begins[:, None] + _STEPS]
    plain = (
        bool((time[:, 3] - begins == 3).all())
        and bool((raw[starts] == _ITEM).all())
        and bool((raw[starts + 1] == sizes + _AROUND_TEXT).all())
        and bool((raw[starts + 2] == _TEXT).all())
        and bool((raw[starts + 3] == sizes).all())
        and bool((raw[begins - 1] == _TIME).all())
        and bool(stamps[:, 4].all())
    )
    amounts = _amounts(raw, starts + _BEFORE_TEXT, sizes) if plain else None
    if amounts is None:
        return None
    timestamps: Ints = (stamps & 127) @ _WEIGHTS
    return timestamps, amounts


def _amounts(raw: Codes, begins: Ints, sizes: Ints) -> Floats | None:
    """Read texts with exactly three decimals, as Longport writes them; None where one is anything else.

    A whole number below 2^53 divided by 1000 is the double nearest to the decimal, which is what float() gives too.
    """
    longest = int(sizes.max())
    if longest > _LONGEST_TEXT or int(sizes.min()) < _SHORTEST_TEXT:
        return None
    # Column 0 is the last character of each text.
    places = np.arange(longest)
    digits = raw[np.maximum((begins + sizes - 1)[:, None] - places, 0)] - _ZERO
    digits[places >= sizes[:, None]] = 0
    negative = raw[begins] == _MINUS
    digits[negative, sizes[negative] - 1] = 0
    if not (digits[:, _DOT_PLACE] == _DOT).all():
        return None
    digits[:, _DOT_PLACE] = 0
    if int(digits.max()) > 9:
        return None
    amounts: Floats = (digits @ _PLACES[:longest]) / 1000.0
    amounts[negative] *= -1.0
    return amounts


def _number(text: str) -> float:
    """A decimal text; empty = missing."""
    if not text:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        raise RemoteProtocolError(f"not an amount: {text[:40]!r}") from None
