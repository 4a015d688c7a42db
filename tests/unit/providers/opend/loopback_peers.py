"""Peers at a port that are no OpenD, and what the link says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import (
    CapflowError,
)
from tests.integration.rude_opend import ManualClock, eventually, provided

TENCENT = Symbol.parse("700.HK")


Expect = Callable[[str], None]


async def failure(port: int, clock: ManualClock, key: str | None = None, *, after: float = 0.0) -> CapflowError:
    """What wait_ready says when the link does not come up; the clock is moved `after` seconds on the way."""
    async with provided(port, clock, key, ready=False) as provider:
        if after:
            await eventually(lambda: clock.is_awaited(after))
            await clock.advance(after)
        await eventually(lambda: provider.link.phase is LinkPhase.WAITING)
        with pytest.raises(CapflowError) as caught:
            await provider.wait_ready(clock.monotonic())
        assert provider.link.attempt >= 1
        return caught.value


async def answering(talk: Callable[[asyncio.StreamWriter], None]) -> asyncio.Server:
    """A port held by another program, which does `talk` when bytes come."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        talk(writer)
        while await reader.read(1000):
            pass
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
