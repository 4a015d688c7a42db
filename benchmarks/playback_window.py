"""What playing a recorded session of 300 symbols at 60 times its speed costs the window: its turns of the event loop.

The archive holds one session of the Hong Kong market, polled once a minute: five times as often as OpenD lets 300
symbols be. A few simulated days stand under many names there, each polled at moments of its own. The simulator is a
process of its own, and the window goes on asking it. See playback_window_worker.py for what is counted.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec

from benchmarks.year import profile, simulator
from benchmarks.year_archive import MADE, POLL_S, Template, market_of, rows_of, template
from capflow_gui.archive.codec import encode_states
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.settings import ArchiveSettings
from capflow_gui.storage.database import Database

ROOT = Path(__file__).resolve().parents[1]
WORKER = Path(__file__).with_name("playback_window_worker.py")
SYMBOLS, SIMULATED, SECONDS = 300, 10, 20.0
LIMIT_MS = 16.0


def polled_later(made: Template, by: float) -> Template:
    """The same day, each reply of which came so many seconds later."""
    states = [
        msgspec.structs.replace(
            state,
            received=state.received + by,
            wall=state.wall + by,
            same_received=None if state.same_received is None else state.same_received + by,
            same_wall=None if state.same_wall is None else state.same_wall + by,
        )
        for state in made.states
    ]
    return replace(made, states=states, journal_body=encode_states(states[:-1]))


def fill(path: Path, symbols: list[Symbol]) -> None:
    """The session of every symbol."""
    Database.open(path, SCHEMA, simulated=True).close()
    market = market_of(symbols)
    days = [template(market, symbol) for symbol in symbols[:SIMULATED]]
    with closing(sqlite3.connect(path)) as connection, connection:
        for number, symbol in enumerate(symbols):
            made = polled_later(days[number % SIMULATED], POLL_S * number / len(symbols))
            for name, row in rows_of(number + 1, symbol, made.day, made, kept=True, looked=False).items():
                connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608


def played(folder: Path, symbol: Symbol) -> dict[str, float]:
    """What the window's process found."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state")}
    done = subprocess.run(
        [sys.executable, str(WORKER), str(folder), str(symbol), str(MADE), str(SECONDS)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
        cwd=ROOT,
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print a JSON row each."""
    symbols = [Symbol(Market.HK, str(6_000 + number)) for number in range(SYMBOLS)]
    with tempfile.TemporaryDirectory(prefix="capflow-playback-") as name:
        folder = Path(name)
        (folder / "data").mkdir()
        fill(folder / "data" / FILE_NAME, symbols)
        with simulator(symbols, folder / "simulator") as port:
            profile(folder, port, symbols, ArchiveSettings())
            found = played(folder, symbols[0])
    print(f"playback_window: {json.dumps(found)}", file=sys.stderr)
    what = f"{SYMBOLS} symbols played at 60×: a turn of the window that did something, processor"
    for name, target in (("p50", None), ("p99", 1.0), ("max", None)):
        row = {"metric": f"{what}, {name}", "ours": found[name], "unit": "ms", "baseline": LIMIT_MS}
        row |= {"baseline_name": "limit", "ratio": LIMIT_MS / found[name], "target": target}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
