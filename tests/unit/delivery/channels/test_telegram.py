from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.delivery.channels.telegram import Telegram
from capflow_gui.delivery.http import Answer, Http
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.settings.channels import TelegramSettings
from tests.stand_ins.chat import TELEGRAM_TOKEN
from tests.stand_ins.kinds import message
from tests.stand_ins.service import Said


def telegram(**options: Any) -> Telegram:
    settings = TelegramSettings(**{"token": "keyring", "chat": "42", **options})
    return Telegram(settings, Secrets(lambda _field: TELEGRAM_TOKEN), Http(None, SystemClock()))  # type: ignore[arg-type]


def test_the_message_is_plain_text_without_a_preview() -> None:
    request = telegram(thread=7, silent=True).request(message(text="1 < 2 & *3*"))
    body = json.loads(request.body)
    assert request.address == f"https://api.telegram.org/bot{TELEGRAM_TOKEN}/sendMessage"
    assert "parse_mode" not in body
    assert "1 < 2 & *3*" in body["text"]
    assert (body["chat_id"], body["message_thread_id"], body["disable_notification"]) == ("42", 7, True)
    assert body["link_preview_options"] == {"is_disabled": True}
    assert json.loads(telegram().request(message()).body).keys() == {"chat_id", "text", "link_preview_options"}


def test_a_group_takes_twenty_a_minute() -> None:
    assert telegram().limits.per_minute is None
    assert telegram(chat="-100123").limits.per_minute == telegram(chat="@here").limits.per_minute == 20


@pytest.mark.parametrize(
    ("code", "said", "extra", "result"),
    [
        (401, "Unauthorized", {}, SetUpWrong),
        (403, "Forbidden: bot was kicked from the group chat", {}, SetUpWrong),
        (404, "Not Found", {}, SetUpWrong),
        (400, "Bad Request: chat not found", {}, SetUpWrong),
        (400, "Bad Request: message thread not found", {}, SetUpWrong),
        (400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -1}, SetUpWrong),
        (400, "Bad Request: message is too long", {}, Failed),
        (400, "Bad Request: message text is empty", {}, Failed),
        (429, "Too Many Requests: retry after 17", {"retry_after": 17}, 17.0),
        (429, "Too Many Requests", None, 0.0),
        (500, "Internal Server Error", {}, 0.0),
        ("odd", "Something new", {}, Failed),
    ],
)
def test_refusals(code: Any, said: str, extra: Any, result: Any) -> None:
    body = {"ok": False, "error_code": code, "description": said, "parameters": extra}
    status = code if isinstance(code, int) else 200
    found = telegram().result(Answer(status, {}, Said(status, body).raw))
    if isinstance(result, float):
        assert isinstance(found, RetryAt)
        assert found.seconds == result
    else:
        assert isinstance(found, result)
        assert found.reason.get("message") == said


def test_the_number_of_the_message_is_its_receipt() -> None:
    assert telegram().result(Answer(200, {}, b'{"ok": true, "result": {"message_id": 365}}')) == Sent("365")


@pytest.mark.parametrize("body", ["{}", '{"ok": true}', '{"ok": 1, "result": {}}', "[]"])
def test_what_is_no_answer_of_telegram_is_not_taken_for_sent(body: str) -> None:
    for status in (200, 503):
        assert isinstance(telegram().result(Answer(status, {}, body.encode())), RetryAt)
