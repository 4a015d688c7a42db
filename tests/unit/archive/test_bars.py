"""A broker's days, weeks and months, and the archive's where the broker has none."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capflow_gui.archive.bars import merged_bars
from capflow_gui.archive.model import DayKey
from capflow_gui.domain.flow import NET, Floats, FlowSeries, Period
from capflow_gui.domain.symbol import Symbol

HK = ZoneInfo("Asia/Hong_Kong")
TENCENT = Symbol.parse("700.HK")


def at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=HK).timestamp())


def series(*days: date, period: Period = Period.DAY) -> FlowSeries:
    values = np.tile(np.arange(1.0, len(days) + 1), (6, 1))
    return FlowSeries(TENCENT, "opend", period, np.array([at(day) for day in days]), values)


def total(day: date, net: float, source: str = "opend") -> tuple[DayKey, Floats]:
    return DayKey(source, TENCENT, day), np.full(6, net)


def dates(made: FlowSeries | None) -> list[date]:
    assert made is not None
    return [datetime.fromtimestamp(stamp, HK).date() for stamp in made.timestamps.tolist()]


MON, TUE, WED, THU, FRI = (date(2026, 11, day) for day in (16, 17, 18, 19, 20))


def test_the_archive_fills_the_days_the_broker_has_not() -> None:
    made, recorded = merged_bars(series(MON, WED), [total(MON, 9), total(TUE, 8), total(THU, 7)], Period.DAY, HK)
    assert dates(made) == [MON, TUE, WED, THU]
    assert made is not None
    assert made.values[NET].tolist() == [1, 8, 2, 7]
    assert recorded.tolist() == [False, True, False, True]


def test_the_session_that_runs_is_no_bar() -> None:
    made, recorded = merged_bars(None, [total(THU, 7), total(FRI, 5)], Period.DAY, HK, until=FRI)
    assert dates(made) == [THU]
    assert recorded.tolist() == [True]


def test_without_anything_recorded_the_broker_s_bars_stay_as_they_are() -> None:
    bars = series(MON, WED)
    made, recorded = merged_bars(bars, [total(MON, 3)], Period.DAY, HK)
    assert made is bars
    assert not recorded.any()
    made, recorded = merged_bars(None, [], Period.DAY, HK)
    assert made is None
    assert recorded.shape == (0,)


@pytest.mark.parametrize("period", [Period.WEEK, Period.MONTH])
def test_a_recorded_week_or_month_is_the_sum_of_its_sessions(period: Period) -> None:
    october = [total(date(2026, 10, 26), 1.0), total(date(2026, 10, 27), 2.0)]
    made, recorded = merged_bars(series(MON, period=period), [*october, total(TUE, 9)], period, HK)
    assert dates(made) == [date(2026, 10, 26), MON]
    assert made is not None
    assert made.values[NET].tolist() == [3, 1]
    assert recorded.tolist() == [True, False]


def test_a_session_of_two_sources_counts_once_the_broker_s_own_first() -> None:
    both = [total(TUE, 8, "longport"), total(TUE, 6, "opend")]
    made, _ = merged_bars(series(MON), both, Period.DAY, HK)
    assert made is not None
    assert made.values[NET].tolist() == [1, 6]
    made, _ = merged_bars(None, both, Period.DAY, HK)
    assert made is not None
    assert made.values[NET].tolist() == [8]
