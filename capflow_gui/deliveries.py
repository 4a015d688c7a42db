"""The channels of a profile's settings, put together: what the window, `watch` and `alerts` send with."""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace as replaced
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from capflow_gui.alerts.records import AlertStore
from capflow_gui.clock import Clock
from capflow_gui.credentials import Backend, Conceal, SecretStore, find_secret
from capflow_gui.delivery.desktop import DesktopNotifications, NotificationPort
from capflow_gui.delivery.dispatcher import Dispatcher, Route
from capflow_gui.delivery.model import Channel, Result
from capflow_gui.delivery.outbox import Outbox
from capflow_gui.delivery.posting import Posting, Wished, Wishes
from capflow_gui.domain.money import stated_currency
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.paths import Paths
from capflow_gui.present.alerts.channel_words import ChannelNews, ChannelTest, channel_news, words_of_test
from capflow_gui.present.alerts.messages import alert_message, digest_message, message_of_test
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.settings.channels import ChannelSettings, DesktopSettings, PagerdutySettings, secret_fields
from capflow_gui.storage.alert_history import PastAlert, find_alerts, read_sendings
from capflow_gui.storage.alert_log import FILE_NAME, AlertLog

if TYPE_CHECKING:
    import aiohttp

# The currency of a symbol's amounts at a source, and whether it is assumed.
Money = Callable[[str, Symbol], tuple[str, bool]]
# At the end of a program, for what is on its way.
_FINISH_S = 5.0
# Messages of a channel that its page lists.
_SHOWN = 20
# So many channels are named to whoever misspelt one.
_NAMED = 8


class Deliveries:
    """Channels by name, those that are not enabled left out.

    environ, open_backend  where secrets are read, a channel's whenever it is opened
    wished                 what the rule of an alert wants
    port                   what the program adds to notifications of the desktop
    demo                   a desktop that shows no notifications is no trouble: its channel alone says so
    """

    def __init__(
        self,
        channels: Mapping[str, ChannelSettings],
        *,
        calendar: Calendar,
        clock: Clock,
        conceal: Conceal,
        environ: Mapping[str, str] | None = None,
        open_backend: Callable[[], Backend | None] | None = None,
        wished: Wished = lambda _record: Wishes(),
        port: NotificationPort | None = None,
        demo: bool = False,
    ) -> None:
        # Asked in the thread of the alert log.
        self.money: Money = lambda _source, symbol: stated_currency(symbol)
        self._channels = channels
        self._clock = clock
        self._conceal = conceal
        self._environ = os.environ if environ is None else environ
        self._secrets = SecretStore(clock, open_backend, conceal=conceal)
        self._session: aiohttp.ClientSession | None = None
        self._one_session = asyncio.Lock()
        self._port = port or NotificationPort()
        self._on_desktop: dict[str, DesktopNotifications] = {}
        self._demo = demo
        self.dispatcher = Dispatcher(self._routes(channels), self.open_channel, digest_message, clock)
        self._posting = Posting(
            _enabled(channels),
            lambda record, event, key, at: alert_message(
                record, event, key, at, calendar, money=self.money(record.source, record.symbol)
            ),
            self.dispatcher.posted,
            wished,
        )

    def use(self, channels: Mapping[str, ChannelSettings], anew: Collection[str] = ()) -> None:
        """Deliver to these channels from now on; those in `anew` have other secrets. To be called on the loop."""
        changed = {name for name, settings in channels.items() if settings != self._channels.get(name)}
        self._channels = channels
        self._posting.use(_enabled(channels))
        self.dispatcher.use(self._routes(channels), changed.union(anew))

    def _routes(self, channels: Mapping[str, ChannelSettings]) -> list[Route]:
        return [
            Route(name, each.quiet, each.per_minute, not isinstance(each, PagerdutySettings), not self._demo)
            for name, each in _enabled(channels).items()
        ]

    def open_log(self, path: Path, *, simulated: bool) -> AlertLog:
        """The alert log of a profile, whose alerts are delivered. To be called on the loop."""
        log = AlertLog(path, simulated=simulated, post=self._posting, wall=self._clock.wall)
        self.dispatcher.serve(Outbox(log.ask))
        return log

    async def open_channel(self, name: str) -> Channel:
        """Open a channel, enabled or not. Raises SettingsError."""
        settings = self._channels[name]
        if isinstance(settings, DesktopSettings):
            shown = self._on_desktop[name] = DesktopNotifications(self._port)
            return shown
        open_session, open_channel = await asyncio.to_thread(_load)
        found = {
            field: await find_secret(f"channels.{name}.{field}", place, self._secrets, self._environ, self._conceal)
            for field, place in secret_fields(settings)
        }
        async with self._one_session:
            if self._session is None:
                try:
                    self._session = await open_session()
                except OSError as error:
                    file = self._environ.get("SSL_CERT_FILE", "")
                    raise SettingsError("SSL_CERT_FILE", Reason.of(Code.NO_CERTIFICATES, file=file)) from error
        return await asyncio.to_thread(open_channel, settings, found.__getitem__, self._session, self._clock)

    def keep_shown(self, waiting: Collection[str]) -> None:
        """Take the notifications of all but these alerts off the desktop. To be called on the loop."""
        for channel in self._on_desktop.values():
            channel.keep(waiting)

    async def test(self, name: str) -> Result:
        """Send one test to a channel, enabled or not. Raises SettingsError."""
        return await self.dispatcher.send_alone(name, message_of_test(name, self._clock.wall()))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver until the context is left; what can be sent then is, for a few seconds. Logs are closed later."""
        task = asyncio.create_task(self.dispatcher.run(), name="deliveries")
        try:
            yield
        finally:
            await self.dispatcher.finish(self._clock.monotonic() + _FINISH_S)
            task.cancel()
            await asyncio.wait({task})
            await self.close()
        if not task.cancelled():
            task.result()

    async def close(self) -> None:
        """Let go of the network and the keyring; the dispatcher must have ended."""
        if self._session is not None:
            await self._session.close()
        self._secrets.close()


class AlertLogs:
    """Opens the alert logs of a profile: a simulator's are kept in the demo profile, never among real ones.

    `deliveries` None: nobody is told of the alerts.
    """

    def __init__(
        self, stack: AsyncExitStack, config_dir: Path | None, data_dir: Path | None, deliveries: Deliveries | None
    ) -> None:
        self._stack = stack
        self._dirs = (config_dir, data_dir)
        self._deliveries = deliveries

    @property
    def dispatcher(self) -> Dispatcher | None:
        """Who sends alerts; None where nobody is told of them."""
        return None if self._deliveries is None else self._deliveries.dispatcher

    def name_currencies_by(self, money: Money) -> None:
        """Have messages say what amounts are in."""
        if self._deliveries is not None:
            self._deliveries.money = money

    def open(self, simulated: bool) -> AlertStore:
        """The log of simulated, or of real sources; closed with the stack."""
        config_dir, data_dir = self._dirs
        data = Paths.resolve("demo" if simulated else None, config_dir=config_dir, data_dir=data_dir).data
        if self._deliveries is None:
            log = AlertLog(data / FILE_NAME, simulated=simulated)
        else:
            log = self._deliveries.open_log(data / FILE_NAME, simulated=simulated)
        self._stack.push_async_callback(asyncio.to_thread, log.close)
        return log


async def acknowledge(files: Sequence[Path], ids: Collection[str], deliveries: Deliveries) -> None:
    """Mark alerts as seen, or none of them where one is not known; `deliveries` is closed afterwards.

    A program that runs sees it within a second. Raises InvalidInput, StorageError.
    """
    try:
        found: dict[Path, list[PastAlert]] = {file: find_alerts(file, ids) for file in files}
        known = {alert.record.id for alerts in found.values() for alert in alerts}
        for number in ids:
            if number not in known:
                raise InvalidInput(number, Reason.of(Code.NO_SUCH_ALERT), Reason.of(Code.LIST_ALERTS))
        for file, alerts in found.items():
            if alerts:
                log = deliveries.open_log(file, simulated=alerts[0].record.simulated)
                log.start(lambda _news: None)
                try:
                    log.save({}, [], [replaced(alert.record, seen=alert.record.told) for alert in alerts])
                    await asyncio.wrap_future(log.ask(lambda _connection: None))
                finally:
                    await asyncio.to_thread(log.close)
    finally:
        await deliveries.close()


def _load() -> tuple[Callable[[], Awaitable[aiohttp.ClientSession]], Callable[..., Channel]]:
    """Load aiohttp and its like where they are used: in a thread, for the loop would stand still for many frames."""
    from capflow_gui.delivery.http import open_session  # noqa: PLC0415
    from capflow_gui.delivery.opening import open_channel  # noqa: PLC0415

    return open_session, open_channel


def _enabled(channels: Mapping[str, ChannelSettings]) -> dict[str, ChannelSettings]:
    return {name: settings for name, settings in channels.items() if settings.enabled}


class ChannelDesk:
    """What the page of channels asks: ui.ports.Channels. `files` are the databases whose deliveries it shows."""

    def __init__(
        self,
        files: Sequence[Path],
        *,
        calendar: Calendar,
        clock: Clock,
        conceal: Conceal,
        environ: Mapping[str, str] | None = None,
        open_backend: Callable[[], Backend | None] | None = None,
        port: NotificationPort | None = None,
    ) -> None:
        self._files = files
        self._clock = clock
        self._conceal = conceal
        self._open_backend = open_backend
        self._open = partial(
            Deliveries,
            calendar=calendar,
            clock=clock,
            conceal=conceal,
            environ=environ,
            open_backend=open_backend,
            port=port,
        )

    async def keep(self, name: str, secrets: Mapping[str, str | None]) -> None:
        """Put secrets of a channel into the keyring, by their fields; None takes one out. Raises SettingsError."""
        store = SecretStore(self._clock, self._open_backend, conceal=self._conceal)
        try:
            for field, text in secrets.items():
                kept = f"channels.{name}.{field}"
                await (store.forget_secret(kept) if text is None else store.save_secret(kept, text))
        except SettingsError as error:
            raise SettingsError(name, error.reason, Reason.of(Code.NAME_A_VARIABLE)) from error
        finally:
            store.close()

    async def test(self, name: str, settings: ChannelSettings) -> ChannelTest:
        """Send a marked test, past quiet hours and budgets, and say how it went."""
        deliveries = self._open({name: settings})
        try:
            return words_of_test(name, await deliveries.test(name), self._clock.wall())
        finally:
            await deliveries.close()

    async def news(self, names: Collection[str]) -> dict[str, ChannelNews]:
        """How the channels did. Raises StorageError."""

        def read() -> dict[str, ChannelNews]:
            found = [read_sendings(file, names, _SHOWN) for file in self._files]
            return {name: channel_news([each for file in found for each in file[name]][:_SHOWN]) for name in names}

        return await asyncio.to_thread(read)


def channels_in_use(settings: Settings) -> dict[str, ChannelSettings]:
    """The channels of the settings; those of the desktop are off where the settings, or a policy, want none."""
    off = DesktopSettings if not settings.alerts.desktop else ()
    return {
        name: replace(each, enabled=False) if isinstance(each, off) else each
        for name, each in settings.channels.items()
    }


def _nearest(name: str, known: Sequence[str]) -> Reason:
    """Which channel may have been meant, else those there are, or where many of them stand, or how to get one."""
    if close := difflib.get_close_matches(name, known, 1):
        return Reason.of(Code.DID_YOU_MEAN, name=close[0])
    if len(known) > _NAMED:
        return Reason.of(Code.CHANNELS_IN_SETTINGS, count=len(known))
    return Reason.of(Code.ONE_OF, names=", ".join(known)) if known else Reason.of(Code.SET_UP_A_CHANNEL)


def chosen_channels(settings: Settings, names: Iterable[str], *, enabled: bool = False) -> dict[str, ChannelSettings]:
    """The channels of these names; `enabled`: which must not be off. Raises InvalidInput."""
    known = channels_in_use(settings)
    for name in names:
        if name not in known:
            raise InvalidInput(name, Reason.of(Code.NO_SUCH_CHANNEL), _nearest(name, tuple(known)))
        if enabled and not known[name].enabled:
            raise InvalidInput(name, Reason.of(Code.CHANNEL_OFF), Reason.of(Code.ENABLE_CHANNEL))
    return {name: known[name] for name in names}
