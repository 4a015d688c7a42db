"""What `capflow watch` prints, to the letter."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import numpy as np
import pytest
from msgspec import structs

from capflow_gui.domain.alert_record import AlertChange, AlertRecord, AlertState
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.errors import RequestTimeout, UnknownSymbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent, ErrorEvent, FlowEvent, LinkEvent
from capflow_gui.paths import resource
from capflow_gui.present.watch_lines import Standing, Summary, rule_line, to_json, to_text
from capflow_gui.reason import Code, Reason
from tests.reasons import said

CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
TENCENT = Symbol.parse("700.HK")
AT = 1_654_656_445.25  # 2022-06-08 10:47:25.25 in Hong Kong


def series(*nets: float) -> FlowSeries:
    stamps = 1_654_651_800 + 60 * np.arange(len(nets), dtype=np.int64)
    values = np.tile(np.array(nets, float), (6, 1))
    return FlowSeries(TENCENT, "opend", Period.INTRADAY, stamps, values, session=date(2022, 6, 8))


def record(**changes) -> AlertRecord:
    values = {
        "id": "1",
        "source": "opend",
        "symbol": TENCENT,
        "rule": "net <= -200M",
        "state": AlertState.ACTIVE,
        "session": "2022-06-08",
        "line_time": 1_654_651_860,
        "value": -2.1e8,
        "threshold": -2e8,
        "raised_at": AT,
    }
    return AlertRecord(**values | changes)


RAISED = AlertEvent(AT, AlertChange.RAISED, record(), 1_654_651_860, -2.1e8, -2e8)
EARLY = AlertEvent(AT, AlertChange.EARLY, record(told=0), 1_654_651_860, -2.1e8, -2e8)
WITHDRAWN = dataclasses.replace(
    EARLY, change=AlertChange.WITHDRAWN, value=-1.9e8, reason=Reason.of(Code.EARLY_WITHDRAWN)
)
STALE = Reason.of(Code.TIME_STANDS)
STANDING = Standing(AT + 60, record(told=2, seen=2, late=True))
STILL_BLOCKED = Standing(AT, record(cannot_judge=True, reason=STALE, value=float("nan")))
BLOCKED = AlertEvent(AT, AlertChange.CANNOT_JUDGE, record(), None, None, -2e8, STALE)
JUDGED = AlertEvent(AT, AlertChange.JUDGED_AGAIN, record(), None, None, -2e8, Reason.of(Code.JUDGED_AGAIN))

CASES = [
    (
        FlowEvent(AT, "opend", TENCENT, series(0, -4960940), 3.1234, Freshness.LIVE, unchanged=False),
        {"type": "flow", "symbol": "700.HK", "source": "opend", "session": "2022-06-08", "lines": 2}
        | {"net": -4960940.0, "main": -4960940.0, "age_s": 3.123, "state": "live", "unchanged": False},
        "10:47:25  700.HK     opend  net     −5.0M  main     −5.0M  live 3s",
    ),
    (
        FlowEvent(AT, "opend", TENCENT, series(0, float("nan")), None, Freshness.PREVIOUS_SESSION, unchanged=True),
        {"type": "flow", "symbol": "700.HK", "source": "opend", "session": "2022-06-08", "lines": 2}
        | {"net": None, "main": None, "age_s": None, "state": "previous_session", "unchanged": True},
        "10:47:25  700.HK     opend  net         –  main         –  previous session  unchanged",
    ),
    (
        RAISED,
        {"type": "alert", "symbol": "700.HK", "source": "opend", "rule": "*: net <= -200M", "state": "raised"}
        | {"value": -2.1e8, "threshold": -2e8, "time": "2022-06-08T09:31:00+08:00", "reason": ""},
        "10:47:25  700.HK     opend  RAISED net <= -200M at 09:31: −210.0M",
    ),
    (
        EARLY,
        {"type": "alert", "symbol": "700.HK", "source": "opend", "rule": "*: net <= -200M", "state": "early"}
        | {"value": -2.1e8, "threshold": -2e8, "time": "2022-06-08T09:31:00+08:00", "reason": ""},
        "10:47:25  700.HK     opend  EARLY net <= -200M at 09:31: −210.0M",
    ),
    (
        WITHDRAWN,
        {"type": "alert", "symbol": "700.HK", "source": "opend", "rule": "*: net <= -200M", "state": "withdrawn"}
        | {"value": -1.9e8, "threshold": -2e8, "time": "2022-06-08T09:31:00+08:00"}
        | {"reason": "the minute ended short of the level"},
        "10:47:25  700.HK     opend  WITHDRAWN net <= -200M at 09:31: −190.0M (the minute ended short of the level)",
    ),
    (
        BLOCKED,
        {"type": "alert", "symbol": "700.HK", "source": "opend", "rule": "*: net <= -200M", "state": "blocked"}
        | {"value": None, "threshold": -2e8, "time": None, "reason": "nothing newer comes from the source"},
        "10:47:25  700.HK     opend  BLOCKED net <= -200M (nothing newer comes from the source)",
    ),
    (
        JUDGED,
        {"type": "alert", "symbol": "700.HK", "source": "opend", "rule": "*: net <= -200M", "state": "cleared"}
        | {"value": None, "threshold": -2e8, "time": None, "reason": "judged again", "ends": "blocked"},
        "10:47:25  700.HK     opend  JUDGED AGAIN net <= -200M",
    ),
    (
        dataclasses.replace(STANDING, at=AT),
        {"type": "standing", "symbol": "700.HK", "source": "opend", "rule": "*: net <= -200M", "state": "raised"}
        | {"value": -2.1e8, "threshold": -2e8, "time": "2022-06-08T09:31:00+08:00", "reason": "", "late": True}
        | {"raised_at": "2022-06-08T02:47:25+00:00", "acknowledged": True},
        "10:47:25  700.HK     opend  STANDING net <= -200M at 09:31: −210.0M (acknowledged)",
    ),
    (
        STILL_BLOCKED,
        {"type": "standing", "symbol": "700.HK", "source": "opend", "rule": "*: net <= -200M", "state": "blocked"}
        | {"value": None, "threshold": -2e8, "time": None, "reason": "nothing newer comes from the source"}
        | {"raised_at": "2022-06-08T02:47:25+00:00", "acknowledged": False},
        "10:47:25  700.HK     opend  STANDING BLOCKED net <= -200M (nothing newer comes from the source)",
    ),
    (
        LinkEvent(AT, LinkState("opend", LinkPhase.WAITING, 1.0, said("nothing listens")), 0.87654),
        {"type": "link", "source": "opend", "state": "waiting", "reason": "nothing listens", "retry_in_s": 0.877},
        "02:47:25Z  OpenD waiting: nothing listens, next try in 0.9 s",
    ),
    (
        ErrorEvent(AT, "opend", TENCENT, UnknownSymbol("opend", -1, "未知股票")),
        {"type": "error", "symbol": "700.HK", "source": "opend", "kind": "UnknownSymbol", "code": -1}
        | {"message": "未知股票"},
        None,
    ),
    (
        ErrorEvent(AT, "opend", TENCENT, RequestTimeout("opend", said("no answer"))),
        {"type": "error", "symbol": "700.HK", "source": "opend", "kind": "RequestTimeout", "code": None}
        | {"message": "no answer"},
        None,
    ),
    (
        Summary(AT, 600, 0, 598, 2, 9.51234, 1),
        {
            "type": "summary",
            "requests": 600,
            "refused": 0,
            "flows": 598,
            "alerts": 2,
            "cycle_s": 9.512,
            "reconnects": 1,
        },
        "600 requests, 0 refused, 598 flows, 2 alerts, 1 reconnect, a reply every 9.5 s a symbol",
    ),
]


@pytest.mark.parametrize(("event", "facts", "text"), CASES)
def test_an_event_is_one_line(event, facts, text) -> None:
    line = to_json(event, CALENDAR)
    assert "\n" not in line
    assert json.loads(line) == {"at": "2022-06-08T02:47:25.250Z"} | facts
    assert next(iter(json.loads(line))) == "type"
    if text is not None:
        assert to_text(event, CALENDAR) == text


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("*: net <= -1.234M", "*: net <= -1.234M · level −1,234,000"),
        ("*: net crosses 0 band 5M", "*: net crosses 0 band 5M · band 5,000,000"),
        ("*: net/turnover <= -3% again 1%", "*: net/turnover <= -3% again 1%"),
        ("*: net change 5m unusual 3 floor 5M", "*: net change 5m unusual 3 floor 5M · floor 5,000,000"),
        ("*: net <= -0.5 again 0.0001", "*: net <= -0.5 again 0.0001 · level −0.5 · again 0.0001"),
    ],
)
def test_a_rule_is_said_with_its_amounts_written_out(rule: str, said: str) -> None:
    assert rule_line(parse_rule(rule)) == f"rule {said}"


def test_only_a_late_alert_says_so() -> None:
    late = AlertEvent(AT, AlertChange.RAISED, record(), 1_654_651_860, -2.1e8, -2e8, late=True)
    assert json.loads(to_json(late, CALENDAR))["late"] is True
    assert "late" not in json.loads(to_json(RAISED, CALENDAR))
    assert to_text(late, CALENDAR).endswith("(began before it was watched)")


def test_what_is_played_says_so() -> None:
    event = FlowEvent(AT, "opend", TENCENT, series(1.0), 1.0, Freshness.LIVE, unchanged=False)
    summary = Summary(AT, 0, 0, 1, 1, None, 0)
    run = {"run": "playback-7"}
    for live, played in (
        (event, structs.replace(event, **run)),
        (RAISED, dataclasses.replace(RAISED, **run)),
        (summary, dataclasses.replace(summary, **run)),
    ):
        assert json.loads(to_json(played, CALENDAR)) == json.loads(to_json(live, CALENDAR)) | {"playback": True}
        assert to_text(played, CALENDAR) == f"PLAYBACK  {to_text(live, CALENDAR)}"


def test_a_summary_of_one_is_in_the_singular() -> None:
    assert to_text(Summary(AT, 1, 1, 1, 1, None, 1), CALENDAR) == "1 request, 1 refused, 1 flow, 1 alert, 1 reconnect"
