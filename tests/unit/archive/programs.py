"""Programs that record to an archive file, what they send, and what is in the file then."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np

from capflow_gui.archive.codec import decode_state
from capflow_gui.archive.model import DayKey, State, apply
from capflow_gui.archive.news import Loaded, News, Trouble
from capflow_gui.archive.writer import ArchiveWriter
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.reason import Reason
from capflow_gui.settings.types import ArchiveSettings

from .recorded import KEY, calendar

MOBILE = Symbol(Market.HK, "941")


def reply(
    lines: int, received: float, *, symbol: Symbol = KEY.symbol, session: date = KEY.session, newest: float = 0.0
) -> FlowSeries:
    """A judged reply of so many lines; all but the last one are confirmed, and `newest` is on top of that."""
    first = calendar().day(symbol.market, session)
    assert first is not None
    values = np.outer(np.arange(1, 7), 100.0 * np.arange(lines))
    values[1] = values[2] + values[3]
    values[0, -1:] += newest
    return FlowSeries(
        symbol,
        KEY.source,
        Period.INTRADAY,
        first.open + 60 * np.arange(lines),
        values,
        last_valid=received - 1,
        session=session,
        received=received,
        confirmed=np.arange(lines) < lines - 1,
    )


class Program:
    """A writer, and what it told."""

    def __init__(
        self,
        path: Path,
        *,
        simulated: bool = False,
        retention: ArchiveSettings = ArchiveSettings(),  # noqa: B008
    ) -> None:
        self.writer = ArchiveWriter(path, simulated=simulated, retention=retention)
        self._told: queue.SimpleQueue[News] = queue.SimpleQueue()
        self.writer.start(self._told.put)

    def record(self, *replies: FlowSeries) -> None:
        for series in replies:
            assert series.session is not None
            day = calendar().day(series.symbol.market, series.session)
            assert day is not None
            self.writer.record(
                series, wall=(series.received or 0) + 0.5, turnover=None, day=day, currency="HKD", assumed=False
            )

    def next(self) -> News:
        return self._told.get(timeout=10)

    def loaded(self) -> Loaded:
        news = self.next()
        assert isinstance(news, Loaded)
        return news

    def trouble(self) -> Reason | None:
        news = self.next()
        assert isinstance(news, Trouble)
        return news.reason


Opened = Callable[..., Program]


def rows(path: Path, question: str, *arguments: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question, arguments).fetchall()


def states(path: Path, symbol: Symbol = KEY.symbol, session: date = KEY.session) -> list[State]:
    question = "SELECT body FROM state JOIN day ON day = id WHERE symbol = ? AND session = ? ORDER BY number"
    found = rows(path, question, str(symbol), session.isoformat())
    return [decode_state(body) for (body,) in found]  # type: ignore[arg-type]


def kept(path: Path, symbol: Symbol = KEY.symbol, session: date = KEY.session) -> FlowSeries:
    """What the states in the file lead to."""
    series: FlowSeries | None = None
    for state in states(path, symbol, session):
        series = apply(DayKey(KEY.source, symbol, session), series, state)
    assert series is not None
    return series


def polls(path: Path) -> list[tuple[object, ...]]:
    return rows(path, "SELECT polls, unchanged FROM day ORDER BY id")
