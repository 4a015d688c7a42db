"""What the windows want: each says it every ten seconds, and it ends by itself. `now` is monotonic seconds."""

from __future__ import annotations

from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk.messages import Interest

# Of all windows together: more than any quota polls in a minute.
MOST_WATCHED = 2000


class Interests:
    """The interest of each user whose lease is not over."""

    def __init__(self) -> None:
        self._by_user: dict[str, tuple[Interest, float]] = {}

    def put(self, user: str, wanted: Interest, now: float) -> bool:
        """A window says what it wants: it replaces what it said before. Whether that was something else."""
        before = self._by_user.get(user)
        self._by_user[user] = wanted, now + wanted.lease_s
        return before is None or before[0] != wanted

    def expire(self, now: float) -> bool:
        """Forget whoever has not said it again; whether there was one."""
        over = [user for user, (_, until) in self._by_user.items() if until <= now]
        for user in over:
            del self._by_user[user]
        return bool(over)

    def next_end(self) -> float | None:
        """When the first of them ends; None where there is none."""
        return min((until for _, until in self._by_user.values()), default=None)

    @property
    def users(self) -> tuple[str, ...]:
        """Who wants something."""
        return tuple(sorted(self._by_user))

    @property
    def shown(self) -> tuple[Symbol, ...]:
        """What is on somebody's screen."""
        return tuple(dict.fromkeys(symbol for user in self.users for symbol in self._by_user[user][0].shown))

    @property
    def watched(self) -> tuple[Symbol, ...]:
        """What somebody wants polled, what is on a screen first; MOST_WATCHED of them are."""
        wanted = dict.fromkeys(self.shown)
        wanted.update(dict.fromkeys(symbol for user in self.users for symbol in self._by_user[user][0].watched))
        return tuple(wanted)
