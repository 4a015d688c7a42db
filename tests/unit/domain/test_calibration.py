from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.calibration import LEAST_LINES, Calibration, Kind, Scale, Sign, calibrate
from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import Floats, FlowSeries
from capflow_gui.domain.quote import Distribution
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market as Exchange
from capflow_gui.paths import resource
from tests.unit.domain.lines import SESSION, TENCENT, series


def _day() -> TradingDay:
    day = Calendar.from_json(resource("sessions.json").read_bytes()).day(Exchange.HK, SESSION)
    assert day is not None
    return day


DAY = _day()
PARTS = {"large": 0.5, "medium": 0.3, "small": 0.2}


def snapshots(*told: tuple[float, float, float], unit: float = 1.0) -> ClassFlow:
    """(minute, money in, money out) each, in three classes, as Longport gives them."""
    flow = ClassFlow()
    for minute, money_in, money_out in told:
        sides = ({name: total * part / unit for name, part in PARTS.items()} for total in (money_in, money_out))
        flow = flow.joined(Distribution(TENCENT, None, *sides), DAY.label(int(minute)) + 60 * (minute % 1))
    return flow


def judged(net: Floats, money: ClassFlow, turnover: float | None = None) -> Calibration:
    return calibrate(series(DAY.labels()[: len(net)], net), DAY, money, turnover)


NOTHING = np.zeros(0)


@pytest.mark.parametrize(
    ("unit", "scale", "factor"),
    [(1.0, Scale.PLAIN, 1.0), (1e4, Scale.TEN_THOUSANDS, 1e4), (100.0, Scale.UNKNOWN, None)],
)
def test_the_unit_follows_from_the_turnover(unit: float, scale: Scale, factor: float | None) -> None:
    found = judged(NOTHING, snapshots((5, 4e9, 4.4e9), unit=unit), 9e9)
    assert (found.scale, found.factor) == (scale, factor)
    assert found.share == pytest.approx(8.4 / 9 / unit)


def test_the_samples_of_the_docs() -> None:
    """700.HK in 2022 is in plain dollars; TSLA in 2026 fits a day's turnover only in units of 10,000."""
    assert judged(NOTHING, snapshots((5, 3.8e9, 4.2e9)), 8.1e9).scale is Scale.PLAIN
    assert judged(NOTHING, snapshots((5, 290_000.0, 285_201.0)), 6.1e9).scale is Scale.TEN_THOUSANDS


@pytest.mark.parametrize("turnover", [None, 0.0])
def test_without_turnover_or_money_the_unit_is_unknown(turnover: float | None) -> None:
    assert judged(NOTHING, snapshots((5, 4e9, 4e9)), turnover).scale is Scale.UNKNOWN
    assert judged(NOTHING, ClassFlow(), 1e9).share is None
    nothing = ClassFlow().joined(Distribution(TENCENT, None, {"large": None}, {"large": None}), DAY.open)
    assert judged(NOTHING, nothing, 1e9).scale is Scale.UNKNOWN


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
    assert judged(np.array([0.0, newest, np.nan]), snapshots((2, money_in, 4.2e9)), 9e9).sign is sign


def test_the_sign_of_minutes_is_that_of_their_sum() -> None:
    minutes = np.append(np.full(60, -4e6), 3e7)
    found = judged(minutes, snapshots((60, 3.9e8, 6.0e8)), 1e9)
    assert (found.kind, found.sign) == (Kind.PER_MINUTE, Sign.SAME)


@dataclass(frozen=True)
class Market:
    """What a day's minutes brought, and the snapshots of it by a method that is not quite that of the lines."""

    minutes: Floats
    money: ClassFlow
    turnover: float | None


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Trending, mean-reverting, quiet or jumping; many lines or few; one snapshot or many."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lines = draw(st.integers(LEAST_LINES, 330))
    noise = rng.normal(0.0, 1e6, lines)
    match draw(st.sampled_from(["trending", "one way", "waves", "reverting", "restless", "quiet", "jump", "white"])):
        case "trending":
            minutes = noise + draw(st.floats(-3e6, 3e6))
        case "one way":
            minutes = -np.abs(noise) * np.linspace(0.2, 2.0, lines)
        case "waves":
            minutes = 2e6 * np.sin(np.arange(lines) / draw(st.floats(3.0, 60.0))) + 0.1 * noise
        case "reverting":
            total = np.zeros(lines)
            back = draw(st.floats(0.02, 0.98))
            for line in range(1, lines):
                total[line] = (1 - back) * total[line - 1] + noise[line]
            minutes = np.diff(total, prepend=0.0)
        case "restless":
            minutes = 1e6 * (-1.0) ** np.arange(lines) + 0.05 * noise
        case "quiet":
            minutes = np.where(rng.random(lines) < 0.08, np.round(noise, -4), 0.0)
        case "jump":
            minutes = 0.02 * noise
            minutes[draw(st.integers(0, lines - 1))] += draw(st.sampled_from([-1.0, 1.0])) * 2e8
        case _:
            minutes = noise
    # Money moves both ways in a minute: what is left of it is some part.
    gross = np.abs(minutes) / draw(st.floats(0.05, 1.0)) + draw(st.sampled_from([0.0, 1e5]))
    factor = draw(st.floats(0.8, 1.2))
    balance, moved = factor * np.cumsum(minutes), factor * np.cumsum(gross)
    balance = balance + 0.003 * moved * rng.uniform(-1, 1, lines)
    last = draw(st.sampled_from([3, 9, lines - 1]))  # all of them early, too
    taken = sorted(draw(st.sets(st.integers(0, last), min_size=1, max_size=12)))
    late = draw(st.floats(0.0, 0.99))
    balance = balance * draw(st.sampled_from([1.0, -1.0]))  # whatever the sign, too
    money = snapshots(*((k + late, (moved[k] + balance[k]) / 2, (moved[k] - balance[k]) / 2) for k in taken))
    return Market(minutes, money, draw(st.sampled_from([None, 1.2 * float(moved[-1]) / factor])))


@given(markets())
def test_totals_are_never_called_minutes(market: Market) -> None:
    assert judged(np.cumsum(market.minutes), market.money, market.turnover).kind is not Kind.PER_MINUTE


@given(markets())
def test_minutes_are_never_called_totals(market: Market) -> None:
    assert judged(market.minutes, market.money, market.turnover).kind is not Kind.RUNNING_TOTAL


@given(markets(), st.integers(0, 2**32 - 1))
def test_neither_where_lines_are_missing(market: Market, seed: int) -> None:
    kept = np.random.default_rng(seed).random(len(market.minutes)) < 0.9
    kept[0], kept[-1] = seed % 2, True  # the first is what a source leaves out most often
    stamps = DAY.labels()[: len(kept)][kept]
    for lines, wrong in ((np.cumsum(market.minutes), Kind.PER_MINUTE), (market.minutes, Kind.RUNNING_TOTAL)):
        assert calibrate(series(stamps, lines[kept]), DAY, market.money, market.turnover).kind is not wrong


def test_totals_are_found_where_lines_are_missing() -> None:
    totals = np.cumsum(np.random.default_rng(3).normal(-1e6, 1e6, 200))
    kept = np.arange(200) % 20 > 0
    money = snapshots((150, 4e9 + totals[150], 4e9), (199, 4e9 + totals[199], 4e9))
    assert calibrate(series(DAY.labels()[:200][kept], totals[kept]), DAY, money, 9e9).kind is Kind.RUNNING_TOTAL


def test_a_snapshot_without_its_own_line_decides_nothing() -> None:
    totals = np.cumsum(np.random.default_rng(3).normal(-1e6, 1e6, 200))
    money = snapshots((199, 4e9 + totals[199], 4e9))
    assert calibrate(series(DAY.labels()[:199], totals[:199]), DAY, money, None).kind is Kind.UNDECIDED


@given(st.integers(0, 10_000), st.sampled_from([-1e6, 1e6]))
def test_a_clear_balance_decides(seed: int, drift: float) -> None:
    minutes = np.random.default_rng(seed).normal(drift, abs(drift), 200)
    totals = np.cumsum(minutes)
    money = snapshots((199, 4e9 + float(totals[-1]) * 0.95, 4e9))
    assert judged(totals, money, 9e9).kind is Kind.RUNNING_TOTAL
    assert judged(minutes, money, 9e9).kind is Kind.PER_MINUTE


def test_a_day_of_one_direction_is_no_running_total() -> None:
    """Every minute negative and smooth: by their moves alone these lines would pass for a total."""
    minutes = -1e6 - 5e3 * np.arange(120)
    money = snapshots((119, 1e9, 1e9 - float(minutes.sum())))
    assert judged(minutes, money).kind is Kind.PER_MINUTE


def test_totals_show_by_their_size_where_the_balance_is_even() -> None:
    totals = 3e8 * np.sin(np.linspace(0.0, np.pi, 200))
    assert judged(totals, snapshots((199, 1e9, 1e9))).kind is Kind.RUNNING_TOTAL
    assert judged(totals, ClassFlow(), 2e9).kind is Kind.RUNNING_TOTAL
    assert judged(totals, ClassFlow(), None).kind is Kind.UNDECIDED


def test_few_or_flat_lines_decide_nothing() -> None:
    money = snapshots((10, 1e9, 1.2e9))
    assert judged(np.full(LEAST_LINES - 1, -2e8), money).kind is Kind.UNDECIDED
    assert judged(np.zeros(100), snapshots((99, 1e9, 1e9))).kind is Kind.UNDECIDED
    assert judged(np.zeros(100), ClassFlow(), 1e9).kind is Kind.UNDECIDED


def test_evidence_that_contradicts_itself_decides_nothing() -> None:
    """Lines a hundred times too large for the money: nothing that is said about them holds."""
    minutes = np.where(np.arange(60) % 2, 1e9, -0.9e9)
    assert judged(minutes, snapshots((59, 1e7, 1e7))).kind is Kind.UNDECIDED


def with_classes(net: Floats) -> FlowSeries:
    """The same net as a source with class lines gives it."""
    made = series(DAY.labels()[: len(net)], np.vstack([net, *([net / 4] * 4)]))
    assert made.has_classes
    return made


@pytest.mark.parametrize(("unit", "scale"), [(1.0, Scale.PLAIN), (1e4, Scale.TEN_THOUSANDS), (1e2, Scale.PLAIN)])
def test_class_lines_in_units_of_ten_thousand_are_found_by_the_days_money(unit: float, scale: Scale) -> None:
    net = np.linspace(0, -4e8, 60) / unit
    found = calibrate(with_classes(net), DAY, snapshots((59, 3.8e9, 4.2e9)), 8.1e9)
    assert (found.scale, found.sign, found.kind) == (
        scale,
        Sign.SAME if unit == 1.0 else Sign.UNDECIDED,
        Kind.RUNNING_TOTAL,
    )


def test_a_net_near_zero_says_nothing_about_the_unit() -> None:
    net = np.append(np.linspace(0, -4e8, 60), 1.0)
    assert calibrate(with_classes(net), DAY, snapshots((60, 3.8e9, 4.2e9)), 8.1e9).scale is Scale.PLAIN
    assert calibrate(with_classes(np.zeros(5)), DAY, snapshots((4, 3.8e9, 4.2e9)), 8.1e9).scale is Scale.PLAIN


def test_findings_leave_out_the_measure_that_moves() -> None:
    found = Calibration(Scale.PLAIN, Sign.SAME, Kind.RUNNING_TOTAL, 0.9)
    assert found.findings == (Scale.PLAIN, Sign.SAME, Kind.RUNNING_TOTAL)
