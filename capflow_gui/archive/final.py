"""What stays of a session for good, out of its states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from capflow_gui.archive.model import DayKey, FinalDay, Moments, State, apply, clock_was_set
from capflow_gui.domain.alert import TURNOVER_AGE_S
from capflow_gui.domain.flow import STRUCTURAL, Flag, Floats, FlowSeries, Ints
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import SESSION_END_S, TradingDay, date_begins
from capflow_gui.domain.staleness import is_held

# A label, and how often it came before in the same reply: labels at the edge of a break may stand twice.
Line = tuple[int, int]
_UNKNOWN = (np.nan, np.nan, np.nan)


def final_day(states: Sequence[State], key: DayKey, day: TradingDay) -> FinalDay:
    """Walk the states of a trading day in order. Raises ValueError where there is none."""
    series: FlowSeries | None = None
    cycle_s = mean_cycle(states) if states else 0.0
    record = _Record()
    structural = Flag.NONE
    received: float | None = None
    begins, over = date_begins(day), day.close + SESSION_END_S
    for state, following in zip_longest(states, states[1:]):
        series = apply(key, series, state)
        again = state.received == received
        record.replies += not again
        before, structural = structural, series.flags & STRUCTURAL
        record.held = is_held(series, state.received, day, cycle_s)
        if not structural:
            places: Iterable[int] = range(len(series))
            if not before:
                places = sorted({*state.places.tolist(), *state.confirmed.tolist(), *state.flag_places.tolist()})
            record.look(series, state, places, again=again, is_new=bool(before))
        elif structural != before:
            record.note(state, structural, again=again)
        if record.is_freed(state.received, begins):
            record.note(state, structural, again=again)
        record.replies += state.same
        received = state.received
        if state.same_received is not None:
            received = state.same_received
            record.held = is_held(series, received, day, cycle_s)
            if clock_was_set(state) or record.is_freed(received, begins):
                record.note(replace(state, received=received), structural, again=False)
        if following is not None and received < over <= following.received and record.is_open(day):
            record.note(replace(state, received=received), structural, again=False)
    if series is None:
        raise ValueError("a day without a state")
    return record.as_day(series)


def is_ascending(labels: Ints) -> bool:
    """Whether each label is later than the one before."""
    return bool((labels[1:] > labels[:-1]).all())


def lines_of(labels: Ints) -> list[Line]:
    """The name of each line of a reply: its label, and how often that came before."""
    if is_ascending(labels):
        return [(label, 0) for label in labels.tolist()]
    seen: dict[int, int] = {}
    names = []
    for label in labels.tolist():
        times = seen.get(label, 0)
        names.append((label, times))
        seen[label] = times + 1
    return names


def mean_cycle(states: Sequence[State]) -> float:
    """Mean market seconds between two replies, of which there is at least one; 0 where there are no two."""
    first, newest = states[0], states[-1]
    last = newest.received if newest.same_received is None else newest.same_received
    return (last - first.received) / max(1, newest.poll + newest.same - first.poll)


class _Moment(NamedTuple):
    received: float
    turnover: Turnover | None
    replies: int
    again: bool
    flags: Flag
    held: bool


@dataclass(slots=True)
class _Record:
    """What the replies said of confirmed lines; `rows` numbers the lines in the order they were confirmed.

    `held`: no rule is judged on the newest reply.
    """

    rows: dict[Line, int] = field(default_factory=dict)
    newest: list[tuple[bytes, int]] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    confirmed_in: list[int] = field(default_factory=list)
    revised: list[int] = field(default_factory=list)
    revised_in: list[int] = field(default_factory=list)
    revised_values: list[Floats] = field(default_factory=list)
    revised_flags: list[int] = field(default_factory=list)
    moments: list[_Moment] = field(default_factory=list)
    newest_label: int = 0
    replies: int = 0
    held: bool = False

    def is_freed(self, received: float, begins: float) -> bool:
        """Whether rules are judged on the newest reply, and were not when they saw something new last.

        received  when it came, by a source's clock that may have been behind: nothing is judged before the session's
                  date `begins`
        """
        if self.held or not self.moments:
            return False
        newest = self.moments[-1]
        return newest.held or newest.received < begins <= received

    def is_open(self, day: TradingDay) -> bool:
        """Whether the session goes on after the newest reply, which showed a rule nothing new.

        Replies that cannot be judged are counted: of the last one before the session is over for sure it must be known
        when it came.
        """
        return self.newest_label < day.close and bool(self.moments) and self.moments[-1].replies < self.replies

    def look(self, series: FlowSeries, state: State, places: Iterable[int], *, again: bool, is_new: bool) -> None:
        """Note what a sound reply says of the lines at `places`; `is_new`: also where that is nothing."""
        moment, before = len(self.moments), len(self.rows) + len(self.revised)
        labels = series.timestamps
        names = None if is_ascending(labels) else lines_of(labels)
        confirmed, flags = series.confirmed, series.line_flags
        for place in places:
            name = (int(labels[place]), 0) if names is None else names[place]
            row = self.rows.get(name)
            if row is None and not confirmed[place]:
                continue
            figures = series.values[:, place]
            said = (figures.tobytes(), int(flags[place]))
            if row is None:
                self.rows[name] = len(self.rows)
                self.newest_label = max(self.newest_label, name[0])
                self.newest.append(said)
                self.values.append(figures)
                self.flags.append(said[1])
                self.confirmed_in.append(moment)
            elif self.newest[row] != said:
                self.newest[row] = said
                self.revised.append(row)
                self.revised_in.append(moment)
                self.revised_values.append(figures)
                self.revised_flags.append(said[1])
        if is_new or len(self.rows) + len(self.revised) > before or self._waited_for(state.turnover):
            self.note(state, Flag.NONE, again=again)

    def note(self, state: State, structural: Flag, *, again: bool) -> None:
        """Note that a rule sees something new in a reply."""
        self.moments.append(_Moment(state.received, state.turnover, self.replies, again, structural, self.held))

    def _waited_for(self, turnover: Turnover | None) -> bool:
        """Whether shares can be taken of this turnover, and could not of the one before, or the other way round."""
        if not self.moments or self.moments[-1].turnover == turnover:
            return False
        return self._is_useless(self.moments[-1].turnover) or self._is_useless(turnover)

    def _is_useless(self, turnover: Turnover | None) -> bool:
        return turnover is None or turnover.amount <= 0 or self.newest_label > turnover.at + TURNOVER_AGE_S

    def as_day(self, series: FlowSeries) -> FinalDay:
        """The day, of which `series` is the last state."""
        moments = self.moments
        times = np.array([(each.received, *(each.turnover or _UNKNOWN)) for each in moments], np.float64).reshape(-1, 4)
        return FinalDay(
            series,
            self.replies,
            Moments(
                times[:, 0],
                times[:, 1],
                times[:, 2],
                times[:, 3],
                np.array([each.replies for each in moments], np.int64),
                np.array([each.again for each in moments], np.bool_),
                np.array([each.flags for each in moments], np.uint16),
                np.array([each.held for each in moments], np.bool_),
            ),
            np.array([label for label, _ in self.rows], np.int64),
            _columns(self.values),
            np.array(self.flags, np.uint16),
            np.array(self.confirmed_in, np.int64),
            np.array(self.revised, np.int64),
            np.array(self.revised_in, np.int64),
            _columns(self.revised_values),
            np.array(self.revised_flags, np.uint16),
        )


def _columns(lines: list[Floats]) -> Floats:
    return np.array(lines, np.float64).reshape(-1, 6).T
