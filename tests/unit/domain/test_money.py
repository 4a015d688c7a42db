from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.money import format_amount, parse_amount
from capflow_gui.errors import InvalidInput


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
        ("12,34M", 2, "follow"),
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
    assert word in caught.value.reason


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
    ],
)
def test_amounts_in_rules(value: float, text: str) -> None:
    assert format_amount(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e18, max_value=1e18))
def test_writing_and_reading_back_loses_nothing(value: float) -> None:
    assert parse_amount(format_amount(value)) == value


@given(st.floats(min_value=-1e15, max_value=1e15))
def test_zero_is_never_negative(value: float) -> None:
    parsed = parse_amount(format_amount(value))
    assert str(parsed) != "-0.0"
