from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.archive.model import DayKey, apply, as_kept, state_of
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Market, Symbol

KEY = DayKey("opend", Symbol(Market.HK, "700"), date(2022, 6, 8))
TURNOVER = Turnover(1e9, 1654651840.0)
AMOUNTS = st.one_of(st.none(), st.integers(-3, 3).map(float), st.just(-4960940.0))


@st.composite
def replies(draw: st.DrawFn) -> FlowSeries:
    """A judged reply of few lines, in any order and with any marks."""
    labels = draw(st.lists(st.integers(0, 6), max_size=7))
    size = len(labels)
    figures = draw(st.lists(AMOUNTS, min_size=6 * size, max_size=6 * size))
    flags = draw(st.lists(st.sampled_from([0, 0, 2, 8]), min_size=size, max_size=size))
    return FlowSeries(
        KEY.symbol,
        KEY.source,
        Period.INTRADAY,
        1654651800 + 60 * np.array(labels, np.int64),
        np.array([np.nan if each is None else each for each in figures]).reshape(6, size),
        last_valid=draw(st.sampled_from([None, 1654651845.0, 1654651847.0])),
        session=KEY.session,
        received=1654651850.1234 + draw(st.integers(0, 3)),
        flags=Flag(draw(st.sampled_from([0, 2]))),
        line_flags=np.array(flags, np.uint16),
        confirmed=np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_),
    )


def facts(series: FlowSeries) -> tuple[object, ...]:
    return (
        series.timestamps.tolist(),
        series.values.tobytes(),
        series.last_valid,
        series.session,
        series.received,
        series.flags,
        series.line_flags.tolist(),
        series.confirmed.tolist(),
    )


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
