"""Signs in to Longport for the window: by browser, by app key, or by what the environment says.

Secrets go to the keyring. Where this computer has none they are held for the run, and the next start asks again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from capflow_gui.app.children import open_page
from capflow_gui.clock import Clock
from capflow_gui.credentials import (
    VARIABLES,
    AppKey,
    Backend,
    Conceal,
    Credentials,
    LongportSecrets,
    OAuthTokens,
    SecretStore,
    conceal_secrets,
    kept_credentials,
    no_log,
    read_environment,
)
from capflow_gui.errors import CapflowError, NotSignedIn, ProviderError, SettingsError
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import LongportSettings
from capflow_gui.ui.ports import ConnectionReport, LongportEntry, LongportStanding

if TYPE_CHECKING:
    from capflow_gui.providers.base import Provider

_log = logging.getLogger(__name__)

_NO_KEYRING = N_(
    "This computer has no keyring that can be used: the credentials are held until Capflow ends, then asked for."
)
_NOT_TOLD = N_("Longport could not be told ({why}): end Capflow's access on Longport's own page.")


class _Relay:
    """A Conceal that hands on to that of the log being written; a profile has its own."""

    def __init__(self) -> None:
        self.to: Conceal = no_log

    def __call__(self, text: str, *, lasting: bool = True) -> None:
        self.to(text, lasting=lasting)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        return self.to.clean(text)


class LongportSignIn:
    """An implementation of ui.ports.LongportAccess. `secrets` are those entered in this run; None = ask the keyring.

    `note` is what the next window has to say about how they are kept, or nothing. `conceal` is told of secrets.
    """

    def __init__(
        self,
        clock: Clock,
        open_browser: Callable[[str], object] = open_page,
        open_backend: Callable[[], Backend | None] | None = None,
        port: int | None = None,
    ) -> None:
        self._clock = clock
        self._open_browser = open_browser
        self.conceal = _Relay()
        self._store = SecretStore(clock, open_backend, conceal=self.conceal)
        self._port = port
        self._signed_in: tuple[LongportEntry, OAuthTokens] | None = None
        self._asked = False
        self._signed_out = False
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
            return f"{reason_words(error.reason)}."
        if found.key is None:
            return _("Set {variables} before Capflow starts.").format(variables=VARIABLES)
        return _("App key, secret and access token are set.")

    async def test(self, entry: LongportEntry) -> ConnectionReport:
        """Sign in, connect once, disconnect; answers within connection_test.LIMIT_S seconds after the sign-in."""
        from capflow_gui.app.connection_test import failed, try_provider  # noqa: PLC0415 - after the first paint

        try:
            secrets = await self._secrets(entry)
            provider, address = self._provider(entry, secrets)
        except CapflowError as error:
            return failed(error)
        return await try_provider(provider, self._clock, address)

    async def keep(self, entry: LongportEntry) -> None:
        """Keep the secrets of an entry; raises a CapflowError where there are none to keep."""
        self.note = ""
        secrets = await self._secrets(entry)
        self._signed_out = False
        if entry.way == "environment":
            self.secrets = None
        elif entry.way != "kept":
            self.secrets = secrets
            try:
                await self._store.save_longport(secrets)
            except SettingsError as error:
                _log.info("the keyring cannot be used: %s", error)
                self.note = _(_NO_KEYRING)

    async def find(self) -> Credentials:
        """What the running source logs in with: entered in this run, else set outside, else kept.

        Raises NotSignedIn.
        """
        if self.secrets is None:
            try:
                key = read_environment(os.environ).key
            except SettingsError as error:
                raise NotSignedIn("longport", error.reason, error.suggestion or error.reason) from error
            if key is not None:
                return Credentials(key)
        return await self._kept()

    async def _kept(self) -> Credentials:
        secrets = self.secrets or (await kept_credentials(self._store)).secrets
        return Credentials(secrets, self._renewed, self._latest)

    async def _latest(self) -> LongportSecrets | None:
        return self.secrets or await self._store.load_longport()

    async def _renewed(self, secrets: LongportSecrets) -> None:
        """The running source has new secrets: the old ones are dead. Raises SettingsError where they cannot be kept."""
        if self._signed_out:
            return
        if self.secrets is not None:
            self.secrets = secrets
            if self.note == _(_NO_KEYRING):
                return
        await self._store.save_longport(secrets)

    async def standing(self) -> LongportStanding:
        """How Capflow is signed in. Raises SettingsError where the keyring cannot be asked."""
        keyring = await self._store.available()
        if self.secrets is None and read_environment(os.environ).key is not None:
            return LongportStanding("environment", keyring=keyring)
        match await self._latest():
            case None:
                return LongportStanding(None, keyring=keyring)
            case OAuthTokens():
                return LongportStanding("browser", keyring=keyring)
        return LongportStanding("key", keyring=keyring)

    async def sign_out(self, settings: LongportSettings) -> str:
        """Forget what was kept, and end a browser's grant at the server. Returns what is left to be said, or nothing.

        Raises a CapflowError, and nothing was done, where the keyring cannot be asked.
        """
        from capflow_gui.providers.longport.auth import LongportOAuth  # noqa: PLC0415 - aiohttp is slow
        from capflow_gui.sources import longport_config  # noqa: PLC0415

        secrets = await self._latest()
        await self._store.forget_longport()
        self._signed_out = True
        self.secrets = self._signed_in = None
        self.note = ""
        if not isinstance(secrets, OAuthTokens):
            return ""
        place = longport_config(settings, read_environment({})).http_url
        try:
            await LongportOAuth(place, self._clock, self.conceal).revoke(secrets)
        except ProviderError as error:
            return self.conceal.clean(_(_NOT_TOLD).format(why=reason_words(error.reason)))
        return ""

    def asks_once(self) -> bool:
        """Whether the window may open the sign-in by itself: True once in a run."""
        asked, self._asked = self._asked, True
        return not asked

    async def _secrets(self, entry: LongportEntry) -> LongportSecrets:
        secrets = await self._secrets_of(entry)
        conceal_secrets(secrets, self.conceal)
        return secrets

    async def _secrets_of(self, entry: LongportEntry) -> LongportSecrets:
        if entry.way == "key":
            return AppKey(entry.key, entry.secret, entry.token)
        if entry.way == "kept":
            return (await self._kept()).secrets
        if entry.way == "environment":
            found = read_environment(os.environ).key
            if found is None:
                raise SettingsError(
                    "environment",
                    Reason.of(Code.NO_CREDENTIALS_SET),
                    Reason.of(Code.SET_VARIABLES, variables=VARIABLES),
                )
            return found
        if self._signed_in is None or self._signed_in[0] != entry:
            self._signed_in = entry, await self._sign_in(entry)
        return self._signed_in[1]

    async def _sign_in(self, entry: LongportEntry) -> OAuthTokens:
        from capflow_gui.providers.longport.auth import CALLBACK_PORT, LongportOAuth  # noqa: PLC0415 - aiohttp is slow
        from capflow_gui.sources import longport_config  # noqa: PLC0415

        oauth = LongportOAuth(longport_config(entry.settings, read_environment({})).http_url, self._clock, self.conceal)
        port = self._port or CALLBACK_PORT
        client_id = entry.client_id or await oauth.register(port)
        return await oauth.sign_in(client_id, self._open_browser, port=port)

    def _provider(self, entry: LongportEntry, secrets: LongportSecrets) -> tuple[Provider, str]:
        """The provider to test, and its address."""
        from capflow_gui.providers.longport.provider import LongportProvider  # noqa: PLC0415 - aiohttp costs start-up time
        from capflow_gui.sources import longport_config, longport_login  # noqa: PLC0415

        environment = read_environment(os.environ if entry.way == "environment" else {})
        config = longport_config(entry.settings, environment)
        # What was only typed in is not changed by trying it; renewing what is kept kills what it was.
        credentials = Credentials(secrets, self._renewed if entry.way == "kept" else None)
        login = longport_login(credentials, config.http_url, self._clock, self.conceal)
        return LongportProvider(config, login, self._clock, conceal=self.conceal), config.http_url
