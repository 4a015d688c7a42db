"""What the windows want: each says it every ten seconds, and it ends by itself. `now` is monotonic seconds."""

from __future__ import annotations

from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk.messages import Interest

# Of all windows together: more than any quota polls in a minute.
MOST_WATCHED = 2000
# One user has as many windows as sign in with its secret. Of more, who said its interest longest ago is forgotten.
MOST_WINDOWS = 32


class Interests:
    """The interest of each window whose lease is not over, by user and window."""

    def __init__(self) -> None:
        self._by_window: dict[tuple[str, str], tuple[Interest, float]] = {}

    def put(self, user: str, wanted: Interest, now: float) -> bool:
        """A window says what it wants: it replaces what it said before. Whether that was something else."""
        before = self._by_window.pop((user, wanted.window), None)
        self._by_window[user, wanted.window] = wanted, now + wanted.lease_s  # at the end: it was heard last
        if before is not None:
            return before[0] != wanted
        others = [key for key in self._by_window if key[0] == user]
        if len(others) > MOST_WINDOWS:
            del self._by_window[others[0]]
        return True

    def expire(self, now: float) -> bool:
        """Forget whoever has not said it again; whether there was one."""
        over = [key for key, (_, until) in self._by_window.items() if until <= now]
        for key in over:
            del self._by_window[key]
        return bool(over)

    def next_end(self) -> float | None:
        """When the first of them ends; None where there is none."""
        return min((until for _, until in self._by_window.values()), default=None)

    @property
    def windows(self) -> tuple[tuple[str, str], ...]:
        """Who wants something: user and window."""
        return tuple(sorted(self._by_window))

    @property
    def shown(self) -> tuple[Symbol, ...]:
        """What is on somebody's screen."""
        return tuple(dict.fromkeys(symbol for key in self.windows for symbol in self._by_window[key][0].shown))

    @property
    def watched(self) -> tuple[Symbol, ...]:
        """What somebody wants polled, what is on a screen first; MOST_WATCHED of them are."""
        wanted = dict.fromkeys(self.shown)
        wanted.update(dict.fromkeys(symbol for key in self.windows for symbol in self._by_window[key][0].watched))
        return tuple(wanted)
