from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.delivery.http import Answer
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong
from tests.stand_ins.kinds import KINDS, message


@pytest.fixture
def slack(hand_clock: Any) -> Any:
    return KINDS["slack"].open("https://hooks.slack.com", None, hand_clock)  # type: ignore[arg-type]


def test_text_is_escaped_and_not_formatted(slack: Any) -> None:
    body = json.loads(slack.request(message(title="a & b <!channel> *c*", text="", link="")).body)
    assert body == {"text": "a &amp; b &lt;!channel&gt; *c*", "mrkdwn": False}


@pytest.mark.parametrize(
    ("status", "body", "result", "words"),
    [
        (200, "ok\n", Sent, None),
        (200, "no", RetryAt, None),
        (200, '{"ok": true}', RetryAt, None),
        (400, "invalid_payload", Failed, "invalid_payload"),
        (400, "no_text", Failed, "no_text"),
        (403, "action_prohibited", SetUpWrong, "action_prohibited"),
        (404, "channel_not_found", SetUpWrong, "channel_not_found"),
        (404, "<html>no</html>", SetUpWrong, None),
        (410, "channel_is_archived", SetUpWrong, "channel_is_archived"),
        (429, "rate_limited", RetryAt, None),
        (500, "rollup_error", RetryAt, None),
    ],
)
def test_the_body_says_what_became_of_it(slack: Any, status: int, body: str, result: type[Any], words: str) -> None:
    found = slack.result(Answer(status, {}, body.encode()))
    assert isinstance(found, result)
    if words:
        assert found.reason.get("message") == words
