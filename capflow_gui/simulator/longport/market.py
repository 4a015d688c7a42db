"""The simulated market as Longport sees it: a total by its own method, three classes, minutes labelled by their start.

The same money as the simulated OpenD shows, with a factor and a noise of Longport's own; nothing is kept but caches.
"""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from capflow_gui.domain.flow import Floats
from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.seed_market import SeedMarket
from capflow_gui.simulator.market.trading_day import DayFlow, whole

_DAYS_KEPT = 512
_FACTOR = (0.88, 1.06)
_NOISE = 0.004  # of a minute's turnover
_MINUTE_S = 60

Lines = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class ThreeClasses:
    """Money in and out since the open as (large, medium, small), at `time` (UTC epoch seconds)."""

    time: int
    inflow: tuple[float, float, float]
    outflow: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Method:
    """What Longport's method makes of a day: value = factor × net + noise, by label index. `day` keeps it alive."""

    day: DayFlow
    factor: float
    noise: Floats


class LongportMarket:
    """Longport's figures of a SimulatedMarket. KeyError for a symbol the market does not know."""

    def __init__(self, market: SimulatedMarket, seed: int, printed: bytes) -> None:
        """`printed`: resources/longport_seed_day.json, served where the market is the seed day's."""
        self.market = market
        self._seed = seed
        self._methods: OrderedDict[int, _Method] = OrderedDict()
        content: dict[str, Any] = json.loads(printed)
        self._printed: Lines = [(int(label), float(amount)) for label, amount in content["lines"]]

    def lines(self, symbol: Symbol, now: float) -> Lines:
        """The session so far: (start of the minute in UTC epoch seconds, running total), oldest first.

        After the close one more line repeats the last total at the close itself.
        """
        if isinstance(self.market, SeedMarket):
            return [line for line in self._printed if line[0] <= now]
        reply = self.market.intraday(symbol, now)
        if reply.day is None:
            return []
        method = self._method(symbol, reply.day)
        session = reply.session
        lines: Lines = []
        for line in all_lines(reply):
            index = round(session.index(line.label))
            if index == 0:
                continue
            # The running minute has not got its noise yet.
            seen = index if line.label <= now else index - 1
            amount = float(whole(np.array(method.factor * line.net + method.noise[seen])))
            lines.append((line.label - _MINUTE_S, amount))
        if lines and now >= session.close and lines[-1][0] == session.close - _MINUTE_S:
            lines.append((session.close, lines[-1][1]))
        return lines

    def distribution(self, symbol: Symbol, now: float) -> ThreeClasses:
        """The day's money by class: Longport's large is OpenD's two largest together."""
        split = self.market.distribution(symbol, now)
        factor = self._method(symbol, self.market.day(symbol, self.market.session(symbol, now))).factor
        inflow, outflow = (
            (whole(np.array((part[0] + part[1], part[2], part[3])) * factor)) for part in (split.inflow, split.outflow)
        )
        return ThreeClasses(split.time, _three(inflow), _three(outflow))

    def _method(self, symbol: Symbol, day: DayFlow) -> _Method:
        found = self._methods.get(id(day))
        if found is None:
            ordinal = day.session.day.toordinal()
            rng = np.random.default_rng([self._seed, zlib.crc32(f"longport {symbol}".encode()), ordinal])
            minutes = np.diff(day.turnover)
            steps = rng.normal(0, _NOISE, len(minutes)) * minutes
            noise = np.concatenate(([0.0], np.cumsum(steps)))
            found = self._methods[id(day)] = _Method(day, float(rng.uniform(*_FACTOR)), noise)
            if len(self._methods) > _DAYS_KEPT:
                self._methods.popitem(last=False)
        return found


def _three(amounts: Any) -> tuple[float, float, float]:
    large, medium, small = map(float, amounts)
    return large, medium, small
