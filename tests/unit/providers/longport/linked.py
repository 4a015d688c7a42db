"""A provider over the simulated Longport."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
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
