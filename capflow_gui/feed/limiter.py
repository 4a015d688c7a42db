"""The reply-stamped sliding-window limiter.

The broker counts arrivals in a sliding window. A call takes a slot when it is sent, and gives it back `window` plus a
margin after its reply was *seen*; a lost reply counts from its time-out. A call arrives between the two, so for any
`limit + 1` calls the last is sent after the first has left the broker's window: no jitter can break the limit.
Proof and measurement: performance.md. The margin of 50 ms covers clocks that drift apart by 1,600 ppm.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from capflow_gui.clock import Clock
from capflow_gui.errors import ConnectFailed, ConnectionLost, ProtocolError, RateLimited, RequestRejected
from capflow_gui.feed.quota_file import Quota, QuotaBusy, QuotaFile, Slot
from capflow_gui.providers.base import RateLimit

HALVED_FOR_S = 600.0
FLOW = "capital_flow"
# Where a broker publishes no limit, stay below the lowest it publishes elsewhere by a factor that nobody notices.
_UNPUBLISHED = RateLimit(10, 10.0)
_MARGIN_S = 0.05
_TIMEOUT_S = 12.0
_POLITE_S = 0.04
_CLIENT_FORGOTTEN_S = 3.0
_LONGEST_NAP_S = 1.0
_BUSY_NAP_S = 0.01
_KEPT_EXPIRED_S = 1.0


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


@dataclass(slots=True, eq=False)
class Reservation:
    """The right to send one call now. Settle it exactly once: `replied`, `lost` or `unsent`."""

    limiter: Limiter
    token: str
    at: float

    def replied(self) -> None:
        """The reply was seen now, whatever it said."""
        self.limiter.settle(self, seen=True)

    def lost(self) -> None:
        """No reply will come: the call counts from its time-out, since nobody knows when it arrived."""

    def unsent(self) -> None:
        """The call never left: the slot is free again."""
        self.limiter.settle(self, seen=False)

    def refused(self) -> None:
        """The broker refused the call for its rate, which our own count cannot explain."""
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
        self._owner = f"{os.getpid()}-{secrets.token_hex(3)}"
        self._serial = itertools.count(1)
        self._waiting: list[tuple[int, int]] = []
        self._head_changed = asyncio.Event()
        self._unstamped: dict[
            str, float | None
        ] = {}  # settled while the lock was busy: token -> seen at, None = unsent
        self._look_at = 0.0
        self._halvings = 0
        self._halved_at = 0.0
        self._releases: list[float] = []
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
    def shared(self) -> bool:
        """Whether another program was seen to share the quota within the last ten minutes."""
        return self._halved(self._clock.monotonic()) > 0

    @property
    def used(self) -> int:
        """Slots taken now by every capflow process, as known at the last look."""
        now = self._clock.monotonic()
        return sum(release > now for release in self._releases)

    @property
    def next_look(self) -> float:
        """Monotonic second before which no slot can come free, as known at the last look."""
        return self._look_at

    def _halved(self, now: float) -> int:
        return self._halvings if now - self._halved_at < HALVED_FOR_S else 0

    def _allowed(self, now: float) -> int:
        return max(1, self._budget >> self._halved(now))

    def try_reserve(self, wanted_since: float | None = None) -> Reservation | None:
        """Take a slot now, or None; `next_look` then says when to try again.

        `wanted_since`: since when a call has been due (monotonic), for the measure of use.
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
        return Reservation(self, token, now)

    def _release(self, slot: Slot) -> float:
        """When a slot is free for sure."""
        return slot.at + self._span + (0.0 if slot.replied else self._timeout)

    def _take(self, quota: Quota, now: float) -> tuple[str, float, float] | None:
        self._tidy(quota, now)
        allowed = self._allowed(now)
        if quota.full_at is not None and now < quota.full_at + self._span:
            self._look_at = quota.full_at + self._span
            self._releases = [self._look_at] * self.limit.calls
            return None
        quota.full_at = None
        releases = sorted((self._release(slot) for slot in quota.slots), reverse=True)
        self._releases = releases
        free_since = releases[allowed - 1] if len(releases) >= allowed else float("-inf")
        if free_since > now:
            quota.clients[self._owner] = now
            self._look_at = self._earliest(quota, allowed, now)
            return None
        if now < free_since + _POLITE_S and self._above_share(quota, allowed, now):
            quota.clients[self._owner] = now
            self._look_at = free_since + _POLITE_S
            return None
        token = f"{self._owner}-{next(self._serial)}"
        quota.slots.append(Slot(token, now))
        quota.clients.pop(self._owner, None)
        self._releases = [now + self._span, *releases]
        return token, now, free_since

    def _tidy(self, quota: Quota, now: float) -> None:
        if self._unstamped:
            quota.slots = [slot for slot in quota.slots if self._unstamped.get(slot.token, 0.0) is not None]
            for slot in quota.slots:
                seen = self._unstamped.get(slot.token)
                if seen is not None:
                    slot.at, slot.replied = seen, True
            self._unstamped.clear()
        quota.slots = [slot for slot in quota.slots if self._release(slot) > now - _KEPT_EXPIRED_S]
        quota.clients = {name: seen for name, seen in quota.clients.items() if now - seen < _CLIENT_FORGOTTEN_S}
        self._halvings, self._halved_at = quota.halvings, quota.halved_at

    def _earliest(self, quota: Quota, allowed: int, now: float) -> float:
        """The soonest a slot may come free: a reply that is still out may have been seen the moment it was asked."""
        soonest = sorted((slot.at + self._span for slot in quota.slots if self._release(slot) > now), reverse=True)
        earliest = soonest[allowed - 1]
        return earliest if earliest > now else now + _POLITE_S

    def _above_share(self, quota: Quota, allowed: int, now: float) -> bool:
        """Whether a process that has less than we have is waiting: it goes first."""
        others = [name for name in quota.clients if name != self._owner]
        if not others:
            return False
        held = [slot.token.rpartition("-")[0] for slot in quota.slots if self._release(slot) > now]
        return held.count(self._owner) > allowed / (1 + len(others))

    def settle(self, reservation: Reservation, *, seen: bool) -> None:
        """Stamp or give back a reservation; use the methods of Reservation."""
        now = self._clock.monotonic()
        if seen:
            self.stats.served_s += now - reservation.at + self._span
        else:
            self.stats.requests -= 1
        self._unstamped[reservation.token] = now if seen else None
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

    async def acquire(self, priority: int = 1, wanted_since: float | None = None) -> Reservation:
        """Wait for a slot; lower `priority` first, then first come, first served, within this process."""
        ticket = (priority, next(self._serial))
        since = self._clock.monotonic() if wanted_since is None else wanted_since
        heapq.heappush(self._waiting, ticket)
        self._wake_others()
        try:
            while True:
                if self._waiting[0] != ticket:
                    await self._head_changed.wait()
                    continue
                reservation = self.try_reserve(since)
                if reservation is not None:
                    return reservation
                # A nap is short, so that a raised budget or a slot given back is seen soon.
                nap_ends = self._clock.monotonic() + _LONGEST_NAP_S
                await self._clock.sleep_until(min(self._look_at, nap_ends))
        finally:
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            self._wake_others()

    def _wake_others(self) -> None:
        self._head_changed.set()
        self._head_changed = asyncio.Event()

    @asynccontextmanager
    async def slot(self, priority: int = 1) -> AsyncIterator[Reservation]:
        """Wait for a slot, and settle it by how the body ends: the body sends one call and awaits its answer."""
        reservation = await self.acquire(priority)
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
            case _:
                self._reservation.lost()


class Limiters:
    """One limiter an interface of one source, made when first asked for; all in one shared file.

    `endpoint` is what the broker counts by: the address of the OpenD, the account. `one_quota`: the interfaces of
    `limits` are counted together.
    """

    def __init__(
        self,
        endpoint: str,
        limits: Mapping[str, RateLimit],
        *,
        clock: Clock,
        file: QuotaFile | None = None,
        flow_budget: int | None = None,
        one_quota: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._shared = frozenset(limits) if one_quota else frozenset[str]()
        self._limits = limits
        self._clock = clock
        self._file = file if file is not None else QuotaFile(None)
        self._made: dict[str, Limiter] = {}
        self.flow = self.of(FLOW)
        if flow_budget is not None:
            self.flow.budget = flow_budget

    def of(self, interface: str) -> Limiter:
        """The limiter of an interface, by its name in Capabilities.limits; one without a quota is hardly limited."""
        if interface in self._shared:
            interface = FLOW
        limiter = self._made.get(interface)
        if limiter is None:
            limit = self._limits.get(interface, _UNPUBLISHED)
            limiter = Limiter(f"{self._endpoint}/{interface}", limit, clock=self._clock, file=self._file)
            self._made[interface] = limiter
        return limiter

    @property
    def trouble(self) -> str | None:
        """What is wrong with the shared file, in words."""
        return self._file.trouble
