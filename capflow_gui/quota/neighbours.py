"""What other processes take of a shared quota, over time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

_SETTLES_S = 5.0
_SPAN_KNOWN_S = 1.0


def command_of(pid: int, processes: Path = Path("/proc")) -> str | None:
    """What a Capflow process does, `watch` for example, "" for the window; None where the system does not tell."""
    try:
        words = (processes / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return None
    named = [place for place, word in enumerate(words) if "capflow" in word.rpartition("/")[2].lower()]
    if not named:
        return None  # the number is another program's by now, or of another container
    command = words[named[0] + 1 :][:1]
    return command[0] if command and command[0].isalpha() else ""


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
