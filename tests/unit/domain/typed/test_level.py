"""One parser reads a threshold, be it an amount or a share of turnover, and what is shown of it reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.alert import level_rule, parse_rule
from capflow_gui.domain.money import MINUS
from capflow_gui.domain.typed.level import (
    Level,
    Share,
    format_level,
    level_amount,
    level_condition,
    level_size,
    parse_level,
)
from capflow_gui.errors import InvalidInput

LEVELS = st.one_of(st.floats(-1e14, -0.01, allow_nan=False), st.builds(Share, st.floats(-1.0, -1e-9, allow_nan=False)))


@pytest.mark.parametrize("text", ["-3%", "-3 %", " −3% ", "－３％", "—3.0 %", "-3.00%", "\u200b-3\u00a0%\ufeff"])
def test_every_way_to_write_a_share_is_understood(text: str) -> None:
    assert parse_level(text) == Share(-0.03)


@pytest.mark.parametrize(
    ("text", "position", "code"),
    [
        ("-3%%", 0, "share_in_percent"),
        (" -3M%", 1, "share_in_percent"),
        ("0,5%", 0, "share_in_percent"),
        ("%", 0, "share_in_percent"),
        ("-101%", 0, "share_too_large"),
        ("3 percent", 2, "after_amount"),
    ],
)
def test_what_is_no_share_says_where(text: str, position: int, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_level(text)
    assert (caught.value.position, caught.value.reason.code) == (position, code)


@given(LEVELS)
def test_any_level_reads_back_from_what_is_shown_of_it(level: Level) -> None:
    assert parse_level(format_level(level)) == parse_level(format_level(level).replace("-", MINUS)) == level
    rule, options = level_rule(level), " rearm 50% skip first 30m" if isinstance(level, Share) else ""
    assert rule.condition == level_condition(level) + options
    assert parse_rule(rule.text) == rule


def test_a_share_is_an_amount_only_where_the_turnover_is_known() -> None:
    assert level_amount(Share(-0.03), 2e9) == -6e7
    assert level_amount(Share(-0.03), None) is None
    assert level_amount(Share(-0.03), 0.0) is None
    assert level_amount(-5e6, None) == -5e6
    assert level_amount(None, 2e9) is None


def test_the_figure_of_a_level_is_its_amount_or_its_fraction() -> None:
    assert (level_size(-200e6), level_size(Share(-0.03))) == (-200e6, -0.03)
