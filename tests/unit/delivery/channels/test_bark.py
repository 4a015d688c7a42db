from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.delivery.channels.bark import Bark
from capflow_gui.delivery.http import Answer, Http
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.errors import SettingsError
from capflow_gui.settings.channels import BarkSettings
from tests.stand_ins.kinds import message
from tests.stand_ins.push import BARK_KEY, BarkService
from tests.stand_ins.service import Received, Said


def bark(clock: Any, key: str = BARK_KEY, **options: Any) -> Bark:
    return Bark(BarkSettings(key="keyring", **options), Secrets(lambda _field: key), Http(None, clock))  # type: ignore[arg-type]


def test_an_urgent_message_is_time_sensitive(hand_clock: Any) -> None:
    request = bark(hand_clock).request(message(urgency=Urgency.URGENT, link="https://" + "x" * 500))
    assert request.address == "https://api.day.app/push"
    body = json.loads(request.body)
    assert body["level"] == "timeSensitive"
    assert body.keys() == {"device_key", "title", "body", "level", "group"}
    body = json.loads(bark(hand_clock, sound="alarm").request(message()).body)
    assert (body["level"], body["sound"], body["url"]) == ("active", "alarm", message().link)


def test_a_text_fits_as_the_server_writes_it(hand_clock: Any) -> None:
    service = BarkService(hand_clock.wall)
    for text, least in (("<" * 3000, 400), ("& ", 2), ("流" * 3000, 950), ("a" * 3000, 2500)):
        for link in ("", "https://a.example/?" + "&" * 200, "https://a.example/" + "x" * 470):
            request = bark(hand_clock, sound="alarm").request(message(title="<" * 120, text=text, link=link))
            assert service.answer(Received.of(request)).status == 200
            body = json.loads(request.body)
            assert len(body["body"]) >= least or link
            assert body.get("url", "") == (link if "&&" not in link else "")


def test_several_devices_have_commas_between_their_keys(hand_clock: Any) -> None:
    body = json.loads(bark(hand_clock, key=f"{BARK_KEY},another").request(message()).body)
    assert body["device_keys"] == [BARK_KEY, "another"]
    assert "device_key" not in body
    with pytest.raises(SettingsError):
        bark(hand_clock, key=",")


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, {"code": 200, "message": "success"}, Sent),
        (500, {"code": 200}, RetryAt),
        (200, {"code": 400, "message": "device key is empty"}, SetUpWrong),
        (500, {"code": 500, "message": "push failed: Unregistered"}, SetUpWrong),
        (500, {"code": 500, "message": "push failed: TooManyRequests"}, RetryAt),
        (200, {"code": 429, "message": "slow"}, RetryAt),
        (404, "Cannot POST /push", SetUpWrong),
        (200, {"code": 418, "message": "something new"}, Failed),
        (200, {"message": "success"}, RetryAt),
    ],
)
def test_the_code_in_the_body_decides(hand_clock: Any, status: int, body: Any, result: type[Any]) -> None:
    assert isinstance(bark(hand_clock).result(Answer(status, {}, Said(status, body).raw)), result)


def test_a_key_that_the_server_repeats_is_not_told(hand_clock: Any) -> None:
    words = f"failed to get device token: failed to get [{BARK_KEY}] device token from database"
    found = bark(hand_clock).result(Answer(400, {}, Said(400, {"code": 400, "message": words}).raw))
    assert isinstance(found, SetUpWrong)
    assert str(found.reason) == "service_refused number=400"
