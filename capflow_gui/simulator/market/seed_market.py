"""The seed day: the figures of HK.00700 that the moomoo API docs print for 2022-06-08, and nothing else."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from capflow_gui.domain.flow import Period
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.market.market import Intraday, Line, SimulatedMarket, Split, Tape
from capflow_gui.simulator.market.scenario import SEED_DAY, find_scenario
from capflow_gui.simulator.market.universe import build_universe


class NotPrintedError(LookupError):
    """The API page does not print this figure, and the seed day invents none."""


class SeedMarket(SimulatedMarket):
    """Serves the printed lines as they stand: minutes, classes and days that are not printed are missing."""

    def __init__(self, table: bytes, calendar: Calendar) -> None:
        """`table`: resources/seed_day.json."""
        content: dict[str, Any] = json.loads(table)
        self.symbol = Symbol.parse(content["symbol"])
        listings = {symbol: each for symbol, each in build_universe([self.symbol]).items() if symbol == self.symbol}
        super().__init__(listings, find_scenario(SEED_DAY), 0, calendar)
        day = calendar.day(self.symbol.market, date.fromisoformat(content["session"]))
        if day is None:
            raise ValueError(f"{content['session']} is not a trading day of {self.symbol.market}")
        self._day: TradingDay = day
        self._replies = [
            (self._at(day.day, reply["last_valid"]), [self._line(line) for line in reply["lines"]])
            for reply in content["replies"]
        ]
        main = {day: float(amount) for day, amount in content["day_main"]}
        self._history = [
            Line(self._at(date.fromisoformat(day), "00:00"), float(net), None, main.get(day))
            for day, net in content["day"]
        ]

    def intraday(self, symbol: Symbol, now: float) -> Intraday:
        """The newest printed reply that was true by `now`; earlier, its lines so far."""
        del symbol  # there is one
        printed = [reply for reply in self._replies if reply[0] <= now]
        if printed:
            valid, lines = printed[-1]
            return Intraday(self._day, None, 0, tuple(lines), valid)
        lines = [line for line in self._replies[0][1] if line.label <= now]
        return Intraday(self._day, None, 0, tuple(lines), lines[-1].label if lines else None)

    def history(self, symbol: Symbol, period: Period, begin: date, end: date, now: float) -> list[Line]:
        """The printed days; no week and no month is printed."""
        del symbol, now
        if period is not Period.DAY:
            return []
        zone = self.calendar.zone(self._day.market)
        return [line for line in self._history if begin <= datetime.fromtimestamp(line.label, zone).date() <= end]

    def distribution(self, symbol: Symbol, now: float) -> Split:
        """Not printed."""
        raise NotPrintedError(f"capital distribution of {symbol} at {now:.0f}")

    def tape(self, symbol: Symbol, now: float) -> Tape:
        """Not printed."""
        raise NotPrintedError(f"prices of {symbol} at {now:.0f}")

    def _line(self, line: list[Any]) -> Line:
        label, net, *classes = line
        first, second, third, fourth = map(float, classes)
        return Line(self._at(self._day.day, label), float(net), (first, second, third, fourth))

    def _at(self, day: date, clock: str) -> int:
        zone = self.calendar.zone(self.symbol.market)
        return int(datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=zone).timestamp())
