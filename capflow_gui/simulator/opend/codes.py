"""Numbers, texts and dates of OpenD's interfaces, as the simulated server reads and writes them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Market
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as capital_flow

MARKETS: dict[int, Market] = {
    int(qot.QOT_MARKET_HK): Market.HK,
    int(qot.QOT_MARKET_US): Market.US,
    int(qot.QOT_MARKET_SH): Market.SH,
    int(qot.QOT_MARKET_SZ): Market.SZ,
    int(qot.QOT_MARKET_SG): Market.SG,
}
MARKET_NUMBERS = {market: number for number, market in MARKETS.items()}
EXCHANGES = {Market.HK: 1, Market.US: 5, Market.SH: 14, Market.SZ: 15, Market.SG: 17}
TRADE_DATE_MARKETS = {1: Market.HK, 2: Market.US, 3: Market.SH, 8: Market.SG}
PERIODS = {2: Period.DAY, 3: Period.WEEK, 4: Period.MONTH}
INTRADAY = 1
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: \d{1,2}:\d{2}:\d{2}(?:\.\d+)?)?")
HISTORY = timedelta(days=366)
MOST_CODES = 400
MOST_HITS = 100
SERVER_VERSION = 1011
BUILD = 7108


class RefusalError(Exception):
    """The broker says no, in these words."""

    def __init__(self, text: str, ret_type: int = -1) -> None:
        super().__init__(text)
        self.text = text
        self.ret_type = ret_type


def failure(text: str, ret_type: int = -1) -> bytes:
    """A failed response: the same bytes for every interface."""
    return bytes(capital_flow.Response(retType=ret_type, retMsg=text, errCode=0).SerializeToString())


def date_window(begin: str, end: str, today: date) -> tuple[date, date]:
    """Read beginTime and endTime, in both date forms the SDKs send; RefusalError for another.

    An absent end is today, an absent begin a year before the end.
    """
    last = _read_date(end) if end else today
    return (_read_date(begin) if begin else last - timedelta(days=365)), last


def _read_date(text: str) -> date:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise RefusalError(f"时间格式错误 {text}")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise RefusalError(f"时间格式错误 {text}") from None
