from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from capflow_gui.domain.alert import RuleKey, RuleState
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import StorageError
from capflow_gui.storage.alert_log import AlertLog
from capflow_gui.storage.database import Database

TENCENT = Symbol(Market.HK, "700")
KEY = RuleKey("*: net <= -200M", "opend", TENCENT, "2022-06-08")
STATE = RuleState(upto=1654651860, active=True, time=1654651860, value=-2.1e8, steps=2, run=3, run_index=1, fired=1)
RECORD = AlertRecord(
    1,
    "opend",
    TENCENT,
    "net <= -200M",
    AlertState.ACTIVE,
    "2022-06-08",
    1654651860,
    -2.1e8,
    -2e8,
    1654651925.5,
    late=True,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "capflow.db", simulated=False)
    yield database
    database.close()


def test_states_and_records_come_back_as_they_were(database: Database) -> None:
    alerts = AlertLog(database).for_source("opend", simulated=False)
    blocked = replace(
        RECORD, id=2, state=AlertState.BLOCKED, value=math.nan, blocked=True, reason="no right", raised_at=1654652000.0
    )
    alerts.commit({KEY: STATE}, [], [RECORD, blocked])
    states, records = AlertLog(database).for_source("opend", simulated=False).load()
    assert states == {KEY: STATE}
    assert records[1] == RECORD
    assert math.isnan(records[0].value)
    assert replace(records[0], value=0.0) == replace(blocked, value=0.0)


def test_a_later_commit_replaces_and_forgets(database: Database) -> None:
    alerts = AlertLog(database).for_source("opend", simulated=False)
    other = KEY._replace(session="2022-06-07")
    alerts.commit({KEY: STATE, other: STATE}, [], [RECORD])
    cleared = replace(RECORD, state=AlertState.CLEARED, cleared_at=1654655000.0)
    alerts.commit({KEY: replace(STATE, active=False)}, [other], [cleared])
    assert alerts.load() == ({KEY: replace(STATE, active=False)}, [cleared])


def test_sources_are_apart(database: Database) -> None:
    AlertLog(database).for_source("opend", simulated=False).commit({KEY: STATE}, [], [RECORD])
    assert AlertLog(database).for_source("longport", simulated=False).load() == ({}, [])


def test_numbers_are_never_given_twice(database: Database, tmp_path: Path) -> None:
    other = Database.open(tmp_path / "capflow.db", simulated=False)
    logs = [AlertLog(each).for_source("opend", simulated=False) for each in (database, other)]
    given = [logs[turn % 2].new_id() for turn in range(10)]
    assert given == list(range(1, 11))
    other.close()


def test_states_of_long_ago_are_dropped_at_loading(database: Database) -> None:
    alerts = AlertLog(database).for_source("opend", simulated=False)
    old, edge = KEY._replace(session="2022-05-24"), KEY._replace(session="2022-05-25")
    alerts.commit({KEY: STATE, old: STATE, edge: STATE}, [], [])
    assert set(alerts.load()[0]) == {KEY, edge}


def test_a_row_that_cannot_be_read_costs_only_itself(database: Database) -> None:
    alerts = AlertLog(database).for_source("opend", simulated=False)
    broken = KEY._replace(rule="*: main <= -80M")
    alerts.commit({KEY: STATE, broken: STATE}, [], [RECORD, replace(RECORD, id=2)])
    with database.transaction() as connection:
        connection.execute('UPDATE alert_state SET state = \'{"upto": 1, "new": 2}\' WHERE rule = ?', (broken.rule,))
        connection.execute("UPDATE alert_record SET state = 'snoozed' WHERE id = 2")
    assert alerts.load() == ({KEY: STATE}, [RECORD])


@pytest.mark.parametrize("profile", [False, True])
def test_simulated_and_real_never_mix(tmp_path: Path, profile: bool) -> None:
    database = Database.open(tmp_path / "one.db", simulated=profile)
    with pytest.raises(StorageError, match="not kept"):
        AlertLog(database).for_source("opend", simulated=not profile)
    AlertLog(database).for_source("opend", simulated=profile)
    database.close()
