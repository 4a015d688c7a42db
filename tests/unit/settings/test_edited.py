from __future__ import annotations

from pathlib import Path
from typing import Any

from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.monitor import Monitor
from capflow_gui.settings import Thresholds, WatchSettings
from capflow_gui.settings.edited import pass_on

TENCENT, HSBC, BYD = map(Symbol.parse, ("700.HK", "5.HK", "1211.HK"))


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
