"""Runs coroutines for the window, whose answers arrive from the event loop's own turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from PySide6.QtCore import QTimer

from capflow_gui.clock import Clock
from capflow_gui.feed.supervisor import Supervisor
from capflow_gui.present.sentences import reason_sentence

T = TypeVar("T")
_log = logging.getLogger(__name__)

_CLOSE_S = 5.0


class Jobs:
    """An implementation of ui.ports.Start; `close` cancels what still runs."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(
        self,
        job: Callable[[], Coroutine[Any, Any, T]],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
    ) -> Callable[[], None]:
        """Start `job`; one of the callbacks is called, unless the returned function is called first."""
        task = asyncio.get_running_loop().create_task(job())
        wanted = True

        def cancel() -> None:
            nonlocal wanted
            wanted = False
            task.cancel()

        def deliver() -> None:
            if not wanted or task.cancelled():
                return
            error = task.exception()
            if error is None:
                on_done(task.result())
            elif isinstance(error, Exception):
                _log.info("a question failed: %s", error)
                on_error(error)

        def finished(_task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            if not task.cancelled():
                task.exception()  # seen, even where nobody waits for it any more
            # Not from inside the loop's callback: the receiver may open a dialog, or delete who asked.
            QTimer.singleShot(0, deliver)

        self._tasks.add(task)
        task.add_done_callback(finished)
        return cancel

    async def close(self) -> None:
        """Cancel everything and wait until it is gone."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Answers:
    """What one window is told of its jobs: nothing once it is gone, for its parts are deleted. A job goes on."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._gone = False

    def start(
        self,
        job: Callable[[], Coroutine[Any, Any, T]],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
    ) -> Callable[[], None]:
        """Start `job`, as Jobs does."""
        return self._jobs.start(job, self._until_gone(on_done), self._until_gone(on_error))

    def _until_gone(self, tell: Callable[[T], None]) -> Callable[[T], None]:
        return lambda answer: None if self._gone else tell(answer)

    def forget(self) -> None:
        """The window is gone."""
        self._gone = True


def run_part(
    name: str, run: Callable[[], Awaitable[None]], clock: Clock, say: Callable[[str, bool], None]
) -> asyncio.Task[Any]:
    """A task that runs a part of the window until it is cancelled: after a fault of Capflow's it begins again.

    `say` is given the sentence where it is given up, and that it waits until it is dismissed.
    """
    supervisor = Supervisor(clock, lambda reason: say(reason_sentence(reason), True))
    return asyncio.create_task(supervisor.supervise(name, run), name=name)


async def in_turns(steps: Iterator[None]) -> None:
    """Do steps, each in a turn of the loop."""
    for _step in steps:
        await asyncio.sleep(0)


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait a while for its end."""
    task.cancel()
    with suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(task, _CLOSE_S)


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait for its end."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
