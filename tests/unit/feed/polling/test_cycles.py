"""What a row is promised holds at any size of the list, and beside other processes."""

from __future__ import annotations

import pytest

from capflow_gui.domain.rate_limit import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.polling.cycles import Cycles
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.quota.limiter import Limiter
from capflow_gui.quota.quota_file import QuotaFile

MORNING = 1_654_653_600.0  # a Wednesday, 10:00 in Hong Kong
LONGPORT = RateLimit(10, 1.0, 5)


def cycles(calendar: Calendar, clock, count: int, file: QuotaFile | None = None) -> tuple[Cycles, Limiter, Symbol]:
    symbols = [Symbol(Market.HK, str(code)) for code in range(1, count + 1)]
    schedule = Schedule(calendar)
    schedule.set_symbols(symbols, clock.monotonic())
    limiter = Limiter("k", LONGPORT, clock=clock, file=file)
    return Cycles(schedule, limiter), limiter, symbols[-1] if symbols else Symbol(Market.HK, "1")


@pytest.mark.parametrize(("count", "seconds"), [(1, 30.0), (500, 52.5), (2000, 210.0)])
def test_alone_a_round_takes_a_window_for_every_ten_and_little_more_is_promised(
    calendar: Calendar, hand_clock, count: int, seconds: float
) -> None:
    promise, _, symbol = cycles(calendar, hand_clock, count)
    assert seconds <= promise.promised(symbol, hand_clock.monotonic(), MORNING) <= 1.05 * seconds


def test_nobody_is_promised_anything_where_there_is_nobody(calendar: Calendar, hand_clock) -> None:
    promise, _, symbol = cycles(calendar, hand_clock, 0)
    assert promise.promised(symbol, hand_clock.monotonic(), MORNING) >= 0


def test_beside_a_process_that_takes_half_a_round_takes_twice_as_long(calendar: Calendar, hand_clock) -> None:
    file = QuotaFile(None)
    promise, ours, symbol = cycles(calendar, hand_clock, 500, file)
    other = Limiter("k", LONGPORT, clock=hand_clock, file=file)
    for _ in range(300):
        for limiter in (ours, other):
            reservation = limiter.try_reserve()
            if reservation is not None:
                reservation.replied()
        hand_clock.move(0.1)
    seconds = promise.promised(symbol, hand_clock.monotonic(), MORNING)
    assert 95 <= seconds <= 115
    assert ours.expected == pytest.approx(5, abs=0.5)


def test_our_own_other_questions_cost_their_share(calendar: Calendar, hand_clock) -> None:
    promise, limiter, symbol = cycles(calendar, hand_clock, 500)
    for number in range(100):
        (limiter.try_reserve() or pytest.fail("no slot")).replied()
        promise.polls += number % 4 != 0
        hand_clock.move(0.2)
    assert 52.5 * 4 / 3 <= promise.promised(symbol, hand_clock.monotonic(), MORNING) <= 52.5 * 4 / 3 * 1.06
