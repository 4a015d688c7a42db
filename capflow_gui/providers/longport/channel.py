"""One connection to Longport's quote server: the I/O around wire.longport, and the calls in flight on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp

from capflow_gui.clock import Clock
from capflow_gui.errors import (
    ConnectionLost,
    ProviderError,
    RequestTimeout,
)
from capflow_gui.providers.longport.errors import rejection
from capflow_gui.providers.longport.pipe import Pipe
from capflow_gui.wire.longport.events import (
    Answer,
    AuthRejected,
    AuthTimedOut,
    Broken,
    ClosedByServer,
    Dead,
    Event,
    PingDue,
    Pushed,
    Ready,
    Rejected,
    Reply,
    TimedOut,
    Unmatched,
    Unreadable,
)
from capflow_gui.wire.longport.protocol import AUTH_TIMEOUT_S, REQUEST_TIMEOUT_S, LongportConnection, State
from capflow_gui.wire.pb.longport import control_pb2

_log = logging.getLogger(__name__)

_CLOSE_WORDS = {
    control_pb2.CLOSE_CODE_HEARTBEAT_TIMEOUT: "it heard no heartbeat of ours",
    control_pb2.CLOSE_CODE_SERVER_ERROR: "its server failed",
    control_pb2.CLOSE_CODE_SERVER_SHUTDOWN: "its server shuts down",
    control_pb2.CLOSE_CODE_UNPACK_ERROR: "it could not read what we sent",
    control_pb2.CLOSE_CODE_AUTH_ERROR: "it does not accept the login",
    control_pb2.CLOSE_CODE_SESSION_EXPIRED: "the session has expired",
    control_pb2.CLOSE_CODE_CONNECT_DUPLICATE: "this session was connected a second time",
}
_SESSION_OVER = frozenset(
    {
        control_pb2.CLOSE_CODE_AUTH_ERROR,
        control_pb2.CLOSE_CODE_SESSION_EXPIRED,
        control_pb2.CLOSE_CODE_CONNECT_DUPLICATE,
    }
)


class LongportChannel:
    """A connection from its first packet to its end. `ended` is done with the error that ended it.

    session_over      the session is of no more use, to this connection or to another
    session_outdated  it was refused or closed for its age alone
    """

    def __init__(self, source: str, pipe: Pipe, clock: Clock) -> None:
        loop = asyncio.get_running_loop()
        self.session_over = False
        self.session_outdated = False
        self.latency_s: float | None = None
        self.ready: asyncio.Future[Ready] = loop.create_future()
        self.ended: asyncio.Future[ProviderError] = loop.create_future()
        self._source = source
        self._pipe = pipe
        self._clock = clock
        self._connection = LongportConnection(native_ping=pipe.native_ping)
        self._calls: dict[int, tuple[asyncio.Future[bytes], float]] = {}
        self._deadline_moved = asyncio.Event()

    def authenticate(self, password: str, metadata: Mapping[str, str]) -> None:
        """Open a new session with a one-time password."""
        self._pipe.write(self._connection.authenticate(password, metadata, self._clock.monotonic()))
        self._deadline_moved.set()

    def resume(self, session_id: str, metadata: Mapping[str, str]) -> None:
        """Take up an earlier session."""
        self._pipe.write(self._connection.resume(session_id, metadata, self._clock.monotonic()))
        self._deadline_moved.set()

    async def serve(self) -> None:
        """Carry packets and keep deadlines until the connection ends; closes it on the way out."""
        carrying = asyncio.ensure_future(self._carry())
        sweeping = asyncio.ensure_future(self._sweep())
        try:
            awaited: set[asyncio.Future[Any]] = {carrying, sweeping, self.ended}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for task in (carrying, sweeping):
                if task.done():
                    task.result()
        finally:
            for task in (carrying, sweeping):
                task.cancel()
            await asyncio.wait({carrying, sweeping})
            self.end(ConnectionLost(self._source, "closed"))
            await self._pipe.close()

    async def call(self, command: int, body: bytes) -> bytes:
        """Send a request and return the body of its answer. Raises a ProviderError or RemoteProtocolError."""
        if self.ended.done() or self._connection.state is not State.READY:
            raise ConnectionLost(self._source, "not connected")
        now = self._clock.monotonic()
        request_id, data = self._connection.request(command, body, now)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._calls[request_id] = (future, now)
        self._pipe.write(data)
        try:
            return await future
        finally:
            if self._calls.pop(request_id, None) is not None:
                self._connection.forget(request_id)

    def end(self, error: ProviderError) -> None:
        """Every call in flight fails with ConnectionLost. The first reason stays."""
        if self.ended.done():
            return
        self.ended.set_result(error)
        calls, self._calls = self._calls, {}
        for future, _ in calls.values():
            if not future.done():
                future.set_exception(ConnectionLost(self._source, error.reason))

    # --- what the pipe tells

    def message(self, data: bytes) -> None:
        """Hand every answer to its call."""
        now = self._clock.monotonic()
        receive = self._connection.receive_message if self._pipe.native_ping else self._connection.receive_data
        for event in receive(data, now):
            self._on_event(event, now)

    def heard(self) -> None:
        """Note a sign of life."""
        self._connection.heard(self._clock.monotonic())

    # --- inside

    async def _carry(self) -> None:
        try:
            reason = await self._pipe.run(self)
        except (aiohttp.ClientError, OSError) as error:
            reason = f"the connection broke: {error or type(error).__name__}"
        self.end(ConnectionLost(self._source, reason))

    async def _sweep(self) -> None:
        """Serve every deadline: one waiter, not a timer a request."""
        await self._deadline_moved.wait()
        while (deadline := self._connection.next_deadline()) is not None:
            # What is sent during this sleep expires no sooner than its end.
            now = self._clock.monotonic()
            await self._clock.sleep_until(min(deadline, now + REQUEST_TIMEOUT_S))
            now = self._clock.monotonic()
            for event in self._connection.handle_timer(now, self._clock.wall()):
                self._on_event(event, now)
        await asyncio.wait({self.ended})

    def _settle(self, request_id: int, now: float, result: bytes | Exception) -> None:
        waiting = self._calls.pop(request_id, None)
        if waiting is None:
            return
        future, sent = waiting
        if isinstance(result, bytes):
            self.latency_s = now - sent
        if future.done():
            return
        if isinstance(result, bytes):
            future.set_result(result)
        else:
            future.set_exception(result)

    def _on_event(self, event: Event, now: float) -> None:
        match event:
            case Answer(_, request_id, body):
                self._settle(request_id, now, body)
            case Rejected(_, request_id, status, code, message):
                self._settle(request_id, now, rejection(self._source, status, code, message))
            case Unreadable(command, request_id, error):
                _log.warning("%s: command %d, request %d: %s", self._source, command, request_id, error)
                self._settle(request_id, now, error)
            case TimedOut(request_id):
                late = RequestTimeout(self._source, f"no answer within {REQUEST_TIMEOUT_S:.0f} s")
                self._settle(request_id, now, late)
            case Reply(data):
                self._pipe.write(data)
            case PingDue():
                self._pipe.ping()
            case Ready():
                if not self.ready.done():
                    self.ready.set_result(event)
            case Unmatched(command, request_id):
                _log.info("%s: command %d, request %d answers nothing of ours", self._source, command, request_id)
            case Pushed(command):
                _log.debug("%s: command %d was pushed", self._source, command)
            case AuthRejected() | AuthTimedOut() | ClosedByServer() | Dead() | Broken():
                self._on_end(event)

    def _on_end(self, event: AuthRejected | AuthTimedOut | ClosedByServer | Dead | Broken) -> None:
        match event:
            case AuthRejected(status, code, message, resumed):
                self.session_over = True
                self.session_outdated = resumed
                error = rejection(self._source, status, code, message)
                self.end(ConnectionLost(self._source, "the session is not known any more") if resumed else error)
            case AuthTimedOut():
                self.session_over = True
                self.end(ConnectionLost(self._source, f"the login was not answered within {AUTH_TIMEOUT_S:.0f} s"))
            case ClosedByServer(close_code, reason):
                self.session_over = close_code in _SESSION_OVER
                self.session_outdated = close_code == control_pb2.CLOSE_CODE_SESSION_EXPIRED
                words = _CLOSE_WORDS.get(close_code, "it does not say why")  # type: ignore[call-overload]
                said = f": {reason}" if reason else ""
                self.end(ConnectionLost(self._source, f"Longport closed the connection: {words} ({close_code}{said})"))
            case Dead(silent_s):
                self.end(ConnectionLost(self._source, f"nothing came for {silent_s:.0f} s"))
            case Broken(fault):
                self.end(ConnectionLost(self._source, f"the stream broke: {fault}"))
