"""A panel reads what it shows while it can be seen, and is marked as the window is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capflow_gui.feed.poll_budget import PollBudget
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.budget.budgets import poll_budget
from tests.ui.budget.test_view import opened
from tests.ui.typed_keys import press


def test_its_key_opens_it_and_escape_closes_it(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    assert window.panels.budget.made is None
    press(Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    panel = window.panels.budget()
    assert not panel.isVisible(), "it is made in one turn, and shown in the next"
    QApplication.processEvents()
    assert panel.isVisible()
    assert panel.windowTitle() == "Poll budget – Capflow"
    assert panel._timer.isActive()
    view = opened(window)
    assert view.used.text() == "28"
    assert view.sources.isHidden()
    board.poll_budgets = (poll_budget(used=12),)
    panel._timer.timeout.emit()
    assert view.used.accessibleName() == "12 of 30 requests in the last 30 s"
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert not panel._timer.isActive()


def test_what_it_shows_is_read_once_when_it_is_first_opened(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []

    def read(_board: HandBoard) -> tuple[PollBudget, ...]:
        reads.append(1)
        return (poll_budget(),)

    monkeypatch.setattr(HandBoard, "poll_budgets", property(read), raising=False)
    window.panels.open_budget()
    QApplication.processEvents()
    assert (opened(window).used.text(), len(reads)) == ("28", 1)


def test_it_opens_in_the_middle_of_its_window_and_then_where_it_was_left(window: MainWindow) -> None:
    window.resize(700, 700)
    panel = window.panels.budget()
    panel.resize(400, 300)
    window.panels.open_budget()
    QApplication.processEvents()
    off = panel.frameGeometry().center() - window.frameGeometry().center()
    assert max(abs(off.x()), abs(off.y())) <= panel.fontMetrics().height()
    panel.resize(300, 200)
    panel.move(20, 30)
    panel.close()
    window.panels.open_budget()
    QApplication.processEvents()
    assert (panel.x(), panel.y()) == (20, 30)
    panel.close()


def test_it_is_among_the_commands_and_a_simulator_is_marked(window: MainWindow, board: HandBoard) -> None:
    board.simulated = True
    (command,) = [each for each in window.keys.commands() if each.name == "Poll budget"]
    command.run()
    QApplication.processEvents()
    assert window.panels.budget().windowTitle() == "Poll budget – SIMULATED – Capflow"
    assert window.panels.budget()._simulated.isVisible()
    board.simulated = False
    window._tick()
    assert not window.panels.budget()._simulated.isVisible()
