"""From the body of a capital-flow answer to a FlowSeries, three ways that never differ.

1. The digest is that of the previous answer: the previous series again, nothing parsed.
2. The bytes up to the last lines are those of the previous answer: only the tail is unpacked.
3. Every item has the one layout OpenD writes: one strided read, after *every* tag and length byte was compared.

Anything else goes through the protobuf parser (opend_flow.read_flow), which says what the bytes mean; a differential
test holds the fast ways to it. The connection has checked the body's SHA-1 before it comes here.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Final

import numpy as np

from capflow_gui.domain.flow import EXTRA_LARGE, MAIN, NET, Bools, Flags16, Floats, FlowSeries, Period
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.opend_codes import wall_time
from capflow_gui.providers.opend_flow import LATEST, Lines, add_main, read_flow, usable

_ITEM_TAG = 0x0A
_TIME_CHARS = 19
_REVISED_LINES = 2  # the newest line is revised after its minute, and the one before may still be settling
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
        return self._expected.startswith(seen.tobytes())

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
    """What is remembered of a symbol's last answer. `prefix` is the part of its body that held the first lines."""

    digest: bytes
    series: FlowSeries
    layout: _Layout | None
    prefix: memoryview | None
    lines: int


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
        if kept is not None and kept.digest == digest:
            self._kept.move_to_end(key)
            return kept.series
        start = _items_at(body)
        layout = _LAYOUTS.get(body[start + 1]) if start >= 0 else None
        lines = None
        if layout is not None:
            if (
                kept is not None
                and kept.prefix is not None
                and kept.layout is layout
                and body.startswith(kept.prefix, start)
            ):
                lines = _read_tail(body, start + len(kept.prefix), symbol.market, layout, kept)
            if lines is None:
                lines = _read_all(body, start, symbol.market, period, layout)
        if lines is None:
            layout = None
            lines = read_flow(self._source, body, symbol.market, period)
        line_flags, confirmed = _unjudged(len(lines.timestamps))
        series = FlowSeries(
            symbol,
            self._source,
            period,
            lines.timestamps,
            lines.values,
            lines.last_valid,
            digest=digest,
            line_flags=line_flags,
            confirmed=confirmed,
        )
        covered = max(0, len(series) - _REVISED_LINES) if layout is not None and period is Period.INTRADAY else 0
        prefix = memoryview(body)[start : start + covered * layout.stride] if layout is not None and covered else None
        self._kept[key] = _Kept(digest, series, layout, prefix, covered)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return series


@lru_cache(maxsize=512)
def _unjudged(count: int) -> tuple[Flags16, Bools]:
    """Return the flags of `count` lines nobody has judged yet: read-only, so every series can share them."""
    flags, confirmed = np.zeros(count, np.uint16), np.zeros(count, np.bool_)
    flags.setflags(write=False)
    confirmed.setflags(write=False)
    return flags, confirmed


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


def _read_tail(body: bytes, at: int, market: Market, layout: _Layout, kept: _Kept) -> Lines | None:
    """Read the lines from `at`, after the kept prefix (INTRADAY), and copy the rest from the previous answer."""
    lines, old = kept.lines, kept.series
    fresh = (len(body) - at) // layout.stride
    if fresh > _MOST_NEW_LINES:
        return None
    plain, last_valid = _last_valid(body, at + fresh * layout.stride, market)
    if not plain:
        return None
    timestamps = np.empty(lines + fresh, np.int64)
    values = np.empty((6, lines + fresh))
    timestamps[:lines] = old.timestamps[:lines]
    values[:, :lines] = old.values[:, :lines]
    for column in range(lines, lines + fresh):
        item = layout.one.unpack_from(body, at)
        at += layout.stride
        if layout.fixed(item) != layout.fixed_values:
            return None
        stamp, net, extra_large, large, medium, small = layout.figures(item)
        if not usable(stamp):
            return None
        timestamps[column] = round(stamp)
        values[:, column] = (net, extra_large + large, extra_large, large, medium, small)
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
