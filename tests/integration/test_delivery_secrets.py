"""Every kind of channel through every fault, from the alert to its page: right result, and no secret anywhere.

Nothing is redacted here: no channel may depend on it.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import pytest
from aiohttp import web

from capflow_gui.credentials import no_log
from capflow_gui.deliveries import Deliveries
from capflow_gui.delivery.dispatcher import ATTEMPT_S
from capflow_gui.domain.alert_record import AlertChange, AlertEvent
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.paths import resource
from capflow_gui.present.alerts.channel_words import channel_news
from capflow_gui.present.alerts.past_alerts import to_csv, to_json, to_table
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.report import ReportFacts, report_parts
from capflow_gui.settings import Settings
from capflow_gui.settings.channels import (
    ChannelSettings,
    CommandSettings,
    EmailSettings,
)
from capflow_gui.storage.alert_history import find_alerts, read_alerts, read_sendings
from tests.integration.delivering_process import RECORD
from tests.integration.test_longport_secrets import files_below, leaks
from tests.stand_ins.certificates import certificates
from tests.stand_ins.kinds import KINDS
from tests.stand_ins.proxy import ConnectProxy
from tests.stand_ins.service import Said
from tests.stand_ins.smtp import PASSWORD, USER, MailServer
from tests.unit.conftest import HandClock

NAME = "phone"
SESSION = date(2022, 6, 8)
CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
PROXY_PASSWORD = "behind-the-proxy-7Qm2"
Expect = Callable[[str], None]


class Ring(dict[str, str]):
    """A keyring in memory."""

    def get_password(self, _service: str, name: str) -> str | None:
        return self.get(name)

    def set_password(self, _service: str, name: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, _service: str, name: str) -> None:
        raise NotImplementedError


class Profile:
    """A profile with one channel, which each round sends one alert."""

    def __init__(self, folder: Path, settings: ChannelSettings, secrets: Mapping[str, str], clock: HandClock) -> None:
        self.path = folder / "data" / "capflow.db"
        self.path.parent.mkdir()
        self.clock = clock
        self.settings = settings
        self.troubles: list[str] = []
        self._rounds = 0
        ring = Ring({f"channels.{NAME}.{field}": text for field, text in secrets.items()})
        self.deliveries = Deliveries({}, calendar=CALENDAR, clock=clock, conceal=no_log, open_backend=lambda: ring)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            async with self.deliveries.running():
                self.log = self.deliveries.open_log(self.path, simulated=False)
                self.log.start(lambda _news: None)
                yield
        finally:
            await asyncio.to_thread(self.log.close)

    async def send(self, prepare: Callable[[], object] = lambda: None, **changes: str) -> str:
        """Raise an alert; its state afterwards, and the code of the reason where it did not arrive.

        `prepare` is called before, `changes` are of the settings.
        """
        # A new line: no rest, no pause and no storm of the round before.
        self.clock.move(1000.0)
        self.deliveries.use({NAME: msgspec.structs.replace(self.settings, **changes)}, {NAME})
        await self._settled()
        prepare()
        self._rounds += 1
        at = self.clock.wall()
        record = replace(RECORD, id=f"aa{self._rounds:03}", symbol=Symbol.parse(f"{self._rounds}.HK"), raised_at=at)
        event = AlertEvent(at, AlertChange.RAISED, record, record.line_time, -2.1e8, -2e8)
        self.log.save({}, [], [record], [], [event])
        await self._settled()
        self.troubles += map(reason_words, self.deliveries.dispatcher.troubles)
        (delivery,) = find_alerts(self.path, [record.id])[0].deliveries
        return delivery.state if delivery.reason is None else f"{delivery.state} {delivery.reason.code}"

    async def _settled(self) -> None:
        await self.deliveries.dispatcher.finish(self.clock.monotonic() + 60.0)

    def told(self) -> dict[str, str]:
        """What can be read of it: on the page, by `capflow alerts`, in a problem report."""
        sendings = read_sendings(self.path, [NAME], 100)[NAME]
        news = channel_news(sendings)
        facts = ReportFacts("today", [], {}, Settings(channels={NAME: self.settings}), [])
        parts = report_parts(facts, "\n".join(self.troubles), str)
        past = read_alerts(self.path, SESSION, SESSION)
        return {
            "page": "\n".join((news.last, *news.messages)),
            **{write.__name__: write(past, CALENDAR) for write in (to_json, to_csv, to_table)},
            **{part.name: part.text for part in parts},
        }


def echo(secrets: Mapping[str, str], status: int) -> list[Said]:
    """Answers that repeat what they were asked with, in a text, a page and in every field that is read."""
    told = " ".join([*secrets.values(), *(quote(text, safe="") for text in secrets.values())])
    words = ("description", "message", "errmsg", "msg", "error", "errors", "id", "dedup_key", "request", "receipt")
    body: dict[str, Any] = {**dict.fromkeys(words, told), "errors": [told], "ok": False, "status": 0}
    codes = dict.fromkeys(("code", "errcode", "error_code"), 4711)
    return [Said(status, told), Said(status, body | codes), Said(status, body | dict.fromkeys(codes, told))]


def assert_hidden(texts: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    # The host of an address is no secret.
    hidden = {
        urlsplit(text)._replace(scheme="", netloc="").geturl() if "://" in text else text for text in secrets.values()
    }
    assert all(len(text) >= 8 for text in hidden)
    assert leaks({"found": f"x{min(hidden)}x"}, hidden) == ["found"]  # the search itself works
    assert leaks(texts, hidden) == []


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture, expect_log: Expect) -> None:
    caplog.set_level(logging.DEBUG)
    expect_log("not_delivered")


PROXY = ConnectProxy(says=b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
PROXIED = {"proxy_user": "me", "proxy_password": "keyring"}


@pytest.mark.parametrize("name", KINDS)
def test_no_fault_of_a_service_shows_a_secret(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    kind = KINDS[name]
    service = kind.service(clock.wall)
    told: dict[str, str] = {}
    secrets: dict[str, str] = {"proxy_password": PROXY_PASSWORD}

    async def hang(request: web.Request) -> web.StreamResponse:
        clock.move(ATTEMPT_S)
        return await service.hang(request)

    async def rounds() -> None:
        async with service.running(), PROXY.running():
            secrets.update(kind.secrets(service.url))
            profile = Profile(tmp_path, kind.settings(service.url), secrets, clock)
            one = max(secrets.values(), key=len)
            acts: list[tuple[Any, str]] = [
                (hang, "waiting no_answer_in_time"),
                (service.close, "waiting service_broke"),
                (Said(302, "", {"Location": f"{service.url}/{quote(one, safe='')}"}), "set_up_wrong service_redirects"),
                (Said(410, one), "set_up_wrong"),
                (Said(429, "", {"Retry-After": "7"}), "waiting service_too_fast"),
                (Said(429, "", {"Retry-After": one}), "waiting service_too_fast"),
                (Said(503, one), "waiting service_fault"),
                *((said, "") for status in (200, 400) for said in echo(secrets, status)),
            ]
            async with profile.running():
                assert await profile.send() == "sent"
                for act, expected in acts:
                    state = await profile.send(
                        lambda act=act: service.say(act) if isinstance(act, Said) else service.next.append(act)
                    )  # type: ignore[misc]
                    assert state.startswith(expected), (act, state)
                    # A webhook's receiver may say what it likes beside a 200; for the others an id is a receipt.
                    assert state != "sent" or (name in ("webhook", "discord", "ntfy") and act.status == 200), act
                assert (await profile.send(proxy=PROXY.url, **PROXIED)).startswith("set_up_wrong")
                told.update(profile.told())

    asyncio.run(rounds())
    assert_hidden({"log": caplog.text, **told, **files_below(tmp_path)}, secrets)


def test_no_fault_of_a_mail_server_shows_a_secret(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority, context = certificates(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    server = MailServer(context)
    secrets = {"password": PASSWORD, "proxy_password": PROXY_PASSWORD}
    line = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    told: dict[str, str] = {}

    async def rounds() -> None:
        async with server.running(), PROXY.running():
            settings = EmailSettings(
                host="localhost",
                port=server.port,
                security="starttls",
                user=USER,
                password="keyring",
                sender=USER,
                to=["me@there.example"],
            )
            profile = Profile(tmp_path, settings, secrets, HandClock())
            async with profile.running():
                assert await profile.send() == "sent"
                for word in ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY"):
                    for code, expected in (
                        (450, "waiting"),
                        (550, "failed" if word in ("DATA", "BODY") else "set_up_wrong"),
                    ):
                        server.says = {word: f"{code} no: {PASSWORD if code == 450 else line}"}
                        assert (await profile.send()).startswith(f"{expected} service_refused"), word
                for says, expected in (
                    ({"AUTH": None}, "waiting service_broke"),
                    ({"GREETING": PASSWORD}, "waiting service_unreadable"),
                ):
                    server.says = says
                    assert await profile.send() == expected
                assert await profile.send(proxy=PROXY.url, **PROXIED) == "set_up_wrong service_proxy_refused"
                told.update(profile.told())

    asyncio.run(rounds())
    assert_hidden({"log": caplog.text, **told, **files_below(tmp_path)}, secrets)


def test_no_argument_of_a_command_is_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secrets = {"argument": "an-argument-7Qm2"}
    there = [sys.executable, "-c", "import sys; print(sys.argv, file=sys.stderr); sys.exit(3)", *secrets.values()]
    profile = Profile(tmp_path, CommandSettings(command=there, enabled=True), {}, HandClock())
    missing = CommandSettings(command=[f"/nowhere/{secrets['argument']}"], enabled=True)
    told: dict[str, str] = {}

    async def rounds() -> None:
        async with profile.running():
            assert await profile.send() == "failed command_ended"
            profile.settings = missing
            assert await profile.send() == "set_up_wrong command_not_started"
            told.update(profile.told())

    asyncio.run(rounds())
    assert_hidden({"log": caplog.text, **told, **files_below(tmp_path)}, secrets)
