from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from capflow_gui.errors import InvalidInput
from capflow_gui.serve import rpc
from capflow_gui.serve.service import Service
from capflow_gui.serve.web import server
from capflow_gui.serve.web.server import OPENBB, serving_http

TOKEN = "t" * 43
BEARER = {"Authorization": f"Bearer {TOKEN}"}
Get = Callable[..., Any]


@pytest.fixture
async def port(service: Service) -> AsyncIterator[int]:
    async with serving_http(service, TOKEN, "127.0.0.1", 0) as (host, found):
        assert host == "127.0.0.1"
        yield found


@pytest.fixture
async def client(port: int) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=BEARER) as session:
        yield session


async def call(client: aiohttp.ClientSession, method: str, **params: object) -> Any:
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    async with client.post("/rpc", json=asked) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_the_same_methods_as_on_stdio(client: aiohttp.ClientSession) -> None:
    (flow,) = (await call(client, "flow.get", symbols=["5.HK"], newest=1))["result"]["flows"]
    assert (flow["symbol"], flow["simulated"]) == ("5.HK", True)
    assert (await call(client, "subscribe", topics=["flow"]))["error"]["code"] == -32601
    async with client.post("/rpc", json={"jsonrpc": "2.0", "method": "quota.get"}) as answer:
        assert answer.status == 204
    async with client.post("/rpc", data=b"{", headers={"Content-Type": "application/json"}) as answer:
        assert (await answer.json())["error"]["code"] == -32700


WHO = [
    ({}, "", 401),
    ({"Authorization": "Bearer nonsense"}, "", 401),
    ({"Authorization": "Basic " + TOKEN}, "", 401),
    ({"Authorization": "Bearer \udcff"}, "", 401),
    ({}, "?token=", 401),
    ({}, f"?token={TOKEN}", 200),
    (BEARER, "", 200),
    (BEARER | {"Origin": OPENBB}, "", 200),
    (BEARER | {"Origin": "https://evil.example"}, "", 403),
    (BEARER | {"Origin": "null"}, "", 403),
    (BEARER | {"Origin": "http://127.0.0.1"}, "", 403),
    (BEARER | {"Host": "evil.example"}, "", 403),
    (BEARER | {"Host": "127.0.0.1"}, "", 403),
    (BEARER | {"Host": ""}, "", 403),
]


async def test_who_may_ask(port: int) -> None:
    for headers, query, status in WHO:
        answer = await raw(port, headers, query)
        assert int(answer.split(b" ")[1]) in ({status, 400} if "\udcff" in str(headers) else {status}), headers
        assert TOKEN.encode() not in answer
        allowed = f"Access-Control-Allow-Origin: {OPENBB}".encode()
        assert (allowed in answer) == (headers.get("Origin") == OPENBB)


async def raw(port: int, headers: dict[str, str], query: str) -> bytes:
    """By raw bytes: a client of a library would write another Host."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = {"Host": f"localhost:{port}", "Connection": "close"} | headers
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
    writer.write(f"GET /widgets.json{query} HTTP/1.1\r\n{head}\r\n".encode("utf-8", "surrogateescape"))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_page_of_openbb_may_ask_before_it_shows_the_token(port: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.options(f"http://127.0.0.1:{port}/rpc", headers={"Origin": OPENBB}) as answer,
    ):
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
        assert answer.headers["Access-Control-Allow-Private-Network"] == "true"


async def test_a_spreadsheet_reads_the_figures_of_fetch(client: aiohttp.ClientSession, service: Service) -> None:
    async with client.get("/flow.csv?symbol=HK.00700,6666.HK&newest=3") as answer:
        assert answer.content_type == "text/csv"
        rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert [row["symbol"] for row in rows] == ["700.HK"] * 3 + ["6666.HK"]
    first, last = rows[0], rows[-1]
    assert (first["session"], first["currency"], first["simulated"]) == ("2026-06-10", "HKD", "true")
    assert (first["state"], first["period"]) == ("live", "intraday")
    assert float(first["main"]) == float(first["extra_large"]) + float(first["large"])
    assert (last["net"], last["error"]) == ("", "行情权限不足 HK.06666")
    async with client.get("/flow.csv?symbol=700.HK&period=day&start=2026-06-01&end=2026-06-02") as answer:
        rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert [row["period"] for row in rows] == ["day", "day"]


WRONG = [
    ("/flow.csv?symbol=nonsense", 400, "symbols: 'nonsense'"),
    ("/flow.csv?symbol=5.HK&newest=x", 400, "newest has to be a whole number, and is a text."),
    ("/flow.csv?symbol=5.HK&newest=99999", 400, "newest has to be a whole number of at most 2000."),
    (f"/flow.csv?symbol=5.HK&newest={'9' * 5000}", 400, "newest has to be a whole number"),
    ("/flow.csv?symbol=5.HK&color=red", 400, "color is not known: flow.get takes"),
    ("/flow.csv?symbol=6666.HK", 502, "行情权限不足"),
    ("/flow.csv?period=year&symbol=5.HK", 400, "period has to be one of the words it takes, and is 'year'."),
    ("/events?topics=news", 400, "topics[0] has to be one of the words it takes, and is 'news'."),
    ("/events", 400, "topics has to have at least 1 entries."),
    ("/nothing", 404, "Not Found"),
    ("/widgets/nothing", 404, "Not Found"),
    ("/rpc", 405, "Method Not Allowed"),
]


async def test_what_is_wrong_is_a_sentence(client: aiohttp.ClientSession) -> None:
    for path, status, words in WRONG:
        async with client.get(path) as answer:
            assert answer.status == status, path
            assert (await answer.json())["error"].startswith(words)


async def test_sizes_and_kinds_are_bounded(client: aiohttp.ClientSession) -> None:
    async with client.post("/rpc", data=io.BytesIO(b"x" * (rpc.LONGEST_LINE + 1)), headers=JSON) as answer:
        assert answer.status == 413
    async with client.post("/rpc", data=b"{}") as answer:
        assert answer.status == 415


JSON = {"Content-Type": "application/json"}


async def test_so_many_connections_and_no_more(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 2)
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    head, _, body = (await opened[2][0].read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"Content-Type: application/json" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {"error": "2 connections are open, and no more are served."}
    for _, writer in opened:
        writer.close()
        await writer.wait_closed()


async def test_connections_that_come_in_one_turn_are_counted_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 2)
    together = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]  # the loop accepts none meanwhile
    opened = [await asyncio.open_connection(sock=each) for each in together]
    for _, writer in opened:
        writer.write(b"GET / HTTP/9\r\n\r\n")
    answers = [(await reader.readuntil(b"\r\n")).split(b" ")[1] for reader, _ in opened]
    assert sorted(answers) == [b"400"] * 2 + [b"503"] * 6
    for _, writer in opened:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


RUDE = [
    (b"\x00\xff\r\n\r\n", b""),
    (b"GET /flow.csv?token=%b HTTP/9\r\n\r\n", b""),
    (b"GET /flow.csv?token=%b" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", b""),
    (b"GET / HTTP/1.1\r\nAuthorization: Bearer %b\x00\r\n\r\n", b""),
    (b"GET / HTTP/1.1\r\nAuthorization: Bearer %b\r\nA: " + b"a" * 9000 + b"\r\n\r\n", b""),
    (b"POST /rpc HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: Bearer %b\r\n", b"Content-Encoding: gzip\r\n"),
    (b"POST /rpc HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: Bearer %b\r\n", b"Transfer-Encoding: chunked\r\n"),
]


@pytest.mark.parametrize(("head", "body"), RUDE)
async def test_what_is_no_http_is_a_sentence_without_the_token(port: int, head: bytes, body: bytes) -> None:
    given = (port, TOKEN.encode()) if b"%d" in head else (TOKEN.encode(),)
    sent = head % given[: head.count(b"%")]
    if body:
        length = b"" if b"chunked" in body else b"Content-Length: 3\r\n"
        sent += body + length + b"Content-Type: application/json\r\nConnection: close\r\n\r\nzzz\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(10):
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == b"400"
    assert list(json.loads(answer)) == ["error"]
    assert TOKEN.encode() not in answer
    assert b"aiohttp" not in head
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_connection_that_asks_nothing_is_closed(
    port: int, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SILENT_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /widgets.json HTTP/1.1\r\n")
    async with asyncio.timeout(10), client.get("/events?topics=link") as answer:
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        assert (await answer.content.readline()) == b"event: link\n"
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_events_begin_with_how_things_stand_and_end_with_the_server(
    client: aiohttp.ClientSession, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_STREAMS", 1)
    await call(client, "flow.get", symbols=["5.HK"])
    async with client.get("/events?topics=flow&topics=link") as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        assert await answer.content.readline() == b"event: link\n"
        told = json.loads((await answer.content.readline()).removeprefix(b"data: "))
        assert (told["state"], told["simulated"]) == ("ready", True)
        async with client.get("/events?topics=flow") as second:
            assert second.status == 503
    async with asyncio.timeout(5):
        while service.monitor._subscriptions.shown:
            await asyncio.to_thread(int)


async def test_a_port_that_is_taken_is_said(service: Service, port: int) -> None:
    with pytest.raises(InvalidInput, match="nothing_can_listen"):
        async with serving_http(service, TOKEN, "127.0.0.1", port):
            raise AssertionError


async def test_nothing_but_loopback_is_listened_on(port: int) -> None:
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    rows = [line.split() for file in tables if file.exists() for line in file.read_text("ascii").splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and int(row[1].partition(":")[2], 16) == port]
    assert listening in ([f"0100007F:{port:04X}"], [])


async def test_what_crashes_is_logged_without_its_address(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("/flow.csv could not be answered$")
    monkeypatch.setattr(server, "get_flows", None)
    async with client.get(f"/flow.csv?token={TOKEN}") as answer:
        assert answer.status == 500


async def test_no_address_gets_into_a_log(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, port: int
) -> None:
    caplog.set_level("DEBUG")
    async with client.get(f"/flow.csv?symbol=5.HK&token={TOKEN}") as answer:
        assert answer.status == 200
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /flow.csv?token={TOKEN} HTTP/9\r\n\r\n".encode())
    await reader.read()
    writer.close()
    await writer.wait_closed()
    assert TOKEN not in caplog.text
