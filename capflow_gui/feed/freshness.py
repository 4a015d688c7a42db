"""How fresh a symbol's figures are: domain rule 7, pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum

from capflow_gui.domain.flow import STRUCTURAL, FlowSeries
from capflow_gui.domain.session import Calendar, MarketNow, Phase
from capflow_gui.domain.staleness import SURELY_LIVE_S, is_stale, last_valid
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import CapflowError, NoQuoteRight

# How long after the open a source may have no line of the new session.
OPENING_S = 180.0


class Freshness(StrEnum):
    """One state a symbol, the first that holds (domain rule 7)."""

    NEVER_POLLED = "never_polled"
    ERROR = "error"
    NO_PERMISSION = "no_permission"
    PREVIOUS_SESSION = "previous_session"
    CLOSED = "closed"
    LUNCH = "lunch"
    HALTED = "halted"
    STALE = "stale"
    LIVE = "live"


class LastStates:
    """How fresh the figures of each symbol were when it was looked at last, and which must be looked at again.

    states  by symbol
    Times are market times, UTC epoch seconds.
    """

    def __init__(self) -> None:
        self.states: dict[Symbol, Freshness] = {}
        self._markets: dict[Market, MarketNow] = {}  # what each did when its symbols were looked at
        self._live_until: dict[Symbol, float] = {}  # unless something comes

    def keep_only(self, symbols: Collection[Symbol]) -> None:
        """These are polled, and all of them are due."""
        self.states = {symbol: state for symbol, state in self.states.items() if symbol in symbols}
        self.look_at_all()

    def look_at_all(self) -> None:
        """Each symbol is due."""
        self._markets.clear()

    def changed(self, symbol: Symbol) -> None:
        """Something came that may make the symbol's state another one."""
        self._live_until.pop(symbol, None)

    def due(self, symbols: Iterable[Symbol], markets: Mapping[Market, MarketNow], now: float) -> list[Symbol]:
        """The symbols whose state may be another one by now; `markets` is what each market does.

        While a market goes on to rest, answers alone change a state, and say so themselves. While it goes on to trade,
        figures that are young are live in any cycle. So few of many hundred are due every other second.
        """
        old, self._markets = self._markets, dict(markets)
        known = {market: market_now.phase for market, market_now in markets.items() if old.get(market) == market_now}
        until = self._live_until
        return [
            symbol
            for symbol in symbols
            if (phase := known.get(symbol.market)) is None
            or (phase is Phase.OPEN and not now <= until.get(symbol, -math.inf))
        ]

    def put(self, symbol: Symbol, state: Freshness, series: FlowSeries | None) -> bool:
        """A symbol was looked at, whose figures are `series`; whether its state was another one before."""
        before, self.states[symbol] = self.states.get(symbol), state
        true_at = last_valid(series) if state is Freshness.LIVE and series is not None else None
        if true_at is None:
            self._live_until.pop(symbol, None)
        else:
            self._live_until[symbol] = true_at + SURELY_LIVE_S
        return before is not None and before is not state


def staleness(state: Freshness) -> bool | None:
    """Whether figures are stale; None where they need not be live."""
    return state is Freshness.STALE if state in (Freshness.STALE, Freshness.LIVE) else None


def freshness(
    series: FlowSeries | None,
    error: CapflowError | None,
    market: MarketNow,
    *,
    halted: bool,
    quiet_s: float | None,
    cycle_s: float,
) -> Freshness:
    """The first state that holds.

    series   the newest reply, None before the first
    error    what the newest question failed with, None when it was answered
    quiet_s  trading seconds since the source's last valid time (see `quiet_seconds`)
    cycle_s  the symbol's cycle, in market seconds
    """
    if series is None and error is None:
        state = Freshness.NEVER_POLLED
    elif error is not None:
        state = Freshness.NO_PERMISSION if isinstance(error, NoQuoteRight) else Freshness.ERROR
    elif series is not None and _is_previous(series.session, market):
        state = Freshness.PREVIOUS_SESSION
    elif market.phase in (Phase.CLOSED, Phase.PRE_OPEN):
        state = Freshness.CLOSED
    elif market.phase is Phase.LUNCH:
        state = Freshness.LUNCH
    elif halted:
        state = Freshness.HALTED
    elif is_stale(quiet_s, cycle_s):
        state = Freshness.STALE
    else:
        state = Freshness.LIVE
    return state


def _is_previous(session: date | None, market: MarketNow) -> bool:
    """Whether the lines are of a session before the one that runs, ended last, or begins later today."""
    if session is None:
        return False
    awaited = market.day.day if market.phase is Phase.PRE_OPEN and market.day is not None else market.last_day.day
    return session < awaited


def quiet_seconds(series: FlowSeries, calendar: Calendar, now: float) -> float | None:
    """Trading seconds from the source's last valid time to market now: a lunch break is no silence.

    Without a last valid time the newest label stands for it, and without lines the time of the reply.
    """
    at = last_valid(series) if len(series) else series.received
    return None if at is None else max(0.0, calendar.trading_minutes(series.symbol.market, at, now) * 60)


def quiet_at_most(series: FlowSeries, calendar: Calendar, now: float) -> float | None:
    """As `quiet_seconds`; where time itself is too short for figures to be stale, the time, and the calendar is spared.

    Every symbol is looked at every other second.
    """
    at = last_valid(series)
    return now - at if at is not None and 0.0 <= now - at <= SURELY_LIVE_S else quiet_seconds(series, calendar, now)


def needs_an_equal(series: FlowSeries) -> bool:
    """Whether nothing but a reply that says the same confirms the newest line of a judged series."""
    undated = series.last_valid is None and len(series) > 0 and not series.flags & STRUCTURAL
    return undated and not series.confirmed[-1]
