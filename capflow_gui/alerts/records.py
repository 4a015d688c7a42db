"""The records of alerts in memory, and the interface of the stores that keep them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter, itemgetter
from typing import Protocol

from capflow_gui.domain.alert import RuleState, StateKey
from capflow_gui.domain.alert_record import AlertEvent, AlertRecord, AlertState, News
from capflow_gui.domain.symbol import Symbol
from capflow_gui.reason import Code, Reason

_KEPT_RECORDS = 500


class AlertStore(Protocol):
    """Where the alerts of one profile are kept. No call waits for the disk; results come as news.

    What cannot be written stays in the store, and is tried again at every `look`.
    """

    @property
    def simulated(self) -> bool:
        """Whether it keeps what simulators say."""

    def start(self, tell: Callable[[News], None]) -> None:
        """Open the store and give its news to `tell`, which may be called in any thread."""

    def save(
        self,
        states: Mapping[StateKey, RuleState],
        forgotten: Collection[StateKey],
        records: Collection[AlertRecord],
        removed: Collection[str] = (),
        events: Collection[AlertEvent] = (),
    ) -> None:
        """Write all of it, or nothing; `removed` are ids of records, `events` what somebody may have to be told."""

    def look(self) -> None:
        """Check for changes by another program, and retry what failed."""


class AlertRecords:
    """Every record that is known, by id, and which of them the store has not been given yet.

    `change_count` changes whenever a record changes. `run` is that of the playback they are of; empty: they are live.
    """

    def __init__(self, run: str = "") -> None:
        self.run = run
        self.change_count = 0
        self._records: dict[str, AlertRecord] = {}
        self._by_rule: dict[Symbol, dict[tuple[str, str], set[str]]] = {}  # ids, by rule id and version
        self._standing: dict[Symbol, AlertRecord | None] = {}  # what rows show, until a record of theirs changes
        self._sorted: tuple[AlertRecord, ...] | None = None  # newest first; None: to be sorted again
        self._pruned_at = 2 * _KEPT_RECORDS
        self._changed: set[Symbol] = set()
        self._unwritten: dict[str, AlertRecord] = {}
        self._events: deque[AlertEvent] = deque(maxlen=_KEPT_RECORDS)

    def __getitem__(self, number: str) -> AlertRecord:
        return self._records[number]

    def get(self, number: str) -> AlertRecord | None:
        """The record of an id, where there is one."""
        return self._records.get(number)

    def newest_first(self) -> tuple[AlertRecord, ...]:
        """Every record."""
        if self._sorted is None:
            self._sorted = tuple(sorted(self._records.values(), key=attrgetter("raised_at", "id"), reverse=True))
        return self._sorted

    def of_symbol(self, symbol: Symbol) -> Iterator[AlertRecord]:
        """The records of a symbol."""
        records = self._records
        return (records[number] for ids in self._by_rule.get(symbol, {}).values() for number in ids)

    def of_rule(self, symbol: Symbol, rule_id: str, version: str) -> list[AlertRecord]:
        """The records of a version of a rule on a symbol."""
        return [self._records[number] for number in self._by_rule.get(symbol, {}).get((rule_id, version), ())]

    def of_source(self, source: str) -> list[AlertRecord]:
        """The records of what was wrong with a source."""
        return [each for each in self._records.values() if each.of_source and each.source == source and not each.desk]

    def standing(self, symbol: Symbol) -> AlertRecord | None:
        """The record a row shows: an unseen alert, then *cannot judge*, then one cleared unseen, then the rest."""
        if symbol not in self._standing:
            found = [(order, each) for each in self.of_symbol(symbol) if (order := _order(each)) is not None]
            self._standing[symbol] = min(found, key=itemgetter(0))[1] if found else None
        return self._standing[symbol]

    def keep(self, record: AlertRecord) -> None:
        """Add a record, or replace the one of its id; it is to be written."""
        self._put(record)
        self._unwritten[record.id] = record
        if len(self._records) > self._pruned_at:
            for each in self.newest_first()[_KEPT_RECORDS:]:
                if not each.standing:
                    self._forget(each)
            # Those that stand are kept, however many: the next look at all of them waits for as many new ones.
            self._pruned_at = max(2 * _KEPT_RECORDS, len(self._records) + _KEPT_RECORDS)

    def take_changed(self) -> set[Symbol]:
        """The symbols of which a record has changed since the last call: no other row shows anything new."""
        changed, self._changed = self._changed, set()
        return changed

    def _count(self, record: AlertRecord) -> None:
        self.change_count, self._sorted = self.change_count + 1, None
        self._changed.add(record.symbol)

    def _put(self, record: AlertRecord) -> None:
        self._count(record)
        self._records[record.id] = record
        self._follow(record)
        rules = self._by_rule.setdefault(record.symbol, {})
        rules.setdefault((record.rule_id, record.version), set()).add(record.id)

    def _follow(self, record: AlertRecord) -> None:
        """Keep which record of a symbol a row shows, where this one tells that: of thousands most are never it."""
        if record.symbol not in self._standing:
            return
        shown, order = self._standing[record.symbol], _order(record)
        before = None if shown is None else _order(shown)
        if shown is not None and shown.id == record.id and (order is None or before is None or order > before):
            del self._standing[record.symbol]
        elif order is not None and (before is None or order < before or (shown is not None and shown.id == record.id)):
            self._standing[record.symbol] = record

    def drop(self, number: str) -> None:
        """Remove a record."""
        self._forget(self._records[number])
        self._unwritten.pop(number, None)

    def _forget(self, record: AlertRecord) -> None:
        """Have it in memory no longer; it is written all the same."""
        self._count(record)
        del self._records[record.id]
        self._standing.pop(record.symbol, None)
        self._by_rule[record.symbol][record.rule_id, record.version].discard(record.id)

    def acknowledge(self, ids: Collection[str] | None = None) -> bool:
        """Mark alerts as seen (None: all that are not snoozed); whether any was not."""
        meant = [*self._records.values()] if ids is None else [*filter(None, map(self._records.get, ids))]
        waiting = [each for each in meant if not (each.acknowledged or (ids is None and each.snoozed))]
        for record in waiting:
            self.keep(replace(record, seen=record.told, seen_by="", seen_at=None))
        return bool(waiting)

    def snooze(self, ids: Collection[str], until: Callable[[AlertRecord], float | None]) -> bool:
        """Snooze those of some alerts that stand until a market time (None: no longer); whether any stands."""
        meant = [self._records[number] for number in ids if number in self._records]
        standing = [record for record in meant if record.standing]
        for record in standing:
            self.keep(replace(record, snoozed_until=until(record), snoozes=record.snoozes + 1))
        return bool(standing)

    def wake(self, now: Callable[[str], float | None], goes_on: Callable[[Symbol, str, float], bool]) -> None:
        """End what is snoozed no longer, by market now of each source. What was over by then counts as seen.

        goes_on  whether a session of a symbol is not over at a time: after a sleep of the computer an alert may stand
                 that would have ended before its snooze did
        """
        for record in [each for each in self._records.values() if each.snoozed_until is not None]:
            market_now, until = now(record.clock), record.snoozed_until
            if market_now is not None and until is not None and market_now >= until:
                stands = record.standing and goes_on(record.symbol, record.session, until)
                seen = record.seen if stands else record.told
                self.keep(replace(record, snoozed_until=None, snoozes=record.snoozes + 1, seen=seen))

    def newer(self, old: str | None, new: str | None, source: str) -> str | None:
        """The newer of two records of one rule; the other one becomes history, for the rule goes on at `source`."""
        if old is None or new is None or old == new:
            return new if old is None else old
        older, newer = sorted((self._records[old], self._records[new]), key=lambda each: each.raised_at)
        why = Reason.of(Code.GOES_ON_AT, source=source)
        self.keep(replace(older, state=AlertState.CLEARED, reason=why, seen=older.told))
        return newer.id

    def merge(self, found: Iterable[AlertRecord], held: Collection[str] = ()) -> bool:
        """Merge records read from the store. Returns whether anything changed.

        An acknowledgement in any program counts. Whether an alert stands is decided by the watch that holds it
        (`held`). An alert that is over here stays over until it is raised again.
        """
        changed = False
        for record in found:
            known = self._records.get(record.id)
            merged = record
            if known is not None:
                ours = record.id in held or (not known.standing and record.told <= known.told)
                snooze = max(known, record, key=lambda each: each.snoozes)
                acknowledged = max(known, record, key=lambda each: (each.seen, bool(each.seen_by)))
                merged = replace(
                    known if ours else record,
                    told=max(known.told, record.told),
                    seen=acknowledged.seen,
                    seen_by=acknowledged.seen_by,
                    seen_at=acknowledged.seen_at,
                    escalations=max(known.escalations, record.escalations),
                    snoozed_until=snooze.snoozed_until,
                    snoozes=snooze.snoozes,
                )
            if merged != known:
                self._put(merged)
                changed = True
        return changed

    def keep_unknown(self, stored: Collection[str], *, simulated: bool) -> None:
        """Have all records of a kind written but those that are stored already."""
        found = (each for each in self._records.values() if each.simulated is simulated and each.id not in stored)
        self._unwritten |= {each.id: each for each in found}

    def note(self, event: AlertEvent) -> None:
        """Add what happened to a record; it is to be given to the store."""
        self._events.append(event)

    def take_events(self, *, simulated: bool) -> list[AlertEvent]:
        """What happened at simulated, or at real sources since the store was told last."""
        taken = [event for event in self._events if event.record.simulated is simulated]
        if taken:
            others = (event for event in self._events if event.record.simulated is not simulated)
            self._events = deque(others, _KEPT_RECORDS)
        return taken

    def take_unwritten(self, *, simulated: bool) -> list[AlertRecord]:
        """The records of simulated, or of real sources that the store is to be given now."""
        newest = (self._records.get(number, record) for number, record in self._unwritten.items())
        taken = [record for record in newest if record.simulated is simulated]
        for record in taken:
            del self._unwritten[record.id]
        return taken


def _order(record: AlertRecord) -> tuple[int, float] | None:
    """Which record of a symbol a row shows: the least; None for one that neither stands nor waits, or of a source."""
    unseen = record.seen < record.told and record.snoozed_until is None
    if record.state is AlertState.ACTIVE:
        rank = int(record.cannot_judge) if unseen else 2 + (record.told > 0)
    elif unseen and not record.cannot_judge:
        rank = 2
    else:
        return None
    return None if record.of_source else (rank, -record.raised_at)
