"""What the archive keeps of one symbol at one source in one session.

Times are UTC epoch seconds. `received` times are market now of the source, `wall` times this computer's. Both are
whole milliseconds once they are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from capflow_gui.domain.flow import Bools, Flag, Flags16, Floats, FlowSeries, Ints, Lines, no_flags
from capflow_gui.domain.period import Period
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.reason import Reason

_CLOCK_SET_S = 60.0
_NOWHERE: Ints = np.zeros(0, np.int64)
_NOWHERE.setflags(write=False)


class DayKey(NamedTuple):
    """Whose day it is; `session` is the exchange's date."""

    source: str
    symbol: Symbol
    session: date


class DamagedEntry(NamedTuple):
    """Whose day an entry of the list is that cannot be read, as the file has it."""

    source: str
    symbol: str
    session: str


class State(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What one reply changed against the one before, and how many after it said the same.

    Lines are named by their place in the reply, so that a reply in disorder is kept as it came. One is made for every
    poll: a frozen dataclass takes four times as long to make. `msgspec.structs.replace` gives a changed copy.

    poll        number of the reply in the session, from 1
    received    when it came; `wall` the same by this computer
    last_valid  when the source says its figures were true; None where it gives no such time
    turnover    what the reply was checked against, and shares were taken of
    length      how many lines the reply has
    places      (k,) places of lines that came or have another label or other figures, ascending
    labels      (k,) their labels
    values      (6, k) their figures, rows as domain.flow.COLUMNS
    confirmed   (c,) places of lines that were provisional and are confirmed, or (seldom) the other way round
    flag_places (f,) places of lines whose flags changed, with `line_flags` (f,) their flags now
    flags       flags of the whole reply
    same        polls after it, in the same part of the day, that said the same; the last of them came at
                `same_received` and `same_wall`
    """

    poll: int
    received: float
    wall: float
    last_valid: float | None
    turnover: Turnover | None
    length: int
    places: Ints
    labels: Ints
    values: Floats
    confirmed: Ints
    flag_places: Ints
    line_flags: Flags16
    flags: Flag
    same: int = 0
    same_received: float | None = None
    same_wall: float | None = None


def state_of(
    old: FlowSeries | None,
    new: FlowSeries,
    *,
    poll: int,
    wall: float,
    turnover: Turnover | None,
    old_turnover: Turnover | None,
) -> State | None:
    """How `new`, a judged intraday series, differs from `old`, the one kept before; None where it says the same.

    A newer `turnover` than `old_turnover`, that of the state before, is a difference too: rules on a share of turnover
    may be judged by it. Raises ValueError for a series that was never stamped as received.
    """
    if old is None:
        return whole_state(new, poll=poll, wall=wall, turnover=turnover)
    differences = _differences(old, new)
    if (
        (old.last_valid, old.flags, old_turnover) == (new.last_valid, new.flags, turnover)
        and len(old) == len(new)
        and not any(map(len, differences))
    ):
        return None
    return _state(new, poll, wall, turnover, differences)


def whole_state(series: FlowSeries, *, poll: int, wall: float, turnover: Turnover | None) -> State:
    """A state with every line, as of a first reply. Raises ValueError for a series that was never judged."""
    lines = np.arange(len(series)), series.confirmed.nonzero()[0], series.line_flags.nonzero()[0]
    return _state(series, poll, wall, turnover, lines)


def same_state(series: FlowSeries, *, poll: int, wall: float, turnover: Turnover | None) -> State:
    """A state that says the same as the one before, kept for when it came: in another part of the trading day.

    Stale figures keep rules from being judged in trading alone, so that the first reply of a break matters.
    """
    return _state(series, poll, wall, turnover, (_NOWHERE, _NOWHERE, _NOWHERE))


def says_the_same(old: State, new: State) -> bool:
    """Whether `new` is such a state after `old`."""
    about = [(each.length, each.last_valid, each.flags, each.turnover) for each in (old, new)]
    return about[0] == about[1] and not (len(new.places) or len(new.confirmed) or len(new.flag_places))


def _state(
    series: FlowSeries, poll: int, wall: float, turnover: Turnover | None, differences: tuple[Ints, Ints, Ints]
) -> State:
    if series.received is None:
        raise ValueError("a series must be judged before it is kept")
    places, confirmed, flagged = differences
    return State(
        poll=poll,
        received=milliseconds(series.received),
        wall=milliseconds(wall),
        last_valid=series.last_valid,
        turnover=turnover,
        length=len(series),
        places=places,
        labels=series.timestamps[places],
        values=series.values.take(places, 1),
        confirmed=confirmed,
        flag_places=flagged,
        line_flags=series.line_flags[flagged],
        flags=series.flags,
    )


def _differences(old: FlowSeries, new: FlowSeries) -> tuple[Ints, Ints, Ints]:
    """Places of lines that came or are another, of those whose confirmation turned, and of those whose flags changed.

    It is asked for every poll, and therefore compares bytes: that is quick, and missing figures equal each other.
    """
    labels, values, confirmed = new.timestamps, new.values, old.confirmed
    if (known := new.compared_with(old)) is not None:  # both have the session's first minutes, and no flag
        changed = known.changed[known.changed <= labels[-1]]
        return labels.searchsorted(changed), labels.searchsorted(known.confirmed), _NOWHERE
    size = len(labels)
    shared = min(size, len(old.timestamps))
    last = max(shared - 1, 0)
    if (
        labels[:shared].tobytes() == old.timestamps[:shared].tobytes()
        and values[:, :last].tobytes() == old.values[:, :last].tobytes()
    ):
        # As in most replies, the last of the lines that both have may be another, and those behind it came.
        changed = values[:, last:shared].tobytes() != old.values[:, last:shared].tobytes()
        places = np.arange(last if changed else shared, size)
    else:
        relabelled = labels[:shared] != old.timestamps[:shared]
        differs = (values.view(np.int64)[:, :shared] != old.values.view(np.int64)[:, :shared]).any(0)
        places = np.concatenate(((differs | relabelled).nonzero()[0], np.arange(shared, size)))
        confirmed = confirmed[:shared] > relabelled
    return places, _turned(confirmed[:shared], new.confirmed), _turned(old.line_flags[:shared], new.line_flags)


def _turned(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> Ints:
    """Places of lines whose mark is another; lines that came had none."""
    if new.tobytes() == old.tobytes().ljust(new.nbytes, b"\0"):
        return _NOWHERE
    turned = new.copy()
    turned[: len(old)] ^= old
    return turned.nonzero()[0]


def apply(key: DayKey, old: FlowSeries | None, state: State) -> FlowSeries:
    """The judged series that a state leads to from `old`, the one before it (None: it is the first)."""
    labels, values, moved = lines_after(old, state)
    confirmed, line_flags = _judged_lines(old, state, len(moved) > 0)
    if len(moved):
        confirmed[moved] = False
    if len(state.confirmed):
        confirmed[state.confirmed] ^= True
    if len(state.flag_places):
        line_flags[state.flag_places] = state.line_flags
    return FlowSeries(
        key.symbol,
        key.source,
        Period.INTRADAY,
        labels,
        values,
        last_valid=state.last_valid,
        session=key.session,
        received=state.received,
        flags=state.flags,
        line_flags=line_flags,
        confirmed=confirmed,
    )


def series_of(key: DayKey, states: Sequence[State], old: FlowSeries | None = None) -> FlowSeries:
    """What `apply` gives of one state after the other; there is at least one.

    In most sessions lines are added and none is relabelled: then the last figures of each place are taken at once.
    """
    if old is not None:
        states = [whole_state(replace(old, received=0.0), poll=0, wall=0.0, turnover=None), *states]
    places = np.concatenate([state.places for state in states])
    labels = np.concatenate([state.labels for state in states])
    lengths = np.array([state.length for state in states])
    size, last = states[-1].length, states[-1]
    newest = np.full(size, -1)
    grows = bool((lengths[1:] >= lengths[:-1]).all())
    if grows:
        newest[places] = np.arange(len(places))  # of several, the last
    if not grows or (newest < 0).any() or (labels[newest[places]] != labels).any():
        series = apply(key, None, states[0])
        for state in states[1:]:
            series = apply(key, series, state)
        return series
    line_flags = np.zeros(size, np.uint16)
    line_flags[np.concatenate([state.flag_places for state in states])] = np.concatenate(
        [state.line_flags for state in states]
    )
    turns = np.bincount(np.concatenate([state.confirmed for state in states]), minlength=size)
    return FlowSeries(
        key.symbol,
        key.source,
        Period.INTRADAY,
        labels[newest],
        np.concatenate([state.values for state in states], axis=1)[:, newest],
        last_valid=last.last_valid,
        session=key.session,
        received=last.received,
        flags=last.flags,
        line_flags=line_flags,
        confirmed=turns % 2 == 1,
    )


def clock_was_set(state: State) -> bool:
    """Whether the source's clock was put right while its replies said the same: a rule looks at when they came."""
    if state.same_received is None or state.same_wall is None:
        return False
    return abs((state.same_received - state.received) - (state.same_wall - state.wall)) > _CLOCK_SET_S


def lines_after(old: FlowSeries | Lines | None, state: State) -> tuple[Ints, Floats, Ints]:
    """Labels, figures, and the places of lines with another label. What the state does not change is not copied."""
    length, places, count = state.length, state.places, len(state.places)
    if old is not None and not count and length == len(old.timestamps):
        return old.timestamps, old.values, _NOWHERE
    newest = length - count
    if old is not None and count and places[0] == newest and newest <= len(old.timestamps):
        return _with_last_lines(old, state, newest)
    labels, values, moved = np.zeros(length, np.int64), np.full((6, length), np.nan), _NOWHERE
    if old is not None:
        shared = min(length, len(old.timestamps))
        labels[:shared], values[:, :shared] = old.timestamps[:shared], old.values[:, :shared]
        before = places[places < shared]
        moved = before[labels[before] != state.labels[: len(before)]]
    labels[places], values[:, places] = state.labels, state.values
    return labels, values, moved


def _with_last_lines(old: FlowSeries | Lines, state: State, newest: int) -> tuple[Ints, Floats, Ints]:
    """As `lines_after`, of a state that changes the lines from the place `newest` on, as most do."""
    if len(old.timestamps) == state.length:
        values = old.values.copy()
        values[:, newest:] = state.values
    else:
        values = np.concatenate((old.values[:, :newest], state.values), axis=1)
    before = old.timestamps[newest : state.length]
    now = state.labels[: len(before)]
    moved = _NOWHERE if before.tobytes() == now.tobytes() else newest + (before != now).nonzero()[0]
    if len(moved) or len(old.timestamps) != state.length:
        return np.concatenate((old.timestamps[:newest], state.labels)), values, moved
    return old.timestamps, values, moved


def _judged_lines(old: FlowSeries | None, state: State, changes: bool) -> tuple[Bools, Flags16]:
    """What was confirmed and flagged before, cut or filled up to the state's length; a copy where it is to change."""
    length, flagged = state.length, len(state.flag_places) > 0
    if old is None:
        return np.zeros(length, np.bool_), np.zeros(length, np.uint16) if flagged else no_flags(length)
    size = len(old.timestamps)
    if size == length:
        return (
            old.confirmed.copy() if changes or len(state.confirmed) else old.confirmed,
            old.line_flags.copy() if flagged else old.line_flags,
        )
    shared = min(length, size)
    confirmed = np.zeros(length, np.bool_)
    confirmed[:shared] = old.confirmed[:shared]
    if not flagged and old.line_flags is no_flags(size):
        return confirmed, no_flags(length)
    line_flags = np.zeros(length, np.uint16)
    line_flags[:shared] = old.line_flags[:shared]
    return confirmed, line_flags


def milliseconds(seconds: float) -> float:
    """A time as the archive keeps it: whole milliseconds, in seconds."""
    return round(seconds * 1000) / 1000


@dataclass(frozen=True, slots=True, eq=False)
class DaySummary:
    """What is known of a recorded session without its lines.

    day        the session's trading periods as they were known
    currency   of its amounts; `assumed`: it is the market's own, for the source gave none
    polls      replies that came, of which `unchanged` said the same as the one before
    first, last_received  market times of the first and the newest reply
    complete   every line of the session is confirmed, its last one too
    journal    whether the states are kept, not the final lines alone
    """

    key: DayKey
    day: TradingDay
    currency: str
    assumed: bool
    polls: int
    unchanged: int
    first_received: float
    last_received: float
    complete: bool
    journal: bool


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Market time in which nothing was watched at a source, from `start` to `end`."""

    source: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Outage:
    """Market time in which no rule on a symbol could be judged, whatever was replied, as a watch said it.

    end     None while it lasts, or where recording stopped before its end
    reason  why, when it began to be said
    """

    source: str
    symbol: Symbol
    start: float
    end: float | None
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """(b,) judgements of replies at which a rule saw something new, ascending, and the turnover known then.

    Lines were confirmed or revised in them, they brought a turnover where the one before or this one is missing or too
    old, their structural faults are others than those of the reply before, they are the first on which rules are
    judged after some on which none was, or the last ones of a session that is over without its last line.

    received     when the reply came, UTC epoch seconds
    turnover     the session's turnover then, NaN where it was not known, true at `turnover_at` (UTC epoch seconds)
    price        the last price then, NaN where it was not known
    replies      the reply's number in the session, from 1; those that could not be kept are not counted
    again        whether it had been judged before, without what was new here
    flags        its structural flags
    held         whether no rule was judged on it, for its figures were stale; None where that is not known: the second
                 version of a final day did not keep it, nor the first reply after those that were stale
    """

    received: Floats
    turnover: Floats
    turnover_at: Floats
    price: Floats
    replies: Ints
    again: Bools
    flags: Flags16
    held: Bools | None


@dataclass(frozen=True, slots=True, eq=False)
class FinalDay:
    """The last state of a session, and what a rule saw of it: each line as it was when it was confirmed, then changes.

    Replies with a structural fault confirm and revise nothing here: no rule is judged on them.

    series          the last state, judged
    replies         how many replies came
    moments         the replies that showed a rule something new
    labels          (m,) labels of the lines in the order they were confirmed, UTC epoch seconds
    values          (6, m) what they said then, rows as domain.flow.COLUMNS; `flags` (m,) their flags then
    confirmed_in    (m,) the place in `moments` of the reply that confirmed them, ascending
    revised         (r,) places in `labels` of lines that said something else, or had other flags, later
    revised_in      (r,) the place in `moments` of the reply that said so, ascending
    revised_values  (6, r) what they said from then on; `revised_flags` (r,) their flags from then on
    """

    series: FlowSeries
    replies: int
    moments: Moments
    labels: Ints
    values: Floats
    flags: Flags16
    confirmed_in: Ints
    revised: Ints
    revised_in: Ints
    revised_values: Floats
    revised_flags: Flags16
