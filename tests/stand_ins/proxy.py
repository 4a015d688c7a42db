"""An HTTP proxy on loopback that connects (CONNECT) where it is told to, and its faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class ConnectProxy:
    """`mark` is the credentials it asks for, as Basic has them; `says` an answer to give in place of connecting.

    A silent one (b"") never answers.
    """

    mark: str = ""
    says: bytes | None = None
    heard: list[str] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen on a port of loopback."""
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
            writer.close()
            tasks.discard(task)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.heard.append(head[0])
        if self.says is not None:
            if not self.says:
                await asyncio.Event().wait()
            writer.write(self.says)
            await writer.drain()
            return
        if self.mark and f"Proxy-Authorization: Basic {self.mark}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host, _, port = head[0].split()[1].rpartition(":")
        there_reader, there = await asyncio.open_connection(host.strip("[]"), int(port))
        # In one piece with what the server says first, as it may happen.
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_pass(reader, there), _pass(there_reader, writer))
        finally:
            there.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
    writer.close()
