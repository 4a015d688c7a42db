"""What a reply is judged by: order, grid, session, sum, gaps, padding; confirmation and revisions."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.domain.flow import NET, STRUCTURAL, Flag, FlowSeries, Lines, Period
from capflow_gui.domain.money import LARGEST_AMOUNT
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.validation import checked_again, difference, judge, newest_date, settled_at, with_flags

from .lines import SESSION, day_sample, hong_kong, sample, series

DAY = "2022-06-08"


def at(clock: str) -> int:
    return hong_kong(f"{DAY}T{clock}")


def minutes(first: str, last: str) -> list[int]:
    return list(range(at(first), at(last) + 60, 60))


def judged(calendar, given_series, *, received=None, previous=None, turnover=None) -> FlowSeries:
    last_valid = given_series.last_valid
    when = received if received is not None else (last_valid if last_valid is not None else at("15:00"))
    return judge(given_series, calendar, turnover=turnover, previous=previous, received=when)


def flags_of(result: FlowSeries) -> list[Flag]:
    return [Flag(int(flag)) for flag in result.line_flags]


# The page's samples


@pytest.mark.parametrize("name", ["Java", "C++", "C#"])
def test_good_samples_carry_no_fault_but_the_gap(calendar, name):
    result = judged(calendar, sample(name))
    assert result.flags is Flag.GAP
    assert result.session == (SESSION if name != "C#" else date(2022, 6, 7))
    gaps = [line for line, flag in enumerate(flags_of(result)) if flag]
    assert gaps == {"Java": [6], "C++": [3], "C#": [4]}[name]
    assert np.array_equal(result.values[2:].sum(axis=0), result.net)


def test_lines_alone_are_judged_as_a_series_is(calendar):
    raw, previous = sample("Java"), None
    lines = Lines(raw.symbol, raw.source, raw.period, raw.timestamps, raw.values, raw.last_valid)
    for _ in range(2):  # the second says the same
        expected, found = (judged(calendar, each, previous=previous) for each in (raw, lines))
        assert flags_of(found) == flags_of(expected)
        assert found.confirmed.tolist() == expected.confirmed.tolist()
        assert (found.session, found.received, found.flags) == (expected.session, expected.received, expected.flags)
        previous = expected


def test_inconsistent_sample_is_flagged(calendar):
    result = judged(calendar, sample("JavaScript"))
    assert flags_of(result) == [Flag.SUM, Flag.SUM | Flag.GAP]
    assert result.flags == Flag.SUM | Flag.GAP
    assert not result.flags & STRUCTURAL


def test_java_sample_confirms_all_but_the_running_minute(calendar):
    result = judged(calendar, sample("Java"))  # last valid 10:47:25
    assert result.confirmed.tolist() == [True] * 7 + [False]


def test_label_ahead_of_last_valid_is_provisional(calendar):
    result = judged(calendar, sample("C#"))  # last label 10:44, last valid 10:43:44
    assert result.confirmed.tolist() == [True] * 4 + [False, False]
    assert Flag.PADDED not in result.flags


def test_revision_of_the_running_minute_is_none_of_a_confirmed_one(calendar):
    first = judged(calendar, sample("C++"))
    second = judged(calendar, sample("Java"), previous=first)
    assert first.net[-1] != second.net[-1]
    assert difference(first, second).revised.tolist() == []


def test_day_sample(calendar):
    result = judged(calendar, day_sample(), received=at("15:00"))
    assert (result.session, result.flags) == (None, Flag.NONE)
    assert (result.net[0], result.net[-1]) == (-185791500.0, 2179240320.0)
    assert (result.main[0], result.main[-1]) == (-106682800.0, 2143345000.0)
    assert result.confirmed.tolist() == [True] * 16 + [False]


# Faults


def test_whole_good_day(calendar):
    day = calendar.day(Market.HK, SESSION)
    result = judged(calendar, series(day.labels(), last_valid=at("15:59:20")))
    assert (result.flags, result.session, result.received) == (Flag.NONE, SESSION, at("15:59:20"))
    assert result.confirmed.tolist() == [True] * 329 + [False] * 2


def test_disorder_flags_the_line_and_the_reply(calendar):
    stamps = minutes("09:30", "09:35")
    stamps[3], stamps[4] = stamps[4], stamps[3]
    result = judged(calendar, series(stamps, last_valid=at("09:40")))
    assert [bool(flag & Flag.ORDER) for flag in flags_of(result)] == [False] * 4 + [True, False]
    assert Flag.ORDER in result.flags
    assert not result.confirmed.any()


def test_repeated_label_is_disorder(calendar):
    stamps = [*minutes("09:30", "09:33"), at("09:33")]
    assert Flag.ORDER in judged(calendar, series(stamps, last_valid=at("09:40"))).flags


@pytest.mark.parametrize(
    "seam", [["12:00", "13:00"], ["12:00", "12:00"], ["13:00"], ["12:00", "13:00", "13:00"], ["12:00"]]
)
def test_any_seam_row_is_in_order(calendar, seam):
    stamps = [*minutes("09:30", "11:59"), *map(at, seam), *minutes("13:01", "13:05")]
    result = judged(calendar, series(stamps, last_valid=at("13:07")))
    assert result.flags is Flag.NONE
    assert result.confirmed.all()


def test_other_repetitions_around_the_seam_are_disorder(calendar):
    stamps = [*minutes("09:30", "12:00"), at("13:00"), at("12:00")]
    assert Flag.ORDER in judged(calendar, series(stamps, last_valid=at("13:07"))).flags


@pytest.mark.parametrize("odd", ["09:32:30", "12:30", "16:05", "09:20"])
def test_label_off_the_grid_is_a_fault_of_its_line(calendar, odd):
    stamps = sorted([*minutes("09:30", "12:00"), at(odd)])
    result = judged(calendar, series(stamps, last_valid=at("16:10")))
    assert flags_of(result)[stamps.index(at(odd))] & Flag.GRID
    assert (result.line_flags & Flag.GRID.value > 0).sum() == 1
    assert not result.flags & STRUCTURAL


def test_lines_of_two_dates_are_a_fault_of_the_reply(calendar):
    yesterday = hong_kong("2022-06-07T16:00")
    result = judged(calendar, series([yesterday, *minutes("09:30", "09:33")], last_valid=at("09:40")))
    assert result.session == SESSION
    assert flags_of(result)[0] & Flag.SESSION
    assert Flag.SESSION in result.flags
    assert not result.confirmed.any()


def test_no_label_in_hours_is_the_wrong_session(calendar):
    result = judged(calendar, series(minutes("17:30", "17:40"), last_valid=at("17:45")))
    assert Flag.SESSION in result.flags


@pytest.mark.parametrize("stamp", ["2022-06-11T10:00", "2022-06-03T10:00"])  # a Saturday; the Dragon Boat Festival
def test_lines_on_a_closed_day(calendar, stamp):
    result = judged(calendar, series([hong_kong(stamp)], last_valid=hong_kong(stamp) + 600))
    assert result.flags is Flag.SESSION
    assert result.session == date.fromisoformat(stamp[:10])
    assert not result.confirmed.any()


@pytest.mark.parametrize("garbage", [2**62, -(2**62), 0, -1])
def test_garbage_labels_are_flagged_wherever_they_stand(calendar, garbage):
    for stamps in ([*minutes("09:30", "09:33"), garbage], [garbage, *minutes("09:30", "09:33")]):
        result = judged(calendar, series(stamps, last_valid=at("09:40")))
        assert Flag.SESSION in result.flags
        assert not result.confirmed.any()


def test_sum_has_a_tolerance_that_grows_with_turnover(calendar):
    figures = [[100.0, 100.9, 102.0], [25.0] * 3, [25.0] * 3, [25.0] * 3, [25.0] * 3]
    made = series(minutes("09:30", "09:32"), figures, last_valid=at("09:40"))
    assert flags_of(judged(calendar, made)) == [Flag.NONE, Flag.NONE, Flag.SUM]
    assert judged(calendar, made, turnover=Turnover(3e9, at("09:40"))).flags is Flag.NONE


def test_a_net_beyond_the_turnover_is_flagged_and_smaller_ones_are_not(calendar):
    made = series(minutes("09:30", "09:33"), [0.0, 9e8, -1e9, -11.2e9], last_valid=at("09:40"))
    result = judged(calendar, made, turnover=Turnover(1e9, at("09:40")))
    assert flags_of(result) == [Flag.NONE] * 3 + [Flag.TURNOVER]
    assert result.impossible.tolist() == [False] * 3 + [True]


@pytest.mark.parametrize(
    ("told", "flagged"), [("09:31", False), ("09:34", False), ("09:35", True), ("09:40", True), ("15:00", True)]
)
def test_a_line_later_than_the_turnover_is_checked_once_the_session_is_under_way(calendar, told, flagged):
    made = series([*minutes("09:30", "09:33"), at("09:41")], [0.0, 1, 2, 3, -11.2e9], last_valid=at("09:42"))
    result = judged(calendar, made, turnover=Turnover(1e9, at(told)))
    assert (Flag.TURNOVER in result.flags) is flagged
    doubled = series([*minutes("09:30", "09:33"), at("09:41")], [0.0, 1, 2, 3, -1.9e9], last_valid=at("09:42"))
    assert (Flag.TURNOVER in judged(calendar, doubled, turnover=Turnover(1e9, at(told))).flags) is (told == "15:00")


def test_a_turnover_of_nothing_at_the_open_is_checked_like_any_other(calendar):
    """The first snapshot of a day is older than the first trade, and lines later than it are not checked yet."""
    made = series([at("09:30"), at("09:31")], [5, 70], last_valid=at("09:31"))
    assert flags_of(judged(calendar, made, turnover=Turnover(0.0, at("09:30")))) == [Flag.TURNOVER, Flag.NONE]


def test_a_newer_turnover_flags_and_clears_lines_that_were_judged(calendar):
    made = judged(calendar, series(minutes("09:30", "09:33"), [0.0, 1, 2, -11.2e9], last_valid=at("09:40")))
    flagged = checked_again(made, Turnover(1e9, at("09:41")))
    assert (made.flags, flagged.flags) == (Flag.NONE, Flag.TURNOVER)
    assert flagged.confirmed.tolist() == made.confirmed.tolist()
    assert checked_again(flagged, Turnover(2e9, at("09:42"))) is flagged
    assert checked_again(flagged, Turnover(20e9, at("09:42"))).flags is Flag.NONE
    assert checked_again(made, Turnover(20e9, at("09:42"))) is made


@pytest.mark.parametrize("amount", [1.7e308, -1.7e308, 1.1 * LARGEST_AMOUNT, float("inf"), float("-inf")])
def test_an_amount_beyond_any_market_is_flagged_wherever_it_stands(calendar, amount):
    for row in range(5):
        figures = np.zeros((5, 3))
        figures[row, 1] = amount
        result = judged(calendar, series(minutes("09:30", "09:32"), figures, last_valid=at("09:40")))
        assert ((result.line_flags & Flag.BEYOND.value) > 0).tolist() == [False, True, False]
        assert result.impossible.tolist() == [False, True, False]
    day = judged(calendar, series([hong_kong("2022-06-07T00:00")], [amount], period=Period.DAY), received=at("10:00"))
    assert Flag.BEYOND in day.flags


def test_the_newest_date_of_garbage_is_none(calendar):
    assert newest_date(series([at("09:30")]), calendar) == SESSION
    assert [newest_date(series(stamps), calendar) for stamps in ([], [2**62], [-(2**62)])] == [None] * 3


def test_sum_too_large_for_a_double_is_a_fault(calendar):
    figures = [[1e308], [1e308], [0.0], [1e308], [-1e308]]
    assert judged(calendar, series([at("09:30")], figures, last_valid=at("09:40"))).flags == Flag.SUM | Flag.BEYOND


def test_sum_is_not_judged_where_a_class_is_missing(calendar):
    figures = np.array([[100.0, 100.0], [np.nan, 1.0], [25.0, 1.0], [25.0, 1.0], [25.0, 1.0]])
    made = series(minutes("09:30", "09:31"), figures, last_valid=at("09:40"))
    assert flags_of(judged(calendar, made)) == [Flag.NONE, Flag.SUM]


def test_gap_marks_the_line_after_it(calendar):
    stamps = [*minutes("09:32", "09:34"), *minutes("11:59", "12:00"), *minutes("13:02", "13:03")]
    result = judged(calendar, series(stamps, last_valid=at("13:10")))
    assert [bool(flag) for flag in flags_of(result)] == [True, False, False, True, False, True, False]
    assert result.flags is Flag.GAP
    assert result.confirmed.all()


def test_padding_is_the_flat_tail_past_last_valid(calendar):
    stamps = minutes("15:50", "16:00")
    nets = [0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5]
    result = judged(calendar, series(stamps, nets, last_valid=at("15:56:30")))
    assert [bool(flag & Flag.PADDED) for flag in flags_of(result)] == [False] * 8 + [True] * 3
    assert result.confirmed.tolist() == [True] * 6 + [False] * 5
    nets[9] = 6
    result = judged(calendar, series(stamps, nets, last_valid=at("15:56:30")))
    assert not result.flags & Flag.PADDED
    nets[10] = 6
    result = judged(calendar, series(stamps, nets, last_valid=at("15:56:30")))
    assert [line for line, flag in enumerate(flags_of(result)) if flag & Flag.PADDED] == [10]


def test_empty_reply(calendar):
    result = judged(calendar, series([], []), received=at("10:00"))
    assert (result.session, result.flags, len(result)) == (None, Flag.NONE, 0)
    assert result.received == at("10:00")


def test_infinite_becomes_missing_and_zero_loses_its_sign(calendar):
    made = series(minutes("09:30", "09:33"), [-0.0, float("inf"), float("-inf"), float("nan")], last_valid=at("09:40"))
    result = judged(calendar, made)
    assert not np.signbit(result.net[0])
    assert np.isnan(result.net[1:]).all()
    assert np.isinf(made.net[1])  # the given series is as it was


# Confirmation


@pytest.mark.parametrize(
    ("end", "labels", "settled"),
    [
        ("12:00", ("11:50", "12:00"), "12:02"),
        ("16:00", ("15:50", "16:00"), "16:12"),
    ],
)
def test_period_end_is_confirmed_when_settled(calendar, end, labels, settled):
    made = series(minutes(*labels), last_valid=at(end))
    assert not judged(calendar, made, received=at(settled) - 1).confirmed[-1]
    assert judged(calendar, made, received=at(settled)).confirmed.all()
    # A figure frozen before the end stays provisional, however late it is.
    frozen = series(minutes(*labels), last_valid=at(end) - 1)
    assert not judged(calendar, frozen, received=at("23:00")).confirmed[-1]


@pytest.mark.parametrize(("received", "is_confirmed"), [("12:01", False), ("12:02", True)])
def test_period_end_after_a_reply_that_was_judged_is_confirmed_when_settled(calendar, received, is_confirmed):
    before = judged(calendar, series(minutes("09:30", "11:58"), last_valid=at("11:59")))
    assert before.confirmed.all()
    told = judged(
        calendar, series(minutes("09:30", "12:00"), last_valid=at("12:00")), received=at(received), previous=before
    )
    assert told.confirmed.tolist() == [True] * 150 + [is_confirmed]


def test_settle_times(calendar):
    hong_kong_day = calendar.day(Market.HK, SESSION)
    assert [settled_at(hong_kong_day, end) - end for _, end in hong_kong_day.periods] == [120, 720]
    half = calendar.day(Market.HK, date(2026, 12, 24))
    assert settled_at(half, half.close) == half.close + 720
    for market in (Market.US, Market.SH, Market.SZ, Market.SG):
        day = calendar.day(market, date(2026, 11, 20))
        assert [settled_at(day, end) - end for _, end in day.periods] == [120] * len(day.periods)


def test_last_valid_a_minute_past_the_label_confirms(calendar):
    stamps = minutes("09:30", "09:40")
    assert judged(calendar, series(stamps, last_valid=at("09:40:59"))).confirmed.tolist() == [True] * 10 + [False]
    assert judged(calendar, series(stamps, last_valid=at("09:41:00"))).confirmed.all()
    # Even when the reply is late: only the source's own time counts.
    frozen = series(stamps, last_valid=at("09:40:59"))
    assert not judged(calendar, frozen, received=at("11:00")).confirmed[-1]


def test_confirmed_stays_confirmed(calendar):
    stamps = minutes("09:30", "09:40")
    first = judged(calendar, series(stamps, last_valid=at("09:41")))
    earlier = judged(calendar, series(stamps, last_valid=at("09:35")), previous=first)
    assert earlier.confirmed.all()
    missing_one = series(stamps[:4] + stamps[5:], last_valid=at("09:35"))
    assert judged(calendar, missing_one, previous=first).confirmed.all()
    disordered = series([*stamps[:8], stamps[9], stamps[8], stamps[10], at("09:41")], last_valid=at("09:50"))
    kept = judged(calendar, disordered, previous=first)
    assert kept.confirmed.tolist() == [True] * 11 + [False]


def test_nothing_is_carried_over_from_another_session_source_or_symbol(calendar):
    stamps = minutes("09:30", "09:40")
    later = [stamp + 86400 for stamp in stamps]
    confirmed = judged(calendar, series(stamps, last_valid=at("09:41")))
    for other in (
        series(later, last_valid=at("09:30") + 86400),
        series(stamps, last_valid=at("09:30"), source="other"),
        series(stamps, last_valid=at("09:30"), symbol=Symbol.parse("9988.HK")),
    ):
        result = judged(calendar, other, previous=confirmed)
        assert not result.confirmed.any()
        found = difference(confirmed, result)
        assert (found.changed.tolist(), found.revised.tolist()) == (result.timestamps.tolist(), [])


def test_source_without_last_valid_needs_two_equal_replies(calendar):
    stamps = minutes("09:30", "09:33")
    first = judged(calendar, series(stamps, [0, 1, 2, 3]), received=at("09:34:29"))
    assert not first.confirmed.any()
    too_early = judged(calendar, series(stamps, [0, 1, 2, 3]), previous=first, received=at("09:34:29"))
    assert too_early.confirmed.tolist() == [True, True, True, False]
    second = judged(calendar, series(stamps, [0, 9, 2, 3]), previous=first, received=at("09:34:30"))
    assert second.confirmed.tolist() == [True, False, True, True]


def test_revisions_name_confirmed_lines_that_changed(calendar):
    stamps = minutes("09:30", "09:36")
    first = judged(calendar, series(stamps, last_valid=at("09:36")))  # all but 09:36 are confirmed
    nets = [0, 10, 2, float("nan"), 4, 5, 60, 7]
    second = judged(calendar, series([*stamps, at("09:37")], nets, last_valid=at("09:37")), previous=first)
    found = difference(first, second)
    assert found.revised.tolist() == [stamps[1], stamps[3]]
    assert found.changed.tolist() == [stamps[1], stamps[3], stamps[6], at("09:37")]
    assert found.confirmed.tolist() == [stamps[6]]
    assert second.confirmed[[1, 3]].all()
    same = judged(calendar, series([*stamps, at("09:37")], nets, last_valid=at("09:38")), previous=second)
    assert [each.tolist() for each in difference(second, same)] == [[], [at("09:37")], []]
    shorter = judged(calendar, series(stamps[2:], [2, 3, 40, 5, 6], last_valid=at("09:38")), previous=first)
    assert difference(first, shorter).revised.tolist() == [stamps[4]]
    assert difference(first, shorter).changed.tolist() == [stamps[0], stamps[1], stamps[4]]


# DAY, WEEK, MONTH


@pytest.mark.parametrize(
    ("period", "labels", "confirmed"),
    [
        (Period.DAY, ["2022-06-06", "2022-06-07", "2022-06-08"], [True, True, False]),
        (Period.WEEK, ["2022-05-30", "2022-06-06"], [True, False]),
        (Period.WEEK, ["2022-05-27", "2022-06-10"], [True, False]),  # labelled by the week's last day
        (Period.MONTH, ["2022-05-01", "2022-06-01"], [True, False]),
        (Period.MONTH, ["2021-06-01", "2022-05-31"], [True, True]),
    ],
)
def test_running_period_is_provisional(calendar, period, labels, confirmed):
    made = series([hong_kong(f"{label}T00:00") for label in labels], period=period)
    result = judged(calendar, made, received=at("10:00"))
    assert result.confirmed.tolist() == confirmed
    assert (result.flags, result.session) == (Flag.NONE, None)


def test_history_faults(calendar):
    stamps = [hong_kong(f"2022-05-{day:02}T00:00") for day in (3, 5, 4, 4)] + [hong_kong("2022-05-06T08:00"), 2**62]
    figures = np.ones((5, 6))
    result = judged(calendar, series(stamps, figures, period=Period.DAY), received=at("10:00"))
    grid_and_order = [Flag.NONE, Flag.NONE, Flag.ORDER, Flag.ORDER, Flag.GRID, Flag.GRID]
    assert [flag & ~Flag.SUM for flag in flags_of(result)] == grid_and_order
    assert all(flag & Flag.SUM for flag in flags_of(result))
    assert not result.confirmed.any()


def test_history_across_a_clock_change_is_on_the_grid(calendar):
    days = [date(2026, 10, 30), date(2026, 11, 2), date(2026, 3, 6)]
    stamps = sorted(calendar.day(Market.US, day).open - 34200 for day in days)
    made = series(stamps, symbol=Symbol.parse("AAPL.US"), period=Period.DAY)
    assert judged(calendar, made, received=stamps[-1] + 86400 * 3).flags is Flag.NONE


# Any subset and any order of a day


@st.composite
def replies(draw):
    """Positions of a day's lines: a subset, in order or not."""
    places = draw(st.lists(st.integers(0, 330), min_size=1, max_size=40, unique=True))
    return sorted(places) if draw(st.booleans()) else places


@given(
    places=replies(),
    elapsed=st.integers(0, 30000),
    turnover=st.none() | st.builds(Turnover, st.floats(4, 1e12), st.just(0.0)),
)
@settings(max_examples=150)
def test_any_part_of_a_day(calendar, places, elapsed, turnover):
    day = calendar.day(Market.HK, SESSION)
    stamps = day.labels()[places]
    figures = np.vstack([np.full(len(places), 4.0), np.ones((4, len(places)))])
    now = day.open + elapsed
    given_series = series(stamps, figures, last_valid=now)
    result = judge(given_series, calendar, turnover=turnover, previous=None, received=now)
    ordered = places == sorted(places)
    assert (Flag.ORDER in result.flags) == (not ordered)
    assert not result.flags & ~(Flag.ORDER | Flag.GAP | Flag.PADDED)
    assert result.session == SESSION
    assert int(np.bitwise_or.reduce(result.line_flags)) == int(result.flags)
    if ordered:
        gaps = np.diff(places, prepend=-1) > 1
        assert ((result.line_flags & Flag.GAP.value) > 0).tolist() == gaps.tolist()
        sure = stamps <= now - 60
        ends = [(end, settled_at(day, end)) for _, end in day.periods]
        assert result.confirmed.tolist() == [
            bool(ok) or any(stamp == end and now >= settled for end, settled in ends)
            for stamp, ok in zip(stamps.tolist(), sure, strict=True)
        ]
    else:
        assert not result.confirmed.any()
    # Judging what was judged changes nothing.
    again = judge(result, calendar, turnover=turnover, previous=result, received=now)
    assert np.array_equal(again.line_flags, result.line_flags)
    assert np.array_equal(again.confirmed, result.confirmed)
    assert [len(labels) for labels in difference(result, again)] == [0, 0, 0]


@given(first=replies(), second=replies(), times=st.tuples(st.integers(0, 30000), st.integers(0, 30000)))
@settings(max_examples=150)
def test_confirmation_never_goes_back(calendar, first, second, times):
    day = calendar.day(Market.HK, SESSION)
    labels = day.labels()
    before = judged(calendar, series(labels[first], last_valid=day.open + times[0]))
    after = judged(calendar, series(labels[second], last_valid=day.open + times[1]), previous=before)
    held = {stamp for stamp, sure in zip(before.timestamps.tolist(), before.confirmed, strict=True) if sure}
    for stamp, sure in zip(after.timestamps.tolist(), after.confirmed, strict=True):
        assert sure or stamp not in held
    nets = dict(zip(before.timestamps.tolist(), before.net.tolist(), strict=True))
    other = [
        stamp
        for line, stamp in enumerate(after.timestamps.tolist())
        if stamp in held and nets[stamp] != after.values[NET, line]
    ]
    found = difference(before, after)
    assert found.revised.tolist() == sorted(other)
    sure = set(after.timestamps[after.confirmed].tolist())
    assert found.confirmed.tolist() == sorted(sure - held)
    said = dict(zip(after.timestamps.tolist(), after.net.tolist(), strict=True))
    assert found.changed.tolist() == sorted(each for each in nets | said if nets.get(each) != said.get(each))


AMOUNTS = st.sampled_from([0.0, -0.0, 4.0, 1e6, -1e6, np.nan, np.inf, 3e14, -2e15])


@st.composite
def running_days(draw):
    """Replies of a running session of one symbol: lines come, the newest move, and seldom anything happens."""
    size, shown = draw(st.integers(2, 40)), []
    figures = np.tile(np.arange(128, dtype=float), (6, 1))
    figures[2:] /= 4
    for _ in range(draw(st.integers(2, 8))):
        figures = figures.copy()
        for _ in range(draw(st.integers(0, 2))):
            figures[draw(st.integers(0, 5)), size - draw(st.integers(1, min(size, 6)))] = draw(AMOUNTS)
        places = list(range(size))
        match draw(st.integers(0, 9)):
            case 0:
                del places[draw(st.integers(0, size - 1))]
            case 1:
                places[-2:] = places[:-3:-1]
        now = 60 * (size - 1) + draw(st.sampled_from([-61, 0, 2, 40, 5400 + 800]))
        traded = draw(st.sampled_from([None, 2e6, 1e9, 8e9, 5e15]))
        shown.append((places, figures, now, None if traded is None else Turnover(traded, 1654651800 + now)))
        size = max(2, size + draw(st.sampled_from([0, 0, 1, 1, 1, 2, 9, -1])))
    return shown


def places_that_differ(old, new):
    """Where two series have other lines, bit by bit."""
    shared = min(len(old), len(new))
    lines = [np.vstack((each.timestamps[:shared], each.values[:, :shared].view(np.int64))) for each in (old, new)]
    return np.concatenate(((lines[0] != lines[1]).any(axis=0).nonzero()[0], np.arange(shared, len(new))))


def known(series: FlowSeries) -> tuple[float, float] | None:
    """What the checks of a series spare the next one's."""
    return None if series.checked is None else (series.checked.net, series.checked.rest)


@given(running_days())
@settings(max_examples=150)
def test_what_is_spared_by_the_reply_before_changes_no_judgement(calendar, replies):
    day, held = calendar.day(Market.HK, SESSION), None
    for places, figures, now, turnover in replies:
        raw = FlowSeries(
            Symbol.parse("700.HK"),
            "test",
            Period.INTRADAY,
            day.labels()[places],
            figures[:, places],
            last_valid=day.open + now,
        )
        asked = {"turnover": turnover, "received": day.open + now + 2.0}
        quick = judge(raw, calendar, previous=held, **asked)
        whole = judge(raw, calendar, previous=held and replace(held, checked=None), **asked)
        told = judge(
            raw, calendar, previous=held, differs=None if held is None else places_that_differ(held, raw), **asked
        )
        for name in ("values", "line_flags", "confirmed", "timestamps"):
            assert np.array_equal(getattr(quick, name), getattr(whole, name), equal_nan=name == "values")
            assert np.array_equal(getattr(told, name), getattr(whole, name), equal_nan=name == "values")
        assert (told.flags, known(told)) == (quick.flags, known(quick))
        assert not np.signbit(quick.values[quick.values == 0]).any()
        assert (quick.flags, quick.session, quick.received) == (whole.flags, whole.session, whole.received)
        assert (quick.checked is None) == (whole.checked is None)
        if whole.checked is not None:
            assert (np.array(known(quick)) >= np.array(known(whole))).all()
        for found, slow in zip(difference(held, quick), difference(held, whole), strict=True):
            assert found.tolist() == slow.tolist()
        for found, slow in zip(difference(held, told), difference(held, whole), strict=True):
            assert found.tolist() == slow.tolist()
        held = quick


def test_newest_lines_that_go_are_a_difference(calendar):
    labels = calendar.day(Market.HK, SESSION).labels()
    first = judged(calendar, series(labels[:10], last_valid=labels[9] + 20))
    second = judged(calendar, series(labels[:8], last_valid=labels[9] + 40), previous=first)
    found = difference(first, second)
    assert found.changed.tolist() == labels[8:10].tolist()
    assert (len(found.confirmed), len(found.revised)) == (0, 0)


def test_flags_of_the_whole_reply_are_those_of_each_line(calendar):
    told = judged(calendar, series(minutes("09:30", "09:32"), last_valid=at("09:32")))
    assert with_flags(told, Flag.NONE) is told
    flagged = with_flags(told, Flag.SIGN)
    assert (flagged.flags, flags_of(flagged)) == (Flag.SIGN, [Flag.SIGN] * 3)


@pytest.mark.parametrize("classes", [True, False])
def test_the_usual_reply_is_judged_by_its_newest_lines(calendar, classes, monkeypatch):
    day, held = calendar.day(Market.HK, SESSION), None
    checked = []
    monkeypatch.setattr("capflow_gui.domain.validation._check_sum", lambda *lines: checked.append(lines))
    for size in range(5, 60):
        figures = np.vstack([np.arange(size) * 4.0, np.tile(np.arange(size) * (1.0 if classes else np.nan), (4, 1))])
        now = day.label(size - 1) + 20
        held = judged(calendar, series(day.labels()[:size], figures, last_valid=now), previous=held)
    assert len(checked) == 1


@pytest.mark.parametrize("told", [True, False], ids=["told what differs", "compared"])
@pytest.mark.parametrize(
    ("newest", "flags"),
    [
        ([120.0, 30, 30, 30, 30], Flag.NONE),
        ([-0.0, 0, 0, 0, 0], Flag.NONE),
        ([120.0, 1, 1, 1, 1], Flag.SUM),
        ([1.6e15, 4e14, 4e14, 4e14, 4e14], Flag.BEYOND),
    ],
    ids=["sound", "negative zero", "sum", "beyond any market"],
)
def test_a_newest_line_that_moves_is_judged_as_without_the_reply_before(calendar, told, newest, flags):
    labels = calendar.day(Market.HK, SESSION).labels()[:30]
    figures = np.vstack([np.arange(30) * 4.0, np.tile(np.arange(30) * 1.0, (4, 1))])
    before = judged(calendar, series(labels, figures, last_valid=labels[-1] + 20))
    figures[:, -1] = newest
    reply, differs = series(labels, figures, last_valid=labels[-1] + 40), np.array([29]) if told else None
    asked = {"turnover": None, "received": labels[-1] + 42.0}
    quick = judge(reply, calendar, previous=before, differs=differs, **asked)
    whole = judge(reply, calendar, previous=replace(before, checked=None), **asked)
    assert flags_of(quick) == flags_of(whole) == [*[Flag.NONE] * 29, flags]
    assert quick.values.tobytes() == whole.values.tobytes()
    assert quick.confirmed.tolist() == whole.confirmed.tolist() == [True] * 29 + [False]


def test_after_a_reply_with_an_unconfirmed_line_in_its_middle_all_lines_are_judged(calendar):
    labels = calendar.day(Market.HK, SESSION).labels()[:30]
    reply = series(labels, np.zeros((5, 30)), last_valid=labels[-1] + 20)
    before = judged(calendar, reply)
    confirmed = before.confirmed.copy()
    confirmed[10] = False
    later = replace(reply, last_valid=labels[-1] + 40)
    found = judged(calendar, later, previous=replace(before, confirmed=confirmed))
    assert found.confirmed.tolist() == [True] * 29 + [False]


@pytest.mark.parametrize("last_valid", [1e300, -1e300])
def test_a_last_valid_time_out_of_range_is_none(calendar, last_valid):
    result = judged(calendar, series(minutes("09:30", "09:33"), last_valid=last_valid), received=at("09:40"))
    assert result.last_valid is None


@given(
    stamps=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(1654600000, 1654700000), max_size=8),
    amounts=st.lists(st.floats(), min_size=48, max_size=48),
    last_valid=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    period=st.sampled_from(Period),
)
@example(stamps=[451_800], amounts=[0.0] * 48, last_valid=None, period=Period.INTRADAY)
@settings(max_examples=200)
def test_nothing_from_the_wire_breaks_it(calendar, stamps, amounts, last_valid, period):
    values = np.array(amounts).reshape(6, 8)[:, : len(stamps)]
    made = FlowSeries(Symbol.parse("700.HK"), "test", period, np.array(stamps, np.int64), values, last_valid=last_valid)
    result = judge(made, calendar, turnover=None, previous=None, received=at("10:00"))
    judge(made, calendar, turnover=None, previous=result, received=at("10:01"))
    assert not np.isinf(result.values).any()
    if period is Period.INTRADAY and stamps and not any(is_in_hours(calendar, stamp) for stamp in stamps):
        assert result.flags & STRUCTURAL


def is_in_hours(calendar, stamp) -> bool:
    """Whether it lies in any session of Hong Kong; the calendar has years 1 to 9999."""
    if not -62_000_000_000 < stamp < 253_000_000_000:
        return False
    day = calendar.day(Market.HK, (datetime(1970, 1, 1, 8, tzinfo=UTC) + timedelta(seconds=stamp)).date())
    return day is not None and day.open <= stamp <= day.close


def test_week_before_and_after_new_year(calendar):
    labels = ["2025-12-29", "2026-01-05"]  # ISO weeks 1 and 2 of 2026
    made = series([hong_kong(f"{label}T00:00") for label in labels], period=Period.WEEK)
    received = hong_kong("2026-01-01T12:00")
    assert judged(calendar, made, received=received).confirmed.tolist() == [False, False]
    later = received + timedelta(days=7).total_seconds()
    assert judged(calendar, made, received=later).confirmed.tolist() == [True, False]
