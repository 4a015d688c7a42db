from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from capflow_gui.archive.final import final_day
from capflow_gui.archive.model import State, apply, clock_was_set, same_state, says_the_same, series_of, state_of
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.validation import judge

from .recorded import KEY, TURNOVER, as_kept, calendar, day_of, facts, replies, sessions

DAY = day_of(KEY)


@given(st.lists(replies(), min_size=1, max_size=6))
def test_the_states_in_order_give_every_reply_as_it_was(found: list[FlowSeries]) -> None:
    held: FlowSeries | None = None
    for poll, reply in enumerate(found, 1):
        state = state_of(held, reply, poll=poll, wall=5.0004, turnover=TURNOVER, old_turnover=TURNOVER)
        if state is None:
            assert held is not None
            assert facts(held)[:4] == facts(reply)[:4]
            assert facts(held)[5:] == facts(reply)[5:]
        else:
            held = apply(KEY, held, state)
            assert facts(held) == facts(as_kept(reply))
            assert state.wall == 5.0


@given(sessions(), st.integers(0, 5))
def test_what_states_lead_to_is_what_each_leads_to_in_turn(states: list[State], first: int) -> None:
    led_to: list[FlowSeries | None] = [None]
    for state in states:
        led_to.append(apply(KEY, led_to[-1], state))
    first = min(first, len(states) - 1)
    assert led_to[-1] is not None
    assert facts(series_of(KEY, states[first:], led_to[first])) == facts(led_to[-1])


def test_what_the_checks_found_to_differ_is_what_a_look_at_all_lines_finds() -> None:
    day = calendar().day(KEY.symbol.market, KEY.session)
    assert day is not None
    held, compared = None, 0
    for poll, (size, newest) in enumerate([(3, 0.0), (4, 0.0), (4, 7.0), (4, 7.0), (6, 1.0), (5, 2.0), (7, 2.0)], 1):
        values = np.outer([4.0, 2.0, 1.0, 1.0, 1.0, 1.0], np.arange(size))
        values[:, -1:] += newest * values[:, 1:2]
        labels = day.labels()[:size]
        raw = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels, values, last_valid=float(labels[-1]) + 5)
        reply = judge(raw, calendar(), turnover=None, previous=held, received=float(labels[-1]) + 6)
        if held is not None:
            compared += reply.compared_with(held) is not None
            found, looked = (
                state_of(held, each, poll=poll, wall=0.0, turnover=None, old_turnover=None)
                for each in (reply, structs.replace(reply, checked=None))
            )
            assert (found is None) == (looked is None)
            if found is not None and looked is not None:
                for name in ("places", "labels", "values", "confirmed", "flag_places", "line_flags"):
                    assert np.array_equal(getattr(found, name), getattr(looked, name))
        held = reply
    assert compared == 6


def test_a_line_more_is_one_line() -> None:
    labels = 1654651800 + 60 * np.arange(3)
    values = np.arange(18.0).reshape(6, 3)
    whole = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels, values, received=1.0)
    before = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels[:2], values[:, :2], received=0.5)
    state = state_of(before, whole, poll=2, wall=1.0, turnover=None, old_turnover=None)
    assert state is not None
    assert state.places.tolist() == [2]
    assert state.values[:, 0].tolist() == values[:, 2].tolist()


def test_a_newer_turnover_alone_is_a_state_without_lines() -> None:
    labels = 1654651800 + 60 * np.arange(3)
    held = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels, np.arange(18.0).reshape(6, 3), received=1.0)
    state = state_of(held, held, poll=2, wall=1.0, turnover=TURNOVER, old_turnover=None)
    assert state is not None
    assert state.turnover == TURNOVER
    assert not len(state.places)
    assert state_of(held, held, poll=2, wall=1.0, turnover=TURNOVER, old_turnover=TURNOVER) is None


def test_a_state_that_says_the_same_changes_nothing_but_when_it_came() -> None:
    labels = 1654651800 + 60 * np.arange(3)
    first = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels, np.arange(18.0).reshape(6, 3), received=1.0)
    later = structs.replace(first, received=61.0)
    old = state_of(None, first, poll=1, wall=1.0, turnover=TURNOVER, old_turnover=None)
    assert old is not None
    same = same_state(later, poll=2, wall=61.0, turnover=TURNOVER)
    assert says_the_same(old, same)
    assert not says_the_same(old, same_state(later, poll=2, wall=61.0, turnover=None))
    assert not says_the_same(same, old)
    held = apply(KEY, None, old)
    found = apply(KEY, held, same)
    assert (found.values is held.values, found.received) == (True, 61.0)


def test_a_series_that_was_never_stamped_is_no_state() -> None:
    series = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, np.zeros(0, np.int64), np.zeros((6, 0)))
    with pytest.raises(ValueError, match="judged"):
        state_of(None, series, poll=1, wall=1.0, turnover=None, old_turnover=None)


def test_lines_that_change_beside_those_that_come_are_both_taken() -> None:
    labels, values = 1654651800 + 60 * np.arange(4), np.arange(24.0).reshape(6, 4)
    before = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels[:2], values[:, :2] + [[1.0, 0.0]], received=0.5)
    whole = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels, values, received=1.0)
    state = state_of(before, whole, poll=2, wall=1.0, turnover=None, old_turnover=None)
    assert state is not None
    assert state.places.tolist() == [0, 2, 3]
    found = apply(KEY, before, state)
    assert (found.timestamps.tolist(), found.values.tolist()) == (labels.tolist(), values.tolist())


def test_other_figures_of_the_last_line_share_the_labels() -> None:
    labels, values = 1654651800 + 60 * np.arange(3), np.arange(18.0).reshape(6, 3)
    before = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels, values, received=0.5)
    now = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, labels.copy(), values + np.arange(3) // 2, received=1.0)
    state = state_of(before, now, poll=2, wall=1.0, turnover=None, old_turnover=None)
    assert state is not None
    found = apply(KEY, before, state)
    assert found.values.tolist() == now.values.tolist()
    assert found.timestamps is before.timestamps


@pytest.mark.parametrize(("later", "was_set"), [(30.0, False), (86_430.0, True), (-600.0, True)])
def test_a_clock_that_was_put_right_between_equal_replies_is_noticed(later: float, was_set: bool) -> None:
    series = FlowSeries(KEY.symbol, KEY.source, Period.INTRADAY, np.zeros(0, np.int64), np.zeros((6, 0)), received=5.0)
    state = state_of(None, series, poll=1, wall=5.0, turnover=None, old_turnover=None)
    assert state is not None
    assert not clock_was_set(state)
    again = structs.replace(state, same=1, same_received=state.received + later, same_wall=state.wall + 30.0)
    assert clock_was_set(again) is was_set
    assert len(final_day([again], KEY, DAY).moments.received) == was_set
