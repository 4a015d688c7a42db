"""The life of a connection to OpenD: back-off, what is known once it is ready, and what the link is said to be."""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capflow_gui.clock import Clock
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import (
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    ProviderError,
    RemoteProtocolError,
    SettingsError,
)
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.channel import OpendChannel, open_channel
from capflow_gui.providers.deadline import before
from capflow_gui.providers.opend import messages
from capflow_gui.providers.opend.facts import OpendFacts
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.opend.protocol import Answer, Push, Ready, SharedKey

PROBE_TIMEOUT_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpendConfig:
    """Where OpenD listens; `rsa_key_path` names the PEM file OpenD is configured with, None = no encryption."""

    host: str = "127.0.0.1"
    port: int = 11111
    rsa_key_path: str | None = None


class OpendLink:
    """One connection kept for ever. Everything runs on the loop's thread."""

    def __init__(self, config: OpendConfig, clock: Clock, source: str, backoff: Backoff | None) -> None:
        self.source = source
        self._config = config
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._facts = OpendFacts()
        if config.rsa_key_path is None and not _is_loopback(config.host):
            self._facts.set(LinkFact.UNENCRYPTED_REMOTE)
        self._callbacks: list[Callable[[LinkState], None]] = []
        self._channel: OpendChannel | None = None  # while the link is ready
        self._opening: OpendChannel | None = None  # while there is a connection at all
        self._attempt = 0
        self._said = ""  # the reason of the outage as last logged
        self._error: CapflowError = ConnectFailed(source, f"still connecting to {config.host}:{config.port}")
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()  # ready, or failed for good
        self._time_at: tuple[float, float] | None = None  # (source's clock, monotonic) of the last GetGlobalState
        self._latency_s: float | None = None
        self._link = LinkState(source, LinkPhase.CONNECTING, clock.monotonic(), facts=self._facts.as_pairs())

    @property
    def link(self) -> LinkState:
        """The link as it is now, the last call's latency included."""
        if self._channel is not None and self._channel.latency_s is not None:
            self._latency_s = self._channel.latency_s
        if self._link.latency_s != self._latency_s:
            self._link = dataclasses.replace(self._link, latency_s=self._latency_s)
        return self._link

    @property
    def rights(self) -> dict[str, str]:
        """The quote rights OpenD last spoke of, by market."""
        return dict(self._facts.rights)

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        """Have `callback` called whenever phase or facts change; latency alone is read from `link`."""
        self._callbacks.append(callback)

    async def call(self, proto: Proto, body: bytes) -> Answer:
        """Send a request and return its answer. Never waits for a link: ConnectionLost with its last error."""
        if self._channel is None:
            reason = self._error.reason if isinstance(self._error, ProviderError) else str(self._error)
            raise ConnectionLost(self.source, reason, sent=False)
        return await self._channel.call(proto, body)

    async def ask_global_state(self) -> GlobalState:
        """1002: the source's clock and login; the link's facts follow it."""
        state = self._take_global_state(await self.call(Proto.GLOBAL_STATE, messages.global_state_request()))
        self._publish()
        return state

    def market_now(self) -> float:
        """Return UTC epoch seconds by the source's clock, or by this computer's before the source was asked."""
        if self._time_at is None:
            return self._clock.wall()
        return self._time_at[0] + self._clock.monotonic() - self._time_at[1]

    async def run(self) -> None:
        """Keep a connection until cancelled. Every end of every state leads back to an attempt."""
        while True:
            self._wake.clear()
            self._attempt += 1
            self._facts.new_connection()
            self._publish(LinkPhase.CONNECTING)
            try:
                error: CapflowError = await self._one_connection()
            except SettingsError as fault:
                # A key that cannot be used: only the user can help, so nothing is tried until asked to.
                self._error = fault
                self._publish(LinkPhase.FAILED, str(fault), error=fault)
                self._settled.set()
                await self._wake.wait()
                self._settled.clear()
                continue
            self._error = error
            reason = error.reason if isinstance(error, ProviderError) else str(error)
            if self._wake.is_set():
                continue
            delay = self._backoff.next_delay()
            # An outage of a night is one line at WARNING, not one for every attempt.
            level = logging.INFO if reason == self._said else logging.WARNING
            _log.log(level, "%s: %s; next attempt in %.1f s", self.source, reason, delay)
            self._said = reason
            retry_at = self._clock.monotonic() + delay
            self._publish(LinkPhase.WAITING, reason, retry_at, error)
            try:
                await before(self._clock, retry_at, self._wake.wait())
            except TimeoutError:
                continue

    async def _one_connection(self) -> ProviderError:
        """Connect, serve until the end, and return what ended it. Raises SettingsError for a useless key."""
        key = _read_key(self._config.rsa_key_path)
        try:
            channel = await open_channel(
                self.source, self._config.host, self._config.port, self._clock, key=key, on_push=self._on_push
            )
        except ConnectFailed as error:
            return error
        self._opening = channel
        try:
            await self._served(channel, channel.ready)
            if not channel.ended.done():
                await self._be_ready(channel)
        finally:
            self._channel = self._opening = None
            self._settled.clear()
            channel.end(ConnectionLost(self.source, "closed"))
        return channel.ended.result()

    async def _served(self, channel: OpendChannel, until: asyncio.Future[Ready] | None = None) -> None:
        """Serve the connection's deadlines until it ends or `until` is done."""
        sweep = asyncio.ensure_future(channel.sweep())
        try:
            awaited: set[asyncio.Future[Any]] = {channel.ended, sweep}
            await asyncio.wait(awaited if until is None else awaited | {until}, return_when=asyncio.FIRST_COMPLETED)
            if sweep.done():
                sweep.result()
        finally:
            sweep.cancel()
            await asyncio.wait({sweep})

    async def _be_ready(self, channel: OpendChannel) -> None:
        serving = asyncio.ensure_future(self._served(channel))
        try:
            await self._probe(channel)
            if not channel.ended.done():
                begun = self._clock.monotonic()
                self._channel = channel
                self._attempt = 0
                self._said = ""
                self._wake.clear()
                self._publish(LinkPhase.READY)
                self._settled.set()
                await asyncio.wait({serving})
                self._backoff.was_ready(self._clock.monotonic() - begun)
                serving.result()
                ended = channel.ended.result()
                self._publish(LinkPhase.LOST, ended.reason, error=ended)
        finally:
            serving.cancel()
            await asyncio.wait({serving})

    async def _probe(self, channel: OpendChannel) -> None:
        """Learn login, simulation and the source's clock before anybody is told the link is ready."""
        try:
            deadline = self._clock.monotonic() + PROBE_TIMEOUT_S
            call = channel.call(Proto.GLOBAL_STATE, messages.global_state_request())
            self._take_global_state(await before(self._clock, deadline, call))
        except (TimeoutError, ProviderError, RemoteProtocolError) as error:
            # Not needed for asking quotes: the feed asks again within a minute.
            _log.warning("%s: GetGlobalState at connect: %s", self.source, error or "no answer")

    def reconnect_now(self) -> None:
        """Skip the rest of a back-off wait, or drop the connection and connect again."""
        self._backoff.reset()
        self._wake.set()
        if self._opening is not None:
            self._opening.end(ConnectionLost(self.source, "reconnecting as asked"))

    async def wait_ready(self, deadline: float) -> None:
        """Return when the link is ready. Raise the last ConnectFailed at monotonic `deadline`.

        A key that cannot be used raises its SettingsError at once.
        """
        try:
            await before(self._clock, deadline, self._settled.wait())
        except TimeoutError:
            raise self._connect_error() from None
        if isinstance(self._error, SettingsError) and self._link.phase is LinkPhase.FAILED:
            raise self._error

    def _connect_error(self) -> CapflowError:
        if isinstance(self._error, ConnectionLost):
            return ConnectFailed(self.source, self._error.reason)
        return self._error

    def _publish(
        self,
        phase: LinkPhase | None = None,
        reason: str = "",
        retry_at: float | None = None,
        error: CapflowError | None = None,
    ) -> None:
        facts = self._facts.as_pairs()
        if phase is None:
            if facts == self._link.facts:
                return
            self._link = dataclasses.replace(self.link, facts=facts)
        else:
            self._link = LinkState(
                self.source,
                phase,
                self._clock.monotonic(),
                reason=reason,
                attempt=self._attempt,
                retry_at=retry_at,
                latency_s=self._latency_s,
                facts=facts,
                error=error,
            )
        for callback in self._callbacks:
            callback(self._link)

    def _on_push(self, push: Push) -> None:
        if push.proto_id != Proto.NOTIFY:
            return
        try:
            self._facts.on_notify(push.body)
        except RemoteProtocolError as error:
            _log.warning("%s: %s", self.source, error)
        self._publish()

    def _take_global_state(self, answer: Answer) -> GlobalState:
        state = messages.read_global_state(self.source, answer.body)
        self._time_at = (state.time, self._clock.monotonic())
        self._facts.on_global_state(state)
        return state


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _read_key(path: str | None) -> SharedKey | None:
    if path is None:
        return None
    from capflow_gui.wire.opend.cipher import load_rsa_key  # noqa: PLC0415 - costs start-up time, used with a key only

    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror or error}"
        raise SettingsError("rsa_key", reason, "name the PEM file OpenD is configured with") from error
    return load_rsa_key(pem)
