"""Who is said to be next is who is asked next."""

from __future__ import annotations

import pytest

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RequestTimeout
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.feed.polling.turns import Turn, Why, turns
from capflow_gui.quota.calls import FreeSlots
from tests.reasons import said
from tests.unit.feed.polling.test_schedule import MORNING, A, B, C, hk, made, symbols


def ahead(schedule: Schedule, now: float, count: int = 8, market: float = MORNING, calls: int = 30) -> list[Turn]:
    slots = FreeSlots([], calls, 30.05)
    return turns(schedule, slots, count, now=now, market=market, rate=1.0, slot_s=30.05 / calls)


@pytest.mark.parametrize(("count", "visible"), [(12, 4), (40, 10), (80, 40)])
def test_the_turns_come_as_they_were_said(calendar: Calendar, count: int, visible: int) -> None:
    schedule = made(calendar, symbols(count), visible=visible)
    now = 0.0
    for place, symbol in enumerate(symbols(count)):
        now = float(place)
        schedule.stored(symbol, now, MORNING + now)
    promised = ahead(schedule, now, 20, MORNING + now)
    for turn in promised:
        assert schedule.pick(turn.at, MORNING + turn.at, 30.05 / 30) == turn.symbol
        schedule.stored(turn.symbol, turn.at, MORNING + turn.at)
        schedule.sent(turn.symbol)  # each is said once


def test_each_turn_says_why(calendar: Calendar) -> None:
    every = symbols(6)
    schedule = made(calendar, every, visible=1)
    for symbol in every[:5]:
        schedule.stored(symbol, 0.0, MORNING)
    schedule.set_near(B, True)
    schedule.failed(C, RequestTimeout("opend", said("no answer")), 0.0, MORNING)
    schedule.ask_again(every[3])
    found = {turn.symbol: turn for turn in ahead(schedule, 1.0)}
    assert {symbol: turn.why for symbol, turn in found.items()} == {
        A: Why.ON_SCREEN,
        B: Why.NEAR,
        C: Why.AFTER_ERROR,
        every[3]: Why.ASKED_FOR,
        every[4]: Why.OFF_SCREEN,
        every[5]: Why.NEVER_ANSWERED,
    }
    assert [found[each].at for each in (A, every[3])] == [10.0, 1.0]
    assert (found[A].replied_at, found[every[5]].replied_at) == (0.0, None)
    assert schedule.held_back(1.0) == 1


def test_a_symbol_that_has_waited_long_says_so(calendar: Calendar) -> None:
    schedule = made(calendar, [A, B])
    schedule.stored(A, 0.0, MORNING)
    schedule.stored(B, 0.0, MORNING)
    assert [turn.why for turn in ahead(schedule, 500.0, market=MORNING + 500)] == [Why.WAITED_LONG] * 2


def test_after_the_close_last_figures_and_the_next_opening_are_asked_for(calendar: Calendar) -> None:
    evening = hk("2022-06-08 16:30:00")
    apple = Symbol(Market.US, "AAPL")
    schedule = made(calendar, [A, B, apple])
    schedule.stored(A, 0.0, evening)
    schedule.stored(B, 0.0, hk("2022-06-08 15:59:00"))
    schedule.stored(apple, 0.0, evening)
    found = ahead(schedule, 1.0, market=evening)
    assert [(turn.symbol, turn.why) for turn in found] == [(B, Why.SETTLES), (apple, Why.OPENS), (A, Why.OPENS)]
    assert found[-1].at == pytest.approx(1.0 + 17 * 3600 - 120, abs=1.0)


def test_nobody_is_next_on_an_empty_list(calendar: Calendar) -> None:
    assert ahead(made(calendar, []), 1.0) == []
