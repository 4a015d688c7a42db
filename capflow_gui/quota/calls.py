"""The calls of the last minute, and when the next may leave. Times are monotonic seconds."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

KEPT_S = 60.0


@dataclass(slots=True, eq=False)
class Call:
    """A call of this process. `seen` is when its reply was seen, None while it is out; `lost`: none will come."""

    kind: str
    sent: float
    seen: float | None = None
    lost: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class OtherCall:
    """A call of another process that the quota counts. `at` is when its reply was seen, or when it was sent."""

    owner: str
    at: float
    replied: bool

    @property
    def pid(self) -> int:
        """The process, by its number where it runs."""
        return int(self.owner.partition("-")[0])

    @property
    def command(self) -> str | None:
        """What it does, `watch` for example, "" for the window; None where an older version does not say."""
        _name, told, command = self.owner.partition(".")
        return command if told else None


class CallLog:
    """The calls of this process within `KEPT_S`."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque()

    def begin(self, kind: str, now: float) -> Call:
        """A call leaves now."""
        while self._calls and self._calls[0].sent < now - KEPT_S:
            self._calls.popleft()
        call = Call(kind, now)
        self._calls.append(call)
        return call

    def forget(self, call: Call) -> None:
        """It never left."""
        if call in self._calls:
            self._calls.remove(call)

    def since(self, at: float) -> list[Call]:
        """Those that were sent from `at` on, oldest first."""
        return [call for call in self._calls if call.sent >= at]


class FreeSlots:
    """When calls to come may leave, where each holds its slot for `hold_s`.

    `held` are the releases of the slots that are taken, `allowed` is how many there are.
    """

    def __init__(self, held: Iterable[float], allowed: int, hold_s: float) -> None:
        self._held = list(held)
        heapq.heapify(self._held)
        self._allowed = max(allowed, 1)
        self._hold_s = hold_s

    def take(self, at: float) -> float:
        """Take the first slot that is free from `at` on; when that is."""
        while len(self._held) >= self._allowed:
            at = max(at, heapq.heappop(self._held))
        heapq.heappush(self._held, at + self._hold_s)
        return at
