"""Data sources by their text: `opend://HOST:PORT[?rsa-key=FILE]` and `demo:`.

The window and the command line open them alike.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from capflow_gui.clock import Clock
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import InvalidInput
from capflow_gui.feed.limiter import Limiters
from capflow_gui.feed.quota_file import QuotaFile
from capflow_gui.feed.source import Source
from capflow_gui.paths import Paths
from capflow_gui.providers.base import Provider
from capflow_gui.providers.opend import OpendConfig, OpendProvider
from capflow_gui.settings import Settings

if TYPE_CHECKING:
    from capflow_gui.simulator.opend_server import SimulatorConfig

_OPEND_PORT = 11111
_FORMS = "write opend://127.0.0.1:11111 or demo:"
_LOOPBACK = frozenset({"localhost", "::1", "127.0.0.1"})


@dataclass(frozen=True, slots=True)
class Address:
    """A source as it was asked for. `kind` is opend or demo; `host` and `port` are of an OpenD only."""

    kind: str
    host: str = ""
    port: int = 0
    rsa_key: Path | None = None
    budget: int | None = None

    @property
    def endpoint(self) -> str:
        """What quotas are counted by: loopback has one name."""
        return f"opend/{'127.0.0.1' if self.host in _LOOPBACK else self.host}:{self.port}"


def parse_source(text: str | None, settings: Settings) -> Address:
    """Read SRC; None is the configured source. Raises InvalidInput."""
    if text is None:
        if settings.source != "opend":
            raise InvalidInput("--source", "no source is configured yet", _FORMS)
        opend = settings.opend
        key = Path(opend.rsa_key).expanduser() if opend.rsa_key else None
        return Address("opend", opend.host, opend.port, key, opend.budget)
    kind, colon, rest = text.partition(":")
    if colon and kind.lower() == "demo":
        if rest:
            raise InvalidInput(text, "demo: takes nothing after the colon", position=len("demo:"))
        return Address("demo")
    if colon and kind.lower() == "longport":
        raise InvalidInput(text, "Longport is not in this version", _FORMS)
    if colon and kind.lower() == "opend":
        return _parse_opend(text, settings)
    raise InvalidInput(text, "this is not a source", _FORMS)


def _parse_opend(text: str, settings: Settings) -> Address:
    try:
        parts = urlsplit(text)
        port = parts.port or _OPEND_PORT
    except ValueError as error:
        raise InvalidInput(text, f"the address cannot be read ({error})", _FORMS) from error
    if not parts.hostname or parts.path not in ("", "/") or parts.username is not None:
        raise InvalidInput(text, "this is not an OpenD address", _FORMS)
    key: Path | None = None
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name != "rsa-key" or not value:
            raise InvalidInput(text, f"{name!r} is not an option of a source", "the only one is ?rsa-key=FILE")
        key = Path(value).expanduser()
    return Address("opend", parts.hostname, port, key, settings.opend.budget)


@asynccontextmanager
async def open_source(
    text: str | None, *, clock: Clock, paths: Paths, settings: Settings, name: str | None = None
) -> AsyncIterator[Source]:
    """A source ready to be run; `demo:` starts a simulator in this process, on loopback, and ends it afterwards.

    Raises InvalidInput for a text that is no source, SettingsError for a key file that cannot be used.
    """
    address = parse_source(text, settings)
    if address.kind == "demo":
        from capflow_gui.simulator.opend_server import SimulatorConfig  # noqa: PLC0415 - only a demo needs a market

        async with open_demo(name or "demo", clock, SimulatorConfig()) as source:
            yield source
        return
    provider = OpendProvider(
        OpendConfig(address.host, address.port, str(address.rsa_key) if address.rsa_key else None),
        clock,
        name or "opend",
    )
    file = QuotaFile(quota_path(paths))
    yield Source(provider.source, provider, _limiters(provider, address, clock, file))


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
    from capflow_gui.simulator.opend_server import OpendSimulator  # noqa: PLC0415 - only a demo needs a market

    async with OpendSimulator(config, clock=clock) as simulator:
        address = Address("demo", "127.0.0.1", simulator.port)
        provider = OpendProvider(OpendConfig(address.host, address.port), clock, name)
        # Nobody else can know this simulator's port: its quota needs no file.
        yield Source(name, provider, _limiters(provider, address, clock, QuotaFile(None)))


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
