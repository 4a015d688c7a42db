"""The reply-stamped sliding-window limiter.

The broker counts arrivals in a sliding window. A call takes a slot when it is sent, and gives it back `window` plus a
margin after its reply was *seen*; a lost reply counts from its time-out. A call arrives between the two, so for any
`limit + 1` calls the last is sent after the first has left the broker's window: no jitter can break the limit.
Proof and measurement: performance.md. The margin of 50 ms covers clocks that drift apart by 1,600 ppm.

Where the broker also counts calls in flight, the same slots say how many are: one is in flight from when it is taken
until its reply is seen, or its connection has been gone for a window. That of a process that was killed ends by itself,
a window after the request's time-out. Process ids decide nothing: they say little across containers, and what the
broker does with a dead client's calls is not known.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto

from capflow_gui.clock import Bell, Clock
from capflow_gui.domain.link import RateLimit
from capflow_gui.errors import ConnectFailed, ConnectionLost, ProtocolError, RateLimited, RequestRejected
from capflow_gui.quota.calls import Call, CallLog, FreeSlots, OtherCall
from capflow_gui.quota.neighbours import QuotaNeighbours, owner_name
from capflow_gui.quota.quota_file import Quota, QuotaBusy, QuotaFile, Slot

HALVED_FOR_S = 600.0
_MARGIN_S = 0.05
_TIMEOUT_S = 12.0
_POLITE_S = 0.04
_CLIENT_FORGOTTEN_S = 3.0
_LONGEST_NAP_S = 1.0
_BUSY_NAP_S = 0.01
_KEPT_EXPIRED_S = 1.0
_HOLD_WEIGHT = 0.05


@dataclass(slots=True)
class LimiterStats:
    """Counts of this process since it started. Times in monotonic seconds.

    lag_s      time slots stood free while a caller waited
    served_s   time slots were taken by rule: window, margin and the reply's latency, over all answered calls
    """

    requests: int = 0
    refused: int = 0
    lag_s: float = 0.0
    served_s: float = 0.0

    @property
    def use(self) -> float | None:
        """Calls made over calls the same rule allows at the measured latency, while somebody waited; 0…1."""
        total = self.served_s + self.lag_s
        return self.served_s / total if total else None


class Ending(Enum):
    """How a call ended, as far as the quota is concerned."""

    REPLIED = auto()
    UNSENT = auto()
    CUT = auto()


@dataclass(slots=True, eq=False)
class Reservation:
    """The right to send one call now. Settle it exactly once: `replied`, `refused`, `lost`, `cut` or `unsent`."""

    limiter: Limiter
    token: str
    at: float
    call: Call

    def replied(self) -> None:
        """The reply was seen now, whatever it said."""
        self.limiter.settle(self, Ending.REPLIED)

    def lost(self) -> None:
        """No reply will come: the call counts from its time-out, since nobody knows when it arrived."""
        self.call.lost = True

    def cut(self) -> None:
        """The connection is gone: the call is lost, and in flight no more a window later."""
        self.call.lost = True
        self.limiter.settle(self, Ending.CUT)

    def unsent(self) -> None:
        """The call never left: the slot is free again."""
        self.limiter.settle(self, Ending.UNSENT)

    def refused(self) -> None:
        """The broker refused the call for its rate, which our own count cannot explain."""
        self.call.refused = True
        self.replied()
        self.limiter.refusal(self)


class Limiter:
    """At most `limit.calls` calls in any `limit.window_s` seconds, over all processes that share `file` and `key`.

    `budget` is how many of them all capflow processes together may use; `None` = all.
    """

    def __init__(
        self,
        key: str,
        limit: RateLimit,
        *,
        clock: Clock,
        file: QuotaFile | None = None,
        budget: int | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self.key = key
        self.limit = limit
        self.stats = LimiterStats()
        self.file = file if file is not None else QuotaFile(None)
        self._clock = clock
        self._span = limit.window_s + _MARGIN_S
        self._timeout = timeout_s
        # What a damaged file does not say may have been sent a moment before, and be in flight still.
        self._unknown_s = self._span + (timeout_s if limit.in_flight is not None else 0.0)
        self._owner = owner_name(os.getpid(), sys.argv)
        self._serial = itertools.count(1)
        self._waiting: list[tuple[int, int, str]] = []
        self._head_changed = asyncio.Event()
        self._freed = Bell(clock)
        self._unstamped: dict[str, tuple[Ending, float]] = {}  # settled while the lock was busy, and when
        self._look_at = 0.0
        self._halvings = 0
        self._halved_at = 0.0
        self._releases: list[float] = []
        self.hold_s = self._span  # how long a call takes up a slot: the wait for its reply, and the window; smoothed
        self._neighbours = QuotaNeighbours()
        self._others: tuple[OtherCall, ...] = ()
        self.calls = CallLog()
        self._budget = limit.calls
        self.budget = limit.calls if budget is None else budget

    @property
    def budget(self) -> int:
        """The setting: calls a window that may be used when nobody else does."""
        return self._budget

    @budget.setter
    def budget(self, calls: int) -> None:
        self._budget = min(max(calls, 1), self.limit.calls)

    @property
    def allowed(self) -> int:
        """Calls a window that may be used now: the budget, halved for ten minutes by each unexplained refusal."""
        return self._allowed(self._clock.monotonic())

    @property
    def expected(self) -> float:
        """Slots this process will hold, each for `hold_s`: what others leave, and its fair share at least."""
        fair_share = self.allowed / (1 + self._neighbours.count)
        return max(self.allowed - self._neighbours.held, fair_share)

    @property
    def shared(self) -> bool:
        """Whether another program was seen to share the quota within the last ten minutes."""
        return self._halved(self._clock.monotonic()) > 0

    @property
    def used(self) -> int:
        """Slots taken now by every capflow process, as known at the last look."""
        now = self._clock.monotonic()
        return sum(release > now for release in self._releases)

    @property
    def kind(self) -> str:
        """What its calls ask, where they do not say."""
        return self.key.rpartition("/")[2]

    @property
    def waiting(self) -> tuple[str, ...]:
        """What the calls of this process ask that wait for a slot, in their order."""
        return tuple(kind for _, _, kind in sorted(self._waiting))

    @property
    def halved_until(self) -> float | None:
        """Until when the budget is halved, in monotonic seconds; None where it is not."""
        return self._halved_at + HALVED_FOR_S if self.shared else None

    def others(self) -> tuple[OtherCall, ...]:
        """Look for the calls of other processes that count now; what was seen last where the file is busy."""
        with suppress(QuotaBusy):
            self._others = self.file.transact(self.key, self._clock.monotonic, self._look)
        return self._others

    def _look(self, quota: Quota, now: float) -> tuple[OtherCall, ...]:
        self._tidy(quota, now)
        self._releases = [self._release(slot) for slot in quota.slots]
        owned = ((self._owner_of(slot), slot) for slot in quota.slots if self._release(slot) > now)
        return tuple(OtherCall(owner, slot.at, slot.replied) for owner, slot in owned if owner != self._owner)

    def free_slots(self) -> FreeSlots:
        """The slots of calls to come, as known at the last look."""
        now = self._clock.monotonic()
        return FreeSlots((each for each in self._releases if each > now), self._allowed(now), self.hold_s)

    @property
    def next_look(self) -> float:
        """Monotonic second before which no slot can come free, as known at the last look."""
        return self._look_at

    def _halved(self, now: float) -> int:
        return self._halvings if now - self._halved_at < HALVED_FOR_S else 0

    def _allowed(self, now: float) -> int:
        return max(1, self._budget >> self._halved(now))

    def try_reserve(self, wanted_since: float | None = None, kind: str = "") -> Reservation | None:
        """Take a slot now, or None; `next_look` then says when to try again.

        `wanted_since`: since when a call has been due (monotonic), for the measure of use. `kind`: what it asks, where
        calls of several interfaces or periods share the quota.
        """
        try:
            taken = self.file.transact(self.key, self._clock.monotonic, self._take)
        except QuotaBusy:
            self._look_at = self._clock.monotonic() + _BUSY_NAP_S
            return None
        if taken is None:
            return None
        token, now, free_since = taken
        self.stats.requests += 1
        self.stats.lag_s += now - max(free_since, now if wanted_since is None else wanted_since)
        return Reservation(self, token, now, self.calls.begin(kind or self.kind, now))

    def _release(self, slot: Slot) -> float:
        """When a slot is free for sure."""
        return slot.at + self._span + (0.0 if slot.replied else self._timeout)

    def _in_flight(self, quota: Quota, now: float) -> list[Slot]:
        """Calls that nobody knows the end of."""
        return [slot for slot in quota.slots if self._lands(slot) > now]

    def _lands(self, slot: Slot) -> float:
        """When a call is in flight no more."""
        if slot.replied:
            return slot.at
        cut = math.inf if slot.cut is None else slot.cut + self.limit.window_s
        return min(cut, self._release(slot))

    def _place_free_since(self, quota: Quota, now: float) -> float:
        """Since when the broker has had room for one more call in flight; infinite while it has none."""
        if self.limit.in_flight is None:
            return -math.inf
        room = self.limit.in_flight - len(self._in_flight(quota, now))
        if room <= 0:
            return math.inf
        landed = sorted((at for at in map(self._lands, quota.slots) if at <= now), reverse=True)
        return landed[room - 1] if room <= len(landed) else -math.inf

    def _take(self, quota: Quota, now: float) -> tuple[str, float, float] | None:
        self._tidy(quota, now)
        allowed = self._allowed(now)
        if quota.full_at is not None and now < quota.full_at + self._unknown_s:
            self._look_at = quota.full_at + self._unknown_s
            self._releases = [self._look_at] * self.limit.calls
            return None
        quota.full_at = None
        releases = sorted(map(self._release, quota.slots), reverse=True)
        self._releases = releases
        self._note_others(quota, now)
        free_since = releases[allowed - 1] if len(releases) >= allowed else -math.inf
        if free_since > now:
            quota.clients[self._owner] = now
            self._look_at = self._earliest(quota, allowed, now)
            return None
        place_since = self._place_free_since(quota, now)
        if place_since > now:
            quota.clients[self._owner] = now
            self._look_at = self._next_reply(quota, now)
            return None
        if place_since > free_since:
            free_since, contended = place_since, self._in_flight(quota, now)
        else:
            contended = [slot for slot in quota.slots if self._release(slot) > now]
        if now < free_since + _POLITE_S and self._has_more(quota, contended):
            quota.clients[self._owner] = now
            self._look_at = free_since + _POLITE_S
            return None
        token = f"{self._owner}-{next(self._serial)}"
        quota.slots.append(Slot(token, now))
        quota.clients.pop(self._owner, None)
        self._releases = [now + self._span, *releases]
        return token, now, free_since

    def _note_others(self, quota: Quota, now: float) -> None:
        out_s = self.hold_s - self._span  # how long a call is out before the stamp its reply leaves, as ours are
        ours = f"{self._owner}-"
        theirs = [slot for slot in quota.slots if not slot.token.startswith(ours)]
        begun = ((slot, slot.at - out_s if slot.replied else slot.at) for slot in theirs)
        self._neighbours.note(((self._owner_of(slot), at, self._release(slot)) for slot, at in begun), now)

    def _tidy(self, quota: Quota, now: float) -> None:
        for slot in quota.slots if self._unstamped else ():
            match self._unstamped.get(slot.token):
                case (Ending.REPLIED, seen):
                    slot.at, slot.replied = seen, True
                case (Ending.UNSENT, _):
                    slot.at, slot.replied = -math.inf, True
                case (Ending.CUT, seen):
                    slot.cut = seen
                case None:
                    pass
        self._unstamped.clear()
        quota.slots = [slot for slot in quota.slots if self._release(slot) > now - _KEPT_EXPIRED_S]
        quota.clients = {name: seen for name, seen in quota.clients.items() if now - seen < _CLIENT_FORGOTTEN_S}
        self._halvings, self._halved_at = quota.halvings, quota.halved_at

    def _earliest(self, quota: Quota, allowed: int, now: float) -> float:
        """The soonest a slot may come free: a reply that is still out may have been seen the moment it was asked."""
        soonest = sorted((slot.at + self._span for slot in quota.slots if self._release(slot) > now), reverse=True)
        earliest = soonest[allowed - 1]
        return earliest if earliest > now else now + _POLITE_S

    def _next_reply(self, quota: Quota, now: float) -> float:
        """When to look for a place in flight again: our own replies tell, another process's must be looked for."""
        out = self._in_flight(quota, now)
        if any(self._owner_of(slot) != self._owner for slot in out):
            return now + _POLITE_S / 2
        return min(map(self._lands, out))

    @staticmethod
    def _owner_of(slot: Slot) -> str:
        return slot.token.rpartition("-")[0]

    def _has_more(self, quota: Quota, contended: list[Slot]) -> bool:
        """Whether a process that has less than we have is waiting: it goes first."""
        held = Counter(map(self._owner_of, contended))
        return any(held[name] < held[self._owner] for name in quota.clients if name != self._owner)

    def settle(self, reservation: Reservation, ending: Ending) -> None:
        """Stamp or give back a reservation; use the methods of Reservation."""
        now = self._clock.monotonic()
        match ending:
            case Ending.REPLIED:
                held = now - reservation.at + self._span
                self.stats.served_s += held
                reservation.call.seen = now
                self.hold_s += _HOLD_WEIGHT * (held - self.hold_s)
            case Ending.UNSENT:
                self.stats.requests -= 1
                self.calls.forget(reservation.call)
            case Ending.CUT:
                pass
        self._unstamped[reservation.token] = ending, now
        self._freed.ring()
        try:
            self.file.transact(self.key, self._clock.monotonic, self._tidy)
        except QuotaBusy:
            # The slot stays reserved, which only errs on the safe side; the next look stamps it.
            return

    def refusal(self, reservation: Reservation) -> None:
        """Halve the budget for ten minutes, once for all calls that were on their way together."""
        self.stats.refused += 1

        def halve(quota: Quota, now: float) -> None:
            running = quota.halvings if now - quota.halved_at < HALVED_FOR_S else 0
            if running and reservation.at <= quota.halved_at:
                return
            quota.halvings, quota.halved_at = min(running + 1, 8), now
            self._halvings, self._halved_at = quota.halvings, now

        try:
            self.file.transact(self.key, self._clock.monotonic, halve)
        except QuotaBusy:
            self._halvings, self._halved_at = max(self._halvings, 1), self._clock.monotonic()

    async def acquire(self, priority: int = 1, wanted_since: float | None = None, kind: str = "") -> Reservation:
        """Wait for a slot; lower `priority` first, then first come, first served, within this process.

        `wanted_since` and `kind` are those of `try_reserve`.
        """
        ticket = (priority, next(self._serial), kind or self.kind)
        since = self._clock.monotonic() if wanted_since is None else wanted_since
        heapq.heappush(self._waiting, ticket)
        self._wake_others()
        try:
            while True:
                if self._waiting[0] != ticket:
                    await self._head_changed.wait()
                    continue
                reservation = self.try_reserve(since, kind)
                if reservation is not None:
                    return reservation
                # A nap is short, so that a raised budget or a slot given back is seen soon.
                nap_ends = self._clock.monotonic() + _LONGEST_NAP_S
                await self._freed.wait_until(min(self._look_at, nap_ends))
        finally:
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            self._wake_others()

    def _wake_others(self) -> None:
        self._head_changed.set()
        self._head_changed = asyncio.Event()

    @asynccontextmanager
    async def slot(self, priority: int = 1, kind: str = "") -> AsyncIterator[Reservation]:
        """Wait for a slot, and settle it by how the body ends: the body sends one call and awaits its answer."""
        reservation = await self.acquire(priority, kind=kind)
        with settled(reservation):
            yield reservation


class settled:  # noqa: N801 - reads as the statement it is: `with settled(reservation):`
    """Settle a reservation by how the body ends."""

    def __init__(self, reservation: Reservation) -> None:
        self._reservation = reservation

    def __enter__(self) -> Reservation:
        return self._reservation

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case RateLimited():
                self._reservation.refused()
            case None | RequestRejected() | ProtocolError():
                self._reservation.replied()
            case ConnectFailed() | ConnectionLost(sent=False):
                self._reservation.unsent()
            case ConnectionLost():
                self._reservation.cut()
            case _:
                self._reservation.lost()
