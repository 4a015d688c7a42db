"""The alerts a profile has had, and what became of every message about them, read from its file."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.reason import Reason
from capflow_gui.storage.alert_log import COLUMNS, read_record
from capflow_gui.storage.database import Database, kind_of
from capflow_gui.storage.migration import SCHEMA


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of an alert to a channel. Times are UTC epoch seconds.

    state    as delivery.plan.DeliveryState has it; what is in a digest has the digest's state, receipt and reason
    done_at  when it was sent, or given up; None while it may still be sent
    """

    channel: str
    state: str
    attempts: int
    created: float
    done_at: float | None
    receipt: str
    reason: Reason | None
    in_digest: bool


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert, and its messages, oldest first."""

    record: AlertRecord
    deliveries: tuple[Delivery, ...]


_DELIVERIES = """
    SELECT own.channel, coalesce(digest.state, own.state), coalesce(digest.attempt, own.attempt),
        own.created, CASE WHEN digest.event IS NULL THEN own.done_at ELSE digest.done_at END,
        coalesce(digest.receipt, CASE WHEN digest.event IS NULL THEN own.receipt END, ''),
        CASE WHEN digest.event IS NULL THEN own.reason ELSE digest.reason END, digest.event IS NOT NULL
    FROM outbox AS own
    LEFT JOIN outbox AS digest ON own.state = 'bundled' AND digest.event = own.receipt AND digest.channel = own.channel
    WHERE own.record = ? ORDER BY own.created, own.event, own.channel
"""


def read_alerts(path: Path, first: date, last: date) -> list[PastAlert]:
    """The alerts of the sessions from `first` to `last`, oldest first; none where there is no file.

    Rows that are damaged are left out. Raises StorageError.
    """
    return _read(path, "session BETWEEN ? AND ?", first.isoformat(), last.isoformat())


def find_alerts(path: Path, ids: Collection[str]) -> list[PastAlert]:
    """Those of these alerts that are in the file, oldest first. Raises StorageError."""
    return _read(path, f"id IN ({', '.join('?' * len(ids))})", *ids)


def newest_session(path: Path) -> date | None:
    """The newest session that has an alert; None where there is none. Raises StorageError."""
    found = _read(path, "id IN (SELECT id FROM alert_record ORDER BY session DESC LIMIT 1)")
    try:
        return date.fromisoformat(found[0].record.session) if found else None
    except ValueError:
        return None


def _read(path: Path, condition: str, *arguments: str) -> list[PastAlert]:
    simulated = kind_of(path)
    if simulated is None:
        return []
    with (
        closing(Database.open(path, SCHEMA, simulated=simulated, mend=False)) as database,
        database.reading() as connection,
    ):
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM alert_record WHERE {condition} ORDER BY raised_at, id",  # noqa: S608 - of ours
            arguments,
        ).fetchall()
        records = filter(None, (read_record(row, simulated=simulated) for row in rows))
        return [
            PastAlert(record, tuple(filter(None, map(_delivery, connection.execute(_DELIVERIES, (record.id,))))))
            for record in records
        ]


def _delivery(row: tuple[str, str, int, float, float | None, str, str | None, int]) -> Delivery | None:
    channel, state, attempts, created, done_at, receipt, reason, in_digest = row
    try:
        return Delivery(
            str(channel),
            str(state),
            int(attempts),
            float(created),
            None if done_at is None else float(done_at),
            str(receipt),
            None if reason is None else Reason.from_json(reason),
            bool(in_digest),
        )
    except (ValueError, TypeError):
        # Damaged: a cell may hold anything.
        return None
