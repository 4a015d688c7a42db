"""The line over a docked view."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.docks.title import DockTitle
from capflow_gui.ui.theme import Theme


def test_it_says_what_is_docked_and_what_is_not_the_real_market_and_is_dragged_by_its_words(
    theme: Theme, qtbot: QtBot
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(640, 40)
    parent.show()
    title = DockTitle(theme, parent)
    title.resize(600, title.height())
    title.show()
    QApplication.processEvents()
    title.say("700.HK Tencent Holdings", ("SIMULATED", "PLAYBACK"))
    assert (title._name.text(), title._marks.text()) == ("700.HK Tencent Holdings", "PLAYBACK")
    assert title._simulated.isVisible()
    assert title.menu.accessibleName() == "Where 700.HK Tencent Holdings stands"
    assert title.close_button.accessibleName() == "Close 700.HK Tencent Holdings"
    assert title.childAt(QPoint(30, 15)) is None
    title.resize(300, title.height())
    QApplication.processEvents()
    assert title._name.text().endswith("…")
