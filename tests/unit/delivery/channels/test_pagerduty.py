from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.delivery.http import Answer
from capflow_gui.delivery.model import Change, Failed, RetryAt, Sent, SetUpWrong, Urgency
from tests.stand_ins.kinds import KINDS, message
from tests.stand_ins.service import Said


@pytest.fixture
def pagerduty(hand_clock: Any) -> Any:
    return KINDS["pagerduty"].open("https://events.eu.pagerduty.com", None, hand_clock)  # type: ignore[arg-type]


async def test_one_alert_is_one_incident_from_raised_to_cleared(meet: Any) -> None:
    async with meet("pagerduty") as (service, channel):
        for kind, state in [
            (Change.RAISED, "trigger"),
            (Change.ESCALATED, "trigger"),
            (Change.ACKNOWLEDGED, "acknowledge"),
            (Change.CLEARED, "resolve"),
        ]:
            assert await channel.send(message(kind=kind)) == Sent("a1b2c3")
            assert service.incidents == {"a1b2c3": state}
        assert await channel.send(message(kind=Change.CANNOT_JUDGE, incident="b")) == Sent("b")
        assert await channel.send(message(kind=Change.JUDGED_AGAIN, incident="b")) == Sent("b")
        assert service.incidents == {"a1b2c3": "resolve", "b": "resolve"}


def test_the_event(pagerduty: Any) -> None:
    request = pagerduty.request(message(urgency=Urgency.URGENT))
    body = json.loads(request.body)
    assert request.address == "https://events.eu.pagerduty.com/v2/enqueue"
    assert body["links"] == [{"href": message().link, "text": "Capflow"}]
    payload = body["payload"]
    assert (payload["severity"], payload["source"], payload["component"]) == ("critical", "longport:", "700.HK")
    assert payload["custom_details"]["threshold"] == -2e8
    body = json.loads(pagerduty.request(message(kind=Change.CLEARED)).body)
    assert body.keys() == {"routing_key", "event_action", "dedup_key"}
    payload = json.loads(pagerduty.request(message(kind=Change.TEST, title="", fields={}, link="")).body)["payload"]
    assert (payload["summary"], payload["source"], payload["severity"]) == ("Capflow", "Capflow", "info")
    assert "component" not in payload
    assert json.loads(pagerduty.request(message()).body)["payload"]["severity"] == "error"


@pytest.mark.parametrize(
    ("status", "body", "result", "words"),
    [
        (202, "", Sent, None),
        (200, "", RetryAt, None),
        (
            400,
            {"message": "Event object is invalid", "errors": ["'routing_key' is missing or blank"]},
            SetUpWrong,
            "'routing",
        ),
        (400, {"message": "Event object is invalid", "errors": ["'payload.summary' is missing"]}, Failed, "'payload"),
        (400, {"message": "Bad Request"}, Failed, "Bad Request"),
        (413, "", Failed, None),
        (403, "", SetUpWrong, None),
        (429, "", RetryAt, None),
        (500, "", RetryAt, None),
    ],
)
def test_answers(pagerduty: Any, status: int, body: Any, result: type[Any], words: str | None) -> None:
    found = pagerduty.result(Answer(status, {}, Said(status, body).raw))
    assert isinstance(found, result)
    if words:
        assert str(found.reason.get("message")).startswith(words)
