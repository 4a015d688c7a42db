"""The link to Longport: sessions taken up and replaced, and ways around what is blocked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from capflow_gui.domain.link import LinkPhase
from capflow_gui.errors import (
    ConnectFailed,
    ConnectionLost,
    RequestRejected,
)
from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from tests.unit.providers.longport.linked import (
    FREE,
    TENCENT,
    linked,
    provider_of,
    running,
    until,
    wait_in_vain,
)
from tests.unit.simulator.longport.client import simulated


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
