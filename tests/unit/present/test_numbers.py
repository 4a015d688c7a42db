from __future__ import annotations

import math
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.money import MINUS, parse_amount
from capflow_gui.present.numbers import (
    MISSING,
    Style,
    Unit,
    age,
    as_shown,
    byte_size,
    clock_time,
    compact,
    counted,
    date_time,
    duration,
    in_unit,
    long_day,
    near,
    percent,
    scaled,
    short_day,
    tick_labels,
    unit_for,
)

MILLION = Unit("M", 1e6)
FINITE = st.floats(min_value=-9e12, max_value=9e12)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-263_200_000.0, "−263.2"),
        (18_800_000.0, "+18.8"),
        (-1_200_000_000.0, "−1,200.0"),
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (-49_000.0, "0.0"),
        (49_000.0, "0.0"),
        (math.nan, "–"),
        (-math.inf, "–"),
        (None, "–"),
    ],
)
def test_scaled(value: float | None, text: str) -> None:
    assert scaled(value, MILLION) == text


def test_a_fixed_unit_takes_thousands_separators() -> None:
    assert scaled(-1.2e9, MILLION, 0) == "−1,200"


def test_the_plus_can_be_dropped_and_the_minus_never() -> None:
    assert scaled(5e6, MILLION, signed=False) == "5.0"
    assert scaled(-5e6, MILLION, signed=False) == "−5.0"


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (-263_200_000.0, "KMB", "−263.2M"),
        (1_380_497_320.0, "KMB", "+1.4B"),
        (999_960.0, "KMB", "+1.0M"),
        (999_940.0, "KMB", "+999.9K"),
        (-512.0, "KMB", "−512"),
        (999.6, "KMB", "+1.0K"),
        (0.3, "KMB", "0"),
        (-15_000_000.0, "万亿", "−1,500万"),
        (99_999_999.0, "万亿", "+1.00亿"),
        (2e8, "萬億", "+2.00億"),
        (math.nan, "KMB", "–"),
    ],
)
def test_compact(value: float, style: Style, text: str) -> None:
    assert compact(value, style=style) == text


@pytest.mark.parametrize(
    ("largest", "style", "suffix"),
    [
        (0.0, "KMB", ""),
        (999.0, "KMB", ""),
        (1e3, "KMB", "K"),
        (1.2e9, "KMB", "M"),
        (1e10, "KMB", "B"),
        (9.9e12, "KMB", "B"),
        (1e13, "KMB", "T"),
        (1.7e308, "KMB", "T"),
        (1e13, "万亿", "万亿"),
        (-3e6, "KMB", "M"),
        (math.nan, "KMB", ""),
        (math.inf, "KMB", "T"),
        (1e8, "万亿", "亿"),
        (1e7, "万亿", "万"),
        (1e7, "萬億", "萬"),
    ],
)
def test_one_unit_for_a_column(largest: float, style: Style, suffix: str) -> None:
    assert unit_for(largest, style).suffix == suffix


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-263_200_000.0, "−263.2"),
        (-51_000.0, "−0.1"),
        (-49_000.0, "−49.0K"),
        (600.0, "+600"),
        (0.0, "0.0"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_no_amount_is_shown_as_zero_that_is_none(value: float | None, text: str) -> None:
    assert in_unit(value, MILLION) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (-263_200_000.0, 0, "−263"),
        (-9_600_000.0, 0, "−10"),
        (-1_500_000.0, 0, "−1.5"),
        (-240_000.0, 0, "−0.24"),
        (-15_000.0, 0, "−15.0K"),
        (-15_000.0, 3, "−0.015"),
        (0.0, 1, "0.0"),
    ],
)
def test_a_figure_is_near_to_what_it_is(value: float, decimals: int, text: str) -> None:
    assert near(value, MILLION, decimals) == text


@given(FINITE, st.integers(0, 2), st.sampled_from(["KMB", "万亿", "萬億"]))
def test_figures_read_back_and_wear_one_kind_of_sign(value: float, decimals: int, style: Style) -> None:
    unit = unit_for(value, style)
    for text, back in (
        (scaled(value, unit, decimals), unit.factor),
        (compact(value, decimals, style), 1.0),
        (percent(value / 1e15, decimals), None),
    ):
        assert "-" not in text
        shows_digits = any(digit in "123456789" for digit in text)
        assert (text[0] in (MINUS, "+")) is shows_digits
        if shows_digits:
            assert (text[0] == MINUS) is (value < 0)
        if back is not None:
            assert parse_amount(text) * back == pytest.approx(value, rel=0.5, abs=max(unit.factor, 1.0))


@given(st.floats(min_value=1.0, max_value=1e14), st.integers(1, 3))
def test_compact_never_shows_four_digits_before_a_larger_unit(value: float, decimals: int) -> None:
    text = compact(value, decimals)
    if text[-1] in "KM":
        assert float(text[1:-1].replace(",", "")) < 1000


@given(st.floats(-99e9, 99e9))
def test_scaled_rounds_to_half_a_unit_of_the_last_place(value: float) -> None:
    shown = scaled(value, MILLION, 2).replace(MINUS, "-").replace(",", "")
    assert float(shown) == pytest.approx(value / 1e6, abs=0.005000001, rel=1e-12)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(-0.037, "−3.7%"), (0.0125, "+1.2%"), (0.0, "0.0%"), (-0.0004, "0.0%"), (math.nan, "–"), (None, "–")],
)
def test_percent(fraction: float | None, text: str) -> None:
    assert percent(fraction) == text


@pytest.mark.parametrize(
    ("ticks", "unit", "labels"),
    [
        ([-300e6, -200e6, -100e6, 0.0, 100e6], MILLION, ["−300", "−200", "−100", "0", "+100"]),
        ([-0.5e6, 0.0, 0.5e6], MILLION, ["−0.5", "0.0", "+0.5"]),
        ([-1200e6, -800e6, -400e6, 0.0], MILLION, ["−1,200", "−800", "−400", "0"]),
        ([0.0, 0.05e6, 0.1e6], MILLION, ["0.00", "+0.05", "+0.10"]),
        ([5e6], MILLION, ["+5"]),
        ([], MILLION, []),
    ],
)
def test_axis_labels_share_one_precision(ticks: list[float], unit: Unit, labels: list[str]) -> None:
    assert tick_labels(ticks, unit) == labels


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (8.9, "8s"),
        (-3.0, "0s"),
        (59.9, "59s"),
        (60.0, "1m 00s"),
        (134.0, "2m 14s"),
        (3600.0, "1h 00m"),
        (11_100.0, "3h 05m"),
        (187_200.0, "2d 04h"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_ages(seconds: float | None, text: str) -> None:
    assert age(seconds) == text


def test_clock_times_are_the_exchanges_own() -> None:
    assert clock_time(1654656445.9, "Asia/Hong_Kong") == "10:47:25"
    assert clock_time(1654656445, ZoneInfo("America/New_York"), seconds=False) == "22:47"
    assert clock_time(math.nan, "UTC") == "–"


def test_days() -> None:
    assert short_day(date(2026, 11, 20)) == "Fri 20"
    assert long_day(date(2026, 11, 20)) == "Fri 20 Nov"


ANYTHING = st.floats(allow_nan=True, allow_infinity=True)
STYLES: tuple[Style, ...] = ("KMB", "万亿", "萬億")


@given(ANYTHING, st.integers(0, 2), st.sampled_from(STYLES), ANYTHING)
def test_no_figure_however_absurd_outgrows_its_place(value: float, decimals: int, style: Style, extent: float) -> None:
    column = unit_for(max(1000000.0, extent), style)
    texts = [compact(value, decimals, style), percent(value, decimals), age(value), duration(value)]
    texts.append(scaled(value, column, decimals))
    assert max(map(len, texts)) <= 16
    assert "inf" not in "".join(texts)
    assert "e+" not in "".join(texts)


@given(ANYTHING)
def test_a_time_no_calendar_has_is_missing(value: float) -> None:
    zone = ZoneInfo("Asia/Hong_Kong")
    shown = clock_time(value, zone)
    assert (shown == MISSING) is (date_time(value, zone) is None)
    assert len(shown) <= 8


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.7e308, "+1.7e308"),
        (-1.7e308, "−1.7e308"),
        (-2.5e12, "−2.5T"),
        (999.96e9, "+1.0T"),
        (999e12, "+999.0T"),
        (1e15, "+1.0e15"),
    ],
)
def test_amounts_beyond_billions(value: float, text: str) -> None:
    assert compact(value) == text


def test_a_figure_that_did_not_choose_the_unit_of_its_column_has_its_own() -> None:
    assert scaled(-9e13, MILLION) == "−90.0T"
    assert scaled(-1.7e308, MILLION) == "−1.7e308"
    assert percent(1.7e308) == "+1.8e308%"
    assert scaled(5_320_736e6, MILLION) == "+5.3T"
    assert scaled(-99_999.9e6, MILLION) == "−99,999.9"
    assert [percent(-11.2), percent(9.999), percent(-313.679), percent(9656.142)] == [
        "−1,120%",
        "+999.9%",
        "−31,368%",
        "+9.7e5%",
    ]


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 kB"), (999_000, "999 kB"), (1e6, "1.0 MB"), (123e6, "123 MB"), (4.56e9, "4.6 GB")]
)
def test_sizes_are_short(size: float, said: str) -> None:
    assert byte_size(size) == said


def test_counts_agree_with_their_noun() -> None:
    assert [counted(count, "symbol") for count in (0, 1, 2)] == ["0 symbols", "1 symbol", "2 symbols"]


@pytest.mark.parametrize(
    ("value", "direction"), [(-0.0004, 0.0), (0.0004, 0.0), (-0.0006, -0.0006), (0.03, 0.03), (0.0, 0.0)]
)
def test_what_is_shown_as_zero_has_no_direction(value: float, direction: float) -> None:
    text = percent(value)
    assert as_shown(value, text) == direction
    assert (text[0] in "+−") is (direction != 0.0)
    assert as_shown(math.nan, percent(math.nan)) == 0.0
