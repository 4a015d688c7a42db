"""A bare client of the simulated Longport, made of the wire alone: what it needs, and no reconnecting."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.longport.packet import HANDSHAKE, WEBSOCKET_QUERY
from capflow_gui.wire.longport.protocol import Event, LongportConnection, Ready
from capflow_gui.wire.longport.signature import signed_headers
from capflow_gui.wire.pb.longport import quote_pb2 as quote

T = TypeVar("T")
HELD = SimulatorConfig(speed=0)


@asynccontextmanager
async def simulated(
    config: LongportConfig | None = None, market: SimulatorConfig = HELD
) -> AsyncIterator[LongportSimulator]:
    opend = OpendSimulator(market)
    async with LongportSimulator(
        config or LongportConfig(), market=opend.market, market_clock=opend.market_clock
    ) as simulator:
        yield simulator


async def ask_http(
    simulator: LongportSimulator,
    session: aiohttp.ClientSession,
    method: str,
    path: str,
    body: Any = None,
    *,
    secret: str | None = None,
    token: str | None = None,
) -> tuple[int, Any]:
    account = simulator.account
    data = None if body is None else json.dumps(body).encode()
    bare, _, query = path.partition("?")
    headers = signed_headers(
        method,
        bare,
        query,
        data,
        key=account.app_key,
        secret=secret or account.app_secret,
        token=token or account.access_token,
        timestamp=f"{time.time():.3f}",
    )
    async with session.request(
        method, URL(simulator.http_url + path, encoded=True), data=data, headers=headers
    ) as response:
        return response.status, await response.json()


class Client:
    """One socket. `events` are read one at a time."""

    def __init__(self, simulator: LongportSimulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session
        self.wire = LongportConnection()
        self.events: list[Event] = []
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._tcp: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def dial(self, transport: str = "ws") -> None:
        if transport == "ws":
            self._ws = await self.session.ws_connect(f"{self.simulator.ws_url}?{WEBSOCKET_QUERY}", autoping=True)
        else:
            host, _, port = self.simulator.tcp.partition(":")
            self._tcp = await asyncio.open_connection(host, int(port))
            self._tcp[1].write(HANDSHAKE)

    async def send(self, data: bytes) -> None:
        if self._ws is not None:
            await self._ws.send_bytes(data)
        elif self._tcp is not None:
            self._tcp[1].write(data)

    async def event(self) -> Event | None:
        """The next event; None when the server has closed."""
        while not self.events:
            if self._ws is not None:
                message = await asyncio.wait_for(self._ws.receive(), 5)
                if message.type is not aiohttp.WSMsgType.BINARY:
                    return None
                self.events += self.wire.receive_message(message.data, 0.0)
            elif self._tcp is not None:
                data = await asyncio.wait_for(self._tcp[0].read(4096), 5)
                if not data:
                    return None
                self.events += self.wire.receive_data(data, 0.0)
        return self.events.pop(0)

    async def login(self) -> Ready:
        _, answer = await ask_http(self.simulator, self.session, "GET", "/v1/socket/token")
        await self.send(self.wire.authenticate(answer["data"]["otp"], {}, 0.0))
        event = await self.event()
        assert isinstance(event, Ready)
        return event

    async def ask(self, command: int, body: bytes) -> Event | None:
        _, data = self.wire.request(command, body, 0.0)
        await self.send(data)
        return await self.event()

    async def close(self) -> None:
        if self._ws is not None:
            await self._ws.close()
        elif self._tcp is not None:
            self._tcp[1].close()


@asynccontextmanager
async def connected(simulator: LongportSimulator, transport: str = "ws") -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        client = Client(simulator, session)
        await client.dial(transport)
        await client.login()
        try:
            yield client
        finally:
            await client.close()


def one(symbol: str) -> bytes:
    return quote.SymbolRequest(symbol=symbol).SerializeToString()
