"""The provider against the simulated Longport, over each of its three transports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from capflow_gui.domain.calibration import Kind, Scale, calibrate
from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import EXTRA_LARGE, Period
from capflow_gui.domain.link import LinkFact
from capflow_gui.domain.quote import MarketPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    InvalidInput,
    NoData,
    NoQuoteRight,
    RateLimited,
    RequestRejected,
)
from capflow_gui.providers.longport.config import Transport
from capflow_gui.simulator.opend.server import SimulatorConfig
from tests.unit.providers.longport.linked import (
    APPLE,
    TENCENT,
    UNKNOWN,
    linked,
)

TRANSPORTS: tuple[Transport, ...] = ("websocket", "tcp", "http")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_everything_longport_gives(transport: Transport) -> None:
    async with linked(transport) as (simulator, provider):
        series = await provider.get_capital_flow(TENCENT)
        lines = simulator.view.lines(TENCENT, simulator.market_clock.now())
        assert list(zip(series.timestamps.tolist(), series.net.tolist(), strict=True)) == lines
        assert np.isnan(series.values[EXTRA_LARGE:]).all()
        assert series.last_valid is None
        assert not series.has_classes
        assert await provider.get_capital_flow(TENCENT) is series
        split = await provider.get_distribution(TENCENT)
        assert split.inflow["extra_large"] is None
        assert split.inflow["large"] == simulator.view.distribution(TENCENT, simulator.market_clock.now()).inflow[0]
        quotes = await provider.get_snapshots([TENCENT, UNKNOWN, APPLE])
        assert [quote.symbol for quote in quotes] == [TENCENT, APPLE]
        infos = await provider.get_static_info([TENCENT])
        assert (infos[0].name, infos[0].currency, infos[0].lot_size) == ("Tencent Holdings", "HKD", 100)
        days = await provider.get_trade_dates(Market.HK, date(2026, 5, 1), date(2026, 6, 10))
        assert (days[0].day, days[-1].day, len(days)) == (date(2026, 5, 4), date(2026, 6, 10), 27)
        groups = await provider.get_groups()
        assert [group.name for group in groups] == ["HK core", "US tech", "Connect"]
        assert (await provider.get_group_symbols("US tech"))[0].symbol == APPLE
        assert [hit.symbol for hit in await provider.search("700")] == [TENCENT]
        assert await provider.search("no such thing") == []
        assert (await provider.get_market_states([TENCENT]))[0].phase is MarketPhase.UNKNOWN
        state = await provider.get_global_state()
        assert state.simulated
        assert abs(state.time - simulator.market_clock.now()) <= 1
        assert provider.link.fact(LinkFact.SIMULATED) is not None
        assert provider.link.latency_s is not None
        with pytest.raises(NoData):
            await provider.get_group_symbols("nobody's")
        with pytest.raises(InvalidInput):
            await provider.get_capital_flow(TENCENT, Period.DAY)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_seed_page_comes_through(transport: Transport) -> None:
    market = SimulatorConfig(scenario="seed-day", clock="2022-06-13T16:10:00+08:00", speed=0)
    async with linked(transport, market=market) as (_, provider):
        series = await provider.get_capital_flow(TENCENT)
        assert series.timestamps.tolist() == [1655106960, 1655107020, 1655107080, 1655107140, 1655107200]
        assert series.net.tolist() == [-310255860.0] + [-314011220.0] * 4


@pytest.mark.parametrize("transport", ["websocket", "http"])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (301600, RequestRejected),
        (301602, RequestRejected),
        (301603, NoData),
        (301604, NoQuoteRight),
        (301605, RequestRejected),
        (301606, RateLimited),
        (301607, RequestRejected),
    ],
)
async def test_each_refusal_has_its_error(
    transport: Transport, code: int, error: type, expect_log: Callable[[str], None]
) -> None:
    async with linked(transport) as (simulator, provider):
        simulator.faults.add(f"error-code:{code},symbol=700.HK")
        if transport == "http":
            expect_log(r"refused: .* trace simulated-\d+")
        with pytest.raises(error) as caught:
            await provider.get_capital_flow(TENCENT)
        assert caught.value.code in (code, 429002)
        assert await provider.get_capital_flow(APPLE)


@pytest.mark.parametrize(
    ("fault", "scale", "kind"),
    [
        (None, Scale.PLAIN, Kind.RUNNING_TOTAL),
        ("scale", Scale.TEN_THOUSANDS, Kind.RUNNING_TOTAL),
        ("per-minute", Scale.PLAIN, Kind.PER_MINUTE),
    ],
)
async def test_what_the_amounts_are_is_found_out(
    calendar: Calendar, fault: str | None, scale: Scale, kind: Kind
) -> None:
    async with linked() as (simulator, provider):
        if fault is not None:
            simulator.faults.add(fault)
        for code in ("700.HK", "9988.HK", "600519.SH"):
            symbol = Symbol.parse(code)
            series = await provider.get_capital_flow(symbol)
            split = await provider.get_distribution(symbol)
            (quote,) = await provider.get_snapshots([symbol])
            assert split.time is not None
            day = calendar.day(symbol.market, calendar.session_date(symbol.market, split.time))
            assert day is not None
            found = calibrate(series, day, ClassFlow().joined(split, split.time), quote.turnover)
            assert (found.scale, found.kind) == (scale, kind)
