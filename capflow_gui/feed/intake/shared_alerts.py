"""Alerts that a desk's collector raised: shown beside the window's own, and acknowledged for everybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from operator import attrgetter

from capflow_gui.domain.alert_record import AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.source import Source
from capflow_gui.providers.base import PushedAlert, Pushing

_DAY_S = 86_400.0
_ORDER = (AlertState.ACTIVE, AlertState.CLEARED, AlertState.ENDED)


class SharedAlerts:
    """By id, of every source that pushes. They are kept by the desk, and by no file of this profile.

    now()            market now
    tell(events)     something happened to an alert, that nobody was told here
    changed(symbols) a record is new or has changed
    """

    def __init__(
        self,
        sources: Iterable[Source],
        now: Callable[[], float],
        tell: Callable[[Iterable[AlertEvent]], None],
        changed: Callable[[Iterable[Symbol]], None],
    ) -> None:
        self._now = now
        self._tell = tell
        self._changed = changed
        self._records: dict[str, AlertRecord] = {}
        self._of: dict[str, Pushing] = {}
        for pushing in (source.pushing for source in sources if source.pushing is not None):
            pushing.on_alert(lambda alert, pushing=pushing: self._came(alert, pushing))  # type: ignore[misc]

    def joined(self, own: tuple[AlertRecord, ...]) -> tuple[AlertRecord, ...]:
        """The window's own records and those of the desk, newest first: of the last day, and what stands."""
        if not self._records:
            return own
        since = self._now() - _DAY_S
        shared = [each for each in self._records.values() if each.standing or each.raised_at >= since]
        return tuple(sorted((*own, *shared), key=attrgetter("raised_at"), reverse=True))

    def standing(self, symbol: Symbol) -> AlertRecord | None:
        """What a row says of the desk's alerts: one that waits first."""
        found = [each for each in self._records.values() if each.symbol == symbol and (each.standing or each.waiting)]
        return max(found, key=lambda each: (each.waiting, each.raised_at), default=None)

    def acknowledge(self, ids: Collection[str] | None) -> bool:
        """Acknowledge those of `ids` (None: all) that wait; whether there was one."""
        waiting = [each for each in self._records.values() if not each.acknowledged and (ids is None or each.id in ids)]
        for record in waiting:
            self._records[record.id] = replace(record, seen=record.told)
            self._of[record.id].acknowledge(record)
        return bool(waiting)

    def _came(self, alert: PushedAlert, pushing: Pushing) -> None:
        record, held = alert.record, self._records.get(alert.record.id)
        if held is not None and _progress(record) < _progress(held):
            return  # it is further here already
        if held is not None and held.seen >= held.told and not record.acknowledged and held.told >= record.told:
            record = replace(record, seen=held.seen)  # it was acknowledged here, and that is on its way
        self._records[record.id] = record
        self._of[record.id] = pushing
        self._changed((record.symbol,))
        if alert.fresh and (held is None or _progress(record) > _progress(held)):
            at = self._now()
            value = None if record.cannot_judge else record.value
            time = None if record.cannot_judge else record.line_time
            event = AlertEvent(at, alert.change, record, time, value, record.threshold, record.reason, record.late)
            self._tell([event])


def _progress(record: AlertRecord) -> tuple[int, int]:
    """How far the life of an alert is: what is no further was told before."""
    return _ORDER.index(record.state), record.told
