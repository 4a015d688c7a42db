from __future__ import annotations

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.simulator.faults import Fault, FaultName, Faults
from capflow_gui.wire.opend.frame import Proto

TENCENT = Symbol.parse("700.HK")
APPLE = Symbol.parse("AAPL.US")
FLOW = int(Proto.CAPITAL_FLOW)


class Times:
    def __init__(self) -> None:
        self.real = 100.0

    def monotonic(self) -> float:
        return self.real

    def market(self) -> float:
        return 1e9 + self.real


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def faults(times: Times) -> Faults:
    return Faults(times.monotonic, times.market, seed=1)


def test_every_fault_has_a_line_and_a_default() -> None:
    for name in FaultName:
        fault = Fault.parse(name.value)
        assert fault.name is name
        assert (fault.every, fault.seconds) == (name.every, name.seconds)
        assert name.line
        assert len(name.line) < 90


def test_a_fault_reads_symbols_numbers_and_keys() -> None:
    assert Fault.parse("no-right:HK.00700").symbol == TENCENT
    assert Fault.parse("no-right:BRK.B.US").symbol == Symbol.parse("BRK.B.US")
    assert Fault.parse("delay:0.25").seconds == 0.25
    assert Fault.parse("drop:3").every == 3
    full = Fault.parse("bad-sha:every=2,count=4,p=0.5,interface=3211,symbol=AAPL.US")
    assert (full.every, full.count, full.probability, full.interface, full.symbol) == (2, 4, 0.5, FLOW, APPLE)


@pytest.mark.parametrize("text", ["nonsense", "drop:x", "drop:every=x", "delay:colour=red", "no-right:XX.1"])
def test_a_bad_fault_is_said_so(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Fault.parse(text)
    assert caught.value.suggestion


def test_it_strikes_every_so_many_of_those_it_concerns(faults: Faults) -> None:
    faults.add("drop:every=3,interface=3211,count=2")
    assert faults.strike(FaultName.DROP, int(Proto.SNAPSHOT)) is None
    hits = [faults.strike(FaultName.DROP, FLOW) is not None for _ in range(12)]
    assert hits == [False, False, True, False, False, True, *[False] * 6]


def test_a_fault_of_one_symbol_leaves_the_others_alone(faults: Faults) -> None:
    faults.add("frozen:700.HK")
    faults.add("no-right:700.HK")
    assert faults.holds(FaultName.FROZEN, TENCENT) is not None
    assert faults.holds(FaultName.FROZEN, APPLE) is None
    assert faults.strike(FaultName.NO_RIGHT, FLOW, APPLE) is None
    assert faults.strike(FaultName.NO_RIGHT, FLOW, TENCENT) is not None


def test_seconds_end_a_fault_and_probability_is_seeded(faults: Faults, times: Times) -> None:
    faults.add("stall:5")
    times.real += 4.9
    assert faults.holds(FaultName.STALL) is not None
    times.real += 0.2
    assert faults.holds(FaultName.STALL) is None
    faults.add("bad-sha:every=1,p=0.5")
    hits = [faults.strike(FaultName.BAD_SHA, FLOW) is not None for _ in range(200)]
    assert 70 < sum(hits) < 130


def test_listeners_hear_of_both_ends(faults: Faults, times: Times) -> None:
    heard: list[tuple[FaultName, bool]] = []
    faults.on_change(lambda fault, active: heard.append((fault.name, active)))
    assert not faults
    kicked = faults.add("kicked")
    assert faults
    assert kicked.market_since == times.market()
    faults.remove(kicked)
    faults.remove(kicked)
    faults.add("stall")
    faults.clear()
    expected = [(FaultName.KICKED, True), (FaultName.KICKED, False), (FaultName.STALL, True), (FaultName.STALL, False)]
    assert heard == expected
