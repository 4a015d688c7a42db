from __future__ import annotations

import asyncio
import errno
import gzip
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from capflow_gui.delivery.http import (
    Answer,
    Http,
    HttpChannel,
    Request,
    number,
    open_session,
    system_words,
    wait_s,
)
from capflow_gui.delivery.model import Limits, Message, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.reason import Code
from tests.stand_ins.certificates import certificates
from tests.stand_ins.kinds import message
from tests.stand_ins.service import Received, Said, Service

NOW = 1_654_651_800.0


class Echo(Service):
    def judge(self, got: Received) -> Said:
        got.json()
        return Said(200, {"id": "17"})

    def refusal(self, words: str) -> Said:
        return Said(400, words)


class Plain(HttpChannel):
    limits = Limits(1.0, 1, None, 100)

    def __init__(self, address: str, http: Http) -> None:
        self.address = address
        super().__init__(http, Secrets(lambda _field: ""))

    def request(self, message: Message) -> Request:
        return Request(self.address, b'{"a":1}', {"X-Key": "k"})

    def judge(self, answer: Answer) -> Result | None:
        return self.sent(answer.json()["id"]) if answer.json() else None


async def test_a_post_has_its_headers_and_no_cookie(hand_clock: Any) -> None:
    service = Echo()
    async with service.running(), await open_session() as session:
        service.say(Said(200, {"id": "17"}, {"Set-Cookie": "a=b"}))
        for _ in range(2):
            assert await Plain(service.url, Http(session, hand_clock)).send(message()) == Sent("17")
    assert service.received[1].headers["x-key"] == "k"
    assert "cookie" not in service.received[1].headers
    assert session.timeout.total == 15.0


async def test_a_long_answer_is_read_in_part(session: aiohttp.ClientSession, hand_clock: Any) -> None:
    service = Echo()
    async with service.running():
        service.say(Said(200, "x" * 70_000), Said(200, "y" * 70_000))
        request = Request(service.url, b"{}")
        found = await Http(session, hand_clock).post(request, read=True)
        assert isinstance(found, Answer)
        assert found.body == b"x" * 65_536
        unread = await Http(session, hand_clock).post(request, read=False)
        assert isinstance(unread, Answer)
        assert (unread.status, unread.body) == (200, b"")


async def test_what_comes_of_a_service_that_hangs_or_closes(session: aiohttp.ClientSession, hand_clock: Any) -> None:
    service = Echo()
    impatient = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05))
    async with service.running(), impatient:
        service.next += [service.hang, service.close]
        for through, code in ((impatient, Code.NO_ANSWER_IN_TIME), (session, Code.SERVICE_BROKE)):
            channel = Plain(service.url, Http(through, hand_clock))
            found = await channel.send(message())
            assert (type(found), found.reason.code) == (RetryAt, code)
            await channel.close()


@pytest.mark.parametrize(
    ("status", "result", "code"),
    [
        (200, RetryAt, Code.SERVICE_UNREADABLE),
        (301, SetUpWrong, Code.SERVICE_REDIRECTS),
        (304, SetUpWrong, Code.SERVICE_REDIRECTS),
        (400, SetUpWrong, Code.SERVICE_REFUSED),
        (408, RetryAt, Code.SERVICE_FAULT),
        (410, SetUpWrong, Code.SERVICE_GONE),
        (425, RetryAt, Code.SERVICE_FAULT),
        (429, RetryAt, Code.SERVICE_TOO_FAST),
        (503, RetryAt, Code.SERVICE_FAULT),
    ],
)
def test_what_a_status_means_by_itself(hand_clock: Any, status: int, result: type[Any], code: Code) -> None:
    channel = Plain("http://a.example", Http(None, hand_clock))  # type: ignore[arg-type]
    answer = Answer(status, {"Retry-After": "3"}, b"")
    found = channel.result(answer)
    assert (type(found), found.reason.code) == (result, code)
    if status >= 400 and isinstance(found, RetryAt):
        assert found.seconds == 3.0
    assert answer.refused is (status in (400, 410))


@asynccontextmanager
async def proxy(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy that says the same to everybody; its address, and the first lines of what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id":"17"}'


async def test_a_channel_has_a_proxy_of_its_own_or_that_of_the_system(
    session: aiohttp.ClientSession, hand_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "no_proxy", "NO_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with proxy(OK) as (own, asked_own), proxy(OK) as (other, asked_other):
        monkeypatch.setenv("HTTP_PROXY", other)
        for address in (own, ""):
            channel = Plain("http://service.example/x", Http(session, hand_clock, address))
            assert await channel.send(message()) == Sent("17")
    assert asked_own == asked_other == [b"POST http://service.example/x HTTP/1.1"]


@pytest.mark.parametrize(("status", "kind"), [(b"407 Proxy Authentication Required", SetUpWrong), (b"502 No", RetryAt)])
async def test_a_proxy_that_refuses(
    session: aiohttp.ClientSession, hand_clock: Any, status: bytes, kind: type[Result]
) -> None:
    async with proxy(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as (address, _asked):
        found = await Plain("https://service.example/x", Http(session, hand_clock, address)).send(message())
    assert isinstance(found, kind)
    assert found.reason.code is Code.SERVICE_PROXY_REFUSED


async def test_a_proxy_that_cannot_be_used_is_wrong_set_up(
    session: aiohttp.ClientSession, hand_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "socks5://me:a-secret@proxy:1080")
    found = await Plain("https://service.example/x", Http(session, hand_clock)).send(message())
    assert (type(found), found.reason.code) == (SetUpWrong, Code.PROXY_NOT_HTTP)
    dead = Http(session, hand_clock, "http://127.0.0.1:9")
    found = await Plain("https://service.example/x", dead).send(message())
    assert (type(found), found.reason.code) == (RetryAt, Code.SERVICE_UNREACHABLE)


async def test_a_certificate_that_is_not_trusted_is_wrong_set_up(
    hand_clock: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, context = certificates(tmp_path, "localhost")
    results = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        address = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
        for file in (None, str(authority)):
            monkeypatch.setenv("SSL_CERT_FILE", file) if file else monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            async with await open_session() as session:
                results.append(await Plain(address, Http(session, hand_clock)).send(message()))
    assert isinstance(results[0], SetUpWrong)
    assert results[0].reason.code is Code.SERVICE_NOT_TRUSTED
    assert results[1] == Sent("17")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12.0),
        ("0.35", 0.35),
        ("-5", 0.0),
        ("1e308", 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC).replace(tzinfo=None)), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("nan", 0.0),
        ("1e999", 0.0),
        ("Wed, 99 Foo 2026 07:28:00 GMT", 0.0),
        (f"Wed, 21 Oct {'9' * 20} 07:28:00 GMT", 0.0),
        (f"Wed, 21 Oct 2026 07:28:00 +{'9' * 20}", 0.0),
    ],
)
def test_how_long_to_wait_is_a_number_or_a_date(text: str, seconds: float) -> None:
    assert wait_s(text, NOW) == seconds


def test_numbers_of_a_body() -> None:
    assert [number(value) for value in (1, 2.5, "3", True)] == [1.0, 2.5, 3.0, 1.0]
    assert [number(value) for value in (None, "x", [], float("nan"), 10**400)] == [None] * 5


def test_a_body_that_is_no_object_is_empty() -> None:
    for body in (b"", b"[]", b"nonsense", b"[" * 100_000, b"\xff\xfe{"):
        assert Answer(200, {}, body).json() == {}
    assert Answer(200, {}, b'{"a":1}').json() == {"a": 1}


def test_the_system_is_quoted_without_addresses() -> None:
    refused = OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 80)")
    assert system_words(refused) == os.strerror(errno.ECONNREFUSED)
    assert system_words(socket.gaierror(socket.EAI_NONAME, "Name or service not known")) == "Name or service not known"
    assert system_words(OSError("Multiple exceptions: [Errno 111] ('127.0.0.1', 80)")) == "OSError"


@pytest.mark.parametrize("receipt", ["17", 17])
def test_receipts_and_words(receipt: object, hand_clock: Any) -> None:
    channel = Plain("http://a.example", Http(None, hand_clock))  # type: ignore[arg-type]
    assert channel.sent(receipt) == Sent("17")
    assert channel.sent(None) == channel.sent() == Sent("")
    assert channel.said("no such chat", 400).code is Code.SERVICE_SAID
    assert channel.said(None, "40101").get("number") == "40101"
    assert channel.later(Answer(429, {"Retry-After": "3"}, b""), 2.5).seconds == 2.5
    assert channel.later(Answer(429, {"Retry-After": "3"}, b""), 10**9).seconds == 86_400.0
    assert channel.later(Answer(429, {"Retry-After": "3"}, b"")).seconds == 3.0


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(bytes(50_000_000))


async def _endless(writer: asyncio.StreamWriter, begin: bytes, piece: bytes, pause: float = 0.0) -> None:
    writer.write(begin)
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause)


@pytest.mark.parametrize(
    ("begin", "piece", "pause", "code"),
    [
        (HEAD, b"X-More: " + b"y" * 1000 + b"\r\n", 0.0, Code.SERVICE_BROKE),
        (HEAD + b"X-Long: ", b"y" * 4096, 0.0, Code.SERVICE_BROKE),
        (b"HTTP/1.1 200 ", b"y" * 4096, 0.0, Code.SERVICE_BROKE),
        (b"\x00\xff", b"\xff" * 4096, 0.0, Code.SERVICE_BROKE),
        (HEAD + b"Content-Length: 500\r\n\r\n", b"x", 0.05, Code.NO_ANSWER_IN_TIME),
        (b"", b"H", 0.05, Code.SERVICE_BROKE),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n", 0.0, None),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b'{"\xff\xfe": 1}' * 500, 0.0, None),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB), BOMB, 0.0, None),
    ],
    ids=["headers", "header", "status", "garbage", "slow body", "slow garbage", "chunks", "not UTF-8", "gzip"],
)
async def test_whatever_a_service_answers_ends_soon_and_is_a_result(
    hand_clock: Any, begin: bytes, piece: bytes, pause: float, code: Code | None
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await _endless(writer, begin, piece, pause)
        writer.close()

    impatient = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5))
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with impatient:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        found = await Http(impatient, hand_clock).post(Request(address, b"{}"), read=True)
    server.close()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    if code is None:
        assert isinstance(found, Answer)
        assert len(found.body) <= 65_536
        assert found.json() == {}
    else:
        assert isinstance(found, RetryAt)
        assert found.reason.code is code


@pytest.mark.parametrize(
    "piece",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK],
    ids=["100", "103", "200"],
)
async def test_endless_answers_do_not_hold_the_loop_and_end(hand_clock: Any, piece: bytes) -> None:
    """What a turn of the loop costs is processor time: it is the same on a busy machine."""
    sent, turns, ended = [0], [], asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            while sent[0] < 20_000_000:
                writer.write(piece * 4000)
                sent[0] += 4000 * len(piece)
                await writer.drain()
        writer.close()
        ended.set()

    async def watch() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            turns.append(time.thread_time() - before)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, await open_session() as session:
        watching = asyncio.create_task(watch())
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        found = await Http(session, hand_clock).post(Request(address, b"{}"), read=True)
        watching.cancel()
        await ended.wait()
    if piece is OK:
        assert isinstance(found, Answer)
    else:
        assert (type(found), found.reason.code) == (RetryAt, Code.SERVICE_BROKE)  # type: ignore[union-attr]
    assert sent[0] < 20_000_000
    assert max(turns) < 0.05
