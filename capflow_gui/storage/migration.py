"""The tables of capflow.db, and what brings those of older versions to them."""

from __future__ import annotations

import contextlib
import json
import sqlite3

from capflow_gui.domain.alert_record import AlertState, record_id
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.database import Schema, run_script

_ALERTS = """
    CREATE TABLE counter (revision INTEGER NOT NULL);
    INSERT INTO counter VALUES (0);
    CREATE TABLE alert_state (
        rule_id TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL,
        session TEXT NOT NULL, upto INTEGER NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (source, symbol, session, rule_id, version)
    ) WITHOUT ROWID;
    CREATE TABLE alert_record (
        id TEXT PRIMARY KEY, rule_id TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL,
        session TEXT NOT NULL, cannot_judge INTEGER NOT NULL, ordinal INTEGER NOT NULL,
        scope TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, line_time INTEGER NOT NULL, value REAL,
        threshold REAL NOT NULL, raised_at REAL NOT NULL, late INTEGER NOT NULL, escalations INTEGER NOT NULL,
        told INTEGER NOT NULL, seen INTEGER NOT NULL, cleared_at REAL, reason TEXT, revision INTEGER NOT NULL,
        UNIQUE (rule_id, version, source, symbol, session, cannot_judge, ordinal)
    );
    CREATE INDEX alert_record_by_time ON alert_record (raised_at);
    CREATE INDEX alert_record_by_revision ON alert_record (revision);
"""
# A message to a channel, or a digest of several; `record` is that of the alert, "" for a digest.
_OUTBOX = """
    CREATE TABLE outbox (
        event TEXT NOT NULL, channel TEXT NOT NULL, record TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL,
        next_at REAL NOT NULL, created REAL NOT NULL, done_at REAL, receipt TEXT, reason TEXT, message TEXT NOT NULL,
        PRIMARY KEY (event, channel)
    ) WITHOUT ROWID;
    CREATE INDEX outbox_by_time ON outbox (channel, created);
    CREATE INDEX outbox_by_record ON outbox (record);
    CREATE INDEX outbox_open ON outbox (channel) WHERE done_at IS NULL;
"""
# Snoozed alerts: `snoozes` counts the changes, so that of two programs' versions the newer one counts.
_SNOOZES = """
    ALTER TABLE alert_record ADD COLUMN snoozed_until REAL;
    ALTER TABLE alert_record ADD COLUMN snoozes INTEGER NOT NULL DEFAULT 0;
"""
# Alerts that a desk shares, and who acknowledged them.
_SHARED = """
    ALTER TABLE alert_record ADD COLUMN desk TEXT NOT NULL DEFAULT '';
    ALTER TABLE alert_record ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';
    ALTER TABLE alert_record ADD COLUMN seen_at REAL;
"""
# What reading a value that no version wrote raises.
_DAMAGED = (ValueError, TypeError, LookupError, sqlite3.IntegrityError)
_OVER = (AlertState.CLEARED, AlertState.ENDED)


def _from_version_1(connection: sqlite3.Connection) -> None:
    """In version 1 a rule was known by its text, a record by a number, and *acknowledged* was a state.

    Inside a transaction. What is over counts as seen. A rule whose text cannot be read keeps its records. Rows that are
    damaged are left out.
    """
    kind = connection.execute("SELECT simulated FROM profile").fetchall()
    states = connection.execute("SELECT rule, source, symbol, session, state FROM alert_state").fetchall()
    records = connection.execute(
        "SELECT source, symbol, session, scope, rule, state, line_time, value, threshold, raised_at, late, "
        "escalations, cleared_at, reason, blocked FROM alert_record ORDER BY raised_at"
    ).fetchall()
    for table in ("counter", "alert_state", "alert_record"):
        connection.execute(f"DROP TABLE {table}")
    run_script(connection, _ALERTS)
    for rule, source, symbol, session, state in states:
        with contextlib.suppress(*_DAMAGED):
            row = (*_rule(rule), source, symbol, session, int(json.loads(state)["upto"]), state)
            connection.execute("INSERT OR REPLACE INTO alert_state VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    taken: set[str] = set()
    for row in records:
        with contextlib.suppress(*_DAMAGED):
            _insert_record(connection, row, taken, simulated=(1,) in kind)


def _insert_record(connection: sqlite3.Connection, row: tuple, taken: set[str], *, simulated: bool) -> None:  # type: ignore[type-arg]
    source, symbol, session, scope, rule, old, line_time, value, threshold, raised_at, late = row[:11]
    escalations, cleared_at, reason, blocked = row[11:]
    state = AlertState(old) if old in _OVER else AlertState.ACTIVE
    told = 1 + escalations
    seen = told if state in _OVER or old == "acknowledged" else 0
    key = (*_rule(f"{scope}: {rule}"), source, symbol, session)
    ordinal = line_time
    # A threshold that was changed and changed back raised the same line twice.
    while (number := record_id(key, ordinal, cannot_judge=bool(blocked), simulated=simulated)) in taken:
        ordinal += 1
    taken.add(number)
    why = Reason.of(Code.VERBATIM, text=reason).to_json() if reason else None
    connection.execute(
        f"INSERT INTO alert_record VALUES ({', '.join('?' * 22)})",  # noqa: S608 - placeholders
        (
            *(number, *key, blocked, ordinal, scope, rule, state.value, line_time, value, threshold, raised_at, late),
            *(escalations, told, seen, cleared_at, why, 0),
        ),
    )


def _rule(text: str) -> tuple[str, str]:
    """The id and the version of a rule that was known by its text."""
    try:
        rule = parse_rule(text)
    except InvalidInput:
        return f"text:{text}", ""
    return rule.id, rule.version


def _from_version_2(connection: sqlite3.Connection) -> None:
    """Version 2 delivered nothing."""
    run_script(connection, _OUTBOX)


def _from_version_3(connection: sqlite3.Connection) -> None:
    """Nothing could be snoozed in version 3."""
    run_script(connection, _SNOOZES)


def _from_version_4(connection: sqlite3.Connection) -> None:
    """In version 4 the alerts of a desk were kept by the desk alone."""
    run_script(connection, _SHARED)


SCHEMA = Schema(
    _ALERTS + _OUTBOX + _SNOOZES + _SHARED, (_from_version_1, _from_version_2, _from_version_3, _from_version_4)
)
