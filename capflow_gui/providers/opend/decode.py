"""From the body of a capital-flow answer to a FlowSeries, three ways that never differ.

1. The digest is that of the previous answer: the previous series again, nothing parsed.
2. The bytes up to the last lines are those of the previous answer: only the tail is unpacked.
3. Every item has the one layout OpenD writes: one strided read, after *every* tag and length byte was compared.

Anything else goes through the protobuf parser (providers.opend.flow.read_flow), which says what the bytes mean; a
differential test holds the fast ways to it. The connection has checked the body's SHA-1 before it comes here.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np
from msgspec.structs import replace

from capflow_gui.domain.flow import (
    EXTRA_LARGE,
    LARGE,
    MAIN,
    MEDIUM,
    NET,
    SMALL,
    Floats,
    FlowSeries,
    Period,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.opend.codes import wall_time
from capflow_gui.providers.opend.flow import LATEST, Lines, add_main, read_flow, usable

_ITEM_TAG = 0x0A
_TIME_CHARS = 19
_MOST_NEW_LINES = 8
_MOST_LINES = 4096
_KEPT_BODIES = 64  # 25 kB each; with more symbols than this, answers are too rare for the tail to matter
_DOUBLE = struct.Struct("<d")
_CLASS_NAMES = ("extra_large", "large", "medium", "small")  # rows EXTRA_LARGE to SMALL of a series


class _Layout:
    """One order of fields OpenD writes an item in, as masks for all items at once and as a struct for one."""

    def __init__(self, fields: tuple[tuple[int, str], ...]) -> None:
        size = sum(2 + _TIME_CHARS if name == "time" else 9 for _, name in fields)
        row, mask, shape = bytearray((_ITEM_TAG, size)), bytearray(b"\xff\xff"), "<BB"
        offsets: dict[str, int] = {}
        for tag, name in fields:
            fixed = bytes((tag, _TIME_CHARS)) if name == "time" else bytes((tag,))
            width = _TIME_CHARS if name == "time" else 8
            row += fixed
            offsets[name] = len(row)
            row += bytes(width)
            mask += b"\xff" * len(fixed) + bytes(width)
            shape += "BB19x" if name == "time" else "Bd"
        numbers = [name for _, name in fields if name != "time"]
        self.stride = len(row)
        self.one = struct.Struct(shape)
        self.offsets = offsets
        # Where the fixed bytes and the figures lie in what `one` unpacks.
        kinds = "BB" + shape[3:].replace("19x", "")
        self.fixed = itemgetter(*(at for at, kind in enumerate(kinds) if kind == "B"))
        self.fixed_values = tuple(byte for byte, kept in zip(row, mask, strict=True) if kept)
        places = iter(at for at, kind in enumerate(kinds) if kind == "d")
        place = dict(zip(numbers, places, strict=True))
        self.figures = itemgetter(*(place[name] for name in ("timestamp", "net", *_CLASS_NAMES)))
        self._row = np.frombuffer(bytes(row), np.uint8)
        self._row_mask = np.frombuffer(bytes(mask), np.uint8)
        self._rows = 0
        self._expected = b""
        self._mask = np.zeros(0, np.uint8)

    def holds(self, body: bytes, start: int, count: int) -> bool:
        """Whether `count` items of exactly this layout begin at `start`."""
        if count > self._rows:
            self._rows = max(512, 2 * count)
            self._expected = np.tile(self._row, self._rows).tobytes()
            self._mask = np.tile(self._row_mask, self._rows)
        size = count * self.stride
        seen = np.frombuffer(body, np.uint8, size, start) & self._mask[:size]
        return self._expected.startswith(seen.data)

    def column(self, body: bytes, start: int, count: int, name: str) -> Floats:
        """Return one figure of every item as a view, (count,), unaligned."""
        return np.ndarray((count,), "<f8", body, start + self.offsets[name], (self.stride,))

    def classes(self, body: bytes, start: int, count: int) -> Floats:
        """Return the four classes as a view, (4, count): they follow each other, a tag byte between."""
        first = start + self.offsets["extra_large"]
        return np.ndarray((len(_CLASS_NAMES), count), "<f8", body, first, (9, self.stride))


_FIRST = ((0x09, "net"), (0x12, "time"), (0x19, "timestamp"))
_CLASSES = tuple(zip((0x29, 0x31, 0x39, 0x41), _CLASS_NAMES, strict=True))
_LAYOUTS: Final = {
    layout.stride - 2: layout for layout in (_Layout(_FIRST + _CLASSES), _Layout((*_FIRST, (0x21, "main"), *_CLASSES)))
}


@dataclass(slots=True)
class _Kept:
    """A symbol's last answer."""

    digest: bytes
    series: FlowSeries


@dataclass(slots=True)
class _Plain(_Kept):
    """One of several INTRADAY items of one layout: they begin at `start` of the body, the newest at `newest`."""

    body: bytes
    layout: _Layout
    start: int
    newest: int

    def go_on(self, body: bytes, start: int, digest: bytes) -> bool:
        """Become the answer that ends otherwise than this one; False, and nothing done, where `body` is none.

        Its items begin at `start`.
        """
        known, at = self._known(body, start)
        lines = _read_tail(body, at, self.layout, self.series, known) if known else None
        if lines is None:
            return False
        count = len(lines.timestamps)
        self.digest, self.body, self.start = digest, body, start
        self.newest = start + (count - 1) * self.layout.stride
        self.series = replace(
            self.series,
            timestamps=lines.timestamps,
            values=lines.values,
            last_valid=lines.last_valid,
            digest=digest,
        )
        return True

    def _known(self, body: bytes, start: int) -> tuple[int, int]:
        """Return how many lines of `body`, whose items begin at `start`, are this answer's, and where the next is.

        The newest line is revised after its minute, and the one before may still be settling.
        """
        items = memoryview(self.body)[self.start : self.newest]
        lines = len(self.series) - 1
        if not body.startswith(items, start):
            items, lines = items[: -self.layout.stride], lines - 1
            if not body.startswith(items, start):
                return 0, start
        return lines, start + len(items)


class FlowDecoder:
    """Reads the capital-flow answers of one source, remembering the last one of each recently asked symbol."""

    def __init__(self, source: str, kept: int = _KEPT_BODIES) -> None:
        self._source = source
        self._most = kept
        self._kept: OrderedDict[tuple[Symbol, Period], _Kept] = OrderedDict()

    def decode(self, symbol: Symbol, period: Period, body: bytes, digest: bytes) -> FlowSeries:
        """Return the series of an answer; the very object of the last call where nothing changed.

        `digest` is the checked SHA-1 of `body`. Raises RequestRejected and RemoteProtocolError as read_flow does.
        """
        key = (symbol, period)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            if kept.digest == digest:
                return kept.series
        start = _items_at(body)
        if start >= 0 and isinstance(kept, _Plain) and kept.go_on(body, start, digest):
            return kept.series
        layout = _LAYOUTS.get(body[start + 1]) if start >= 0 else None
        lines = _read_all(body, start, symbol.market, period, layout) if layout is not None else None
        if lines is None:
            layout = None
            lines = read_flow(self._source, body, symbol.market, period)
        series = FlowSeries(
            symbol,
            self._source,
            period,
            lines.timestamps,
            lines.values,
            lines.last_valid,
            digest=digest,
        )
        if layout is not None and period is Period.INTRADAY and len(series) > 1:
            newest = start + (len(series) - 1) * layout.stride
            self._kept[key] = _Plain(digest, series, body, layout, start, newest)
        else:
            self._kept[key] = _Kept(digest, series)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return series


def _items_at(body: bytes) -> int:
    """Return the offset of the first item in a plain success, -1 where the head is anything else.

    The head is retType 0, perhaps a short retMsg and a small errCode, and an s2c that reaches to the end.
    """
    if body[:2] != b"\x08\x00":
        return -1
    at = 2
    if body[at : at + 1] == b"\x12":
        at += 2 + body[at + 1] if len(body) > at + 1 and body[at + 1] < 0x80 else len(body)
    if body[at : at + 1] == b"\x18":
        at += 2 if len(body) > at + 1 and body[at + 1] < 0x80 else len(body)
    if body[at : at + 1] != b"\x22":
        return -1
    at += 1
    length = shift = 0
    for byte in body[at : at + 4]:
        at += 1
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    else:
        return -1
    return at if at + length == len(body) and body[at : at + 1] == b"\x0a" and length > 1 else -1


def _read_all(body: bytes, start: int, market: Market, period: Period, layout: _Layout) -> Lines | None:
    count = (len(body) - start) // layout.stride
    if not 0 < count <= _MOST_LINES or not layout.holds(body, start, count):
        return None
    plain, last_valid = _last_valid(body, start + count * layout.stride, market)
    if not plain:
        return None
    values = np.empty((6, count))
    with np.errstate(invalid="ignore", over="ignore"):
        stamps = np.rint(layout.column(body, start, count, "timestamp"))
        # Comparisons with NaN are false. Anything doubtful is the parser's.
        if not (np.minimum.reduce(stamps) > 0.0 and np.maximum.reduce(stamps) < LATEST):
            return None
        values[NET] = layout.column(body, start, count, "net")
        values[EXTRA_LARGE:] = layout.classes(body, start, count)
        if period is Period.INTRADAY:
            add_main(values)
        else:
            values[MAIN] = layout.column(body, start, count, "main") if "main" in layout.offsets else np.nan
    return Lines(stamps.astype(np.int64), values, last_valid if period is Period.INTRADAY else None)


def _read_tail(body: bytes, at: int, layout: _Layout, old: FlowSeries, known: int) -> Lines | None:
    """Read the lines from `at` to the end (INTRADAY), and copy the `known` ones before them from the last answer."""
    fresh = (len(body) - at) // layout.stride
    if fresh > _MOST_NEW_LINES:
        return None
    plain, last_valid = _last_valid(body, at + fresh * layout.stride, old.symbol.market)
    if not plain:
        return None
    count = known + fresh
    if count == len(old):
        values, timestamps = old.values.copy(), old.timestamps.copy()
    else:
        values, timestamps = np.empty((6, count)), np.empty(count, np.int64)
        values[:, :known], timestamps[:known] = old.values[:, :known], old.timestamps[:known]
    for line in range(known, count):
        item = layout.one.unpack_from(body, at)
        at += layout.stride
        stamp, net, extra_large, large, medium, small = layout.figures(item)
        if layout.fixed(item) != layout.fixed_values or not usable(stamp):
            return None
        timestamps[line] = round(stamp)
        # One by one: as a column it takes three times as long.
        values[NET, line] = net
        values[MAIN, line] = extra_large + large
        values[EXTRA_LARGE, line] = extra_large
        values[LARGE, line] = large
        values[MEDIUM, line] = medium
        values[SMALL, line] = small
    return Lines(timestamps, values, last_valid)


def _last_valid(body: bytes, at: int, market: Market) -> tuple[bool, float | None]:
    """Return whether the bytes from `at` to the end are what OpenD ends an answer with, and the time they say."""
    tail = body[at:]
    text = b""
    if tail[:2] == b"\x12\x13" and len(tail) >= 2 + _TIME_CHARS:
        text, tail = tail[2 : 2 + _TIME_CHARS], tail[2 + _TIME_CHARS :]
    if tail[:1] == b"\x19" and len(tail) == 1 + _DOUBLE.size:
        stamp: float = _DOUBLE.unpack_from(tail, 1)[0]
        return (True, stamp) if usable(stamp) else (False, None)
    if tail:
        return False, None
    if not text:
        return True, None
    try:
        return True, wall_time(text.decode("ascii"), market)
    except (RemoteProtocolError, UnicodeDecodeError):
        # The parser says what is wrong, in the same words for every layout.
        return False, None
