"""The line that says that a chart is not live."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from capflow_gui.ui.history.banner import DayBanner
from capflow_gui.ui.theme import Theme


def test_what_has_no_room_is_told_on_pointing(qtbot: QtBot, theme: Theme) -> None:
    banner = DayBanner(theme)
    qtbot.addWidget(banner)
    assert banner.isHidden()
    banner.say("RECORDED", "Thu 19 Nov 2026", "OpenD · complete · 780 polls", compared=False)
    banner.resize(900, banner.height())
    texts = {label.text() for label in banner.findChildren(QLabel)}
    assert {"RECORDED", "Thu 19 Nov 2026", "OpenD · complete · 780 polls"} <= texts
    assert banner.end_compare.isHidden()
    banner.resize(480, banner.height())
    (facts,) = [label for label in banner.findChildren(QLabel) if label.toolTip()]
    assert facts.text().endswith("…")
    banner.resize(420, banner.height())
    assert facts.text() == ""
    assert facts.toolTip() == "OpenD · complete · 780 polls"


def test_the_ways_out_are_told(qtbot: QtBot, theme: Theme) -> None:
    banner = DayBanner(theme)
    qtbot.addWidget(banner)
    banner.say("RECORDED", "Thu 19 Nov 2026", "", compared=True)
    for signal, button in ((banner.left, banner.back), (banner.compare_ended, banner.end_compare)):
        with qtbot.waitSignal(signal):
            button.click()
