"""Longport / Longbridge as a Provider: one quote connection kept for ever, and every interface Capflow asks.

Longport gives a net total a minute for the running session and a three-class snapshot: no classes by minute, no
history. Where its WebSocket cannot be reached but its HTTP can, the quotes are asked over HTTP.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import DecodeError, Message

from capflow_gui.clock import Clock
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.quote import (
    Distribution,
    GlobalState,
    MarketPhase,
    MarketState,
    Quote,
    SearchHit,
    StaticInfo,
    SymbolGroup,
    TradeDate,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    InvalidInput,
    NoData,
    ProviderError,
    RemoteProtocolError,
    RequestRejected,
)
from capflow_gui.providers import longport_messages as messages
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.base import Capabilities, RateLimit
from capflow_gui.providers.deadline import before
from capflow_gui.providers.longport_channel import LongportChannel
from capflow_gui.providers.longport_errors import TOO_MANY_CONNECTIONS
from capflow_gui.providers.longport_flow import LongportFlowDecoder
from capflow_gui.providers.longport_gate import CALLS, WINDOW_S, Gate
from capflow_gui.providers.longport_http import Login, LongportHttp
from capflow_gui.providers.longport_pipe import dial_tcp, dial_websocket
from capflow_gui.wire.longport import Ready
from capflow_gui.wire.longport_packet import Command
from capflow_gui.wire.pb.longport import quote_pb2

Transport = Literal["auto", "websocket", "tcp", "http"]
_LIMIT = RateLimit(CALLS, WINDOW_S)
# One quota for the whole account: every interface below shares it, see feed.limiter.SharedLimiters.
LIMITS = dict.fromkeys(("capital_flow", "distribution", "snapshot", "static_info", "trade_dates", "search"), _LIMIT)
_PATHS = {
    Command.CAPITAL_FLOW: "/quote/capital-flow",
    Command.CAPITAL_DISTRIBUTION: "/quote/capital-distribution",
    Command.STATIC_INFO: "/quote/static-info",
    Command.QUOTE: "/quote/quotes",
    Command.CALC_INDEX: "/quote/calc-indexes",
    Command.TRADE_DAYS: "/quote/markets/trading-days",
}
_EXPIRY_MARGIN_S = 10.0
_RENEW_ONCE_IN_S = 60.0
_BLOCKED_AFTER = 2  # dials in a row that failed while HTTP worked
_TRY_SOCKET_AGAIN_S = 300.0
_DIGIT_MARKETS = (Market.HK, Market.SH, Market.SZ)
_LETTER_MARKETS = (Market.US, Market.SG)

_log = logging.getLogger(__name__)
T = TypeVar("T")
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class LongportConfig:
    """Where Longport is. `tcp` is HOST:PORT. `transport` auto: WebSocket, and HTTP where that is blocked."""

    http_url: str
    ws_url: str
    tcp: str = ""
    language: str = "en"
    transport: Transport = "auto"


# Source: Longbridge OpenAPI docs, "Hosts"; the path /v2 is what the official clients dial.
GLOBAL = LongportConfig(
    "https://openapi.longbridge.com", "wss://openapi-quote.longbridge.com/v2", "openapi-quote.longbridge.com:2020"
)
MAINLAND = LongportConfig(
    "https://openapi.longbridge.cn", "wss://openapi-quote.longbridge.cn/v2", "openapi-quote.longbridge.cn:2020"
)


class LongportProvider:
    """A providers.base.Provider over one connection. Everything runs on the loop's thread."""

    def __init__(
        self,
        config: LongportConfig,
        login: Login,
        clock: Clock,
        source: str = "longport",
        backoff: Backoff | None = None,
    ) -> None:
        self.source = source
        self.capabilities = Capabilities(frozenset({Period.INTRADAY}), classes=False, limits=LIMITS)
        self._config = config
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._http = LongportHttp(source, config.http_url, login, clock, config.language)
        self._gate = Gate(clock)
        self._decoder = LongportFlowDecoder(source)
        self._callbacks: list[Callable[[LinkState], None]] = []
        self._channel: LongportChannel | None = None  # while the link is ready over a socket
        self._opening: LongportChannel | None = None  # while there is a socket at all
        self._over_http = False  # while the link is ready over HTTP
        self._session: tuple[str, float | None] | None = None  # id and absolute expiry, UTC epoch seconds
        self._outdated = False  # the session was refused or closed for its age
        self._renewed_at = float("-inf")
        self._dials_failed = 0
        self._attempt = 0
        self._error: CapflowError = ConnectFailed(source, f"still connecting to {config.http_url}")
        self._wake = asyncio.Event()
        self._http_lost = asyncio.Event()
        self._settled = asyncio.Event()  # ready, or failed for good
        self._latency_s: float | None = None
        self._link = LinkState(source, LinkPhase.CONNECTING, clock.monotonic(), facts=self._facts())

    @property
    def link(self) -> LinkState:
        """The link as it is now, the last call's latency included."""
        if self._channel is not None and self._channel.latency_s is not None:
            self._latency_s = self._channel.latency_s
        if self._link.latency_s != self._latency_s:
            self._link = dataclasses.replace(self._link, latency_s=self._latency_s)
        return self._link

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        """Have `callback` called whenever phase or facts change; latency alone is read from `link`."""
        self._callbacks.append(callback)

    # The connection's life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep a connection until cancelled. Every end of every state leads back to an attempt."""
        try:
            while True:
                await self._attempt_once()
        finally:
            await self._http.close()

    async def _attempt_once(self) -> None:
        self._wake.clear()
        self._attempt += 1
        self._publish(LinkPhase.CONNECTING)
        error = await self._one_connection()
        self._error = error
        if self._wake.is_set():
            return
        if isinstance(error, AuthFailed):
            # Only the user can help: asking again with the same credentials may lock the account.
            _log.warning("%s: %s", self.source, error.reason)
            self._publish(LinkPhase.FAILED, error.reason)
            self._settled.set()
            await self._wake.wait()
            self._settled.clear()
            return
        if self._may_renew():
            _log.info("%s: %s; a new session is opened", self.source, error)
            return
        delay = self._backoff.next_delay()
        reason = error.reason if isinstance(error, ProviderError) else str(error)
        _log.warning("%s: %s; next attempt in %.1f s", self.source, reason, delay)
        retry_at = self._clock.monotonic() + delay
        self._publish(LinkPhase.WAITING, reason, retry_at)
        try:
            await before(self._clock, retry_at, self._wake.wait())
        except TimeoutError:
            return

    async def _one_connection(self) -> CapflowError:
        """Connect, serve until the end, and return what ended it."""
        try:
            password = await self._password() if self._live_session() is None or self._http_only() else None
            if self._http_only():
                return await self._serve_http()
            channel = await self._dial()
        except (ProviderError, RemoteProtocolError) as error:
            return error
        self._opening = channel
        serving = asyncio.ensure_future(channel.serve())
        try:
            self._log_in(channel, password)
            awaited: set[asyncio.Future[Any]] = {channel.ready, serving}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if channel.ready.done() and not channel.ended.done():
                await self._be_ready(channel, serving)
        finally:
            self._channel = self._opening = None
            self._settled.clear()
            channel.end(ConnectionLost(self.source, "closed"))
            await asyncio.wait({serving})
        serving.result()
        if channel.session_over:
            self._session = None
        self._outdated = channel.session_outdated
        return channel.ended.result()

    def _may_renew(self) -> bool:
        """Whether a new session is opened at once: where the old one was merely too old, and once a minute."""
        outdated, self._outdated = self._outdated, False
        now = self._clock.monotonic()
        if not outdated or now - self._renewed_at < _RENEW_ONCE_IN_S:
            return False
        self._renewed_at = now
        return True

    def _http_only(self) -> bool:
        blocked = self._config.transport == "auto" and self._dials_failed >= _BLOCKED_AFTER
        return self._config.transport == "http" or blocked

    def _live_session(self) -> str | None:
        """The session to take up, None where there is none or it is about to expire."""
        if self._session is None:
            return None
        session_id, expires = self._session
        if expires is not None and self._clock.wall() >= expires - _EXPIRY_MARGIN_S:
            self._session = None
            return None
        return session_id

    async def _password(self) -> str:
        """A one-time password; asking for it proves the credentials, and tells the source's clock."""
        data = await self._http.ask("GET", "/v1/socket/token")
        if not isinstance(data, dict) or not isinstance(data.get("otp"), str):
            raise RemoteProtocolError("the one-time password cannot be read")
        limit, online = data.get("limit") or 0, data.get("online") or 0
        if isinstance(limit, int) and isinstance(online, int) and 0 < limit <= online:
            raise RequestRejected(
                self.source, TOO_MANY_CONNECTIONS, f"all {limit} connections of this account are in use"
            )
        return str(data["otp"])

    async def _dial(self) -> LongportChannel:
        try:
            if self._config.transport == "tcp":
                return LongportChannel(
                    self.source, await dial_tcp(self.source, self._config.tcp, self._clock), self._clock
                )
            headers = {"Accept-Language": self._config.language}
            pipe = await dial_websocket(self.source, self._http.session, self._config.ws_url, headers, self._clock)
        except ConnectFailed:
            self._dials_failed += 1
            raise
        self._dials_failed = 0
        return LongportChannel(self.source, pipe, self._clock)

    def _log_in(self, channel: LongportChannel, password: str | None) -> None:
        metadata = {"accept-language": self._config.language}
        if password is not None:
            channel.authenticate(password, metadata)
        elif self._session is not None:
            channel.resume(self._session[0], metadata)

    async def _be_ready(self, channel: LongportChannel, serving: asyncio.Future[None]) -> None:
        ready: Ready = channel.ready.result()
        self._session = (ready.session_id, ready.expires)
        self._channel = channel
        begun = self._be_up()
        await asyncio.wait({serving})
        self._backoff.was_ready(self._clock.monotonic() - begun)
        self._channel = None
        self._publish(LinkPhase.LOST, channel.ended.result().reason)

    def _be_up(self) -> float:
        self._attempt = 0
        self._wake.clear()
        self._publish(LinkPhase.READY)
        self._settled.set()
        return self._clock.monotonic()

    async def _serve_http(self) -> CapflowError:
        """Be ready without a socket: until HTTP fails, or it is time to try the WebSocket again."""
        self._http_lost.clear()
        self._over_http = True
        begun = self._be_up()
        _log.info("%s: quotes are asked over HTTP", self.source)
        try:
            while not self._http_lost.is_set():
                if await self._http_lasted() and self._config.transport == "auto":
                    self._error = ConnectionLost(self.source, "trying the WebSocket again")
                    break
        finally:
            self._over_http = False
            self._settled.clear()
        self._dials_failed = 0
        self._backoff.was_ready(self._clock.monotonic() - begun)
        return self._error

    async def _http_lasted(self) -> bool:
        """Wait a while; whether HTTP still works then."""
        try:
            await before(self._clock, self._clock.monotonic() + _TRY_SOCKET_AGAIN_S, self._http_lost.wait())
        except TimeoutError:
            return True
        return False

    def reconnect_now(self) -> None:
        """Skip the rest of a back-off wait, or drop the connection and connect again."""
        self._backoff.reset()
        self._wake.set()
        self._http_lost.set()
        if self._opening is not None:
            self._opening.end(ConnectionLost(self.source, "reconnecting as asked"))

    async def wait_ready(self, deadline: float) -> None:
        """Return when the link is ready. Raise the last error at monotonic `deadline`, a refused login at once."""
        try:
            await before(self._clock, deadline, self._settled.wait())
        except TimeoutError:
            raise self._connect_error() from None
        if self._link.phase is LinkPhase.FAILED:
            raise self._error

    def _connect_error(self) -> CapflowError:
        if isinstance(self._error, ConnectionLost):
            return ConnectFailed(self.source, self._error.reason)
        return self._error

    def _facts(self) -> tuple[tuple[LinkFact, str], ...]:
        facts: list[tuple[LinkFact, str]] = []
        if self._http.simulated is not None:
            facts.append((LinkFact.SIMULATED, self._http.simulated))
        if not _private(self._config):
            facts.append((LinkFact.UNENCRYPTED_REMOTE, ""))
        return tuple(facts)

    def _publish(self, phase: LinkPhase, reason: str = "", retry_at: float | None = None) -> None:
        self._link = LinkState(
            self.source,
            phase,
            self._clock.monotonic(),
            reason=reason,
            attempt=self._attempt,
            retry_at=retry_at,
            latency_s=self._latency_s,
            facts=self._facts(),
        )
        for callback in self._callbacks:
            callback(self._link)

    # Calls ----------------------------------------------------------------------------------------------------

    async def get_capital_flow(
        self, symbol: Symbol, period: Period = Period.INTRADAY, start: date | None = None, end: date | None = None
    ) -> FlowSeries:
        """Command 24: the running session's lines, labelled by the start of their minute, totals only.

        An answer equal to the last one of this symbol returns the very same object.
        """
        if period is not Period.INTRADAY or start is not None or end is not None:
            raise InvalidInput(period.value, "Longport gives the running session only", "ask OpenD for history")
        request = quote_pb2.SymbolRequest(symbol=messages.symbol_text(symbol))
        body = await self._call(Command.CAPITAL_FLOW, request, quote_pb2.CapitalFlowResponse)
        return self._decoder.decode(symbol, body)

    async def get_distribution(self, symbol: Symbol) -> Distribution:
        """Command 25: three classes, extra_large missing."""
        request = quote_pb2.SymbolRequest(symbol=messages.symbol_text(symbol))
        answer = await self._ask(Command.CAPITAL_DISTRIBUTION, request, quote_pb2.CapitalDistributionResponse)
        return messages.read_distribution(answer, symbol)

    async def get_snapshots(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Command 11, a request for every 500 symbols; one the broker does not know is left out."""
        quotes: list[Quote] = []
        for part in _parts(symbols):
            answer = await self._ask(Command.QUOTE, messages.symbols_request(part), quote_pb2.QuoteResponse)
            quotes += messages.read_quotes(answer)
        return quotes

    async def get_static_info(self, symbols: Sequence[Symbol]) -> list[StaticInfo]:
        """Command 10, a request for every 500 symbols."""
        infos: list[StaticInfo] = []
        for part in _parts(symbols):
            answer = await self._ask(Command.STATIC_INFO, messages.symbols_request(part), quote_pb2.StaticInfoResponse)
            infos += messages.read_static_info(answer, self._config.language)
        return infos

    async def get_market_states(self, symbols: Sequence[Symbol]) -> list[MarketState]:
        """Longport says hours and trading days, and no state: UNKNOWN for every symbol, and nothing is asked."""
        return [MarketState(symbol, -1, MarketPhase.UNKNOWN) for symbol in symbols]

    async def get_trade_dates(self, market: Market, start: date, end: date) -> list[TradeDate]:
        """Command 9, a request for every four weeks; the broker knows the last year only."""
        days: list[TradeDate] = []
        for request in messages.trade_days_requests(market, start, end):
            answer = await self._ask(Command.TRADE_DAYS, request, quote_pb2.TradeDaysResponse)
            days += messages.read_trade_days(answer, market)
        return days

    async def get_day_flows(self, symbols: Sequence[Symbol]) -> dict[Symbol, float | None]:
        """Command 26: one figure for the day, for 500 symbols a request; None = missing."""
        flows: dict[Symbol, float | None] = {}
        for part in _parts(symbols):
            request = quote_pb2.CalcIndexRequest(
                symbols=map(messages.symbol_text, part), calc_index=[quote_pb2.CALC_INDEX_CAPITAL_FLOW]
            )
            answer = await self._ask(Command.CALC_INDEX, request, quote_pb2.CalcIndexResponse)
            for item in answer.security_calc_index:
                symbol = messages.symbol_of(item.symbol)
                if symbol is not None:
                    flows[symbol] = messages.number(item.capital_flow)
        return flows

    async def get_global_state(self) -> GlobalState:
        """The source's clock, from the Date of an HTTP answer; Longport says nothing of markets."""
        self._check_ready()
        time = await self._http.ask_date()
        return GlobalState(
            time=time,
            quote_logged_in=True,
            server_version=0,
            simulated=self._http.simulated is not None,
            market_phases={},
            status=self._http.simulated or "",
        )

    async def get_groups(self) -> list[SymbolGroup]:
        """The user's watchlist groups (HTTP)."""
        return [SymbolGroup(name, custom=True) for name in await self._groups()]

    async def get_group_symbols(self, name: str) -> list[StaticInfo]:
        """The members of one group (HTTP); kind and lot are not told there."""
        groups = await self._groups()
        if name not in groups:
            raise NoData(self.source, 0, f"there is no watchlist group {name!r}")
        return groups[name]

    async def search(self, keyword: str, max_count: int = 10) -> list[SearchHit]:
        """Longport has no search: a code is looked up in the markets it may belong to (command 10)."""
        infos = await self.get_static_info(_candidates(keyword)) if _candidates(keyword) else []
        return [SearchHit(info.symbol, info.name, info.kind) for info in infos[:max_count]]

    async def _groups(self) -> dict[str, list[StaticInfo]]:
        self._check_ready()
        return messages.read_groups(await self._http.ask("GET", "/v1/watchlist/groups"))

    def _check_ready(self) -> None:
        if self._channel is None and not self._over_http:
            reason = self._error.reason if isinstance(self._error, ProviderError) else str(self._error)
            raise ConnectionLost(self.source, reason)

    async def _ask(self, command: Command, request: Message, kind: type[M]) -> M:
        body = await self._call(command, request, kind)
        answer = kind()
        try:
            answer.ParseFromString(body)
        except DecodeError as error:
            raise RemoteProtocolError(f"an answer cannot be parsed: {error}") from error
        return answer

    async def _call(self, command: Command, request: Message, kind: type[Message]) -> bytes:
        self._check_ready()
        async with self._gate.pass_through():
            if self._channel is not None:
                return await self._channel.call(command, request.SerializeToString())
            self._check_ready()
            return await self._call_http(command, request, kind)

    async def _call_http(self, command: Command, request: Message, kind: type[Message]) -> bytes:
        """The same question over HTTP; the answer is brought into the form of the socket's."""
        asked = MessageToDict(request, preserving_proto_field_name=True)
        begun = self._clock.monotonic()
        try:
            data = await self._http.ask("POST", _PATHS[command], body=asked)
        except (ConnectFailed, ConnectionLost) as error:
            self._error = error
            self._http_lost.set()
            raise
        self._latency_s = self._clock.monotonic() - begun
        try:
            return ParseDict(data, kind(), ignore_unknown_fields=True).SerializeToString()
        except (ParseError, TypeError, AttributeError) as error:
            raise RemoteProtocolError(f"an answer cannot be read: {error}") from error


def _parts(symbols: Sequence[Symbol]) -> list[Sequence[Symbol]]:
    return [symbols[at : at + messages.MAX_SYMBOLS] for at in range(0, len(symbols), messages.MAX_SYMBOLS)]


def _candidates(keyword: str) -> list[Symbol]:
    word = keyword.strip().upper()
    whole = messages.symbol_of(word)
    if whole is not None:
        return [whole]
    markets = _DIGIT_MARKETS if word.isdecimal() else _LETTER_MARKETS
    found = (messages.symbol_of(f"{word}.{market.value}") for market in markets)
    return [symbol for symbol in found if symbol is not None] if word.isalnum() and word.isascii() else []


def _private(config: LongportConfig) -> bool:
    """Whether nobody between here and Longport can read what is sent."""
    addresses = [config.http_url]
    if config.transport == "tcp":
        addresses.append(f"tcp://{config.tcp.removeprefix('tcp://')}")
    elif config.transport != "http":
        addresses.append(config.ws_url)
    return all(_encrypted_or_near(address) for address in addresses)


def _encrypted_or_near(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme in ("https", "wss"):
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return (parts.hostname or "").lower() == "localhost"
