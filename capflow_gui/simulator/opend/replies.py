"""What a simulated OpenD answers: one method an interface, protobuf in, protobuf out.

Refusals carry the broker's own texts (FutuOpenD API docs and public issues).
"""

from __future__ import annotations

import asyncio
import functools
import math
from collections.abc import Callable, Coroutine, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.message import Message

from capflow_gui.domain.flow import Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.simulator.faults import FaultName, Faults
from capflow_gui.simulator.flow_faults import spoil, spoiled, true_at
from capflow_gui.simulator.market.flow_reply import FlowEncoder, wall_text
from capflow_gui.simulator.market.market import SimulatedMarket, Tape
from capflow_gui.simulator.market.seed_market import NotPrintedError
from capflow_gui.simulator.market.universe import GROUPS, INDEX, STOCK, Listing
from capflow_gui.simulator.opend.codes import (
    BUILD,
    EXCHANGES,
    HISTORY,
    INTRADAY,
    MARKET_NUMBERS,
    MARKETS,
    MOST_CODES,
    MOST_HITS,
    PERIODS,
    SERVER_VERSION,
    TRADE_DATE_MARKETS,
    RefusalError,
    date_window,
)
from capflow_gui.simulator.opend.market_state import market_state
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import common_pb2 as common
from capflow_gui.wire.pb.opend import get_global_state_pb2 as global_state
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot
from capflow_gui.wire.pb.opend import qot_get_capital_distribution_pb2 as capital_distribution
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as capital_flow
from capflow_gui.wire.pb.opend import qot_get_market_state_pb2 as get_market_state
from capflow_gui.wire.pb.opend import qot_get_search_quote_pb2 as search_quote
from capflow_gui.wire.pb.opend import qot_get_security_snapshot_pb2 as snapshot
from capflow_gui.wire.pb.opend import qot_get_static_info_pb2 as static_info
from capflow_gui.wire.pb.opend import qot_get_user_security_group_pb2 as user_group
from capflow_gui.wire.pb.opend import qot_get_user_security_pb2 as user_security
from capflow_gui.wire.pb.opend import qot_request_trade_date_pb2 as trade_date

# The body, or what makes it where that takes long.
Answer = bytes | Callable[[], Coroutine[Any, Any, bytes]]


class Replies:
    """Answers from a market at an instant of its clock. Raises RefusalError for what the broker would refuse."""

    def __init__(self, market: SimulatedMarket, faults: Faults, wall: Callable[[], float]) -> None:
        self._market = market
        self._faults = faults
        self._wall = wall
        self._encoder = FlowEncoder()
        self._recent: dict[Symbol, tuple[int, bytes]] = {}
        self._by_code = {
            (MARKET_NUMBERS[symbol.market], listing.wire_code): listing for symbol, listing in market.listings.items()
        }
        self._answers: dict[int, tuple[Callable[[], Any], Callable[[Any, float], Answer]]] = {
            Proto.CAPITAL_FLOW: (capital_flow.Request, self._capital_flow),
            Proto.CAPITAL_DISTRIBUTION: (capital_distribution.Request, self._capital_distribution),
            Proto.STATIC_INFO: (static_info.Request, self._static_info),
            Proto.SNAPSHOT: (snapshot.Request, self._snapshot),
            Proto.USER_SECURITY: (user_security.Request, self._user_security),
            Proto.USER_SECURITY_GROUP: (user_group.Request, self._user_security_group),
            Proto.MARKET_STATE: (get_market_state.Request, self._market_state),
            Proto.TRADE_DATE: (trade_date.Request, self._trade_date),
            Proto.SEARCH_QUOTE: (search_quote.Request, self._search),
        }

    def answer(self, proto: int, body: bytes, now: float) -> Answer:
        """The answer to a request body at market `now`. DecodeError for a broken one."""
        if proto not in self._answers:
            raise RefusalError("未知协议")
        kind, handler = self._answers[proto]
        request = kind()
        request.ParseFromString(body)
        try:
            return handler(request.c2s, now)
        except NotPrintedError:
            raise RefusalError("NN_ProtoRet_SvrFailed") from None

    def symbols_of(self, proto: int, body: bytes) -> list[Symbol]:
        """The symbols a request names, known ones only: for the statistics and the faults."""
        if proto not in self._answers:
            return []
        request = self._answers[proto][0]()
        request.ParseFromString(body)
        alone = "security" in request.c2s.DESCRIPTOR.fields_by_name
        securities: Iterable[Any] = [request.c2s.security] if alone else getattr(request.c2s, "securityList", ())
        found = (self._by_code.get((security.market, security.code)) for security in securities)
        return [listing.symbol for listing in found if listing is not None]

    def global_state(self, now: float, connection: int, *, logged_in: bool) -> bytes:
        """1002: the market clock and every market's state."""
        status = common.PROGRAM_STATUS_READY if logged_in else common.PROGRAM_STATUS_LOGGING_IN
        note = "SIMULATED market, no broker behind it"
        states = {market: self._state(market, now) for market in Market}
        return _done(
            global_state.Response(),
            global_state.S2C(
                marketHK=states[Market.HK],
                marketUS=states[Market.US],
                marketSH=states[Market.SH],
                marketSZ=states[Market.SZ],
                marketHKFuture=qot.MARKET_STATE_NONE,
                qotLogined=logged_in,
                trdLogined=False,
                serverVer=SERVER_VERSION,
                serverBuildNo=BUILD,
                time=int(now + self._faults.clock_error_s),
                localTime=self._wall(),
                programStatus=common.ProgramStatus(type=status, strExtDesc=note),
                connID=connection,
                marketSG=states[Market.SG],
            ),
        )

    def _state(self, market: Market, now: float) -> int:
        closed = self._faults.holds(FaultName.CLOSED_TODAY) is not None
        return int(qot.MARKET_STATE_CLOSED) if closed else market_state(self._market.calendar, market, now)

    def _find(self, security: Any) -> Listing:
        listing = self._by_code.get((security.market, security.code))
        if listing is None:
            market = MARKETS.get(security.market)
            raise RefusalError(f"未知股票 {market.value if market else security.market}.{security.code}")
        return listing

    def _find_permitted(self, security: Any) -> Listing:
        """Figures need the quote right; names and market states do not."""
        listing = self._find(security)
        if not listing.permitted:
            raise RefusalError(f"行情权限不足 {listing.symbol.market.value}.{listing.wire_code}")
        return listing

    def _capital_flow(self, c2s: Any, now: float) -> Answer:
        listing = self._find_permitted(c2s.security)
        if not listing.has_flow:
            raise RefusalError("该股票类型不支持资金流向")
        period = c2s.periodType or INTRADAY
        if period != INTRADAY:
            return self._history(listing, period, c2s, now)
        symbol = listing.symbol
        now = true_at(self._faults, self._market, symbol, now)
        # Figures move with the second: polls within one share their bytes.
        moment = math.floor(now)
        if not self._faults and (known := self._recent.get(symbol)) is not None and known[0] == moment:
            return known[1]
        reply = self._market.intraday(symbol, now)
        if spoiled(self._faults, symbol):
            return self._encoder.intraday(spoil(self._faults, symbol, reply))
        encoded = self._encoder.intraday(reply)
        if not self._faults:
            self._recent[symbol] = (moment, encoded)
        return encoded

    def _history(self, listing: Listing, number: int, c2s: Any, now: float) -> Answer:
        period = PERIODS.get(number)
        if period is None:
            raise RefusalError("参数错误 periodType")
        today = self._market.calendar.session_date(listing.symbol.market, now)
        begin, end = date_window(c2s.beginTime, c2s.endTime, today)
        if begin > end:
            raise RefusalError("参数错误 beginTime > endTime")
        begin = max(begin, today - HISTORY)
        return functools.partial(self._make_history, listing, period, (begin, end), now)

    async def _make_history(self, listing: Listing, period: Period, window: tuple[date, date], now: float) -> bytes:
        """A year's days take a fifth of a second to make the first time: other clients are served in between."""
        begin, end = window
        symbol = listing.symbol
        sessions = self._market.sessions(symbol.market, begin - timedelta(days=31), end + timedelta(days=31), now)
        for _step in self._market.make_totals(symbol, sessions, now):
            await asyncio.sleep(0)
        lines = self._market.history(symbol, period, begin, end, now)
        return self._encoder.history(lines, self._market.calendar.zone(symbol.market))

    def _capital_distribution(self, c2s: Any, now: float) -> bytes:
        listing = self._find_permitted(c2s.security)
        if not listing.has_flow:
            raise RefusalError("该股票类型不支持资金分布")
        split = self._market.distribution(listing.symbol, now)
        inflow, outflow = split.inflow, split.outflow
        zone = self._market.calendar.zone(listing.symbol.market)
        return _done(
            capital_distribution.Response(),
            capital_distribution.S2C(
                capitalInSuper=inflow[0],
                capitalInBig=inflow[1],
                capitalInMid=inflow[2],
                capitalInSmall=inflow[3],
                capitalOutSuper=outflow[0],
                capitalOutBig=outflow[1],
                capitalOutMid=outflow[2],
                capitalOutSmall=outflow[3],
                updateTime=wall_text(split.time, zone),
                updateTimestamp=float(split.time),
            ),
        )

    def _static_info(self, c2s: Any, now: float) -> bytes:
        del now
        if c2s.securityList:
            listings = [self._find(security) for security in c2s.securityList]
        else:
            market = MARKETS.get(c2s.market)
            kind = c2s.secType or STOCK
            listings = [
                each for each in self._market.listings.values() if each.symbol.market is market and each.kind == kind
            ]
        return _done(static_info.Response(), static_info.S2C(staticInfoList=map(self._static, listings)))

    def _snapshot(self, c2s: Any, now: float) -> Answer:
        if len(c2s.securityList) > MOST_CODES:
            raise RefusalError("请求个数超过限制")
        # One unknown code fails the whole request, as OpenD does.
        listings = [self._find_permitted(security) for security in c2s.securityList]
        if self._market.has_to_make((each.symbol for each in listings), now):
            return functools.partial(self._make_snapshots, listings, now)
        return self._snapshots(listings, now)

    async def _make_snapshots(self, listings: list[Listing], now: float) -> bytes:
        """The days of hundreds of symbols take as long as a year of one: others are served in between here, too."""
        for _step in self._market.make_days((each.symbol for each in listings), now):
            await asyncio.sleep(0)
        return self._snapshots(listings, now)

    def _snapshots(self, listings: list[Listing], now: float) -> bytes:
        return _done(
            snapshot.Response(), snapshot.S2C(snapshotList=[self._snapshot_of(each, now) for each in listings])
        )

    def _snapshot_of(self, listing: Listing, now: float) -> Any:
        tape: Tape = self._market.tape(listing.symbol, now)
        zone = self._market.calendar.zone(listing.symbol.market)
        return snapshot.Snapshot(
            basic=snapshot.SnapshotBasicData(
                security=_security(listing),
                type=listing.kind,
                isSuspend=tape.suspended,
                listTime=listing.listed.isoformat(),
                lotSize=listing.lot,
                priceSpread=0.001 if tape.price < 1 else 0.01,
                updateTime=wall_text(tape.time, zone),
                highPrice=tape.high,
                openPrice=tape.opening,
                lowPrice=tape.low,
                lastClosePrice=tape.previous_close,
                curPrice=tape.price,
                volume=tape.volume,
                turnover=tape.turnover,
                turnoverRate=round(tape.turnover / 1e10, 3),
                updateTimestamp=float(tape.time),
                secStatus=qot.SECURITY_STATUS_SUSPENDED if tape.suspended else qot.SECURITY_STATUS_NORMAL,
                name=listing.name,
            )
        )

    def _user_security(self, c2s: Any, now: float) -> bytes:
        del now
        members = next((members for name, _, members in GROUPS if name == c2s.groupName), None)
        if members is None:
            raise RefusalError("未知自选股分组")
        listings = [
            each
            for each in self._market.listings.values()
            if each.kind != INDEX and (str(each.symbol) in members or each.symbol.market.value in members)
        ]
        listings.sort(key=lambda each: members.index(str(each.symbol)) if str(each.symbol) in members else -1)
        return _done(user_security.Response(), user_security.S2C(staticInfoList=map(self._static, listings)))

    def _user_security_group(self, c2s: Any, now: float) -> bytes:
        del now
        wanted = c2s.groupType
        groups = [
            user_group.GroupData(
                groupName=name,
                groupType=user_group.GROUP_TYPE_CUSTOM if custom else user_group.GROUP_TYPE_SYSTEM,
            )
            for name, custom, _ in GROUPS
        ]
        chosen = [group for group in groups if wanted in (user_group.GROUP_TYPE_ALL, group.groupType)]
        return _done(user_group.Response(), user_group.S2C(groupList=chosen))

    def _market_state(self, c2s: Any, now: float) -> bytes:
        if len(c2s.securityList) > MOST_CODES:
            raise RefusalError("请求个数超过限制")
        infos = []
        for listing in map(self._find, c2s.securityList):
            state = self._state(listing.symbol.market, now)
            info = get_market_state.MarketInfo(security=_security(listing), name=listing.name, marketState=state)
            infos.append(info)
        return _done(get_market_state.Response(), get_market_state.S2C(marketInfoList=infos))

    def _trade_date(self, c2s: Any, now: float) -> bytes:
        market = TRADE_DATE_MARKETS.get(c2s.market)
        if c2s.HasField("security"):
            market = self._find(c2s.security).symbol.market
        if market is None:
            raise RefusalError("参数错误 market")
        today = self._market.calendar.session_date(market, now)
        begin, end = date_window(c2s.beginTime, c2s.endTime, today)
        closed = self._faults.holds(FaultName.CLOSED_TODAY) is not None
        days = (
            self._market.calendar.day(market, date.fromordinal(n))
            for n in range(begin.toordinal(), end.toordinal() + 1)
            if not (closed and n == today.toordinal())
        )
        return _done(
            trade_date.Response(),
            trade_date.S2C(tradeDateList=[_trade_date_of(day) for day in days if day is not None]),
        )

    def _search(self, c2s: Any, now: float) -> bytes:
        del now
        word = c2s.keyword.strip().upper()
        most = min(c2s.max_count or 10, MOST_HITS)
        watched = {member for _, custom, members in GROUPS if custom for member in members}
        hits = [
            search_quote.SearchQuote(
                market=MARKET_NUMBERS[each.symbol.market],
                code=each.wire_code,
                name=each.name,
                sec_type=each.kind,
                is_watched=str(each.symbol) in watched,
            )
            for each in self._market.listings.values()
            if word and (word in each.wire_code or word in each.name.upper() or word in str(each.symbol))
        ]
        return _done(search_quote.Response(), search_quote.S2C(search_quote_list=hits[:most]))

    def _static(self, listing: Listing) -> Any:
        basic = qot.SecurityStaticBasic(
            security=_security(listing),
            id=listing.security_id,
            lotSize=listing.lot,
            secType=listing.kind,
            name=listing.name,
            listTime=listing.listed.isoformat(),
            delisting=False,
            exchType=EXCHANGES[listing.symbol.market],
        )
        return qot.SecurityStaticInfo(basic=basic)


def _done(response: Any, s2c: Message) -> bytes:
    response.retType, response.retMsg, response.errCode = 0, "", 0
    response.s2c.CopyFrom(s2c)
    return bytes(response.SerializeToString())


def _security(listing: Listing) -> Any:
    return qot.Security(market=MARKET_NUMBERS[listing.symbol.market], code=listing.wire_code)


def _trade_date_of(day: TradingDay) -> Any:
    midnight = datetime(day.day.year, day.day.month, day.day.day, tzinfo=ZoneInfo(day.zone))
    kind = qot.TRADE_DATE_MORNING if day.half else qot.TRADE_DATE_WHOLE
    return trade_date.TradeDate(time=day.day.isoformat(), timestamp=midnight.timestamp(), tradeDateType=kind)
