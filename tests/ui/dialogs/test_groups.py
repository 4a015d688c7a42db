"""Groups of the broker, taken into the list."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import Answers, open_window, shut


def test_groups_of_the_broker_become_own_ones(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    answers = Answers(members={"Core": ["700.HK", "5.HK"], "US": ["AAPL.US"], "More": ["5.HK", "388.HK"]})
    window = open_window(board, answers=answers)
    window.dialogs.open_groups()
    dialog = window.dialogs.current
    assert dialog is not None
    assert [dialog.list.item(row).text() for row in range(3)] == ["Core   2", "US   1", "More   2"]
    for row in (0, 2):
        dialog.list.item(row).setCheckState(Qt.CheckState.Checked)
    assert dialog.add_button.text() == "Import 2 groups · 2 new symbols"
    dialog.add_button.click()
    assert list(map(str, board.symbols))[2:] == ["5.HK", "388.HK"]
    assert [group.name for group in board.groups] == ["Core", "More"]
    shut(window)


def test_a_click_on_a_groups_label_ticks_it(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board, answers=Answers(members={"Core": ["5.HK"]}))
    window.dialogs.open_groups()
    groups = window.dialogs.current.list
    place = groups.visualItemRect(groups.item(0))
    assert place.height() >= theme.px(28)
    for at in (place.center(), QPoint(place.left() + 10, place.center().y())):
        for state in (Qt.CheckState.Checked, Qt.CheckState.Unchecked):
            QTest.mouseClick(groups.viewport(), Qt.MouseButton.LeftButton, pos=at)
            assert groups.item(0).checkState() is state
    QTest.keyClick(groups, Qt.Key.Key_Space)
    assert groups.item(0).checkState() is Qt.CheckState.Checked
    window.dialogs.current.reject()
    shut(window)
