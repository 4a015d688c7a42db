"""What carries packets to a client of the simulated Longport: how each is sent, closed and broken off."""

from __future__ import annotations

import asyncio

from aiohttp import web

from capflow_gui.simulator.broker import reset

_CLOSE_CODE_BASE = 4000  # WebSocket leaves 4000 and up to applications


class WebSocketPipe:
    """A WebSocket: a packet is a message."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self._ws = ws
        self._transport = transport

    async def send(self, packet: bytes, *, in_pieces: bool) -> None:
        """One packet is one message: there are no pieces to see above WebSocket."""
        del in_pieces
        await self._ws.send_bytes(packet)

    async def close(self, code: int) -> None:
        """Say why, and close."""
        await self._ws.close(code=_CLOSE_CODE_BASE + code)

    def abort(self) -> None:
        """Break off with a reset."""
        reset(self._transport)


class TcpPipe:
    """A TCP stream: packets may come in pieces."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, packet: bytes, *, in_pieces: bool) -> None:
        """Whole, or byte by byte."""
        step = 1 if in_pieces else len(packet)
        for at in range(0, len(packet), step):
            self._writer.write(packet[at : at + step])
            await asyncio.sleep(0)

    async def close(self, code: int) -> None:
        """Close; the code went out as a packet."""
        del code
        self._writer.close()

    def abort(self) -> None:
        """Break off with a reset."""
        reset(self._writer.transport)
