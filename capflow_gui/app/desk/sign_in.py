"""Tries a desk, and keeps its secret in the keyring."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from capflow_gui.clock import Clock
from capflow_gui.credentials import DESK_VARIABLE, Backend, Conceal, SecretStore, desk_place
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import DeskSettings
from capflow_gui.ui.ports import ConnectionReport


class DeskSignIn:
    """See ui.ports.DeskAccess. `open_backend` opens the keyring; None = the system's."""

    def __init__(
        self, clock: Clock, conceal: Conceal, open_backend: Callable[[], Backend | None] | None = None
    ) -> None:
        self._clock = clock
        self._conceal = conceal
        self._open_backend = open_backend

    async def test(self, desk: DeskSettings, secret: str) -> ConnectionReport:
        """Connect once, with the secret, or with the one that is kept."""
        from capflow_gui.app.connection_test import try_provider  # noqa: PLC0415 - loads protobuf
        from capflow_gui.providers.desk.provider import DeskProvider  # noqa: PLC0415 - loads the client of the bus
        from capflow_gui.sources import configured_desk, desk_config, desk_provider  # noqa: PLC0415 - see above

        async def typed() -> str:
            return secret

        if secret:
            self._conceal(secret)
        async with self._keyring() as store:
            address = configured_desk(desk)
            provider = (
                DeskProvider(desk_config(address), typed, self._clock, conceal=self._conceal)
                if secret
                else desk_provider(address, store, self._clock, conceal=self._conceal)
            )
            return await try_provider(provider, self._clock, f"{desk.host}:{desk.port}")

    async def keep(self, desk: DeskSettings, secret: str) -> None:
        """Have the keyring keep the secret. Raises SettingsError, which says how to go without one."""
        async with self._keyring() as store:
            try:
                await store.save_secret(desk_place(desk.user, desk.host, desk.port), secret)
            except SettingsError as error:
                advice = Reason.of(Code.DESK_SECRET_BY_VARIABLE, variable=DESK_VARIABLE)
                raise SettingsError(error.key, error.reason, advice) from error

    @asynccontextmanager
    async def _keyring(self) -> AsyncIterator[SecretStore]:
        store = SecretStore(self._clock, self._open_backend, conceal=self._conceal)
        try:
            yield store
        finally:
            store.close()
