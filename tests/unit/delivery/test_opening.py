"""What is the same for every kind of channel over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, cast
from urllib.parse import quote

import aiohttp
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.clock import SystemClock
from capflow_gui.delivery.http import Answer
from capflow_gui.delivery.model import Result, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.opening import open_channel
from capflow_gui.errors import SettingsError
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code
from capflow_gui.settings import channels
from tests.stand_ins.kinds import KINDS, message
from tests.stand_ins.service import Received, Said

every_kind = pytest.mark.parametrize("name", KINDS)
NOBODY = cast("aiohttp.ClientSession", None)


@every_kind
async def test_a_message_arrives_as_the_service_wants_it(meet: Any, name: str) -> None:
    async with meet(name) as (service, channel):
        for urgency in Urgency:
            assert await channel.send(message(urgency=urgency)) == Sent(KINDS[name].receipt)
        assert "−212.4M" in service.received[0].body.decode()
        await channel.close()
    assert len(service.received) == 2


@every_kind
async def test_what_is_no_answer_has_the_right_result(
    meet: Any, name: str, hand_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page, ok = Said(200, "<html>Welcome to the hotel</html>"), KINDS[name].receipt
    begun = Sent() if name == "webhook" else RetryAt
    async with meet(name) as (service, channel):
        cases: list[tuple[Any, Any, Code | None]] = [
            (service.close, RetryAt, Code.SERVICE_BROKE),
            (service.stop_in_the_middle, begun, None),
            (service.never_end, begun, None),
            (page, begun, None),
            (Said(200, '{"code": 0'), begun, None),
            (Said(429, "", {"Retry-After": "12"}), 12.0, Code.SERVICE_TOO_FAST),
            (Said(429, "slow down"), 0.0, Code.SERVICE_TOO_FAST),
            (Said(503, page.body, {"Retry-After": "7"}), 7.0, Code.SERVICE_FAULT),
            (Said(502, {}), 0.0, Code.SERVICE_FAULT),
            (Said(408), 0.0, Code.SERVICE_FAULT),
            (Said(410), SetUpWrong, None),
            (Said(404), SetUpWrong, None),
            *(
                (Said(n, "", {"Location": "/elsewhere"}), SetUpWrong, Code.SERVICE_REDIRECTS)
                for n in (301, 302, 307, 308)
            ),
        ]
        for act, expected, code in cases:
            service.say(act) if isinstance(act, Said) else service.next.append(act)
            said = await channel.send(message())
            assert fits(said, expected), (act, said)
            assert code is None or said.reason.code is code
            hand_clock.move(60.0)  # Discord has asked to wait
        date = format_datetime(datetime.fromtimestamp(hand_clock.wall() + 30, UTC), usegmt=True)
        service.say(Said(429, "", {"Retry-After": date}))
        assert fits(await channel.send(message()), 30.0)
        hand_clock.move(60.0)
        assert await channel.send(message()) == Sent(ok)
    assert {got.path for got in service.received} == {service.received[0].path}
    assert pieces_of(KINDS[name].secrets(service.url), caplog.text) == []


def fits(said: Result, expected: Any) -> bool:
    if isinstance(expected, float):
        return isinstance(said, RetryAt) and said.seconds == expected
    return isinstance(said, expected) if isinstance(expected, type) else said == expected


@every_kind
async def test_a_service_that_hangs_is_left_in_time(meet: Any, name: str) -> None:
    async with meet(name, patience_s=0.05) as (service, channel):
        service.next.append(service.hang)
        said = await channel.send(message())
        assert (type(said), said.reason.code) == (RetryAt, Code.NO_ANSWER_IN_TIME)


@every_kind
async def test_a_service_that_is_away_is_asked_again(
    name: str, session: aiohttp.ClientSession, hand_clock: Any
) -> None:
    channel = KINDS[name].open("http://127.0.0.1:9", session, hand_clock)
    said = await channel.send(message())
    assert (type(said), said.reason.code) == (RetryAt, Code.SERVICE_UNREACHABLE)
    assert "127" not in str(said)


def echoes(secrets: dict[str, str], path: str) -> list[Said]:
    """Answers of all statuses and shapes that repeat what they were asked with."""
    told = " ".join([*secrets.values(), path, *(quote(text, safe="") for text in secrets.values())])
    answers = [Said(status, f"no: {told}") for status in (200, 400, 403, 404, 429, 500)]
    for secret in (told, *secrets.values(), *(text[-16:] for text in secrets.values())):
        for status in (200, 202, 400, 401, 413, 429, 500):
            for code in (0, 1, 400, 93000, secret):
                body = dict.fromkeys(("description", "message", "errmsg", "msg", "error", "dedup_key", "token"), secret)
                codes = dict.fromkeys(("code", "errcode", "error_code"), code)
                extra = {
                    "ok": False,
                    "status": 0,
                    "errors": [secret],
                    "parameters": {"retry_after": secret},
                    "id": secret,
                }
                answers.append(Said(status, {**body, **codes, **extra, "data": {"pushid": secret}, "request": secret}))
    return answers


@every_kind
async def test_no_piece_of_a_secret_is_in_what_is_said(
    name: str, hand_clock: Any, caplog: pytest.LogCaptureFixture, session: aiohttp.ClientSession
) -> None:
    caplog.set_level(logging.DEBUG)
    kind = KINDS[name]
    secrets = kind.secrets("https://service.example")
    channel = kind.open("https://service.example", session, hand_clock)
    request = channel.request(message())
    told = [repr(channel), repr(request), repr(vars(channel)["http"])]
    for said in echoes(secrets, request.address):
        answer = Answer(said.status, {"Retry-After": secrets[min(secrets)], **said.headers}, said.raw)
        result = channel.result(answer)
        told.append(repr(result))
        if not isinstance(result, Sent):
            told += [str(result.reason), result.reason.to_json(), reason_words(result.reason)]
    for text in (*told, caplog.text):
        assert pieces_of(secrets, text) == []


def pieces_of(secrets: dict[str, str], text: str) -> list[str]:
    return [
        secret[start : start + 12]
        for secret in secrets.values()
        for start in range(len(secret) - 11)
        if secret[start : start + 12] in text
    ]


LONG = st.tuples(
    st.text(st.characters(), min_size=1, max_size=12) | st.sampled_from('<&"\n流'), st.integers(1, 4000)
).map(lambda pair: pair[0] * pair[1])


@every_kind
@settings(max_examples=10)
@given(
    title=st.text(st.characters(), max_size=120) | LONG,
    text=st.text(st.characters(), max_size=60) | LONG,
    link=LONG | LONG.map("https://a.example/{}".format),
)
def test_any_text_is_taken(name: str, title: str, text: str, link: str) -> None:
    """The stand-in refuses what is longer than the service takes, in what it counts, and what is no text."""
    channel = KINDS[name].open("https://service.example", NOBODY, SystemClock())
    service = KINDS[name].service(SystemClock().wall)
    sent = message(title=f"!{title}", text=text, link=link[:3000])
    said = service.answer(Received.of(channel.request(sent)))
    assert isinstance(channel.judge(Answer(said.status, {}, said.raw)), Sent), said


@pytest.mark.parametrize(
    ("field", "made", "secret"),
    [
        ("address", channels.SlackSettings(address="keyring"), ""),
        ("address", channels.SlackSettings(address="keyring"), "hooks.slack.com/a-long-secret-path"),
        ("address", channels.SlackSettings(address="keyring"), "ftp://hooks.slack.com/a-long-secret-path"),
        ("address", channels.WecomSettings(address="keyring"), "https://host:a-long-secret-port/path"),
        ("token", channels.TelegramSettings(token="keyring", chat="1"), "a long secret token"),
        ("key", channels.ServerchanSettings(key="keyring"), "a/long/secret/../key"),
        ("key", channels.BarkSettings(key="keyring"), ",,,"),
        ("secret", channels.WebhookSettings(address="keyring", secret="keyring"), "https://not-a-signing-secret"),
        ("password", channels.EmailSettings(host="h", sender="s", to=["t"], password="keyring"), "ein-Geheimwört"),
    ],
)
async def test_a_secret_that_cannot_be_used_is_named_and_not_repeated(
    session: aiohttp.ClientSession, field: str, made: channels.ChannelSettings, secret: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        open_channel(made, lambda _field: secret, session, SystemClock())
    assert caught.value.key == field
    assert json.dumps(str(caught.value)).find(secret or "nothing") == -1
    assert caught.value.__cause__ is None


async def test_a_proxy_of_a_channel_is_given_its_user_and_password(
    session: aiohttp.ClientSession, hand_clock: Any
) -> None:
    asked = {"address": "http://service.example/hook", "proxy_password": "p@ss:wörd/1"}
    made = channels.SlackSettings(address="keyring", proxy_user="me", proxy_password="keyring")
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        here = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        proxied = msgspec.structs.replace(made, proxy=here)
        with pytest.raises(SettingsError) as caught:
            open_channel(proxied, asked.__getitem__, session, hand_clock)
        assert (caught.value.key, str(caught.value.reason)) == ("proxy_password", "secret_unusable")
        asked["proxy_password"] = "p@ss:word/1"
        channel = open_channel(proxied, asked.__getitem__, session, hand_clock)
        assert await channel.send(message()) == Sent()
    mark = base64.b64encode(b"me:p@ss:word/1").decode()
    assert f"Proxy-Authorization: Basic {mark}" in heard[0].decode().split("\r\n")
    assert "p@ss" not in repr(channel) + repr(vars(channel))
    open_channel(made, asked.__getitem__, session, hand_clock)  # which has no proxy of its own


def test_a_proxy_user_has_no_colon() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "slack", "address": "keyring", "proxy_user": "me:you"}, channels.ChannelSettings)


async def test_what_asking_for_a_secret_raises_is_passed_on(session: aiohttp.ClientSession) -> None:
    def ask(field: str) -> str:
        raise KeyError(field)

    with pytest.raises(KeyError, match="address"):
        open_channel(channels.SlackSettings(address="env:NOT_SET"), ask, session, SystemClock())


def test_every_kind_in_the_settings_has_an_adapter() -> None:
    over_http = channels.KINDS.keys() - {"desktop", "email", "command"}
    assert over_http == KINDS.keys()
