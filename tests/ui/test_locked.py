from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from capflow_gui.ui.locked import BY_ADMINISTRATOR, hold


def test_only_what_is_locked_is_greyed_and_says_why(qtbot: QtBot) -> None:
    free, held = QPushButton("free"), QPushButton("held")
    for button in (free, held):
        qtbot.addWidget(button)
    locks = {"appearance.scheme"}
    assert not hold(locks, "appearance.palette", free)
    assert (free.isEnabled(), free.toolTip()) == (True, "")
    assert hold(locks, "appearance.scheme", held)
    assert (held.isEnabled(), held.toolTip(), held.accessibleDescription()) == (False, *[BY_ADMINISTRATOR] * 2)
