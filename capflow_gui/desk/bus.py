"""The collector's connection to the bus: opened, used, and opened again when it ended."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as BusError
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from capflow_gui.clock import Clock, end_all
from capflow_gui.errors import AuthFailed, ConnectionLost, ProviderError
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.providers.desk.client import BusClient, first_fault
from capflow_gui.providers.desk.expiry import watch_expiry
from capflow_gui.providers.desk.faults import Unencrypted, connect_fault, end_fault, missing_right
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects

SOURCE = "desk"
_CONNECT_S = 5  # the client's own two seconds are few where the computer is busy
_SHORT_S = 5.0
_RETRY_S = 0.5  # the bus is the firm's own, and back within seconds
# How long a task has to end before it is cancelled once more, one of those side by side and what runs them.
_LEAF_S, _BRANCH_S = 0.05, 2.0
# A server that hangs is noticed after fifteen seconds.
_PING_S, _PINGS = 5, 2

_log = logging.getLogger(__name__)


async def together(*works: Awaitable[None]) -> None:
    """Do some works side by side, until one of them ends: its error is raised, and the others are cancelled."""
    await _done(works, asyncio.FIRST_COMPLETED)


async def all_of(*works: Awaitable[None]) -> None:
    """Do some works side by side, until all have ended, or one failed: its error is raised, others are cancelled."""
    if works:
        await _done(works, asyncio.FIRST_EXCEPTION)


async def _done(works: Iterable[Awaitable[None]], when: str) -> None:
    tasks = {asyncio.ensure_future(work) for work in works}
    try:
        done, _ = await asyncio.wait(tasks, return_when=when)
        for task in done:
            task.result()
    finally:
        await end_all(tasks, _LEAF_S)


@dataclass(frozen=True, slots=True)
class BusAccess:
    """Where the bus is, and how this user gets in.

    secret   is called at every connection, so that it can be changed meanwhile
    context  whom to trust; None = the connection is not encrypted
    """

    config: DeskConfig
    secret: Callable[[], Awaitable[str]]
    context: ssl.SSLContext | None = None


class Bus:
    """One connection after the other, until cancelled.

    work(client)  what is done on each; it ends with the connection. That a stream is missing ends it, too
    fault         why there is no connection now; None while there is one
    expires       that the server's certificate ends soon, or has ended; None: it does not
    lacks         the subjects that the user has no right to, and should have
    """

    def __init__(self, access: BusAccess, clock: Clock, work: Callable[[Client], Awaitable[None]]) -> None:
        self.fault: ProviderError | None = None
        self.expires: Reason | None = None
        self.lacks: set[str] = set()
        self.connections = 0
        self._opened_at: float | None = None
        self._ended_by: Reason | None = None
        self._is_short = False
        self._keeps = False  # connected, and tells by its log
        self._password = ""
        self._access = access
        self._clock = clock
        self._work = work

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """Why there is no connection, and what the user may not do."""
        lacks = tuple(Reason.of(Code.DESK_NO_RIGHT, subject=subject) for subject in sorted(self.lacks))
        expires = () if self.expires is None or self.fault is not None else (self.expires,)
        return (*((self.fault.reason,) if self.fault is not None else ()), *expires, *lacks)

    async def run(self) -> None:
        """Keep connected. Raises AuthFailed where the first connection is refused; later ones may be let in again."""
        self._keeps = True
        while True:
            try:
                await self.use_once()
            except AuthFailed:
                raise
            except ProviderError as error:
                self._note(error)
            await self._clock.sleep_until(self._clock.monotonic() + _RETRY_S)

    async def use(self, work: Callable[[Client], Awaitable[None]]) -> None:
        """Do some work on a connection of its own. Raises a ProviderError: there is none, or it ended."""
        config = self._access.config
        client, ended = await self._open()
        working = asyncio.ensure_future(work(client))
        watching = asyncio.ensure_future(
            watch_expiry(client.certificate_ends, config, self._access.context, self._clock, self._note_expiry)
        )
        try:
            awaited: set[asyncio.Future[Any]] = {working, ended}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise ended.result()
            working.result()
        except (BusError, NoStreamResponseError, APIError) as error:
            if isinstance(error, APIError) and not isinstance(error, NotFoundError):
                refuses = Reason.of(Code.BUS_REFUSES, why=error.description or str(error))
                raise ConnectionLost(SOURCE, refuses) from error
            # A stream is missing: the next connection sets up what there should be.
            raise end_fault(SOURCE, config.address, config.user, error) from error
        finally:
            try:
                await end_all({working, watching}, _BRANCH_S)
            finally:
                await client.close()

    async def use_once(self) -> None:
        """Do the work once, on one connection. Raises a ProviderError."""
        await self.use(self._work)

    async def _open(self) -> tuple[BusClient, asyncio.Future[ProviderError]]:
        config, client = self._access.config, BusClient()
        self._password = await self._access.secret()
        refused: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        ended: asyncio.Future[ProviderError] = asyncio.get_running_loop().create_future()

        async def on_error(error: Exception) -> None:
            self._hear_error(error, refused)

        async def on_end() -> None:
            if not ended.done():
                ended.set_result(end_fault(SOURCE, config.address, config.user, client.last_error))

        host = f"[{config.host}]" if ":" in config.host else config.host
        connecting = client.connect(
            f"nats://{host}:{config.port}",
            tls=self._access.context,
            user=lambda: config.user,
            password=partial(self._secret_for, client),
            name="capflow collector",
            inbox_prefix=subjects.inbox(config.user),
            allow_reconnect=False,
            connect_timeout=_CONNECT_S,
            ping_interval=_PING_S,
            max_outstanding_pings=_PINGS,
            error_cb=on_error,
            closed_cb=on_end,
        )
        error = await first_fault(client, connecting, refused, ended, _CONNECT_S)
        if error is not None:
            raise connect_fault(SOURCE, config.address, config.user, error, known=self.connections > 0)
        if self.fault is not None and not self._is_short:
            _log.warning("the bus at %s is there again", config.address)
        self._opened_at = self._clock.monotonic()
        self.connections += 1
        self.fault = None
        self.lacks.clear()
        return client, ended

    def _secret_for(self, client: Client) -> str:
        """Called by the client when the encryption, if any, is there."""
        if self._access.config.must_encrypt and not client._server_info.get("tls_required"):
            raise Unencrypted
        return self._password

    def _hear_error(self, error: Exception, refused: asyncio.Future[BaseException]) -> None:
        subject = missing_right(error)
        if subject is None:
            if not refused.done():
                refused.set_result(error)
        elif subject not in self.lacks:
            self.lacks.add(subject)
            _log.warning("the bus: no right to %s", subject)

    def _note_expiry(self, reason: Reason | None) -> None:
        if reason is not None and reason != self.expires and self._keeps:
            _log.warning("the bus: %s", reason)
        self.expires = reason

    def _note(self, error: ProviderError) -> None:
        # One that ends again and again, soon and for the same reason, is said once.
        lasted = None if self._opened_at is None else self._clock.monotonic() - self._opened_at
        self._is_short = lasted is not None and lasted < _SHORT_S and error.reason == self._ended_by
        if not self._is_short and (self.fault is None or self.fault.reason != error.reason):
            _log.warning("the bus: %s", error)
        self.fault, self._ended_by, self._opened_at = error, error.reason, None
