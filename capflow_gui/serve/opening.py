"""Opens what is served: the sources, the monitor over the profile's watchlist, its rules and its channels."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial
from typing import Any

from msgspec.structs import replace

from capflow_gui.alerts.groups import RuleGroups
from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal
from capflow_gui.deliveries import AlertLogs, Deliveries, channels_in_use
from capflow_gui.delivery.desktop import NotificationPort
from capflow_gui.delivery.posting import Wishes, wishes_of
from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.quote import StaticInfo
from capflow_gui.domain.session import Calendar
from capflow_gui.errors import CapflowError
from capflow_gui.feed.events import LinkEvent
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.feed.supervisor import Supervisor
from capflow_gui.monitor import Monitor
from capflow_gui.paths import Paths, resource
from capflow_gui.playback.past import read_past
from capflow_gui.present.reasons import reason_in_english
from capflow_gui.serve.profile import ServedProfile
from capflow_gui.serve.service import Service, give_up
from capflow_gui.settings import NO_POLICY, Policy, Settings, WatchSettings, load
from capflow_gui.settings.profiles import Folders, held_open
from capflow_gui.sources import numbered_name, open_source, parse_source

_DEMO = "demo"
# How many of the simulator's symbols are watched where the demo has no watchlist yet.
_DEMO_SYMBOLS = 16
# What a notification sounds like, in the names of the desktop's sound theme.
_HEARD = "message-new-instant"

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_service(
    texts: Sequence[str], folders: Folders, settings: Settings, policy: Policy, *, clock: Clock, conceal: Conceal
) -> AsyncIterator[Service]:
    """A service whose monitor runs, until the context is left.

    texts    the sources (SRC); none: the configured one
    folders  those that --config-dir and --data-dir name
    With the simulator of `demo:` alone the demo's profile is served, and nothing is written to it.
    Raises InvalidInput, SettingsError, NotSignedIn: see sources.open_source.
    """
    wanted: list[str | None] = list(dict.fromkeys(texts)) or [None]
    kinds = [parse_source(text, settings).kind for text in wanted]
    is_demo = set(kinds) == {_DEMO}
    paths = Paths.resolve(_DEMO if is_demo else None, *folders)
    if is_demo:
        settings, policy = await asyncio.to_thread(_demo_settings, paths), NO_POLICY
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    async with AsyncExitStack() as stack:
        if not is_demo:
            stack.enter_context(held_open(paths.state))
        profile = await asyncio.to_thread(ServedProfile, paths, settings, policy, keeps=not is_demo)
        sources = [
            await stack.enter_async_context(
                open_source(
                    text, clock=clock, paths=paths, settings=settings, name=numbered_name(kinds, place), conceal=conceal
                )
            )
            for place, text in enumerate(wanted)
        ]
        files = await stack.enter_async_context(AsyncExitStack())
        groups = _BrokerGroups()
        stack.push_async_callback(groups.close)
        named = RuleGroups(groups.ask, groups.start, lambda: profile.groups)

        def wishes(record: AlertRecord) -> Wishes:
            return wishes_of(monitor.rules, record.rule_id, record.symbol, named.of(record.symbol))

        logs = None
        if not is_demo:
            deliveries = await stack.enter_async_context(
                _delivering(profile, settings, wishes, calendar=calendar, clock=clock, conceal=conceal)
            )
            logs = AlertLogs(files, *folders, deliveries)
        monitor = Monitor(
            sources,
            profile.symbols,
            calendar=calendar,
            clock=clock,
            rules=profile.table(named.of),
            open_alerts=None if logs is None else logs.open,
            delivery=None if logs is None else logs.dispatcher,
            groups=profile.groups,
            read_past=partial(read_past, paths.data),
        )
        if logs is not None:
            logs.name_currencies_by(monitor.money)
        groups.questions.open(monitor.feeds)
        alert_paths = [paths, *([] if is_demo else [Paths.resolve(_DEMO, *folders)])]
        beside = Supervisor(clock, lambda reason: _log.error("%s", reason_in_english(reason)))
        parts = [
            monitor.run(),
            beside.supervise("edits", partial(profile.follow, clock, monitor), gives_up=False),
            beside.supervise("groups", partial(groups.follow, monitor, named), gives_up=False),
        ]
        running = [asyncio.create_task(part, name="serve") for part in parts]
        stack.push_async_callback(give_up, running)
        service = Service(monitor, profile, paths, alert_paths, clock, conceal)
        try:
            yield service
        finally:
            await give_up([each.task for each in service.asked.values()])


@asynccontextmanager
async def _delivering(
    profile: ServedProfile,
    settings: Settings,
    wishes: Callable[[AlertRecord], Wishes],
    *,
    calendar: Calendar,
    clock: Clock,
    conceal: Conceal,
) -> AsyncIterator[Deliveries]:
    """The channels of a profile, at work; what is edited in its settings holds at once."""
    channels, port = channels_in_use(settings), NotificationPort(sound=_HEARD)
    deliveries = Deliveries(channels, calendar=calendar, clock=clock, conceal=conceal, wished=wishes, port=port)
    async with deliveries.running():
        profile.changed = lambda now: deliveries.use(channels_in_use(now))
        yield deliveries


def _demo_settings(paths: Paths) -> Settings:
    """The demo's own settings, where it has been looked at; else some symbols of the simulator."""
    if paths.settings_file.exists():
        return load(paths.settings_file).settings
    from capflow_gui.simulator.market.universe import build_universe  # noqa: PLC0415 - only a demo needs it

    symbols = [str(each) for each in build_universe(2 * _DEMO_SYMBOLS) if not each.is_index]
    return replace(Settings(), watchlist=WatchSettings(symbols[:_DEMO_SYMBOLS]))


Found = list[StaticInfo]


class _BrokerGroups:
    """Asks brokers for the members of the groups that rules name, whenever a source connects."""

    def __init__(self) -> None:
        self.questions = FeedQuestions()
        self._asked: set[asyncio.Task[None]] = set()

    async def ask(self, name: str) -> Found:
        """The members of a group."""
        return await self.questions.group_symbols(name)

    def start(
        self,
        ask: Callable[[], Coroutine[Any, Any, Found]],
        done: Callable[[Found], None],
        failed: Callable[[Exception], None],
    ) -> Callable[[], None]:
        """Ask beside the caller; what is returned gives up."""

        async def run() -> None:
            try:
                done(await ask())
            except CapflowError as error:
                failed(error)

        task = asyncio.create_task(run(), name="groups")
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

        def give_up() -> None:
            task.cancel()

        return give_up

    async def follow(self, monitor: Monitor, named: RuleGroups) -> None:
        """Learn the members whenever a source connects, until cancelled."""
        with closing(monitor.subscribe("groups", events=True)) as events:
            async for event in events:
                if isinstance(event, LinkEvent) and event.state.phase is LinkPhase.READY:
                    named.learn(monitor.rules, anew=True)

    async def close(self) -> None:
        """Give up what is asked."""
        await give_up(self._asked)
