"""Archive files with days of the simulated market in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from capflow_gui.archive.heads import Heads, Reply
from capflow_gui.archive.model import DayKey, Gap, State, apply
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database

from .recorded import day_of, market_day

SESSION, DAY_BEFORE = date(2026, 6, 10), date(2026, 6, 9)
TENCENT, MOBILE = "700.HK", "941.HK"


def replies_of(key: DayKey, states: Sequence[State]) -> list[Reply]:
    """Every poll that the states tell of, the first of those that said the same and the last."""
    found: list[Reply] = []
    series: FlowSeries | None = None
    for state in states:
        series = apply(key, series, state)
        found.append(Reply(series, state.wall, state.turnover, day_of(key), "HKD", assumed=True))
        if state.same_received is not None and state.same_wall is not None:
            again = replace(series, received=state.same_received)
            found.append(Reply(again, state.same_wall, state.turnover, day_of(key), "HKD", assumed=True))
    return found


def record(
    path: Path, *days: tuple[DayKey, Iterable[Reply]], gaps: Iterable[Gap] = (), simulated: bool = False
) -> None:
    """Store the replies as a writer does."""
    with closing(Database.open(path, SCHEMA, simulated=simulated)) as database:
        assert Heads().store(database, {key: list(replies) for key, replies in days}, gaps) == []


def compact(path: Path, *, simulated: bool = False) -> None:
    """Keep every session that is over as such."""
    with closing(Database.open(path, SCHEMA, simulated=simulated)) as database:
        upkeep = Upkeep(database, ArchiveSettings(journal_sessions=1000, final_days=36_500), lambda _keys: None)
        upkeep.plan()
        while upkeep.is_pending:
            upkeep.step()


def forget_states(path: Path) -> None:
    """Keep the final lines alone, as of old sessions."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in ("state", "head", "journal"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours


def whole_day(symbol: str, session: date = SESSION, source: str = "opend") -> tuple[DayKey, list[Reply]]:
    """A day of the simulated market, polled every three minutes."""
    key = DayKey(source, Symbol.parse(symbol), session)
    return key, replies_of(key, market_day(symbol, session, source=source, every=180.0)[0])


def running() -> tuple[DayKey, list[Reply]]:
    """A session that is not over."""
    key, replies = whole_day(MOBILE)
    return key, replies[:70]


def damage(path: Path, statement: str, *values: object) -> None:
    """Change the file past everybody who knows how."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)
