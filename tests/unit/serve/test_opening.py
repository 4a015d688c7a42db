from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import Paths
from capflow_gui.serve import rpc
from capflow_gui.serve.arguments import Arguments
from capflow_gui.serve.methods import METHODS
from capflow_gui.serve.opening import open_service
from capflow_gui.settings import NO_POLICY, Settings, Thresholds, WatchSettings, save
from capflow_gui.settings.channels import WebhookSettings
from capflow_gui.settings.rules import save_rules
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.storage.alert_history import find_alerts
from capflow_gui.storage.alert_log import FILE_NAME
from tests.stand_ins.hook import hook

# Nothing is recorded there.
WITHOUT_ARGUMENTS = [
    each.answer
    for each in METHODS
    if each.answer is not None and each.arguments is Arguments and each.name != "archive.info"
]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.to_thread(int)


def written(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def test_without_a_source_it_is_a_usage_error(tmp_path: Path) -> None:
    folders = tmp_path / "config", tmp_path / "data"
    with pytest.raises(InvalidInput, match="no_source_yet"):
        async with open_service([], folders, Settings(), NO_POLICY, clock=SystemClock(), conceal=no_log):
            raise AssertionError


async def test_the_demo_has_a_profile_of_its_own_and_writes_nothing_to_it(tmp_path: Path) -> None:
    folders = tmp_path / "config", tmp_path / "data"
    demo = Paths.resolve("demo", *folders)
    save(demo.settings_file, Settings(watchlist=WatchSettings(["5.HK"])))
    before = written(tmp_path)
    real = Settings(watchlist=WatchSettings(["700.HK"]), thresholds=Thresholds("-1"))
    async with open_service(["demo:"], folders, real, NO_POLICY, clock=SystemClock(), conceal=no_log) as service:
        assert service.monitor.simulated  # before the simulator has been asked
        assert [*map(str, service.monitor.symbols)] == ["5.HK"]
        await service.connected(service.monitor.feeds[0])
        await until(lambda: service.monitor.feeds[0].store.get(Symbol.parse("5.HK")).series is not None)
    assert written(tmp_path) == before


async def test_rules_alerts_and_channels_are_the_profiles_and_a_groups_members_the_brokers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = tmp_path / "config", tmp_path / "data"
    paths = Paths.resolve(None, *folders)
    channels = {"team": WebhookSettings(address="env:TEAM_HOOK")}
    settings = Settings(watchlist=WatchSettings(["700.HK"]), channels=channels)
    save(paths.settings_file, settings)
    save_rules(paths.rules_file, [new_entry("@HK core: net <= -1M")])
    with hook() as receiver:
        monkeypatch.setenv("TEAM_HOOK", receiver.url)
        async with OpendSimulator(SimulatorConfig(), clock=SystemClock()) as simulator:
            sources = [f"opend://127.0.0.1:{simulator.port}"]
            async with open_service(
                sources, folders, settings, NO_POLICY, clock=SystemClock(), conceal=no_log
            ) as service:
                await until(lambda: any(record.standing for record in service.monitor.alerts))
                (record,) = service.monitor.alerts
                assert (record.rule_text, record.simulated) == ("@HK core: net <= -1M", True)
                await until(lambda: bool(receiver.received))
                asked = [await answer(service, Arguments()) for answer in WITHOUT_ARGUMENTS]
                assert receiver.url not in rpc.to_text(asked)
    ((_, body),) = receiver.received
    assert (body["data"]["symbol"], body["data"]["simulated"]) == ("700.HK", True)
    # A simulator's alerts are never among real ones.
    assert len(find_alerts(Paths.resolve("demo", *folders).data / FILE_NAME, [record.id])) == 1
    assert find_alerts(paths.data / FILE_NAME, [record.id]) == []
