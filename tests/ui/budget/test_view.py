"""The poll budget on screen: opened by key and click, read while it is looked at, brought back as it was."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from capflow_gui.ui.budget.view import PollBudgetView
from capflow_gui.ui.theme import build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.budget.budgets import poll_budget


def opened(window: MainWindow) -> PollBudgetView:
    view = window.panels.budget().findChild(PollBudgetView)
    assert view is not None
    return view


def test_before_any_source_it_says_so(window: MainWindow) -> None:
    window.panels.open_budget()
    assert opened(window)._of.text() == "No source is connected yet."


def test_it_takes_another_theme(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    window.set_theme(build_theme("light", "green_up", 1.5))
    QApplication.processEvents()
    assert opened(window).minimumSizeHint().width() > 900
