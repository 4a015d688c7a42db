"""What a source's amounts turn out to be: their unit, their sign, and whether lines are running totals.

A day's money in and out by class is compared with the day's turnover, which has a unit that is known, and the lines
with the day's money. Verdicts are shown; figures are never rescaled. Evidence for the cases: the
samples of the Longbridge OpenAPI docs, one of which is in units of 10,000.

What lines stand for is asked only of a source that does not say (Longport): one with class lines gives running totals.

Running total or a minute's own flow? The day's money says so in two ways, and neither depends on how a market moves:
a line itself comes to money in less money out, or else the sum of all lines so far does; and flows, added up without
their signs, are never more than the money that flowed. How lines move from one to the next decides nothing: in a
trending market single minutes are as smooth as totals, and a total that returns often is as rough as minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import Bools, Floats, FlowSeries, Ints
from capflow_gui.domain.measures.derived import on_axis
from capflow_gui.domain.session import TradingDay

TEN_THOUSAND = 1e4
# Money in and out is a part of the turnover, or all of it: trades inside the spread belong to neither.
_LEAST_SHARE, _MOST_SHARE = 0.2, 1.5
# Below this part of the money moved, a net may have either sign by chance.
_DECIDED = 0.02
LEAST_LINES = 30
# The docs' sample of 700.HK ends at -314.0M, money in less money out at -378.7M, of 8.0B moved: near, not equal.
_NEAR, _NEAR_OF_MONEY = 0.35, 0.004
_FAR = 2.0
# Methods of classifying trades differ by less than this factor; a unit of 10,000 makes more of a difference.
_SAME_UNIT = 300.0
_MOST_MOVED = 1.5


class Scale(StrEnum):
    """The unit of a source's amounts, seen from the turnover's."""

    PLAIN = "plain"
    TEN_THOUSANDS = "ten_thousands"
    UNKNOWN = "unknown"


class Sign(StrEnum):
    """Whether the lines and the day's money in less money out agree."""

    SAME = "same"
    OPPOSITE = "opposite"
    UNDECIDED = "undecided"


class Kind(StrEnum):
    """What a line stands for."""

    RUNNING_TOTAL = "running_total"
    PER_MINUTE = "per_minute"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, eq=False)
class _Money:
    """(k,) each, by snapshot: its session index, the newest line by then (-1: none), money in plus out, in less out."""

    minutes: Ints
    places: Ints
    gross: Floats
    balance: Floats

    def where(self, held: Bools) -> _Money:
        return _Money(self.minutes[held], self.places[held], self.gross[held], self.balance[held])


@dataclass(frozen=True, slots=True)
class Calibration:
    """The verdicts, and `share`: money in and out as a part of the turnover, None where either is missing."""

    scale: Scale
    sign: Sign
    kind: Kind
    share: float | None

    @property
    def findings(self) -> tuple[Scale, Sign, Kind]:
        """What was decided, without the measure that moves with every snapshot."""
        return self.scale, self.sign, self.kind

    @property
    def factor(self) -> float | None:
        """What brings an amount to the turnover's unit; None = not known."""
        return {Scale.PLAIN: 1.0, Scale.TEN_THOUSANDS: TEN_THOUSAND}.get(self.scale)


def calibrate(series: FlowSeries, day: TradingDay, snapshots: ClassFlow, turnover: float | None) -> Calibration:
    """Judge the lines of `day` so far.

    series     intraday lines
    snapshots  the same source's money in and out in this session
    turnover   of the same session so far, in the listing's currency; None = not known

    `kind` is a running total where the source gives class lines; else undecided below LEAST_LINES lines, and wherever
    the money does not decide.
    """
    axis, found = on_axis(series, day)
    net = series.net[found]
    known = np.isfinite(net)
    axis, net = axis[known], net[known]
    money_in, money_out = snapshots.totals
    told = np.isfinite(money_in) & np.isfinite(money_out)
    times, gross, balance = snapshots.times[told], (money_in + money_out)[told], (money_in - money_out)[told]
    moved = float(gross[-1]) if len(gross) else 0.0
    share = moved / turnover if turnover is not None and turnover > 0 and moved > 0 else None
    minutes = np.array([int(day.index(at)) for at in times.tolist()], np.int64)
    money = _Money(minutes, np.searchsorted(axis, minutes, side="right") - 1, gross, balance)
    kind = Kind.RUNNING_TOTAL if series.has_classes else _kind(axis, net, money, turnover)
    total = 0.0 if not len(net) else float(net.sum() if kind is Kind.PER_MINUTE else net[-1])
    sign = _sign(total, moved, float(balance[-1])) if moved > 0 else Sign.UNDECIDED
    scale = _scale(share)
    if kind is Kind.RUNNING_TOTAL and moved > 0 and len(net) and _are_far_too_small(net, moved, float(balance[-1])):
        scale = Scale.TEN_THOUSANDS
    return Calibration(scale, sign, kind, share)


def _are_far_too_small(net: Floats, gross: float, balance: float) -> bool:
    """Whether lines are in units of 10,000 beside the same source's money in and out."""
    largest = float(np.abs(net).max())
    decided = abs(balance) >= _DECIDED * gross and largest > 0
    return decided and _SAME_UNIT * largest <= abs(balance) <= TEN_THOUSAND * TEN_THOUSAND / _SAME_UNIT * largest


def _scale(share: float | None) -> Scale:
    if share is None:
        return Scale.UNKNOWN
    if _LEAST_SHARE <= share <= _MOST_SHARE:
        return Scale.PLAIN
    return Scale.TEN_THOUSANDS if _LEAST_SHARE <= share * TEN_THOUSAND <= _MOST_SHARE else Scale.UNKNOWN


def _sign(total: float, gross: float, balance: float) -> Sign:
    if min(abs(total), abs(balance)) < _DECIDED * gross:
        return Sign.UNDECIDED
    return Sign.SAME if total * balance > 0 else Sign.OPPOSITE


def _kind(axis: Ints, net: Floats, money: _Money, turnover: float | None) -> Kind:
    """What both kinds of evidence allow; undecided where none speaks, or they contradict each other.

    `axis` are the lines' session indexes, ascending.
    """
    if len(net) < LEAST_LINES:
        return Kind.UNDECIDED
    # A snapshot whose own line is missing cannot be compared with it.
    money = money.where((money.places >= 0) & (axis[money.places] == money.minutes) & (money.gross > 0))
    found = set()
    if len(money.places):
        upto = int(money.places[-1]) + 1
        found.add(_by_size(net[:upto], float(money.gross[-1])))
        found.add(_by_balance(net, money))
    elif turnover is not None and turnover > 0:
        found.add(_by_size(net, turnover))
    found.discard(Kind.UNDECIDED)
    return found.pop() if len(found) == 1 else Kind.UNDECIDED


def _by_balance(net: Floats, money: _Money) -> Kind:
    """Which equals money in less money out over all snapshots, up to the sign: the lines, or their sums?"""
    near = max(_NEAR * _typical(money.balance), _NEAR_OF_MONEY * float(money.gross.max()))
    # What missing minutes may have brought, each as much as the largest there is, proves nothing against a sum.
    unseen = (money.minutes - money.places) * np.abs(net).max()

    def apart(values: Floats, allowed: Floats | float = 0.0) -> float:
        return min(
            _typical(np.maximum(_apart(values, money.places, sign * money.balance) - allowed, 0.0))
            for sign in (1.0, -1.0)
        )

    sums: Floats = np.cumsum(net)
    as_total = apart(net)
    if as_total <= near and apart(sums, unseen) > _FAR * near:
        return Kind.RUNNING_TOTAL
    return Kind.PER_MINUTE if apart(sums) <= near and as_total > _FAR * near else Kind.UNDECIDED


def _apart(values: Floats, places: Ints, balance: Floats) -> Floats:
    """(k,) how far the balance is from the nearest of the line it was told in and that one's neighbours."""
    around = np.clip(places[:, None] + np.array([-1, 0, 1]), 0, len(values) - 1)
    apart: Floats = np.abs(values[around] - balance[:, None]).min(axis=1)
    return apart


def _typical(amounts: Floats) -> float:
    return math.sqrt(float(np.mean(amounts**2)))


def _by_size(net: Floats, money: float) -> Kind:
    """Neither the flows of minutes nor the steps of a total can exceed the money that moved."""
    minutes = float(np.abs(net).sum())
    steps = abs(float(net[0])) + float(np.abs(np.diff(net)).sum())
    minutes_fit, steps_fit = minutes <= _MOST_MOVED * money, steps <= _MOST_MOVED * money
    if minutes_fit == steps_fit:
        return Kind.UNDECIDED
    return Kind.PER_MINUTE if minutes_fit else Kind.RUNNING_TOTAL
