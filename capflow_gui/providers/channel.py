"""One connection to a broker from its first byte to its end, and the calls in flight on it: what both brokers share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, Protocol, TypeVar

from capflow_gui.clock import Clock
from capflow_gui.errors import ConnectionLost, ProviderError, RequestTimeout
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.in_flight import REQUEST_TIMEOUT_S

A = TypeVar("A")  # what answers a call


class Connection(Protocol):
    """A connection without the I/O, of `wire`."""

    @property
    def ready(self) -> bool:
        """Whether requests may be sent."""

    def request(self, kind: int, body: bytes, now: float, /) -> tuple[int, bytes]:
        """Return the number of a new request and the bytes to send."""

    def forget(self, number: int, /) -> None:
        """Stop waiting for an answer."""

    def next_deadline(self) -> float | None:
        """Return the monotonic second at which a timer is due; None when closed."""


class Channel(Generic[A]):
    """`ready` is done once requests may be sent, `ended` with the error that ended the connection.

    Everything runs on the loop's thread. Nothing here outlives the connection.
    """

    def __init__(self, source: str, clock: Clock, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        self._source = source
        self._clock = clock
        self._wire = connection
        self._calls: dict[int, tuple[asyncio.Future[A], float]] = {}
        self.latency_s: float | None = None
        self.ready: asyncio.Future[Any] = loop.create_future()
        self.ended: asyncio.Future[ProviderError] = loop.create_future()

    async def serve(self) -> None:
        """Carry bytes and keep deadlines until the connection ends; closes it on the way out."""
        tasks = [asyncio.ensure_future(work) for work in self._works()]
        try:
            awaited: set[asyncio.Future[Any]] = {*tasks, self.ended}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self.end(ConnectionLost(self._source, Reason.of(Code.CLOSED)))
            await self._close()

    async def call(self, kind: int, body: bytes) -> A:
        """Send a request, return its answer. Raises a ProviderError, at once where not ready, RemoteProtocolError."""
        if self.ended.done() or not self._wire.ready:
            raise ConnectionLost(self._source, Reason.of(Code.LINK_DOWN), sent=False)
        now = self._clock.monotonic()
        number, data = self._wire.request(kind, body, now)
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._calls[number] = (future, now)
        self._write(data)
        try:
            return await future
        finally:
            # Answered, failed or cancelled: in the last case nobody waits any more.
            if self._calls.pop(number, None) is not None:
                self._wire.forget(number)

    def end(self, error: ProviderError) -> None:
        """End the connection; every call in flight fails with ConnectionLost. The first reason stays."""
        if self.ended.done():
            return
        self.ended.set_result(error)
        calls, self._calls = self._calls, {}
        for future, _ in calls.values():
            if not future.done():
                future.set_exception(ConnectionLost(self._source, error.reason))

    # --- what a broker's channel does its own way

    def _works(self) -> list[Coroutine[Any, Any, None]]:
        """The tasks that run while the connection lasts."""
        return [self._sweep()]

    def _write(self, data: bytes) -> None:
        raise NotImplementedError

    def _on_timer(self, now: float) -> None:
        """Do what is due at `now` (monotonic seconds)."""
        raise NotImplementedError

    async def _close(self) -> None:
        """Close what `end` left open."""

    # --- for the broker's channel

    def _settle(self, number: int, result: A | Exception, now: float) -> None:
        """Hand an answer or an error to the call that waits for it."""
        waiting = self._calls.pop(number, None)
        if waiting is None:
            return
        future, sent = waiting
        if isinstance(result, Exception):
            if not future.done():
                future.set_exception(result)
            return
        self.latency_s = now - sent
        if not future.done():
            future.set_result(result)

    def _late(self) -> RequestTimeout:
        return RequestTimeout(self._source, Reason.of(Code.NO_ANSWER_IN_TIME, seconds=REQUEST_TIMEOUT_S))

    def _be_ready(self, event: object) -> None:
        if not self.ready.done():
            self.ready.set_result(event)

    async def _sweep(self) -> None:
        """Serve every deadline until the connection ends: one waiter, not a timer a request."""
        while (deadline := self._wire.next_deadline()) is not None:
            # A request sent during this sleep expires no sooner than its end.
            now = self._clock.monotonic()
            await self._clock.sleep_until(min(deadline, now + REQUEST_TIMEOUT_S))
            self._on_timer(self._clock.monotonic())
        await asyncio.wait({self.ended})


def os_words(error: Exception) -> str:
    """The system's own words for a failure."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
