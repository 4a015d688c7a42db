"""The Longport provider against the simulated Longport, over each of its three transports."""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey
from capflow_gui.domain.calibration import Kind, Scale, calibrate
from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import EXTRA_LARGE, Period
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.quote import MarketPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    InvalidInput,
    NoData,
    NoQuoteRight,
    RateLimited,
    RemoteProtocolError,
    RequestRejected,
    UnknownSymbol,
)
from capflow_gui.present.sentences import error_sentence
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.longport.config import LongportConfig, Transport
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from capflow_gui.simulator.longport.server import LongportSimulator
from capflow_gui.simulator.opend.server import SimulatorConfig
from tests.unit.simulator.longport.client import HELD, simulated

TENCENT, APPLE, UNKNOWN = (Symbol.parse(text) for text in ("700.HK", "AAPL.US", "12345.HK"))
FREE = ServerConfig(calls=None)
PATIENCE_S = 60.0
TRANSPORTS: tuple[Transport, ...] = ("websocket", "tcp", "http")


class Quick(Backoff):
    """No test waits for a second attempt."""

    def next_delay(self) -> float:
        return 0.02


def config_of(simulator: LongportSimulator, transport: Transport) -> LongportConfig:
    return LongportConfig(simulator.http_url, simulator.ws_url, simulator.tcp, transport=transport)


def provider_of(
    simulator: LongportSimulator,
    transport: Transport = "websocket",
    change: Callable[[LongportConfig], LongportConfig] = lambda config: config,
    **key: Any,
) -> LongportProvider:
    account = simulator.account
    clock = SystemClock()
    secrets = AppKey(account.app_key, account.app_secret, account.access_token)
    config = change(config_of(simulator, transport))
    return LongportProvider(config, KeyLogin(dataclasses.replace(secrets, **key), clock), clock, backoff=Quick())


@asynccontextmanager
async def running(provider: LongportProvider) -> AsyncIterator[LongportProvider]:
    task = asyncio.create_task(provider.run())
    try:
        await provider.wait_ready(SystemClock().monotonic() + PATIENCE_S)
        yield provider
    finally:
        task.cancel()
        await asyncio.wait({task})


async def wait_in_vain(provider: LongportProvider) -> None:
    """What wait_ready raises once an attempt has failed."""
    links: list[LinkState] = []
    provider.on_link(links.append)
    task = asyncio.create_task(provider.run())
    try:
        await until(lambda: any(link.phase is LinkPhase.WAITING for link in links))
        await provider.wait_ready(SystemClock().monotonic())
    finally:
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def linked(
    transport: Transport = "websocket", config: ServerConfig = FREE, market: SimulatorConfig = HELD
) -> AsyncIterator[tuple[LongportSimulator, LongportProvider]]:
    async with simulated(config, market) as simulator, running(provider_of(simulator, transport)) as provider:
        yield simulator, provider


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await SystemClock().sleep_until(SystemClock().monotonic() + 0.005)


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


@pytest.mark.parametrize("transport", ["websocket", "http"])
async def test_an_unknown_symbol_is_told_from_a_fault_of_ours(
    transport: Transport, expect_log: Callable[[str], None]
) -> None:
    if transport == "http":
        expect_log("symbol not found")
    async with linked(transport) as (_, provider):
        with pytest.raises(UnknownSymbol):
            await provider.get_capital_flow(UNKNOWN)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("drop:1,count=1", "longport_closed_with"),
        ("reset:1,count=1", "reset by peer|broke|closed"),
        ("drop-mid-frame:1,count=1", "message_too_short"),
        ("wrong-magic:1,count=1", "not_a_packet"),
        ("huge-length:1,count=1", "message_too_short"),
        ("garbage:1,count=1", "not_a_packet"),
        ("close-code:1,every=1,count=1", "longport_server_failed"),
        ("close-code:2,every=1,count=1", "longport_shuts_down"),
        ("close-code:4,every=1,count=1", "longport_refuses_login"),
        ("close-code:6,every=1,count=1", "longport_session_doubled"),
    ],
)
async def test_a_broken_connection_fails_its_call_and_comes_back(
    fault: str, said: str, expect_log: Callable[[str], None]
) -> None:
    expect_log("next attempt")
    async with linked() as (simulator, provider):
        simulator.faults.add(fault)
        with pytest.raises(ConnectionLost, match=said):
            await provider.get_capital_flow(TENCENT)
        await until(lambda: provider.link.phase is LinkPhase.READY)
        assert len(await provider.get_capital_flow(TENCENT)) > 100
        assert simulator.stats.connections == 2


@pytest.mark.parametrize("fault", ["gzip", "verify", "delay:0.05", "reorder", "pieces", "no-ping", "wrong-clock"])
@pytest.mark.parametrize("transport", ["websocket", "tcp"])
async def test_harmless_faults_are_not_noticed(fault: str, transport: Transport) -> None:
    async with linked(transport) as (simulator, provider):
        simulator.faults.add(fault)
        both = await asyncio.gather(provider.get_capital_flow(TENCENT), provider.get_capital_flow(APPLE))
        assert [series.symbol for series in both] == [TENCENT, APPLE]


async def test_one_bad_answer_costs_one_call(expect_log: Callable[[str], None]) -> None:
    expect_log("gzip_")
    async with linked() as (simulator, provider):
        simulator.faults.add("bad-gzip:every=1,count=1")
        with pytest.raises(RemoteProtocolError) as caught:
            await provider.get_capital_flow(TENCENT)
        assert "An answer of Longport cannot be read" in error_sentence(caught.value)
        simulator.faults.add("unparsable:1,count=1")
        with pytest.raises(RemoteProtocolError) as caught:
            await provider.get_capital_flow(TENCENT)
        assert "OpenD" not in error_sentence(caught.value)
        assert await provider.get_capital_flow(TENCENT)
        assert simulator.stats.connections == 1


async def test_a_session_is_taken_up_again_without_a_password(expect_log: Callable[[str], None]) -> None:
    expect_log("next attempt")
    async with linked() as (simulator, provider):
        simulator.faults.add("http-code:500000")
        simulator.drop_connections()
        await until(lambda: provider.link.phase is not LinkPhase.READY)
        await until(lambda: provider.link.phase is LinkPhase.READY)
        assert (simulator.stats.connections, simulator.account.resumes) == (2, 1)


async def test_an_expired_session_is_replaced_at_once() -> None:
    async with linked() as (simulator, provider):
        simulator.faults.add("session-expiry")
        await until(lambda: simulator.stats.connections == 2 and provider.link.phase is LinkPhase.READY)
        assert await provider.get_capital_flow(TENCENT)


async def test_a_session_past_its_absolute_expiry_is_not_presented(expect_log: Callable[[str], None]) -> None:
    expect_log("next attempt")
    async with linked(config=ServerConfig(calls=None, session_s=5.0)) as (simulator, provider):
        simulator.drop_connections()
        await until(lambda: simulator.stats.connections == 2 and provider.link.phase is LinkPhase.READY)
        assert simulator.account.resumes == 0


@pytest.mark.parametrize(
    ("key", "code"),
    [({"secret": "wrong"}, 403201), ({"access_token": "stale"}, 401004), ({"key": "other"}, 403203)],
)
async def test_wrong_credentials_stop_and_ask(
    key: dict[str, str], code: int, expect_log: Callable[[str], None]
) -> None:
    expect_log(f"refused: .*{code}")
    expect_log(r"WARNING capflow_gui.providers.link: ")
    async with simulated(FREE) as simulator:
        provider = provider_of(simulator, **key)
        with pytest.raises(AuthFailed) as caught:
            async with running(provider):
                pass
        assert caught.value.code == code
        assert provider.link.phase is LinkPhase.FAILED
        assert simulator.stats.connections == 0


@pytest.mark.parametrize("days", [6.9, 7.1, None])
async def test_an_access_token_in_its_last_week_is_changed(days: float | None) -> None:
    async with simulated(FREE) as simulator:
        clock, account, kept = SystemClock(), simulator.account, list[AppKey]()
        expires = clock.wall() + days * 86_400 if days is not None else None

        async def keep(key: AppKey) -> None:
            kept.append(key)

        key = AppKey(account.app_key, account.app_secret, account.access_token, expires)
        provider = LongportProvider(config_of(simulator, "websocket"), KeyLogin(key, clock, keep), clock)
        async with running(provider):
            assert await provider.get_capital_flow(TENCENT)
            provider.reconnect_now()
            await until(lambda: simulator.stats.connections == 2 and provider.link.phase is LinkPhase.READY)
        if days == 6.9:
            assert [each.access_token for each in kept] == [account.access_token]
            assert kept[0].access_token != key.access_token
            assert kept[0].expires == pytest.approx(clock.wall() + 90 * 86_400, abs=60)
            assert account.token_expires == pytest.approx(kept[0].expires, abs=1)
        else:
            assert kept == []


async def test_a_full_account_is_waited_for(expect_log: Callable[[str], None]) -> None:
    expect_log("all_connections_used limit=1")
    config = ServerConfig(calls=None, connections=1)
    async with linked(config=config) as (simulator, provider):
        second = provider_of(simulator)
        with pytest.raises(RequestRejected, match="all_connections_used"):
            await wait_in_vain(second)
        assert provider.link.phase is LinkPhase.READY


async def test_a_blocked_websocket_is_got_around_over_http(expect_log: Callable[[str], None]) -> None:
    expect_log("websocket_refused|unreachable")
    async with simulated(FREE) as simulator:
        provider = provider_of(
            simulator, "auto", lambda config: dataclasses.replace(config, ws_url=config.http_url + "/nothing")
        )
        async with running(provider):
            assert len(await provider.get_capital_flow(TENCENT)) > 100
            assert simulator.stats.connections == 0


async def test_nothing_there_is_said_and_tried_again(expect_log: Callable[[str], None]) -> None:
    expect_log("unreachable")
    async with simulated(FREE) as simulator:
        gone = provider_of(simulator)
    with pytest.raises(ConnectFailed, match="unreachable"):
        await wait_in_vain(gone)
    with pytest.raises(ConnectionLost):
        await gone.get_capital_flow(TENCENT)


async def test_reconnecting_when_asked() -> None:
    async with linked() as (simulator, provider):
        provider.reconnect_now()
        await until(lambda: simulator.stats.connections == 2 and provider.link.phase is LinkPhase.READY)


async def test_calls_leave_evenly_and_few_at_a_time() -> None:
    async with linked(config=ServerConfig(calls=None, faults=("delay:0.3",))) as (simulator, provider):
        await asyncio.gather(*(provider.get_capital_flow(TENCENT) for _ in range(12)))
        arrivals = simulator.stats.calls(24).arrivals
        assert simulator.in_flight.most <= 5
        for first, eleventh in zip(arrivals, arrivals[10:], strict=False):
            assert eleventh - first > 0.95


@pytest.mark.parametrize(
    ("fault", "scale", "kind"),
    [
        (None, Scale.PLAIN, Kind.RUNNING_TOTAL),
        ("scale", Scale.TEN_THOUSANDS, Kind.RUNNING_TOTAL),
        ("per-minute", Scale.PLAIN, Kind.PER_MINUTE),
    ],
)
async def test_what_the_amounts_are_is_found_out(
    sessions: Calendar, fault: str | None, scale: Scale, kind: Kind
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
            day = sessions.day(symbol.market, sessions.session_date(symbol.market, split.time))
            assert day is not None
            found = calibrate(series, day, ClassFlow().joined(split, split.time), quote.turnover)
            assert (found.scale, found.kind) == (scale, kind)


async def test_a_certificate_nobody_here_knows_is_said(tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    """What a company's proxy shows whose authority is not in this computer's store."""
    expect_log("not_trusted")
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(self_signed(tmp_path))
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_side).start()
    port = runner.addresses[0][1]
    clock = SystemClock()
    config = LongportConfig(f"https://localhost:{port}", "wss://localhost:1")
    provider = LongportProvider(config, KeyLogin(AppKey("k", "s", "t"), clock), clock, backoff=Quick())
    with pytest.raises(ConnectFailed, match="not_trusted host=localhost"):
        await wait_in_vain(provider)
    await runner.cleanup()


def self_signed(folder: Path) -> Path:
    """A key and a certificate for localhost that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    pkcs8, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()) + certificate.public_bytes(pem))
    return path
