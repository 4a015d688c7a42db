"""A packet reaches the client whole or byte by byte, and a connection ends orderly or with a reset."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from capflow_gui.simulator.longport.pipes import TcpPipe

Ends = tuple[TcpPipe, asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """The server's pipe, and the client's reader and writer."""
    accepted: asyncio.Queue[TcpPipe] = asyncio.Queue()
    server = await asyncio.start_server(lambda _reader, writer: accepted.put_nowait(TcpPipe(writer)), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        pipe = await accepted.get()
        yield pipe, reader, writer
        await pipe.close(0)
        writer.close()


@pytest.mark.parametrize("in_pieces", [False, True])
async def test_a_packet_arrives_as_it_is(ends: Ends, in_pieces: bool) -> None:
    pipe, reader, _ = ends
    await pipe.send(b"some packet", in_pieces=in_pieces)
    assert await reader.readexactly(11) == b"some packet"


async def test_a_close_is_an_end_of_stream(ends: Ends) -> None:
    pipe, reader, _ = ends
    await pipe.close(1)
    assert await reader.read() == b""


async def test_an_abort_is_a_reset(ends: Ends) -> None:
    pipe, reader, _ = ends
    pipe.abort()
    with pytest.raises(ConnectionResetError):
        await reader.read()
