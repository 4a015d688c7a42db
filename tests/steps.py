"""Something done at one await of a coroutine: for each await once, whatever the order of the loop's turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class Steps:
    """`act` is called when a coroutine waits for the `number`-th time, counted from 0, as soon as it waits or in the
    same turn as what it waits for; `reached` says whether it waited so often.
    """

    def __init__(self, number: int, act: Callable[[], object], *, with_answer: bool = False) -> None:
        self.reached = False
        self._left = number
        self._act = act
        self._with_answer = with_answer

    async def through(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`."""
        return await _Through(self, work)

    def waits_for(self, future: asyncio.Future[Any] | None) -> None:
        """The coroutine waits; for one turn of the loop where there is no future."""
        self._left -= 1
        if self._left != -1:
            return
        self.reached = True
        if self._with_answer and future is not None:
            future.add_done_callback(lambda _done: self._act())
        else:
            asyncio.get_running_loop().call_soon(self._act)


class _Through(Generator[Any, None, Any]):
    def __init__(self, steps: Steps, work: Coroutine[Any, Any, Any]) -> None:
        self._steps = steps
        self._work = work

    def __await__(self) -> Generator[Any, None, Any]:
        return self

    def send(self, value: None, /) -> Any:
        return self._waiting(self._work.send(value))

    def throw(self, *error: Any) -> Any:
        return self._waiting(self._work.throw(*error))

    def _waiting(self, future: asyncio.Future[Any] | None) -> asyncio.Future[Any] | None:
        self._steps.waits_for(future)
        return future
