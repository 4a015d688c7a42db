"""The market state numbers of OpenD (Qot_Common.QotMarketState) at an instant."""

from __future__ import annotations

from capflow_gui.domain.session import Calendar, Phase
from capflow_gui.domain.symbol import Market
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot

_PRE_AUCTION_S = 30 * 60
_PRE_MARKET_S = 330 * 60
_CLOSING_AUCTION_S = 10 * 60
_AFTER_HOURS_S = 4 * 3600


def market_state(calendar: Calendar, market: Market, now: float) -> int:
    """What OpenD would say of `market` at market now (UTC epoch seconds)."""
    moment = calendar.now(market, now)
    match moment.phase:
        case Phase.OPEN:
            first_end = moment.last_day.periods[0][1]
            noon = first_end if moment.last_day.seams else (moment.last_day.open + moment.last_day.close) / 2
            return int(qot.MARKET_STATE_MORNING if now < noon else qot.MARKET_STATE_AFTERNOON)
        case Phase.LUNCH:
            return int(qot.MARKET_STATE_REST)
        case Phase.PRE_OPEN:
            return _before(market, moment.next_open - now)
        case Phase.CLOSED:
            return _after(market, now - moment.last_day.close)


def _before(market: Market, seconds: float) -> int:
    if market is Market.US:
        return int(qot.MARKET_STATE_PRE_MARKET_BEGIN if seconds <= _PRE_MARKET_S else qot.MARKET_STATE_AFTER_HOURS_END)
    return int(qot.MARKET_STATE_AUCTION if seconds <= _PRE_AUCTION_S else qot.MARKET_STATE_CLOSED)


def _after(market: Market, seconds: float) -> int:
    if market is Market.US:
        begun = seconds < _AFTER_HOURS_S
        return int(qot.MARKET_STATE_AFTER_HOURS_BEGIN if begun else qot.MARKET_STATE_AFTER_HOURS_END)
    if market is Market.HK and seconds < _CLOSING_AUCTION_S:
        return int(qot.MARKET_STATE_HK_CLOSING_AUCTION)
    return int(qot.MARKET_STATE_CLOSED)
