"""The list of alerts as text, and how the test of a channel went."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from capflow_gui.delivery.model import Failed, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.domain.alert_record import SOURCE_RULE, AlertRecord, AlertState
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.alerts.past_alerts import result_words, to_csv, to_json, to_table
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.alert_history import Delivery, PastAlert

WHY = Reason.of(Code.VERBATIM, text="no")
RECORD = AlertRecord(
    "aa11",
    "opend",
    Symbol.parse("700.HK"),
    "net <= -200M",
    AlertState.ACTIVE,
    "2022-06-08",
    1654656060,
    -2.134e8,
    -2e8,
    1654656125.5,
)
SENT = Delivery("team", "sent", 1, 1654656126.0, 1654656127.0, "id 7", None, True)
REFUSED = Delivery("phone", "set_up_wrong", 1, 1654656126.0, 1654656127.0, "", WHY, False)
ALERTS = [
    PastAlert(RECORD, (SENT, REFUSED)),
    PastAlert(
        replace(
            RECORD,
            id="bb22",
            rule="net/turnover <= -3%",
            value=math.nan,
            cannot_judge=True,
            reason=Reason.of(Code.VERBATIM, text="=1+1"),
            state=AlertState.ENDED,
            cleared_at=1654656200.0,
            seen=1,
            simulated=True,
        ),
        (),
    ),
]


def test_json_has_every_fact(calendar: Calendar) -> None:
    first, second = json.loads(to_json(ALERTS, calendar))
    assert first == {
        "id": "aa11",
        "symbol": "700.HK",
        "source": "opend",
        "session": "2022-06-08",
        "rule": "*: net <= -200M",
        "state": "active",
        "cannot_judge": False,
        "acknowledged": False,
        "time": "2022-06-08T10:41:00+08:00",
        "raised_at": "2022-06-08T02:42:05+00:00",
        "cleared_at": None,
        "value": -2.134e8,
        "threshold": -2e8,
        "escalations": 0,
        "late": False,
        "reason": "",
        "simulated": False,
        "deliveries": first["deliveries"],
        "shared": False,
        "acknowledged_by": None,
        "acknowledged_at": None,
    }
    assert [(each["channel"], each["state"], each["reason"]) for each in first["deliveries"]] == [
        ("team", "sent", ""),
        ("phone", "set_up_wrong", "no"),
    ]
    assert (second["value"], second["reason"], second["cleared_at"]) == (None, "=1+1", "2022-06-08T02:43:20+00:00")


def test_a_record_of_a_source_has_no_symbol(calendar: Calendar) -> None:
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=WHY)
    record = replace(RECORD, rule_id=SOURCE_RULE, cannot_judge=True, value=math.nan, reason=lost)
    (facts,) = json.loads(to_json([PastAlert(record, ())], calendar))
    assert (facts["symbol"], facts["reason"]) == (None, "OpenD is lost, and no rule is judged on it: no")
    row = to_table([PastAlert(record, ())], calendar).splitlines()[1].split()
    assert row[3:5] == ["–", "OpenD"]
    assert " ".join(row).endswith("OpenD is lost, and no rule is judged on it: no – active, not seen –")


def test_csv_has_the_columns_of_json_and_no_formula(calendar: Calendar) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(ALERTS, calendar))))
    assert list(rows[0]) == list(json.loads(to_json(ALERTS, calendar))[0])
    assert (rows[0]["deliveries"], rows[0]["acknowledged"], rows[0]["cleared_at"]) == (
        "team:sent phone:set_up_wrong",
        "false",
        "",
    )
    assert rows[1]["reason"] == "'=1+1"
    assert to_csv([], calendar).startswith("id,symbol,source,")


def test_a_table_is_for_people(calendar: Calendar) -> None:
    header, first, second = to_table(ALERTS, calendar).splitlines()
    assert header.split() == ["id", "session", "time", "symbol", "source", "rule", "value", "state", "delivered"]
    assert "10:41  700.HK  OpenD   *: net ≤ −200M" in first
    assert first.endswith("−213.4M  active, not seen  team sent, phone set up wrong")
    assert second.endswith("–  ended, SIMULATED  –")
    standing = replace(ALERTS[1].record, state=AlertState.ACTIVE, seen=0)
    assert "cannot judge, not seen, SIMULATED" in to_table([PastAlert(standing, ())], calendar)
    assert to_table([], calendar) == ""


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Sent(), "phone: sent."),
        (Sent("id 7"), "phone: sent, receipt id 7."),
        (RetryAt(5.0, WHY), "phone: not reached: no."),
        (SetUpWrong(WHY), "phone: refused, its set-up is wrong: no."),
        (
            SetUpWrong(Reason.of(Code.SETTING_UNUSABLE, key="token", why=WHY)),
            "phone: not sent, its set-up is wrong: token: no.",
        ),
        (Failed(WHY), "phone: refused: no."),
    ],
)
def test_how_a_test_went(result: Result, words: str) -> None:
    assert result_words("phone", result) == words
