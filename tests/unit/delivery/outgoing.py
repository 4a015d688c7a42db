"""Messages, an outbox in memory, and channels that do as they are told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from capflow_gui.delivery.model import Change, Limits, Message, Result, Sent, Urgency
from capflow_gui.delivery.outbox import encoded
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.database import run_script
from capflow_gui.storage.migration import SCHEMA

WHY = Reason.of(Code.VERBATIM, text="no")
AMPLE = Limits(100.0, 100, None, 4096)
FULL = StorageError(Reason.of(Code.VERBATIM, text="disk full"))


def message(event: str = "a.1", at: float = 0.0, urgency: Urgency = Urgency.NORMAL) -> Message:
    return Message(event, f"title of {event}", "text", at, {"symbol": "700.HK"}, event, Change.RAISED, urgency)


def digest(messages: Sequence[Message], settled: Sequence[Message], key: str, at: float) -> Message:
    """Names all of `messages` in its text, and says how many are settled."""
    text = "\n".join(each.key for each in messages)
    return Message(key, f"{len(messages)} alerts", text, at, {"settled": len(settled)}, key, Change.DIGEST)


class TableInMemory:
    """The outbox table of a new file; `ask` does a job at once, or fails while it is `broken`."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        run_script(self.connection, SCHEMA.first)
        self.broken = False

    def ask(self, job: Callable[[sqlite3.Connection], Any], /) -> Future[Any]:
        done: Future[Any] = Future()
        if self.broken:
            done.set_exception(FULL)
        else:
            done.set_result(job(self.connection))
        return done

    def put(
        self, event: str, channel: str, created: float, urgency: Urgency = Urgency.NORMAL, text: str | None = None
    ) -> None:
        text = encoded(message(event, created, urgency)) if text is None else text
        self.connection.execute(
            "INSERT INTO outbox (event, channel, record, state, attempt, next_at, created, message) "
            "VALUES (?, ?, ?, 'waiting', 0, 0.0, ?, ?)",
            (event, channel, event.partition(".")[0], created, text),
        )

    def record(self, number: str, state: str = "active", seen: int = 0, snoozed_until: float | None = None) -> None:
        """An alert that was announced once."""
        self.connection.execute(
            "INSERT INTO alert_record VALUES (?, ?, '', 'opend', '700.HK', '2022-06-08', 0, 60, '*', 'net <= -1M', ?, "
            "60, 0, 0, 0, 0, 0, 1, ?, NULL, NULL, 0, ?, 0, '', '', NULL)",
            (number, number, state, seen, snoozed_until),
        )

    def states(self, channel: str) -> dict[str, str]:
        """Event to state."""
        rows = self.connection.execute("SELECT event, state FROM outbox WHERE channel = ?", (channel,))
        return dict(rows.fetchall())

    def row(self, event: str, channel: str, columns: str) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self.connection.execute(
            f"SELECT {columns} FROM outbox WHERE event = ? AND channel = ?",  # noqa: S608 - of the tests
            (event, channel),
        ).fetchone()
        return found


class ToldChannel:
    """Gives the results it was told, and then says that all is sent. `gate`: it answers when that is set."""

    def __init__(self, *results: Result | Exception, limits: Limits = AMPLE) -> None:
        self.limits = limits
        self.results = list(results)
        self.tried: list[Message] = []
        self.gate: asyncio.Event | None = None
        self.closed = 0

    @property
    def keys(self) -> list[str]:
        return [each.key for each in self.tried]

    async def send(self, message: Message) -> Result:
        self.tried.append(message)
        if self.gate is not None:
            await self.gate.wait()
        result = self.results.pop(0) if self.results else Sent("r")
        if isinstance(result, Exception):
            raise result
        return result

    async def close(self) -> None:
        self.closed += 1
