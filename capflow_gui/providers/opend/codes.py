"""OpenD's numbers and strings for markets, kinds, states and times, and what they are to Capflow."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import Period
from capflow_gui.domain.quote import MarketPhase, SecurityKind
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput, RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot

MARKET_NUMBERS: dict[Market, int] = {
    Market.HK: qot.QOT_MARKET_HK,
    Market.US: qot.QOT_MARKET_US,
    Market.SH: qot.QOT_MARKET_SH,
    Market.SZ: qot.QOT_MARKET_SZ,
    Market.SG: qot.QOT_MARKET_SG,
}
MARKETS: dict[int, Market] = {number: market for market, number in MARKET_NUMBERS.items()}
# For naming what is left out; Capflow has no calendar for these.
OTHER_MARKETS: dict[int, str] = {
    qot.QOT_MARKET_HK_FUTURE: "HK_FUTURE",
    qot.QOT_MARKET_JP: "JP",
    qot.QOT_MARKET_AU: "AU",
    qot.QOT_MARKET_MY: "MY",
    qot.QOT_MARKET_CA: "CA",
    qot.QOT_MARKET_FX: "FX",
    qot.QOT_MARKET_CC: "CC",
    qot.QOT_MARKET_EVENT_CONTRACT: "EC",
}
TRADE_DATE_MARKETS: dict[Market, int] = {
    Market.HK: qot.TRADE_DATE_MARKET_HK,
    Market.US: qot.TRADE_DATE_MARKET_US,
    Market.SH: qot.TRADE_DATE_MARKET_CN,
    Market.SZ: qot.TRADE_DATE_MARKET_CN,
    Market.SG: qot.TRADE_DATE_MARKET_SG,
}
TRADE_DATE_KINDS: dict[int, str] = {
    qot.TRADE_DATE_WHOLE: "whole",
    qot.TRADE_DATE_MORNING: "morning",
    qot.TRADE_DATE_AFTERNOON: "afternoon",
}
PERIODS: dict[Period, int] = {
    Period.INTRADAY: qot.PERIOD_TYPE_INTRADAY,
    Period.DAY: qot.PERIOD_TYPE_DAY,
    Period.WEEK: qot.PERIOD_TYPE_WEEK,
    Period.MONTH: qot.PERIOD_TYPE_MONTH,
}
KINDS: dict[int, SecurityKind] = {
    qot.SECURITY_TYPE_STOCK: SecurityKind.STOCK,
    qot.SECURITY_TYPE_FUND: SecurityKind.FUND,
    qot.SECURITY_TYPE_WARRANT: SecurityKind.WARRANT,
    qot.SECURITY_TYPE_INDEX: SecurityKind.INDEX,
}
# Capital flow is of regular hours only, so night and extended sessions are closed to us.
PHASES: dict[int, MarketPhase] = {
    qot.MARKET_STATE_AUCTION: MarketPhase.PRE_OPEN,
    qot.MARKET_STATE_WAITING_OPEN: MarketPhase.PRE_OPEN,
    qot.MARKET_STATE_PRE_MARKET_BEGIN: MarketPhase.PRE_OPEN,
    qot.MARKET_STATE_PRE_MARKET_END: MarketPhase.PRE_OPEN,
    qot.MARKET_STATE_MORNING: MarketPhase.OPEN,
    qot.MARKET_STATE_AFTERNOON: MarketPhase.OPEN,
    qot.MARKET_STATE_HK_CLOSING_AUCTION: MarketPhase.OPEN,
    qot.MARKET_STATE_CLOSE_AUCTION: MarketPhase.OPEN,
    qot.MARKET_STATE_TRADE_AT_LAST: MarketPhase.OPEN,
    qot.MARKET_STATE_TRADE_AUCTION: MarketPhase.OPEN,
    qot.MARKET_STATE_REST: MarketPhase.LUNCH,
    qot.MARKET_STATE_CLOSED: MarketPhase.CLOSED,
    qot.MARKET_STATE_AFTER_HOURS_BEGIN: MarketPhase.CLOSED,
    qot.MARKET_STATE_AFTER_HOURS_END: MarketPhase.CLOSED,
    qot.MARKET_STATE_SWITCH_DATE: MarketPhase.CLOSED,
    qot.MARKET_STATE_A_SHARE_AFTER_HOURS_WAIT: MarketPhase.CLOSED,
    qot.MARKET_STATE_A_SHARE_AFTER_HOURS_BEGIN: MarketPhase.CLOSED,
    qot.MARKET_STATE_A_SHARE_AFTER_HOURS_END: MarketPhase.CLOSED,
    qot.MARKET_STATE_AFTERNOON_END: MarketPhase.CLOSED,
    qot.MARKET_STATE_NIGHT: MarketPhase.CLOSED,
    qot.MARKET_STATE_OVERNIGHT_BEGIN: MarketPhase.CLOSED,
    qot.MARKET_STATE_OVERNIGHT_END: MarketPhase.CLOSED,
    qot.MARKET_STATE_OVERNIGHT: MarketPhase.CLOSED,
    qot.MARKET_STATE_NIGHT_OPEN: MarketPhase.CLOSED,
    qot.MARKET_STATE_NIGHT_END: MarketPhase.CLOSED,
}
# OpenD writes times as the exchange's wall time. Source: FutuOpenD API docs, quote interfaces.
ZONES: dict[Market, str] = {
    Market.HK: "Asia/Hong_Kong",
    Market.US: "America/New_York",
    Market.SH: "Asia/Shanghai",
    Market.SZ: "Asia/Shanghai",
    Market.SG: "Asia/Singapore",
}
_WALL = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:(\d{2})(?:\.(\d{1,6}))?)?", re.ASCII)


def security(symbol: Symbol) -> qot.Security:
    """Return the wire's form of a symbol: Hong Kong codes in five digits."""
    code = symbol.code.zfill(5) if symbol.market is Market.HK else symbol.code
    return qot.Security(market=MARKET_NUMBERS[symbol.market], code=code)


def symbol_of(market: int, code: str) -> Symbol | None:
    """Return the symbol of a wire code, bare (`00700`) or prefixed (`HK.00700`); None where Capflow cannot hold it."""
    known = MARKETS.get(market)
    if known is None and market == qot.QOT_MARKET_UNKNOWN:
        head, _, _ = code.partition(".")
        known = Market.__members__.get(head)
    if known is None:
        return None
    bare = code.removeprefix(f"{known.value}.")
    try:
        return Symbol.parse(f"{bare}.{known.value}")
    except InvalidInput:
        return None


def code_text(market: int, code: str) -> str:
    """Return a code with its market's prefix, for saying what was left out."""
    name = MARKETS[market].value if market in MARKETS else OTHER_MARKETS.get(market, str(market))
    return code if code.startswith(f"{name}.") else f"{name}.{code}"


@lru_cache(maxsize=1024)
def wall_time(text: str, market: Market) -> float:
    """Return the UTC epoch seconds of `yyyy-MM-dd[ HH:mm:ss[.fff]]` on the exchange's wall.

    Raises RemoteProtocolError where it is no such time.
    """
    found = _WALL.fullmatch(text)
    if found is None:
        raise RemoteProtocolError(Reason.of(Code.NOT_A_TIME, text=text[:40]))
    second, fraction = found.groups("0")
    if int(second) >= 60:
        raise RemoteProtocolError(Reason.of(Code.NOT_A_TIME, text=text[:40]))
    try:
        whole = _wall_minute(text[:16], market)
    except (ValueError, OverflowError) as error:
        raise RemoteProtocolError(Reason.of(Code.NOT_A_TIME, text=text[:40])) from error
    return whole + int(second) + float(f"0.{fraction}")


@lru_cache(maxsize=1024)
def _wall_minute(text: str, market: Market) -> float:
    """Zones are slow and change at whole minutes: most times differ from one seen before in their seconds alone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONES[market])).timestamp()
