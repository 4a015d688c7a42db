from __future__ import annotations

from pytestqt.qtbot import QtBot

from capflow_gui.ui.choice import Choice
from capflow_gui.ui.theme import Theme


def test_the_longest_entry_has_room_beside_the_arrow(theme: Theme, qtbot: QtBot) -> None:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.addItems(["a", "b"])
    narrow = choice.sizeHint().width()
    long = "the longest entry of them all, by far"
    choice.addItem(long)
    assert choice.sizeHint().width() >= choice.fontMetrics().horizontalAdvance(long) + 30 > narrow


def test_every_row_of_the_list_is_whole(theme: Theme, qtbot: QtBot) -> None:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.addItems([f"entry {number}" for number in range(5)])
    choice.show()
    choice.showPopup()
    view = choice.view()
    assert view.viewport().height() >= 5 * view.sizeHintForRow(0)
    choice.hidePopup()
