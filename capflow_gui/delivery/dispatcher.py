"""Sends what waits in the outboxes: a task a channel, so that one that hangs delays no other."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from capflow_gui.clock import Bell, Clock, before
from capflow_gui.delivery.budget import Budget
from capflow_gui.delivery.model import Channel, Failed, Message, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.outbox import LEASE_S, MakeDigest, Outbox, Taken
from capflow_gui.delivery.plan import Decision, DeliveryState, Entry, Situation, decide
from capflow_gui.delivery.quiet import quiet_until
from capflow_gui.errors import SettingsError, StorageError
from capflow_gui.reason import Code, Reason

# An attempt ends before its lease does.
ATTEMPT_S = LEASE_S - 10.0
_LONGEST_PAUSE_S = 60.0
# A channel whose set-up is wrong is left alone for so long.
_REST_S = 900.0
_RETRY_S = 5.0
# What waits is looked at so often: while the computer sleeps the monotonic clock may stand still, and time goes on.
_LOOK_S = 60.0
_log = logging.getLogger(__name__)

# Opens a channel by its name. Raises SettingsError.
OpenChannel = Callable[[str], Awaitable[Channel]]


@dataclass(frozen=True, slots=True)
class Route:
    """A channel in use.

    quiet       its quiet hours, as the settings have them
    per_minute  messages in a minute, where that is to be less than the service takes
    bundles     whether several messages may become one digest
    wanted      whether the user chose it: if not, a desktop that shows no notifications is no trouble
    """

    name: str
    quiet: str = ""
    per_minute: int | None = None
    bundles: bool = True
    wanted: bool = True


@dataclass(slots=True)
class _Line:
    """A channel at work. Times are monotonic seconds."""

    route: Route
    bell: Bell
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    channel: Channel | None = None
    budget: Budget | None = None
    failures: int = 0
    paused_until: float = 0.0
    refused: SetUpWrong | None = None  # what it said, until `refused_until`
    refused_until: float = 0.0
    trouble: Reason | None = None
    left: bool = False  # it is not to be used any more


class Dispatcher:
    """Delivers what the outboxes of a program hold for its channels.

    open_channel  is asked when there is something to send, and again after the set-up was wrong
    changed       is called when `troubles` have changed
    """

    def __init__(
        self,
        routes: Iterable[Route],
        open_channel: OpenChannel,
        make_digest: MakeDigest,
        clock: Clock,
        *,
        changed: Callable[[], None] = lambda: None,
        rng: random.Random | None = None,
    ) -> None:
        self._open = open_channel
        self._make_digest = make_digest
        self._clock = clock
        self.changed = changed
        self._rng = rng or random.Random()  # noqa: S311 - it spreads attempts in time
        self._lines = [_Line(route, Bell(clock)) for route in routes]
        self._outboxes: list[Outbox] = []
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._group: asyncio.TaskGroup | None = None

    def use(self, routes: Iterable[Route], anew: Collection[str] = ()) -> None:
        """Deliver to these channels from now on; those in `anew` are opened again. To be called on the loop.

        What a channel is sending when it is left is sent to its end.
        """
        stay = {line.route: line for line in self._lines if line.route.name not in anew}
        lines = [stay.get(route) or _Line(route, Bell(self._clock)) for route in routes]
        for line in self._lines:
            line.left = all(line is not other for other in lines)
            if line.left:
                line.bell.ring()
        known, self._lines = self._lines, lines
        for line in lines:
            if all(line is not other for other in known):
                self._begin(line)
        self._ring()
        self.changed()

    def _begin(self, line: _Line) -> None:
        if self._group is not None:
            self._group.create_task(self._run_line(line), name=f"channel {line.route.name}")

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """Why alerts do not reach channels, one a channel; until the next one does."""
        return tuple(line.trouble for line in self._lines if line.trouble is not None)

    @property
    def has_channels(self) -> bool:
        """Whether alerts are sent to any channel."""
        return bool(self._lines)

    def serve(self, outbox: Outbox) -> None:
        """Deliver what is in this outbox, too. To be called on the loop."""
        self._loop = asyncio.get_running_loop()
        self._outboxes.append(outbox)
        self._ring()

    def posted(self) -> None:
        """There may be something in an outbox. May be called in any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and with it whoever delivers
                self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        for line in self._lines:
            line.idle.clear()
            line.bell.ring()

    async def run(self) -> None:
        """Deliver until cancelled, and close the channels."""
        async with asyncio.TaskGroup() as self._group:
            for line in self._lines:
                self._begin(line)
            # Channels may still come.
            await asyncio.get_running_loop().create_future()

    async def finish(self, deadline: float) -> None:
        """Return when what can be sent now is, at monotonic `deadline` at the latest. To be called while it runs."""

        async def all_sent() -> None:
            for outbox in self._outboxes:
                await outbox.written()
            self._closing = True
            self._ring()
            for line in self._lines:
                await line.idle.wait()

        try:
            await before(self._clock, deadline, all_sent())
        except (TimeoutError, StorageError) as error:
            _log.info("what is not sent stays in the outbox: %s", type(error).__name__)

    async def send_alone(self, name: str, message: Message) -> Result:
        """Send a message past the outboxes, budgets and quiet hours."""
        line = _Line(Route(name), Bell(self._clock))
        try:
            return await self._attempt(line, message)
        finally:
            await _close(line)

    async def _run_line(self, line: _Line) -> None:
        try:
            while not line.left:
                wait: float | None = None
                for outbox in self._outboxes:
                    more = await self._work_off(line, outbox)
                    wait = more if wait is None else wait if more is None else min(wait, more)
                if not line.bell.rung:  # else something may have come since it looked
                    line.idle.set()
                if wait is None:
                    await line.bell.wait()
                else:
                    await line.bell.wait_until(self._clock.monotonic() + min(wait, _LOOK_S))
        finally:
            await _close(line)

    async def _work_off(self, line: _Line, outbox: Outbox) -> float | None:
        """Send what can be sent now; seconds until there may be more, None: until something new comes."""
        try:
            while not line.left:
                taken = await self._take(line, outbox)
                if taken.expired:
                    self._say(line, Reason.of(Code.ALERTS_EXPIRED, count=taken.expired))
                if taken.entry is None or line.left:
                    # What is claimed is sent when its lease ends, where its channel comes back.
                    return taken.wait
                result = await self._attempt(line, taken.entry.message)
                await self._note(line, outbox, taken.entry, result)
        except StorageError as error:
            # The log itself says so to the user.
            _log.info("the outbox cannot be used now: %s", error.reason)
            return _RETRY_S
        except Exception as error:  # noqa: BLE001 - a fault at one channel is its alone, and logged
            self._say(line, _fault(line, error))
            return _RETRY_S
        return None

    async def _take(self, line: _Line, outbox: Outbox) -> Taken:
        now, mono_now = self._clock.wall(), self._clock.monotonic()

        def quiet(message: Message) -> float | None:
            ends = (quiet_until(hours, now) for hours in (line.route.quiet, message.quiet))
            return max((end for end in ends if end is not None), default=None)

        def wait(count: int) -> float:
            pause = max(0.0, line.paused_until - mono_now)
            return pause if line.budget is None else max(pause, line.budget.wait(mono_now, count))

        def plan(entries: Sequence[Entry], recent: int, sent: Sequence[float]) -> Decision:
            return decide(entries, now, Situation(recent, sent, quiet, wait, line.route.bundles, self._closing))

        return await outbox.take(line.route.name, now, plan, self._make_digest)

    async def _attempt(self, line: _Line, message: Message) -> Result:
        """Try to send a message."""
        now = self._clock.monotonic()
        if line.refused is not None and now < line.refused_until:
            return line.refused
        try:
            return await before(self._clock, now + ATTEMPT_S, self._send(line, message))
        except SettingsError as error:
            return SetUpWrong(Reason.of(Code.SETTING_UNUSABLE, key=error.key, why=error.reason))
        except TimeoutError:
            return RetryAt(0.0, Reason.of(Code.NO_ANSWER_IN_TIME, seconds=ATTEMPT_S))
        except Exception as error:  # noqa: BLE001 - a fault of one adapter is its channel's alone, and logged
            return Failed(_fault(line, error))

    async def _send(self, line: _Line, message: Message) -> Result:
        if line.channel is None:
            line.channel = await self._open(line.route.name)
            line.budget = Budget(line.channel.limits, line.route.per_minute)
        if line.budget is not None:
            line.budget.spend(self._clock.monotonic())
        return await line.channel.send(message)

    async def _note(self, line: _Line, outbox: Outbox, entry: Entry, result: Result) -> None:
        """Keep what came of an attempt."""
        name, now = line.route.name, self._clock.wall()
        match result:
            case Sent(receipt):
                line.failures = 0
                self._say(line, None)
                await outbox.finish(name, entry, DeliveryState.SENT, now, receipt=receipt, reason=None)
            case RetryAt(seconds, reason):
                line.failures += 1
                pause = min(_LONGEST_PAUSE_S, 2.0**line.failures) * self._rng.uniform(0.5, 1.0)
                pause = max(seconds, pause)
                line.paused_until = self._clock.monotonic() + pause
                self._say(line, reason)
                await outbox.retry(name, entry, now + pause, reason)
            case SetUpWrong(reason):
                if line.refused is not result:
                    line.refused, line.refused_until = result, self._clock.monotonic() + _REST_S
                    await _close(line)
                self._say(line, reason)
                await outbox.finish(name, entry, DeliveryState.SET_UP_WRONG, now, reason=reason)
            case Failed(reason):
                self._say(line, reason)
                await outbox.finish(name, entry, DeliveryState.FAILED, now, reason=reason)

    def _say(self, line: _Line, why: Reason | None) -> None:
        trouble = None if why is None else Reason.of(Code.NOT_DELIVERED, channel=line.route.name, why=why)
        if why is not None and why.code is Code.NO_NOTIFICATIONS and not line.route.wanted:
            trouble = None
        if trouble != line.trouble:
            line.trouble = trouble
            if trouble is not None:
                _log.warning("%s", trouble)
            self.changed()


async def _close(line: _Line) -> None:
    channel, line.channel, line.budget = line.channel, None, None
    if channel is not None:
        await channel.close()


def _fault(line: _Line, error: Exception) -> Reason:
    _log.error("channel %s failed unexpectedly", line.route.name, exc_info=error)
    return Reason.of(Code.CHANNEL_BROKE, kind=type(error).__name__)
