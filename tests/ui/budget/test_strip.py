"""The pictures of the poll budget."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.feed.poll_budget import CallMark
from capflow_gui.ui.budget.strip import AgeColumns, CallStrip, ShareBar
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import STANDING_S, HandBoard
from tests.ui.budget.budgets import poll_budget
from tests.ui.budget.test_view import opened


def test_each_part_can_be_read_aloud(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    QApplication.processEvents()
    view = opened(window)
    assert view.strip.accessibleName() == "Calls of the last 30 s"
    assert view.strip.accessibleDescription().startswith("Flow 20, History 2")
    assert view.ages.accessibleDescription().endswith("80 s: 1")
    assert view._costs[1].bar.accessibleName() == "+20: on screen 10 s, off screen 57 s"
    turns = view.turns.turns
    assert turns.data(turns.index(1, 3)) == "on screen"
    assert turns.data(turns.index(0, 0), Qt.ItemDataRole.EditRole) is None


def colors(image: QImage) -> set[str]:
    rgb = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint32)
    return {f"#{value & 0xFFFFFF:06x}" for value in np.unique(rgb)}


def test_a_refused_call_is_amber_and_one_of_another_quota_dim(theme: Theme, qtbot: QtBot) -> None:
    strip = CallStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(strip.sizeHint())
    shown: dict[str, set[str]] = {}
    for name, mark in (
        ("plain", CallMark("capital_flow", STANDING_S - 10)),
        ("refused", CallMark("capital_flow", STANDING_S - 10, refused=True)),
    ):
        strip.show_budget(poll_budget(calls=(mark,), turns=()))
        shown[name] = colors(strip.grab().toImage())
    assert theme.alert_text.name() in shown["refused"]
    assert theme.alert_text.name() not in shown["plain"]


def test_the_last_column_of_ages_alone_is_amber(theme: Theme, qtbot: QtBot) -> None:
    ages = AgeColumns(theme)
    qtbot.addWidget(ages)
    ages.resize(220, 76)
    ages.show_bins([3, 1, 0], 10.0)
    assert theme.alert_text.name() not in colors(ages.grab().toImage())
    ages.show_bins([3, 1, 2], 10.0)
    assert theme.alert_text.name() in colors(ages.grab().toImage())


def test_a_bar_is_as_long_as_its_share(theme: Theme, qtbot: QtBot) -> None:
    bar = ShareBar(theme)
    qtbot.addWidget(bar)
    bar.resize(100, 8)
    bar.show_share(0.5, strong=True)
    image = bar.grab().toImage()
    middle = image.height() // 2
    assert QColor(image.pixel(40, middle)) == theme.text
    assert QColor(image.pixel(60, middle)) == theme.line
