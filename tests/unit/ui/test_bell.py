"""One sound a burst."""

from __future__ import annotations

import pytest

from capflow_gui.ui.bell import AGAIN_S, QUIET_S, Bell

Heard = list[tuple[float, str]]


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
def heard() -> Heard:
    return []


@pytest.fixture
def bell(now: list[float], heard: Heard) -> Bell[str]:
    return Bell(lambda: now[0], lambda tone: heard.append((now[0], tone)))


def test_forty_alerts_in_a_minute_are_heard_once(bell: Bell[str], now: list[float], heard: Heard) -> None:
    for _ in range(40):
        bell.ring("alert")
        now[0] += 1.5
    assert heard == [(100.0, "alert")]


def test_an_alert_after_a_rest_is_heard_with_its_own_tone(bell: Bell[str], now: list[float], heard: Heard) -> None:
    bell.ring("alert")
    now[0] += QUIET_S
    bell.ring("worse")
    assert heard == [(100.0, "alert"), (100.0 + QUIET_S, "worse")]


def test_a_burst_without_an_end_is_heard_again(bell: Bell[str], now: list[float], heard: Heard) -> None:
    while now[0] <= 100.0 + AGAIN_S:
        bell.ring("alert")
        now[0] += 1.0
    assert [at for at, _ in heard] == [100.0, 100.0 + AGAIN_S]
