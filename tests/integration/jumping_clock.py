"""A clock whose time passes only while everybody waits: an hour takes as long as what happens in it."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class JumpingClock:
    """`run_until` jumps from one deadline to the next. Only for programs that wait for nothing but this clock."""

    def __init__(self, wall: float, start: float = 1000.0) -> None:
        self.now = start
        self._wall_offset = wall - start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + self._wall_offset

    async def sleep_until(self, deadline: float) -> None:
        while self.now < deadline:
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._sleepers, (deadline, next(self._numbers), woken))
            await woken

    async def run_until(self, end: float) -> None:
        """Let time pass until monotonic `end`."""
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # what would run before time passes
        while True:
            await asyncio.sleep(0)
            if ready:
                continue
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if not self._sleepers or self._sleepers[0][0] > end:
                self.now = end
                return
            deadline, _, woken = heapq.heappop(self._sleepers)
            self.now = max(self.now, deadline)  # a consumer may have held everybody up meanwhile
            woken.set_result(None)
