from __future__ import annotations

from dataclasses import replace

import pytest

from capflow_gui.domain.alert_record import SOURCE_RULE, AlertChange, AlertEvent, AlertRecord, AlertState, record_id
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.reason import Code, Reason

RECORD = AlertRecord(
    "1", "opend", Symbol(Market.HK, "700"), "net <= -200M", AlertState.ACTIVE, "2022-06-08", 60, -2.1e8, -2e8, 125.0
)


@pytest.mark.parametrize(
    ("state", "seen", "cannot_judge", "waits"),
    [
        (AlertState.ACTIVE, 0, False, True),
        (AlertState.ACTIVE, 1, False, False),
        (AlertState.CLEARED, 0, False, True),
        (AlertState.ENDED, 0, False, True),
        (AlertState.CLEARED, 1, False, False),
        (AlertState.ACTIVE, 0, True, True),
        (AlertState.CLEARED, 0, True, False),
        (AlertState.ENDED, 0, True, False),
    ],
)
def test_an_alert_waits_until_it_is_seen_and_what_can_be_judged_again_does_not(
    state: AlertState, seen: int, cannot_judge: bool, waits: bool
) -> None:
    record = replace(RECORD, state=state, seen=seen, cannot_judge=cannot_judge)
    assert record.waiting is waits
    assert record.standing is (state is AlertState.ACTIVE)


def test_what_is_told_once_more_waits_again() -> None:
    seen = replace(RECORD, seen=1)
    assert seen.acknowledged
    assert replace(seen, told=2).waiting


def test_nobody_is_told_of_a_snoozed_alert_and_it_waits_for_nobody() -> None:
    told = {AlertChange.RAISED, AlertChange.ESCALATED, AlertChange.CANNOT_JUDGE}
    snoozed = replace(RECORD, snoozed_until=900.0)
    assert RECORD.waiting
    assert not snoozed.waiting
    for change in AlertChange:
        event = AlertEvent(65.0, change, RECORD, 60, -2e8, -2e8)
        assert event.announced is event.announces is (change in told)
        assert not replace(event, record=snoozed).announced


def test_what_cannot_be_judged_for_want_of_a_connection_is_of_its_source() -> None:
    lost = replace(RECORD, cannot_judge=True, reason=Reason.of(Code.NOT_CONNECTED))
    event = AlertEvent(65.0, AlertChange.CANNOT_JUDGE, lost, None, None, -2e8)
    assert event.is_of_lost_source
    assert not replace(event, change=AlertChange.CLEARED).is_of_lost_source
    silent = replace(lost, reason=Reason.of(Code.SOURCE_SILENT, source="opend", since="09:40:00"))
    assert replace(event, record=silent).is_of_lost_source
    assert not replace(event, record=replace(silent, rule_id=SOURCE_RULE)).is_of_lost_source
    assert not replace(event, record=replace(lost, reason=Reason.of(Code.NO_ANSWER))).is_of_lost_source


def test_a_record_may_be_of_a_source_and_an_event_of_its_end() -> None:
    assert [replace(RECORD, rule_id=number).of_source for number in ("default", SOURCE_RULE)] == [False, True]
    again = AlertEvent(
        65.0, AlertChange.JUDGED_AGAIN, RECORD, None, None, 0.0, Reason.of(Code.SOURCE_AGAIN, source="a")
    )
    assert again.is_source_again
    assert not replace(again, reason=Reason.of(Code.SESSION_ENDED)).is_source_again
    assert not replace(again, reason=None).is_source_again


def test_the_text_of_a_rule_has_its_scope_first() -> None:
    assert replace(RECORD, scope="@core").rule_text == "@core: net <= -200M"


def test_of_what_a_desk_shares_time_passes_by_the_desk_s_clock() -> None:
    assert (RECORD.clock, replace(RECORD, desk="desk").clock) == ("opend", "desk")


def test_an_id_is_the_same_for_one_event_and_for_no_other() -> None:
    key = ("default", "1a2b", "opend", "700.HK", "2022-06-08")
    made = record_id(key, 60, cannot_judge=False, simulated=False)
    assert made == record_id(key, 60, cannot_judge=False, simulated=False)
    others = {
        record_id(key, 120, cannot_judge=False, simulated=False),
        record_id(key, 60, cannot_judge=True, simulated=False),
        record_id(key, 60, cannot_judge=False, simulated=True),
        *(record_id((*key[:n], "other", *key[n + 1 :]), 60, cannot_judge=False, simulated=False) for n in range(5)),
    }
    assert len(others) == 8
    assert made not in others


def test_an_early_mark_was_not_announced_and_nobody_needs_to_see_it() -> None:
    early = replace(RECORD, told=0)
    assert (early.early, early.withdrawn, early.waiting) == (True, False, False)
    ended = replace(early, state=AlertState.CLEARED)
    assert (ended.early, ended.withdrawn, ended.waiting) == (False, True, False)
    assert not any((RECORD.early, RECORD.withdrawn))
