"""A simulated Longport on loopback: HTTP and WebSocket on one port, the TCP quote server on another.

    opend = OpendSimulator(SimulatorConfig())
    async with LongportSimulator(LongportConfig(), market=opend.market, market_clock=opend.market_clock) as longport:
        … connect a client to longport.http_url, longport.ws_url or longport.tcp

Both simulators serve one market. Figures and the HTTP Date run on the market clock; the quota runs on the injected one.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from aiohttp import WSMsgType, web

from capflow_gui.clock import Clock
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.longport.connection import LongportSocket
from capflow_gui.simulator.longport.http import LongportHttp
from capflow_gui.simulator.longport.pipes import TcpPipe, WebSocketPipe
from capflow_gui.simulator.longport.service import LongportConfig as LongportConfig  # noqa: PLC0414 - and its config
from capflow_gui.simulator.longport.service import LongportService
from capflow_gui.simulator.market.clock import MarketClock
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.wire.longport.packet import HandshakeReader, PacketDecoder, decode_message
from capflow_gui.wire.pb.longport import control_pb2 as control

_log = logging.getLogger(__name__)

_MAX_MESSAGE = 32 * 1024 * 1024
_GRACE_S = 5.0
_AT_ONCE_S = 0.01


class LongportSimulator(LongportService[LongportSocket]):
    """Listens for Longport's HTTP, WebSocket and TCP clients on loopback."""

    def __init__(
        self, config: LongportConfig, *, market: SimulatedMarket, market_clock: MarketClock, clock: Clock | None = None
    ) -> None:
        """Nothing is opened yet. Raises InvalidInput for a fault that is none."""
        super().__init__(config, market=market, market_clock=market_clock, clock=clock)
        self._http = LongportHttp(self)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._tcp: asyncio.Server | None = None
        self._port, self._tcp_port = config.port, config.tcp_port

    @property
    def http_url(self) -> str:
        """Where HTTP requests go."""
        return f"http://{self.config.host}:{self._port}"

    @property
    def ws_url(self) -> str:
        """Where quotes are served over WebSocket."""
        return f"ws://{self.config.host}:{self._port}/v2"

    @property
    def tcp(self) -> str:
        """Where quotes are served over TCP, as host:port."""
        return f"{self.config.host}:{self._tcp_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the official clients, and Capflow, find this server and its account."""
        return {
            "LONGBRIDGE_HTTP_URL": self.http_url,
            "LONGBRIDGE_QUOTE_WS_URL": self.ws_url,
            "LONGBRIDGE_APP_KEY": self.account.app_key,
            "LONGBRIDGE_APP_SECRET": self.account.app_secret,
            "LONGBRIDGE_ACCESS_TOKEN": self.account.access_token,
        }

    async def __aenter__(self) -> Self:
        """Listen. OSError where a port is taken."""
        app, websocket = web.Application(), self._http.stamped(self._websocket)
        app.router.add_routes([*self._http.routes(), web.get("/v2", websocket), web.get("/v1", websocket)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_S)
        await self._runner.setup()
        return await super().__aenter__()

    async def __aexit__(self, *raised: object) -> None:
        """Close everything."""
        await super().__aexit__(*raised)
        if self._runner is not None:
            await self._runner.cleanup()

    # --- inside

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoping=False, max_msg_size=_MAX_MESSAGE, compress=False)
        await ws.prepare(request)
        transport = request.transport
        if transport is None:
            return ws
        served = LongportSocket(self, WebSocketPipe(ws, transport))
        self.admit(served)
        pinging = asyncio.ensure_future(self._ping(ws))
        try:
            async for message in ws:
                match message.type:
                    case WSMsgType.BINARY:
                        served.take(decode_message(message.data))
                    case WSMsgType.PING if self.faults.holds(FaultName.STALL) is None:
                        await ws.pong(message.data)
                    case _:
                        pass
        except RemoteProtocolError as error:
            _log.info("a client broke the protocol: %s", error)
            served.end(control.CLOSE_CODE_UNPACK_ERROR, "unpacking failed")
            await self._drain(served)
        except ConnectionError as error:
            _log.debug("a client is gone: %s", error)
        finally:
            pinging.cancel()
            self.forget(served)
        return ws

    async def _ping(self, ws: web.WebSocketResponse) -> None:
        while not ws.closed:
            await self.clock.sleep_until(self.clock.monotonic() + self.config.ping_s)
            silent = self.faults.holds(FaultName.NO_PING) or self.faults.holds(FaultName.STALL)
            if silent is None and not ws.closed:
                await ws.ping()

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = LongportSocket(self, TcpPipe(writer))
        self.admit(served)
        handshake, decoder = HandshakeReader(), PacketDecoder()
        try:
            while data := await reader.read(65536):
                packets, fault = decoder.receive(rest) if (rest := handshake.receive(data)) else ([], None)
                for packet in packets:
                    served.take(packet)
                if fault is not None:
                    raise fault
        except RemoteProtocolError as error:
            _log.info("a client broke the protocol: %s", error)
            served.end(control.CLOSE_CODE_UNPACK_ERROR, "unpacking failed")
            await self._drain(served)
        except ConnectionError as error:
            _log.debug("a client is gone: %s", error)
        finally:
            self.forget(served)
            writer.close()

    def admit(self, served: LongportSocket) -> None:
        """Count a connection in, and send what it has to say."""
        super().admit(served)
        self.background.start(served.pump())

    async def _drain(self, served: LongportSocket) -> None:
        """Let what is queued go out before the socket is forgotten."""
        for _ in range(3):
            await asyncio.sleep(0)
        served.close()

    def forget(self, served: LongportSocket) -> None:
        """Count a connection out, and close it."""
        served.close()
        super().forget(served)

    async def _listen(self) -> None:
        if self._runner is None:
            return
        self._site = web.TCPSite(self._runner, self.config.host, self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]
        self._tcp = await asyncio.start_server(self._serve_tcp, self.config.host, self._tcp_port)
        self._tcp_port = self._tcp.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        site, self._site = self._site, None
        if site is not None:
            await site.stop()
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        if self._runner is not None and self._runner.server is not None:
            # Connections that clients keep for the next request.
            await self._runner.server.shutdown(_AT_ONCE_S)

    def _on_fault(self, fault: Fault, active: bool) -> None:
        match fault.name:
            case FaultName.SESSION_EXPIRY if active:
                self.account.sessions.clear()
                for each in list(self.sockets):
                    each.end(control.CLOSE_CODE_SESSION_EXPIRED, "session expired")
            case FaultName.KICKED if active:
                for each in list(self.sockets):
                    each.end(control.CLOSE_CODE_CONNECT_DUPLICATE, "connected elsewhere")
            case _:
                pass
