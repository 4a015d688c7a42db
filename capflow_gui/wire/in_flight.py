"""The requests of one connection that wait for an answer, and when they stop waiting."""

from __future__ import annotations

REQUEST_TIMEOUT_S = 12.0  # both brokers' requests wait equally long


class InFlight:
    """Requests by id, each with what was asked. All wait equally long, so the oldest is the next to expire.

    `now` is monotonic seconds.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._waiting: dict[int, tuple[int, float]] = {}  # id -> (what was asked, deadline)

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, request_id: int) -> bool:
        return request_id in self._waiting

    def add(self, request_id: int, asked: int, now: float) -> None:
        """Begin to wait."""
        self._waiting[request_id] = (asked, now + self._timeout_s)

    def take(self, request_id: int, asked: int) -> bool:
        """Whether an answer to `asked` under this id is waited for: not any more."""
        waiting = self._waiting.get(request_id)
        if waiting is None or waiting[0] != asked:
            return False
        del self._waiting[request_id]
        return True

    def forget(self, request_id: int) -> None:
        """Stop waiting: the caller is gone."""
        self._waiting.pop(request_id, None)

    def next_deadline(self) -> float:
        """Return when the oldest request expires; infinity where none waits."""
        return next(iter(self._waiting.values()))[1] if self._waiting else float("inf")

    def expire(self, now: float) -> list[int]:
        """Stop waiting for those whose time is over, and return their ids, oldest first."""
        over: list[int] = []
        for request_id, (_, deadline) in self._waiting.items():
            if deadline > now:
                break
            over.append(request_id)
        for request_id in over:
            del self._waiting[request_id]
        return over

    def clear(self) -> None:
        """Stop waiting for everything: the connection is over."""
        self._waiting.clear()
