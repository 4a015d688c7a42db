"""One TCP connection to an OpenD: the I/O around wire.opend.protocol.OpendConnection."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable

from capflow_gui.clock import Clock, before
from capflow_gui.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectFault,
    ConnectionLost,
    LocalProtocolError,
    ProviderError,
    RemoteProtocolError,
)
from capflow_gui.providers.channel import Channel, os_words
from capflow_gui.providers.opend.errors import rejection
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.events import Broken, Dead, Pushed, TimedOut, Unmatched, Unreadable
from capflow_gui.wire.opend.protocol import (
    INIT_TIMEOUT_S,
    Answer,
    Event,
    InitRejected,
    InitTimedOut,
    InitUnreadable,
    KeepAliveUnanswered,
    OpendConnection,
    Ready,
    SharedKey,
)

CONNECT_TIMEOUT_S = 5.0
RECEIVE_SIZE = 128 * 1024  # four whole answers of a day
_WEB = (b"http/", b"<!doctype html", b"<html")

_log = logging.getLogger(__name__)


class OpendChannel(Channel[Answer], asyncio.BufferedProtocol):
    """Sends InitConnect as soon as it is connected."""

    def __init__(
        self, source: str, address: str, clock: Clock, key: SharedKey | None, on_push: Callable[[Pushed], None]
    ) -> None:
        self._connection = OpendConnection(key)
        super().__init__(source, clock, self._connection)
        self._address = address
        self._on_push = on_push
        self._transport: asyncio.Transport | None = None
        self._first_bytes = b""
        self._buffer = memoryview(bytearray(RECEIVE_SIZE))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send InitConnect. asyncio has set TCP_NODELAY."""
        if not isinstance(transport, asyncio.Transport):
            raise LocalProtocolError(Reason.of(Code.DOES_NOT_FIT, what="transport"))
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
                self._settle(event.serial, event, now)
            else:
                self._on_event(event, now)

    def connection_lost(self, exc: Exception | None) -> None:
        """End every call: the peer closed, or the network did."""
        why = None if exc is None else Reason.of(Code.VERBATIM, text=os_words(exc))
        if self.ready.done():
            self.end(ConnectionLost(self._source, why or Reason.of(Code.OPEND_CLOSED)))
            return
        why = why or Reason.of(Code.CLOSED_BEFORE_INIT, address=self._address)
        if self._first_bytes:
            self.end(self._failed(Reason.of(Code.MAYBE_ANOTHER_PROGRAM, why=why), ConnectFault.FOREIGN))
        else:
            self.end(self._failed(Reason.of(Code.KEYS_MAY_DIFFER, why=why), ConnectFault.KEYS))

    def end(self, error: ProviderError) -> None:
        """Close at once; every call in flight fails with ConnectionLost. The first reason stays."""
        super().end(error)
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _on_timer(self, now: float) -> None:
        send, events = self._connection.handle_timer(now, self._clock.wall())
        if send:
            self._write(send)
        for event in events:
            self._on_event(event, now)

    def _on_event(self, event: Event, now: float) -> None:
        match event:
            case Pushed():
                self._on_push(event)
            case TimedOut(serial):
                self._settle(serial, self._late(), now)
            case Unreadable(proto_id, serial, error):
                _log.warning("%s: protocol %d, serial %d: %s", self._source, proto_id, serial, error)
                self._settle(serial, error, now)
            case Unmatched(proto_id, serial):
                _log.info("%s: protocol %d, serial %d answers no request of ours", self._source, proto_id, serial)
            case KeepAliveUnanswered(missed):
                # Where other bytes still come this may go on for hours: said once.
                level = logging.WARNING if missed == 1 else logging.DEBUG
                _log.log(level, "%s: keep-alive unanswered (%d in a row)", self._source, missed)
            case Ready():
                self._be_ready(event)
            case Answer():
                self._settle(event.serial, event, now)
            case Dead() | Broken() | InitRejected() | InitUnreadable() | InitTimedOut():
                self.end(self._ending(event))

    def _ending(self, event: Dead | Broken | InitRejected | InitUnreadable | InitTimedOut) -> ProviderError:
        match event:
            case Dead(silent_s):
                return ConnectionLost(self._source, Reason.of(Code.SILENT, seconds=silent_s))
            case Broken(error):
                return self._broken(error)
            case InitRejected(code, message):
                refusal = rejection(self._source, code, 0, message)
                if isinstance(refusal, AuthFailed):
                    return refusal
                return self._failed(Reason.of(Code.OPEND_REFUSED, why=refusal.reason), ConnectFault.UNREACHABLE)
            case InitUnreadable(error):
                why = Reason.of(Code.INIT_UNREADABLE, error=error.reason)
            case InitTimedOut(received):
                what = Code.INIT_NOT_WHAT_CAME if received else Code.INIT_UNANSWERED
                why = Reason.of(what, address=self._address, seconds=INIT_TIMEOUT_S)
        return self._failed(Reason.of(Code.KEYS_MAY_DIFFER, why=why), ConnectFault.KEYS)

    def _broken(self, error: RemoteProtocolError) -> ProviderError:
        if self.ready.done():
            return ConnectionLost(self._source, Reason.of(Code.STREAM_BROKE, error=error.reason))
        shown = self._first_bytes[:24].decode("ascii", "backslashreplace")
        code = Code.WEB_SERVER_THERE if self._first_bytes.lower().startswith(_WEB) else Code.ANOTHER_PROGRAM_THERE
        return self._failed(Reason.of(code, address=self._address, shown=shown), ConnectFault.FOREIGN)

    def _failed(self, reason: Reason, fault: ConnectFault) -> ConnectFailed:
        return ConnectFailed(self._source, reason, fault)


async def open_channel(
    source: str, host: str, port: int, clock: Clock, *, key: SharedKey | None, on_push: Callable[[Pushed], None]
) -> OpendChannel:
    """Connect and send InitConnect. Raises ConnectFailed."""
    address = f"{host}:{port}"
    channel = OpendChannel(source, address, clock, key, on_push)
    connecting = asyncio.get_running_loop().create_connection(lambda: channel, host, port)
    connected = False
    try:
        await before(clock, clock.monotonic() + CONNECT_TIMEOUT_S, connecting)
        connected = True
    except TimeoutError:
        reason = Reason.of(Code.ADDRESS_SILENT, address=address, seconds=CONNECT_TIMEOUT_S)
        raise ConnectFailed(source, reason) from None
    except OSError as error:
        # Several addresses of one name come as one error that names each.
        if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
            raise ConnectFailed(source, Reason.of(Code.NOTHING_LISTENS, address=address)) from error
        raise ConnectFailed(source, Reason.of(Code.UNREACHABLE, address=address, why=os_words(error))) from error
    finally:
        if not connected:
            channel.end(ConnectionLost(source, Reason.of(Code.CLOSED)))
    return channel
