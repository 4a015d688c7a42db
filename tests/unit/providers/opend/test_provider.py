"""Every interface of the provider against answers as OpenD writes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from google.protobuf.message import Message

from capflow_gui.domain.flow import Period
from capflow_gui.domain.quote import MarketPhase, SecurityKind
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    InvalidInput,
    NoQuoteRight,
    RateLimited,
    RemoteProtocolError,
    RequestRejected,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import (
    qot_common_pb2,
    qot_get_capital_distribution_pb2,
    qot_get_capital_flow_pb2,
    qot_get_market_state_pb2,
    qot_get_search_quote_pb2,
    qot_get_security_snapshot_pb2,
    qot_get_static_info_pb2,
    qot_get_user_security_group_pb2,
    qot_get_user_security_pb2,
    qot_request_trade_date_pb2,
)
from tests.integration.rude_opend import OPEN, ManualClock, RudeOpend, eventually, provided

HK, US, JP = 1, 11, 41
TENCENT, APPLE = Symbol.parse("700.HK"), Symbol.parse("AAPL.US")


class Asked:
    """A provider and the server behind it."""

    def __init__(self, provider: OpendProvider, server: RudeOpend, clock: ManualClock) -> None:
        self.provider = provider
        self.server = server
        self.clock = clock

    def answer(self, proto: Proto, *answers: Message) -> None:
        """Answer requests of `proto` with these, one after the other, the last one again and again."""
        left: Iterator[Message] = iter(answers)
        self.server.on[proto] = lambda peer, serial, body: peer.send(proto, serial, next(left, answers[-1]))

    def bodies(self, proto: Proto) -> list[bytes]:
        return [body for number, _, body in self.server.peer.requests if number == proto]


@asynccontextmanager
async def connected() -> AsyncIterator[Asked]:
    clock = ManualClock()
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        yield Asked(provider, server, clock)


def static(market: int, code: str, kind: int = 3) -> qot_common_pb2.SecurityStaticInfo:
    basic = qot_common_pb2.SecurityStaticBasic(
        security=qot_common_pb2.Security(market=market, code=code),
        id=1, lotSize=100, secType=kind, name=f"name of {code}", listTime="2004-06-16",
    )  # fmt: skip
    return qot_common_pb2.SecurityStaticInfo(basic=basic)


@pytest.mark.parametrize(
    ("period", "start", "end", "sent"),
    [
        (Period.INTRADAY, None, None, (1, "", "")),
        (Period.DAY, None, None, (2, "2021-06-08", "2022-06-08")),
        (Period.WEEK, date(2022, 3, 1), None, (3, "2022-03-01", "2023-03-01")),
        (Period.MONTH, None, date(2022, 1, 31), (4, "2021-01-31", "2022-01-31")),
        (Period.DAY, date(2022, 1, 3), date(2022, 1, 31), (2, "2022-01-03", "2022-01-31")),
    ],
)
async def test_what_a_flow_request_says(
    period: Period, start: date | None, end: date | None, sent: tuple[int, str, str]
) -> None:
    """`today` is the exchange's date by the server's clock: 2022-06-08, whatever day it is here."""
    async with connected() as asked:
        await asked.provider.get_capital_flow(TENCENT, period, start, end)
        c2s = qot_get_capital_flow_pb2.Request.FromString(asked.bodies(Proto.CAPITAL_FLOW)[0]).c2s
        assert (c2s.periodType, c2s.beginTime, c2s.endTime) == sent
        assert (c2s.security.market, c2s.security.code) == (HK, "00700")
        assert c2s.HasField("beginTime") is (period is not Period.INTRADAY)


async def test_intraday_takes_no_dates() -> None:
    async with connected() as asked:
        with pytest.raises(InvalidInput, match="dates_need_a_period"):
            await asked.provider.get_capital_flow(TENCENT, Period.INTRADAY, date(2022, 6, 8))
        assert asked.bodies(Proto.CAPITAL_FLOW) == []


async def test_a_flow_answer_comes_as_received() -> None:
    async with connected() as asked:
        series = await asked.provider.get_capital_flow(TENCENT)
        assert series.timestamps.tolist() == [OPEN, OPEN + 60, OPEN + 120]
        assert series.net.tolist() == [0.0, 10.0, 20.0]
        assert series.source == "opend"
        assert (series.received, series.session) == (None, None)
        assert not series.has_classes
        assert await asked.provider.get_capital_flow(TENCENT) is series


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


async def test_distribution_without_the_largest_class() -> None:
    s2c = qot_get_capital_distribution_pb2.S2C(
        capitalInBig=1, capitalInMid=2, capitalInSmall=3, capitalOutBig=4, capitalOutMid=5, capitalOutSmall=6,
        updateTime="2022-06-08 10:47:25",
    )  # fmt: skip
    with_super = qot_get_capital_distribution_pb2.S2C()
    with_super.CopyFrom(s2c)
    with_super.capitalInSuper, with_super.capitalOutSuper = 7.0, 8.0
    with_super.updateTimestamp = OPEN + 1.0
    async with connected() as asked:
        asked.answer(
            Proto.CAPITAL_DISTRIBUTION,
            qot_get_capital_distribution_pb2.Response(retType=0, s2c=s2c),
            qot_get_capital_distribution_pb2.Response(retType=0, s2c=with_super),
        )
        bare = await asked.provider.get_distribution(TENCENT)
        assert bare.inflow == {"extra_large": None, "large": 1.0, "medium": 2.0, "small": 3.0}
        assert bare.outflow == {"extra_large": None, "large": 4.0, "medium": 5.0, "small": 6.0}
        assert bare.time == OPEN + 77 * 60 + 25
        full = await asked.provider.get_distribution(TENCENT)
        assert (full.inflow["extra_large"], full.outflow["extra_large"], full.time) == (7.0, 8.0, OPEN + 1.0)


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


async def test_an_answer_without_its_required_fields() -> None:
    s2c = qot_get_security_snapshot_pb2.S2C(snapshotList=[qot_get_security_snapshot_pb2.Snapshot()])
    broken = qot_get_security_snapshot_pb2.Response(retType=0, s2c=s2c).SerializePartialToString()
    async with connected() as asked:
        asked.server.on[Proto.SNAPSHOT] = lambda peer, serial, body: peer.send(Proto.SNAPSHOT, serial, broken)
        with pytest.raises(RemoteProtocolError, match="lacks_fields"):
            await asked.provider.get_snapshots([TENCENT])


async def test_static_info() -> None:
    infos = [static(HK, "00700"), static(US, "BRK.B"), static(HK, "800000", 6), static(HK, "12345", 5)]
    infos[1].basic.delisting = True
    async with connected() as asked:
        asked.answer(
            Proto.STATIC_INFO,
            qot_get_static_info_pb2.Response(retType=0, s2c=qot_get_static_info_pb2.S2C(staticInfoList=infos)),
        )
        found = await asked.provider.get_static_info([TENCENT, Symbol.parse("US.BRK.B")])
        assert [str(info.symbol) for info in found] == ["700.HK", "BRK.B.US", "800000.HK", "12345.HK"]
        kinds = [info.kind for info in found]
        assert kinds == [SecurityKind.STOCK, SecurityKind.STOCK, SecurityKind.INDEX, SecurityKind.WARRANT]
        assert [info.delisted for info in found] == [False, True, False, False]
        assert found[0].currency is None
        asked_for = qot_get_static_info_pb2.Request.FromString(asked.bodies(Proto.STATIC_INFO)[0]).c2s.securityList
        assert [(security.market, security.code) for security in asked_for] == [(HK, "00700"), (US, "BRK.B")]


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


async def test_trade_dates() -> None:
    dates = [
        qot_request_trade_date_pb2.TradeDate(time="2022-12-23", tradeDateType=0),
        qot_request_trade_date_pb2.TradeDate(time="2022-12-30", tradeDateType=1),
    ]
    s2c = qot_request_trade_date_pb2.S2C(tradeDateList=dates)
    odd = qot_request_trade_date_pb2.S2C(tradeDateList=[qot_request_trade_date_pb2.TradeDate(time="soon")])
    async with connected() as asked:
        asked.answer(
            Proto.TRADE_DATE,
            qot_request_trade_date_pb2.Response(retType=0, s2c=s2c),
            qot_request_trade_date_pb2.Response(retType=0, s2c=odd),
        )
        found = await asked.provider.get_trade_dates(Market.SZ, date(2022, 12, 1), date(2022, 12, 31))
        assert [(day.market, day.day, day.kind) for day in found] == [
            (Market.SZ, date(2022, 12, 23), "whole"),
            (Market.SZ, date(2022, 12, 30), "morning"),
        ]
        c2s = qot_request_trade_date_pb2.Request.FromString(asked.bodies(Proto.TRADE_DATE)[0]).c2s
        assert (c2s.market, c2s.beginTime, c2s.endTime) == (3, "2022-12-01", "2022-12-31")
        with pytest.raises(RemoteProtocolError, match="not_a_date"):
            await asked.provider.get_trade_dates(Market.HK, date(2022, 12, 1), date(2022, 12, 31))


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


def hit(market: int | None, code: str, kind: int = 3) -> qot_get_search_quote_pb2.SearchQuote:
    return qot_get_search_quote_pb2.SearchQuote(market=market, code=code, name="n", sec_type=kind)


async def test_search_takes_bare_and_prefixed_codes() -> None:
    hits = [
        hit(US, "LITE"), hit(US, "US.AAPL"), hit(HK, "01936"), hit(HK, "HK.00700"), hit(US, "US.BRK.B"),
        hit(US, "US"), hit(US, "SG"), hit(None, "SH.600519"), hit(US, "US.LIST2139", 7), hit(HK, "800000", 6),
        hit(JP, "7203"), hit(11, "SPY", 4), hit(HK, "12345", 5),
    ]  # fmt: skip
    async with connected() as asked:
        asked.answer(
            Proto.SEARCH_QUOTE,
            qot_get_search_quote_pb2.Response(retType=0, s2c=qot_get_search_quote_pb2.S2C(search_quote_list=hits)),
        )
        found = await asked.provider.search("腾讯", 500)
        assert [str(each.symbol) for each in found] == [
            "LITE.US", "AAPL.US", "1936.HK", "700.HK", "BRK.B.US", "US.US", "SG.US", "600519.SH", "SPY.US", "12345.HK",
        ]  # fmt: skip
        assert asked.provider.skipped == ("JP.7203",)
        c2s = qot_get_search_quote_pb2.Request.FromString(asked.bodies(Proto.SEARCH_QUOTE)[0]).c2s
        assert (c2s.keyword, c2s.max_count) == ("腾讯", 100)


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


async def test_a_name_that_is_not_utf8() -> None:
    group = qot_get_user_security_group_pb2.GroupData(groupName="XX", groupType=1)
    answer = qot_get_user_security_group_pb2.Response(
        retType=0, s2c=qot_get_user_security_group_pb2.S2C(groupList=[group])
    )
    body = answer.SerializeToString().replace(b"XX", b"\xff\xfe")
    async with connected() as asked:
        asked.server.on[Proto.USER_SECURITY_GROUP] = lambda peer, serial, _: peer.send(
            Proto.USER_SECURITY_GROUP, serial, body
        )
        assert [group.name for group in await asked.provider.get_groups()] == ["\\xff\\xfe"]
