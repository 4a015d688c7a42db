"""Sessions: phases, the axis over the break, trading minutes, dates across midnight and DST."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.session import Calendar, Phase, TradingDay, date_begins
from capflow_gui.domain.symbol import Market

HK, US, SH, SG = Market.HK, Market.US, Market.SH, Market.SG
ZONES = {HK: "Asia/Hong_Kong", US: "America/New_York", SH: "Asia/Shanghai", SG: "Asia/Singapore"}


def at(market: Market, text: str) -> int:
    """Epoch seconds of an exchange-local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONES[market])).timestamp())


def session(calendar: Calendar, market: Market, day: str) -> TradingDay:
    found = calendar.day(market, date.fromisoformat(day))
    assert found is not None
    return found


def test_hong_kong_day(calendar):
    day = session(calendar, HK, "2022-06-08")
    assert day.open == 1654651800  # OpenD API docs, Get Capital Flow: 2022-06-08 09:30:00
    assert (day.minutes, day.seams, day.half, day.assumed) == (330, (150,), False, False)
    labels = day.labels()
    assert len(labels) == 331
    clock = [datetime.fromtimestamp(ts, ZoneInfo(day.zone)).strftime("%H:%M") for ts in labels[[0, 1, 150, 151, 330]]]
    assert clock == ["09:30", "09:31", "12:00", "13:01", "16:00"]
    with pytest.raises(ValueError, match="read-only"):
        labels[0] = 0


def test_a_day_has_parts_the_last_of_which_begins_where_its_session_is_over(calendar):
    day = session(calendar, HK, "2022-06-08")
    clocks = ("09:29:59", "09:30", "11:59:59", "12:00", "12:59:59", "13:00", "15:59:59", "16:00", "16:29:59", "16:30")
    assert [day.part(at(HK, f"2022-06-08T{clock}")) for clock in clocks] == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]


def test_the_seam_has_one_index(calendar):
    day = session(calendar, HK, "2022-06-08")
    for clock in ("12:00", "12:00:01", "12:59:59", "13:00"):
        assert day.index(at(HK, f"2022-06-08T{clock}")) == 150
    assert day.label(150) == at(HK, "2022-06-08T12:00")
    assert day.label(151) == at(HK, "2022-06-08T13:01")
    assert day.index(at(HK, "2022-06-08T13:00:30")) == 150.5
    noon, one, past = (at(HK, f"2022-06-08T{clock}") for clock in ("12:00", "13:00", "13:01"))
    assert day.indexes(np.array([noon, one, past, past + 1, noon + 60])).tolist() == [150, 150, 151, -1, -1]


def test_labels_begin_the_session_only_where_none_is_missing(calendar):
    day = session(calendar, HK, "2026-06-10")
    labels = day.labels()
    assert day.begins_with(labels)
    assert day.begins_with(labels[:200])
    assert day.begins_with(labels[:0])
    assert not day.begins_with(labels[1:200])
    assert not day.begins_with(labels[[0, 2, 1]])
    assert not day.begins_with(np.append(labels, labels[-1] + 60))


def test_outside_the_session_is_clamped_and_off_the_grid(calendar):
    day = session(calendar, HK, "2022-06-08")
    before, after = at(HK, "2022-06-08T09:00"), at(HK, "2022-06-08T16:08")
    assert (day.index(before), day.index(after)) == (0, 330)
    assert (day.label(-5), day.label(1000)) == (day.open, day.close)
    assert day.indexes(np.array([before, after])).tolist() == [-1, -1]
    assert day.indexes(np.array([], np.int64)).tolist() == []
    assert not day.in_session(before)


def test_closing_auction_is_not_in_the_session(calendar):
    day = session(calendar, HK, "2022-06-08")
    close = at(HK, "2022-06-08T16:00")
    assert day.close == close
    assert day.in_session(close)
    assert not day.in_session(close + 60)
    assert calendar.now(HK, close - 1).phase is Phase.OPEN
    for late in (close, close + 60, close + 600):
        assert calendar.now(HK, late).phase is Phase.CLOSED


@pytest.mark.parametrize(
    ("clock", "phase", "period_end", "resumes"),
    [
        ("08:00", Phase.PRE_OPEN, None, None),
        ("09:29:59", Phase.PRE_OPEN, None, None),
        ("09:30", Phase.OPEN, "12:00", None),
        ("12:00", Phase.LUNCH, None, "13:00"),
        ("12:59:59", Phase.LUNCH, None, "13:00"),
        ("13:00", Phase.OPEN, "16:00", None),
        ("16:00", Phase.CLOSED, None, None),
    ],
)
def test_phases_of_a_hong_kong_day(calendar, clock, phase, period_end, resumes):
    def instant(text):
        return None if text is None else at(HK, f"2026-11-20T{text}")

    now = calendar.now(HK, instant(clock))
    assert (now.phase, now.period_end, now.resumes) == (phase, instant(period_end), instant(resumes))
    assert now.day is calendar.day(HK, date(2026, 11, 20))
    opened = phase is not Phase.PRE_OPEN
    assert now.last_day.day == (date(2026, 11, 20) if opened else date(2026, 11, 19))
    # The 20th is a Friday.
    assert now.next_open == at(HK, "2026-11-23T09:30" if opened else "2026-11-20T09:30")


def test_weekend_and_long_holiday(calendar):
    sunday = calendar.now(HK, at(HK, "2026-11-22T13:00"))
    assert (sunday.phase, sunday.day, sunday.last_day.day) == (Phase.CLOSED, None, date(2026, 11, 20))
    assert sunday.next_open == at(HK, "2026-11-23T09:30")
    golden_week = calendar.now(SH, at(SH, "2026-10-03T10:00"))
    assert golden_week.last_day.day == date(2026, 9, 30)
    assert golden_week.next_open == at(SH, "2026-10-08T09:30")


def test_us_session_crosses_midnight_in_hong_kong(calendar):
    open_ = at(HK, "2026-07-15T21:30")
    close = at(HK, "2026-07-16T04:00")
    day = session(calendar, US, "2026-07-15")
    assert day.periods == ((open_, close),)
    for ts in (open_, open_ + 3 * 3600, close):
        assert calendar.session_date(US, ts) == date(2026, 7, 15)
    assert calendar.session_date(HK, close) == date(2026, 7, 16)
    assert session(calendar, US, "2026-12-15").periods == ((at(HK, "2026-12-15T22:30"), at(HK, "2026-12-16T05:00")),)


def test_half_days(calendar):
    thanksgiving = session(calendar, US, "2026-11-27")
    assert (thanksgiving.minutes, thanksgiving.half, thanksgiving.close) == (210, True, at(US, "2026-11-27T13:00"))
    eve = session(calendar, HK, "2026-12-24")
    assert (eve.minutes, eve.half, eve.seams, eve.close) == (150, True, (), at(HK, "2026-12-24T12:00"))
    assert calendar.now(HK, at(HK, "2026-12-24T12:30")).phase is Phase.CLOSED
    assert len(eve.labels()) == 151


def test_singapore_pauses_at_noon(calendar):
    day = session(calendar, SG, "2026-11-20")
    assert (day.minutes, day.seams) == (420, (180,))
    assert calendar.now(SG, at(SG, "2026-11-20T12:30")).phase is Phase.LUNCH
    assert session(calendar, SG, "2026-12-24").close == at(SG, "2026-12-24T12:00")


def test_clock_changes_move_the_open_not_the_session(calendar):
    # New York: DST began on 2026-03-08 and ended on 2026-11-01.
    for friday, monday, gap in (("2026-03-06", "2026-03-09", -3600), ("2026-10-30", "2026-11-02", 3600)):
        before, after = session(calendar, US, friday), session(calendar, US, monday)
        assert after.open - before.open == 3 * 86400 + gap
        assert before.minutes == after.minutes == 390
    night = datetime(2026, 11, 1, 5, 30, tzinfo=UTC).timestamp()  # 01:30, for the first of two times
    for ts in (night, night + 3600):
        assert calendar.session_date(US, ts) == date(2026, 11, 1)
        assert calendar.now(US, ts).next_open == at(US, "2026-11-02T09:30")


def test_the_exchange_s_date_changes_at_its_midnight_whatever_its_clocks_do(calendar):
    for market, around in ((US, "2026-03-08"), (US, "2026-11-01"), (HK, "2026-06-10"), (SG, "2026-06-10")):
        midnight = at(market, f"{around}T00:00")
        hours = [midnight + hour * 1800 + second for hour in range(-60, 110) for second in (-1, 0, 1)]
        for order in (hours, hours[::-1]):
            found = [calendar.session_date(market, ts) for ts in order]
            assert found == [datetime.fromtimestamp(ts, ZoneInfo(ZONES[market])).date() for ts in order]


def test_a_date_begins_at_the_exchange_s_midnight(calendar):
    day = session(calendar, US, "2026-03-06")
    assert date_begins(day) == at(US, "2026-03-06T00:00")
    assert date_begins(day, days_on=3) == at(US, "2026-03-09T00:00")  # its clocks go on in between


def test_trading_minutes_leave_the_break_out(calendar):
    def minutes(begin, end, market=HK):
        return calendar.trading_minutes(market, at(market, begin), at(market, end))

    assert minutes("2022-06-08T11:58", "2022-06-08T13:03") == 5
    assert minutes("2022-06-08T12:10", "2022-06-08T12:50") == 0
    assert minutes("2022-06-08T09:35", "2022-06-08T10:46") == 71
    assert minutes("2022-06-08T15:59", "2022-06-09T09:31") == 2
    assert minutes("2026-11-20T15:30", "2026-11-23T09:45") == 45
    assert minutes("2026-12-24T11:59", "2026-12-28T09:31") == 2
    assert minutes("2026-11-26T09:00", "2026-11-27T16:00", US) == 210
    assert minutes("2022-06-08T13:03", "2022-06-08T11:58") == -5


def test_beyond_the_table_weekdays_are_assumed(calendar):
    assert calendar.known_to(SH) == date(2026, 12, 31)
    assert not session(calendar, SH, "2026-12-31").assumed
    new_year = session(calendar, SH, "2027-01-01")
    assert new_year.assumed
    assert new_year.minutes == 240
    assert calendar.day(SH, date(2027, 1, 2)) is None
    assert session(calendar, HK, "2019-12-25").assumed


def test_the_next_bell_of_an_assumed_session_is_assumed(calendar):
    assert calendar.now(SH, at(SH, "2026-12-31T20:00")).assumed
    assert not calendar.now(SH, at(SH, "2026-12-30T20:00")).assumed
    assert calendar.now(SH, at(SH, "2027-01-04T10:00")).assumed
    listed = calendar.with_overrides(SH, [(date(2027, 1, 4), "whole")], start=date(2027, 1, 1))
    assert not listed.now(SH, at(SH, "2026-12-31T20:00")).assumed


def test_the_end_of_the_table_is_near_two_months_before_it(calendar):
    assert not calendar.ends_soon(SH, date(2026, 11, 1))
    assert calendar.ends_soon(SH, date(2026, 11, 2))
    assert calendar.ends_soon(SH, date(2027, 6, 1))
    assert not calendar.ends_soon(HK, date(2026, 12, 31))


def test_broker_overrules_the_table(calendar):
    listed = [(date(2027, 1, 4), "whole"), (date(2027, 1, 5), "morning"), (date(2027, 1, 6), "afternoon")]
    told = calendar.with_overrides(SH, listed, start=date(2027, 1, 1), end=date(2027, 1, 7))
    assert told.day(SH, date(2027, 1, 1)) is None
    assert told.day(SH, date(2027, 1, 7)) is None
    whole, morning, afternoon = (told.day(SH, day) for day, _ in listed)
    assert (whole.minutes, whole.half, whole.assumed) == (240, False, False)
    assert (morning.close, morning.half) == (at(SH, "2027-01-05T11:30"), True)
    assert (afternoon.open, afternoon.half) == (at(SH, "2027-01-06T13:00"), True)
    assert told.known_to(SH) == date(2027, 1, 7)
    assert session(told, SH, "2027-01-08").assumed
    # The other markets, and the calendar it came from, keep what they knew.
    assert told.day(HK, date(2027, 1, 4)) == calendar.day(HK, date(2027, 1, 4))
    assert session(calendar, SH, "2027-01-01").assumed
    # "Whole" cannot tell an early close in New York, where no lunch divides the day; in Hong Kong it can.
    assert session(calendar.with_overrides(US, [(date(2026, 11, 27), "whole")]), US, "2026-11-27").half
    assert not session(calendar.with_overrides(HK, [(date(2026, 12, 24), "whole")]), HK, "2026-12-24").half
    assert calendar.with_overrides(HK, []) is calendar


def test_far_overrides_do_not_stretch_what_is_known(calendar):
    told = calendar.with_overrides(SH, [(date(2028, 3, 1), "whole")])
    assert told.known_to(SH) == date(2026, 12, 31)
    assert not session(told, SH, "2028-03-01").assumed
    assert session(told, SH, "2028-03-02").assumed


def test_a_table_tells_ordinary_days_short_ones_odd_ones_and_holidays():
    entry = {
        "zone": "Asia/Hong_Kong",
        "known_from": "2026-01-01",
        "known_to": "2026-12-31",
        "regular": "09:30-12:00 13:00-16:00",
        "half": "09:30-12:00",
        "half_days": {"2026": "02-16 12-24"},
        "holidays": {"2026": "01-01 12-25"},
        "special": {"2026-06-13": "10:00-11:30"},
    }
    told = Calendar.from_json(json.dumps({"format": 1, "markets": {"HK": entry}}).encode())
    assert (told.zone(HK).key, told.known_to(HK)) == ("Asia/Hong_Kong", date(2026, 12, 31))
    assert session(told, HK, "2026-06-10").periods == (
        (at(HK, "2026-06-10T09:30"), at(HK, "2026-06-10T12:00")),
        (at(HK, "2026-06-10T13:00"), at(HK, "2026-06-10T16:00")),
    )
    for short in ("2026-02-16", "2026-12-24"):
        assert session(told, HK, short).half
        assert session(told, HK, short).periods == ((at(HK, f"{short}T09:30"), at(HK, f"{short}T12:00")),)
    assert session(told, HK, "2026-06-13").periods == ((at(HK, "2026-06-13T10:00"), at(HK, "2026-06-13T11:30")),)
    assert [told.day(HK, date(2026, *day)) for day in ((1, 1), (12, 25), (6, 14))] == [None] * 3


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"format": 2, "markets": {}}', b"not json"])
def test_a_file_that_is_no_table(data):
    with pytest.raises(ValueError, match=r"sessions table|Expecting value"):
        Calendar.from_json(data)


@pytest.mark.parametrize("periods", [(), ((120, 60),), ((0, 60), (30, 120)), ((0, 61),)])
def test_periods_that_make_no_day(periods):
    with pytest.raises(ValueError, match="periods"):
        TradingDay(HK, date(1970, 1, 1), "UTC", periods)


markets = st.sampled_from(list(Market))
offsets = st.integers(0, 365 * 7)


@pytest.mark.long
@given(market=markets, offset=offsets, data=st.data())
@settings(max_examples=150)
def test_index_and_label_are_each_others_inverse(calendar, market, offset, data):
    day = calendar.day(market, date(2020, 1, 1) + timedelta(days=offset))
    if day is None:
        return
    index = data.draw(st.integers(0, day.minutes))
    assert day.index(day.label(index)) == index
    assert day.indexes(np.array([day.label(index)])).tolist() == [index]
    ts = data.draw(st.integers(day.open, day.close))
    assert day.label(int(day.index(ts))) <= ts
    assert day.indexes(day.labels()).tolist() == day.axis().tolist() == list(range(day.minutes + 1))
    shuffled = data.draw(st.permutations(range(0, day.minutes + 1, 30)))
    assert day.indexes(day.labels()[shuffled]).tolist() == shuffled


@given(market=markets, start=st.integers(1577836800, 1798675200), spans=st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)))
@settings(max_examples=100)
def test_trading_minutes_add_up(calendar, market, start, spans):
    middle, end = start + spans[0], start + sum(spans)
    first, second = calendar.trading_minutes(market, start, middle), calendar.trading_minutes(market, middle, end)
    whole = calendar.trading_minutes(market, start, end)
    assert first + second == pytest.approx(whole, abs=1e-6)
    assert 0 <= whole <= sum(spans) / 60 + 1e-6
    assert calendar.trading_minutes(market, end, start) == -whole


@given(market=markets, now=st.integers(1577923200, 1893456000))
@settings(max_examples=200)
def test_now_agrees_with_itself(calendar, market, now):
    found = calendar.now(market, now)
    assert found.last_day.open <= now < found.next_open
    assert (found.phase is Phase.OPEN) == (found.period_end is not None)
    assert (found.phase is Phase.LUNCH) == (found.resumes is not None)
    if found.phase is Phase.OPEN:
        assert found.last_day.in_session(now)
        assert found.period_end > now
    assert calendar.trading_minutes(market, found.last_day.close, found.next_open) == 0


def test_a_day_before_the_epoch_has_no_session(calendar: Calendar) -> None:
    assert calendar.day(Market.HK, date(1894, 9, 14)) is None


def test_the_zone_is_the_exchange_s(calendar):
    assert calendar.zone(HK) == ZoneInfo("Asia/Hong_Kong")
    assert calendar.zone(US) == ZoneInfo("America/New_York")


def test_a_list_of_trading_days_with_a_hole_closes_no_half_year(calendar):
    told = calendar.with_overrides(HK, [(date(2026, 1, 5), "whole"), (date(2026, 8, 3), "whole")])
    assert session(told, HK, "2026-04-15") is not None
    now = told.now(HK, datetime(2026, 4, 15, 10, 0, tzinfo=ZoneInfo("Asia/Hong_Kong")).timestamp())
    assert now.phase is Phase.OPEN
    short = calendar.with_overrides(HK, [(date(2026, 1, 5), "whole"), (date(2026, 1, 8), "whole")])
    assert short.day(HK, date(2026, 1, 6)) is None


def test_a_day_may_be_given_whatever_the_table_says(calendar):
    holiday = date(2022, 6, 3)
    assert calendar.day(Market.HK, holiday) is None
    given = TradingDay(Market.HK, holiday, "Asia/Hong_Kong", ((1654219800, 1654221600),))
    changed = calendar.with_day(given)
    assert changed.day(Market.HK, holiday) is given
    assert changed.now(Market.HK, 1654220000).phase is Phase.OPEN
    assert changed.day(Market.HK, date(2022, 6, 6)) == calendar.day(Market.HK, date(2022, 6, 6))
    assert calendar.day(Market.HK, holiday) is None


@given(st.lists(st.floats(0, 6 * 86_400), min_size=1, max_size=20), st.sampled_from(list(ZONES)))
def test_what_a_market_does_depends_on_no_earlier_question(
    calendar: Calendar, seconds: list[float], market: Market
) -> None:
    start = at(market, "2022-06-02T00:00:00")  # a Thursday; the Friday is a holiday in Hong Kong
    for second in seconds:
        assert calendar.now(market, start + second) == Calendar(calendar._tables).now(market, start + second)


def test_a_day_is_a_key(calendar):
    first, second = session(calendar, HK, "2022-06-08"), session(calendar, HK, "2022-06-09")
    assert {first: "first", second: "second"}[session(calendar, HK, "2022-06-08")] == "first"
