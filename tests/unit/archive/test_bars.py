"""A broker's days, weeks and months, and the archive's where the broker has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capflow_gui.archive.bars import MergedBars, Total, Totals, merged_bars
from capflow_gui.archive.model import DayKey
from capflow_gui.domain.flow import NET, FlowSeries, Period
from capflow_gui.domain.symbol import Symbol

HK = ZoneInfo("Asia/Hong_Kong")
TENCENT = Symbol.parse("700.HK")


def at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=HK).timestamp())


def series(*days: date, period: Period = Period.DAY) -> FlowSeries:
    values = np.tile(np.arange(1.0, len(days) + 1), (6, 1))
    return FlowSeries(TENCENT, "opend", period, np.array([at(day) for day in days]), values)


def total(day: date, net: float, source: str = "opend", *, complete: bool = True) -> Total:
    return Total(DayKey(source, TENCENT, day), np.full(6, net), complete)


def merged(
    bars: FlowSeries | None,
    totals: list[Total],
    period: Period = Period.DAY,
    *,
    until: date | None = None,
    damaged: Sequence[date] = (),
) -> MergedBars:
    keys = [DayKey("opend", TENCENT, day) for day in damaged]
    return merged_bars(bars, Totals(totals, keys), period, HK, trades=lambda day: day.weekday() < 5, until=until)


def dates(made: FlowSeries | None) -> list[date]:
    assert made is not None
    return [datetime.fromtimestamp(stamp, HK).date() for stamp in made.timestamps.tolist()]


MON, TUE, WED, THU, FRI = (date(2026, 11, day) for day in (16, 17, 18, 19, 20))


def test_the_archive_fills_the_days_the_broker_has_not() -> None:
    made, recorded = merged(series(MON, WED), [total(MON, 9), total(TUE, 8), total(THU, 7)], Period.DAY)
    assert dates(made) == [MON, TUE, WED, THU]
    assert made is not None
    assert made.values[NET].tolist() == [1, 8, 2, 7]
    assert recorded == {1: (), 3: ()}


def test_the_session_that_runs_is_no_bar() -> None:
    made, recorded = merged(None, [total(THU, 7), total(FRI, 5)], Period.DAY, until=FRI)
    assert dates(made) == [THU]
    assert recorded == {0: ()}


def test_without_anything_recorded_the_broker_s_bars_stay_as_they_are() -> None:
    bars = series(MON, WED)
    made, recorded = merged(bars, [total(MON, 3)], Period.DAY)
    assert made is bars
    assert recorded == {}
    made, recorded = merged(None, [], Period.DAY)
    assert made is None
    assert recorded == {}


@pytest.mark.parametrize("period", [Period.WEEK, Period.MONTH])
def test_a_recorded_week_or_month_is_the_sum_of_its_sessions(period: Period) -> None:
    october = [total(date(2026, 10, 26), 1.0), total(date(2026, 10, 27), 2.0)]
    made, recorded = merged(series(MON, period=period), [*october, total(TUE, 9)], period)
    assert dates(made) == [date(2026, 10, 26), MON]
    assert made is not None
    assert made.values[NET].tolist() == [3, 1]
    assert recorded == {0: ()}


def test_a_session_of_two_sources_counts_once_the_broker_s_own_first() -> None:
    both = [total(TUE, 8, "longport"), total(TUE, 6, "opend")]
    made, _ = merged(series(MON), both, Period.DAY)
    assert made is not None
    assert made.values[NET].tolist() == [1, 6]
    made, _ = merged(None, both, Period.DAY)
    assert made is not None
    assert made.values[NET].tolist() == [8]


def test_a_bar_of_sessions_that_broke_off_or_are_missing_is_not_confirmed() -> None:
    made, _ = merged(None, [total(MON, 9), total(TUE, 8, complete=False)])
    assert made is not None
    assert made.confirmed.tolist() == [True, False]
    week = [total(day, 1.0) for day in (MON, TUE, WED, THU, FRI)]
    for totals, whole in ((week, True), (week[:-1], False), ([*week[:-1], total(FRI, 1.0, complete=False)], False)):
        made, _ = merged(None, totals, Period.WEEK)
        assert made is not None
        assert made.confirmed.tolist() == [whole]
    first = date(2026, 11, 1)
    month = [first + timedelta(days=number) for number in range(30)]
    made, _ = merged(None, [total(day, 1.0) for day in month if day.weekday() < 5], Period.MONTH)
    assert made is not None
    assert made.confirmed.tolist() == [True]


def test_a_complete_recording_goes_before_the_broker_s_own_that_broke_off() -> None:
    made, _ = merged(series(MON), [total(TUE, 6, complete=False), total(TUE, 8, "longport")])
    assert made is not None
    assert made.values[NET].tolist() == [1, 8]
    assert made.confirmed.tolist()[-1]


def test_a_day_that_is_damaged_is_a_bar_without_figures() -> None:
    made, recorded = merged(series(MON), [total(WED, 8)], damaged=[MON, TUE, FRI], until=FRI)
    assert dates(made) == [MON, TUE, WED]
    assert made is not None
    assert np.isnan(made.values[:, 1]).all()
    assert made.values[NET, [0, 2]].tolist() == [1, 8]
    assert not made.confirmed[1]
    assert recorded == {1: (TUE,), 2: ()}
    made, recorded = merged(None, [], damaged=[TUE])
    assert (dates(made), recorded) == ([TUE], {0: (TUE,)})


def test_what_is_damaged_at_one_source_and_whole_at_another_is_not_missing() -> None:
    _, recorded = merged(None, [total(TUE, 8, "longport")], damaged=[TUE])
    assert recorded == {0: ()}


@pytest.mark.parametrize("period", [Period.WEEK, Period.MONTH])
def test_a_week_or_month_names_its_damaged_sessions_and_is_not_confirmed(period: Period) -> None:
    made, recorded = merged(None, [total(MON, 1), total(THU, 2)], period, damaged=[FRI, TUE])
    assert made is not None
    assert made.values[NET].tolist() == [3]
    assert made.confirmed.tolist() == [False]
    assert recorded == {0: (TUE, FRI)}
