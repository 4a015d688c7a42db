from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.domain.alert_record import SOURCE_RULE, AlertRecord, AlertState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.present.alerts.handling import (
    acknowledged_words,
    alerts_named,
    brief,
    health_words,
    meaning,
    over_words,
    snooze_done,
    snooze_words,
    snoozed_words,
    state_words,
    subject,
)
from capflow_gui.reason import Code, Reason

ZONE = ZoneInfo("Asia/Hong_Kong")
AT = datetime(2022, 6, 8, 11, 15, tzinfo=ZONE).timestamp()
RECORD = AlertRecord(
    "1", "opend", Symbol(Market.HK, "700"), "net <= -200M", AlertState.ACTIVE, "2022-06-08", 60, -2.1e8, -2e8, 125.0
)


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (None, ""),
        (AT, "snoozed until 11:15"),
        (AT + 86400, "snoozed until the next session"),
        (float("inf"), ""),
    ],
)
def test_until_when_an_alert_is_snoozed(until: float | None, words: str) -> None:
    assert snoozed_words(replace(RECORD, snoozed_until=until), ZONE) == words


def test_what_is_snoozed_and_for_how_long() -> None:
    assert [snooze_words(minutes) for minutes in (15, None)] == ["for 15 minutes", "until the next session"]
    assert alerts_named([RECORD]) == "700.HK net ≤ −200M"
    assert alerts_named([RECORD, RECORD]) == "2 alerts"


def test_what_is_snoozed_of_a_desk_is_so_in_this_window_alone() -> None:
    shared = replace(RECORD, desk="desk")
    assert snoozed_words(replace(shared, snoozed_until=AT), ZONE) == "snoozed here until 11:15"
    assert snoozed_words(replace(shared, snoozed_until=AT + 86400), ZONE) == "snoozed here until the next session"
    assert snooze_done([RECORD], 15) == "Snoozed 700.HK net ≤ −200M for 15 minutes."
    assert snooze_done([RECORD, shared], None) == (
        "Snoozed 2 alerts until the next session. "
        "In this window alone: the other windows of the desk are told as before."
    )


def test_who_acknowledged_an_alert_is_said_with_the_minute() -> None:
    seen = replace(RECORD, seen=1, seen_by="ws02", seen_at=AT)
    assert acknowledged_words(seen, ZONE) == "acknowledged by ws02 at 11:15"
    assert acknowledged_words(replace(seen, told=2), ZONE) == acknowledged_words(RECORD, ZONE) == ""


def test_an_alert_of_a_source_is_named_by_it() -> None:
    record = replace(RECORD, rule_id=SOURCE_RULE, rule="source_lost")
    assert (subject(record), alerts_named([record])) == ("OpenD", "OpenD")
    assert brief(record) == "fails"
    words = {brief(replace(record, reason=Reason.of(code))) for code in Code if code.name.startswith("SOURCE_")}
    assert len(words) == 8
    assert (brief(RECORD), brief(replace(RECORD, cannot_judge=True))) == ("net ≤ −200M", "cannot judge")
    assert (subject(RECORD), meaning(RECORD)) == ("700.HK", "net ≤ −200M")


def test_a_source_that_is_lost_is_said_and_that_it_answers_again() -> None:
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.LINK_DOWN))
    assert health_words(lost, over=False) == "OpenD is lost, and no rule is judged on it: not connected."
    assert health_words(lost, over=True) == "OpenD answers again."


def test_who_acknowledged_an_alert_that_windows_share_is_named() -> None:
    record = replace(RECORD, state=AlertState.ACTIVE, seen=RECORD.told, seen_by="ws02", seen_at=1654653600.0)
    assert state_words(record, "Asia/Hong_Kong") == "Acknowledged by ws02"


def test_what_stood_to_the_end_of_its_session_was_not_cleared() -> None:
    assert over_words(replace(RECORD, state=AlertState.CLEARED, cleared_at=AT)) == "cleared"
    assert over_words(replace(RECORD, state=AlertState.ENDED, cleared_at=AT)) == "session over"
