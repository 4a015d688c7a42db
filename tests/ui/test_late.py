from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.late import Late


def test_it_is_made_once_and_only_to_be_shown(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    made: list[QLabel] = []

    def make() -> QLabel:
        made.append(QLabel("late", parent))
        return made[-1]

    late = Late(make)
    late.show(False)
    assert (late.made, late.is_shown, made) == (None, False, [])
    late.show(True)
    assert late.is_shown
    late.show(False)
    assert not late.is_shown
    assert late() is late.made is made[0]
    assert len(made) == 1
