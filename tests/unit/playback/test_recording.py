from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.archive.model import Outage
from capflow_gui.playback.recording import ended_at, watched_since
from capflow_gui.reason import Code, Reason
from tests.unit.playback.recorded import KEY, OPEN, SHORT_DAY, Poll, recorded, reply


def test_a_recording_that_began_with_the_session_watched_all_of_it() -> None:
    assert watched_since(SHORT_DAY, OPEN - 30.0) == OPEN - 30.0
    assert watched_since(SHORT_DAY, OPEN + 100.0) == OPEN
    assert watched_since(SHORT_DAY, OPEN + 400.0) == OPEN + 400.0


def test_only_a_recording_that_saw_the_close_has_an_end_of_session() -> None:
    assert ended_at(SHORT_DAY, SHORT_DAY.close - 1.0) == SHORT_DAY.close - 1.0
    assert ended_at(SHORT_DAY, SHORT_DAY.close + 30.0) == SHORT_DAY.close + 1800.0
    assert ended_at(SHORT_DAY, SHORT_DAY.close + 3600.0) == SHORT_DAY.close + 3600.0


def test_its_cycle_is_the_mean_time_between_two_replies() -> None:
    labels = SHORT_DAY.labels()
    values = [[0.0] * 4] * 6
    polls = [
        Poll(OPEN + 30.0 * i, reply(labels[:4], np.array(values), OPEN + (300.0 if i < 2 else 330.0)), None)
        for i in range(5)
    ]
    found = recorded(polls, SHORT_DAY)
    assert found.cycle_s == pytest.approx(30.0)
    assert dataclasses.replace(found, states=found.states[:1]).cycle_s == pytest.approx(30.0)
    alone = replace(found.states[0], same=0, same_received=None)
    assert dataclasses.replace(found, states=[alone]).cycle_s == 0.0


def test_an_outage_that_ended_with_the_session_says_that_the_close_was_seen() -> None:
    labels = SHORT_DAY.labels()[:4]
    outage = Outage("opend", KEY.symbol, OPEN + 400.0, SHORT_DAY.close + 1.0, Reason.of(Code.NO_ANSWER))
    polls = [Poll(OPEN + 300.0 + i, reply(labels, np.zeros((6, 4)), OPEN + 300.0), None) for i in range(2)]
    assert (recorded(polls, SHORT_DAY).start, recorded(polls, SHORT_DAY).end) == (OPEN + 300.0, OPEN + 301.0)
    assert recorded(polls, SHORT_DAY, outages=[outage]).end == SHORT_DAY.close + 1800.0
