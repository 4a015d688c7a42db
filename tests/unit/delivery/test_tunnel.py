"""Connections to a mail server, directly and through a proxy."""

from __future__ import annotations

import asyncio
import base64
import socket
from typing import Any

import pytest

from capflow_gui.delivery.tunnel import ProxyRefused, connected
from tests.stand_ins.proxy import ConnectProxy

MARK = base64.b64encode("me:pass wörd".encode()).decode()


async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 hello\r\n")
    await writer.drain()
    writer.close()


async def heard(host: str, port: int, proxy: str = "") -> bytes:
    """All that a server says."""
    with await connected(host, port, 5.0, proxy) as sock:
        said = b""
        while piece := await asyncio.get_running_loop().sock_recv(sock, 100):
            said += piece
        return said


async def test_a_connection_is_direct_or_through_a_proxy_and_nothing_that_the_server_says_is_lost() -> None:
    proxy = ConnectProxy(MARK)
    async with proxy.running(), await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        through = proxy.url.replace("//", "//me:pass%20w%C3%B6rd@")
        for way in ("", through):
            assert await heard("localhost", port, way) == b"220 hello\r\n"
        with pytest.raises(ProxyRefused) as refused:
            await connected("localhost", port, 5.0, proxy.url)
    assert refused.value.status == 407
    assert proxy.heard == [f"CONNECT localhost:{port} HTTP/1.1"] * 2


async def test_an_address_of_ipv6_has_brackets_for_the_proxy() -> None:
    proxy = ConnectProxy(says=b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
    async with proxy.running():
        with pytest.raises(ProxyRefused):
            await connected("::1", 465, 5.0, proxy.url)
    assert proxy.heard == ["CONNECT [::1]:465 HTTP/1.1"]


@pytest.mark.parametrize(
    "says", [b"220 mail.example\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"x" * 9000, b"HT"]
)
async def test_what_is_no_proxy_is_a_connection_that_broke(says: bytes) -> None:
    proxy = ConnectProxy(says=says)
    async with proxy.running():
        with pytest.raises(ConnectionResetError):
            await connected("localhost", 465, 5.0, proxy.url)


async def test_every_address_of_a_host_is_tried_and_a_silent_one_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = socket.create_server(("127.0.0.1", 0), backlog=0)
    filling = [socket.socket() for _ in range(3)]
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        ports = [9, silent.getsockname()[1], server.sockets[0].getsockname()[1]]
        for each in filling:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", ports[1]))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

        async def addresses(*_arguments: Any, **_options: Any) -> Any:
            return found

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", addresses)
        with await connected("mail.example", 25, 0.6) as sock:
            assert sock.getpeername()[1] == ports[2]
        found.pop()
        with pytest.raises(TimeoutError):
            await connected("mail.example", 25, 0.1)
    for each in (silent, *filling):
        each.close()


async def test_who_gives_up_leaves_no_socket_behind() -> None:
    """An open one is a warning, which fails the test."""
    proxy = ConnectProxy(says=b"")
    async with proxy.running():
        task = asyncio.create_task(connected("localhost", 465, 5.0, proxy.url))
        while not proxy.heard:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
