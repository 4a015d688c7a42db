"""The outbox of a profile: messages in capflow.db that wait for their channels, claimed by one program at a time.

A claim has a lease: what was claimed by a program that was killed is sent again when it ends, under the same key.
All of it is done in the alert log's thread (`ask`), in one transaction each. Times are UTC epoch seconds.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from capflow_gui.delivery.model import Change, Message
from capflow_gui.delivery.plan import AHEAD_S, STORM_S, Decision, DeliveryState, Entry
from capflow_gui.reason import Reason

# Longer than any attempt takes.
LEASE_S = 30.0
_MOST_OPEN = 1000

# Decides on the open entries: so many messages were put in within the last minute, and then messages were sent in it.
Decide = Callable[[Sequence[Entry], int, Sequence[float]], Decision]
# Words several messages as one, under a key; the second ones are of alerts that are over, or acknowledged.
MakeDigest = Callable[[Sequence[Message], Sequence[Message], str, float], Message]


class Ask(Protocol):
    """Has something done in the thread of a database, in a transaction: `storage.alert_log.AlertLog.ask`."""

    def __call__(self, job: Callable[[sqlite3.Connection], Any], /) -> Future[Any]:
        """The future may hold a StorageError."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was claimed, if anything was. `expired`: how many alerts were found to be too old, those of digests too.

    wait  seconds until there may be more; None: until something new comes
    """

    entry: Entry | None
    expired: int
    wait: float | None


def encoded(message: Message) -> str:
    """A message as the outbox keeps it."""
    return msgspec.json.encode(message).decode()


class Outbox:
    """The messages of one database."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def written(self) -> None:
        """Return when everything that was to be written so far is. Raises StorageError."""
        await asyncio.wrap_future(self._ask(lambda _connection: None))

    async def take(self, channel: str, now: float, decide: Decide, make_digest: MakeDigest) -> Taken:
        """Decide on the open messages of a channel, and claim what is to be sent. Raises StorageError."""

        def work(connection: sqlite3.Connection) -> Taken:
            return _take(connection, channel, now, decide, make_digest)

        taken: Taken = await asyncio.wrap_future(self._ask(work))
        return taken

    async def retry(self, channel: str, entry: Entry, at: float, reason: Reason) -> None:
        """Give a claimed message back, to be tried again at a time. Raises StorageError."""
        await self._update(channel, entry, DeliveryState.WAITING, next_at=at, reason=reason)

    async def finish(
        self, channel: str, entry: Entry, state: DeliveryState, now: float, *, receipt: str = "", reason: Reason | None
    ) -> None:
        """Note what came of a claimed message for good. Raises StorageError."""
        await self._update(channel, entry, state, done_at=now, receipt=receipt, reason=reason)

    async def _update(self, channel: str, entry: Entry, state: DeliveryState, **facts: Any) -> None:
        def work(connection: sqlite3.Connection) -> None:
            _set(connection, channel, entry.event, state, attempt=entry.attempt, **facts)

        await asyncio.wrap_future(self._ask(work))


def _take(connection: sqlite3.Connection, channel: str, now: float, decide: Decide, make_digest: MakeDigest) -> Taken:
    (recent,) = connection.execute(
        "SELECT count(*) FROM outbox WHERE channel = ? AND created > ? AND created <= ? AND record != ''",
        (channel, now - STORM_S, now + AHEAD_S),
    ).fetchone()
    # What is in the outbox for a minute is sent within the next one.
    sent = connection.execute(
        "SELECT coalesce(done_at, ?) AS at FROM outbox WHERE channel = ? AND created > ? AND attempt > 0 AND at > ? "
        "ORDER BY at",
        (now, channel, now - 2 * STORM_S, now - STORM_S),
    ).fetchall()
    decision = decide(_open_entries(connection, channel, now), recent, [at for (at,) in sent])
    for each in decision.expired:
        _set(connection, channel, each.event, DeliveryState.EXPIRED, done_at=now)
    for each, until in decision.held:
        _set(connection, channel, each.event, DeliveryState.HELD, next_at=until)
    for each in decision.dropped:
        _set(connection, channel, each.event, DeliveryState.SETTLED, done_at=now)
    entry = None
    if decision.send or decision.settled:
        if len(decision.send) == 1 and not decision.settled:
            (entry,) = decision.send
        else:
            entry = _bundle(connection, channel, now, decision, make_digest)
        entry = replace(entry, state=DeliveryState.SENDING, attempt=entry.attempt + 1, next_at=now + LEASE_S)
        _set(connection, channel, entry.event, entry.state, next_at=entry.next_at, claimed=entry.attempt)
    return Taken(entry, sum(map(_alerts_in, decision.expired)), decision.wait)


def _alerts_in(entry: Entry) -> int:
    count = entry.message.fields.get("count") if entry.message.kind is Change.DIGEST else None
    return count if isinstance(count, int) and count > 0 else 1


def _open_entries(connection: sqlite3.Connection, channel: str, now: float) -> list[Entry]:
    rows = connection.execute(
        "SELECT event, own.state, attempt, next_at, created, message, coalesce(record.state != 'active', 0), "
        "coalesce(seen >= told OR snoozed_until IS NOT NULL, 0) "
        "FROM outbox AS own LEFT JOIN alert_record AS record ON record.id = own.record "
        # However many quiet hours hold, what is urgent is not behind them.
        "WHERE channel = ? AND done_at IS NULL ORDER BY own.state = ? AND next_at > ?, created LIMIT ?",
        (channel, DeliveryState.HELD.value, now, _MOST_OPEN),
    ).fetchall()
    entries = []
    for event, state, attempt, next_at, created, text, *stands in rows:
        try:
            message = msgspec.json.decode(text, type=Message)
            numbers = int(attempt), float(next_at), float(created)
            entries.append(Entry(event, DeliveryState(state), *numbers, message, *map(bool, stands)))
        except (msgspec.MsgspecError, ValueError, TypeError):
            # Damaged, or of another version: a cell may hold anything. The others are sent.
            _set(connection, channel, event, DeliveryState.FAILED, done_at=now)
    return entries


def _bundle(
    connection: sqlite3.Connection, channel: str, now: float, decision: Decision, make_digest: MakeDigest
) -> Entry:
    """Put a digest of what is sent or settled in its place. It is as old as the oldest of them, and expires with it."""
    entries = *decision.send, *decision.settled
    names = "\n".join((channel, *sorted(each.event for each in entries)))
    event = f"digest-{hashlib.blake2s(names.encode(), digest_size=10).hexdigest()}"
    named, settled = ([each.message for each in some] for some in (decision.send, decision.settled))
    message = make_digest(named, settled, event, now)
    # What quiet hours held is as old as their end.
    created = min(min(now, each.next_at) if each.state is DeliveryState.HELD else each.created for each in entries)
    connection.execute(
        "INSERT INTO outbox (event, channel, record, state, attempt, next_at, created, message) "
        "VALUES (?, ?, '', ?, 0, 0.0, ?, ?)",
        (event, channel, DeliveryState.WAITING.value, created, encoded(message)),
    )
    for each in entries:
        _set(connection, channel, each.event, DeliveryState.BUNDLED, done_at=now, receipt=event)
    return Entry(event, DeliveryState.WAITING, 0, 0.0, created, message)


def _set(
    connection: sqlite3.Connection,
    channel: str,
    event: str,
    state: DeliveryState,
    *,
    attempt: int | None = None,
    claimed: int | None = None,
    next_at: float | None = None,
    done_at: float | None = None,
    receipt: str = "",
    reason: Reason | None = None,
) -> None:
    """Change a message that is not finished. `attempt`: while that claim holds alone; `claimed`: a new one's number."""
    connection.execute(
        "UPDATE outbox SET state = ?, attempt = coalesce(?, attempt), next_at = coalesce(?, next_at), done_at = ?, "
        "receipt = ?, reason = ? "
        "WHERE event = ? AND channel = ? AND done_at IS NULL AND attempt = coalesce(?, attempt)",
        (
            *(state.value, claimed, next_at, done_at, receipt),
            *(None if reason is None else reason.to_json(), event, channel, attempt),
        ),
    )
