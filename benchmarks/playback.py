"""Playback and dry runs: a recorded day at full speed, and a rule over 60 sessions of 300 symbols in a file.

The naive dry run plays every day. Days are of the simulated market, polled every 30 s. In the file a few of them stand
under many names: to make 18,000 takes longer than to try a rule on them. What is measured is processor time: nothing is
waited for but the disk, and other programs slow none of it.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive import open_archive
from capflow_gui.archive.codec import encode_final
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.playback.player import Player
from capflow_gui.playback.recording import Recording
from capflow_gui.storage.database import Database
from tests.unit.playback.recorded import CALENDAR, recorded, simulated_polls

RULE = parse_rule("*: net <= -100M")
SESSIONS, SYMBOLS = 60, 300
MADE = ("700.HK", "9988.HK", "3690.HK", "981.HK", "941.HK")
FIRST = date(2022, 3, 1)
ROUNDS = 25


def made(name: str, session: date) -> Recording:
    symbol = Symbol.parse(name)
    day, polls = simulated_polls(symbol, session=session)
    return recorded(polls, day, DayKey("opend", symbol, session))


def median(what: Callable[[], object], rounds: int) -> float:
    """Seconds of one call, of the processor."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        what()
        found.append(time.process_time() - began)
    return statistics.median(found)


def play(recording: Recording) -> int:
    """How many events there were; none is kept, as `capflow replay` keeps none."""
    player = Player([recording], calendar=CALENDAR, rules=RuleTable(rules=[RULE]))
    events = 0
    while not player.is_over:
        events += len(player.step_minute())
    return events


def fill(path: Path, recordings: list[Recording]) -> None:
    """Closed sessions of every symbol."""
    sessions = [day for n in range(200) if (day := CALENDAR.day(Market.HK, FIRST + timedelta(n))) is not None]
    closing_days = [(each, encode_final(each.states, each.key, each.day)) for each in recordings]
    Database.open(path, SCHEMA, simulated=True).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for number in range(SESSIONS * SYMBOLS):
            session, symbol = sessions[number // SYMBOLS].day, f"{1 + number % SYMBOLS}.HK"
            each, final = closing_days[number % len(closing_days)]
            periods = json.dumps(each.day.periods)
            row = (number + 1, symbol, session.isoformat(), "opend", each.day.zone, periods, 0, 0, "HKD", 0)
            counts = (len(each.states), 0, each.start, each.states[-1].received, 1, len(each.states), 0)
            connection.execute(f"INSERT INTO day VALUES ({', '.join('?' * 17)})", row + counts)  # noqa: S608
            connection.execute("INSERT INTO final VALUES (?, ?)", (number + 1, final))


def tried(path: Path) -> int:
    """How often the rule would have fired."""
    with open_archive(path) as archive:
        days = archive.finals()
        return sum(each.outcome is Outcome.RAISED for day in days for each in dry_run(RULE, *day))


def main() -> None:
    """Print a JSON row each."""
    day = made("AAPL.US", date(2022, 6, 8))
    ours = median(lambda: play(day), ROUNDS) * 1e3
    row = {
        "metric": f"a recorded day of one symbol played at max, {len(day.states)} states",
        "ours": ours,
        "unit": "ms of processor",
    }
    row |= {"baseline": 50.0, "baseline_name": "limit"}
    print(json.dumps(row | {"ratio": 50.0 / ours, "target": 1.0}), flush=True)
    recordings = [made(name, date(2022, 6, number)) for name in MADE for number in (8, 9)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        fill(path, recordings)
        ours = median(lambda: tried(path), 3)
    naive = sum(median(lambda each=each: play(each), 3) for each in recordings) / len(recordings) * SESSIONS * SYMBOLS
    row = {
        "metric": f"a rule tried on {SESSIONS} sessions of {SYMBOLS} symbols",
        "ours": ours,
        "unit": "s of processor",
    }
    played = {"baseline": naive, "baseline_name": "every day played", "ratio": naive / ours, "target": 20.0}
    print(json.dumps(row | played), flush=True)
    row |= {"metric": f"{row['metric']}, against the limit", "baseline": 20.0, "baseline_name": "limit"}
    print(json.dumps(row | {"ratio": 20.0 / ours, "target": 1.0}), flush=True)


if __name__ == "__main__":
    main()
