"""Calls leave evenly."""

from __future__ import annotations

import asyncio

from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from tests.unit.providers.longport.linked import (
    TENCENT,
    linked,
)


async def test_calls_leave_evenly_and_few_at_a_time() -> None:
    async with linked(config=ServerConfig(calls=None, faults=("delay:0.3",))) as (simulator, provider):
        await asyncio.gather(*(provider.get_capital_flow(TENCENT) for _ in range(12)))
        arrivals = simulator.stats.calls(24).arrivals
        assert simulator.in_flight.most <= 5
        for first, eleventh in zip(arrivals, arrivals[10:], strict=False):
            assert eleventh - first > 0.95
