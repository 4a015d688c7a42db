"""Class flow of a source that gives no class lines: its snapshots of the day's money in and out, kept and compared.

A snapshot is a running total since the open, so what each class brought until then is known at every snapshot; what it
brought between two of them is their difference. Nothing is known in between, and nothing before the first one.

The three classes are the source's own (Longport: large, medium, small). They are none of OpenD's four: Longport
publishes no limits, and its large is not extra-large plus large. So there is no *main* here. Of a source that gives
class lines only the totals are used, to check those lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from capflow_gui.domain.flow import Floats, Ints
from capflow_gui.domain.quote import Distribution
from capflow_gui.domain.session import TradingDay

CLASSES = ("large", "medium", "small")


def _no_times() -> Floats:
    return np.zeros(0)


def _no_amounts() -> Floats:
    return np.zeros((len(CLASSES), 0))


@dataclass(frozen=True, slots=True, eq=False)
class ClassFlow:
    """A session's snapshots, oldest first; amounts in the source's own unit, rows as CLASSES, NaN = missing.

    times            (k,) UTC epoch seconds, strictly ascending
    inflow, outflow  (3, k) money in and out since the open, neither negative
    totals           (2, k) money in and money out over all classes the source gives, NaN where it gives none
    """

    times: Floats = field(default_factory=_no_times)
    inflow: Floats = field(default_factory=_no_amounts)
    outflow: Floats = field(default_factory=_no_amounts)
    totals: Floats = field(default_factory=lambda: np.zeros((2, 0)))

    def __len__(self) -> int:
        return len(self.times)

    @property
    def net(self) -> Floats:
        """(3, k) net inflow since the open; positive = inflow."""
        amounts: Floats = self.inflow - self.outflow
        return amounts

    def joined(self, snapshot: Distribution, at: float) -> ClassFlow:
        """These snapshots and one more, true at `at`: one of the newest's second replaces it, an older is dropped."""
        if len(self) and at < self.times[-1]:
            return self
        kept = len(self) - int(len(self) > 0 and self.times[-1] == at)
        sides = (
            [[np.nan if (amount := side.get(name)) is None else amount] for name in CLASSES]
            for side in (snapshot.inflow, snapshot.outflow)
        )
        inflow, outflow = (
            np.hstack([before[:, :kept], np.array(side, np.float64)])
            for before, side in zip((self.inflow, self.outflow), sides, strict=True)
        )
        total = np.array([[_total(snapshot.inflow)], [_total(snapshot.outflow)]])
        return ClassFlow(np.append(self.times[:kept], at), inflow, outflow, np.hstack([self.totals[:, :kept], total]))

    def on_axis(self, day: TradingDay) -> tuple[Ints, Ints]:
        """(m,) strictly ascending session indexes of the minutes snapshots were taken in, and which stands there.

        The newest one of a minute stands. The minute's index is its beginning's, as in the source's own lines.
        """
        axis: Ints = np.array([int(day.index(at)) for at in self.times.tolist()], np.int64)
        last = np.append(axis[1:] != axis[:-1], True) if len(axis) else np.zeros(0, np.bool_)
        return axis[last], np.flatnonzero(last)


def _total(side: Mapping[str, float | None]) -> float:
    given = [amount for amount in side.values() if amount is not None and math.isfinite(amount)]
    return sum(given) if given else math.nan
