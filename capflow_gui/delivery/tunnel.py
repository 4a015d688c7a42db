"""A TCP connection to a host, directly or through an HTTP proxy."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from yarl import URL

from capflow_gui.delivery.sockets import BoundedSocket

_LONGEST_ANSWER = 8192
_END = b"\r\n\r\n"


class ProxyRefused(Exception):
    """The proxy does not connect. `status`: its HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def connected(host: str, port: int, patience_s: float, proxy: str = "") -> socket.socket:
    """A connected socket that does not block; the caller closes it.

    patience_s  for all addresses of the host, or of the proxy, together
    proxy       `http://HOST:PORT`, with a user and a password where it asks for them; "" for none

    Raises ProxyRefused, TimeoutError and OSError.
    """
    if not proxy:
        return await _direct(host, port, patience_s)
    by = URL(proxy)
    sock = await _direct(by.host or "", by.port or 80, patience_s)
    with _closed_unless_done(sock):
        await _ask(sock, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", by)
    return sock


async def _direct(host: str, port: int, patience_s: float) -> socket.socket:
    """Try each address of a host; one that is silent leaves time for the others."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure = OSError()
    for family, kind, protocol, _name, address in found:
        try:
            sock = BoundedSocket(family, kind, protocol)
            with _closed_unless_done(sock):
                sock.setblocking(False)
                async with asyncio.timeout(patience_s / len(found)):
                    await loop.sock_connect(sock, address)
        except OSError as error:  # TimeoutError is one
            failure = error
        else:
            return sock
    raise failure


async def _ask(sock: socket.socket, target: str, proxy: URL) -> None:
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.user:
        mark = base64.b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {mark}")
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, "\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while not answer.endswith(_END):
        # What follows the answer is the server's: not a byte of it may be taken.
        byte = await loop.sock_recv(sock, 1)
        if not byte or len(answer) >= _LONGEST_ANSWER:
            raise ConnectionResetError
        answer += byte
    words = answer.split(None, 2)
    if not words[0].startswith(b"HTTP/") or not words[1:2] or not words[1].isdigit():
        raise ConnectionResetError
    if (status := int(words[1])) // 100 != 2:
        raise ProxyRefused(status)


@contextmanager
def _closed_unless_done(sock: socket.socket) -> Iterator[None]:
    try:
        yield
    except BaseException:
        sock.close()
        raise
