"""Secrets: from the environment for headless use, else from the operating system's keyring, and nowhere else.

Keyring calls may block on a password prompt: they run in one daemon thread, each with a deadline. Nothing here writes
a secret to a file or a log; the values hide themselves from repr().
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from capflow_gui.clock import Clock
from capflow_gui.domain.typed.text import folded
from capflow_gui.errors import NotSignedIn, SettingsError
from capflow_gui.reason import Code, Reason

KEYRING_DEADLINE_S = 30.0
_SERVICE = "capflow"
_LONGPORT = "longport"
_PREFIXES = ("LONGBRIDGE_", "LONGPORT_")
DESK_VARIABLE = "CAPFLOW_DESK_SECRET"
VARIABLES = "LONGBRIDGE_APP_KEY, LONGBRIDGE_APP_SECRET, LONGBRIDGE_ACCESS_TOKEN"
_ASK = Reason.of(Code.ENTER_OR_SET, variables=VARIABLES)
_SIGN_IN = Reason.of(Code.SIGN_IN_OR_SET, variables=VARIABLES)

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AppKey:
    """What Longport's developer page gives out. `expires`: UTC epoch seconds of the access token, None = not known.

    `variable` is the environment variable the access token was read from, "" where it came from elsewhere.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    access_token: str = field(repr=False)
    expires: float | None = None
    variable: str = ""


@dataclass(frozen=True, slots=True)
class OAuthTokens:
    """An OAuth grant. `expires`: UTC epoch seconds of the access token."""

    client_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires: float = 0.0


LongportSecrets = AppKey | OAuthTokens


@dataclass(frozen=True, slots=True)
class Credentials:
    """What to log in with.

    keep    is told of secrets that take their place; None: they are not ours to renew
    latest  looks for what another program of the user's may have put in their place meanwhile
    """

    secrets: LongportSecrets
    keep: Callable[[LongportSecrets], Awaitable[None]] | None = None
    latest: Callable[[], Awaitable[LongportSecrets | None]] | None = None


# Looks for credentials. Raises NotSignedIn, which says why there are none and what to do.
FindCredentials = Callable[[], Awaitable[Credentials]]


class Conceal(Protocol):
    """Told of every secret as it comes in, so that nothing shows it: `Diagnostics.redaction`."""

    def __call__(self, text: str, *, lasting: bool = True) -> None:
        """Hide `text` from now on. `lasting` False: it is good for one use."""

    def clean(self, text: str) -> str:
        """The text without the secrets it was told of."""


class _NoLog:
    def __call__(self, text: str, *, lasting: bool = True) -> None:
        del text, lasting

    def clean(self, text: str) -> str:
        return text


no_log: Conceal = _NoLog()  # for where nothing is logged and nothing shown


def conceal_secrets(secrets: LongportSecrets, conceal: Conceal) -> None:
    """Tell of every secret in `secrets`."""
    match secrets:
        case AppKey(key, secret, access_token):
            texts = [key, secret, access_token]
        case OAuthTokens(client_id, access_token, refresh_token):
            # No secret in itself, but it tells one installation from all others.
            texts = [client_id, access_token, refresh_token]
    for text in texts:
        conceal(text)


@dataclass(frozen=True, slots=True)
class LongportEnvironment:
    """What the vendor's own variables say; None = not set. LONGBRIDGE_ is looked for first, then LONGPORT_."""

    key: AppKey | None = None
    http_url: str | None = None
    ws_url: str | None = None
    tcp_url: str | None = None
    region: str | None = None
    language: str | None = None
    transport: str | None = None


def read_environment(environ: Mapping[str, str]) -> LongportEnvironment:
    """Read the variables. Raises SettingsError where key, secret and token are not all there."""

    def variable(name: str) -> str:
        return next((prefix + name for prefix in _PREFIXES if folded(environ.get(prefix + name, ""))), "")

    def value(name: str) -> str | None:
        return folded(environ.get(variable(name), "")) or None

    parts = {name: value(name) for name in ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN")}
    missing = [f"{_PREFIXES[0]}{name}" for name, text in parts.items() if text is None]
    key = None
    if len(missing) < len(parts):
        if missing:
            reason = Reason.of(Code.PART_OF_KEY_MISSING, variable=missing[0])
            raise SettingsError(missing[0], reason, Reason.of(Code.SET_ALL_THREE))
        key = AppKey(
            parts["APP_KEY"] or "",
            parts["APP_SECRET"] or "",
            parts["ACCESS_TOKEN"] or "",
            variable=variable("ACCESS_TOKEN"),
        )
    return LongportEnvironment(
        key=key,
        http_url=value("HTTP_URL"),
        ws_url=value("QUOTE_WS_URL"),
        tcp_url=value("QUOTE_URL"),
        region=value("REGION"),
        language=value("LANGUAGE"),
        transport=value("QUOTE_TRANSPORT"),
    )


class Backend(Protocol):
    """What is used of a keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret, None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""


class _Stored(msgspec.Struct, frozen=True):
    """The one text the keyring holds. `kind` is key or oauth."""

    kind: str
    names: list[str]
    expires: float | None = None


class SecretStore:
    """The keyring, asked from one thread of its own. `open_backend` is called there too: it may be slow."""

    def __init__(
        self,
        clock: Clock,
        open_backend: Callable[[], Backend | None] | None = None,
        deadline_s: float = KEYRING_DEADLINE_S,
        conceal: Conceal = no_log,
    ) -> None:
        self._clock = clock
        self._open_backend = open_backend or system_keyring
        self._deadline_s = deadline_s
        self._conceal = conceal
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._backend: Backend | None = None
        self._opened = False

    async def available(self) -> bool:
        """Whether this computer has a keyring at all."""
        return await self._ask(lambda backend: backend is not None)

    async def load_longport(self) -> LongportSecrets | None:
        """Return what was kept for Longport, None where there is nothing. Raises SettingsError."""
        text = await self.load_secret(_LONGPORT)
        if text is None:
            return None
        secrets = _read(text)
        conceal_secrets(secrets, self._conceal)
        return secrets

    async def load_secret(self, name: str) -> str | None:
        """Return the secret that is kept under a name, None where there is none. Raises SettingsError."""
        return await self._ask(lambda backend: backend.get_password(_SERVICE, name) if backend else None)

    async def save_longport(self, secrets: LongportSecrets) -> None:
        """Keep what Longport gave out. Raises SettingsError where there is no keyring."""
        conceal_secrets(secrets, self._conceal)
        match secrets:
            case AppKey():
                stored = _Stored("key", [secrets.key, secrets.secret, secrets.access_token], secrets.expires)
            case OAuthTokens():
                names = [secrets.client_id, secrets.access_token, secrets.refresh_token]
                stored = _Stored("oauth", names, secrets.expires)
        await self.save_secret(_LONGPORT, msgspec.json.encode(stored).decode())

    async def save_secret(self, name: str, text: str) -> None:
        """Keep a secret under a name. Raises SettingsError where there is no keyring."""
        self._conceal(text)

        def save(backend: Backend | None) -> None:
            if backend is None:
                raise SettingsError("keyring", Reason.of(Code.NO_KEYRING), _ASK)
            backend.set_password(_SERVICE, name, text)

        await self._ask(save)

    async def forget_longport(self) -> None:
        """Remove what was kept; nothing happens where there is nothing."""
        await self.forget_secret(_LONGPORT)

    async def forget_secret(self, name: str) -> None:
        """Remove the secret that is kept under a name; nothing happens where there is none. Raises SettingsError."""

        def forget(backend: Backend | None) -> None:
            if backend is not None and backend.get_password(_SERVICE, name) is not None:
                backend.delete_password(_SERVICE, name)

        await self._ask(forget)

    def close(self) -> None:
        """Let the thread end; one that is held by a prompt is left behind, as daemons are."""
        if self._thread is not None:
            self._work.put(None)
            self._thread = None

    async def _ask(self, question: Callable[[Backend | None], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def tell(result: T | None, error: Exception | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]

        def work() -> None:
            result, failure = None, None
            try:
                result = question(self._backend_here())
            except SettingsError as error:
                failure = error
            except Exception as error:  # noqa: BLE001 - keyring backends raise what they like, and it is told
                _log.info("the keyring failed", exc_info=error)
                failure = SettingsError("keyring", Reason.of(Code.KEYRING_FAILED, kind=type(error).__name__), _ASK)
            try:
                loop.call_soon_threadsafe(tell, result, failure)
            except RuntimeError:
                # The loop is gone: so is whoever asked.
                _log.debug("a keyring answer came too late")

        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="keyring", daemon=True)
            self._thread.start()
        self._work.put(work)
        sleeper = asyncio.ensure_future(self._clock.sleep_until(self._clock.monotonic() + self._deadline_s))
        try:
            awaited: set[asyncio.Future[Any]] = {answer, sleeper}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                answer.cancel()
                raise SettingsError("keyring", Reason.of(Code.KEYRING_SILENT, seconds=self._deadline_s), _ASK)
            return answer.result()
        finally:
            sleeper.cancel()
            await asyncio.wait({sleeper})

    def _serve(self) -> None:
        work = self._work
        while (job := work.get()) is not None:
            job()

    def _backend_here(self) -> Backend | None:
        if not self._opened:
            self._backend = self._open_backend()
            self._opened = True
        return self._backend


async def find_secret(name: str, place: str, store: SecretStore, environ: Mapping[str, str], conceal: Conceal) -> str:
    """Read the secret of a setting: `place` is `keyring`, where it is kept under the setting's name, or `env:VARIABLE`.

    Raises SettingsError where there is none.
    """
    variable = place.removeprefix("env:")
    if variable != place:
        text = environ.get(variable, "").strip()
        missing = Reason.of(Code.VARIABLE_NOT_SET, variable=variable)
    else:
        try:
            text = (await store.load_secret(name) or "").strip()
        except SettingsError as error:
            raise SettingsError(name, error.reason) from error
        missing = Reason.of(Code.SECRET_NOT_KEPT, name=name)
    if not text:
        raise SettingsError(name, missing)
    conceal(text)
    # Of an address what comes behind the host is a secret of its own: others write it without the host.
    conceal(text.partition("://")[2].partition("/")[2])
    return text


def desk_place(user: str, host: str, port: int) -> str:
    """Under which name the keyring keeps a user's secret of a desk."""
    return f"desk {user}@{host}:{port}"


async def desk_secret(
    place: str, file: Path | None, store: SecretStore, environ: Mapping[str, str], *, user: str, address: str
) -> str:
    """The secret of a desk: of a file that its user alone can read, of the environment, or of the keyring.

    Raises SettingsError for a file that cannot be used, NotSignedIn where there is none.
    """
    if file is not None:
        return _secret_of(file)
    if text := environ.get(DESK_VARIABLE, "").strip():
        return text
    ask = Reason.of(Code.ENTER_DESK_SECRET, variable=DESK_VARIABLE)
    try:
        text = (await store.load_secret(place) or "").strip()
    except SettingsError as error:
        raise NotSignedIn("desk", error.reason, ask) from error
    if not text:
        raise NotSignedIn("desk", Reason.of(Code.DESK_SECRET_MISSING, user=user, address=address), ask)
    return text


def _secret_of(file: Path) -> str:
    try:
        # On Windows the folder's own rights count: there is no mode that says them.
        if os.name != "nt" and file.stat().st_mode & 0o077:
            raise SettingsError("secret", Reason.of(Code.SECRET_FILE_OPEN, path=str(file)))
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = Reason.of(Code.KEY_FILE_UNREADABLE, path=str(file), why=getattr(error, "strerror", None) or str(error))
        raise SettingsError("secret", reason) from error
    if not text:
        raise SettingsError("secret", Reason.of(Code.SECRET_EMPTY))
    return text


async def kept_credentials(store: SecretStore) -> Credentials:
    """What the keyring holds for Longport. Raises NotSignedIn."""
    try:
        secrets = await store.load_longport()
        there = secrets is not None or await store.available()
    except SettingsError as error:
        raise NotSignedIn(_LONGPORT, error.reason, Reason.of(Code.UNLOCK_KEYRING, variables=VARIABLES)) from error
    if secrets is None:
        code = Code.KEYRING_EMPTY if there else Code.NO_KEYRING
        raise NotSignedIn(_LONGPORT, Reason.of(code), _SIGN_IN)
    return Credentials(secrets, store.save_longport, store.load_longport)


def _read(text: str) -> LongportSecrets:
    try:
        stored = msgspec.json.decode(text, type=_Stored)
        if stored.kind == "oauth":
            client_id, access, refresh = stored.names
            return OAuthTokens(client_id, access, refresh, stored.expires or 0.0)
        key, secret, access = stored.names
    except (msgspec.MsgspecError, ValueError) as error:
        # The text is a secret: the error must not carry a piece of it.
        raise SettingsError("keyring", Reason.of(Code.KEYRING_UNREADABLE), Reason.of(Code.CONNECT_ANEW)) from (
            error if isinstance(error, ValueError) and not isinstance(error, msgspec.MsgspecError) else None
        )
    return AppKey(key, secret, access, stored.expires)


def system_keyring() -> Backend | None:
    """Return the operating system's keyring, None where it has none that is safe."""
    import keyring  # noqa: PLC0415 - slow to load, and only asked for by who has secrets
    from keyring.backends import fail, null  # noqa: PLC0415

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring | null.Keyring) or backend.priority <= 0:
        return None
    return backend
