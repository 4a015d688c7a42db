"""What carries Longport's packets: a WebSocket, or a TCP stream. Both queue what is written, and run until closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import aiohttp

from capflow_gui.clock import Clock, before
from capflow_gui.errors import ConnectFailed
from capflow_gui.providers.longport.http import CONNECT_TIMEOUT_S
from capflow_gui.providers.longport.network import connect_error, proxy_for, trusted
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.longport.packet import HANDSHAKE, WEBSOCKET_QUERY

_MAX_MESSAGE = 32 * 1024 * 1024
_CHUNK = 65536
_CLOSE_GRACE_S = 1.0
T = TypeVar("T")


class Sink(Protocol):
    """Who is told what comes."""

    def message(self, data: bytes) -> None:
        """A binary WebSocket message, or a piece of a TCP stream."""

    def heard(self) -> None:
        """A sign of life below the packets."""


class Pipe(Protocol):
    """A connection that was dialled."""

    native_ping: bool

    def write(self, data: bytes) -> None:
        """Queue one packet."""

    def ping(self) -> None:
        """Queue a native ping."""

    async def run(self, sink: Sink) -> Reason:
        """Carry packets until the peer closes; return why. Raises OSError and aiohttp.ClientError."""

    async def close(self) -> None:
        """Close, in order where that is quick."""


class WebSocketPipe:
    """One packet a binary message."""

    native_ping = True

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, clock: Clock) -> None:
        self._ws = ws
        self._clock = clock
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def write(self, data: bytes) -> None:
        """Queue one message."""
        self._queue.put_nowait(data)

    def ping(self) -> None:
        """Queue a native ping."""
        self._queue.put_nowait(None)

    async def run(self, sink: Sink) -> Reason:
        """Carry messages; pings are answered here."""
        writing = asyncio.ensure_future(self._write())
        try:
            return await self._read(sink, writing)
        finally:
            writing.cancel()
            await asyncio.wait({writing})

    async def _read(self, sink: Sink, writing: asyncio.Future[None]) -> Reason:
        while True:
            message = await self._ws.receive()
            match message.type:
                case aiohttp.WSMsgType.BINARY:
                    sink.message(message.data)
                case aiohttp.WSMsgType.PING:
                    sink.heard()
                    await self._ws.pong(message.data)
                case aiohttp.WSMsgType.PONG:
                    sink.heard()
                case aiohttp.WSMsgType.CLOSE | aiohttp.WSMsgType.CLOSING | aiohttp.WSMsgType.CLOSED:
                    code = self._ws.close_code
                    number = f"{code}: {message.extra}" if message.extra else str(code)
                    return Reason.of(Code.LONGPORT_CLOSED_WITH, number=number)
                case aiohttp.WSMsgType.ERROR:
                    return Reason.of(Code.BROKE, why=str(message.data))
                case _:
                    return Reason.of(Code.MESSAGE_OF_OTHER_KIND, kind=message.type.name.lower())
            if writing.done():
                writing.result()

    async def _write(self) -> None:
        while True:
            data = await self._queue.get()
            await (self._ws.ping() if data is None else self._ws.send_bytes(data))

    async def close(self) -> None:
        """Say goodbye, but do not wait for an answer that may never come."""
        try:
            await before(self._clock, self._clock.monotonic() + _CLOSE_GRACE_S, self._ws.close())
        except TimeoutError:
            return


class TcpPipe:
    """Packets one after another, the handshake before them."""

    native_ping = False

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        writer.write(HANDSHAKE)

    def write(self, data: bytes) -> None:
        """Send one packet."""
        self._writer.write(data)

    def ping(self) -> None:
        """There is none: heartbeats are packets."""

    async def run(self, sink: Sink) -> Reason:
        """Carry the stream."""
        while data := await self._reader.read(_CHUNK):
            sink.message(data)
        return Reason.of(Code.LONGPORT_CLOSED)

    async def close(self) -> None:
        """Close at once: nothing that matters is on its way."""
        self._writer.transport.abort()
        await asyncio.sleep(0)


async def dial_websocket(
    source: str, session: aiohttp.ClientSession, url: str, headers: dict[str, str], clock: Clock
) -> WebSocketPipe:
    """Connect. Raises ConnectFailed."""
    address = f"{url}{'&' if '?' in url else '?'}{WEBSOCKET_QUERY}"
    dialling = session.ws_connect(
        address,
        headers=headers,
        autoping=False,
        max_msg_size=_MAX_MESSAGE,
        compress=0,
        ssl=trusted(source, url),
        proxy=proxy_for(source, url),
    )
    ws = await _dialled(source, url, dialling, clock)
    return WebSocketPipe(ws, clock)


async def dial_tcp(source: str, address: str, clock: Clock) -> TcpPipe:
    """Connect to HOST:PORT. Raises ConnectFailed."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not host or not port.isdecimal():
        raise ConnectFailed(source, Reason.of(Code.NOT_HOST_AND_PORT, text=address))
    reader, writer = await _dialled(source, f"tcp://{host}:{port}", asyncio.open_connection(host, int(port)), clock)
    return TcpPipe(reader, writer)


async def _started(dialling: Awaitable[T]) -> T:
    return await dialling


async def _dialled(source: str, url: str, dialling: Awaitable[T], clock: Clock) -> T:
    try:
        return await before(clock, clock.monotonic() + CONNECT_TIMEOUT_S, _started(dialling))
    except TimeoutError:
        reason = Reason.of(Code.ADDRESS_SILENT, address=urlsplit(url).netloc, seconds=CONNECT_TIMEOUT_S)
        raise ConnectFailed(source, reason) from None
    except (aiohttp.ClientError, OSError) as error:
        failure = connect_error(source, url, error)
        raise failure if isinstance(failure, ConnectFailed) else ConnectFailed(source, failure.reason) from error
