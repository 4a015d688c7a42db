from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.delivery.channels.webhook import Webhook, signature
from capflow_gui.delivery.http import Answer, Http
from capflow_gui.delivery.model import Change, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code
from capflow_gui.settings.channels import WebhookSettings
from tests.stand_ins.kinds import message
from tests.stand_ins.push import WEBHOOK_PATH, WEBHOOK_SECRET, WebhookReceiver
from tests.stand_ins.service import Received

OTHER = "whsec_" + base64.b64encode(b"another-key-of-24-bytes!").decode()


class Still(SystemClock):
    def wall(self) -> float:
        return 1674087231.9


def webhook(secret: str | None = WEBHOOK_SECRET) -> Webhook:
    values = {"address": f"https://a.example{WEBHOOK_PATH}", "secret": secret}
    settings = WebhookSettings(address="keyring", secret="keyring" if secret else None)
    return Webhook(settings, Secrets(values.__getitem__), Http(None, Still()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("secret", "number", "stamp", "body", "mark"),
    [
        (
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", "1731705121",
            b'{"event_type":"ping","data":{"success":true}}', "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
    ],
)  # fmt: skip
def test_the_signature_is_the_published_one(secret: str, number: str, stamp: str, body: bytes, mark: str) -> None:
    assert signature(base64.b64decode(secret), number, stamp, body) == mark


def test_a_request_is_signed_with_its_id_and_time() -> None:
    request = webhook().request(message(key="msg_1", text="t", title="t", link="", fields={}))
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["webhook-timestamp"] == "1674087231"
    receiver = WebhookReceiver(Still().wall)
    assert receiver.answer(Received.of(request)).status == 204
    receiver.secret = OTHER
    assert receiver.answer(Received.of(request)).status == 401


@pytest.mark.parametrize("secret", [f"{OTHER} {WEBHOOK_SECRET}", f"{WEBHOOK_SECRET}\t{OTHER}"])
def test_a_receiver_of_either_key_takes_it_while_keys_are_changed(secret: str) -> None:
    request = webhook(secret).request(message())
    assert request.headers["webhook-signature"].count("v1,") == 2
    for key in (OTHER, WEBHOOK_SECRET):
        receiver = WebhookReceiver(Still().wall)
        receiver.secret = key
        assert receiver.answer(Received.of(request)).status == 204


def test_a_retry_has_the_same_id_and_no_key_means_no_signature() -> None:
    channel = webhook(None)
    first, second = channel.request(message()), channel.request(message())
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "a1b2c3-1"
    assert "webhook-signature" not in first.headers


def test_the_body_has_the_facts_and_the_words() -> None:
    body = json.loads(webhook().request(message(kind=Change.ESCALATED, urgency=Urgency.URGENT)).body)
    assert (body["type"], body["timestamp"]) == ("alert.escalated", "2022-06-08T01:30:00.500Z")
    assert body["data"]["symbol"] == "700.HK"
    assert body["data"]["value"] == -212.4e6
    assert (body["data"]["urgent"], body["data"]["incident"]) == (True, "a1b2c3")
    assert len(webhook().request(message(text='"' * 30_000)).body) < 20_000


@pytest.mark.parametrize(
    "secret", ["not-a-key", "whsec_", "whsec_not base64", "whsec_%%%%", f"{WEBHOOK_SECRET} MfKQ9r8GKYqrTwjU"]
)
def test_what_is_no_signing_secret_is_refused_without_its_words(secret: str) -> None:
    with pytest.raises(SettingsError) as caught:
        webhook(secret)
    assert (caught.value.key, caught.value.reason.code) == ("secret", Code.NOT_A_SIGNING_SECRET)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, Sent), (202, Sent), (204, Sent), (400, SetUpWrong), (401, SetUpWrong), (410, SetUpWrong), (504, RetryAt)],
)
def test_the_status_decides(status: int, result: type[Any]) -> None:
    assert isinstance(webhook().result(Answer(status, {}, b"")), result)
