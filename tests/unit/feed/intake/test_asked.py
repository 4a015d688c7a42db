"""Replies that are asked for: how many symbols their quota keeps up with."""

from __future__ import annotations

import pytest

from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.feed.intake.asked import AskedIntake, Pace
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.schedule import OTHERS_INTERVAL_S
from capflow_gui.feed.source import Source
from capflow_gui.feed.store import FlowStore
from capflow_gui.quota.limiters import Limiters
from tests.unit.conftest import HandClock
from tests.unit.domain.lines import TENCENT


@pytest.mark.parametrize(("calls", "room"), [(30, int(30 * OTHERS_INTERVAL_S / 30)), (1, int(OTHERS_INTERVAL_S / 30))])
def test_there_is_room_for_what_the_quota_asks_in_the_interval_of_rows_off_screen(
    calls: int, room: int, hand_clock: HandClock, calendar: Calendar
):
    limiters = Limiters("opend/x", {"capital_flow": RateLimit(calls, 30.0)}, clock=hand_clock)
    intake = AskedIntake(
        Source("opend", None, limiters),
        FlowStore(lambda _: None),
        MarketClock(hand_clock),
        calendar,
        clock=hand_clock,
        pace=Pace(),
        gate=lambda: True,
        on_series=print,
        on_error=print,
    )
    assert intake.room == max(1, room)
    intake.watch([TENCENT])
    assert intake.budget().limit == calls
    assert (intake.answered_at, intake.unanswered_since) == (None, None)
