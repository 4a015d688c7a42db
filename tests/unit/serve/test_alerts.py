from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace

import pytest

from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.serve import alerts
from capflow_gui.serve.service import Service
from capflow_gui.storage.alert_log import FILE_NAME, AlertLog
from tests.unit.serve.conftest import Ask

KEPT = AlertRecord(
    "aa11",
    "opend",
    Symbol.parse("700.HK"),
    "net <= -200M",
    AlertState.ENDED,
    "2026-06-09",
    1_781_000_000,
    -2.1e8,
    -2e8,
    1_781_000_060.0,
    simulated=True,
)


@pytest.fixture
async def kept(service: Service) -> Service:
    with closing(AlertLog(service.paths.data / FILE_NAME, simulated=True)) as log:
        log.start(lambda _news: None)
        log.save({}, [], [KEPT, replace(KEPT, id="bb22", session="2026-06-10")])
        await asyncio.wrap_future(log.ask(lambda _connection: None))
    return service


async def raised(service: Service) -> AlertRecord:
    service.monitor.set_rule(new_entry("700.HK: net <= -1M"))
    async with asyncio.timeout(10):
        while not service.monitor.alerts:
            await asyncio.to_thread(int)
    return service.monitor.alerts[0]


async def test_kept_alerts_and_those_that_stand(kept: Service, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ask("alerts.list", to="2026-06-09")
    assert [each["id"] for each in found["alerts"]] == ["aa11"]
    (alert,) = found["alerts"]
    assert (alert["currency"], alert["simulated"], found["simulated"]) == ("HKD", True, True)
    record = await raised(kept)
    listed = (await ask("alerts.list"))["alerts"]
    assert [each["id"] for each in listed] == ["aa11", "bb22", record.id]
    assert (await ask("alerts.list", **{"from": "2026-06-11", "to": "2026-06-10"}))["code"] == -32602
    monkeypatch.setattr(alerts, "MOST_ALERTS", 1)
    found = await ask("alerts.list")
    assert ([each["id"] for each in found["alerts"]], found["left_out"]) == ([record.id], 2)


async def test_alerts_are_acknowledged_all_or_none(kept: Service, ask: Ask) -> None:
    record = await raised(kept)
    refused = await ask("alerts.acknowledge", ids=[record.id, "aa11", "cc33"])
    assert (refused["code"], refused["data"]) == (-32602, {"argument": "ids"})
    assert [each["acknowledged"] for each in (await ask("alerts.list"))["alerts"]] == [False] * 3
    assert await ask("alerts.acknowledge", ids=[record.id, "aa11"]) == {"acknowledged": [record.id, "aa11"]}
    assert {each["id"]: each["acknowledged"] for each in (await ask("alerts.list"))["alerts"]} == {
        "aa11": True,
        "bb22": False,
        record.id: True,
    }


async def test_rules_say_whom_they_cover(service: Service, ask: Ask) -> None:
    service.monitor.set_rule(new_entry("700.HK: net <= -1M"))
    rules = (await ask("rules.list"))["rules"]
    (rule,) = (each for each in rules if not each["is_threshold"])
    assert (rule["rule"], rule["covered"], rule["enabled"]) == ("700.HK: net <= -1M", ["700.HK"], True)
    service.monitor.set_rule(new_entry("700.HK: net <= -1M").written("700.HK: nett"))
    (rule,) = (each for each in (await ask("rules.list"))["rules"] if not each["is_threshold"])
    assert rule["fault"]
    assert rule["covered"] == []
