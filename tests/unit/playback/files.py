"""Archive files with days to play in them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from capflow_gui.archive.heads import Heads, Reply
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.domain.session import TradingDay
from capflow_gui.storage.database import Database
from tests.unit.playback.recorded import Poll, judged


def keep(data: Path, *days: tuple[TradingDay, Iterable[Poll]], simulated: bool = False) -> None:
    """Record polls in the archive of a profile, as its writer does."""
    data.mkdir(parents=True, exist_ok=True)
    kept: dict[DayKey, list[Reply]] = {}
    for day, each in days:
        polls = list(each)
        key = DayKey(polls[0].raw.source, polls[0].raw.symbol, day.day)
        kept[key] = [
            Reply(series, poll.received, poll.turnover, day, "HKD", assumed=True)
            for poll, series in zip(polls, judged(polls, day), strict=True)
        ]
    with closing(Database.open(data / FILE_NAME, SCHEMA, simulated=simulated)) as database:
        assert Heads().store(database, kept, []) == []
