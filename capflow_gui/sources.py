"""Data sources by their text: `opend://HOST:PORT[?rsa-key=FILE]`, `longport:[?transport=NAME]`,
`desk://USER@HOST:PORT[?ca=FILE][&secret=FILE]` and `demo:`.

The window and the command line open them alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from capflow_gui.clock import Clock
from capflow_gui.credentials import (
    AppKey,
    Conceal,
    Credentials,
    FindCredentials,
    LongportEnvironment,
    LongportSecrets,
    SecretStore,
    conceal_secrets,
    desk_place,
    desk_secret,
    kept_credentials,
    no_log,
    read_environment,
)
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.feed.source import Source
from capflow_gui.network import is_loopback
from capflow_gui.paths import Paths, expanded
from capflow_gui.providers.base import Provider
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.quota.quota_file import QuotaFile
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import DeskSettings, LongportSettings, Settings
from capflow_gui.wire.desk.subjects import is_name

if TYPE_CHECKING:
    from capflow_gui.providers.desk.channel import DeskConfig
    from capflow_gui.providers.desk.provider import DeskProvider
    from capflow_gui.providers.longport.config import LongportConfig, Transport
    from capflow_gui.providers.longport.http import Login
    from capflow_gui.simulator.opend.server import SimulatorConfig

_OPEND_PORT = 11111
_DESK_PORT = 4222
_PASSWORD = re.compile(r"(?<=//)([^/?@:]*):.*@")
_FORMS = Reason.of(Code.WRITE_AS, form="opend://127.0.0.1:11111, longport:, desk://USER@HOST:4222 or demo:")
_TRANSPORTS: dict[str, Transport] = {
    "auto": "auto",
    "websocket": "websocket",
    "ws": "websocket",
    "tcp": "tcp",
    "http": "http",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A source as it was asked for. `kind` is opend, longport, desk or demo; `host` and `port` are of OpenD and desk.

    `user`, `ca` and `secret` (a file) are of a desk only.
    """

    kind: str
    host: str = ""
    port: int = 0
    rsa_key: Path | None = None
    budget: int | None = None
    transport: Transport | None = None
    user: str = ""
    ca: Path | None = None
    secret: Path | None = None

    @property
    def endpoint(self) -> str:
        """What quotas are counted by: loopback has one name."""
        return f"opend/{'127.0.0.1' if is_loopback(self.host) else self.host}:{self.port}"


def parse_source(text: str | None, settings: Settings) -> Address:
    """Read SRC; None is the configured source. Raises InvalidInput."""
    if text is None:
        return _configured(settings)
    kind, colon, rest = text.partition(":")
    if colon and kind.lower() == "demo":
        if rest:
            raise InvalidInput(text, Reason.of(Code.NOTHING_AFTER_DEMO), position=len("demo:"))
        if not settings.allow_demo:
            raise InvalidInput(text, Reason.of(Code.DEMO_OFF), Reason.of(Code.NAME_ANOTHER_SOURCE))
        return Address("demo")
    match kind.lower() if colon else "":
        case "longport":
            return _parse_longport(text, rest, settings)
        case "opend":
            return _parse_opend(text, settings)
        case "desk":
            return _parse_desk(text)
    raise InvalidInput(text, Reason.of(Code.NOT_A_SOURCE), _FORMS)


def configured_desk(desk: DeskSettings) -> Address:
    """A desk as it was set up."""
    ca = expanded(Path(desk.ca)) if desk.ca else None
    return Address("desk", desk.host, desk.port, user=desk.user, ca=ca)


def _configured(settings: Settings) -> Address:
    match settings.source:
        case "longport":
            return Address("longport", budget=settings.longport.budget)
        case "desk":
            return configured_desk(settings.desk)
        case "opend":
            opend = settings.opend
            key = expanded(Path(opend.rsa_key)) if opend.rsa_key else None
            return Address("opend", opend.host, opend.port, key, opend.budget)
    raise InvalidInput("--source", Reason.of(Code.NO_SOURCE_YET), _FORMS)


def _parse_desk(text: str) -> Address:
    form = Reason.of(
        Code.WRITE_AS, form="desk://USER@HOST:4222, with ?ca=FILE where the desk has a certificate of its own"
    )
    said = _PASSWORD.sub(r"\1:…@", text)  # a secret that was typed there is not repeated
    try:
        parts = urlsplit(text)
        port = _DESK_PORT if parts.port is None else parts.port
    except ValueError as error:
        why = str(error) if said == text else "its port or host"
        raise InvalidInput(said, Reason.of(Code.ADDRESS_UNREADABLE, error=why), form) from error
    user = parts.username or ""
    odd = not port or parts.path not in ("", "/") or parts.password is not None
    if not parts.hostname or odd or not is_name(user):
        raise InvalidInput(said, Reason.of(Code.NOT_A_DESK), form)
    files: dict[str, Path] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in ("ca", "secret") or not value:
            raise InvalidInput(text, Reason.of(Code.NOT_OF_A_DESK, name=name), form)
        if "\0" in value:
            raise InvalidInput(text, Reason.of(Code.ADDRESS_UNREADABLE, error=f"NUL in {name}"), form)
        files[name] = expanded(Path(value))
    return Address("desk", parts.hostname, port, user=user, ca=files.get("ca"), secret=files.get("secret"))


def _parse_longport(text: str, rest: str, settings: Settings) -> Address:
    transport: Transport | None = None
    if rest and not rest.startswith("?"):
        raise InvalidInput(
            text,
            Reason.of(Code.LONGPORT_OPTIONS_ALONE),
            Reason.of(Code.ADDRESSES_IN_SETTINGS),
            len("longport:"),
        )
    for name, value in parse_qsl(rest[1:], keep_blank_values=True):
        if name != "transport" or value not in _TRANSPORTS:
            forms = Reason.of(Code.WRITE_AS, form="?transport=websocket, tcp or http")
            raise InvalidInput(text, Reason.of(Code.NOT_OF_LONGPORT, option=f"{name}={value}"), forms)
        transport = _TRANSPORTS[value]
    return Address("longport", budget=settings.longport.budget, transport=transport)


def _parse_opend(text: str, settings: Settings) -> Address:
    try:
        parts = urlsplit(text)
        port = parts.port or _OPEND_PORT
    except ValueError as error:
        raise InvalidInput(text, Reason.of(Code.ADDRESS_UNREADABLE, error=str(error)), _FORMS) from error
    if not parts.hostname or parts.path not in ("", "/") or parts.username is not None:
        raise InvalidInput(text, Reason.of(Code.NOT_AN_OPEND), _FORMS)
    key: Path | None = None
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name != "rsa-key" or not value:
            raise InvalidInput(text, Reason.of(Code.NOT_OF_A_SOURCE, name=name), Reason.of(Code.RSA_KEY_ALONE))
        key = expanded(Path(value))
    return Address("opend", parts.hostname, port, key, settings.opend.budget)


def numbered_name(kinds: Sequence[str], place: int) -> str:
    """What the source at `place` is called among sources of these kinds: opend, opend-2, …"""
    number = kinds[: place + 1].count(kinds[place])
    return kinds[place] if number == 1 else f"{kinds[place]}-{number}"


@asynccontextmanager
async def open_source(
    text: str | None,
    *,
    clock: Clock,
    paths: Paths,
    settings: Settings,
    name: str | None = None,
    find: FindCredentials | None = None,
    conceal: Conceal = no_log,
) -> AsyncIterator[Source]:
    """A source ready to be run; `demo:` starts a simulator in this process, on loopback, and ends it afterwards.

    `find` looks for Longport's credentials once the source runs, and again when it reconnects; None: the environment
    and the keyring are asked now. `conceal` is told of every secret that comes in, also of those that come later; the
    source's own words are cleaned by it.
    Raises InvalidInput for a text that is no source, SettingsError for a key file or a setting that cannot be used,
    NotSignedIn where credentials are looked for now and there are none.
    """
    address = parse_source(text, settings)
    if address.kind == "demo":
        from capflow_gui.simulator.opend.server import SimulatorConfig  # noqa: PLC0415 - only a demo needs a market

        async with open_demo(name or "demo", clock, SimulatorConfig()) as source:
            yield source
        return
    if address.kind == "longport":
        async with _open_longport(
            address, name or "longport", clock, paths, settings.longport, find=find, conceal=conceal
        ) as source:
            yield source
        return
    if address.kind == "desk":
        async with _open_desk(address, name or "desk", clock, conceal) as source:
            yield source
        return
    provider = OpendProvider(
        OpendConfig(address.host, address.port, str(address.rsa_key) if address.rsa_key else None),
        clock,
        name or "opend",
        conceal=conceal,
    )
    yield Source(provider.source, provider, _limiters(provider, address, clock, QuotaFile(quota_path(paths))))


@asynccontextmanager
async def _open_desk(address: Address, name: str, clock: Clock, conceal: Conceal) -> AsyncIterator[Source]:
    store = SecretStore(clock, conceal=conceal)
    try:
        provider = desk_provider(address, store, clock, name, conceal)
        limiters = Limiters(name, provider.capabilities.limits, clock=clock)
        yield Source(name, provider, limiters, provider)
    finally:
        store.close()


def desk_config(address: Address) -> DeskConfig:
    """Where a desk is, and who asks."""
    from capflow_gui.providers.desk.channel import DeskConfig  # noqa: PLC0415 - see below

    return DeskConfig(address.host, address.port, address.user, address.ca)


def desk_provider(
    address: Address, store: SecretStore, clock: Clock, name: str = "desk", conceal: Conceal = no_log
) -> DeskProvider:
    """Who follows a desk; its secret is looked for at every connection."""
    from capflow_gui.providers.desk.provider import DeskProvider  # noqa: PLC0415 - the client of the bus is slow to load

    config = desk_config(address)
    place = desk_place(config.user, config.host, config.port)

    async def find() -> str:
        return await desk_secret(place, address.secret, store, os.environ, user=config.user, address=config.address)

    return DeskProvider(config, find, clock, name, conceal=conceal)


@asynccontextmanager
async def _open_longport(
    address: Address,
    name: str,
    clock: Clock,
    paths: Paths,
    settings: LongportSettings,
    *,
    find: FindCredentials | None,
    conceal: Conceal,
) -> AsyncIterator[Source]:
    from capflow_gui.providers.longport.login import LateLogin  # noqa: PLC0415
    from capflow_gui.providers.longport.provider import LongportProvider  # noqa: PLC0415 - aiohttp costs start-up time

    config = longport_config(settings, read_environment(os.environ), address.transport)
    place = f"longport/{urlsplit(config.http_url).netloc}"
    store = SecretStore(clock, conceal=conceal)

    async def log_in() -> Login:
        credentials = await (find or partial(_headless_credentials, store))()
        conceal_secrets(credentials.secrets, conceal)
        limiters.count_for(f"{place}/{_account(credentials.secrets)}")
        return longport_login(credentials, config.http_url, clock, conceal)

    login = LateLogin(log_in)
    provider = LongportProvider(config, login, clock, name, conceal=conceal)
    limiters = Limiters(
        place,
        provider.capabilities.limits,
        clock=clock,
        file=QuotaFile(quota_path(paths)),
        flow_budget=address.budget,
        one_quota=True,
    )
    try:
        if find is None:
            await login.found()
        yield Source(name, provider, limiters)
    finally:
        store.close()


async def _headless_credentials(store: SecretStore) -> Credentials:
    """The environment's, else the keyring's. Raises NotSignedIn, SettingsError."""
    key = read_environment(os.environ).key
    return Credentials(key) if key is not None else await kept_credentials(store)


def longport_config(
    settings: LongportSettings, environment: LongportEnvironment, transport: Transport | None = None
) -> LongportConfig:
    """Where Longport is: the environment overrides the settings, `transport` both. Raises SettingsError."""
    from capflow_gui.providers.longport.config import GLOBAL, MAINLAND, LongportConfig  # noqa: PLC0415 - see above

    custom = settings.region == "custom" and environment.region is None
    region = environment.region or ("CN" if settings.region == "mainland" else "")
    preset = MAINLAND if region.upper() == "CN" else GLOBAL
    own_http, own_ws, own_tcp = (settings.http_url, settings.ws_url, settings.tcp) if custom else (None, None, None)
    http_url, ws_url = environment.http_url or own_http, environment.ws_url or own_ws
    if custom and http_url is None:
        raise SettingsError(
            "longport.http_url", Reason.of(Code.REGION_WITHOUT_ADDRESS), Reason.of(Code.SET_ADDRESS_OR_REGION)
        )
    if transport is None and environment.transport is not None:
        transport = _TRANSPORTS.get(environment.transport.lower())
        if transport is None:
            raise SettingsError(
                "LONGBRIDGE_QUOTE_TRANSPORT",
                Reason.of(Code.UNKNOWN_TRANSPORT, name=environment.transport),
                Reason.of(Code.WS_OR_HTTP),
            )
    return LongportConfig(
        http_url or preset.http_url,
        ws_url or preset.ws_url,
        environment.tcp_url or own_tcp or preset.tcp,
        environment.language or settings.language,
        transport or settings.transport,
    )


def longport_login(credentials: Credentials, http_url: str, clock: Clock, conceal: Conceal = no_log) -> Login:
    """Who asks Longport."""
    from capflow_gui.providers.longport.auth import LongportOAuth, OAuthLogin  # noqa: PLC0415 - see above
    from capflow_gui.providers.longport.login import KeyLogin  # noqa: PLC0415 - see above

    secrets = credentials.secrets
    if isinstance(secrets, AppKey):
        return KeyLogin(secrets, clock, credentials.keep, conceal)
    oauth = LongportOAuth(http_url, clock, conceal)
    return OAuthLogin(secrets, oauth, clock, credentials.keep, credentials.latest)


def _account(secrets: LongportSecrets) -> str:
    """What tells accounts apart in the quota file without naming them."""
    known = secrets.key if isinstance(secrets, AppKey) else secrets.client_id
    return hashlib.sha256(known.encode()).hexdigest()[:12]


def quota_path(paths: Paths) -> Path:
    """One file for all profiles and data folders of a user: the broker counts by account, not by what we call them.

    Where the user's own state folder cannot be written, the profile's is used.
    """
    common = Paths.resolve().state
    try:
        common.mkdir(parents=True, exist_ok=True)
    except OSError:
        return paths.state / "quota"
    return (common if os.access(common, os.W_OK) else paths.state) / "quota"


@asynccontextmanager
async def open_demo(name: str, clock: Clock, config: SimulatorConfig) -> AsyncIterator[Source]:
    """A simulator in this process, on loopback, and the source that speaks to it; both end with the context."""
    from capflow_gui.simulator.opend.server import OpendSimulator  # noqa: PLC0415 - only a demo needs a market

    async with OpendSimulator(config, clock=clock) as simulator:
        address = Address("demo", "127.0.0.1", simulator.port)
        provider = OpendProvider(OpendConfig(address.host, address.port), clock, name)
        # Nobody else can know this simulator's port: its quota needs no file.
        yield Source(name, provider, _limiters(provider, address, clock, QuotaFile(None)), simulated=True)


@asynccontextmanager
async def open_demo_pair(clock: Clock, config: SimulatorConfig) -> AsyncIterator[list[Source]]:
    """Both simulated brokers in this process, on loopback and in one market, and the sources that speak to them."""
    from capflow_gui.providers.longport.config import LongportConfig  # noqa: PLC0415
    from capflow_gui.providers.longport.login import KeyLogin  # noqa: PLC0415
    from capflow_gui.providers.longport.provider import LongportProvider  # noqa: PLC0415 - aiohttp costs start-up time
    from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig  # noqa: PLC0415
    from capflow_gui.simulator.longport.server import LongportSimulator  # noqa: PLC0415
    from capflow_gui.simulator.opend.server import OpendSimulator  # noqa: PLC0415

    async with (
        OpendSimulator(config, clock=clock) as first,
        LongportSimulator(ServerConfig(), market=first.market, market_clock=first.market_clock, clock=clock) as second,
    ):
        address = Address("demo", "127.0.0.1", first.port)
        opend = OpendProvider(OpendConfig(address.host, address.port), clock, "opend")
        key = AppKey(second.account.app_key, second.account.app_secret, second.account.access_token)
        place = LongportConfig(second.http_url, second.ws_url, second.tcp, transport="websocket")
        longport = LongportProvider(place, KeyLogin(key, clock), clock, "longport")
        limits = longport.capabilities.limits
        quota = Limiters(f"longport/{second.http_url}", limits, clock=clock, file=QuotaFile(None), one_quota=True)
        yield [
            Source("opend", opend, _limiters(opend, address, clock, QuotaFile(None)), simulated=True),
            Source("longport", longport, quota, simulated=True),
        ]


def _limiters(provider: Provider, address: Address, clock: Clock, file: QuotaFile) -> Limiters:
    limits = provider.capabilities.limits
    return Limiters(address.endpoint, limits, clock=clock, file=file, flow_budget=address.budget)


@asynccontextmanager
async def connected(
    source: Source, *, clock: Clock, within_s: float, attempts: int | None = None
) -> AsyncIterator[Source]:
    """Run the source's provider, and go on when it is ready; disconnects afterwards.

    Raises ConnectFailed when it is not ready within `within_s` seconds, or when so many attempts have failed.
    """
    running = asyncio.create_task(source.provider.run(), name=f"link {source.name}")
    try:
        await _ready(source.provider, clock.monotonic() + within_s, clock, attempts)
        yield source
    finally:
        running.cancel()
        await asyncio.wait({running})


async def _ready(provider: Provider, deadline: float, clock: Clock, attempts: int | None) -> None:
    given_up = asyncio.Event()

    def moved(link: LinkState) -> None:
        if attempts is not None and link.phase is LinkPhase.WAITING and link.attempt >= attempts:
            given_up.set()

    provider.on_link(moved)
    waits = [asyncio.ensure_future(provider.wait_ready(deadline)), asyncio.ensure_future(given_up.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if waits[0].done():
            waits[0].result()
        else:
            await provider.wait_ready(clock.monotonic())  # the time is up: it raises what went wrong last
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.wait(waits)
