"""Where a window goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.arrangement.places import FULL, MAXIMIZED, NORMAL, Place, read_place
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


def test_two_windows_from_off_every_screen_do_not_cover_each_other(qtbot: QtBot) -> None:
    windows = [QWidget(), QWidget()]
    for number, window in enumerate(windows):
        qtbot.addWidget(window)
        place(window, str(Place(Rect(9000 + 300 * number, 9000 + 200 * number, 400, 300), "gone")))
        window.show()
        QApplication.processEvents()
    assert windows[0].pos() != windows[1].pos()


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


ON_TWO_SCREENS = """
import sys
from PySide6.QtWidgets import QApplication, QWidget
from capflow_gui.ui.window.place import place, place_of, screens
app = QApplication(sys.argv)
for screen in screens():
    print(screen.name, *screen.whole, screen.scale)
for kept in sys.argv[1:]:
    window = QWidget()
    place(window, kept)
    window.show()
    app.processEvents()
    print(place_of(window))
"""


def test_on_two_screens_of_other_scales_a_window_is_placed_on_the_one_it_names_or_on_one_there_is(
    tmp_path: Path,
) -> None:
    laptop = {"name": "eDP-1", "x": 0, "y": 0, "width": 1600, "height": 1000, "dpr": 1}
    right = {"name": "DP-1", "x": 1600, "y": 0, "width": 2000, "height": 1200, "dpr": 2}
    file = tmp_path / "screens.json"
    file.write_text(json.dumps({"windowFrameMargins": False, "screens": [laptop, right]}))
    kept = ["1700 100 400 300 normal DP-1", "1300 100 400 300 normal eDP-1", "5000 100 400 300 normal DP-2"]
    filling = "1700 100 400 300 maximized DP-1"
    done = subprocess.run(
        [sys.executable, "-c", ON_TWO_SCREENS, *kept, filling],
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={file}"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert sorted(lines[:2]) == ["DP-1 1600 0 2000 1200 2.0", "eDP-1 0 0 1600 1000 1.0"]
    assert lines[2:4] == kept[:2]  # across both is as it was left
    lost = read_place(lines[4])
    assert lost is not None
    assert Rect(0, 0, 1600, 1000).holds(lost.rect) or Rect(1600, 0, 2000, 1200).holds(lost.rect)
    assert lines[5] == filling
