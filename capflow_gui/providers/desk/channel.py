"""One connection to the bus from its first byte to its end."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from capflow_gui.clock import Alarm, Bell, Clock, end_all, ended
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import ConnectionLost, ProviderError, RemoteProtocolError, SettingsError, UpdateNeeded
from capflow_gui.network import is_loopback, system_trust
from capflow_gui.providers.channel import os_words
from capflow_gui.providers.desk.client import AGAIN_S, BusClient, first_fault
from capflow_gui.providers.desk.copy import SILENCE_S, DeskCopy
from capflow_gui.providers.desk.expiry import watch_expiry
from capflow_gui.providers.desk.faults import Unencrypted, connect_fault, end_fault, missing_right
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.follower import BATCH, Action, AskInfo, Clear, Fetch, Follower, Full, Live, Tail
from capflow_gui.wire.desk.messages import Interest, decode_beat, encode_interest

CONNECT_TIMEOUT_S = 6.0
_ANSWER_S = 5  # of the server, when it is connected to
# A server that hangs is not a collector that is gone: it is asked for a sign of life before that is said.
PROBE_AFTER_S = 4.0
PROBE_S = 1.5
TAKEOVER_S = 1.5  # of what a collector gave back that was stopped
INTEREST_S = 10.0
# The loop's turn is given to others after so many messages.
_AT_ONCE = 20
_MOST_DIGITS = 19  # of a sequence
_STATUS = "Status"
_INFO = "$JS.API.STREAM.INFO.{}"
_END_OF_BATCH, _NOTHING_NEWER = "204", "404"
_PENDING = "Nats-Num-Pending"
_NO_STREAMS_HERE = 10039
# So often only the window's own account answers a question, which takes six seconds, before that is said.
_UNSERVED = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """Where the bus is and who asks; `ca` names the PEM file of the authority to trust, None = the system's."""

    host: str
    port: int
    user: str
    ca: Path | None = None

    @property
    def address(self) -> str:
        """As it is shown."""
        return f"{self.host}:{self.port}"

    @property
    def must_encrypt(self) -> bool:
        """Whether the secret is sent over an encrypted connection alone."""
        return self.ca is not None or not is_loopback(self.host)


@dataclass(slots=True)
class Followed:
    """A stream of the desk, followed over all connections.

    matching  its subjects; `live`: those under which the server repeats it, `whole`: with all that is stored
    """

    stream: str
    matching: str
    live: str
    whole: bool
    follower: Follower = field(default_factory=Follower)


class Desk(Protocol):
    """What outlives a connection, and is told what comes on it."""

    copy: DeskCopy
    flow: Followed
    streams: tuple[Followed, ...]

    def whole(self, followed: Followed, message: Full, now: float) -> Symbol | None:
        """A message of a stream came; the symbol whose figures are new by it, if any."""

    def unsaid(self) -> Collection[tuple[str, bytes, str]]:
        """What is to be published and was not heard of yet: subject, payload, and what tells it from another."""

    @property
    def wanted(self) -> Interest:
        """The symbols to have polled."""

    def changed(self, symbols: Collection[Symbol]) -> None:
        """These have something new."""

    def beaten(self) -> None:
        """A collector was heard, or something is new about the desk itself."""

    def expires(self, reason: Reason | None) -> None:
        """The certificate of the bus's server ends soon: why that is said. None: it does not."""

    def silent(self, *, stopped: bool = False) -> None:
        """The bus is there, and no collector was heard for too long; or the last one said that it is `stopped`."""


class DeskChannel:
    """What providers.channel.Channel is to a broker.

    `ready` is done when everything that the bus holds is here and a collector was heard, `ended` with the error that
    ended the connection.
    """

    def __init__(self, source: str, clock: Clock, config: DeskConfig, desk: Desk) -> None:
        loop = asyncio.get_running_loop()
        self.latency_s: float | None = None
        self.ready: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[ProviderError] = loop.create_future()
        self._source = source
        self._clock = clock
        self._config = config
        self._desk = desk
        self._client = BusClient()
        self._refused: asyncio.Future[BaseException] = loop.create_future()  # while it connects
        self._came: deque[Msg] = deque()
        self._bell = Bell(clock)
        self._alarm = Alarm(clock, self._bell)
        self._say_again = Bell(clock)
        self._stopped = Bell(clock)
        self._inbox = ""
        self._heard_at = clock.monotonic()
        self._asked_at = 0.0
        self._said: set[str] = set()
        self._lacks: set[str] = set()
        self._unserved: Counter[str] = Counter()  # questions that nobody but the own account has answered, by stream

    async def connect(self, secret: str, context: ssl.SSLContext | None, *, known: bool) -> None:
        """Sign in, and subscribe. Raises a ProviderError; the first fault counts, for the client itself goes on.

        context  whom to trust; None: as the system does, should the server encrypt
        """
        config, source = self._config, self._source
        host = f"[{config.host}]" if ":" in config.host else config.host

        def password() -> str:
            # Called when the encryption, if any, is there.
            if config.must_encrypt and not self._client._server_info.get("tls_required"):
                raise Unencrypted
            return secret

        signing_in = self._sign_in(f"nats://{host}:{config.port}", password, context)
        error = await first_fault(self._client, signing_in, self._refused, self.ended, CONNECT_TIMEOUT_S)
        if error is not None:
            raise connect_fault(source, config.address, config.user, error, known=known)

    async def _sign_in(self, url: str, password: Callable[[], str], context: ssl.SSLContext | None) -> None:
        await self._client.connect(
            url,
            tls=context,
            user=lambda: self._config.user,
            password=password,
            name="capflow",
            inbox_prefix=subjects.inbox(self._config.user),
            allow_reconnect=False,
            connect_timeout=_ANSWER_S,  # the client's own two seconds are few where the computer is busy
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=self._hear_error,
            closed_cb=self._hear_end,
        )
        self._inbox = self._client.new_inbox()
        await self._client.listen(subjects.ALL_LIVE, self._hear)
        await self._client.listen(f"{self._inbox}.>", self._hear)
        # Without this, what is published next may be lost.
        await self._client.flush()

    async def serve(self) -> None:
        """Follow until the connection ends; closes it on the way out."""
        self._heard_at = self._clock.monotonic()
        ends, context = self._client.certificate_ends, self._client.options.get("tls")
        watching = watch_expiry(ends, self._config, context, self._clock, self._desk.expires)
        works = (self._follow(), self._say_interest(), self._listen_for_beats(), watching)
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            awaited: set[asyncio.Future[Any]] = {*tasks, self.ended}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving = asyncio.ensure_future(self._leave(tasks))
            await ended(leaving)
            leaving.result()

    async def _leave(self, tasks: Collection[asyncio.Future[None]]) -> None:
        await end_all(tasks, AGAIN_S)
        await self._alarm.end()
        # Each may have failed of the same end: nothing can be said on a connection that has just ended.
        faults = [fault for task in tasks if not task.cancelled() and (fault := task.exception()) is not None]
        if any(isinstance(fault, NatsError | OSError) for fault in faults):
            await self._hear_end()
        self.end(ConnectionLost(self._source, Reason.of(Code.CLOSED)))
        for followed in self._desk.streams:
            followed.follower.disconnected()
        await self._client.close()
        for fault in faults:
            if not isinstance(fault, NatsError | OSError):
                raise fault

    def end(self, error: ProviderError) -> None:
        """End the connection. The first reason stays."""
        if not self.ended.done():
            self.ended.set_result(error)

    def say_interest(self) -> None:
        """What is wanted has changed: tell the collectors."""
        self._say_again.ring()

    def say_unsaid(self) -> None:
        """There is something to publish."""
        self._bell.ring()

    @property
    def lacks(self) -> Collection[str]:
        """The subjects that the user has no right to, and should have."""
        return self._lacks

    # --- what the client tells

    def _hear(self, message: Msg) -> None:
        """Only puts it in line: what is read meanwhile waits."""
        self._came.append(message)
        self._bell.ring()

    async def _hear_error(self, error: Exception) -> None:
        if (subject := missing_right(error)) is not None:
            self._lack(subject)
        elif not self._refused.done():
            self._refused.set_result(error)

    def _lack(self, subject: str) -> None:
        if subject not in self._lacks:
            self._lacks.add(subject)
            _log.warning("%s: no right to %s", self._source, subject)
            self._desk.beaten()

    async def _hear_end(self) -> None:
        config = self._config
        self.end(end_fault(self._source, config.address, config.user, self._client.last_error))

    # --- following

    async def _follow(self) -> None:
        streams = self._desk.streams
        for followed in streams:
            await self._do(followed, followed.follower.connected(self._clock.monotonic()))
        while True:
            if not self._came:
                if (due := self._due()) is not None:
                    self._alarm.set(due)
                await self._bell.wait()
            changed: set[Symbol] = set()
            for _ in range(min(len(self._came), _AT_ONCE)):
                await self._take(self._came.popleft(), changed)
            due = self._due()
            if due is not None and due <= self._clock.monotonic():
                for followed in streams:
                    await self._do(followed, followed.follower.tick(self._clock.monotonic()), changed)
            if changed:
                self._desk.changed(changed)
            self._be_ready()
            await self._say_unsaid()
            if self._came:
                await asyncio.sleep(0)

    def _due(self) -> float | None:
        """When a follower has to do something without a message."""
        return min((at for each in self._desk.streams if (at := each.follower.deadline()) is not None), default=None)

    def _be_ready(self) -> None:
        heard = self._desk.copy.heard_at
        # Of an earlier connection a beat may be older than this one.
        if self._desk.flow.follower.is_live and heard is not None and heard >= self._heard_at and not self.ready.done():
            self.ready.set_result(None)

    async def _take(self, message: Msg, changed: set[Symbol]) -> None:
        now, headers = self._clock.monotonic(), message.headers or {}
        if message.subject.startswith(self._inbox):
            await self._answer(message, headers, now, changed)
        elif message.subject.startswith(subjects.LIVE_BEATS[:-1]):
            self._beat(message.data, now)
        elif message.subject == subjects.LIVE_ASK:
            self._say_again.ring()
        else:
            followed = next((each for each in self._desk.streams if message.subject.startswith(each.live)), None)
            live = _live(headers)
            if followed is not None and followed.whole and live is not None and (time := headers.get(subjects.TIME)):
                live = live._replace(whole=Full(live.subject, message.data, time))
            if followed is not None and live is not None:
                await self._do(followed, followed.follower.live(live, now), changed)

    async def _answer(self, message: Msg, headers: dict[str, str], now: float, changed: set[Symbol]) -> None:
        """The answer to a question of a follower: stream and number stand at the end of the subject."""
        stream, _, text = message.subject.removeprefix(f"{self._inbox}.").partition(".")
        followed = next((each for each in self._desk.streams if each.stream == stream), None)
        if followed is None or not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            return  # the server has what was published here
        follower, number, status = followed.follower, int(text), headers.get(_STATUS)
        previous = _number(headers, subjects.LAST_SEQUENCE)
        if status is None and subjects.SEQUENCE not in headers:
            if _is_of_own_account(message.data):
                # The desk's is on its way. It never is where the server read its users anew, and once alone: what
                # it gives to an account that was not there before it gives from the second time on.
                self._unserved[stream] += 1
                if self._unserved[stream] >= _UNSERVED:
                    self._lack(_INFO.format(stream))
                return
            del self._unserved[stream]
            if _INFO.format(stream) in self._lacks:
                self._lacks.remove(_INFO.format(stream))
                self._desk.beaten()
            self.latency_s = now - self._asked_at
            info = _stream_info(message.data)
            if info is not None:
                await self._do(followed, follower.info(number, *info, now), changed)
                return
        elif status is None:
            full = Full(headers.get(subjects.SUBJECT, ""), message.data, headers.get(subjects.TIME, ""))
            actions = follower.state(number, full, _number(headers, subjects.SEQUENCE), previous, now)
            await self._do(followed, actions, changed)
            return
        elif status in (_END_OF_BATCH, _NOTHING_NEWER):
            pending = _number(headers, _PENDING)
            await self._do(followed, follower.end(number, previous, pending, now), changed)
            return
        follower.no_answer(number, now)  # nobody serves the stream

    async def _do(self, followed: Followed, actions: list[Action], changed: set[Symbol] | None = None) -> None:
        """What a follower wants done."""
        copy, now = self._desk.copy, self._clock.monotonic()
        symbol: Symbol | None
        for action in actions:
            symbol = None
            match action:
                case AskInfo(number):
                    self._asked_at = now
                    await self._ask(followed, "STREAM.INFO", b"", number)
                case Fetch(number, start):
                    body = {"seq": start, "next_by_subj": followed.matching, "batch": BATCH}
                    await self._ask(followed, "DIRECT.GET", json.dumps(body).encode(), number)
                case Clear():
                    if followed is self._desk.flow:
                        copy.clear()
                case Full():
                    symbol = self._desk.whole(followed, action, now)
                case Tail(subject, tail):
                    try:
                        symbol = copy.tail(subject, tail, now)
                    except RemoteProtocolError as error:
                        # In a store that was set back a number may fit that another message had.
                        _log.info("%s: %s: %s; everything is fetched", self._source, subject, error.reason)
                        await self._do(followed, followed.follower.reload(now), changed)
                        return
            if symbol is not None and changed is not None:
                changed.add(symbol)

    async def _ask(self, followed: Followed, question: str, body: bytes, number: int) -> None:
        stream = followed.stream
        await self._client.publish(f"$JS.API.{question}.{stream}", body, reply=f"{self._inbox}.{stream}.{number}")

    async def _say_unsaid(self) -> None:
        """Publish what this window has to say; the stream's own echo tells that it was heard."""
        for subject, payload, key in self._desk.unsaid():
            if key not in self._said:
                self._said.add(key)
                reply = f"{self._inbox}.said.0"
                await self._client.publish(subject, payload, reply=reply, headers={subjects.MESSAGE_ID: key})

    def _beat(self, payload: bytes, now: float) -> None:
        copy = self._desk.copy
        try:
            beat = decode_beat(payload)
        except UpdateNeeded as error:
            copy.update, copy.newer_beat_at = error.reason, now
        except RemoteProtocolError as error:
            _log.warning("%s: a beat: %s", self._source, error.reason)
            return
        else:
            copy.beat(beat, now)
            if not beat.epoch and copy.heard_at is not None and not copy.holders(now):
                self._stopped.ring()
            self._desk.flow.follower.beat(beat.sequence, now)
        self._desk.beaten()

    # --- beside it

    async def _say_interest(self) -> None:
        while True:
            await self._client.publish(subjects.interest(self._config.user), encode_interest(self._desk.wanted))
            await self._say_again.wait_until(self._clock.monotonic() + INTEREST_S)
            await asyncio.sleep(0)  # several changes of one turn are one message

    async def _listen_for_beats(self) -> None:
        """Tell a bus that is silent from a desk without a collector."""
        while True:
            heard = max(self._heard_at, self._desk.copy.heard_at or self._heard_at)
            if await self._stopped.wait_until(heard + PROBE_AFTER_S):
                await self._wait_for_another()
                continue
            if (self._desk.copy.heard_at or 0.0) > heard:
                continue
            try:
                await asyncio.wait_for(self._client.flush(), PROBE_S)
            except TimeoutError:
                reason = Reason.of(Code.BUS_SILENT, address=self._config.address)
                self.end(ConnectionLost(self._source, reason))
                return
            await self._clock.sleep_until(heard + SILENCE_S)
            if (self._desk.copy.heard_at or 0.0) <= heard:
                self._desk.silent()
                self._heard_at = self._clock.monotonic()

    async def _wait_for_another(self) -> None:
        """The collector said that it is stopped: another takes over at once, or nobody polls."""
        await self._clock.sleep_until(self._clock.monotonic() + TAKEOVER_S)
        if not self._desk.copy.holders(self._clock.monotonic()):
            self._desk.silent(stopped=True)
            self._heard_at = self._clock.monotonic()


def _live(headers: dict[str, str]) -> Live | None:
    """What the headers of a live message say; None where they are not those of a stream."""
    try:
        sequence, before = int(headers[subjects.SEQUENCE]), int(headers[subjects.LAST_SEQUENCE])
        return Live(headers[subjects.SUBJECT], sequence, before, headers.get(subjects.TAIL))
    except (KeyError, ValueError):
        return None


def _number(headers: dict[str, str], name: str) -> int:
    """A number that the server says in a header; 0 where it says none."""
    text = headers.get(name, "")
    return int(text) if len(text) <= _MOST_DIGITS and text.isascii() and text.isdecimal() else 0


def _stream_info(data: bytes) -> tuple[str, int] | None:
    """When the stream was made, and its newest sequence; None where there is none."""
    try:
        info = json.loads(data)
        return str(info["created"]), int(info["state"]["last_seq"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _is_of_own_account(data: bytes) -> bool:
    """Whether an answer is that of this window's own account, which keeps no stream: the desk's account answers too."""
    try:
        return bool(json.loads(data)["error"]["err_code"] == _NO_STREAMS_HERE)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def trust(source: str, ca: Path | None) -> ssl.SSLContext:
    """Whom to trust. Raises SettingsError for a file that cannot be used."""
    if ca is None:
        return system_trust()
    try:
        return ssl.create_default_context(cafile=str(ca))
    except (OSError, ssl.SSLError) as error:
        reason = Reason.of(Code.KEY_FILE_UNREADABLE, path=str(ca), why=os_words(error))
        raise SettingsError(f"{source}: ca", reason, Reason.of(Code.NAME_CA_FILE)) from error
