from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from capflow_gui.delivery.channels.mail import Mail
from capflow_gui.delivery.http import Http
from capflow_gui.delivery.model import Failed, Result, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code
from capflow_gui.settings.channels import EmailSettings
from tests.stand_ins.certificates import certificates
from tests.stand_ins.kinds import message
from tests.stand_ins.smtp import PASSWORD, USER, MailServer


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    return certificates(tmp_path_factory.mktemp("authority"), "localhost")


@pytest.fixture(autouse=True)
def _trusted(authority: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))


async def deliver(server: MailServer, patience_s: float = 5.0, password: str = PASSWORD, **options: Any) -> Result:
    """Send one mail to a server."""
    made: dict[str, Any] = {"user": USER, "password": "keyring", "security": "tls" if server.encrypted else "starttls"}
    if not server.sign_in:
        made = {"security": "none"}
    sent = message(**options.pop("message", {}))
    made |= {"host": "localhost", "port": server.port, "sender": f"Capflow <{USER}>", "to": ["me@there.example"]}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience_s)) as session:
        channel = Mail(EmailSettings(**{**made, **options}), Secrets(lambda _field: password), Http(session, None))  # type: ignore[arg-type]
        found = await channel.send(sent)
        await channel.close()
    return found


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_mail_arrives_encrypted_and_signed_in(authority: tuple[Path, Any], encrypted: bool) -> None:
    server = MailServer(authority[1], encrypted=encrypted)
    async with server.running():
        for urgency in Urgency:
            found = await deliver(server, message={"text": "净流出 −2亿\n.\n" + "流" * 900, "urgency": urgency})
            assert found == Sent("<a1b2c3-1@mail.example>")
    mail, urgent = server.mails
    assert mail["Subject"] == message().title
    assert (mail["From"], mail["To"]) == (f"Capflow <{USER}>", "me@there.example")
    assert mail["Message-ID"] == urgent["Message-ID"]
    assert mail["References"] == "<a1b2c3@mail.example>"
    assert mail["Date"] == "Wed, 08 Jun 2022 01:30:00 +0000"
    assert (mail["Importance"], urgent["Importance"]) == (None, "high")
    assert mail.get_content().startswith("净流出 −2亿\n.\n流流")
    assert mail.get_content().rstrip().endswith(message().link)
    assert server.recipients == ["rcpt TO:<me@there.example>"] * 2


async def test_a_title_is_no_header(authority: tuple[Path, Any]) -> None:
    server = MailServer(sign_in=False)
    async with server.running():
        found = await deliver(
            server, message={"title": "a\r\nBcc: all@there.example", "link": ""}, to=["a@b.example\nX: y"]
        )
        assert isinstance(found, Sent)
    assert server.mails[0]["Bcc"] is None
    assert server.mails[0]["Subject"] == "a Bcc: all@there.example"


async def test_one_of_two_addresses_is_refused(authority: tuple[Path, Any]) -> None:
    server = MailServer(sign_in=False, says={"RCPT rcpt TO:<no@there.example>": "550 no such user"})
    async with server.running():
        assert await deliver(server, to=["no@there.example", "me@there.example"]) == Sent("1/2")


@pytest.mark.parametrize(
    ("says", "result", "words"),
    [
        ({"GREETING": "554 go away"}, SetUpWrong, "go away"),
        ({"GREETING": "421 too busy"}, RetryAt, "too busy"),
        ({"GREETING": "nonsense"}, RetryAt, None),
        ({"GREETING": None}, RetryAt, None),
        ({"STARTTLS": "454 not now"}, RetryAt, "not now"),
        ({"AUTH": "535 5.7.8 use an authorisation code"}, SetUpWrong, "5.7.8 use an authorisation code"),
        ({"AUTH": "454 4.7.0 later"}, RetryAt, "4.7.0 later"),
        ({"MAIL": "553 sender is not yours"}, SetUpWrong, "sender is not yours"),
        ({"RCPT": "550 no such user"}, SetUpWrong, "no such user"),
        ({"RCPT": "451 greylisted"}, RetryAt, "greylisted"),
        ({"DATA": "452 disk full"}, RetryAt, "disk full"),
        ({"BODY": "554 this is spam"}, Failed, "this is spam"),
        ({"BODY": "451 try later"}, RetryAt, "try later"),
        ({"BODY": "750 what"}, RetryAt, None),
        ({"BODY": None}, RetryAt, None),
        ({"MAIL": f"553 {PASSWORD}"}, SetUpWrong, None),
    ],
)
async def test_refusals_and_faults(
    authority: tuple[Path, Any], says: dict[str, str | None], result: type[Any], words: str | None
) -> None:
    server = MailServer(authority[1], says=says)
    async with server.running():
        found = await deliver(server)
    assert isinstance(found, result), found
    assert words is None or found.reason.get("message") == words
    assert PASSWORD[:12] not in str(found)
    assert server.mails == []


@pytest.mark.parametrize("word", ["GREETING", "EHLO", "BODY"])
async def test_a_server_that_hangs_is_left_in_time(authority: tuple[Path, Any], word: str) -> None:
    """And so is the thread that waits for it: a thread that is left behind fails the test."""
    server = MailServer(sign_in=False, says={word: ""})
    async with server.running():
        found = await deliver(server, patience_s=0.15)
    assert isinstance(found, RetryAt)
    assert found.reason.code is Code.NO_ANSWER_IN_TIME


async def test_a_password_that_is_wrong_and_a_server_without_sign_in(authority: tuple[Path, Any]) -> None:
    server = MailServer(authority[1], encrypted=True)
    async with server.running():
        found = await deliver(server, password="another password")
        assert isinstance(found, SetUpWrong)
        assert found.reason.get("number") == 535
        found = await deliver(server, patience_s=0.2, security="none")
        assert isinstance(found, RetryAt)
    plain = MailServer(None)
    async with plain.running():
        found = await deliver(plain, security="starttls")
        assert isinstance(found, SetUpWrong)
        assert found.reason.code is Code.MAIL_NOT_OFFERED
        found = await deliver(plain, security="tls")
        assert isinstance(found, RetryAt)
        assert found.reason.code is Code.SERVICE_BROKE
    found = await deliver(plain)
    assert isinstance(found, RetryAt)
    assert found.reason.code is Code.SERVICE_UNREACHABLE


async def test_a_certificate_that_is_not_trusted(
    authority: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    server = MailServer(authority[1])
    async with server.running():
        found = await deliver(server)
        assert isinstance(found, SetUpWrong)
        assert found.reason.code is Code.SERVICE_NOT_TRUSTED
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(SettingsError, match="no_certificates"):
        await deliver(server)


async def test_names_that_cannot_be_sent_are_refused(authority: tuple[Path, Any]) -> None:
    for options in ({"user": "jürgen"}, {"password": "geheimwört"}):
        with pytest.raises(SettingsError, match="secret_unusable"):
            await deliver(MailServer(authority[1]), **options)
