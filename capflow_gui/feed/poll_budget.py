"""The quota of one source at one moment: what it was spent on, who is next, and what more symbols would cost.

Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.polling.turns import Turn

ADDED = (20, 50, 100)


@dataclass(frozen=True, slots=True)
class CallMark:
    """A call. `at` is when its answer was seen, or when it was sent while it is out; `kind` is what it asked.

    `other`: it is another process's. `counts`: it takes a slot of the quota of polls.
    """

    kind: str
    at: float
    out: bool = False
    lost: bool = False
    refused: bool = False
    other: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much of an interface's quota is taken."""

    kind: str
    used: int
    limit: int
    window_s: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another Capflow process that shares the quota; `command` as quota.calls.OtherCall says it."""

    pid: int
    command: str | None
    calls: int


@dataclass(frozen=True, slots=True)
class RowAge:
    """Seconds since a symbol's last reply, and between two of its replies as they are expected now."""

    symbol: Symbol
    age_s: float
    cycle_s: float


@dataclass(frozen=True, slots=True)
class Cycles:
    """Seconds between two replies with `added` more symbols, None for rows there are none of.

    As measured for those there are; for more the same plan, as much slower as replies are now.
    """

    added: int
    on_screen_s: float | None
    near_s: float | None
    others_s: float | None


@dataclass(frozen=True, slots=True)
class PollBudget:
    """See the module.

    limit      calls that may be used now; `budget` is the setting, `full` what the broker allows
    calls      of the last minute, own and others', oldest first
    others     quotas of other interfaces that are used now
    waiting    what the calls ask that wait for a slot, in their order; a poll among them is the first of `turns`
    rows       symbols on screen, near their level off screen, and others
    ages       of symbols whose market is not at rest, oldest first; `unanswered` are those that were never answered
    held_back  symbols that wait after an error
    """

    source: str
    now: float
    window_s: float
    used: int
    limit: int
    budget: int
    full: int
    refused: int
    requests: int
    halved_until: float | None
    silent_since: float | None
    calls: tuple[CallMark, ...]
    others: tuple[QuotaUse, ...]
    neighbours: tuple[Neighbour, ...]
    waiting: tuple[str, ...]
    turns: tuple[Turn, ...]
    rows: tuple[int, int, int]
    resting: int
    cycles: tuple[Cycles, ...]
    ages: tuple[RowAge, ...]
    unanswered: int
    held_back: int
