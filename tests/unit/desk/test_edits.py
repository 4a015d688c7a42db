"""Settings and shared rules that are edited while a collector runs: they hold, or it is said that they do not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.desk.bus import BusAccess
from capflow_gui.desk.edits import OwnGroups
from capflow_gui.desk.opening import Asked, open_access, open_collector, read_bus
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import parse_level
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.paths import Paths
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.reason import Code
from capflow_gui.serve.profile import ServedProfile
from capflow_gui.settings import NO_POLICY, OpendSettings, Policy, Settings, Thresholds, WatchSettings, load, save
from capflow_gui.settings.rules import save_rules
from capflow_gui.settings.types import GroupSettings
from tests.desk_bus import Bus
from tests.unit.desk.test_collector import until

CLOCK = SystemClock()
LISTED = Settings(watchlist=WatchSettings(["5.HK"]), thresholds=Thresholds(None, {}))


async def test_edits_hold_while_alerts_stand_and_what_does_not_hold_is_said(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log
) -> None:
    monkeypatch.setattr("capflow_gui.serve.profile._LOOK_S", 0.05)
    expect_log("settings.toml was edited and is not used, what held before goes on")
    expect_log("settings.toml was edited, and holds now, but for opend.port: from the next start on")
    secret = tmp_path / "secret"
    secret.write_text(bus.secrets["collector"], encoding="utf-8")
    secret.chmod(0o600)
    folders = tmp_path / "config", tmp_path / "data"
    paths = Paths.resolve(None, *folders)
    save(paths.settings_file, LISTED)
    save_rules(paths.rules_file, [kept := new_entry("*: net >= -999B")])
    asked = Asked(["demo:"], [Symbol.parse("700.HK")], [parse_rule("*: main >= -998B")], 1)
    address = read_bus(f"nats://127.0.0.1:{bus.port}", "collector", None, secret)
    async with (
        open_access(address, CLOCK, no_log) as access,
        open_collector(asked, access, folders, LISTED, NO_POLICY, real=False, clock=CLOCK, conceal=no_log) as collector,
    ):
        task = asyncio.create_task(collector.run())
        monitor = collector.monitor

        def polled() -> set[str]:
            return {str(symbol) for symbol in monitor.symbols}

        def standing() -> dict[str, set[str]]:
            found: dict[str, set[str]] = {}
            for record in monitor.alerts:
                if record.standing:
                    found.setdefault(str(record.symbol), set()).add(record.id)
            return found

        await until(lambda: len(standing().get("700.HK", ())) == 2)
        before = standing()["700.HK"]
        save(paths.settings_file, Settings(watchlist=WatchSettings(["388.HK"]), thresholds=LISTED.thresholds))
        await until(lambda: polled() == {"700.HK", "388.HK"})
        save_rules(paths.rules_file, [kept, new_entry("*: large >= -997B")])
        await until(lambda: len(standing().get("700.HK", ())) == 3)
        assert standing()["700.HK"] > before
        assert collector.troubles == ()
        paths.settings_file.write_text("watchlist = [", encoding="utf-8")
        await until(lambda: [each.code for each in collector.troubles] == [Code.EDIT_REFUSED])
        assert polled() == {"700.HK", "388.HK"}
        save(paths.settings_file, Settings(watchlist=WatchSettings(["388.HK"]), opend=OpendSettings(port=1)))
        await until(lambda: [each.code for each in collector.troubles] == [Code.EDIT_TAKEN_LATER])
        save_rules(paths.rules_file, [])
        await until(lambda: len(standing().get("700.HK", ())) == 1)
        task.cancel()
        await asyncio.wait({task})


async def test_what_an_administrator_has_locked_no_edit_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log
) -> None:
    monkeypatch.setattr("capflow_gui.serve.profile._LOOK_S", 0.01)
    expect_log("edits stopped unexpectedly")
    expect_log(r"a part of Capflow itself fails \(edits: RuntimeError\)")
    policy = Policy(locked={"thresholds": {"default": "-5M"}})
    folders = tmp_path / "config", tmp_path / "data"
    paths = Paths.resolve(None, *folders)
    save(paths.settings_file, LISTED)
    settings = load(paths.settings_file, policy).settings

    async def secret() -> str:
        return "no bus is asked"

    access = BusAccess(DeskConfig("127.0.0.1", 1, "collector"), secret)
    asked = Asked(["demo:"], [], [], 1)
    async with open_collector(
        asked, access, folders, settings, policy, real=False, clock=CLOCK, conceal=no_log
    ) as collector:
        rules, set_threshold = collector.monitor._rules, collector.monitor.set_threshold

        def fail(*_arguments: object) -> None:
            collector.monitor.set_threshold = set_threshold  # type: ignore[method-assign]
            raise RuntimeError("once")

        collector.monitor.set_threshold = fail  # type: ignore[method-assign]
        save(paths.settings_file, replace(LISTED, thresholds=Thresholds("-9M", {"5.HK": "-1M"})))
        await until(lambda: collector.monitor.set_threshold is set_threshold)
        save(paths.settings_file, replace(LISTED, thresholds=Thresholds("-8M", {"388.HK": "-2M"})))
        await until(lambda: Symbol.parse("388.HK") in rules.overrides)  # after a fault it follows again
        assert rules.default == parse_level("-5M")


def test_rules_for_a_group_follow_its_members(tmp_path: Path) -> None:
    tencent, hsbc = Symbol.parse("700.HK"), Symbol.parse("5.HK")

    def grouped(*members: str) -> Settings:
        return Settings(watchlist=WatchSettings(["700.HK", "5.HK"], groups=[GroupSettings("core", [*members])]))

    paths = Paths.resolve(None, tmp_path / "config", tmp_path / "data")
    profile = ServedProfile(paths, grouped("700.HK"), NO_POLICY, keeps=True)
    groups = OwnGroups(profile)
    assert (groups.of(tencent), groups.of(hsbc)) == ({"core"}, set())
    profile.settings = grouped("5.HK")
    assert (groups.of(tencent), groups.of(hsbc)) == (set(), {"core"})
