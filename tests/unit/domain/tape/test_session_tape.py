from __future__ import annotations

from math import isnan, nan

import numpy as np
import pytest
from msgspec import structs

from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.domain.tape.session_tape import SessionTape
from tests.unit.domain.tape.days import DAY, TENCENT, lines, moves, noisy, said, zigzag


def found(series: FlowSeries, told: int = 0) -> list[TapeEvent]:
    return SessionTape(TENCENT, "opend", DAY.day, told).take(series, DAY)


def test_a_burst_is_larger_than_the_changes_before_and_a_tenth_of_the_range() -> None:
    quiet = zigzag()
    assert said(found(lines(quiet))) == []
    # The start changed 50 in a minute: a burst has to be larger.
    assert said(found(lines(moves(quiet, -30, -15)))) == []
    assert said(found(lines(moves(quiet, -30, -25))))[0] == ("burst", 41, -54.0)
    # Of a range of a thousand that is too little.
    wide = [0.0] + [minute * 25.0 for minute in range(1, 41)] + [1000.0] * 40
    assert [said(found(lines(moves(wide, step)))) for step in (-126, -90)] == [[("burst", 81, -126.0)], []]


def test_a_burst_is_told_once_while_its_five_minutes_last() -> None:
    assert said(found(lines(moves(zigzag(), 60, 1, 1, 1, 1)))) == [("burst", 40, 60.0), ("high", 40, 111.0)]
    again = said(found(lines(moves(zigzag(), 60, 1, 1, 1, 1, 200))))
    assert [each for each in again if each[0] == "burst"] == [("burst", 40, 60.0), ("burst", 45, 204.0)]


def test_a_burst_the_other_way_within_the_five_minutes_is_another() -> None:
    both = said(found(lines(moves(zigzag(), 60, -200))))
    assert [each[:2] for each in both if each[0] == "burst"] == [("burst", 40), ("burst", 41)]


def test_one_in_two_hundred_earlier_changes_may_be_as_large_as_a_burst() -> None:
    def bursts(minutes: int) -> list[int]:
        net = [50.0 + minute % 2 for minute in range(minutes)]
        net[100], net[105] = 120.0, nan  # one change of seventy
        return [minute for kind, minute, _ in said(found(lines(moves(net, 60)))) if kind == "burst"]

    assert bursts(150) == [100]
    assert bursts(240) == [100, 240]


def test_no_burst_is_found_where_the_minute_five_before_is_missing() -> None:
    net = moves(zigzag(), 60)
    gap = lines(net)
    kept = np.arange(len(net)) != 35
    without = FlowSeries(
        TENCENT, "opend", gap.period, gap.timestamps[kept], gap.values[:, kept], session=DAY.day, confirmed=kept[kept]
    )
    assert said(found(without)) == [("high", 40, 111.0)]


def test_a_low_or_high_is_told_when_the_one_before_has_stood_for_half_an_hour() -> None:
    down = [0.0] + [-float(minute) for minute in range(1, 40)]
    assert said(found(lines(down))) == []  # a new one every minute is no event
    rests = down + [-37.0] * 29 + [-39.5, -40.0]
    assert said(found(lines(rests[:-3] + rests[-2:]))) == []
    assert said(found(lines(rests))) == [("low", 69, -39.5)]
    event = found(lines(rests))[0]
    assert (event.other, event.since) == (-39e6, DAY.label(39))
    assert [each[:2] for each in said(found(lines([-each for each in rests])))] == [("high", 69)]


def test_a_reversal_needs_a_twentieth_of_the_range_on_either_side() -> None:
    above = zigzag(60)
    assert "reversal" not in [each[0] for each in said(found(lines([*above, -2.0])))]
    events = [each for each in found(lines([*above, -2.0, -4.0, 1.0, -4.0])) if each.kind.value == "reversal"]
    assert said(events) == [("reversal", 61, -55.0)]
    assert (events[0].other, events[0].since) == (51e6, DAY.label(1))
    there_and_back = [each for each in said(found(lines([*above, -9.0, 9.0]))) if each[0] == "reversal"]
    assert there_and_back == [("reversal", 60, -60.0), ("reversal", 61, 18.0)]


def test_a_side_that_was_hardly_taken_is_not_left_either() -> None:
    net = [0.0, 1.0] + [-100.0] * 40
    assert "reversal" not in [each[0] for each in said(found(lines([*net, 1.0])))]


def test_main_against_the_rest_is_told_when_it_begins() -> None:
    net = [0.0] + [10.0] * 45
    main = [0.0] + [5.0] * 34 + [15.0] * 5 + [5.0] * 2 + [15.0] * 4
    assert said(found(lines(net, main))) == [("against", 35, 15.0), ("against", 42, 15.0)]
    assert found(lines(net, main))[0].other == -5e6
    assert said(found(lines(net, [0.0] + [15.0] * 45))) == []  # from the start on
    small = [0.0] + [5.0] * 34 + [10.5] * 11
    assert said(found(lines(net, small))) == []


@pytest.mark.parametrize("flag", [Flag.SUM, Flag.TURNOVER])
def test_provisional_and_flagged_lines_give_no_event(flag: Flag) -> None:
    net = moves(zigzag(), 60)
    assert said(found(lines(net, unconfirmed={40}))) == []
    assert said(found(lines(net, flagged={40: flag}))) == []
    assert said(found(lines(net, flagged={40: Flag.GAP})))[0] == ("burst", 40, 60.0)


def test_a_flagged_reply_is_passed_over_and_its_lines_looked_at_in_the_next() -> None:
    net = moves(zigzag(), 60)
    tape = SessionTape(TENCENT, "opend", DAY.day)
    tape.take(lines(net[:40]), DAY)
    assert tape.take(structs.replace(lines(net), flags=Flag.SCALE), DAY) == []
    assert said(tape.take(lines(net), DAY))[0] == ("burst", 40, 60.0)
    assert tape.take(lines(net), DAY) == []


def test_what_is_told_already_gives_no_event_but_counts() -> None:
    net = moves(zigzag(), 60)
    assert found(lines(net), told=DAY.label(40)) == []
    later = found(lines(moves(net, 1, 1, 1, 1, 59)), told=DAY.label(40))
    assert "burst" not in [each[0] for each in said(later)]  # the sixty before are known


def test_a_missing_figure_and_a_line_off_the_axis_are_passed_over() -> None:
    net = moves(zigzag(), nan, 60)
    assert said(found(lines(net))) == []
    odd = lines(moves(zigzag(), 60))
    stamps = odd.timestamps.copy()
    stamps[-1] += 30
    assert said(found(structs.replace(odd, timestamps=stamps))) == []


def test_the_second_line_of_a_minute_at_a_break_is_passed_over() -> None:
    day = lines(noisy(3)[:151])
    after = int(DAY.periods[1][0])
    both = structs.replace(
        day,
        timestamps=np.append(day.timestamps, after),
        values=np.column_stack([day.values, day.values[:, -1] * 99]),
        line_flags=np.append(day.line_flags, np.uint16(0)),
        confirmed=np.append(day.confirmed, True),
    )
    assert said(found(both)) == said(found(day))


def test_the_largest_revision_is_told_where_it_is_a_twentieth_of_the_range() -> None:
    net = zigzag()
    tape = SessionTape(TENCENT, "opend", DAY.day)
    old = lines(net)
    tape.take(old, DAY)

    def revised(**changes: float) -> TapeEvent | None:
        places = [int(name[1:]) for name in changes]
        new = [float(changes.get(f"m{place}", each)) for place, each in enumerate(net)]
        return tape.revised(np.array([DAY.label(place) for place in places]), old, lines(new))

    assert revised(m10=52) is None
    event = revised(m10=58, m12=40, m14=55)
    assert event is not None
    assert said([event]) == [("revision", 12, -10.0)]
    assert (event.net, event.other, event.at) == (40e6, 50e6, DAY.label(39))


def test_a_revision_of_flagged_or_later_lines_is_not_told() -> None:
    net = zigzag()
    tape = SessionTape(TENCENT, "opend", DAY.day)
    old = lines(net)
    tape.take(old, DAY)
    new = [*net[:10], 90.0, *net[11:]]
    label = np.array([DAY.label(10)])
    assert tape.revised(label, old, lines(new)) is not None
    assert tape.revised(label, old, lines(new, flagged={10: Flag.SUM})) is None
    assert tape.revised(label, lines(net, flagged={10: Flag.SUM}), lines(new)) is None
    assert tape.revised(label, old, structs.replace(lines(new), flags=Flag.ORDER)) is None
    assert tape.revised(np.array([DAY.label(60)]), old, lines(new)) is None


def test_stale_and_back_are_told_once_each() -> None:
    tape = SessionTape(TENCENT, "opend", DAY.day)
    tape.take(lines(zigzag()), DAY)
    at = float(DAY.label(45))
    told = [tape.aged(at + each, stale=stale) for each, stale in enumerate([False, True, True, False, False])]
    assert [None if each is None else each.kind.value for each in told] == [None, "stale", None, "back", None]
    assert told[3] is not None
    assert (told[3].since, told[3].line, told[3].at) == (at + 1, DAY.label(39), at + 3)
    assert isnan(told[3].size)


def test_what_was_stale_and_need_not_be_live_any_more_is_not_back() -> None:
    tape = SessionTape(TENCENT, "opend", DAY.day)
    tape.take(lines(zigzag()), DAY)
    assert tape.aged(1.0, stale=True) is not None
    assert tape.aged(2.0, stale=None) is None
    assert tape.aged(3.0, stale=False) is None
