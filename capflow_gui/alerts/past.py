"""What rules are judged by beside a reply: earlier sessions, and earlier prices. Read once a session, off the loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError

_log = logging.getLogger(__name__)


class PastKey(NamedTuple):
    """What is meant: the changes of a metric in the sessions of a symbol at a source before `session`.

    Without a metric: the prices of `session` so far. `simulated`: the source is a simulator.
    """

    source: str
    symbol: Symbol
    session: date
    metric: str = ""
    minutes: int = 0
    simulated: bool = False


class Past(NamedTuple):
    """Changes in earlier sessions, and prices and turnovers by label, as `domain.measures.readings` takes them."""

    usual: UsualChanges
    then: Mapping[int, Turnover | None]


NO_PAST = Past(UsualChanges(), MappingProxyType({}))
# Gives what is known; None where it is being read.
FindPast = Callable[[PastKey], Past | None]


def nothing_past(_key: PastKey) -> Past:
    """Nothing is recorded."""
    return NO_PAST


class PastSessions:
    """Reads what is asked for by `read`, which is called in a thread and may raise StorageError.

    `tell` is called with what has been read.
    """

    def __init__(self, read: Callable[[PastKey], Past], tell: Callable[[PastKey], None]) -> None:
        self._read = read
        self._tell = tell
        self._known: dict[PastKey, Past | None] = {}
        self._asked: asyncio.Queue[PastKey] = asyncio.Queue()

    def find(self, key: PastKey) -> Past | None:
        """What is known; None: it is being read, and will be told of."""
        if key not in self._known:
            alike = (each for each in self._known if each._replace(session=key.session, simulated=key.simulated) == key)
            for old in [*alike]:
                del self._known[old]
            self._known[key] = None
            self._asked.put_nowait(key)
        return self._known[key]

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            key = await self._asked.get()
            try:
                found = await asyncio.to_thread(self._read, key)
            except StorageError as error:
                _log.warning("what was recorded of %s cannot be read: %s", key.symbol, error)
                found = NO_PAST
            if key in self._known:
                self._known[key] = found
                self._tell(key)
