"""How old the figures one looks at get: 500 symbols at OpenD's quota, 30 on screen, 10 near their threshold.

Our schedule behind our limiter, on a virtual clock in the middle of a session, against asking all in turn at the same
quota. Age is market time since the last reply, averaged over rows and over half an hour that begins after the first
round. A call takes 0.1 s.
"""

from __future__ import annotations

import heapq
import json
import statistics
from collections.abc import Callable
from datetime import datetime

from quota import LIMIT, VirtualClock

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.paths import resource
from capflow_gui.quota.limiter import Limiter

SYMBOLS = [Symbol(Market.HK, str(code)) for code in range(1, 501)]
VISIBLE, NEAR = SYMBOLS[100:130], SYMBOLS[300:310]
LOOKED_AT = (*VISIBLE, *NEAR)
OPEN = datetime.fromisoformat("2026-06-10T13:30:00+08:00").timestamp()
WARM_S, HALF_HOUR_S, TRIP_S, NAP_S = 1000.0, 1800.0, 0.1, 0.5
SLOT_S = LIMIT.window_s / LIMIT.calls
Replied = dict[Symbol, float]


class InTurn:
    """All in turn, for ever."""

    def __init__(self) -> None:
        self._next = 0

    def pick(self, _now: float) -> Symbol:
        """The next one."""
        self._next += 1
        return SYMBOLS[(self._next - 1) % len(SYMBOLS)]

    def replied(self, symbol: Symbol, now: float) -> None:
        """Nothing follows from it."""


class Ours:
    """The product's schedule; market seconds begin where the session does."""

    def __init__(self, start: float) -> None:
        calendar = Calendar.from_json(resource("sessions.json").read_bytes())
        self._begin = start
        self._schedule = Schedule(calendar)
        self._schedule.set_symbols(SYMBOLS, start)
        self._schedule.set_visible(VISIBLE)
        for symbol in NEAR:
            self._schedule.set_near(symbol, True)

    def _market(self, now: float) -> float:
        return OPEN + now - self._begin

    def pick(self, now: float) -> Symbol | None:
        """The weightiest that is due."""
        symbol = self._schedule.pick(now, self._market(now), SLOT_S)
        if symbol is not None:
            self._schedule.sent(symbol)
        return symbol

    def replied(self, symbol: Symbol, now: float) -> None:
        """It is fresh."""
        self._schedule.stored(symbol, now, self._market(now))


def ages(make: Callable[[float], Ours | InTurn]) -> tuple[list[float], float]:
    """Ages of the rows one looks at, a sample a second each, and the oldest any row got."""
    clock = VirtualClock()
    begin = clock.now
    limiter = Limiter("bench", LIMIT, clock=clock)
    order = make(begin)
    replies: list[tuple[float, int, Symbol, Callable[[], None]]] = []
    replied: Replied = {}
    samples: list[float] = []
    oldest, sampled, serial = 0.0, begin + WARM_S, 0
    while clock.now < begin + WARM_S + HALF_HOUR_S:
        while replies and replies[0][0] <= clock.now:
            at, _, symbol, settle = heapq.heappop(replies)
            settle()
            order.replied(symbol, at)
            replied[symbol] = at
        while sampled <= clock.now:
            samples += [sampled - replied[symbol] for symbol in LOOKED_AT]
            oldest = max(oldest, sampled - min(replied.values()))
            sampled += 1.0
        reservation = limiter.try_reserve(begin)
        symbol = order.pick(clock.now) if reservation is not None else None
        if reservation is not None and symbol is not None:
            serial += 1
            heapq.heappush(replies, (clock.now + TRIP_S, serial, symbol, reservation.replied))
            continue
        if reservation is not None:
            reservation.unsent()
        wakes = [clock.now + NAP_S, *(at for at, *_ in replies[:1])]
        clock.now = min(at for at in wakes if at > clock.now)
    return samples, oldest


def main() -> None:
    """Print a JSON row for the rows one looks at, and one for the oldest of all."""
    ours, oldest = ages(Ours)
    naive, oldest_naive = ages(lambda _begin: InTurn())
    mean, mean_naive = statistics.mean(ours), statistics.mean(naive)
    p95 = statistics.quantiles(ours, n=20)[-1]
    row: dict[str, object] = {"metric": f"age of 30 rows on screen and 10 near a threshold, of 500 (p95 {p95:.0f} s)"}
    row |= {"ours": mean, "baseline": mean_naive, "unit": "s", "baseline_name": "all in turn"}
    print(json.dumps(row | {"ratio": mean_naive / mean, "target": 5.0}))
    limit = 3 * len(SYMBOLS) * SLOT_S
    row = {"metric": "the oldest of all 500 rows", "ours": oldest, "baseline": limit, "unit": "s"}
    row |= {"baseline_name": f"limit, three rounds; all in turn: {oldest_naive:.0f} s"}
    print(json.dumps(row | {"ratio": limit / oldest, "target": 1.0}))


if __name__ == "__main__":
    main()
