"""Two sources' capital flow of one symbol and session, side by side (domain rule 10).

Brokers classify trades by methods of their own: shape, sign and share of turnover are compared, equality is never
expected, and neither source is called wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from capflow_gui.domain.flow import Floats, FlowSeries, Period
from capflow_gui.domain.session import TradingDay

MOST_LAG = 5  # minutes
_LEAST_COMMON = 20
_SAME_SIZE = 30.0
_TEN_THOUSAND = 1e4


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sources say of one session; n = minutes of the session + 1.

    first, second   (n,) net inflow so far by session minute, as a part of the turnover where that is known, else as
                    given; NaN = missing
    common          minutes both have
    sign_agreement  part of the common minutes in which both have the same sign, 0…1; None where there are none
    correlation     of each minute's flow, at `lag`; None where too little is common
    lag             minutes by which the second is later (negative: earlier); labels of minutes may mean their begin or
                    their end, so one minute is no delay
    scale           by how much the first's amounts are larger, as a power of ten thousand: 1 = 10,000 times; None where
                    it is no such power
    """

    first: Floats
    second: Floats
    common: int
    sign_agreement: float | None
    correlation: float | None
    lag: int
    scale: int | None


def compare(first: FlowSeries, second: FlowSeries, day: TradingDay, turnover: float | None) -> Comparison:
    """Compare two intraday series of one symbol. Raises ValueError where they are not that."""
    if first.symbol != second.symbol or {first.period, second.period} != {Period.INTRADAY}:
        raise ValueError("two intraday series of one symbol are needed")
    unit = turnover if turnover is not None and turnover > 0 else 1.0
    a, b = _by_minute(first, day) / unit, _by_minute(second, day) / unit
    both = np.isfinite(a) & np.isfinite(b)
    common = int(both.sum())
    moving = both & ((a != 0) | (b != 0))
    agreement = float(np.mean(np.sign(a[moving]) == np.sign(b[moving]))) if moving.any() else None
    correlation, lag = _best_lag(np.diff(a), np.diff(b))
    return Comparison(a, b, common, agreement, correlation, lag, _scale(a[both], b[both]))


def _by_minute(series: FlowSeries, day: TradingDay) -> Floats:
    """(n,) net inflow by session minute; lines off the grid are left out."""
    minutes = np.full(day.minutes + 1, np.nan)
    places = day.indexes(series.timestamps)
    known = places >= 0
    minutes[places[known]] = series.net[known]
    return minutes


def _best_lag(a: Floats, b: Floats) -> tuple[float | None, int]:
    """The shift of `b` at which the two move together most; a smaller shift wins where two are alike."""
    best: tuple[float | None, int] = (None, 0)
    for lag in sorted(range(-MOST_LAG, MOST_LAG + 1), key=abs):
        shifted = a[: len(a) - lag] if lag >= 0 else a[-lag:]
        against = b[lag:] if lag >= 0 else b[: len(b) + lag]
        found = _correlation(shifted, against)
        if found is not None and (best[0] is None or found > best[0] + 1e-9):
            best = (found, lag)
    return best


def _correlation(a: Floats, b: Floats) -> float | None:
    both = np.isfinite(a) & np.isfinite(b)
    if int(both.sum()) < _LEAST_COMMON:
        return None
    a, b = a[both] - a[both].mean(), b[both] - b[both].mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0 else None


def _scale(a: Floats, b: Floats) -> int | None:
    """The power of ten thousand between typical amounts; None where they differ otherwise."""
    if not len(a):
        return None
    typical_a, typical_b = float(np.median(np.abs(a))), float(np.median(np.abs(b)))
    if typical_a <= 0 or typical_b <= 0:
        return None
    power = round(math.log(typical_a / typical_b, _TEN_THOUSAND))
    rest = typical_a / typical_b / _TEN_THOUSAND**power
    return power if 1 / _SAME_SIZE <= rest <= _SAME_SIZE else None
