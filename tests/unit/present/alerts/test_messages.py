"""What channels are told."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.delivery.model import TITLE_CHARACTERS, Change, Message, Urgency
from capflow_gui.delivery.outbox import encoded
from capflow_gui.delivery.text import as_json, facts
from capflow_gui.domain.alert_record import PRELIMINARY, SOURCE_RULE, AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.paths import resource
from capflow_gui.present.alerts.messages import alert_message, digest_message, message_of_test
from capflow_gui.reason import Code, Reason

CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
AT = 1654656445.0
RECORD = AlertRecord(
    "r7",
    "opend",
    Symbol(Market.HK, "700"),
    "net <= -200M",
    AlertState.ACTIVE,
    "2022-06-08",
    1654656060,
    -2.134e8,
    -2e8,
    1654656125.5,
    scope="700.HK",
)
HKD = ("HKD", False)
RAISED = AlertEvent(1654656125.5, AlertChange.RAISED, RECORD, 1654656060, -2.134e8, -2e8)


def title(event: AlertEvent) -> str:
    return alert_message(event.record, event, "r7.1", AT, CALENDAR, money=HKD).title


def test_an_alert_says_what_fired_where_and_when() -> None:
    message = alert_message(RECORD, RAISED, "r7.1", AT, CALENDAR, money=HKD)
    assert (message.key, message.incident, message.at) == ("r7.1", "r7", AT)
    assert (message.kind, message.urgency, message.link) == (Change.RAISED, Urgency.NORMAL, "")
    assert message.title == "700.HK net ≤ −200M: −213.4M at 10:41"
    assert message.text.splitlines() == [
        "Rule: 700.HK: net ≤ −200M",
        "Value: −213.4M HKD at 10:41, threshold −200.0M",
        "Session 2022-06-08, source OpenD",
    ]
    assert message.fields == {
        "symbol": "700.HK",
        "source": "opend",
        "session": "2022-06-08",
        "rule": "700.HK: net <= -200M",
        "state": "raised",
        "value": -2.134e8,
        "threshold": -2e8,
        "currency": "HKD",
        "currency_assumed": False,
        "time": "2022-06-08T10:41:00+08:00",
        "freshness": 65.5,
        "reason": None,
        "late": False,
        "simulated": False,
        "test": False,
    }


def test_an_escalation_says_the_figure_of_its_own_line() -> None:
    worse = replace(RAISED, change=AlertChange.ESCALATED, time=1654656120, value=-3.1e8, threshold=-3e8)
    message = alert_message(RECORD, worse, "r7.2", AT, CALENDAR, money=HKD)
    assert message.title == "700.HK worse: −310.0M at 10:42 (net ≤ −200M)"
    assert (message.fields["value"], message.fields["threshold"]) == (-3.1e8, -3e8)


def test_what_cannot_be_judged_says_why() -> None:
    why = Reason.of(Code.NO_ANSWER_YET)
    event = replace(RAISED, change=AlertChange.CANNOT_JUDGE, time=None, value=None, reason=why)
    message = alert_message(RECORD, event, "r7.1", AT, CALENDAR, money=HKD)
    assert message.title.startswith("700.HK net ≤ −200M cannot be judged: ")
    assert (message.fields["value"], message.fields["time"], message.fields["freshness"]) == (None, None, None)
    assert message.fields["reason"] == message.title.partition("judged: ")[2]
    again = replace(event, change=AlertChange.JUDGED_AGAIN, reason=Reason.of(Code.JUDGED_AGAIN))
    assert title(again) == "700.HK net ≤ −200M can be judged again"


def test_its_end_and_its_acknowledgement() -> None:
    cleared = replace(RAISED, change=AlertChange.CLEARED, time=None, value=None, reason=Reason.of(Code.SESSION_ENDED))
    message = alert_message(RECORD, cleared, "r7.1.cleared", AT, CALENDAR, money=HKD)
    assert message.title == "700.HK cleared: net ≤ −200M"
    assert "Reason: session ended" in message.text
    seen = alert_message(RECORD, None, "r7.1.acknowledged", AT, CALENDAR, money=HKD)
    assert (seen.title, seen.kind) == ("700.HK acknowledged: net ≤ −200M", Change.ACKNOWLEDGED)
    assert (seen.fields["value"], seen.fields["threshold"], seen.incident) == (None, -2e8, "r7")


def test_a_share_has_no_currency() -> None:
    record = replace(RECORD, rule="net/turnover <= -3%")
    message = alert_message(
        record, replace(RAISED, record=record, value=-0.0372, threshold=-0.03), "k", AT, CALENDAR, money=HKD
    )
    assert message.title == "700.HK net/turnover ≤ −3%: −3.7% at 10:41"
    assert "Value: −3.7% at 10:41, threshold −3.0%" in message.text
    assert message.fields["currency"] is None


def test_the_currency_is_what_the_broker_says_of_the_listing_and_marked_where_it_is_assumed() -> None:
    for money, words in ((("CNY", False), "−213.4M CNY at"), (("HKD", True), "−213.4M HKD (assumed) at")):
        message = alert_message(RECORD, RAISED, "r7.1", AT, CALENDAR, money=money)
        assert f"Value: {words}" in message.text
        assert (message.fields["currency"], message.fields["currency_assumed"]) == money


def test_one_that_began_earlier_says_so() -> None:
    message = alert_message(RECORD, replace(RAISED, late=True), "r7.1", AT, CALENDAR, money=HKD)
    assert "It began before it was watched." in message.text
    assert message.fields["late"] is True


def test_what_a_simulator_said_is_marked_everywhere() -> None:
    record = replace(RECORD, simulated=True)
    message = alert_message(record, replace(RAISED, record=record), "r7.1", AT, CALENDAR, money=HKD)
    both = digest_message([message, alert_message(RECORD, RAISED, "r8.1", AT, CALENDAR, money=HKD)], [], "digest.1", AT)
    for each in (message, both):
        assert each.title.startswith("SIMULATED ")
        assert each.text.endswith("SIMULATED: these figures come from a simulator.")
        assert each.fields["simulated"] is True
    assert "SIMULATED 700.HK" not in both.text


def test_a_digest_names_all() -> None:
    messages = []
    for number in range(1, 13):
        record = replace(RECORD, symbol=Symbol(Market.HK, str(number)))
        messages.append(alert_message(record, replace(RAISED, record=record), f"r{number}.1", AT, CALENDAR, money=HKD))
    digest = digest_message([*messages, messages[0]], [], "digest.1", AT)
    assert digest.title == "13 alerts: 1.HK, 2.HK, 3.HK and 9 more"
    lines = digest.text.splitlines()
    assert lines[0].split(", ") == [f"{number}.HK" for number in range(1, 13)]
    assert lines[1:] == [each.title for each in [*messages, messages[0]]]
    assert (digest.kind, digest.incident, digest.urgency) == (Change.DIGEST, "digest.1", Urgency.NORMAL)
    assert (digest.fields["count"], digest.fields["test"]) == (13, False)
    # As the outbox keeps it and a webhook sends it: whole.
    kept = msgspec.json.decode(encoded(digest), type=Message)
    assert json.dumps(json.loads(as_json(facts(kept)))["count"]) == "13"
    urgent = digest_message([messages[0], replace(messages[1], urgency=Urgency.URGENT)], [], "digest.2", AT)
    assert (urgent.urgency, urgent.title) == (Urgency.URGENT, "2 alerts: 1.HK, 2.HK")


def test_a_digest_counts_what_was_dealt_with_and_does_not_name_it() -> None:
    records = [replace(RECORD, id=f"r{number}", symbol=Symbol(Market.HK, str(number))) for number in range(1, 4)]
    made = [alert_message(record, RAISED, record.id, AT, CALENDAR, money=HKD) for record in records]
    some = digest_message(made[:1], [*made[1:], made[1], made[0]], "digest.1", AT)
    assert some.title == "1 alert: 1.HK"
    assert some.text.splitlines()[-1] == "2 more alerts in quiet hours: over, or acknowledged since."
    assert "2.HK" not in some.text
    assert (some.fields["count"], some.fields["settled"]) == (1.0, 2.0)
    none = digest_message([], made, "digest.2", AT)
    assert (none.title, none.text) == ("Quiet hours: 3 alerts", "None stands: all are over, or acknowledged since.")


def test_what_is_wrong_with_a_source_is_urgent_and_names_no_symbol() -> None:
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.CLOSED))
    facts = {"rule_id": SOURCE_RULE, "scope": "opend", "rule": "source_lost", "cannot_judge": True, "reason": lost}
    record = replace(RECORD, value=math.nan, **facts)  # type: ignore[arg-type]
    for change, reason, said in (
        (AlertChange.CANNOT_JUDGE, lost, "OpenD is lost, and no rule is judged on it: Capflow closed the connection."),
        (AlertChange.JUDGED_AGAIN, Reason.of(Code.SOURCE_AGAIN, source="opend"), "OpenD answers again."),
        (AlertChange.JUDGED_AGAIN, Reason.of(Code.SESSION_ENDED), "OpenD: the session is over."),
    ):
        message = alert_message(
            record, AlertEvent(AT, change, record, None, None, 0.0, reason), "r7-1", AT, CALENDAR, money=HKD
        )
        assert (message.title, message.urgency, message.incident) == (said, Urgency.URGENT, "r7")
        assert (message.fields["symbol"], message.fields["rule"]) == (None, "opend: source_lost")
        assert message.fields.keys() == alert_message(RECORD, RAISED, "r8-1", AT, CALENDAR, money=HKD).fields.keys()
        assert "700.HK" not in message.text
    assert alert_message(record, None, "k", AT, CALENDAR, money=HKD).title == "OpenD: acknowledged."
    both = digest_message([message, alert_message(RECORD, RAISED, "r8-1", AT, CALENDAR, money=HKD)], [], "digest.1", AT)
    assert (both.title, both.urgency) == ("2 alerts: OpenD, 700.HK", Urgency.URGENT)


def test_a_test_is_marked_as_one() -> None:
    message = message_of_test("phone", AT)
    assert (message.kind, message.fields["test"], message.incident) == (Change.TEST, True, "test")
    assert "2022-06-08 02:47:25 UTC" in message.text
    assert message_of_test("phone", AT + 1).key != message.key


@pytest.mark.parametrize("change", [each for each in AlertChange if each not in PRELIMINARY])
@given(
    st.tuples(st.none() | st.integers(0, 4_000_000_000), st.none() | st.floats(), st.floats()),
    st.text(max_size=300),
    st.sampled_from(Market),
)
def test_any_event_gives_a_message_that_can_be_written(
    change: AlertChange, line: tuple[int | None, float | None, float], why: str, market: Market
) -> None:
    record = replace(RECORD, symbol=Symbol(market, "700" if market is Market.HK else "600519"), value=math.nan)
    event = AlertEvent(AT, change, record, *line, Reason.of(Code.VERBATIM, text=why))
    message = alert_message(record, event, "r7.1", AT, CALENDAR, money=HKD)
    assert len(message.title) <= TITLE_CHARACTERS
    assert "\n" not in message.title
    json.loads(msgspec.json.encode(message))
