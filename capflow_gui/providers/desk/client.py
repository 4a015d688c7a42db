"""The client of NATS, made to end whole: collector and window connect with it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from capflow_gui.clock import end_all, ended
from capflow_gui.network import system_trust
from capflow_gui.providers.desk.expiry import end_of

AGAIN_S = 0.1  # after which what has not ended is cancelled once more
# The client waits for ever for the end of a connection whose certificate was refused.
_CLOSE_S = 1.0
_SPACES = " \t\n\r\x0b\x0c"  # around a header, as bytes have them


class BusClient(Client):
    """It reads on where an answer to a ping comes when nobody waits for it any more, and reads messages at less cost.

    Closing it ends every task that it started, also in the middle of connecting, and where its last words cannot be
    sent any more.
    """

    def __init__(self) -> None:
        super().__init__()
        self._works: set[asyncio.Task[Any]] = set()
        self._listeners: dict[int, Callable[[Msg], None]] = {}  # by number of the subscription

    async def listen(self, subject: str, hear: Callable[[Msg], None]) -> None:
        """Subscribe; `hear` is called with each message as it is read, and only puts it somewhere.

        The client's own way has each of them wait for two turns of the loop.
        """
        self._listeners[self._sid + 1] = hear  # the number that the next one is given
        await self.subscribe(subject)

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        hear = self._listeners.get(sid)
        if hear is None:
            await super()._process_msg(sid, subject, reply, data, headers)
        else:
            hear(self._build_message(sid, subject, reply, data, await self._process_headers(headers)))

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """Whom to trust, asked for where the server encrypts; as the system does where nothing was given."""
        given: ssl.SSLContext | None = self.options.get("tls")
        return given if given is not None else system_trust()

    @property
    def certificate_ends(self) -> float | None:
        """When the server's certificate, or its authority, ends (UTC epoch seconds); None without encryption."""
        writer = getattr(self._transport, "_io_writer", None)
        shown = None if writer is None else writer.get_extra_info("ssl_object")
        return end_of(shown, self.options.get("tls"))

    async def close(self) -> None:
        """Close within about a second, whatever the server does; a cancellation meanwhile is raised at the end."""
        if self._flush_queue is not None:  # else it was never asked to connect
            ending = asyncio.ensure_future(self._end(asyncio.current_task()))
            await ended(ending)
            ending.result()

    async def _end(self, asker: asyncio.Task[Any] | None) -> None:
        """`asker` may be one of the client's own tasks, which would wait for itself."""
        closing = asyncio.ensure_future(self._close(Client.CLOSED))
        await asyncio.wait({closing}, timeout=_CLOSE_S)
        # Those that are cancelled may start others on their way out.
        while left := {work for work in (closing, *self._works) if not work.done()} - {asker}:
            await end_all(left, AGAIN_S)  # of what fails at the end nobody needs to hear
        # One that went on in spite of that may have connected.
        self._status = Client.CLOSED
        if self._transport is not None:
            self._transport.close()  # type: ignore[no-untyped-call]
        if not closing.cancelled():
            error = closing.exception()
            if error is not None and not isinstance(error, NatsError | OSError | TimeoutError):
                raise error

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """The task that runs this is one of the client's meanwhile."""
        task = asyncio.current_task()
        if task is None or task in self._works:
            yield
            return
        self._works.add(task)
        try:
            yield
        finally:
            self._works.discard(task)

    async def _read_loop(self) -> None:
        with self._counted():
            await super()._read_loop()

    async def _flusher(self) -> None:
        with self._counted():
            await super()._flusher()

    async def _ping_interval(self) -> None:
        with self._counted():
            await super()._ping_interval()

    async def _attempt_reconnect(self) -> None:
        with self._counted():
            await super()._attempt_reconnect()

    async def _send_subscribe(self, sub: Subscription) -> None:
        listening = cast("asyncio.Task[None] | None", sub._wait_for_msgs_task)
        if listening is not None:
            self._works.add(listening)
            listening.add_done_callback(self._works.discard)
        await super()._send_subscribe(sub)

    async def _close(self, status: int, do_cbs: bool = True) -> None:
        with self._counted():
            try:
                await super()._close(status, do_cbs)
            except ConnectionError:
                self._status = Client.DISCONNECTED  # nothing is left to be sent: it closes without
                await super()._close(status, do_cbs)

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        """As the client reads them, which asks each letter of each name whether it is a space.

        That was two fifths of the processor time in which a window has all states when it starts.
        """
        found = {}
        for line in raw.decode("utf-8", "replace").split("\r\n"):
            name, colon, value = line.partition(":")
            name = name.strip(_SPACES)
            if colon and name.isascii() and name.split() == [name]:
                found[name] = value.strip(_SPACES)
        return found

    async def _process_pong(self) -> None:
        # It would set the result of a wait that is over, and stop to read for the error that this is.
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()


async def first_fault(
    client: BusClient,
    signing_in: Coroutine[Any, Any, None],
    refused: asyncio.Future[BaseException],
    over: asyncio.Future[Any],
    within_s: float,
) -> BaseException | None:
    """Sign in; why that failed. The first fault counts: the client itself would go on.

    refused  what the client is told of; `over`: done when the connection has ended
    Where it failed, or is cancelled, nothing is left of the client.
    """
    work = asyncio.ensure_future(signing_in)
    error: BaseException | None = TimeoutError()
    try:
        awaited: set[asyncio.Future[Any]] = {work, refused, over}
        await asyncio.wait(awaited, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        if refused.done():
            error = refused.result()
        elif work.done():
            error = work.exception()
        if error is None and over.done():
            error = OSError("closed")
        return error
    finally:
        if error is not None:
            try:
                await end_all({work}, AGAIN_S)  # what was refused may have failed besides
            finally:
                await client.close()
