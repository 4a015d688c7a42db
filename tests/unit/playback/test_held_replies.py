from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from capflow_gui.archive.model import DaySummary, FinalDay, Outage
from capflow_gui.domain.alert import Readings
from capflow_gui.domain.flow import Floats
from capflow_gui.playback.held_replies import HeldReplies
from capflow_gui.reason import Code, Reason
from tests.unit.playback.recorded import KEY, OPEN, SHORT_DAY, TENCENT, Poll, closed, recorded, reply

Judged = list[tuple[float, float | None]]


def judged(came: Sequence[float], outages: Sequence[tuple[float, float | None, Code]], last: float = 0.0) -> Judged:
    """When each moment of a day of an older version came, and when it was judged (None: it was held).

    Seconds of the day. Each reply brings one line more, of the day's first minutes; one more says the same as the last.
    """
    summary, final = day_of(came, last)
    size = len(came)  # that version had no moment of a reply that said nothing new
    seen = final.moments
    older = replace(seen, received=seen.received[:size], turnover=seen.turnover[:size], held=None)
    found = [
        Outage(KEY.source, TENCENT, OPEN + begin, None if end is None else OPEN + end, Reason.of(code))
        for begin, end, code in outages
    ]
    return said_of(HeldReplies(summary, replace(final, moments=older), found), older.received)


def day_of(came: Sequence[float], last: float) -> tuple[DaySummary, FinalDay]:
    """A closed day of such replies, whose figures were true at their newest label."""
    labels, polls = SHORT_DAY.labels(), list[Poll]()
    for number, at in enumerate((*came, *([last] if last else [])), 1):
        size = min(number, len(came)) + 1
        polls.append(Poll(OPEN + at, reply(labels[:size], np.zeros((6, size)), float(labels[size - 1])), None))
    return closed(recorded(polls, SHORT_DAY))


def said_of(held: HeldReplies, received: Floats) -> Judged:
    nothing = np.zeros(0, np.int64)
    replies = ((each, Readings(nothing, nothing, np.zeros(0))) for each in range(len(received)))
    times = (received - OPEN).tolist()
    said = [(times[each], None if one is None else at - OPEN) for each, at, one in held.judged(replies)]
    assert held.any == any(at is None for _, at in said)
    return said


def test_without_an_outage_each_reply_is_judged_when_it_came() -> None:
    assert judged([400.0, 430.0], []) == [(400.0, 400.0), (430.0, 430.0)]


def test_what_is_stale_is_judged_in_the_reply_that_ended_it() -> None:
    stale = [(400.0, 460.5, Code.TIME_STANDS)]
    assert judged([400.0, 430.0, 460.0], stale) == [(400.0, None), (430.0, None), (460.0, 460.0)]


@pytest.mark.parametrize("code", [Code.TIME_STANDS, Code.SOURCE_STALLED])
def test_a_reply_that_said_nothing_new_ended_it_before_the_next_that_did(code: Code) -> None:
    assert judged([400.0, 430.0, 600.0], [(400.0, 460.5, code)]) == [
        (400.0, None),
        (430.0, None),
        (430.0, 460.5),
        (600.0, 600.0),
    ]


def test_what_is_stale_until_the_break_or_the_recording_ended_is_judged_then_or_never() -> None:
    stale = [(400.0, None, Code.TIME_STANDS)]
    assert judged([400.0, 430.0], stale) == [(400.0, None), (430.0, None)]
    assert judged([400.0, 430.0], stale, last=740.0) == [(400.0, None), (430.0, None), (430.0, 720.0)]


def test_a_reply_right_before_figures_were_stale_is_judged() -> None:
    assert judged([400.0, 430.0], [(400.1, 430.5, Code.TIME_STANDS)]) == [(400.0, 400.0), (430.0, 430.0)]


def test_of_other_outages_and_in_breaks_every_reply_is_judged() -> None:
    assert judged([400.0], [(400.0, 460.0, Code.NOT_CONNECTED)]) == [(400.0, 400.0)]
    assert judged([900.0], [(700.0, 1900.0, Code.TIME_STANDS)]) == [(900.0, 900.0)]


def test_figures_of_three_minutes_ago_are_not_stale() -> None:
    assert judged([150.0], [(100.0, None, Code.TIME_STANDS)]) == [(150.0, 150.0)]


def judged_now(came: Sequence[float], last: float = 0.0) -> Judged:
    """The same of a day of this version, whatever outages were noted."""
    summary, final = day_of(came, last)
    return said_of(HeldReplies(summary, final, []), final.moments.received)


def test_a_day_says_what_was_held_and_which_reply_ended_that() -> None:
    assert judged_now([390.0, 400.0, 410.0, 420.0]) == [(390.0, None), (400.0, None), (410.0, None), (420.0, 420.0)]
    assert judged_now([690.0, 700.0]) == [(690.0, None), (700.0, None)]
    assert judged_now([690.0, 700.0], last=710.0) == [(690.0, None), (700.0, None)]
    assert judged_now([690.0, 700.0], last=720.0) == [(690.0, None), (700.0, None), (720.0, 720.0)]
