from __future__ import annotations

import pytest

from capflow_gui.alerts.keeping import STORE_WAIT_S, AlertKeeping
from capflow_gui.alerts.records import AlertRecords
from capflow_gui.domain.alert import RuleState, StateKey
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, Changed, Loaded, Trouble
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.reason import Code, Reason
from tests.unit.alerts.shelf import FULL, Shelf, StoreInMemory
from tests.unit.alerts.test_records import record

KEY = StateKey("default", "1a2b", "opend", Symbol(Market.HK, "700"), "2022-06-08")
ELSEWHERE = KEY._replace(source="longport")


def opened(*, simulated: bool = False) -> tuple[AlertKeeping, StoreInMemory]:
    keeping, store = AlertKeeping(), StoreInMemory(Shelf(), simulated=simulated)
    keeping.add(store)
    store.start(lambda news: keeping.heard(store, news))
    return keeping, store


def test_what_a_store_tells_of_itself_is_said_and_withdrawn() -> None:
    keeping, store = AlertKeeping(), StoreInMemory(Shelf())
    notice = Reason.of(Code.FILE_DAMAGED, name="a.db", why="?", kept="a.db.damaged-1")
    before = keeping.change_count
    keeping.heard(store, Trouble(FULL))
    assert keeping.change_count != before
    assert keeping.troubles == (Reason.of(Code.ALERTS_NOT_SAVED, why=FULL),)
    keeping.heard(store, Trouble(None))
    keeping.heard(store, Loaded({}, [], (notice,)))
    keeping.heard(store, Changed([]))
    assert keeping.troubles == (notice,)


def test_alerts_of_a_playback_get_no_store() -> None:
    shelf = Shelf()
    with pytest.raises(ValueError, match="not kept"):
        AlertKeeping("playback-1").add(StoreInMemory(shelf))
    assert AlertKeeping("playback-1").troubles == ()


def test_figures_wait_until_the_store_told_or_for_two_seconds() -> None:
    keeping, store = AlertKeeping(), StoreInMemory(Shelf())
    assert not keeping.is_opening(simulated=False)
    keeping.add(store)
    keeping.add(store)
    assert keeping.is_opening(simulated=False)
    assert keeping.has_waited(100.0) == keeping.has_waited(100.0 + STORE_WAIT_S) == []
    assert keeping.has_waited(100.1 + STORE_WAIT_S) == [False]
    assert [keeping.wait_no_longer(simulated=False) for _ in range(2)] == [True, False]


def test_a_state_is_given_once_and_of_two_sources_the_one_that_got_further() -> None:
    keeping, store = opened()
    near, far = RuleState(upto=60), RuleState(upto=120)
    keeping.heard(store, Loaded({KEY: near, ELSEWHERE: far}, []))
    assert keeping.take_state(KEY, simulated=True, any_source=True) is None
    assert keeping.take_state(KEY, simulated=False, any_source=False) == near
    assert keeping.take_state(KEY, simulated=False, any_source=False) is None
    assert keeping.take_state(KEY, simulated=False, any_source=True) == far
    store.shelf.states[ELSEWHERE] = far
    # It is written under its new key, and dropped under the old one, at once.
    keeping.save(AlertRecords(), lambda _simulated: {KEY: far}, states=False)
    assert store.shelf.states == {KEY: far}


def test_a_rule_that_goes_takes_its_states_along() -> None:
    keeping, store = opened()
    yesterday, other = KEY._replace(session="2022-06-07"), KEY._replace(rule_id="own:700.HK")
    store.shelf.states |= dict.fromkeys([KEY, ELSEWHERE, yesterday, other], RuleState())
    keeping.heard(store, Loaded(dict(store.shelf.states), []))
    keeping.forget_rule(KEY._replace(session=""), simulated=False, any_source=False)
    keeping.save(AlertRecords(), lambda _simulated: {}, states=False)
    assert set(store.shelf.states) == {ELSEWHERE, other}
    keeping.forget_rule(KEY, simulated=False, any_source=True)
    keeping.save(AlertRecords(), lambda _simulated: {}, states=False)
    assert set(store.shelf.states) == {other}
    assert keeping.take_state(KEY, simulated=False, any_source=True) is None


def test_records_are_written_at_once_and_states_with_them_or_when_asked() -> None:
    keeping, store = opened()
    records, moved = AlertRecords(), {KEY: RuleState(upto=60)}
    keeping.save(records, lambda _simulated: moved, states=False)
    assert store.shelf.states == {}
    records.keep(record(1))
    keeping.save(records, lambda _simulated: moved, states=False)
    assert (store.shelf.states, set(store.shelf.records)) == (moved, {"1"})
    moved[KEY] = RuleState(upto=120)
    keeping.save(records, lambda _simulated: moved, states=True)
    assert store.shelf.states == moved
    moved[KEY] = RuleState(upto=180)
    keeping.is_due()
    keeping.save(records, lambda _simulated: moved, states=False)
    assert store.shelf.states == moved
    keeping.remove("1", simulated=False)
    keeping.save(records, lambda _simulated: {}, states=False)
    assert store.shelf.records == {}


def test_stores_are_asked_to_look() -> None:
    keeping, store = opened(simulated=True)
    store.working = False
    keeping.look()
    assert keeping.troubles
    store.working = True
    keeping.look()
    assert keeping.troubles == ()


def test_what_happened_is_told_to_the_store_with_the_records() -> None:
    keeping, store = opened()
    records = AlertRecords()
    happened = AlertEvent(1.0, AlertChange.RAISED, record(1), 1, -2e6, -1e6)
    records.note(happened)
    for _ in range(2):
        keeping.save(records, lambda _simulated: {}, states=False)
    assert store.events == [happened]


def test_a_rule_finds_its_state_without_looking_at_those_of_all_others() -> None:
    looks = 0

    class Key(StateKey):
        def _replace(self, **parts: object) -> StateKey:
            nonlocal looks
            looks += 1
            return StateKey(**(self._asdict() | parts))

    keeping, store = opened()
    keys = [KEY._replace(rule_id=f"rule:{number}") for number in range(100)]
    keeping.heard(store, Loaded({Key(*key): RuleState(upto=60) for key in keys}, []))
    looks = 0
    for key in keys[:50]:
        assert keeping.take_state(key, simulated=False, any_source=False) == RuleState(upto=60)
    for key in keys[50:]:
        keeping.forget_rule(key, simulated=False, any_source=True)
    assert looks <= 100
