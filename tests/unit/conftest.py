"""Clocks moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from capflow_gui.domain.session import Calendar
from capflow_gui.paths import resource


class HandClock:
    """A clock that stands until it is told to move; sleepers wake when their time has come."""

    def __init__(self, start: float = 1000.0, wall: float = 1_654_651_800.0) -> None:
        self.now = start
        self._wall_offset = wall - start
        self._moved = asyncio.Event()

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + self._wall_offset

    def step_wall(self, seconds: float) -> None:
        self._wall_offset += seconds

    def move(self, seconds: float) -> None:
        self.now += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def sleep_until(self, deadline: float) -> None:
        while self.now < deadline:
            await self._moved.wait()


async def run_pending() -> None:
    """Let every task run until it waits."""
    for _ in range(30):
        await asyncio.sleep(0)


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def new_clock() -> Callable[..., HandClock]:
    return HandClock


@pytest.fixture
def settle_tasks() -> Callable[[], object]:
    return run_pending


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar.from_json(resource("sessions.json").read_bytes())
