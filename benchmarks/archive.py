"""The archive: storing what a poll said, against writing all lines of the day anew each time; and loading a day.

A reply is the whole day so far, and changes one or two lines of it. Ours and the baseline store the same replies of the
simulated market in the same kind of file (WAL, synchronous NORMAL); processor time, for disks differ. As the writer
does, ours stores what came meanwhile in one transaction; the baseline stores each reply when it comes. Its work grows
with the lines so far, ours does not: early in the day there is less to win.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from capflow_gui.archive import open_archive
from capflow_gui.archive.heads import Heads, Reply
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.domain.flow import MAIN, NET, FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.validation import judge
from capflow_gui.paths import resource
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.market.universe import build_universe
from capflow_gui.storage.database import Database

SESSION = date(2022, 6, 8)
SYMBOLS = 40
LOADED = 500
EVERY_S = 30.0
POLLS = 80
_TABLE = """
    CREATE TABLE line (
        symbol TEXT, session TEXT, source TEXT, label INTEGER, net REAL, main REAL, extra_large REAL, large REAL,
        medium REAL, small REAL, confirmed INTEGER, flags INTEGER, PRIMARY KEY (symbol, session, source, label)
    ) WITHOUT ROWID
"""
_SELECT = """
    SELECT label, net, main, extra_large, large, medium, small, confirmed, flags FROM line
    WHERE symbol = ? AND session = ? AND source = 'opend' ORDER BY label
"""
_UPSERT = """
    INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET net = excluded.net, main = excluded.main, extra_large = excluded.extra_large,
        large = excluded.large, medium = excluded.medium, small = excluded.small, confirmed = excluded.confirmed,
        flags = excluded.flags
"""


def replies(calendar: Calendar, symbol: Symbol, first_minute: int) -> list[FlowSeries]:
    """Judged replies of a symbol, one every 30 seconds."""
    market = SimulatedMarket(build_universe(), find_scenario("default"), 1, calendar)
    day = calendar.day(symbol.market, SESSION)
    if day is None:
        raise LookupError(f"no session on {SESSION}")
    found: list[FlowSeries] = []
    for poll in range(POLLS):
        now = day.open + 60.0 * first_minute + EVERY_S * poll + 3.2
        reply = market.intraday(symbol, now)
        lines = all_lines(reply)
        values = np.full((6, len(lines)), np.nan)
        values[NET] = [line.net for line in lines]
        values[2:] = np.array([line.classes for line in lines]).T
        values[MAIN] = values[2] + values[3]
        labels = np.array([line.label for line in lines])
        series = FlowSeries(symbol, "opend", Period.INTRADAY, labels, values, last_valid=float(reply.last_valid or now))
        previous = found[-1] if found else None
        found.append(judge(series, calendar, turnover=None, previous=previous, received=now))
    return found


def storing(first_minute: int) -> tuple[float, float]:
    """Seconds a poll in the forty minutes from then on: ours, and the baseline."""
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    sent = replies(calendar, Symbol.parse("AAPL.US"), first_minute)
    keys = [
        DayKey("opend", Symbol.parse(f"C{chr(65 + number // 26)}{chr(65 + number % 26)}.US"), SESSION)
        for number in range(SYMBOLS)
    ]
    day = calendar.day(keys[0].symbol.market, SESSION)
    if day is None:
        raise LookupError(f"no session on {SESSION}")
    with tempfile.TemporaryDirectory() as folder:
        database, heads = Database.open(Path(folder) / "archive.db", SCHEMA, simulated=True), Heads()
        rows = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", _TABLE):
            rows.execute(statement)
        ours, baseline = [], []
        for number, series in enumerate(sent):
            reply = Reply(series, series.received or 0.0, None, day, "USD", assumed=False)
            began = time.thread_time()
            heads.store(database, {key: [reply] for key in keys}, [])
            ours.append((time.thread_time() - began) / SYMBOLS)
            if number % 4 == 0:
                began = time.thread_time()
                upsert(rows, [keys[number % SYMBOLS]], series)
                baseline.append(time.thread_time() - began)
        rows.close()
        database.close()
    return statistics.median(ours), statistics.median(baseline)


def upsert(rows: sqlite3.Connection, keys: Sequence[DayKey], series: FlowSeries) -> None:
    """Write every line of a reply of each symbol, all in one transaction."""
    rows.execute("BEGIN IMMEDIATE")
    for key in keys:
        names = str(key.symbol), key.session.isoformat(), key.source
        lines = zip(
            series.timestamps.tolist(),
            *series.values.tolist(),
            series.confirmed.astype(int).tolist(),  # sqlite3 is slower with bools
            series.line_flags.tolist(),
            strict=True,
        )
        rows.executemany(_UPSERT, [(*names, *line) for line in lines])
    rows.execute("COMMIT")


def loading() -> tuple[float, float]:
    """Seconds for all lines of a day of 500 symbols: ours, and the baseline."""
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    day = calendar.day(Symbol.parse("AAPL.US").market, SESSION)
    if day is None:
        raise LookupError(f"no session on {SESSION}")
    whole = replies(calendar, Symbol.parse("AAPL.US"), 355)[-2:]
    names = [f"C{chr(65 + number // 26)}{chr(65 + number % 26)}.US" for number in range(LOADED)]
    keys = [DayKey("opend", Symbol.parse(name), SESSION) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        rows = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None)
        rows.execute(_TABLE)
        with closing(Database.open(path, SCHEMA, simulated=True)) as database:
            sent = {
                key: [
                    Reply(replace(series, symbol=key.symbol), 0.0, None, day, "USD", assumed=False) for series in whole
                ]
                for key in keys
            }
            Heads().store(database, sent, [])
            upkeep = Upkeep(database, ArchiveSettings(), lambda _keys: None)
            upkeep.plan()
            while upkeep.is_pending:
                upkeep.step()
        upsert(rows, keys, whole[-1])
        ours, baseline = [], []
        with open_archive(path) as archive:
            for _ in range(15):
                began = time.thread_time()
                found = list(archive.lines(start=SESSION, end=SESSION))
                ours.append(time.thread_time() - began)
                began = time.thread_time()
                plain = [row_by_row(rows, key) for key in keys]
                baseline.append(time.thread_time() - began)
        if [len(series) for _, series in found] != [len(series) for series in plain]:
            raise AssertionError("not the same lines")
        rows.close()
    return statistics.median(ours), statistics.median(baseline)


def row_by_row(rows: sqlite3.Connection, key: DayKey) -> FlowSeries:
    """A series out of one row a line."""
    labels, lines, confirmed, flags = [], [], [], []
    for label, *figures, is_confirmed, line_flags in rows.execute(_SELECT, (str(key.symbol), SESSION.isoformat())):
        labels.append(label)
        lines.append(figures)
        confirmed.append(is_confirmed)
        flags.append(line_flags)
    return FlowSeries(
        key.symbol,
        key.source,
        Period.INTRADAY,
        np.array(labels),
        np.array(lines, float).T,
        session=key.session,
        line_flags=np.array(flags, np.uint16),
        confirmed=np.array(confirmed, np.bool_),
    )


def tell(
    metric: str, times: tuple[float, float], unit: tuple[str, float], *, baseline_name: str, target: int | None
) -> None:
    """Print a row; `times` are seconds of ours and of the baseline, `unit` is a name and how many are a second."""
    (ours, baseline), (name, factor) = times, unit
    row = {
        "metric": metric,
        "ours": ours * factor,
        "baseline": baseline * factor,
        "unit": name,
        "baseline_name": baseline_name,
        "ratio": baseline / ours,
        "target": target,
    }
    print(json.dumps(row))


def main() -> int:
    """Print one JSON line a row."""
    for when, first_minute, target in (
        ("an hour after the open", 60, None),
        ("at noon", 150, None),
        ("before the close", 350, 30),
    ):
        metric = f"store a poll {when}, {SYMBOLS} symbols a transaction"
        tell(
            metric,
            storing(first_minute),
            ("µs of processor", 1e6),
            baseline_name="upsert of all lines so far, a transaction each",
            target=target,
        )
    metric = f"load the lines of {LOADED} symbols of a day"
    tell(metric, loading(), ("ms of processor", 1e3), baseline_name="row by row", target=30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
