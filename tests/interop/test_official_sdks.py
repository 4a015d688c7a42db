"""futu-api and moomoo-api read the simulator, plain and encrypted, and agree with our own client to the last digit."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.quote import SecurityKind
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import ProviderError, RequestRejected
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from tests.forked import COMMAND

Heard = dict[str, dict[str, Any]]
COMBINATIONS = [(package, wire) for package in ("futu", "moomoo") for wire in ("plain", "cbc", "ftaes")]
INTRADAY = ["HK.00700", "US.AAPL", "SH.600519", "HK.01234"]
BEGIN, END = date(2026, 1, 5), date(2026, 6, 10)
ZONES = {"HK": "Asia/Hong_Kong", "US": "America/New_York", "SH": "Asia/Shanghai", "SZ": "Asia/Shanghai"}


@dataclass(frozen=True)
class Pair:
    """What the SDK and what our own provider made of the same answers."""

    theirs: Heard
    mine: dict[str, Any]
    source: str


@pytest.fixture(scope="module", params=COMBINATIONS, ids="-".join)
def pair(
    request: pytest.FixtureRequest,
    sdk_heard: Callable[[str, str], Heard],
    simulator: Callable[[str], int],
    key_file: Path,
) -> Pair:
    package, wire = request.param
    port, key = simulator(wire), str(key_file) if wire != "plain" else None
    source = f"opend://127.0.0.1:{port}" + (f"?rsa-key={key}" if key else "")
    return Pair(sdk_heard(package, wire), asyncio.run(_our_calls(OpendConfig("127.0.0.1", port, key))), source)


async def _our_calls(config: OpendConfig) -> dict[str, Any]:
    clock = SystemClock()
    provider = OpendProvider(config, clock)
    running = asyncio.create_task(provider.run())
    heard: dict[str, Any] = {}
    try:
        await provider.wait_ready(clock.monotonic() + 20)
        for code in INTRADAY:
            heard[f"intraday {code}"] = await provider.get_capital_flow(Symbol.parse(code))
        tencent = Symbol.parse("HK.00700")
        for period in (Period.DAY, Period.WEEK, Period.MONTH):
            heard[period.name] = await provider.get_capital_flow(tencent, period, BEGIN, END)
        for code in ("HK.00700", "US.AAPL"):
            heard[f"distribution {code}"] = await provider.get_distribution(Symbol.parse(code))
        symbols = [Symbol.parse(code) for code in ("HK.00700", "US.BRK.B", "SZ.300750", "HK.01234")]
        heard["snapshot"] = await provider.get_snapshots(symbols)
        heard["static"] = await provider.get_static_info([tencent, Symbol.parse("HK.02800")])
        heard["groups"] = await provider.get_groups()
        heard["group"] = await provider.get_group_symbols("HK core")
        codes = [Symbol.parse(code) for code in ("HK.00700", "US.AAPL", "SH.600519")]
        heard["market state"] = await provider.get_market_states(codes)
        heard["trading days"] = await provider.get_trade_dates(Market.HK, date(2026, 12, 20), date(2026, 12, 31))
        heard["global state"] = await provider.get_global_state()
        heard["search"] = await provider.search("tencent", 5)
        for name, call in (
            ("unknown symbol", provider.get_capital_flow(Symbol.parse("HK.99998"))),
            ("no right", provider.get_capital_flow(Symbol.parse("HK.06666"))),
            ("snapshot unknown", provider.get_snapshots([tencent, Symbol.parse("HK.99998")])),
            ("group unknown", provider.get_group_symbols("no such group")),
        ):
            try:
                heard[name] = await call
            except ProviderError as error:
                heard[name] = error
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return heard


def data(heard: Heard, name: str) -> list[dict[str, Any]]:
    assert heard[name]["ok"], heard[name]
    found: list[dict[str, Any]] = heard[name]["data"]
    return found


def wall(timestamp: float, code: str) -> str:
    return datetime.fromtimestamp(timestamp, ZoneInfo(ZONES[code.partition(".")[0]])).strftime("%Y-%m-%d %H:%M:%S")


def their_lines(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    columns = ("capital_flow_item_time", "in_flow", "super_in_flow", "big_in_flow", "mid_in_flow", "sml_in_flow")
    return [tuple(row[column] for column in columns) for row in rows]


def our_lines(series: FlowSeries, code: str) -> list[tuple[Any, ...]]:
    net, _, *classes = series.values
    columns = [row.tolist() for row in (net, *classes)]
    times = [wall(timestamp, code) for timestamp in series.timestamps.tolist()]
    return list(zip(times, *columns, strict=True))


@pytest.mark.parametrize("code", INTRADAY)
def test_intraday(pair: Pair, code: str) -> None:
    theirs = data(pair.theirs, f"intraday {code}")
    series: FlowSeries = pair.mine[f"intraday {code}"]
    assert len(theirs) > 30
    assert their_lines(theirs) == our_lines(series, code)
    assert series.last_valid is not None
    assert {row["last_valid_time"] for row in theirs} == {wall(series.last_valid, code)}
    assert {row["main_in_flow"] for row in theirs} == {"N/A"}


@pytest.mark.parametrize(("period", "least"), [("DAY", 100), ("WEEK", 20), ("MONTH", 5)])
def test_history(
    pair: Pair,
    period: str,
    least: int,
) -> None:
    theirs = data(pair.theirs, period)
    series: FlowSeries = pair.mine[period]
    assert len(theirs) >= least
    assert their_lines(theirs) == our_lines(series, "HK.00700")
    assert [row["main_in_flow"] for row in theirs] == series.main.tolist()
    assert {row["last_valid_time"] for row in theirs} == {"N/A"}
    assert series.last_valid is None


@pytest.mark.parametrize("code", ["HK.00700", "US.AAPL"])
def test_distribution(pair: Pair, code: str) -> None:
    (row,) = data(pair.theirs, f"distribution {code}")
    split = pair.mine[f"distribution {code}"]
    names = {"super": "extra_large", "big": "large", "mid": "medium", "small": "small"}
    for theirs, mine in names.items():
        assert row[f"capital_in_{theirs}"] == split.inflow[mine] > 0
        assert row[f"capital_out_{theirs}"] == split.outflow[mine] > 0
    assert row["update_time"] == wall(split.time, code)


def test_snapshot(pair: Pair) -> None:
    theirs = data(pair.theirs, "snapshot")
    mine = pair.mine["snapshot"]
    assert [Symbol.parse(row["code"]) for row in theirs] == [quote.symbol for quote in mine]
    for row, quote in zip(theirs, mine, strict=True):
        found = (row["name"], row["last_price"], row["prev_close_price"], row["turnover"], row["volume"])
        assert found == (quote.name, quote.price, quote.previous_close, quote.turnover, quote.volume)
        assert row["suspension"] is quote.halted
        assert row["update_time"] == wall(quote.time, row["code"])
    assert [row["sec_status"] for row in theirs] == ["NORMAL", "NORMAL", "NORMAL", "SUSPENDED"]


def test_static_info(pair: Pair) -> None:
    theirs = data(pair.theirs, "static")
    mine = pair.mine["static"]
    kinds = {"STOCK": SecurityKind.STOCK, "ETF": SecurityKind.FUND}
    assert [(Symbol.parse(row["code"]), row["name"], kinds[row["stock_type"]], row["lot_size"]) for row in theirs] == [
        (info.symbol, info.name, info.kind, info.lot_size) for info in mine
    ]
    assert [row["code"] for row in data(pair.theirs, "funds")] == ["HK.02800"]


def test_watchlist_groups(pair: Pair) -> None:
    heard, mine = pair.theirs, pair.mine
    assert [(row["group_name"], row["group_type"] == "CUSTOM") for row in data(heard, "groups")] == [
        (group.name, group.custom) for group in mine["groups"]
    ]
    members = data(heard, "group")
    assert len(members) == 16
    assert [(Symbol.parse(row["code"]), row["name"]) for row in members] == [
        (info.symbol, info.name) for info in mine["group"]
    ]


def test_market_state_and_trading_days(pair: Pair) -> None:
    heard, mine = pair.theirs, pair.mine
    numbers = {"AFTERNOON": 5, "AFTER_HOURS_END": 11}
    assert [(Symbol.parse(row["code"]), numbers[row["market_state"]]) for row in data(heard, "market state")] == [
        (state.symbol, state.code) for state in mine["market state"]
    ]
    kinds = {"WHOLE": "whole", "MORNING": "morning", "AFTERNOON": "afternoon"}
    days = [(row["time"], kinds[row["trade_date_type"]]) for row in data(heard, "trading days")]
    assert days == [(each.day.isoformat(), each.kind) for each in mine["trading days"]]
    assert ("2026-12-24", "morning") in days
    assert len(data(heard, "trading days of a code")) == 21


def test_global_state(pair: Pair) -> None:
    heard = pair.theirs["global state"]
    assert heard["ok"]
    theirs, mine = heard["data"], pair.mine["global state"]
    assert (float(theirs["timestamp"]), int(theirs["server_ver"])) == (mine.time, mine.server_version)
    assert theirs["qot_logined"] is mine.quote_logged_in is True
    assert theirs["program_status_type"] == "READY"
    assert theirs["program_status_desc"].startswith("SIMULATED")
    assert mine.simulated


def test_search(pair: Pair) -> None:
    theirs = data(pair.theirs, "search")
    assert [(Symbol.parse(f"{row['market']}.{row['code']}"), row["name"]) for row in theirs] == [
        (hit.symbol, hit.name) for hit in pair.mine["search"]
    ]


@pytest.mark.parametrize("name", ["unknown symbol", "no right", "snapshot unknown", "group unknown"])
def test_refusals_come_in_the_same_words(pair: Pair, name: str) -> None:
    theirs = pair.theirs[name]
    mine = pair.mine[name]
    assert not theirs["ok"]
    assert isinstance(mine, RequestRejected)
    assert theirs["data"] == mine.message


def test_capflow_fetch_prints_what_the_sdk_heard(pair: Pair, clean_environment: dict[str, str], tmp_path: Path) -> None:
    fetch = [*COMMAND, "fetch", "--source", pair.source, "--format", "json"]
    fetch += ["--data-dir", str(tmp_path), "--config-dir", str(tmp_path)]
    environment = os.environ | {name: text for name, text in clean_environment.items() if name != "PYTHONUTF8"}
    asked = [("intraday", INTRADAY, [])]
    asked += [(name, ["HK.00700"], ["--start", str(BEGIN), "--end", str(END)]) for name in ("day", "week", "month")]
    for period, codes, window in asked:
        done = subprocess.run(
            [*fetch, *codes, "--period", period, *window], env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        printed = json.loads(done.stdout)
        assert len(printed) == len(codes)
        for entry, code in zip(printed, codes, strict=True):
            theirs = data(pair.theirs, f"intraday {code}" if period == "intraday" else period.upper())
            columns = ("net", "extra_large", "large", "medium", "small")
            mine = [(wall(line["timestamp"], code), *(line[column] for column in columns)) for line in entry["lines"]]
            assert their_lines(theirs) == mine
            if period != "intraday":
                assert [row["main_in_flow"] for row in theirs] == [line["main"] for line in entry["lines"]]
