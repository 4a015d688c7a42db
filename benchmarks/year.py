"""`make soak-archive`: what a year of 300 symbols in the archive costs a window, and how long it takes to be read.

The archive is made first, as year_archive.py says; then windows on it and on an empty archive are started in turn, each
a process of its own, against one simulator in another. Processor time and wall clock of both; medians of the pairs.
Prints JSON rows as the other benchmarks do. Exit status 1 where a target is missed. `--keep FOLDER` keeps the archive,
and takes the one that is there.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.year_archive import NOW, make_year, sessions_of, symbols_of
from capflow_gui.archive import open_archive
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import ArchiveSettings, OpendSettings, Settings, WatchSettings, save
from capflow_gui.storage.database import Database

ROOT = Path(__file__).resolve().parents[1]
WORKER = Path(__file__).with_name("year_worker.py")
SESSIONS_A_YEAR, EARLY = 250, 20
MOST_START, MOST_MEMORY, MOST_OFF, MOST_STALL_S, MOST_STEP_S, CHECK_S = 1.15, 1.15, 0.10, 0.1, 0.25, 20.0
STEPS = ("symbol", "strip", "page", "pick", "pick_old", "compare", "quality", "days")


class Table:
    """The rows so far, and whether all targets are met."""

    def __init__(self) -> None:
        self.met = True

    def row(
        self, metric: str, ours: float, baseline: float, *, names: tuple[str, str], least: float | None = None
    ) -> None:
        """Print how many times ours goes into the baseline; `names` are the unit and the baseline's."""
        ratio = baseline / ours if ours else float("inf")
        self.met = self.met and (least is None or ratio >= least)
        row = {"metric": metric, "ours": ours, "baseline": baseline, "unit": names[0], "baseline_name": names[1]}
        print(json.dumps(row | {"ratio": ratio, "target": least and round(least, 3)}), flush=True)


@contextmanager
def simulator(symbols: Sequence[Symbol], state: Path) -> Iterator[int]:
    """Its port; the market clock stands at `NOW` when it is started."""
    clock = datetime.fromtimestamp(NOW).astimezone().isoformat()
    words = ["simulate", "--rate-limit", "off", "--clock", clock, "--symbols", ",".join(map(str, symbols))]
    command = [sys.executable, "-m", "capflow_gui", *words, "--data-dir", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["opend"].rpartition(":")[2])
        finally:
            process.terminate()


def profile(folder: Path, port: int, symbols: Sequence[Symbol], retention: ArchiveSettings) -> None:
    """The settings of somebody who watches these symbols."""
    settings = Settings(
        first_run_done=True,
        source="opend",
        opend=OpendSettings(port=port),
        archive=retention,
        watchlist=WatchSettings([str(symbol) for symbol in symbols]),
    )
    save(folder / "config" / "settings.toml", settings)


def started(folder: Path, symbol: Symbol, *more: str) -> dict[str, float]:
    """What a window's process found. What it wrote into the archive is thrown away."""
    archive = folder / "data" / FILE_NAME
    command = [sys.executable, str(WORKER), str(folder), str(symbol), *more]
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"XDG_STATE_HOME": state, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=300, cwd=ROOT, env=environment
        )
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def sizes(table: Table, path: Path, symbols: int, sessions: int, retention: ArchiveSettings) -> None:
    """The size of the file, against what was foretold when the first sessions were there."""
    early = path.with_name("early.db")
    early.unlink(missing_ok=True)
    shown = min(EARLY, sessions)
    Database.open(early, SCHEMA, simulated=True).close()
    with closing(sqlite3.connect(early)) as connection:
        connection.execute("ATTACH ? AS year", (str(path),))
        # The newest are those whose states are kept.
        since = (sessions - shown) * symbols
        for name, day in (("day", "id"), ("final", "day"), ("journal", "day"), ("state", "day"), ("head", "day")):
            connection.execute(f"INSERT INTO {name} SELECT * FROM year.{name} WHERE {day} > ?", (since,))  # noqa: S608
        connection.commit()
        connection.execute("DETACH year")
    with open_archive(early) as archive:
        foretold = archive.forecast(retention)
    early.unlink()
    with open_archive(path) as archive:
        size, now = archive.size(), archive.forecast(retention)
    for when, forecast in ((f"after {shown} sessions", foretold), ("at its end", now)):
        off = max(size, forecast) / min(size, forecast)
        table.row(
            f"size of {sessions} sessions of {symbols} symbols; forecast {when}",
            size / 2**20,
            forecast / 2**20,
            names=("MiB", "forecast"),
        )
        table.met = table.met and off <= 1 + MOST_OFF


def starts(table: Table, year: Path, empty: Path, symbol: Symbol, pairs: int) -> None:
    """Windows on both archives in turn."""
    found = [(started(year, symbol), started(empty, symbol)) for _ in range(pairs)]

    def both(name: str) -> tuple[float, float]:
        ours, baseline = (statistics.median(each[side][name] for each in found) for side in (0, 1))
        return ours, baseline

    names, least = ("s", "empty archive"), 1 / MOST_START
    table.row("start to the list's first paint", *both("painted"), names=names, least=least)
    table.row("start to the first chart with lines", *both("chart"), names=names, least=least)
    table.row("the same, processor time", *both("chart_cpu"), names=names, least=least)
    table.row("the first quarter of a minute, processor time", *both("start_cpu"), names=names)
    table.row("longest pause of the window in it", *both("start_stall"), names=names)
    table.row("memory after it", *both("rss"), names=("MB", "empty archive"), least=1 / MOST_MEMORY)


def view(table: Table, year: Path, symbol: Symbol) -> None:
    """Each step of a look at recorded sessions."""
    found = started(year, symbol, "look")
    for step in STEPS:
        table.row(f"history: {step}", found[step], MOST_STEP_S, names=("s", "limit"), least=1.0)
        table.row(
            f"history: {step}, longest pause", found[f"{step}_stall"], MOST_STALL_S, names=("s", "limit"), least=1.0
        )
    table.row("memory after it", found["rss_after"], found["rss"], names=("MB", "before it"), least=1 / MOST_MEMORY)


def commands(table: Table, year: Path, symbol: Symbol, journals: int) -> None:
    """Commands as users call them, a process each."""
    since = str(sessions_of(symbol.market, journals)[0].day)
    for name, words, limit in (
        ("archive info", ["archive", "info"], 5.0),
        ("archive verify", ["archive", "verify"], 180.0),
        ("export a symbol", ["export", str(symbol)], 10.0),
        ("export a session of all", ["export", "--from", since, "--to", since, "*"], 10.0),
        (f"check-rule, {journals} sessions", ["check-rule", "*: net <= -100M", "--from", since], CHECK_S),
    ):
        command = [sys.executable, "-m", "capflow_gui", *words, "--data-dir", str(year / "data")]
        command += ["--config-dir", str(year / "config")]
        began = time.monotonic()
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment)
        took = time.monotonic() - began
        table.met = table.met and done.returncode == 0
        table.row(f"capflow {name}", took, limit, names=("s", "limit"), least=1.0)


def main() -> int:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=300)
    parser.add_argument("--sessions", type=int, default=SESSIONS_A_YEAR)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    symbols, table, began = symbols_of(arguments.symbols), Table(), time.monotonic()
    usual = ArchiveSettings()
    retention = ArchiveSettings(
        journal_sessions=min(usual.journal_sessions, arguments.sessions),
        final_days=max(round(arguments.sessions * 365 / SESSIONS_A_YEAR), 2),
    )
    with tempfile.TemporaryDirectory(prefix="capflow-year-") as folder:
        year, empty = arguments.keep or Path(folder) / "year", Path(folder) / "empty"
        path = year / "data" / FILE_NAME
        for each in (path.parent, empty / "data"):
            each.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            make_year(path.parent, symbols, arguments.sessions, retention)
            print(f"made in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        Database.open(empty / "data" / FILE_NAME, SCHEMA, simulated=True).close()
        sizes(table, path, len(symbols), arguments.sessions, retention)
        with simulator(symbols, Path(folder) / "simulator") as port:
            for each in (year, empty):
                profile(each, port, symbols, retention)
            starts(table, year, empty, symbols[0], arguments.pairs)
            view(table, year, symbols[0])
        commands(table, year, symbols[0], min(retention.journal_sessions, arguments.sessions))
    print(f"all in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0 if table.met else 1


if __name__ == "__main__":
    sys.exit(main())
