"""longport and longbridge read the simulator, signature verified, and agree with our own client to the last digit."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RequestRejected
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider

ROOT = Path(__file__).parents[2]
CALLS = Path(__file__).with_name("longport_sdk_calls.py")
CODES = ("700.HK", "AAPL.US", "600519.SH", "1234.HK")
# SDK, prefix of the variables it reads, and how it carries quotes.
CLIENTS = (("longport", "LONGPORT_", "ws"), ("longbridge", "LONGBRIDGE_", "ws"), ("longbridge", "LONGBRIDGE_", "http"))
_WAIT_S = 120


@dataclass(frozen=True)
class Pair:
    """What the SDK and what our own provider made of the same answers."""

    theirs: dict[str, Any]
    mine: dict[str, Any]
    environment: dict[str, str]


@pytest.fixture(scope="module")
def longport(clean_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables that lead to a `capflow simulate` whose market clock is held, so that numbers agree."""
    data = str(tmp_path_factory.mktemp("data"))
    command = [sys.executable, "-m", "capflow_gui", "simulate", "--speed", "0", "--rate-limit", "off"]
    command += ["--data-dir", data, "--config-dir", data]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=clean_environment)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    yield ready["longport_environment"]
    process.terminate()
    process.stdout.close()
    assert process.wait(20) == 0 or sys.platform == "win32"


@pytest.fixture(scope="module", params=CLIENTS, ids="-".join)
def pair(
    request: pytest.FixtureRequest,
    longport: dict[str, str],
    sdk_python: Path,
    clean_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Pair:
    package, prefix, transport = request.param
    folder = tmp_path_factory.mktemp("heard")
    # Every address is given, so that the SDK asks nobody where it is.
    named = {name.replace("LONGBRIDGE_", prefix): value for name, value in longport.items()}
    named |= {f"{prefix}TRADE_WS_URL": longport["LONGBRIDGE_QUOTE_WS_URL"], f"{prefix}REGION": "hk"}
    named |= {f"{prefix}QUOTE_TRANSPORT": transport, f"{prefix}PRINT_QUOTE_PACKAGES": "false"}
    done = subprocess.run(
        [str(sdk_python), str(CALLS), package, str(folder / "heard.json")],
        env=clean_environment | named,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_WAIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    theirs = json.loads((folder / "heard.json").read_text(encoding="utf-8"))
    return Pair(theirs, asyncio.run(_our_calls(longport)), clean_environment | longport)


async def _our_calls(environment: dict[str, str]) -> dict[str, Any]:
    clock = SystemClock()
    key = AppKey(*(environment[f"LONGBRIDGE_{name}"] for name in ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN")))
    config = LongportConfig(environment["LONGBRIDGE_HTTP_URL"], environment["LONGBRIDGE_QUOTE_WS_URL"])
    provider = LongportProvider(config, KeyLogin(key, clock), clock)
    running = asyncio.create_task(provider.run())
    heard: dict[str, Any] = {}
    symbols = [Symbol.parse(code) for code in CODES]
    try:
        await provider.wait_ready(clock.monotonic() + 20)
        for symbol in symbols:
            heard[f"flow {symbol}"] = await provider.get_capital_flow(symbol)
        heard["distribution"] = await provider.get_distribution(symbols[0])
        heard["quotes"] = await provider.get_snapshots(symbols)
        heard["static"] = await provider.get_static_info(symbols)
        heard["watchlist"] = {
            group.name: [str(info.symbol) for info in await provider.get_group_symbols(group.name)]
            for group in await provider.get_groups()
        }
        heard["days"] = await provider.get_trade_dates(Market.HK, date(2026, 6, 1), date(2026, 6, 20))
        for name, code in (("unknown", "12345.HK"), ("no access", "6666.HK")):
            try:
                await provider.get_capital_flow(Symbol.parse(code))
            except RequestRejected as error:
                heard[name] = error
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return heard


@pytest.mark.parametrize("code", CODES)
def test_capital_flow(pair: Pair, code: str) -> None:
    theirs = [(line["timestamp"], float(line["inflow"])) for line in pair.theirs[f"flow {code}"]]
    series = pair.mine[f"flow {code}"]
    assert len(theirs) > 30
    assert theirs == list(zip(series.timestamps.tolist(), series.net.tolist(), strict=True))


def test_distribution(pair: Pair) -> None:
    mine = pair.mine["distribution"]
    for side, ours in (("capital_in", mine.inflow), ("capital_out", mine.outflow)):
        theirs = {name: float(text) for name, text in pair.theirs["distribution"][side].items()}
        assert theirs == {name: ours[name] for name in ("large", "medium", "small")}


def test_quotes(pair: Pair) -> None:
    for theirs, mine in zip(pair.theirs["quotes"], pair.mine["quotes"], strict=True):
        found = [float(theirs[name]) for name in ("last_done", "prev_close", "turnover", "volume", "timestamp")]
        assert (theirs["symbol"], found) == (
            str(mine.symbol),
            [mine.price, mine.previous_close, mine.turnover, mine.volume, mine.time],
        )


def test_static_info(pair: Pair) -> None:
    assert [tuple(info.values()) for info in pair.theirs["static"]] == [
        (str(info.symbol), info.name, info.currency, info.lot_size) for info in pair.mine["static"]
    ]


def test_watchlist(pair: Pair) -> None:
    assert pair.theirs["watchlist"] == pair.mine["watchlist"]
    assert "700.HK" in pair.theirs["watchlist"]["HK core"]


def test_trading_days(pair: Pair) -> None:
    assert pair.theirs["days"] == [str(day.day) for day in pair.mine["days"]]


@pytest.mark.parametrize("name", ["unknown", "no access"])
def test_refusals(pair: Pair, name: str) -> None:
    mine = pair.mine[name]
    assert (pair.theirs[name]["code"], pair.theirs[name]["message"]) == (mine.code, mine.message)


def test_capflow_fetch_prints_what_the_sdk_heard(pair: Pair, tmp_path: Path) -> None:
    fetch = [sys.executable, "-m", "capflow_gui", "fetch", *CODES, "--source", "longport:", "--format", "json"]
    fetch += ["--data-dir", str(tmp_path), "--config-dir", str(tmp_path)]
    done = subprocess.run(fetch, env=pair.environment, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    for entry, code in zip(json.loads(done.stdout), CODES, strict=True):
        theirs = [(line["timestamp"], float(line["inflow"])) for line in pair.theirs[f"flow {code}"]]
        assert theirs == [(line["timestamp"], line["net"]) for line in entry["lines"]]
