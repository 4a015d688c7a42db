"""Capital flow as Capflow keeps it: one immutable series a reply.

Sign: positive is net inflow, negative net outflow. Amounts are in the listing's quote currency, unscaled.
Intraday lines are cumulative since the open; DAY, WEEK and MONTH lines stand for their period alone.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from capflow_gui.domain.flag import HARMLESS as HARMLESS  # noqa: PLC0414 - series and their flags are read from here
from capflow_gui.domain.flag import IMPOSSIBLE as IMPOSSIBLE  # noqa: PLC0414
from capflow_gui.domain.flag import STRUCTURAL as STRUCTURAL  # noqa: PLC0414
from capflow_gui.domain.flag import Flag as Flag  # noqa: PLC0414
from capflow_gui.domain.period import Period as Period  # noqa: PLC0414 - series and their period are read from here
from capflow_gui.domain.symbol import Symbol

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Flags16 = npt.NDArray[np.uint16]


# Rows of FlowSeries.values, in this order.
NET, MAIN, EXTRA_LARGE, LARGE, MEDIUM, SMALL = range(6)
COLUMNS = ("net", "main", "extra_large", "large", "medium", "small")


_IMPOSSIBLE_BITS = IMPOSSIBLE.value
_NO_FLAGS: Flags16 = np.zeros(0, np.uint16)
_NONE_CONFIRMED: Bools = np.zeros(0, np.bool_)


@lru_cache(maxsize=512)
def no_flags(count: int) -> Flags16:
    """(count,) no flag on any line: read-only, so every series can share them."""
    flags = np.zeros(count, np.uint16)
    flags.setflags(write=False)
    return flags


@lru_cache(maxsize=512)
def _none_confirmed(count: int) -> Bools:
    confirmed = np.zeros(count, np.bool_)
    confirmed.setflags(write=False)
    return confirmed


def confirmed_first(confirmed: Bools) -> int | None:
    """How many lines are confirmed, where these are the first ones, as in nearly every reply; None where not."""
    held = confirmed.tobytes()  # searched in a quarter of the time that counting takes
    end = held.find(0)
    if end < 0:
        return len(held)
    return None if held.find(1, end) >= 0 else end


class Difference(NamedTuple):
    """How a series differs from the one before: (k,) labels of lines, UTC epoch seconds, ascending.

    changed    lines that came, went, or have other figures
    confirmed  lines that are confirmed and were not
    revised    lines that had been confirmed with other figures
    """

    changed: Ints
    confirmed: Ints
    revised: Ints


class Checked(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What the checks of a series without a fault spare those of the next reply: see domain.validation.

    net     no |net| is larger
    rest    net and the sum of its classes differ by no more
    number  of this check; `after`: of that of the series before, where it was compared with that: `difference`
    """

    net: float
    rest: float
    number: int
    after: int = 0
    difference: Difference | None = None


class Lines(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Lines that are to be judged and nothing else: what `validation.judge` needs of a series. See FlowSeries."""

    symbol: Symbol
    source: str
    period: Period
    timestamps: Ints
    values: Floats
    last_valid: float | None = None
    digest: bytes = b""

    def as_series(self) -> FlowSeries:
        """The same as a series."""
        return FlowSeries(self.symbol, self.source, self.period, self.timestamps, self.values, self.last_valid)


class FlowSeries(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One reply: every line the source gave for one symbol and period.

    One is made for every answer and again when it was judged: a frozen dataclass takes four times as long to make.
    `msgspec.structs.replace` gives a changed copy.

    timestamps  (n,) int64, UTC epoch seconds of the line labels, in the order received
    values      (6, n) float64, rows as COLUMNS; NaN = missing. Intraday `main` is extra_large + large, computed here
    last_valid  epoch seconds the source says its figures are true at (market time); None outside INTRADAY
    session     the exchange's date of the lines (INTRADAY only)
    received    market now when the reply came, epoch seconds; None until stamped
    flags       faults of the whole reply (the union of the lines' flags included)
    line_flags  (n,) uint16, a Flag per line
    confirmed   (n,) bool, by domain rule 2; False = provisional
    checked     where it was judged, has the session's first minutes, and no line has a fault; None otherwise
    """

    symbol: Symbol
    source: str
    period: Period
    timestamps: Ints
    values: Floats
    last_valid: float | None = None
    session: date | None = None
    received: float | None = None
    digest: bytes = b""
    flags: Flag = Flag.NONE
    line_flags: Flags16 = _NO_FLAGS
    confirmed: Bools = _NONE_CONFIRMED
    checked: Checked | None = None

    def __post_init__(self) -> None:
        n = len(self.timestamps)
        if self.values.shape != (6, n):
            raise ValueError(f"values must be (6, {n}), not {self.values.shape}")
        if len(self.line_flags) != n:
            msgspec.structs.force_setattr(self, "line_flags", no_flags(n))
        if len(self.confirmed) != n:
            msgspec.structs.force_setattr(self, "confirmed", _none_confirmed(n))
        # Written out and not by keyword, though numpy's stubs know that alone: a quarter of an answer's decoding.
        self.timestamps.setflags(False)  # type: ignore[call-arg]
        self.values.setflags(False)  # type: ignore[call-arg]
        self.line_flags.setflags(False)  # type: ignore[call-arg]
        self.confirmed.setflags(False)  # type: ignore[call-arg]

    def __len__(self) -> int:
        return len(self.timestamps)

    def compared_with(self, old: FlowSeries) -> Difference | None:
        """What the checks of this series found to differ from `old`; None where they did not compare the two."""
        ours, theirs = self.checked, old.checked
        return ours.difference if ours is not None and theirs is not None and theirs.number == ours.after else None

    @property
    def cumulative(self) -> bool:
        """Whether the lines are running totals since the open."""
        return self.period is Period.INTRADAY

    @property
    def net(self) -> Floats:
        """(n,) net inflow."""
        row: Floats = self.values[NET]
        return row

    @property
    def main(self) -> Floats:
        """(n,) extra-large plus large, or the broker's own main for DAY, WEEK, MONTH."""
        row: Floats = self.values[MAIN]
        return row

    @property
    def has_classes(self) -> bool:
        """Whether the source gives order-size classes for at least one line."""
        classes = self.values[EXTRA_LARGE:]
        if len(self.timestamps) and isfinite(max(classes[:, -1].tolist())):
            return True  # as nearly always, where there are any
        return bool(np.isfinite(classes).any())

    @property
    def impossible(self) -> Bools:
        """(n,) which lines have impossible figures: flagged TURNOVER or BEYOND."""
        lines: Bools = (self.line_flags & np.uint16(IMPOSSIBLE.value)) != 0
        return lines

    def impossible_at(self, place: int) -> bool:
        """Whether the line at `place` (-1 is the newest) has impossible figures; IndexError where there is none."""
        return bool(int(self.line_flags[place]) & _IMPOSSIBLE_BITS)
