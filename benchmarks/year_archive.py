"""A year of recorded sessions in a file, for benchmarks/year.py.

Each symbol has one day of the simulated market, polled every minute (five times as often as OpenD lets 300 be), that
was stored and compacted by the archive's own code. Its other sessions are the days of other symbols of its market under
its name: to simulate each of 75,000 days takes hours. So the figures of two symbols and of two sessions of a symbol
differ, and so do their sizes; but after some months the days of a market come again. In the sessions of the first
`LOOKED_AT` symbols, which are looked at, the times inside are moved to the session's date and the day is encoded anew;
elsewhere lines, states, and trading periods stay those of the first date.
The session that runs is the symbol's own day again, recorded by the archive's writer until shortly before `NOW`.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from capflow_gui.archive import open_archive
from capflow_gui.archive.codec import encode_final_day, encode_state, encode_states
from capflow_gui.archive.heads import Heads, Reply
from capflow_gui.archive.model import DayKey, FinalDay, State
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.archive.writer import ArchiveWriter
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.validation import judge
from capflow_gui.paths import resource
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.market.universe import build_universe, named_listings
from capflow_gui.storage.database import Database

NOW = datetime.fromisoformat("2026-06-10T14:30:00+08:00").timestamp()
MADE = date(2026, 6, 8)
SOURCE, POLL_S, AWAY_S = "opend", 60.0, 1800.0
PROCESSES, LOOKED_AT = 2, 2
MARKETS = (Market.HK, Market.US, Market.SH)
_BATCH = 1000
Rows = dict[str, tuple[Any, ...]]
_CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
_CURRENCIES = {Market.HK: "HKD", Market.US: "USD", Market.SH: "CNY"}


@dataclass(frozen=True, slots=True)
class Template:
    """A day as the archive gave it back once it was compacted, and as it is encoded."""

    day: TradingDay
    states: list[State]
    final: FinalDay
    journal_body: bytes
    final_body: bytes


def symbols_of(count: int) -> list[Symbol]:
    """So many of three markets: those that have a name, and made-up ones."""
    left_out = {"6666.HK", "1234.HK", "883.HK"}  # not permitted, halted, frozen at times
    named = [each.symbol for each in named_listings() if each.has_flow and str(each.symbol) not in left_out]
    found: list[Symbol] = []
    for place, market in enumerate(MARKETS):
        wanted = count // len(MARKETS) + (place < count % len(MARKETS))
        made = (Symbol(market, _code(market, number)) for number in range(wanted))
        found += [*(each for each in named if each.market is market), *made][:wanted]
    return found


def _code(market: Market, number: int) -> str:
    if market is Market.US:
        return f"C{chr(65 + number // 26)}{chr(65 + number % 26)}"
    return str((600_600 if market is Market.SH else 6_000) + number)


def market_of(symbols: Sequence[Symbol]) -> SimulatedMarket:
    """The market that `capflow simulate` plays of these symbols."""
    return SimulatedMarket(build_universe(symbols), find_scenario("default"), 1, _CALENDAR)


def replies(market: SimulatedMarket, symbol: Symbol, day: TradingDay, until: float) -> Iterator[Reply]:
    """Judged replies from the open until twenty minutes after the close, or `until`."""
    before: FlowSeries | None = None
    at, end = day.open + 1.0, min(day.close + 1200.0, until)
    while at <= end:
        shown = market.intraday(symbol, at)
        flows = np.zeros((4, 0)) if shown.day is None else shown.day.flows[:, : shown.finals].astype(float)
        tail = np.array([line.classes for line in shown.tail], float).reshape(-1, 4).T
        classes = np.hstack([flows, tail])
        values = np.vstack([classes.sum(0), classes[0] + classes[1], classes])
        labels = np.append(day.labels()[: flows.shape[1]], [line.label for line in shown.tail]).astype(np.int64)
        raw = FlowSeries(symbol, SOURCE, Period.INTRADAY, labels, values, last_valid=float(shown.last_valid or at))
        tape = market.tape(symbol, at)
        turnover = Turnover(tape.turnover, float(tape.time), tape.price) if tape.turnover > 0 else None
        before = judge(raw, _CALENDAR, turnover=turnover, previous=before, received=at)
        yield Reply(before, at, turnover, day, _CURRENCIES[symbol.market], assumed=False)
        at += POLL_S


def template(market: SimulatedMarket, symbol: Symbol) -> Template:
    """A symbol's day, stored and compacted in a file of its own."""
    day = _CALENDAR.day(symbol.market, MADE)
    assert day is not None
    with tempfile.TemporaryDirectory() as folder:
        path, key = Path(folder) / FILE_NAME, DayKey(SOURCE, symbol, MADE)
        with closing(Database.open(path, SCHEMA, simulated=True)) as database:
            Heads().store(database, {key: list(replies(market, symbol, day, NOW))}, [])
            upkeep = Upkeep(database, ArchiveSettings(), lambda _keys: None)
            upkeep.plan()
            while upkeep.is_pending:
                upkeep.step()
        with open_archive(path) as archive:
            recorded = archive.day(symbol, MADE)
            assert recorded is not None
            assert recorded.summary.complete
            states, final = recorded.states(), recorded.final()
    return Template(day, states, final, encode_states(states[:-1]), encode_final_day(final))


def moved_states(states: list[State], by: int) -> list[State]:
    """The states of a day that began so many seconds later."""
    return [
        msgspec.structs.replace(
            state,
            received=state.received + by,
            wall=state.wall + by,
            last_valid=None if state.last_valid is None else state.last_valid + by,
            turnover=None if state.turnover is None else state.turnover._replace(at=state.turnover.at + by),
            labels=state.labels + by,
            same_received=None if state.same_received is None else state.same_received + by,
            same_wall=None if state.same_wall is None else state.same_wall + by,
        )
        for state in states
    ]


def moved_final(day: FinalDay, by: int) -> FinalDay:
    """The final lines of a day that began so many seconds later."""
    series, moments = day.series, day.moments
    assert series.received is not None
    later = msgspec.structs.replace(
        series,
        timestamps=series.timestamps + by,
        received=series.received + by,
        last_valid=None if series.last_valid is None else series.last_valid + by,
    )
    seen = replace(moments, received=moments.received + by, turnover_at=moments.turnover_at + by)
    return replace(day, series=later, moments=seen, labels=day.labels + by)


def sessions_of(market: Market, count: int) -> list[TradingDay]:
    """The newest so many whole sessions before `NOW` that are over, ascending."""
    last = _CALENDAR.now(market, NOW).last_day.day
    usual = _CALENDAR.day(market, MADE)
    assert usual is not None
    found: list[TradingDay] = []
    for ago in range(count * 2 + 10):
        day = _CALENDAR.day(market, last - timedelta(ago))
        if day is not None and day.minutes == usual.minutes and day.close + 3600 < NOW and len(found) < count:
            found.append(day)
    return found[::-1]


def rows_of(number: int, symbol: Symbol, day: TradingDay, made: Template, *, kept: bool, looked: bool) -> Rows:
    """The rows of one closed day by table, as the archive's upkeep leaves them."""
    by = day.open - made.day.open if looked else 0
    (last,) = moved_states(made.states[-1:], by)
    received = last.received if last.same_received is None else last.same_received
    edges = [(begin + by, end + by) for begin, end in made.day.periods]
    facts = (day.zone, json.dumps(edges), day.half, day.assumed, _CURRENCIES[symbol.market], False)
    counts = (last.poll + last.same, sum(state.same for state in made.states), made.states[0].received + by, received)
    identity = (number, str(symbol), day.day.isoformat(), SOURCE)
    rows: Rows = {"day": (*identity, *facts, *counts, True, len(made.states), False)}
    rows["final"] = (number, encode_final_day(moved_final(made.final, by)) if looked else made.final_body)
    if kept:
        body = encode_states(moved_states(made.states[:-1], by)) if looked else made.journal_body
        rows["journal"] = (number, body)
        again = (last.same, last.same_received, last.same_wall)
        rows["state"] = (number, len(made.states), encode_state(last), *again)
    return rows


def fill(path: Path, symbols: list[Symbol], share: tuple[int, int], sessions: int, journals: int) -> None:
    """Write the closed sessions of every second (third, …) symbol, session by session as time would."""
    place, of = share
    mine, market = symbols[place::of], market_of(symbols)
    made = {symbol: template(market, symbol) for symbol in mine}
    alike = {each: [symbol for symbol in mine if symbol.market is each] for each in MARKETS}
    days = {each: sessions_of(each, sessions) for each in MARKETS}
    # Counted as the upkeep does it: a date is a session, whichever markets are open.
    with_states = sorted({day.day for each in days.values() for day in each})[-journals:]
    with closing(sqlite3.connect(path, timeout=120.0, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        waiting: list[Rows] = []
        for session in range(sessions):
            for number, symbol in enumerate(mine):
                same = alike[symbol.market]
                other = same[(same.index(symbol) + session) % len(same)]
                identity = session * len(symbols) + number * of + place + 1
                day, looked = days[symbol.market][session], symbol in symbols[:LOOKED_AT]
                kept = day.day in with_states
                waiting.append(rows_of(identity, symbol, day, made[other], kept=kept, looked=looked))
            if len(waiting) >= _BATCH or session == sessions - 1:
                _write(connection, waiting)
                waiting.clear()


def _write(connection: sqlite3.Connection, rows: list[Rows]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for table in ("day", "final", "journal", "state"):
        some = [each[table] for each in rows if table in each]
        if some:
            places = ", ".join("?" * len(some[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", some)  # noqa: S608 - names of ours
    connection.execute("COMMIT")


def record_today(path: Path, symbols: list[Symbol], share: tuple[int, int]) -> None:
    """Have the writer record the sessions that run at `NOW`, of every second (third, …) symbol."""
    place, of = share
    market = market_of(symbols)
    running = [symbol for symbol in symbols[place::of] if _CALENDAR.now(symbol.market, NOW).last_day.close > NOW]
    # What the upkeep has to do then is the window's: none of it is done here.
    retention = ArchiveSettings(journal_sessions=10_000, final_days=36_500)
    for begin in range(0, len(running), 10):
        writer = ArchiveWriter(path, simulated=True, retention=retention)
        writer.start(lambda _news: None)
        for symbol in running[begin : begin + 10]:
            day = _CALENDAR.now(symbol.market, NOW).last_day
            for reply in replies(market, symbol, day, NOW - AWAY_S):
                facts = {"turnover": reply.turnover, "currency": reply.currency, "assumed": reply.assumed}
                writer.record(reply.series, wall=reply.wall, day=day, **facts)
        writer.close()


def make_year(folder: Path, symbols: list[Symbol], sessions: int, retention: ArchiveSettings) -> Path:
    """Make the archive of a profile with so many sessions over and one that runs. Returns its path.

    The states of one session more are there than are kept: the first reply of a session makes those of another old.
    """
    path = folder / FILE_NAME
    Database.open(path, SCHEMA, simulated=True).close()
    shares = [(place, PROCESSES) for place in range(PROCESSES)]
    journals = retention.journal_sessions
    with ProcessPoolExecutor(PROCESSES) as pool:
        for job in [pool.submit(fill, path, symbols, share, sessions, journals) for share in shares]:
            job.result()
        for job in [pool.submit(record_today, path, symbols, share) for share in shares]:
            job.result()
    return path
