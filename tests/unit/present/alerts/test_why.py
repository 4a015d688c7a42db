"""Why an alert was raised, as text."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from capflow_gui.domain.alert_record import SOURCE_RULE, AlertRecord, AlertState
from capflow_gui.present.alerts.why import (
    NO_DELIVERY,
    NO_LINES,
    NO_LINES_OF_SOURCE,
    OF_SOURCE,
    UNREAD_RULE,
    Lines,
    why_text,
)
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.alert_history import Delivery
from tests.unit.alerts.test_book import DAY, TENCENT, series

ZONE = "Asia/Hong_Kong"
REASON = Reason.of(Code.VERBATIM, text="no")
RECORD = AlertRecord(
    "1",
    "opend",
    TENCENT,
    "net <= -200M",
    AlertState.ACTIVE,
    DAY.day.isoformat(),
    DAY.label(2),
    -2.1e8,
    -2e8,
    DAY.label(2) + 65.0,
    version="3690d5a913682241",
)
LINES = Lines(series(0, -150, -210, -190, -170, -1), DAY)


def text(record: AlertRecord = RECORD, lines: Lines | str = LINES, deliveries: tuple[Delivery, ...] = ()) -> list[str]:
    return [line.strip() for line in why_text(record, ZONE, lines, deliveries).splitlines()]


def test_the_rule_its_lines_its_state_and_its_deliveries_are_all_there() -> None:
    sent = Delivery("team", "sent", 2, DAY.open + 190.0, DAY.open + 191.0, "id 7", None, True)
    refused = Delivery("phone", "set_up_wrong", 1, 0.0, None, "", REASON, False)
    assert text(deliveries=(sent, refused)) == [
        "Rule",
        "*: net ≤ −200M",
        "version 3690d5a913682241",
        "level −200.0M, armed again at −180.0M",
        "",
        "State",
        "700.HK, session 2022-06-08, OpenD",
        "raised at 09:33:05 by the line of 09:32, at −210.0M",
        "told once, not acknowledged",
        "it stands",
        "",
        "Lines around the minute",
        "09:30          0   200.0M short of the level",
        "09:31    −150.0M   50.0M short of the level",
        "▸ 09:32    −210.0M   10.0M past the level",
        "09:33    −190.0M   10.0M short of the level",
        "09:34    −170.0M   30.0M short of the level",
        "",
        "Deliveries",
        "team: sent, at 09:33:11, in a digest, after 2 attempts, receipt id 7",
        "phone: set up wrong, no",
    ]
    assert text()[-1] == NO_DELIVERY
    assert text(lines="not there")[-4] == "not there"
    assert text(lines=Lines(series(), DAY))[-4] == NO_LINES


def test_of_a_source_no_symbol_and_no_line_is_named() -> None:
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=REASON)
    facts = {"rule_id": SOURCE_RULE, "scope": "opend", "rule": "source_lost", "cannot_judge": True, "reason": lost}
    said = text(replace(RECORD, **facts))  # type: ignore[arg-type]
    assert said[1] == OF_SOURCE
    assert said[4:6] == ["session 2022-06-08, OpenD", "noted at 09:33:05, began in the minute of 09:32"]
    assert "reason: OpenD is lost, and no rule is judged on it: no" in said
    assert NO_LINES_OF_SOURCE in said


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"late": True}, "raised at 09:33:05 since the line of 09:32, at −210.0M"),
        ({"escalations": 2, "told": 3, "seen": 1}, "told 3 times, acknowledged up to number 1"),
        ({"cannot_judge": True, "reason": REASON}, "reason: no"),
        ({"cannot_judge": True, "value": math.nan}, "cannot be judged since 09:33:05"),
        ({"snoozed_until": DAY.open + 900.0}, "snoozed until 09:45"),
        ({"state": AlertState.CLEARED, "cleared_at": DAY.open + 240.0}, "cleared at 09:34:00"),
        ({"state": AlertState.ENDED, "cleared_at": DAY.open + 240.0}, "ended with its session at 09:34:00"),
        ({"state": AlertState.ENDED}, "told once, not acknowledged"),
        ({"rule": "net crosses -180M"}, "▸ 09:32    −210.0M   30.0M below the level"),
        ({"rule": "net crosses -220M"}, "▸ 09:32    −210.0M   10.0M above the level"),
        ({"rule": "net/turnover <= -2%"}, "net inflow so far; a share was taken of what was traded until then"),
        ({"rule": "net/turnover <= -2%"}, "▸ 09:32    −210.0M"),
        ({"rule": "net/turnover <= -2%", "value": -0.021}, "raised at 09:33:05 by the line of 09:32, at −2.10%"),
        (
            {"rule": "net divergence 5m price 0.5% flow 0.3%"},
            "net inflow so far; what the rule measures needs the prices and the turnover of then",
        ),
        ({"rule": "net/turnover <= -2.08%"}, "level −2.08%, armed again at −1.87%"),
        ({"rule": "net change 5m unusual 3 floor 5M"}, "▸ 09:32    −210.0M"),
        ({"rule": "net fell a lot"}, UNREAD_RULE),
        ({"line_time": DAY.close}, "09:34    −170.0M   30.0M short of the level"),
        ({"seen": 1}, "told once, acknowledged"),
        ({"seen": 1, "seen_by": "ws02", "seen_at": 1654653600.0}, "told once, acknowledged by ws02 at 10:00:00"),
        ({"desk": "desk"}, "shared by the desk: its collector judges the rule"),
        ({"told": 0}, "not told, not acknowledged"),
        ({"version": ""}, "version not known"),
    ],
)
def test_what_differs_is_said(facts: dict[str, object], words: str) -> None:
    assert words in text(replace(RECORD, **facts))  # type: ignore[arg-type]
