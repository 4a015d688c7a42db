"""How good a recorded session is: what was asked, what the source took back, what was not watched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from capflow_gui.archive.model import DaySummary, Gap, State
from capflow_gui.domain.flow import NET, Flag, FlowSeries


@dataclass(frozen=True, slots=True)
class Revision:
    """A confirmed line that changed: its label, net before and after, and when the reply came (market time)."""

    label: int
    before: float
    after: float
    received: float


@dataclass(frozen=True, slots=True)
class Hole:
    """Market time from `start` to `end` without a watch; `healed` is when a reply brought its lines, None for never."""

    start: float
    end: float
    healed: float | None


@dataclass(frozen=True, slots=True)
class FlaggedLine:
    """A line that failed checks."""

    label: int
    net: float
    flags: Flag


@dataclass(frozen=True, slots=True)
class Quality:
    """All of it, each list ascending by time. `journal`: the states are kept, so that revisions are known.

    `missing` is how many minutes between the first and the newest line have none, `lines` how many have one.
    """

    polls: int
    unchanged: int
    lines: int
    missing: int
    complete: bool
    journal: bool
    revisions: tuple[Revision, ...]
    holes: tuple[Hole, ...]
    flagged: tuple[FlaggedLine, ...]
    flags: Flag


def quality_of(summary: DaySummary, series: FlowSeries, states: Sequence[State], gaps: Sequence[Gap]) -> Quality:
    """Judge a recorded session; `gaps` of other sources and days are passed over."""
    places = np.flatnonzero(series.line_flags)
    flagged = [
        FlaggedLine(int(series.timestamps[place]), float(series.net[place]), Flag(int(series.line_flags[place])))
        for place in places.tolist()
    ]
    axis = np.unique(summary.day.indexes(series.timestamps))
    axis = axis[axis >= 0]
    return Quality(
        polls=summary.polls,
        unchanged=summary.unchanged,
        lines=len(series),
        missing=int(axis[-1] - axis[0] + 1 - len(axis)) if len(axis) else 0,
        complete=summary.complete,
        journal=bool(states),
        revisions=tuple(revisions(states)),
        holes=tuple(holes(summary, states, gaps)),
        flagged=tuple(sorted(flagged, key=lambda line: line.label)),
        flags=series.flags,
    )


def revisions(states: Sequence[State]) -> list[Revision]:
    """Every change of net of a line that was confirmed, in the order they came."""
    found: list[Revision] = []
    known: dict[int, float] = {}
    confirmed: set[int] = set()
    labels: list[int] = []
    for state in states:
        del labels[state.length :]
        labels += [0] * (state.length - len(labels))
        for place, label, net in zip(
            state.places.tolist(), state.labels.tolist(), state.values[NET].tolist(), strict=True
        ):
            before = known.get(label, math.nan)
            if label in confirmed and before != net and not (math.isnan(before) and math.isnan(net)):
                found.append(Revision(label, before, net, state.received))
            if labels[place] != label:  # another line stands here now: it begins as provisional
                labels[place] = label
                confirmed.discard(label)
            known[label] = net
        confirmed ^= {labels[place] for place in state.confirmed.tolist()}
    return found


def holes(summary: DaySummary, states: Sequence[State], gaps: Sequence[Gap]) -> list[Hole]:
    """The gaps inside the session's hours, and when the next reply came: it holds the whole day, so it heals them."""
    day, found = summary.day, []
    for gap in sorted(gaps, key=lambda gap: gap.start):
        start, end = max(gap.start, float(day.open)), min(gap.end, float(day.close))
        if gap.source != summary.key.source or start >= end:
            continue
        times = (time for state in states for time in (state.received, state.same_received) if time is not None)
        healed = min((time for time in times if time >= end), default=None)
        if healed is None and not states and summary.last_received >= end:
            healed = summary.last_received
        found.append(Hole(start, end, healed))
    return found
