"""A capital-flow answer."""

from __future__ import annotations

from tests.integration.rude_opend import OPEN
from tests.unit.providers.opend.asked import TENCENT, connected


async def test_a_flow_answer_comes_as_received() -> None:
    async with connected() as asked:
        series = await asked.provider.get_capital_flow(TENCENT)
        assert series.timestamps.tolist() == [OPEN, OPEN + 60, OPEN + 120]
        assert series.net.tolist() == [0.0, 10.0, 20.0]
        assert series.source == "opend"
        assert (series.received, series.session) == (None, None)
        assert not series.has_classes
        assert await asked.provider.get_capital_flow(TENCENT) is series
