"""One connection to Longport's quote server: the I/O around wire.longport.protocol.LongportConnection."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Mapping
from typing import Any

import aiohttp

from capflow_gui.clock import Clock
from capflow_gui.errors import ConnectionLost, ProviderError
from capflow_gui.providers.channel import Channel, os_words
from capflow_gui.providers.longport.errors import rejection
from capflow_gui.providers.longport.pipe import Pipe
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.events import Broken, Dead, Pushed, TimedOut, Unmatched, Unreadable
from capflow_gui.wire.longport.protocol import (
    AUTH_TIMEOUT_S,
    Answer,
    AuthRejected,
    AuthTimedOut,
    ClosedByServer,
    Event,
    LongportConnection,
    PingDue,
    Ready,
    Rejected,
    Reply,
)
from capflow_gui.wire.pb.longport import control_pb2

_log = logging.getLogger(__name__)

_CLOSE_CODES: dict[int, Code] = {
    control_pb2.CLOSE_CODE_HEARTBEAT_TIMEOUT: Code.LONGPORT_HEARD_NO_HEARTBEAT,
    control_pb2.CLOSE_CODE_SERVER_ERROR: Code.LONGPORT_SERVER_FAILED,
    control_pb2.CLOSE_CODE_SERVER_SHUTDOWN: Code.LONGPORT_SHUTS_DOWN,
    control_pb2.CLOSE_CODE_UNPACK_ERROR: Code.LONGPORT_COULD_NOT_READ,
    control_pb2.CLOSE_CODE_AUTH_ERROR: Code.LONGPORT_REFUSES_LOGIN,
    control_pb2.CLOSE_CODE_SESSION_EXPIRED: Code.LONGPORT_SESSION_EXPIRED,
    control_pb2.CLOSE_CODE_CONNECT_DUPLICATE: Code.LONGPORT_SESSION_DOUBLED,
}
_SESSION_OVER = frozenset(
    {
        control_pb2.CLOSE_CODE_AUTH_ERROR,
        control_pb2.CLOSE_CODE_SESSION_EXPIRED,
        control_pb2.CLOSE_CODE_CONNECT_DUPLICATE,
    }
)


class LongportChannel(Channel[bytes]):
    """A call returns the body of its answer. Send the first packet with `authenticate` or `resume`, then `serve`.

    session_over      the session is of no more use, to this connection or to another
    session_outdated  it was refused or closed for its age alone
    """

    def __init__(self, source: str, pipe: Pipe, clock: Clock) -> None:
        self._connection = LongportConnection(native_ping=pipe.native_ping)
        super().__init__(source, clock, self._connection)
        self.session_over = False
        self.session_outdated = False
        self._pipe = pipe

    def authenticate(self, password: str, metadata: Mapping[str, str]) -> None:
        """Open a new session with a one-time password."""
        self._pipe.write(self._connection.authenticate(password, metadata, self._clock.monotonic()))

    def resume(self, session_id: str, metadata: Mapping[str, str]) -> None:
        """Take up an earlier session."""
        self._pipe.write(self._connection.resume(session_id, metadata, self._clock.monotonic()))

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

    def _works(self) -> list[Coroutine[Any, Any, None]]:
        return [self._carry(), self._sweep()]

    async def _carry(self) -> None:
        try:
            reason = await self._pipe.run(self)
        except (aiohttp.ClientError, OSError) as error:
            why = os_words(error) or type(error).__name__
            reason = Reason.of(Code.BROKE, why=why)
        self.end(ConnectionLost(self._source, reason))

    def _write(self, data: bytes) -> None:
        self._pipe.write(data)

    async def _close(self) -> None:
        await self._pipe.close()

    def _on_timer(self, now: float) -> None:
        for event in self._connection.handle_timer(now, self._clock.wall()):
            self._on_event(event, now)

    def _on_event(self, event: Event, now: float) -> None:
        match event:
            case Answer(_, request_id, body):
                self._settle(request_id, body, now)
            case Rejected(_, request_id, status, code, message):
                self._settle(request_id, rejection(self._source, status, code, message), now)
            case Unreadable(command, request_id, error):
                _log.warning("%s: command %d, request %d: %s", self._source, command, request_id, error)
                self._settle(request_id, error, now)
            case TimedOut(request_id):
                self._settle(request_id, self._late(), now)
            case Reply(data):
                self._pipe.write(data)
            case PingDue():
                self._pipe.ping()
            case Ready():
                self._be_ready(event)
            case Unmatched(command, request_id):
                _log.info("%s: command %d, request %d answers nothing of ours", self._source, command, request_id)
            case Pushed(command):
                _log.debug("%s: command %d was pushed", self._source, command)
            case AuthRejected() | AuthTimedOut() | ClosedByServer() | Dead() | Broken():
                self.end(self._ending(event))

    def _ending(self, event: AuthRejected | AuthTimedOut | ClosedByServer | Dead | Broken) -> ProviderError:
        match event:
            case AuthRejected(status, code, message, resumed):
                self.session_over = True
                self.session_outdated = resumed
                if not resumed:
                    return rejection(self._source, status, code, message)
                reason = Reason.of(Code.SESSION_FORGOTTEN)
            case AuthTimedOut():
                self.session_over = True
                reason = Reason.of(Code.LOGIN_UNANSWERED, seconds=AUTH_TIMEOUT_S)
            case ClosedByServer(close_code, said):
                self.session_over = close_code in _SESSION_OVER
                self.session_outdated = close_code == control_pb2.CLOSE_CODE_SESSION_EXPIRED
                why = Reason.of(_CLOSE_CODES.get(close_code, Code.LONGPORT_SAYS_NO_REASON))
                number = f"{close_code}: {said}" if said else str(close_code)
                reason = Reason.of(Code.LONGPORT_CLOSED_BECAUSE, why=why, number=number)
            case Dead(silent_s):
                reason = Reason.of(Code.SILENT, seconds=silent_s)
            case Broken(error):
                reason = Reason.of(Code.STREAM_BROKE, error=error.reason)
        return ConnectionLost(self._source, reason)
