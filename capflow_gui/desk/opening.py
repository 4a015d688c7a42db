"""Opens a collector: its sources, the monitor over them with the profile's rules, archive and channels."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal, SecretStore, desk_place, desk_secret
from capflow_gui.deliveries import AlertLogs, Deliveries, channels_in_use
from capflow_gui.delivery.desktop import NotificationPort
from capflow_gui.desk.bus import BusAccess
from capflow_gui.desk.collector import Collector, CollectorConfig
from capflow_gui.desk.edits import Edited, OwnGroups
from capflow_gui.desk.entitlement import undeclared
from capflow_gui.domain.alert import Rule
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import ConnectFailed, InvalidInput, ProviderError
from capflow_gui.feed.supervisor import Supervisor
from capflow_gui.monitor import Monitor
from capflow_gui.paths import Paths, resource
from capflow_gui.playback.past import read_past
from capflow_gui.providers.desk.channel import DeskConfig, trust
from capflow_gui.reason import Code, Reason
from capflow_gui.serve.profile import ServedProfile
from capflow_gui.settings import Policy, Settings
from capflow_gui.settings.profiles import Folders, held_open
from capflow_gui.sources import Address, connected, numbered_name, open_source, parse_source

_PROBE_S = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be collected. `sources` empty: the configured one; `symbols` are polled beside the watchlist."""

    sources: Sequence[str]
    symbols: Sequence[Symbol]
    rules: Sequence[Rule]
    shards: int


def read_bus(text: str, user: str, ca: Path | None, secret: Path | None) -> Address:
    """The address `nats://HOST:PORT`, or `desk://…` as in a window. Raises InvalidInput."""
    kind, colon, rest = text.partition("://")
    if not colon or kind not in ("nats", "tls", "desk"):
        form = Reason.of(Code.WRITE_AS, form="nats://HOST:4222")
        raise InvalidInput(text, Reason.of(Code.NOT_A_BUS_ADDRESS), form)
    given = rest if "@" in rest else f"{user}@{rest}"
    found = parse_source(f"desk://{given}", Settings())
    return Address("desk", found.host, found.port, user=found.user, ca=ca or found.ca, secret=secret or found.secret)


@asynccontextmanager
async def open_access(bus: Address, clock: Clock, conceal: Conceal) -> AsyncIterator[BusAccess]:
    """The way to the bus. Raises SettingsError for a file that cannot be used, NotSignedIn without a secret."""
    config = DeskConfig(bus.host, bus.port, bus.user, bus.ca)
    place = desk_place(config.user, config.host, config.port)
    store = SecretStore(clock, conceal=conceal)

    async def secret() -> str:
        found = await desk_secret(place, bus.secret, store, os.environ, user=config.user, address=config.address)
        conceal(found)
        return found

    try:
        await secret()
        yield BusAccess(config, secret, trust("desk", config.ca) if config.must_encrypt else None)
    finally:
        store.close()


async def check_entitlement(
    texts: Sequence[str | None], settings: Settings, paths: Paths, *, clock: Clock, conceal: Conceal
) -> frozenset[str]:
    """The kinds of sources of which somebody has declared that a desk may have them.

    Raises SettingsError for another one, unless all of its sources answer that they are simulators.
    """
    kinds = {text: parse_source(text, settings).kind for text in texts}
    missing = undeclared(settings, tuple(kinds.values()))
    for text, kind in kinds.items():
        if kind in missing and not await _is_simulator(text, settings, paths, clock, conceal):
            raise missing[kind]
    return frozenset(kinds.values()) - frozenset(missing)


async def _is_simulator(text: str | None, settings: Settings, paths: Paths, clock: Clock, conceal: Conceal) -> bool:
    try:
        async with (
            open_source(text, clock=clock, paths=paths, settings=settings, conceal=conceal) as source,
            connected(source, clock=clock, within_s=_PROBE_S, attempts=1),
        ):
            return (await source.provider.get_global_state()).simulated
    except (ConnectFailed, ProviderError):
        return False


@asynccontextmanager
async def open_collector(
    asked: Asked,
    access: BusAccess,
    folders: Folders,
    settings: Settings,
    policy: Policy,
    *,
    real: bool,
    clock: Clock,
    conceal: Conceal,
) -> AsyncIterator[Collector]:
    """A collector whose monitor runs, until the context is left; the collector itself is run by the caller.

    policy  what the administrator has locked, in `settings` and in what is edited later
    real  whether the profile's archive is one of real sources: it refuses simulators
    Raises InvalidInput, SettingsError, NotSignedIn: see sources.open_source, check_entitlement.
    """
    texts: list[str | None] = list(dict.fromkeys(asked.sources)) or [None]
    paths = Paths.resolve(None, *folders)
    declared = await check_entitlement(texts, settings, paths, clock=clock, conceal=conceal)
    kinds = [parse_source(text, settings).kind for text in texts]
    names = [numbered_name(kinds, place) for place in range(len(texts))]
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    async with AsyncExitStack() as stack:
        stack.enter_context(held_open(paths.state))
        profile = await asyncio.to_thread(ServedProfile, paths, settings, policy, keeps=True)
        sources = [
            await stack.enter_async_context(
                open_source(text, clock=clock, paths=paths, settings=settings, name=name, conceal=conceal)
            )
            for text, name in zip(texts, names, strict=True)
        ]
        limits = kept_for(settings)
        archive = await asyncio.to_thread(ProfileArchive, paths.data, settings.archive, real=real, keep_days=limits)
        stack.push_async_callback(asyncio.to_thread, archive.close)
        # Closed after what is sent from them has ended.
        files = await stack.enter_async_context(AsyncExitStack())
        deliveries = Deliveries(
            channels_in_use(settings), calendar=calendar, clock=clock, conceal=conceal, port=NotificationPort()
        )
        await stack.enter_async_context(deliveries.running())
        logs = AlertLogs(files, *folders, deliveries)
        monitor = Monitor(
            sources,
            [],
            calendar=calendar,
            clock=clock,
            rules=_rules(profile, asked.rules),
            own_sources={},
            open_alerts=logs.open,
            archive=archive,
            read_past=partial(read_past, paths.data),
        )
        logs.name_currencies_by(monitor.money)
        own = tuple(dict.fromkeys((*asked.symbols, *profile.symbols)))
        config = CollectorConfig(_new_name(), asked.shards, own, dict(zip(names, kinds, strict=True)), declared)
        collector = Collector(monitor, config, access, clock)
        profile.changed = lambda now: deliveries.use(channels_in_use(now))
        profile.edited = collector.edited
        edits = Edited(collector, profile.symbols, asked.symbols)
        following = Supervisor(clock, collector.edited).supervise(
            "edits", partial(profile.follow, clock, edits), gives_up=False
        )
        for name, work in (("monitor", monitor.run()), ("edits", following)):
            stack.push_async_callback(_end, asyncio.create_task(work, name=name))
        yield collector


def kept_for(settings: Settings) -> dict[str, int]:
    """How many days the sessions of single brokers are kept, where that is declared."""
    terms = {"opend": settings.sources.opend.keep_days, "longport": settings.sources.longport.keep_days}
    return {kind: days for kind, days in terms.items() if days is not None}


def _rules(profile: ServedProfile, rules: Sequence[Rule]) -> RuleTable:
    """The profile's thresholds and rules, and those of the command line."""
    groups = OwnGroups(profile)
    kept = profile.table(groups.of)
    return RuleTable(kept.default, kept.overrides, rules, groups.of, kept.entries)


def _new_name() -> str:
    """What this collector is called until it ends."""
    host = "".join(c for c in socket.gethostname().partition(".")[0] if c.isascii() and c.isalnum())[:32]
    return f"{host or 'collector'}-{secrets.token_hex(4)}"


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})
