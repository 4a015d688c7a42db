from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.settings import Appearance, Settings
from capflow_gui.ui.tape.filter import TapeFilter
from capflow_gui.ui.theme import build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT, open_window, shut


def test_alerts_can_be_acknowledged_only_while_one_waits(window: MainWindow, board: HandBoard) -> None:
    button = next(each for each in window.detail.findChildren(QPushButton) if each.text() == "Acknowledge")
    assert not button.isVisible()
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window.bridge.drain()
    assert (button.isVisible(), window.detail.tabs.tab("alerts").accessibleName()) == (True, "Alerts, 1")
    button.click()
    window.bridge.drain()
    assert not button.isVisible()
    assert [alert.acknowledged for alert in board.alerts] == [True]


def test_an_event_of_the_tape_leads_to_its_minute_in_the_chart(
    window: MainWindow, board: HandBoard, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    window.detail.focus_tape()
    tape = window.detail.tape()
    assert tape._nothing.isVisible()
    board.fill_tape()
    window.bridge.drain()
    event = next(each for each in tape.tape.events if each.symbol != window.current_symbol())
    window.choose_period(Period.DAY)
    tape.selectRow(tape.tape.events.index(event))
    QTest.keyClick(tape, Qt.Key.Key_Return)
    assert (window.current_symbol(), window.chart.period) == (event.symbol, Period.INTRADAY)
    data = window.chart.chart.plot.data
    assert data is not None
    assert data.day.label(window.chart.chart.pointer.index or 0) == event.line
    assert tape.hasFocus()


def test_the_tape_is_filtered_copied_and_does_not_ring(window: MainWindow, board: HandBoard) -> None:
    board.fill_tape()
    window.bridge.drain()
    assert window.detail.tape.made is None  # nobody looks at it
    window.detail.focus_tape()
    assert window.detail.copy_table()
    count = len(QApplication.clipboard().text().splitlines())
    window.detail.tape().show_only(TapeFilter(symbol=TENCENT))
    assert window.detail._filter.text() == "Filter (1)…"
    assert window.detail._filter.isVisible()
    window.detail._copy_tape.click()
    assert 1 < len(QApplication.clipboard().text().splitlines()) < count
    window.detail._filter.click()
    menu = window.detail.tape().findChild(QMenu)
    assert isinstance(menu, QMenu)
    menu.close()
    assert board.alerts == ()


def test_no_row_is_cut_at_any_height(window: MainWindow) -> None:
    bar = window.detail.tabs.sizeHint().height()
    for height in range(bar + 60, bar + 300, 7):
        whole = window.detail.whole_rows(height)
        assert whole <= height
        assert window.detail.whole_rows(whole) == whole


def test_where_there_is_little_room_acknowledge_goes_last_and_more_stays(board: HandBoard) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT]))
    shown = []
    for scale, widths in ((1.0, (900, 0)), (2.0, (1800, 0))):
        window = open_window(board, Settings(appearance=Appearance(font_scale=scale)), size=(2400, 1000))
        detail = window.detail
        for width in widths:
            detail.setFixedWidth(width or detail.minimumSizeHint().width())
            QApplication.processEvents()
            buttons = {each.text() for each in detail.findChildren(QPushButton) if each.isVisible()}
            shown.append(buttons & {"Acknowledge", "Why?", "Threshold", "More…"})
        shut(window)
    all_of_them = {"Acknowledge", "Why?", "Threshold", "More…"}
    assert shown == [all_of_them, {"Acknowledge", "More…"}, all_of_them, {"More…"}]


def test_its_table_is_laid_out_once_for_each_height_though_it_ends_with_a_whole_row(window: MainWindow) -> None:
    detail, sizes = window.detail, list[QSize]()

    class Sizes(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QResizeEvent):
                sizes.append(event.size())
            return False

    seen = Sizes()
    detail.alerts.installEventFilter(seen)
    for height in (233, 301, 277):
        sizes.clear()
        detail.setFixedHeight(height)
        QApplication.processEvents()
        bar = detail.tabs.sizeHint().height()
        assert [each.height() for each in sizes] == [detail.whole_rows(height) - bar]


def test_its_least_size_is_reckoned_again_only_where_something_in_it_changed(
    window: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail, reckoned = window.detail, list[QSize]()
    least, reckon = detail.minimumSizeHint(), detail._reckon_least
    monkeypatch.setattr(detail, "_reckon_least", lambda: reckoned.append(reckon()) or reckoned[-1])
    for width in (640, 1600):  # list and chart below each other, and beside each other again
        window.resize(width, 1000)
        QApplication.processEvents()
    assert (detail.minimumSizeHint(), reckoned) == (least, [])
    board.raise_alert(alert_of(board.rows[TENCENT]))
    detail.reload()
    QApplication.processEvents()
    assert detail.minimumSizeHint().width() > least.width(), "the first tab has a count"
    window.set_theme(build_theme("dark", "green_up", 1.5))
    assert detail.minimumSizeHint().height() > least.height(), "the text is larger"


def test_a_low_window_leaves_a_row_of_the_quality_too(window: MainWindow) -> None:
    """It has a line above its headers, which the other tables have not."""
    least = window.detail.minimumSizeHint().height()
    window.detail.focus_quality()
    assert window.detail.minimumSizeHint().height() == least + window.detail.quality().line.height()
    window.detail.focus_tape()
    assert window.detail.minimumSizeHint().height() == least
