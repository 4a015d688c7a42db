"""The log of alerts in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capflow_gui.domain.alert_record import SOURCE_RULE, AlertKind, AlertState
from capflow_gui.present.alerts.log_words import (
    KINDS,
    LOG_TITLES,
    found_words,
    log_row,
    not_on_list,
    rule_searched,
    searched,
)
from capflow_gui.present.language.catalogues import speak
from capflow_gui.reason import Code, Reason
from tests.unit.present.alerts.test_why import RECORD, ZONE


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == {None, *AlertKind}


@pytest.mark.parametrize(
    ("facts", "cells"),
    [
        ({}, ("net ≤ −200M", "−210.0M", "Active")),
        ({"seen": 1}, ("net ≤ −200M", "−210.0M", "Acknowledged")),
        (
            {"state": AlertState.ENDED, "cleared_at": 1654653600.0},
            ("net ≤ −200M", "−210.0M", "Session over, not seen"),
        ),
        (
            {"state": AlertState.CLEARED, "cleared_at": 1654653600.0, "seen": 1},
            ("net ≤ −200M", "−210.0M", "Cleared 10:00"),
        ),
        (
            {
                "state": AlertState.CLEARED,
                "cleared_at": 1654653600.0,
                "seen": 1,
                "desk": "desk",
                "seen_by": "ws02",
                "seen_at": 1654653660.0,
            },
            ("net ≤ −200M", "−210.0M", "Cleared 10:00 · acknowledged by ws02 at 10:01"),
        ),
        (
            {"cannot_judge": True, "value": float("nan"), "reason": Reason.of(Code.VERBATIM, text="no")},
            ("net ≤ −200M · no", "–", "Cannot judge"),
        ),
    ],
)
def test_a_row_says_when_what_and_how_it_stands(facts: dict[str, object], cells: tuple[str, ...]) -> None:
    row = log_row(replace(RECORD, **facts), ZONE)  # type: ignore[arg-type]
    assert len(row) == len(LOG_TITLES)
    assert LOG_TITLES[0] == "Noted"  # as the list of alerts calls it
    assert row == ("2022-06-08 09:33", "700.HK", *cells)


def test_a_row_of_a_source_says_what_is_wrong_with_it() -> None:
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.VERBATIM, text="no"))
    record = replace(RECORD, rule_id=SOURCE_RULE, cannot_judge=True, value=float("nan"), reason=lost)
    assert log_row(record, ZONE)[1:] == ("OpenD", "OpenD is lost, and no rule is judged on it: no", "–", "Active")


def test_what_is_typed_may_be_copied_from_the_screen() -> None:
    assert searched(" net ≤ −200M ") == "net <= -200M"
    assert found_words(1, more=False) == "1 alert."
    assert found_words(100, more=True) == "The newest 100 alerts; there are more."
    assert "700.HK" in not_on_list(RECORD.symbol)


def test_a_rule_is_searched_as_it_is_shown_in_the_language_of_the_window() -> None:
    speak("zh_CN")
    try:
        assert rule_searched("net <= -150M") == "净流入 <= -1.5亿"
        assert searched(" 净流入 ≤ −1.5亿") in rule_searched("net <= -150M")
        assert rule_searched("net is falling") == ""
    finally:
        speak("en")
