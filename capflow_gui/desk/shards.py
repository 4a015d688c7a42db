"""Which part of the symbols a collector polls. Pure: `now` is monotonic seconds.

The symbols of a desk are divided into shards, each with a lease that one collector holds. A collector takes shards
until it has its share, and those that nobody beats for any longer; one that has two more than another gives one up.
"""

from __future__ import annotations

import math
import zlib

from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk import subjects

STANDBY = "standby"
# Longer than a beat takes to come again: whoever held the shard is gone, or never was.
SILENT_S = 3.0
# By so many shards a collector has too many.
_UNEVEN = 2
# A collector that was not heard for so long counts no longer for the shares.
_GONE_S = 6.0


def shard_of(symbol: Symbol, shards: int) -> str:
    """The shard of a symbol: the same in every collector."""
    return subjects.shard(zlib.crc32(str(symbol).encode()) % shards)


class Shares:
    """What is known of the other collectors, and what follows for this one."""

    def __init__(self, me: str, shards: int, now: float) -> None:
        self.names = tuple(map(subjects.shard, range(shards)))
        self._me = me
        self._began = now
        self._beaten: dict[str, float] = {}  # by shard
        self._holder: dict[str, str] = {}  # who beat for a shard last
        self._given: dict[str, float] = {}  # shards that were given up here, and nobody beat for since
        self._waiting: dict[str, float] = {}  # collectors without a shard
        self._holders: dict[str, float] = {}  # collectors with one

    def heard(self, shard: str, holder: str, now: float) -> None:
        """A beat, of another collector or our own."""
        if shard in self.names:
            self._beaten[shard], self._holder[shard] = now, holder
            self._given.pop(shard, None)
        if holder != self._me:
            known, other = (self._waiting, self._holders) if shard == STANDBY else (self._holders, self._waiting)
            known[holder] = now
            other.pop(holder, None)

    def left(self, holder: str) -> None:
        """A collector that is stopped gave back what it had: nobody has to wait until it is silent."""
        self._beaten |= {shard: -math.inf for shard, who in self._holder.items() if who == holder}
        self._waiting.pop(holder, None)
        self._holders.pop(holder, None)

    def is_free(self, name: str) -> bool:
        """Whether a shard was given back, and nobody has it as far as is known."""
        return self._beaten.get(name) == -math.inf

    def wanted(self, held: set[str], now: float) -> list[str]:
        """The shards to try to get a lease of."""
        others = {name for table in (self._waiting, self._holders) for name, at in table.items() if now - at < _GONE_S}
        # Who has fewer takes first: a shard that is given up is meant for the one that has the fewest.
        fewest = min(self._counts(held, now).values(), default=len(held))
        has_less = len(held) < math.ceil(len(self.names) / (1 + len(others))) and len(held) <= fewest
        free = [name for name in self.names if name not in held and not self._is_given(name, now)]
        return [name for name in free if has_less or self._is_silent(name, now)]

    def surplus(self, held: set[str], now: float) -> str | None:
        """The shard to give up for a collector that has less by two or more; None where there is no need.

        One at a time, and of those that have the most one collector alone: no shard is given up in vain.
        """
        counts = self._counts(held, now)
        is_on_its_way = any(self._is_given(name, now) for name in self._given)
        if is_on_its_way or not counts or len(held) - min(counts.values()) < _UNEVEN:
            return None
        has_most = (len(held), self._me) > max((count, name) for name, count in counts.items())
        return max(held) if has_most else None

    def _counts(self, held: set[str], now: float) -> dict[str, int]:
        """How many shards each other collector has that was heard just now: of others their shards are taken."""
        counts = {name: 0 for name, at in self._waiting.items() if now - at < SILENT_S}
        for shard, holder in self._holder.items():
            if shard not in held and holder != self._me and not self._is_silent(shard, now):
                counts[holder] = counts.get(holder, 0) + 1
        return counts

    def give(self, name: str, now: float) -> None:
        """A shard is given up for another collector: until one beats for it no other shard is, nor this one wanted."""
        self._given[name] = now

    def _is_given(self, name: str, now: float) -> bool:
        return now - self._given.get(name, -math.inf) < SILENT_S

    def _is_silent(self, name: str, now: float) -> bool:
        return now - self._beaten.get(name, self._began) >= SILENT_S
