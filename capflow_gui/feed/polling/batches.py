"""Questions about many symbols at once, of which one may fail them all."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import (
    AuthFailed,
    ComputerRefused,
    NoQuoteRight,
    RateLimited,
    RemoteProtocolError,
    RequestRejected,
    UnknownSymbol,
)
from capflow_gui.quota.limiter import Limiter

T = TypeVar("T")

log = logging.getLogger(__name__)

_LARGEST_BATCH = 400
_ALONE_AT_ONCE = 4
_REFUSED_ALL = 15  # a batch, its halves, quarters and eighths


class Batches:
    """Asks one interface in batches of at most 400 symbols. One bad symbol fails its batch: it is found and left out.

    bad    symbols it does not ask about again: the broker does not know them, or has no right to them
    alone  symbols whose batches were refused for another reason while others were answered: they are asked one by one,
           at most four at a time, until they are answered
    """

    def __init__(self, limiter: Limiter, kind: str = "") -> None:
        self._limiter, self._kind = limiter, kind
        self.bad: set[Symbol] = set()
        self.alone: dict[Symbol, None] = {}  # the one that has waited longest first

    async def ask(
        self, symbols: Iterable[Symbol], question: Callable[[Sequence[Symbol]], Awaitable[list[T]]]
    ) -> list[T]:
        """Answers for every symbol that has one; whatever is not a symbol's own fault is raised.

        A refusal that does not name its cause is a symbol's own where others are answered.
        """
        good = [symbol for symbol in symbols if symbol not in self.bad]
        together = [symbol for symbol in good if symbol not in self.alone]
        singles = [symbol for symbol in self.alone if symbol in good][:_ALONE_AT_ONCE]
        answers: list[T] = []
        refused: dict[Symbol, RequestRejected | RemoteProtocolError] = {}
        refusals, answered = 0, False
        # The larger batches first: a symbol that is answered tells soon that the broker answers at all.
        todo = deque(together[at : at + _LARGEST_BATCH] for at in range(0, len(together), _LARGEST_BATCH))
        todo += ([symbol] for symbol in singles)
        while todo:
            batch = todo.popleft()
            try:
                async with self._limiter.slot(kind=self._kind):
                    answers.extend(await question(batch))
            except (AuthFailed, ComputerRefused, RateLimited):
                raise
            except (RequestRejected, RemoteProtocolError) as error:
                own = isinstance(error, UnknownSymbol | NoQuoteRight)
                refusals += not own
                if refusals >= _REFUSED_ALL and not answered:
                    raise
                if len(batch) > 1:
                    half = len(batch) // 2
                    todo += [batch[:half], batch[half:]]
                elif own:
                    self.bad.add(batch[0])
                    self.alone.pop(batch[0], None)
                else:
                    refused[batch[0]] = error
            else:
                answered = True
                if len(batch) == 1:
                    self.alone.pop(batch[0], None)
        self._put_aside(refused, answered=answered)
        return answers

    def _put_aside(self, refused: dict[Symbol, RequestRejected | RemoteProtocolError], *, answered: bool) -> None:
        """Ask these symbols alone from now on. Raises why they were refused where nothing was answered."""
        for symbol in [each for each in refused if each in self.alone]:  # the others are next
            del self.alone[symbol]
            self.alone[symbol] = None
        for symbol, error in refused.items():
            if not answered:
                raise error
            if symbol not in self.alone:
                log.info("%s is asked alone for its %s: %s", symbol, self._kind, error)
                self.alone[symbol] = None
