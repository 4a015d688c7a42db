from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.delivery.budget import Budget
from capflow_gui.delivery.model import Limits


def budget(rate: float = 1.0, burst: int = 3, minute: int | None = None, own: int | None = None) -> Budget:
    return Budget(Limits(rate, burst, minute, 4096), own)


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    spent = budget(rate=0.5, burst=2)
    assert (spent.wait(100.0), spent.wait(100.0, 2), spent.wait(100.0, 3)) == (0.0, 0.0, 2.0)
    spent.spend(100.0)
    spent.spend(100.0)
    assert spent.wait(100.0) == pytest.approx(2.0)
    assert spent.wait(101.0) == pytest.approx(1.0)
    assert spent.wait(500.0, 2) == 0.0
    assert spent.wait(500.0, 3) == pytest.approx(2.0)


@pytest.mark.parametrize(("service", "own", "least"), [(3, None, 3), (None, 3, 3), (20, 3, 3), (3, 20, 3)])
def test_the_smaller_limit_of_a_minute_counts(service: int | None, own: int | None, least: int) -> None:
    spent = budget(rate=100.0, burst=100, minute=service, own=own)
    for second in range(least):
        assert spent.wait(float(second)) == 0.0
        spent.spend(float(second))
    assert spent.wait(10.0) == pytest.approx(50.0)
    assert spent.wait(10.0, 2) == pytest.approx(51.0)
    assert spent.wait(10.0, least + 1) == pytest.approx(110.0)
    assert spent.wait(62.0, 3) == 0.0


def test_the_minute_of_those_to_come_counts_from_now() -> None:
    spent = budget(rate=100.0, burst=100, minute=2)
    assert (spent.wait(5.0, 2), spent.wait(5.0, 3), spent.wait(5.0, 5)) == (0.0, 60.0, 120.0)


@given(
    st.floats(0.02, 5.0),
    st.integers(1, 5),
    st.none() | st.integers(1, 6),
    st.lists(st.floats(0.0, 40.0), min_size=1, max_size=25),
)
def test_whoever_waits_as_told_keeps_every_limit(
    rate: float, burst: int, minute: int | None, pauses: list[float]
) -> None:
    spent, now, sent = budget(rate, burst, minute), 1000.0, list[float]()
    for pause in pauses:
        now += pause
        now += spent.wait(now)
        # Floats may leave a rest: who waits asks again.
        assert spent.wait(now) < 1e-6
        spent.spend(now)
        sent.append(now)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            count, span = last - first + 1, sent[last] - sent[first]
            assert count <= burst + rate * span + 1e-3
            if minute is not None and span < 60.0 - 1e-6:
                assert count <= minute
