from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.delivery.http import Answer, HttpChannel
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong
from capflow_gui.settings.channels import DingtalkSettings, FeishuSettings
from tests.stand_ins.chat import DingtalkService, FeishuService
from tests.stand_ins.kinds import KINDS, message
from tests.stand_ins.service import Received, Said


def robot(name: str, clock: Any, settings: Any = None) -> HttpChannel:
    return KINDS[name].open("https://robots.example", None, clock, settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "code", "words", "result"),
    [
        ("feishu", 0, "success", Sent),
        ("feishu", 19001, "param invalid: incoming webhook access token invalid", SetUpWrong),
        ("feishu", 19021, "sign match fail or timestamp is not within one hour from current time", SetUpWrong),
        ("feishu", 19022, "Ip Not Allowed", SetUpWrong),
        ("feishu", 19024, "Key Words Not Found", SetUpWrong),
        ("feishu", 9499, "Bad Request", Failed),
        ("feishu", 9499, "too many request", 0.0),
        ("feishu", 11232, "frequency limited psm", 5.0),
        ("feishu", 4711, "something new", Failed),
        ("wecom", 0, "ok", Sent),
        ("wecom", 93000, "invalid webhook url", SetUpWrong),
        ("wecom", 93000, "Invalid input : content exceed max length. invalid Request Parameter", Failed),
        ("wecom", 40058, "text.content exceed max length 2048", Failed),
        ("wecom", 45009, "api freq out of limit", 60.0),
        ("wecom", 4711, "something new", Failed),
        ("dingtalk", 0, "ok", Sent),
        ("dingtalk", 310000, "keywords not in content", SetUpWrong),
        ("dingtalk", 310000, "sign not match", SetUpWrong),
        ("dingtalk", 300005, "token is not exist", SetUpWrong),
        ("dingtalk", 130101, "send too fast, exceed 20 times per minute", 600.0),
        ("dingtalk", 410100, "too fast", 600.0),
        ("dingtalk", 4711, "something new", Failed),
    ],
)
def test_the_code_in_the_body_decides(hand_clock: Any, name: str, code: int, words: str, result: Any) -> None:
    fields = ("code", "msg") if name == "feishu" else ("errcode", "errmsg")
    found = robot(name, hand_clock).result(
        Answer(200, {}, Said(200, dict(zip(fields, (code, words), strict=True))).raw)
    )
    if isinstance(result, float):
        assert isinstance(found, RetryAt)
        assert found.seconds == result
    else:
        assert isinstance(found, result)
    if isinstance(found, SetUpWrong | Failed):
        assert (found.reason.get("message"), found.reason.get("number")) == (words, code)


def test_wecom_counts_bytes(hand_clock: Any) -> None:
    text = json.loads(robot("wecom", hand_clock).request(message(text="净流出" * 900)).body)["text"]["content"]
    assert 2040 < len(text.encode()) <= 2048
    assert text.endswith(f"…\n{message().link}")


@pytest.mark.parametrize("name", ["feishu", "wecom", "dingtalk"])
@pytest.mark.parametrize("body", ["{}", '{"code": "0", "errcode": "0"}', '{"code": false, "errcode": false}', "ok"])
def test_without_a_code_it_is_not_sent(hand_clock: Any, name: str, body: str) -> None:
    assert isinstance(robot(name, hand_clock).result(Answer(200, {}, body.encode())), RetryAt)
    good = b'{"code": 0, "errcode": 0}'
    assert isinstance(robot(name, hand_clock).result(Answer(502, {}, good)), RetryAt)


def test_signatures_are_right_for_their_clock_alone(hand_clock: Any) -> None:
    """Feishu signs nothing with time and secret as the key; DingTalk signs time and secret with the secret."""
    for name, refused in (("feishu", 19021), ("dingtalk", 310000)):
        service = KINDS[name].service(hand_clock.wall)
        request = robot(name, hand_clock).request(message())
        said = service.answer(Received.of(request)).body
        assert said.get("code", said.get("errcode")) == 0
        late = KINDS[name].service(lambda: hand_clock.wall() + 3601)
        said = late.answer(Received.of(request)).body
        assert said.get("code", said.get("errcode")) == refused


def test_a_robot_without_a_secret_signs_nothing(hand_clock: Any) -> None:
    feishu = robot("feishu", hand_clock, FeishuSettings(address="keyring")).request(message())
    assert json.loads(feishu.body).keys() == {"msg_type", "content"}
    dingtalk = robot("dingtalk", hand_clock, DingtalkSettings(address="keyring")).request(message())
    assert "sign=" not in dingtalk.address
    services: list[Any] = [FeishuService(), DingtalkService()]
    for service, request in zip(services, (feishu, dingtalk), strict=True):
        service.secret = ""
        assert 0 in service.answer(Received.of(request)).body.values()


def test_the_keyword_is_in_every_message_once(hand_clock: Any) -> None:
    settings = DingtalkSettings(address="keyring", secret="keyring", keyword="告警")
    service = DingtalkService(hand_clock.wall)
    service.keyword = "告警"
    for made in (message(), message(title="告警: net"), message(title="x" * 120, text="流" * 30_000)):
        request = robot("dingtalk", hand_clock, settings).request(made)
        assert service.answer(Received.of(request)).body == {"errcode": 0, "errmsg": "ok"}
        assert json.loads(request.body)["text"]["content"].count("告警") == 1
    feishu = robot("feishu", hand_clock, FeishuSettings(address="keyring", keyword="告警"))
    assert json.loads(feishu.request(message()).body)["content"]["text"].startswith("告警 700.HK")
