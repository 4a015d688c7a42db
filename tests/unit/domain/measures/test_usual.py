from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.flow import Flag
from capflow_gui.domain.measures.usual import MOST_SESSIONS, Changes, UsualChanges, changes_of
from tests.unit.domain.test_alert import DAY, run, series

FIGURES = st.lists(st.integers(-50, 50) | st.just(math.nan), min_size=1, max_size=40)


def session(*values: float) -> Changes:
    return np.array(values, np.float32)


def test_only_confirmed_and_unflagged_lines_with_a_line_before_have_a_change() -> None:
    day = series(run(0, 1, 3, 6, 10, 15), unconfirmed={5}, flagged={2: Flag.SUM})
    changes = changes_of(day, DAY, "net", 1)
    assert len(changes) == DAY.minutes + 1
    assert np.isfinite(changes).nonzero()[0].tolist() == [1, 4]
    assert changes[[1, 4]].tolist() == [1e6, 4e6]
    assert changes_of(day, DAY, "main", 4)[4] == pytest.approx(5e6)
    assert not np.isfinite(changes_of(day, DAY, "net", DAY.minutes + 1)).any()


def test_the_newest_sixty_sessions_are_looked_at() -> None:
    usual = UsualChanges([session(9, 9)] * 10 + [session(0, 1)] * MOST_SESSIONS)
    assert len(usual) == MOST_SESSIONS
    assert usual.sessions(np.array([0, 11, 12, 400])).tolist() == [60, 60, 0, 0]


def test_without_sessions_there_is_nothing() -> None:
    assert len(UsualChanges()) == 0
    assert UsualChanges().sessions(np.array([0, 300])).tolist() == [0, 0]


def test_sessions_of_other_lengths_are_compared_by_their_minutes() -> None:
    usual = UsualChanges([session(*[0] * 40), session(*[0] * 15)])
    assert usual.sessions(np.array([0, 24, 25, 49, 50])).tolist() == [2, 2, 1, 1, 0]


@pytest.mark.long
@settings(max_examples=30)
@given(st.lists(FIGURES, min_size=1, max_size=12), st.integers(0, 45), st.integers(-60, 60))
def test_deviations_are_those_of_all_changes_within_ten_minutes(
    days: list[list[float]], index: int, change: int
) -> None:
    usual = UsualChanges([session(*day) for day in days])
    near = [each for day in days for each in day[max(0, index - 10) : index + 11] if math.isfinite(each)]
    assert usual.sessions(np.array([index])).tolist() == [
        sum(any(map(math.isfinite, day[max(0, index - 10) : index + 11])) for day in days)
    ]
    if near:
        median = float(np.median(near))
        mad = float(np.median([abs(each - median) for each in near]))
        expected = 0.6745 * (change - median) / mad if mad else math.nan
        for _ in range(2):  # worked out, and known
            found = usual.deviations(np.array([index, index]), np.array([change, change], float))
            assert found == pytest.approx(np.array([expected, expected]), rel=1e-12, nan_ok=True)
