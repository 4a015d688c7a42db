from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.money import (
    LARGEST_AMOUNT,
    currency_of,
    format_amount,
    parse_amount,
    stated_currency,
    usual_currency,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.present.reasons import reason_words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-200M", -200e6),
        ("−200M", -200e6),
        ("+5M", 5e6),
        ("1.5B", 1.5e9),
        ("80K", 80e3),
        ("-1500万", -15e6),
        ("2亿", 2e8),
        ("1500萬", 15e6),
        ("2億", 2e8),
        ("-1,200M", -1.2e9),
        ("  -80000 ", -80000.0),
        ("200 M", 200e6),
        (".5M", 5e5),
        ("0", 0.0),
        ("0.1B", 100_000_000.0),
        ("－２亿", -2e8),
        ("–200M", -200e6),
        ("—1．5B", -1.5e9),
        ("1。5亿", 1.5e8),
        ("\ufeff-200\u200bM\u00a0", -200e6),
        ("1.2万亿", 1.2e12),
        ("1.2T", 1.2e12),
        ("-1.234M", -1.234e6),
        ("1,200.000", 1200.0),
        ("0.125", 0.125),
    ],
)
def test_amounts_people_type(text: str, value: float) -> None:
    assert parse_amount(text) == value


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("", 0, "missing"),
        ("-200m", 4, "minutes"),
        ("-200k", 4, "capital"),
        ("-200MM", 4, "suffix"),
        ("-200MB", 4, "suffix"),
        ("12,345,6M", 6, "follow"),
        ("2,00,000", 1, "follow"),
        ("1.2.3", 3, "follow"),
        ("10²M", 2, "suffix"),
        ("-200.000", 0, "two ways"),
        ("  200.000 ", 2, "two ways"),
        ("\u200b–1.234", 1, "two ways"),
        ("-1.200.000", 0, "commas"),
        ("1.200.000,50", 0, "commas"),
        ("-200 000", 0, "commas"),
        ("1\u202f200\u202f000", 0, "commas"),
        ("1’200’000M", 0, "commas"),
        ("-200,5M", 0, "commas"),
        ("1" * 400, 0, "too large"),
        ("1" + " 000" * 120, 0, "too large"),
        ("abc", 0, "missing"),
        ("-200M x", 6, "follow"),
        ("--2", 0, "missing"),
        ("nan", 0, "missing"),
        ("1e5", 1, "suffix"),
    ],
)
def test_a_bad_amount_is_pointed_at(text: str, position: int, word: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_amount(text)
    assert caught.value.position == position
    assert word in reason_words(caught.value.reason)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-200e6, "-200M"),
        (1.5e9, "1.5B"),
        (80e3, "80K"),
        (512.0, "512"),
        (0.0, "0"),
        (-0.0, "0"),
        (1234567.0, "1.234567M"),
        (-1234e3, "-1.234M"),
        (512.125, "512.1250"),
    ],
)
def test_amounts_in_rules(value: float, text: str) -> None:
    assert format_amount(value) == text


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("-200.000", "write -200K or -200"),
        ("1.500", "write 1.5K or 1.5"),
        ("-1.200.000,50", "write -1.2000005M, if that is meant"),
        ("200 000K", "write 200M, if that is meant"),
        ("−200,5M", "write -200.5M, if that is meant"),
    ],
)
def test_an_ambiguous_amount_is_refused_with_the_ways_out(text: str, ways: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_amount(text)
    assert caught.value.suggestion is not None
    assert reason_words(caught.value.suggestion) == ways


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_only_a_finite_amount_can_be_written(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_amount(value)


@pytest.mark.parametrize(
    ("symbol", "currency"),
    [
        ("700.HK", "HKD"),
        ("8001.HK", "HKD"),
        ("80700.HK", "CNY"),
        ("89988.HK", "CNY"),
        ("9834.HK", None),
        ("9031.HK", None),
        ("9618.HK", "HKD"),
        ("9988.HK", "HKD"),
        ("4338.HK", None),
        ("65123.HK", None),
        ("AAPL.US", "USD"),
        ("BRK.B.US", "USD"),
        ("600519.SH", "CNY"),
        ("900901.SH", "USD"),
        ("000001.SZ", "CNY"),
        ("200002.SZ", "HKD"),
        ("D05.SG", None),
    ],
)
def test_a_listing_trades_in_what_its_exchange_says(symbol: str, currency: str | None) -> None:
    assert currency_of(Symbol.parse(symbol)) == currency


def test_a_currency_that_nobody_says_is_assumed() -> None:
    found = [stated_currency(Symbol.parse(symbol), said) for symbol, said in (("700.HK", "CNY"), ("700.HK", None))]
    assert found == [("CNY", False), ("HKD", False)]
    assert stated_currency(Symbol.parse("D05.SG")) == (usual_currency(Market.SG), True)


def test_every_market_has_a_usual_currency() -> None:
    assert [usual_currency(market) for market in Market] == ["HKD", "USD", "CNY", "CNY", "SGD"]


@pytest.mark.parametrize("text", ["101T", "1e15", "-1000万亿", "9" * 40, "9" * 400])
def test_an_amount_beyond_any_market_cannot_be_typed(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_amount(text)
    assert parse_amount("-100T") == -LARGEST_AMOUNT


@given(st.integers(-(10**15), 10**15).map(lambda thousandths: thousandths / 1000))
def test_any_amount_printed_is_read_as_itself(value: float) -> None:
    assert parse_amount(format_amount(value)) == value


@given(st.text() | st.text("-–−+0123456789.,' ’KMB万亿%e", max_size=14))
def test_any_text_is_an_amount_or_a_fault_inside_it(text: str) -> None:
    try:
        value = parse_amount(text)
    except InvalidInput as error:
        assert error.position is not None  # noqa: PT017 - either outcome is right
        assert 0 <= error.position <= len(text)  # noqa: PT017
        assert reason_words(error.reason)  # noqa: PT017
    else:
        assert parse_amount(format_amount(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_writing_and_reading_back_loses_nothing(value: float) -> None:
    assert parse_amount(format_amount(value)) == value


@given(st.floats(min_value=-1e14, max_value=1e14))
def test_zero_is_never_negative(value: float) -> None:
    parsed = parse_amount(format_amount(value))
    assert str(parsed) != "-0.0"
