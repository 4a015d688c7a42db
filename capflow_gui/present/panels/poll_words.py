"""What the view of the poll budget says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from capflow_gui.feed.poll_budget import ADDED
from capflow_gui.feed.polling.turns import Why
from capflow_gui.present.language.texts import N_, _, listed, ngettext
from capflow_gui.present.names import source_title
from capflow_gui.present.numbers import MISSING, age, clock_time, duration

if TYPE_CHECKING:
    from capflow_gui.domain.session import Calendar
    from capflow_gui.feed.poll_budget import CallMark, Cycles, Neighbour, PollBudget
    from capflow_gui.feed.polling.turns import Turn

# The lanes of the strip: the name of each, and what is asked in it.
LANES = (
    (N_("Flow"), frozenset({"capital_flow"})),
    (N_("History"), frozenset({"history"})),
    (N_("Distribution"), frozenset({"distribution"})),
    (N_("Prices, names"), frozenset({"snapshot", "static_info", "market_state", "trade_dates"})),
    (N_("Questions"), frozenset({"search", "groups", "group_symbols", "comparison"})),
    (N_("Other programs"), frozenset({""})),
)
_WHY = {
    Why.ON_SCREEN: N_("on screen"),
    Why.NEAR: N_("near its level"),
    Why.OFF_SCREEN: N_("off screen"),
    Why.WAITED_LONG: N_("off screen, has waited longest"),
    Why.NEVER_ANSWERED: N_("never answered"),
    Why.ASKED_FOR: N_("you asked for it"),
    Why.AFTER_ERROR: N_("again after an error"),
    Why.SETTLES: N_("final figures of its session"),
    Why.OPENS: N_("its market opens"),
}
_ASKED = {
    "history": N_("days, weeks or months"),
    "distribution": N_("money in and out"),
    "snapshot": N_("prices"),
    "static_info": N_("names"),
    "market_state": N_("market states"),
    "trade_dates": N_("trading days"),
    "search": N_("a search"),
    "groups": N_("groups"),
    "group_symbols": N_("a group's symbols"),
    "comparison": N_("a comparison"),
}
_SOON_S = 3600.0
COSTS = 1 + len(ADDED)  # rows of `cycle_rows`


def lane_of(mark: CallMark) -> int:
    """The lane a call is marked in."""
    kind = "" if mark.other else mark.kind
    return next((place for place, (_name, kinds) in enumerate(LANES) if kind in kinds), len(LANES) - 2)


def used_words(budget: PollBudget) -> str:
    """What stands behind the number of calls."""
    return _("of {limit} requests in the last {seconds:.0f} s").format(limit=budget.limit, seconds=budget.window_s)


def facts(budget: PollBudget) -> Iterator[tuple[str, str]]:
    """Names and values beside it."""
    now = budget.cycles[0]
    for name, cycle in ((_("cycle on screen"), now.on_screen_s), (_("off screen"), now.others_s)):
        if cycle is not None:
            yield name, _("{seconds} s").format(seconds=f"{cycle:.0f}")
    if budget.ages:
        yield _("oldest reply"), age(budget.ages[0].age_s)
    yield _("waiting"), str(len(budget.waiting))
    yield _("refused"), f"{budget.refused:,}"


def troubles(budget: PollBudget) -> Iterator[str]:
    """What holds calls back, a sentence each."""
    name = source_title(budget.source)
    if budget.halved_until is not None:
        yield _(
            "{source} refused a call that our count allows: a program that is no Capflow shares this quota. "
            "{limit} of {budget} calls are used for another {time}."
        ).format(
            source=name[:1].upper() + name[1:],
            limit=budget.limit,
            budget=budget.budget,
            time=duration(budget.halved_until - budget.now),
        )
    if budget.silent_since is not None and budget.now - budget.silent_since >= budget.window_s / 10:
        yield _("A question has been open for {time}.").format(time=duration(budget.now - budget.silent_since))
    if budget.held_back:
        yield ngettext(
            "{count} symbol waits after an error.", "{count} symbols wait after an error.", budget.held_back
        ).format(count=budget.held_back)
    if budget.budget < budget.full:
        yield _("The settings allow {budget} of the broker's {full} calls.").format(
            budget=budget.budget, full=budget.full
        )


def strip_words(budget: PollBudget, span_s: float) -> str:
    """The strip in words."""
    counts = [0] * len(LANES)
    for mark in marks_within(budget, span_s):
        counts[lane_of(mark)] += 1
    said = [f"{_(name)} {count}" for (name, _kinds), count in zip(LANES, counts, strict=True) if count]
    return listed(said) or _("No call in the last {seconds:.0f} s").format(seconds=span_s)


def strip_caption() -> str:
    """How the strip is read."""
    return _(
        "Each mark is one call, at the moment its answer was seen. Hollow: no answer yet. Dim: of another quota. "
        "Amber: refused, or lost."
    )


def marks_within(budget: PollBudget, span_s: float) -> list[CallMark]:
    """The calls of the last `span_s` seconds."""
    return [mark for mark in budget.calls if budget.now - mark.at <= span_s]


def turn_headers() -> tuple[str, ...]:
    """Those of `turn_rows`."""
    return _("Who is next"), _("Last reply"), _("Asked"), _("Why")


def turn_rows(budget: PollBudget, calendar: Calendar, market_now: float) -> list[tuple[str, ...]]:
    """Questions that wait, then symbols: who, age of the last reply, when, why."""
    waiting = [kind for kind in budget.waiting if kind in _ASKED]
    rows: list[tuple[str, ...]] = [
        (_(_ASKED[kind]), MISSING, _("waits"), _("a question goes first")) for kind in waiting
    ]
    return rows + [_turn_row(turn, budget.now, calendar, market_now) for turn in budget.turns]


def _turn_row(turn: Turn, now: float, calendar: Calendar, market_now: float) -> tuple[str, ...]:
    replied = MISSING if turn.replied_at is None else age(now - turn.replied_at)
    left = turn.at - now
    if left < 0.5:
        at = _("now")
    elif left < _SOON_S:
        at = _("in {time}").format(time=duration(left))
    else:
        at = clock_time(market_now + left, calendar.zone(turn.symbol.market), seconds=False)
    return str(turn.symbol), replied, at, _(_WHY[turn.why])


def cycle_headers() -> tuple[str, str]:
    """Whose cycles stand in `cycle_rows`."""
    return _("on screen"), _("off screen")


def cycle_rows(budget: PollBudget) -> list[tuple[str, str, str, float]]:
    """What symbols cost: how many more, the cycles on screen and off screen, and the longest of them in seconds."""
    return [
        (
            _("now") if not each.added else f"+{each.added}",
            _seconds(each.on_screen_s),
            _seconds(each.others_s),
            _longest(each),
        )
        for each in budget.cycles
    ]


def _seconds(cycle: float | None) -> str:
    return MISSING if cycle is None else _("{seconds} s").format(seconds=f"{cycle:.0f}")


def _longest(cycles: Cycles) -> float:
    return max(filter(None, (cycles.on_screen_s, cycles.near_s, cycles.others_s)), default=0.0)


def rows_words(budget: PollBudget) -> str:
    """How many symbols are asked how."""
    visible, near, others = budget.rows
    said = [
        (_("{count} on screen"), visible),
        (_("{count} near a level"), near),
        (_("{count} off screen"), others),
        (_("{count} resting"), budget.resting),
        (_("{count} never answered"), budget.unanswered),
    ]
    return " · ".join(words.format(count=count) for words, count in said if count) or _("No symbol is asked.")


def cost_note() -> str:
    """What the cost rests on."""
    return _(
        "Now as measured. More symbols by the same plan, if their markets are open and they are off screen: "
        "what comes of it is measured then."
    )


def ages_words(budget: PollBudget) -> str:
    """Whose reply is the oldest."""
    if not budget.ages:
        return _("No reply yet")
    oldest = budget.ages[0]
    return _("Oldest reply: {symbol}, {age}").format(symbol=oldest.symbol, age=age(oldest.age_s))


def age_bins(budget: PollBudget, count: int = 9) -> tuple[list[int], float]:
    """How many rows have a reply of which age, and the seconds a bin; the last one holds all that are older."""
    longest = max((each.cycle_s for each in budget.ages), default=0.0)
    width = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300) if step * (count - 1) >= 1.5 * longest), 600)
    bins = [0] * count
    for each in budget.ages:
        bins[min(int(each.age_s // width), count - 1)] += 1
    return bins, float(width)


def late_words(budget: PollBudget) -> str:
    """How many rows are older than their cycle lets expect."""
    late = sum(each.age_s > 2 * each.cycle_s for each in budget.ages)
    if not late:
        return ""
    return _("{count} older than two cycles").format(count=late)


def neighbour_words(budget: PollBudget) -> list[str]:
    """Who shares the quota, a line each."""
    if not budget.neighbours:
        return [_("No other Capflow uses this quota now.")]
    return [_neighbour(each) for each in budget.neighbours]


def _neighbour(each: Neighbour) -> str:
    if each.command is None:
        name = _("another Capflow, process {pid}")
    elif each.command:
        name = _("capflow {command}, process {pid}")
    else:
        name = _("another window of Capflow, process {pid}")
    calls = ngettext("{count} call", "{count} calls", each.calls).format(count=each.calls)
    return f"{name.format(command=each.command, pid=each.pid)}: {calls}"


def quota_words(budget: PollBudget) -> str:
    """The quotas of other questions."""
    said = (
        _("{kind} {used}/{limit} in {seconds:.0f} s").format(
            kind=_(_ASKED.get(each.kind, each.kind)), used=each.used, limit=each.limit, seconds=each.window_s
        )
        for each in budget.others
    )
    return " · ".join(said)


def shared_note() -> str:
    """Whose limit it is."""
    return _("The limit is the account's: the broker counts every program that is logged in with it.")
