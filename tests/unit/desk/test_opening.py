from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.desk.opening import Asked, check_entitlement, kept_for, open_access, open_collector, read_bus
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.paths import Paths
from capflow_gui.settings import NO_POLICY, Settings, SourcesSettings, SourceTerms, WatchSettings
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.desk_bus import Bus
from tests.unit.desk.test_collector import until

CLOCK = SystemClock()


def test_a_bus_is_named_as_nats_does_or_as_in_a_window(tmp_path: Path) -> None:
    found = read_bus("nats://desk.example:4223", "collector", tmp_path / "ca", tmp_path / "secret")
    assert (found.host, found.port, found.user) == ("desk.example", 4223, "collector")
    assert (found.ca, found.secret) == (tmp_path / "ca", tmp_path / "secret")
    assert read_bus("nats://[::1]", "collector", None, None).port == 4222
    assert read_bus(f"desk://ws01@h:1?ca={tmp_path}", "collector", None, None).user == "ws01"
    for wrong in ("desk.example:4222", "http://desk.example", "nats://"):
        with pytest.raises(InvalidInput):
            read_bus(wrong, "collector", None, None)


def test_what_a_broker_allows_holds_for_its_sessions() -> None:
    settings = Settings(sources=SourcesSettings(SourceTerms(keep_days=90), SourceTerms()))
    assert kept_for(settings) == {"opend": 90}
    assert kept_for(Settings()) == {}


async def test_a_broker_needs_a_declaration_and_a_simulator_none(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("opend: nothing_listens")
    paths = Paths.resolve(config_dir=tmp_path / "c", data_dir=tmp_path / "d")
    async with OpendSimulator(SimulatorConfig()) as simulator:
        text = f"opend://127.0.0.1:{simulator.port}"
        assert await check_entitlement([text, "demo:"], Settings(), paths, clock=CLOCK, conceal=no_log) == {"demo"}
    with pytest.raises(SettingsError, match="not_entitled source=opend"):
        await check_entitlement([text], Settings(), paths, clock=CLOCK, conceal=no_log)


async def test_a_collector_has_the_profiles_list_rules_and_archive(bus: Bus, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(bus.secrets["collector"], encoding="utf-8")
    secret.chmod(0o600)
    settings = Settings(watchlist=WatchSettings(["5.HK"]))
    asked = Asked(["demo:"], [Symbol.parse("700.HK")], [parse_rule("*: net <= -200M")], 1)
    folders = tmp_path / "config", tmp_path / "data"
    address = read_bus(f"nats://127.0.0.1:{bus.port}", "collector", None, secret)
    async with (
        open_access(address, CLOCK, no_log) as access,
        open_collector(
            asked, access, folders, settings, NO_POLICY, real=False, clock=CLOCK, conceal=no_log
        ) as collector,
    ):
        task = asyncio.create_task(collector.run())
        await until(lambda: collector.publisher.published >= 2)
        assert {str(symbol) for symbol in collector.monitor.symbols} == {"700.HK", "5.HK"}
        assert [entry.text for entry in collector.monitor._rules._rules] == ["*: net <= -200M"]
        task.cancel()
        await asyncio.wait({task})
    assert (tmp_path / "data" / "archive.db").exists()
