"""The records of alerts: what stands, what is history, and the writing of both."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import NamedTuple, Protocol

from capflow_gui.domain.alert import RuleKey, RuleState
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError

_log = logging.getLogger(__name__)

_KEPT_RECORDS = 500
_RANK = {AlertState.ACTIVE: 0, AlertState.BLOCKED: 1, AlertState.ACKNOWLEDGED: 2}


class AlertStore(Protocol):
    """Where the alerts of one source are kept over restarts; every call may raise StorageError."""

    def load(self) -> tuple[dict[RuleKey, RuleState], list[AlertRecord]]:
        """Every state and record that is kept, records newest first."""
        ...

    def new_id(self) -> int:
        """A number no other record has."""
        ...

    def commit(
        self, states: Mapping[RuleKey, RuleState], forgotten: Collection[RuleKey], records: Collection[AlertRecord]
    ) -> None:
        """Write all of it, or nothing."""
        ...


class Watch(NamedTuple):
    """One rule (its canonical text) on one symbol of one source, session after session."""

    rule: str
    source: str
    symbol: Symbol


class AlertRecords:
    """States and records in memory and, for sources that have a store, on disk.

    `states` is where every rule stands. `alerts` and `blocked` hold the number of the record that stands on a rule.
    `troubles` says, in sentences, what could not be kept.
    """

    def __init__(self) -> None:
        self.states: dict[RuleKey, RuleState] = {}
        self.alerts: dict[Watch, int] = {}
        self.blocked: dict[Watch, int] = {}
        self.troubles: list[str] = []
        self._records: dict[int, AlertRecord] = {}
        self._stores: dict[str, AlertStore] = {}
        self._unwritten: dict[str, set[RuleKey]] = {}
        self._last_memory_id = 0

    def __getitem__(self, number: int) -> AlertRecord:
        return self._records[number]

    def newest_first(self) -> tuple[AlertRecord, ...]:
        """Every record."""
        return tuple(sorted(self._records.values(), key=lambda each: (each.raised_at, abs(each.id)), reverse=True))

    def standing(self, symbol: Symbol) -> AlertRecord | None:
        """An unacknowledged alert before a rule that cannot be judged before what was seen; the newest of them."""
        numbers = [
            number for held in (self.alerts, self.blocked) for watch, number in held.items() if watch.symbol == symbol
        ]
        found = [self._records[number] for number in numbers]
        return min(found, key=lambda each: (_RANK[each.state], -each.raised_at), default=None)

    def keep(self, record: AlertRecord) -> None:
        """Add a record, or replace the one of its number."""
        self._records[record.id] = record
        if len(self._records) > 2 * _KEPT_RECORDS:
            newest = self.newest_first()
            kept = (*newest[:_KEPT_RECORDS], *(each for each in newest[_KEPT_RECORDS:] if each.standing))
            self._records = {each.id: each for each in kept}

    def acknowledge(self, ids: Collection[int] | None = None) -> bool:
        """Mark alerts as seen (None: all of them); whether any was not."""
        changed: dict[str, list[AlertRecord]] = {}
        for record in list(self._records.values()):
            if record.state in (AlertState.ACTIVE, AlertState.BLOCKED) and (ids is None or record.id in ids):
                seen = replace(record, state=AlertState.ACKNOWLEDGED)
                self._records[record.id] = seen
                changed.setdefault(record.source, []).append(seen)
        for source, records in changed.items():
            self.write(source, records)
        return bool(changed)

    def finish(
        self, held: dict[Watch, int], watch: Watch, state: AlertState, market_now: float, reason: str = ""
    ) -> list[AlertRecord]:
        """Make history of what stands in `held` (alerts or blocked) on a rule: its record, or none."""
        number = held.pop(watch, None)
        if number is None:
            return []
        record = self._records[number]
        ended = replace(record, state=state, cleared_at=market_now, reason=reason or record.reason)
        self.keep(ended)
        return [ended]

    def set_state(self, key: RuleKey, state: RuleState) -> None:
        """Remember where a rule stands; it is written with the next record, or by `flush`."""
        self.states[key] = state
        self._unwritten.setdefault(key.source, set()).add(key)

    def forget(self, watch: Watch, records: Collection[AlertRecord]) -> None:
        """Drop the states of a rule on a symbol, and write `records` with that."""
        keys = [key for key in self.states if (key.rule, key.source, key.symbol) == watch]
        for key in keys:
            del self.states[key]
            self._unwritten.get(watch.source, set()).discard(key)
        self.write(watch.source, records, keys)

    def hand_over(self, symbol: Symbol, source: str) -> None:
        """Let everything that stands on a symbol go on at `source`; of two, what got further, or is newer."""
        left: dict[str, list[RuleKey]] = {}
        for key in [each for each in self.states if each.symbol == symbol and each.source != source]:
            state, here = self.states.pop(key), key._replace(source=source)
            self._unwritten.get(key.source, set()).discard(key)
            left.setdefault(key.source, []).append(key)
            if here not in self.states or self.states[here].upto < state.upto:
                self.set_state(here, state)
        doubled: list[AlertRecord] = []
        for held in (self.alerts, self.blocked):
            for watch in [each for each in held if each.symbol == symbol and each.source != source]:
                here_too = watch._replace(source=source)
                numbers = {held.pop(watch), held.get(here_too)} - {None}
                newest = max(
                    (self._records[number] for number in numbers if number is not None), key=lambda each: each.raised_at
                )
                held[here_too] = newest.id
                doubled += [
                    replace(self._records[number], state=AlertState.CLEARED, reason=f"goes on at {source}")
                    for number in numbers
                    if number is not None and number != newest.id
                ]
        for record in doubled:
            self.keep(record)
        # The new first: what is lost by an end between the two is then said twice, never forgotten.
        self.write(source, doubled)
        for old, keys in left.items():
            self.write(old, (), keys)

    def use_store(
        self,
        source: str,
        store: AlertStore,
        *,
        is_over: Callable[[AlertRecord], bool],
        in_force: Callable[[AlertRecord], bool],
    ) -> None:
        """Take up what was kept of a source, and keep its alerts from now on; a store that fails is in `troubles`."""
        try:
            states, records = store.load()
        except StorageError as error:
            self._trouble(error)
            return
        self._stores[source] = store
        self.states = states | self.states
        for record in records:
            if not record.standing:
                self._records[record.id] = record
            elif is_over(record):
                self._records[record.id] = replace(record, state=AlertState.ENDED)
            elif record.blocked or not in_force(record):
                # Whether a rule can be judged is for this run to find out; another program's rule is not ours.
                self._records[record.id] = replace(record, state=AlertState.CLEARED)
            else:
                self._records[record.id] = record
                self.alerts.setdefault(Watch(record.rule_text, source, record.symbol), record.id)

    def write(self, source: str, records: Collection[AlertRecord] = (), forgotten: Collection[RuleKey] = ()) -> None:
        """Write records, and every state of the source that moved; without a store nothing happens."""
        store = self._stores.get(source)
        states = {key: self.states[key] for key in self._unwritten.get(source, ()) if key in self.states}
        if store is None or not (states or forgotten or records):
            return
        try:
            store.commit(states, forgotten, records)
        except StorageError as error:
            self._trouble(error)
        else:
            self._unwritten.pop(source, None)

    def flush(self) -> None:
        """Write how far every rule got."""
        for source in list(self._unwritten):
            self.write(source)

    def new_id(self, source: str) -> int:
        """A number for a new record; below zero where none can be had from a store."""
        store = self._stores.get(source)
        if store is not None:
            try:
                return store.new_id()
            except StorageError as error:
                self._trouble(error)
        self._last_memory_id -= 1
        return self._last_memory_id

    def _trouble(self, error: StorageError) -> None:
        text = f"Alerts are not being saved: {error}"
        if text not in self.troubles:
            self.troubles.append(text)
            _log.warning("%s", text)
