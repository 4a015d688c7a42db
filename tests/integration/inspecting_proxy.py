"""A company's proxy: it takes CONNECT, opens the encryption with certificates of its own authority, and reads along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.stand_ins.certificates import certificates


@dataclass
class Proxy:
    """`asked` are the hosts that were connected to; `authority` is the file of its own authority."""

    port: int
    authority: Path
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.CancelledError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def inspecting_proxy(
    folder: Path, hosts: tuple[str, ...], target: int, *, refuses: bool = False
) -> AsyncIterator[Proxy]:
    """Whatever host is asked for, the plain server at port `target` of loopback answers; `refuses`: or nobody."""
    authority, context = certificates(folder, *hosts)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].decode()
        proxy.asked.append(line.split()[1])
        if refuses:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(context)
        behind, to = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_carry(reader, to), _carry(behind, writer))

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            # Who does not trust us hangs up in the middle of the handshake.
            with suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    proxy = Proxy(server.sockets[0].getsockname()[1], authority)
    try:
        yield proxy
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
