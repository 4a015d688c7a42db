from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.calibration import Kind, Scale, Sign, calibrate
from capflow_gui.domain.flow import Floats
from capflow_gui.domain.quote import Distribution
from capflow_gui.domain.symbol import Symbol

SYMBOL = Symbol.parse("700.HK")


def distribution(money_in: float, money_out: float, unit: float = 1.0) -> Distribution:
    """Three classes, as Longport gives them."""

    def side(total: float) -> dict[str, float | None]:
        parts = {"large": 0.5, "medium": 0.3, "small": 0.2}
        return {"extra_large": None} | {name: total * part / unit for name, part in parts.items()}

    return Distribution(SYMBOL, None, side(money_in), side(money_out))


def walk(seed: int, lines: int = 200, drift: float = 0.0) -> tuple[Floats, Floats]:
    """Running totals, and what each minute brought."""
    steps = np.random.default_rng(seed).normal(drift, 1e6, lines)
    return np.cumsum(steps), steps


@pytest.mark.parametrize(
    ("unit", "scale", "factor"),
    [(1.0, Scale.PLAIN, 1.0), (1e4, Scale.TEN_THOUSANDS, 1e4), (100.0, Scale.UNKNOWN, None)],
)
def test_the_unit_follows_from_the_turnover(unit: float, scale: Scale, factor: float | None) -> None:
    found = calibrate(np.zeros(0), distribution(4e9, 4.4e9, unit), 9e9)
    assert (found.scale, found.factor) == (scale, factor)
    assert found.share == pytest.approx(8.4 / 9 / unit)


def test_the_samples_of_the_docs() -> None:
    """700.HK in 2022 is in plain dollars; TSLA in 2026 fits a day's turnover only in units of 10,000."""
    assert calibrate(np.zeros(0), distribution(3.8e9, 4.2e9), 8.1e9).scale is Scale.PLAIN
    assert calibrate(np.zeros(0), distribution(290_000.0, 285_201.0), 6.1e9).scale is Scale.TEN_THOUSANDS


@pytest.mark.parametrize("turnover", [None, 0.0])
def test_without_turnover_or_money_the_unit_is_unknown(turnover: float | None) -> None:
    assert calibrate(np.zeros(0), distribution(4e9, 4e9), turnover).scale is Scale.UNKNOWN
    assert calibrate(np.zeros(0), None, 1e9).share is None
    nothing = Distribution(SYMBOL, None, {"large": None}, {"large": None})
    assert calibrate(np.zeros(0), nothing, 1e9).scale is Scale.UNKNOWN


@pytest.mark.parametrize(
    ("newest", "money_in", "sign"),
    [
        (-3.6e8, 3.8e9, Sign.SAME),
        (3.6e8, 3.8e9, Sign.OPPOSITE),
        (1e6, 3.8e9, Sign.UNDECIDED),
        (-3.6e8, 4.19e9, Sign.UNDECIDED),
    ],
)
def test_the_sign(newest: float, money_in: float, sign: Sign) -> None:
    assert calibrate(np.array([0.0, newest, np.nan]), distribution(money_in, 4.2e9), 9e9).sign is sign


@given(st.integers(0, 10_000))
def test_running_totals_are_told_from_minutes_by_how_they_move(seed: int) -> None:
    totals, steps = walk(seed)
    assert calibrate(totals, None, None).kind is Kind.RUNNING_TOTAL
    assert calibrate(steps, None, None).kind is Kind.PER_MINUTE


@given(st.integers(0, 10_000))
def test_a_clear_balance_decides(seed: int) -> None:
    totals, steps = walk(seed, drift=-1e6)
    money = distribution(4e9 + float(totals[-1]) * 0.95, 4e9)
    assert calibrate(totals, money, 9e9).kind is Kind.RUNNING_TOTAL
    assert calibrate(steps, money, 9e9).kind is Kind.PER_MINUTE


def test_few_or_flat_lines_decide_nothing() -> None:
    assert calibrate(np.arange(29.0), None, None).kind is Kind.UNDECIDED
    assert calibrate(np.full(100, 5.0), None, None).kind is Kind.UNDECIDED
