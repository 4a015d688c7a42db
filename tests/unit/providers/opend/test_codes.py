"""OpenD's numbers and codes of markets, and what is said of those we cannot hold."""

from __future__ import annotations

from capflow_gui.domain.quote import MarketPhase
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import (
    qot_common_pb2,
    qot_get_market_state_pb2,
    qot_get_user_security_group_pb2,
    qot_get_user_security_pb2,
)
from tests.unit.providers.opend.asked import APPLE, HK, JP, TENCENT, US, connected, static


async def test_groups_and_their_members_without_markets_unknown_to_us() -> None:
    groups = qot_get_user_security_group_pb2.S2C(
        groupList=[
            qot_get_user_security_group_pb2.GroupData(groupName="科技", groupType=1),
            qot_get_user_security_group_pb2.GroupData(groupName="All", groupType=2),
        ]
    )
    members = [static(HK, "00700"), static(JP, "7203"), static(US, ".DJI", 6), static(77, "X")]
    async with connected() as asked:
        asked.answer(Proto.USER_SECURITY_GROUP, qot_get_user_security_group_pb2.Response(retType=0, s2c=groups))
        asked.answer(
            Proto.USER_SECURITY,
            qot_get_user_security_pb2.Response(retType=0, s2c=qot_get_user_security_pb2.S2C(staticInfoList=members)),
        )
        assert [(group.name, group.custom) for group in await asked.provider.get_groups()] == [
            ("科技", True),
            ("All", False),
        ]
        assert [info.symbol for info in await asked.provider.get_group_symbols("科技")] == [TENCENT]
        assert asked.provider.skipped == ("JP.7203", "US..DJI", "77.X")


async def test_market_states() -> None:
    states = [(HK, "00700", 4), (US, "AAPL", 37), (HK, "00001", 3), (HK, "00002", 99)]
    infos = [
        qot_get_market_state_pb2.MarketInfo(
            security=qot_common_pb2.Security(market=market, code=code), name=code, marketState=state
        )
        for market, code, state in states
    ]
    async with connected() as asked:
        asked.answer(
            Proto.MARKET_STATE,
            qot_get_market_state_pb2.Response(retType=0, s2c=qot_get_market_state_pb2.S2C(marketInfoList=infos)),
        )
        found = await asked.provider.get_market_states([TENCENT, APPLE])
        assert [(state.code, state.phase) for state in found] == [
            (4, MarketPhase.LUNCH),
            (37, MarketPhase.CLOSED),
            (3, MarketPhase.OPEN),
            (99, MarketPhase.UNKNOWN),
        ]
