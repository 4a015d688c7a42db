"""An archive by hand: what the window's port answers when exactly these sessions are recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec
import numpy as np

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.bars import Total, Totals
from capflow_gui.archive.model import DamagedEntry, DayKey, DaySummary, Gap, State, state_of
from capflow_gui.domain.flow import NET, Flag, FlowSeries
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.playback.player import Player
from capflow_gui.playback.recording import Recording
from capflow_gui.playback.trial import Trial, TriedDay
from capflow_gui.ui.ports import ListedSessions, RecordedSession
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui import boards

TENCENT = Symbol.parse("700.HK")
# The weekdays before boards.DAY, a Friday; nothing was recorded on the 13th, and not all of the 17th.
DATES = tuple(date(2026, 11, day) for day in (5, 6, 9, 10, 11, 12, 16, 17, 18, 19))


def recorded(
    symbol: Symbol = TENCENT, day: date = date(2026, 11, 19), net: float = -120e6, *, lines: int = 331, seed: int = 0
) -> RecordedSession:
    """A session that ended at `net`; with fewer `lines` it is incomplete. One line was revised, one gap healed."""
    trading = boards.CALENDAR.day(symbol.market, day)
    assert trading is not None
    labels = trading.labels()
    whole = boards.flow(symbol, net, upto=float(trading.close) + 300, seed=seed or day.day)
    # `flow` makes a day of minutes as they were confirmed.
    whole = msgspec.structs.replace(whole, session=day)
    series = cut(whole, lines, float(labels[lines - 1]) + 480)
    states = states_of(series, trading.close)
    summary = DaySummary(
        key=DayKey("opend", symbol, day),
        day=trading,
        currency="HKD",
        assumed=False,
        polls=780,
        unchanged=322,
        first_received=float(trading.open) + 40,
        last_received=float(labels[lines - 1]) + 480,
        complete=lines == len(labels),
        journal=True,
    )
    gap = Gap("opend", float(labels[100]), float(labels[118]))
    return RecordedSession(summary, series, states, (gap,))


def cut(series: FlowSeries, lines: int, received: float) -> FlowSeries:
    """The first lines of a series, all confirmed but the last one of an unfinished day."""
    confirmed = np.ones(lines, np.bool_)
    confirmed[-1] = lines == len(series)
    return FlowSeries(
        series.symbol,
        "opend",
        series.period,
        series.timestamps[:lines].copy(),
        series.values[:, :lines].copy(),
        last_valid=received - 2,
        session=series.session,
        received=received,
        confirmed=confirmed,
    )


def states_of(series: FlowSeries, close: int) -> list[State]:
    """Three replies: a morning whose line of minute 60 is revised, and the whole day."""
    first = cut(series, 90, float(series.timestamps[89]) + 20)
    values = first.values.copy()
    values[:3, 60] += 2.4e6  # net, main, extra-large
    first = msgspec.structs.replace(first, values=values)
    second = cut(series, min(120, len(series)), float(series.timestamps[119]) + 20)
    last = msgspec.structs.replace(series, received=float(close) + 480)
    found, old = [], None
    for number, each in enumerate((first, second, last), 1):
        state = state_of(old, each, poll=number, wall=each.received or 0.0, turnover=None, old_turnover=None)
        assert state is not None
        found.append(state)
        old = each
    return found


def flagged(session: RecordedSession) -> RecordedSession:
    """The same with a line whose classes do not add up."""
    flags = session.series.line_flags.copy()
    flags[200] = Flag.SUM
    series = msgspec.structs.replace(session.series, flags=Flag.SUM, line_flags=flags)
    return RecordedSession(session.summary, series, session.states, session.gaps)


@dataclass
class HandDays:
    """A ui.ports.RecordedDays that answers at once, or with an error."""

    found: dict[DayKey, RecordedSession] = field(default_factory=dict)
    error: CapflowError | None = None
    asked: list[object] = field(default_factory=list)
    damaged: list[DamagedEntry] = field(default_factory=list)

    @classmethod
    def of(cls, sessions: Iterable[RecordedSession]) -> HandDays:
        """An archive of these."""
        return cls({session.summary.key: session for session in sessions})

    def note(self, *what: object) -> None:
        self.asked.append(what)
        if self.error is not None:
            raise self.error

    async def sessions(self, symbol: Symbol) -> ListedSessions:
        self.note("sessions", symbol)
        found = [each.summary for key, each in self.found.items() if key.symbol == symbol]
        return ListedSessions(sorted(found, key=lambda summary: summary.key.session), self.damaged)

    async def session(self, key: DayKey) -> RecordedSession | None:
        self.note("session", key)
        return self.found.get(key)

    async def totals(self, symbol: Symbol) -> Totals:
        self.note("totals", symbol)
        found = [each for key, each in self.found.items() if key.symbol == symbol]
        found.sort(key=lambda each: each.summary.key.session)
        lines = [Total(each.summary.key, each.series.values[:, -1], each.summary.complete) for each in found]
        return Totals(lines, [DayKey(source, symbol, date.fromisoformat(day)) for source, _, day in self.damaged])

    async def companions(self, key: DayKey) -> list[DayKey]:
        self.note("companions", key)
        return [each for each in self.found if each.session == key.session]

    async def recordings(self, keys: Sequence[DayKey]) -> list[Recording]:
        self.note("recordings", *keys)
        found = [(key, self.found[key]) for key in keys if self.found[key].states]
        return [Recording(key, each.summary.day, each.states, "HKD", assumed=False) for key, each in found]

    async def player(self, recordings: Sequence[Recording]) -> Player:
        self.note("player", *[each.key for each in recordings])
        return Player(recordings, calendar=boards.CALENDAR, rules=RuleTable(-100e6))


def minute_by_minute(session: RecordedSession) -> RecordedSession:
    """The same day as it came: a reply a minute, 20 s after each label; the line of minute 60 is revised at 80."""
    found, old = [], None
    for lines in range(1, len(session.series) + 1):
        received = float(session.series.timestamps[lines - 1]) + 20
        new = cut(session.series, lines, received)
        confirmed = np.arange(lines) < lines - 1
        confirmed[-1] = lines == 331
        values = new.values.copy()
        if 60 < lines <= 80:
            values[:3, 60] += 2.4e6  # net, main, extra-large
        new = msgspec.structs.replace(new, confirmed=confirmed, values=values)
        state = state_of(old, new, poll=lines, wall=received, turnover=None, old_turnover=None)
        assert state is not None
        found.append(state)
        old = new
    return RecordedSession(session.summary, session.series, found, session.gaps)


def two_weeks(symbol: Symbol = TENCENT) -> HandDays:
    """DATES, of which the 17th broke off before the close."""
    nets = (40e6, -60e6, 15e6, -90e6, 130e6, -30e6, 75e6, -45e6, 60e6, -120e6)
    return HandDays.of(
        recorded(symbol, day, net, lines=214 if day.day == 17 else 331) for day, net in zip(DATES, nets, strict=True)
    )


def trial(level: float, *, sessions: HandDays | None = None) -> Trial:
    """What a threshold of one symbol would have done in them: an alert at the first line at or below it."""
    days = []
    for session in (sessions or two_weeks()).found.values():
        series, summary = session.series, session.summary
        tried = TriedDay(summary.day, summary.complete, series.timestamps, series.values[NET], symbols=1)
        past = np.flatnonzero(series.values[NET] <= level)[:1].tolist()
        tried.fired = [(int(series.timestamps[at]), float(series.values[NET, at])) for at in past]
        tried.raised = len(past)
        days.append(tried)
    return Trial(days, 1)


def counted_trial(*raised: int, symbols: int = 11) -> Trial:
    """The same of many symbols: how often it would have alerted in each of DATES, from the last one back."""
    trading = [boards.CALENDAR.day(TENCENT.market, day) for day in DATES[-len(raised) :]]
    days = [TriedDay(day, symbols=symbols, raised=count) for day, count in zip(trading, raised, strict=True) if day]
    return Trial(days, symbols)


def a_minute_later(window: MainWindow) -> None:
    """Let the window look again at what is recorded, whether its own timer did before or not."""
    window.recorded.tick(boards.STANDING_S)
    window.recorded.tick(boards.STANDING_S + 60.0)
