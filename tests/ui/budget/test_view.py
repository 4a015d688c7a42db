"""The poll budget on screen: opened by key and click, read while it is looked at, brought back as it was."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.budget.view import PollBudgetView
from capflow_gui.ui.docks.dock import Dock
from capflow_gui.ui.theme import build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.budget.budgets import poll_budget
from tests.visual.measured_texts import faults


def opened(window: MainWindow) -> PollBudgetView:
    view = window.panels.budget().findChild(PollBudgetView)
    assert view is not None
    return view


def test_before_any_source_it_says_so(window: MainWindow) -> None:
    window.panels.open_budget()
    QApplication.processEvents()
    assert opened(window)._of.text() == "No source is connected yet."


def test_it_takes_another_theme(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    QApplication.processEvents()
    window.set_theme(build_theme("light", "green_up", 1.5))
    QApplication.processEvents()
    assert opened(window).minimumSizeHint().width() > 1.5 * 220


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_in_a_narrow_place_its_parts_are_below_each_other_and_none_is_cut(
    window: MainWindow, board: HandBoard, qtbot: QtBot, scale: float
) -> None:
    window.set_theme(build_theme("dark", "green_up", scale))
    board.poll_budgets = (poll_budget(), poll_budget("longport"))
    dock = window.views.docks.open({"kind": "budget"})
    assert dock is not None
    view = opened_in(dock)
    QApplication.processEvents()
    window.views._area.resizeDocks([dock], [440], Qt.Orientation.Horizontal)
    QApplication.processEvents()
    assert view.width() <= max(440, 340 * scale)
    assert [area.horizontalScrollBar().maximum() for area in dock.findChildren(QScrollArea)] == [0]
    assert view._right.mapTo(view, QPoint(0, 0)).y() > view.turns.mapTo(view, QPoint(0, 0)).y()
    parts = [each for each in view.findChildren(QWidget) if each.isVisible()]
    assert [each for each in parts if each.mapTo(view, QPoint(each.width(), 0)).x() > view.width()] == []
    qtbot.waitUntil(lambda: [fault for fault in faults(view) if "elided" not in fault] == [])
    window.views.docks.release(dock)
    window.panels.budget().resize(round(1000 * scale), 760)
    qtbot.waitUntil(lambda: view._right.mapTo(view, QPoint(0, 0)).x() > view.turns.mapTo(view, QPoint(0, 0)).x())


def opened_in(dock: Dock) -> PollBudgetView:
    view = dock.findChild(PollBudgetView)
    assert view is not None
    return view
