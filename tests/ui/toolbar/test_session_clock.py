"""What the clock of the toolbar says comes next."""

from __future__ import annotations

import pytest

from capflow_gui.ui.toolbar.session_clock import next_words
from tests.ui.boards import CALENDAR, NOW


@pytest.mark.parametrize(
    ("hour", "words"),
    [(14.5, "closes in 1 h 30 m"), (12.5, "resumes in 30 m"), (9.0, "opens in 30 m"), (20.0, "opens in 2 d 13 h")],
)
def test_the_clock_says_what_comes_next(hour: float, words: str) -> None:
    from capflow_gui.domain.symbol import Market

    midnight = NOW - (14 * 3600 + 32 * 60 + 8)
    now = midnight + hour * 3600
    assert next_words(CALENDAR.now(Market.HK, now), now) == words
