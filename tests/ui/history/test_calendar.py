"""The calendar over the strip: a day of last year in a few keys, or a few clicks."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from capflow_gui.ui.history.calendar import DayCalendar
from capflow_gui.ui.history.day_button import DayButton
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import TENCENT, HandDays, recorded, two_weeks

SHIFT = Qt.KeyboardModifier.ShiftModifier
LAST_YEAR, NEWEST = date(2025, 11, 20), date(2026, 11, 20)


@pytest.fixture
def days() -> HandDays:
    """Two weeks, and a day of last year."""
    days = two_weeks()
    days.found |= HandDays.of([recorded(TENCENT, LAST_YEAR, 33e6)]).found
    return days


def opened(window: MainWindow) -> DayCalendar:
    QTest.keyClick(QApplication.focusWidget() or window.watchlist.table, Qt.Key.Key_H, SHIFT)
    found = [each for each in window.findChildren(DayCalendar) if each.isVisible()]
    assert len(found) == 1
    return found[0]


def day_of(calendar: DayCalendar, day: date) -> DayButton:
    return next(each for each in calendar.findChildren(DayButton) if each.day == day)


def month_shown(calendar: DayCalendar) -> str:
    return calendar._month.text()


def test_a_day_of_last_year_is_three_keys_away(window: MainWindow) -> None:
    calendar = opened(window)
    assert (calendar.at, month_shown(calendar)) == (NEWEST, "Nov 2026")
    QTest.keyClick(calendar, Qt.Key.Key_PageUp, SHIFT)
    assert (calendar.at, month_shown(calendar)) == (LAST_YEAR, "Nov 2025")
    assert day_of(calendar, LAST_YEAR).hasFocus()
    assert day_of(calendar, LAST_YEAR).accessibleName().startswith("Thu 20 Nov 2025 · OpenD · complete")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert not calendar.isVisible()
    assert window.recorded.date == LAST_YEAR
    buttons = window.chart.strip().findChildren(DayButton)
    assert [each.day for each in buttons if each.shown and each.isVisible()] == [LAST_YEAR]


def test_last_thursday_is_two_clicks_away(window: MainWindow) -> None:
    month = next(each for each in window.chart.strip().findChildren(QToolButton) if each.text().startswith("Nov 2026"))
    month.click()
    calendar = next(each for each in window.findChildren(DayCalendar) if each.isVisible())
    day_of(calendar, date(2026, 11, 19)).click()
    assert window.recorded.date == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("key", "modifiers", "day"),
    [
        (Qt.Key.Key_Left, None, date(2026, 11, 19)),
        (Qt.Key.Key_Up, None, date(2026, 11, 12)),  # nothing was recorded on the 13th
        (Qt.Key.Key_PageUp, None, date(2026, 10, 20)),
        (Qt.Key.Key_Home, None, LAST_YEAR),
        (Qt.Key.Key_Right, None, NEWEST),  # there is no day after the newest
        (Qt.Key.Key_PageDown, SHIFT, NEWEST),
        (Qt.Key.Key_A, None, NEWEST),
    ],
)
def test_keys_move_among_sessions_and_end_where_these_do(
    window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier | None, day: date
) -> None:
    calendar = opened(window)
    QTest.keyClick(calendar, key, modifiers or Qt.KeyboardModifier.NoModifier)
    assert calendar.at == day
    QTest.keyClick(calendar, Qt.Key.Key_End)
    assert calendar.at == NEWEST
    QTest.keyClick(calendar, Qt.Key.Key_Escape)
    assert not calendar.isVisible()
    assert window.recorded.date is None


def test_arrows_pass_over_days_that_cannot_be_shown(window: MainWindow) -> None:
    calendar = opened(window)
    met = []
    for _ in range(6):
        QTest.keyClick(calendar, Qt.Key.Key_Left)
        met.append(calendar.at.day)
    assert met == [19, 18, 17, 16, 12, 11]
    for _ in range(3):
        QTest.keyClick(calendar, Qt.Key.Key_Right)
    assert calendar.at.day == 17


def test_a_month_without_a_thirty_first_ends_earlier(window: MainWindow) -> None:
    calendar = opened(window)
    calendar.go_to(date(2026, 10, 31))
    QTest.keyClick(calendar, Qt.Key.Key_PageUp)
    assert calendar.at == date(2026, 9, 30)
    calendar.go_to(date(2026, 1, 15))
    QTest.keyClick(calendar, Qt.Key.Key_PageUp)
    assert calendar.at == date(2025, 12, 15)


def test_a_day_with_nothing_recorded_does_nothing_and_says_why(window: MainWindow) -> None:
    calendar = opened(window)
    bare = day_of(calendar, date(2026, 11, 13))
    bare.click()
    assert calendar.isVisible()
    assert bare.accessibleName() == "Fri 13 Nov 2026 · nothing recorded"
    calendar.go_to(bare.day)
    QTest.keyClick(bare, Qt.Key.Key_Return)
    assert window.recorded.date is None


def test_a_day_is_compared_from_the_calendar(window: MainWindow) -> None:
    window.chart.show_date(date(2026, 11, 19))
    calendar = opened(window)
    assert day_of(calendar, date(2026, 11, 19)).shown
    calendar.go_to(LAST_YEAR)
    QTest.keyClick(calendar, Qt.Key.Key_Return, SHIFT)
    assert (window.recorded.date, window.recorded.other) == (date(2026, 11, 19), LAST_YEAR)
    calendar = opened(window)
    assert calendar.at == LAST_YEAR
    calendar.go_to(date(2026, 11, 18))
    QTest.mouseClick(day_of(calendar, date(2026, 11, 18)), Qt.MouseButton.LeftButton, SHIFT, QPoint(8, 8))
    assert window.recorded.other == date(2026, 11, 18)


def test_buttons_and_the_wheel_turn_months_and_years(window: MainWindow) -> None:
    calendar = opened(window)
    steps = calendar._steps
    assert [months for months, step in steps.items() if step.isEnabled()] == [-12, -1]
    steps[-12].click()
    assert month_shown(calendar) == "Nov 2025"
    assert [months for months, step in steps.items() if step.isEnabled()] == [1, 12]
    for delta, month in ((-120, "Dec 2025"), (120, "Nov 2025"), (0, "Nov 2025")):
        wheel = QWheelEvent(
            QPointF(9, 9),
            QPointF(9, 9),
            QPoint(),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(calendar, wheel)
        assert month_shown(calendar) == month


def test_in_a_low_window_the_calendar_opens_without_the_strip(window: MainWindow) -> None:
    window.resize(900, 500)
    QApplication.processEvents()
    calendar = opened(window)
    assert window.chart.strip().isHidden()
    QTest.keyClick(calendar, Qt.Key.Key_PageUp, SHIFT)
    QTest.keyClick(calendar, Qt.Key.Key_Return)
    assert window.recorded.date == LAST_YEAR
    assert window.chart.strip().isHidden()


def test_without_a_recorded_session_the_key_says_so(window: MainWindow) -> None:
    window.go_to(next(each for each in window.board.symbols if each != TENCENT))
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_H, SHIFT)
    assert "is recorded" in window.notice.text()
    assert not window.findChildren(DayCalendar)


def test_the_strip_calls_no_day_today_once_the_date_is_over(window: MainWindow, board: HandBoard) -> None:
    def today() -> list[date]:
        return [each.day for each in window.chart.strip().findChildren(DayButton) if each.today and not each.isHidden()]

    assert today() == [NEWEST]
    board.now += 12 * 3600.0
    window.chart.tick()
    assert today() == []
