from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from capflow_gui.archive.final import final_day, lines_of
from capflow_gui.archive.model import DayKey, State, apply, state_of
from capflow_gui.domain.flow import NET, STRUCTURAL, Flag, FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Symbol

from .recorded import KEY, OPEN, day_of, facts, market_day, sessions

DAY = day_of(KEY)


@dataclass
class Seen:
    """What a rule saw, found the plain way: every line of every sound reply is looked at."""

    first: list[tuple[object, ...]] = field(default_factory=list)
    later: list[tuple[object, ...]] = field(default_factory=list)


def seen_of(states: list[State]) -> Seen:
    seen, series = Seen(), None
    newest: dict[tuple[int, int], tuple[bytes, int]] = {}
    rows: dict[tuple[int, int], int] = {}
    for state in states:
        series = apply(KEY, series, state)
        if series.flags & STRUCTURAL:
            continue
        when = (state.received, *(state.turnover or (None, None, None)))
        for place, name in enumerate(lines_of(series.timestamps)):
            said = (series.values[:, place].tobytes(), int(series.line_flags[place]))
            if name in newest:
                if newest[name] != said:
                    seen.later.append((rows[name], *said, *when))
            elif series.confirmed[place]:
                rows[name] = len(rows)
                seen.first.append((name[0], *said, *when))
            else:
                continue
            newest[name] = said
    return seen


@given(sessions())
def test_a_day_holds_what_was_seen_of_each_line_when_it_was_confirmed_and_each_change_after(
    states: list[State],
) -> None:
    day, seen = final_day(states, KEY, DAY), seen_of(states)
    moments = [
        tuple(None if np.isnan(each) else each for each in moment)
        for moment in zip(
            day.moments.received.tolist(),
            day.moments.turnover.tolist(),
            day.moments.turnover_at.tolist(),
            day.moments.price.tolist(),
            strict=True,
        )
    ]
    assert seen.first == [
        (int(day.labels[row]), day.values[:, row].tobytes(), int(day.flags[row]), *moments[day.confirmed_in[row]])
        for row in range(len(day.labels))
    ]
    assert seen.later == [
        (
            int(day.revised[i]),
            day.revised_values[:, i].tobytes(),
            int(day.revised_flags[i]),
            *moments[day.revised_in[i]],
        )
        for i in range(len(day.revised))
    ]


@given(sessions())
def test_a_day_ends_with_its_last_state(states: list[State]) -> None:
    series = None
    for state in states:
        series = apply(KEY, series, state)
    assert series is not None
    assert facts(final_day(states, KEY, DAY).series) == facts(series)


def test_a_day_without_a_state_is_none() -> None:
    with pytest.raises(ValueError, match="without a state"):
        final_day([], KEY, DAY)


@pytest.mark.long
def test_a_whole_day_of_the_market_is_confirmed_minute_by_minute() -> None:
    session = date(2026, 6, 10)
    states, last = market_day("700.HK", session)
    key = DayKey("opend", Symbol.parse("700.HK"), session)
    day = final_day(states, key, day_of(key))
    assert day.labels.tolist() == last.timestamps.tolist()
    assert day.values.tobytes() == last.values.tobytes()
    assert len(day.revised) == 0
    known = np.isfinite(day.moments.turnover)
    assert known.all()
    # A turnover grows, and is at most the minute old that it was asked before.
    assert (np.diff(day.moments.turnover) >= 0).all()
    assert (day.moments.received - day.moments.turnover_at < 3600 + 91).all()
    confirmed_at = day.moments.received[day.confirmed_in]
    # The last minute before lunch is final two minutes later.
    assert sorted((confirmed_at - day.labels)[:-1])[-2] < 91


def reply(net: list[float], received: float, *, confirmed: int, flags: Flag = Flag.NONE) -> FlowSeries:
    values = np.full((6, len(net)), np.nan)
    values[NET] = net
    return FlowSeries(
        KEY.symbol,
        KEY.source,
        Period.INTRADAY,
        OPEN + 60 * np.arange(len(net)),
        values,
        session=KEY.session,
        received=received,
        flags=flags,
        confirmed=np.arange(len(net)) < confirmed,
    )


def states_of(replies: list[FlowSeries], turnovers: Sequence[Turnover | None] = ()) -> list[State]:
    states: list[State] = []
    held: FlowSeries | None = None
    known = turnovers or [Turnover(poll * 1e6, OPEN) for poll in range(1, len(replies) + 1)]
    for poll, (each, turnover) in enumerate(zip(replies, known, strict=True), 1):
        old = states[-1].turnover if states else None
        state = state_of(held, each, poll=poll, wall=0.0, turnover=turnover, old_turnover=old)
        if state is not None:
            states.append(state)
            held = each
    return states


def test_a_revision_is_kept_with_what_stood_before_and_the_turnover_then() -> None:
    replies = [
        reply([0, 5], OPEN + 130, confirmed=1),
        reply([0, 7, 9], OPEN + 190, confirmed=2),
        reply([0, 8, 9], OPEN + 220, confirmed=2),
    ]
    day = final_day(states_of(replies), KEY, DAY)
    assert day.labels.tolist() == [OPEN, OPEN + 60]
    assert day.values[NET].tolist() == [0, 7]
    assert day.series.net.tolist() == [0, 8, 9]
    assert day.moments.received[day.confirmed_in].tolist() == [OPEN + 130, OPEN + 190]
    assert (day.revised.tolist(), day.revised_values[NET].tolist()) == ([1], [8])
    assert day.moments.turnover[day.revised_in].tolist() == [3e6]


def test_a_reply_with_a_structural_fault_shows_a_rule_nothing() -> None:
    """What it changed is found at the next sound reply, if it still stands."""
    replies = [
        reply([0, 5], OPEN + 190, confirmed=2),
        reply([0, 5e9], OPEN + 220, confirmed=2, flags=Flag.SCALE),
        reply([0, 5], OPEN + 250, confirmed=2),
        reply([0, 6], OPEN + 280, confirmed=2, flags=Flag.SCALE),
        reply([0, 6], OPEN + 310, confirmed=2),
    ]
    day = final_day(states_of(replies), KEY, DAY)
    assert day.revised_values[NET].tolist() == [6]
    assert day.moments.received[day.revised_in].tolist() == [OPEN + 310]


def test_a_clock_that_was_put_right_while_replies_said_the_same_is_a_moment_of_its_own() -> None:
    (state,) = states_of([reply([0, 5], OPEN + 190, confirmed=2)])
    set_back = structs.replace(state, same=1, same_received=OPEN + 100.0, same_wall=30.0)
    assert [final_day([each], KEY, DAY).moments.received.tolist() for each in (state, set_back)] == [
        [OPEN + 190],
        [OPEN + 190, OPEN + 100],
    ]


@pytest.mark.parametrize("useless", [None, Turnover(0.0, OPEN + 190), Turnover(1e6, OPEN - 61)])
def test_a_turnover_that_was_waited_for_is_kept_and_others_are_not(useless: Turnover | None) -> None:
    """A share of turnover is judged once there is one that is new enough."""
    replies = [reply([0, 5], OPEN + 190 + 30 * each, confirmed=2) for each in range(4)]
    awaited, later = Turnover(2e6, OPEN + 215), Turnover(3e6, OPEN + 275)
    day = final_day(states_of(replies, [useless, useless, awaited, later]), KEY, DAY)
    assert day.moments.received.tolist() == [OPEN + 190, OPEN + 250]
    assert day.moments.turnover[1:].tolist() == [2e6]
    assert day.confirmed_in.tolist() == [0, 0]


def test_the_reply_that_ends_stale_figures_is_a_moment_though_it_says_nothing_new() -> None:
    """Rules are judged on it, with its own turnover. One after it that says nothing new is none."""
    replies = [reply([0, 5], OPEN + 300 + 30 * each, confirmed=2) for each in range(7)]
    valid = [60, 90, 90, 390, 400, 400, 400]
    replies = [structs.replace(each, last_valid=float(OPEN + at)) for each, at in zip(replies, valid, strict=True)]
    moments = final_day(states_of(replies), KEY, DAY).moments
    assert moments.held is not None
    assert moments.held.tolist() == [True, False]
    assert moments.received.tolist() == [OPEN + 300, OPEN + 390]
    assert (moments.turnover.tolist(), moments.replies.tolist()) == ([1e6, 4e6], [1, 4])


def test_replies_that_say_the_same_are_judged_in_the_break() -> None:
    """The last of them is known."""
    noon = OPEN + 150 * 60
    (state,) = states_of([structs.replace(reply([0, 5], noon - 20.0, confirmed=2), last_valid=float(OPEN + 120))])
    times = []
    for last in (noon - 1.0, float(noon)):
        again = structs.replace(state, same=2, same_received=last, same_wall=20.0)
        moments = final_day([again], KEY, DAY).moments
        assert moments.held is not None
        times.append(list(zip(moments.received.tolist(), moments.replies.tolist(), moments.held.tolist(), strict=True)))
    assert times == [[(noon - 20.0, 1, True)], [(noon - 20.0, 1, True), (noon, 3, False)]]


def test_of_replies_that_say_the_same_up_to_the_end_of_the_session_it_is_known_when_the_last_came() -> None:
    """A reply long after it says something new: it belongs to the session no more."""
    replies = [reply([0, 5], OPEN + 190, confirmed=2), reply([0, 6], DAY.close + 3600.0, confirmed=2)]
    first, later = states_of(replies)
    again = structs.replace(first, same=2, same_received=OPEN + 250.0, same_wall=60.0)
    assert final_day([first, later], KEY, DAY).moments.received.tolist() == [OPEN + 190, DAY.close + 3600]
    moments = final_day([again, later], KEY, DAY).moments
    assert moments.received.tolist() == [OPEN + 190, OPEN + 250, DAY.close + 3600]
    assert moments.replies.tolist() == [1, 3, 4]


@given(st.lists(st.integers(0, 4)))
def test_every_line_of_a_reply_has_a_name_of_its_own(labels: list[int]) -> None:
    names = lines_of(np.array(labels, np.int64))
    assert [label for label, _ in names] == labels
    assert len(set(names)) == len(names)
