from __future__ import annotations

from pathlib import Path
from typing import Any

from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.monitor import Monitor
from capflow_gui.settings import Settings, Thresholds, WatchSettings, kept_groups, own_groups
from capflow_gui.settings.lists import pass_on
from capflow_gui.settings.types import GroupSettings

TENCENT, HSBC, BYD = map(Symbol.parse, ("700.HK", "5.HK", "1211.HK"))


def test_groups_come_out_of_the_settings_as_they_went_in() -> None:
    groups = Groups((Group("HK core", (Symbol.parse("700.HK"), Symbol.parse("5.HK")), "pink"), Group("Empty")))
    kept = kept_groups(groups)
    assert kept == [GroupSettings("HK core", ["700.HK", "5.HK"], "pink"), GroupSettings("Empty")]
    assert own_groups(Settings(watchlist=WatchSettings(groups=kept))) == groups


def test_a_running_monitor_takes_the_list_and_the_thresholds_of_edited_settings(
    tmp_path: Path, calendar: Calendar, hand_clock: Any
) -> None:
    profile = Profile(Request(folders=(tmp_path / "config", tmp_path / "data")), demo=False)
    profile.change(
        watchlist=WatchSettings(["700.HK", "5.HK"]),
        thresholds=Thresholds("-5M", {"700.HK": "-1M", "5.HK": "none"}),
    )
    monitor = Monitor([], profile.symbols, calendar=calendar, clock=hand_clock, rules=profile.rules())
    chosen: list[tuple[Symbol, str | None]] = []
    monitor.choose_source = lambda symbol, source: chosen.append((symbol, source))  # type: ignore[method-assign]
    before = profile.settings
    profile.change(
        watchlist=WatchSettings(["1211.HK", "700.HK"], sources={"700.HK": "longport"}),
        thresholds=Thresholds(None, {"1211.HK": "-2%"}),
    )
    pass_on(before, profile, monitor)
    assert monitor.symbols == (BYD, TENCENT)
    assert chosen == [(TENCENT, "longport")]
    rules = profile.rules()
    for symbol in (TENCENT, HSBC, BYD):
        assert monitor._rules.threshold(symbol) == rules.threshold(symbol)
    pass_on(profile.settings, profile, monitor)
    assert (monitor.symbols, len(chosen)) == ((BYD, TENCENT), 1)
