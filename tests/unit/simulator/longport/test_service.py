"""What a simulated Longport lets through: its quota, calls in flight, refusals, and one connection a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from capflow_gui.simulator.longport.replies import NO_ACCESS, RATE, SERVER_ERROR, UNKNOWN, LongportRefusalError
from capflow_gui.simulator.longport.service import LongportConfig, LongportService
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.pb.longport import control_pb2 as control
from tests.unit.conftest import HandClock
from tests.unit.simulator.longport.client import one

MARKET = OpendSimulator(SimulatorConfig(speed=0))
Make = Callable[..., LongportService]


@pytest.fixture
def service(hand_clock: HandClock) -> Make:
    def make(**config: object) -> LongportService:
        market = {"market": MARKET.market, "market_clock": MARKET.market_clock}
        return LongportService(LongportConfig(**config), **market, clock=hand_clock)

    return make


def ask(service: LongportService, *, leave: bool = True) -> None:
    """One question about Tencent's flow; `leave`: its flight ends at once."""
    try:
        assert service.answer(Command.CAPITAL_FLOW, one("700.HK"))
    finally:
        if leave:
            service.in_flight.leave()


def refused(service: LongportService) -> tuple[object, int, str]:
    with pytest.raises(LongportRefusalError) as caught:
        ask(service)
    return (caught.value.status, caught.value.code, str(caught.value))


def test_the_eleventh_call_in_a_second_is_refused_and_counts(service: Make, hand_clock: HandClock) -> None:
    made = service()
    for _ in range(10):
        ask(made)
    hand_clock.move(0.9)
    assert refused(made)[1] == RATE[1]
    hand_clock.move(0.2)
    ask(made)  # ten are a second old; the refused one is not
    calls = made.stats.calls(Command.CAPITAL_FLOW)
    assert (calls.requests, calls.refused) == (12, 1)


def test_the_sixth_call_in_flight_is_refused(service: Make) -> None:
    made = service()
    for _ in range(5):
        ask(made, leave=False)
    assert refused(made)[1] == RATE[1]
    made.in_flight.leave()
    ask(made)
    assert made.stats.as_json()["most_in_flight"] == 6


def test_without_a_quota_nothing_is_refused(service: Make) -> None:
    made = service(calls=None)
    for _ in range(50):
        ask(made, leave=False)
    assert made.stats.calls(Command.CAPITAL_FLOW).refused == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("unknown-symbol:700.HK", UNKNOWN[1]),
        ("no-right:700.HK", NO_ACCESS[1]),
        ("server-failure", SERVER_ERROR[1]),
        ("error-code:301607", 301607),
        ("rate-refusal:1", RATE[1]),
    ],
)
def test_a_fault_refuses_with_the_brokers_number(service: Make, fault: str, code: int) -> None:
    made = service()
    made.faults.add(fault)
    assert refused(made)[1] == code
    made.faults.clear()
    ask(made)


def test_what_cannot_be_parsed_is_counted_and_refused(service: Make) -> None:
    made = service()
    with pytest.raises(LongportRefusalError):
        made.answer(Command.CAPITAL_FLOW, b"\xff\xff")
    assert made.stats.calls(Command.CAPITAL_FLOW).requests == 1


def test_the_time_it_says_may_be_wrong(service: Make) -> None:
    made = service()
    assert made.said_now() == made.market_clock.now()
    made.faults.add("wrong-clock:90")
    assert made.said_now() == made.market_clock.now() + 90


@dataclass(eq=False)
class Connected:
    session: str
    ended: list[int] = field(default_factory=list)

    def end(self, code: int, _reason: str) -> None:
        self.ended.append(code)


def test_an_older_connection_of_the_same_session_is_ended(service: Make) -> None:
    made = service()
    older, other, newest, waiting = (Connected(session) for session in ("a", "b", "a", ""))
    made.sockets.update((older, other, newest, waiting))
    made.end_duplicates(newest, "a")
    assert (older.ended, other.ended, newest.ended) == ([control.CLOSE_CODE_CONNECT_DUPLICATE], [], [])
    assert made.online == 3
