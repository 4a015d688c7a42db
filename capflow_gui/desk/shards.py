"""Which part of the symbols a collector polls. Pure: `now` is monotonic seconds.

The symbols of a desk are divided into shards, each with a lease that one collector holds. A collector takes shards
until it has its share, and those that nobody beats for any longer; one that has more than its share gives one up as
soon as another collector waits without any.
"""

from __future__ import annotations

import math
import zlib

from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk import subjects

STANDBY = "standby"
# Longer than a beat takes to come again: whoever held the shard is gone, or never was.
SILENT_S = 3.0
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
        self._waiting: dict[str, float] = {}  # collectors without a shard
        self._holders: dict[str, float] = {}  # collectors with one

    def heard(self, shard: str, holder: str, now: float) -> None:
        """A beat, of another collector or our own."""
        if shard in self.names:
            self._beaten[shard], self._holder[shard] = now, holder
        if holder != self._me:
            known, other = (self._waiting, self._holders) if shard == STANDBY else (self._holders, self._waiting)
            known[holder] = now
            other.pop(holder, None)

    def left(self, shard: str, holder: str) -> None:
        """A collector that is stopped gave a shard back: nobody has to wait until it is silent."""
        if self._holder.get(shard) == holder:
            self._beaten[shard] = -math.inf
        self._waiting.pop(holder, None)
        self._holders.pop(holder, None)

    def is_free(self, name: str) -> bool:
        """Whether a shard was given back, and nobody has it as far as is known."""
        return self._beaten.get(name) == -math.inf

    def wanted(self, held: set[str], now: float) -> list[str]:
        """The shards to try to get a lease of."""
        others = {name for table in (self._waiting, self._holders) for name, at in table.items() if now - at < _GONE_S}
        has_less = len(held) < math.ceil(len(self.names) / (1 + len(others)))
        return [name for name in self.names if name not in held and (has_less or self._is_silent(name, now))]

    def surplus(self, held: set[str], now: float) -> str | None:
        """The shard to give up for a collector that waits without one; None where there is no need."""
        waiting = [name for name, at in self._waiting.items() if now - at < _GONE_S]
        holding = [name for name, at in self._holders.items() if now - at < _GONE_S]
        share = math.ceil(len(self.names) / (1 + len(waiting) + len(holding)))
        return max(held) if waiting and len(held) > share else None

    def _is_silent(self, name: str, now: float) -> bool:
        return now - self._beaten.get(name, self._began) >= SILENT_S
