"""Encoding of capital-flow answers. A day's lines are encoded once, so that a poll of 390 lines costs little."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from capflow_gui.simulator.market.market import Intraday, Line
from capflow_gui.simulator.market.trading_day import DayFlow
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as pb

_DAYS_KEPT = 512
_ITEM_TAG = b"\x0a"
# retType 0, retMsg "", errCode 0, then the tag of s2c: what a successful answer starts with.
_SUCCESS = b"\x08\x00\x12\x00\x18\x00\x22"


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A day's lines as bytes; line i lies between offsets i and i+1. `day` keeps the identity checked."""

    day: DayFlow
    items: bytes
    offsets: list[int]


def all_lines(reply: Intraday) -> list[Line]:
    """Every line of the reply as values."""
    if reply.day is None:
        return list(reply.tail)
    classes = reply.day.flows[:, : reply.finals].astype(float)
    labels = reply.session.labels()[: reply.finals]
    finals = map(Line, labels.tolist(), classes.sum(axis=0).tolist(), zip(*classes.tolist(), strict=True))
    return [*finals, *reply.tail]


class FlowEncoder:
    """Turns lines into the bytes of a Qot_GetCapitalFlow response."""

    def __init__(self) -> None:
        self._days: OrderedDict[int, _Encoded] = OrderedDict()

    def intraday(self, reply: Intraday) -> bytes:
        """The answer to an INTRADAY request."""
        zone = ZoneInfo(reply.session.zone)
        items = b""
        if reply.day is not None:
            encoded = self._encoded(reply.day, zone)
            items = encoded.items[: encoded.offsets[reply.finals]]
        return response(items + b"".join(_item(line, zone) for line in reply.tail), _last_valid(reply, zone))

    @staticmethod
    def history(lines: Sequence[Line], zone: ZoneInfo) -> bytes:
        """The answer to a DAY, WEEK or MONTH request: no last valid time."""
        return response(b"".join(_item(line, zone) for line in lines), b"")

    def _encoded(self, day: DayFlow, zone: ZoneInfo) -> _Encoded:
        found = self._days.get(id(day))
        if found is None:
            whole = Intraday(day.session, day, day.session.minutes + 1, (), None)
            items = [_item(line, zone) for line in all_lines(whole)]
            offsets = [0]
            for item in items:
                offsets.append(offsets[-1] + len(item))
            found = self._days[id(day)] = _Encoded(day, b"".join(items), offsets)
            if len(self._days) > _DAYS_KEPT:
                self._days.popitem(last=False)
        return found


def response(items: bytes, last_valid: bytes) -> bytes:
    """A successful response around encoded items."""
    return b"".join((_SUCCESS, _varint(len(items) + len(last_valid)), items, last_valid))


def wall_text(epoch: float, zone: ZoneInfo) -> str:
    """Exchange-local `yyyy-MM-dd HH:mm:ss`."""
    return datetime.fromtimestamp(epoch, zone).strftime("%Y-%m-%d %H:%M:%S")


def _last_valid(reply: Intraday, zone: ZoneInfo) -> bytes:
    if reply.last_valid is None:
        return b""
    message = pb.S2C(lastValidTime=wall_text(reply.last_valid, zone))
    return message.SerializeToString()


def _item(line: Line, zone: ZoneInfo) -> bytes:
    item = pb.CapitalFlowItem(inFlow=line.net, time=wall_text(line.label, zone), timestamp=float(line.label))
    if line.main is not None:
        item.mainInFlow = line.main
    if line.classes is not None:
        item.superInFlow, item.bigInFlow, item.midInFlow, item.smlInFlow = line.classes
    body = item.SerializeToString()
    return _ITEM_TAG + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
