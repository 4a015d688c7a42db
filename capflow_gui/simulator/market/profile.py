"""How a day's turnover spreads over its minutes.

Shapes and sizes are the simulator parameters of the product research, §5: plausible, not fitted to market data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from capflow_gui.domain.flow import Floats
from capflow_gui.domain.symbol import Market


@dataclass(frozen=True, slots=True)
class Profile:
    """A market's minute-by-minute turnover: a bump is (amplitude, decay in minutes) on a base of 1.

    auction     share of the day's turnover that the closing auction takes
    in_session  True: the auction's share is in the last line; False: it comes after the close (Hong Kong)
    flat_tail   minutes before the last in which nothing trades (mainland closing call)
    """

    dip: float
    opening: tuple[float, float]
    closing: tuple[float, float]
    before_lunch: tuple[float, float]
    after_lunch: tuple[float, float]
    auction: float
    in_session: bool
    flat_tail: int = 0


_HK = Profile(0.35, (2.6, 14), (1.5, 12), (0.25, 6), (0.8, 9), 0.08, in_session=False)
_US = Profile(0.45, (3.0, 16), (2.6, 14), (0.0, 1), (0.0, 1), 0.09, in_session=True)
_CN = Profile(0.30, (3.2, 13), (0.9, 12), (0.10, 5), (0.9, 8), 0.02, in_session=True, flat_tail=2)
PROFILES = {Market.HK: _HK, Market.US: _US, Market.SH: _CN, Market.SZ: _CN, Market.SG: _HK}


@lru_cache(maxsize=64)
def minute_weights(market: Market, minutes: int, lunch: int | None) -> Floats:
    """(minutes,) weights that sum to 1: the continuous session without its closing auction.

    `lunch` is the index of the break, None where there is none (New York, half days).
    """
    profile = PROFILES[market]
    t = np.arange(minutes, dtype=np.float64)
    weights = 1 - profile.dip * np.sin(np.pi * t / minutes) ** 2
    for (amplitude, decay), distance in ((profile.opening, t), (profile.closing, minutes - 1 - t)):
        weights += amplitude * np.exp(-distance / decay)
    if lunch is not None:
        amplitude, decay = profile.before_lunch
        weights[:lunch] += amplitude * np.exp(-(lunch - 1 - t[:lunch]) / decay)
        amplitude, decay = profile.after_lunch
        weights[lunch:] += amplitude * np.exp(-(t[lunch:] - lunch) / decay)
    if profile.flat_tail:
        weights[minutes - 1 - profile.flat_tail : minutes] = 0
    weights /= weights.sum()
    weights.setflags(write=False)
    return weights


@lru_cache(maxsize=32)
def persistence(phi: float, minutes: int) -> Floats:
    """(minutes, minutes) matrix that turns innovations into a first-order autoregression with factor `phi`."""
    lag = np.arange(minutes)[:, None] - np.arange(minutes)[None, :]
    matrix = np.where(lag >= 0, phi ** np.maximum(lag, 0), 0.0)
    matrix.setflags(write=False)
    return matrix
