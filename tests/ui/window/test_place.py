"""Where a window goes."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.arrangement.places import FULL, MAXIMIZED, NORMAL, Place
from capflow_gui.domain.arrangement.screens import Rect
from capflow_gui.settings import Settings
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.place import encoded, is_place, place, place_of, put, screens
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import open_window, shut


def test_a_place_comes_back_whatever_state_the_window_is_in(qtbot: QtBot) -> None:
    screen = QApplication.primaryScreen().name()
    for state in (NORMAL, MAXIMIZED, FULL):
        window, wanted = QWidget(), Place(Rect(28, 48, 400, 300), screen, state)
        qtbot.addWidget(window)
        place(window, str(wanted))
        window.show()
        QApplication.processEvents()
        assert place_of(window) == wanted


def test_a_window_is_moved_and_one_that_fills_the_screen_is_freed(qtbot: QtBot) -> None:
    screen = QApplication.primaryScreen().name()
    window, first = QWidget(), Place(Rect(28, 48, 400, 300), screen, MAXIMIZED)
    qtbot.addWidget(window)
    place(window, str(first))
    window.show()
    QApplication.processEvents()
    put(window, Place(Rect(60, 70, 500, 400), screen))
    qtbot.waitUntil(lambda: place_of(window).rect[2:] == (500, 400))
    assert not window.isMaximized()
    put(window, Place(Rect(60, 70, 450, 400), screen))
    assert place_of(window) == Place(Rect(60, 70, 450, 400), screen)
    put(window, Place(Rect(60, 70, 450, 400), screen, FULL))
    assert window.isFullScreen()


def test_what_qt_said_in_earlier_versions_can_still_be_read(qtbot: QtBot) -> None:
    window, again = QWidget(), QWidget()
    qtbot.addWidget(window)
    qtbot.addWidget(again)
    window.setGeometry(30, 50, 400, 300)
    kept = encoded(window.saveGeometry())
    assert is_place(kept)
    place(again, kept)
    assert (again.size(), again.pos()) == (window.size(), window.pos())
    window.move(9000, 9000)
    place(again, encoded(window.saveGeometry()))
    assert QApplication.primaryScreen().availableGeometry().contains(again.geometry())


def test_the_screens_there_are() -> None:
    (screen,) = screens()
    assert screen.whole.holds(screen.room)
    assert not is_place("?")


def test_a_window_left_on_a_screen_that_is_gone_is_brought_back(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    window.move(QPoint(9000, 9000))
    QApplication.processEvents()
    kept = window.kept_state()
    shut(window)
    again = open_window(board, Settings(window=kept))
    screen = QApplication.primaryScreen().availableGeometry()
    assert screen.contains(again.pos())
    shut(again)
