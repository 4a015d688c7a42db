from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.app.edits.watching import Edits
from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.monitor import Monitor
from capflow_gui.paths import Paths
from capflow_gui.serve.profile import ServedProfile
from capflow_gui.settings import NO_POLICY, Settings, Thresholds, WatchSettings, save
from capflow_gui.settings.rules import save_rules
from tests.integration.hurried_clock import HurriedClock

TENCENT, HSBC = Symbol.parse("700.HK"), Symbol.parse("5.HK")
LISTED = Settings(watchlist=WatchSettings(["700.HK"]), thresholds=Thresholds("-5M", {"700.HK": "none", "5.HK": "-1%"}))


def opened(tmp_path: Path, settings: Settings = LISTED) -> tuple[ServedProfile, Paths]:
    paths = Paths.resolve(None, tmp_path / "config", tmp_path / "data")
    save(paths.settings_file, settings)
    return ServedProfile(paths, settings, NO_POLICY, keeps=True), paths


def test_thresholds_and_rules_are_those_of_the_files(tmp_path: Path) -> None:
    _, paths = opened(tmp_path)
    save_rules(paths.rules_file, [new_entry("*: main <= -80M")])
    table = ServedProfile(paths, LISTED, NO_POLICY, keeps=True).table(lambda _symbol: ())
    assert [entry.text for entry in table.entries] == ["*: main <= -80M"]
    assert table.threshold(TENCENT) == (None, True)
    assert str(table.threshold(Symbol.parse("9988.HK"))[0]) != "None"


async def test_what_a_window_saves_is_taken_up_and_what_cannot_be_read_is_not(
    tmp_path: Path, calendar: Calendar, expect_log: Any
) -> None:
    profile, paths = opened(tmp_path)
    clock = HurriedClock(100.0)
    monitor = Monitor([], profile.symbols, calendar=calendar, clock=clock, rules=profile.table(lambda _symbol: ()))
    following = asyncio.create_task(profile.follow(clock, monitor))

    async def until(condition: Any) -> None:
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.to_thread(int)

    try:
        told: list[Settings] = []
        profile.changed = told.append
        save(paths.settings_file, Settings(watchlist=WatchSettings(["5.HK", "700.HK"])))
        await until(lambda: monitor.symbols == (HSBC, TENCENT))
        assert told == [profile.settings]
        save_rules(paths.rules_file, [new_entry("*: main <= -80M")])
        await until(lambda: [entry.text for entry in monitor.rules] == ["*: main <= -80M"])
        paths.settings_file.write_text("watchlist = [", "utf-8")
        await until(lambda: profile._known[paths.settings_file] == b"watchlist = [")
        assert monitor.symbols == (HSBC, TENCENT)
        await asyncio.gather(*(profile.set_watchlist([each], monitor) for each in (HSBC,)), return_exceptions=True)
        assert paths.settings_file.read_text("utf-8") == "watchlist = ["
    finally:
        following.cancel()
        await asyncio.wait({following})


async def test_an_edit_that_could_not_be_taken_up_is_not_taken_for_done(tmp_path: Path, calendar: Calendar) -> None:
    profile, paths = opened(tmp_path)
    monitor = Monitor(
        [], profile.symbols, calendar=calendar, clock=HurriedClock(100.0), rules=profile.table(lambda _symbol: ())
    )
    told: list[Settings] = []

    def fail_once(settings: Settings) -> None:
        told.append(settings)
        if len(told) == 1:
            raise KeyError("a fault")

    profile.changed = fail_once
    save(paths.settings_file, Settings(watchlist=WatchSettings(["5.HK"])))
    with pytest.raises(KeyError):
        await profile.follow(HurriedClock(100.0), monitor)
    assert profile.settings == LISTED
    following = asyncio.create_task(profile.follow(HurriedClock(100.0), monitor))
    try:
        async with asyncio.timeout(5):
            while len(told) < 2:
                await asyncio.to_thread(int)
        assert profile.settings == told[1]
        assert monitor.symbols == (HSBC,)
    finally:
        following.cancel()
        await asyncio.wait({following})


async def test_a_window_that_is_open_takes_up_what_is_set_here(tmp_path: Path, calendar: Calendar) -> None:
    """And what it saves next is no second version of its file."""
    profile, paths = opened(tmp_path)
    window = Profile(Request(folders=(tmp_path / "config", tmp_path / "data")), demo=False)
    clock = HurriedClock(100.0)
    taken: list[Settings] = []
    edits = Edits(window, settings_taken=taken.append, rules_taken=lambda _rules: None, say=lambda _words, _stay: None)
    following = asyncio.create_task(edits.follow(clock))
    monitor = Monitor([], profile.symbols, calendar=calendar, clock=clock, rules=profile.table(lambda _symbol: ()))
    try:
        await profile.set_watchlist([HSBC], monitor)
        async with asyncio.timeout(5):
            while not taken:
                await asyncio.to_thread(int)
        assert window.symbols == [HSBC]
        window.change(watchlist=WatchSettings(["700.HK", "5.HK"]))
        assert [each.name for each in paths.config.iterdir()] == ["settings.toml"]
        profile._take(paths.settings_file, paths.settings_file.read_bytes(), monitor)
        assert monitor.symbols == (TENCENT, HSBC)
    finally:
        following.cancel()
        await asyncio.wait({following})
