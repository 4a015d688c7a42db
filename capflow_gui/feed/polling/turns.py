"""Who is asked next, when and why, as far as that can be known: pure, its caller gives the time."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import NamedTuple

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.polling.schedule import Entry, Schedule, urgency
from capflow_gui.quota.calls import FreeSlots


class Why(StrEnum):
    """Why a symbol is asked when it is."""

    ON_SCREEN = "on_screen"
    NEAR = "near"  # its threshold
    OFF_SCREEN = "off_screen"
    WAITED_LONG = "waited_long"
    NEVER_ANSWERED = "never_answered"
    ASKED_FOR = "asked_for"  # by the user
    AFTER_ERROR = "after_error"
    SETTLES = "settles"  # its market rests, and its last figures are not stored
    OPENS = "opens"  # its market rests, and is about to be asked again


class Turn(NamedTuple):
    """A question to come at monotonic `at`; `replied_at` is when the symbol was answered last, None where never."""

    symbol: Symbol
    at: float
    why: Why
    replied_at: float | None


def turns(
    schedule: Schedule, slots: FreeSlots, count: int, *, now: float, market: float, rate: float, slot_s: float
) -> list[Turn]:
    """The next `count` questions for symbols, where nothing else asks and nothing changes.

    `slots` are those they may take; times as the schedule has them, `slot_s` seconds a call at the allowed pace.
    """
    patience = schedule.patience(slot_s)
    later = sorted(((due, entry.place, entry) for due, entry in schedule.dues(now, market, rate)), reverse=True)
    ready: list[Entry] = []
    found: list[Turn] = []
    at = slots.take(now)
    while len(found) < count and (ready or (later and math.isfinite(later[-1][0]))):
        at = at if ready else max(at, later[-1][0])
        while later and later[-1][0] <= at:
            ready.append(later.pop()[2])
        first = min(ready, key=lambda entry: (*urgency(entry, at, patience), entry.place))
        ready.remove(first)
        found.append(Turn(first.symbol, at, _why(schedule, first, at, market, patience), first.replied_at))
        at = slots.take(at)
    return found


def _why(schedule: Schedule, entry: Entry, at: float, market: float, patience: float) -> Why:  # noqa: PLR0911 - a return a reason
    session = schedule.session(entry.symbol.market, market)
    if entry.failures:
        return Why.AFTER_ERROR
    if entry.replied_at is None:
        return Why.NEVER_ANSWERED
    if entry.received is None:
        return Why.ASKED_FOR
    if not session.awake:
        return Why.SETTLES if entry.received < session.final_at or entry.again else Why.OPENS
    if entry.visible:
        return Why.ON_SCREEN
    if entry.near:
        return Why.NEAR
    return Why.WAITED_LONG if at - entry.waits_since >= patience else Why.OFF_SCREEN
