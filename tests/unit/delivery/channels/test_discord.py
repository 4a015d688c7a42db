from __future__ import annotations

import json
from typing import Any

import pytest

from capflow_gui.delivery.channels.discord import Discord
from capflow_gui.delivery.http import Answer, Http
from capflow_gui.delivery.model import Failed, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.settings.channels import DiscordSettings
from tests.stand_ins.chat import DISCORD_PATH
from tests.stand_ins.kinds import message
from tests.stand_ins.service import Said


def discord(clock: Any, query: str = "") -> Discord:
    secrets = Secrets(lambda _field: f"https://discord.com{DISCORD_PATH}{query}")
    return Discord(DiscordSettings(address="keyring"), secrets, Http(None, clock))  # type: ignore[arg-type]


def test_it_waits_for_the_message_to_be_saved_and_keeps_the_thread(hand_clock: Any) -> None:
    assert discord(hand_clock).request(message()).address == f"https://discord.com{DISCORD_PATH}?wait=true"
    assert discord(hand_clock, "?thread_id=7&wait=false").request(message()).address.endswith("?thread_id=7&wait=true")


def test_nobody_is_mentioned_and_nothing_is_formatted(hand_clock: Any) -> None:
    body = json.loads(discord(hand_clock).request(message(title="*ST a, *ST b", text="@everyone", link="")).body)
    assert body == {"content": "\\*ST a, \\*ST b\n\\@everyone", "allowed_mentions": {"parse": []}}


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (200, {"id": "7"}, Sent),
        (200, {"id": 7}, RetryAt),
        (204, "", Sent),
        (400, {"message": "Invalid Form Body", "code": 50035}, Failed),
        (401, {"message": "Invalid Webhook Token", "code": 50027}, SetUpWrong),
        (403, "", SetUpWrong),
        (404, {"message": "Unknown Webhook", "code": 10015}, SetUpWrong),
        (500, "", RetryAt),
    ],
)
def test_answers(hand_clock: Any, status: int, body: Any, result: type[Any]) -> None:
    found = discord(hand_clock).result(Answer(status, {}, Said(status, body).raw))
    assert isinstance(found, result)
    if isinstance(body, dict) and "message" in body:
        assert (found.reason.get("message"), found.reason.get("number")) == (body["message"], body["code"])


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (Said(429, {"message": "You are being rate limited.", "retry_after": 1.337, "global": False}), 1.337),
        (Said(429, {"retry_after": 64}, {"Retry-After": "65"}), 64.0),
        (Said(429, "barred", {"Retry-After": "600"}), 600.0),
        (Said(200, {"id": "7"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "0.9"}), 0.9),
    ],
)
async def test_nothing_is_sent_before_the_time_it_names(meet: Any, hand_clock: Any, said: Said, seconds: float) -> None:
    async with meet("discord") as (service, channel):
        service.say(said)
        first = await channel.send(message())
        assert isinstance(first, Sent if said.status == 200 else RetryAt)
        hand_clock.move(seconds / 2)
        waits = await channel.send(message())
        assert isinstance(waits, RetryAt)
        assert waits.seconds == pytest.approx(seconds / 2)
        assert len(service.received) == 1
        hand_clock.move(seconds / 2 + 0.001)
        assert isinstance(await channel.send(message()), Sent)
