from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.alerts.records import AlertRecords, _order
from capflow_gui.domain.alert_record import SOURCE_RULE, AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Market, Symbol

TENCENT = Symbol(Market.HK, "700")
MOBILE = Symbol(Market.HK, "941")


def record(number: int, symbol: Symbol = TENCENT, **facts: object) -> AlertRecord:
    made = AlertRecord(
        str(number), "opend", symbol, "net <= -1M", AlertState.ACTIVE, "2022-06-08", number, -2e6, -1e6, float(number)
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def held(*records: AlertRecord) -> AlertRecords:
    kept = AlertRecords()
    for each in records:
        kept.keep(each)
    return kept


def test_records_are_read_newest_first_and_by_symbol() -> None:
    records = held(record(1), record(3, MOBILE), record(2))
    assert [each.id for each in records.newest_first()] == ["3", "2", "1"]
    assert {each.id for each in records.of_symbol(TENCENT)} == {"1", "2"}
    assert records["3"] == records.get("3") == record(3, MOBILE)
    assert records.get("4") is None
    before = records.change_count
    records.drop("1")
    assert [each.id for each in records.of_symbol(TENCENT)] == ["2"]
    assert records.change_count != before


def test_the_symbols_whose_records_changed_are_given_once() -> None:
    records = held(record(1), record(2, MOBILE))
    assert records.take_changed() == {TENCENT, MOBILE}
    assert records.take_changed() == set()
    records.acknowledge(["2"])
    assert records.take_changed() == {MOBILE}
    records.drop("1")
    assert records.take_changed() == {TENCENT}


def test_a_row_shows_what_needs_the_user_most() -> None:
    seen = record(9, seen=1)
    cleared = record(8, state=AlertState.CLEARED)
    unjudged = record(7, cannot_judge=True)
    raised, newer = record(5), record(6)
    history = record(10, state=AlertState.CLEARED, seen=1)
    order = [newer, raised, unjudged, cleared, seen]
    for place, first in enumerate(order):
        assert held(history, *order[place:]).standing(TENCENT) == first
    assert held(history).standing(TENCENT) is None
    assert AlertRecords().standing(TENCENT) is None


def test_what_a_row_shows_is_looked_for_again_when_a_record_of_its_symbol_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[Symbol] = []
    of_symbol = AlertRecords.of_symbol

    def noted(records: AlertRecords, symbol: Symbol) -> Iterator[AlertRecord]:
        looked.append(symbol)
        return of_symbol(records, symbol)

    monkeypatch.setattr(AlertRecords, "of_symbol", noted)
    records = held(record(1), record(2))
    assert [records.standing(TENCENT) for _ in range(3)] == [record(2)] * 3
    assert looked == [TENCENT]
    records.keep(record(3, MOBILE))
    assert (records.standing(TENCENT), looked) == (record(2), [TENCENT])
    records.acknowledge(["2"])
    assert records.standing(TENCENT) == record(1)
    records.drop("1")
    assert records.standing(TENCENT) == record(2, seen=1)
    records.drop("2")
    assert records.standing(TENCENT) is None
    records.merge([record(4)], ())
    assert records.standing(TENCENT) == record(4)


def test_acknowledging_marks_what_waits_and_says_whether_anything_did() -> None:
    records = held(record(1), record(2, told=3, seen=1), record(3, seen=1))
    assert records.acknowledge(["2", "of another program"])
    assert records["2"].seen == 3
    assert records["1"].waiting
    assert records.acknowledge()
    assert not records.acknowledge()


def test_a_snoozed_alert_waits_again_once_its_time_is_over_and_only_while_it_stands() -> None:
    records = held(record(1), record(2), record(3, state=AlertState.CLEARED), record(4, source="longport"))
    assert records.snooze(["1", "2", "3", "4", "of another program"], lambda each: each.raised_at + 900)
    assert [records[number].waiting for number in "1234"] == [False, False, True, False]
    assert not records.snooze(["3"], lambda _each: 900.0)
    assert not records.acknowledge() or not records["3"].waiting  # "all" leaves out what is snoozed
    assert not records["1"].acknowledged
    records.keep(replace(records["2"], state=AlertState.CLEARED))
    records.wake(lambda source: 902.0 if source == "opend" else None, lambda *_: True)
    assert [records[number].waiting for number in "1234"] == [True, False, False, False]
    assert records["2"].acknowledged
    assert records["4"].snoozed  # whose market time is not known
    before = records.change_count
    records.wake(lambda _source: 903.0, lambda *_: True)
    assert records.change_count == before
    records.snooze(["1"], lambda _each: 2000.0)
    assert records.acknowledge(["1"])  # asked for by name


def test_an_alert_whose_session_ended_before_its_snooze_did_counts_as_seen() -> None:
    records = held(record(1))
    records.snooze(["1"], lambda each: each.raised_at + 900)
    records.wake(lambda _source: 1e6, lambda *_: False)
    assert (records["1"].standing, records["1"].acknowledged, records["1"].snoozed) == (True, True, False)


def test_of_two_programs_the_one_that_snoozed_last_is_believed() -> None:
    records = held(record(1, snoozed_until=900.0, snoozes=1))
    records.merge([record(1)])
    assert records["1"].snoozed_until == 900.0
    records.merge([record(1, snoozes=2)])
    assert not records["1"].snoozed


def test_who_acknowledged_most_of_an_alert_of_a_desk_is_believed() -> None:
    records = held(record(1, desk="desk", told=2, seen=1, seen_by="ws02", seen_at=900.0))
    records.merge([record(1, desk="desk", told=2, seen=1)])
    assert (records["1"].seen_by, records["1"].seen_at) == ("ws02", 900.0)
    records.merge([record(1, desk="desk", told=2, seen=2, seen_by="ws03", seen_at=950.0)])
    assert (records["1"].seen, records["1"].seen_by) == (2, "ws03")
    records.keep(record(1, desk="desk", told=3, seen=2, seen_by="ws03", seen_at=950.0))
    assert records.acknowledge(["1"])
    assert (records["1"].seen, records["1"].seen_by, records["1"].seen_at) == (3, "", None)  # not by ws03, this time


def test_times_of_an_alert_of_a_desk_pass_by_the_clock_of_the_desk() -> None:
    records = held(record(1, desk="desk", snoozed_until=900.0, snoozes=1))
    records.wake({"opend": 1000.0}.get, lambda *_: True)
    assert records["1"].snoozed
    records.wake({"desk": 1000.0}.get, lambda *_: True)
    assert not records["1"].snoozed
    lost = record(2, rule_id="source", desk="desk")
    records.keep(lost)
    assert records.of_source("opend") == []  # the desk's source of that name is another one


def test_what_is_to_be_written_is_so_whatever_comes_after_it() -> None:
    """A desk says a week of them at once."""
    over = [record(number, state=AlertState.CLEARED) for number in range(1200)]
    records = held(*over)
    assert len(records.take_unwritten(simulated=False)) == 1200


def test_of_two_records_of_one_rule_the_newer_one_stays() -> None:
    records = held(record(1), record(2))
    assert records.newer(None, "1", "longport") == records.newer("1", None, "longport") == "1"
    assert records.newer("1", "1", "longport") == "1"
    assert records.newer("1", "2", "longport") == "2"
    assert (records["1"].state, records["1"].acknowledged) == (AlertState.CLEARED, True)


def test_each_store_is_given_its_own_records_once() -> None:
    records = held(record(1), record(2, simulated=True))
    assert records.take_unwritten(simulated=False) == [record(1)]
    assert records.take_unwritten(simulated=False) == []
    assert records.take_unwritten(simulated=True) == [record(2, simulated=True)]
    records.keep(record(1, seen=1))
    assert records.take_unwritten(simulated=False) == [record(1, seen=1)]


OVER = {"state": AlertState.CLEARED, "cleared_at": 99.0}


@pytest.mark.parametrize(
    ("ours", "holds", "theirs", "merged"),
    [
        (None, False, {}, {}),
        ({}, False, OVER, OVER),  # nobody here judges it: the other program knows
        ({}, True, OVER, {}),  # a watch of ours judges it
        ({}, True, OVER | {"seen": 1}, {"seen": 1}),
        (OVER, False, {}, OVER),  # what is over stays over …
        (OVER | {"seen": 1}, False, {"told": 2, "seen": 1}, {"told": 2, "seen": 1}),  # … until it is told anew
        ({"told": 2, "escalations": 1, "seen": 2}, True, {"seen": 1}, {"told": 2, "escalations": 1, "seen": 2}),
    ],
)
def test_what_another_program_wrote_is_merged(
    ours: dict[str, object] | None, holds: bool, theirs: dict[str, object], merged: dict[str, object]
) -> None:
    records = held() if ours is None else held(record(1, **ours))
    before = records.newest_first()
    changed = records.merge([record(1, **theirs)], {"1"} if holds else ())
    assert records.newest_first() == (record(1, **merged),)
    assert changed is (records.newest_first() != before)


def test_the_records_of_a_source_are_those_of_no_rule() -> None:
    records = AlertRecords()
    for number, rule, source in ((1, "default", "opend"), (2, SOURCE_RULE, "opend"), (3, SOURCE_RULE, "demo")):
        records.keep(record(number, rule_id=rule, source=source))
    assert [each.id for each in records.of_source("opend")] == ["2"]
    assert records.standing(TENCENT) == records["1"]


def test_history_is_bounded_and_what_stands_is_kept() -> None:
    standing = record(0)
    records = held(standing, *(record(number, state=AlertState.ENDED) for number in range(1, 1001)))
    kept = records.newest_first()
    assert len(kept) == 501
    assert kept[-1] == standing


def test_a_store_that_lost_records_is_given_those_it_has_not() -> None:
    records = held(record(1), record(2), record(3, simulated=True))
    assert len(records.take_unwritten(simulated=False)) == 2
    records.keep_unknown(["1"], simulated=False)
    assert [each.id for each in records.take_unwritten(simulated=False)] == ["2"]
    assert [each.id for each in records.take_unwritten(simulated=True)] == ["3"]


def event(of: AlertRecord) -> AlertEvent:
    return AlertEvent(of.raised_at, AlertChange.RAISED, of, of.line_time, of.value, of.threshold)


def test_what_happened_is_given_to_the_store_of_its_kind_once() -> None:
    records = AlertRecords()
    first, simulated, second = event(record(1)), event(record(2, simulated=True)), event(record(3))
    for each in (first, simulated, second):
        records.note(each)
    assert records.take_events(simulated=False) == [first, second]
    assert records.take_events(simulated=False) == []
    assert records.take_events(simulated=True) == [simulated]


def test_of_what_no_store_takes_the_newest_is_kept() -> None:
    records = AlertRecords()
    for number in range(1000):
        records.note(event(record(number)))
    assert [int(each.record.id) for each in records.take_events(simulated=False)] == list(range(500, 1000))


def test_while_alerts_stand_all_of_them_are_looked_at_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[AlertRecords] = []
    sort = AlertRecords.newest_first

    def seen(records: AlertRecords) -> tuple[AlertRecord, ...]:
        looks.append(records)
        return sort(records)

    monkeypatch.setattr(AlertRecords, "newest_first", seen)
    records = AlertRecords()
    for number in range(5000):
        records.keep(record(number, seen=1))
    assert len(looks) <= 10
    assert len(records.newest_first()) == 5000
    for number in range(5000, 6100):
        records.keep(record(number, state=AlertState.CLEARED))
    found = records.newest_first()
    assert sum(each.standing for each in found) == 5000
    assert 500 <= len(found) - 5000 <= 1000


def test_the_records_of_a_version_of_a_rule_on_a_symbol() -> None:
    records = held(
        record(1, rule_id="a", version="1"),
        record(2, rule_id="a", version="2"),
        record(3, MOBILE, rule_id="a", version="1"),
    )
    assert [each.id for each in records.of_rule(TENCENT, "a", "1")] == ["1"]
    assert records.of_rule(TENCENT, "b", "1") == records.of_rule(Symbol(Market.HK, "5"), "a", "1") == []
    records.drop("1")
    assert records.of_rule(TENCENT, "a", "1") == []


@given(st.sampled_from(AlertState), st.integers(0, 2), st.integers(0, 2), st.sampled_from([None, 900.0]), st.booleans())
def test_a_row_shows_what_waits_before_what_stands_and_nothing_else(
    state: AlertState, told: int, seen: int, snoozed_until: float | None, cannot_judge: bool
) -> None:
    """Beside a rule that cannot be judged, and one whose alert was acknowledged."""
    other = record(2, cannot_judge=True, told=1, seen=0)
    seen_one = record(3, told=1, seen=1)
    this = record(1, state=state, told=told, seen=seen, snoozed_until=snoozed_until, cannot_judge=cannot_judge)
    assert (held(this).standing(this.symbol) is not None) is (this.standing or this.waiting)
    shown = held(other, this).standing(this.symbol)
    assert shown in (this, other)
    if this.standing and this.waiting and not cannot_judge:
        assert shown == this
    elif not this.waiting:
        assert shown == other
    if this.waiting:
        assert held(seen_one, this).standing(this.symbol) == this


FACTS = st.fixed_dictionaries(
    {
        "state": st.sampled_from(AlertState),
        "told": st.integers(0, 2),
        "seen": st.integers(0, 2),
        "snoozed_until": st.sampled_from([None, 900.0]),
        "cannot_judge": st.booleans(),
        "raised_at": st.sampled_from([1.0, 2.0, 3.0]),
    }
)


@given(st.lists(st.tuples(st.integers(1, 4), st.one_of(st.none(), FACTS)), max_size=30))
def test_what_a_row_shows_is_the_same_however_it_came_about(
    changes: list[tuple[int, dict[str, object] | None]],
) -> None:
    records, kept = AlertRecords(), {}
    for number, facts in changes:
        if facts is None and str(number) in kept:
            records.drop(str(number))
            del kept[str(number)]
        elif facts is not None:
            kept[str(number)] = record(number, rule_id=SOURCE_RULE if number == 4 else "r", **facts)
            records.keep(kept[str(number)])
        shown, anew = records.standing(TENCENT), held(*kept.values()).standing(TENCENT)
        assert (shown is None) is (anew is None)
        if shown is not None and anew is not None:
            assert shown == kept[shown.id]
            assert _order(shown) == _order(anew)
