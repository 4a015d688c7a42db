"""Where alerts are kept: one store for those of real sources, and one for those of simulators."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from capflow_gui.alerts.records import AlertRecords, AlertStore
from capflow_gui.domain.alert import RuleState, StateKey
from capflow_gui.domain.alert_record import Loaded, News, Trouble
from capflow_gui.reason import Code, Reason

# How long the first figures of a source wait for the store: what it knows keeps an alert from being raised twice.
STORE_WAIT_S = 2.0


class AlertKeeping:
    """The stores, the states they read, and what is to be deleted in them.

    `change_count` changes whenever `troubles` may have changed. The alerts of a playback, a `run`, are kept nowhere.
    """

    def __init__(self, run: str = "") -> None:
        self._run = run
        self.change_count = 0
        self._stores: dict[bool, AlertStore] = {}
        self._opening: dict[bool, float | None] = {}  # stores that told nothing yet, since when (monotonic)
        self._troubles: dict[bool, Reason] = {}
        self._notices: list[Reason] = []
        self._earlier: dict[bool, dict[StateKey, dict[StateKey, RuleState]]] = {False: {}, True: {}}  # by `_alike`
        self._forgotten: dict[bool, list[StateKey]] = {False: [], True: []}
        self._removed: dict[bool, list[str]] = {False: [], True: []}
        self._is_due = False

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """What cannot be saved now, and what had to be done to open a store."""
        return (*self._troubles.values(), *self._notices)

    def add(self, store: AlertStore) -> None:
        """Keep alerts of its kind in a store. Raises ValueError for those of a playback."""
        if self._run:
            raise ValueError("the alerts of a playback are not kept")
        if store.simulated not in self._stores:
            self._stores[store.simulated] = store
            self._opening[store.simulated] = None

    def heard(self, store: AlertStore, news: News) -> None:
        """Handle news of a store."""
        self.change_count += 1
        match news:
            case Loaded():
                self._notices += news.notices
                for key, state in news.states.items():
                    self._earlier[store.simulated].setdefault(_alike(key), {})[key] = state
            case Trouble(reason=None):
                self._troubles.pop(store.simulated, None)
            case Trouble():
                self._troubles[store.simulated] = Reason.of(Code.ALERTS_NOT_SAVED, why=news.reason)

    def is_opening(self, simulated: bool) -> bool:
        """Whether figures must wait until a store has been read."""
        return simulated in self._opening

    def has_waited(self, mono_now: float) -> list[bool]:
        """The kinds (simulated or not) whose figures have waited long enough."""
        found = []
        for simulated, since in self._opening.items():
            self._opening[simulated] = mono_now if since is None else since
            if since is not None and mono_now - since > STORE_WAIT_S:
                found.append(simulated)
        return found

    def wait_no_longer(self, simulated: bool) -> bool:
        """Stop waiting for a store. Returns whether figures waited."""
        return self._opening.pop(simulated, self) is not self

    def take_state(self, key: StateKey, *, simulated: bool, any_source: bool) -> RuleState | None:
        """Take, once, the state an earlier run kept under a key; of any source, the one with most evaluated lines."""
        earlier, states = self._earlier[simulated].get(_alike(key), {}), []
        for each in [each for each in earlier if each.session == key.session]:
            if any_source or each == key:
                states.append(earlier.pop(each))
                if each != key:
                    # It is written under its new key at the same time, or a crash between the two would lose it.
                    self.forget(each, simulated=simulated)
                    self.is_due()
        return max(states, key=lambda each: each.upto, default=None)

    def forget_rule(self, key: StateKey, *, simulated: bool, any_source: bool) -> None:
        """Delete the state of a watch, and those an earlier run kept of its rule and symbol."""
        earlier = self._earlier[simulated].get(_alike(key), {})
        for each in [each for each in earlier if any_source or each.source == key.source]:
            del earlier[each]
            self.forget(each, simulated=simulated)
        if key.session:
            self.forget(key, simulated=simulated)

    def forget(self, key: StateKey, *, simulated: bool) -> None:
        """Delete a state."""
        self._forgotten[simulated].append(key)

    def remove(self, number: str, *, simulated: bool) -> None:
        """Delete a record."""
        self._removed[simulated].append(number)

    def is_due(self) -> None:
        """Write states at the next `save`, without waiting for a record."""
        self._is_due = True

    def look(self) -> None:
        """Let the stores check for changes by other programs, and retry what failed."""
        for store in self._stores.values():
            store.look()

    def save(
        self, records: AlertRecords, moved: Callable[[bool], Mapping[StateKey, RuleState]], *, states: bool
    ) -> None:
        """Give the stores what is new: records at once; states with a record, with `states`, or when one is due."""
        for simulated, store in self._stores.items():
            unwritten = records.take_unwritten(simulated=simulated)
            newer = moved(simulated) if states or unwritten or self._is_due else {}
            forgotten, self._forgotten[simulated] = self._forgotten[simulated], []
            removed, self._removed[simulated] = self._removed[simulated], []
            events = records.take_events(simulated=simulated)
            if newer or forgotten or unwritten or removed or events:
                store.save(newer, forgotten, unwritten, removed, events)
        self._is_due = False


def _alike(key: StateKey) -> StateKey:
    """What the keys of a rule and symbol have in common, at whichever source and in whichever session."""
    return key._replace(source="", session="")
