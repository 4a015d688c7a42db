"""A capital-flow answer read by the protobuf parser: what the bytes mean, whatever their layout."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, MEDIUM, NET, SMALL, Floats, Ints, Period
from capflow_gui.domain.symbol import Market
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.opend.codes import wall_time
from capflow_gui.providers.opend.messages import parse
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.opend.frame import text_of
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as pb

LATEST = 1e11  # epoch seconds, the year 5138: nothing beyond is a time
_ROWS = {
    NET: "inFlow",
    MAIN: "mainInFlow",
    EXTRA_LARGE: "superInFlow",
    LARGE: "bigInFlow",
    MEDIUM: "midInFlow",
    SMALL: "smlInFlow",
}


class Lines(NamedTuple):
    """timestamps (n,) int64 UTC epoch seconds; values (6, n) float64, rows as domain.flow.COLUMNS, NaN = missing.

    last_valid is UTC epoch seconds, None outside INTRADAY and where the answer does not say.
    """

    timestamps: Ints
    values: Floats
    last_valid: float | None


def read_flow(source: str, body: bytes, market: Market, period: Period) -> Lines:
    """Read one answer. Raises RequestRejected for a refusal and RemoteProtocolError for what cannot be read."""
    s2c = parse(source, pb.Response, body, complete=False).s2c
    items = s2c.flowItemList
    timestamps = _timestamps(items, market)
    values = np.empty((6, len(items)))
    for row, name in _ROWS.items():
        if row == MAIN and period is Period.INTRADAY:
            continue
        values[row] = np.fromiter(map(attrgetter(name), items), np.float64, len(items))
        for index in np.flatnonzero(values[row] == 0.0):
            if not items[int(index)].HasField(name):
                values[row, index] = np.nan
    if period is not Period.INTRADAY:
        return Lines(timestamps, values, None)
    with np.errstate(invalid="ignore", over="ignore"):
        add_main(values)
    return Lines(timestamps, values, last_valid_of(s2c, market))


def add_main(values: Floats) -> None:
    """Write extra-large plus large into the main row: OpenD leaves it out of INTRADAY lines.

    Call it under np.errstate: a peer may send infinities.
    """
    np.add(values[EXTRA_LARGE], values[LARGE], out=values[MAIN])


def usable(timestamp: float) -> bool:
    """Whether a wire timestamp can be one; absent ones read as 0."""
    return 0.0 < timestamp < LATEST


def last_valid_of(s2c: pb.S2C, market: Market) -> float | None:
    """Return the time the figures are true at: the timestamp where there is one, else from the string."""
    if usable(s2c.lastValidTimestamp):
        return s2c.lastValidTimestamp
    text = text_of(s2c.lastValidTime)
    return wall_time(text, market) if text else None


def _timestamps(items: Sequence[pb.CapitalFlowItem], market: Market) -> Ints:
    stamps = np.fromiter(map(attrgetter("timestamp"), items), np.float64, len(items))
    for index in np.flatnonzero(~((stamps > 0.0) & (stamps < LATEST))):
        text = text_of(items[int(index)].time)
        if not text:
            raise RemoteProtocolError(Reason.of(Code.LINE_WITHOUT_TIME, lines=len(items)))
        stamps[index] = wall_time(text, market)
    return np.rint(stamps).astype(np.int64)
