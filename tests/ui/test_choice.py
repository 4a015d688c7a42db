from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.ui.choice import Choice
from capflow_gui.ui.theme import Theme, apply_theme, build_theme


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


def test_the_arrow_grows_with_the_text(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    drawn = []
    for scale in (1.0, 2.0):
        apply_theme(app, build_theme("dark", "green_up", scale))
        choice = Choice()
        qtbot.addWidget(choice)
        choice.resize(120, 60)
        image = choice.grab().toImage()
        ground = image.pixel(70, 30)
        drawn.append(sum(any(image.pixel(x, y) != ground for y in range(8, 52)) for x in range(60, 112)))
    app.setStyleSheet("")
    assert drawn[1] > 1.5 * drawn[0]
