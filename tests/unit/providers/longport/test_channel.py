"""One connection to Longport: broken, or with an answer that cannot be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capflow_gui.domain.link import LinkPhase
from capflow_gui.errors import (
    ConnectionLost,
    RemoteProtocolError,
)
from capflow_gui.present.sentences import error_sentence
from tests.unit.providers.longport.linked import (
    TENCENT,
    linked,
    until,
)


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
        await until(lambda: simulator.stats.connections == 2 and provider.link.phase is LinkPhase.READY)
        assert len(await provider.get_capital_flow(TENCENT)) > 100
        assert simulator.stats.connections == 2


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
