"""Signs in to Longport for the window: by browser, by app key, or by what the environment says.

Secrets go to the keyring. Where this computer has none they are held for the run, and the next start asks again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from capflow_gui.clock import Clock
from capflow_gui.credentials import (
    AppKey,
    Backend,
    Conceal,
    LongportSecrets,
    OAuthTokens,
    SecretStore,
    conceal_secrets,
    no_log,
    read_environment,
)
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.errors import (
    AuthFailed,
    CapflowError,
    ConnectFailed,
    NotSignedIn,
    RequestRejected,
    SettingsError,
)
from capflow_gui.ui.ports import ConnectionReport, LongportEntry

if TYPE_CHECKING:
    from capflow_gui.providers.concealed import ConcealedProvider

_log = logging.getLogger(__name__)

LIMIT_S = 14.0
_NO_KEYRING = (
    "This computer has no keyring that can be used: the credentials are held until Capflow ends, then asked for."
)
_VARIABLES = "LONGBRIDGE_APP_KEY, LONGBRIDGE_APP_SECRET and LONGBRIDGE_ACCESS_TOKEN"


class _Relay:
    """A Conceal that hands on to that of the log being written; a profile has its own."""

    def __init__(self) -> None:
        self.to: Conceal = no_log

    def __call__(self, text: str, *, lasting: bool = True) -> None:
        self.to(text, lasting=lasting)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        return self.to.clean(text)


class LongportDoor:
    """An implementation of ui.ports.LongportAccess. `secrets` are those of this run; None = ask the keyring.

    `note` is what the next window has to say about how they are kept, or nothing. `conceal` is told of secrets.
    """

    def __init__(
        self,
        clock: Clock,
        open_browser: Callable[[str], object] = webbrowser.open,
        open_backend: Callable[[], Backend | None] | None = None,
        port: int | None = None,
    ) -> None:
        self._clock = clock
        self._open_browser = open_browser
        self.conceal = _Relay()
        self._store = SecretStore(clock, open_backend, conceal=self.conceal)
        self._port = port
        self._signed_in: tuple[LongportEntry, OAuthTokens] | None = None
        self.secrets: LongportSecrets | None = None
        self.note = ""

    def use_log(self, conceal: Conceal) -> None:
        """Another log is written from now on: it is told of the secrets of this run, and of those to come."""
        self.conceal.to = conceal
        if self.secrets is not None:
            conceal_secrets(self.secrets, conceal)

    def close(self) -> None:
        """Let go of the keyring."""
        self._store.close()

    def environment_words(self) -> str:
        """What the environment variables say, in a sentence without secrets."""
        try:
            found = read_environment(os.environ)
        except SettingsError as error:
            return f"{error.key} {error.reason}."
        if found.key is None:
            return f"Set {_VARIABLES} before Capflow starts."
        return "App key, secret and access token are set."

    async def test(self, entry: LongportEntry) -> ConnectionReport:
        """Sign in, connect once, disconnect; answers within LIMIT_S seconds after the sign-in."""
        from capflow_gui.present.sentences import error_sentence  # noqa: PLC0415 - after the first paint

        began = self._clock.monotonic()
        try:
            secrets = await self._secrets(entry)
            began = self._clock.monotonic()
            async with asyncio.timeout(LIMIT_S):
                link = await self._connect(entry, secrets)
        except TimeoutError:
            error: CapflowError = ConnectFailed("longport", "no answer")
        except CapflowError as raised:
            error = raised
        else:
            return _report(link, self._clock.monotonic() - began)
        return ConnectionReport(False, _title(error), error_sentence(error), self._clock.monotonic() - began)

    async def keep(self, entry: LongportEntry) -> None:
        """Keep the secrets of an entry; raises a CapflowError where there are none to keep."""
        self.note = ""
        secrets = await self._secrets(entry)
        if entry.way == "environment":
            self.secrets = None
            return
        self.secrets = secrets
        try:
            await self._store.save_longport(secrets)
        except SettingsError as error:
            _log.info("the keyring cannot be used: %s", error)
            self.note = _NO_KEYRING

    async def _secrets(self, entry: LongportEntry) -> LongportSecrets:
        secrets = await self._secrets_of(entry)
        conceal_secrets(secrets, self.conceal)
        return secrets

    async def _secrets_of(self, entry: LongportEntry) -> LongportSecrets:
        if entry.way == "key":
            return AppKey(entry.key, entry.secret, entry.token)
        if entry.way == "environment":
            found = read_environment(os.environ).key
            if found is None:
                raise SettingsError("environment", "holds no credentials of Longport", f"set {_VARIABLES}")
            return found
        if self._signed_in is None or self._signed_in[0] != entry:
            self._signed_in = entry, await self._sign_in(entry)
        return self._signed_in[1]

    async def _sign_in(self, entry: LongportEntry) -> OAuthTokens:
        from capflow_gui.providers.longport_auth import CALLBACK_PORT, LongportOAuth  # noqa: PLC0415 - aiohttp is slow
        from capflow_gui.sources import longport_config  # noqa: PLC0415

        oauth = LongportOAuth(longport_config(entry.settings, read_environment({})).http_url, self._clock, self.conceal)
        port = self._port or CALLBACK_PORT
        client_id = entry.client_id or await oauth.register(port)
        return await oauth.sign_in(client_id, self._open_browser, port=port)

    async def _connect(self, entry: LongportEntry, secrets: LongportSecrets) -> LinkState:
        from capflow_gui.providers.concealed import ConcealedProvider  # noqa: PLC0415
        from capflow_gui.providers.longport import LongportProvider  # noqa: PLC0415 - aiohttp costs start-up time
        from capflow_gui.sources import longport_config, longport_login  # noqa: PLC0415

        environment = read_environment(os.environ if entry.way == "environment" else {})
        config = longport_config(entry.settings, environment)
        login = longport_login(secrets, config.http_url, self._clock, conceal=self.conceal)
        provider = LongportProvider(config, login, self._clock, conceal=self.conceal)
        return await _ask(ConcealedProvider(provider, self.conceal), self._clock)


async def _ask(provider: ConcealedProvider, clock: Clock) -> LinkState:
    settled = asyncio.Event()

    def follow(link: LinkState) -> None:
        if link.phase is not LinkPhase.CONNECTING:
            settled.set()

    provider.on_link(follow)
    running = asyncio.create_task(provider.run(), name="connection test")
    try:
        await settled.wait()
        # One attempt is all a test makes: if it failed, this raises what it failed with.
        await provider.wait_ready(clock.monotonic())
        await provider.get_global_state()
        return provider.link
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _title(error: CapflowError) -> str:
    match error:
        case SettingsError():
            return "The sign-in cannot be made like this."
        case NotSignedIn():
            return "The sign-in did not come about."
        case AuthFailed():
            return "Longport would not let Capflow in."
        case RequestRejected():
            return "Longport answered, but refused."
    return "Longport did not answer."


def _report(link: LinkState, seconds: float) -> ConnectionReport:
    if link.fact(LinkFact.SIMULATED) is not None:
        advice = "It says of itself that it is a simulator: its figures are not the market's."
        return ConnectionReport(True, "A simulated Longport answered.", advice, seconds)
    return ConnectionReport(True, "Longport answered.", "Totals by the minute; order sizes need OpenD.", seconds)
