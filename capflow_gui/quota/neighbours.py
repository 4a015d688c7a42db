"""What other processes take of a shared quota, over time."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Sequence

_SETTLES_S = 5.0
_SPAN_KNOWN_S = 1.0


def owner_name(pid: int, argv: Sequence[str]) -> str:
    """What a process calls itself in the quota's file, told from all others by a random part: `4711-a1b2c3.watch`.

    What stands behind the point is its command, nothing for the window: others cannot look it up on every system.
    """
    command = argv[1] if len(argv) > 1 and argv[1].isalpha() else ""
    return f"{pid}-{secrets.token_hex(3)}.{command}"


class QuotaNeighbours:
    """How many slots others hold on average, lately, and how many others there are. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.held = 0.0
        self.count = 0
        self._noted_at = -math.inf

    def note(self, slots: Iterable[tuple[str, float, float]], now: float) -> None:
        """A look at their slots: whose each is, since when and until when; those of the last second at least.

        Averaged over the time since the last look, not counted at this one: a process looks in the very moment a slot
        comes free, often one of theirs that they take again an instant later, and would find one too few each time.
        """
        slots = list(slots)
        owners = [owner for owner, _, until in slots if until > now]
        held = float(len(owners))
        since = max(self._noted_at, now - _SPAN_KNOWN_S)
        if math.isfinite(self._noted_at) and since < now:
            held = sum(max(0.0, min(until, now) - max(at, since)) for _, at, until in slots) / (now - since)
        self.held += (1.0 - math.exp((self._noted_at - now) / _SETTLES_S)) * (held - self.held)
        self.count, self._noted_at = len(set(owners)), now
