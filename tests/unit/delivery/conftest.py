"""Channels that are connected to their stand-ins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from capflow_gui.clock import Clock
from capflow_gui.delivery.http import HttpChannel
from capflow_gui.settings.channels import ChannelSettings
from tests.stand_ins.kinds import KINDS
from tests.stand_ins.service import Service

Meet = Callable[..., AbstractAsyncContextManager[tuple[Service, HttpChannel]]]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def meet(session: aiohttp.ClientSession, hand_clock: Clock) -> Meet:
    """`async with meet(NAME) as (service, channel)`: a running service and a channel to it.

    `settings` makes other settings for an address; `patience_s` is the time-out.
    """

    @asynccontextmanager
    async def meet(
        name: str, settings: Callable[[str], ChannelSettings] | None = None, patience_s: float | None = None
    ) -> AsyncIterator[tuple[Service, HttpChannel]]:
        kind = KINDS[name]
        service = kind.service(hand_clock.wall)
        async with service.running():
            made = settings(service.url) if settings else None
            if patience_s is None:
                yield service, kind.open(service.url, session, hand_clock, made)
                return
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience_s)) as impatient:
                yield service, kind.open(service.url, impatient, hand_clock, made)

    return meet
