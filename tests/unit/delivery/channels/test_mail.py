from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from capflow_gui.delivery.channels import mail as mail_module
from capflow_gui.delivery.channels.mail import Mail
from capflow_gui.delivery.http import Http
from capflow_gui.delivery.model import Failed, Result, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code
from capflow_gui.settings.channels import EmailSettings
from tests.stand_ins.certificates import certificates
from tests.stand_ins.kinds import message
from tests.stand_ins.proxy import ConnectProxy
from tests.stand_ins.smtp import PASSWORD, USER, MailServer


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    return certificates(tmp_path_factory.mktemp("authority"), "localhost")


@pytest.fixture(autouse=True)
def _trusted(authority: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))


@asynccontextmanager
async def mail_to(
    server: MailServer, patience_s: float = 5.0, password: str = PASSWORD, **options: Any
) -> AsyncIterator[Mail]:
    """The channel to a server."""
    made: dict[str, Any] = {"user": USER, "password": "keyring", "security": "tls" if server.encrypted else "starttls"}
    if not server.sign_in:
        made = {"security": "none"}
    made |= {"host": "localhost", "port": server.port, "sender": f"Capflow <{USER}>", "to": ["me@there.example"]}
    settings = EmailSettings(**{**made, **options})
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience_s)) as session:
        channel = Mail(settings, Secrets(lambda _field: password), Http(session, None, settings.proxy or ""))  # type: ignore[arg-type]
        yield channel
        await channel.close()


async def deliver(server: MailServer, *arguments: Any, **options: Any) -> Result:
    """Send one mail to a server."""
    sent = message(**options.pop("message", {}))
    async with mail_to(server, *arguments, **options) as channel:
        return await channel.send(sent)


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
    assert server.recipients == ["RCPT TO:<me@there.example>"] * 2


async def test_a_title_is_no_header(authority: tuple[Path, Any]) -> None:
    server = MailServer(sign_in=False)
    async with server.running():
        found = await deliver(server, message={"title": "a\r\nBcc: all@there.example", "link": ""})
        assert isinstance(found, Sent)
        for options in ({"to": ["a@b.example\nX: y"]}, {"sender": "a@b.example\r\nBcc: all@there.example"}):
            with pytest.raises(SettingsError, match="write_as"):
                await deliver(server, **options)
    assert server.mails[0]["Bcc"] is None
    assert server.mails[0]["Subject"] == "a Bcc: all@there.example"
    assert len(server.mails) == 1


async def test_names_and_titles_of_any_script(authority: tuple[Path, Any]) -> None:
    server = MailServer(sign_in=False)
    title = "腾讯控股 净流出 −2亿 " + "量" * 90
    async with server.running():
        found = await deliver(
            server, message={"title": title}, sender='"资金, 流" <a@münchen.example>', to=["Zoë <b@there.example>"]
        )
    assert found == Sent("<a1b2c3-1@xn--mnchen-3ya.example>")
    mail = server.mails[0]
    assert mail["Subject"] == title
    assert mail["From"].addresses[0].display_name == "资金, 流"
    assert mail["From"].addresses[0].addr_spec == "a@xn--mnchen-3ya.example"
    assert mail["To"].addresses[0].display_name == "Zoë"
    assert any(line.startswith("MAIL FROM:<a@xn--mnchen-3ya.example>") for line in server.heard)
    async with server.running():
        found = await deliver(server, to=["zoë@there.example"])
    assert isinstance(found, SetUpWrong)
    assert found.reason.code is Code.MAIL_NOT_OFFERED


async def test_one_of_two_addresses_is_refused(authority: tuple[Path, Any]) -> None:
    server = MailServer(sign_in=False, says={"RCPT RCPT TO:<no@there.example>": "550 no such user"})
    async with server.running():
        assert await deliver(server, to=["no@there.example", "me@there.example"]) == Sent("1/2")


async def test_what_one_of_two_addresses_refuses_for_now_is_sent_again_to_that_one(authority: tuple[Path, Any]) -> None:
    word = "RCPT RCPT TO:<slow@there.example>"
    server = MailServer(sign_in=False)
    async with server.running(), mail_to(server, to=["me@there.example", "slow@there.example"]) as channel:
        for last, receipt in (("250 ok", "<a1b2c3-1@mail.example>"), ("550 no such user", "1/2")):
            server.recipients.clear()
            for said in ("451 greylisted", "452 later"):
                server.says = {word: said}
                found = await channel.send(message())
                assert isinstance(found, RetryAt)
                assert found.reason.get("message") == said[4:]
            server.says = {"GREETING": "421 busy"}
            assert isinstance(await channel.send(message()), RetryAt)
            server.says = {word: last}
            assert await channel.send(message()) == Sent(receipt)
            assert server.recipients.count("RCPT TO:<me@there.example>") == 1
        # Nothing of it is left.
        server.recipients.clear()
        server.says = {}
        assert await channel.send(message()) == Sent("<a1b2c3-1@mail.example>")
        assert len(server.recipients) == 2


async def test_only_so_many_mails_wait_for_some_of_their_addresses(
    authority: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_module, "_MOST_OWED", 1)
    server = MailServer(sign_in=False, says={"RCPT RCPT TO:<slow@there.example>": "451 greylisted"})
    async with server.running(), mail_to(server, to=["me@there.example", "slow@there.example"]) as channel:
        for key in ("a-1", "b-1"):
            await channel.send(message(key=key))
        server.recipients.clear()
        server.says = {}
        for key, recipients in (("b-1", 1), ("a-1", 3)):
            assert isinstance(await channel.send(message(key=key)), Sent)
            assert len(server.recipients) == recipients


@pytest.mark.parametrize(("word", "result"), [("MAIL", SetUpWrong), ("RCPT", SetUpWrong), ("BODY", Failed)])
async def test_after_a_refusal_nothing_is_waited_for(authority: tuple[Path, Any], word: str, result: type[Any]) -> None:
    server = MailServer(sign_in=False, says={word: "550 no", "RSET": ""})
    async with server.running():
        found = await deliver(server)
    assert isinstance(found, result)


@pytest.mark.parametrize(
    ("says", "result", "words"),
    [
        ({"GREETING": "554 go away"}, SetUpWrong, "go away"),
        ({"GREETING": "421 too busy"}, RetryAt, "too busy"),
        ({"GREETING": "nonsense"}, RetryAt, None),
        ({"EHLO": "502 what"}, SetUpWrong, "what"),
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


STEPS = ["GREETING", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BODY"]


@pytest.mark.parametrize("word", STEPS)
async def test_a_server_that_hangs_or_closes_at_any_step_is_left_in_time(
    authority: tuple[Path, Any], word: str
) -> None:
    """What is left behind, a socket or a task, fails the test."""
    for encrypted in (False, True):
        server = MailServer(authority[1], encrypted=encrypted)
        async with server.running():
            for says, code in (("", Code.NO_ANSWER_IN_TIME), (None, Code.SERVICE_BROKE)):
                if encrypted and word == "STARTTLS":
                    continue
                server.says = {word: says}
                found = await deliver(server, patience_s=0.15 if says == "" else 5.0)
                assert isinstance(found, RetryAt)
                assert found.reason.code is code
        assert server.mails == []


@pytest.mark.parametrize("word", STEPS)
@pytest.mark.parametrize("code", [421, 550])
async def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(
    authority: tuple[Path, Any], word: str, code: int
) -> None:
    server = MailServer(authority[1], says={word: f"{code}-no\r\n{code} {PASSWORD}"})
    async with server.running():
        found = await deliver(server)
    of_this_mail = word in ("DATA", "BODY")
    assert type(found) is (RetryAt if code < 500 else Failed if of_this_mail else SetUpWrong)
    assert PASSWORD[:12] not in str(found)
    assert server.mails == []


PIECES = {
    "a byte at a time": (b"2", 0.002),
    "a greeting of 10 MB": (b"x" * 65_536, 0.0),
    "a greeting of 10 MB in lines": (b"220-hello\r\n" * 6000, 0.0),
    "lines without end": (b"220-\r\n" * 400, 0.002),
    "greetings without end": (b"220 hello\r\n" * 6000, 0.0),
    "no text": (bytes(65_536), 0.0),
}


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("after", [b"", b"220 mail.example\r\n"], ids=["greeting", "offers"])
async def test_whatever_a_server_says_ends_soon_and_does_not_hold_the_loop(
    authority: tuple[Path, Any], name: str, after: bytes
) -> None:
    """What a turn of the loop costs is processor time: it is the same on a busy machine."""
    piece, gap_s = PIECES[name]
    sent, turns, ended = [0], [], asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        with suppress(ConnectionError):
            while sent[0] < 10_000_000:
                writer.write(piece)
                sent[0] += len(piece)
                await writer.drain()
                if gap_s:
                    await asyncio.sleep(gap_s)
        writer.close()
        ended.set()

    async def watch() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            turns.append(time.thread_time() - before)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        watching = asyncio.create_task(watch())
        peer = MailServer(sign_in=False, port=server.sockets[0].getsockname()[1])
        started = time.monotonic()
        found = await deliver(peer, patience_s=0.3)
        assert time.monotonic() - started < 5.0
        watching.cancel()
        await ended.wait()
    assert isinstance(found, RetryAt)
    assert sent[0] < 10_000_000
    assert max(turns) < 0.05


async def test_words_in_no_encoding_are_a_result_that_can_be_kept(authority: tuple[Path, Any]) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 \xff\xfe no\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        found = await deliver(MailServer(sign_in=False, port=server.sockets[0].getsockname()[1]))
    assert isinstance(found, SetUpWrong)
    assert "no" in found.reason.to_json().encode().decode()


async def test_a_certificate_of_another_name(
    authority: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, other = certificates(tmp_path, "mail.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    for encrypted in (False, True):
        server = MailServer(other, encrypted=encrypted)
        async with server.running():
            found = await deliver(server)
        assert isinstance(found, SetUpWrong)
        assert found.reason.code is Code.SERVICE_NOT_TRUSTED
        assert not any(line.startswith("AUTH") for line in server.heard)


async def test_encryption_that_does_not_come_about(authority: tuple[Path, Any]) -> None:
    """Nothing is said unencrypted in its place."""
    for answer, result in (("220 go ahead\r\n250 injected", RetryAt), ("220 go ahead\r\nnot TLS", RetryAt)):
        server = MailServer(authority[1], says={"STARTTLS": answer})
        async with server.running():
            found = await deliver(server, patience_s=0.3)
        assert isinstance(found, result)
        assert [line.split()[0] for line in server.heard] == ["EHLO", "STARTTLS"]


async def test_a_server_that_hangs_while_it_is_to_encrypt(authority: tuple[Path, Any]) -> None:
    for says, security in (({"STARTTLS": "220 and then nothing"}, "starttls"), ({"GREETING": ""}, "tls")):
        server = MailServer(authority[1], says=says)
        async with server.running():
            found = await deliver(server, patience_s=0.15, security=security)
        assert isinstance(found, RetryAt)
        assert found.reason.code is Code.NO_ANSWER_IN_TIME


@pytest.mark.parametrize("says", ["", None, "500 what"])
async def test_what_a_server_says_to_the_end_changes_nothing(authority: tuple[Path, Any], says: str | None) -> None:
    server = MailServer(authority[1], says={"QUIT": says})
    async with server.running():
        assert await deliver(server) == Sent("<a1b2c3-1@mail.example>")
    assert len(server.mails) == 1


@pytest.mark.parametrize("word", ["AUTH", "BODY"])
async def test_who_stops_in_the_middle_leaves_nothing_behind(authority: tuple[Path, Any], word: str) -> None:
    server = MailServer(authority[1], encrypted=True, says={word: ""})
    async with server.running():
        task = asyncio.create_task(deliver(server))
        while not any(line.startswith("DATA" if word == "BODY" else word) for line in server.heard):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_without_encryption_nothing_is_said(authority: tuple[Path, Any]) -> None:
    """A server that does not offer STARTTLS may be somebody in between who takes the offer out."""
    server = MailServer(None)
    async with server.running():
        found = await deliver(server, security="starttls")
    assert isinstance(found, SetUpWrong)
    assert found.reason.code is Code.MAIL_NOT_OFFERED
    assert server.heard == ["EHLO [127.0.0.1]"]


async def test_unencrypted_mail_goes_to_the_own_network_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class There(socket.socket):
        def getpeername(self) -> Any:
            return peers[len(made) - 1]

    peers = [("93.184.215.14", 25), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 25, 0, 0)]
    made: list[socket.socket] = []

    async def connect(*_arguments: object) -> socket.socket:
        made.append(There())
        return made[-1]

    monkeypatch.setattr(mail_module, "connected", connect)
    for _ in peers:
        found = await deliver(MailServer(sign_in=False))
        assert isinstance(found, SetUpWrong)
        assert found.reason.code is Code.MAIL_UNENCRYPTED
    assert [each.fileno() for each in made] == [-1, -1]
    with pytest.raises(SettingsError, match="mail_unencrypted"):
        await deliver(MailServer(sign_in=False), proxy="http://127.0.0.1:9")


async def test_a_mail_goes_through_a_proxy(authority: tuple[Path, Any]) -> None:
    proxy = ConnectProxy()
    for encrypted in (False, True):
        server = MailServer(authority[1], encrypted=encrypted)
        async with server.running(), proxy.running():
            assert isinstance(await deliver(server, proxy=proxy.url), Sent)
            assert proxy.heard.pop() == f"CONNECT localhost:{server.port} HTTP/1.1"
    assert proxy.heard == []


@pytest.mark.parametrize(
    ("says", "result", "code"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", SetUpWrong, Code.SERVICE_PROXY_REFUSED),
        (b"HTTP/1.1 503 No\r\n\r\n", RetryAt, Code.SERVICE_PROXY_REFUSED),
        (b"what", RetryAt, Code.SERVICE_BROKE),
        (b"", RetryAt, Code.NO_ANSWER_IN_TIME),
    ],
)
async def test_a_proxy_that_refuses_or_is_silent(
    authority: tuple[Path, Any], says: bytes, result: type[Any], code: Code
) -> None:
    proxy = ConnectProxy(says=says)
    async with proxy.running():
        found = await deliver(MailServer(authority[1]), 0.15 if not says else 5.0, proxy=proxy.url)
    assert isinstance(found, result)
    assert found.reason.code is code


async def test_a_password_that_is_wrong_and_a_server_without_sign_in(authority: tuple[Path, Any]) -> None:
    server = MailServer(authority[1], encrypted=True)
    async with server.running():
        found = await deliver(server, password="another password")
        assert isinstance(found, SetUpWrong)
        assert found.reason.get("number") == 535
        found = await deliver(server, patience_s=0.2, security="none")
        assert isinstance(found, RetryAt)
    server = MailServer(authority[1], sign_in=False)
    async with server.running():
        found = await deliver(server, user=USER)
        assert isinstance(found, SetUpWrong)
        assert found.reason.code is Code.MAIL_NOT_OFFERED
    plain = MailServer(None)
    async with plain.running():
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
    with pytest.raises(SettingsError, match="not_a_host"):
        await deliver(MailServer(authority[1]), host="mail..example")
