from __future__ import annotations

import pytest

from capflow_gui.simulator.market.clock import MarketClock
from tests.unit.conftest import HandClock


@pytest.mark.parametrize("speed", [0.0, 1.0, 60.0])
def test_market_now_runs_at_its_speed(hand_clock: HandClock, speed: float) -> None:
    market = MarketClock(1_000_000.0, speed, hand_clock)
    hand_clock.move(7.0)
    assert market.now() == 1_000_000.0 + 7.0 * speed
    assert market.speed == speed


def test_it_can_be_set_and_runs_on_at_the_same_or_another_speed(hand_clock: HandClock) -> None:
    market = MarketClock(1_000_000.0, 2.0, hand_clock)
    hand_clock.move(5.0)
    market.set(50.0)
    hand_clock.move(1.0)
    assert market.now() == 52.0
    market.set(60.0, speed=10.0)
    hand_clock.move(1.0)
    assert market.now() == 70.0
