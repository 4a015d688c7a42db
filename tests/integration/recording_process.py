"""A process that records until it is killed. It says after each transaction which batch is in the file.

python -m tests.integration.recording_process FILE FIRST_BATCH
"""

from __future__ import annotations

import itertools
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from capflow_gui.archive.heads import Heads, Reply
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database

SYMBOLS = 12
LINES = 25
FIRST = date(2022, 6, 8)
SHARES = (4, 2, 1, 1, 1, 1)  # of net, main and the order sizes, which add up


def trading_day(session: date) -> TradingDay:
    """A session from 01:30 UTC of so many minutes that all its lines fit."""
    begin = int(datetime(session.year, session.month, session.day, 1, 30, tzinfo=UTC).timestamp())
    return TradingDay(Market.HK, session, "Asia/Hong_Kong", ((begin, begin + 60 * (LINES - 1)),))


def session_of(batch: int) -> date:
    """The session that a batch belongs to; one of LINES batches each."""
    return FIRST + timedelta(days=batch // LINES)


def reply_of(batch: int, number: int) -> FlowSeries:
    """What the symbol of this number is told in a batch: a line more than in the one before, and another last line."""
    session, lines = session_of(batch), batch % LINES + 1
    labels = trading_day(session).open + 60 * np.arange(lines)
    each = 1000.0 * np.arange(lines) + number
    each[-1] += batch
    values = np.outer(SHARES, each)
    return FlowSeries(
        Symbol(Market.HK, str(number + 1)),
        "opend",
        Period.INTRADAY,
        labels,
        values,
        last_valid=float(labels[-1]),
        session=session,
        received=float(labels[-1] + 5),
        confirmed=np.arange(lines) < lines - (lines < LINES),
    )


def record(database: Database, heads: Heads, batch: int) -> None:
    """One transaction of a reply a symbol."""
    day = trading_day(session_of(batch))
    replies = {}
    for number in range(SYMBOLS):
        series = reply_of(batch, number)
        key = DayKey(series.source, series.symbol, day.day)
        replies[key] = [Reply(series, 1.0, None, day, "HKD", assumed=False)]
    heads.store(database, replies, [])


def main() -> None:
    """Record, compact and remove."""
    database, heads = Database.open(Path(sys.argv[1]), SCHEMA, simulated=True), Heads()
    upkeep = Upkeep(database, ArchiveSettings(journal_sessions=2, final_days=4), heads.forget)
    for batch in itertools.count(int(sys.argv[2])):
        record(database, heads, batch)
        sys.stdout.write(f"{batch}\n")
        sys.stdout.flush()
        if batch % LINES == 0:
            upkeep.plan()
        if upkeep.is_pending:
            upkeep.step()


if __name__ == "__main__":
    main()
