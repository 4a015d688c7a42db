"""WebSocket and TCP carry the same."""

from __future__ import annotations

import asyncio

import pytest

from capflow_gui.providers.longport.config import Transport
from tests.unit.providers.longport.linked import (
    APPLE,
    TENCENT,
    linked,
)


@pytest.mark.parametrize("fault", ["gzip", "verify", "delay:0.05", "reorder", "pieces", "no-ping", "wrong-clock"])
@pytest.mark.parametrize("transport", ["websocket", "tcp"])
async def test_harmless_faults_are_not_noticed(fault: str, transport: Transport) -> None:
    async with linked(transport) as (simulator, provider):
        simulator.faults.add(fault)
        both = await asyncio.gather(provider.get_capital_flow(TENCENT), provider.get_capital_flow(APPLE))
        assert [series.symbol for series in both] == [TENCENT, APPLE]
