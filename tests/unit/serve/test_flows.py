from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.errors import ConnectFailed
from capflow_gui.serve import flows
from capflow_gui.serve.opening import open_service
from capflow_gui.serve.service import Service
from capflow_gui.settings import NO_POLICY, Settings, WatchSettings
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.unit.serve.conftest import Ask


async def test_a_watched_symbol_is_read_and_another_one_asked_once_for_all(service: Service, ask: Ask) -> None:
    first, second = service.monitor.symbols[:2]
    found = await ask("flow.get", symbols=[str(first), "5.HK"], newest=5)
    assert found["simulated"] is True
    tencent, other = found["flows"]
    assert (tencent["symbol"], tencent["source"], tencent["period"]) == (str(first), "demo", "intraday")
    assert tencent["cumulative"] is True
    assert (tencent["currency"], tencent["currency_assumed"], tencent["simulated"]) == ("HKD", False, True)
    assert tencent["state"] == "live"
    assert tencent["age_s"] >= 0
    assert tencent["flags"] == []
    assert [tencent["lines"][place]["provisional"] for place in (0, -1)] == [False, True]
    assert tencent["lines"][0]["main"] == tencent["lines"][0]["extra_large"] + tencent["lines"][0]["large"]
    assert other["lines"]
    assert second in service.monitor.symbols


async def test_an_error_stands_in_its_place_and_is_the_answer_where_there_is_no_other(ask: Ask) -> None:
    good, bad = (await ask("flow.get", symbols=["5.HK", "6666.HK"], newest=0))["flows"]
    assert good["lines"] == []
    assert bad == {
        "symbol": "6666.HK",
        "source": "demo",
        "simulated": True,
        "error": {"kind": "NoQuoteRight", "code": -1, "message": "行情权限不足 HK.06666"},
    }
    assert (await ask("flow.get", symbols=["5.HK"], source="longport"))["data"] == {"argument": "source"}


async def test_history_is_a_total_a_period(ask: Ask) -> None:
    asked = {"symbols": ["700.HK"], "period": "day", "start": "2026-06-01", "end": "2026-06-05"}
    (days,) = (await ask("flow.history", **asked))["flows"]
    assert (days["period"], days["cumulative"], days["session"]) == ("day", False, None)
    assert len(days["lines"]) == 5
    assert days["simulated"] is True
    assert "state" not in days
    refused = await ask("flow.history", symbols=["700.HK"], start="2026-06-05", end="2026-06-01")
    assert refused["message"] == "start: 2026-06-05 is after end, 2026-06-01."


async def test_while_the_source_is_down_the_last_figures_are_given_with_their_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("opend: ")
    monkeypatch.setattr("capflow_gui.serve.service._RECONNECT_WITHIN_S", 0.1)
    settings = Settings(watchlist=WatchSettings(["700.HK"]))
    folders = tmp_path / "config", tmp_path / "data"
    tencent, other = (flows.FlowArguments(symbols=[symbol], newest=1) for symbol in ("700.HK", "5.HK"))
    async with AsyncExitStack() as stack:
        simulator = OpendSimulator(SimulatorConfig(), clock=SystemClock())
        async with simulator:
            source = f"opend://127.0.0.1:{simulator.port}"
            opening = open_service([source], folders, settings, NO_POLICY, clock=SystemClock(), conceal=no_log)
            service = await stack.enter_async_context(opening)
            (feed,) = service.feeds(None)
            async with asyncio.timeout(10):
                while feed.store.get(service.monitor.symbols[0]).series is None:
                    await asyncio.to_thread(int)
            (before,) = (await flows.get_flows(service, tencent))["flows"]
            assert before["link"] == "ready"
        async with asyncio.timeout(10):
            while feed.is_ready:
                await asyncio.to_thread(int)
        (after,) = (await flows.get_flows(service, tencent))["flows"]
        assert after["lines"] == before["lines"]
        assert after["link"] in ("lost", "waiting", "connecting")
        assert after["age_s"] >= before["age_s"]
        with pytest.raises(ConnectFailed):
            await flows.get_flows(service, other)


async def test_an_answer_that_is_too_large_is_asked_for_in_parts(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "MOST_LINES", 3)
    refused = await ask("flow.get", symbols=["700.HK"])
    assert refused["data"] == {"argument": "symbols"}
    assert "more than 3" in refused["message"]
    assert len((await ask("flow.get", symbols=["700.HK"], newest=3))["flows"][0]["lines"]) == 3


async def test_those_who_ask_at_the_same_time_share_a_call(
    service: Service, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask("watchlist.set", symbols=["700.HK"])
    (feed,) = service.feeds(None)
    await service.connected(feed)
    asked: list[object] = []
    get: Callable[..., object] = feed.provider.get_capital_flow

    def counted(symbol: object, *more: object) -> object:
        asked.append(symbol)
        return get(symbol, *more)

    monkeypatch.setattr(feed.provider, "get_capital_flow", counted)
    line = flows.FlowArguments(symbols=["5.HK", "HK.00005"], newest=1)
    await asyncio.gather(*(flows.get_flows(service, line) for _ in range(5)))
    assert [str(each) for each in asked].count("5.HK") == 1
    assert service.asked == {}
