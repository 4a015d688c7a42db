"""From the body of a capital-flow answer (command 24) to a FlowSeries, four ways that never differ.

1. The body is the previous answer's: the previous series again, nothing parsed.
2. All but the newest amount's characters are the previous answer's bytes: that one text is read.
3. The bytes up to the last lines are the previous answer's: only the tail is read.
4. Every line is written as plainly as Longport writes it: all lines at once, after *every* tag and length was compared.

Anything else goes through the protobuf parser, which says what the bytes mean; a differential test holds the fast ways
to it. Amounts are decimal texts; they are read as doubles, an empty one is missing. Whether the lines are running
totals is not said by the broker: its samples are, and Capflow takes them so.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError
from msgspec.structs import replace

from capflow_gui.domain.flow import NET, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.longport.messages import number
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.pb.longport import quote_pb2

_REVISED_LINES = 2  # the newest line moves between polls, and the one before may still be settling
_MOST_NEW_LINES = 8
_KEPT = 1024  # a day is 32 kB: ten of text, the rest the series
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
_timestamp = attrgetter("timestamp")


@dataclass(slots=True)
class _Tail:
    """The last lines of a body, and where each of them starts."""

    timestamps: list[int]
    net: list[float]
    starts: list[int]


@dataclass(slots=True)
class _Kept:
    """A symbol's last answer: `head`, the `text` of its newest amount, `time`.

    The newest line starts at `near`, and the first `far_lines` lines end at `far`. An answer whose last lines are not
    plain is all head, and `near` is 0.
    """

    series: FlowSeries
    head: bytes
    text: bytes = b""
    time: bytes = b""
    near: int = 0
    far: int = 0
    far_lines: int = 0

    def cover(self, body: bytes, newest: int, far: int, far_lines: int) -> None:
        """Remember a body whose newest line, a plain one, starts at `newest`."""
        text = newest + _BEFORE_TEXT
        self.head, self.text, self.time = body[:text], body[text:-_AFTER_TEXT], body[-_AFTER_TEXT:]
        self.near, self.far, self.far_lines = newest, far, far_lines


class LongportFlowDecoder:
    """Reads the answers of one source, remembering the last one of each of `kept` symbols."""

    def __init__(self, source: str, kept: int = _KEPT) -> None:
        self._source = source
        self._most = kept
        self._kept: dict[Symbol, _Kept] = {}

    def decode(self, symbol: Symbol, body: bytes) -> FlowSeries:
        """Return the series of an answer; the very object of the last call where nothing changed.

        Raises RemoteProtocolError where the body is no such answer.
        """
        kept = self._kept.get(symbol)
        if kept is None:
            return self._read(symbol, body)
        if body.startswith(kept.head) and body.endswith(kept.time):
            start = len(kept.head)
            text = body[start : start + len(kept.text)]
            if len(body) == start + len(text) + len(kept.time):
                if text == kept.text:
                    return kept.series
                amount = _amount(text)
                if amount is not None:
                    values = kept.series.values.copy()
                    values[NET, -1] = amount
                    kept.text, kept.series = text, replace(kept.series, values=values)
                    return kept.series
        return kept.series if _go_on(kept, body) else self._read(symbol, body)

    def _read(self, symbol: Symbol, body: bytes) -> FlowSeries:
        """Read all of an answer, and remember it."""
        timestamps, net, plain = _read_all(body)
        count = len(net)
        values = _missing(count)
        values[NET] = net
        series = FlowSeries(symbol, self._source, Period.INTRADAY, timestamps, values)
        kept = self._kept[symbol] = _Kept(series, body)
        if plain and count > _REVISED_LINES:
            kept.cover(body, _start_of(body, 1), _start_of(body, _REVISED_LINES), count - _REVISED_LINES)
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return series


def _go_on(kept: _Kept, body: bytes) -> bool:
    """Become the answer that ends otherwise than the last one; False, and nothing done, where it is none that does."""
    if not kept.near:
        return False
    old = kept.series
    known = memoryview(kept.head)
    if body.startswith(known[: kept.near]):
        at, first = kept.near, len(old) - 1
    elif body.startswith(known[: kept.far]):
        at, first = kept.far, kept.far_lines
    else:
        return False
    tail = _read_tail(body, at)
    if tail is None:
        return False
    count = first + len(tail.net)
    timestamps = np.empty(count, np.int64)
    timestamps[:first] = old.timestamps[:first]
    timestamps[first:] = tail.timestamps
    values = _missing(count)
    values[NET, :first] = old.values[NET, :first]
    values[NET, first:] = tail.net
    kept.series = replace(old, timestamps=timestamps, values=values)
    covered = count - _REVISED_LINES
    far = (tail.starts[covered - first], covered) if covered >= first else (kept.far, kept.far_lines)
    kept.cover(body, tail.starts[-1], *far)
    return True


def _missing(count: int) -> Floats:
    """Return room for `count` lines of which nothing is known."""
    values = np.empty((6, count))
    values.fill(np.nan)
    return values


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
    amount = _amount(body[at + _BEFORE_TEXT : stop])
    if tag != _TIME or not a & b & c & d & _HIGH or not 0 < e < _HIGH or amount is None:
        return None
    return stop + _AFTER_TEXT, (a & 127) | (b & 127) << 7 | (c & 127) << 14 | (d & 127) << 21 | e << 28, amount


def _amount(text: bytes) -> float | None:
    """Read a plain amount; None where it is none: float() alone takes more than digits."""
    if text.strip(_DIGITS):
        return None
    try:
        return float(text)
    except ValueError:
        return None


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
        raise RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))) from error
    timestamps: Ints = np.fromiter(map(_timestamp, items), np.int64, len(items))
    amounts: Floats = np.array([number(item.inflow) for item in items], np.float64)
    if len(items) and not (timestamps.min() > 0 and timestamps.max() < _LATEST):
        raise RemoteProtocolError(Reason.of(Code.LINE_WITHOUT_TIME, lines=len(items)))
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
