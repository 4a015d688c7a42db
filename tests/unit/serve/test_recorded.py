from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from capflow_gui.serve import recorded
from capflow_gui.serve.service import Service
from tests.unit.archive.files import compact, forget_states, record, whole_day
from tests.unit.serve.conftest import Ask

WRONG_ORDER = {"from": "2026-06-11", "to": "2026-06-10"}


@pytest.fixture
def archive(service: Service) -> Service:
    file = service.paths.data / "archive.db"
    record(file, whole_day("700.HK"), whole_day("5.HK"), simulated=True)
    compact(file, simulated=True)
    return service


async def test_recorded_sessions_are_the_objects_of_export(archive: Service, ask: Ask) -> None:
    found = await ask("archive.export", symbols=["HK.00700"], **{"from": "2026-06-01", "to": "2026-06-30"})
    (day,) = found["sessions"]
    assert (found["simulated"], day["simulated"], found["faults"]) == (True, True, [])
    assert (day["symbol"], day["session"], day["currency"]) == ("700.HK", "2026-06-10", "HKD")
    assert {"flags", "provisional", "net"} <= day["lines"][0].keys()
    states = (await ask("archive.export", symbols=["700.HK"], states=True))["states"]
    assert states[0]["poll"] == 1
    assert all(state["simulated"] for state in states)


async def test_what_is_recorded_all_in_all(archive: Service, ask: Ask) -> None:
    found = await ask("archive.info")
    assert (found["simulated"], found["days"], found["sessions"], found["symbols"]) == (True, 2, 1, 2)
    assert (found["first"], found["last"], found["sources"]) == ("2026-06-10", "2026-06-10", ["opend"])
    assert found["size"] > 0


async def test_what_is_not_there_says_what_is(archive: Service, ask: Ask) -> None:
    refused = await ask("archive.export", symbols=["9988.HK"])
    assert (refused["code"], refused["data"]) == (-32000, {"kind": "NothingRecorded", "code": None})
    assert "There is: 1 session, 2026-06-10" in refused["message"]
    assert (await ask("archive.export", symbols=["700.HK"], **WRONG_ORDER))["data"] == {"argument": "from"}
    refused = await ask("rules.check", rule="*: net <= -1M", to="2020-01-01")
    assert refused["data"]["kind"] == "NothingRecorded"


async def test_without_an_archive_it_says_so(ask: Ask) -> None:
    refused = await ask("archive.export", symbols=["700.HK"])
    assert (refused["code"], refused["data"]["kind"]) == (-32000, "StorageError")
    assert refused["message"].startswith("Nothing is recorded in ")


async def test_a_damaged_session_is_named_and_the_others_are_given(archive: Service, ask: Ask) -> None:
    file = archive.paths.data / "archive.db"
    forget_states(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE final SET body = x'00' WHERE day = 1")
    found = await ask("archive.export", symbols=["700.HK", "5.HK"])
    assert len(found["sessions"]) == 1
    assert len(found["faults"]) == 1
    tried = await ask("rules.check", rule="*: net <= -1M", symbols=["700.HK"])
    assert (tried["summary"]["sessions"], tried["faults"]) == (0, found["faults"])
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE day SET zone = 'Mars' WHERE id = 1")
    found = await ask("archive.export", symbols=["700.HK"])
    assert (found["sessions"], [each.endswith("its entry is damaged.") for each in found["faults"]]) == ([], [True])
    tried = await ask("rules.check", rule="*: net <= -1M", symbols=["700.HK"])
    assert (tried["summary"]["sessions"], tried["faults"]) == (0, found["faults"])


async def test_an_answer_has_an_end(archive: Service, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_DAYS", "MOST_STATES", "MOST_EVENTS"):
        monkeypatch.setattr(recorded, name, 0)
    for method, asked in (
        ("archive.export", {"symbols": ["700.HK"]}),
        ("rules.check", {"rule": "*: net <= -1M"}),
    ):
        refused = await ask(method, **asked)
        assert (refused["code"], refused["data"]) == (-32602, {"argument": "from"})
    monkeypatch.setattr(recorded, "MOST_DAYS", 9)
    assert "more than 0 states" in (await ask("archive.export", symbols=["700.HK"], states=True))["message"]


async def test_a_rule_is_tried(archive: Service, ask: Ask) -> None:
    found = await ask("rules.check", rule="*: net <= -1M", symbols=["700.HK"])
    assert found["simulated"] is True
    assert found["summary"] == {"type": "summary", "sessions": 1, "symbols": 1, "raised": 1, "unjudged": 0}
    assert found["events"][0]["type"] == "raised"
    assert found["faults"] == []
    refused = await ask("rules.check", rule="*: net = 5M")
    assert refused["data"] == {"argument": "rule"}
    assert (await ask("rules.check", rule="5.HK: net <= -1M", symbols=["700.HK"]))["code"] == -32602
    assert (await ask("rules.check", rule="*: net <= -1M", **WRONG_ORDER))["data"] == {"argument": "from"}
