"""The connection to Longport: login, sessions, and the way around a blocked WebSocket."""

from __future__ import annotations

import asyncio
import logging

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

from capflow_gui.clock import Clock, before
from capflow_gui.credentials import Conceal, no_log
from capflow_gui.domain.link import LinkFact, LinkFacts
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    NotSignedIn,
    RemoteProtocolError,
    RequestRejected,
)
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.link import BrokerLink
from capflow_gui.providers.longport.channel import LongportChannel
from capflow_gui.providers.longport.config import LongportConfig, private
from capflow_gui.providers.longport.errors import TOO_MANY_CONNECTIONS
from capflow_gui.providers.longport.gate import Gate
from capflow_gui.providers.longport.http import Login, LongportHttp
from capflow_gui.providers.longport.pipe import dial_tcp, dial_websocket
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.longport.protocol import Ready

_PATHS = {
    Command.CAPITAL_FLOW: "/quote/capital-flow",
    Command.CAPITAL_DISTRIBUTION: "/quote/capital-distribution",
    Command.STATIC_INFO: "/quote/static-info",
    Command.QUOTE: "/quote/quotes",
    Command.TRADE_DAYS: "/quote/markets/trading-days",
}
_EXPIRY_MARGIN_S = 10.0
_RENEW_ONCE_IN_S = 60.0
_BLOCKED_AFTER = 2  # dials in a row that failed while HTTP worked
_TRY_SOCKET_AGAIN_S = 300.0

_log = logging.getLogger(__name__)


class LongportLink(BrokerLink[LongportChannel]):
    """`http` works beside the connection. Refused credentials fail for good: only the user can bring others."""

    final = (AuthFailed, NotSignedIn)

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
        self._config = config
        self._login = login
        self.http = LongportHttp(source, config.http_url, login, clock, config.language)
        self._gate = Gate(clock)
        self._over_http = False  # while the link is ready over HTTP
        self._session: tuple[str, float | None] | None = None  # id and absolute expiry, UTC epoch seconds
        self._outdated = False  # the session was refused or closed for its age
        self._renewed_at = float("-inf")
        self._dials_failed = 0
        self._http_lost = asyncio.Event()
        super().__init__(source, config.http_url, clock, backoff, conceal)

    @property
    def heard_time(self) -> tuple[float, float] | None:
        """As the newest answer over HTTP was stamped, such as that with the password of a login."""
        return self.http.date

    async def run(self) -> None:
        """Keep a connection until cancelled. Every end of every state leads back to an attempt."""
        try:
            await super().run()
        finally:
            await self.http.close()

    async def _one_connection(self) -> CapflowError:
        try:
            password = await self._password() if self._live_session() is None or self._http_only() else None
            if self._http_only():
                return await self._serve_http()
            channel = await self._dial()
            self._log_in(channel, password)
            error = await self._serve(channel)
        except AuthFailed as refused:
            error = refused
        else:
            if channel.session_over:
                self._session = None
            self._outdated = channel.session_outdated
        if isinstance(error, AuthFailed):
            error.variable = await self._login.variable()
        return error

    async def _prepare(self, channel: LongportChannel) -> None:
        ready: Ready = channel.ready.result()
        self.conceal(ready.session_id, lasting=False)
        self._session = (ready.session_id, ready.expires)

    def _again_at_once(self) -> bool:
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
            raise RemoteProtocolError(Reason.of(Code.OTP_UNREADABLE))
        self.conceal(data["otp"], lasting=False)
        limit, online = data.get("limit") or 0, data.get("online") or 0
        if isinstance(limit, int) and isinstance(online, int) and 0 < limit <= online:
            reason = Reason.of(Code.ALL_CONNECTIONS_USED, limit=limit)
            raise RequestRejected(self.source, TOO_MANY_CONNECTIONS, reason=reason)
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

    async def _serve_http(self) -> CapflowError:
        """Be ready without a socket: until HTTP fails, or it is time to try the WebSocket again."""
        self._http_lost.clear()
        self._over_http = True
        begun = self._be_up()
        _log.info("%s: quotes are asked over HTTP", self.source)
        try:
            while not self._http_lost.is_set():
                if await self._http_lasted() and self._config.transport == "auto":
                    self._error = ConnectionLost(self.source, Reason.of(Code.TRYING_WEBSOCKET))
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
        self._http_lost.set()
        super().reconnect_now()

    def _facts_now(self) -> LinkFacts:
        facts: list[tuple[LinkFact, Reason]] = []
        if self.http.simulated is not None:
            facts.append((LinkFact.SIMULATED, Reason.of(Code.VERBATIM, text=self.http.simulated)))
        if not private(self._config):
            facts.append((LinkFact.UNENCRYPTED_REMOTE, Reason.of(Code.NOT_ENCRYPTED)))
        return tuple(facts)

    def check_ready(self) -> None:
        """Raise ConnectionLost, with what is the matter, where the link is not ready."""
        if self._channel is None and not self._over_http:
            raise self._down()

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
            raise RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))) from error
