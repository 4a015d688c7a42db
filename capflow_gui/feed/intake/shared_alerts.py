"""Alerts that a desk's collector raised: kept beside the profile's own, and acknowledged for everybody.

What happens to one is told once, as of an own rule: its sound is heard and the profile's channels are sent it. Snoozing
one is the window's own matter: nobody else is told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Protocol

from capflow_gui.domain.alert_record import AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.source import Source
from capflow_gui.providers.base import PushedAlert, Pushing
from capflow_gui.reason import Code

_ORDER = (AlertState.ACTIVE, AlertState.CLEARED, AlertState.ENDED)


class Records(Protocol):
    """All that the profile knows and keeps: alerts.records."""

    def newest_first(self) -> tuple[AlertRecord, ...]:
        """Every record."""

    def get(self, number: str) -> AlertRecord | None:
        """The record of an id, where there is one."""

    def keep(self, record: AlertRecord) -> None:
        """Add a record, or replace the one of its id."""

    def note(self, event: AlertEvent) -> None:
        """Have somebody told what happened to a record."""


class SharedAlerts:
    """Those of every source that pushes.

    now(source)      market now of a source
    tell(events)     something happened to an alert, that nobody was told here
    changed(symbols) a record is new or has changed
    """

    def __init__(
        self,
        sources: Iterable[Source],
        records: Records,
        now: Callable[[str], float],
        tell: Callable[[Iterable[AlertEvent]], None],
        changed: Callable[[Iterable[Symbol]], None],
    ) -> None:
        self._records = records
        self._now = now
        self._tell = tell
        self._changed = changed
        self._desks: dict[str, Pushing] = {}
        for source in sources:
            if source.pushing is not None:
                self._desks[source.name] = source.pushing
                source.pushing.on_alert(partial(self._came, source.name))

    def acknowledge(self, ids: Collection[str] | None) -> None:
        """Acknowledge for everybody those of `ids` that are not yet; None: all that are not snoozed here."""
        for record in self._records.newest_first() if self._desks else ():
            desk = self._desks.get(record.desk)
            meant = not record.snoozed if ids is None else record.id in ids
            if desk is not None and meant and not record.acknowledged:
                desk.acknowledge(record)

    def _came(self, desk: str, alert: PushedAlert) -> None:
        record = replace(alert.record, desk=desk, snoozed_until=None, snoozes=0)
        held = self._records.get(record.id)
        # Of thousands that are over the newest are in memory: what was told of the others the source remembers.
        told = alert.before if held is None else held
        is_news = alert.fresh and (told is None or _is_further(record, told))
        if held is not None:
            if not held.desk:
                return  # a rule of this profile raised the very same
            if not _follows(record, held):
                return  # it is further here already
            record = _with_what_is_here(record, held)
            if record == held:
                return
        self._records.keep(record)
        self._changed((record.symbol,))
        if is_news:
            event = self._event(alert, record)
            self._records.note(event)
            self._tell([event])

    def _event(self, alert: PushedAlert, record: AlertRecord) -> AlertEvent:
        value = None if record.cannot_judge else record.value
        time = None if record.cannot_judge else record.line_time
        facts = record.threshold, record.reason, record.late
        return AlertEvent(self._now(record.desk), alert.change, record, time, value, *facts)


def _with_what_is_here(record: AlertRecord, held: AlertRecord) -> AlertRecord:
    """What the desk says of an alert, with what this window alone knows: an acknowledgement that is on its way."""
    by = record if (record.seen, bool(record.seen_by)) >= (held.seen, bool(held.seen_by)) else held
    acknowledged = replace(record, seen=by.seen, seen_by=by.seen_by, seen_at=by.seen_at)
    return replace(acknowledged, snoozed_until=held.snoozed_until, snoozes=held.snoozes)


def _follows(record: AlertRecord, held: AlertRecord) -> bool:
    return _progress(record) >= _progress(held) or _was_doubted(held)


def _is_further(record: AlertRecord, held: AlertRecord) -> bool:
    """Whether nobody was told of it here. One that was ended without need, and stands again, was told."""
    return record.told > held.told if _was_doubted(held) else _progress(record) > _progress(held)


def _was_doubted(record: AlertRecord) -> bool:
    """Whether it was ended only because the rules of a collector that took over did not hold it at first."""
    return record.reason is not None and record.reason.code is Code.JUDGED_AGAIN


def _progress(record: AlertRecord) -> tuple[int, int]:
    """How far the life of an alert is: what is no further was told before."""
    return _ORDER.index(record.state), record.told
