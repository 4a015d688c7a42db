"""`make soak-archive`: what a year of 300 symbols in the archive costs a window, and how long it takes to be read.

The archive is made first, as year_archive.py says; then windows on it and on an empty archive are started in turn, each
a process of its own, against one simulator in another. What has a target is processor time, so that a busy machine
misses none; medians of the pairs. Prints JSON rows as the other benchmarks do. Exit status 1 where a target is missed.
`--keep FOLDER` keeps the archive, and takes the one that is there.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
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
SESSIONS_A_YEAR, EARLY, MOST_LOOKS = 250, 20, 3
MOST_START, MOST_MEMORY, MOST_OFF, MOST_PAUSE_S, MOST_STEP_S, MOST_CHECK_S = 1.15, 1.15, 0.10, 0.1, 0.25, 20.0
COMMANDS = {
    "archive info": 5.0,
    "archive verify": 600.0,
    "export {symbol}": 10.0,
    "export {all} --from {since} --to {since}": 10.0,
    "check-rule *:_net_<=_-100M --from {since}": MOST_CHECK_S,
}
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


def started(folder: Path, symbol: Symbol, seconds: float, *more: str) -> dict[str, float]:
    """What a window's process found. It records, too: that is one reply of some symbols a start."""
    command = [sys.executable, str(WORKER), str(folder), str(symbol), str(seconds), *more]
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"XDG_STATE_HOME": state, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=300, cwd=ROOT, env=environment
        )
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


def starts(table: Table, folders: tuple[Path, Path], symbol: Symbol, pairs: int, seconds: float) -> None:
    """Windows on the year's and on the empty archive in turn."""
    found = [[started(folder, symbol, seconds) for folder in folders] for _ in range(pairs)]

    def both(name: str) -> tuple[float, float]:
        ours, baseline = (statistics.median(each[side][name] for each in found) for side in (0, 1))
        return ours, baseline

    names = ("s", "empty archive")
    for name, what, least in (
        ("painted", "first paint of the list", 1 / MOST_START),
        ("chart", "first chart with lines", 1 / MOST_START),
    ):
        table.row(f"start to the {what}, wall clock", *both(name), names=names)
        table.row(f"start to the {what}, processor", *both(f"{name}_cpu"), names=names, least=least)
    table.row(f"the first {seconds:g} s, processor", *both("start_cpu"), names=names)
    table.row("longest pause in them", *both("start_pause"), names=names)
    table.row("memory after them", *both("memory"), names=("MB", "empty archive"), least=1 / MOST_MEMORY)
    table.row("symbols with figures then", *both("with_figures"), names=("", "empty archive"))


def view(table: Table, year: Path, symbol: Symbol, looks: int, seconds: float) -> None:
    """Each step of some looks at recorded sessions."""
    seen = [started(year, symbol, seconds, "look") for _ in range(looks)]
    found = {name: statistics.median(each[name] for each in seen) for name in seen[0]}
    names = ("s", "limit")
    for step in STEPS:
        table.row(f"{step}, wall clock", found[step], MOST_STEP_S, names=names)
        table.row(f"{step}, processor", found[f"{step}_cpu"], MOST_STEP_S, names=names, least=1.0)
        table.row(f"{step}, longest pause", found[f"{step}_pause"], MOST_PAUSE_S, names=names, least=1.0)
    after, before = found["memory_after"], found["memory"]
    table.row("memory after it", after, before, names=("MB", "before it"), least=1 / MOST_MEMORY)


def commands(table: Table, year: Path, symbols: Sequence[Symbol], journals: int) -> None:
    """Commands as users call them, a process each."""
    since = str(sessions_of(symbols[0].market, journals)[0].day)
    for name, limit in COMMANDS.items():
        words = name.format(symbol=symbols[0], since=since, all=" ".join(map(str, symbols))).split(" ")
        words = [word.replace("_", " ") for word in words]
        command = [sys.executable, "-m", "capflow_gui", *words, "--data-dir", str(year / "data")]
        command += ["--config-dir", str(year / "config")]
        began, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment)
        took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        table.met = table.met and done.returncode == 0
        spent = after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime
        table.row(f"capflow {name}, wall clock", took, limit, names=("s", "limit"))
        table.row(f"capflow {name}, processor", spent, limit, names=("s", "limit"), least=1.0)


def main() -> int:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=300)
    parser.add_argument("--sessions", type=int, default=SESSIONS_A_YEAR)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long a start is")
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
                profile(each, port, symbols, usual)
            if arguments.pairs:
                starts(table, (year, empty), symbols[0], arguments.pairs, arguments.seconds)
            view(table, year, symbols[0], min(arguments.pairs, MOST_LOOKS) or 1, arguments.seconds)
        commands(table, year, symbols, min(retention.journal_sessions, arguments.sessions))
    print(f"all in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0 if table.met else 1


if __name__ == "__main__":
    sys.exit(main())
