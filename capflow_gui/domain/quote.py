"""What the slower interfaces say about a symbol.

Prices and amounts are in the listing's currency; times are UTC epoch seconds.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from capflow_gui.domain.symbol import Market, Symbol


@dataclass(frozen=True, slots=True)
class StaticInfo:
    """Facts that hold for the day. `currency` is None where the broker does not say. `kind`: see SecurityKind."""

    symbol: Symbol
    name: str
    kind: SecurityKind
    lot_size: int
    currency: str | None = None
    delisted: bool = False


class SecurityKind(StrEnum):
    """What kind of security; capital flow exists for the first three."""

    STOCK = "stock"
    FUND = "fund"
    WARRANT = "warrant"
    INDEX = "index"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Quote:
    """A price snapshot. `turnover` is the session's so far. `time` is None where the source gives none."""

    symbol: Symbol
    name: str | None
    price: float
    previous_close: float
    turnover: float
    volume: int
    time: float | None
    halted: bool

    @property
    def change(self) -> float | None:
        """Price change as a fraction of the previous close; None when there is no previous close."""
        return self.price / self.previous_close - 1 if self.previous_close > 0 and self.price > 0 else None


class Turnover(NamedTuple):
    """A session's turnover up to `at` (UTC epoch seconds), and the last price then; None where that is not known."""

    amount: float
    at: float
    price: float | None = None


class Turnovers(Mapping[int, Turnover | None]):
    """What was known of turnover and price by label, UTC epoch seconds; None: nothing. It takes 32 bytes a label."""

    __slots__ = ("_amounts", "_labels", "_prices", "_times")

    def __init__(self) -> None:
        self._labels = array("q")
        self._amounts, self._times, self._prices = array("d"), array("d"), array("d")

    def __getitem__(self, label: int) -> Turnover | None:
        place = bisect_left(self._labels, label)
        if not self._is_at(place, label):
            raise KeyError(label)
        amount, at, price = self._amounts[place], self._times[place], self._prices[place]
        return None if math.isnan(at) else Turnover(amount, at, None if math.isnan(price) else price)

    def __contains__(self, label: object) -> bool:
        return isinstance(label, int) and self._is_at(bisect_left(self._labels, label), label)

    def _is_at(self, place: int, label: int) -> bool:
        return place < len(self._labels) and self._labels[place] == label

    def __iter__(self) -> Iterator[int]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)

    def add(self, label: int, known: Turnover | None) -> None:
        """Keep what is known of a label of which nothing was kept."""
        labels = self._labels
        if not labels or label > labels[-1]:
            # As of each line of a day, when its first reply comes.
            amount, at, price = known or (math.nan, math.nan, None)
            labels.append(label)
            self._amounts.append(amount)
            self._times.append(at)
            self._prices.append(math.nan if price is None else price)
        elif label not in self:
            self.put(label, known)

    def put(self, label: int, known: Turnover | None) -> None:
        """Keep what is known of a label, in the place of what was."""
        amount, at, price = known or (math.nan, math.nan, None)
        price = math.nan if price is None else price
        place = bisect_left(self._labels, label)
        if self._is_at(place, label):
            self._amounts[place], self._times[place], self._prices[place] = amount, at, price
            return
        self._labels.insert(place, label)
        self._amounts.insert(place, amount)
        self._times.insert(place, at)
        self._prices.insert(place, price)


@dataclass(frozen=True, slots=True, eq=False)
class PriceTrack:
    """A session's prices as snapshots had them, one a minute at most; it takes 16 bytes a minute.

    times   UTC epoch seconds at which each was true, ascending
    prices  last prices, above zero
    """

    times: array[float] = field(default_factory=lambda: array("d"))
    prices: array[float] = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def of(cls, known: Iterable[Turnover | None]) -> PriceTrack:
        """The prices among what was known at some moments, in the order of time."""
        track = cls()
        for each in known:
            if each is not None and each.price is not None:
                track = track.joined(each.at, each.price)
        return track

    def joined(self, at: float, price: float) -> PriceTrack:
        """This track and one price more: of a minute the newest one stands, and one that is no price is left out."""
        if not 0 < price < math.inf or (len(self) and at < self.times[-1]):
            return self
        kept = len(self) - int(len(self) > 0 and self.times[-1] // 60 == at // 60)
        if kept < len(self) and (self.times[-1], self.prices[-1]) == (at, price):
            return self
        return PriceTrack(self.times[:kept] + array("d", [at]), self.prices[:kept] + array("d", [price]))

    def upto(self, at: float) -> PriceTrack:
        """The prices that were true until `at`, UTC epoch seconds."""
        count = bisect_right(self.times, at)
        return self if count == len(self) else PriceTrack(self.times[:count], self.prices[:count])

    def after(self, earlier: PriceTrack) -> PriceTrack:
        """These prices, and before them what `earlier` knows of the time before the first of them."""
        if not len(self):
            return earlier
        before = earlier.upto(self.times[0] - 1)
        return PriceTrack(before.times + self.times, before.prices + self.prices) if len(before) else self


@dataclass(frozen=True, slots=True)
class Distribution:
    """The day's money in and out by order size; None = the source does not give that class."""

    symbol: Symbol
    time: float | None
    inflow: dict[str, float | None]
    outflow: dict[str, float | None]


class MarketPhase(StrEnum):
    """A market state reduced to what Capflow acts on."""

    PRE_OPEN = "pre_open"
    OPEN = "open"
    LUNCH = "lunch"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MarketState:
    """The broker's own state number for one symbol, and what it means to us."""

    symbol: Symbol
    code: int
    phase: MarketPhase


@dataclass(frozen=True, slots=True)
class TradeDate:
    """A trading day as the broker sees it; `kind`: whole, morning or afternoon."""

    market: Market
    day: date
    kind: str


@dataclass(frozen=True, slots=True)
class GlobalState:
    """The source about itself. `time` is the source's own clock: market now (domain rule 0)."""

    time: float
    quote_logged_in: bool
    server_version: int
    simulated: bool
    market_phases: dict[Market, MarketPhase]
    status: str = ""


@dataclass(frozen=True, slots=True)
class SymbolGroup:
    """A watchlist group the user keeps at the broker. `source` is filled in where several are asked."""

    name: str
    custom: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One answer of the broker's symbol search."""

    symbol: Symbol
    name: str
    kind: SecurityKind
