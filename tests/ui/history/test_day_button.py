"""One day of the strip or of the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.history.day_button import DayButton
from capflow_gui.ui.theme import Theme
from tests.ui.recorded_days import recorded
from tests.visual.measured_texts import recorded as painted_texts

DAY = date(2026, 12, 1)


def shown(button: DayButton, day: date = DAY, **facts: bool) -> list[str]:
    """The texts of the button once it stands for a day that is recorded."""
    marks = {"newest": False, "shown": False, "compared": False} | facts
    button.show_day(day, recorded().summary, **marks)
    with painted_texts() as painted:
        button.grab()
    return [each.text for each in painted]


@pytest.fixture
def pair(theme: Theme, qtbot: QtBot) -> Iterator[tuple[DayButton, DayButton]]:
    """One of the strip, one of the calendar."""
    window = QWidget()
    qtbot.addWidget(window)
    yield DayButton(theme, window), DayButton(theme, window, small=True)
    window.close()  # the window is the buttons' for as long


def test_the_calendar_needs_no_weekday_and_no_month(pair: tuple[DayButton, DayButton]) -> None:
    strip, calendar = pair
    strip.opens_month = True
    assert shown(strip) == ["Tue", "1 Dec"]
    strip.opens_month = False
    assert shown(calendar) == ["1"]
    strip.today = True
    assert shown(strip, date(2026, 12, 2)) == ["Today", "2"]
    assert calendar.sizeHint().height() < strip.sizeHint().height()


def test_a_day_without_a_recording_keeps_the_keyboard_in_the_calendar_alone(pair: tuple[DayButton, DayButton]) -> None:
    for button in pair:
        button.show_day(DAY, None, newest=False, shown=False, compared=False)
        assert not button.known
    assert [button.isEnabled() for button in pair] == [False, True]
    pair[0].show_day(DAY, None, newest=True, shown=True, compared=False)
    assert pair[0].known
    assert pair[0].isEnabled()


def test_a_click_with_shift_compares(pair: tuple[DayButton, DayButton]) -> None:
    button = pair[0]
    shown(button)
    for modifier, compares in ((Qt.KeyboardModifier.ShiftModifier, True), (Qt.KeyboardModifier.NoModifier, False)):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, modifier, QPoint(5, 5))
        assert button.compares is compares
