"""What a row is promised: how many seconds lie between two of its replies, at this load and beside other processes."""

from __future__ import annotations

import math

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.limiter import Limiter
from capflow_gui.feed.schedule import Schedule

_KEPT_S = 1.0
_BUSY = 0.8
_ENOUGH = 50  # polls from which on their share of all calls is known


class Cycles:
    """The schedule's plan at the pace of the quota, with the waits that come of bursts. Times are monotonic seconds."""

    def __init__(self, schedule: Schedule, limiter: Limiter) -> None:
        self._schedule = schedule
        self._limiter = limiter
        self.polls = 0  # made so far, as the poller counts them
        self._planned = 0.0, 0.0
        self._planned_at = -math.inf

    @property
    def slot_s(self) -> float:
        """Seconds a poll at the pace the quota allows now, beside other processes and our own other questions."""
        made = self._limiter.stats.requests
        others = made / self.polls if _ENOUGH <= self.polls <= made else 1.0
        return others * self._limiter.hold_s / self._limiter.expected

    def promised(self, symbol: Symbol, now: float, market: float) -> float:
        """The planned cycle, and the wait for a turn: calls come in bursts, a window of the quota apart.

        Beside other processes a turn may also have to wait for theirs to pass. `market` is market now.
        """
        if now - self._planned_at > _KEPT_S:
            self._planned, self._planned_at = self._schedule.planned_cycles(market, self.slot_s), now
        cycle, interval = self._schedule.planned_cycle(symbol, self._planned), self._schedule.interval(symbol)
        window, round_s = self._limiter.limit.window_s, len(self._schedule) * self.slot_s
        cycle += window * (1.0 - self._limiter.expected / self._limiter.allowed)
        if round_s > interval:
            return max(cycle, window)
        return cycle + window if window < interval and round_s > _BUSY * interval else cycle
