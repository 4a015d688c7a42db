"""The calendar strip and the banner, in a window over a hand-made archive."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.archive.model import DamagedEntry
from capflow_gui.domain.flow import NET, Period
from capflow_gui.errors import StorageError
from capflow_gui.settings import Settings, WindowSettings
from capflow_gui.ui.history.elided import ElidedLabel
from capflow_gui.ui.history.strip import DayButton
from capflow_gui.ui.keyboard import tab_stops
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.reasons import said
from tests.ui import boards
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import DATES, TENCENT, HandDays, a_minute_later, recorded
from tests.ui.typed_keys import MEITUAN
from tests.ui.window_fixture import Answers, open_window, shut

THURSDAY, WEDNESDAY = date(2026, 11, 19), date(2026, 11, 18)
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


def button(window: MainWindow, day: date) -> DayButton:
    found = [each for each in window.chart.strip().findChildren(DayButton) if each.day == day and not each.isHidden()]
    assert len(found) == 1, f"{day} is not in the strip"
    return found[0]


def shown_net(window: MainWindow) -> float:
    plot = window.chart.chart.plot
    return float(plot.data.values[NET, plot.data.last])


def test_last_thursday_is_one_click_away_and_back_is_another(window: MainWindow) -> None:
    live = shown_net(window)
    assert window.chart.banner().isHidden()
    button(window, THURSDAY).click()
    assert shown_net(window) == pytest.approx(-120e6)
    assert window.chart.banner().accessibleName().startswith("RECORDED · Thu 19 Nov 2026 · OpenD · complete")
    assert window.chart.chart.plot.state.session == "Thu 19 Nov 2026, recorded"
    assert window.chart.head.accessibleDescription().endswith("Recorded, last received 16:08:00")
    window.chart.banner().back.click()
    assert shown_net(window) == live
    assert window.chart.banner().isHidden()
    assert window.chart.chart.plot.state.session == ""


def test_what_belongs_to_recorded_sessions_is_made_when_it_is_first_shown(
    board: HandBoard, theme: Theme, qtbot: QtBot
) -> None:
    window = open_window(board)
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    window.set_theme(theme)
    chart = window.chart
    assert not any(part.made for part in (chart.banner, chart.strip, chart.controls, window.detail.quality))
    assert "exports" not in vars(window)
    shut(window)


def test_tab_goes_from_the_banner_to_the_head_the_chart_and_the_days(window: MainWindow) -> None:
    button(window, THURSDAY).click()
    QApplication.processEvents()
    chart = window.chart
    stops = tab_stops(chart)
    parts = [chart.banner(), chart.head, chart.chart, chart.strip()]
    places = [[part is each or part.isAncestorOf(each) for part in parts].index(True) for each in stops]
    assert places == sorted(places)
    assert set(places) == {0, 1, 2, 3}


def test_keys_go_to_the_session_before_and_back_to_live(window: MainWindow) -> None:
    table = window.watchlist.table
    QTest.keyClick(table, Qt.Key.Key_Left, ALT)
    assert window.recorded.date == THURSDAY
    QTest.keyClick(table, Qt.Key.Key_Left, ALT)
    assert window.recorded.date == WEDNESDAY
    QTest.keyClick(table, Qt.Key.Key_B)
    assert window.recorded.date is None
    QTest.keyClick(table, Qt.Key.Key_H)
    focused = QApplication.focusWidget()
    assert isinstance(focused, DayButton)
    assert focused.day == date(2026, 11, 20)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Return):
        QTest.keyClick(QApplication.focusWidget(), key)
    assert window.recorded.date == WEDNESDAY
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, SHIFT)
    assert (window.recorded.date, window.recorded.other) == (WEDNESDAY, THURSDAY)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Home)
    assert QApplication.focusWidget().day == DATES[0]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_H)
    assert window.chart.strip().isHidden()


def test_a_day_says_to_a_screen_reader_what_it_shows(window: MainWindow) -> None:
    button(window, date(2026, 11, 17)).click()
    seen = QAccessible.queryAccessibleInterface(button(window, date(2026, 11, 17)))
    assert seen.text(QAccessible.Text.Name) == "Tue 17 Nov 2026 · OpenD · incomplete, until 14:11 · 780 polls · shown"
    assert not button(window, date(2026, 11, 13)).isEnabled()
    assert button(window, date(2026, 11, 13)).accessibleName() == "Fri 13 Nov 2026 · nothing recorded"
    assert button(window, date(2026, 11, 20)).accessibleName() == "Fri 20 Nov 2026 · the newest session, live"


def test_a_second_session_is_compared_on_the_same_axis(window: MainWindow) -> None:
    button(window, THURSDAY).click()
    QTest.mouseClick(button(window, WEDNESDAY), Qt.MouseButton.LeftButton, SHIFT, QPoint(10, 10))
    plot = window.chart.chart.plot
    assert plot.beside is not None
    assert plot.beside.name == "Wed 18 Nov"
    assert float(plot.beside.values[-1]) == pytest.approx(60e6)
    assert plot.lines_frame.y.holds(60e6)
    assert plot.lines_frame.y.holds(-120e6)
    assert plot.columns == (NET,)
    assert "compared with Wed 18 Nov" in window.chart.banner().accessibleName()
    window.chart.chart.pointer.stand(330)
    readout = window.chart.chart.pointer.readout(plot.data, 330)
    assert [(line.name, line.figures[0]) for line in readout.lines] == [("Net", "−120.0"), ("Wed 18 Nov", "+60.0")]
    window.chart.banner().end_compare.click()
    assert plot.beside is None
    assert len(plot.columns) == 5


def test_the_ghost_is_a_key_and_is_remembered(window: MainWindow) -> None:
    plot = window.chart.chart.plot
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_G)
    assert plot.beside is not None
    assert (plot.beside.name, plot.beside.compared) == ("Thu 19 Nov", False)
    assert plot.marks.box("beside") is not None
    assert "beside it Thu 19 Nov" in window.chart.chart.accessibleDescription()
    assert window.kept_state().ghost
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_G)
    assert plot.beside is None
    assert not window.kept_state().ghost


def test_a_remembered_ghost_is_there_at_the_start(board: HandBoard, days: HandDays, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board, Settings(window=WindowSettings(ghost=True)), Answers(recorded=days))
    window.go_to(TENCENT)
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    assert window.chart.chart.plot.beside is not None
    shut(window)


def test_the_live_figures_never_stand_beside_a_recorded_date(window: MainWindow) -> None:
    button(window, THURSDAY).click()
    window.go_to(MEITUAN)
    assert window.recorded.date == THURSDAY
    assert not window.chart.banner().isHidden()
    assert window.chart.chart.accessibleDescription() == "Nothing is recorded of 3690.HK on Thu 19 Nov 2026."
    assert "–" in window.chart.head.accessibleDescription()
    window.go_to(TENCENT)
    assert shown_net(window) == pytest.approx(-120e6)


def test_no_rule_is_set_on_a_recorded_session(window: MainWindow, board: HandBoard) -> None:
    button(window, THURSDAY).click()
    chart = window.chart.chart
    before = board.row(TENCENT).threshold
    chart.pointer.stand(330)
    for key, modifier in ((Qt.Key.Key_T, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Down, ALT)):
        QTest.keyClick(chart, key, modifier)
    assert board.row(TENCENT).threshold == before
    assert chart.plot.state.threshold is None


def test_a_chosen_day_leaves_the_bars_of_days(window: MainWindow) -> None:
    window.choose_period(Period.DAY)
    assert window.chart.banner().isHidden()
    button(window, THURSDAY).click()
    assert window.chart.period is Period.INTRADAY
    assert shown_net(window) == pytest.approx(-120e6)


def test_an_archive_that_cannot_be_read_is_said_in_the_chart(window: MainWindow, days: HandDays, theme: Theme) -> None:
    days.error = StorageError(said("the archive is locked"))
    button(window, THURSDAY).click()
    assert "the archive is locked" in window.chart.chart.accessibleDescription().lower()


def test_a_damaged_day_is_marked_and_says_why_it_cannot_be_shown(window: MainWindow, days: HandDays) -> None:
    lost = date(2026, 11, 13)
    days.damaged = [DamagedEntry("opend", "700.HK", lost.isoformat())]
    a_minute_later(window)
    day = button(window, lost)
    assert day.accessibleName() == "Fri 13 Nov 2026 · damaged: cannot be read"
    QTest.mouseClick(day, Qt.MouseButton.LeftButton, SHIFT)
    assert (window.recorded.date, window.recorded.other) == (lost, None)
    assert "is damaged and cannot be shown" in window.chart.chart.accessibleDescription()


def test_a_list_that_cannot_be_read_is_said_in_place_of_the_days(window: MainWindow, days: HandDays) -> None:
    days.error = StorageError(said("the archive is locked"))
    window.watchlist.show_symbol(MEITUAN)
    strip = window.chart.strip()
    assert window.chart.strip.is_shown
    assert [each.day for each in strip.findChildren(DayButton) if not each.isHidden()] == [boards.DAY]
    assert strip.findChild(ElidedLabel).toolTip() == "The archive is locked. Nothing shown is lost."


def test_a_low_chart_has_no_strip_until_it_is_asked_for(window: MainWindow) -> None:
    window.resize(900, 500)
    QApplication.processEvents()
    assert window.chart.strip().isHidden()
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_H)
    QApplication.processEvents()
    strip = window.chart.strip()
    assert not strip.isHidden()
    assert strip.visibleRegion().boundingRect().height() == strip.height()


def test_a_year_is_paged_through(window: MainWindow, days: HandDays) -> None:
    strip = window.chart.strip()
    window.resize(1280, 800)
    QApplication.processEvents()
    newest = strip.findChildren(DayButton)[0]
    strip.page(-1)
    strip.page(-1)
    assert not strip._older.isEnabled()
    assert strip._newer.isEnabled()
    assert newest.day == DATES[0]
    for _ in range(3):
        strip.page(1)
    assert not strip._newer.isEnabled()


def test_the_strip_goes_with_what_is_shown_and_names_a_month_where_it_begins(
    window: MainWindow, days: HandDays
) -> None:
    days.found |= HandDays.of([recorded(TENCENT, date(2026, 9, 3))]).found
    for now in (0.0, 10.0):
        window.recorded.tick(now)
    strip = window.chart.strip()

    def in_view() -> list[DayButton]:
        return [each for each in strip.findChildren(DayButton) if not each.isHidden()]

    window.chart.show_date(date(2026, 9, 3))
    assert in_view()[0].day == date(2026, 9, 3)
    named = set[date]()
    while strip._newer.isEnabled():
        strip._move(3)
        named |= {each.day for each in in_view() if each.opens_month}
    assert named == {date(2026, 10, 2), date(2026, 11, 2)}
    window.chart.show_date(None)
    assert in_view()[-1].day == date(2026, 11, 20)


def test_without_an_archive_there_is_no_strip(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    window.go_to(TENCENT)
    assert window.chart.strip().isHidden()
    shut(window)


def entry(window: MainWindow, name: str) -> QAction:
    menu = QMenu(window)
    window.keys.fill(menu)
    return next(each for each in menu.actions() if each.text().startswith(name))


def test_the_first_recorded_session_has_none_before_it_and_keys_say_so(window: MainWindow) -> None:
    table, ghost = window.watchlist.table, window.recorded.ghost
    assert entry(window, "Show the session before").isEnabled()
    assert not entry(window, "Play back").isEnabled()
    assert not entry(window, "Session after").isEnabled()
    window.chart.show_date(DATES[0])
    assert not entry(window, "Show the session before").isEnabled()
    assert not entry(window, "Session before").isEnabled()
    assert entry(window, "Session after").isEnabled()
    assert entry(window, "Play back").isEnabled()
    for key, modifiers in ((Qt.Key.Key_Left, ALT), (Qt.Key.Key_G, Qt.KeyboardModifier.NoModifier)):
        window.notice.dismiss()
        QTest.keyClick(table, key, modifiers)
        assert window.notice.text() == "No session of 700.HK before the one shown is recorded."
    assert (window.recorded.date, window.recorded.ghost) == (DATES[0], ghost)


def test_a_session_deleted_meanwhile_is_told_to_be_gone(window: MainWindow, days: HandDays) -> None:
    gone = next(key for key in days.found if key.symbol == TENCENT and key.session == WEDNESDAY)
    window.chart.show_date(WEDNESDAY)
    del days.found[gone]
    a_minute_later(window)
    assert not button(window, WEDNESDAY).isEnabled()
    assert window.chart.chart.accessibleDescription() == "The recording of 700.HK on Wed 18 Nov 2026 has been deleted."
