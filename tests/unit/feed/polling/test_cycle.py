"""The cycle of a row is the plan until replies tell, then what is measured."""

from __future__ import annotations

import pytest

from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RequestTimeout
from capflow_gui.feed.polling.cycle import PollCycle
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.quota.limiter import Limiter
from tests.reasons import said
from tests.unit.conftest import HandClock

MORNING = 1_654_653_600.0  # a Wednesday, 10:00 in Hong Kong
LUNCH_S = 7500.0  # after 10:00
LONGPORT = RateLimit(10, 1.0, 5)


class Rows:
    """A schedule whose rows are answered by hand."""

    def __init__(self, calendar: Calendar, clock: HandClock, count: int, visible: int = 0) -> None:
        self.symbols = [Symbol(Market.HK, str(code)) for code in range(1, count + 1)]
        self.clock, self.began = clock, clock.monotonic()
        self.schedule = Schedule(calendar)
        self.schedule.set_symbols(self.symbols, clock.monotonic())
        self.schedule.set_visible(self.symbols[:visible])
        self.limiter = Limiter("k", LONGPORT, clock=clock)
        self.cycle = PollCycle(self.schedule, self.limiter)

    @property
    def market(self) -> float:
        return MORNING + self.clock.monotonic() - self.began

    def answer(self, *symbols: Symbol) -> None:
        for symbol in symbols or self.symbols:
            self.schedule.stored(symbol, self.clock.monotonic(), self.market)
            self.cycle.answered(symbol, self.clock.monotonic(), self.market)

    def shown(self, place: int = -1) -> float:
        return self.cycle.seconds(self.symbols[place], self.clock.monotonic(), self.market)


@pytest.fixture
def rows(calendar: Calendar, hand_clock: HandClock) -> Rows:
    return Rows(calendar, hand_clock, 4, visible=2)


@pytest.mark.parametrize(("count", "seconds"), [(1, 30.0), (500, 52.5), (2000, 210.0)])
def test_at_first_the_plan_is_shown(calendar: Calendar, hand_clock: HandClock, count: int, seconds: float) -> None:
    assert Rows(calendar, hand_clock, count).shown() == pytest.approx(seconds)


def test_a_late_reply_is_shown_at_once_and_only_for_its_kind(rows: Rows) -> None:
    rows.answer()
    rows.clock.move(25.0)
    rows.answer(*rows.symbols[:2])
    assert rows.shown(0) == pytest.approx(25.0)
    assert rows.shown() == pytest.approx(30.0)


def test_it_falls_to_the_plan_over_some_rounds_and_no_lower(rows: Rows) -> None:
    rows.answer()
    rows.clock.move(40.0)
    rows.answer()
    heights = []
    for _ in range(60):
        rows.clock.move(10.0)
        rows.answer(*rows.symbols[:2])
        heights.append(rows.shown(0))
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > 36.0
    assert heights[-1] == pytest.approx(10.0, abs=0.1)
    assert min(heights) >= 10.0


def test_more_symbols_lengthen_it_at_once(calendar: Calendar, hand_clock: HandClock) -> None:
    rows = Rows(calendar, hand_clock, 500)
    rows.schedule.set_symbols([Symbol(Market.HK, str(code)) for code in range(1, 1001)], hand_clock.monotonic())
    assert rows.shown() == pytest.approx(105.0)


@pytest.mark.parametrize("interruption", ["error", "link", "screen", "lunch"])
def test_what_is_not_the_pace_s_doing_is_not_measured(rows: Rows, interruption: str) -> None:
    rows.answer()
    match interruption:
        case "error":
            for symbol in rows.symbols:
                rows.schedule.failed(symbol, RequestTimeout("opend", said()), rows.clock.monotonic(), rows.market)
        case "link":
            rows.schedule.pause()
        case "screen":
            rows.schedule.set_visible(rows.symbols[2:])
            rows.schedule.set_visible(rows.symbols[:2])
        case _:
            rows.schedule.pick(rows.clock.monotonic(), MORNING + LUNCH_S, 0.1)
    rows.clock.move(400.0)
    rows.answer()
    assert [rows.shown(place) for place in range(4)] == pytest.approx([10.0, 10.0, 30.0, 30.0])


def test_a_symbol_that_is_not_watched_is_not_measured(rows: Rows) -> None:
    stranger = Symbol(Market.HK, "99")
    rows.answer(stranger)
    assert rows.cycle.seconds(stranger, rows.clock.monotonic(), rows.market) == pytest.approx(30.0)


def test_more_symbols_cost_as_much_more_as_replies_are_late_now(rows: Rows) -> None:
    rows.answer()
    rows.clock.move(25.0)
    rows.answer(*rows.symbols[:2])
    planned = rows.schedule.planned_cycles(rows.market, rows.cycle.slot_s, 1000)
    assert rows.cycle.forecast(rows.market) == pytest.approx((25.0, 75.0, 30.0))
    assert rows.cycle.forecast(rows.market, 1000) == pytest.approx((planned[0] * 2.5, planned[1] * 2.5, planned[2]))
