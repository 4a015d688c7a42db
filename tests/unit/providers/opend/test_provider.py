"""Calls of the provider against answers as OpenD writes them."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from google.protobuf.message import Message

from capflow_gui.domain.flow import Period
from capflow_gui.domain.quote import MarketPhase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    InvalidInput,
    NoQuoteRight,
    RateLimited,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import (
    qot_common_pb2,
    qot_get_capital_flow_pb2,
    qot_get_search_quote_pb2,
    qot_get_security_snapshot_pb2,
)
from tests.integration.rude_opend import OPEN, eventually
from tests.unit.providers.opend.asked import HK, TENCENT, connected


async def test_intraday_takes_no_dates() -> None:
    async with connected() as asked:
        with pytest.raises(InvalidInput, match="dates_need_a_period"):
            await asked.provider.get_capital_flow(TENCENT, Period.INTRADAY, date(2022, 6, 8))
        assert asked.bodies(Proto.CAPITAL_FLOW) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("获取资金流向频率太高，请求失败，每30秒最多30次。", RateLimited),
        ("未知股票 HK.99999", UnknownSymbol),
        ("行情权限不足", NoQuoteRight),
        ("NN_ProtoRet_SvrFailed", RequestRejected),
    ],
)
async def test_a_refusal_keeps_the_brokers_words(text: str, kind: type[RequestRejected]) -> None:
    async with connected() as asked:
        asked.answer(Proto.CAPITAL_FLOW, qot_get_capital_flow_pb2.Response(retType=-1, retMsg=text, errCode=0))
        with pytest.raises(RequestRejected) as refused:
            await asked.provider.get_capital_flow(TENCENT)
        assert type(refused.value) is kind
        assert refused.value.message == text
        assert refused.value.code == -1


def snapshot(market: int, code: str, **more: object) -> qot_get_security_snapshot_pb2.Snapshot:
    basic = qot_get_security_snapshot_pb2.SnapshotBasicData(
        security=qot_common_pb2.Security(market=market, code=code),
        type=3, isSuspend=False, listTime="", lotSize=100, priceSpread=0.2, updateTime="2022-06-08 10:47:25.123",
        highPrice=1, openPrice=1, lowPrice=1, lastClosePrice=368.0, curPrice=379.8, volume=10, turnover=3.5e9,
        turnoverRate=0.1, **more,
    )  # fmt: skip
    return qot_get_security_snapshot_pb2.Snapshot(basic=basic)


async def test_snapshots_go_in_parts_of_four_hundred() -> None:
    symbols = [Symbol(Market.HK, str(code)) for code in range(1, 402)]

    def part(codes: range, **more: object) -> Message:
        shots = [snapshot(HK, f"{code:05}", **more) for code in codes]
        return qot_get_security_snapshot_pb2.Response(
            retType=0, s2c=qot_get_security_snapshot_pb2.S2C(snapshotList=shots)
        )

    async with connected() as asked:
        asked.answer(Proto.SNAPSHOT, part(range(1, 401)), part(range(401, 402), secStatus=9, name="腾讯控股"))
        quotes = await asked.provider.get_snapshots(symbols)
        assert [quote.symbol for quote in quotes] == symbols
        sizes = [
            len(qot_get_security_snapshot_pb2.Request.FromString(body).c2s.securityList)
            for body in asked.bodies(Proto.SNAPSHOT)
        ]
        assert sizes == [400, 1]
        assert (quotes[0].name, quotes[0].halted, quotes[-1].name, quotes[-1].halted) == (None, False, "腾讯控股", True)
        assert quotes[0].time == pytest.approx(OPEN + 77 * 60 + 25.123)
        assert quotes[0].change == pytest.approx(379.8 / 368.0 - 1)


async def test_global_state() -> None:
    async with connected() as asked:
        asked.server.status = "SIMULATED"
        state = await asked.provider.get_global_state()
        assert (state.time, state.quote_logged_in, state.server_version, state.simulated) == (OPEN, True, 1011, True)
        assert state.market_phases == {
            Market.HK: MarketPhase.OPEN,
            Market.US: MarketPhase.CLOSED,
            Market.SH: MarketPhase.LUNCH,
            Market.SZ: MarketPhase.UNKNOWN,
        }


async def test_an_opend_without_search() -> None:
    async with connected() as asked:
        asked.answer(Proto.SEARCH_QUOTE, qot_get_search_quote_pb2.Response(retType=-1, retMsg="NN_ProtoRet_SvrFailed"))
        with pytest.raises(RequestRejected, match="NN_ProtoRet_SvrFailed"):
            await asked.provider.search("x")
        asked.server.on[Proto.SEARCH_QUOTE] = None

        waiting = asyncio.create_task(asked.provider.search("x"))
        await eventually(lambda: len(asked.bodies(Proto.SEARCH_QUOTE)) == 2)
        await asked.clock.advance(8.0)
        await eventually(lambda: asked.server.peer.serials(1004))
        await asked.clock.advance(4.0)
        with pytest.raises(RequestTimeout, match="search_unanswered"):
            await waiting
