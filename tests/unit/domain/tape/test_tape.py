from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.tape.tape import Tape
from capflow_gui.domain.validation import difference
from tests.unit.domain.tape.days import DAY, TENCENT, lines, moves, noisy, said, zigzag

_NONE = np.zeros(0, np.int64)


def fed(tape: Tape, *replies: FlowSeries) -> Tape:
    """As the monitor does it: each reply with what it revises."""
    old = None
    for reply in replies:
        tape.take(reply, DAY, difference(old, reply).revised, old)
        old = reply
    return tape


def cut(day: FlowSeries, upto: int) -> FlowSeries:
    """The reply in which the line before the last was confirmed; the newest is provisional, and changes later."""
    values = day.values[:, :upto].copy()
    values[:, -1] += 7e6
    confirmed = np.arange(upto) < upto - 1
    return structs.replace(
        day, timestamps=day.timestamps[:upto], values=values, line_flags=day.line_flags[:upto], confirmed=confirmed
    )


# That of seed 37 has no event.
@settings(max_examples=15)
@given(seed=st.integers(0, 36), cuts=st.sets(st.integers(1, DAY.minutes), max_size=12), main=st.booleans())
def test_however_the_day_is_cut_into_replies_the_tape_is_the_same(seed: int, cuts: set[int], main: bool) -> None:
    day = lines(noisy(seed), noisy(seed + 100) if main else None)
    whole = fed(Tape(), day)
    assert whole.events
    # A reply that comes twice, and a connection made anew, change nothing.
    replies = [cut(day, each) for each in sorted(cuts)] + [day, day]
    assert fed(Tape(), *replies).events == whole.events


@settings(max_examples=15)
@given(seed=st.integers(0, 50), restart=st.integers(1, DAY.minutes))
def test_a_program_started_anew_has_the_same_tape(seed: int, restart: int) -> None:
    day = lines(noisy(seed))
    # What was recorded is shown first, and then the first reply comes.
    assert fed(Tape(), cut(day, restart), day).events == fed(Tape(), day).events


def test_the_newest_events_stand_first_with_the_minute_of_their_line() -> None:
    tape = fed(Tape(), lines(noisy(1)))
    times = [each.at for each in tape.events]
    assert times == sorted(times, reverse=True)
    assert all(each.at == each.line for each in tape.events)
    assert tape.events is tape.events


def test_the_list_keeps_its_newest_events() -> None:
    whole = fed(Tape(), lines(noisy(3))).events
    assert len(whole) > 3
    assert fed(Tape(most=3), lines(noisy(3))).events == whole[:3]


def test_another_source_goes_on_where_the_one_before_was() -> None:
    day = lines(noisy(5))
    other = structs.replace(day, source="longport")
    at = 200
    tape = fed(Tape(), cut(day, at + 1))
    before = tape.events
    tape.take(other, DAY, _NONE, None)
    told = {(each.source, each.line > DAY.label(at - 1)) for each in tape.events}
    assert told == {("opend", False), ("longport", True)}
    assert tape.events[-len(before) :] == before
    later = {each.line for each in fed(Tape(), day).events if each.line > DAY.label(at - 1)}
    assert {each.line for each in tape.events if each.source == "longport"} == later


def test_a_new_session_begins_anew_and_an_earlier_one_is_passed_over() -> None:
    day = lines(moves(zigzag(), 60))
    tape = fed(Tape(), day)
    count = len(tape.events)
    assert not tape.take(lines(noisy(2)), replace(DAY, day=DAY.day - timedelta(1)), _NONE, None)
    assert tape.take(day, replace(DAY, day=DAY.day + timedelta(1)), _NONE, day)
    assert len(tape.events) == 2 * count
    assert {each.session for each in tape.events} == {DAY.day, DAY.day + timedelta(1)}


def test_a_large_revision_stands_at_the_time_it_was_seen() -> None:
    net = zigzag()
    tape = fed(Tape(), lines(net), lines([*net[:10], 90.0, *net[11:]]))
    assert said(tape.events) == [("revision", 10, 40.0)]
    assert tape.events[0].at == DAY.label(39)


def test_a_symbol_that_left_the_list_leaves_the_tape() -> None:
    tape = fed(Tape(), lines(noisy(1)))
    other = Symbol(Market.HK, "5")
    tape.keep_only([TENCENT, other])
    assert tape.events
    tape.keep_only([other])
    assert tape.events == ()
    assert fed(tape, lines(noisy(1))).events  # added again, it has its day


def test_only_a_symbol_with_lines_can_be_stale() -> None:
    tape = Tape()
    assert not tape.aged(TENCENT, 1.0, stale=True)
    fed(tape, lines(zigzag()))
    assert [tape.aged(TENCENT, at, stale=stale) for at, stale in ((5e9, True), (6e9, True), (7e9, False))] == [
        True,
        False,
        True,
    ]
    assert [each.kind.value for each in tape.events] == ["back", "stale"]
