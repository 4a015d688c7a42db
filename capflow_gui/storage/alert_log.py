"""Alerts kept over restarts: where every rule stands in its session, and the record of every alert."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from capflow_gui.domain.alert import RuleKey, RuleState
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, StorageError
from capflow_gui.storage.database import Database

_KEPT_RECORDS = 500
_STATE_DAYS = 14


class AlertLog:
    """The alert tables of one profile."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def for_source(self, source: str, *, simulated: bool) -> SourceAlerts:
        """The alerts of one source. Raises StorageError for a simulated source in a real profile, or the reverse."""
        if simulated is not self._database.simulated:
            said = ("simulated", "real") if simulated else ("real", "simulated")
            raise StorageError(f"{source} is {said[0]}, and this profile is {said[1]}: its alerts are not kept")
        return SourceAlerts(self._database, source)


class SourceAlerts:
    """Reads and writes the alerts of one source; every call is one transaction and raises StorageError."""

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source

    def load(self) -> tuple[dict[RuleKey, RuleState], list[AlertRecord]]:
        """Every state of the last sessions, and the newest records, newest first. Unreadable rows are left out."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM alert_state WHERE source = ?1 AND session < "
                "(SELECT date(max(session), ?2) FROM alert_state WHERE source = ?1)",
                (self._source, f"-{_STATE_DAYS} days"),
            )
            states = connection.execute(
                "SELECT rule, source, symbol, session, state FROM alert_state WHERE source = ?", (self._source,)
            ).fetchall()
            connection.row_factory = sqlite3.Row
            try:
                records = connection.execute(
                    "SELECT * FROM alert_record WHERE source = ? ORDER BY raised_at DESC, id DESC LIMIT ?",
                    (self._source, _KEPT_RECORDS),
                ).fetchall()
            finally:
                connection.row_factory = None
        read_states = filter(None, map(_state, states))
        return dict(read_states), list(filter(None, map(_record, records)))

    def new_id(self) -> int:
        """A number no other record of this profile has, whichever process asks."""
        with self._database.transaction() as connection:
            (number,) = connection.execute("UPDATE counter SET next_id = next_id + 1 RETURNING next_id - 1").fetchone()
        return int(number)

    def commit(
        self,
        states: Mapping[RuleKey, RuleState],
        forgotten: Collection[RuleKey],
        records: Collection[AlertRecord],
    ) -> None:
        """Write states and records, replacing those of the same key or id, and drop the states of `forgotten`."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM alert_state WHERE rule = ? AND source = ? AND symbol = ? AND session = ?",
                [(key.rule, key.source, str(key.symbol), key.session) for key in forgotten],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO alert_state (rule, source, symbol, session, state) VALUES (?, ?, ?, ?, ?)",
                [
                    (key.rule, key.source, str(key.symbol), key.session, json.dumps(asdict(state)))
                    for key, state in states.items()
                ],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO alert_record VALUES (:id, :source, :symbol, :session, :scope, :rule, :state, "
                ":line_time, :value, :threshold, :raised_at, :late, :escalations, :cleared_at, :reason, :blocked)",
                [_row(record) for record in records],
            )


def _state(row: tuple[str, str, str, str, str]) -> tuple[RuleKey, RuleState] | None:
    rule, source, symbol, session, text = row
    try:
        return RuleKey(rule, source, Symbol.parse(symbol), session), RuleState(**json.loads(text))
    except (CapflowError, ValueError, TypeError):
        # Of another version, or damaged: the rule is walked anew, which says at most one alert twice.
        return None


def _row(record: AlertRecord) -> dict[str, Any]:
    return asdict(record) | {
        "symbol": str(record.symbol),
        "state": record.state.value,
        "value": None if math.isnan(record.value) else record.value,
    }


def _record(row: sqlite3.Row) -> AlertRecord | None:
    values = dict(row)
    try:
        return AlertRecord(
            **values
            | {
                "symbol": Symbol.parse(values["symbol"]),
                "state": AlertState(values["state"]),
                "value": math.nan if values["value"] is None else values["value"],
                "late": bool(values["late"]),
                "blocked": bool(values["blocked"]),
            }
        )
    except (CapflowError, ValueError):
        return None
