"""The player: recorded states, in the order of their receipt, through the store and the alert engine.

Everything is synchronous, and times are market times, UTC epoch seconds. A reply is judged as a live one is, on its
recorded receipt and turnover, and then stored. What happens is told as events, as the feed tells it. Nothing is asked,
recorded or delivered, and alerts are not kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from types import MappingProxyType

import numpy as np
from msgspec.structs import replace

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.past import NO_PAST, Past, PastKey
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.model import DayKey, State, apply, clock_was_set, lines_after
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.flow import Flag, FlowSeries, Ints, Lines, Period
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.staleness import SURELY_LIVE_S, last_valid
from capflow_gui.domain.validation import checked_again, judge, with_flags
from capflow_gui.feed.events import AlertEvent, FlowEvent
from capflow_gui.feed.freshness import Freshness, freshness, quiet_seconds
from capflow_gui.feed.store import FlowStore, Put
from capflow_gui.playback.recording import Recording, watched_since
from capflow_gui.reason import Reason

_MINUTE_S = 60
# What is found out of other figures than a reply's own, which are not recorded.
_CALIBRATED = Flag.SCALE | Flag.SIGN | Flag.PER_MINUTE
_runs = count(1)
PlayedEvent = FlowEvent | AlertEvent


class _Kind(IntEnum):
    """What is next: a reply, a look at a symbol whose replies say the same, the last of those, an outage or its end."""

    REPLY = 0
    LOOK = 1
    SAME = 2
    OUTAGE = 3
    HEALED = 4
    END = 5


# An enumeration's members cost five times as much to look up.
_REPLY, _LIVE = _Kind.REPLY, Freshness.LIVE
# When, the place of the recording, that among its states or outages, and what. A named tuple takes long to make.
_Step = tuple[float, int, int, _Kind]


@dataclass(slots=True, eq=False)
class _Played:
    """A recording, and its newest reply: as it was `kept`, and (`series`) as it is judged now.

    Of a reply that was kept without a flag, what was confirmed in it then is not told.
    """

    recording: Recording
    cycle_s: float
    store: FlowStore
    early: bool  # a rule looks at minutes that are not over
    poll: int = 0
    kept: FlowSeries | Lines | None = None
    series: FlowSeries | None = None
    turnover: Turnover | None = None
    waits: bool = False  # something is in the way of a rule
    outage: Reason | None = None  # why no rule can be judged, as it was recorded
    freshness: Freshness = Freshness.NEVER_POLLED


class Player:
    """Plays the recordings of one session, of any number of symbols and sources.

    recordings  what is played, in the order of source and symbol
    run    its id: every event has it, and so the ids of its alerts are no live alert's
    now    how far it has played
    start  of the first reply; `end`: nothing happens after it
    """

    def __init__(
        self,
        recordings: Iterable[Recording],
        *,
        calendar: Calendar,
        rules: RuleTable,
        usual: Mapping[PastKey, UsualChanges] = MappingProxyType({}),
    ) -> None:
        """`usual` is what the rules that need it are judged by. Raises ValueError without a recording."""
        self.recordings = sorted(recordings, key=lambda each: each.key)
        if not self.recordings:
            raise ValueError("there is nothing to play")
        for recording in self.recordings:
            calendar = calendar.with_day(recording.day)
        self.run = f"playback-{next(_runs)}"
        self.calendar = calendar
        self.rules = rules
        self._usual = usual
        self._steps = sorted(step for place, each in enumerate(self.recordings) for step in _steps_of(place, each))
        self.start, self.end = self._steps[0][0], self._steps[-1][0]
        self.restart()

    def restart(self) -> None:
        """Go back to the start, before the first reply."""
        self.now = self.start
        self.book = AlertBook(self.calendar, self.rules, run=self.run, find_past=self._find_past)
        stores = {each.key.source: FlowStore(lambda _symbol: None) for each in self.recordings}
        self._played = [
            _Played(
                each,
                each.cycle_s,
                stores[each.key.source],
                early=any(rule.early for rule in self.rules.rules_for(each.key.symbol)),
            )
            for each in self.recordings
        ]
        self._by_key = {each.recording.key: each for each in self._played}
        self._next = 0
        for each in self._played:
            key = each.recording.key
            self.book.watch(key.source, [key.symbol])
            self._observe(each, watched_since(each.recording.day, each.recording.start))

    def _find_past(self, key: PastKey) -> Past:
        return NO_PAST._replace(usual=self._usual.get(key, NO_PAST.usual))

    @property
    def is_over(self) -> bool:
        """Whether everything has been played."""
        return self._next == len(self._steps)

    @property
    def next_at(self) -> float | None:
        """When something happens next; None after the end."""
        return None if self.is_over else self._steps[self._next][0]

    def turnover(self, key: DayKey) -> Turnover | None:
        """The session's turnover as it was known at the newest reply. Raises KeyError for what is not played."""
        return self._by_key[key].turnover

    # Playing

    def play_on(self, until: float, stop: Callable[[list[PlayedEvent], str], bool] | None = None) -> list[PlayedEvent]:
        """Play up to and at `until`, or until `stop` says so of a step; what happened, in order.

        `stop` is given what happened in the step, and whose confirmed lines it revised (a symbol, or nothing). All that
        happens at one time is played at once: what is shown depends on the time alone.
        """
        events: list[PlayedEvent] = []
        stopped = False
        while self._next < len(self._steps) and (at := self._steps[self._next][0]) <= until:
            happened, revised = self._step()
            events += happened
            if stop is not None and not stopped and stop(happened, revised):
                stopped, until = True, at
        self.now = max(self.now, until)
        return events

    def play_to(self, until: float) -> list[PlayedEvent]:
        """Play everything up to and at `until`; what happened, in order."""
        return self.play_on(until)

    @property
    def next_minute(self) -> float:
        """The next whole minute."""
        return (self.now // _MINUTE_S + 1) * _MINUTE_S

    def step_minute(self) -> list[PlayedEvent]:
        """Play to the next whole minute."""
        return self.play_to(self.next_minute)

    def seek(self, at: float) -> list[PlayedEvent]:
        """Go to a time. Backwards, everything is played once more from the start; what happened up to there."""
        if at < self.now:
            self.restart()
        events = self.play_to(at)
        self.now = at
        return events

    def _step(self) -> tuple[list[PlayedEvent], str]:
        """Play one step; what happened, and the symbol whose confirmed lines were revised."""
        at, place, number, kind = self._steps[self._next]
        self._next += 1
        each = self._played[place]
        if kind is _REPLY:
            return self._reply(each, each.recording.states[number])
        match kind:
            case _Kind.SAME:
                return self._said_again(each, each.recording.states[number], at), ""
            case _Kind.OUTAGE:
                each.outage = each.recording.outages[number].reason
            case _Kind.HEALED:
                each.outage = None
        return self._look(each, at), ""

    def _reply(self, each: _Played, state: State) -> tuple[list[PlayedEvent], str]:
        kept = each.kept = _kept_after(each, state)
        put = self._put(each, kept, state)
        old, new = put.old, put.new
        says_more = (
            old is None
            or len(put.confirmed) > 0
            or len(put.revised) > 0
            or old.flags != new.flags
            or (new.flags and not np.array_equal(old.line_flags, new.line_flags))
            or _is_worse(each.turnover, state.turnover)
        )
        each.turnover, each.poll = state.turnover, state.poll
        events = self._judged(each, state.received, says_more=bool(says_more))
        flow = self._flow(each, new, state.received, unchanged=put.unchanged)
        return [*events, flow], str(each.recording.key.symbol) if len(put.revised) else ""

    def _put(self, each: _Played, kept: FlowSeries | Lines, state: State) -> Put:
        """Judge a reply as the feed does, and store it."""
        found = state.flags and state.flags & _CALIBRATED
        if each.series is not None and state.poll == each.poll and not len(state.places):
            # No reply: the lines were checked against what had come to be known.
            judged = each.series if state.turnover is None else checked_again(each.series, state.turnover)
            put = each.store.judged_again(with_flags(judged, found))
        else:
            judged = self._judge(each, kept, state.turnover, state.received, differs=state.places)
            put = each.store.put(with_flags(judged, found) if found else judged, state.received)
        each.series = put.new
        return put

    def _judge(
        self,
        each: _Played,
        kept: FlowSeries | Lines,
        turnover: Turnover | None,
        received: float,
        differs: Ints | None = None,
    ) -> FlowSeries:
        if isinstance(kept, FlowSeries) and kept.flags & Flag.BEYOND:  # what was infinite is kept as missing
            lost = np.isnan(kept.values) & (kept.line_flags & Flag.BEYOND.value > 0)
            kept = replace(kept, values=np.where(lost, np.inf, kept.values))
        return judge(kept, self.calendar, turnover=turnover, previous=each.series, received=received, differs=differs)

    def _said_again(self, each: _Played, state: State, at: float) -> list[PlayedEvent]:
        """The last of some replies that said the same: its event stands for all of them."""
        assert each.kept is not None  # noqa: S101  they said the same as one before
        judged = with_flags(self._judge(each, each.kept, state.turnover, at), state.flags & _CALIBRATED)
        put = each.store.put(judged, at)
        each.series = put.new
        says_more = len(put.confirmed) > 0 or clock_was_set(state)
        events = self._judged(each, at, says_more=says_more, replies=state.same)
        return [*events, self._flow(each, put.new, at, unchanged=True, conflated=state.same - 1)]

    def _judged(self, each: _Played, at: float, *, says_more: bool, replies: int = 1) -> list[AlertEvent]:
        """Evaluate the rules. Where a reply says nothing more to them, and nothing is in the way, that is spared."""
        key, day = each.recording.key, each.recording.day
        before, each.freshness = each.freshness, self._freshness(each, at)
        events: list[AlertEvent] = []
        if each.series is not None and (says_more or each.waits or each.early or at >= day.close):
            held = each.freshness is Freshness.STALE
            events += self.book.evaluate(each.series, day, each.turnover, at, replies=replies, held=held)
            each.waits = self.book.has_obstacle(key.symbol, key.source)
        if each.waits or at >= day.close or not before is each.freshness is _LIVE:
            events += self._observe(each, at)
        return events

    def _look(self, each: _Played, at: float) -> list[PlayedEvent]:
        """What time alone changes."""
        before, each.freshness = each.freshness, self._freshness(each, at)
        events: list[PlayedEvent] = list(self._observe(each, at))
        if each.series is not None and each.freshness is not before:
            events.append(self._flow(each, each.series, at, unchanged=True, replied=False))
        return events

    def _observe(self, each: _Played, at: float) -> list[AlertEvent]:
        key = each.recording.key
        events = self.book.obstruct(key.symbol, key.source, each.outage, at)
        each.waits = self.book.has_obstacle(key.symbol, key.source)
        return events

    def _freshness(self, each: _Played, at: float) -> Freshness:
        series, day = each.series, each.recording.day
        true_at = None if series is None else last_valid(series)
        trading = False
        for begin, end in day.periods:
            trading |= begin <= at < end
        if trading and true_at is not None and at - true_at <= SURELY_LIVE_S:
            return _LIVE
        quiet = quiet_seconds(series, self.calendar, at) if series is not None and trading else None
        return freshness(
            series, None, self.calendar.now(day.market, at), halted=False, quiet_s=quiet, cycle_s=each.cycle_s
        )

    def _flow(
        self, each: _Played, series: FlowSeries, at: float, *, unchanged: bool, replied: bool = True, conflated: int = 0
    ) -> FlowEvent:
        true_at = last_valid(series)
        age = None if true_at is None else max(0.0, at - true_at)
        about = at, series.source, series.symbol, series, age, each.freshness
        return FlowEvent(*about, unchanged, replied, conflated, self.run)


def raises(happened: Iterable[PlayedEvent]) -> bool:
    """Whether an alert was raised or escalated."""
    return any(
        isinstance(event, AlertEvent) and event.change in (AlertChange.RAISED, AlertChange.ESCALATED)
        for event in happened
    )


def _steps_of(place: int, recording: Recording) -> Iterator[_Step]:
    last = recording.start
    for number, state in enumerate(recording.states):
        yield state.received, place, number, _REPLY
        last = state.received
        if state.same_received is not None:
            first = math.floor(state.received / _MINUTE_S) + 1
            for minute in range(first, math.ceil(state.same_received / _MINUTE_S)):
                yield float(minute * _MINUTE_S), place, number, _Kind.LOOK
            yield state.same_received, place, number, _Kind.SAME
            last = state.same_received
    for number, outage in enumerate(recording.outages):
        yield outage.start, place, number, _Kind.OUTAGE
        if outage.end is not None:
            yield outage.end, place, number, _Kind.HEALED
    if recording.end > last:
        yield recording.end, place, len(recording.states) - 1, _Kind.END


def _kept_after(each: _Played, state: State) -> FlowSeries | Lines:
    """The next reply as it was kept. Where none had a flag, its lines alone are made: it is judged once more."""
    key, before = each.recording.key, each.kept
    if isinstance(before, Lines):
        if state.flags:
            return apply(key, before.as_series(), state)
    elif before is None or before.flags or state.flags:
        return apply(key, before, state)
    labels, values, _ = lines_after(before, state)
    return Lines(key.symbol, key.source, Period.INTRADAY, labels, values, state.last_valid)


def _is_worse(old: Turnover | None, new: Turnover | None) -> bool:
    """Whether shares may not be judged on a turnover as they were on the one before, or are for the first time."""
    if old is None or new is None:
        return old is not new
    return new.at < old.at or new.amount <= 0
