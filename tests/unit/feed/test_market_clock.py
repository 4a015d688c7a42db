"""Market now is the source's own time, at whatever speed it runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.feed.market_clock import MarketClock

EPOCH = 1_654_651_800.0


class Source:
    """A source that tells its time in whole seconds, and a clock that asks it when it wants to be asked."""

    def __init__(self, clock, rate: float = 1.0, latency: float = 0.002) -> None:
        self.clock, self.rate, self.latency = clock, rate, latency
        self.base, self.since = EPOCH, clock.now
        self.market = MarketClock(clock)

    def true(self) -> float:
        return self.base + (self.clock.now - self.since) * self.rate

    def jump(self, seconds: float) -> None:
        self.base, self.since = self.true() + seconds, self.clock.now

    def ask(self) -> bool:
        sent = self.clock.now
        self.clock.move(self.latency / 2)
        time = float(int(self.true()))
        self.clock.move(self.latency / 2)
        return self.market.answered(sent, self.clock.now, time)

    def live(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.ask()
            self.clock.move(self.market.ask_after_s)

    @property
    def error(self) -> float:
        return abs(self.market.now() - self.true())


def test_before_the_first_answer_it_is_this_computers_time(hand_clock) -> None:
    market = MarketClock(hand_clock)
    assert market.now() == hand_clock.wall()
    assert not market.known
    assert market.skew == 0.0


@pytest.mark.parametrize("rate", [0.0, 1.0, 2.0, 10.0, 60.0, 600.0, 7200.0])
def test_the_rate_is_measured(hand_clock, rate: float) -> None:
    source = Source(hand_clock, rate)
    source.live(20)
    assert source.error <= 1.0 + rate * 0.2
    source.live(300)
    assert source.market.rate == pytest.approx(rate, rel=0.02, abs=0.02)
    assert source.error <= 1.5 + rate * 0.1


@given(latency=st.floats(0.0, 2.0), offset=st.floats(0, 1))
def test_a_real_clock_never_gets_another_rate(new_clock, latency: float, offset: float) -> None:
    source = Source(new_clock(1000.0 + offset), 1.0, latency)
    source.live(3600)
    assert source.market.rate == 1.0
    assert source.market.steps == 0
    assert source.error <= 1.0 + latency


def test_a_jump_is_one_step_and_the_old_rate_goes_on(hand_clock) -> None:
    source = Source(hand_clock)
    source.live(120)
    source.jump(2400)
    assert source.ask()
    assert source.market.rate == 1.0
    assert source.error <= 1.0
    hand_clock.move(source.market.ask_after_s)
    assert not source.ask()
    source.live(120)
    assert (source.market.rate, source.market.steps) == (1.0, 1)


def test_a_clock_that_is_a_day_off_in_one_answer_has_not_jumped(hand_clock) -> None:
    source = Source(hand_clock)
    source.live(120)
    source.jump(86400.0)
    assert not source.ask()
    source.jump(-86400.0)
    assert source.error <= 1.0
    assert source.market.ask_after_s == 1.0
    source.live(120)
    assert (source.error <= 1.0, source.market.steps) == (True, 0)


@pytest.mark.parametrize("seconds", [86400.0, -86400.0, 7 * 3600.0])
def test_a_jump_of_hours_is_believed_when_it_is_said_twice(hand_clock, seconds: float) -> None:
    """As after the sleep of a computer whose monotonic clock stood."""
    source = Source(hand_clock)
    source.live(120)
    source.jump(seconds)
    assert not source.ask()
    hand_clock.move(source.market.ask_after_s)
    assert source.ask()
    assert source.error <= 1.0
    source.live(120)
    assert (source.error <= 1.0, source.market.rate, source.market.steps) == (True, 1.0, 1)


def test_it_is_asked_often_at_first_and_then_once_a_minute(hand_clock) -> None:
    source = Source(hand_clock)
    waits = []
    for _ in range(5):
        source.ask()
        waits.append(source.market.ask_after_s)
        hand_clock.move(source.market.ask_after_s)
    assert waits == [2.0, 4.0, 60.0, 60.0, 60.0]
    source.market.resettle()
    assert source.market.ask_after_s == 1.0


def test_ninety_seconds_off_are_said(hand_clock) -> None:
    source = Source(hand_clock)
    source.base = hand_clock.wall() - 89
    source.ask()
    assert not source.market.skewed
    source.jump(-10)
    source.ask()
    assert source.market.skewed
    assert source.market.skew == pytest.approx(-99, abs=2)


@pytest.mark.parametrize("time", [0.0, -1.0, 2.0**62, float("inf"), float("-inf"), float("nan")])
def test_a_time_outside_this_century_is_none(hand_clock, time: float) -> None:
    clock = MarketClock(hand_clock)
    assert not clock.answered(0.0, 0.1, time)
    assert not clock.known
    clock.answered(1.0, 1.0, 1_700_000_000.0)
    assert not clock.answered(2.0, 2.0, time)
    assert clock.at(2.0) == 1_700_000_001.0


def test_a_clock_that_runs_through_the_centuries_stays_in_this_one(hand_clock) -> None:
    source = Source(hand_clock, rate=3e8)
    source.live(1200)
    assert EPOCH < source.market.now() <= 4_102_444_800
    source.market.at(hand_clock.now + 1e9)
    assert source.market.at(hand_clock.now - 1e9) >= 946_684_800
