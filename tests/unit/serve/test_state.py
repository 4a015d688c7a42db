from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.serve import state
from capflow_gui.serve.arguments import Arguments, WatchlistArguments
from capflow_gui.serve.opening import open_service
from capflow_gui.serve.profile import ServedProfile
from capflow_gui.serve.service import Refused, Service
from capflow_gui.settings import NO_POLICY, OpendSettings, Policy, Settings, load, save
from tests.unit.serve.conftest import Ask


async def test_health_says_how_each_source_and_symbol_is(service: Service, ask: Ask) -> None:
    await ask("flow.get", symbols=["5.HK"])
    found = await ask("health.get")
    (link,) = found["sources"]
    assert (link["source"], link["state"], link["simulated"]) == ("demo", "ready", True)
    assert link["facts"] == [{"fact": "simulated", "message": "SIMULATED market, no broker behind it"}]
    assert link["market_now"].startswith("2026-06-10T")
    assert [each["symbol"] for each in found["symbols"]] == [*map(str, service.monitor.symbols)]
    assert found["troubles"] == []
    assert found["simulated"] is True


async def test_quota_says_what_is_used_and_by_whom(ask: Ask) -> None:
    await ask("flow.get", symbols=["5.HK"])
    (source,) = (await ask("quota.get"))["sources"]
    assert source["source"] == "demo"
    assert source["limit"] == 30
    assert 0 < source["used"] <= 30
    assert source["refused"] == 0


async def test_the_demos_watchlist_is_changed_for_this_run_alone(service: Service, ask: Ask) -> None:
    before = await ask("watchlist.get")
    assert len(before["symbols"]) == 16
    changed = await ask("watchlist.set", symbols=["HK.00005", "700.HK"])
    assert (changed["symbols"], changed["saved"]) == (["5.HK", "700.HK"], False)
    assert [*map(str, service.monitor.symbols)] == ["5.HK", "700.HK"]
    assert not service.paths.settings_file.exists()
    refused = await ask("watchlist.set", symbols=["5.HK", "nonsense"])
    assert refused["data"] == {"argument": "symbols"}
    assert [*map(str, service.monitor.symbols)] == ["5.HK", "700.HK"]


async def test_a_profiles_watchlist_is_saved_beside_what_is_in_its_file(tmp_path: Path, expect_log) -> None:
    expect_log("opend: nothing_listens")
    file = tmp_path / "config" / "settings.toml"
    settings = Settings(source="opend", opend=OpendSettings(port=1))
    save(file, settings)
    folders = tmp_path / "config", tmp_path / "data"
    async with open_service([], folders, settings, NO_POLICY, clock=SystemClock(), conceal=no_log) as service:
        found = await state.set_watchlist(service, WatchlistArguments(symbols=["700.HK"]))
        assert (found["symbols"], found["saved"]) == (["700.HK"], True)
        assert load(file).settings.watchlist.symbols == ["700.HK"]
        assert load(file).settings.source == "opend"
        health = await state.get_health(service, Arguments())
        assert health["sources"][0]["simulated"] is False
        file.chmod(0o400)
        with pytest.raises(Refused, match="write-protected"):
            await state.set_watchlist(service, WatchlistArguments(symbols=["5.HK"]))
        assert [*map(str, service.monitor.symbols)] == ["700.HK"]
        locked = Policy(locked={"watchlist": {"symbols": ["700.HK"]}})
        kept = ServedProfile(service.paths, settings, locked, keeps=True)
        with pytest.raises(Refused, match="administrator"):
            await state.set_watchlist(replace(service, profile=kept), WatchlistArguments(symbols=["5.HK"]))
