"""One tour at a time, left by Esc; over an empty list it waits until it is asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from capflow_gui.domain.lists.groups import Group
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import open_window, shut


def test_a_tour_asked_for_again_begins_anew_and_esc_leaves_it(window: MainWindow) -> None:
    assert not window.guide.end()
    window.start_tour()
    first = window.guide.tour
    assert first is not None
    first.move(1)
    window.start_tour()
    assert window.guide.tour is not None
    assert window.guide.tour is not first
    window.watchlist.setFocus()
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Escape)
    assert window.guide.tour is None


class Led:
    """A window that is led through, and how often its profile was told."""

    def __init__(self, board: HandBoard) -> None:
        self.window = open_window(board)
        self.told = 0
        self.window.guide.lead(self.window.bridge.ticked, self.window.start_tour, self.count)

    def count(self) -> None:
        self.told += 1

    def second(self) -> None:
        self.window.bridge.ticked.emit()

    @property
    def offered(self) -> bool:
        return self.window.notice.text().startswith("New here?")


def test_over_a_list_the_tour_begins_at_once(qtbot: QtBot) -> None:
    led = Led(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)))
    assert led.window.guide.tour is not None
    assert led.told == 1
    shut(led.window)


def test_over_an_empty_list_it_is_offered_once_a_row_has_figures(qtbot: QtBot) -> None:
    board = HandBoard.of()
    led = Led(board)
    led.second()
    assert (led.window.guide.tour, led.offered, led.told) == (None, False, 0)
    row = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)
    board.add_symbols([row.symbol])
    led.window.bridge.drain()
    led.second()
    assert not led.offered
    board.put(row)
    led.window.bridge.drain()
    led.second()
    assert led.offered
    assert led.window.guide.tour is None
    keyboard = led.window.focusWidget()
    led.window.notice.say("Added 9988.HK.")
    led.second()
    assert not led.offered
    led.window.notice.dismiss()
    led.second()
    assert led.offered
    assert led.window.focusWidget() is keyboard
    assert led.told == 0
    next(each for each in led.window.notice.findChildren(QPushButton) if each.text() == "Take the tour").click()
    assert led.window.guide.tour is not None
    led.second()
    led.second()
    assert (led.told, led.offered) == (1, False)
    shut(led.window)


def test_an_offer_that_was_sent_away_does_not_come_back(qtbot: QtBot) -> None:
    board = HandBoard.of()
    led = Led(board)
    board.put(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6))
    led.window.bridge.drain()
    led.second()
    assert led.offered
    led.window.notice.dismiss()
    led.second()
    led.second()
    assert (led.told, led.offered, led.window.guide.tour) == (1, False, None)
    shut(led.window)


def test_an_empty_list_says_how_to_fill_it_and_an_empty_group_too(qtbot: QtBot) -> None:
    board = HandBoard.of()
    window = open_window(board)
    words = {each.text() for each in window.watchlist.findChildren(QLabel) if each.isVisible()}
    assert "Codes of any market, one or many: 700.HK, AAPL.US, 600519.SH." in words
    buttons = {each.text(): each for each in window.watchlist.findChildren(QPushButton) if each.isVisible()}
    asked: list[bool] = []
    window.watchlist.groups_requested.connect(lambda: asked.append(True))
    buttons["Import groups from the broker…"].click()
    assert asked
    window.dialogs.current.close()
    window.intents.set_groups(board.groups.with_group(Group("Tech", ())), "Made the group Tech.")
    window.bridge.drain()
    window.watchlist.tabs.choose("@Tech")
    words = {each.text() for each in window.watchlist.findChildren(QLabel) if each.isVisible()}
    assert "Add codes, or drag rows of another tab onto this one." in words
    shut(window)
