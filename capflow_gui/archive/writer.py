"""Records a profile's flow: everything about the file happens in one thread, every four seconds.

What is to be written waits in memory. Where it cannot be written, or not as fast as it comes, the newest reply of each
session waits: it holds the whole day, so that states are lost then, and no lines. Where that lasts for days, the oldest
sessions are left out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from capflow_gui.archive.heads import Heads, Reply
from capflow_gui.archive.model import DayKey, Gap, Outage
from capflow_gui.archive.news import Loaded, News, Trouble
from capflow_gui.archive.schema import SCHEMA, file_beside
from capflow_gui.archive.upkeep import NO_LIMITS, Upkeep
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.errors import StorageError
from capflow_gui.paths import shown
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database

_WRITE_EVERY_S = 4.0  # a transaction costs a millisecond of CPU beside a busy window
_RETRY_S = 5.0
_CLOSE_S = 5.0
# How long the upkeep rests, in times of its last step: the window's thread computes less while this one does.
_REST = 3.0
_MOST_WAITING = 4000
_MOST_GAPS = 1000
_LEFT_ALONE = (Code.FILE_NEWER, Code.FILE_OF_REAL, Code.FILE_OF_SIMULATED)


@dataclass(slots=True)
class _Waiting:
    """What is to be written: `count` replies, _MOST_WAITING at most; `lost_days` sessions of a symbol were left out."""

    replies: dict[DayKey, list[Reply]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    count: int = 0
    lost_days: int = 0

    def __bool__(self) -> bool:
        return bool(self.replies or self.gaps or self.outages)

    def add(self, key: DayKey, reply: Reply) -> None:
        """Put a reply behind those of its session."""
        self.replies.setdefault(key, []).append(reply)
        self.count += 1
        if self.count > _MOST_WAITING:
            self._make_room(key)

    def _make_room(self, key: DayKey) -> None:
        """Keep the last reply alone of this session, or of that with the most; else leave out the oldest session."""
        if len(self.replies[key]) == 1:
            key = max(self.replies, key=lambda each: len(self.replies[each]))
        *before, last = self.replies[key]
        if before:
            polls = {each.series.received for each in before} - {last.series.received}
            self.replies[key] = [last._replace(lost=sum(each.lost for each in (*before, last)) + len(polls))]
            self.count -= len(before)
        else:
            del self.replies[min(self.replies, key=lambda each: each.session)]
            self.count -= 1
            self.lost_days += 1

    def note(self, what: Gap | Outage) -> None:
        """Put a gap or an outage behind the others; of too many, the oldest goes."""
        if isinstance(what, Gap):
            self.gaps = [*self.gaps[-_MOST_GAPS + 1 :], what]
        else:
            self.outages.append(what)
            del self.outages[:-_MOST_WAITING]

    def before(self, later: _Waiting) -> _Waiting:
        """Merge with what came later."""
        for key, replies in later.replies.items():
            for reply in replies:
                self.add(key, reply)
        for gap in later.gaps:
            self.note(gap)
        for outage in later.outages:
            self.note(outage)
        self.lost_days += later.lost_days
        return self


class ArchiveWriter:
    """Writes to one archive file, of simulated or of real sources. Calls neither wait for the disk nor raise."""

    def __init__(
        self, path: Path, *, simulated: bool, retention: ArchiveSettings, keep_days: Mapping[str, int] = NO_LIMITS
    ) -> None:
        self._path = path
        self.simulated = simulated
        self._wake = threading.Condition()
        self._waiting = _Waiting()
        self._is_due = self._is_closing = False
        self._thread: threading.Thread | None = None
        # Of the thread
        self._heads = Heads()
        self._retention = retention
        self._keep_days = keep_days
        self._database: Database | None = None
        self._upkeep: Upkeep | None = None
        self._next_write = self._next_step = 0.0
        self._trouble: Reason | None = None

    def start(self, tell: Callable[[News], None]) -> None:
        """Open the file in a thread, which calls `tell`; what fails is tried again.

        A file that is deleted or replaced meanwhile is opened anew, and what it holds is told.
        """
        self._is_due = True
        self._thread = threading.Thread(target=self._run, args=(tell,), name="archive", daemon=True)
        self._thread.start()

    def record(
        self,
        series: FlowSeries,
        *,
        wall: float,
        turnover: Turnover | None,
        day: TradingDay,
        currency: str,
        assumed: bool,
    ) -> None:
        """Have a judged intraday series written. One `received` when the last was is no new poll: it is judged again.

        wall      when it came, by this computer's clock
        turnover  what it was checked against
        day       its session, and the currency of its amounts; `assumed`: that is the market's own
        """
        if series.session is None:
            return  # never judged
        key = DayKey(series.source, series.symbol, series.session)
        with self._wake:
            self._waiting.add(key, Reply(series, wall, turnover, day, currency, assumed))
            if self._waiting.count == 1:
                self._wake.notify()

    def note(self, what: Gap | Outage) -> None:
        """Have it written that a source was not watched, or that no rule on a symbol can be judged, or could not be."""
        with self._wake:
            self._waiting.note(what)
            self._wake.notify()

    def look(self) -> None:
        """Write what waits now, and retry what failed."""
        with self._wake:
            self._is_due = True
            self._wake.notify()

    def close(self) -> None:
        """Write what waits, and end the thread. Waits for the disk: to be called off the loop."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(_CLOSE_S)

    # In the thread

    def _run(self, tell: Callable[[News], None]) -> None:
        try:
            while self._work(tell):
                pass
        except BaseException as error:
            # The thread ends with it, so that nothing is recorded any more: that is said, too.
            tell(Trouble(Reason.of(Code.FILE_UNWRITABLE, path=shown(self._path), why=repr(error))))
            raise
        finally:
            if self._database is not None:
                self._database.close()

    def _work(self, tell: Callable[[News], None]) -> bool:
        """Wait until there is something to do, and do it; False where it was the last."""
        with self._wake:
            while not (self._is_due or self._is_closing) and (rest := self._rest_s()) != 0.0:
                self._wake.wait(rest)
            asked, closing = self._is_due, self._is_closing
            write = asked or closing or (bool(self._waiting) and time.monotonic() >= self._next_write)
            self._is_due = False
        trouble = self._attempt(tell, asked) if write else self._keep_small(tell)
        if trouble != self._trouble:
            self._trouble = trouble
            tell(Trouble(trouble))
        return not closing

    def _rest_s(self) -> float | None:
        """How long until there is something to do; None: until somebody calls."""
        times = [self._next_write] if self._waiting else []
        if self._upkeep is not None and self._upkeep.is_pending and self._trouble is None:
            times.append(self._next_step)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _attempt(self, tell: Callable[[News], None], asked: bool) -> Reason | None:
        """Open the file if it is not, and write what waits; the reason where something cannot be recorded.

        The upkeep begins at the first look after the opening: the start of a window has enough to do.
        """
        before = self._upkeep
        try:
            found = self._write(self._opened(tell))
            if asked and before is not None and before is self._upkeep:
                before.plan()
        except StorageError as error:
            self._next_write = time.monotonic() + _RETRY_S
            return error.reason
        self._next_write = time.monotonic() + _WRITE_EVERY_S
        return found

    def _keep_small(self, tell: Callable[[News], None]) -> Reason | None:
        """A step of the upkeep; the reason where it failed."""
        began, trouble = time.monotonic(), None
        try:
            if self._upkeep is not None and (news := self._upkeep.step()) is not None:
                tell(news)
        except StorageError as error:
            trouble = error.reason
        ended = time.monotonic()
        self._next_step = ended + _REST * (ended - began)
        return trouble

    def _opened(self, tell: Callable[[News], None]) -> Database:
        database, reopened = self._database, self._database is not None
        if database is not None and database.is_in_place:
            return database
        if database is not None:
            self._database = self._upkeep = None
            database.close()
        self._heads.forget()
        try:
            database, notices = self._open(self._path, checked=reopened), []
        except StorageError as error:
            if error.reason.code not in _LEFT_ALONE:
                raise
            path = file_beside(self._path, error.reason.code, simulated=self.simulated)
            database = self._open(path, checked=reopened)
            notices = [error.reason, Reason.of(Code.RECORDED_BESIDE, path=shown(path))]
        self._upkeep = Upkeep(database, self._retention, self._heads.forget, self._keep_days)
        self._database = database
        tell(Loaded(self._heads.newest(database), (*notices, *database.notices)))
        return database

    def _open(self, path: Path, *, checked: bool) -> Database:
        return Database.open(path, SCHEMA, simulated=self.simulated, checked=checked)

    def _write(self, database: Database) -> Reason | None:
        with self._wake:
            batch, self._waiting = self._waiting, _Waiting()
        if not batch:
            return None
        try:
            faults = self._heads.store(database, batch.replies, batch.gaps, batch.outages)
        except StorageError:
            with self._wake:
                self._waiting = batch.before(self._waiting)
            raise
        lost = sum(reply.lost for replies in batch.replies.values() for reply in replies)
        if lost:
            faults.append(Reason.of(Code.STATES_LOST, polls=lost))
        if batch.lost_days:
            faults.insert(0, Reason.of(Code.DAYS_LOST, days=batch.lost_days))
        return faults[0] if faults else None
