from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.fitting import fit, scrolled, within

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
