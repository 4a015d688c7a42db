"""Recorded sessions of the current symbol: asked of the archive, kept while they are few; and which one is shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from capflow_gui.domain.alert import TURNOVER_AGE_S
from capflow_gui.domain.flow import HARMLESS, FlowSeries
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import full_day, long_day
from capflow_gui.present.recorded_words import (
    WAITING,
    no_session,
    nothing_before,
    nothing_yet,
    session_damaged,
    session_gone,
    undated_words,
)
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.ports import ListedSessions, RecordedDays, RecordedSession, Start

if TYPE_CHECKING:
    from capflow_gui.archive.bars import Totals
    from capflow_gui.archive.model import DamagedEntry, DayKey, DaySummary  # after the first paint

_KEPT = 32
_FRESH_S = 5.0
_LIST = "summaries"


@dataclass(frozen=True, slots=True, eq=False)
class OtherSession:
    """A session whose net is drawn behind the one shown; `compared`: it is looked at as much."""

    name: str
    series: FlowSeries
    day: TradingDay
    compared: bool


class RecordedView(QObject):
    """What is recorded of a symbol, and which session of it is shown: `date`, None for the live one.

    `other` is the date of the session compared with it, `ghost` whether the session before is drawn behind it.
    `changed` is emitted when any of these changes, or an answer has come.
    """

    changed = Signal()

    def __init__(self, days: RecordedDays | None, start: Start | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._days = days
        self._start = start
        self._waiting: dict[object, Callable[[], None]] = {}
        self._failed: set[object] = set()
        self._sessions: OrderedDict[DayKey, RecordedSession | None] = OrderedDict()
        self._summaries: dict[date, list[DaySummary]] = {}
        self._asked_at: float | None = None
        self._totals: Totals | None = None
        self._others: dict[tuple[DayKey, bool], OtherSession] = {}
        self.symbol: Symbol | None = None
        self.date: date | None = None
        self.other: date | None = None
        self.ghost = False
        self._line: int | None = None
        self._gone: set[date] = set()
        self._damaged: frozenset[date] = frozenset()
        self._undated = 0  # damaged entries that do not say of which session they are
        self.error = self._list_error = ""

    # which one is shown

    def show_date(self, day: date | None, line: int | None = None) -> None:
        """Show a recorded session, or (None) the live one; the line of a label is to be pointed at once it is there."""
        self._line = line
        if day is None:
            self.other = None
        if day == self.other:
            self.other = None
        if day != self.date:
            self.date = day
            self.changed.emit()

    def take_line(self) -> int | None:
        """The label to point at, once."""
        line, self._line = self._line, None
        return line

    def compare(self, day: date | None) -> None:
        """Draw another session behind the one shown; the same again, or None, ends it."""
        self.other = None if day in (self.other, self.date) else day
        self.changed.emit()

    def set_ghost(self, on: bool) -> None:
        """Draw the session before behind the one shown, or not."""
        if on != self.ghost:
            self.ghost = on
            self.changed.emit()

    def stepped(self, sessions: int, live: date | None) -> date | None:
        """The date so many recorded sessions before (negative) or after the one shown; None is the live one."""
        dates = [day for day in self.dates() if live is None or day < live]
        place = next((at for at, day in enumerate(dates) if self.date is not None and day >= self.date), len(dates))
        place = max(place + sessions, 0)
        return dates[place] if place < len(dates) else None

    # what there is

    def set_symbol(self, symbol: Symbol | None) -> None:
        """Whose sessions are wanted; the date stays, so that a list can be looked through on one day."""
        if symbol == self.symbol:
            return
        self.symbol = symbol
        self.rest()
        self._summaries.clear()
        self._gone.clear()
        self._damaged, self._undated = frozenset(), 0
        self._totals, self._asked_at, self.error, self._list_error = None, None, "", ""
        self.other = self._line = None
        if symbol is not None:
            self._ask_summaries(symbol)

    def tick(self, mono_now: float) -> None:
        """A second passed: what is recorded grows while the window is open. `mono_now` in monotonic seconds."""
        if self._asked_at is None:
            self._asked_at = mono_now
        elif mono_now - self._asked_at >= _FRESH_S and self.symbol is not None:
            self._asked_at = mono_now
            self._ask_summaries(self.symbol)

    def dates(self) -> list[date]:
        """The recorded sessions, ascending, those too of which nothing can be read."""
        return sorted({*self._summaries, *self._damaged})

    def is_damaged(self, day: date) -> bool:
        """Whether a session was recorded, and what says so cannot be read: there is nothing to show."""
        return day in self._damaged and day not in self._summaries

    @property
    def fault(self) -> str:
        """What of the list cannot be read, beside the days that are damaged; empty where all of it can."""
        return self._list_error or (undated_words(self._undated) if self._undated else "")

    def missing(self, symbol: Symbol, day: date) -> str:
        """Why there are no lines of a session."""
        if self.error:
            return self.error
        if self.is_damaged(day):
            return session_damaged(symbol, day)
        if self.listing or self.summary(day) is not None:
            return _(WAITING)
        return session_gone(symbol, day) if day in self._gone else no_session(symbol, day)

    def nothing(self, symbol: Symbol) -> str:
        """Why there is no session to choose."""
        return self.fault or (_(WAITING) if self.listing else nothing_yet(symbol))

    def none_before(self, symbol: Symbol) -> str:
        """Why there is no session before the one shown."""
        return self.fault or (_(WAITING) if self.listing else nothing_before(symbol))

    @property
    def listing(self) -> bool:
        """Whether it is not known yet what is recorded."""
        return _LIST in self._waiting

    def has_before(self, day: date | None) -> bool:
        """Whether a session before that of `day` is recorded."""
        return day is not None and any(each < day for each in self._summaries)

    def summary(self, day: date | None, source: str = "") -> DaySummary | None:
        """What is known of a session: of the source named, else of the one that has most."""
        found = self._summaries.get(day) if day is not None else None
        if not found:
            return None
        return max(found, key=lambda each: (each.complete, each.key.source == source, each.last_received))

    def session(self, day: date | None, source: str = "") -> RecordedSession | None:
        """A session with its lines; None while it is on its way, or where there is none."""
        summary = self.summary(day, source)
        if summary is None:
            return None
        kept = self._sessions.get(summary.key)
        if kept is None or kept.summary.last_received != summary.last_received:
            self._ask_session(summary.key)
            return self._sessions.get(summary.key)
        self._sessions.move_to_end(summary.key)
        return kept

    def behind(self, day: TradingDay | None, source: str) -> OtherSession | None:
        """The session drawn behind that of `day`: the one compared, else the ghost of the one before."""
        if day is None:
            return None
        wanted = self.other
        if wanted is None and self.ghost:
            wanted = max((each for each in self._summaries if each < day.day), default=None)
        found = self.session(wanted, source) if wanted != day.day else None
        if wanted is None or found is None:
            return None
        key = found.summary.key, self.other is not None
        kept = self._others.get(key)
        if kept is None or kept.series is not found.series:
            self._others.clear()
            kept = OtherSession(long_day(wanted), found.series, found.summary.day, key[1])
            self._others[key] = kept
        return kept

    def totals(self) -> Totals | None:
        """The last line of every recorded session, and what cannot be read; None while they are on their way."""
        if self._totals is None and self.symbol is not None and self._days is not None:
            days, symbol = self._days, self.symbol
            self._ask("totals", lambda: days.totals(symbol), self._take_totals)
        return self._totals

    # asking

    def _ask(self, what: object, job: Callable[[], object], take: Callable[..., bool]) -> None:
        if self._start is None or what in self._waiting or what in self._failed:
            return
        self._waiting[what] = lambda: None  # an answer may come at once

        def done(answer: object) -> None:
            self._waiting.pop(what, None)
            failed_before, self.error = self.error, ""
            if what == _LIST:
                failed_before, self._list_error = failed_before or self._list_error, ""
            if take(answer) or failed_before:
                self.changed.emit()

        def failed(error: Exception) -> None:
            self._waiting.pop(what, None)
            self._failed.add(what)  # until it is asked for again: who paints would ask for ever
            self.error = error_sentence(error) if isinstance(error, CapflowError) else _("Details are in the log.")
            if what == _LIST:
                self._list_error = self.error
            self.changed.emit()

        cancel = self._start(job, done, failed)  # type: ignore[arg-type]
        if what in self._waiting:
            self._waiting[what] = cancel

    def _ask_summaries(self, symbol: Symbol) -> None:
        self._failed.clear()
        if self._days is not None:
            days = self._days
            self._ask(_LIST, lambda: days.sessions(symbol), self._take_summaries)

    def _ask_session(self, key: DayKey) -> None:
        if self._days is not None:
            days = self._days
            self._ask(key, lambda: days.session(key), lambda found: self._take_session(key, found))

    def _take_summaries(self, found: ListedSessions) -> bool:
        """What is recorded now; False where it is what is known."""
        before, self._summaries = self._summaries, {}
        known_before = self._damaged, self._undated
        days = [_date_of(each) for each in found.damaged]
        self._damaged, self._undated = frozenset(filter(None, days)), days.count(None)
        for summary in found.summaries:
            self._summaries.setdefault(summary.key.session, []).append(summary)
        if _complete(self._summaries) != _complete(before) or known_before != (self._damaged, self._undated):
            self._totals = None
        if self._summaries.keys() != before.keys():
            self._gone = (self._gone | before.keys()) - self._summaries.keys()
        return self._summaries != before or known_before != (self._damaged, self._undated)

    def _take_session(self, key: DayKey, found: RecordedSession | None) -> bool:
        if found is None:  # deleted meanwhile
            left = [each for each in self._summaries.pop(key.session, []) if each.key != key]
            if left:
                self._summaries[key.session] = left
            else:
                self._gone.add(key.session)
            return True
        # The day as it was when it was read: another reply may have come since the list was made.
        listed = self._summaries.get(key.session, [])
        self._summaries[key.session] = [found.summary if each.key == key else each for each in listed]
        self._sessions[key] = found
        self._sessions.move_to_end(key)
        while len(self._sessions) > _KEPT:
            self._sessions.popitem(last=False)
        return True

    def _take_totals(self, found: Totals) -> bool:
        self._totals = found
        return True

    def rest(self) -> None:
        """Wait for nothing more."""
        for cancel in self._waiting.values():
            cancel()
        self._waiting.clear()


def _date_of(entry: DamagedEntry) -> date | None:
    try:
        return date.fromisoformat(entry.session)
    except ValueError:
        return None


def _complete(summaries: dict[date, list[DaySummary]]) -> dict[DayKey, bool]:
    return {each.key: each.complete for listed in summaries.values() for each in listed}


def recorded_row(live: Row, session: RecordedSession) -> Row:
    """The row of a recorded session, as the chart takes it: final figures, no threshold, nothing that runs."""
    summary, series, turnover = session.summary, session.series, session.turnover
    known = turnover is not None and len(series) > 0 and turnover.at + TURNOVER_AGE_S >= series.timestamps[-1]
    return replace(
        live,
        source=summary.key.source,
        currency=summary.currency,
        currency_assumed=summary.assumed,
        series=series,
        day=summary.day,
        quote=None,
        freshness=Freshness.CLOSED if summary.complete else Freshness.PREVIOUS_SESSION,
        flagged=bool(series.flags & ~HARMLESS),
        error=None,
        age_s=None,
        polled_at=None,
        next_poll_at=None,
        threshold=None,
        alert=None,
        instead_of=None,
        calibration=None,
        class_flow=None,
        distribution=None,
        prices=session.prices,
        turnover=turnover.amount if turnover is not None and known else None,
    )


def session_title(day: date) -> str:
    """How the chart's caption names a recorded session."""
    return _("{day}, recorded").format(day=full_day(day))
