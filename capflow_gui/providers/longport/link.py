"""The life of a connection to Longport: login, sessions, back-off, and the way around a blocked WebSocket."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal, no_log
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    NoData,
    NotSignedIn,
    ProviderError,
    RemoteProtocolError,
    RequestRejected,
)
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.deadline import before
from capflow_gui.providers.longport.channel import LongportChannel
from capflow_gui.providers.longport.config import LongportConfig, private
from capflow_gui.providers.longport.errors import TOO_MANY_CONNECTIONS
from capflow_gui.providers.longport.gate import Gate
from capflow_gui.providers.longport.http import Login, LongportHttp
from capflow_gui.providers.longport.pipe import dial_tcp, dial_websocket
from capflow_gui.wire.longport.events import Ready
from capflow_gui.wire.longport.packet import Command

_PATHS = {
    Command.CAPITAL_FLOW: "/quote/capital-flow",
    Command.CAPITAL_DISTRIBUTION: "/quote/capital-distribution",
    Command.STATIC_INFO: "/quote/static-info",
    Command.QUOTE: "/quote/quotes",
    Command.CALC_INDEX: "/quote/calc-indexes",
    Command.TRADE_SESSIONS: "/quote/markets/trading-sessions",
    Command.TRADE_DAYS: "/quote/markets/trading-days",
}
_EXPIRY_MARGIN_S = 10.0
_RENEW_ONCE_IN_S = 60.0
_BLOCKED_AFTER = 2  # dials in a row that failed while HTTP worked
_TRY_SOCKET_AGAIN_S = 300.0

_log = logging.getLogger(__name__)


class LongportLink:
    """One connection kept for ever. `http` works beside it. Everything runs on the loop's thread."""

    def __init__(
        self,
        config: LongportConfig,
        login: Login,
        clock: Clock,
        source: str = "longport",
        *,
        backoff: Backoff | None = None,
        conceal: Conceal = no_log,
    ) -> None:
        self.source = source
        self._config = config
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._login = login
        self._conceal = conceal
        self.http = LongportHttp(source, config.http_url, login, clock, config.language)
        self._gate = Gate(clock)
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

    async def run(self) -> None:
        """Keep a connection until cancelled. Every end of every state leads back to an attempt."""
        try:
            while True:
                await self._attempt_once()
        finally:
            await self.http.close()

    async def _attempt_once(self) -> None:
        self._wake.clear()
        self._attempt += 1
        self._publish(LinkPhase.CONNECTING)
        error = await self._one_connection()
        self._error = error
        if self._wake.is_set():
            return
        if isinstance(error, AuthFailed | NotSignedIn):
            # Only the user can help: asking again with the same credentials may lock the account.
            _log.warning("%s: %s", self.source, error.reason)
            self._publish(LinkPhase.FAILED, error.reason, error=error)
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
        self._publish(LinkPhase.WAITING, reason, retry_at, error)
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
        except RemoteProtocolError as error:
            error.source = self.source
            return error
        except ProviderError as error:
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
        await self._login.prepare(self.http)
        data = await self.http.ask("GET", "/v1/socket/token")
        if not isinstance(data, dict) or not isinstance(data.get("otp"), str):
            raise RemoteProtocolError("the one-time password cannot be read")
        self._conceal(data["otp"], lasting=False)
        limit, online = data.get("limit") or 0, data.get("online") or 0
        if isinstance(limit, int) and isinstance(online, int) and 0 < limit <= online:
            raise RequestRejected(
                self.source, TOO_MANY_CONNECTIONS, f"all {limit} connections of this account are in use"
            )
        password: str = data["otp"]
        return password

    async def _dial(self) -> LongportChannel:
        try:
            if self._config.transport == "tcp":
                return LongportChannel(
                    self.source, await dial_tcp(self.source, self._config.tcp, self._clock), self._clock
                )
            headers = {"Accept-Language": self._config.language}
            pipe = await dial_websocket(self.source, self.http.session, self._config.ws_url, headers, self._clock)
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
        self._conceal(ready.session_id, lasting=False)
        self._session = (ready.session_id, ready.expires)
        self._channel = channel
        begun = self._be_up()
        await asyncio.wait({serving})
        self._backoff.was_ready(self._clock.monotonic() - begun)
        self._channel = None
        ended = channel.ended.result()
        self._publish(LinkPhase.LOST, ended.reason, error=ended)

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
        if self.http.simulated is not None:
            facts.append((LinkFact.SIMULATED, self.http.simulated))
        if not private(self._config):
            facts.append((LinkFact.UNENCRYPTED_REMOTE, ""))
        return tuple(facts)

    def _publish(
        self, phase: LinkPhase, reason: str = "", retry_at: float | None = None, error: CapflowError | None = None
    ) -> None:
        self._link = LinkState(
            self.source,
            phase,
            self._clock.monotonic(),
            reason=reason,
            attempt=self._attempt,
            retry_at=retry_at,
            latency_s=self._latency_s,
            facts=self._facts(),
            error=error,
        )
        for callback in self._callbacks:
            callback(self._link)

    def check_ready(self) -> None:
        """Raise ConnectionLost, with what is the matter, where the link is not ready."""
        if self._channel is None and not self._over_http:
            reason = self._error.reason if isinstance(self._error, ProviderError) else str(self._error)
            raise ConnectionLost(self.source, reason)

    async def call(self, command: Command, request: Message, kind: type[Message]) -> bytes:
        """Return the body of an answer, of the message `kind`, whatever carried it. Raises at once where not ready."""
        self.check_ready()
        await self._gate.pass_through()
        if self._channel is not None:
            return await self._channel.call(command, request.SerializeToString())
        self.check_ready()
        return await self._call_http(command, request, kind)

    async def _call_http(self, command: Command, request: Message, kind: type[Message]) -> bytes:
        """The same question over HTTP; the answer is brought into the form of the socket's."""
        if command not in _PATHS:
            raise NoData(self.source, 0, "Longport answers this over a socket alone")
        asked = MessageToDict(request, preserving_proto_field_name=True)
        begun = self._clock.monotonic()
        try:
            data = await self.http.ask("POST", _PATHS[command], body=asked)
        except (ConnectFailed, ConnectionLost) as error:
            self._error = error
            self._http_lost.set()
            raise
        self._latency_s = self._clock.monotonic() - begun
        try:
            return ParseDict(data, kind(), ignore_unknown_fields=True).SerializeToString()
        except (ParseError, TypeError, AttributeError) as error:
            raise RemoteProtocolError(f"an answer cannot be read: {error}") from error
