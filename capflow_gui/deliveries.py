"""The channels of a profile's settings, put together: what the window, `watch` and `alerts` send with."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from capflow_gui.clock import Clock
from capflow_gui.credentials import Backend, Conceal, SecretStore, find_secret
from capflow_gui.delivery.dispatcher import Dispatcher, Route
from capflow_gui.delivery.model import Channel, Result
from capflow_gui.delivery.outbox import Outbox
from capflow_gui.delivery.posting import Posting, Wished, Wishes
from capflow_gui.domain.session import Calendar
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.present.alerts.messages import alert_message, digest_message, message_of_test
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.settings.channels import ChannelSettings, PagerdutySettings, secret_fields
from capflow_gui.storage.alert_log import AlertLog

if TYPE_CHECKING:
    import aiohttp

# At the end of a program, for what is on its way.
_FINISH_S = 5.0


class Deliveries:
    """Channels by name, those that are not enabled left out.

    environ, open_backend  where secrets are read, a channel's whenever it is opened
    wished                 what the rule of an alert wants
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
    ) -> None:
        self._channels = channels
        self._clock = clock
        self._conceal = conceal
        self._environ = os.environ if environ is None else environ
        self._secrets = SecretStore(clock, open_backend, conceal=conceal)
        self._session: aiohttp.ClientSession | None = None
        used = {name: settings for name, settings in channels.items() if settings.enabled}
        self.dispatcher = Dispatcher(
            [
                Route(name, settings.quiet, settings.per_minute, not isinstance(settings, PagerdutySettings))
                for name, settings in used.items()
            ],
            self.open_channel,
            digest_message,
            clock,
        )
        self._posting = Posting(
            used,
            lambda record, event, key, at: alert_message(record, event, key, at, calendar),
            self.dispatcher.posted,
            wished,
        )

    def open_log(self, path: Path, *, simulated: bool) -> AlertLog:
        """The alert log of a profile, whose alerts are delivered. To be called on the loop."""
        log = AlertLog(path, simulated=simulated, post=self._posting, wall=self._clock.wall)
        self.dispatcher.serve(Outbox(log.ask))
        return log

    async def open_channel(self, name: str) -> Channel:
        """Open a channel, enabled or not. Raises SettingsError."""
        # aiohttp and its like after the first paint.
        from capflow_gui.delivery.http import open_session  # noqa: PLC0415
        from capflow_gui.delivery.opening import open_channel  # noqa: PLC0415

        settings = self._channels[name]
        found = {
            field: await find_secret(f"channels.{name}.{field}", place, self._secrets, self._environ, self._conceal)
            for field, place in secret_fields(settings)
        }
        if self._session is None:
            try:
                self._session = open_session()
            except OSError as error:
                file = self._environ.get("SSL_CERT_FILE", "")
                raise SettingsError("SSL_CERT_FILE", Reason.of(Code.NO_CERTIFICATES, file=file)) from error
        return open_channel(settings, found.__getitem__, self._session, self._clock)

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


def chosen_channels(settings: Settings, names: Iterable[str], *, enabled: bool = False) -> dict[str, ChannelSettings]:
    """The channels of these names; `enabled`: which must not be off. Raises InvalidInput."""
    known = settings.channels
    for name in names:
        if name not in known:
            there = Reason.of(Code.ONE_OF, names=", ".join(known)) if known else None
            raise InvalidInput(name, Reason.of(Code.NO_SUCH_CHANNEL), there)
        if enabled and not known[name].enabled:
            raise InvalidInput(name, Reason.of(Code.CHANNEL_OFF), Reason.of(Code.ENABLE_CHANNEL))
    return {name: known[name] for name in names}
