from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.fitting import WholeLines, fit, scrolled, within

SCREEN = QRect(100, 50, 800, 600)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (QRect(200, 100, 300, 200), QRect(200, 100, 300, 200)),
        (QRect(0, 0, 300, 200), QRect(100, 50, 300, 200)),
        (QRect(850, 600, 300, 200), QRect(600, 450, 300, 200)),
        (QRect(200, 100, 3000, 200), QRect(100, 100, 800, 200)),
        (QRect(-500, -500, 3000, 2000), SCREEN),
    ],
)
def test_a_rectangle_is_moved_in_and_only_then_made_smaller(wanted: QRect, found: QRect) -> None:
    assert within(wanted, SCREEN) == found


def test_a_window_larger_than_its_screen_is_wholly_on_it(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.resize(screen.width() * 3, screen.height() * 3)
    window.move(QPoint(-400, -400))
    window.show()
    fit(window)
    assert screen.contains(window.frameGeometry())


def test_a_window_that_is_about_to_be_shown_leaves_room_for_the_frame_it_will_have(qtbot: QtBot) -> None:
    """A window manager adds the frame once the window is there: until then nothing is known of it."""
    window = QWidget(f=Qt.WindowType.FramelessWindowHint)
    qtbot.addWidget(window)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.winId()
    window.resize(screen.width() * 3, screen.height() * 3)
    assert window.frameGeometry() == window.geometry()
    fit(window)
    assert window.height() <= screen.height() - 2 * window.fontMetrics().height()
    window.show()
    window.resize(screen.width() * 3, screen.height() * 3)
    fit(window)
    assert window.geometry() == screen


def test_a_window_stays_where_it_was_put_before_its_frame_is_known(qtbot: QtBot) -> None:
    window = QWidget(f=Qt.WindowType.FramelessWindowHint)
    qtbot.addWidget(window)
    window.resize(300, 200)
    for _start in range(3):
        window.move(40, 60)
        fit(window)
        assert (window.pos(), window.size()) == (QPoint(40, 60), QSize(300, 200))


def test_content_is_scrolled_only_where_it_needs_more_than_there_is(qtbot: QtBot) -> None:
    host, inner = QWidget(), QLabel("x")
    qtbot.addWidget(host)
    inner.setMinimumHeight(400)
    area = scrolled(inner)
    QVBoxLayout(host).addWidget(area)
    host.resize(200, 900)
    host.show()
    assert area.verticalScrollBar().maximum() == 0
    host.resize(200, 200)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)


def test_content_has_its_width_beside_a_scroll_bar_before_it_is_painted(qtbot: QtBot) -> None:
    content = QWidget()
    area = scrolled(content)
    qtbot.addWidget(area)
    content.setMinimumSize(100, 300)
    area.resize(200, 400)
    area.show()
    for height, shown in ((250, True), (400, False)):
        area.resize(200, height)  # and no turn of the event loop
        assert content.width() == 200 - (area.verticalScrollBar().width() if shown else 0)


@pytest.mark.parametrize("points", [8, 11, 17])
@pytest.mark.parametrize("height", range(180, 200, 3))
def test_no_line_of_a_text_is_half_cut(qtbot: QtBot, points: int, height: int) -> None:
    text = WholeLines()
    qtbot.addWidget(text)
    text.setFont(QFont(text.font().family(), points))
    text.setPlainText("\n".join(map(str, range(60))))
    text.resize(300, height)
    text.show()
    room, line = text.viewport().height(), text.fontMetrics().lineSpacing()
    for to_end in (False, True):
        text.moveCursor(QTextCursor.MoveOperation.End if to_end else QTextCursor.MoveOperation.Start)
        cursor = text.cursorForPosition(QPoint(2, room - 1 - line // 4))
        assert text.cursorRect(cursor).bottom() <= room
    text.resize(300, 3)  # less than a line
