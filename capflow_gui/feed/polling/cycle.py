"""The cycle of a row, the seconds between two replies: as planned at first, then as measured."""

from __future__ import annotations

import math

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.quota.limiter import Limiter

_PLAN_KEPT_S = 1.0
_FALL = 0.1  # of the difference, over one round of replies that came sooner


class PollCycle:
    """The schedule's plan at the pace of the quota, times how much longer replies were seen to take.

    The factor is 1 at first. It is kept for rows on screen and for others apart, rises at once with a reply that came
    late, and falls over some rounds. So it stays near the longest wait of the last rounds; bursts, other processes and
    Capflow's other questions need no model. A row may be late once; its sentence then says so.
    All times are seconds of this machine's monotonic clock.
    """

    def __init__(self, schedule: Schedule, limiter: Limiter) -> None:
        self._schedule = schedule
        self._limiter = limiter
        self._slowness = {True: 1.0, False: 1.0}  # by priority
        self._planned, self._planned_at = (0.0, 0.0, 0.0), -math.inf

    @property
    def slot_s(self) -> float:
        """Seconds a poll at the pace the quota allows now, beside other processes."""
        return self._limiter.hold_s / self._limiter.expected

    def answered(self, symbol: Symbol, now: float, market: float) -> None:
        """A reply was stored at monotonic `now`; to be called after the schedule was told. `market` is market now."""
        interval_s = self._schedule.answered_after(symbol)
        if interval_s is None:
            return
        priority = self._schedule.has_priority(symbol)
        seen, slowness = interval_s / self._plan(symbol, now, market), self._slowness[priority]
        fall = _FALL / self._schedule.count(priority=priority) * (slowness - seen)
        self._slowness[priority] = max(1.0, seen, slowness - fall)

    def seconds(self, symbol: Symbol, now: float, market: float) -> float:
        """Seconds between two replies of the symbol. `now` is monotonic, `market` market now."""
        return self._plan(symbol, now, market) * self._slowness[self._schedule.has_priority(symbol)]

    def forecast(self, market: float, added: int = 0) -> tuple[float, float, float]:
        """Seconds between two replies of rows on screen, of those near their threshold off screen, and of others.

        With `added` more symbols off screen whose market is open: by the plan, as much slower as replies are now.
        """
        urgent, near, others = self._schedule.planned_cycles(market, self.slot_s, added)
        slowness = self._slowness
        return urgent * slowness[True], near * slowness[True], others * slowness[False]

    def _plan(self, symbol: Symbol, now: float, market: float) -> float:
        if now - self._planned_at > _PLAN_KEPT_S:
            self._planned, self._planned_at = self._schedule.planned_cycles(market, self.slot_s), now
        return self._schedule.planned_cycle(symbol, self._planned)
