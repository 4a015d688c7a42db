"""Requests as bytes and answers as values, as OpenD writes them."""

from __future__ import annotations

from datetime import date

import pytest

from capflow_gui.domain.flow import Period
from capflow_gui.domain.quote import SecurityKind
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    RemoteProtocolError,
)
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import (
    qot_get_capital_distribution_pb2,
    qot_get_capital_flow_pb2,
    qot_get_search_quote_pb2,
    qot_get_security_snapshot_pb2,
    qot_get_static_info_pb2,
    qot_get_user_security_group_pb2,
    qot_request_trade_date_pb2,
)
from tests.integration.rude_opend import OPEN
from tests.unit.providers.opend.asked import HK, JP, TENCENT, US, connected, static


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
