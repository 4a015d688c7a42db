"""How much of the broker's quota is used, and whether it is ever exceeded: our limiter against a plain log of sends.

An hour on a virtual clock, each side against the same kind of network: a call takes a random time to arrive and its
answer a random time back. The baseline is what one writes first: send when fewer than 30 sends lie within 30 s. The
broker counts arrivals in any 30 s. Use = calls ÷ calls the reply-stamped rule allows at the measured latency.
"""

from __future__ import annotations

import heapq
import json
import random
from bisect import bisect_left
from collections import deque
from collections.abc import Callable

from capflow_gui.domain.link import RateLimit
from capflow_gui.quota.limiter import Limiter

LIMIT = RateLimit(30, 30.0)
HOUR_S = 3600.0
NETWORKS = {"LAN": (0.001, 0.004, 0.0), "WAN": (0.08, 0.15, 0.0), "bad network": (0.05, 1.5, 0.01)}


class VirtualClock:
    """A clock that the simulation moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Virtual seconds."""
        return self.now

    def wall(self) -> float:
        """Virtual seconds."""
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        """Not used: the synchronous half of the limiter is enough here."""
        raise AssertionError(deadline)


def violations(arrivals: list[float]) -> int:
    """Arrivals that find 30 others within the 30 s before them."""
    arrivals = sorted(arrivals)
    return sum(i - bisect_left(arrivals, at - LIMIT.window_s) >= LIMIT.calls for i, at in enumerate(arrivals))


def reply_stamped(trip: Callable[[], tuple[float, float, bool]]) -> tuple[list[float], float]:
    """Arrivals of an hour under our limiter, and the share of the quota it used."""
    clock = VirtualClock()
    limiter = Limiter("bench", LIMIT, clock=clock)
    arrivals: list[float] = []
    replies: list[tuple[float, int, Callable[[], None]]] = []
    end = clock.now + HOUR_S
    while clock.now < end:
        while replies and replies[0][0] <= clock.now:
            heapq.heappop(replies)[2]()
        reservation = limiter.try_reserve(end - HOUR_S)
        if reservation is None:
            clock.now = min([limiter.next_look, *(at for at, _, _ in replies[:1])])
            continue
        there, back, lost = trip()
        arrivals.append(clock.now + there)
        settle = reservation.lost if lost else reservation.replied
        heapq.heappush(replies, (clock.now + (12.0 if lost else there + back), len(arrivals), settle))
    return arrivals, limiter.stats.use or 0.0


def plain_log(trip: Callable[[], tuple[float, float, bool]]) -> list[float]:
    """Arrivals of an hour when sends are counted."""
    now, arrivals, sends = 0.0, [], deque[float](maxlen=LIMIT.calls)
    while now < HOUR_S:
        if len(sends) == LIMIT.calls:
            now = max(now, sends[0] + LIMIT.window_s)
        sends.append(now)
        there, _, _ = trip()
        arrivals.append(now + there)
    return arrivals


def main() -> None:
    """Print a row a network for use, and one for calls the broker would have refused."""
    for name, (low, high, loss) in NETWORKS.items():
        dice = random.Random(11)

        def trip(
            low: float = low, high: float = high, loss: float = loss, dice: random.Random = dice
        ) -> tuple[float, float, bool]:
            return dice.uniform(low, high), dice.uniform(low, high), dice.random() < loss

        ours, use = reply_stamped(trip)
        broken = violations(ours)
        refusals = violations(plain_log(trip))
        if broken:
            raise SystemExit(f"{name}: our limiter exceeded the quota {broken} times")
        row = {
            "metric": f"quota use, {name}, 0 refusals in {len(ours)} calls",
            "ours": use * 100,
            "baseline": 100.0,
            "unit": "%",
            "baseline_name": f"the rule at this latency; a plain log of sends: {refusals} refusals",
            "ratio": use,
            "target": 0.98 if loss else 0.995,
        }
        print(json.dumps(row))


if __name__ == "__main__":
    main()
