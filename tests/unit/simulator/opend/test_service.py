"""What a simulated OpenD lets through: its quota, its refusals, its counts, and configs it cannot use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capflow_gui.domain.symbol import Market
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code
from capflow_gui.simulator.opend.codes import MARKET_NUMBERS, RefusalError
from capflow_gui.simulator.opend.service import MOST_CONNECTIONS, OpendService, SimulatorConfig
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import get_global_state_pb2 as global_state
from capflow_gui.wire.pb.opend import qot_common_pb2 as qot
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2 as capital_flow
from tests.unit.conftest import HandClock


@pytest.fixture
def service(hand_clock: HandClock) -> Callable[..., OpendService]:
    def make(**config: object) -> OpendService:
        return OpendService(SimulatorConfig(speed=0, **config), clock=hand_clock)

    return make


def flow_of(code: str) -> bytes:
    security = qot.Security(market=MARKET_NUMBERS[Market.HK], code=code)
    return bytes(capital_flow.Request(c2s=capital_flow.C2S(security=security)).SerializeToString())


def test_the_thirty_first_request_in_thirty_seconds_is_refused_and_counted(
    service: Callable[..., OpendService], hand_clock: HandClock
) -> None:
    made = service()
    for _ in range(30):
        made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))
    with pytest.raises(RefusalError):
        made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))
    calls = made.stats.calls(Proto.CAPITAL_FLOW)
    assert (calls.requests, calls.refused) == (31, 1)
    hand_clock.move(31)
    assert made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))


@pytest.mark.parametrize(("limit", "let_through"), [((2, 5.0), 2), (None, 40)])
def test_another_limit_is_that_of_capital_flow(
    service: Callable[..., OpendService], limit: tuple[int, float] | None, let_through: int
) -> None:
    made = service(rate_limit=limit)
    for _ in range(let_through):
        made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))
    if limit is not None:
        with pytest.raises(RefusalError):
            made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("no-right:700.HK", "行情权限不足 HK.00700"),
        ("unknown-symbol:700.HK", "未知股票 HK.00700"),
        ("server-failure", "NN_ProtoRet_SvrFailed HK.00700"),
        ("not-logged-in", "尚未登录，请先登录"),
    ],
)
def test_a_fault_refuses_in_the_brokers_words(service: Callable[..., OpendService], fault: str, said: str) -> None:
    made = service()
    made.faults.add(fault)
    with pytest.raises(RefusalError) as caught:
        made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))
    assert str(caught.value) == said
    made.faults.clear()
    assert made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))


def test_a_refusal_as_too_frequent_counts_as_one(service: Callable[..., OpendService]) -> None:
    made = service()
    made.faults.add("rate-refusal:1")
    with pytest.raises(RefusalError):
        made.answer(Proto.CAPITAL_FLOW, flow_of("00700"))
    assert made.stats.calls(Proto.CAPITAL_FLOW).refused == 1


def test_a_login_that_is_lost_shows_in_its_state(service: Callable[..., OpendService]) -> None:
    made = service()

    def state() -> global_state.S2C:
        return global_state.Response.FromString(made.global_state(1)).s2c

    assert state().qotLogined
    made.faults.add("not-logged-in")
    made.faults.add("wrong-clock:-90")
    assert not state().qotLogined
    assert state().time == int(made.market_clock.now()) - 90


def test_there_is_room_for_a_hundred_and_twenty_eight(service: Callable[..., OpendService]) -> None:
    made = service()
    made.sockets.update(object() for _ in range(MOST_CONNECTIONS - 1))
    assert made.has_room()
    made.sockets.add(object())
    assert not made.has_room()
    assert made.stats.refused_connections == 1


def test_the_market_clock_begins_where_the_config_says(service: Callable[..., OpendService]) -> None:
    assert service(clock="2026-06-10T10:00:00+08:00").market_clock.now() == 1_781_056_800


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"clock": "ten o'clock"}, Code.NOT_AN_INSTANT),
        ({"clock": "2026-06-10T10:00:00"}, Code.NEEDS_OFFSET),
        ({"scenario": "nonsense"}, Code.NO_SUCH_SCENARIO),
        ({"faults": ("nonsense",)}, Code.NO_SUCH_FAULT),
    ],
)
def test_a_config_that_cannot_be_used_is_refused(
    service: Callable[..., OpendService], config: dict[str, object], code: Code
) -> None:
    with pytest.raises(InvalidInput) as caught:
        service(**config)
    assert caught.value.reason.code is code
