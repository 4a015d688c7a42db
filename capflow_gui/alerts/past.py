"""What symbols usually do, read out of earlier sessions: once a session, and off the loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError

_log = logging.getLogger(__name__)


class PastKey(NamedTuple):
    """Which changes are meant: those of the sessions of a symbol at a source before `session`."""

    source: str
    symbol: Symbol
    session: date
    metric: str
    minutes: int


# Gives what is known; None where it is being read.
FindUsual = Callable[[PastKey], UsualChanges | None]


def nothing_past(_key: PastKey) -> UsualChanges:
    """There are no earlier sessions."""
    return UsualChanges()


class PastSessions:
    """Reads what is asked for by `read`, which is called in a thread and may raise StorageError.

    `tell` is called with what has been read.
    """

    def __init__(self, read: Callable[[PastKey], UsualChanges], tell: Callable[[PastKey], None]) -> None:
        self._read = read
        self._tell = tell
        self._known: dict[PastKey, UsualChanges | None] = {}
        self._asked: asyncio.Queue[PastKey] = asyncio.Queue()

    def find(self, key: PastKey) -> UsualChanges | None:
        """What is known; None: it is being read, and will be told of."""
        if key not in self._known:
            for old in [each for each in self._known if each._replace(session=key.session) == key]:
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
                _log.warning("earlier sessions of %s cannot be read: %s", key.symbol, error)
                found = UsualChanges()
            if key in self._known:
                self._known[key] = found
                self._tell(key)
