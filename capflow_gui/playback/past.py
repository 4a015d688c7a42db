"""What rules need of an archive: earlier sessions to say what is unusual, and the prices of a session so far."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from capflow_gui.alerts.past import NO_PAST, Past, PastKey
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.reader import Archive, open_archive
from capflow_gui.domain.alert import Kind, Rule
from capflow_gui.domain.measures.usual import MOST_SESSIONS, Changes, UsualChanges, changes_of
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.playback.recorded_readings import known_then
from capflow_gui.reason import Code

# Why there is no archive of the kind that is asked for.
NO_ARCHIVE = (Code.NOTHING_RECORDED, Code.FILE_OF_REAL, Code.FILE_OF_SIMULATED)


class RecordedChanges:
    """What a metric changed in so many trading minutes, session after session; each session is read once.

    Raises StorageError where the archive cannot be read.
    """

    def __init__(self, archive: Archive, metric: str, minutes: int) -> None:
        self._archive = archive
        self._of = metric, minutes
        self._days: dict[tuple[str, Symbol], dict[date, TradingDay]] = {}
        self._changes: dict[tuple[str, Symbol], dict[date, Changes]] = {}

    def before(self, key: DayKey) -> UsualChanges:
        """Those of the newest sixty sessions before one; ask for ascending sessions."""
        source, symbol, session = key
        place = source, symbol
        if place not in self._days:
            summaries = self._archive.sessions(symbol, source)
            self._days[place] = {each.key.session: each.day for each in summaries}
        days, known = self._days[place], self._changes.get(place, {})
        wanted = sorted(each for each in days if each < session)[-MOST_SESSIONS:]
        kept = {each: known[each] for each in wanted if each in known}
        missing = [each for each in wanted if each not in kept]
        if missing:
            for (_, _, each), series in self._archive.lines([symbol], source, missing[0], missing[-1]):
                kept[each] = changes_of(series, days[each], *self._of)
        self._changes[place] = kept
        return UsualChanges([kept[each] for each in wanted if each in kept])


def read_past(data: Path, key: PastKey) -> Past:
    """What a rule needs, out of the archive of simulated, or of real sources in a profile's folder.

    Raises StorageError.
    """
    try:
        archive = open_archive(data, simulated=key.simulated)
    except StorageError as error:
        if error.reason.code in NO_ARCHIVE:
            return NO_PAST
        raise
    with archive:
        if key.metric:
            return NO_PAST._replace(usual=usual_changes(archive, key))
        day = archive.day(key.symbol, key.session, key.source)
        return NO_PAST if day is None else NO_PAST._replace(then=known_then(day.final()))


def usual_changes(archive: Archive, key: PastKey) -> UsualChanges:
    """What one UNUSUAL rule is judged by. Raises StorageError."""
    return RecordedChanges(archive, key.metric, key.minutes).before(DayKey(key.source, key.symbol, key.session))


def usual_of_days(archive: Archive, days: Iterable[DayKey], rules: Iterable[Rule]) -> dict[PastKey, UsualChanges]:
    """What some rules are judged by in some sessions. Raises StorageError."""
    unusual = [rule for rule in rules if rule.kind is Kind.UNUSUAL]
    keys = {PastKey(*day, rule.metric, rule.minutes) for day in days for rule in unusual}
    return {key: usual_changes(archive, key) for key in keys}
