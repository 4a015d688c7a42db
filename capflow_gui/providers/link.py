"""The life of a connection to a broker, which is made anew whenever it ends: what both brokers share.

    CONNECTING --ready--> READY --ended--> LOST --> WAITING --back-off--> CONNECTING …
       an error only the user can help with --> FAILED, until reconnect_now()

Secrets that a broker repeats are hidden here, where errors and link states are made, so that everybody above may
show and log them as they are.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from capflow_gui.clock import Clock, before, ended
from capflow_gui.credentials import Conceal, no_log
from capflow_gui.domain.link import LinkFacts, LinkPhase, LinkState
from capflow_gui.errors import (
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    ProtocolError,
    ProviderError,
    RemoteProtocolError,
    SettingsError,
)
from capflow_gui.providers.backoff import Backoff
from capflow_gui.reason import Argument, Code, Reason

_log = logging.getLogger(__name__)


class Serving(Protocol):
    """One connection, from its first byte to its end: providers.channel.Channel, or what is like it.

    `ready` is done once the link may be called ready, `ended` with the error that ended the connection.
    """

    latency_s: float | None
    ready: asyncio.Future[Any]
    ended: asyncio.Future[ProviderError]

    async def serve(self) -> None:
        """Serve the connection until it ends; closes it on the way out."""

    def end(self, error: ProviderError) -> None:
        """End it. The first reason stays."""


C = TypeVar("C", bound=Serving)
P = ParamSpec("P")
R = TypeVar("R")


class BrokerLink(Generic[C]):
    """The part of a providers.base.Provider that is its link: one connection kept for ever.

    Everything runs on the loop's thread.
    """

    final: ClassVar[tuple[type[CapflowError], ...]] = ()  # errors only the user can help with

    def __init__(self, source: str, address: str, clock: Clock, backoff: Backoff | None, conceal: Conceal) -> None:
        self.source = source
        self.conceal = conceal
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._callbacks: list[Callable[[LinkState], None]] = []
        self._channel: C | None = None  # while the link is ready
        self._opening: C | None = None  # while there is a connection at all
        self._attempt = 0
        self._error: CapflowError = ConnectFailed(source, Reason.of(Code.STILL_CONNECTING, address=address))
        self._said: Reason | None = None  # the reason of the outage as last logged
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()  # ready, or failed for good
        self._latency_s: float | None = None
        self._link = LinkState(source, LinkPhase.CONNECTING, clock.monotonic(), facts=self._facts_now())

    @property
    def link(self) -> LinkState:
        """The link as it is now, the last call's latency included."""
        if self._channel is not None and self._channel.latency_s is not None:
            self._latency_s = self._channel.latency_s
        if self._link.latency_s != self._latency_s:
            self._link = dataclasses.replace(self._link, latency_s=self._latency_s)
        return self._link

    @property
    def heard_time(self) -> tuple[float, float] | None:
        """The source's clock (UTC epoch seconds), and when it was heard (monotonic)."""
        raise NotImplementedError

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        """Have `callback` called whenever phase or facts change; latency alone is read from `link`."""
        self._callbacks.append(callback)

    async def run(self) -> None:
        """Keep a connection until cancelled. Every end of every state leads back to an attempt."""
        while True:
            await self._attempt_once()

    def reconnect_now(self) -> None:
        """Skip the rest of a back-off wait, or drop the connection and connect again."""
        self._backoff.reset()
        self._wake.set()
        if self._opening is not None:
            self._opening.end(ConnectionLost(self.source, Reason.of(Code.RECONNECTING)))

    async def wait_ready(self, deadline: float) -> None:
        """Return when the link is ready. Raise the last error at monotonic `deadline`, one that is final at once."""
        try:
            await before(self._clock, deadline, self._settled.wait())
        except TimeoutError:
            if isinstance(self._error, ConnectionLost):
                raise ConnectFailed(self.source, self._error.reason) from None
            raise self._error from None
        if self._link.phase is LinkPhase.FAILED:
            raise self._error

    # --- what a broker's link does its own way

    async def _one_connection(self) -> CapflowError:
        """Connect, `_serve`, and return what ended the connection; what kept it from being made is raised."""
        raise NotImplementedError

    async def _prepare(self, channel: C) -> None:
        """Learn what must be known before anybody is told that the link is ready."""

    def _facts_now(self) -> LinkFacts:
        raise NotImplementedError

    def _again_at_once(self) -> bool:
        """Whether to try again without waiting."""
        return False

    # --- for the broker's link

    async def _attempt_once(self) -> None:
        self._wake.clear()
        self._attempt += 1
        self._publish(LinkPhase.CONNECTING)
        try:
            error = await self._one_connection()
        except (ProviderError, RemoteProtocolError, SettingsError) as fault:
            error = fault
        self._error = error
        clean_error(error, self.source, self.conceal)
        if self._wake.is_set():
            return
        reason = reason_of(error)
        # An outage of a night is one line at WARNING, not one for every attempt.
        level = logging.INFO if reason == self._said else logging.WARNING
        self._said = reason
        if isinstance(error, self.final):
            # Asking again with the same credentials may lock the account.
            _log.log(level, "%s: %s", self.source, reason)
            self._publish(LinkPhase.FAILED, error)
            self._settled.set()
            await self._wake.wait()
            self._settled.clear()
            return
        if self._again_at_once():
            _log.info("%s: %s; connecting anew", self.source, reason)
            return
        delay = self._backoff.next_delay()
        _log.log(level, "%s: %s; next attempt in %.1f s", self.source, reason, delay)
        retry_at = self._clock.monotonic() + delay
        self._publish(LinkPhase.WAITING, error, retry_at)
        try:
            await before(self._clock, retry_at, self._wake.wait())
        except TimeoutError:
            return

    async def _serve(self, channel: C) -> CapflowError:
        """Serve a connection to its end, and return what ended it."""
        self._opening = channel
        serving = asyncio.ensure_future(channel.serve())
        try:
            awaited: set[asyncio.Future[Any]] = {channel.ready, serving}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if channel.ready.done() and not channel.ended.done():
                await self._prepare(channel)
            if channel.ready.done() and not channel.ended.done():
                self._channel = channel
                begun = self._be_up()
                # That it ended is said at once: closing what is left of it may take a second.
                awaited = {serving, channel.ended}
                await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
                self._backoff.was_ready(self._clock.monotonic() - begun)
                self._channel = None
                self._error = channel.ended.result()
                clean_error(self._error, self.source, self.conceal)
                self._publish(LinkPhase.LOST, self._error)
        finally:
            self._channel = self._opening = None
            self._settled.clear()
            channel.end(ConnectionLost(self.source, Reason.of(Code.CLOSED)))
            await ended(serving)
        serving.result()
        return channel.ended.result()

    def _be_up(self) -> float:
        """Tell everybody that the link is ready; the monotonic second of it."""
        self._attempt = 0
        self._said = None
        self._wake.clear()
        self._publish(LinkPhase.READY)
        self._settled.set()
        return self._clock.monotonic()

    def _down(self) -> ConnectionLost:
        """What a call raises while the link is not ready."""
        return ConnectionLost(self.source, reason_of(self._error), sent=False)

    def _publish(
        self, phase: LinkPhase | None = None, error: CapflowError | None = None, retry_at: float | None = None
    ) -> None:
        """Tell everybody of a new phase, or of new facts alone."""
        facts = tuple((fact, _clean(reason, self.conceal)) for fact, reason in self._facts_now())
        if phase is None:
            if facts == self._link.facts:
                return
            self._link = dataclasses.replace(self.link, facts=facts)
        else:
            self._link = LinkState(
                self.source,
                phase,
                self._clock.monotonic(),
                reason=None if error is None else reason_of(error),
                attempt=self._attempt,
                retry_at=retry_at,
                latency_s=self._latency_s,
                facts=facts,
                error=error,
            )
        for callback in self._callbacks:
            callback(self._link)


class Questioned(Protocol):
    """What asks a broker, and knows what to hide."""

    source: str
    conceal: Conceal


S = TypeVar("S", bound=Questioned)


def question(
    call: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Make a call name the source in the errors it raises, and hide the secrets in them: a broker may repeat them."""

    @wraps(call)
    async def asked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with words_cleaned(self.conceal, self.source):
            return await call(self, *args, **kwargs)

    return asked


def reason_of(error: CapflowError) -> Reason:
    """The reason a link state holds."""
    match error:
        case ProviderError() | ProtocolError():
            return error.reason
        case SettingsError():
            return Reason.of(Code.SETTING_UNUSABLE, key=error.key, why=error.reason)
    return Reason.of(Code.VERBATIM, text=str(error))


@contextmanager
def words_cleaned(conceal: Conceal = no_log, source: str = "") -> Iterator[None]:
    """While inside, hide the secrets in every error that is raised. Its cause is for the log, which cleans too."""
    try:
        yield
    except Exception as error:
        clean_error(error, source, conceal)
        raise


def clean_error(error: Exception, source: str, conceal: Conceal) -> None:
    """Hide secrets in all an error says, and name the source where the wire made it and did not know."""
    if isinstance(error, ProtocolError) and not error.source:
        error.source = source
    for name, value in list(vars(error).items()):
        setattr(error, name, _clean(value, conceal))
    error.args = tuple(_clean(each, conceal) for each in error.args)


def _clean(value: Any, conceal: Conceal) -> Any:
    """A text or a reason without secrets; anything else as it is."""
    if type(value) is str:
        return conceal.clean(value)
    if isinstance(value, Reason):
        args: tuple[tuple[str, Argument], ...] = tuple((name, _clean(each, conceal)) for name, each in value.args)
        return value if args == value.args else Reason(value.code, args)
    return value
