from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from capflow_gui.delivery.http import Answer
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.settings.channels import PushoverSettings
from tests.stand_ins.kinds import KINDS, message
from tests.stand_ins.service import Said


@pytest.fixture
def pushover(hand_clock: Any) -> Any:
    return KINDS["pushover"].open("", None, hand_clock, PushoverSettings(token="keyring", user="keyring"))  # type: ignore[arg-type]


def test_what_is_posted(pushover: Any) -> None:
    request = pushover.request(message())
    body = json.loads(request.body)
    assert request.address == "https://api.pushover.net/1/messages.json"
    assert (body["priority"], body["timestamp"], body["url"]) == (0, 1_654_651_800, message().link)
    assert "device" not in body
    own = KINDS["pushover"].open("https://own.example", None, pushover.http.clock)  # type: ignore[arg-type]
    assert json.loads(own.request(message()).body)["device"] == "desk"
    body = json.loads(pushover.request(message(urgency=Urgency.URGENT, text="", link="https://" + "x" * 512)).body)
    assert (body["priority"], body["message"]) == (1, body["title"])
    assert "url" not in body


async def test_an_urgent_message_rings_until_it_is_acknowledged_where_the_user_wants_that(meet: Any) -> None:
    def settings(url: str) -> PushoverSettings:
        return PushoverSettings(token="keyring", user="keyring", server=url, retry=60, expire=1800)

    async with meet("pushover", settings) as (service, channel):
        assert await channel.send(message(urgency=Urgency.URGENT)) == Sent("rLqVuqTRh62UzxtmqiaLzQmVcPgiCy")
        assert await channel.send(message()) == Sent("647d2300-702c-4b38-8b2f-d56326ae460b")
    urgent, normal = (got.json() for got in service.received)
    assert (urgent["priority"], urgent["retry"], urgent["expire"]) == (2, 60, 1800)
    assert normal["priority"] == 0
    assert not {"retry", "expire"} & normal.keys()


@pytest.mark.parametrize("wrong", [{"retry": 29}, {"retry": 60, "expire": 10_801}, {"retry": 10_801}, {"expire": 0}])
def test_times_that_the_service_does_not_take_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"token": "keyring", "user": "keyring", **wrong}, PushoverSettings)


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, {"status": 1, "request": "r-1"}, Sent),
        (200, {"status": 0, "errors": ["no"]}, SetUpWrong),
        (200, {}, RetryAt),
        (400, {"status": 0, "token": "invalid", "errors": ["application token is invalid"]}, SetUpWrong),
        (400, {"status": 0, "user": "invalid", "errors": ["user identifier is invalid"]}, SetUpWrong),
        (400, {"status": 0, "errors": ["message cannot be blank"]}, Failed),
        (400, {"status": 0, "errors": "odd"}, Failed),
        (404, "no page", SetUpWrong),
        (500, {"status": 0}, RetryAt),
    ],
)
def test_answers(pushover: Any, status: int, body: Any, result: type[Any]) -> None:
    found = pushover.result(Answer(status, {}, Said(status, body).raw))
    assert isinstance(found, result)
    if isinstance(found, SetUpWrong | Failed) and isinstance(body, dict) and isinstance(body["errors"], list):
        assert found.reason.get("message") == body["errors"][0]


def test_the_messages_of_a_month_are_used_up_until_a_time_that_is_said(pushover: Any, hand_clock: Any) -> None:
    reset = str(int(hand_clock.wall() + 7200))
    found = pushover.result(Answer(429, {"X-Limit-App-Remaining": "0", "X-Limit-App-Reset": reset}, b"{}"))
    assert isinstance(found, RetryAt)
    assert found.seconds == 7200.0
    assert pushover.result(Answer(429, {"Retry-After": "5"}, b"{}")).seconds == 5.0
