"""One limiter an interface, all in one file; where the broker counts them together, one for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from capflow_gui.domain.link import RateLimit
from capflow_gui.quota.limiters import FLOW, Limiters
from capflow_gui.quota.quota_file import QuotaFile
from tests.unit.conftest import HandClock

LIMITS = {FLOW: RateLimit(30, 30.0), "snapshot": RateLimit(60, 30.0)}


def test_each_interface_has_its_own_quota(hand_clock: HandClock) -> None:
    limiters = Limiters("host:1", LIMITS, clock=hand_clock)
    assert limiters.of("snapshot") is limiters.of("snapshot")
    assert limiters.of("snapshot") is not limiters.flow
    assert limiters.of(FLOW) is limiters.flow
    assert list(limiters.made) == [FLOW, "snapshot"]
    assert limiters.of("snapshot").limit.calls == 60


def test_an_interface_without_a_published_quota_is_asked_politely(hand_clock: HandClock) -> None:
    assert Limiters("host:1", LIMITS, clock=hand_clock).of("search").limit == RateLimit(10, 10.0)


def test_where_the_broker_counts_all_together_there_is_one_limiter(hand_clock: HandClock) -> None:
    limiters = Limiters("account", LIMITS, clock=hand_clock, one_quota=True)
    assert limiters.of("snapshot") is limiters.flow
    assert limiters.of("search") is not limiters.flow


@pytest.mark.parametrize(("budget", "allowed"), [(None, 30), (12, 12), (99, 30), (0, 1)])
def test_the_budget_is_of_the_flow_interface_alone(hand_clock: HandClock, budget: int | None, allowed: int) -> None:
    limiters = Limiters("host:1", LIMITS, clock=hand_clock, flow_budget=budget)
    assert limiters.flow.allowed == allowed
    assert limiters.of("snapshot").allowed == 60


def test_an_account_that_becomes_known_is_counted_by_its_name(hand_clock: HandClock) -> None:
    file = QuotaFile(None)
    limiters = Limiters("unknown", LIMITS, clock=hand_clock, file=file)
    limiters.count_for("account")
    (limiters.flow.try_reserve() or pytest.fail("no slot")).replied()
    other = Limiters("account", LIMITS, clock=hand_clock, file=file)
    assert other.flow.try_reserve() is not None
    assert other.flow.used == 2


def test_what_is_wrong_with_the_file_is_told(hand_clock: HandClock, tmp_path: Path) -> None:
    limiters = Limiters("host:1", LIMITS, clock=hand_clock, file=QuotaFile(tmp_path))
    assert limiters.trouble is None
    assert limiters.flow.try_reserve() is not None
    assert limiters.trouble is not None
