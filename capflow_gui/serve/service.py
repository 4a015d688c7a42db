"""What every method is asked of: the monitor that watches, the profile, and the files it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.monitor import Monitor
from capflow_gui.paths import Paths
from capflow_gui.present.export import error_facts
from capflow_gui.serve.arguments import BadArgument
from capflow_gui.serve.profile import ServedProfile

# A source that is still connecting is waited for, as `fetch` does.
_CONNECT_WITHIN_S = 15.0
_RECONNECT_WITHIN_S = 5.0
_TIME_WITHIN_S = 3.0
_POLLED_WITHIN_S = 5.0
_LOOK_S = 0.05


class Refused(CapflowError):
    """A question that cannot be answered now: `kind` says which sort of refusal, `sentence` says why."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


@dataclass(slots=True)
class Question:
    """A question that is with a broker, and how many want its answer."""

    task: asyncio.Task[FlowSeries]
    waiting: int = 0


def _see(done: asyncio.Task[FlowSeries]) -> None:
    """An error that nobody waits for any more is no fault."""
    if not done.cancelled():
        done.exception()


@dataclass(frozen=True, slots=True)
class Service:
    """`paths` are the profile's; `alert_paths` those in whose data folders its alerts are kept.

    asked  questions that are with a broker now, each asked once for all who want its answer
    turns  by source: whose question is next
    """

    monitor: Monitor
    profile: ServedProfile
    paths: Paths
    alert_paths: Sequence[Paths]
    clock: Clock
    conceal: Conceal
    asked: dict[Hashable, Question] = field(default_factory=dict)
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    def feeds(self, source: str | None) -> list[SourceFeed]:
        """The sources of a name, or all of them. Raises BadArgument."""
        found = [feed for feed in self.monitor.feeds if source in (None, feed.name)]
        if not found:
            names = ", ".join(feed.name for feed in self.monitor.feeds)
            raise BadArgument(f"source: there is no source {source!r} here; there is {names}.", "source")
        return found

    def turn(self, feed: SourceFeed) -> asyncio.Lock:
        """To be held while a question waits for the quota: polls, which alerts depend on, wait for one at most."""
        return self.turns.setdefault(feed.name, asyncio.Lock())

    async def shared(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, FlowSeries]]) -> FlowSeries:
        """The answer to a question: asked once for all who want it meanwhile, given up when nobody does any more."""
        question = self.asked.get(key)
        if question is None:
            question = self.asked[key] = Question(asyncio.create_task(ask(), name=f"ask {key}"))
            question.task.add_done_callback(_see)
        question.waiting += 1
        try:
            return await asyncio.shield(question.task)
        finally:
            question.waiting -= 1
            if not question.waiting:
                del self.asked[key]
                question.task.cancel()

    async def polled(self, feed: SourceFeed, symbol: Symbol) -> None:
        """Return when a watched symbol has been polled, or will not be soon: a question would cost a second call."""
        deadline = self.clock.monotonic() + _POLLED_WITHIN_S
        while symbol in feed.watched and self.clock.monotonic() < deadline:
            held = feed.store.get(symbol)
            if held.series is not None or held.error is not None:
                return
            await self.clock.sleep_until(self.clock.monotonic() + _LOOK_S)

    async def connected(self, feed: SourceFeed) -> None:
        """Return when a source is connected, and has said its time: replies are judged by it. Raises why it is not."""
        within_s = _RECONNECT_WITHIN_S if feed.has_connected else _CONNECT_WITHIN_S
        await feed.provider.wait_ready(self.clock.monotonic() + within_s)
        deadline = self.clock.monotonic() + _TIME_WITHIN_S
        while not feed.market.known and self.clock.monotonic() < deadline:
            await self.clock.sleep_until(self.clock.monotonic() + _LOOK_S)


async def give_up(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait until they have ended."""
    ending = [*tasks]
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending)


def failure_facts(error: CapflowError) -> dict[str, Any]:
    """What kept something from being answered: `kind`, `code` (the broker's, or None) and `message`, in English."""
    if isinstance(error, Refused):
        return {"kind": error.kind, "code": None, "message": error.sentence}
    return error_facts(error)
