"""The Quality tab of the session that is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import DAY
from tests.ui.recorded_days import TENCENT, HandDays, a_minute_later, flagged, recorded
from tests.ui.typed_keys import CTRL, MEITUAN

THURSDAY, TUESDAY = date(2026, 11, 19), date(2026, 11, 17)


def test_a_key_tells_the_quality_of_the_recorded_session_shown(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_D)
    page = window.detail.quality()
    assert page.table.hasFocus()
    assert page.line.toolTip() == (
        "700.HK · Thu 19 Nov 2026 · 780 polls, 322 unchanged · 331 lines, none missing · 1 revision · 1 gap · "
        "flags: none · Amount in HKD"
    )
    headers = [page.rows.headerData(place, Qt.Orientation.Horizontal) for place in range(page.rows.columnCount())]
    assert headers == ["What", "Minute", "From", "To", "Received"]  # of a gap From and To are times
    assert [row[0] for row in page.rows.rows] == ["Revision", "Gap"]
    assert window.detail.tabs.tab("quality").accessibleName() == "Quality, 2"
    QTest.keyClick(page.table, Qt.Key.Key_L)
    assert window.detail.alerts.hasFocus()


def test_a_summary_that_is_too_long_for_a_line_takes_two(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    window.detail.focus_quality()
    page, found = window.detail.quality(), []
    for width in (1400, 640):
        page.resize(width, 300)
        lines = page.line.text().split("\n")
        found.append((len(lines), " · ".join(lines) == page.line.toolTip()))
        rest = page.height() - page.line.height() - page.table.horizontalHeader().height()
        row = page.table.verticalHeader().defaultSectionSize()
        assert page.height() - page.whole_rows(page.height()) == rest % row, "no row is cut"
    assert found == [(1, True), (2, True)]


def test_tab_goes_from_the_tabs_past_the_buttons_to_the_table(window: MainWindow) -> None:
    window.detail.focus_quality()
    window.detail.tabs.tab("quality").setFocus(Qt.FocusReason.TabFocusReason)
    for _button in range(2):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert window.detail.quality().table.hasFocus()


def test_it_follows_the_session_and_the_symbol(window: MainWindow, days: HandDays) -> None:
    session = flagged(recorded(TENCENT, TUESDAY))
    days.found[session.summary.key] = session
    window.detail.focus_quality()
    page = window.detail.quality()
    assert page.line.toolTip() == "Nothing is recorded of the session shown."
    assert page.table.horizontalHeader().isHidden()
    window.chart.show_date(TUESDAY)
    assert [row[0] for row in page.rows.rows] == ["Revision", "Gap", "Flag: sum"]
    window.go_to(MEITUAN)
    assert page.rows.rows == []


def test_a_session_in_which_nothing_happened_says_so(window: MainWindow, days: HandDays) -> None:
    session = recorded(TENCENT, TUESDAY)
    days.found[session.summary.key] = replace(session, states=session.states[1:], gaps=())
    window.chart.show_date(TUESDAY)
    window.detail.focus_quality()
    page = window.detail.quality()
    assert page.rows.rows == []
    assert page._nothing.isVisible()
    assert page._nothing.text() == "No revision, no gap and no flag."
    window.chart.show_date(THURSDAY)
    assert not page._nothing.isVisible()


def test_the_running_session_is_told_of_too(window: MainWindow, days: HandDays) -> None:
    running = recorded(TENCENT, DAY, lines=240)
    days.found[running.summary.key] = running
    a_minute_later(window)
    window.detail.focus_quality()
    assert "Fri 20 Nov 2026 · 780 polls" in window.detail.quality().line.toolTip()


def test_nothing_is_read_while_nobody_looks_at_it(window: MainWindow, days: HandDays) -> None:
    running = recorded(TENCENT, DAY, lines=240)
    days.found[running.summary.key] = running
    a_minute_later(window)
    window._tick()
    assert not any(what[0] == "session" for what in days.asked)


def test_the_table_is_copied_with_a_header_and_whose_it_is(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    window.detail.focus_quality()
    QTest.keyClick(window.detail.quality().table, Qt.Key.Key_C, CTRL)
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0] == "Symbol\tSession\tSource\tWhat\tMinute\tFrom\tTo\tReceived"
    assert lines[1].split("\t")[:5] == ["700.HK", "2026-11-19", "opend", "Revision", "10:30"]
    assert len(lines) == 3


def test_buttons_give_way_to_the_tabs_in_a_narrow_window(window: MainWindow) -> None:
    detail = window.detail
    for width in (900, 460, 330):
        detail.resize(width, 200)
        detail._offer()
        shown = [each for each in (detail._acknowledge, detail._threshold, detail._copy) if each.isVisibleTo(detail)]
        assert shown == [each for each in shown if each is not detail._copy]
    detail.focus_quality()
    assert detail._copy.isVisibleTo(detail)
    assert not detail._threshold.isVisibleTo(detail)
