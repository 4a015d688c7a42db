"""From the body of a capital-flow answer (command 24) to a FlowSeries, three ways that never differ.

1. The body is the previous answer's: the previous series again, nothing parsed.
2. The bytes up to the last lines are the previous answer's: only the tail is parsed. A repeated field's items stand
   one after another, so the tail of a body is a body.
3. Anything else is parsed whole.

Amounts are decimal texts; they are read as doubles, an empty one is missing. Whether the lines are running totals is
not said by the broker: its samples are, and Capflow takes them so (checked elsewhere).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np
from google.protobuf.message import DecodeError

from capflow_gui.domain.flow import NET, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.wire.pb.longport import quote_pb2

_REVISED_LINES = 2  # the newest line moves between polls, and the one before may still be settling
_ITEM_TAG = 0x12
_SHORT = 0x80
_MOST_NEW_LINES = 8
_KEPT = 1024  # 20 kB each at most
_LATEST: Final = 253402214400  # the end of the year 9999, as datetime has it
_inflow = attrgetter("inflow")
_timestamp = attrgetter("timestamp")


@dataclass(slots=True)
class _Kept:
    """A symbol's last answer. `prefix` covers its first `lines` lines; empty = none."""

    body: bytes
    series: FlowSeries
    prefix: bytes
    lines: int


class LongportFlowDecoder:
    """Reads the answers of one source, remembering the last one of each recently asked symbol."""

    def __init__(self, source: str, kept: int = _KEPT) -> None:
        self._source = source
        self._most = kept
        self._kept: OrderedDict[Symbol, _Kept] = OrderedDict()

    def decode(self, symbol: Symbol, body: bytes) -> FlowSeries:
        """Return the series of an answer; the very object of the last call where nothing changed.

        Raises RemoteProtocolError where the body is no such answer.
        """
        kept = self._kept.get(symbol)
        if kept is not None and kept.body == body:
            self._kept.move_to_end(symbol)
            return kept.series
        if kept is not None and kept.prefix and body.startswith(kept.prefix):
            items = _parse(body[len(kept.prefix) :])
            if len(items) <= _MOST_NEW_LINES:
                return self._keep(symbol, body, items, kept)
        return self._keep(symbol, body, _parse(body), None)

    def _keep(
        self, symbol: Symbol, body: bytes, items: list[quote_pb2.CapitalFlowLine], before: _Kept | None
    ) -> FlowSeries:
        first = before.lines if before is not None else 0
        count = first + len(items)
        timestamps, values = np.empty(count, np.int64), np.full((6, count), np.nan)
        if before is not None:
            timestamps[:first] = before.series.timestamps[:first]
            values[NET, :first] = before.series.values[NET, :first]
        _read(items, timestamps[first:], values[NET, first:])
        series = FlowSeries(symbol, self._source, Period.INTRADAY, timestamps, values)
        covered = max(0, count - _REVISED_LINES)
        cut = _tail_at(body, items[len(items) - (count - covered) :]) if covered > first or before is None else -1
        if before is not None and cut < 0:
            cut, covered = len(before.prefix), first
        self._kept[symbol] = _Kept(body, series, body[: max(cut, 0)], covered if cut > 0 else 0)
        self._kept.move_to_end(symbol)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return series


def _parse(body: bytes) -> list[quote_pb2.CapitalFlowLine]:
    try:
        return list(quote_pb2.CapitalFlowResponse.FromString(body).capital_flow_lines)
    except DecodeError as error:
        raise RemoteProtocolError(f"an answer cannot be parsed: {error}") from error


def _read(items: list[quote_pb2.CapitalFlowLine], timestamps: Ints, amounts: Floats) -> None:
    """Fill the arrays. Raises RemoteProtocolError for a line without a time or with an amount that is no number."""
    count = len(items)
    try:
        timestamps[:] = np.fromiter(map(_timestamp, items), np.int64, count)
        amounts[:] = np.fromiter(map(float, map(_inflow, items)), np.float64, count)
    except ValueError:
        amounts[:] = [_number(item.inflow) for item in items]
    if count and not (timestamps.min() > 0 and timestamps.max() < _LATEST):
        raise RemoteProtocolError("a line of capital flow has no time")


def _number(text: str) -> float:
    """A decimal text; empty = missing."""
    if not text:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        raise RemoteProtocolError(f"not an amount: {text[:40]!r}") from None


def _tail_at(body: bytes, last: Iterable[quote_pb2.CapitalFlowLine]) -> int:
    """Return the offset in `body` of its last lines; -1 where they are not written as plainly as usual."""
    items = list(last)
    at = len(body)
    for item in reversed(items):
        size = item.ByteSize()
        at -= size + 2
        if at < 0 or size >= _SHORT or body[at] != _ITEM_TAG or body[at + 1] != size:
            return -1
        if body[at + 2 : at + 2 + size] != item.SerializeToString():
            return -1
    return at if items else -1
