"""The sources of a profile, opened while a keyring still waits for its password; and what leaving one keeps."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from capflow_gui.app.open_sources import open_sources
from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import Credentials, no_log
from capflow_gui.settings import LongportSettings, OpendSettings, Settings, Thresholds, WatchSettings, save

LIST = WatchSettings(["700.HK", "5.HK"], sources={"700.HK": "longport"})


@pytest.fixture
def request_of_mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    settings = Settings(
        first_run_done=True,
        source="opend",
        second_source="longport",
        opend=OpendSettings(port=11112),
        longport=LongportSettings(region="mainland"),
        watchlist=LIST,
        thresholds=Thresholds("-5M", {"5.HK": "-1M"}),
    )
    (tmp_path / "config").mkdir()
    save(tmp_path / "config" / "settings.toml", settings)
    return Request(folders=(tmp_path / "config", tmp_path / "data"))


async def never() -> Credentials:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_keyring_that_waits_holds_nobody_up(request_of_mine: Request) -> None:
    profile = Profile(request_of_mine, demo=False)
    async with asyncio.timeout(5), open_sources(profile, request_of_mine, SystemClock(), never, no_log) as opened:
        assert [source.name for source in opened.sources] == ["opend", "longport"]
        assert opened.closed == {}


@pytest.mark.parametrize(
    ("order", "left"),
    [(["longport"], "opend"), (["opend"], "longport"), (["longport", "opend"], None), (["opend", "longport"], None)],
)
def test_leaving_a_source_keeps_everything_else(request_of_mine: Request, order: list[str], left: str | None) -> None:
    before = Profile(request_of_mine, demo=False).settings
    for source in order:
        Profile(request_of_mine, demo=False).disconnect(source)
    after = Profile(request_of_mine, demo=False)
    assert (after.settings.source, after.settings.second_source) == (left, None)
    assert (after.settings.watchlist, after.settings.thresholds) == (LIST, before.thresholds)
    assert (after.settings.opend, after.settings.longport) == (before.opend, before.longport)
    after.connect(before.opend)
    after.connect(before.longport)
    assert {after.settings.source, after.settings.second_source} == {"opend", "longport"}
    assert {str(symbol): source for symbol, source in after.own_sources.items()} == {"700.HK": "longport"}
