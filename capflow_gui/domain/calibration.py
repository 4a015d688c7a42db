"""What a source's amounts turn out to be: their unit, their sign, and whether lines are running totals.

For sources that do not say (Longport): a day's money in and out by class is compared with the day's turnover, which
has a unit that is known, and the lines with the day's money. Verdicts are shown; nothing is rescaled behind anybody's
back. Evidence for the cases: the samples of the Longbridge OpenAPI docs, one of which is in units of 10,000.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from capflow_gui.domain.flow import Floats
from capflow_gui.domain.quote import Distribution

TEN_THOUSAND = 1e4
# Money in and out is a part of the turnover, or all of it: trades inside the spread belong to neither.
_LEAST_SHARE, _MOST_SHARE = 0.2, 1.5
# Below this part of the money moved, a net may have either sign by chance.
_DECIDED = 0.02
_LEAST_LINES = 30
_RESTLESS = 0.5


class Scale(StrEnum):
    """The unit of a source's amounts, seen from the turnover's."""

    PLAIN = "plain"
    TEN_THOUSANDS = "ten_thousands"
    UNKNOWN = "unknown"


class Sign(StrEnum):
    """Whether the newest line and the day's money in less money out agree."""

    SAME = "same"
    OPPOSITE = "opposite"
    UNDECIDED = "undecided"


class Kind(StrEnum):
    """What a line stands for."""

    RUNNING_TOTAL = "running_total"
    PER_MINUTE = "per_minute"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The verdicts, and `share`: money in and out as a part of the turnover, None where either is missing."""

    scale: Scale
    sign: Sign
    kind: Kind
    share: float | None

    @property
    def factor(self) -> float | None:
        """What brings an amount to the turnover's unit; None = not known."""
        return {Scale.PLAIN: 1.0, Scale.TEN_THOUSANDS: TEN_THOUSAND}.get(self.scale)


def calibrate(net: Floats, distribution: Distribution | None, turnover: float | None) -> Calibration:
    """Judge a session's lines so far.

    net           (n,) amounts of the lines, oldest first; NaN = missing
    distribution  the same source's money in and out, at about the time of the newest line
    turnover      of the same session, in the listing's currency
    """
    known = net[np.isfinite(net)]
    money_in, money_out = _sums(distribution)
    gross, balance = money_in + money_out, money_in - money_out
    share = gross / turnover if turnover is not None and turnover > 0 and gross > 0 else None
    return Calibration(_scale(share), _sign(known, gross, balance), _kind(known, gross, balance), share)


def _sums(distribution: Distribution | None) -> tuple[float, float]:
    """Money in and out over the classes that are given; NaN where there is none."""
    if distribution is None:
        return math.nan, math.nan
    sides = (
        [each for each in side.values() if each is not None] for side in (distribution.inflow, distribution.outflow)
    )
    money_in, money_out = (math.fsum(side) if side else math.nan for side in sides)
    return money_in, money_out


def _scale(share: float | None) -> Scale:
    if share is None:
        return Scale.UNKNOWN
    if _LEAST_SHARE <= share <= _MOST_SHARE:
        return Scale.PLAIN
    return Scale.TEN_THOUSANDS if _LEAST_SHARE <= share * TEN_THOUSAND <= _MOST_SHARE else Scale.UNKNOWN


def _sign(known: Floats, gross: float, balance: float) -> Sign:
    if not len(known) or not gross > 0:
        return Sign.UNDECIDED
    newest = float(known[-1])
    if min(abs(newest), abs(balance)) < _DECIDED * gross:
        return Sign.UNDECIDED
    return Sign.SAME if newest * balance > 0 else Sign.OPPOSITE


def _kind(known: Floats, gross: float, balance: float) -> Kind:
    """A running total changes little from line to line; what a minute brings changes by itself each time.

    Where the day's balance is clear, it decides: the newest line comes near it, or else the sum of all lines does.
    """
    if len(known) < _LEAST_LINES:
        return Kind.UNDECIDED
    if gross > 0 and abs(balance) >= _DECIDED * gross:
        newest, total = abs(float(known[-1]) - balance), abs(float(known.sum()) - balance)
        if min(newest, total) < 0.5 * abs(balance) and max(newest, total) > 2 * min(newest, total):
            return Kind.RUNNING_TOTAL if newest < total else Kind.PER_MINUTE
    spread = float(np.var(known))
    if spread == 0.0:
        return Kind.UNDECIDED
    # 1 for values that do not know of each other, near 0 for their sums.
    restlessness = float(np.mean(np.diff(known) ** 2)) / (2 * spread)
    return Kind.PER_MINUTE if restlessness > _RESTLESS else Kind.RUNNING_TOTAL
