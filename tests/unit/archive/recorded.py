"""Replies of any kind, and the states of whole days of the simulated market."""

from __future__ import annotations

import functools
from datetime import date

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.archive.model import DayKey, State, apply, milliseconds, state_of
from capflow_gui.domain.flow import MAIN, NET, Flag, Floats, FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.validation import judge
from capflow_gui.paths import resource
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.market.universe import build_universe

KEY = DayKey("opend", Symbol(Market.HK, "700"), date(2022, 6, 8))
OPEN = 1654651800
ODD = [np.nan, -0.0, 0.1 + 0.2, 1e308, -1e308, 5e-324, 2.0**53 + 2, 123456.7891, 0.00001, np.inf]
AMOUNTS = st.one_of(
    st.none(),
    st.integers(-3, 3).map(float),
    st.integers(-(10**12), 10**12).map(lambda number: number / 100),
    st.sampled_from(ODD),
    st.floats(),
)


def as_kept(series: FlowSeries) -> FlowSeries:
    """A judged series with its times as the archive keeps them."""
    return series if series.received is None else replace(series, received=milliseconds(series.received))


@st.composite
def replies(draw: st.DrawFn, amounts: st.SearchStrategy[float | None] = AMOUNTS) -> FlowSeries:
    """A judged reply of few lines, in any order and with any marks."""
    labels = draw(st.lists(st.integers(0, 6), max_size=7))
    size = len(labels)
    # Figures are chosen by bytes from a few that were drawn: to draw each of them takes a hundred times as long.
    pool = np.array([np.nan if each is None else each for each in draw(st.lists(amounts, min_size=1, max_size=12))])
    chosen = np.frombuffer(draw(st.binary(min_size=6 * size, max_size=6 * size)), np.uint8)
    marks = np.frombuffer(draw(st.binary(min_size=size, max_size=size)), np.uint8)
    return FlowSeries(
        KEY.symbol,
        KEY.source,
        Period.INTRADAY,
        OPEN + 60 * np.array(labels, np.int64),
        pool[chosen % len(pool)].reshape(6, size),
        last_valid=draw(st.sampled_from([None, 1654651845.0, 1654651847.25])),
        session=KEY.session,
        received=1654651850.1234 + draw(st.integers(0, 3)),
        flags=Flag(draw(st.sampled_from([0, 2, 1]))),
        line_flags=np.array([0, 0, 2, 8], np.uint16)[marks % 4],
        confirmed=marks % 8 > 3,
    )


TURNOVER = Turnover(1e9, 1654651840.0)
TURNOVERS = (
    st.just(TURNOVER)
    | st.none()
    | st.builds(Turnover, st.floats(0, 1e13), st.floats(1e9, 2e9), st.none() | st.floats(1e-3, 1e6))
)


@st.composite
def sessions(draw: st.DrawFn) -> list[State]:
    """The states of a session of a few replies, at least one."""
    states: list[State] = []
    held: FlowSeries | None = None
    for poll, reply in enumerate(draw(st.lists(replies(), min_size=1, max_size=6)), 1):
        wall = milliseconds(draw(st.floats(1.6e9, 1.7e9)))
        before = states[-1].turnover if states else None
        turnover = draw(TURNOVERS)
        state = state_of(held, reply, poll=poll, wall=wall, turnover=turnover, old_turnover=before)
        if state is None:
            states[-1] = replace(states[-1], same=states[-1].same + 1, same_received=reply.received, same_wall=wall)
        else:
            held = apply(KEY, held, state)
            states.append(state)
    return states


def facts(series: FlowSeries) -> tuple[object, ...]:
    """All a series says, to be compared bit by bit."""
    return (
        series.timestamps.tolist(),
        series.values.tobytes(),
        series.last_valid,
        series.session,
        series.received,
        series.flags,
        series.line_flags.tolist(),
        series.confirmed.tolist(),
    )


def said(thing: object) -> tuple[object, ...]:
    """All the fields of a state or of a part of a day, to be compared bit by bit."""
    fields = (getattr(thing, name) for name in type(thing).__slots__)  # type: ignore[attr-defined]
    return tuple((each.dtype.str, each.tobytes()) if isinstance(each, np.ndarray) else each for each in fields)


@functools.cache
def calendar() -> Calendar:
    """The packaged one."""
    return Calendar.from_json(resource("sessions.json").read_bytes())


def day_of(key: DayKey) -> TradingDay:
    """Its trading periods."""
    day = calendar().day(key.symbol.market, key.session)
    assert day is not None
    return day


@functools.cache
def market_day(
    symbol: str, session: date, *, source: str = "opend", every: float = 30.0, cents: bool = False
) -> tuple[list[State], FlowSeries]:
    """The states of a whole day of the simulated market as this source gives it, and the reply of the last one.

    OpenD gives four classes, Longport the total alone and no last valid time. `cents`: amounts have two decimals.
    """
    states, last = _market_day(symbol, session, source, every, cents)
    return list(states), last


@functools.lru_cache(maxsize=8)
def _market_day(symbol: str, session: date, source: str, every: float, cents: bool) -> tuple[list[State], FlowSeries]:
    day = calendar().day(Symbol.parse(symbol).market, session)
    assert day is not None
    key = DayKey(source, Symbol.parse(symbol), session)
    market = SimulatedMarket(build_universe(), find_scenario("default"), 1, calendar())
    chance = np.random.default_rng(1)
    states: list[State] = []
    held: FlowSeries | None = None
    now, poll = day.open + 3.0, 0
    while now < day.close + 900:
        reply = market.intraday(key.symbol, now)
        lines = all_lines(reply)
        values = _values([(line.net, *(line.classes or ())) for line in lines], source, cents=cents)
        tape = market.tape(key.symbol, now - now % 60)
        series = FlowSeries(
            key.symbol,
            source,
            Period.INTRADAY,
            np.array([line.label for line in lines]),
            values,
            last_valid=float(reply.last_valid) if source == "opend" and reply.last_valid is not None else None,
        )
        turnover = Turnover(tape.turnover, float(tape.time), tape.price)
        received = now + chance.uniform(0, 0.3)
        judged = as_kept(judge(series, calendar(), turnover=turnover, previous=held, received=received))
        poll += 1
        wall = milliseconds(received + 0.7 + chance.uniform(0, 0.02))
        old = states[-1].turnover if states else None
        state = state_of(held, judged, poll=poll, wall=wall, turnover=turnover, old_turnover=old)
        if state is None:
            states[-1] = replace(states[-1], same=states[-1].same + 1, same_received=judged.received, same_wall=wall)
        else:
            states.append(state)
            held = judged
        now += every + chance.uniform(-0.05, 0.4)
    assert held is not None
    return states, held


def _values(lines: list[tuple[float, ...]], source: str, *, cents: bool) -> Floats:
    found = np.full((6, len(lines)), np.nan)
    table = np.array(lines).T
    if source == "longport":
        found[NET] = np.round(table[0] * 1.0137 + 0.37 * np.arange(len(lines)), 2)
        return found
    if cents:
        table[1:] = np.round(table[1:] + np.modf(table[1:] * 0.371)[0], 2)
        table[0] = np.round(table[1:].sum(axis=0), 2)
    found[NET], found[2:] = table[0], table[1:]
    found[MAIN] = found[2] + found[3]
    return found
