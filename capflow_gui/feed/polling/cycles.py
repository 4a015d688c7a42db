"""What a row is promised: how many seconds lie between two of its replies, at this load and beside other processes."""

from __future__ import annotations

import math

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.quota.limiter import Limiter

_KEPT_S = 1.0
_BUSY = 0.8
_UNEVEN = 1.03  # of what is planned, for what comes in between
_ENOUGH = 50  # polls from which on their share of all calls is known


class Cycles:
    """The schedule's plan at the pace of the quota, with the waits that come of bursts. Times are monotonic seconds."""

    def __init__(self, schedule: Schedule, limiter: Limiter) -> None:
        self._schedule = schedule
        self._limiter = limiter
        self.polls = 0  # made so far, as the poller counts them
        self._planned = 0.0, 0.0
        self._planned_at, self._heavy = -math.inf, 0

    @property
    def slot_s(self) -> float:
        """Seconds a poll at the pace the quota allows now, beside other processes and our own other questions."""
        made = self._limiter.stats.requests
        others = made / self.polls if _ENOUGH <= self.polls <= made else 1.0
        return others * self._limiter.hold_s / self._limiter.expected

    def promised(self, symbol: Symbol, now: float, market: float) -> float:
        """The longest time between two replies, where calls come in bursts: a window of the quota apart.

        Slots taken together come free together. So a row whose turn does not come in one burst waits for the next,
        and n bursts pass where n - 1 and a bit would do. `market` is market now.
        """
        slot_s, hold_s = self.slot_s, self._limiter.hold_s
        if now - self._planned_at > _KEPT_S:
            heavy_s, light_s = self._schedule.planned_cycles(market, slot_s)
            self._planned = max(heavy_s, self._schedule.first_round_s(now, slot_s)), light_s
            self._planned_at, self._heavy = now, self._schedule.heavy
        cycle, interval = self._schedule.planned_cycle(symbol, self._planned), self._schedule.interval(symbol)
        limiter, heavy = self._limiter, self._schedule.is_heavy(symbol)
        round_s = len(self._schedule) * slot_s
        # A process that joins takes its part of the calls that come now, and those for the last rows come later. Rows
        # on screen may have been answered in one instant, when a whole window was free.
        taken = 1.0 - limiter.expected / limiter.allowed
        seen_s = self._heavy * slot_s
        before_s = min(1.0, 2.0 * taken) * seen_s if heavy else taken * (round_s + seen_s)
        joined_s = max(hold_s * taken, before_s)
        if round_s <= _BUSY * interval:
            return cycle + joined_s
        if heavy and len(self._schedule) <= limiter.fair_share:
            return max(cycle, hold_s)
        if cycle <= interval:
            return interval + max(hold_s, joined_s)
        bursts = math.floor(_UNEVEN * cycle / hold_s) + 1.0
        if heavy:
            # All rows before it, and it, if the others took all they may.
            bursts = min(bursts + 1.0, math.ceil(round_s * limiter.expected / limiter.fair_share / hold_s - 0.01))
        return hold_s * bursts
