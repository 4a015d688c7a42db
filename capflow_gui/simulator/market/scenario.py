"""The days the simulator can play. Each starts its market clock where the story begins."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason
from capflow_gui.simulator.market.trading_day import Shape
from capflow_gui.simulator.market.universe import Listing

SEED_DAY = "seed-day"


@dataclass(frozen=True, slots=True)
class Freeze:
    """Figures stand still from `start` to `end` (UTC epoch seconds); `symbols` None = all."""

    start: float
    end: float
    symbols: frozenset[Symbol] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A day with a story. `start` is market now at the beginning; `shape` None leaves every symbol to chance.

    `longport_start` is where Longport's market clock begins when it is on another day than OpenD's.
    """

    name: str
    line: str
    start: float
    shape: Callable[[Listing], Shape | None]
    freezes: tuple[Freeze, ...] = ()
    longport_start: float | None = None

    def frozen_at(self, symbol: Symbol, now: float) -> float | None:
        """The instant the symbol's figures stand at, or None while they move."""
        for freeze in self.freezes:
            if freeze.start <= now < freeze.end and (freeze.symbols is None or symbol in freeze.symbols):
                return freeze.start
        return None


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _factor(listing: Listing) -> float:
    """How strongly a symbol takes part, 0.7 to 1.3; the leaders of their markets exactly as told."""
    if str(listing.symbol) in ("700.HK", "AAPL.US", "600519.SH"):
        return 1.0
    return 0.7 + zlib.crc32(str(listing.symbol).encode()) % 601 / 1000


def _all(
    *points: tuple[float, float], noise: float = 0.4, auction: float = 0.0, price: float | None = None
) -> Callable[[Listing], Shape | None]:
    """Every symbol tells the same story, more or less strongly."""

    def shape(listing: Listing) -> Shape:
        factor = _factor(listing)
        scaled = tuple((at, part * factor) for at, part in points)
        return Shape(scaled, noise, auction * factor, None if price is None else price * factor)

    return shape


# Where the demo's Hong Kong names stand at 14:32, as a part of the turnover so far, and their price change of the day.
_DEMO_HK: dict[str, tuple[float, float]] = {
    "3690": (-0.052, -0.029),
    "981": (-0.029, -0.011),
    "1810": (-0.024, 0.006),
    "9618": (-0.023, -0.009),
    "941": (-0.020, -0.002),
    "2015": (-0.015, -0.007),
    "2318": (-0.010, 0.003),
    "388": (-0.002, 0.001),
    "5": (0.003, 0.004),
    "1211": (0.009, 0.008),
    "1299": (0.016, 0.011),
    "2800": (0.017, 0.004),
    "883": (0.021, 0.015),
    "9988": (0.022, 0.012),
    "1024": (0.026, 0.022),
}
_DEMO_CN: dict[str, float] = {"600519": -0.034, "300750": -0.021, "601318": 0.012, "688981": -0.027, "2594": 0.018}
_DEMO_TENCENT = Shape(
    (
        (0.0, 0.0),
        (0.055, 0.0075),
        (0.18, 0.0),
        (0.32, -0.003),
        (0.455, -0.005),
        (0.62, -0.006),
        (0.667, -0.008),
        (0.695, -0.0150),
        (0.712, -0.0205),
        (0.733, -0.0263),
        (0.78, -0.0272),
        (1.0, -0.0210),
    ),
    noise=0.16,
    price=-0.0184,
)
# The part of a Hong Kong day's turnover done by 14:32.
_DONE = 0.66


def _demo_shape(listing: Listing) -> Shape | None:
    symbol = listing.symbol
    spin = zlib.crc32(str(symbol).encode())
    if symbol == Symbol(Market.HK, "700"):
        return _DEMO_TENCENT
    if symbol.market is Market.HK and symbol.code in _DEMO_HK:
        part, price = _DEMO_HK[symbol.code]
        goal = part * _DONE
        wave = 0.004 * (1 if spin & 1 else -1)
        steep = 0.55 if symbol.code in ("3690", "981") else 0.8
        points = ((0.0, 0.0), (0.08, wave), (0.3, goal * 0.3 + wave / 2), (0.68, goal * steep), (0.735, goal))
        return Shape((*points, (1.0, goal * 1.1)), noise=0.2, price=price)
    if symbol.market in (Market.SH, Market.SZ) and (cn_part := _DEMO_CN.get(symbol.code)) is not None:
        return Shape(((0.0, 0.0), (0.5, cn_part * 0.3), (0.85, cn_part * 0.7), (1.0, cn_part)), noise=0.3)
    return None


_DAY = "2026-06-10"
_CNOOC = frozenset({Symbol(Market.HK, "883")})
_SCENARIOS = (
    Scenario(
        "default",
        "a Hong Kong afternoon: Tencent sells off within minutes, others bleed, CNOOC's figures freeze for a while",
        _instant(f"{_DAY}T14:22:30+08:00"),
        _demo_shape,
        (Freeze(_instant(f"{_DAY}T14:21:00+08:00"), _instant(f"{_DAY}T14:40:00+08:00"), _CNOOC),),
    ),
    Scenario("calm", "nothing much happens", _instant(f"{_DAY}T10:00:00+08:00"), _all((0, 0), (1, 0), noise=0.35)),
    Scenario(
        "slow-bleed",
        "money leaves all day: −4 % of the day's turnover by the close",
        _instant(f"{_DAY}T10:00:00+08:00"),
        _all((0, 0), (1, -0.04)),
    ),
    Scenario(
        "flush",
        "10:30: −2.5 % of the day's turnover in ten minutes, recovered by 11:30",
        _instant(f"{_DAY}T10:26:00+08:00"),
        _all((0, 0), (60 / 330, 0.004), (70 / 330, -0.021), (120 / 330, -0.003), (1, 0.006), noise=0.2),
    ),
    Scenario(
        "sign-flip",
        "inflow all morning, outflow after lunch",
        _instant(f"{_DAY}T12:58:00+08:00"),
        _all((0, 0), (150 / 330, 0.02), (205 / 330, -0.008), (1, -0.03), noise=0.2),
    ),
    Scenario(
        "divergence",
        "the price rises while money leaves",
        _instant(f"{_DAY}T10:45:00+08:00"),
        _all((0, 0), (1, -0.028), price=0.035),
    ),
    Scenario(
        "close-dump",
        "a quiet day sold off in its last minutes and the closing auction",
        _instant(f"{_DAY}T15:48:00+08:00"),
        _all((0, 0), (0.97, 0.004), (1, -0.012), noise=0.2, auction=-0.01),
    ),
    Scenario(
        "half-day",
        "Christmas Eve: Hong Kong closes at 12:00",
        _instant("2026-12-24T11:30:00+08:00"),
        _all((0, 0), (1, -0.015)),
    ),
    Scenario(
        "us-midnight",
        "a New York session running over midnight in Hong Kong, sold off around it",
        _instant(f"{_DAY}T11:48:00-04:00"),
        _all((0, 0), (0.35, 0.004), (0.42, -0.018), (1, -0.02), noise=0.2),
    ),
    Scenario(
        "freeze",
        "figures stand still from 10:12 to 10:31, then catch up",
        _instant(f"{_DAY}T10:09:00+08:00"),
        _all((0, 0), (1, -0.02)),
        (Freeze(_instant(f"{_DAY}T10:12:00+08:00"), _instant(f"{_DAY}T10:31:00+08:00")),),
    ),
    Scenario(
        "storm",
        "10:30: every symbol loses 2 % of its day's turnover within the same minute",
        _instant(f"{_DAY}T10:28:00+08:00"),
        _all((0, 0), (60 / 330, 0.002), (61 / 330, -0.02), (1, -0.03), noise=0.1),
    ),
    Scenario(
        "seesaw",
        "from 10:30 on net inflow swings by 1 % around −2 % of the day's turnover, for an hour",
        _instant(f"{_DAY}T10:28:00+08:00"),
        _all(
            (0, 0),
            *((minute / 330, -0.02 * (1.01 if minute % 2 else 0.99)) for minute in range(60, 121)),
            (1, -0.02),
            noise=0.0,
        ),
    ),
    Scenario(
        "dst-day",
        "New York's first session after its clocks went forward: in Hong Kong it opens an hour earlier",
        _instant("2026-03-09T09:40:00-04:00"),
        _all((0, 0), (1, -0.02)),
    ),
    Scenario(
        SEED_DAY,
        "the API pages' own figures of HK.00700, OpenD's of 2022-06-08 and Longport's of 2022-06-13, and nothing else",
        _instant("2022-06-08T10:47:25+08:00"),
        lambda _listing: None,
        longport_start=_instant("2022-06-13T16:10:00+08:00"),
    ),
)


SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _SCENARIOS}


def find_scenario(name: str) -> Scenario:
    """The scenario of that name; InvalidInput names the others."""
    found = SCENARIOS.get(name)
    if found is None:
        raise InvalidInput(name, Reason.of(Code.NO_SUCH_SCENARIO), Reason.of(Code.ONE_OF, names=", ".join(SCENARIOS)))
    return found
