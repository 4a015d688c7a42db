"""Answers questions about recorded sessions and alerts, and writes files a person asks for; off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from capflow_gui.app.request import DEMO, Request
from capflow_gui.errors import StorageError
from capflow_gui.paths import Paths, disk_words, read_document, shown, write_atomically
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import ArchiveSettings
from capflow_gui.ui.ports import ListedSessions, RecordedSession

if TYPE_CHECKING:
    from capflow_gui.alerts.past import PastKey
    from capflow_gui.alerts.rules import RuleTable
    from capflow_gui.app.profile import Profile
    from capflow_gui.archive.bars import Totals
    from capflow_gui.archive.model import DamagedEntry, DayKey, DaySummary, FinalDay
    from capflow_gui.archive.reader import Archive
    from capflow_gui.domain.alert import Rule
    from capflow_gui.domain.alert_record import AlertRecord, AlertSearch, Delivery
    from capflow_gui.domain.measures.usual import UsualChanges
    from capflow_gui.domain.quote import Turnover
    from capflow_gui.domain.session import Calendar
    from capflow_gui.domain.symbol import Symbol
    from capflow_gui.playback.player import Player
    from capflow_gui.playback.recording import Recording
    from capflow_gui.playback.trial import Trial

T = TypeVar("T")
# A file of the other kind holds nothing of what is on screen.
_NOTHING = (Code.NOTHING_RECORDED, Code.FILE_OF_REAL, Code.FILE_OF_SIMULATED)


class ArchivedDays:
    """A ui.ports.RecordedDays over the archive in the folder `data`; the file is open for one question only.

    `simulated` says whether what is on screen is a simulator's, `calendar` and `rules` what is in force.
    """

    def __init__(
        self,
        data: Path,
        simulated: Callable[[], bool],
        calendar: Callable[[], Calendar],
        rules: Callable[[], RuleTable],
    ) -> None:
        self._data, self._simulated, self._calendar, self._rules = data, simulated, calendar, rules

    async def sessions(self, symbol: Symbol) -> ListedSessions:
        """What is recorded of a symbol at all its sources, ascending by session, and what of it is damaged."""
        damaged: list[DamagedEntry] = []
        none: list[DaySummary] = []
        found = await self._ask(lambda archive: archive.sessions(symbol, damaged=damaged.append), none)
        return ListedSessions(found, damaged)

    async def session(self, key: DayKey) -> RecordedSession | None:
        """One session with its states; None where it is not recorded."""
        return await self._ask(lambda archive: _session(archive, key), None)

    async def totals(self, symbol: Symbol) -> Totals:
        """The last line of every session, and what cannot be read."""
        from capflow_gui.archive.bars import Totals  # noqa: PLC0415 - loads numpy: after the first paint

        return await self._ask(lambda archive: _totals(archive, symbol), Totals([]))

    async def companions(self, key: DayKey) -> list[DayKey]:
        """The session itself and those of other symbols that ran at the same time, one a symbol, damaged ones too."""
        return await self._ask(lambda archive: _companions(archive, key), [])

    async def recordings(self, keys: Sequence[DayKey]) -> list[Recording]:
        """What can be played of sessions; those whose states are not kept, or damaged, are left out."""
        return await self._ask(lambda archive: [*filter(None, (_recording(archive, key) for key in keys))], [])

    async def player(self, recordings: Sequence[Recording]) -> Player:
        """A player of recordings, at least one, under the thresholds in force."""
        from capflow_gui.playback.past import usual_of_days  # noqa: PLC0415
        from capflow_gui.playback.player import Player  # noqa: PLC0415 - when the first session is played

        calendar, rules = self._calendar(), self._rules()
        keys = [each.key for each in recordings]
        in_force = {rule for key in keys for rule in rules.rules_for(key.symbol)}
        none: dict[PastKey, UsualChanges] = {}
        usual = await self._ask(lambda archive: usual_of_days(archive, keys, in_force), none)
        return await asyncio.to_thread(lambda: Player(recordings, calendar=calendar, rules=rules, usual=usual))

    async def tried(self, symbols: Collection[Symbol], rule: Rule) -> Trial:
        """What a rule would have done in the last ten sessions of symbols; no more is read once cancelled."""
        from capflow_gui.playback.trial import Trial, try_rule  # noqa: PLC0415 - when the first rule is tried

        going = True
        try:
            return await self._ask(lambda archive: try_rule(archive, symbols, rule, lambda: going), Trial())
        finally:
            going = False

    async def _ask(self, question: Callable[[Archive], T], nothing: T) -> T:
        simulated = self._simulated()

        def answer() -> T:
            from capflow_gui.archive import open_archive  # noqa: PLC0415 - SQLite after the first paint

            try:
                archive = open_archive(self._data, simulated=simulated)
            except StorageError as error:
                if error.reason.code in _NOTHING:
                    return nothing
                raise
            with archive:
                return question(archive)

        return await asyncio.to_thread(answer)


def past_alerts(request: Request, profile: Profile, shown: Callable[[], bool]) -> PastAlerts | None:
    """The alerts that a profile has kept; None where it keeps none."""
    if request.fleeting or profile.demo:
        return None
    return PastAlerts(profile.paths.data, Paths.resolve(DEMO, *request.folders).data, shown)


class PastAlerts:
    """A ui.ports.AlertHistory over the folders of alerts of real sources, and of simulators.

    `shown` says whether what is on screen is a simulator's.
    """

    def __init__(self, real: Path, simulated: Path, shown: Callable[[], bool]) -> None:
        self._folders = {False: real, True: simulated}
        self._simulated = shown

    async def deliveries(self, record: AlertRecord) -> Sequence[Delivery]:
        """What became of every message of an alert. Raises StorageError."""

        def read() -> Sequence[Delivery]:
            from capflow_gui.storage.alert_history import find_alerts  # noqa: PLC0415 - SQLite after the first paint

            return [
                each for found in find_alerts(self._file(record.simulated), [record.id]) for each in found.deliveries
            ]

        return await asyncio.to_thread(read)

    async def search(self, asked: AlertSearch, after: AlertRecord | None) -> Sequence[AlertRecord]:
        """A page of alerts of the kind on screen, newest first. Raises StorageError."""
        file = self._file(self._simulated())

        def read() -> Sequence[AlertRecord]:
            from capflow_gui.storage.alert_history import search_alerts  # noqa: PLC0415 - SQLite after the first paint

            return search_alerts(file, asked, after)

        return await asyncio.to_thread(read)

    def _file(self, simulated: bool) -> Path:
        from capflow_gui.storage.alert_log import FILE_NAME  # noqa: PLC0415

        return self._folders[simulated] / FILE_NAME


def _session(archive: Archive, key: DayKey) -> RecordedSession | None:
    day = archive.day(key.symbol, key.session, key.source)
    if day is None:
        return None
    from capflow_gui.domain.quote import PriceTrack  # noqa: PLC0415 - after the first paint

    hours, states = day.summary.day, day.states()
    known = [state.turnover for state in states] if states else _turnovers(day.final())
    turnover, prices = (known or [None])[-1], PriceTrack.of(known)
    return RecordedSession(day.summary, day.series, states, archive.gaps(hours.open, hours.close), turnover, prices)


def _turnovers(final: FinalDay) -> list[Turnover | None]:
    """What was known of turnover and price at each moment of a final day."""
    from capflow_gui.domain.quote import Turnover  # noqa: PLC0415 - after the first paint

    moments = final.moments
    known = zip(moments.turnover.tolist(), moments.turnover_at.tolist(), moments.price.tolist(), strict=True)
    return [Turnover(amount, at, price) if amount > 0 else None for amount, at, price in known]


def _companions(archive: Archive, key: DayKey) -> list[DayKey]:
    from capflow_gui.archive.heads import key_of  # noqa: PLC0415 - after the first paint

    damaged: list[DamagedEntry] = []
    listed = archive.sessions(start=key.session, end=key.session, damaged=damaged.append)
    summaries = [each for each in listed if each.journal]
    hours = next((each.day for each in summaries if each.key == key), None)
    if hours is None:
        return []
    summaries = [each for each in summaries if each.day.open < hours.close and hours.open < each.day.close]
    # Of two sources the session's own, else the one that was asked more often.
    summaries.sort(key=lambda each: (each.key.source == key.source, each.polls))
    found = {each.key.symbol: each.key for each in summaries}
    for entry in damaged:  # their hours are not known: those of the same market ran then
        with suppress(StorageError):
            lost = key_of(*entry)
            if lost.symbol.market is key.symbol.market:
                found.setdefault(lost.symbol, lost)
    return list(found.values())


def _recording(archive: Archive, key: DayKey) -> Recording | None:
    from capflow_gui.playback.recording import Recording  # noqa: PLC0415 - when the first session is played

    try:
        day = archive.day(key.symbol, key.session, key.source)
        states = [] if day is None else day.states()
    except StorageError:
        return None  # `archive verify` names it
    if day is None or not states:
        return None
    return Recording(key, day.summary.day, states, day.summary.currency, day.summary.assumed, day.outages)


def _totals(archive: Archive, symbol: Symbol) -> Totals:
    from capflow_gui.archive.bars import Total, Totals  # noqa: PLC0415 - loads numpy: after the first paint

    complete = {summary.key for summary in archive.sessions(symbol) if summary.complete}
    damaged: list[DayKey] = []
    listed = archive.lines([symbol], unread=damaged.append)
    newest = ((key, series.values[:, -1].copy()) for key, series in listed if len(series))
    return Totals([Total(key, values, key in complete) for key, values in newest], damaged)


async def save_file(path: str, content: bytes | Callable[[], bytes]) -> None:
    """Write a file in one step, and make its content before; in another thread.

    Raises StorageError where that is not possible, and where making the content raises OSError.
    """

    def write() -> None:
        try:
            write_atomically(Path(path), content if isinstance(content, bytes) else content())
        except OSError as error:
            raise StorageError(Reason.of(Code.FILE_UNWRITABLE, path=shown(Path(path)), why=str(error))) from error

    await asyncio.to_thread(write)


async def archive_room(data: Path, kept: ArchiveSettings) -> tuple[int, int]:
    """A ui.ports.ArchiveRoom over the archive in a profile's data folder."""
    from capflow_gui.archive import open_archive  # noqa: PLC0415 - SQLite after the first paint

    def measure() -> tuple[int, int]:
        with open_archive(data) as archive:
            return archive.size(), archive.forecast(kept)

    return await asyncio.to_thread(measure)


async def read_file(path: str) -> bytes:
    """A whole file. Raises StorageError where that is not possible."""

    def read() -> bytes:
        try:
            return read_document(Path(path))
        except OSError as error:
            why = disk_words(error)
            raise StorageError(Reason.of(Code.FILE_UNREADABLE, path=shown(Path(path)), why=why)) from error

    return await asyncio.to_thread(read)
