"""The simulated market: what a broker would say about a symbol at an instant of the market clock.

Everything follows from (seed, symbol, date) and the scenario; nothing is kept but caches.
"""

from __future__ import annotations

import math
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.flow import Floats, Ints, Period
from capflow_gui.domain.session import Calendar, Phase, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.simulator.market.scenario import Scenario
from capflow_gui.simulator.market.trading_day import DayFlow, in_and_out, make_day, price_digits, whole
from capflow_gui.simulator.market.universe import Listing

_DAYS_KEPT = 700
_DAYS_A_STEP = 4  # a day takes a millisecond or two to make
# Hong Kong's closing auction is over at a random second of 16:08 to 16:10; half days accordingly.
AUCTION_S = 480
_EARLY_S = 30
_LONGEST_PERIOD = 31


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a reply: `label` in UTC epoch seconds; net inflow of the four classes, None where not given."""

    label: int
    net: float
    classes: tuple[float, float, float, float] | None
    main: float | None = None


@dataclass(frozen=True, slots=True)
class Intraday:
    """A session so far: the first `finals` lines of `day`, then `tail`. `day` None: `tail` is everything.

    `last_valid` is in UTC epoch seconds, None where the broker says nothing.
    """

    session: TradingDay
    day: DayFlow | None
    finals: int
    tail: tuple[Line, ...]
    last_valid: int | None


@dataclass(frozen=True, slots=True)
class Split:
    """The day's money in and out, by class in the broker's order (super, big, mid, small), at `time`."""

    time: int
    inflow: tuple[float, ...]
    outflow: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tape:
    """A price snapshot at `time` (UTC epoch seconds); amounts in the quote currency."""

    time: int
    price: float
    opening: float
    high: float
    low: float
    previous_close: float
    turnover: float
    volume: int
    suspended: bool


class SimulatedMarket:
    """A market of listings that plays a scenario on its day and chance on the others."""

    def __init__(self, listings: Mapping[Symbol, Listing], scenario: Scenario, seed: int, calendar: Calendar) -> None:
        self.listings = dict(listings)
        self.calendar = calendar
        self._scenario = scenario
        self._seed = seed
        self._days: OrderedDict[tuple[Symbol, date], DayFlow] = OrderedDict()
        self._totals: dict[tuple[Symbol, date], Ints] = {}
        self._story_days = {market: calendar.session_date(market, scenario.start) for market in Market}

    def listing(self, symbol: Symbol) -> Listing | None:
        """The listing, or None for a symbol this market does not know."""
        return self.listings.get(symbol)

    def session(self, symbol: Symbol, now: float) -> TradingDay:
        """The session the broker serves at `now`: the newest that has opened."""
        return self.calendar.now(symbol.market, self._true_at(symbol, now)).last_day

    def day(self, symbol: Symbol, session: TradingDay) -> DayFlow:
        """The symbol's whole day; KeyError for an unknown symbol."""
        key = (symbol, session.day)
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = self._make(self.listings[symbol], session)
            self._totals[key] = found.flows[:, -1].copy()  # a view would keep the day that is dropped
            if len(self._days) > _DAYS_KEPT:
                self._days.popitem(last=False)
        else:
            self._days.move_to_end(key)
        return found

    def intraday(self, symbol: Symbol, now: float) -> Intraday:
        """The lines since the open, the running minute's provisional line last."""
        true_at = self._true_at(symbol, now)
        moment = self.calendar.now(symbol.market, true_at)
        session = moment.last_day
        day = self.day(symbol, session)
        position = session.index(true_at)
        halt = self.listings[symbol].halts_at
        if halt is not None and position >= halt:
            return Intraday(session, day, halt + 1, (), session.label(halt))
        closed = math.floor(position)
        tail: list[Line] = []
        finals = closed + 1
        if closed and 0 <= true_at - session.label(closed) < _EARLY_S:
            finals = closed
            tail.append(_line(session.label(closed), day.early[:, closed]))
        if moment.phase is Phase.OPEN and position > closed:
            step = (day.flows[:, closed + 1] - day.flows[:, closed]).astype(np.float64)
            shown = np.add(day.flows[:, closed], whole(step * _progress(position - closed)))
            tail.append(_line(session.label(closed + 1), shown))
        valid = int(min(true_at, session.close)) if moment.phase is not Phase.LUNCH else session.label(closed)
        return Intraday(session, day, finals, tuple(tail), valid)

    def distribution(self, symbol: Symbol, now: float) -> Split:
        """Money in and out since the open; the closing auction of Hong Kong arrives here after it, nowhere else."""
        true_at = self._true_at(symbol, now)
        session = self.session(symbol, now)
        day = self.day(symbol, session)
        position = session.index(true_at)
        flow = self._newest(symbol, now)
        inflow, outflow = in_and_out(flow, _at(day.volumes, position))
        if true_at >= session.close + AUCTION_S:
            extra_in, extra_out = in_and_out(day.auction_flow, day.auction_volumes)
            inflow += extra_in
            outflow += extra_out
        last = session.close + AUCTION_S if day.auction_volumes.any() else session.close
        return Split(int(min(true_at, last)), tuple(map(float, inflow)), tuple(map(float, outflow)))

    def tape(self, symbol: Symbol, now: float) -> Tape:
        """Prices and turnover of the session so far."""
        true_at = self._true_at(symbol, now)
        session = self.session(symbol, now)
        day = self.day(symbol, session)
        listing = self.listings[symbol]
        position = session.index(true_at)
        suspended = listing.halts_at is not None and position >= listing.halts_at
        if suspended:
            position = float(listing.halts_at or 0)
        seen = day.price[: math.floor(position) + 1]
        turnover = float(_at(day.turnover, position))
        if true_at >= session.close + AUCTION_S:
            turnover += float(day.auction_volumes.sum())
        price = round(float(_at(day.price, position)), price_digits(day.previous_close))
        volume = int(turnover / max(float(seen.mean()), 1e-3)) // listing.lot * listing.lot
        return Tape(
            int(min(true_at, session.close)),
            price,
            float(seen[0]),
            max(float(seen.max()), price),
            min(float(seen.min()), price),
            day.previous_close,
            round(turnover, 2),
            volume,
            suspended,
        )

    def sessions(self, market: Market, begin: date, end: date, now: float) -> list[TradingDay]:
        """Sessions dated `begin` to `end` that have opened by `now`, oldest first."""
        newest = self.calendar.now(market, now).last_day
        days = (self.calendar.day(market, date.fromordinal(n)) for n in range(begin.toordinal(), end.toordinal() + 1))
        return [day for day in days if day is not None and day.day <= newest.day]

    def make_totals(self, symbol: Symbol, sessions: Iterable[TradingDay], now: float) -> Iterator[None]:
        """Make the totals of those sessions that are not known yet, a few at each step."""
        unknown = [session for session in sessions if (symbol, session.day) not in self._totals]
        for count, session in enumerate(unknown, 1):
            self.total(symbol, session, now)
            if count % _DAYS_A_STEP == 0:
                yield

    def has_to_make(self, symbols: Iterable[Symbol], now: float) -> bool:
        """Whether the running days of more symbols are still to be made than one step may take."""
        missing = ((symbol, self.session(symbol, now).day) not in self._days for symbol in symbols)
        return sum(missing) > _DAYS_A_STEP

    def make_days(self, symbols: Iterable[Symbol], now: float) -> Iterator[None]:
        """Make the running days of these symbols, a few at each step."""
        for count, symbol in enumerate(symbols, 1):
            self.day(symbol, self.session(symbol, now))
            if count % _DAYS_A_STEP == 0:
                yield

    def total(self, symbol: Symbol, session: TradingDay, now: float) -> Ints:
        """(4,) net inflow of a day by class; of the running day, so far: the newest intraday line."""
        if self.session(symbol, now).day == session.day:
            return self._newest(symbol, now)
        known = self._totals.get((symbol, session.day))
        if known is None:
            known = self._totals[symbol, session.day] = self._make(self.listings[symbol], session).flows[:, -1].copy()
        return known

    def history(self, symbol: Symbol, period: Period, begin: date, end: date, now: float) -> list[Line]:
        """A line a day, week or month whose first trading day lies in `begin`…`end`, labelled by that day's midnight.

        The running period's line holds what has come so far.
        """
        newest = self.session(symbol, now).day
        first = begin - timedelta(days=_LONGEST_PERIOD)
        last = min(end + timedelta(days=_LONGEST_PERIOD), newest)
        groups: dict[tuple[int, ...], list[TradingDay]] = {}
        for session in self.sessions(symbol.market, first, last, now):
            groups.setdefault(_period_key(period, session.day), []).append(session)
        lines = []
        for sessions in groups.values():
            if begin <= sessions[0].day <= end:
                classes = np.sum([self.total(symbol, session, now) for session in sessions], axis=0)
                label = _midnight(sessions[0])
                lines.append(replace(_line(label, classes), main=float(classes[0] + classes[1])))
        return lines

    def _newest(self, symbol: Symbol, now: float) -> Ints:
        """(4,) the classes of the newest intraday line."""
        shown = self.intraday(symbol, now)
        if shown.tail:
            return np.array(shown.tail[-1].classes, np.int64)
        return self.day(symbol, shown.session).flows[:, shown.finals - 1]

    def _true_at(self, symbol: Symbol, now: float) -> float:
        """The instant the symbol's figures are true at: now, to the second, but for a frozen feed."""
        frozen = self._scenario.frozen_at(symbol, now)
        return math.floor(now if frozen is None else frozen)

    def _make(self, listing: Listing, session: TradingDay) -> DayFlow:
        before = self.calendar.now(session.market, session.open - 1).last_day
        shape = self._scenario.shape(listing) if self._story_days[session.market] == session.day else None
        start = self._close(listing, before.day)
        end = self._close(listing, session.day) if shape is None or shape.price is None else start * (1 + shape.price)
        return make_day(listing, session, self._seed, (start, end), shape)

    def _close(self, listing: Listing, day: date) -> float:
        """The closing price of a day: a slow swing around the listing's level, the same whatever was asked before."""
        shape = self._scenario.shape(listing) if self._story_days[listing.symbol.market] == day else None
        if shape is not None and shape.price is not None:
            market = listing.symbol.market
            session = self.calendar.day(market, day)
            if session is not None:
                before = self.calendar.now(market, session.open - 1).last_day
                return self._rounded(self._swing(listing, before.day)) * (1 + shape.price)
        return self._rounded(self._swing(listing, day))

    def _swing(self, listing: Listing, day: date) -> float:
        spin = zlib.crc32(f"{listing.symbol} {self._seed}".encode()) / 2**32
        jitter = zlib.crc32(f"{listing.symbol} {self._seed} {day}".encode()) / 2**32 - 0.5
        age = day.toordinal()
        swing = 0.06 * math.sin(2 * math.pi * (age / 61 + spin)) + 0.03 * math.sin(2 * math.pi * (age / 23 + 3 * spin))
        return listing.price * math.exp(swing + 0.02 * jitter)

    @staticmethod
    def _rounded(price: float) -> float:
        return round(price, price_digits(price))


def _line(label: int, classes: Ints) -> Line:
    parts = tuple(float(value) for value in classes)
    return Line(label, float(classes.sum()), (parts[0], parts[1], parts[2], parts[3]))


def _period_key(period: Period, day: date) -> tuple[int, ...]:
    match period:
        case Period.WEEK:
            return day.isocalendar()[:2]
        case Period.MONTH:
            return (day.year, day.month)
        case _:
            return (day.toordinal(),)


def _midnight(session: TradingDay) -> int:
    day = session.day
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(session.zone)).timestamp())


def _progress(part: float) -> float:
    """How much of the running minute's flow shows after `part` of it: from 0 to 1, not straight."""
    return part + 0.6 * math.sin(6 * math.pi * part) * part * (1 - part)


def _at(rows: Floats | Ints, position: float) -> Floats:
    """Values at a fractional index of the last axis, on a straight line between labels."""
    low = math.floor(position)
    part = position - low
    here: Floats = rows[..., low].astype(np.float64)
    return here if part == 0 else here + part * (rows[..., low + 1] - here)
