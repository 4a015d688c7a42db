"""The alerts a profile has had, and what became of every message about them, read from its file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from capflow_gui.domain.alert_record import PAGE, SOURCE_RULE, AlertKind, AlertRecord, AlertSearch
from capflow_gui.domain.alert_record import Delivery as Delivery  # noqa: PLC0414 - read from here
from capflow_gui.reason import Reason
from capflow_gui.storage.alert_log import COLUMNS, read_record
from capflow_gui.storage.database import Database, kind_of
from capflow_gui.storage.migration import SCHEMA


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert, and its messages, oldest first."""

    record: AlertRecord
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """A message to a channel, of one alert or of several. Times are UTC epoch seconds; see Delivery."""

    state: str
    attempts: int
    created: float
    done_at: float | None
    receipt: str
    reason: Reason | None
    title: str


class _Titled(msgspec.Struct):
    title: str


_SENDINGS = """
    SELECT state, attempt, created, done_at, coalesce(receipt, ''), reason, message FROM outbox
    WHERE channel = ? AND state != 'bundled' ORDER BY created DESC, event LIMIT ?
"""
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


def read_sendings(path: Path, channels: Iterable[str], most: int) -> dict[str, list[Sending]]:
    """The last messages to each channel, the newest first, `most` of them at most; damaged ones left out.

    Raises StorageError.
    """
    simulated = kind_of(path)
    if simulated is None:
        return {channel: [] for channel in channels}
    with Database.to_read(path, SCHEMA, simulated=simulated) as connection:
        return {
            channel: list(filter(None, map(_sending, connection.execute(_SENDINGS, (channel, most)))))
            for channel in channels
        }


def _read(path: Path, condition: str, *arguments: str) -> list[PastAlert]:
    simulated = kind_of(path)
    if simulated is None:
        return []
    with Database.to_read(path, SCHEMA, simulated=simulated) as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM alert_record WHERE {condition} ORDER BY raised_at, id",  # noqa: S608 - of ours
            arguments,
        ).fetchall()
        records = filter(None, (read_record(row, simulated=simulated) for row in rows))
        return [
            PastAlert(record, tuple(filter(None, map(_delivery, connection.execute(_DELIVERIES, (record.id,))))))
            for record in records
        ]


def _sending(row: tuple[str, int, float, float | None, str, str | None, str]) -> Sending | None:
    state, attempts, created, done_at, receipt, reason, message = row
    try:
        return Sending(
            str(state),
            int(attempts),
            float(created),
            None if done_at is None else float(done_at),
            str(receipt),
            None if reason is None else Reason.from_json(reason),
            msgspec.json.decode(message, type=_Titled).title,
        )
    except (ValueError, TypeError):
        # Damaged, as below.
        return None


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


_KINDS = {
    AlertKind.CANNOT_JUDGE: f"cannot_judge AND rule_id != '{SOURCE_RULE}'",
    AlertKind.SOURCE: f"rule_id = '{SOURCE_RULE}'",
    AlertKind.SHARED: "desk != ''",
    AlertKind.SHARE: "rule LIKE '%/turnover %'",
    AlertKind.CHANGE: "rule LIKE '% change %' AND rule NOT LIKE '% unusual %'",
    AlertKind.DRAWDOWN: "rule LIKE '% drawdown %'",
    AlertKind.CROSSES: "rule LIKE '% crosses %'",
    AlertKind.UNUSUAL: "rule LIKE '% unusual %'",
    AlertKind.DIVERGENCE: "rule LIKE '% divergence %'",
    AlertKind.LEVEL: "rule LIKE '% _= %' AND rule NOT LIKE '%/turnover %' AND rule NOT LIKE '% change %' "
    "AND rule NOT LIKE '% drawdown %'",
}


# The symbol of a source's record is one of many.
_SYMBOL = f"CASE rule_id WHEN '{SOURCE_RULE}' THEN '' ELSE symbol || ' ' END"
_SEARCHED = f"{_SYMBOL} || scope || ': ' || rule || ' ' || seen_by"


def search_alerts(path: Path, asked: AlertSearch, after: AlertRecord | None = None) -> list[AlertRecord]:
    """A page of the alerts that are searched for, newest first: those behind `after`, the last of the page before.

    None where there is no file. Rows that are damaged are left out. Raises StorageError.
    """
    simulated = kind_of(path)
    if simulated is None:
        return []
    conditions, arguments = ["session BETWEEN ? AND ?"], [asked.first.isoformat(), asked.last.isoformat()]
    for word in asked.text.lower().split():
        places = _SEARCHED if asked.worded is None else f"{_SEARCHED} || ' ' || worded(rule)"
        conditions.append(f"instr(lower({places}), ?)")
        arguments.append(word)
    if asked.kind is not None:
        conditions.append(_KINDS[asked.kind])
    if after is not None:
        conditions.append("(raised_at, id) < (CAST(? AS REAL), ?)")
        arguments += [repr(after.raised_at), after.id]
    with Database.to_read(path, SCHEMA, simulated=simulated) as connection:
        if asked.worded is not None:
            connection.create_function("worded", 1, asked.worded)
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM alert_record WHERE {' AND '.join(f'({each})' for each in conditions)} "  # noqa: S608 - of ours
            f"ORDER BY raised_at DESC, id DESC LIMIT {PAGE}",
            arguments,
        ).fetchall()
    return [*filter(None, (read_record(row, simulated=simulated) for row in rows))]
