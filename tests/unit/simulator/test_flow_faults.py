"""Spoiled figures break the one rule they are named for."""

from __future__ import annotations

import math

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.faults import Faults
from capflow_gui.simulator.flow_faults import spoil, spoiled
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import Intraday, Line
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.unit.conftest import HandClock

TENCENT, OTHER = Symbol.parse("700.HK"), Symbol.parse("9988.HK")


@pytest.fixture(scope="module")
def reply() -> Intraday:
    simulator = OpendSimulator(SimulatorConfig(speed=0))
    return simulator.market.intraday(TENCENT, simulator.market_clock.now())


@pytest.fixture
def faults(hand_clock: HandClock) -> Faults:
    return Faults(hand_clock.monotonic, hand_clock.wall, 1)


def lines_with(faults: Faults, fault: str, reply: Intraday) -> list[Line]:
    faults.add(fault)
    assert spoiled(faults, TENCENT)
    return list(spoil(faults, TENCENT, reply).tail)


def test_nothing_is_spoiled_without_a_fault_or_for_another_symbol(faults: Faults, reply: Intraday) -> None:
    assert not spoiled(faults, TENCENT)
    faults.add("gap:9988.HK")
    assert spoiled(faults, OTHER)
    assert not spoiled(faults, TENCENT)
    assert list(spoil(faults, TENCENT, reply).tail) == all_lines(reply)


def test_the_newest_sums_do_not_match(faults: Faults, reply: Intraday) -> None:
    lines, good = lines_with(faults, "sum-mismatch", reply), all_lines(reply)
    assert lines[:-5] == good[:-5]
    assert all(spoilt.net != whole.net for spoilt, whole in zip(lines[-5:], good[-5:], strict=True))


def test_two_lines_change_places(faults: Faults, reply: Intraday) -> None:
    labels = [line.label for line in lines_with(faults, "disorder", reply)]
    assert labels != sorted(labels)
    assert sorted(labels) == [line.label for line in all_lines(reply)]


def test_the_last_line_comes_twice(faults: Faults, reply: Intraday) -> None:
    lines = lines_with(faults, "duplicate", reply)
    assert lines[-1] == lines[-2]
    assert lines[:-1] == all_lines(reply)


def test_lines_are_missing_in_the_middle(faults: Faults, reply: Intraday) -> None:
    assert len(lines_with(faults, "gap", reply)) == len(all_lines(reply)) - 10


def test_padded_lines_repeat_the_last_one_and_last_valid_stands(
    faults: Faults, reply: Intraday, hand_clock: HandClock
) -> None:
    fault = faults.add("padded")
    fault.market_since = all_lines(reply)[-11].label
    spoilt, good = spoil(faults, TENCENT, reply), all_lines(reply)
    assert [line.label for line in spoilt.tail] == [line.label for line in good]
    assert list(spoilt.tail[:-10]) == good[:-10]
    assert {line.net for line in spoilt.tail[-11:]} == {good[-11].net}
    assert spoilt.last_valid == good[-11].label


def test_one_old_line_is_revised(faults: Faults, reply: Intraday) -> None:
    lines, good = lines_with(faults, "revised", reply), all_lines(reply)
    (place,) = [place for place, line in enumerate(lines) if line != good[place]]
    assert place == len(good) - 10
    assert lines[place].net == pytest.approx(1.03 * good[place].net)
    assert sum(lines[place].classes or ()) == pytest.approx(lines[place].net)


def test_the_newest_lines_have_no_figures(faults: Faults, reply: Intraday) -> None:
    lines = lines_with(faults, "no-figures", reply)
    assert [math.isnan(line.net) for line in lines[-6:]] == [False, *[True] * 5]
    assert lines[-1].classes is None


def test_every_line_is_scaled_or_late(faults: Faults, reply: Intraday) -> None:
    good = all_lines(reply)
    small = lines_with(faults, "scale", reply)
    assert small[-1].net == pytest.approx(good[-1].net / 1e4)
    faults.clear()
    assert [line.label for line in lines_with(faults, "late-labels", reply)] == [line.label + 60 for line in good]
