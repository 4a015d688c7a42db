"""Reads an archive file beside whoever records to it, and writes nothing.

For the window, the commands, and for programs of users: `capflow_gui.archive.open_archive`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy.typing as npt

from capflow_gui.archive.bodies import Bodies
from capflow_gui.archive.codec import decode_finals, decode_many_last_lines
from capflow_gui.archive.heads import key_of, trading_day
from capflow_gui.archive.model import DamagedEntry, DayKey, DaySummary, FinalDay, Gap, Outage, State
from capflow_gui.archive.schema import FILE_NAME, SCHEMA, count, file_beside, first_date, moment
from capflow_gui.domain.flow import COLUMNS, FlowSeries
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, StorageError
from capflow_gui.paths import shown
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import DAMAGE, check_whole, connect_to_read, log_size, why_not

_BUSY_S = 5.0
Read = TypeVar("Read")
_ENTRIES = """
    SELECT id, source, symbol, session, zone, periods, half, day_assumed, currency, assumed, polls, unchanged,
        first_received, last_received, complete, EXISTS (SELECT 1 FROM state WHERE day = id) FROM day
"""
# Of the newest sessions that are over: how many there are, and the mean bytes a session of states and of lines.
_RECENT = """
    WITH newest AS (
        SELECT session FROM day WHERE NOT open AND EXISTS (SELECT 1 FROM journal WHERE day = id)
        GROUP BY session ORDER BY session DESC LIMIT 20
    )
    SELECT count(DISTINCT session), sum(length(journal.body)) / count(DISTINCT session),
        sum(length(final.body)) / count(DISTINCT session)
    FROM day JOIN journal ON journal.day = id JOIN final ON final.day = id WHERE session IN newest
"""
_BODIES = """
    SELECT (SELECT total(length(body)) FROM state) + (SELECT total(length(body)) FROM head)
        + (SELECT total(length(body)) FROM journal) + (SELECT total(length(body)) FROM final)
"""
_OUTAGES = "SELECT source, symbol, start, end, reason FROM outage WHERE start >= ? AND start < ?"
_SESSIONS_A_YEAR = 250
_USUAL_STATES, _USUAL_LINES = 21_000, 9_000  # bytes on disk of a symbol's session
_FINALS = "SELECT final.day, final.body FROM final JOIN day ON id = final.day WHERE NOT open AND id IN ({})"
_DATES = "SELECT DISTINCT session FROM day"
_NAMES = "SELECT id, source, symbol, session FROM day"
_DAYS_AT_ONCE = 512


@dataclass(frozen=True, slots=True, eq=False)
class RecordedDay:
    """One session of a symbol at a source. It stays as it was read, also when the archive is closed.

    series     the newest lines, judged: amounts are running totals since the open
    simulated  a simulator said it
    outages    when no rule on the symbol could be judged at its source
    """

    summary: DaySummary
    series: FlowSeries
    simulated: bool
    _bodies: Bodies
    outages: Sequence[Outage] = ()

    def states(self) -> list[State]:
        """What each reply changed, in order; none where the final lines alone are kept. Raises StorageError."""
        return self._bodies.states()

    def final(self) -> FinalDay:
        """The lines, and what a rule saw of them. Raises StorageError."""
        return self._bodies.final_day(self.summary.day)

    def as_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The lines as (n,) arrays: timestamp (UTC epoch seconds), the figures (NaN: missing), provisional, flags."""
        series = self.series
        return {
            "timestamp": series.timestamps,
            **dict(zip(COLUMNS, series.values, strict=True)),
            "provisional": ~series.confirmed,
            "flags": series.line_flags,
        }

    def as_frame(self) -> Any:
        """The lines as a pandas DataFrame, by exchange time; `attrs` says whose they are. Raises ImportError."""
        import pandas as pd  # noqa: PLC0415 - is there for those who want it

        arrays = self.as_arrays()
        stamps = pd.to_datetime(arrays.pop("timestamp"), unit="s", utc=True).tz_convert(self.summary.day.zone)
        frame = pd.DataFrame(arrays, index=stamps.rename("time"))
        frame.attrs |= facts_of(self)
        return frame


def facts_of(day: RecordedDay) -> dict[str, Any]:
    """Whose lines they are and what the figures mean, in plain types."""
    summary = day.summary
    return {
        "symbol": str(summary.key.symbol),
        "source": summary.key.source,
        "session": summary.key.session.isoformat(),
        "zone": summary.day.zone,
        "currency": summary.currency,
        "currency_assumed": summary.assumed,
        "cumulative": True,
        "simulated": day.simulated,
    }


class Archive:
    """An open archive file. Use it in one thread at a time; several may be open. Close it, or use it with `with`.

    What cannot be read raises StorageError; a single row that is damaged is left out of lists.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, simulated: bool) -> None:
        self.path = path
        self.simulated = simulated
        self._connection = connection

    def __enter__(self) -> Archive:
        """The archive itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file. What was read stays."""
        self._connection.close()

    def sessions(
        self,
        symbol: Symbol | str | None = None,
        source: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        *,
        damaged: Callable[[DamagedEntry], object] | None = None,
    ) -> list[DaySummary]:
        """What is recorded, ascending by session; `start` and `end` are exchange dates, both included.

        `damaged` is told each entry that is left out. One whose symbol or session is not readable is not found by it.
        """
        return [summary for _, summary in self._days(_just(symbol), source, start, end, damaged)]

    def newest(self, end: date | None = None) -> date | None:
        """The date of the newest session, up to that of `end`; None where nothing is recorded."""
        where, given = _where(None, None, None, end)
        with self._reading() as connection:
            return first_date(connection.execute(f"{_DATES}{where} ORDER BY session DESC", given))

    def sources(self) -> list[str]:
        """The names of the sources of which something is recorded."""
        with self._reading() as connection:
            return sorted(str(source) for (source,) in connection.execute("SELECT DISTINCT source FROM day"))

    def day(self, symbol: Symbol | str, session: date | str, source: str | None = None) -> RecordedDay | None:
        """One session; None where it is not recorded. Of several sources, the one that was asked most often."""
        found = self._days(_just(symbol), source, session, session)
        if not found:
            return None
        number, summary = max(found, key=lambda each: each[1].polls)
        with self._reading() as connection:
            bodies = Bodies.read(connection, summary.key, number)
        if bodies is None:
            return None
        key, day = summary.key, summary.day
        outages = [each for each in self.outages(day.open, day.close, key.symbol) if each.source == key.source]
        return RecordedDay(summary, bodies.series(), self.simulated, bodies, outages)

    def finals(
        self,
        symbols: Iterable[Symbol] | None = None,
        source: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        *,
        unread: Callable[[DaySummary, Reason], object] | None = None,
        damaged: Callable[[DamagedEntry], object] | None = None,
    ) -> Iterator[tuple[DaySummary, FinalDay]]:
        """What a rule saw on each day, one after the other, ascending by session.

        Days that cannot be read are left out; `unread` is told each, and why, and `damaged` as by `sessions`.
        """
        days = dict(self._days(symbols, source, start, end, damaged))
        keys = [(number, each.key) for number, each in days.items()]

        def read(number: int, bodies: Bodies) -> FinalDay:
            return bodies.final_day(days[number].day)

        def tell(number: int, why: Reason) -> None:
            if unread is not None:
                unread(days[number], why)

        for number, _, final in self._newest(keys, decode_finals, read, tell):
            yield days[number], final

    def lines(
        self,
        symbols: Iterable[Symbol] | None = None,
        source: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        *,
        unread: Callable[[DayKey], object] = lambda _key: None,
    ) -> Iterator[tuple[DayKey, FlowSeries]]:
        """The newest lines of each day, in the quickest way. Days share memory: of one that is kept, keep a copy.

        Days that cannot be read are left out, and told to `unread`.
        """
        where, given = _where(symbols, source, start, end)
        with self._reading() as connection:
            rows = connection.execute(f"{_NAMES}{where} ORDER BY session, symbol, source", given).fetchall()
        days = [(number, key) for number, *names in rows if (key := _key(*names)) is not None]
        keys = dict(days)

        def read(_number: int, bodies: Bodies) -> FlowSeries:
            return bodies.series()

        for _, key, series in self._newest(days, decode_many_last_lines, read, lambda number, _: unread(keys[number])):
            yield key, series

    def gaps(self, start: float, end: float) -> list[Gap]:
        """When nothing was watched between two market times (UTC epoch seconds), ascending."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT source, start, end FROM gap WHERE start < ? AND end > ? ORDER BY start, source", (end, start)
            ).fetchall()
        found = []
        for source, begin, until in rows:
            with contextlib.suppress(StorageError):  # a damaged row
                found.append(Gap(str(source), moment(begin), moment(until)))
        return found

    def outages(self, start: float, end: float, symbol: Symbol | None = None) -> list[Outage]:
        """Those that began to be said between two market times (UTC epoch seconds), ascending."""
        where, given = ("", ()) if symbol is None else (" AND symbol = ?", (str(symbol),))
        with self._reading() as connection:
            rows = connection.execute(
                f"{_OUTAGES}{where} ORDER BY start, symbol, source", (start, end, *given)
            ).fetchall()
        found = []
        for source, name, begin, until, reason in rows:
            with contextlib.suppress(CapflowError, ValueError):  # a damaged row
                ended = None if until is None else moment(until)
                found.append(Outage(source, Symbol.parse(str(name)), moment(begin), ended, Reason.from_json(reason)))
        return found

    def size(self) -> int:
        """Bytes on disk, what is not yet in the file itself included. Raises StorageError."""
        try:
            return self.path.stat().st_size + log_size(self.path)
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def forecast(self, retention: ArchiveSettings) -> int:
        """Bytes on disk once everything is there that `retention` keeps, going by the newest sessions."""
        with self._reading() as connection:
            recent, states, lines = connection.execute(_RECENT).fetchone()
            bodies = connection.execute(_BODIES).fetchone()[0]
            pages, free, page = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            days, there = connection.execute("SELECT count(*), count(DISTINCT session) FROM day").fetchone()
        sessions = retention.final_days * _SESSIONS_A_YEAR / 365
        if not there:
            return self.size()
        if not recent:  # no session is over: by the symbols a session, and what one takes
            states, lines = _USUAL_STATES * days / there, _USUAL_LINES * days / there
        overhead = (pages - free) * page / bodies if recent else 1.0
        return int(overhead * (states * min(retention.journal_sessions, sessions) + lines * sessions))

    def count(self) -> int | None:
        """How many symbol-days its list names; None where the list cannot be read."""
        try:
            with self._reading() as connection:
                return int(connection.execute("SELECT count(*) FROM day").fetchone()[0])
        except StorageError:
            return None

    def verify(self, tell: Callable[[int, int], None] = lambda _done, _days: None) -> Iterator[Reason]:
        """Read everything, and name what is damaged, in the file and of each session that its list still names.

        `tell` is called with how many symbol-days are read, and of how many.
        """
        try:
            with self._reading() as connection:
                pages = [str(row[0]) for row in connection.execute("PRAGMA quick_check") if row[0] != "ok"]
            if pages:
                yield Reason.of(Code.FILE_BROKEN, path=shown(self.path), why=_first(pages))
        except StorageError as error:
            yield error.reason
        try:
            with self._reading() as connection:
                rows = connection.execute(f"{_NAMES} ORDER BY session, symbol, source").fetchall()
        except StorageError:
            return  # what was said of the file says it
        for done, (number, source, symbol, session) in enumerate(rows):
            tell(done, len(rows))
            for fault in self._faults(number, source, symbol, session):
                yield Reason.of(
                    Code.DAY_DAMAGED, source=str(source), symbol=str(symbol), session=str(session), what=fault
                )

    def _faults(self, number: int, source: str, symbol: str, session: str) -> list[Reason]:
        try:
            key = key_of(source, symbol, session)
            with self._reading() as connection:
                entry = connection.execute(f"{_ENTRIES} WHERE id = ?", (number,)).fetchone()
                bodies = Bodies.read(connection, key, number)
            day = None if entry is None else _summary(entry[1:]).day
        except StorageError as error:
            pages = error.reason.code is Code.FILE_BROKEN
            return [Reason.of(Code.PAGES_DAMAGED) if pages else Reason.of(Code.ENTRY_DAMAGED)]
        return [] if bodies is None or day is None else bodies.faults(day)

    def _newest(
        self,
        days: Sequence[tuple[int, DayKey]],
        decode: Callable[[Sequence[tuple[DayKey, bytes]]], Iterable[Read | None]],
        read: Callable[[int, Bodies], Read],
        unread: Callable[[int, Reason], object] = lambda _number, _why: None,
    ) -> Iterator[tuple[int, DayKey, Read]]:
        """Read the final lines of days where they are the newest and sound, and else all that is kept of a day.

        Of a day that cannot be read `unread` is told why.
        """
        for begin in range(0, len(days), _DAYS_AT_ONCE):
            some = days[begin : begin + _DAYS_AT_ONCE]
            with self._reading() as connection:
                finals = dict(connection.execute(_FINALS.format(", ".join(str(number) for number, _ in some))))
            decoded = decode([(key, finals.get(number, b"")) for number, key in some])
            for (number, key), found in zip(some, decoded, strict=True):
                if found is not None:
                    yield number, key, found
                    continue
                try:
                    with self._reading() as connection:
                        bodies = Bodies.read(connection, key, number)
                    whole = None if bodies is None else read(number, bodies)
                except StorageError as error:
                    unread(number, error.reason)
                    continue
                if whole is not None:
                    yield number, key, whole

    def _days(
        self,
        symbols: Iterable[Symbol] | None,
        source: str | None,
        start: date | str | None,
        end: date | str | None,
        damaged: Callable[[DamagedEntry], object] | None = None,
    ) -> list[tuple[int, DaySummary]]:
        """The days with their ids."""
        where, given = _where(symbols, source, start, end)
        with self._reading() as connection:
            rows = connection.execute(f"{_ENTRIES}{where} ORDER BY session, symbol, source", given).fetchall()
        found = []
        for number, *row in rows:
            try:
                found.append((number, _summary(tuple(row))))
            except StorageError:
                if damaged is not None:
                    damaged(DamagedEntry(*map(str, row[:3])))
        return found

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """What is read inside is of one moment. Raises StorageError."""
        try:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.rollback()
        except sqlite3.Error as error:
            raise _unreadable(self.path, error) from error


def _key(source: str, symbol: str, session: str) -> DayKey | None:
    try:
        return key_of(source, symbol, session)
    except StorageError:
        return None


def _just(symbol: Symbol | str | None) -> list[Symbol] | None:
    """Raises InvalidInput for a text that is no symbol."""
    return None if symbol is None else [Symbol.parse(symbol) if isinstance(symbol, str) else symbol]


def _where(
    symbols: Iterable[Symbol] | None, source: str | None, start: date | str | None, end: date | str | None
) -> tuple[str, list[str]]:
    given = {"source = ?": source, "session >= ?": start, "session <= ?": end}
    said = {condition: str(value) for condition, value in given.items() if value is not None}
    conditions, values = list(said), list(said.values())
    if symbols is not None:
        names = sorted({str(symbol) for symbol in symbols})
        conditions.append(f"symbol IN ({', '.join('?' * len(names))})")
        values += names
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values


def open_archive(path: Path | str, *, simulated: bool | None = None) -> Archive:
    """Open the archive of a profile to read it.

    `path` is the profile's data folder, or a file. Of a folder whose own file this version may not read, or, where
    `simulated` says of which kind it must be, whose file is of the other kind, the file beside it is opened that was
    recorded instead. Raises StorageError; code NOTHING_RECORDED where there is no such file.
    """
    place = file = Path(path)
    try:
        if place.is_dir():
            file = place / FILE_NAME
        return _opened(file, simulated)
    except OSError as error:
        raise _unreadable(file, error) from error
    except StorageError as error:
        if error.reason.code not in (Code.FILE_NEWER, Code.FILE_OF_REAL, Code.FILE_OF_SIMULATED):
            raise
        beside = file_beside(file, error.reason.code, simulated=bool(simulated))
        if not beside.exists():
            raise
        return _opened(beside, simulated)


def _opened(file: Path, simulated: bool | None) -> Archive:
    if not file.exists():
        raise StorageError(Reason.of(Code.NOTHING_RECORDED, path=shown(file)))
    try:
        check_whole(file)
        connection = connect_to_read(file, _BUSY_S)
        try:
            return Archive(file, connection, simulated=_kind(file, connection, simulated))
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise _unreadable(file, error) from error


def _kind(file: Path, connection: sqlite3.Connection, simulated: bool | None) -> bool:
    """Whether a simulator said what is in the file. Raises StorageError where it cannot be used."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    found = connection.execute("SELECT simulated FROM profile").fetchone() if version else None
    if found is None:
        raise StorageError(Reason.of(Code.NOTHING_RECORDED, path=shown(file)))
    if version != SCHEMA.version:
        raise StorageError(Reason.of(Code.FILE_NEWER, path=shown(file)))
    kind = bool(found[0])
    if simulated is not None and kind is not simulated:
        of_simulated = Reason.of(Code.FILE_OF_SIMULATED, path=shown(file))
        raise StorageError(of_simulated if kind else Reason.of(Code.FILE_OF_REAL, path=shown(file)))
    return kind


def _summary(row: tuple[Any, ...]) -> DaySummary:
    """Raises StorageError for a row that is damaged."""
    source, symbol, session, zone, periods, half, day_assumed, currency, assumed, polls, unchanged, *rest = row
    first_received, last_received, complete, journal = rest
    key = key_of(source, symbol, session)
    return DaySummary(
        key,
        trading_day(key, zone, periods, half, day_assumed),
        currency,
        bool(assumed),
        count(polls),
        count(unchanged),
        moment(first_received),
        moment(last_received),
        bool(complete),
        bool(journal),
    )


def _first(pages: Sequence[str]) -> str:
    """The first fault, and how many more there are."""
    return pages[0].strip() + (f"; and {len(pages) - 1} more" if len(pages) > 1 else "")


def _unreadable(path: Path, error: Exception) -> StorageError:
    code = Code.FILE_BROKEN if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE else Code.FILE_UNREADABLE
    return StorageError(Reason.of(code, path=shown(path), why=why_not(path, error)))
