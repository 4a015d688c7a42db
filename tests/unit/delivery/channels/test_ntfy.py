from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.delivery.channels.ntfy import Ntfy
from capflow_gui.delivery.http import Answer, Http
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.settings.channels import NtfySettings
from tests.stand_ins.kinds import message
from tests.stand_ins.push import NTFY_TOKEN, NTFY_TOPIC
from tests.stand_ins.service import Said


def ntfy(clock: Any, **options: Any) -> Ntfy:
    secrets = Secrets({"topic": NTFY_TOPIC, "token": NTFY_TOKEN}.__getitem__)
    return Ntfy(NtfySettings(topic="keyring", **options), secrets, Http(None, clock))  # type: ignore[arg-type]


def test_the_topic_is_in_the_body_and_the_token_in_a_header(hand_clock: Any) -> None:
    request = ntfy(hand_clock, token="keyring", server="https://own.example/ntfy/").request(message())
    body = json.loads(request.body)
    assert request.address == "https://own.example/ntfy/"
    assert request.headers == {"Authorization": f"Bearer {NTFY_TOKEN}"}
    assert (body["topic"], body["priority"], body["click"]) == (NTFY_TOPIC, 3, message().link)
    urgent = ntfy(hand_clock).request(message(urgency=Urgency.URGENT, link=""))
    assert urgent.headers == {}
    assert json.loads(urgent.body)["priority"] == 5
    assert "click" not in json.loads(urgent.body)
    assert "click" not in json.loads(ntfy(hand_clock).request(message(link="https://" + "x" * 2048)).body)


@pytest.mark.parametrize(
    ("status", "code", "headers", "result"),
    [
        (200, None, {}, RetryAt),
        (400, 40009, {}, SetUpWrong),
        (401, 40101, {}, SetUpWrong),
        (403, 40301, {}, SetUpWrong),
        (413, 41301, {}, Failed),
        (429, 42901, {}, 0.0),
        (429, 42901, {"Retry-After": "5"}, 5.0),
        (429, 42908, {}, 3600.0),
        (429, 42908, {"Retry-After": "7200"}, 7200.0),
        (507, 50701, {}, 0.0),
    ],
)
def test_refusals_have_a_code_of_five_digits(
    hand_clock: Any, status: int, code: int | None, headers: dict[str, str], result: Any
) -> None:
    body = {"code": code, "http": status, "error": "the server's own words", "link": "https://ntfy.sh/docs"}
    found = ntfy(hand_clock).result(Answer(status, headers, Said(status, body).raw))
    if isinstance(result, float):
        assert isinstance(found, RetryAt)
        assert found.seconds == result
    else:
        assert isinstance(found, result)
    if isinstance(found, SetUpWrong | Failed):
        assert (found.reason.get("message"), found.reason.get("number")) == (body["error"], code)


def test_a_page_of_html_is_no_word_of_ntfy(hand_clock: Any) -> None:
    found = ntfy(hand_clock).result(Answer(403, {}, b"<html>"))
    assert isinstance(found, SetUpWrong)
    assert found.reason.get("number") == 403
    assert ntfy(hand_clock).result(Answer(200, {}, b'{"id": "x7"}')) == Sent("x7")
