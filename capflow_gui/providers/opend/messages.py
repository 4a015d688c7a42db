"""Requests as bytes, and answers as domain values, for every interface but capital flow (see providers.opend.flow)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol, TypeVar

from google.protobuf.message import DecodeError

from capflow_gui.domain.flow import Period
from capflow_gui.domain.quote import (
    Distribution,
    GlobalState,
    MarketPhase,
    MarketState,
    Quote,
    SearchHit,
    SecurityKind,
    StaticInfo,
    SymbolGroup,
    TradeDate,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.opend.codes import (
    KINDS,
    PERIODS,
    PHASES,
    TRADE_DATE_KINDS,
    TRADE_DATE_MARKETS,
    code_text,
    security,
    symbol_of,
    wall_time,
)
from capflow_gui.providers.opend.errors import rejection
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.opend.frame import text_of
from capflow_gui.wire.pb.opend import (
    common_pb2,
    get_global_state_pb2,
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

SIMULATED = "SIMULATED"  # how a simulator's status text begins
FLOW_KINDS = frozenset({SecurityKind.STOCK, SecurityKind.FUND, SecurityKind.WARRANT})


class Answered(Protocol):
    """What every Response message has."""

    retType: int  # noqa: N815 - the wire's own name
    retMsg: str  # noqa: N815 - the wire's own name
    errCode: int  # noqa: N815 - the wire's own name

    def HasField(self, field_name: str) -> bool:  # noqa: N802 - protobuf's own name
        """Whether an optional field is there."""

    def ParseFromString(self, serialized: bytes) -> int:  # noqa: N802 - protobuf's own name
        """Read the message."""

    def IsInitialized(self) -> bool:  # noqa: N802 - protobuf's own name
        """Whether every required field is there."""


R = TypeVar("R", bound=Answered)


@dataclass(frozen=True, slots=True)
class Selected:
    """Static facts of the symbols Capflow can hold, and the codes it had to leave out."""

    infos: list[StaticInfo]
    skipped: tuple[str, ...]


def parse(source: str, kind: type[R], body: bytes, *, complete: bool = True) -> R:
    """Return a successful answer. Raises RequestRejected for a refusal, RemoteProtocolError for what is no answer.

    The parser does not insist on required fields, so they are asked for here; `complete` False leaves that to the
    reader.
    """
    answer = kind()
    try:
        answer.ParseFromString(body)
        if not answer.HasField("retType"):
            raise RemoteProtocolError(Reason.of(Code.NO_RESULT))
        if answer.retType != common_pb2.RET_TYPE_SUCCEED:
            raise rejection(source, answer.retType, answer.errCode, text_of(answer.retMsg))
    except DecodeError as error:
        raise RemoteProtocolError(Reason.of(Code.UNPARSABLE, error=str(error))) from error
    if not answer.HasField("s2c") or (complete and not answer.IsInitialized()):
        raise RemoteProtocolError(Reason.of(Code.LACKS_FIELDS))
    return answer


@lru_cache(maxsize=2048)
def flow_request(symbol: Symbol, period: Period, window: tuple[date, date] | None) -> bytes:
    """3211, asked again and again. `window` is (start, end) in exchange dates, None for INTRADAY."""
    c2s = qot_get_capital_flow_pb2.C2S(security=security(symbol), periodType=PERIODS[period])
    if window is not None:
        c2s.beginTime, c2s.endTime = (day.isoformat() for day in window)
    return qot_get_capital_flow_pb2.Request(c2s=c2s).SerializeToString()


def global_state_request() -> bytes:
    """1002."""
    return get_global_state_pb2.Request(c2s=get_global_state_pb2.C2S(userID=0)).SerializeToString()


def read_global_state(source: str, body: bytes) -> GlobalState:
    """1002. `status` is the programme status in OpenD's words, "" where it says none."""
    s2c = parse(source, get_global_state_pb2.Response, body).s2c
    phases = {
        Market.HK: PHASES.get(s2c.marketHK, MarketPhase.UNKNOWN),
        Market.US: PHASES.get(s2c.marketUS, MarketPhase.UNKNOWN),
        Market.SH: PHASES.get(s2c.marketSH, MarketPhase.UNKNOWN),
        Market.SZ: PHASES.get(s2c.marketSZ, MarketPhase.UNKNOWN),
    }
    if s2c.HasField("marketSG"):
        phases[Market.SG] = PHASES.get(s2c.marketSG, MarketPhase.UNKNOWN)
    text = text_of(s2c.programStatus.strExtDesc) if s2c.HasField("programStatus") else ""
    return GlobalState(
        time=float(s2c.time),
        quote_logged_in=s2c.qotLogined,
        server_version=s2c.serverVer,
        simulated=text.startswith(SIMULATED),
        market_phases=phases,
        status=text,
    )


def distribution_request(symbol: Symbol) -> bytes:
    """3212."""
    c2s = qot_get_capital_distribution_pb2.C2S(security=security(symbol))
    return qot_get_capital_distribution_pb2.Request(c2s=c2s).SerializeToString()


def read_distribution(source: str, body: bytes, symbol: Symbol) -> Distribution:
    """3212. The largest class is optional on the wire: None where absent."""
    s2c = parse(source, qot_get_capital_distribution_pb2.Response, body).s2c
    return Distribution(
        symbol=symbol,
        time=_time(s2c.updateTimestamp, text_of(s2c.updateTime), symbol.market),
        inflow={
            "extra_large": s2c.capitalInSuper if s2c.HasField("capitalInSuper") else None,
            "large": s2c.capitalInBig,
            "medium": s2c.capitalInMid,
            "small": s2c.capitalInSmall,
        },
        outflow={
            "extra_large": s2c.capitalOutSuper if s2c.HasField("capitalOutSuper") else None,
            "large": s2c.capitalOutBig,
            "medium": s2c.capitalOutMid,
            "small": s2c.capitalOutSmall,
        },
    )


def snapshot_request(symbols: Sequence[Symbol]) -> bytes:
    """3203: at most 400 symbols."""
    c2s = qot_get_security_snapshot_pb2.C2S(securityList=map(security, symbols))
    return qot_get_security_snapshot_pb2.Request(c2s=c2s).SerializeToString()


def read_snapshots(source: str, body: bytes) -> list[Quote]:
    """3203. A snapshot of a symbol Capflow cannot hold was not asked for, and is left out."""
    quotes = []
    for snapshot in parse(source, qot_get_security_snapshot_pb2.Response, body).s2c.snapshotList:
        basic = snapshot.basic
        symbol = symbol_of(basic.security.market, text_of(basic.security.code))
        if symbol is None:
            continue
        quotes.append(
            Quote(
                symbol=symbol,
                name=text_of(basic.name) or None,
                price=basic.curPrice,
                previous_close=basic.lastClosePrice,
                turnover=basic.turnover,
                volume=basic.volume,
                time=_time(basic.updateTimestamp, text_of(basic.updateTime), symbol.market),
                halted=basic.isSuspend or basic.secStatus == qot_common_pb2.SECURITY_STATUS_SUSPENDED,
            )
        )
    return quotes


def static_info_request(symbols: Sequence[Symbol]) -> bytes:
    """3202."""
    c2s = qot_get_static_info_pb2.C2S(securityList=map(security, symbols))
    return qot_get_static_info_pb2.Request(c2s=c2s).SerializeToString()


def read_static_info(source: str, body: bytes) -> Selected:
    """3202. The wire carries no currency."""
    return _select(parse(source, qot_get_static_info_pb2.Response, body).s2c.staticInfoList)


def group_symbols_request(name: str) -> bytes:
    """3213."""
    c2s = qot_get_user_security_pb2.C2S(groupName=name)
    return qot_get_user_security_pb2.Request(c2s=c2s).SerializeToString()


def read_group_symbols(source: str, body: bytes) -> Selected:
    """3213."""
    return _select(parse(source, qot_get_user_security_pb2.Response, body).s2c.staticInfoList)


def groups_request() -> bytes:
    """3222: every group, the user's and the broker's."""
    c2s = qot_get_user_security_group_pb2.C2S(groupType=qot_get_user_security_group_pb2.GROUP_TYPE_ALL)
    return qot_get_user_security_group_pb2.Request(c2s=c2s).SerializeToString()


def read_groups(source: str, body: bytes) -> list[SymbolGroup]:
    """3222."""
    custom = qot_get_user_security_group_pb2.GROUP_TYPE_CUSTOM
    groups = parse(source, qot_get_user_security_group_pb2.Response, body).s2c.groupList
    return [SymbolGroup(text_of(group.groupName), custom=group.groupType == custom) for group in groups]


def market_state_request(symbols: Sequence[Symbol]) -> bytes:
    """3223: at most 400 symbols."""
    c2s = qot_get_market_state_pb2.C2S(securityList=map(security, symbols))
    return qot_get_market_state_pb2.Request(c2s=c2s).SerializeToString()


def read_market_states(source: str, body: bytes) -> list[MarketState]:
    """3223. A state Capflow does not act on is UNKNOWN, its number kept."""
    states = []
    for info in parse(source, qot_get_market_state_pb2.Response, body).s2c.marketInfoList:
        symbol = symbol_of(info.security.market, text_of(info.security.code))
        if symbol is not None:
            phase = PHASES.get(info.marketState, MarketPhase.UNKNOWN)
            states.append(MarketState(symbol, info.marketState, phase))
    return states


def trade_date_request(market: Market, start: date, end: date) -> bytes:
    """3219: start and end inclusive."""
    c2s = qot_request_trade_date_pb2.C2S(
        market=TRADE_DATE_MARKETS[market], beginTime=start.isoformat(), endTime=end.isoformat()
    )
    return qot_request_trade_date_pb2.Request(c2s=c2s).SerializeToString()


def read_trade_dates(source: str, body: bytes, market: Market) -> list[TradeDate]:
    """3219."""
    dates = []
    for item in parse(source, qot_request_trade_date_pb2.Response, body).s2c.tradeDateList:
        kind = TRADE_DATE_KINDS.get(item.tradeDateType)
        text = text_of(item.time)
        try:
            day = date.fromisoformat(text[:10])
        except ValueError as error:
            raise RemoteProtocolError(Reason.of(Code.NOT_A_DATE, text=text[:40])) from error
        if kind is None:
            raise RemoteProtocolError(Reason.of(Code.UNKNOWN_DAY_KIND, kind=item.tradeDateType, day=day.isoformat()))
        dates.append(TradeDate(market, day, kind))
    return dates


def search_request(keyword: str, max_count: int) -> bytes:
    """3262: at most 100 hits."""
    c2s = qot_get_search_quote_pb2.C2S(keyword=keyword, max_count=max_count)
    return qot_get_search_quote_pb2.Request(c2s=c2s).SerializeToString()


def read_search(source: str, body: bytes) -> tuple[list[SearchHit], tuple[str, ...]]:
    """3262: hits that have capital flow (stocks, funds, warrants), and the codes left out for their market.

    Codes come bare or prefixed, as the version of OpenD has it.
    """
    hits: list[SearchHit] = []
    skipped: list[str] = []
    for quote in parse(source, qot_get_search_quote_pb2.Response, body).s2c.search_quote_list:
        kind = KINDS.get(quote.sec_type, SecurityKind.OTHER)
        if kind not in FLOW_KINDS:
            continue
        symbol = symbol_of(quote.market, text_of(quote.code))
        if symbol is None:
            skipped.append(code_text(quote.market, text_of(quote.code)))
        else:
            hits.append(SearchHit(symbol, text_of(quote.name), kind))
    return hits, tuple(skipped)


def _select(entries: Iterable[qot_common_pb2.SecurityStaticInfo]) -> Selected:
    infos: list[StaticInfo] = []
    skipped: list[str] = []
    for entry in entries:
        basic = entry.basic
        symbol = symbol_of(basic.security.market, text_of(basic.security.code))
        if symbol is None:
            skipped.append(code_text(basic.security.market, text_of(basic.security.code)))
            continue
        kind = KINDS.get(basic.secType, SecurityKind.OTHER)
        infos.append(StaticInfo(symbol, text_of(basic.name), kind, basic.lotSize, delisted=basic.delisting))
    return Selected(infos, tuple(skipped))


def _time(timestamp: float, text: str, market: Market) -> float | None:
    if timestamp > 0:
        return timestamp
    return wall_time(text, market) if text else None
