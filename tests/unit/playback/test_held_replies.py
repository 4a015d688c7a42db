from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from capflow_gui.archive.model import Outage
from capflow_gui.domain.alert import Readings
from capflow_gui.playback.held_replies import HeldReplies
from capflow_gui.reason import Code, Reason
from tests.unit.playback.recorded import KEY, OPEN, SHORT_DAY, TENCENT, Poll, closed, recorded, reply

Judged = list[tuple[float, float | None]]


def judged(came: Sequence[float], outages: Sequence[tuple[float, float | None, Code]], last: float = 0.0) -> Judged:
    """When each reply that said something new came, and when it was judged (None: it was held). Seconds of the day.

    Each brings one line more, of the day's first minutes; one more says the same as the last of them.
    """
    labels, polls = SHORT_DAY.labels(), list[Poll]()
    for number, at in enumerate((*came, *([last] if last else [])), 1):
        size = min(number, len(came)) + 1
        polls.append(Poll(OPEN + at, reply(labels[:size], np.zeros((6, size)), float(labels[size - 1])), None))
    found = [
        Outage(KEY.source, TENCENT, OPEN + begin, None if end is None else OPEN + end, Reason.of(code))
        for begin, end, code in outages
    ]
    summary, final = closed(recorded(polls, SHORT_DAY))
    nothing = np.zeros(0, np.int64)
    held = HeldReplies(summary, final, found)
    replies = ((each, Readings(nothing, nothing, np.zeros(0))) for each in range(len(came)))
    times = final.moments.received - OPEN
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
