"""The connection to an OpenD: its key, what it says of itself, and its clock."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from capflow_gui.clock import Clock, before
from capflow_gui.credentials import Conceal, no_log
from capflow_gui.domain.link import LinkFact, LinkFacts
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import CapflowError, ProviderError, RemoteProtocolError, SettingsError
from capflow_gui.network import is_loopback
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.channel import os_words
from capflow_gui.providers.link import BrokerLink
from capflow_gui.providers.opend import messages
from capflow_gui.providers.opend.channel import OpendChannel, open_channel
from capflow_gui.providers.opend.facts import OpendFacts
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.events import Pushed
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.opend.protocol import Answer, SharedKey

PROBE_TIMEOUT_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpendConfig:
    """Where OpenD listens; `rsa_key_path` names the PEM file OpenD is configured with, None = no encryption."""

    host: str = "127.0.0.1"
    port: int = 11111
    rsa_key_path: str | None = None


class OpendLink(BrokerLink[OpendChannel]):
    """A key that cannot be used fails for good."""

    final = (SettingsError,)

    def __init__(
        self, config: OpendConfig, clock: Clock, source: str, backoff: Backoff | None, conceal: Conceal = no_log
    ) -> None:
        self._config = config
        self._facts = OpendFacts()
        if config.rsa_key_path is None and not is_loopback(config.host):
            self._facts.set(LinkFact.UNENCRYPTED_REMOTE, Reason.of(Code.NOT_ENCRYPTED))
        self._time_at: tuple[float, float] | None = None
        super().__init__(source, f"{config.host}:{config.port}", clock, backoff, conceal)

    async def call(self, proto: Proto, body: bytes) -> Answer:
        """Send a request and return its answer. Never waits for a link: ConnectionLost with its last error."""
        if self._channel is None:
            raise self._down()
        return await self._channel.call(proto, body)

    @property
    def heard_time(self) -> tuple[float, float] | None:
        """As the last GetGlobalState said it."""
        return self._time_at

    def market_now(self) -> float:
        """Return UTC epoch seconds by the source's clock, or by this computer's before the source was asked."""
        if self._time_at is None:
            return self._clock.wall()
        return self._time_at[0] + self._clock.monotonic() - self._time_at[1]

    async def _attempt_once(self) -> None:
        self._facts.new_connection()
        await super()._attempt_once()

    async def _one_connection(self) -> CapflowError:
        key = _read_key(self._config.rsa_key_path)
        host, port = self._config.host, self._config.port
        return await self._serve(
            await open_channel(self.source, host, port, self._clock, key=key, on_push=self._on_push)
        )

    async def _prepare(self, channel: OpendChannel) -> None:
        """Learn login, simulation and the source's clock."""
        try:
            deadline = self._clock.monotonic() + PROBE_TIMEOUT_S
            call = channel.call(Proto.GLOBAL_STATE, messages.global_state_request())
            self._take_global_state(await before(self._clock, deadline, call))
        except (TimeoutError, ProviderError, RemoteProtocolError) as error:
            # Not needed for asking quotes: the feed asks again within a minute.
            _log.warning("%s: GetGlobalState at connect: %s", self.source, error or "no answer")

    def _facts_now(self) -> LinkFacts:
        return self._facts.as_pairs()

    def _on_push(self, push: Pushed) -> None:
        if push.asked != Proto.NOTIFY:
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


def _read_key(path: str | None) -> SharedKey | None:
    if path is None:
        return None
    from capflow_gui.wire.opend.cipher import load_rsa_key  # noqa: PLC0415 - costs start-up time, used with a key only

    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        reason = Reason.of(Code.KEY_FILE_UNREADABLE, path=path, why=os_words(error))
        raise SettingsError("rsa_key", reason, Reason.of(Code.NAME_RSA_FILE)) from error
    return load_rsa_key(pem)
