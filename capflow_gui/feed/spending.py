"""What a source's quota is spent on: read from its parts when somebody asks. Times are monotonic seconds."""

from __future__ import annotations

from collections import Counter

from capflow_gui.feed.intake.asked import AskedIntake
from capflow_gui.feed.poll_budget import ADDED, CallMark, Cycles, Neighbour, PollBudget, QuotaUse, RowAge
from capflow_gui.feed.polling.turns import Turn, Why, turns
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.quota.calls import KEPT_S, OtherCall
from capflow_gui.quota.limiters import FLOW

_TURNS = 10


def poll_budget(feed: SourceFeed, now: float) -> PollBudget:
    """How it stands at monotonic `now`, which is now; of a source that pushes, what its collectors say of theirs."""
    if isinstance(feed.intake, AskedIntake):
        return _asked_budget(feed, feed.intake, now)
    return _pushed_budget(feed, now)


def _pushed_budget(feed: SourceFeed, now: float) -> PollBudget:
    """No call is known one by one, and of the turns to come the next alone."""
    budget = feed.budget()
    replied = {symbol: feed.store.get(symbol).replied_at for symbol in feed.watched}
    ages = [RowAge(each, now - since, feed.cycle_s(each)) for each, since in replied.items() if since is not None]
    turns_ahead: tuple[Turn, ...] = ()
    if budget.next_symbol is not None:
        turns_ahead = (Turn(budget.next_symbol, now, Why.OFF_SCREEN, replied.get(budget.next_symbol)),)
    return PollBudget(
        source=feed.name,
        now=now,
        window_s=budget.window_s,
        used=budget.used,
        limit=budget.limit,
        budget=budget.limit,
        full=budget.limit,
        refused=budget.refused,
        requests=budget.requests,
        halved_until=None,
        silent_since=None,
        calls=(),
        others=(),
        neighbours=(),
        waiting=(),
        turns=turns_ahead,
        rows=(0, 0, budget.open_symbols),
        resting=budget.resting_symbols,
        cycles=(Cycles(0, None, None, budget.cycle_s),),
        ages=tuple(sorted(ages, key=lambda each: -each.age_s)),
        unanswered=len(replied) - len(ages),
        held_back=0,
    )


def _asked_budget(feed: SourceFeed, intake: AskedIntake, now: float) -> PollBudget:
    limiter, schedule, market = intake.limiter, intake.schedule, feed.market
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
    ahead = turns(schedule, slots, _TURNS, now=now, market=at, rate=market.rate, slot_s=intake.cycle.slot_s)
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
        silent_since=intake.unanswered_since,
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
        cycles=tuple(_cycles(intake, rows, at, added) for added in (0, *ADDED)),
        ages=tuple(sorted(ages, key=lambda each: -each.age_s)),
        unanswered=len(active) - len(ages),
        held_back=schedule.held_back(now),
    )


def _marks(feed: SourceFeed, others: tuple[OtherCall, ...], now: float) -> list[CallMark]:
    limiters = {*feed.source.limiters.made.values()}
    own = [(call, each is feed.source.limiter) for each in limiters for call in each.calls.since(now - KEPT_S)]
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
    calls = {call.owner: call for call in others}
    return tuple(Neighbour(calls[owner].pid, calls[owner].command, count) for owner, count in counts.most_common())


def _cycles(intake: AskedIntake, rows: tuple[int, int, int], market: float, added: int) -> Cycles:
    urgent, near, others = intake.cycle.forecast(market, added)
    on_screen, close, rest = rows
    return Cycles(added, urgent if on_screen else None, near if close else None, others if rest or added else None)
