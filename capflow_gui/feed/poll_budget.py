"""The quota of one source at one moment: what it was spent on, who is next, and what more symbols would cost.

Made only when it is asked for. Times are monotonic seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.polling.turns import Turn, turns
from capflow_gui.quota.calls import KEPT_S
from capflow_gui.quota.limiters import FLOW
from capflow_gui.quota.neighbours import command_of

if TYPE_CHECKING:
    from capflow_gui.feed.source_feed import SourceFeed
    from capflow_gui.quota.calls import OtherCall

ADDED = (20, 50, 100)
_TURNS = 10


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
    """Another Capflow process that shares the quota; `command` as quota.neighbours.command_of says it."""

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


def poll_budget(feed: SourceFeed, now: float) -> PollBudget:
    """How it stands at monotonic `now`, which is now."""
    limiter, schedule, market = feed.limiter, feed.schedule, feed.market
    at = market.now()
    others = limiter.others()
    resting = schedule.resting(at)
    active = [symbol for symbol in feed.watched if symbol not in resting]
    replied = {symbol: feed.store.get(symbol).replied_at for symbol in active}
    ages = [RowAge(each, now - since, feed.cycle_s(each)) for each, since in replied.items() if since is not None]
    rows, slots = schedule.load(at), limiter.free_slots()
    for kind in limiter.waiting:
        if kind != limiter.kind:
            slots.take(now)  # questions go first
    ahead = turns(schedule, slots, _TURNS, now=now, market=at, rate=market.rate, slot_s=feed.cycle.slot_s)
    return PollBudget(
        source=feed.name,
        now=now,
        window_s=limiter.limit.window_s,
        used=limiter.used,
        limit=limiter.allowed,
        budget=limiter.budget,
        full=limiter.limit.calls,
        refused=limiter.stats.refused,
        requests=limiter.stats.requests,
        halved_until=limiter.halved_until,
        silent_since=feed.poller.unanswered_since,
        calls=tuple(sorted(_marks(feed, others, now), key=lambda mark: mark.at)),
        others=tuple(
            QuotaUse(kind, each.used, each.allowed, each.limit.window_s)
            for kind, each in feed.source.limiters.made.items()
            if kind != FLOW and each.used
        ),
        neighbours=_neighbours(others),
        waiting=limiter.waiting,
        turns=tuple(ahead),
        rows=rows,
        resting=len(resting),
        cycles=tuple(_cycles(feed, rows, at, added) for added in (0, *ADDED)),
        ages=tuple(sorted(ages, key=lambda each: -each.age_s)),
        unanswered=len(active) - len(ages),
        held_back=schedule.held_back(now),
    )


def _marks(feed: SourceFeed, others: tuple[OtherCall, ...], now: float) -> list[CallMark]:
    limiters = {*feed.source.limiters.made.values()}
    own = [(call, each is feed.limiter) for each in limiters for call in each.calls.since(now - KEPT_S)]
    marks = [
        CallMark(
            call.kind,
            call.sent if call.seen is None else call.seen,
            out=call.seen is None and not call.lost,
            lost=call.lost,
            refused=call.refused,
            counts=counts,
        )
        for call, counts in own
    ]
    return marks + [CallMark("", call.at, out=not call.replied, other=True) for call in others]


def _neighbours(others: tuple[OtherCall, ...]) -> tuple[Neighbour, ...]:
    counts = Counter(call.owner for call in others)
    pids = {call.owner: call.pid for call in others}
    return tuple(Neighbour(pids[owner], command_of(pids[owner]), count) for owner, count in counts.most_common())


def _cycles(feed: SourceFeed, rows: tuple[int, int, int], market: float, added: int) -> Cycles:
    urgent, near, others = feed.cycle.forecast(market, added)
    on_screen, close, rest = rows
    return Cycles(added, urgent if on_screen else None, near if close else None, others if rest or added else None)
