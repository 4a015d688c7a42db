from __future__ import annotations

import random

import pytest

from capflow_gui.providers.backoff import Backoff


@pytest.mark.parametrize("seed", range(20))
def test_grows_from_a_second_to_thirty_and_stays(seed: int) -> None:
    backoff = Backoff(random.Random(seed))
    delays = [backoff.next_delay() for _ in range(40)]
    for place, delay in enumerate(delays):
        ceiling = min(30.0, 2.0**place)
        assert ceiling / 2 <= delay <= ceiling


def test_only_a_long_connection_wipes_the_slate() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(8):
        backoff.next_delay()
    backoff.was_ready(59.9)
    assert backoff.next_delay() >= 15.0
    backoff.was_ready(60.0)
    assert backoff.next_delay() <= 1.0


def test_the_user_may_start_over() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(8):
        backoff.next_delay()
    backoff.reset()
    assert backoff.next_delay() <= 1.0


def test_a_server_of_ones_own_is_asked_more_often() -> None:
    backoff = Backoff(random.Random(1), first_s=0.3, cap_s=2.0)
    delays = [backoff.next_delay() for _ in range(20)]
    assert 0.15 <= delays[0] <= 0.3
    assert all(1.0 <= delay <= 2.0 for delay in delays[5:])
