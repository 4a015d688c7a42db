from __future__ import annotations

from datetime import datetime

import pytest

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market
from capflow_gui.simulator.opend.market_state import market_state
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot

MOMENTS = [
    (Market.HK, "2026-06-10T03:00:00+08:00", qot.MARKET_STATE_CLOSED),
    (Market.HK, "2026-06-10T09:10:00+08:00", qot.MARKET_STATE_AUCTION),
    (Market.HK, "2026-06-10T10:00:00+08:00", qot.MARKET_STATE_MORNING),
    (Market.HK, "2026-06-10T12:30:00+08:00", qot.MARKET_STATE_REST),
    (Market.HK, "2026-06-10T14:00:00+08:00", qot.MARKET_STATE_AFTERNOON),
    (Market.HK, "2026-06-10T16:05:00+08:00", qot.MARKET_STATE_HK_CLOSING_AUCTION),
    (Market.HK, "2026-06-10T16:30:00+08:00", qot.MARKET_STATE_CLOSED),
    (Market.SH, "2026-06-10T15:05:00+08:00", qot.MARKET_STATE_CLOSED),
    (Market.US, "2026-06-10T03:00:00-04:00", qot.MARKET_STATE_AFTER_HOURS_END),
    (Market.US, "2026-06-10T08:00:00-04:00", qot.MARKET_STATE_PRE_MARKET_BEGIN),
    (Market.US, "2026-06-10T10:00:00-04:00", qot.MARKET_STATE_MORNING),
    (Market.US, "2026-06-10T15:00:00-04:00", qot.MARKET_STATE_AFTERNOON),
    (Market.US, "2026-06-10T17:00:00-04:00", qot.MARKET_STATE_AFTER_HOURS_BEGIN),
    (Market.US, "2026-06-10T21:00:00-04:00", qot.MARKET_STATE_AFTER_HOURS_END),
]


@pytest.mark.parametrize(("market", "at", "state"), MOMENTS, ids=[f"{market} {at}" for market, at, _ in MOMENTS])
def test_the_state_of_a_market_at_an_instant(calendar: Calendar, market: Market, at: str, state: int) -> None:
    assert market_state(calendar, market, datetime.fromisoformat(at).timestamp()) == state
