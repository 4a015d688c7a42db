"""One symbol's day in the simulated market, made in one go from (seed, symbol, date).

Amounts are whole tens of the quote currency, so the four classes add up to the net exactly, as doubles too.
Parameters are those of the product research, §5.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from capflow_gui.domain.flow import Floats, Ints
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market
from capflow_gui.simulator.market.profile import PROFILES, minute_weights, persistence
from capflow_gui.simulator.market.universe import Listing, Size

# Classes in the broker's order: super, big, mid, small.
SHARES = np.array([0.14, 0.19, 0.27, 0.40])
_LOADINGS = np.array([0.55, 0.65, 0.60, 0.45])
_SPREADS = np.array([0.42, 0.34, 0.24, 0.14])
_SHAPE_WEIGHTS = np.array([0.34, 0.30, 0.22, 0.14])
_HEAVY_TAIL = 3.2
_LIGHT_TAIL = 6.0
_LARGEST_IMBALANCE = 0.98
# Trades inside the spread are neither inflow nor outflow.
_AGGRESSIVE = 0.9
_DAY_DRIFT = 0.055
_TREND_DAY = 0.1
_EVENT_DAY = 0.03
_REVISED = 0.05
_REVISION = 0.03
_PRINTS_A_MINUTE = {Size.MEGA: 2.0, Size.MID: 0.7, Size.SMALL: 0.1}
_US_MEGA_PRINTS = 6.0
_DAY_VOLATILITY = {Size.MEGA: 0.014, Size.MID: 0.018, Size.SMALL: 0.030}
_ROUNDING = 10


@dataclass(frozen=True, slots=True)
class Shape:
    """A story a scenario tells with one symbol's day.

    points   (part of the session 0..1, net inflow so far as a part of the day's turnover), straight lines between
    noise    factor on the market's ordinary randomness
    auction  net inflow of the closing auction as a part of the day's turnover
    price    the day's price change as a fraction, None = whatever the flow does to it
    """

    points: tuple[tuple[float, float], ...]
    noise: float = 0.5
    auction: float = 0.0
    price: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DayFlow:
    """One symbol's day; n = minutes of the session, arrays run over the labels 0..n (0 = the open).

    flows     (4, n+1) int64, net inflow by class since the open
    early     (4, n+1) int64, what was shown of each line before its revision (mostly the same)
    volumes   (4, n+1) float64, turnover by class since the open
    turnover  (n+1,) float64, since the open
    price     (n+1,) float64, last price at the label
    auction_flow, auction_volumes  (4,) the closing auction where it lies after the close, else zeros
    """

    session: TradingDay
    flows: Ints
    early: Ints
    volumes: Floats
    turnover: Floats
    price: Floats
    auction_flow: Ints
    auction_volumes: Floats
    previous_close: float

    @property
    def close(self) -> float:
        """The closing price."""
        return float(self.price[-1])


def day_random(seed: int, listing: Listing, ordinal: int) -> np.random.Generator:
    """The generator of one symbol's day: the same in every process."""
    return np.random.default_rng([seed, zlib.crc32(str(listing.symbol).encode()), ordinal])


def make_day(
    listing: Listing, session: TradingDay, seed: int, closes: tuple[float, float], shape: Shape | None
) -> DayFlow:
    """The whole day of `listing`; `closes` are the previous day's closing price and this day's (quote currency)."""
    rng = day_random(seed, listing, session.day.toordinal())
    n = session.minutes
    total = listing.turnover * float(np.exp(rng.normal(0, 0.35 if shape is None else 0.02)))
    event = rng.random() < _EVENT_DAY
    boost = rng.uniform(2, 4)
    if event and shape is None:
        total *= boost
    turnover, auction_turnover = _turnover(rng, listing, session, total)
    imbalance = _imbalance(rng, n, shape)
    volumes = _class_volumes(rng, listing, session, turnover)
    flows = volumes * imbalance
    auction = SHARES * auction_turnover * np.clip(rng.normal(0, 0.1, 4), -0.5, 0.5)
    if shape is not None:
        _tell(shape, session, total, flows, volumes)
        auction = auction * 0.2 + _SHAPE_WEIGHTS * shape.auction * total
    price = _price(rng, listing, flows, volumes, closes)
    steps = whole(flows)
    return DayFlow(
        session,
        _running(steps),
        _early(rng, steps, volumes),
        _running(volumes),
        _running(volumes.sum(axis=0)),
        price,
        whole(auction) if auction_turnover else np.zeros(4, np.int64),
        np.maximum(SHARES * auction_turnover, np.abs(auction) / _AGGRESSIVE * 1.1) if auction_turnover else np.zeros(4),
        closes[0],
    )


def in_and_out(flow: Ints, volume: Floats) -> tuple[Ints, Ints]:
    """Money in and out by class: in − out is `flow` exactly, in + out at most `volume` (but for rounding)."""
    out = np.maximum(whole((_AGGRESSIVE * volume - flow) / 2), np.maximum(0, -flow))
    return out + flow, out


def whole(amounts: Floats) -> Ints:
    """Amounts rounded to whole tens of the quote currency."""
    return np.rint(amounts / _ROUNDING).astype(np.int64) * _ROUNDING


def _running(steps: np.ndarray[tuple[int, ...], np.dtype[Any]]) -> Any:
    """Sums since the open with the zero of the open in front; keeps the element type."""
    sums = np.zeros((*steps.shape[:-1], steps.shape[-1] + 1), steps.dtype)
    np.cumsum(steps, axis=-1, out=sums[..., 1:])
    sums.setflags(write=False)
    return sums


def _lunch(session: TradingDay) -> int | None:
    return session.seams[0] if session.seams else None


def _turnover(rng: np.random.Generator, listing: Listing, session: TradingDay, total: float) -> tuple[Floats, float]:
    """(n,) turnover of each minute, and that of an auction after the close."""
    n = session.minutes
    profile = PROFILES[session.market]
    weights = minute_weights(session.market, n, _lunch(session))
    activity = persistence(0.85, n) @ rng.normal(0, 0.25, n)
    busy = weights * np.exp(activity)
    if listing.size is Size.SMALL:
        busy = busy * rng.poisson(1.1, n)
    minutes = busy / max(float(busy.sum()), 1e-12) * total * (1 - profile.auction)
    if profile.in_session:
        minutes[-1] += total * profile.auction
    if listing.halts_at is not None:
        minutes[listing.halts_at :] = 0
    auction = 0.0 if profile.in_session or listing.halts_at is not None else total * profile.auction
    return minutes, auction


def _student(rng: np.random.Generator, nu: float, shape: tuple[int, ...]) -> Floats:
    """Student-t draws of unit variance."""
    draws: Floats = rng.standard_t(nu, shape) * np.sqrt((nu - 2) / nu)
    return draws


def _imbalance(rng: np.random.Generator, n: int, shape: Shape | None) -> Floats:
    """(4, n) net inflow as a part of each class's turnover."""
    drift = rng.normal(0, _DAY_DRIFT) * (2 if rng.random() < _TREND_DAY else 1)
    turn = int(rng.integers(n // 4, 3 * n // 4)) if rng.random() < _TREND_DAY else n
    pressure = persistence(0.35, n) @ _student(rng, _HEAVY_TAIL, (n,)) * np.sqrt(1 - 0.35**2)
    own = np.vstack([_student(rng, _HEAVY_TAIL, (2, n)), _student(rng, _LIGHT_TAIL, (2, n))])
    mixed = _LOADINGS[:, None] * pressure + np.sqrt(1 - _LOADINGS[:, None] ** 2) * own
    drifts = np.full(n, drift if shape is None else 0.0)
    drifts[turn:] *= -1
    scale = 1.0 if shape is None else shape.noise
    imbalance: Floats = np.clip(drifts + scale * _SPREADS[:, None] * mixed, -_LARGEST_IMBALANCE, _LARGEST_IMBALANCE)
    return imbalance


def _class_volumes(rng: np.random.Generator, listing: Listing, session: TradingDay, turnover: Floats) -> Floats:
    """(4, n) turnover by class. Very large orders arrive as single prints; the others share what is left."""
    n = session.minutes
    prints = _PRINTS_A_MINUTE[listing.size]
    if listing.size is Size.MEGA and session.market is Market.US:
        prints = _US_MEGA_PRINTS
    expected = prints * minute_weights(session.market, n, _lunch(session)) * n
    count = rng.poisson(expected)
    sizes = np.exp(rng.normal(-0.045, 0.3, n))
    share = np.minimum(SHARES[0] * sizes * count / np.maximum(expected, 1e-9), 0.6)
    volumes = np.empty((4, n))
    volumes[0] = turnover * share
    volumes[1:] = (SHARES[1:] / SHARES[1:].sum())[:, None] * (turnover - volumes[0])
    return volumes


def _tell(shape: Shape, session: TradingDay, total: float, flows: Floats, volumes: Floats) -> None:
    """Add the scenario's flow, in place, with the turnover it needs."""
    at, part = zip(*shape.points, strict=True)
    path = np.interp(np.arange(session.minutes + 1) / session.minutes, at, part) * total
    wanted = np.diff(path)
    flows += _SHAPE_WEIGHTS[:, None] * wanted
    np.maximum(volumes, np.abs(flows) * 1.15, out=volumes)


def _price(
    rng: np.random.Generator, listing: Listing, flows: Floats, volumes: Floats, closes: tuple[float, float]
) -> Floats:
    """(n+1,) prices coupled to the net flow of their minute, from the one close to the other."""
    previous_close, close = closes
    n = flows.shape[1]
    traded = volumes.sum(axis=0)
    pull = flows.sum(axis=0) / np.maximum(traded, 1.0)
    pull = (pull - pull.mean()) / max(float(pull.std()), 1e-9)
    coupling = np.full(n, 0.4)
    if rng.random() < 0.15:
        begin = int(rng.integers(0, max(n - 120, 1)))
        coupling[begin : begin + int(rng.integers(60, 121))] = -0.4
    noise = rng.normal(0, 1, n)
    returns = _DAY_VOLATILITY[listing.size] / np.sqrt(n) * (coupling * pull + np.sqrt(1 - 0.4**2) * noise)
    returns[traded <= 0] = 0
    path = np.concatenate(([0.0], np.cumsum(returns)))
    # The path keeps its minutes and is tilted to meet the close, so that days join without a jump of their own.
    path += (np.log(close / previous_close) - path[-1]) * np.arange(n + 1) / n
    return np.round(previous_close * np.exp(path), price_digits(previous_close))


def _early(rng: np.random.Generator, steps: Ints, volumes: Floats) -> Ints:
    """(4, n+1) the lines as first shown: now and then a little off, put right later."""
    n = steps.shape[1]
    touched = rng.random(n) < _REVISED
    off = whole(volumes * rng.uniform(-_REVISION, _REVISION, n) * touched)
    early = np.concatenate((np.zeros((4, 1), np.int64), np.cumsum(steps, axis=1) + off), axis=1)
    early.setflags(write=False)
    return early


def price_digits(price: float) -> int:
    """Decimals of a quote: three below one unit of currency, else two."""
    return 3 if price < 1 else 2
