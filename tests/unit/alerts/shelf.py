"""A store in memory, told what a disk would do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from capflow_gui.alerts.book import AlertBook
from capflow_gui.domain.alert import RuleState, StateKey
from capflow_gui.domain.alert_record import AlertEvent, AlertRecord, Changed, Loaded, News, Trouble
from capflow_gui.reason import Code, Reason

FULL = Reason.of(Code.VERBATIM, text="disk full")


class Shelf:
    """What programs of one profile keep: every `StoreInMemory` of it reads and writes the same."""

    def __init__(self) -> None:
        self.states: dict[StateKey, RuleState] = {}
        self.records: dict[str, AlertRecord] = {}
        self.writes = 0

    def keep(self, record: AlertRecord) -> None:
        """As the database merges two programs' versions of one record."""
        known = self.records.get(record.id)
        if known is not None:
            kept = record if record.told >= known.told else known
            record = _merged(kept, known, record)
        self.records[record.id] = record


def _merged(kept: AlertRecord, *both: AlertRecord) -> AlertRecord:
    return replace(
        kept,
        told=max(each.told for each in both),
        seen=max(each.seen for each in both),
        escalations=max(each.escalations for each in both),
        snoozed_until=max(both, key=lambda each: each.snoozes).snoozed_until,
        snoozes=max(each.snoozes for each in both),
    )


class StoreInMemory:
    """One program's way to a shelf; while it is not `working`, what is saved waits, as in the real one."""

    def __init__(self, shelf: Shelf, *, simulated: bool = False, working: bool = True) -> None:
        self.shelf = shelf
        self.simulated = simulated
        self.working = working
        self.opened = False
        self.seen_writes = 0
        self.trouble = False
        self.events: list[AlertEvent] = []
        self._states: dict[StateKey, RuleState | None] = {}
        self._records: dict[str, AlertRecord | None] = {}
        self._tell: Callable[[News], None] = lambda _news: None

    def start(self, tell: Callable[[News], None]) -> None:
        self._tell = tell
        self.look()

    def save(
        self,
        states: Mapping[StateKey, RuleState],
        forgotten: Collection[StateKey],
        records: Collection[AlertRecord],
        removed: Collection[str] = (),
        events: Collection[AlertEvent] = (),
    ) -> None:
        self.events += events
        self._states |= dict.fromkeys(forgotten) | dict(states)
        self._records |= {record.id: record for record in records} | dict.fromkeys(removed)
        self._write()

    def look(self) -> None:
        if self.working and not self.opened:
            self.opened = True
            self.seen_writes = self.shelf.writes
            self._tell(Loaded(dict(self.shelf.states), list(self.shelf.records.values())))
        self._write()
        if self.working and self.seen_writes != self.shelf.writes:
            self.seen_writes = self.shelf.writes
            self._tell(Changed(list(self.shelf.records.values())))
        if self.trouble is self.working:
            self.trouble = not self.working
            self._tell(Trouble(None if self.working else FULL))

    def _write(self) -> None:
        if not (self.working and self.opened and (self._states or self._records)):
            return
        for key, state in self._states.items():
            if state is None:
                self.shelf.states.pop(key, None)
            elif key not in self.shelf.states or state.upto >= self.shelf.states[key].upto:
                self.shelf.states[key] = state
        for number, record in self._records.items():
            if record is None:
                self.shelf.records.pop(number, None)
            else:
                self.shelf.keep(record)
        self._states, self._records = {}, {}
        self.shelf.writes += 1
        self.seen_writes += 1


def open_store(book: AlertBook, store: StoreInMemory, now: float, *sources: str) -> None:
    """Have a book keep its alerts in a store, and hear what it tells."""
    for source in sources or ("opend",):
        book.use_store(store, source, now)
    store.start(lambda news: book.heard(store, news, lambda _source: now) and None)
