from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.delivery.channels.serverchan import address_of
from capflow_gui.delivery.http import Answer
from capflow_gui.delivery.model import RetryAt, Sent, SetUpWrong
from capflow_gui.errors import SettingsError
from tests.stand_ins.kinds import KINDS, message
from tests.stand_ins.service import Said


@pytest.fixture
def serverchan(hand_clock: Any) -> Any:
    return KINDS["serverchan"].open("https://own.example/", None, hand_clock)  # type: ignore[arg-type]


def test_the_key_says_which_host_it_is_for() -> None:
    assert address_of("SCT248613TxYw8") == "https://sctapi.ftqq.com/SCT248613TxYw8.send"
    assert address_of("sctp3861tAbCd") == "https://3861.push.ft07.com/send/sctp3861tAbCd.send"
    assert address_of("sctp3861tAbCd", "https://own.example/") == "https://own.example/send/sctp3861tAbCd.send"
    for key in ("a/b", "key?x", "", "sctp3861tAb/../x"):
        with pytest.raises(SettingsError):
            address_of(key)


def test_a_long_title_is_whole_in_the_text(serverchan: Any) -> None:
    body = json.loads(serverchan.request(message(title="标题" * 20, text="*ST one\ntwo", link="")).body)
    assert body["title"] == "标题" * 15 + "标…"
    assert body["desp"] == f"{'标题' * 20}\n\\*ST one\n\ntwo"


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, {"code": 0, "data": {"pushid": "7"}}, Sent("7")),
        (200, {"code": 0, "data": None}, Sent()),
        (500, {"code": 0}, RetryAt),
        (400, {"code": 40001, "message": "[AUTH]错误的Key"}, SetUpWrong),
        (400, {"code": 40001, "message": "[AUTH]超过当天的发送次数限制[5]，请稍后再试"}, 3600.0),
        (200, {"code": 471, "message": "超过当天的发送次数限制[5]"}, 3600.0),
        (200, {"code": 4711, "message": "something new"}, SetUpWrong),
        (500, {"code": 50000, "message": "busy"}, 0.0),
        (200, {"code": "0"}, RetryAt),
    ],
)
def test_the_code_in_the_body_decides(serverchan: Any, status: int, body: Any, result: Any) -> None:
    found = serverchan.result(Answer(status, {}, Said(status, body).raw))
    if isinstance(result, float):
        assert isinstance(found, RetryAt)
        assert found.seconds == result
    elif isinstance(result, type):
        assert isinstance(found, result)
    else:
        assert found == result
