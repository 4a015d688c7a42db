"""What the clock of the toolbar says comes next."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Market
from capflow_gui.present.panels.clock_words import next_words
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.session_clock import SessionClock
from tests.ui.boards import CALENDAR, NOW


@pytest.mark.parametrize(
    ("hour", "words"),
    [(14.5, "closes in 1 h 30 m"), (12.5, "resumes in 30 m"), (9.0, "opens in 30 m"), (20.0, "opens in 2 d 13 h")],
)
def test_the_clock_says_what_comes_next(hour: float, words: str) -> None:
    midnight = NOW - (14 * 3600 + 32 * 60 + 8)
    now = midnight + hour * 3600
    assert next_words(CALENDAR.now(Market.HK, now), now) == words


def test_a_session_beyond_the_known_days_is_said_to_be_assumed_until_the_source_names_its_days(
    theme: Theme, qtbot: QtBot
) -> None:
    in_force = [CALENDAR]
    clock = SessionClock(lambda: in_force[0], theme)
    qtbot.addWidget(clock)
    night = datetime(2026, 12, 31, 20, tzinfo=UTC).timestamp()
    clock.show_time(Market.SG, night)
    opens, why = clock.accessibleName().split("\n")
    assert opens == "SG 04:00:00, opens in 5 h 0 m?"
    assert why == "Assumed: the trading days of SG are known to 2026-12-31 only"
    in_force[0] = CALENDAR.with_overrides(Market.SG, [(date(2027, 1, 4), "whole")], start=date(2027, 1, 1))
    clock.show_time(Market.SG, night + 1)
    assert clock.accessibleName() == "SG 04:00:01, opens in 3 d 4 h"
    clock.show_time(Market.HK, NOW)
    assert "ssumed" not in clock.accessibleName()
    clock.show_time(Market.SH, NOW)
    assert clock.accessibleName().startswith("CN 14:32:08")


def test_a_second_costs_the_painting_of_the_clock_alone(theme: Theme, qtbot: QtBot) -> None:
    clock = SessionClock(lambda: CALENDAR, theme)
    qtbot.addWidget(clock)
    clock.show_time(Market.HK, NOW)
    seen: list[QEvent.Type] = []

    class Events(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            del watched
            seen.append(event.type())
            return False

    events = Events()
    clock.installEventFilter(events)
    clock.show_time(Market.HK, NOW + 1)
    assert QEvent.Type.ToolTipChange not in seen


def test_each_second_the_clock_alone_is_painted_and_the_words_when_they_change(theme: Theme, qtbot: QtBot) -> None:
    clock, painted = SessionClock(lambda: CALENDAR, theme), list[int]()

    class Paints(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            del watched
            if isinstance(event, QPaintEvent):
                painted.append(event.rect().left())
            return False

    paints = Paints()
    qtbot.addWidget(clock)
    clock.resize(clock.sizeHint())
    clock.show()
    clock.installEventFilter(paints)
    for seconds in (0, 1, 2, 60):
        painted.clear()
        clock.show_time(Market.HK, NOW + seconds)
        qtbot.waitUntil(lambda: painted != [])
        whole = seconds in (0, 60)
        assert painted[-1] == (0 if whole else clock.width() - theme.px(98))


def test_the_clock_goes_on_while_no_row_is_selected(theme: Theme, qtbot: QtBot) -> None:
    clock = SessionClock(lambda: CALENDAR, theme)
    qtbot.addWidget(clock)
    clock.show_time(None, NOW)
    assert clock.accessibleName() == ""
    clock.show_time(Market.US, NOW)
    before = clock.accessibleName()
    clock.show_time(None, NOW + 1)
    assert clock.accessibleName() != before
    assert clock.accessibleName().startswith("US ")
