"""Batch questions of which one bad symbol fails the whole: find it, remember it, and ask for the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import NoQuoteRight, UnknownSymbol
from capflow_gui.quota.limiter import Limiter

T = TypeVar("T")

MAX_BATCH = 400


class Batches:
    """Asks one interface in batches of at most 400 symbols. `bad` are symbols it will not ask about again."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self.bad: set[Symbol] = set()

    async def ask(
        self, symbols: Iterable[Symbol], question: Callable[[Sequence[Symbol]], Awaitable[list[T]]]
    ) -> list[T]:
        """Answers for every symbol that has one; whatever is not a symbol's own fault is raised."""
        good = [symbol for symbol in symbols if symbol not in self.bad]
        answers: list[T] = []
        todo = [good[at : at + MAX_BATCH] for at in range(0, len(good), MAX_BATCH)]
        while todo:
            batch = todo.pop()
            try:
                async with self._limiter.slot():
                    answers.extend(await question(batch))
            except (UnknownSymbol, NoQuoteRight):
                if len(batch) == 1:
                    self.bad.add(batch[0])
                    continue
                half = len(batch) // 2
                todo += [batch[half:], batch[:half]]
        return answers
