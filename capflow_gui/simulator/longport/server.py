"""A simulated Longport on loopback: HTTP and WebSocket on one port, the TCP quote server on another.

    opend = OpendSimulator(SimulatorConfig())
    async with LongportSimulator(LongportConfig(), market=opend.market, market_clock=opend.market_clock) as longport:
        … connect a client to longport.http_url, longport.ws_url or longport.tcp

Both simulators serve one market. Figures and the HTTP Date run on the market clock; the quota runs on the injected one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web
from google.protobuf.message import Message

from capflow_gui.clock import Clock, SystemClock
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.paths import resource
from capflow_gui.simulator.faults import Fault, FaultName, Faults
from capflow_gui.simulator.longport.account import Account
from capflow_gui.simulator.longport.connection import LongportSocket
from capflow_gui.simulator.longport.http import LongportHttp
from capflow_gui.simulator.longport.market import LongportMarket
from capflow_gui.simulator.longport.pipes import TcpPipe, WebSocketPipe
from capflow_gui.simulator.longport.replies import (
    NO_ACCESS,
    RATE,
    SERVER_ERROR,
    UNKNOWN,
    LongportRefusalError,
    LongportReplies,
    refusal_by_code,
)
from capflow_gui.simulator.market.clock import MarketClock
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.stats import Stats
from capflow_gui.wire.longport.packet import Command, HandshakeReader, PacketDecoder, decode_message
from capflow_gui.wire.pb.longport import control_pb2 as control

_log = logging.getLogger(__name__)

_MAX_MESSAGE = 32 * 1024 * 1024
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class LongportConfig:
    """What the simulated Longport is like.

    calls, window_s, in_flight  the quota of the quote commands, per user over everything; calls None = no quota
    connections                 how many connections the account may have
    session_s                   how long a session lives
    ping_s                      seconds between the server's pings
    ids_as_text                 watchlist ids and times as strings, as the official clients want them, or as numbers
    refuse_consent              the user says no to OAuth
    """

    host: str = "127.0.0.1"
    port: int = 0
    tcp_port: int = 0
    calls: int | None = 10
    window_s: float = 1.0
    in_flight: int = 5
    connections: int = 10
    session_s: float = 3600.0
    ping_s: float = 30.0
    ids_as_text: bool = True
    refuse_consent: bool = False
    seed: int = 1
    faults: tuple[str, ...] = ()


class InFlight:
    """How many requests are being answered."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    def enter(self) -> None:
        """One more."""
        self.now += 1
        self.most = max(self.most, self.now)

    def leave(self) -> None:
        """One less."""
        self.now -= 1


class LongportStats(Stats):
    """Counts by command."""

    def __init__(self, started_wall: float, started: float, in_flight: InFlight) -> None:
        super().__init__(started_wall, started)
        self._in_flight = in_flight

    def interface_name(self, proto: int) -> str:
        """The command in words."""
        return Command(proto).name.lower() if proto in set(Command) else str(proto)

    def as_json(self) -> dict[str, Any]:
        """Everything, and the most requests that were in flight at once."""
        return {**super().as_json(), "most_in_flight": self._in_flight.most}


class LongportSimulator:
    """The server. `faults` switches faults at run time, `stats` counts, `account` holds what was handed out."""

    def __init__(
        self, config: LongportConfig, *, market: SimulatedMarket, market_clock: MarketClock, clock: Clock | None = None
    ) -> None:
        """Nothing is opened yet. Raises InvalidInput for a fault that is none."""
        self.config = config
        self.clock = clock or SystemClock()
        self.market_clock = market_clock
        self.view = LongportMarket(market, config.seed, resource("longport_seed_day.json").read_bytes())
        self.account = Account(self.clock.wall, session_s=config.session_s)
        self.faults = Faults(self.clock.monotonic, market_clock.now, config.seed)
        self.in_flight = InFlight()
        self.stats = LongportStats(self.clock.wall(), self.clock.monotonic(), self.in_flight)
        self._replies = LongportReplies(self.view, self.faults)
        self._arrivals: deque[float] = deque(maxlen=config.calls or 1)
        self._sockets: set[LongportSocket] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = LongportHttp(self)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._tcp: asyncio.Server | None = None
        self._port, self._tcp_port = config.port, config.tcp_port
        self._started_faults = [Fault.parse(text) for text in config.faults]

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

    @property
    def online(self) -> int:
        """Connections with a session."""
        return sum(1 for each in self._sockets if each.session)

    async def __aenter__(self) -> Self:
        """Listen. OSError where a port is taken."""
        app = web.Application(middlewares=[self._http.stamp])
        app.router.add_routes([*self._http.routes(), web.get("/v2", self._websocket), web.get("/v1", self._websocket)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_S)
        await self._runner.setup()
        await self._listen()
        self.stats.started = self.clock.monotonic()
        self.faults.on_change(self._fault_changed)
        for fault in self._started_faults:
            self.faults.add(fault)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything."""
        for each in list(self._sockets):
            each.abort()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stop_listening()
        if self._runner is not None:
            await self._runner.cleanup()
        while self._sockets:
            await asyncio.sleep(0)

    def drop_connections(self) -> None:
        """Close every quote connection."""
        for each in list(self._sockets):
            each.close()

    def said_now(self) -> float:
        """Market now as the HTTP Date says it, UTC epoch seconds."""
        wrong = self.faults.holds(FaultName.WRONG_CLOCK)
        return self.market_clock.now() + (wrong.seconds or 0.0 if wrong is not None else 0.0)

    # --- used by sockets and HTTP

    def answer(self, command: int, body: bytes) -> Message:
        """The answer to a quote request, counted first; the caller ends its flight. Raises LongportRefusalError."""
        now = self.clock.monotonic()
        self.in_flight.enter()
        try:
            request = self._replies.parse(command, body)
            symbols = self._replies.symbols_of(request)
        except LongportRefusalError:
            self.stats.record(command, [], now, refused=False)
            raise
        refused = self._arrive(now) or self.faults.strike(FaultName.RATE_REFUSAL, command) is not None
        self.stats.record(command, [str(symbol) for symbol in symbols], now, refused=refused)
        if refused:
            raise LongportRefusalError(RATE)
        if self.faults:
            self._refuse_by_fault(command, symbols)
        return self._replies.answer(command, request, self.market_clock.now())

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the connections until it is done or the server stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def end_duplicates(self, newest: LongportSocket, session: str) -> None:
        """A session is one connection's: an older socket on it is closed."""
        for each in list(self._sockets):
            if each is not newest and each.session == session:
                each.end(control.CLOSE_CODE_CONNECT_DUPLICATE, "connected elsewhere")

    # --- inside

    def _arrive(self, now: float) -> bool:
        """Count an arrival; True where it is one too many, in the window or in flight. A refused one counts too."""
        if self.config.calls is None:
            return False
        full = len(self._arrivals) == self.config.calls and now - self._arrivals[0] < self.config.window_s
        self._arrivals.append(now)
        return full or self.in_flight.now > self.config.in_flight

    def _refuse_by_fault(self, command: int, symbols: list[Any]) -> None:
        for symbol in symbols or [None]:
            for name, reason in _REFUSALS.items():
                if self.faults.strike(name, command, symbol) is not None:
                    raise LongportRefusalError(reason, str(symbol or ""))
            fault = self.faults.strike(FaultName.ERROR_CODE, command, symbol)
            if fault is not None:
                raise refusal_by_code(fault.code or 301602, str(symbol or ""))

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoping=False, max_msg_size=_MAX_MESSAGE, compress=False)
        await ws.prepare(request)
        transport = request.transport
        if transport is None:
            return ws
        served = self._admit(LongportSocket(self, WebSocketPipe(ws, transport)))
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
            self._forget(served)
        return ws

    async def _ping(self, ws: web.WebSocketResponse) -> None:
        while not ws.closed:
            await self.clock.sleep_until(self.clock.monotonic() + self.config.ping_s)
            silent = self.faults.holds(FaultName.NO_PING) or self.faults.holds(FaultName.STALL)
            if silent is None and not ws.closed:
                await ws.ping()

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = self._admit(LongportSocket(self, TcpPipe(writer)))
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
            self._forget(served)
            writer.close()

    def _admit(self, served: LongportSocket) -> LongportSocket:
        self._sockets.add(served)
        self.stats.connections += 1
        self.stats.open_connections = len(self._sockets)
        self.stats.most_connections = max(self.stats.most_connections, len(self._sockets))
        self.start(served.pump())
        return served

    async def _drain(self, served: LongportSocket) -> None:
        """Let what is queued go out before the socket is forgotten."""
        for _ in range(3):
            await asyncio.sleep(0)
        served.close()

    def _forget(self, served: LongportSocket) -> None:
        served.close()
        self._sockets.discard(served)
        self.stats.open_connections = len(self._sockets)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the simulator failed", exc_info=error)

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

    def _fault_changed(self, fault: Fault, active: bool) -> None:
        match fault.name:
            case FaultName.REFUSE:
                if active:
                    self.drop_connections()
                    self.start(self._stop_listening())
                elif self._site is None:
                    self.start(self._listen())
            case FaultName.SESSION_EXPIRY if active:
                self.account.sessions.clear()
                for each in list(self._sockets):
                    each.end(control.CLOSE_CODE_SESSION_EXPIRED, "session expired")
            case FaultName.KICKED if active:
                for each in list(self._sockets):
                    each.end(control.CLOSE_CODE_CONNECT_DUPLICATE, "connected elsewhere")
            case _:
                pass
        if active and fault.lasts and fault.seconds is not None:
            self.start(self._end_fault(fault, fault.since + fault.seconds))

    async def _end_fault(self, fault: Fault, deadline: float) -> None:
        await self.clock.sleep_until(deadline)
        self.faults.remove(fault)


_REFUSALS = {
    FaultName.UNKNOWN_SYMBOL: UNKNOWN,
    FaultName.NO_RIGHT: NO_ACCESS,
    FaultName.SERVER_FAILURE: SERVER_ERROR,
}
