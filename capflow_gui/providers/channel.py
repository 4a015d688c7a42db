"""One TCP connection to an OpenD: the I/O around wire.opend.OpendConnection, and the calls in flight on it."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable

from capflow_gui.clock import Clock
from capflow_gui.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectFault,
    ConnectionLost,
    LocalProtocolError,
    ProviderError,
    RemoteProtocolError,
    RequestTimeout,
)
from capflow_gui.providers.deadline import before
from capflow_gui.providers.opend.errors import rejection
from capflow_gui.wire.opend.protocol import (
    INIT_TIMEOUT_S,
    REQUEST_TIMEOUT_S,
    Answer,
    Broken,
    Dead,
    Event,
    InitRejected,
    InitTimedOut,
    InitUnreadable,
    KeepAliveUnanswered,
    OpendConnection,
    Push,
    Ready,
    SharedKey,
    State,
    TimedOut,
    Unmatched,
    Unreadable,
)

CONNECT_TIMEOUT_S = 5.0
RECEIVE_SIZE = 128 * 1024  # four whole answers of a day
_WEB = (b"http/", b"<!doctype html", b"<html")
MAY_DIFFER = "the encryption settings may differ: the RSA key must be set on both sides, and be the same"

_log = logging.getLogger(__name__)


class OpendChannel(asyncio.BufferedProtocol):
    """A connection from its first byte to its end. `ended` is done with the error that ended it.

    Everything runs on the loop's thread. Nothing here outlives the connection.
    """

    def __init__(
        self, source: str, address: str, clock: Clock, key: SharedKey | None, on_push: Callable[[Push], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self._source = source
        self._address = address
        self._clock = clock
        self._on_push = on_push
        self._connection = OpendConnection(key)
        self._keyed = key is not None
        self._transport: asyncio.Transport | None = None
        self._calls: dict[int, tuple[asyncio.Future[Answer], float]] = {}
        self._first_bytes = b""
        self._buffer = memoryview(bytearray(RECEIVE_SIZE))
        self.latency_s: float | None = None
        self.ready: asyncio.Future[Ready] = loop.create_future()
        self.ended: asyncio.Future[ProviderError] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send InitConnect. asyncio has set TCP_NODELAY."""
        if not isinstance(transport, asyncio.Transport):
            raise LocalProtocolError("a stream transport is needed")
        self._transport = transport
        if self.ended.done():
            transport.abort()
        else:
            transport.write(self._connection.connect(self._clock.monotonic()))

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where to receive into. A Protocol would get 256 KiB allocated for every answer: 35 µs a call."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand every answer to its call."""
        data = self._buffer[:nbytes]
        if not self.ready.done():
            self._first_bytes = (self._first_bytes + data)[:64]
        now = self._clock.monotonic()
        for event in self._connection.receive_data(data, now):
            if isinstance(event, Answer):
                self._resolve(event, now)
            else:
                self._on_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """End every call: the peer closed, or the network did."""
        if self.ready.done():
            self.end(ConnectionLost(self._source, _words(exc) if exc else "OpenD closed the connection"))
        else:
            why = _words(exc) if exc else f"{self._address} closed the connection before it answered InitConnect"
            hint = MAY_DIFFER if not self._first_bytes else "another program may hold the port"
            fault = ConnectFault.FOREIGN if self._first_bytes else ConnectFault.KEYS
            self.end(ConnectFailed(self._source, f"{why}; {hint}, or this is not OpenD", fault))

    async def sweep(self) -> None:
        """Serve every deadline until the connection ends: one waiter, not a timer a request."""
        while (deadline := self._connection.next_deadline()) is not None:
            # A request sent during this sleep expires no sooner than its end.
            now = self._clock.monotonic()
            await self._clock.sleep_until(min(deadline, now + REQUEST_TIMEOUT_S))
            send, events = self._connection.handle_timer(self._clock.monotonic(), self._clock.wall())
            if send and self._transport is not None:
                self._transport.write(send)
            for event in events:
                self._on_event(event)

    async def call(self, proto_id: int, body: bytes) -> Answer:
        """Send a request and return its answer. Never waits for a link.

        Raises a ProviderError or RemoteProtocolError.
        """
        if self._transport is None or self.ended.done() or self._connection.state is not State.READY:
            raise ConnectionLost(self._source, "not connected", sent=False)
        now = self._clock.monotonic()
        serial, data = self._connection.request(proto_id, body, now)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._calls[serial] = (future, now)
        self._transport.write(data)
        try:
            return await future
        finally:
            # Answered, failed or cancelled: in the last case nobody waits any more.
            if self._calls.pop(serial, None) is not None:
                self._connection.forget(serial)

    def end(self, error: ProviderError) -> None:
        """Close at once; every call in flight fails with ConnectionLost. The first reason stays."""
        if self.ended.done():
            return
        self.ended.set_result(error)
        if self._transport is not None:
            self._transport.abort()
        calls, self._calls = self._calls, {}
        for future, _ in calls.values():
            if not future.done():
                future.set_exception(ConnectionLost(self._source, error.reason))

    def _resolve(self, answer: Answer, now: float) -> None:
        future, sent = self._calls.pop(answer.serial)
        self.latency_s = now - sent
        if not future.done():
            future.set_result(answer)

    def _fail(self, serial: int, error: ProviderError | RemoteProtocolError) -> None:
        waiting = self._calls.pop(serial, None)
        if waiting is not None and not waiting[0].done():
            waiting[0].set_exception(error)

    def _on_event(self, event: Event) -> None:  # noqa: C901, PLR0912 - one branch an event
        match event:
            case Push():
                self._on_push(event)
            case TimedOut(serial):
                self._fail(serial, RequestTimeout(self._source, f"no answer within {REQUEST_TIMEOUT_S:.0f} s"))
            case Unreadable(proto_id, serial, error):
                _log.warning("%s: protocol %d, serial %d: %s", self._source, proto_id, serial, error)
                self._fail(serial, error)
            case Unmatched(proto_id, serial):
                _log.info("%s: protocol %d, serial %d answers no request of ours", self._source, proto_id, serial)
            case KeepAliveUnanswered(missed):
                # Where other bytes still come this may go on for hours: said once.
                level = logging.WARNING if missed == 1 else logging.DEBUG
                _log.log(level, "%s: keep-alive unanswered (%d in a row)", self._source, missed)
            case Ready():
                if not self.ready.done():
                    self.ready.set_result(event)
            case Dead(silent_s):
                self.end(ConnectionLost(self._source, f"nothing came for {silent_s:.0f} s"))
            case Broken(error):
                self.end(self._broken(error))
            case InitRejected(code, message):
                self.end(self._refused(code, message))
            case InitUnreadable(error):
                reason = f"the answer to InitConnect cannot be read ({error}); {MAY_DIFFER}"
                self.end(ConnectFailed(self._source, reason, ConnectFault.KEYS))
            case InitTimedOut(received):
                what = "sent something else than" if received else "did not answer"
                reason = f"{self._address} {what} InitConnect within {INIT_TIMEOUT_S:.0f} s; {MAY_DIFFER}"
                reason = f"{reason}, or another program holds the port"
                self.end(ConnectFailed(self._source, reason, ConnectFault.KEYS))
            case Answer():
                raise LocalProtocolError("answers are resolved where they arrive")

    def _refused(self, code: int, message: str) -> ProviderError:
        error = rejection(self._source, code, 0, message)
        return (
            error
            if isinstance(error, AuthFailed)
            else ConnectFailed(self._source, f"OpenD refused: {message} ({code})")
        )

    def _broken(self, error: RemoteProtocolError) -> ProviderError:
        if self.ready.done():
            return ConnectionLost(self._source, f"the stream broke: {error}")
        shown = self._first_bytes[:24].decode("ascii", "backslashreplace")
        kind = "a web server" if self._first_bytes.lower().startswith(_WEB) else "another program"
        reason = f"{self._address} is not OpenD: {kind} holds the port (it answered {shown!r})"
        return ConnectFailed(self._source, reason, ConnectFault.FOREIGN)


def _words(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


async def open_channel(
    source: str, host: str, port: int, clock: Clock, *, key: SharedKey | None, on_push: Callable[[Push], None]
) -> OpendChannel:
    """Connect and send InitConnect. Raises ConnectFailed with a fragment that says what is wrong."""
    address = f"{host}:{port}"
    channel = OpendChannel(source, address, clock, key, on_push)
    connecting = asyncio.get_running_loop().create_connection(lambda: channel, host, port)
    connected = False
    try:
        await before(clock, clock.monotonic() + CONNECT_TIMEOUT_S, connecting)
        connected = True
    except TimeoutError:
        raise ConnectFailed(source, f"{address} did not answer within {CONNECT_TIMEOUT_S:.0f} s") from None
    except OSError as error:
        # Several addresses of one name come as one error that names each.
        if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
            reason = f"nothing listens at {address}: is OpenD running, and is this its port?"
        else:
            reason = f"{address} cannot be reached: {_words(error)}"
        raise ConnectFailed(source, reason) from error
    finally:
        if not connected:
            channel.end(ConnectionLost(source, "given up"))
    return channel
